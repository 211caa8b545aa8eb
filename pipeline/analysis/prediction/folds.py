"""Which videos are predicted, how they are held out, and what a model may see of each side."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.analysis.prediction.features import Columns, encode, training_columns
from pipeline.analysis.prediction.tables import BEFORE
from pipeline.estimate.grouping import Bools, Floats, Ints
from pipeline.model.design import design
from pipeline.model.encoding import Encoding
from pipeline.model.questions import CONVERSION, FOLLOWERS, SIGNALS

FOLDS = 10


@dataclass(frozen=True, slots=True, eq=False)
class PredictionSample:
    """The n videos that are predicted, sorted by creator and label: whatever the order of rows.

    `videos` has everything but the outcome, which is `followers` (n,); `views` (n,) are positive,
    `group` (n,) numbers `creators`. The encodings hold each row's own levels and logs, before
    anything is learnt.
    """

    videos: pd.DataFrame
    followers: Floats
    views: Floats
    group: Ints
    creators: tuple[str, ...]
    levers: Encoding
    signals: Encoding


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """Videos without their outcome: m rows, columns as the training videos make them.

    `levers` (m, k) are the columns of the question `followers`, `signals` (m, l) those of the
    question `signals`, engagement among them; `is_unknown` (k,) are the levers that mark what was
    not noted.
    """

    videos: pd.DataFrame
    levers: Floats
    is_unknown: Bools
    signals: Floats
    views: Floats
    group: Ints

    def columns(self, known: str) -> Floats:
        """The columns of a state of knowledge."""
        return self.levers if known == BEFORE else self.signals


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """One fold: the videos to learn from, their followers (n,), and the videos to predict."""

    training: Side
    followers: Floats
    asked: Side
    creators: int  # numbers of creators there may be; not all are in the training videos

    @property
    def videos_of(self) -> Ints:
        """Training videos of each creator (G,); 0 for a new one."""
        counts: Ints = np.bincount(self.training.group, minlength=self.creators)
        return counts

    @property
    def is_new(self) -> Bools:
        """Of each video to predict (m,), whether no video of its creator was learnt from."""
        new: Bools = self.videos_of[self.asked.group] == 0
        return new


def sample_of(videos: pd.DataFrame) -> PredictionSample:
    """Choose the pool's videos whose followers are known, by the rules of `followers`, and seen."""
    videos = videos.sort_values(["creator", "video"], kind="stable", ignore_index=True)
    aside = [design(videos, each).dominant for each in (CONVERSION, SIGNALS)]
    used = videos.iloc[np.setdiff1d(design(videos, FOLLOWERS).rows, np.concatenate(aside))]
    used = used[(used["views"] > 0).fillna(value=False).to_numpy(np.bool_)].reset_index(drop=True)
    creators, group = np.unique(used["creator"].to_numpy(dtype=object), return_inverse=True)
    return PredictionSample(
        videos=used.drop(columns="new_followers"),
        followers=used["new_followers"].to_numpy(np.float64),
        views=used["views"].to_numpy(np.float64),
        group=group.astype(np.int64),
        creators=tuple(creators.tolist()),
        levers=encode(used, FOLLOWERS),
        signals=encode(used, SIGNALS),
    )


def deal_videos(group: Ints) -> Ints:
    """Deal each creator's videos in turn to at most ten folds (n,); rows sorted by creator.

    One creator goes on where the last one stopped, so that creators of few videos do not all end
    in the first folds.
    """
    return np.arange(len(group), dtype=np.int64) % FOLDS


def deal_creators(group: Ints) -> Ints:
    """Put whole creators into at most ten folds (n,) of about as many videos.

    The creator with most videos first, each into the fold with the fewest (ties: the first).
    """
    counts = np.bincount(group)
    loads = np.zeros(min(FOLDS, len(counts)), dtype=np.int64)
    fold = np.zeros(len(counts), dtype=np.int64)
    for creator in np.argsort(-counts, kind="stable").tolist():
        fold[creator] = int(loads.argmin())
        loads[fold[creator]] += counts[creator]
    dealt: Ints = fold[group]
    return dealt


def task_of(sample: PredictionSample, held_out: Bools) -> Task:
    """Split a sample into what is learnt from and what is predicted (`held_out`, (n,)).

    Rare levels, references and what stands for a missing number come from the training videos.
    """
    training = ~held_out
    known = sample.videos[training].reset_index(drop=True)
    known = known.assign(new_followers=sample.followers[training])
    levers = training_columns(known, FOLLOWERS, sample.levers)
    signals = training_columns(known, SIGNALS, sample.signals)
    return Task(
        training=_side(sample, training, levers, signals),
        followers=sample.followers[training],
        asked=_side(sample, held_out, levers, signals),
        creators=len(sample.creators),
    )


def _side(sample: PredictionSample, rows: Bools, levers: Columns, signals: Columns) -> Side:
    return Side(
        sample.videos[rows].reset_index(drop=True),
        levers.x[rows],
        levers.is_unknown,
        signals.x[rows],
        sample.views[rows],
        sample.group[rows],
    )
