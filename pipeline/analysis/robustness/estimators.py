"""From a question's arrays to estimates by one of the estimators, with what tells how sure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from pipeline.analysis.robustness.choices import LOG1P, NEGATIVE_BINOMIAL, POISSON, PRODUCT
from pipeline.estimate.cluster_robust import (
    Blocks,
    LeaveOneOut,
    cr3,
    effective_creators,
    effective_dof,
    leave_one_out,
)
from pipeline.estimate.collinearity import rank
from pipeline.estimate.grouping import Bools, Floats
from pipeline.estimate.hc3 import HC3, hc3_weighted
from pipeline.estimate.linear import least_squares, residual_dof
from pipeline.estimate.poisson_maximum import NotConverged
from pipeline.estimate.states import states
from pipeline.estimate.sum_of_fits import Summand, match, summed, without_each, without_each_row
from pipeline.estimate.weighted_counts import negative_binomial, reweighted
from pipeline.estimate.weighted_states import weighted_states
from pipeline.inference.thresholds import FEWEST_EFFECTIVE, INTERVAL_CREATORS
from pipeline.model import sample
from pipeline.model.design import Design, comparable
from pipeline.model.exclusions import FOLLOWERS
from pipeline.model.fit import ALL_ALIKE, TOO_FEW, fit_counts
from pipeline.model.questions import Model
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
    """A fit before it is judged: which rows (m,), columns and creators took part, what came out.

    Information in the `blocks` is the inverse of a variance, and `left_out` are the estimates
    without each creator. A pool of one creator has none, but `within`.
    """

    blocks: Blocks
    variables: tuple[Variable, ...]
    carriers: NDArray[np.int64]
    infinite: frozenset[Variable]
    rows: NDArray[np.int64]
    creators: NDArray[np.int64]
    within: HC3 | None
    left_out: LeaveOneOut | None


ESTIMATORS = {
    Model.LEAST_SQUARES: LOG1P,
    Model.NEGATIVE_BINOMIAL: NEGATIVE_BINOMIAL,
    Model.POISSON: POISSON,
    Model.PRODUCT: PRODUCT,
}


def estimate(built: Design, estimator: str, weights: Floats | None) -> EstimatorResult | str:
    """Estimate a question's arrays; in words, why that cannot be done.

    `weights` (n,) of the rows of `built`, or None. `built` must be made for the estimator: counts
    as they are, or log(1 + y) for least squares.
    """
    if not len(built.rows):
        return TOO_FEW.format(event=built.question.event)
    if isinstance(solved := _solved(built, estimator, weights), str):
        return solved.format(event=built.question.event)
    if len(solved.blocks.rows) == 1 and built.pool_creators > 1:
        return ONE
    return _judged(solved)


def _solved(built: Design, estimator: str, weights: Floats | None) -> Solved | str:
    if estimator != PRODUCT:
        solve = _least_squares if estimator == LOG1P else _counts
        return solve(built, weights, estimator)
    factors = []
    for each, asked in zip(built.factors, built.question.factors, strict=True):
        mine = weights if asked.outcome == FOLLOWERS else None  # views are always noted
        solved = _solved(each, ESTIMATORS[asked.model], mine)
        if isinstance(solved, str):
            return solved
        factors.append(solved)
    return _product(built.factors, factors)


def _product(designs: Sequence[Design], factors: Sequence[Solved]) -> Solved:
    """Add the factors up, whose rows are numbered alike."""
    last = factors[-1]
    addends, names = match(
        [
            Summand(
                each.blocks,
                1.0,
                comparable(built, each.variables),
                [built.creators[number] for number in each.creators],
            )
            for each, built in zip(factors, designs, strict=True)
        ]
    )
    carriers = [each.carriers[at.columns] for each, at in zip(factors, addends, strict=True)]
    within = [each.within for each in factors]
    rows = [built.rows[each.rows] for each, built in zip(factors, designs, strict=True)]
    is_alone = any(each is not None for each in within)
    return Solved(
        summed(addends, len(names)),
        tuple(last.variables[j] for j in addends[-1].columns),
        reduce(np.minimum, carriers),
        frozenset().union(*(each.infinite for each in factors)),
        last.rows,
        np.arange(len(names)),
        without_each_row(addends, within, rows) if is_alone else None,
        without_each(addends, [each.left_out for each in factors], len(names)),
    )


def _least_squares(built: Design, weights: Floats | None, _: str) -> Solved | str:
    y = log1p_rate(built)
    x, size, trends = built.detrended(built.x), len(built.creators), int(built.trends.sum())
    columns, k = np.column_stack([x, built.detrended(y[:, None])]), x.shape[1]
    whole = (
        states(columns, built.group, size)
        if weights is None
        else weighted_states(columns, built.group, weights, size)
    )
    ranks = rank(whole, range(k))
    if residual_dof(whole, len(ranks.kept) + trends) <= 0:
        return TOO_FEW
    if not whole.varies[:, k].any():
        return ALL_ALIKE
    linear = least_squares(whole, k, ranks.kept, trends)
    within, used = None, np.isin(built.group, linear.kept)
    if linear.creators == 1:
        x = x[used][:, ranks.kept]
        mine = np.ones(linear.rows) if weights is None else weights[used]
        left = y[used] - x @ linear.estimate
        within = hc3_weighted(x, mine, mine * (left - np.average(left, weights=mine)))
    noise = linear.ssr / linear.residual_dof
    blocks = replace(
        linear.blocks,
        information=linear.blocks.information / noise,
        scores=linear.blocks.scores / noise,
    )
    return Solved(
        blocks,
        tuple(built.variables[i] for i in ranks.kept),
        sample.carriers(built, used, ranks.kept),
        frozenset(),
        np.flatnonzero(used),
        linear.kept,
        within,
        None if within else leave_one_out(blocks),
    )


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
        within = hc3_weighted(x, step, left)
    return Solved(
        fitted.blocks,
        tuple(built.variables[i] for i in kept),
        sample.carriers(built, rows, kept),
        frozenset(built.variables[i] for i in counts.apart.infinite),
        rows,
        fitted.kept,
        within,
        None if within else leave_one_out(fitted.blocks),
    )


def _judged(solved: Solved) -> EstimatorResult:
    blocks, variables, k = solved.blocks, solved.variables, len(solved.variables)
    steps = np.array([variable.step for variable in variables])
    is_finite = np.array([variable not in solved.infinite for variable in variables], dtype=bool)
    has_estimate = (np.abs(blocks.estimate) * steps <= BEYOND) & is_finite
    if solved.within is not None:
        covariance, carried = solved.within.covariance, np.ones(k, dtype=np.bool_)
        dof = np.full(k, float(len(solved.rows) - k - 1))
    else:
        effective = effective_creators(blocks) if k else np.empty(0)
        has_estimate &= (solved.carriers > 1) & (effective >= FEWEST_EFFECTIVE)
        left_out = solved.left_out or leave_one_out(blocks)
        covariance, dof = cr3(blocks, left_out), effective_dof(effective)
        carried = solved.carriers >= INTERVAL_CREATORS
    return EstimatorResult(
        variables,
        blocks.estimate,
        covariance,
        dof,
        has_estimate,
        carried,
        len(solved.rows),
        len(blocks.rows),
    )
