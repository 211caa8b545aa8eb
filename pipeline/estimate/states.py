"""One small state per creator: rows, means, centred cross products and extremes of the columns."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.estimate.grouping import Bools, Floats, Ints, centre, runs


@dataclass(frozen=True, slots=True, eq=False)
class States:
    """What every linear estimate needs of each creator, in creator order; p columns.

    A creator without rows has zero means and products, `low` +inf and `high` -inf: the identity of
    `merge`.

    Attributes:
        rows: (G,) number of rows.
        means: (G, p).
        products: (G, p, p) sums of products of deviations from the creator's means.
        low: (G, p) smallest value.
        high: (G, p) largest value; `high > low` is the exact test of "varies within the creator".
    """

    rows: Ints
    means: Floats
    products: Floats
    low: Floats
    high: Floats

    @property
    def varies(self) -> Bools:
        """(G, p) whether a column varies within a creator."""
        return self.high > self.low


def empty(creators: int, columns: int) -> States:
    """The states of `creators` creators without any row."""
    shape = (creators, columns)
    return States(
        np.zeros(creators, dtype=np.int64),
        np.zeros(shape),
        np.zeros((*shape, columns)),
        np.full(shape, np.inf),
        np.full(shape, -np.inf),
    )


def states(columns: Floats, group: Ints, creators: int | None = None) -> States:
    """Reduce rows to one state per creator (two passes with compensation).

    Args:
        columns: (n, p) regressors and outcomes, in any row order.
        group: (n,) the creator of each row, 0..G-1.
        creators: G, when the last creators may have no rows here; else the largest number plus one.

    Raises:
        ValueError: a value is not finite, or a creator's number is not within 0..G-1.

    >>> one = states(np.array([[1.0], [3.0]]), np.array([0, 0]))
    >>> one.means.tolist(), one.products.tolist()
    ([[2.0]], [[[2.0]]])
    """
    size = creators if creators is not None else int(group.max(initial=-1)) + 1
    if len(group) and not 0 <= group.min() <= group.max() < size:
        raise ValueError(f"creators must be numbered from 0 to {size - 1}")
    rows = runs(group)
    centred = centre(columns, rows)
    blank = empty(size, columns.shape[1])
    at = rows.creators
    blank.rows[at], blank.means[at] = rows.counts, centred.means
    blank.low[at], blank.high[at] = centred.low, centred.high
    for creator, these in zip(at.tolist(), rows.slices(), strict=True):
        block = centred.deviations[these]
        blank.products[creator] = block.T @ block
    return blank


def merge(first: States, second: States) -> States:
    """Join two partial states of the same creators: associative and commutative up to rounding.

    Chan, Golub & LeVeque (1983). Fit for row groups, partitions and files.

    Raises:
        ValueError: the states are not of the same creators and columns.
    """
    if first.means.shape != second.means.shape:
        raise ValueError("states of different creators or columns cannot be merged")
    rows = first.rows + second.rows
    share = (second.rows / np.maximum(rows, 1))[:, None]
    gap = second.means - first.means
    # two empty sides have no gap: rows 0 keep weight 0 and leave the other side bit for bit
    weight = first.rows[:, None] * share
    outer = gap[:, :, None] * (gap * weight)[:, None, :]
    return States(
        rows,
        np.where(share == 1, second.means, first.means + gap * share),
        first.products + second.products + outer,
        np.minimum(first.low, second.low),
        np.maximum(first.high, second.high),
    )


def select(whole: States, columns: Sequence[int]) -> States:
    """The states of some columns, in the order named."""
    at = np.asarray(columns, dtype=np.int64)
    return States(
        whole.rows,
        whole.means[:, at],
        whole.products[:, at[:, None], at],
        whole.low[:, at],
        whole.high[:, at],
    )


def take(whole: States, creators: Ints | Bools) -> States:
    """The states of some creators, by number (in the order named) or by mask."""
    return States(
        whole.rows[creators],
        whole.means[creators],
        whole.products[creators],
        whole.low[creators],
        whole.high[creators],
    )
