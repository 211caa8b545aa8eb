"""Which columns can be estimated beside creator effects, decided in the declared order."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular

from pipeline.estimate.grouping import Floats, Ints
from pipeline.estimate.states import States, select

COLLINEAR = (
    1e-9  # 1 - R² on the columns kept so far; the Gram's own error is about 1e-16 / (1 - R²)
)
SMALLEST = 2e-10  # eigenvalue of what is kept, unit diagonal; solve.py refuses pivots of half that
INVOLVED = 0.1  # part in a direction, of the largest part


@dataclass(frozen=True, slots=True, eq=False)
class Collinear:
    """A column = Σ coefficient · kept column, up to a constant per creator.

    Attributes:
        column: its number in the states.
        coefficients: (r,) over all of `Rank.kept`, in original units; 0 for later columns.
    """

    column: int
    coefficients: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Rank:
    """The verdict on each requested column; numbers are the columns' numbers in the states.

    Attributes:
        kept: estimable columns, in the declared order.
        absorbed: columns that vary within no creator (a creator effect carries them).
        constant: those of `absorbed` that are one value over all creators.
        collinear: columns that the kept ones give, with the combination.
        varies_in: (k,) number of creators within which each requested column varies.
    """

    kept: tuple[int, ...]
    absorbed: tuple[int, ...]
    constant: tuple[int, ...]
    collinear: tuple[Collinear, ...]
    varies_in: Ints


def rank(whole: States, columns: Sequence[int]) -> Rank:
    """Judge `columns`, focus terms first: of a collinear set the last declared goes.

    Absorbed columns are found exactly from the extremes. Collinear ones are found by a Cholesky
    factorisation of the within Gram matrix with unit diagonal, column by column and never by a
    free pivot, so that the verdict does not flip when data change; a pivot is 1 - R² of the column
    on the kept ones. Small pivots add up their rounding, and one that looks well may stand on many:
    while the smallest eigenvalue of what is kept is too small, the last declared column that has a
    part in it goes, too.
    """
    chosen = select(whole, columns)
    gram = chosen.products.sum(axis=0)
    root = np.sqrt(gram.diagonal())
    varies_in = chosen.varies.sum(axis=0, dtype=np.int64)
    candidates = np.flatnonzero((varies_in > 0) & (root > 0)).tolist()
    excluded: list[int] = []
    while True:
        order = _in_order(gram, root, [at for at in candidates if at not in excluded])
        weakest = _weakest(gram, root, order.kept)
        if weakest is None:
            break
        excluded.append(weakest)
    kept, dropped = order.kept, order.dropped + _explained(gram, root, order.kept, excluded)
    absorbed = [at for at in range(len(columns)) if at not in set(candidates)]
    flat = chosen.low.min(axis=0, initial=np.inf) >= chosen.high.max(axis=0, initial=-np.inf)
    return Rank(
        kept=tuple(columns[at] for at in kept),
        absorbed=tuple(columns[at] for at in absorbed),
        constant=tuple(columns[at] for at in absorbed if flat[at]),
        collinear=tuple(
            Collinear(columns[at], np.pad(over, (0, len(kept) - len(over)))) for at, over in dropped
        ),
        varies_in=varies_in,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Order:
    """Columns kept one after the other; those dropped, with the first kept ones that give them."""

    kept: list[int]
    dropped: list[tuple[int, Floats]]


def _in_order(gram: Floats, root: Floats, candidates: list[int]) -> _Order:
    lower = np.zeros_like(gram)
    kept: list[int] = []
    dropped: list[tuple[int, Floats]] = []
    for column in candidates:
        size = len(kept)
        correlation = gram[kept, column] / (root[kept] * root[column])
        row = _forward(lower[:size, :size], correlation)
        pivot = 1 - row @ row
        if pivot < COLLINEAR:
            unit = solve_triangular(lower[:size, :size], row, lower=True, trans="T")
            dropped.append((column, unit * root[column] / root[kept]))
            continue
        lower[size, :size], lower[size, size] = row, np.sqrt(pivot)
        kept.append(column)
    return _Order(kept, dropped)


def _weakest(gram: Floats, root: Floats, kept: list[int]) -> int | None:
    """The last kept column with a part in a direction of no information; None without one."""
    values, vectors = np.linalg.eigh(gram[np.ix_(kept, kept)] / np.outer(root[kept], root[kept]))
    if not len(values) or values[0] >= SMALLEST:
        return None
    part = np.abs(vectors[:, 0])
    return kept[int(np.flatnonzero(part > INVOLVED * part.max())[-1])]


def _explained(
    gram: Floats, root: Floats, kept: list[int], columns: list[int]
) -> list[tuple[int, Floats]]:
    """Each of `columns` with the coefficients of the kept ones that come nearest to it."""
    among = gram[np.ix_(kept, kept)] / np.outer(root[kept], root[kept])
    explained = []
    for column in columns:
        unit = np.linalg.solve(among, gram[kept, column] / (root[kept] * root[column]))
        explained.append((column, unit * root[column] / root[kept]))
    return explained


def _forward(lower: Floats, right: Floats) -> Floats:
    """Solve lower · z = right; no columns yet is no work."""
    return np.asarray(solve_triangular(lower, right, lower=True)) if len(right) else right
