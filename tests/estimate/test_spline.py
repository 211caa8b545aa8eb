"""Columns of a spline with three knots, against SciPy's natural cubic and its tangents beyond."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from pipeline.estimate.spline import Knots, spline_coefficients, spline_columns

Array = NDArray[Any]
KNOTS: tuple[Knots, ...] = (
    (0.0, 1.0, 2.0),
    (-3.0, 0.5, 0.75),
    (1e3, 1e3 + 1, 1e3 + 5),
    tuple(np.log([10.0, 25.0, 60.0])),
    tuple(np.log1p([0.0, 3.0, 8.0])),
)
ROOMY = st.floats(0.1, 3.0)


def natural(at: Array, knots: Knots) -> Array:
    """Each of the three columns (n, 3) as SciPy draws it through 1 and two 0; tangents beyond."""
    columns = []
    for heights in np.eye(3):
        curve = CubicSpline(knots, heights, bc_type="natural")
        slope = curve.derivative()
        inside = curve(np.clip(at, knots[0], knots[2]))
        below = np.minimum(at - knots[0], 0) * slope(knots[0])
        above = np.maximum(at - knots[2], 0) * slope(knots[2])
        columns.append(inside + below + above)
    return np.column_stack(columns)


def about(knots: Knots) -> Array:
    """Numbers between the knots and as far beyond them as these are apart, and the knots."""
    first, _, last = knots
    return np.concatenate([np.linspace(2 * first - last, 2 * last - first, 61), knots])


@pytest.mark.parametrize("knots", KNOTS)
def test_columns_are_those_of_a_natural_spline_and_its_tangents(knots):
    at = about(knots)
    assert spline_columns(at, knots) == pytest.approx(natural(at, knots), rel=1e-6, abs=1e-6)


@given(st.floats(-5, 5), ROOMY, ROOMY)
def test_columns_of_any_knots_are_those_of_a_natural_spline(first, gap, other):
    knots = first, first + gap, first + gap + other
    at = about(knots)
    assert spline_columns(at, knots) == pytest.approx(natural(at, knots), abs=1e-8)


@pytest.mark.parametrize("knots", KNOTS)
def test_each_column_is_one_at_its_own_knot_and_all_sum_to_one(knots):
    assert spline_columns(np.array(knots), knots) == pytest.approx(np.eye(3), abs=1e-8)
    assert spline_columns(about(knots), knots).sum(axis=1) == pytest.approx(1, abs=1e-8)


def test_a_curve_by_hand():
    """The middle column of knots 0, 1, 2: 1.5 t - 0.5 t³ up to 1, the same mirrored, then lines."""
    at = np.array([-1.0, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0])
    middle = [-1.5, 0.0, 0.6875, 1.0, 0.6875, 0.0, -1.5]
    assert spline_columns(at, (0.0, 1.0, 2.0))[:, 1] == pytest.approx(middle, abs=1e-12)


@pytest.mark.parametrize("knots", KNOTS)
def test_a_line_stays_a_line(knots):
    """Whose heights at the knots are those of a line, for it has no bend."""
    at = about(knots)
    line = spline_columns(at, knots) @ (0.3 - 2 * np.array(knots))
    assert line == pytest.approx(0.3 - 2 * at, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("knots", KNOTS)
def test_coefficients_are_of_one_of_the_number_and_of_the_bend(knots):
    """The first and second differences below the first knot have nothing of the bend."""
    first, _, last = knots
    at = first - np.array([1.0, 2.0, 3.0]) * (last - first)
    one, slope, bend = spline_coefficients(knots)
    assert spline_columns(at, knots) == pytest.approx(one + np.outer(at, slope), abs=1e-6)
    assert one.sum() == pytest.approx(1, abs=1e-6)
    assert (slope.sum(), bend.sum()) == pytest.approx((0, 0), abs=1e-6)
    assert bend.tolist() != [0, 0, 0]


def test_a_number_that_is_missing_has_no_columns():
    columns = spline_columns(np.array([np.nan, 1.0]), (0.0, 1.0, 2.0))
    assert np.isnan(columns[0]).all()
    assert columns[1] == pytest.approx([0, 1, 0], abs=1e-12)


def test_no_numbers_have_three_columns():
    assert spline_columns(np.zeros(0), (0.0, 1.0, 2.0)).shape == (0, 3)
