"""The maximum, by Newton's method, of a Poisson likelihood without its creator effects.

The effects are concentrated out: of each creator's rows the sum of the events is given.
"""

from dataclasses import dataclass

import numpy as np

from pipeline.estimate.grouping import Floats, Ints, Runs, centre, runs
from pipeline.estimate.separation import Informative
from pipeline.estimate.solve import Factor, factor, inverse, solve

MOST_STEPS = 50
SMALL_STEP = 1e-10  # of a coefficient, columns scaled to unit root mean square
SMALL_DECREMENT = 1e-20  # squared length of a step in standard errors
FALL = 1e-9  # relative change of the log likelihood that is rounding
LOST = 1e-6  # relative move of a coefficient that the score's rounding alone could cause


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
