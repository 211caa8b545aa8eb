"""Hostile scales against exact rational arithmetic: timestamps, ids, outliers, near collinearity.

A Gram matrix loses digits like 1e-16 / (1 - R²): about 1e-9 in G (a year and its square) and H.
"""

from fractions import Fraction
from math import isqrt

import numpy as np
import pytest

from pipeline.estimate.cluster_robust import cr1
from pipeline.estimate.linear import least_squares
from pipeline.estimate.states import states

CREATORS, ROWS, K = 8, 736, 3
DIGITS = 10**60


def design(name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Eight creators, 736 rows, three regressors; the second column is the hostile one."""
    rng = np.random.default_rng(ord(name))
    group = np.repeat(np.arange(CREATORS), [4, 12, 30, 50, 90, 130, 180, 240])
    logs = np.log1p(rng.lognormal(4, 2, ROWS))
    dummy = (rng.random(ROWS) < 0.3).astype(float)
    noise = rng.normal(size=ROWS)
    year = rng.integers(2019, 2027, ROWS).astype(float)
    hostile = {
        "A": noise,
        "B": rng.lognormal(14, 1.2, ROWS).round(),
        "C": 1.7e9 + rng.integers(0, 40_000_000, ROWS),
        "D": 1e8 * (1 + group) + noise,
        "E": 1e12 * (1 + group) + 100 * noise,
        "F": np.where(np.arange(ROWS) == 0, 1e10, noise),
        "G": year,
        "H": logs + 1e-3 * noise,
    }[name]
    first = year**2 if name == "G" else logs
    x = np.column_stack([first, hostile, dummy])
    scaled = (x - x.mean(axis=0)) / x.std(axis=0)
    y = scaled @ [0.5, -1.0, 0.3] + group + rng.lognormal(0, 1, ROWS)
    return x, y, group


def exact(x: np.ndarray, y: np.ndarray, group: np.ndarray) -> tuple[list[float], list[float]]:
    """Slopes and CR1 standard errors, rounded once at the very end."""
    rows = [[Fraction(v) for v in row] for row in np.column_stack([x, y]).tolist()]
    products = []
    for creator in range(CREATORS):
        own = [row for row, g in zip(rows, group, strict=True) if g == creator]
        means = [sum(column) / len(own) for column in zip(*own, strict=True)]
        away = [[v - m for v, m in zip(row, means, strict=True)] for row in own]
        columns = list(zip(*away, strict=True))
        products.append([[sum(map(Fraction.__mul__, a, b)) for b in columns] for a in columns])
    total = [[sum(p[i][j] for p in products) for j in range(K + 1)] for i in range(K + 1)]
    solved = eliminate(
        [[*total[i][:K], total[i][K], *(Fraction(i == j) for j in range(K))] for i in range(K)]
    )
    slopes, bread = [row[0] for row in solved], [row[1:] for row in solved]
    scores = [
        [p[i][K] - sum(p[i][j] * slopes[j] for j in range(K)) for i in range(K)] for p in products
    ]
    factor = Fraction(CREATORS, CREATORS - 1) * Fraction(ROWS - 1, ROWS - K - 1)
    variances = [
        factor * sum(sum(map(Fraction.__mul__, row, score)) ** 2 for score in scores)
        for row in bread
    ]
    roots = [
        Fraction(isqrt(v.numerator * v.denominator * DIGITS**2), v.denominator * DIGITS)
        for v in variances
    ]
    return [float(b) for b in slopes], [float(r) for r in roots]


def eliminate(rows: list[list[Fraction]]) -> list[list[Fraction]]:
    """Gauss-Jordan: the columns right of the square, solved."""
    for i in range(len(rows)):
        rows[i] = [v / rows[i][i] for v in rows[i]]
        for other in range(len(rows)):
            if other != i:
                times = rows[other][i]
                rows[other] = [a - times * b for a, b in zip(rows[other], rows[i], strict=True)]
    return [row[len(rows) :] for row in rows]


@pytest.mark.parametrize(
    ("name", "slope", "error"),
    [
        ("A", 2e-15, 1e-13),
        ("B", 5e-15, 1e-13),
        ("C", 5e-15, 1e-13),
        ("D", 5e-15, 1e-13),
        ("E", 5e-15, 1e-13),
        ("F", 5e-15, 1e-13),
        ("G", 1e-8, 1e-8),
        ("H", 5e-9, 5e-9),
    ],
)
def test_slopes_and_errors_are_those_of_exact_arithmetic(name, slope, error):
    x, y, group = design(name)
    slopes, errors = exact(x, y, group)
    fit = least_squares(states(np.column_stack([x, y]), group), K, range(K))
    got = np.sqrt(cr1(fit.blocks).diagonal())
    np.testing.assert_allclose(fit.estimate, slopes, rtol=slope)
    np.testing.assert_allclose(got, errors, rtol=error)
