"""What may be said of an estimate, by how many creators carry it; the verdicts are in `verdict`.

A pool of one creator speaks of that account only. In a larger one, an estimate carried by one
creator is not published, by two to four without an interval, by five or more with the jackknife
(CR3) and Student's t with the effective number of creators less one. From six on the p-value of
the wild cluster bootstrap stands beside it.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pipeline.estimate.cluster_robust import (
    Intervals,
    LeaveOneOut,
    cr3,
    effective_creators,
    effective_dof,
    t_interval,
)
from pipeline.estimate.grouping import Floats
from pipeline.inference.bootstrap_p_values import bootstrapped
from pipeline.inference.creator_estimates import CreatorEstimate, own_estimates
from pipeline.model.fit_result import Fit
from pipeline.model.variables import BEYOND, Variable

FEWEST_EFFECTIVE = 1.5
ENOUGH_CREATORS = 5
NOT_ESTIMABLE = "not estimable"
NOT_IDENTIFIED = "not identified"
ESTIMATE_ONLY = "estimate only"
WITHIN = "HC3-within"
NO_SPREAD = "the creators do not differ in it, which leaves nothing to tell an error from"


@dataclass(frozen=True, slots=True)
class Needed:
    """The creators, and the videos in all, at which an interval would be narrow enough to tell."""

    creators: int
    videos: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """One published line; None where the ladder publishes nothing.

    `estimate` is a log ratio (of what the question counts) per unit of the variable's log, or of
    the level against its reference; `ratio` is of a doubling for logs. `lowest` and `highest` are
    the estimates without one creator in turn (without one video, where the pool has one creator),
    `own` each creator's, where two to four carry it.
    `p_bootstrap` is the wild cluster bootstrap's (WCR-S), `q_value` the false discovery rate
    (Benjamini & Hochberg, 1995), `p_adjusted` Holm's; `needed` is what would make a line that
    cannot be told yet precise, and one that leans clear.
    """

    variable: Variable
    videos: int
    creators: int
    effective_creators: float | None = None
    estimate: float | None = None
    std_error: float | None = None
    statistic: float | None = None
    df: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    p_value: float | None = None
    p_bootstrap: float | None = None
    p_adjusted: float | None = None
    q_value: float | None = None
    lowest: float | None = None
    highest: float | None = None
    own: tuple[CreatorEstimate, ...] = ()
    needed: Needed | None = None
    method: str = ""
    verdict: str = ""
    why: str = ""
    leans: bool = False  # the 80 % interval excludes no difference

    def ratio(self, log_ratio: float | None) -> float | None:
        """Turn a log ratio of this line into a ratio."""
        return self.variable.ratio(log_ratio)

    @property
    def is_tested(self) -> bool:
        """Return whether it is one of the questions asked."""
        return self.variable.is_asked


def covariance(fit: Fit) -> Floats:
    """Covariance (k, k) of the estimates: CR3, or HC3 in a pool of one creator."""
    if fit.within is not None:
        return fit.within.covariance
    return cr3(fit.blocks, _without_each(fit)[0])


def estimates(fit: Fit) -> tuple[Estimate, ...]:
    """Climb the ladder with every variable of a fit, in the order of the question."""
    rows = _one_creator(fit) if fit.within is not None else _creators(fit)
    missing = [
        Estimate(
            each.variable, each.videos, each.creators,
            method=NOT_IDENTIFIED, verdict=NOT_IDENTIFIED, why=each.why,
        )
        for each in fit.unidentified
    ]  # fmt: skip
    gone = {row.variable for row in missing}  # some stay in the model, as a difference from another
    kept = [row for row in rows if row.variable not in gone]
    order = {variable: place for place, variable in enumerate(fit.design.variables)}
    return tuple(sorted((*kept, *missing), key=lambda row: order[row.variable]))


def told(fit: Fit) -> NDArray[np.bool_]:
    """Tell of each variable (k,) whether the ladder publishes an estimate of it."""
    return np.array([not _untold(fit, j) for j in range(len(fit.variables))], dtype=np.bool_)


def standard_errors(fit: Fit) -> Floats:
    """Standard errors (k,); NaN where a variable cannot be told without one of the creators."""
    if fit.within is not None:
        return np.sqrt(np.diagonal(fit.within.covariance))
    left_out, refits = _without_each(fit)
    shared: Floats = np.sqrt(np.diagonal(cr3(fit.blocks, left_out)))
    return np.where(refits.defined.all(axis=0), shared, np.nan)


def _without_each(fit: Fit) -> tuple[LeaveOneOut, LeaveOneOut]:
    if fit.left_out is None or fit.refits is None:
        raise ValueError("one creator: nothing can be left out")
    return fit.left_out, fit.refits


def _untold(fit: Fit, j: int) -> str:
    """Say why there is no estimate of variable j; "" where there is one."""
    if any(each.variable == fit.variables[j] for each in fit.unidentified):
        return "it stands for a difference from another"
    if abs(fit.blocks.estimate[j]) * fit.variables[j].step > BEYOND:
        return "its ratio runs beyond all bounds"
    if fit.within is not None:
        return "one video alone decides it" if fit.within.hinges[j] else ""
    if fit.varies_in[j] == 1:
        carried = fit.blocks.information[:, j, j]
        return f"{fit.sample.creators[int(carried.argmax())]} alone carries it"
    if effective_creators(fit.blocks)[j] < FEWEST_EFFECTIVE:
        return "one creator carries most of it"
    return ""


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
        if why := _untold(fit, j):
            rows.append(replace(row, method=NOT_ESTIMABLE, verdict=NOT_ESTIMABLE, why=why))
            continue
        estimate = float(fit.blocks.estimate[j])
        ends = (estimate + float(within.fall[j]), estimate + float(within.rise[j]))
        row = replace(row, effective_creators=1.0, lowest=ends[0], highest=ends[1])
        rows.append(replace(_filled(row, fit, j, error, df, interval), p_value=None))
    return rows


def _creators(fit: Fit) -> list[Estimate]:
    error, effective = standard_errors(fit), effective_creators(fit.blocks)
    df = effective_dof(effective)
    interval, narrow = (t_interval(fit.blocks.estimate, error, df, x) for x in (0.95, 0.8))
    rows = []
    for j, variable in enumerate(fit.variables):
        carriers = int(fit.varies_in[j])
        row = Estimate(variable, int(fit.videos_with[j]), carriers, float(effective[j]))
        if why := _untold(fit, j):
            rows.append(replace(row, method=NOT_ESTIMABLE, verdict=NOT_ESTIMABLE, why=why))
            continue
        row = _ranged(replace(row, estimate=float(fit.blocks.estimate[j])), fit, j)
        if carriers < ENOUGH_CREATORS:
            rows.append(replace(row, method=ESTIMATE_ONLY, own=own_estimates(fit, j)))
        elif not error[j] > 0:  # NaN where the jackknife is undefined
            rows.append(replace(row, method=ESTIMATE_ONLY, why=row.why or NO_SPREAD))
        else:
            leans = bool(narrow.low[j] > 0 or narrow.high[j] < 0)
            row = replace(row, method="CR3, t(G*-1)", leans=leans)
            rows.append(_filled(row, fit, j, error, df, interval))
    return _bootstrapped(fit, rows)


def _bootstrapped(fit: Fit, rows: list[Estimate]) -> list[Estimate]:
    p_values = bootstrapped(fit, [j for j, row in enumerate(rows) if row.std_error is not None])
    return [replace(row, p_bootstrap=p_values.get(j)) for j, row in enumerate(rows)]


def _ranged(row: Estimate, fit: Fit, j: int) -> Estimate:
    """Add where the estimate goes without one creator, and without whom there is none."""
    _, refits = _without_each(fit)
    told = refits.defined[:, j]
    needed = [name for name, known in zip(fit.sample.creators, told, strict=True) if not known]
    if needed:
        row = replace(row, why=f"without {' or '.join(needed)} it cannot be told")
    if not told.any():
        return row
    without = refits.estimates[told, j]
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
