"""Which rows of a contribution are alike to which rows of others: four ways, by numbers alone.

What chance gives is for `copies`.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.estimate.grouping import Bools, Floats, Ints
from pipeline.review.anomalies.numbers import COUNTS, Numbers

MOST_PAIRS = 2_000_000  # to compare closely
COMMON = 50  # rows of others with the same numbers: more of them tell nothing
NEAR = 3.0  # by which each count may differ
WIDEST_SCALE = 3.0
BIN = 0.01  # of the log of a common factor
ENOUGH_LIKES = 30  # for a factor to be told
ENOUGH_NUMBERS = 4  # of the five counts


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Rows alike: (m,) rows of the contribution and of the others, and (m,) a kind of likeness.

    There are `kinds` of them that could have been, and only pairs of one kind are counted together.
    """

    mine: Ints
    other: Ints
    kind: Ints
    kinds: int = 1


def near(others: Numbers, mine: Numbers, rows: Ints) -> Pairs:
    """Pair rows whose counts differ by three at most."""
    order, views = _sorted(others["views"])
    own = mine["views"][rows]
    pairs = _between(views, own - NEAR, own + NEAR)
    at, other = rows[pairs[0]], order[pairs[1]]
    gap = np.abs(mine.matrix(COUNTS)[at] - others.matrix(COUNTS)[other])
    alike = ((gap <= NEAR) | np.isnan(gap)).all(axis=1) & _enough(gap)
    return _of(at[alike], other[alike])


def in_proportion(others: Numbers, mine: Numbers, rows: Ints) -> Pairs:
    """Pair rows whose counts are one factor times the other's, but for rounding."""
    with np.errstate(divide="ignore", invalid="ignore"):
        theirs, own = (np.log(x["likes"] / x["views"]) for x in (others, mine))
    order, ratios = _sorted(np.where(np.isfinite(theirs), theirs, np.nan))
    rows = rows[np.isfinite(own[rows]) & (mine["likes"][rows] >= ENOUGH_LIKES)]
    slack = (0.5 + 0.5 * WIDEST_SCALE) / mine["likes"][rows]  # rounding, on both sides
    pairs = _between(ratios, own[rows] - slack, own[rows] + slack)
    at, other = rows[pairs[0]], order[pairs[1]]
    scale = mine["views"][at] / others["views"][other]
    within = (scale < WIDEST_SCALE) & (scale > 1 / WIDEST_SCALE)
    at, other, scale = at[within], other[within], scale[within]
    gap = np.abs(mine.matrix(COUNTS)[at] - scale[:, None] * others.matrix(COUNTS)[other])
    alike = ((gap <= 0.5 + 0.5 * scale[:, None]) | np.isnan(gap)).all(axis=1) & _enough(gap)
    kind = np.floor(np.log(scale[alike] * WIDEST_SCALE) / BIN).astype(np.int64)
    return Pairs(at[alike], other[alike], kind, int(2 * np.log(WIDEST_SCALE) / BIN) + 1)


def same_counts(others: Numbers, mine: Numbers, rows: Ints) -> Pairs:
    """Pair rows with the same likes, comments, shares and saves, whatever the views."""
    return _joined(others, mine, rows[mine["likes"][rows] >= ENOUGH_LIKES], COUNTS[1:])


def same_rates(others: Numbers, mine: Numbers, rows: Ints) -> Pairs:
    """Pair rows of the same length of which the same share was watched."""
    return _joined(others, mine, rows, ("duration_s", "watched_full_pct"))


def _joined(others: Numbers, mine: Numbers, rows: Ints, names: tuple[str, ...]) -> Pairs:
    theirs = pd.DataFrame({name: others[name] for name in names}).dropna()
    theirs = theirs[theirs.groupby(list(names))[names[0]].transform("size") <= COMMON]
    own = pd.DataFrame({name: mine[name][rows] for name in names}, index=rows).dropna()
    both = (
        own.rename_axis("mine")
        .reset_index()
        .merge(theirs.rename_axis("other").reset_index(), on=list(names))
    )
    return _of(both["mine"].to_numpy(np.int64), both["other"].to_numpy(np.int64))


def _of(mine: Ints, other: Ints) -> Pairs:
    return Pairs(mine, other, np.zeros(len(mine), np.int64))


def _enough(gap: Floats) -> Bools:
    known: Bools = (~np.isnan(gap)).sum(axis=1) >= ENOUGH_NUMBERS
    return known


def _sorted(values: Floats) -> tuple[Ints, Floats]:
    order = np.argsort(values, kind="stable")[: int((~np.isnan(values)).sum())]
    return order, values[order]


def _between(ordered: Floats, low: Floats, high: Floats) -> tuple[Ints, Ints]:
    """Pair every range (m,) with each place of the ordered values in it.

    The first ranges only, as far as memory allows.
    """
    low, high = np.nan_to_num(low, nan=np.inf), np.nan_to_num(high, nan=np.inf)
    start = np.searchsorted(ordered, low, "left")
    count = np.searchsorted(ordered, high, "right") - start
    count = np.where(np.cumsum(count) <= MOST_PAIRS, count, 0)
    which = np.repeat(np.arange(len(low)), count)
    place = np.arange(len(which)) - np.repeat(np.cumsum(count) - count - start, count)
    return which, place
