"""What may be said of an estimate: by how many creators carry it, and by a stated rule.

A pool of one creator speaks of that account only. In a larger one, an estimate carried by one
creator is not published, by two to four without an interval, by five or more with the jackknife
(CR3) and Student's t with the effective number of creators less one.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from pipeline.design import RARE, UNKNOWN, Floats, Variable
from pipeline.estimate.inference import (
    Intervals,
    LeaveOneOut,
    cr3,
    effective_creators,
    effective_dof,
    leave_one_out,
    t_interval,
)
from pipeline.fitted import Fit
from pipeline.questions import Part

FEWEST_EFFECTIVE = 1.5
ENOUGH_CREATORS = 5
LEVEL = 0.05
CLEAR, LEANING, CANNOT_TELL = "clear", "leaning", "can't tell yet"
THIS_ACCOUNT = "this account only"
TOO_FEW = "too few creators to test"
NOT_ESTIMABLE = "not estimable"
NOT_IDENTIFIED = "not identified"
NO_SPREAD = "the creators do not differ in it, which leaves nothing to tell an error from"


@dataclass(frozen=True, slots=True)
class Estimate:
    """One published line; None where the ladder publishes nothing.

    `estimate` is a log ratio (of followers, or of 1 + followers in least squares) per unit of the
    variable's log, or of the level against its reference; `ratio` is of a doubling for logs.
    `lowest` and `highest` are the estimates without one creator in turn.
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
    p_adjusted: float | None = None
    lowest: float | None = None
    highest: float | None = None
    method: str = ""
    verdict: str = ""
    why: str = ""
    excludes_none_at_80: bool = False

    def ratio(self, log_ratio: float | None) -> float | None:
        """Turn a log ratio into a ratio; of a doubling, where the variable is a log."""
        if log_ratio is None:
            return None
        return float(np.exp(log_ratio * (np.log(2) if self.variable.is_log else 1)))

    @property
    def is_tested(self) -> bool:
        """Tell whether it is one of the questions asked: not context, unknown or rare levels."""
        asked = self.variable.part is not Part.CONTEXT
        return asked and self.variable.level not in (UNKNOWN, RARE)


def covariance(fit: Fit) -> Floats:
    """Covariance (k, k) of the estimates: CR3, or HC3 in a pool of one creator."""
    if fit.within is not None:
        return fit.within.covariance
    return cr3(fit.blocks, leave_one_out(fit.blocks))


def estimates(fit: Fit) -> tuple[Estimate, ...]:
    """Climb the ladder with every variable of a fit, in the order of the question."""
    rows = _one_creator(fit) if fit.within is not None else _with_verdicts(_creators(fit))
    missing = [
        replace(
            Estimate(each.variable, each.videos, each.creators, why=each.why),
            method=NOT_IDENTIFIED,
            verdict=NOT_IDENTIFIED,
        )
        for each in fit.unidentified
    ]
    order = {variable: place for place, variable in enumerate(fit.design.variables)}
    return tuple(sorted((*rows, *missing), key=lambda row: order[row.variable]))


def _one_creator(fit: Fit) -> list[Estimate]:
    within = fit.within
    if within is None:
        raise ValueError("more than one creator")
    k = len(fit.variables)
    error = np.sqrt(np.diagonal(within.covariance))
    df = np.full(k, float(len(fit.sample.y) - k - 1))
    interval = t_interval(fit.blocks.estimate, error, df)
    rows = []
    for j, variable in enumerate(fit.variables):
        row = Estimate(variable, int(fit.videos_with[j]), 1, method="HC3-within")
        if within.hinges[j]:
            why = "one video alone decides it"
            rows.append(replace(row, method=NOT_ESTIMABLE, verdict=NOT_ESTIMABLE, why=why))
            continue
        row = replace(row, verdict=THIS_ACCOUNT, effective_creators=1.0)
        rows.append(replace(_filled(row, fit, j, error, df, interval), p_value=None))
    return rows


def _creators(fit: Fit) -> list[Estimate]:
    left_out, effective = leave_one_out(fit.blocks), effective_creators(fit.blocks)
    error = np.sqrt(np.diagonal(cr3(fit.blocks, left_out)))
    df = effective_dof(effective)
    interval, narrow = (t_interval(fit.blocks.estimate, error, df, x) for x in (0.95, 0.8))
    rows = []
    for j, variable in enumerate(fit.variables):
        carriers = int(fit.varies_in[j])
        row = Estimate(variable, int(fit.videos_with[j]), carriers, float(effective[j]))
        if carriers == 1 or effective[j] < FEWEST_EFFECTIVE:
            why = (
                f"{_creator(fit, j)} alone carries it"
                if carriers == 1
                else "one creator carries most of it"
            )
            rows.append(replace(row, method=NOT_ESTIMABLE, verdict=NOT_ESTIMABLE, why=why))
        elif carriers < ENOUGH_CREATORS:
            row = replace(_ranged(row, fit, j, left_out), verdict=TOO_FEW, method="estimate only")
            rows.append(replace(row, estimate=float(fit.blocks.estimate[j])))
        elif not error[j] > 0:  # NaN where the jackknife is undefined
            row = replace(row, estimate=float(fit.blocks.estimate[j]))
            why = NO_SPREAD if error[j] == 0 else "without one of its creators it could not be told"
            rows.append(replace(row, method="estimate only", verdict=TOO_FEW, why=why))
        else:
            row = replace(_ranged(row, fit, j, left_out), method="CR3, t(G*-1)")
            excludes = bool(narrow.low[j] > 0 or narrow.high[j] < 0)
            row = _filled(row, fit, j, error, df, interval)
            rows.append(replace(row, excludes_none_at_80=excludes))
    return rows


def _creator(fit: Fit, j: int) -> str:
    """Name the one creator within whom a variable varies."""
    carried = fit.blocks.information[:, j, j]
    return fit.sample.creators[int(carried.argmax())]


def _ranged(row: Estimate, fit: Fit, j: int, left_out: LeaveOneOut) -> Estimate:
    without = left_out.estimates[left_out.defined[:, j], j]
    if not len(without):  # each of its creators is needed to tell it
        return row
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


def _with_verdicts(rows: Iterable[Estimate]) -> list[Estimate]:
    """Adjust the p-values of the questions asked (Holm, 1979), and give the verdicts."""
    from statsmodels.stats.multitest import multipletests  # slow to import

    rows = list(rows)
    tested = [i for i, row in enumerate(rows) if row.is_tested and row.p_value is not None]
    if tested:
        adjusted = multipletests([rows[i].p_value for i in tested], method="holm")[1]
        for i, p in zip(tested, adjusted, strict=True):
            rows[i] = replace(rows[i], p_adjusted=float(p))
    return [replace(row, verdict=_verdict(row)) if not row.verdict else row for row in rows]


def _verdict(row: Estimate) -> str:
    if not row.is_tested:
        return "context" if row.variable.part is Part.CONTEXT else ""
    one_sign = row.lowest is not None and row.highest is not None and row.lowest * row.highest > 0
    if row.p_adjusted is not None and row.p_adjusted < LEVEL and one_sign:
        return CLEAR
    return LEANING if row.excludes_none_at_80 else CANNOT_TELL
