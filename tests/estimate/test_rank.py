"""Absorbed and collinear columns are named, and good ones are kept."""

import numpy as np
import pytest

from pipeline.estimate.collinearity import rank
from pipeline.estimate.states import states

GROUP = np.repeat(np.arange(12), np.arange(12) * 3 + 1)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def judged(*columns: np.ndarray):
    return rank(states(np.column_stack(columns), GROUP), range(len(columns)))


def test_independent_columns_are_all_kept(rng):
    got = judged(*rng.lognormal(0, 2, (4, len(GROUP))))
    assert got.kept == (0, 1, 2, 3)
    assert (got.absorbed, got.collinear) == ((), ())
    assert got.varies_in.tolist() == [11] * 4  # one creator has a single row


def test_absorbed_columns_are_found_exactly(rng):
    a = rng.normal(size=len(GROUP))
    got = judged(a, (GROUP % 2).astype(float), np.log(3.0 + GROUP), np.full(len(GROUP), 0.1))
    assert got.kept == (0,)
    assert got.absorbed == (1, 2, 3)
    assert got.constant == (3,)
    assert got.varies_in.tolist() == [11, 0, 0, 0]


@pytest.mark.parametrize("unit", [1.0, 1e6, 1e-6])
def test_a_collinear_column_is_dropped_with_its_combination(rng, unit):
    a, d = rng.lognormal(0, 1, len(GROUP)), rng.integers(0, 2, len(GROUP)).astype(float)
    later = rng.normal(size=len(GROUP))
    got = judged(a, d, unit * (2 * a - 3 * d), later)
    assert got.kept == (0, 1, 3)
    (dup,) = got.collinear
    assert dup.column == 2
    np.testing.assert_allclose(dup.coefficients, [2 * unit, -3 * unit, 0], rtol=1e-12)


def test_the_last_declared_of_a_collinear_set_goes(rng):
    a, d = rng.normal(size=(2, len(GROUP)))
    whole = states(np.column_stack([a, d, 2 * a - 3 * d]), GROUP)
    got = rank(whole, [2, 1, 0])
    assert got.kept == (2, 1)
    assert got.collinear[0].column == 0
    np.testing.assert_allclose(got.collinear[0].coefficients, [0.5, 1.5], rtol=1e-12)


def test_collinear_up_to_a_constant_per_creator_counts(rng):
    a = rng.normal(size=len(GROUP))
    assert judged(a, 5 * a + 1e3 * GROUP).collinear[0].coefficients == pytest.approx([5], rel=1e-9)


def test_a_valid_column_of_tiny_spread_is_kept(rng):
    a = rng.normal(size=len(GROUP))
    assert judged(a, 1e-7 * rng.normal(size=len(GROUP)) + 3).kept == (0, 1)


@pytest.mark.parametrize(("noise", "kept"), [(1e-4, (0, 1)), (1e-5, (0,))])
def test_the_threshold_is_one_part_in_a_billion_of_the_variance(rng, noise, kept):
    a = rng.normal(size=len(GROUP))
    assert judged(a, a + noise * rng.normal(size=len(GROUP))).kept == kept


def test_a_column_that_varies_in_one_creator_is_kept_and_counted(rng):
    lonely = ((GROUP == 4) & (np.arange(len(GROUP)) % 2 == 0)).astype(float)
    got = judged(rng.normal(size=len(GROUP)), lonely)
    assert got.kept == (0, 1)
    assert got.varies_in.tolist() == [11, 1]


def test_no_columns_and_no_creators():
    assert judged(np.zeros(len(GROUP))).kept == ()
    assert rank(states(np.empty((0, 1)), np.empty(0, dtype=int), creators=0), [0]).absorbed == (0,)


def test_pivots_that_look_well_do_not_hide_a_direction_without_information():
    """Kahan's (1966) matrix: no pivot is below 0.004, and an eigenvalue of 5e-13 hides there."""
    n, angle = 40, 1.2
    upper = np.triu(np.full((n, n), -np.cos(angle)), 1) + np.eye(n)
    columns = (np.sin(angle) ** np.arange(n))[:, None] * upper
    unit = columns / np.linalg.norm(columns, axis=0)
    assert np.diagonal(np.linalg.qr(unit)[1]).min() ** 2 > 0.004
    group = np.zeros(2 * n, dtype=int)
    got = rank(states(np.vstack([columns, -columns]), group), range(n))  # of mean 0
    (gone,) = got.collinear
    assert set(got.kept) == set(range(n)) - {gone.column}
    near, column = columns[:, got.kept] @ gone.coefficients, columns[:, gone.column]
    np.testing.assert_allclose(near, column, atol=1e-3 * np.abs(column).max())
    assert np.linalg.svd(unit[:, got.kept])[1][-1] ** 2 > 1e-10
