"""A question fitted once, and solved again with the parts of some creators exchanged.

The base is fitted once, and of each creator a quadratic is kept, by column before rare levels are
summed. Those of the changed creators are exchanged for new ones, made of their own rows only, and
the sum is solved: exact in least squares, one Newton step from the base in Poisson fits.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.design import Design
from pipeline.estimate.grouping import Bools, Floats
from pipeline.estimate.inference import cr3, leave_one_out, partial_leverage
from pipeline.estimate.poisson import NotConverged, poisson
from pipeline.estimate.rank import rank
from pipeline.estimate.separation import informative, separated
from pipeline.estimate.states import states
from pipeline.estimate.update import (
    Parts,
    Settled,
    choose,
    linear_parts,
    place,
    poisson_parts,
    settle,
    together,
    without,
)
from pipeline.fit import ALL_ALIKE, SILENT, TOO_FAR, TOO_FEW, is_too_far
from pipeline.questions import Model
from pipeline.tally import INFINITE
from pipeline.variables import RARE

ROUGH = 0.1  # of the standard error, by which a second look may move a line that is shown
MOST_WEIGHT = 0.5  # of a Poisson line, that one step can exchange
MOST_LOST = 0.1  # of the changed videos, that may be of a kind without an estimate before
NO_AFTER = "there is no estimate any more: {why}"
ONE = "one creator's videos speak of that account only"
NOTHING = "nothing differs between the videos of a creator"
OPEN = "it had no finite estimate before: the next report tells"
KINDS = "too many of these videos are of a kind that had no estimate: the next report tells"


@dataclass(frozen=True, slots=True, eq=False)
class Raw:
    """The columns (n, p) before rare levels are summed, references too, by term and level."""

    names: tuple[tuple[str, str], ...]
    columns: Floats
    weights: Floats


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A question solved: which rows (n,) took part, and the variables that have no estimate."""

    design: Design
    rows: Bools
    settled: Settled
    hidden: Mapping[int, str]


@dataclass(frozen=True, slots=True, eq=False)
class Base:
    """The fit before, with the parts of `design.creators` by the columns of `raw`.

    `slopes` (p,) are those about which the parts are made; `gone` the variables without a part.
    """

    view: View
    raw: Raw
    parts: Parts
    slopes: Floats
    gone: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class After:
    """The exchange solved; of each variable kept the weight, the estimate without, and the move.

    `moves` (k,) is how far a second look at the changed creators takes the estimate, in its
    standard errors (in logs where it has none).
    """

    view: View
    weight: Floats
    without: Floats
    moves: Floats

    def is_rough(self, i: int) -> bool:
        """Tell whether one step is too little for the line."""
        is_poisson = self.view.design.question.model is Model.POISSON
        return is_poisson and bool(self.moves[i] > ROUGH or self.weight[i] > MOST_WEIGHT)


@dataclass(frozen=True, slots=True, eq=False)
class Fresh:
    """Rows (n,) of the new pool: the changed creators', the others' that took part before."""

    rows: Bools
    others: Bools
    hidden: Mapping[int, str]


def fit_base(built: Design) -> Base | str:
    """Fit what is needed of the base; in words, why there is no estimate."""
    if not len(built.rows):
        return TOO_FEW
    raw = _raw(built)
    if built.question.model is Model.POISSON:
        return _poisson_base(built, raw)
    parts = linear_parts(raw.columns, built.outcome, built.group, len(built.creators))
    everything = np.ones(len(built.group), dtype=np.bool_)
    view = _view(built, everything, parts, raw.weights, {}, range(len(built.variables)))
    return view if isinstance(view, str) else Base(view, raw, parts, np.zeros(len(raw.names)), ())


def _poisson_base(built: Design, raw: Raw) -> Base | str:
    x, y, group = built.x, built.outcome, built.group
    apart = separated(x, y, group)
    rows = np.flatnonzero(~apart.rows)
    rows = rows[informative(y[rows], group[rows]).rows]
    if not len(rows):
        return TOO_FEW if y.any() else SILENT
    allowed = [i for i in range(x.shape[1]) if i not in apart.columns]
    whole = states(np.column_stack([x, y])[rows], group[rows], len(built.creators))
    kept = list(rank(whole, allowed).kept)
    if len(rows) <= len(kept) + len(np.unique(group[rows])):
        return TOO_FEW
    found = poisson(x[rows][:, kept], y[rows], group[rows], built.offset[rows])
    if isinstance(found, NotConverged) or is_too_far(found, x[rows][:, kept], group[rows]):
        return TOO_FAR
    slopes = raw.weights[:, kept] @ found.estimate
    parts = poisson_parts(
        raw.columns[rows], y[rows], built.offset[rows], group[rows], len(built.creators), slopes
    )
    hidden = dict.fromkeys(apart.infinite, INFINITE)
    used = np.isin(np.arange(len(y)), rows)
    view = _view(built, used, parts, raw.weights, hidden, allowed)
    return view if isinstance(view, str) else Base(view, raw, parts, slopes, apart.columns)


def exchange(base: Base, built: Design, changed: Collection[str]) -> After | str:
    """Exchange the parts of the changed creators, and solve."""
    if not len(built.rows):
        return NO_AFTER.format(why=TOO_FEW)
    raw = _raw(built)
    fresh = _fresh(base, built, raw, changed)
    if fresh is None:
        return KINDS
    at = {name: i for i, name in enumerate(dict.fromkeys((*base.raw.names, *raw.names)))}
    old, new = ([at[name] for name in names] for names in (base.raw.names, raw.names))
    weights, slopes = np.zeros((len(at), len(built.variables))), np.zeros(len(at))
    weights[new], slopes[old] = raw.weights, base.slopes
    stay = [i for i, name in enumerate(base.view.design.creators) if name not in changed]
    kept = place(choose(base.parts, np.array(stay, dtype=np.int64)), old, len(at))
    used = fresh.rows | fresh.others

    def solved(about: Floats) -> View | str:
        mine = place(_parts(built, raw, fresh.rows, about[new]), new, len(at))
        every = range(len(built.variables))
        return _view(built, used, together(kept, mine), weights, fresh.hidden, every)

    view = solved(slopes)
    if isinstance(view, str):
        return NO_AFTER.format(why=view)
    blocks, told = view.settled.blocks, list(view.settled.ranks.kept)
    is_changed = view.settled.creators >= len(stay)
    is_exact = built.question.model is Model.LEAST_SQUARES
    again = view if is_exact else solved(weights[:, told] @ blocks.estimate)
    return After(
        view,
        partial_leverage(blocks)[is_changed].sum(axis=0),
        without(blocks, is_changed),
        _moves(view.settled, again),
    )


def _fresh(base: Base, built: Design, raw: Raw, changed: Collection[str]) -> Fresh | None:
    """Choose the rows; None where too many of the changed ones are of a kind without a part.

    Of a level without an estimate before, the other creators' videos have no part; those of the
    changed creators leave, too, unless all of a creator's are of that level.
    """
    names = np.array(built.creators, dtype=object)[built.group]
    is_changed = np.isin(names, list(changed))
    before = np.array(base.view.design.creators, dtype=object)[base.view.design.group]
    others = np.zeros(len(names), dtype=np.bool_)
    others[~is_changed] = base.view.rows[~np.isin(before, list(changed))]
    if built.question.model is Model.LEAST_SQUARES:
        return Fresh(is_changed, others, {})
    gone = {base.raw.names[i] for j in base.gone for i in np.flatnonzero(base.raw.weights[:, j])}
    lost = np.array([name in gone for name in raw.names])
    varies = states(raw.columns[:, lost], built.group, len(built.creators)).varies
    of_gone = ((raw.columns[:, lost] != 0) & varies[built.group]).any(axis=1) & is_changed
    if of_gone.sum() > MOST_LOST * is_changed.sum():
        return None
    apart = separated(built.x, built.outcome, built.group)
    rows = np.flatnonzero(is_changed & ~of_gone & ~apart.rows)
    rows = rows[informative(built.outcome[rows], built.group[rows]).rows]
    open_before = {base.view.design.variables[j] for j in base.view.hidden}
    touched = raw.weights[lost].any(axis=0)
    hidden = {
        j: OPEN for j, variable in enumerate(built.variables)
        if touched[j] or variable in open_before
    }  # fmt: skip
    hidden |= dict.fromkeys(apart.infinite, INFINITE)
    return Fresh(np.isin(np.arange(len(names)), rows), others, hidden)


def _raw(built: Design) -> Raw:
    """Name the columns of a design; a reference is what the other levels of its term leave."""
    rare = {each.term: [level for level, _ in each.levels] for each in built.rare}
    names: dict[int, tuple[str, str]] = {}
    references: dict[str, str] = {}
    for variable, weights in zip(built.variables, built.weights.T, strict=True):
        levels = rare[variable.term] if variable.level == RARE else [variable.level]
        at = np.flatnonzero(weights).tolist()
        names |= {i: (variable.term, level) for i, level in zip(at, levels, strict=True)}
        if variable.unit.startswith("against "):
            references[variable.term] = variable.unit.removeprefix("against ")
    named = sorted(names)
    columns, terms = built.columns[:, named], np.array([names[i][0] for i in named], dtype=object)
    rest = [1 - columns[:, terms == term].sum(axis=1) for term in references]
    return Raw(
        (*(names[i] for i in named), *references.items()),
        np.column_stack([columns, *rest]),
        np.vstack([built.weights[named], np.zeros((len(rest), len(built.variables)))]),
    )


def _view(
    built: Design,
    rows: Bools,
    parts: Parts,
    weights: Floats,
    hidden: Mapping[int, str],
    variables: Sequence[int],
) -> View | str:
    """Solve parts; in words, why that leaves no estimate that the report would show."""
    try:
        settled = settle(parts, weights, variables)
    except ValueError:
        return TOO_FAR
    used, kept = settled.whole.rows, settled.ranks.kept
    if used.sum() - len(used) - len(kept) <= 0:
        return TOO_FEW
    if not settled.whole.varies[:, -1].any():
        return ALL_ALIKE
    if len(used) == 1:
        return ONE
    return View(built, rows, settled, hidden) if kept else NOTHING


def _parts(built: Design, raw: Raw, rows: Bools, slopes: Floats) -> Parts:
    """The parts of the creators of some rows, numbered in the order of their names."""
    creators, number = np.unique(built.group[rows], return_inverse=True)
    columns, outcome = raw.columns[rows], built.outcome[rows]
    if built.question.model is Model.LEAST_SQUARES:
        return linear_parts(columns, outcome, number, len(creators))
    return poisson_parts(columns, outcome, built.offset[rows], number, len(creators), slopes)


def _moves(first: Settled, again: View | str) -> Floats:
    """How far a second look takes each estimate, in standard errors (in logs, if there is none)."""
    if isinstance(again, str) or again.settled.ranks.kept != first.ranks.kept:
        return np.full(len(first.blocks.estimate), np.inf)
    error = standard_errors(first)
    scale = np.where(error > 0, error, 1.0)
    return np.abs(again.settled.blocks.estimate - first.blocks.estimate) / scale


def standard_errors(settled: Settled) -> Floats:
    """Standard errors (k,): NaN where some creator cannot be done without."""
    blocks = settled.blocks
    error: Floats = np.sqrt(np.diagonal(cr3(blocks, leave_one_out(blocks))))
    return np.where(settled.eventful[list(settled.ranks.kept)] > 1, error, np.nan)
