"""Whether rows are alike to another creator's, whatever their labels and their order.

Each way of being alike counts, for every other creator, the rows of the contribution that have a
match there, and compares the greatest count with what chance gives all others.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.estimate.grouping import Bools, Ints
from pipeline.review.anomalies.numbers import Anomaly, Numbers
from pipeline.review.anomalies.similar_rows import (
    Pairs,
    in_proportion,
    near,
    same_counts,
    same_rates,
)

MOST_ROWS = 300  # of the contribution, those with most views: the others are alike by chance
LIKES = (0, 10, 30, 100)  # from which rows are compared
FEWEST = 3
COPIED_POOL = 5  # creators, from which they tell how alike rows are by chance
CHANCE = 1e-6
UNEVEN = 3  # so much more alike than the average may two creators be
RAREST = 1e-6  # likeness of two rows by chance, at least


@dataclass(frozen=True, slots=True, eq=False)
class MatchedRows:
    """Rows (m,) of the contribution, each once, that are alike to rows (m,) of one creator."""

    mine: Ints
    other: Ints


def copied_rows(others: Numbers, mine: Numbers) -> Anomaly | None:
    """Look for rows alike to those of one other creator, more than chance would give."""
    if not len(others.owner):
        return None
    rows = _most_seen(mine)
    # With few others only rows that are the same, and have counts to be the same in, tell anything.
    few = len(others.creators) < COPIED_POOL
    ways = (near,) if few else (near, in_proportion, same_counts, same_rates)
    likes = LIKES[-2:] if few else LIKES
    matches = [_judged(way(others, mine, rows), others, mine, rows, likes) for way in ways]
    best = max(matches, key=lambda each: len(each.mine))
    if not len(best.mine):
        return None
    first = int(best.other[0])
    said = (
        f"{len(best.mine)} rows are like rows of one other creator, in most of their numbers or in "
        f"their proportions. The first is like line {others.line[first]} of "
        f"{others.file.iloc[first]}. Two people who run one account, a video posted on two "
        "accounts, or a file saved into the wrong folder look like this. A maintainer could ask "
        "both whose videos these are."
    )
    return Anomaly("copied-rows", said, mine.places(best.mine))


def _most_seen(mine: Numbers) -> Ints:
    order = np.lexsort((mine.line, mine.file, -np.nan_to_num(mine["views"], nan=-1)))
    return order[:MOST_ROWS]


def _judged(
    pairs: Pairs, others: Numbers, mine: Numbers, rows: Ints, likes: Sequence[int]
) -> MatchedRows:
    """Take the rows that are alike to one creator's, where chance does not give so many.

    Rows with few likes are alike by chance, so that they may hide what the others tell: all are
    tried, and those with many likes alone.
    """
    matched = MatchedRows(pairs.mine[:0], pairs.other[:0])
    for least in likes:
        is_liked = mine["likes"] >= least
        kept = is_liked[pairs.mine]
        some = Pairs(pairs.mine[kept], pairs.other[kept], pairs.kind[kept], pairs.kinds)
        best = _beyond_chance(some, others, int(is_liked[rows].sum()))
        matched = max(matched, best, key=lambda each: len(each.mine))
    return matched


def _beyond_chance(pairs: Pairs, others: Numbers, rows: int) -> MatchedRows:
    from scipy.special import gammainc  # on the review's path only

    nothing = MatchedRows(pairs.mine[:0], pairs.other[:0])
    if not len(pairs.mine):
        return nothing
    group = others.owner[pairs.other] * pairs.kinds + pairs.kind
    groups, rows_of = _distinct(group, pairs.mine)
    count = np.minimum(rows_of, _distinct(group, pairs.other)[1])
    best, owner = int(count.argmax()), groups // pairs.kinds
    sizes = np.bincount(others.owner)
    size = int(sizes[owner[best]])
    elsewhere = int(count[owner != owner[best]].sum()) / pairs.kinds
    by_chance = size * max(UNEVEN * elsewhere / max(int(sizes.sum()) - size, 1), RAREST * rows)
    tries = len(sizes) * pairs.kinds * len(LIKES)
    if count[best] < FEWEST or gammainc(count[best], by_chance) * tries > CHANCE:
        return nothing
    return _first_places(pairs, group == groups[best], others)


def _distinct(group: Ints, row: Ints) -> tuple[Ints, Ints]:
    """Give the groups, (g,), and how many different rows each has, (g,)."""
    span = int(row.max()) + 1
    groups, count = np.unique(pd.unique(group * span + row) // span, return_counts=True)
    return groups, count


def _first_places(pairs: Pairs, is_chosen: Bools, others: Numbers) -> MatchedRows:
    """Keep one pair for each row: with the first place among those alike."""
    other = pairs.other[is_chosen]
    places = pd.DataFrame(
        {
            "mine": pairs.mine[is_chosen],
            "other": other,
            "file": others.file.iloc[other].to_numpy(),
            "line": others.line[other],
        }
    )
    first = places.sort_values(["mine", "file", "line"]).drop_duplicates("mine")
    return MatchedRows(first["mine"].to_numpy(np.int64), first["other"].to_numpy(np.int64))
