"""What may be said of an estimate, by how many creators carry it; the verdicts are in `verdict`.

A pool of one creator speaks of that account only. In a larger one, an estimate carried by one
creator is not published, by two to four without an interval, by five or more with the jackknife
(CR3) and Student's t with the effective number of creators less one. From six on the p-value of
the wild cluster bootstrap stands beside it.
"""

import hashlib
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pipeline.design import Floats, Variable
from pipeline.estimate.bootstrap import Draws, Weights, draws, signs, wild_tests
from pipeline.estimate.inference import (
    Intervals,
    LeaveOneOut,
    cr3,
    effective_creators,
    effective_dof,
    t_interval,
)
from pipeline.fitted import Fit
from pipeline.own import OwnEstimate, own_estimates

FEWEST_EFFECTIVE = 1.5
ENOUGH_CREATORS = 5
ENOUGH_TO_BOOTSTRAP = 6
MOST_ENUMERATED = 12  # creators, up to which all signs are taken instead of drawn
DRAWS = 9_999
NOT_ESTIMABLE = "not estimable"
NOT_IDENTIFIED = "not identified"
ESTIMATE_ONLY = "estimate only"
WITHIN = "HC3-within"
NO_SPREAD = "the creators do not differ in it, which leaves nothing to tell an error from"


@dataclass(frozen=True, slots=True)
class Needed:
    """The creators, and the videos in all, at which an interval would be narrow enough."""

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
    cannot be told yet precise.
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
    own: tuple[OwnEstimate, ...] = ()
    needed: Needed | None = None
    method: str = ""
    verdict: str = ""
    why: str = ""
    excludes_none_at_80: bool = False

    def ratio(self, log_ratio: float | None) -> float | None:
        """Turn a log ratio of this line into a ratio."""
        return self.variable.ratio(log_ratio)

    @property
    def is_tested(self) -> bool:
        """Tell whether it is one of the questions asked."""
        return self.variable.is_asked


def covariance(fit: Fit) -> Floats:
    """Covariance (k, k) of the estimates: CR3, or HC3 in a pool of one creator."""
    if fit.within is not None:
        return fit.within.covariance
    return cr3(fit.blocks, _left_out(fit))


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
    gone = {each.variable for each in fit.unidentified}
    stays = np.array([variable not in gone for variable in fit.variables], dtype=np.bool_)
    if fit.within is not None:
        return stays & ~fit.within.hinges
    effective: NDArray[np.bool_] = effective_creators(fit.blocks) >= FEWEST_EFFECTIVE
    return stays & (fit.varies_in > 1) & effective


def _left_out(fit: Fit) -> LeaveOneOut:
    if fit.left_out is None:
        raise ValueError("one creator: nothing can be left out")
    return fit.left_out


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
        row = Estimate(variable, int(fit.videos_with[j]), 1, method=WITHIN)
        if within.hinges[j]:
            why = "one video alone decides it"
            rows.append(replace(row, method=NOT_ESTIMABLE, verdict=NOT_ESTIMABLE, why=why))
            continue
        estimate = float(fit.blocks.estimate[j])
        ends = (estimate + float(within.fall[j]), estimate + float(within.rise[j]))
        row = replace(row, effective_creators=1.0, lowest=ends[0], highest=ends[1])
        rows.append(replace(_filled(row, fit, j, error, df, interval), p_value=None))
    return rows


def _creators(fit: Fit) -> list[Estimate]:
    left_out, effective = _left_out(fit), effective_creators(fit.blocks)
    error = np.sqrt(np.diagonal(cr3(fit.blocks, left_out)))
    df = effective_dof(effective)
    interval, narrow = (t_interval(fit.blocks.estimate, error, df, x) for x in (0.95, 0.8))
    bootstrap, is_told = _bootstrap(fit), told(fit)
    rows = []
    for j, variable in enumerate(fit.variables):
        carriers = int(fit.varies_in[j])
        row = Estimate(variable, int(fit.videos_with[j]), carriers, float(effective[j]))
        if not is_told[j]:
            why = (
                f"{_creator(fit, j)} alone carries it"
                if carriers == 1
                else "one creator carries most of it"
            )
            rows.append(replace(row, method=NOT_ESTIMABLE, verdict=NOT_ESTIMABLE, why=why))
        elif carriers < ENOUGH_CREATORS:
            row = replace(_ranged(row, fit, j, left_out), own=own_estimates(fit, j))
            rows.append(replace(row, estimate=float(fit.blocks.estimate[j]), method=ESTIMATE_ONLY))
        elif not error[j] > 0:  # NaN where the jackknife is undefined
            row = replace(row, estimate=float(fit.blocks.estimate[j]))
            why = NO_SPREAD if error[j] == 0 else "without one of its creators it could not be told"
            rows.append(replace(row, method=ESTIMATE_ONLY, why=why))
        else:
            row = replace(_ranged(row, fit, j, left_out), method="CR3, t(G*-1)")
            excludes = bool(narrow.low[j] > 0 or narrow.high[j] < 0)
            row = _filled(row, fit, j, error, df, interval)
            row = replace(row, p_bootstrap=bootstrap.get(j))
            rows.append(replace(row, excludes_none_at_80=excludes))
    return rows


def _bootstrap(fit: Fit) -> dict[int, float]:
    """The bootstrap's p-values of the variables that six creators or more carry, by number."""
    carried = np.flatnonzero(fit.varies_in >= ENOUGH_TO_BOOTSTRAP).tolist()
    if not carried:
        return {}
    tests = wild_tests(fit.blocks, carried, _draws(fit))
    return {j: test.p_value for j, test in zip(carried, tests, strict=True) if test.used}


def _draws(fit: Fit) -> Draws:
    """All signs of few creators; else draws that a creator keeps when others come and go."""
    creators = fit.sample.creators
    if len(creators) <= MOST_ENUMERATED:
        return signs(len(creators))
    keys = np.array([_key(name) for name in creators], dtype=np.uint64)
    return draws(keys, _key(repr(fit.design.question)), DRAWS, Weights.WEBB)


def _key(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


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
