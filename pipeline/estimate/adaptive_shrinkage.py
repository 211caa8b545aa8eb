"""Estimates of many lines, shrunken by the sizes of all: which way each points, and how far."""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaincinv, logsumexp, ndtr

from pipeline.estimate.grouping import Floats

NOTHING = np.linspace(0.02, 0.98, 49)  # shares of the lines that are nothing
SCEPTICAL = 9.0  # their prior density grows with this power: on average 10 lines in 11 are nothing
SIZES = np.geomspace(0.05, 1.6, 16)  # standard deviations of the others, log ratios
NODES = 64  # of the integral over a standard error's own uncertainty
TAIL = 0.025
SIZES_BETWEEN = (0.1, 0.75)
BISECTIONS = 40


@dataclass(frozen=True, slots=True, eq=False)
class ShrunkenLines:
    """What the estimates of k lines say, each in the light of all.

    Attributes:
        odds: (k,) probability that the line points the way its estimate does; that it is nothing
            counts as wrong.
        nothing: (k,) probability that it is nothing.
        estimate: (k,) posterior means.
        low: (k,) 2.5 % quantiles, 0 where that is in the middle of nothing.
        high: (k,) 97.5 % quantiles.
        smaller: (k,) 10 % quantile of the size, given that it points the way the estimate does.
        larger: (k,) 75 % quantile.
    """

    odds: Floats
    nothing: Floats
    estimate: Floats
    low: Floats
    high: Floats
    smaller: Floats
    larger: Floats


def shrink_lines(estimate: Floats, std_error: Floats, dof: Floats) -> ShrunkenLines:
    """Shrink estimates (k,) with Student's t errors: nothing in a share of the lines, else normal.

    A hierarchical form of adaptive shrinkage (Stephens 2017): the true log ratios are 0 with
    probability π, else normal about 0 with standard deviation σ. Few lines tell π and σ badly, so
    that they are not set to their best values but integrated over, π with a Beta(10, 1) prior and σ
    evenly in its log from 0.05 to 1.6. The prior was chosen by simulation (`simulations/prior.py`):
    with an even one a third of the statements at odds of 2 in 3 to 4 in 5 were right where one line
    of ten is something. The errors are Student's t with `dof` (k,): normal, with a precision that
    is uncertain as a gamma distribution, over whose quantiles is averaged. Errors of different
    lines are taken to be independent.

    Args:
        estimate: (k,) log ratios, as they are shown (for a doubling, of a number).
        std_error: (k,) > 0.
        dof: (k,) > 0.

    >>> shrunken = shrink_lines(np.array([0.0, 2.0]), np.array([0.1, 0.1]), np.array([20.0, 20.0]))
    >>> (shrunken.odds > [0.0, 0.999]).tolist(), bool(shrunken.nothing[0] > 0.5)
    ([True, True], True)
    """
    k = len(estimate)
    if not k:
        return ShrunkenLines(*(np.empty(0) for _ in range(7)))
    even = (np.arange(NODES) + 0.5) / NODES
    precision = gammaincinv(dof[:, None] / 2, even) / (dof[:, None] / 2)
    variance = (std_error[:, None] ** 2 / np.maximum(precision, np.finfo(float).tiny))[:, :, None]
    between = SIZES**2
    given = _log_normal(estimate[:, None, None], variance + between)  # (k, nodes, sizes)
    none = logsumexp(_log_normal(estimate[:, None], variance[:, :, 0]), axis=1) - np.log(NODES)
    some = logsumexp(given, axis=1) - np.log(NODES)  # (k, sizes)
    of_none = np.log(NOTHING)[:, None] + none[:, None, None]  # (k, shares, sizes)
    of_some = np.log1p(-NOTHING)[:, None] + some[:, None, :]
    either = np.logaddexp(of_none, of_some)
    likely = either.sum(axis=0) + SCEPTICAL * np.log(NOTHING)[:, None]
    weight = np.exp(likely - logsumexp(likely))  # of shares and sizes
    nothing = (weight * np.exp(of_none - either)).sum(axis=(1, 2))
    of_size = (weight * np.exp(of_some - either)).sum(axis=1)  # (k, sizes)
    share = np.exp(given - some[:, None, :]) / NODES * of_size[:, None, :]
    mean = estimate[:, None, None] * between / (variance + between)
    spread = np.sqrt(variance * between / (variance + between))
    positive = (share * ndtr(mean / spread)).sum(axis=(1, 2))
    odds = np.clip(np.where(estimate >= 0, positive, 1 - nothing - positive), 0, 1)
    ends = [_quantile(share, mean, spread, nothing, tail) for tail in (TAIL, 1 - TAIL)]
    along = mean * np.where(estimate >= 0, 1, -1)[:, None, None]
    against = 1 - odds  # what lies beyond nothing, and nothing itself
    sizes = [
        _quantile(share, along, spread, nothing, against + part * odds) for part in SIZES_BETWEEN
    ]
    shrunken = (share * mean).sum(axis=(1, 2))
    return ShrunkenLines(odds, nothing, shrunken, *ends, *sizes)


def _log_normal(value: Floats, variance: Floats) -> Floats:
    density: Floats = -(np.log(2 * np.pi * variance) + value**2 / variance) / 2
    return density


def _quantile(
    share: Floats, mean: Floats, spread: Floats, nothing: Floats, tail: Floats | float
) -> Floats:
    """Quantiles (k,) of mixtures of normals and of nothing, by bisection."""
    reach = (np.abs(mean) + 10 * spread).max(axis=(1, 2))
    low, high = -reach, reach
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        below = (share * ndtr((middle[:, None, None] - mean) / spread)).sum(axis=(1, 2))
        is_below = below + nothing * (middle >= 0) < tail
        low, high = np.where(is_below, middle, low), np.where(is_below, high, middle)
    quantile: Floats = np.where(np.abs(high) < 1e-9, 0.0, high)
    return quantile
