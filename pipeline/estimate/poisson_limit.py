"""Slopes of counts whose rows need not identify them all: what has no end is taken to its end."""

from dataclasses import dataclass

import numpy as np

from pipeline.estimate.collinearity import rank
from pipeline.estimate.grouping import Bools, Floats, Ints
from pipeline.estimate.poisson_maximum import NotConverged
from pipeline.estimate.separation import informative, separated, taking_part
from pipeline.estimate.states import states
from pipeline.estimate.weighted_counts import reweighted


@dataclass(frozen=True, slots=True, eq=False)
class Limit:
    """The slopes of a fit in which the columns that the rows do not identify have no part.

    Attributes:
        estimate: (k,) 0 for columns that have no part.
        identified: (k,) whether the coefficient is the column's own, finite and the only one; false
            also for a column that has a part, but takes it over from one that has none.
    """

    estimate: Floats
    identified: Bools


def limit(
    x: Floats, y: Floats, group: Ints, offset: Floats, dispersion: float = 0.0
) -> Limit | None:
    """Fit what the rows identify, infinite coefficients gone to their end.

    Arguments as `reweighted`: Poisson, or NB2 with a dispersion. Both have a finite maximum for the
    same rows and columns.

    None where nothing can be fitted: too few rows for the columns that are left, or no convergence.
    """
    rows = np.flatnonzero(~separated(x, y, group).rows)
    rows = rows[informative(y[rows], group[rows]).rows]
    creators, numbered = np.unique(group[rows], return_inverse=True)
    whole = states(x[rows], numbered)
    ranks = rank(whole, range(x.shape[1]))
    kept = list(ranks.kept)
    estimate, identified = np.zeros(x.shape[1]), np.zeros(x.shape[1], dtype=np.bool_)
    if kept:
        if len(rows) <= len(kept) + len(creators):
            return None
        given = x[rows][:, kept], y[rows], group[rows], offset[rows]
        fitted = reweighted(*given, dispersion=dispersion)
        if isinstance(fitted, NotConverged):
            return None
        estimate[kept], identified[kept] = fitted.estimate, True
        identified[list(taking_part(whole, ranks))] = False
    return Limit(estimate, identified)
