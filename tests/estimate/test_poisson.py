"""Poisson with creator effects against a GLM with dummies, and fits that do not exist."""

import numpy as np
import pytest
import statsmodels.api as sm

from pipeline.estimate.cluster_robust import cr1, cr3, effective_creators, leave_one_out
from pipeline.estimate.poisson import poisson
from pipeline.estimate.poisson_limit import limit
from pipeline.estimate.poisson_maximum import NotConverged
from support.poisson_samples import close, fitted, sample, separating


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("with_offset", [True, False])
def test_glm_with_dummies_agrees(seed, with_offset):
    x, y, group, offset = sample(seed)
    offset = offset if with_offset else np.zeros(len(y))
    n, k, creators = *x.shape, group.max() + 1
    glm = sm.GLM(y, np.column_stack([x, np.eye(creators)[group]]), sm.families.Poisson(), offset)
    options = {"tol": 1e-14, "maxiter": 200, "tol_criterion": "params"}
    want = glm.fit(cov_type="cluster", cov_kwds={"groups": group}, **options)
    got = fitted(x, y, group, offset)
    close(got.estimate, want.params[:k], 1e-8)
    close(got.effects, want.params[k:], 1e-8)
    close(got.fitted, want.mu, 1e-8)
    close(got.deviance, want.deviance, 1e-8)
    factor = (n - k - creators) / (n - k - 1)
    close(cr1(got.blocks), factor * want.cov_params()[:k, :k], 1e-8)
    close(
        np.linalg.inv(got.blocks.information.sum(0)), glm.fit(**options).cov_params()[:k, :k], 1e-8
    )


def test_scores_are_those_of_the_rows_and_sum_to_zero():
    x, y, group, offset = sample(4)
    got = fitted(x, y, group, offset)
    at = group == 5
    close(got.blocks.scores[5], x[at].T @ (y[at] - got.fitted[at]), 1e-10)
    assert np.max(np.abs(got.blocks.scores.sum(0)) / np.abs(got.blocks.scores).sum(0)) < 1e-12


def test_leave_one_out_is_one_newton_step_and_near_the_refits():
    x, y, group, offset = sample(5)
    got = fitted(x, y, group, offset)
    left_out = leave_one_out(got.blocks)
    hessian = got.blocks.information.sum(axis=0)
    shifts = []
    for creator in range(12):
        rest = group != creator
        shifts.append(fitted(x[rest], y[rest], group[rest], offset[rest]).estimate - got.estimate)
        other = hessian - got.blocks.information[creator]
        step = got.estimate - np.linalg.solve(other, got.blocks.scores[creator])
        close(left_out.estimates[creator], step, 1e-10)
    refits = np.sqrt(11 / 12 * (np.array(shifts) ** 2).sum(axis=0))
    ratio = np.sqrt(cr3(got.blocks, left_out).diagonal()) / refits
    assert np.all((ratio > 0.85) & (ratio < 1.15))
    assert np.all((effective_creators(got.blocks) > 1) & (effective_creators(got.blocks) < 12))


def test_creators_without_events_and_singletons_are_dropped_and_named():
    x, y, group, offset = sample(6)
    want = fitted(x, y, group, offset)
    extra = np.array([20, 20, 30, 40])  # 20: no events; 30: one row; 40: one row without events
    got = fitted(
        np.vstack([np.ones((4, 4)), x]),
        np.concatenate([[0, 0, 5, 0], y]),
        np.concatenate([extra, group]),
        np.concatenate([np.zeros(4), offset]),
    )
    assert got.used.no_events.tolist() == [20, 40]
    assert got.used.singletons.tolist() == [30]
    assert got.used.rows.tolist() == [False] * 4 + [True] * len(y)
    assert (got.rows, got.creators, got.kept.tolist()) == (len(y), 12, list(range(12)))
    close(got.estimate, want.estimate, 1e-12)
    close(got.fitted, want.fitted, 1e-12)


def test_a_creator_with_a_positive_constant_outcome_stays():
    x, y, group, offset = sample(7)
    y[group == 3] = 2
    assert 3 in fitted(x, y, group, offset).kept


def test_rows_in_any_order_give_the_same_fit():
    x, y, group, offset = sample(8)
    shuffled = np.random.default_rng(0).permutation(len(y))
    one, other = fitted(x, y, group, offset), fitted(*(v[shuffled] for v in (x, y, group, offset)))
    close(other.estimate, one.estimate, 1e-12)
    close(other.fitted, one.fitted[shuffled], 1e-12)


@pytest.mark.parametrize(("scale", "shift"), [(1e6, 0), (1e-7, 0), (1, 1e8), (100, 1e12)])
def test_scale_and_location_of_a_regressor_do_not_matter(scale, shift):
    x, y, group, offset = sample(9)
    moved = x.copy()
    moved[:, 2] = x[:, 2] * scale + shift * (1 + group)
    back = x.copy()
    back[:, 2] = (moved[:, 2] - shift * (1 + group)) / scale  # what rounding has left of it
    got, want = fitted(moved, y, group, offset), fitted(back, y, group, offset)
    close(got.estimate * [1, 1, scale, 1], want.estimate, 1e-9)


def test_large_counts_converge():
    x, y, group, offset = sample(10)
    got = fitted(x, y * 1e7 + 3, group, offset)
    assert got.iterations < 20


def test_a_flag_with_one_unlikely_row_is_fitted_whatever_the_others_gain():
    """One event where 0.1 were expected, in a pool that gains thousands by its other column."""
    x, _, group, _ = sample(23)
    x = np.column_stack([x[:, 1], np.zeros(len(x))])
    y = np.rint(np.exp(2 * x[:, 0]))
    one = np.array([[0.0, 1], [0, 0], [0, 0]])
    got = fitted(
        np.vstack([one, x]),
        np.concatenate([[1, 7, 7], y]),
        np.concatenate([[99, 99, 99], group]),
        np.concatenate([[-5, 0, 0], np.zeros(len(y))]),
    )
    close(got.estimate[1], np.log(1 / 7) + 5, 1e-9)
    close(got.estimate[0], fitted(x[:, :1], y, group, np.zeros(len(y))).estimate[0], 1e-9)


def test_an_outlying_regressor_leaves_the_fit_of_the_other_rows():
    x, y, group, offset = sample(11)
    x[3, 1], y[3] = 1e6, 0
    rest = np.arange(len(y)) != 3  # its mean is 0: a slope below zero leaves it nothing to say
    got, want = fitted(x, y, group, offset), fitted(*(v[rest] for v in (x, y, group, offset)))
    close(got.estimate, want.estimate, 1e-8)
    assert got.fitted[3] == 0
    close(got.deviance, want.deviance, 1e-8)


@pytest.mark.parametrize("seed", [16, 17, 18])
def test_a_fit_that_runs_to_infinity_is_not_reported(seed):
    got = poisson(*separating(seed))
    assert isinstance(got, NotConverged)
    assert 4 in got.columns
    assert got.iterations < 40  # noticed, not merely out of steps


def test_separation_by_a_combination_does_not_converge():
    x, y, group, offset = sample(19)
    rng = np.random.default_rng(19)
    score = rng.normal(size=len(y))
    other = np.where(
        y == 0, score + rng.exponential(1, len(y)), score
    )  # other - score > 0: no event
    got = poisson(np.column_stack([x, score, other]), y, group, offset)
    assert isinstance(got, NotConverged)
    assert got.columns == (4, 5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda x, y, group, offset: (x, y - 1, group, offset), "not negative"),
        (lambda x, y, group, offset: (x, y, group, offset - np.inf), "finite"),
        (lambda x, y, group, offset: (x, 0 * y, group, offset), "no degrees of freedom"),
        (lambda x, y, group, offset: (x[:5], y[:5] + 1, group[:5], offset[:5]), "no degrees"),
        (lambda x, y, group, offset: (x[:, [0, 1, 0]], y, group, offset), "full rank"),
        (lambda x, y, group, offset: (1.0 * group[:, None], y, group, offset), "full rank"),
    ],
)
def test_what_cannot_be_fitted_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        poisson(*change(*sample(20)))


def test_the_limit_is_the_fit_without_what_separates():
    x, y, group, offset = separating(21)
    rows = x[:, 4] == 0
    want = fitted(x[rows, :4], y[rows], group[rows], offset[rows]).estimate
    whole = np.column_stack([x[:, :2], 3.0 * group, x[:, 2:], x[:, 0] - 2 * x[:, 1]])
    got = limit(whole, y, group, offset)
    close(got.estimate[[0, 1, 3, 4]], want, 1e-12)
    assert got.estimate[[2, 5, 6]].tolist() == [0, 0, 0]
    # the columns of which the last is made could share their effect with it otherwise
    assert got.identified.tolist() == [False, False, False, True, True, False, False]


def test_the_limit_of_nothing_is_nothing_and_of_too_little_is_none():
    x, y, group, offset = sample(22)
    got = limit(x[:, :0], y, group, offset)
    assert (got.estimate.shape, got.identified.shape) == ((0,), (0,))
    assert limit(x, 0 * y, group, offset).estimate.tolist() == [0, 0, 0, 0]
    assert limit(x[:5], y[:5] + 1, group[:5], offset[:5]) is None


def test_a_maximum_too_far_off_to_be_told_is_not_reported():
    x, y = np.array([[0], [1e-13], [-1], [-1]]), np.array([2.0, 1, 0, 0])
    group, offset = np.zeros(4, dtype=np.int64), np.zeros(4)
    assert poisson(x, y, group, offset).columns == (0,)
    assert limit(x, y, group, offset) is None
