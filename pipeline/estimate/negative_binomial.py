"""The negative binomial likelihood with creator effects and row weights, at a given dispersion."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, log_expit

from pipeline.estimate.cluster_robust import Blocks
from pipeline.estimate.grouping import Floats, Runs
from pipeline.estimate.poisson_maximum import (
    FALL,
    LOST,
    MOST_STEPS,
    SMALL_DECREMENT,
    SMALL_STEP,
    NotConverged,
    SortedSample,
)
from pipeline.estimate.solve import Factor, factor, inverse, solve

MOST_TURNS = 100  # of the search for a level
BISECTED = 20  # turns from which a level is looked for by halves: then 60 more are enough
LONGEST = 4.0  # step of a level
SMALL_LEVEL = 1e-11  # step of a level at which it is found


@dataclass(frozen=True, slots=True, eq=False)
class Weighted:
    """The rows used, sorted by creator as in `sample`, and their weights (m,), in any unit."""

    sample: SortedSample
    weights: Floats


@dataclass(frozen=True, slots=True, eq=False)
class NB2Point:
    """The NB2 likelihood at slopes (k,) in the units of the sample, the levels (G,) solved for.

    Attributes:
        log_likelihood: up to what the slopes do not change.
        predictor: (m,) η, the log of μ.
        residual: (m,) w (y - μ)/(1 + a μ), the score of the linear predictor.
        terms: (m,) the same with a plus, for how much its rounding matters.
        expected: (m,) w μ/(1 + a μ), the information on the linear predictor.
        observed: (m,) w μ (1 + a y)/(1 + a μ)², minus the second derivative.
    """

    beta: Floats
    levels: Floats
    log_likelihood: float
    predictor: Floats
    residual: Floats
    terms: Floats
    expected: Floats
    observed: Floats

    @property
    def fitted(self) -> Floats:
        """The means (m,), events."""
        means: Floats = np.exp(self.predictor)
        return means


def maximise(
    data: Weighted, dispersion: float, beta: Floats, levels: Floats
) -> NB2Point | NotConverged:
    """Newton's method from slopes `beta` (k,), with guards and halved steps as in `poisson`.

    `levels` (G,) is where the search for the creators' levels starts.
    """
    x = data.sample.x
    here, step = _point(data, dispersion, beta, levels), np.ones_like(beta)
    for iteration in range(MOST_STEPS):
        deviations, score = _deviations(data, here.observed), x.T @ here.residual
        try:
            factored = factor(deviations.T @ deviations)
        except ValueError:  # the information is gone: the fit runs to infinity
            return _moving(iteration, step)
        if _lost(here, np.abs(x).T @ here.terms, factored):
            return _moving(iteration, step)
        step = solve(factored, score)
        there = _point(data, dispersion, here.beta + step, here.levels)
        while _short(here, there, float(step @ score)):
            step = step / 2
            if np.max(np.abs(step)) < SMALL_STEP:
                return _moving(iteration, step)
            there = _point(data, dispersion, here.beta + step, here.levels)
        here = there
        if np.max(np.abs(step), initial=0.0) < SMALL_STEP or step @ score < SMALL_DECREMENT:
            return here
    return _moving(MOST_STEPS, step)


def _lost(here: NB2Point, size: Floats, factored: Factor) -> bool:
    """Whether the rounding of the score, of terms of `size` (k,), could move a coefficient."""
    moves = inverse(factored).diagonal() * np.finfo(float).eps * size
    return bool(np.any(moves > LOST * np.maximum(np.abs(here.beta), 1)))


def _short(here: NB2Point, there: NB2Point, promised: float) -> bool:
    """Whether a step gains less than a quarter of what the slope promises, beyond rounding."""
    gained = there.log_likelihood - here.log_likelihood
    return gained < promised / 4 - FALL * abs(here.log_likelihood)


def _moving(iterations: int, step: Floats) -> NotConverged:
    """No convergence, with the columns that moved by a tenth of the largest move or more."""
    size = np.abs(step)
    return NotConverged(iterations, tuple(np.flatnonzero(size >= size.max() / 10).tolist()))


def _point(data: Weighted, dispersion: float, beta: Floats, levels: Floats) -> NB2Point:
    """Evaluate the concentrated likelihood at scaled slopes (k,), levels (G,) from those given."""
    sample, log_a = data.sample, np.log(dispersion)
    predictor = sample.x @ beta + sample.offset
    levels = solved_levels(predictor, sample.y, data.weights, sample.rows, dispersion, levels)
    eta = predictor + sample.rows.spread(levels)
    odds = log_a + eta  # log aμ
    share, damped = expit(odds) / dispersion, expit(-odds)  # μ/(1 + aμ), 1/(1 + aμ)
    events = data.weights * sample.y
    gain = events * log_expit(odds) + data.weights / dispersion * log_expit(-odds)
    return NB2Point(
        beta,
        levels,
        float(gain.sum()),
        eta,
        events * damped - data.weights * share,
        events * damped + data.weights * share,
        data.weights * share,
        (data.weights + dispersion * events) * share * damped,
    )


def solved_levels(
    predictor: Floats,
    y: Floats,
    weights: Floats,
    rows: Runs,
    dispersion: float,
    start: Floats,
) -> Floats:
    """The creators' levels (G,) at which each creator's residuals sum to 0, by guarded Newton.

    Rows (m,) are in the order of `rows`; the search begins at `start` (G,).
    """
    log_a, events = np.log(dispersion), weights * y
    level, low, high = start, np.full_like(start, -np.inf), np.full_like(start, np.inf)
    for turn in range(MOST_TURNS):
        eta = log_a + predictor + rows.spread(level)
        share, damped = expit(eta) / dispersion, expit(-eta)
        slope = rows.total(events * damped - weights * share)
        curvature = rows.total((weights + dispersion * events) * share * damped)
        low, high = np.where(slope > 0, level, low), np.where(slope > 0, high, level)
        far = np.abs(slope) >= LONGEST * curvature
        step = np.where(far, LONGEST * np.sign(slope), slope / np.where(far, 1.0, curvature))
        there = level + step
        bounded = np.isfinite(low) & np.isfinite(high)
        halve = bounded & ((there < low) | (there > high) | (turn >= BISECTED))
        there[halve] = (low[halve] + high[halve]) / 2
        moved, level = np.abs(there - level), there
        if moved.max() < SMALL_LEVEL:
            break
    return level


def _deviations(data: Weighted, information: Floats) -> Floats:
    """Deviations (m, k) from the creators' means weighted by (m,) `information`, times its root."""
    sample = data.sample
    total = np.maximum(sample.rows.total(information), np.finfo(float).tiny)
    mean = sample.rows.total(information[:, None] * sample.x) / total[:, None]
    deviations: Floats = np.sqrt(information)[:, None] * (sample.x - sample.rows.spread(mean))
    return deviations


def blocks(data: Weighted, point: NB2Point) -> Blocks:
    """Scores and expected information of each creator, in original units of the columns."""
    sample = data.sample
    deviations = _deviations(data, point.expected) * sample.scale
    information = [deviations[these].T @ deviations[these] for these in sample.rows.slices()]
    scores = sample.rows.total(sample.x * sample.scale * point.residual[:, None])
    return Blocks(np.stack(information), scores, point.beta / sample.scale, sample.rows.counts)
