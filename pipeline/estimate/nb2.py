"""Events of variance μ + a μ² (NB2) as functions of their means; Poisson where a is 0."""

import numpy as np
from scipy.special import digamma, gammaln, kl_div, xlogy

from pipeline.estimate.grouping import Floats, Runs
from pipeline.estimate.negative_binomial import Weighted, solved_levels

MOST_TURNS = 100  # of each search for the dispersion
STIRLING = 100.0  # 1 / dispersion from which digamma is its series, where differences would cancel
FARTHEST = 60.0  # of the log of the dispersion from where the search starts


def deviance(y: Floats, fitted: Floats, dispersion: float) -> float:
    """Twice the log likelihood that the means (m,) lack of the events (m,) themselves.

    Of variance μ + a μ²; 2 Σ (y log(y/μ) - (y - μ)) where a is 0.
    """
    if dispersion == 0:
        return 2 * float(kl_div(y, fitted).sum())
    spread = np.log1p(dispersion * y) - np.log1p(dispersion * fitted)
    return 2 * float((xlogy(y, y / fitted) - (y + 1 / dispersion) * spread).sum())


def fitted_means(predictor: Floats, y: Floats, rows: Runs, dispersion: float) -> Floats:
    """Means (m,) of rows in the order of `rows`: exp of the predictor (m,) and the creator's level.

    The level is that at which the creator's likelihood is greatest; all creators have events.
    """
    if dispersion == 0:
        top = np.maximum.reduceat(predictor, rows.starts)
        relative = np.exp(predictor - rows.spread(top))
        means: Floats = relative * rows.spread(rows.total(y) / rows.total(relative))
        return means
    start = np.log(rows.total(y) / rows.counts) - np.maximum.reduceat(predictor, rows.starts)
    levels = solved_levels(predictor, y, np.ones(len(y)), rows, dispersion, start)
    return np.asarray(np.exp(predictor + rows.spread(levels)), dtype=float)


def information_weights(fitted: Floats, dispersion: float) -> Floats:
    """Expected information (m,) of events with means (m,) on the log of the mean: μ/(1 + a μ).

    A residual y - μ adds (y - μ)/(1 + a μ) to the score.
    """
    weights: Floats = fitted / (1 + dispersion * fitted)
    return weights


def starting_dispersion(data: Weighted, fitted: Floats) -> float:
    """Log of the dispersion that the squared residuals suggest; -∞ where they suggest none."""
    y, weights = data.sample.y, data.weights
    excess = weights @ ((y - fitted) ** 2 - y)
    return float(np.log(excess) - np.log(weights @ fitted**2)) if excess > 0 else -np.inf


def log_likelihood(data: Weighted, fitted: Floats, dispersion: float) -> float:
    """The log likelihood at means (m,), but for the terms in y alone."""
    y = data.sample.y
    if dispersion == 0:
        return float(data.weights @ (xlogy(y, fitted) - fitted))
    size = 1 / dispersion
    start = gammaln(y + size) - gammaln(size) + y * np.log(dispersion)
    return float(data.weights @ (start + xlogy(y, fitted) - (y + size) * np.log1p(fitted / size)))


def likeliest_dispersion(data: Weighted, fitted: Floats, start: float) -> float:
    """Log of the dispersion that maximises the likelihood at the means (m,), from a start."""
    from scipy.optimize import brentq  # slow to import

    def rise(log_a: float) -> float:
        return _rise(data, fitted, float(np.exp(-log_a)))

    side = 1.0 if rise(start) > 0 else -1.0
    inside, step = start, 0.5
    while (outside := inside + side * step, side * rise(outside) > 0)[1]:
        if abs(outside - start) > FARTHEST:
            return outside
        inside, step = outside, 2 * step
    return float(
        brentq(rise, inside, outside, xtol=1e-13, rtol=1e-14, maxiter=MOST_TURNS, disp=False)
    )


def _rise(data: Weighted, fitted: Floats, size: float) -> float:
    """Derivative of the likelihood by the log of the dispersion, which is 1 / `size`.

    -r Σ w (ψ(y + r) - ψ(r) - log(1 + μ/r) + (μ - y)/(r + μ)), r the size (Lawless 1987). For a
    large r the digamma functions ψ are Stirling's series, and what cancels is taken together.
    """
    y = data.sample.y
    moved = np.maximum((y - fitted) / (size + fitted), np.finfo(float).epsneg - 1)
    if size < STIRLING:
        terms = digamma(y + size) - digamma(size) - np.log1p(fitted / size) - moved
    else:
        gap = y / (size * (y + size))  # 1/r - 1/(y + r)
        squares = gap * (1 / size + 1 / (y + size))
        series = squares / 12 - squares * (1 / size**2 + 1 / (y + size) ** 2) / 120
        terms = np.log1p(moved) - moved + gap / 2 + series
    return -size * float(data.weights @ terms)
