"""The 2022 post's regression as one way to predict, learnt from the training videos only."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.analysis.prediction.folds import Task
from pipeline.analysis.prediction.smearing import smeared
from pipeline.estimate.collinearity import rank
from pipeline.estimate.grouping import Bools, Floats
from pipeline.estimate.linear import least_squares, residual_dof
from pipeline.estimate.states import states
from pipeline.model.questions import ENGAGEMENT, LEVERS, Form

FEWEST_SHARE = 0.02  # of the training videos; rows of rarer levels are deleted
NUMBERS = (*(term.column for term in ENGAGEMENT), "duration_s")
FLAGS = tuple(term.column for term in LEVERS if term.form is Form.FLAG)
WORDS = ("category", "subject")
TOO_FEW = "too few videos for so many columns"


@dataclass(frozen=True, slots=True)
class Recipe:
    """What the recipe learns from the training videos before it fits.

    Attributes:
        numbers: column → mean of what was noted, which is what a blank becomes.
        flags: column → the more common of yes and no, the same.
        words: column → the most common level, the same.
        levels: column → the levels that have a dummy; the first kept level has none.
    """

    numbers: dict[str, float]
    flags: dict[str, bool]
    words: dict[str, str]
    levels: dict[str, tuple[str, ...]]


def regression_2022(task: Task) -> Floats | str:
    """Predict followers by the recipe; in words, why too few videos are left to fit.

    Ordinary least squares of log(1 + followers), all creators alike, on the logs of 1 + engagement
    and length, scaled, and dummies of flags, category and subject. A column that does not vary, or
    that others give, has no part. The post divides by the variance; least squares predicts the
    same with any scale.
    """
    recipe, kept = learn(task.training.videos)
    x, asked = columns(task.training.videos, recipe)[kept], columns(task.asked.videos, recipe)
    centre, scale = x.mean(axis=0), x.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    x, asked = (x - centre) / scale, (asked - centre) / scale
    y, k = np.log1p(task.followers[kept]), x.shape[1]
    whole = states(np.column_stack([x, y]), np.zeros(len(x), dtype=np.int64), 1)
    identified = list(rank(whole, range(k)).kept)
    if residual_dof(whole, len(identified)) <= 0:
        return TOO_FEW
    fit = least_squares(whole, k, identified)
    fitted = x[:, identified] @ fit.estimate + fit.effects[0]
    return smeared(asked[:, identified] @ fit.estimate + fit.effects[0], y - fitted)


def learn(videos: pd.DataFrame) -> tuple[Recipe, Bools]:
    """Learn what blanks become and which levels are too rare, and mark the rows (n,) that stay.

    Blanks in words are filled first, then rows of rare levels go, of category and subject alike,
    and the means are of the rows that stay. Columns that nobody noted have no part.
    """
    words = {name: _mode(videos[name]) for name in WORDS if videos[name].notna().any()}
    kept = np.ones(len(videos), dtype=np.bool_)
    for name, common in words.items():
        filled = videos[name].fillna(common)
        share = filled.map(filled.value_counts(normalize=True))
        kept &= (share >= FEWEST_SHARE).to_numpy(np.bool_)
    rest = videos[kept]
    numbers = {n: float(rest[n].mean()) for n in NUMBERS if rest[n].notna().any()}
    flags = {n: bool(rest[n].mean() > 0.5) for n in FLAGS if rest[n].notna().any()}
    levels = {n: tuple(sorted(rest[n].fillna(common).unique())) for n, common in words.items()}
    return Recipe(numbers, flags, words, levels), kept


def _mode(column: "pd.Series[str]") -> str:
    """The most common level, of equally common ones the first by name."""
    counts = column.value_counts().sort_index()
    return str(counts.index[int(counts.to_numpy().argmax())])


def columns(videos: pd.DataFrame, recipe: Recipe) -> Floats:
    """The recipe's matrix (n, k) before scaling; a level that it does not know has no dummy."""
    numbers = [
        np.log1p(videos[name].astype("Float64").fillna(mean).to_numpy(np.float64))
        for name, mean in recipe.numbers.items()
    ]
    flags = [
        videos[name].fillna(value=common).to_numpy(np.float64)
        for name, common in recipe.flags.items()
    ]
    dummies = [
        (videos[name].fillna(recipe.words[name]) == level).to_numpy(np.float64)
        for name, levels in recipe.levels.items()
        for level in levels[1:]
    ]
    return np.column_stack([np.empty((len(videos), 0)), *numbers, *flags, *dummies])
