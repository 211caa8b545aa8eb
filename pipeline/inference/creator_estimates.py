"""Each creator's own estimate of a term, shown side by side where too few carry it to test."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from pipeline.estimate.grouping import Bools, Floats
from pipeline.estimate.linear import least_squares
from pipeline.estimate.separation import separated
from pipeline.estimate.states import states
from pipeline.estimate.weighted_counts import ReweightedFit, reweighted
from pipeline.model.fit_result import Fit
from pipeline.model.sample import carried
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
    if fit.factors:
        return _of_product(fit, j)
    by_creator, has, values = [], _has(fit)[:, j], _values(fit)[:, j]
    for number in np.flatnonzero(_carried(fit)[:, j]).tolist():
        mine = fit.sample.group == number
        x, is_number = fit.sample.x[mine, j], fit.variables[j].is_log
        others = np.delete(np.arange(fit.sample.x.shape[1]), j)
        held = fit.sample.x[mine][:, others] @ fit.blocks.estimate[others]
        estimate = _slope(fit, x[:, None], fit.sample.y[mine], fit.sample.offset[mine], held)
        if estimate is not None and abs(estimate) * fit.variables[j].step > BEYOND:
            estimate = None
        with_it = int((values[mine] != values[mine].min()).sum() if is_number else has[mine].sum())
        by_creator.append(
            CreatorEstimate(fit.sample.creators[number], int(mine.sum()), with_it, estimate)
        )
    return tuple(by_creator)


@lru_cache(maxsize=8)
def _has(fit: Fit) -> Bools:
    return fit.has


@lru_cache(maxsize=8)
def _values(fit: Fit) -> Floats:
    return fit.values


@lru_cache(maxsize=8)
def _carried(fit: Fit) -> Bools:
    return carried(fit)


def _of_product(fit: Fit, j: int) -> tuple[CreatorEstimate, ...]:
    """Add up what each creator's videos say of every factor; the videos are those of the last."""
    of_factors = [
        {
            each.creator: each
            for each in own_estimates(factor, factor.variables.index(fit.variables[j]))
        }
        for factor in fit.factors
    ]
    shared = [name for name in of_factors[-1] if all(name in each for each in of_factors)]
    return tuple(
        replace(of_factors[-1][name], estimate=_total([each[name] for each in of_factors]))
        for name in shared
    )


def _total(each: Sequence[CreatorEstimate]) -> float | None:
    values = [one.estimate for one in each if one.estimate is not None]
    return sum(values) if len(values) == len(each) else None


def _slope(fit: Fit, x: Floats, y: Floats, offset: Floats, held: Floats) -> float | None:
    one = np.zeros(len(y), dtype=np.int64)
    if not fit.design.question.model.is_counted:
        if len(y) < 3:
            return None
        return float(least_squares(states(np.column_stack([x, y - held]), one), 1, [0]).estimate[0])
    if len(y) < 3 or not y.any() or separated(x, y, one).columns:
        return None
    own = reweighted(x, y, one, offset + held, dispersion=fit.dispersion)
    return float(own.estimate[0]) if isinstance(own, ReweightedFit) else None
