"""A question of a preview, solved: what its estimates rest on, and the product of two of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np

from pipeline.estimate.cluster_robust import cr3
from pipeline.estimate.grouping import Bools, Floats, Ints
from pipeline.estimate.sum_of_fits import Addend, summed, without_each
from pipeline.estimate.update import Settled
from pipeline.model.design import Design
from pipeline.model.reasons import Reason
from pipeline.model.variables import Variable

NOTHING = "nothing differs between the videos of a creator"


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A question solved: which rows (n,) took part, and the variables that have no estimate.

    `creators` (G,) are those of the blocks, `carriers` those within whom each variable varies.
    """

    design: Design
    rows: Bools
    settled: Settled
    hidden: Mapping[int, Reason]
    creators: tuple[str, ...]
    carriers: Ints

    def untold(self, j: int) -> Reason | None:
        """Return why the data do not tell variable j; None where they do."""
        if j in self.hidden:
            return self.hidden[j]
        if j in self.settled.ranks.kept:
            return None
        return Reason.ABSORBED if j in self.settled.ranks.absorbed else Reason.COLLINEAR

    @property
    def kept(self) -> tuple[Variable, ...]:
        """The variables (k,) that have an estimate."""
        return tuple(self.design.variables[j] for j in self.settled.ranks.kept)


def product(built: Design, views: Sequence[View]) -> View | str:
    """Add up the factors of a product: the variables that each tells, without each creator."""
    last = views[-1]
    common = [each for each in last.kept if all(each in view.kept for view in views)]
    if not common:
        return NOTHING
    names = tuple(sorted({name for view in views for name in view.creators}))
    addends, eventful, carriers = [], [], []
    for view in views:
        columns = np.array([view.kept.index(each) for each in common], dtype=np.int64)
        noise = 1.0 if view.design.question.model.is_counted else view.settled.noise
        blocks = view.settled.blocks
        scaled = replace(
            blocks, information=blocks.information / noise, scores=blocks.scores / noise
        )
        at = np.array([names.index(name) for name in view.creators], dtype=np.int64)
        addends.append(Addend(scaled, columns, at))
        eventful.append(_of(built, view, view.settled.eventful))
        carriers.append(_of(built, view, view.carriers))
    left_out = [view.settled.left_out for view in views]
    known = [each for each in left_out if each is not None]
    settled = replace(
        last.settled,
        blocks=summed(addends, len(names)),
        ranks=replace(last.settled.ranks, kept=tuple(built.variables.index(v) for v in common)),
        eventful=reduce(np.minimum, eventful),
        left_out=without_each(addends, known, len(names)),
    )
    hidden: dict[int, Reason] = {}
    for j, variable in enumerate(built.variables):
        for view in views:
            if variable not in view.design.variables:
                hidden[j] = Reason.APART
            elif reason := view.untold(view.design.variables.index(variable)):
                hidden[j] = reason
    return View(built, last.rows, settled, hidden, names, reduce(np.minimum, carriers))


def _of(built: Design, view: View, values: Ints) -> Ints:
    """A factor's counts, in the order of the product's variables; 0 of one that it has not."""
    at = {
        variable: int(count) for variable, count in zip(view.design.variables, values, strict=True)
    }
    return np.array([at.get(variable, 0) for variable in built.variables], dtype=np.int64)


def standard_errors(settled: Settled) -> Floats:
    """Standard errors (k,): NaN where some creator cannot be done without."""
    if settled.left_out is None:
        raise ValueError("one creator: nothing can be left out")
    error: Floats = np.sqrt(np.diagonal(cr3(settled.blocks, settled.left_out)))
    return np.where(settled.eventful[list(settled.ranks.kept)] > 1, error, np.nan)
