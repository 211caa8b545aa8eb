"""A question fitted once, and solved again with the parts of some creators exchanged.

The base is fitted once, and of each creator a quadratic is kept, by column before rare levels are
summed. Those of the changed creators are exchanged for new ones, made of their own rows only, and
the sum is solved: exact in least squares, one Newton step from the base in Poisson fits.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.estimate.cluster_robust import cr3, leave_one_out, partial_leverage
from pipeline.estimate.grouping import Bools, Floats
from pipeline.estimate.separation import informative, separated
from pipeline.estimate.states import states
from pipeline.estimate.update import Parts, Settled, choose, place, settle, together, without
from pipeline.model.design import Design
from pipeline.model.encoding import Encoding, parts_of, raw_of
from pipeline.model.fit import ALL_ALIKE, TOO_FAR, TOO_FEW, fit_counts
from pipeline.model.questions import Model
from pipeline.model.reasons import Reason
from pipeline.model.variables import Variable

ROUGH = 0.1  # of the standard error, by which a second look may move a line that is shown
MOST_WEIGHT = 0.5  # of a Poisson line, that a step longer than that can exchange
MOST_LOST = 0.1  # of the changed videos, that may be of a kind without an estimate before
NO_AFTER = "there is no estimate any more: {why}"
ONE = "one creator's videos speak of that account only"
NOTHING = "nothing differs between the videos of a creator"
KINDS = "too many of these videos are of a kind that had no estimate: the next report tells"


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A question solved: which rows (n,) took part, and the variables that have no estimate."""

    design: Design
    rows: Bools
    settled: Settled
    hidden: Mapping[int, Reason]


@dataclass(frozen=True, slots=True, eq=False)
class Base:
    """The fit before, with the parts of `design.creators` by the columns of `raw`.

    `slopes` (p,) are those about which the parts are made; `gone` the variables without a part.
    """

    view: View
    raw: Encoding
    parts: Parts
    slopes: Floats
    gone: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class After:
    """The exchange solved; of each variable kept two weights, the estimate without, and two moves.

    `weight` (k,) is what the creators asked about hold of all that is known, `without` (k,) the
    estimate without them; `exchanged` (k,) what all the exchanged ones hold.
    `steps` (k,) is how far the exchange took the estimate from that of the base, and `moves` (k,)
    how far a second look at the changed creators takes it on: in its standard errors (as a tenth
    of the ratio is of a log where it has none), without end where there is nothing to compare.
    """

    view: View
    weight: Floats
    without: Floats
    exchanged: Floats
    steps: Floats
    moves: Floats

    def is_rough(self, i: int) -> bool:
        """Return whether one step is too little for the line: it is long, and exchanges most of it.

        Or a second look does not find what the first one did.
        """
        is_poisson = self.view.design.question.model is Model.POISSON
        is_much = self.exchanged[i] > MOST_WEIGHT and self.steps[i] > ROUGH
        return is_poisson and bool(is_much or self.moves[i] > ROUGH)


@dataclass(frozen=True, slots=True, eq=False)
class Fresh:
    """Rows (n,) of the new pool: the changed creators', the others' that took part before."""

    rows: Bools
    others: Bools
    hidden: Mapping[int, Reason]


def fit_base(built: Design) -> Base | str:
    """Fit what is needed of the base; in words, why there is no estimate."""
    if not len(built.rows):
        return TOO_FEW
    raw, rows = raw_of(built), np.ones(len(built.rows), dtype=np.bool_)
    gone: tuple[int, ...] = ()
    hidden: dict[int, Reason] = {}
    slopes = np.zeros(len(raw.names))
    if built.question.model is Model.POISSON:
        counts = fit_counts(built)
        if isinstance(counts, str):
            return counts
        rows, gone = np.isin(np.arange(len(rows)), counts.rows), counts.apart.columns
        hidden = dict.fromkeys(counts.apart.infinite, Reason.INFINITE)
        slopes = raw.weights[:, counts.ranks.kept] @ counts.fit.estimate
    parts = parts_of(built, raw, rows, slopes)
    allowed = [i for i in range(len(built.variables)) if i not in gone]
    view = _view(built, rows, parts, raw.weights, hidden, allowed)
    return view if isinstance(view, str) else Base(view, raw, parts, slopes, gone)


def exchange(
    base: Base, built: Design, changed: Collection[str], own: Collection[str]
) -> After | str:
    """Exchange the parts of the changed creators, and solve; tell what hangs on `own`, of them."""
    if not len(built.rows):
        return NO_AFTER.format(why=TOO_FEW)
    raw = raw_of(built)
    fresh = _fresh(base, built, raw, changed)
    if fresh is None:
        return KINDS
    at = {name: i for i, name in enumerate(dict.fromkeys((*base.raw.names, *raw.names)))}
    old, new = ([at[name] for name in names] for names in (base.raw.names, raw.names))
    weights, slopes = np.zeros((len(at), len(built.variables))), np.zeros(len(at))
    weights[new], slopes[old] = raw.weights, base.slopes
    is_new = np.isin(built.creators, list(changed))
    stay = ~np.isin(base.view.design.creators, list(changed))
    kept = place(choose(base.parts, stay), old, len(at))
    used, every = fresh.rows | fresh.others, range(len(built.variables))

    def solved(about: Floats) -> View | str:
        mine = choose(parts_of(built, raw, fresh.rows, about[new]), is_new)
        parts = together(kept, place(mine, new, len(at)))
        return _view(built, used, parts, weights, fresh.hidden, every)

    view = solved(slopes)
    if isinstance(view, str):
        return NO_AFTER.format(why=view)
    blocks, estimated = view.settled.blocks, list(view.settled.ranks.kept)
    names = np.array([*base.view.design.creators, *built.creators], dtype=object)
    among = names[np.append(stay, is_new)][view.settled.creators]
    is_own, leverage = np.isin(among, list(own)), partial_leverage(blocks)
    is_exact = built.question.model is Model.LEAST_SQUARES
    again = view if is_exact else solved(weights[:, estimated] @ blocks.estimate)
    return After(
        view,
        leverage[is_own].sum(axis=0),
        without(blocks, is_own),
        leverage[view.settled.creators >= stay.sum()].sum(axis=0),
        _away(view, base.view),
        _away(view, again),
    )


def _fresh(base: Base, built: Design, raw: Encoding, changed: Collection[str]) -> Fresh | None:
    """Choose the rows; None where too many of the changed ones are of a kind without a part.

    Of a level that had no estimate before and may have one now, the other creators' videos have
    no part; those of the changed creators leave, too, unless all of a creator's are of that level.
    """
    names = np.array(built.creators, dtype=object)[built.group]
    is_changed = np.isin(names, list(changed))
    before = np.array(base.view.design.creators, dtype=object)[base.view.design.group]
    others = np.zeros(len(names), dtype=np.bool_)
    others[~is_changed] = base.view.rows[~np.isin(before, list(changed))]
    if built.question.model is Model.LEAST_SQUARES:
        return Fresh(is_changed, others, {})
    apart = separated(built.x, built.outcome, built.group)
    gone = _names(base.raw, base.gone) - _names(raw, apart.columns)
    lost = np.array([name in gone for name in raw.names])
    varies = states(raw.columns[:, lost], built.group, len(built.creators)).varies
    of_gone = ((raw.columns[:, lost] != 0) & varies[built.group]).any(axis=1) & is_changed
    if of_gone.sum() > MOST_LOST * is_changed.sum():
        return None
    rows = np.flatnonzero(is_changed & ~of_gone & ~apart.rows)
    rows = rows[informative(built.outcome[rows], built.group[rows]).rows]
    open_before = {base.view.design.variables[j] for j in base.view.hidden}
    touched = raw.weights[lost].any(axis=0)
    hidden = {
        j: Reason.OPEN for j, variable in enumerate(built.variables)
        if touched[j] or variable in open_before
    }  # fmt: skip
    hidden |= dict.fromkeys(apart.infinite, Reason.INFINITE)
    return Fresh(np.isin(np.arange(len(names)), rows), others, hidden)


def _names(raw: Encoding, variables: Sequence[int]) -> set[tuple[str, str]]:
    return {raw.names[i] for j in variables for i in np.flatnonzero(raw.weights[:, j])}


def _view(
    built: Design,
    rows: Bools,
    parts: Parts,
    weights: Floats,
    hidden: Mapping[int, Reason],
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


def _away(view: View, other: View | str) -> Floats:
    """How far the estimates of a view are from another's, by variable; in the unit of `After`."""
    settled, variables = view.settled, view.design.variables
    known = {} if isinstance(other, str) else _estimates(other)
    mine = [variables[j] for j in settled.ranks.kept]
    theirs = np.array([known.get(variable, np.inf) for variable in mine])
    error, step = standard_errors(settled), np.array([variable.step for variable in mine])
    return np.abs(theirs - settled.blocks.estimate) / np.where(error > 0, error, 1 / step)


def _estimates(view: View) -> dict[Variable, float]:
    settled, variables = view.settled, view.design.variables
    names = [variables[j] for j in settled.ranks.kept]
    return dict(zip(names, settled.blocks.estimate.tolist(), strict=True))


def standard_errors(settled: Settled) -> Floats:
    """Standard errors (k,): NaN where some creator cannot be done without."""
    blocks = settled.blocks
    error: Floats = np.sqrt(np.diagonal(cr3(blocks, leave_one_out(blocks))))
    return np.where(settled.eventful[list(settled.ranks.kept)] > 1, error, np.nan)
