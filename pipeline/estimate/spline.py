"""A natural cubic spline with three knots, told by its values at them."""

import numpy as np

from pipeline.estimate.grouping import Floats

ROUNDING = 1e-12  # which would look like a difference between videos
Knots = tuple[float, float, float]  # ascending


def spline_columns(at: Floats, knots: Knots) -> Floats:
    """Columns (n, 3) of which a spline is the sum, times its values at the three knots.

    Each is 1 at its own knot and 0 at the others, a cubic between them and straight beyond; they
    sum to 1. Without one of them, a coefficient is the difference from the value at its knot.

    >>> spline_columns(np.array([1.0, 2.0, 4.0]), (1.0, 2.0, 4.0)).round(9).tolist()
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """
    columns: Floats = _powers(at, knots) @ spline_coefficients(knots)
    return np.where(np.abs(columns) < ROUNDING, 0.0, columns)


def spline_coefficients(knots: Knots) -> Floats:
    """What each of the columns (3,) has of 1, of t, and of the bend: (3, 3), by part and column."""
    return np.linalg.inv(_powers(np.array(knots), knots)).astype(np.float64)


def _powers(at: Floats, knots: Knots) -> Floats:
    """1, t, and the one bend that is straight beyond the knots (Harrell 2015, 2.4.5); (n, 3)."""
    first, middle, last = knots
    cubes = np.maximum(at[:, None] - np.array(knots), 0) ** 3
    weights = np.array([last - middle, first - last, middle - first]) / (last - middle)
    return np.column_stack([np.ones_like(at), at, cubes @ weights / (last - first) ** 2])
