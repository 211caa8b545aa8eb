"""Rows and columns that a Poisson fit with creator effects cannot use, found before it is tried."""

from dataclasses import dataclass

import numpy as np

from pipeline.estimate.cluster_robust import INVOLVED
from pipeline.estimate.collinearity import Rank, rank
from pipeline.estimate.grouping import Bools, Floats, Ints, runs
from pipeline.estimate.states import States, states

SURE = 1e-8  # smallest eigenvalue of a Gram matrix, unit diagonal, that is not rounding
NULL = 1e-10  # singular value of unit columns up to which a direction does not move
ROUNDING = 1e-12  # part of a column in a direction, unit columns
CANCELLED = 1e-9  # a sum this small against its terms is none
THIN = 1e-6  # least move of a row, unit length, that counts as one
UP = 1e-10  # move upwards that is rounding
MOST_ADDED = 1000  # rows


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
    """Columns whose best coefficient is infinite, alone or in combination.

    Attributes:
        columns: numbers of those to drop: without them and the rows below, what is left has a
            finite maximum and is of full rank, but for columns that are collinear among all rows.
        rows: (n,) mask of the rows to drop together with the columns: all are without an event, and
            the infinite coefficients fit them perfectly, so the other estimates do without them.
        infinite: numbers of all columns without a finite coefficient: `columns`, and those
            that stay but stand, in what is left, for a difference from one that went.
    """

    columns: tuple[int, ...]
    rows: Bools
    infinite: tuple[int, ...]


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
    """Find columns of `x` (n, k) that separate events from no events; `y` (n,), `group` (n,).

    The likelihood grows without end along a direction in which, within each creator who has events,
    rows with events do not move against each other, no row moves up against them and some row moves
    down. All rows that move down in some such direction are found, by linear programs (Konis 2007;
    Correia, Guimarães & Zylkin 2019 for creator effects); of the columns that those rows alone
    told apart the last declared goes. Columns that are collinear among all rows are for `rank`.
    """
    aside = np.zeros(len(y), dtype=np.bool_)
    row, base = _against_events(y, group)
    event = y[row] > 0
    free = _unbounded(x[row[event]] - x[base[event]])
    if not free.shape[1]:
        return Separation((), aside, ())
    silent, moves = row[~event], x[row[~event]] - x[base[~event]]
    aside[silent] = _downward(_moves_along(moves, free))
    if not aside.any():
        return Separation((), aside, ())
    is_informative = informative(y, group).rows
    _, numbered = np.unique(group, return_inverse=True)
    kept = rank(states(x[is_informative], numbered[is_informative]), range(x.shape[1])).kept
    left = states(x[is_informative & ~aside], numbered[is_informative & ~aside])
    ranks = rank(left, kept)
    gone = set(kept) - set(ranks.kept)
    return Separation(
        tuple(sorted(gone)), aside, tuple(sorted(gone | set(taking_part(left, ranks))))
    )


def taking_part(whole: States, ranks: Rank) -> tuple[int, ...]:
    """The kept columns that a collinear one is made of: what they have by themselves is open."""
    kept = np.array(ranks.kept, dtype=np.int64)
    size = np.sqrt(whole.products.sum(axis=0).diagonal())
    share = np.zeros(len(kept))
    for each in ranks.collinear:
        share = np.maximum(share, np.abs(each.coefficients) * size[kept] / size[each.column])
    return tuple(kept[share > INVOLVED].tolist())


def _against_events(y: Floats, group: Ints) -> tuple[Ints, Ints]:
    """The rows of creators with events, sorted by creator, and beside each the first event row."""
    rows = runs(group)
    place = np.arange(len(y))
    first = np.where(y[rows.order] > 0, place, len(y))
    base = rows.spread(np.minimum.reduceat(first, rows.starts) if len(y) else first)
    has_events = base < len(y)
    return rows.order[has_events], rows.order[base[has_events]]


def _unbounded(differences: Floats) -> Floats:
    """Directions (k, q) along which rows with events do not move: null space of `differences`.

    Columns are judged in units of their own length. The Gram matrix tells most often that there is
    no such direction; where it is near singular the differences themselves are decomposed.
    """
    length = np.sqrt(np.einsum("ij,ij->j", differences, differences))
    scale = np.where(length > 0, length, 1.0)
    gram = differences.T @ differences / np.outer(scale, scale)
    if np.linalg.eigvalsh(gram).min(initial=np.inf) > SURE:
        return np.empty((len(scale), 0))
    upper = np.linalg.qr(differences / scale, mode="r")
    _, values, vectors = np.linalg.svd(upper)
    null = vectors[np.count_nonzero(values > NULL) :].T
    return np.where(np.abs(null) > ROUNDING, null, 0.0) / scale[:, None]


def _moves_along(moves: Floats, directions: Floats) -> Floats:
    """How rows without events move along the directions, (m, q); unit length, or exactly none."""
    along = moves @ directions
    along[np.abs(along) <= CANCELLED * (np.abs(moves) @ np.abs(directions))] = 0
    along /= np.maximum(np.abs(along).max(axis=0, initial=0.0), np.finfo(float).tiny)
    length = np.linalg.norm(along, axis=1, keepdims=True)
    return along / np.where(length > 0, length, 1.0)


def _downward(moves: Floats) -> Bools:
    """Rows (m,) that some combination of the directions moves down while it moves none up.

    One combination after the other, each over the rows that the ones before leave in place: added
    to a large multiple of those it would move down all that they do.
    """
    result = np.zeros(len(moves), dtype=np.bool_)
    left = np.flatnonzero(moves.any(axis=1))
    while len(left):
        down = moves[left] @ _steepest(moves[left]) < -THIN
        result[left[down]] = True
        left = left[~down & down.any()]
    return result


def _steepest(moves: Floats) -> Floats:
    """The combination (q,), within -1..1, that moves the rows (m, q) down most and none up.

    A linear program. It is solved for some rows, and again with rows that would move up added,
    until there is none.
    """
    from scipy.optimize import linprog  # takes half a second to import, and is seldom needed

    aim, held = moves.sum(axis=0), np.arange(min(len(moves), MOST_ADDED))
    aim = aim / max(np.abs(aim).max(), np.finfo(float).tiny)
    while True:
        for presolve in (True, False):  # which at times finds that not even no move is allowed
            solution = linprog(
                aim,
                moves[held],
                np.zeros(len(held)),
                bounds=(-1, 1),
                options={"primal_feasibility_tolerance": UP, "presolve": presolve},
            )
            if solution.x is not None:
                break
        best = np.zeros(len(aim)) if solution.x is None else np.asarray(solution.x, dtype=float)
        up = moves @ best
        worst = np.argsort(-up, kind="stable")[:MOST_ADDED]
        new = np.setdiff1d(worst[up[worst] > UP], held)
        if not len(new):
            return best
        held = np.concatenate([held, new])
