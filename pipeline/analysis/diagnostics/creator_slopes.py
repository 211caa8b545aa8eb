"""What a term goes with for each creator and for a new one, shrunken towards the pool."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, reduce

import numpy as np

from pipeline.estimate.grouping import Floats, runs
from pipeline.estimate.hc3 import residuals
from pipeline.estimate.nb2 import fitted_means, information_weights
from pipeline.estimate.quadratic_approximation import Quadratic, of_sum, quadratic
from pipeline.estimate.shrinkage import Shrunken, shrink
from pipeline.inference.creator_estimates import own_estimates
from pipeline.inference.thresholds import SLOPE_CREATORS
from pipeline.model.fit_result import Fit

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
        shrunken = shrink(form.precision, form.shift)
    except ValueError:
        return NOT_APART
    return tuple(row for j in lines for row in _rows(fit, shrunken, j))


@lru_cache(maxsize=8)
def quadratics(fit: Fit) -> Quadratic:
    """Make the creators' quadratic log likelihoods of the slopes, in the order of the creators.

    Of a product those of its factors are added up; who is not in a factor tells nothing of it.
    """
    if fit.factors:
        return reduce(of_sum, [_as_in(fit, factor) for factor in fit.factors])
    residual, weights = _score_and_weight(fit, fit.blocks.estimate)
    return quadratic(fit.sample.x, residual, weights, fit.sample.group, fit.blocks)


def _as_in(product: Fit, factor: Fit) -> Quadratic:
    """The forms of a factor, of the variables and creators of the product.

    A variable that only the factor has is held at the factor's estimate.
    """
    form, k = quadratics(factor), len(product.variables)
    at = [factor.variables.index(each) for each in product.variables]
    rest = [i for i in range(len(factor.variables)) if i not in at]
    creators = np.searchsorted(product.sample.creators, factor.sample.creators)
    g = len(product.sample.creators)
    precision, shift = np.zeros((g, k, k)), np.zeros((g, k))
    precision[creators] = form.precision[:, at][:, :, at]
    held = form.precision[:, at][:, :, rest] @ factor.blocks.estimate[rest]
    shift[creators] = form.shift[:, at] - held
    return Quadratic(precision, shift, np.ones(g))


def _score_and_weight(fit: Fit, slopes: Floats) -> tuple[Floats, Floats]:
    """What each row (n,) adds to the score of its creator's level, and to its information."""
    sample = fit.sample
    if not fit.design.question.model.is_counted:
        return residuals(sample.x, sample.y, sample.group, slopes), np.ones(len(sample.y))
    rows = runs(sample.group)
    predictor = (sample.x @ slopes + sample.offset)[rows.order]
    means = np.empty(len(sample.y))
    means[rows.order] = fitted_means(predictor, sample.y[rows.order], rows, fit.dispersion)
    residual: Floats = (sample.y - means) / (1 + fit.dispersion * means)
    return residual, information_weights(means, fit.dispersion)


def _rows(fit: Fit, shrunken: Shrunken, j: int) -> Iterator[Personal]:
    """One line for each creator, then for a new one."""
    variable, question = fit.variables[j], fit.design.question
    own = {each.creator: each.estimate for each in own_estimates(fit, j)}
    errors = _own_errors(fit, j, own)
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
            own_std_error=errors.get(creator),
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


def _own_errors(fit: Fit, j: int, own: Mapping[str, float | None]) -> dict[str, float]:
    """Standard errors of the creators' own estimates: dispersion over the curvature there.

    None of one that is so far out that nothing is left of the curvature. Of a product the factors'
    errors are added up as independent ones.
    """
    if fit.factors:
        each = []
        for factor in fit.factors:
            at = factor.variables.index(fit.variables[j])
            alone = {one.creator: one.estimate for one in own_estimates(factor, at)}
            each.append(_own_errors(factor, at, alone))
        shared = set.intersection(*map(set, each))
        return {name: math.hypot(*(errors[name] for errors in each)) for name in shared}
    form, errors = quadratics(fit), {}
    for g, creator in enumerate(fit.sample.creators):
        alone_ = own.get(creator)
        if alone_ is None:
            continue
        slopes, mine = fit.blocks.estimate.copy(), fit.sample.group == g
        slopes[j] = alone_
        x, weight = fit.sample.x[mine, j], _score_and_weight(fit, slopes)[1][mine]
        curvature = float(weight @ (x - weight @ x / weight.sum()) ** 2)
        if curvature > 0:
            errors[creator] = float(np.sqrt(form.dispersion[g] / curvature))
    return errors
