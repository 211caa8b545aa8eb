"""From a question's arrays to estimates by one of the estimators, with what tells how sure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.analysis.robustness.choices import LOG1P, NEGATIVE_BINOMIAL
from pipeline.estimate.cluster_robust import (
    Blocks,
    cr3,
    effective_creators,
    effective_dof,
    leave_one_out,
)
from pipeline.estimate.collinearity import rank
from pipeline.estimate.grouping import Bools, Floats
from pipeline.estimate.hc3 import hc3_weighted
from pipeline.estimate.linear import least_squares, residual_dof
from pipeline.estimate.poisson_maximum import NotConverged
from pipeline.estimate.states import states
from pipeline.estimate.weighted_counts import negative_binomial, reweighted
from pipeline.estimate.weighted_states import weighted_states
from pipeline.inference.thresholds import FEWEST_EFFECTIVE, INTERVAL_CREATORS
from pipeline.model import sample
from pipeline.model.design import Design
from pipeline.model.fit import ALL_ALIKE, TOO_FEW, fit_counts
from pipeline.model.rate import rate_of
from pipeline.model.variables import BEYOND, Variable

TOO_FAR = "the ratios run beyond all bounds"
ONE = "one creator carries it all"


@dataclass(frozen=True, slots=True, eq=False)
class EstimatorResult:
    """What one estimator says; k variables.

    Attributes:
        variables: (k,) what is estimated.
        estimate: (k,) log ratios per unit.
        covariance: (k, k) jackknife over creators (CR3), HC3 for one creator; NaN where undefined.
        dof: (k,) degrees of freedom of an interval.
        has_estimate: (k,) whether an estimate would be published.
        carried: (k,) whether enough creators carry it for an interval.
        videos: rows that took part.
        creators: G.
    """

    variables: tuple[Variable, ...]
    estimate: Floats
    covariance: Floats
    dof: Floats
    has_estimate: Bools
    carried: Bools
    videos: int
    creators: int

    @property
    def std_error(self) -> Floats:
        """Standard errors (k,)."""
        error: Floats = np.sqrt(np.diagonal(self.covariance))
        return error


@dataclass(frozen=True, slots=True, eq=False)
class Solved:
    """A fit before it is judged: which rows (m,) and columns took part, and what came out.

    `within` (k, k) is the covariance of a pool of one creator.
    """

    blocks: Blocks
    kept: tuple[int, ...]
    carriers: NDArray[np.int64]
    infinite: tuple[int, ...]
    videos: int
    within: Floats | None


def estimate(built: Design, estimator: str, weights: Floats | None) -> EstimatorResult | str:
    """Estimate a question's arrays; in words, why that cannot be done.

    `weights` (n,) of the rows of `built`, or None. `built` must be made for the estimator: counts
    as they are, or log(1 + y) for least squares.
    """
    if not len(built.rows):
        return TOO_FEW.format(event=built.question.event)
    solve = _least_squares if estimator == LOG1P else _counts
    if isinstance(solved := solve(built, weights, estimator), str):
        return solved.format(event=built.question.event)
    if len(solved.blocks.rows) == 1 and built.pool_creators > 1:
        return ONE
    return _judged(built, solved)


def _least_squares(built: Design, weights: Floats | None, _: str) -> Solved | str:
    y = log1p_rate(built)
    columns, size = np.column_stack([built.x, y]), len(built.creators)
    k = built.x.shape[1]
    whole = (
        states(columns, built.group, size)
        if weights is None
        else weighted_states(columns, built.group, weights, size)
    )
    ranks = rank(whole, range(k))
    if residual_dof(whole, len(ranks.kept)) <= 0:
        return TOO_FEW
    if not whole.varies[:, k].any():
        return ALL_ALIKE
    linear = least_squares(whole, k, ranks.kept)
    within = None
    if linear.creators == 1:
        used = np.isin(built.group, linear.kept)
        x = built.x[used][:, ranks.kept]
        mine = np.ones(linear.rows) if weights is None else weights[used]
        left = y[used] - x @ linear.estimate
        within = hc3_weighted(x, mine, mine * (left - np.average(left, weights=mine))).covariance
    carriers = sample.carriers(ranks)
    return Solved(linear.blocks, tuple(ranks.kept), carriers, (), linear.rows, within)


def log1p_rate(built: Design) -> Floats:
    """The outcome (n,) of least squares: log(1 + y), per 1,000 views where there is an exposure."""
    if not built.question.exposure:
        return built.outcome
    return np.log1p(rate_of(np.expm1(built.outcome), np.exp(built.offset)))


def _counts(built: Design, weights: Floats | None, estimator: str) -> Solved | str:
    counts = fit_counts(built)
    if isinstance(counts, str):
        return counts
    kept, rows = list(counts.ranks.kept), counts.rows
    x, y = built.x[rows][:, kept], built.outcome[rows]
    group, offset = built.group[rows], built.offset[rows]
    mine = np.ones(len(rows)) if weights is None else weights[rows]
    solve = negative_binomial if estimator == NEGATIVE_BINOMIAL else reweighted
    fitted = solve(x, y, group, offset, mine)
    if isinstance(fitted, NotConverged):
        return TOO_FAR
    within = None
    if len(fitted.kept) == 1:
        per_event = mine / (1 + fitted.dispersion * fitted.fitted)
        step, left = per_event * fitted.fitted, per_event * (y - fitted.fitted)
        within = hc3_weighted(x, step, left).covariance
    carriers = sample.carriers(counts.ranks)
    return Solved(fitted.blocks, tuple(kept), carriers, counts.apart.infinite, len(rows), within)


def _judged(built: Design, solved: Solved) -> EstimatorResult:
    blocks, k = solved.blocks, len(solved.kept)
    variables = tuple(built.variables[i] for i in solved.kept)
    steps = np.array([variable.step for variable in variables])
    has_estimate = (np.abs(blocks.estimate) * steps <= BEYOND) & ~np.isin(
        solved.kept, solved.infinite
    )
    if solved.within is not None:
        covariance, carried = solved.within, np.ones(k, dtype=np.bool_)
        dof = np.full(k, float(solved.videos - k - 1))
    else:
        effective = effective_creators(blocks) if k else np.empty(0)
        has_estimate &= (solved.carriers > 1) & (effective >= FEWEST_EFFECTIVE)
        covariance, dof = cr3(blocks, leave_one_out(blocks)), effective_dof(effective)
        carried = solved.carriers >= INTERVAL_CREATORS
    return EstimatorResult(
        variables,
        blocks.estimate,
        covariance,
        dof,
        has_estimate,
        carried,
        solved.videos,
        len(blocks.rows),
    )
