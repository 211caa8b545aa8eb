"""The league: every model on every fold, both ways of holding out, both states of knowledge."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from pipeline.analysis.prediction.baselines import own_mean
from pipeline.analysis.prediction.feature_relevance import relevance
from pipeline.analysis.prediction.folds import (
    PredictionSample,
    Task,
    deal_creators,
    deal_videos,
    sample_of,
    task_of,
)
from pipeline.analysis.prediction.models import FULL, MODELS, REFERENCE, Effort, ModelEntry
from pipeline.analysis.prediction.scoring import Forecast, bins, scores
from pipeline.analysis.prediction.tables import (
    AFTERWARDS,
    BEFORE,
    CREATORS,
    VIDEOS,
    Bin,
    Relevance,
    Score,
)
from pipeline.estimate.grouping import Bools, Floats, Ints
from pipeline.inference.thresholds import LEFT_OUT_CREATORS

FEWEST_VIDEOS = 10
FLOOR = 0.5  # followers over all training videos, below which no forecast goes
CEILING = 1e9  # followers, more than anybody has: a bound for what runs away
TOO_FEW = f"fewer than {FEWEST_VIDEOS} videos with a follower count and views: none can be held out"
NO_FOLLOWER = "none of these videos got a follower: there is nothing to predict"
FEW_CREATORS = "with fewer than three creators, no creator can be left out"
STANDS_IN = "{why}: in {failed} of {folds} folds the creators' own means stand in"

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Leaderboard:
    """What could be predicted: scores, reliability and relevance, or why there is none of it."""

    scores: tuple[Score, ...]
    bins: tuple[Bin, ...]
    relevance: tuple[Relevance, ...]
    why: str


def league(videos: pd.DataFrame, say: Say | None = None, effort: Effort = FULL) -> Leaderboard:
    """Predict the new followers of the pool's videos from others, and score the models.

    Everything that is learnt, is learnt from the training videos of a fold. Forecasts are at least
    half a follower over all training videos of the fold, the same for all models, so that one
    follower of a video with none predicted does not cost without end.

    Args:
        videos: the pool's, one row a video.
        say: told what is being done, in words, before each longer step.
        effort: trees and rounds; less for tests.
    """
    tell = say or (lambda _: None)
    sample = sample_of(videos)
    if len(sample.followers) < FEWEST_VIDEOS:
        return Leaderboard((), (), (), TOO_FEW)
    if not sample.followers.any():
        return Leaderboard((), (), (), NO_FOLLOWER)
    forecasts = [
        *_all_forecasts(sample, VIDEOS, deal_videos(sample.group), effort, tell),
        *_by_creators(sample, effort, tell),
    ]
    references = {f.held_out: f.predicted for f in forecasts if f.model == REFERENCE}
    all_scores: list[Score] = []
    reliability: list[Bin] = []
    for forecast in forecasts:
        reference = references[forecast.held_out]
        all_scores += scores(forecast, sample.followers, reference, sample.group)
        reliability += bins(forecast, sample.followers, sample.group)
    relevant = [
        row for known in (BEFORE, AFTERWARDS) for row in _relevance(sample, known, effort, tell)
    ]
    return Leaderboard(tuple(all_scores), tuple(reliability), tuple(relevant), "")


def _relevance(
    sample: PredictionSample, known: str, effort: Effort, tell: Say
) -> tuple[Relevance, ...]:
    tell(f"relevance of what is known {known}")
    return relevance(sample, known, effort)


def _by_creators(sample: PredictionSample, effort: Effort, tell: Say) -> Iterator[Forecast]:
    if len(sample.creators) >= LEFT_OUT_CREATORS:
        yield from _all_forecasts(sample, CREATORS, deal_creators(sample.group), effort, tell)
        return
    for entry in MODELS:
        yield Forecast(
            entry.known, CREATORS, entry.slug, np.empty(0), sample.group, why=FEW_CREATORS
        )


def _all_forecasts(
    sample: PredictionSample, held_out: str, folds: Ints, effort: Effort, tell: Say
) -> Iterator[Forecast]:
    predicted = {entry: np.empty(len(folds)) for entry in MODELS}
    failed: dict[ModelEntry, list[str]] = {entry: [] for entry in MODELS}
    count = int(folds.max()) + 1
    tell(f"{held_out} held out, in {count} folds")
    for fold in range(count):
        asked: Bools = folds == fold
        task = task_of(sample, asked)
        for entry in MODELS:
            forecast = entry.predict(task, effort)
            if isinstance(forecast, str):
                failed[entry].append(forecast)
                forecast = own_mean(task)
            predicted[entry][asked] = bounded(forecast, task)
    for entry in MODELS:
        yield _forecast(entry, held_out, predicted[entry], folds, failed[entry])


def _forecast(
    entry: ModelEntry, held_out: str, predicted: Floats, folds: Ints, failed: list[str]
) -> Forecast:
    """Say of a forecast in how many folds it could not be learnt; none, where in most."""
    whole = Forecast(entry.known, held_out, entry.slug, predicted, folds)
    if not failed:
        return whole
    count = len(np.unique(folds))
    why = Counter(failed).most_common(1)[0][0]
    if 2 * len(failed) > count:
        return replace(whole, why=why)
    return replace(whole, note=STANDS_IN.format(why=why, failed=len(failed), folds=count))


def bounded(predicted: Floats, task: Task) -> Floats:
    """Keep forecasts (m,) between half a follower over all training videos and a thousand million.

    A model that runs away stays the worst by far, and its errors stay numbers.
    """
    return np.clip(predicted, FLOOR / len(task.followers), CEILING)
