"""Positive definite systems in equilibrated units; a singular one is refused, never inverted."""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_solve

from pipeline.estimate.grouping import Floats

SMALLEST_PIVOT = 1e-10  # a tenth of the collinearity rule in rank.py: rank decides, this guards


@dataclass(frozen=True, slots=True, eq=False)
class Factor:
    """Cholesky factor of D A D with unit diagonal, D = diag(A)^(-1/2).

    Attributes:
        scale: (k,) the diagonal of D.
        lower: (k, k) lower triangle.
    """

    scale: Floats
    lower: Floats


def factor(matrix: Floats) -> Factor:
    """Factor a positive definite matrix (k, k).

    Raises:
        ValueError: the matrix is not of full rank: a pivot of the unit-diagonal matrix, which is
            1 - R² of a column on the ones before it, is below 1e-10.
    """
    diagonal = matrix.diagonal()
    if not np.all(diagonal > 0):  # also refuses NaN
        raise ValueError("regressors are not of full rank: one does not vary within any creator")
    scale = 1 / np.sqrt(diagonal)
    try:
        lower = np.asarray(np.linalg.cholesky(matrix * scale[:, None] * scale), dtype=float)
    except np.linalg.LinAlgError:
        lower = np.zeros_like(matrix)
    if np.any(lower.diagonal() ** 2 < SMALLEST_PIVOT):
        raise ValueError("regressors are not of full rank: one is a combination of the others")
    return Factor(scale, lower)


def solve(factored: Factor, right: Floats) -> Floats:
    """A^-1 times `right` (k,) or (k, m)."""
    scale = factored.scale if right.ndim == 1 else factored.scale[:, None]
    return scale * np.asarray(cho_solve((factored.lower, True), scale * right))


def inverse(factored: Factor) -> Floats:
    """A^-1 (k, k), for its columns and diagonal; systems are solved with `solve`."""
    return solve(factored, np.eye(len(factored.scale)))
