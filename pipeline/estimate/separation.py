"""Rows and columns that a Poisson fit with creator effects cannot use, found before it is tried."""

from dataclasses import dataclass

import numpy as np

from pipeline.estimate.grouping import Bools, Floats, Ints, runs


@dataclass(frozen=True, slots=True, eq=False)
class Informative:
    """The rows that carry information on the slopes.

    Attributes:
        rows: (n,) mask of the rows to keep.
        no_events: creators without a single event, dropped.
        singletons: creators with one row (and an event), dropped.
    """

    rows: Bools
    no_events: Ints
    singletons: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Separation:
    """0/1 columns whose best coefficient is infinite.

    Attributes:
        columns: their numbers.
        rows: (n,) mask of the rows to drop together with the columns: all are without an event, and
            the infinite coefficient fits them perfectly, so the other estimates do without them.
    """

    columns: tuple[int, ...]
    rows: Bools


def informative(y: Floats, group: Ints) -> Informative:
    """Drop creators without events and creators with one row; `y` (n,) events, `group` (n,).

    Creators whose outcome is a positive constant stay: they say that the regressors do nothing.
    """
    rows = runs(group)
    silent = rows.total(y[rows.order]) == 0
    single = (rows.counts == 1) & ~silent
    kept = np.empty(len(y), dtype=np.bool_)
    kept[rows.order] = np.repeat(~(silent | single), rows.counts)
    return Informative(kept, rows.creators[silent], rows.creators[single])


def separated(x: Floats, y: Floats, group: Ints) -> Separation:
    """Find 0/1 columns of `x` (n, k) that separate events from no events; `y` (n,), `group` (n,).

    Only creators with events within whom the column varies matter: where they have no event in any
    row with 1 the coefficient runs to minus infinity, and where they have none in any row with 0 to
    plus infinity. Exact for each column by itself; combinations of columns are not searched. Rows
    so explained are set aside and the search repeated, since that can separate another column.
    """
    dummies = [j for j in range(x.shape[1]) if np.isin(x[:, j], (0.0, 1.0)).all()]
    found: set[int] = set()
    aside = np.zeros(len(y), dtype=np.bool_)
    while True:
        left = np.flatnonzero(~aside)
        left = left[informative(y[left], group[left]).rows]
        explained = _explained(x[left][:, dummies] == 1, y[left], group[left])
        if not explained.any():
            return Separation(tuple(sorted(found)), aside)
        found |= {dummies[j] for j in np.flatnonzero(explained.any(axis=0))}
        aside[left[explained.any(axis=1)]] = True


def _explained(dummies: Bools, y: Floats, group: Ints) -> Bools:
    """The rows (n, d) that an infinite coefficient of each 0/1 column would explain."""
    rows = runs(group)
    share = rows.total(dummies[rows.order].astype(float)) / rows.counts[:, None]
    varies = np.empty(dummies.shape, dtype=np.bool_)
    varies[rows.order] = np.repeat((share > 0) & (share < 1), rows.counts, axis=0)
    result = np.zeros(dummies.shape, dtype=np.bool_)
    for side in (dummies & varies, ~dummies & varies):
        result |= side & (y @ side == 0)
    return result
