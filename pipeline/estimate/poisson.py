"""Poisson with creator effects, by the likelihood in which the effects are concentrated out."""

from dataclasses import dataclass

import numpy as np
from scipy.special import kl_div

from pipeline.estimate.cluster_robust import Blocks
from pipeline.estimate.grouping import Floats, Ints, Runs, centre, runs
from pipeline.estimate.separation import Informative, informative
from pipeline.estimate.solve import Factor, factor, inverse, solve

MOST_STEPS = 50
SMALL_STEP = 1e-10  # of a coefficient, columns scaled to unit root mean square
SMALL_DECREMENT = 1e-20  # squared length of a step in standard errors
FALL = 1e-9  # relative change of the log likelihood that is rounding
LOST = 1e-6  # relative move of a coefficient that the score's rounding alone could cause


@dataclass(frozen=True, slots=True, eq=False)
class PoissonFit:
    """A converged Poisson fit with creator effects; k regressors, G creators, m rows used.

    Attributes:
        estimate: (k,) slopes: log of the ratio of means per regressor unit.
        effects: (G,) creator effects, log events per unit of exp(offset).
        blocks: what inference needs: scores and information (minus the Hessian) of each creator.
        used: which of the given rows were used, and which creators were dropped for what reason.
        kept: (G,) the creators used, ascending.
        fitted: (m,) fitted means, events, in the order of the rows used.
        deviance: 2 Σ (y log(y/fitted) - (y - fitted)).
        iterations: Newton steps taken.
    """

    estimate: Floats
    effects: Floats
    blocks: Blocks
    used: Informative
    kept: Ints
    fitted: Floats
    deviance: float
    iterations: int

    @property
    def rows(self) -> int:
        """N, the rows used."""
        return len(self.fitted)

    @property
    def creators(self) -> int:
        """G, the creators used."""
        return len(self.kept)


@dataclass(frozen=True, slots=True, eq=False)
class NotConverged:
    """No finite maximum was reached, so there is no estimate.

    Attributes:
        iterations: Newton steps taken.
        columns: the columns that were still moving, likely to run to infinity.
    """

    iterations: int
    columns: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class SortedSample:
    """The rows used, sorted by creator; columns in the units in which the fit is made.

    Attributes:
        x: (m, k) less the creator's mean, divided by `scale`.
        y: (m,) events.
        offset: (m,) less the creator's mean.
        rows: where each creator's rows are.
        events: (G,) sums of y.
        scale: (k,) root mean squares of the deviations.
        means: (G, k + 1) of the columns and the offset as given.
    """

    x: Floats
    y: Floats
    offset: Floats
    rows: Runs
    events: Floats
    scale: Floats
    means: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """The likelihood at one value of the slopes, in the units of a `SortedSample`.

    Attributes:
        beta: (k,).
        log_likelihood: up to a constant.
        log_total: (G,) log Σ exp(linear predictor).
        fitted: (m,) events.
        score: (k,).
        deviations: (m, k) from the fitted-weighted creator means, times √fitted.
    """

    beta: Floats
    log_likelihood: float
    log_total: Floats
    fitted: Floats
    score: Floats
    deviations: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Optimum:
    """The maximum, and the Newton steps that led to it."""

    point: Point
    iterations: int


def poisson(x: Floats, y: Floats, group: Ints, offset: Floats) -> PoissonFit | NotConverged:
    """Fit E[y] = exp(x β + effect of creator + offset) by Newton's method.

    Creators without events or with one row are dropped and counted. Run `informative`, `separated`
    and `rank` on the kept rows first: the columns must vary and be of full rank there.

    Args:
        x: (n, k).
        y: (n,) events, >= 0.
        group: (n,) creator numbers.
        offset: (n,) log exposure.

    Raises:
        ValueError: an outcome is negative, a value is not finite, no degrees of freedom are left,
            or the columns are not of full rank in the rows kept.
    """
    if not (np.isfinite(y).all() and (y >= 0).all()):
        raise ValueError("outcomes must be finite and not negative")
    used = informative(y, group)
    sample = sorted_sample(x, y, group, offset, used)
    optimum = maximise(sample, start(sample))
    if isinstance(optimum, NotConverged):
        return optimum
    best = optimum.point
    estimate = best.beta / sample.scale
    fitted = np.empty(len(sample.y))
    fitted[sample.rows.order] = best.fitted
    return PoissonFit(
        estimate=estimate,
        effects=np.log(sample.events) - best.log_total - sample.means @ np.append(estimate, 1.0),
        blocks=_blocks(sample, best),
        used=used,
        kept=sample.rows.creators,
        fitted=fitted,
        deviance=2 * float(kl_div(sample.y, best.fitted).sum()),
        iterations=optimum.iterations,
    )


def sorted_sample(
    x: Floats, y: Floats, group: Ints, offset: Floats, used: Informative
) -> SortedSample:
    """Sort the rows used by creator, centre and scale them; arguments as for `poisson`.

    Raises:
        ValueError: a value is not finite, no degrees of freedom are left, or the columns are not of
            full rank.
    """
    rows = runs(group[used.rows])
    m, k, creators = len(rows.order), x.shape[1], len(rows.creators)
    if m <= k + creators:
        raise ValueError(f"no degrees of freedom: {m} rows for {k} columns and {creators} creators")
    centred = centre(np.column_stack([x, offset])[used.rows], rows)
    deviations, offsets = centred.deviations[:, :k], centred.deviations[:, k]
    factor(deviations.T @ deviations)  # refuses before the first step
    scale = np.sqrt((deviations**2).mean(axis=0))
    events = y[used.rows][rows.order]
    return SortedSample(
        deviations / scale, events, offsets, rows, rows.total(events), scale, centred.means
    )


def start(sample: SortedSample) -> Floats:
    """Slopes (k,) to start from: least squares on log events, half way to the creators' own means.

    With means μ between the events and what the creator's level alone gives, a working outcome
    log μ + (y - μ)/μ is regressed on the columns with weights μ (McCullagh & Nelder 1989, 2.5).
    Newton's method from no effect at all can throw a rare column to where its information is gone;
    it is left for when the weights leave the columns no full rank.
    """
    rows = sample.rows
    level = _point(sample, np.zeros(sample.x.shape[1]))
    weight = np.maximum((sample.y + level.fitted) / 2, np.finfo(float).tiny)
    working = np.log(weight) - sample.offset + (sample.y - weight) / weight
    mean = rows.total(weight[:, None] * sample.x) / rows.total(weight)[:, None]
    deviations = sample.x - rows.spread(mean)
    weighted = weight[:, None] * deviations
    try:
        return solve(factor(weighted.T @ deviations), weighted.T @ working)
    except ValueError:
        return level.beta


def maximise(sample: SortedSample, beta: Floats) -> Optimum | NotConverged:
    """Newton's method from slopes `beta` (k,); a step that gains too little is halved (Armijo)."""
    here = _point(sample, beta)
    step = np.ones_like(here.beta)
    for iteration in range(MOST_STEPS):
        try:
            factored = factor(here.deviations.T @ here.deviations)
        except ValueError:  # the information is gone: the fit runs to infinity
            return _moving(iteration, step)
        if _lost(sample, here, factored):
            return _moving(iteration, step)
        step = solve(factored, here.score)
        there = _point(sample, here.beta + step)
        while _short(here, there, step):
            step = step / 2
            if np.max(np.abs(step)) < SMALL_STEP:
                return _moving(iteration, step)
            there = _point(sample, here.beta + step)
        decrement = step @ here.score
        here = there
        if np.max(np.abs(step), initial=0.0) < SMALL_STEP or abs(decrement) < SMALL_DECREMENT:
            return Optimum(here, iteration + 1)
    return _moving(MOST_STEPS, step)


def _short(here: Point, there: Point, step: Floats) -> bool:
    """Whether a step gains less than a quarter of what the slope promises, beyond rounding."""
    promised = float(step @ here.score)
    gained = there.log_likelihood - here.log_likelihood
    return gained < promised / 4 - FALL * abs(here.log_likelihood)


def _point(sample: SortedSample, beta: Floats) -> Point:
    """Evaluate the concentrated likelihood (log-sum-exp by creator) at scaled slopes (k,)."""
    rows = sample.rows
    predictor = sample.x @ beta + sample.offset
    top = np.maximum.reduceat(predictor, rows.starts)
    relative = np.exp(predictor - rows.spread(top))
    total = rows.total(relative)
    fitted = relative * rows.spread(sample.events / total)
    weighted = rows.total(fitted[:, None] * sample.x) / sample.events[:, None]
    log_total = top + np.log(total)
    return Point(
        beta,
        float(sample.y @ predictor - sample.events @ log_total),
        log_total,
        fitted,
        sample.x.T @ (sample.y - fitted),
        np.sqrt(fitted)[:, None] * (sample.x - rows.spread(weighted)),
    )


def _lost(sample: SortedSample, here: Point, factored: Factor) -> bool:
    """Whether the score's rounding alone could move a coefficient: its information is gone.

    Along a separating direction the information falls by e at every step, until what Newton's
    method follows is rounding, and it may then stop at a number that means nothing.
    """
    rounding = np.finfo(float).eps * (np.abs(sample.x).T @ (sample.y + here.fitted))
    moves = inverse(factored).diagonal() * rounding
    return bool(np.any(moves > LOST * np.maximum(np.abs(here.beta), 1)))


def _moving(iterations: int, step: Floats) -> NotConverged:
    """No convergence, with the columns that moved by a tenth of the largest move or more."""
    size = np.abs(step)
    return NotConverged(iterations, tuple(np.flatnonzero(size >= size.max() / 10).tolist()))


def _blocks(sample: SortedSample, best: Point) -> Blocks:
    """Scores and information of each creator, in original units."""
    deviations = best.deviations * sample.scale
    return Blocks(
        np.stack([deviations[these].T @ deviations[these] for these in sample.rows.slices()]),
        sample.rows.total((sample.x * sample.scale) * (sample.y - best.fitted)[:, None]),
        best.beta / sample.scale,
        sample.rows.counts,
    )
