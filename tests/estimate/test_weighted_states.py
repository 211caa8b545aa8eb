"""Weighted states: statsmodels' WLS with dummies agrees, and equal weights change nothing."""

import numpy as np
import pytest

from pipeline.estimate.cluster_robust import cr1
from pipeline.estimate.linear import least_squares
from pipeline.estimate.states import states
from pipeline.estimate.weighted_states import weighted_states


def rows(seed: int, creators: int = 9, n: int = 160):
    rng = np.random.default_rng(seed)
    group = rng.permutation(np.append(np.arange(creators), rng.integers(0, creators, n)))
    x = rng.normal(size=(len(group), 3)) + group[:, None]
    x[:, 2] = rng.random(len(group)) < 0.3
    y = x @ [0.5, -1.0, 0.3] + rng.normal(size=len(group)) + 100 * group
    return np.column_stack([x, y]), group, rng.uniform(0.2, 4, len(group))


def test_slopes_and_clustered_errors_are_those_of_weighted_least_squares_with_dummies():
    import statsmodels.api as sm

    columns, group, weights = rows(1)
    ours = least_squares(weighted_states(columns, group, weights), 3, [0, 1, 2])
    dummies = (group[:, None] == np.arange(group.max() + 1)).astype(float)
    design = np.column_stack([columns[:, :3], dummies])
    fitted = sm.WLS(columns[:, 3], design, weights=weights).fit(
        cov_type="cluster", cov_kwds={"groups": group}, use_t=True
    )
    n, k, creators = len(group), 3, dummies.shape[1]
    theirs = fitted.bse[:k] * np.sqrt((n - k - creators) / (n - k - 1))
    np.testing.assert_allclose(ours.estimate, fitted.params[:k], rtol=1e-9)
    np.testing.assert_allclose(np.sqrt(np.diagonal(cr1(ours.blocks))), theirs, rtol=1e-8)


def test_equal_weights_are_none_and_their_size_is_of_no_account():
    columns, group, weights = rows(2)
    plain, ones = states(columns, group), weighted_states(columns, group, np.ones(len(group)))
    np.testing.assert_allclose(ones.means, plain.means, rtol=1e-13)
    np.testing.assert_allclose(ones.products, plain.products, rtol=1e-10, atol=1e-10)
    first, second = (
        least_squares(weighted_states(columns, group, times * weights), 3, [0, 1, 2])
        for times in (1.0, 1e-3)
    )
    np.testing.assert_allclose(first.estimate, second.estimate, rtol=1e-10)


def test_whole_weights_are_rows_repeated():
    columns, group, _ = rows(3)
    times = np.random.default_rng(4).integers(1, 4, len(group))
    repeated = states(np.repeat(columns, times, axis=0), np.repeat(group, times))
    weighted = weighted_states(columns, group, times.astype(float))
    np.testing.assert_allclose(weighted.means, repeated.means, rtol=1e-12)
    np.testing.assert_allclose(weighted.products, repeated.products, rtol=1e-9, atol=1e-9)


def test_what_is_constant_within_a_creator_does_not_vary_at_all():
    group = np.array([0, 0, 0, 1, 1])
    weighted = weighted_states(
        np.array([[0.1], [0.1], [0.1], [1e17], [2e17]]), group, np.ones(5) / 3
    )
    assert weighted.varies[:, 0].tolist() == [False, True]
    assert weighted.products[0, 0, 0] == 0


@pytest.mark.parametrize("wrong", [0.0, -1.0, np.nan, np.inf])
def test_a_weight_that_is_none_is_refused(wrong):
    with pytest.raises(ValueError, match="positive and finite"):
        weighted_states(np.ones((2, 1)), np.zeros(2, dtype=int), np.array([1.0, wrong]))
