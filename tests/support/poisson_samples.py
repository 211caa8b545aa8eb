"""Samples for the Poisson estimates, and their fits."""

import numpy as np

from pipeline.estimate.poisson import PoissonFit, poisson

Sample = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def sample(seed: int, creators: int = 12, k: int = 4) -> Sample:
    """Overdispersed events of unbalanced creators: x, y, group, offset."""
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(creators), np.maximum(3, rng.lognormal(3, 1, creators).astype(int)))
    n = len(group)
    x = np.log1p(rng.lognormal(2, 1, (n, k)))
    x[:, 0] = rng.random(n) < 0.4
    offset = rng.normal(8, 2, n)
    rate = np.exp(x @ np.linspace(-0.6, 0.4, k) + rng.normal(size=creators)[group] + offset - 8)
    y = rng.poisson(rate * rng.gamma(1, 1, n)).astype(float)
    y[np.flatnonzero(np.diff(group, prepend=-1))] += 1  # every creator has an event
    return x, y, group, offset


def fitted(x, y, group, offset) -> PoissonFit:
    got = poisson(x, y, group, offset)
    assert isinstance(got, PoissonFit)
    return got


def close(got, want, tolerance):
    assert np.max(np.abs(np.asarray(got) - want)) <= tolerance * np.max(np.abs(want))


def separating(seed: int) -> Sample:
    """A dummy that is 1 only where nothing happened, among creators who have both."""
    x, y, group, offset = sample(seed)
    rng = np.random.default_rng(seed)
    dummy = ((y == 0) & (rng.random(len(y)) < 0.7)).astype(float)
    return np.column_stack([x, dummy]), y, group, offset
