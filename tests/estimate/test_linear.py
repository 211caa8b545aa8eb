"""Least squares and its inference against statsmodels and against refits without a creator."""

import numpy as np
import pytest
import scipy.stats
import statsmodels.api as sm

from pipeline.estimate.cluster_robust import (
    Blocks,
    cr1,
    cr3,
    effective_creators,
    effective_dof,
    leave_one_out,
    partial_leverage,
    t_interval,
)
from pipeline.estimate.hc3 import residuals
from pipeline.estimate.linear import least_squares
from pipeline.estimate.states import states
from support.linear_samples import demeaned, fitted, sample

CASES = [(11, 12, 6), (12, 30, 9), (13, 3, 4)]  # seed, creators, regressors


def close(got, want, tolerance=1e-10):
    """Largest difference relative to the largest value of each quantity."""
    assert np.max(np.abs(np.asarray(got) - want)) <= tolerance * np.max(np.abs(want))


@pytest.mark.parametrize("case", CASES)
def test_statsmodels_with_dummies_agrees(case):
    x, y, group = sample(*case)
    n, k, creators = *x.shape, group.max() + 1
    ols = sm.OLS(y, np.column_stack([x, np.eye(creators)[group]]))
    want = ols.fit(cov_type="cluster", cov_kwds={"groups": group}, use_t=True)
    got = fitted(x, y, group)
    close(got.estimate, want.params[:k])
    close(got.effects, want.params[k:])
    close(got.ssr, want.ssr)
    assert (got.rows, got.creators, got.singletons) == (n, creators, 0)
    assert got.residual_dof == n - k - creators
    factor = (n - k - creators) / (n - k - 1)  # statsmodels counts the dummies
    close(cr1(got.blocks), factor * want.cov_params()[:k, :k])


@pytest.mark.parametrize("case", CASES)
def test_statsmodels_on_demeaned_columns_agrees(case):
    x, y, group = sample(*case)
    n, k = x.shape
    ols = sm.OLS(demeaned(y, group), demeaned(x, group))
    want = ols.fit(cov_type="cluster", cov_kwds={"groups": group}, use_t=True)
    got = fitted(x, y, group)
    close(got.estimate, want.params)
    close(cr1(got.blocks), (n - k) / (n - k - 1) * want.cov_params())
    close(got.r2_within, want.rsquared)
    close(residuals(x, y, group, got.estimate), want.resid)
    df = np.full(k, float(want.df_resid_inference))
    interval = t_interval(got.estimate, want.bse, df)
    close(np.column_stack([interval.low, interval.high]), want.conf_int())
    close(interval.p_value, want.pvalues)
    close(interval.statistic, want.tvalues)


@pytest.mark.parametrize("case", CASES)
def test_leave_one_out_and_cr3_are_those_of_refits(case):
    x, y, group = sample(*case)
    creators = group.max() + 1
    got = fitted(x, y, group)
    left_out = leave_one_out(got.blocks)
    assert left_out.defined.all()
    refits = []
    for creator in range(creators):
        rest = group != creator
        own = np.unique(group[rest], return_inverse=True)[1]
        refits.append(fitted(x[rest], y[rest], own).estimate)
    close(left_out.estimates, np.array(refits))
    shifts = np.array(refits) - got.estimate
    close(cr3(got.blocks, left_out), (creators - 1) / creators * shifts.T @ shifts)


def test_statsmodels_refits_without_a_creator_agree():
    x, y, group = sample(*CASES[0])
    left_out = leave_one_out(fitted(x, y, group).blocks)
    for creator in range(group.max() + 1):
        rest = group != creator
        design = np.column_stack([x, np.eye(group.max() + 1)[group]])[rest]
        design = design[:, design.any(axis=0)]
        close(left_out.estimates[creator], sm.OLS(y[rest], design).fit().params[: x.shape[1]])


def test_effective_creators_follow_their_definition():
    x, y, group = sample(*CASES[0])
    blocks = fitted(x, y, group).blocks
    leverage = partial_leverage(blocks)
    for j in range(x.shape[1]):
        others = np.delete(demeaned(x, group), j, axis=1)
        own = demeaned(x, group)[:, j]
        own = own - others @ np.linalg.lstsq(others, own, rcond=None)[0]
        share = np.bincount(group, own**2) / (own @ own)
        close(leverage[:, j], share, 1e-9)
        close(effective_creators(blocks)[j], 1 / (share @ share), 1e-9)


def test_equal_creators_count_fully():
    x = np.tile([0.0, 1.0, 2.0], 8)[:, None]
    group = np.repeat(np.arange(8), 3)
    y = np.random.default_rng(1).normal(size=24)
    np.testing.assert_allclose(effective_creators(fitted(x, y, group).blocks), [8], rtol=1e-12)
    assert effective_dof(np.array([8.0, 1.0])).tolist() == [7.0, 0.5]


def test_singletons_leave_the_fit_unchanged_and_are_counted():
    x, y, group = sample(*CASES[0])
    creators = group.max() + 1
    rows = states(
        np.vstack([np.column_stack([x, y]), np.ones((2, x.shape[1] + 1))]),
        np.concatenate([group, [creators, creators + 2]]),  # creator + 1 has no rows
    )
    got, want = least_squares(rows, x.shape[1], range(x.shape[1])), fitted(x, y, group)
    assert got.singletons == 2
    assert got.kept.tolist() == list(range(creators))
    np.testing.assert_array_equal(got.estimate, want.estimate)
    np.testing.assert_array_equal(cr1(got.blocks), cr1(want.blocks))


def test_scores_sum_to_zero():
    x, y, group = sample(*CASES[1])
    blocks = fitted(x, y, group).blocks
    assert np.max(np.abs(blocks.scores.sum(axis=0)) / np.abs(blocks.scores).sum(axis=0)) < 1e-12


def test_a_dummy_of_one_creator_is_undefined_without_them_and_only_it():
    x, y, group = sample(*CASES[0])
    busiest = int(np.bincount(group).argmax())
    lonely = ((group == busiest) & (np.arange(len(y)) % 2 == 0)).astype(float)
    x = np.column_stack([x[:, :3], lonely, x[:, 3:]])
    blocks = fitted(x, y, group).blocks
    left_out = leave_one_out(blocks)
    want = np.ones_like(left_out.defined)
    want[busiest, 3] = False
    np.testing.assert_array_equal(left_out.defined, want)
    covariance = cr3(blocks, left_out)
    assert np.isnan(covariance[3]).all()
    assert np.isfinite(np.delete(np.delete(covariance, 3, 0), 3, 1)).all()
    assert 1 < effective_creators(blocks)[3] < 1.05
    rest = group != busiest
    own = np.unique(group[rest], return_inverse=True)[1]
    close(
        np.delete(left_out.estimates[busiest], 3),
        fitted(np.delete(x, 3, axis=1)[rest], y[rest], own).estimate,
    )


def test_only_the_columns_that_one_creator_tells_apart_are_undefined_without_them():
    x, y, group = sample(*CASES[0])
    busiest = int(np.bincount(group).argmax())
    twin = np.where(group == busiest, x[:, 4] ** 2, 2 * x[:, 1] + group)
    x = np.column_stack([x, twin])
    left_out = leave_one_out(fitted(x, y, group).blocks)
    undefined = np.argwhere(~left_out.defined).tolist()
    assert undefined == [[busiest, 1], [busiest, x.shape[1] - 1]]
    rest = group != busiest
    own = np.unique(group[rest], return_inverse=True)[1]
    want = fitted(x[rest][:, :-1], y[rest], own).estimate
    at = [0, 2, 3, 4, 5]
    close(left_out.estimates[busiest][at], want[at], 1e-9)


def test_an_outlier_that_carries_everything_leaves_the_rest_exact():
    x, y, group = sample(*CASES[0])
    first = np.flatnonzero(group == 3)[0]
    x[first, 1] = 1e10
    left_out = leave_one_out(fitted(x, y, group).blocks)
    rest = group != 3
    own = np.unique(group[rest], return_inverse=True)[1]
    close(left_out.estimates[3], fitted(x[rest], y[rest], own).estimate, 1e-9)


def one_creator() -> Blocks:
    x, y, _ = sample(*CASES[2])
    return fitted(x, y, np.zeros(len(y), dtype=int)).blocks


@pytest.mark.parametrize("question", [cr1, leave_one_out, lambda blocks: cr3(blocks, None)])
def test_one_creator_is_answered_before_anything_is_divided(question):
    with pytest.raises(ValueError, match="one creator only"):
        question(one_creator())


def test_no_degrees_of_freedom_and_no_full_rank_are_refused():
    x, y, group = sample(*CASES[0])
    with pytest.raises(ValueError, match="full rank"):
        fitted(np.column_stack([x, x[:, 0] - x[:, 1]]), y, group)
    with pytest.raises(ValueError, match="full rank"):
        fitted(np.column_stack([x, group]), y, group)
    with pytest.raises(ValueError, match="no degrees of freedom"):
        fitted(x[:9], y[:9], np.repeat(np.arange(3), 3))


def test_no_regressors_leave_the_creators_means():
    x, y, group = sample(*CASES[0])
    got = fitted(x[:, :0], y, group)
    assert got.r2_within == 0
    close(got.effects, [y[group == g].mean() for g in range(group.max() + 1)], 1e-14)


@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
def test_intervals_are_those_of_students_t(level):
    dof = np.array([0.5, 0.73, 1.0, 1.9, 4.2, 30.0, 1e4, 3.0])
    estimate = np.array([1.0, -2.0, 0.1, 5.0, -0.3, 80.0, 2.0, 0.0])
    se = np.array([0.5, 0.1, 1.0, 2.0, 0.2, 1.0, 1.0, 2.0])
    got = t_interval(estimate, se, dof, level)
    want = scipy.stats.t.interval(level, dof, estimate, se)
    np.testing.assert_allclose((got.low, got.high), want, rtol=1e-10)
    np.testing.assert_allclose(
        got.p_value, 2 * scipy.stats.t.sf(np.abs(estimate / se), dof), rtol=1e-10
    )


def test_no_standard_error_gives_no_interval():
    got = t_interval(np.ones(3), np.array([np.nan, 0.0, 1.0]), np.ones(3))
    for values in (got.low, got.high, got.p_value, got.statistic):
        assert np.isnan(values).tolist() == [True, True, False]
