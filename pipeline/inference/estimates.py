"""What may be said of an estimate, by how many creators carry it.

A pool of one creator speaks of that account only. In a larger one, an estimate carried by one
creator is not published, by two to four without an interval, by five or more with the jackknife
(CR3) and Student's t with the effective number of creators less one.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from pipeline.estimate.cluster_robust import (
    Intervals,
    LeaveOneOut,
    cr3,
    effective_creators,
    effective_dof,
    model_errors,
    t_interval,
)
from pipeline.estimate.grouping import Floats
from pipeline.inference.creator_estimates import own_estimates
from pipeline.inference.published_line import Estimate, Verdict
from pipeline.inference.thresholds import FEWEST_CREATORS, FEWEST_EFFECTIVE, INTERVAL_CREATORS
from pipeline.model.fit_result import Fit
from pipeline.model.reasons import Reason
from pipeline.model.sample import INFINITE, TREND, carried, in_trends, untold_knots
from pipeline.model.variables import BEYOND, Variable

NOT_ESTIMABLE, NOT_IDENTIFIED = Verdict.NOT_ESTIMABLE, Verdict.NOT_IDENTIFIED  # methods as well
ESTIMATE_ONLY = "estimate only"
WITHIN = "HC3-within"
SAYS = {
    Reason.DIFFERENCE: "it stands for a difference from another line",
    Reason.BEYOND: "its ratio runs beyond all bounds",
    Reason.NO_VIDEO: "no video with a {event} count is close to it, or to what it is compared with",
    Reason.FEW_VALUES: "too few different values were noted to tell a curve",
    Reason.INFINITE: INFINITE,
    Reason.ONE_VIDEO: "one video alone decides it",
    Reason.TREND: TREND,
    Reason.NO_CREATOR: "no creator has made such videos and those it is compared with",
    Reason.ONE_CREATOR: "only one creator's videos can tell",
    Reason.MOSTLY_ONE: "most of what is known about it comes from one creator",
}
ROUNDING = 1e-6  # of the error that the model itself gives, below which creators are alike
NO_SPREAD = "the creators do not differ in it, so no error can be worked out"


def covariance(fit: Fit) -> Floats:
    """Covariance (k, k) of the estimates: CR3, or HC3 in a pool of one creator."""
    if fit.within is not None:
        return fit.within.covariance
    return cr3(fit.blocks, _without_each(fit)[0])


def estimates(fit: Fit) -> tuple[Estimate, ...]:
    """List what may be published of every variable of a fit, in the order of the question."""
    rows = _one_creator(fit) if fit.within is not None else _creators(fit)
    missing = [
        Estimate(
            each.variable, each.videos, each.creators,
            method=NOT_IDENTIFIED, verdict=NOT_IDENTIFIED, why=each.why, reason=each.reason,
        )
        for each in fit.unidentified
    ]  # fmt: skip
    gone = {row.variable for row in missing}  # some stay in the model, as a difference from another
    kept = [row for row in rows if row.variable not in gone]
    order = {variable: place for place, variable in enumerate(fit.design.variables)}
    return tuple(sorted((*kept, *missing), key=lambda row: order[row.variable]))


def has_estimate(fit: Fit) -> NDArray[np.bool_]:
    """Return of each variable (k,) whether an estimate of it is published."""
    return np.array([not _untold(fit, j) for j in range(len(fit.variables))], dtype=np.bool_)


def standard_errors(fit: Fit) -> Floats:
    """Standard errors (k,); NaN where a variable cannot be told without one of the creators.

    And where the creators do not differ in it: what is left then is rounding.
    """
    if fit.within is not None:
        return np.sqrt(np.diagonal(fit.within.covariance))
    left_out, refits = _without_each(fit)
    shared: Floats = np.sqrt(np.diagonal(cr3(fit.blocks, left_out)))
    has_spread = shared > ROUNDING * model_errors(fit.blocks, fit.noise)
    return np.where(refits.defined.all(axis=0) & has_spread, shared, np.nan)


def _without_each(fit: Fit) -> tuple[LeaveOneOut, LeaveOneOut]:
    if fit.left_out is None or fit.refits is None:
        raise ValueError("one creator: nothing can be left out")
    return fit.left_out, fit.refits


def unpublished(log_ratio: float, carriers: int, effective: float) -> Reason | None:
    """Return why an estimate of several creators is not published; None where it is.

    `log_ratio` is that which is shown; so many creators carry it, `effective` of them in effect.
    """
    if abs(log_ratio) > BEYOND:
        return Reason.BEYOND
    if carriers < FEWEST_CREATORS:
        return Reason.ONE_CREATOR if carriers else Reason.NO_CREATOR
    return Reason.MOSTLY_ONE if effective < FEWEST_EFFECTIVE else None


def _untold(fit: Fit, j: int) -> Reason | None:
    """Return why there is no estimate of variable j; None where there is one."""
    if any(each.variable == fit.variables[j] for each in fit.unidentified):
        return Reason.DIFFERENCE
    for factor in fit.factors:
        if reason := _untold(factor, factor.variables.index(fit.variables[j])):
            return reason
    if reason := _untold_knots(fit).get(fit.variables[j]):
        return reason
    shown = fit.blocks.estimate[j] * fit.variables[j].step
    if fit.within is None:
        why = unpublished(shown, fit.varies_in[j], effective_creators(fit.blocks)[j])
        return Reason.TREND if why is Reason.NO_CREATOR and _in_trends(fit, j) else why
    if abs(shown) > BEYOND:
        return Reason.BEYOND
    return Reason.ONE_VIDEO if fit.within.hinges[j] else None


def _in_trends(fit: Fit, j: int) -> bool:
    used = np.isin(fit.design.rows, fit.sample.rows)
    return bool(in_trends(fit.design, used)[fit.design.variables.index(fit.variables[j])])


@lru_cache(maxsize=8)
def _untold_knots(fit: Fit) -> Mapping[Variable, Reason]:
    numbers = {variable: j for j, variable in enumerate(fit.design.variables)}
    untold = {numbers[each.variable]: each.reason for each in fit.unidentified}
    used = np.isin(fit.design.rows, fit.sample.rows)
    reasons = untold_knots(fit.design, used, untold)
    return {fit.design.variables[j]: reason for j, reason in reasons.items()}


def _only_creator(fit: Fit, j: int) -> str:
    """Name the creator who alone carries variable j, of a product in the factor where that is."""
    for factor in fit.factors:
        at = factor.variables.index(fit.variables[j])
        if factor.varies_in[at] == 1:
            return _only_creator(factor, at)
    return fit.sample.creators[int(carried(fit)[:, j].argmax())]


def _not_estimable(row: Estimate, reason: Reason, fit: Fit, j: int) -> Estimate:
    why = SAYS[reason].format(event=fit.design.question.event)
    if reason is Reason.ONE_CREATOR:
        why = f"only {_only_creator(fit, j)}'s videos can tell"
    return replace(row, method=NOT_ESTIMABLE, verdict=NOT_ESTIMABLE, why=why, reason=reason)


def _one_creator(fit: Fit) -> list[Estimate]:
    within = fit.within
    if within is None:
        raise ValueError("more than one creator")
    k = len(fit.variables)
    error = standard_errors(fit)
    df = np.full(k, float(len(fit.sample.y) - k - 1))
    interval = t_interval(fit.blocks.estimate, error, df)
    rows = []
    for j, variable in enumerate(fit.variables):
        row = Estimate(variable, int(fit.videos_with[j]), 1, method=WITHIN)
        if reason := _untold(fit, j):
            rows.append(_not_estimable(row, reason, fit, j))
            continue
        estimate = float(fit.blocks.estimate[j])
        ends = (estimate + float(within.fall[j]), estimate + float(within.rise[j]))
        row = replace(row, effective_creators=1.0, lowest=ends[0], highest=ends[1])
        rows.append(replace(_filled(row, fit, j, error, df, interval), p_value=None))
    return rows


def _creators(fit: Fit) -> list[Estimate]:
    error, effective = standard_errors(fit), effective_creators(fit.blocks)
    df = effective_dof(effective)
    interval = t_interval(fit.blocks.estimate, error, df)
    rows = []
    for j, variable in enumerate(fit.variables):
        carriers = int(fit.varies_in[j])
        row = Estimate(variable, int(fit.videos_with[j]), carriers, float(effective[j]))
        if reason := _untold(fit, j):
            rows.append(_not_estimable(row, reason, fit, j))
            continue
        row = _ranged(replace(row, estimate=float(fit.blocks.estimate[j])), fit, j)
        if carriers < INTERVAL_CREATORS:
            rows.append(replace(row, method=ESTIMATE_ONLY, own=own_estimates(fit, j)))
        elif np.isnan(error[j]):
            rows.append(replace(row, method=ESTIMATE_ONLY, why=row.why or NO_SPREAD))
        else:
            row = replace(row, method="CR3, t(G*-1)")
            rows.append(_filled(row, fit, j, error, df, interval))
    return rows


def _ranged(row: Estimate, fit: Fit, j: int) -> Estimate:
    """Add where the estimate goes without one creator, and without whom there is none."""
    _, refits = _without_each(fit)
    is_defined = refits.defined[:, j]
    needed = [
        name for name, known in zip(fit.sample.creators, is_defined, strict=True) if not known
    ]
    if needed:
        row = replace(row, why=f"it cannot be estimated without {' or '.join(needed)}")
    if not is_defined.any():
        return row
    without = refits.estimates[is_defined, j]
    return replace(row, lowest=float(without.min()), highest=float(without.max()))


def _filled(row: Estimate, fit: Fit, j: int, error: Floats, df: Floats, at: Intervals) -> Estimate:
    return replace(
        row,
        estimate=float(fit.blocks.estimate[j]),
        std_error=float(error[j]),
        statistic=float(at.statistic[j]),
        df=float(df[j]),
        ci_low=float(at.low[j]),
        ci_high=float(at.high[j]),
        p_value=float(at.p_value[j]),
    )
