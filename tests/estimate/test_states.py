"""States against sums over rows, and the algebra that merging and pooling promise."""

import doctest
from functools import reduce

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pipeline.estimate.states
from pipeline.estimate.linear import least_squares
from pipeline.estimate.states import States, empty, merge, select, states
from pipeline.estimate.sum_columns import pool_columns

FIELDS = ("rows", "means", "products", "low", "high")


def assert_same(one: States, other: States, tolerance: float = 0.0) -> None:
    spread = np.sqrt(np.einsum("gii->gi", other.products))
    size = np.maximum(np.abs(other.means), 1)
    scales = {"means": size, "products": spread[:, :, None] * spread[:, None, :] + size[:, :, None]}
    for field in FIELDS:
        got, want = getattr(one, field), getattr(other, field)
        if field in scales:
            assert np.all(np.abs(got - want) <= tolerance * scales[field]), field
        else:
            np.testing.assert_array_equal(got, want, err_msg=field)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20261121)


def test_states_are_what_numpy_says_creator_by_creator(rng):
    group = rng.integers(0, 7, 400)
    columns = rng.lognormal(0, 2, (400, 4))
    got = states(columns, group)
    for creator in range(7):
        rows = columns[group == creator]
        assert got.rows[creator] == len(rows)
        np.testing.assert_allclose(got.means[creator], rows.mean(axis=0), rtol=1e-14)
        want = np.cov(rows.T, bias=True) * len(rows)
        np.testing.assert_allclose(got.products[creator], want, rtol=1e-11, atol=1e-12)
        np.testing.assert_array_equal(got.low[creator], rows.min(axis=0))
        np.testing.assert_array_equal(got.high[creator], rows.max(axis=0))


@pytest.mark.parametrize("value", [0.1, np.log(7), 1e12 / 3, 1.7e9 + 0.3])
def test_a_column_constant_within_a_creator_has_products_of_exactly_zero(rng, value):
    columns = np.column_stack([np.full(37, value), rng.normal(size=37)])
    got = states(columns, np.zeros(37, dtype=int))
    assert got.products[0, 0].tolist() == [0.0, 0.0]
    assert got.means[0, 0] == value
    assert got.varies[0].tolist() == [False, True]


def test_creators_without_rows_are_empty_and_may_be_last():
    got = states(np.array([[1.0], [2.0]]), np.array([2, 2]), creators=4)
    assert got.rows.tolist() == [0, 0, 2, 0]
    assert_same(select(merge(empty(4, 1), got), [0]), got)


def test_no_rows_at_all():
    assert_same(states(np.empty((0, 2)), np.empty(0, dtype=int), creators=3), empty(3, 2))


@pytest.mark.parametrize(
    ("columns", "group"),
    [([[1.0], [np.nan]], [0, 0]), ([[1.0], [np.inf]], [0, 0]), ([[1.0], [2.0]], [-1, 0])],
)
def test_missing_values_and_wrong_creators_are_refused(columns, group):
    with pytest.raises(ValueError, match=r"finite|numbered"):
        states(np.array(columns), np.array(group))


def test_rows_in_any_order_give_the_same_fit(rng):
    group = rng.integers(0, 9, 600)
    columns = np.column_stack([rng.lognormal(8, 2, 600), rng.normal(size=600) + 1e6 * group])
    columns = np.column_stack([columns, columns @ [1e-4, 2.0] + rng.normal(size=600)])
    shuffled = rng.permutation(600)
    first, second = (
        least_squares(states(columns[at], group[at]), 2, [0, 1]).estimate
        for at in (np.arange(600), shuffled)
    )
    np.testing.assert_allclose(first, second, rtol=1e-12)


values = st.one_of(
    st.floats(-1e6, 1e6, allow_subnormal=False),
    st.sampled_from([0.0, 1.0, 0.1, 1.7e9, -3e11]),
)
tables = st.lists(st.tuples(st.integers(0, 2), values, values), max_size=12)


def from_rows(rows: list[tuple[int, float, float]]) -> States:
    columns = np.array([row[1:] for row in rows], dtype=float).reshape(-1, 2)
    return states(columns, np.array([row[0] for row in rows], dtype=int), creators=3)


@settings(deadline=None, derandomize=True)
@given(tables, tables, tables)
def test_merge_is_a_commutative_monoid(a, b, c):
    one, two, three = from_rows(a), from_rows(b), from_rows(c)
    none = empty(3, 2)
    assert_same(merge(one, none), one)
    assert_same(merge(none, one), one)
    whole = from_rows(a + b + c)
    # products of numbers of size m carry rounding of m², hence the size in assert_same squared
    reach = 1e-15 * max((abs(v) for row in a + b + c for v in row[1:]), default=1.0)
    tolerance = 1e-13 + 1e2 * reach
    assert_same(merge(one, two), merge(two, one), tolerance)
    assert_same(merge(merge(one, two), three), merge(one, merge(two, three)), tolerance)
    assert_same(reduce(merge, (three, one, two)), whole, tolerance)


def test_merging_states_of_other_columns_is_refused():
    with pytest.raises(ValueError, match="merged"):
        merge(empty(2, 3), empty(2, 4))


def levels(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    group = np.repeat(np.arange(5), [40, 30, 20, 2, 1])
    level = rng.integers(0, 6, len(group))
    level[group == 2] = 4  # creator 2 has a rare level only
    level[group == 3] = [3, 5]
    return np.column_stack([rng.normal(size=len(group)), np.eye(6)[level]]), group


def test_pooled_levels_are_the_states_of_the_pooled_column(rng):
    columns, group = levels(rng)
    weights = np.zeros((7, 5))
    weights[0, 0] = -2.5  # a column turned round and scaled
    weights[[1, 2, 3], [1, 2, 3]] = 1
    weights[4:, 4] = 1  # the last three levels become one
    assert_same(
        pool_columns(states(columns, group), weights), states(columns @ weights, group), 1e-13
    )


def test_a_pooled_level_that_fills_a_creator_is_exactly_absorbed_there(rng):
    columns, group = levels(rng)
    pooled = pool_columns(states(columns, group), np.array([[0.0] * 4 + [1.0] * 3]).T)
    assert not pooled.varies[[2, 3, 4]].any()
    assert pooled.products[2:, 0, 0].tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    "weights",
    [[1, 1, 0], [0, 1, 2], [0, 1, -1]],
    ids=["not 0/1", "weight 2", "a difference"],
)
def test_sums_whose_extremes_cannot_be_known_are_refused(rng, weights):
    columns, group = levels(rng)
    with pytest.raises(ValueError, match="exclude each other"):
        pool_columns(states(columns[:, :3], group), np.array([weights], dtype=float).T)


def test_dummies_that_overlap_are_refused():
    columns = np.array([[1.0, 1.0], [0.0, 1.0], [1.0, 0.0]])
    with pytest.raises(ValueError, match="exclude each other"):
        pool_columns(states(columns, np.zeros(3, dtype=int)), np.ones((2, 1)))


def test_the_documented_example_is_true():
    got = doctest.testmod(pipeline.estimate.states)
    assert (got.failed, got.attempted) == (0, 2)
