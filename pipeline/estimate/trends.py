"""Straight lines in time, one a creator, taken out of columns before a fit (Frisch & Waugh 1933).

Least squares of what is left are those with creator effects and a slope in time for each creator.
"""

import numpy as np

from pipeline.estimate.grouping import Bools, Floats, Ints, centre, runs
from pipeline.estimate.states import States

LEFT = 1e-10  # of a column's squares within a creator, below which what a line leaves is rounding


def without_trends(columns: Floats, time: Floats, group: Ints) -> Floats:
    """Take each creator's straight line in time out of columns; the creators' means stay.

    What a line gives but for rounding becomes the mean itself, so that "does not vary" is exact.

    Args:
        columns: (n, p).
        time: (n,), in any unit; one value for all rows of a creator who has no trend.
        group: (n,) the creator of each row.
    """
    rows = runs(group)
    clock = centre(time[:, None], rows).deviations
    spread = rows.total(clock**2)
    is_trended = np.repeat(spread[:, 0] > 0, rows.counts)
    if not is_trended.any():
        return columns
    centred = centre(columns, rows)
    slopes = _over(rows.total(clock * centred.deviations), spread)
    left = centred.deviations - clock * rows.spread(slopes)
    before, after = rows.total(centred.deviations**2), rows.total(left**2)
    left[np.repeat(after <= LEFT * before, rows.counts, axis=0)] = 0.0
    straight = columns.copy()
    at = rows.order[is_trended]
    straight[at] = (rows.spread(centred.means) + left)[is_trended]
    return straight


def states_without_trends(whole: States) -> States:
    """The states of all columns but the last, which is the time, less each creator's line in it."""
    between, spread = whole.products[:, :-1, -1], whole.products[:, -1:, -1]
    products = whole.products[:, :-1, :-1]
    left = products - between[:, :, None] * slopes(whole)[:, None, :]
    before, after = (np.diagonal(each, axis1=1, axis2=2) for each in (products, left))
    is_line = (spread > 0) & (after <= LEFT * before)
    left[is_line[:, :, None] | is_line[:, None, :]] = 0.0
    low = whole.low[:, :-1]
    high = np.where(is_line, low, whole.high[:, :-1])
    return States(whole.rows, whole.means[:, :-1], left, low, high)


def slopes(whole: States) -> Floats:
    """The slope (G, p) in time of each column but the last, which is the time; 0 without a line."""
    return _over(whole.products[:, :-1, -1], whole.products[:, -1:, -1])


def has_trend(time: Floats, group: Ints, creators: int) -> Bools:
    """Mark the creators (G,) whose rows are of more than one time."""
    rows, marked = runs(group), np.zeros(creators, dtype=np.bool_)
    clock = centre(time[:, None], rows)
    marked[rows.creators] = (clock.high > clock.low)[:, 0]
    return marked


def _over(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
