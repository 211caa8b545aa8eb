"""Columns of the videos as numbers that each other's missing values are predicted from."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.extensions import ExtensionArray

from pipeline.estimate.grouping import Floats, Ints
from pipeline.model.questions import Form, Term
from pipeline.model.terms import log_of
from pipeline.model.variables import RARE, UNKNOWN

MOST_LEVELS = 12  # the commonest levels have an indicator; a donor may have any
SHRUNK = 5.0  # videos: a creator's own mean of so many is halfway to the pool's
ROUNDING = 1e-12  # a smaller spread, in units of the mean, is none
BLOCK = 6  # hours: what the models know of an hour


@dataclass(frozen=True, slots=True, eq=False)
class CodedColumn:
    """A column as a chain of regressions knows it: n rows, u distinct values.

    Attributes:
        values: (u,) the values, of the column's own type.
        scale: (u,) ascending numbers that stand for them: the form in a model, or the position of
            a level.
        parts: (u, c) what other columns are predicted from: the number in units of its spread, or
            one indicator a level.
        at: (n,) position of each row's value, -1 where it is missing.
        is_level: the value is one of several levels, whose order and distance mean nothing.
    """

    values: ExtensionArray
    scale: Floats
    parts: Floats
    at: Ints
    is_level: bool

    @property
    def has_gaps(self) -> bool:
        """Return whether some rows miss it."""
        return bool((self.at < 0).any())


def noted(values: pd.Series, term: Term) -> NDArray[np.bool_]:
    """Mark the rows (n,) that have a value; the words `unknown` and `(rare)` are none."""
    known = values.notna()
    if term.form is Form.LEVELS:
        known &= ~values.isin([UNKNOWN, RARE])
    return known.to_numpy(np.bool_)


def lever(values: pd.Series, term: Term) -> CodedColumn:
    """Code a column that somebody noted, in the form of its term.

    An hour is known by its block, as in the models: the clock has no beginning, and no hour is
    treated as more than another.
    """
    at, distinct = pd.factorize(values.where(noted(values, term)), sort=True)
    positions = np.arange(len(distinct), dtype=np.float64)
    match term.form:
        case Form.LEVELS:
            parts = _indicators(positions, at)
            return CodedColumn(distinct.array, positions, parts, at.astype(np.int64), is_level=True)
        case Form.HOURS:
            parts = _indicators(distinct.to_numpy(np.float64) // BLOCK, at)
            return CodedColumn(distinct.array, positions, parts, at.astype(np.int64), is_level=True)
        case _:
            raw = distinct.to_numpy(np.float64)
            scale = raw if term.form is Form.FLAG else log_of(term)(raw)
            parts = standard(scale, scale[at[at >= 0]])[:, None]
            return CodedColumn(distinct.array, scale, parts, at.astype(np.int64), is_level=False)


def _indicators(kinds: Floats, at: NDArray[Any]) -> Floats:
    """Indicators (u, c) of the commonest kinds among the rows; of equals, the first."""
    present, counts = np.unique(kinds[at[at >= 0]], return_counts=True)
    common = np.sort(present[np.argsort(-counts, kind="stable")[:MOST_LEVELS]])
    return np.asarray(kinds[:, None] == common[None, :], dtype=np.float64)


def standard(numbers: Floats, among: Floats) -> Floats:
    """Numbers in units of the spread `among` others, from their mean; 0 where they are alike."""
    mean, spread = float(among.mean()), float(among.std())
    units: Floats = (numbers - mean) / (spread if spread > ROUNDING * abs(mean) else np.inf)
    return units


def own_means(columns: Floats, group: Ints) -> Floats:
    """Each creator's own means (n, c) of columns with gaps, in units of their spread.

    Shrunk towards the pool's for few videos, and the pool's where a creator noted nothing. All
    columns have the same gaps.
    """
    known = ~np.isnan(columns[:, 0])
    counts = np.bincount(group, known)
    means = np.zeros_like(columns)
    if not known.any():
        return means
    for j, column in enumerate(columns.T):
        deviations = np.where(known, column - column[known].mean(), 0)
        own = np.bincount(group, deviations) / (counts + SHRUNK)
        means[:, j] = standard(own[group], own[group])
    return means
