"""A question of a preview, solved: what its estimates rest on, and the product of two of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np

from pipeline.estimate.cluster_robust import cr3, effective_creators, model_errors
from pipeline.estimate.grouping import Bools, Floats, Ints
from pipeline.estimate.sum_of_fits import Summand, match, summed, without_each
from pipeline.estimate.update import Settled
from pipeline.inference.estimates import ROUNDING, unpublished
from pipeline.model.design import Design, comparable
from pipeline.model.questions import Model
from pipeline.model.reasons import Reason
from pipeline.model.sample import in_trends, untold_knots
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
    def variance(self) -> float:
        """The variance of the outcome per unit of information: 1 but in least squares."""
        is_linear = self.design.question.model is Model.LEAST_SQUARES
        return self.settled.noise if is_linear else 1.0

    @property
    def kept(self) -> tuple[Variable, ...]:
        """The variables (k,) that have an estimate."""
        return tuple(self.design.variables[j] for j in self.settled.ranks.kept)


def product(built: Design, views: Sequence[View]) -> View | str:
    """Add up the factors of a product: the variables that each tells, without each creator."""
    last = views[-1]
    addends, names = match([_summand(view) for view in views])
    common = [last.kept[j] for j in addends[-1].columns]
    if not common:
        return NOTHING
    eventful = [_of(built, view, view.settled.eventful) for view in views]
    carriers = [_of(built, view, view.carriers) for view in views]
    settled = replace(
        last.settled,
        blocks=summed(addends, len(names)),
        ranks=replace(last.settled.ranks, kept=tuple(built.variables.index(v) for v in common)),
        eventful=reduce(np.minimum, eventful),
        left_out=without_each(addends, [view.settled.left_out for view in views], len(names)),
    )
    untold = {
        view.design.variables[j]: reason for view in views for j, reason in withheld(view).items()
    }
    untold |= {each: Reason.APART for each in built.variables if each not in {*common, *untold}}
    hidden = {j: untold[each] for j, each in enumerate(built.variables) if each in untold}
    return View(built, last.rows, settled, hidden, names, reduce(np.minimum, carriers))


def _summand(view: View) -> Summand:
    names = comparable(view.design, view.kept)
    return Summand(view.settled.blocks, view.variance, names, view.creators)


def _of(built: Design, view: View, values: Ints) -> Ints:
    """A factor's counts, in the order of the product's variables; 0 of one that it has not."""
    at = {
        variable: int(count) for variable, count in zip(view.design.variables, values, strict=True)
    }
    return np.array([at.get(variable, 0) for variable in built.variables], dtype=np.int64)


def withheld(view: View) -> dict[int, Reason]:
    """Say why the report has no estimate of some variables, by number."""
    blocks, carriers = view.settled.blocks, view.carriers
    steps = [variable.step for variable in view.kept]
    lines = zip(
        view.settled.ranks.kept, blocks.estimate * steps, effective_creators(blocks), strict=True
    )
    reasons = {j: unpublished(shown, carriers[j], effective) for j, shown, effective in lines}
    untold = {j: why for j in range(len(view.design.variables)) if (why := view.untold(j))}
    reasons |= untold_knots(view.design, view.rows, untold) | untold
    grown = in_trends(view.design, view.rows)
    is_absent = (Reason.ABSORBED, Reason.NO_CREATOR)
    return {
        j: Reason.TREND if reason in is_absent and grown[j] else reason
        for j, reason in reasons.items()
        if reason
    }


def standard_errors(view: View) -> Floats:
    """Standard errors (k,): NaN where creators do not differ, or one cannot be done without."""
    settled = view.settled
    if settled.left_out is None:
        raise ValueError("one creator: nothing can be left out")
    error: Floats = np.sqrt(np.diagonal(cr3(settled.blocks, settled.left_out)))
    has_error = settled.eventful[list(settled.ranks.kept)] > 1
    has_error &= error > ROUNDING * model_errors(settled.blocks, view.variance)
    return np.where(has_error, error, np.nan)
