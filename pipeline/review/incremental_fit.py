"""A question fitted once, and solved again with the parts of some creators exchanged.

The base is fitted once, and of each creator a quadratic is kept, by column before rare levels are
summed. Those of the changed creators are exchanged for new ones, made of their own rows only, and
the sum is solved: exact in least squares, one scoring step from the base in fits of counts, at the
dispersion of the base. Of a product that is done with each factor.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.estimate.grouping import Bools, Floats
from pipeline.estimate.separation import informative, separated
from pipeline.estimate.states import states
from pipeline.estimate.update import Parts, choose, place, settle, together, without
from pipeline.model.design import Design
from pipeline.model.encoding import Encoding, parts_of, raw_of
from pipeline.model.fit import ALL_ALIKE, EXACT, NO_ERROR, TOO_FAR, TOO_FEW, fit_counts
from pipeline.model.questions import Model
from pipeline.model.reasons import Reason
from pipeline.model.sample import carriers as creators_with
from pipeline.review.exchange_result import After, compared, estimates_of
from pipeline.review.solved_view import NOTHING, View, product

MOST_LOST = 0.1  # of the changed videos, that may be of a kind without an estimate before
NO_AFTER = "there is no longer an estimate: {why}"
ONE = "one creator's videos say something about that account only"
KINDS = "too many of these videos are of a kind that had no estimate: the next report will tell"


@dataclass(frozen=True, slots=True, eq=False)
class Base:
    """The fit before, with the parts of `design.creators` by the columns of `raw`.

    `slopes` (p,) are those about which the parts are made; `gone` the variables without a part.
    `dispersion` is that of a fit of counts.
    """

    view: View
    raw: Encoding
    parts: Parts
    slopes: Floats
    gone: tuple[int, ...]
    dispersion: float


@dataclass(frozen=True, slots=True, eq=False)
class ProductBase:
    """The fit before of a product, and those of its factors."""

    view: View
    factors: tuple[Base, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Fresh:
    """Rows (n,) of the new pool: the changed creators', the others' that took part before."""

    rows: Bools
    others: Bools
    hidden: Mapping[int, Reason]


def fit_base(built: Design) -> Base | ProductBase | str:
    """Fit what is needed of the base; in words, why there is no estimate."""
    if not built.factors:
        return _fit_base(built)
    factors = []
    for each in map(_fit_base, built.factors):
        if isinstance(each, str):
            return each
        factors.append(each)
    view = product(built, [each.view for each in factors])
    return view if isinstance(view, str) else ProductBase(view, tuple(factors))


def _fit_base(built: Design) -> Base | str:
    if not len(built.rows):
        return TOO_FEW
    raw, rows = raw_of(built), np.ones(len(built.rows), dtype=np.bool_)
    gone: tuple[int, ...] = ()
    hidden: dict[int, Reason] = {}
    slopes, dispersion = np.zeros(len(raw.names)), 0.0
    if built.question.model.is_counted:
        counts = fit_counts(built)
        if isinstance(counts, str):
            return counts
        rows, gone = np.isin(np.arange(len(rows)), counts.rows), counts.apart.columns
        hidden = dict.fromkeys(counts.apart.infinite, Reason.INFINITE)
        slopes = raw.weights[:, counts.ranks.kept] @ counts.fit.estimate
        dispersion = counts.fit.dispersion
    parts = parts_of(built, raw, rows, slopes, dispersion)
    allowed = [i for i in range(len(built.variables)) if i not in gone]
    view = _view(built, rows, parts, raw.weights, hidden, allowed, built.creators)
    if isinstance(view, str):
        return view
    return Base(view, raw, parts, slopes, gone, dispersion)


def exchange(
    base: Base | ProductBase, built: Design, changed: Collection[str], own: Collection[str]
) -> After | str:
    """Exchange the parts of the changed creators, and solve; tell what hangs on `own`, of them."""
    if isinstance(base, Base):
        return _exchange(base, built, changed, own)
    each = []
    for factor, mine in zip(base.factors, built.factors, strict=True):
        after = _exchange(factor, mine, changed, own)
        if isinstance(after, str):
            return after
        each.append(after)
    view = product(built, [after.view for after in each])
    if isinstance(view, str):
        return NO_AFTER.format(why=view)
    seen = [after.again for after in each if isinstance(after.again, View)]
    again = product(built, seen) if len(seen) == len(each) else NOTHING
    without_own = np.zeros(len(view.kept))
    for after in each:
        at = [after.view.kept.index(variable) for variable in view.kept]
        without_own += after.without[at]
    half = [  # what an exchange leaves exact, and the rest as it was
        estimates_of(factor.view if after.view.design.question.model.is_counted else after.view)
        for factor, after in zip(base.factors, each, strict=True)
    ]
    before = {
        variable: sum(known[variable] for known in half)
        for variable in view.kept
        if all(variable in known for known in half)
    }
    return compared(before, view, again, without_own, changed, own)


def _exchange(
    base: Base, built: Design, changed: Collection[str], own: Collection[str]
) -> After | str:
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
    before = [name for name, stays in zip(base.view.design.creators, stay, strict=True) if stays]
    names = [*before, *(name for name in built.creators if name in changed)]

    def solved(about: Floats) -> View | str:
        mine = parts_of(built, raw, fresh.rows, about[new], base.dispersion)
        mine = choose(mine, is_new)
        parts = together(kept, place(mine, new, len(at)))
        return _view(built, used, parts, weights, fresh.hidden, every, names)

    view = solved(slopes)
    if isinstance(view, str):
        return NO_AFTER.format(why=view)
    blocks, estimated = view.settled.blocks, list(view.settled.ranks.kept)
    is_exact = built.question.model is Model.LEAST_SQUARES
    again = view if is_exact else solved(weights[:, estimated] @ blocks.estimate)
    without_own = without(blocks, np.isin(view.creators, list(own)))
    return compared(estimates_of(base.view), view, again, without_own, changed, own)


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
    if not built.question.model.is_counted:
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
    creators: Sequence[str],
) -> View | str:
    """Solve parts; in words, why that leaves no estimate that the report would show."""
    try:
        settled = settle(parts, weights, variables)
    except ValueError:
        return TOO_FAR
    kept = settled.ranks.kept
    if settled.residual_dof <= 0:
        return TOO_FEW
    if not settled.whole.varies[:, -1].any():
        return ALL_ALIKE
    spread = settled.whole.products[:, -1, -1].sum()
    left = settled.noise * settled.residual_dof
    if built.question.model is Model.LEAST_SQUARES and left < EXACT * spread:
        return NO_ERROR
    if len(settled.creators) == 1:
        return ONE
    carriers = creators_with(built, rows, range(len(built.variables)))
    names = tuple(creators[i] for i in settled.creators.tolist())
    return View(built, rows, settled, hidden, names, carriers) if kept else NOTHING
