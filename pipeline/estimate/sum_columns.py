"""Columns summed at the solve, without touching a row: rare levels become one level."""

import numpy as np

from pipeline.estimate.grouping import Floats, Ints
from pipeline.estimate.states import States

COUNT_TOLERANCE = 1e-6  # counts recovered from a state are whole up to rounding, n·1e-16


def pool_columns(whole: States, weights: Floats) -> States:
    """The states of the columns z W: means m W and products W' S W.

    Extremes of a sum cannot be known from the extremes of its parts, so W is limited to maps for
    which they can. Each column of W holds either one weight other than zero (a column kept, scaled
    or turned round) or ones on several 0/1 columns of which at most one is 1 in any row. Such a sum
    is a 0/1 column t again; its count c = n·mean is whole, so `low` is 1 where c = n, `high` is 1
    where c > 0, and both are exact. Where it does not vary its products are set to exactly 0.

    That the parts are such columns is verified from the state: a column within [0, 1] is 0/1 when
    Σz² = Σz; a sum of 0/1 columns is 0/1 when Σt² = Σt.

    Args:
        whole: states of p columns.
        weights: (p, q).

    Raises:
        ValueError: a column of `weights` is neither, with the column's number.
    """
    means = whole.means @ weights
    products = weights.T @ whole.products @ weights
    low, high = np.empty_like(means), np.empty_like(means)
    for column in range(weights.shape[1]):
        parts = np.flatnonzero(weights[:, column])
        if len(parts) == 1:
            ends = (whole.low[:, parts[0]], whole.high[:, parts[0]])
            weight = float(weights[parts[0], column])
            first, last = ends if weight > 0 else ends[::-1]
            low[:, column], high[:, column] = first * weight, last * weight
            continue
        second = products[:, column, column] + whole.rows * means[:, column] ** 2
        count = whole.rows * means[:, column]
        if not (
            (weights[parts, column] == 1).all()
            and _are_dummies(whole, parts)
            and np.allclose(second, count, rtol=1e-12, atol=COUNT_TOLERANCE)
        ):
            raise ValueError(
                f"column {column} of weights: a sum must be of 0/1 columns that exclude each other,"
                " each with weight 1"
            )
        rounded = np.rint(count)
        low[:, column] = np.where(whole.rows > 0, rounded == whole.rows, np.inf)
        high[:, column] = np.where(whole.rows > 0, rounded > 0, -np.inf)
    varies = high > low
    products = np.where(varies[:, :, None] & varies[:, None, :], products, 0.0)
    return States(whole.rows, np.where(varies | (low > high), means, low), products, low, high)


def _are_dummies(whole: States, parts: Ints) -> bool:
    """Whether the columns `parts` hold only 0 and 1."""
    has = whole.rows > 0
    means = whole.means[:, parts]
    within = (whole.low[has][:, parts] >= 0).all() and (whole.high[has][:, parts] <= 1).all()
    squares = whole.products[:, parts, parts] + whole.rows[:, None] * means**2
    sums = whole.rows[:, None] * means
    return bool(within) and np.allclose(squares, sums, rtol=1e-12, atol=COUNT_TOLERANCE)
