"""What an exchange of creators' parts moves, and how far one step can be trusted."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from pipeline.estimate.cluster_robust import partial_leverage
from pipeline.estimate.grouping import Floats
from pipeline.model.questions import Model
from pipeline.model.variables import Variable
from pipeline.review.solved_view import View, standard_errors

ROUGH = 0.1  # of the standard error, by which a second look may move a line that is shown
MOST_WEIGHT = 0.5  # of a line of counts, that a step longer than that can exchange


@dataclass(frozen=True, slots=True, eq=False)
class After:
    """The exchange solved; of each variable kept two weights, the estimate without, and two moves.

    `weight` (k,) is what the creators asked about hold of all that is known, `without` (k,) the
    estimate without them; `exchanged` (k,) what all the exchanged ones hold.
    `steps` (k,) is how far the exchange took the estimate from that of the base (of a product, by
    what is not exact), and `moves` (k,) how far a second look at the changed creators takes it on:
    in its standard errors (as a tenth ratio is of a log where it has none), without end where there
    is nothing to compare. `again` is that second look.
    """

    view: View
    again: View | str
    weight: Floats
    without: Floats
    exchanged: Floats
    steps: Floats
    moves: Floats

    def is_rough(self, i: int) -> bool:
        """Return whether one step is too little for the line: it is long, and exchanges most of it.

        Or a second look does not find what the first one did.
        """
        is_exact = self.view.design.question.model is Model.LEAST_SQUARES
        is_much = self.exchanged[i] > MOST_WEIGHT and self.steps[i] > ROUGH
        return not is_exact and bool(is_much or self.moves[i] > ROUGH)


def compared(
    before: Mapping[Variable, float],
    view: View,
    again: View | str,
    without_own: Floats,
    changed: Collection[str],
    own: Collection[str],
) -> After:
    """Weigh an exchange against the base, and against a second look at the changed creators."""
    leverage = partial_leverage(view.settled.blocks)
    weight, exchanged = (
        leverage[np.isin(view.creators, list(names))].sum(axis=0) for names in (own, changed)
    )
    seen = {} if isinstance(again, str) else estimates_of(again)
    steps, moves = _away(view, before), _away(view, seen)
    return After(view, again, weight, without_own, exchanged, steps, moves)


def _away(view: View, known: Mapping[Variable, float]) -> Floats:
    """How far the estimates of a view are from others, by variable; in the unit of `After`."""
    settled = view.settled
    theirs = np.array([known.get(variable, np.inf) for variable in view.kept])
    error, step = standard_errors(view), np.array([variable.step for variable in view.kept])
    return np.abs(theirs - settled.blocks.estimate) / np.where(error > 0, error, 1 / step)


def estimates_of(view: View) -> dict[Variable, float]:
    """The estimate of each variable kept."""
    return dict(zip(view.kept, view.settled.blocks.estimate.tolist(), strict=True))
