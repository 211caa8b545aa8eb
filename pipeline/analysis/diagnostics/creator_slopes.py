"""What a term goes with for each creator and for a new one, shrunken towards the pool."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pipeline.estimate.grouping import Floats, runs
from pipeline.estimate.hc3 import residuals
from pipeline.estimate.quadratic_approximation import Quadratic, linear_quadratic, quadratic
from pipeline.estimate.shrinkage import Shrunken, shrink, shrink_counts
from pipeline.inference.creator_estimates import own_estimates
from pipeline.inference.thresholds import SLOPE_CREATORS
from pipeline.model.fit_result import Fit
from pipeline.model.questions import Model

ENOUGH_CARRIERS = 5  # creators within whom a line varies
TOO_FEW = "how much creators differ takes eight creators or more (here: {creators})"
NO_LINES = "no line varies within five creators or more"
NOT_APART = "the creators' videos do not tell the lines apart"


@dataclass(frozen=True, slots=True)
class Personal:
    """One line of a question for one creator, or, with creator "", for a new one like these.

    All are log ratios per unit, as the pool's estimates. `own` is what the creator's videos say
    alone, with the other terms at the pool's estimates (as `own.OwnEstimate`), its error from the
    creator's own curvature and dispersion; None where they cannot tell. `pooled` is the mean over
    creators, `estimate` with `ci_low` and `ci_high` (95 %) what creator and pool say together,
    `weight` (0 to 1) how much the creator's videos count in it. `between_sd` is the standard
    deviation between creators, `between_low` and `between_high` its 95 % interval.
    """

    question: str
    term: str
    level: str
    unit: str
    creator: str
    videos: int
    own: float | None
    own_std_error: float | None
    pooled: float
    estimate: float
    std_error: float
    ci_low: float
    ci_high: float
    weight: float
    between_sd: float
    between_low: float
    between_high: float


def personal(fit: Fit) -> tuple[Personal, ...] | str:
    """Shrink every asked line that five creators carry, by variable, then creator, then a new one.

    In words why it cannot be done: fewer than eight creators, or no such line. Lines that are not
    asked or carried by fewer may differ between creators too, and are in the calculation.
    """
    creators = len(fit.sample.creators)
    if creators < SLOPE_CREATORS:
        return TOO_FEW.format(creators=creators)
    asked = [j for j, each in enumerate(fit.variables) if each.is_asked]
    lines = [j for j in asked if fit.varies_in[j] >= ENOUGH_CARRIERS]
    if not lines:
        return NO_LINES
    form = quadratics(fit)
    try:
        shrunken = _shrunken(fit, form)
    except ValueError:
        return NOT_APART
    return tuple(row for j in lines for row in _rows(fit, form, shrunken, j))


def _shrunken(fit: Fit, form: Quadratic) -> Shrunken:
    if fit.design.question.model is Model.LEAST_SQUARES:
        return shrink(form.precision, form.shift)
    sample, pooled = fit.sample, fit.blocks.estimate
    return shrink_counts(form, sample.x, sample.y, sample.offset, sample.group, pooled)


def quadratics(fit: Fit) -> Quadratic:
    """Make the creators' quadratic log likelihoods of the slopes, in the order of the creators."""
    sample = fit.sample
    if fit.design.question.model is Model.LEAST_SQUARES:
        left = residuals(sample.x, sample.y, sample.group, fit.blocks.estimate)
        return linear_quadratic(sample.x, left, sample.group, fit.blocks)
    predictor = sample.x @ fit.blocks.estimate + sample.offset
    return quadratic(sample.x, sample.y, _means(fit, predictor), sample.group, fit.blocks)


def _means(fit: Fit, predictor: Floats) -> Floats:
    """Fitted events (n,) whose sums by creator are the observed ones."""
    rows = runs(fit.sample.group)
    ordered = predictor[rows.order]
    ordered = np.exp(ordered - rows.spread(np.maximum.reduceat(ordered, rows.starts)))
    level = rows.total(fit.sample.y[rows.order]) / rows.total(ordered)
    fitted = np.empty_like(ordered)
    fitted[rows.order] = ordered * rows.spread(level)
    return fitted


def _rows(fit: Fit, form: Quadratic, shrunken: Shrunken, j: int) -> Iterator[Personal]:
    """One line for each creator, then for a new one."""
    variable, question = fit.variables[j], fit.design.question
    own = {each.creator: each.estimate for each in own_estimates(fit, j)}
    low, middle, high = (
        float(np.sqrt(each[j]))
        for each in (shrunken.between_low, shrunken.between, shrunken.between_high)
    )
    line = (question.name, variable.term, variable.level, variable.unit)
    pooled = float(shrunken.mean[j])
    for g, creator in enumerate(fit.sample.creators):
        alone = own.get(creator)
        yield Personal(
            *line,
            creator=creator,
            videos=int(fit.blocks.rows[g]),
            own=alone,
            own_std_error=None if alone is None else _own_error(fit, form, g, j, alone),
            pooled=pooled,
            estimate=float(shrunken.estimate[g, j]),
            std_error=float(shrunken.std_error[g, j]),
            ci_low=float(shrunken.low[g, j]),
            ci_high=float(shrunken.high[g, j]),
            weight=float(shrunken.weight[g, j]),
            between_sd=middle,
            between_low=low,
            between_high=high,
        )
    yield Personal(
        *line,
        creator="",
        videos=0,
        own=None,
        own_std_error=None,
        pooled=pooled,
        estimate=pooled,
        std_error=float(shrunken.newcomer_std_error[j]),
        ci_low=float(shrunken.newcomer_low[j]),
        ci_high=float(shrunken.newcomer_high[j]),
        weight=0.0,
        between_sd=middle,
        between_low=low,
        between_high=high,
    )


def _own_error(fit: Fit, form: Quadratic, g: int, j: int, alone: float) -> float | None:
    """Standard error of a creator's own estimate: dispersion over the curvature at that estimate.

    None where the estimate is so far out that nothing is left of the curvature.
    """
    mine = fit.sample.group == g
    x = fit.sample.x[mine, j]
    weight = np.ones(len(x))
    if fit.design.question.model is Model.POISSON:
        slopes = fit.blocks.estimate.copy()
        slopes[j] = alone
        predictor = fit.sample.x[mine] @ slopes + fit.sample.offset[mine]
        weight = np.exp(predictor - predictor.max())
        weight *= fit.sample.y[mine].sum() / weight.sum()
    curvature = float(weight @ (x - weight @ x / weight.sum()) ** 2)
    return float(np.sqrt(form.dispersion[g] / curvature)) if curvature > 0 else None
