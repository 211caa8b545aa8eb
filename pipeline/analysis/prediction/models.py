"""The models of the league, as data: slug, state of knowledge, and what predicts."""

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.analysis.prediction import trees
from pipeline.analysis.prediction.baselines import own_mean, own_rate, view_bins
from pipeline.analysis.prediction.folds import Task
from pipeline.analysis.prediction.partial_pooling import partial_pooling
from pipeline.analysis.prediction.regression_2022 import regression_2022
from pipeline.analysis.prediction.regression_models import (
    least_squares_log,
    poisson_counts,
    poisson_rate,
)
from pipeline.analysis.prediction.tables import AFTERWARDS, BEFORE
from pipeline.estimate.grouping import Floats

REFERENCE = "own-mean"


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is grown: trees of a forest, steps of boosting, rounds and trees of relevance."""

    trees: int = 200
    steps: int = 100
    rounds: int = 30
    shadow_trees: int = 60


FULL = Effort()
Predict = Callable[[Task, Effort], Floats | str]


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A model: `predict` gives the followers (m,) of the videos asked, or in words why not."""

    slug: str
    known: str
    predict: Predict


MODELS: tuple[ModelEntry, ...] = (
    ModelEntry(REFERENCE, BEFORE, lambda task, _: own_mean(task)),
    ModelEntry("least-squares", BEFORE, lambda task, _: least_squares_log(task, BEFORE)),
    ModelEntry("poisson", BEFORE, lambda task, _: poisson_counts(task)),
    ModelEntry("partial-pooling", BEFORE, lambda task, _: partial_pooling(task, BEFORE)),
    ModelEntry("random-forest", BEFORE, lambda task, e: trees.forest(task, BEFORE, e.trees)),
    ModelEntry("boosting", BEFORE, lambda task, e: trees.boosting(task, BEFORE, e.steps)),
    ModelEntry(REFERENCE, AFTERWARDS, lambda task, _: own_mean(task)),
    ModelEntry("own-rate", AFTERWARDS, lambda task, _: own_rate(task)),
    ModelEntry("view-bins", AFTERWARDS, lambda task, _: view_bins(task)),
    ModelEntry("regression-2022", AFTERWARDS, lambda task, _: regression_2022(task)),
    ModelEntry("least-squares", AFTERWARDS, lambda task, _: least_squares_log(task, AFTERWARDS)),
    ModelEntry("poisson-rate", AFTERWARDS, lambda task, _: poisson_rate(task)),
    ModelEntry("partial-pooling", AFTERWARDS, lambda task, _: partial_pooling(task, AFTERWARDS)),
    ModelEntry(
        "random-forest", AFTERWARDS, lambda task, e: trees.forest(task, AFTERWARDS, e.trees)
    ),
    ModelEntry("boosting", AFTERWARDS, lambda task, e: trees.boosting(task, AFTERWARDS, e.steps)),
)
