"""Samples for the linear estimates, and their fits."""

import numpy as np

from pipeline.estimate.linear import least_squares
from pipeline.estimate.states import states


def sample(seed: int, creators: int, k: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Unbalanced creators (2 rows or more), skewed columns and errors, slopes of their own."""
    rng = np.random.default_rng(seed)
    sizes = np.maximum(2, rng.lognormal(3, 1.2, creators).astype(int)) + (k if creators < 5 else 0)
    group = np.repeat(np.arange(creators), sizes)
    n = len(group)
    x = np.log1p(rng.lognormal(4, 2, (n, k))) + rng.normal(size=creators)[group, None]
    x[:, ::3] = rng.random((n, len(range(0, k, 3)))) < 0.4
    slopes = rng.normal(0, 0.5, (creators, k)) + np.linspace(-1, 1, k)
    y = (x * slopes[group]).sum(axis=1) + 3 * rng.normal(size=creators)[group]
    return x, y + rng.lognormal(0, 1, n), group


def fitted(x, y, group):
    return least_squares(states(np.column_stack([x, y]), group), x.shape[1], range(x.shape[1]))


def demeaned(values, group):
    means = np.array([values[group == g].mean(axis=0) for g in range(group.max() + 1)])
    return values - means[group]
