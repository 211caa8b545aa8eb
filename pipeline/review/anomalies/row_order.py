"""Whether numbers follow the order of the rows, or of the views, rather than the videos."""

from collections.abc import Iterator

import numpy as np

from pipeline.estimate.grouping import Bools, Floats, Ints
from pipeline.review.anomalies.numbers import COUNTS, Anomaly, Numbers, in_words
from schema.zero_rules import NOT_SHOWN

STEPPED = (*COUNTS, *NOT_SHOWN)
ENOUGH_ROWS = 12
LONG = 5  # rows with the same number, one after the other
IN_STEPS = 0.8  # of the rows that are not 0
EVEN = 0.98  # of the variance, in two counts or more


def steps(mine: Numbers) -> Anomaly | None:
    """Look for columns that stay at a number for many rows, then at another."""
    stepped, rows = [], np.zeros(len(mine.line), np.bool_)
    for name in STEPPED:
        for order in _orders(mine, name):
            values = mine[name][order]
            at = _long(values)
            if _is_stepped(values, at) and not _is_said(mine, name):
                stepped.append(name)
                rows[order[_starts(values) & at]] = True
                break
    if not stepped:
        return None
    said = (
        f"{in_words(stepped)}: the same number for many rows on end, by line, by views or by day. "
        "Empty cells filled down or filled in later by a rule look like this, and so do rounded "
        "numbers. A maintainer could ask which of them TikTok showed, and ask to empty the others."
    )
    return Anomaly("steps", said, mine.places(np.flatnonzero(rows)))


def _orders(mine: Numbers, name: str) -> Iterator[Ints]:
    """The orders of rows to look at: as they are written, by views, by day of posting."""
    yield np.arange(len(mine.line))
    if name != "views":
        yield np.argsort(mine["views"], kind="stable")
    if len(mine.line) and not np.isnan(mine["posted_on"]).any():
        yield np.argsort(mine["posted_on"], kind="stable")


def _starts(values: Floats) -> Bools:
    first: Bools = np.append(np.ones(min(len(values), 1), np.bool_), values[1:] != values[:-1])
    return first


def _long(values: Floats) -> Bools:
    """Tell of each value (n,) whether it stands in a long run of equal ones, other than 0.

    An empty cell ends a run: followers noted only where there are some are 1 in many rows.
    """
    run = np.cumsum(_starts(values)) - 1
    is_long: Bools = (np.bincount(run)[run] >= LONG) & (values != 0) if len(values) else values > 0
    return is_long


def _is_stepped(values: Floats, at: Bools) -> bool:
    there = int((values > 0).sum())
    known = int((~np.isnan(values)).sum())
    return known >= ENOUGH_ROWS and at.sum() >= max(2 * LONG, IN_STEPS * there)


def _is_said(mine: Numbers, name: str) -> bool:
    """Return whether the rule about columns that change once has asked already."""
    known = mine[name][~np.isnan(mine[name])]
    return name in NOT_SHOWN and int(_starts(known).sum()) == 2


def even_growth(mine: Numbers) -> Anomaly | None:
    """Look for counts that grow or fall evenly from row to row, or from day to day."""
    even: list[str] = []
    for order in _orders(mine, "views"):
        names = [name for name in COUNTS if _is_even(mine[name][order])]
        even = max(even, names, key=len)
    if len(even) < 2:
        return None
    said = (
        f"{in_words(even)} grow or fall evenly from one row to the next. Numbers filled in "
        "between two known ones look like this, or totals of the account in place of each "
        "video's. A maintainer could ask whether each row was read off its own video."
    )
    return Anomaly("even-growth", said)


def _is_even(values: Floats) -> bool:
    """Return whether values, or their logs, are a straight line but for a fiftieth."""
    values = values[~np.isnan(values)]
    if len(values) < ENOUGH_ROWS or not values.std() > 0 or np.unique(values).size < LONG:
        return False
    place = np.arange(len(values))
    lines = (np.corrcoef(place, y)[0, 1] ** 2 for y in (values, np.log1p(values)))
    return bool(max(lines) > EVEN)
