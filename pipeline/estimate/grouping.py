"""Rows sorted by creator: the sums, extremes and centring that every estimator shares."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """Where each creator's rows are once sorted by creator; creators without rows are absent.

    Attributes:
        order: (n,) row numbers sorted by creator, the given order kept within a creator.
        starts: (G,) first sorted row of each creator.
        counts: (G,) rows of each creator, all >= 1.
        creators: (G,) the creators' numbers, ascending.
    """

    order: Ints
    starts: Ints
    counts: Ints
    creators: Ints

    def slices(self) -> Iterator[slice]:
        """The sorted rows of each creator, in order."""
        for start, count in zip(self.starts.tolist(), self.counts.tolist(), strict=True):
            yield slice(start, start + count)

    def total(self, values: Floats) -> Floats:
        """Sums by creator of sorted `values` (n, ...), shape (G, ...)."""
        return np.add.reduceat(values, self.starts, axis=0) if len(self.starts) else values[:0]

    def spread(self, values: Floats) -> Floats:
        """Each creator's value (G, ...) repeated on that creator's sorted rows, (n, ...)."""
        return np.repeat(values, self.counts, axis=0)


@dataclass(frozen=True, slots=True, eq=False)
class Centred:
    """Columns less their creator's mean, rows sorted by creator.

    Attributes:
        deviations: (n, p), exactly 0 where a column is constant within the creator.
        means: (G, p).
        low: (G, p) smallest value.
        high: (G, p) largest value.
    """

    deviations: Floats
    means: Floats
    low: Floats
    high: Floats


def runs(group: Ints) -> Runs:
    """Sort rows by creator; `group` (n,) holds whole numbers >= 0 that need not be consecutive."""
    order = np.argsort(group, kind="stable")
    creators, starts, counts = np.unique(group[order], return_index=True, return_counts=True)
    return Runs(order, starts, counts, creators)


def centre(columns: Floats, rows: Runs) -> Centred:
    """Centre `columns` (n, p), in the order given, by creator, in two passes with compensation.

    The mean of a large number is rounded; what the first pass leaves over is measured on the
    deviations and taken off in the second (Chan, Golub & LeVeque 1983). A column that is
    constant within a creator is centred on the constant itself, so that "does not vary" is exact.

    Raises:
        ValueError: a value is not finite.
    """
    deviations = columns[rows.order]
    if not np.isfinite(deviations).all():
        raise ValueError(
            "columns must be finite: a missing or infinite value reached the estimation"
        )
    if not len(deviations):
        none = deviations
        return Centred(none, none, none, none)
    low = np.minimum.reduceat(deviations, rows.starts, axis=0)
    high = np.maximum.reduceat(deviations, rows.starts, axis=0)
    count = rows.counts[:, None]
    means = np.where(low == high, low, rows.total(deviations) / count)
    deviations -= rows.spread(means)
    left_over = rows.total(deviations) / count
    deviations -= rows.spread(left_over)
    return Centred(deviations, means + left_over, low, high)
