"""Each creator's own estimate of a term, shown side by side where too few carry it to test."""

from dataclasses import dataclass

import numpy as np

from pipeline.estimate.grouping import Floats
from pipeline.estimate.linear import least_squares
from pipeline.estimate.poisson import PoissonFit, poisson
from pipeline.estimate.separation import separated
from pipeline.estimate.states import states
from pipeline.model.fit_result import Fit
from pipeline.model.questions import Model
from pipeline.model.variables import BEYOND


@dataclass(frozen=True, slots=True)
class CreatorEstimate:
    """What one creator's videos say of a term: a log ratio, None where it has no finite value.

    The other terms are held at the estimates of the pool: no creator has the videos to tell all of
    them. `videos` are the creator's in the fit, `videos_with` those that have the level, or differ
    from the creator's lowest value of a number.
    """

    creator: str
    videos: int
    videos_with: int
    estimate: float | None


def own_estimates(fit: Fit, j: int) -> tuple[CreatorEstimate, ...]:
    """Estimate variable j in each creator within whom it varies, in the order of their names."""
    by_creator = []
    for number in np.unique(fit.sample.group).tolist():
        mine = fit.sample.group == number
        x = fit.sample.x[mine, j]
        if x.min() == x.max():
            continue
        others = np.delete(np.arange(fit.sample.x.shape[1]), j)
        held = fit.sample.x[mine][:, others] @ fit.blocks.estimate[others]
        estimate = _slope(fit, x[:, None], fit.sample.y[mine], fit.sample.offset[mine], held)
        if estimate is not None and abs(estimate) * fit.variables[j].step > BEYOND:
            estimate = None
        with_it = int((x != x.min()).sum())
        by_creator.append(
            CreatorEstimate(fit.sample.creators[number], int(mine.sum()), with_it, estimate)
        )
    return tuple(by_creator)


def _slope(fit: Fit, x: Floats, y: Floats, offset: Floats, held: Floats) -> float | None:
    one = np.zeros(len(y), dtype=np.int64)
    if fit.design.question.model is Model.LEAST_SQUARES:
        if len(y) < 3:
            return None
        return float(least_squares(states(np.column_stack([x, y - held]), one), 1, [0]).estimate[0])
    if len(y) < 3 or not y.any() or separated(x, y, one).columns:
        return None
    own = poisson(x, y, one, offset + held)
    return float(own.estimate[0]) if isinstance(own, PoissonFit) else None
