"""HC3 of one creator against statsmodels and against the formula written out with matrices."""

import numpy as np
import pytest
import statsmodels.api as sm

from pipeline.estimate.hc3 import (
    HC3,
    HIGH_LEVERAGE,
    hc3,
    hc3_poisson,
    hc3_refitted,
    hc3_weighted,
    residuals,
)
from pipeline.estimate.linear import least_squares
from pipeline.estimate.poisson import poisson
from pipeline.estimate.states import states
from pipeline.estimate.weighted_counts import negative_binomial, reweighted


def sample(n: int = 60) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    x = np.column_stack([rng.lognormal(1, 1, n), rng.random(n) < 0.3, rng.normal(1e6, 3, n)])
    return x, x @ [0.2, 1.0, 0.05] - 5e4 + rng.lognormal(0, 1, n) * (1 + x[:, 1])


def linear(x: np.ndarray, y: np.ndarray) -> HC3:
    one = np.zeros(len(y), dtype=int)
    fit = least_squares(states(np.column_stack([x, y]), one), x.shape[1], range(x.shape[1]))
    return hc3(x, residuals(x, y, one, fit.estimate))


def counts(n: int = 60) -> tuple[np.ndarray, np.ndarray]:
    x, _ = sample(n)
    y = np.random.default_rng(4).poisson(np.exp(1 - 0.2 * x[:, 0] + 0.5 * x[:, 1])) + 0.0
    return x, y


def test_statsmodels_agrees():
    x, y = sample()
    centred = x - [0, 0, 1e6]
    ols = sm.OLS(y, sm.add_constant(centred)).fit()
    got = linear(x, y)
    want = ols.get_robustcov_results("HC3").cov_params()[1:, 1:]
    np.testing.assert_allclose(got.covariance, want, rtol=1e-9)
    np.testing.assert_allclose(got.leverage, ols.get_influence().hat_matrix_diag, rtol=1e-9)
    assert got.max_leverage == got.leverage.max()
    assert not got.hinges.any()


def test_poisson_follows_the_formula():
    x, y = counts()
    one = np.zeros(len(y), dtype=int)
    fit = poisson(x, y, one, np.zeros(len(y)))
    design = np.column_stack([np.ones(len(y)), x - [0, 0, 1e6]])
    bread = np.linalg.inv(design.T @ np.diag(fit.fitted) @ design)
    root = np.diag(np.sqrt(fit.fitted))
    hat = root @ design @ bread @ design.T @ root
    meat = np.diag((y - fit.fitted) ** 2 / (1 - np.diag(hat)) ** 2)
    want = (bread @ design.T @ meat @ design @ bread)[1:, 1:]
    got = hc3_poisson(x, y, fit.fitted)
    np.testing.assert_allclose(got.covariance, want, rtol=1e-8)
    np.testing.assert_allclose(got.leverage, np.diag(hat), rtol=1e-8)


@pytest.mark.parametrize("family", ["linear", "poisson"])
def test_a_dummy_with_one_row_hinges_on_it_and_the_others_do_without(family):
    x, y = sample() if family == "linear" else counts()
    y[17] = max(y[17], 1.0)
    once = np.column_stack([x[:, :1], np.arange(60) == 17, x[:, 1:]])
    rest = np.arange(60) != 17

    def covariance(x: np.ndarray, y: np.ndarray) -> HC3:
        if family == "linear":
            return linear(x, y)
        fit = poisson(x, y, np.zeros(len(y), dtype=int), np.zeros(len(y)))
        return hc3_poisson(x, y, fit.fitted)

    got, want = covariance(once, y), covariance(x[rest], y[rest])
    assert got.hinges.tolist() == [False, True, False, False]
    assert got.max_leverage == pytest.approx(1, abs=1e-8)
    assert np.isnan(got.covariance[1]).all()
    others = np.ix_([0, 2, 3], [0, 2, 3])
    np.testing.assert_allclose(got.covariance[others], want.covariance, rtol=1e-6)


def viral() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Counts of which one is as large as all others together."""
    x, y = counts()
    y[7] = y.sum()
    return x, y, np.linspace(-0.5, 0.5, len(y))


def without_each(
    x: np.ndarray, y: np.ndarray, offset: np.ndarray, dispersion: float = 0.0
) -> np.ndarray:
    """The slopes (n, k) of a GLM of statsmodels without each row."""
    columns = np.column_stack([x - x.mean(axis=0), np.ones(len(y))])
    spread = sm.families.NegativeBinomial(alpha=dispersion) if dispersion else sm.families.Poisson()
    estimates = []
    for row in range(len(y)):
        rest = np.arange(len(y)) != row
        glm = sm.GLM(y[rest], columns[rest], spread, offset=offset[rest])
        estimates.append(glm.fit(tol=1e-13, maxiter=200, tol_criterion="params").params[:-1])
    return np.array(estimates)


@pytest.mark.parametrize("dispersion", [0.0, 0.05, 0.6])
def test_a_row_that_weighs_much_is_left_out_in_full(dispersion):
    x, y, offset = viral()
    fit = reweighted(x, y, np.zeros(len(y), dtype=int), offset, dispersion=dispersion)
    got = hc3_refitted(x, y, offset, fit)
    damped = 1 + dispersion * fit.fitted
    step = hc3_weighted(x, fit.fitted / damped, (y - fit.fitted) / damped)
    refits = without_each(x, y, offset, dispersion) - fit.estimate
    heavy = np.flatnonzero(got.shifts[:, 0] != step.shifts[:, 0])
    assert {*np.flatnonzero(step.leverage >= HIGH_LEVERAGE).tolist(), 7} <= {*heavy.tolist()}
    np.testing.assert_allclose(got.shifts[heavy], refits[heavy], rtol=1e-6, atol=1e-9)
    assert (np.abs(step.shifts[heavy] / refits[heavy] - 1) > 0.1).any()
    error, exact = (np.sqrt(np.diagonal(v)) for v in (got.covariance, refits.T @ refits))
    np.testing.assert_allclose(error, exact, rtol=0.04)
    np.testing.assert_allclose(got.fall, refits.min(axis=0), rtol=0.02)
    np.testing.assert_allclose(got.rise, refits.max(axis=0), rtol=0.02)
    np.testing.assert_array_equal(got.leverage, step.leverage)


def test_where_every_row_is_left_out_in_full_all_shifts_are_those_of_refits(monkeypatch):
    """At the dispersion that was found, which is held."""
    monkeypatch.setattr("pipeline.estimate.hc3.HIGH_LEVERAGE", 0.0)
    x, y, offset = viral()
    fit = negative_binomial(x, y, np.zeros(len(y), dtype=int), offset)
    assert fit.dispersion > 0.05
    got = hc3_refitted(x, y, offset, fit)
    refits = without_each(x, y, offset, fit.dispersion) - fit.estimate
    np.testing.assert_allclose(got.shifts, refits, rtol=1e-5, atol=1e-9)
    np.testing.assert_allclose(got.covariance, refits.T @ refits, rtol=1e-6)


def test_the_leverage_and_the_step_of_a_dispersed_count_follow_the_formula():
    """Hat matrix and step written out, of weights μ/(1 + aμ) and residuals (y - μ)/(1 + aμ)."""
    x, y = np.tile(counts()[0], (20, 1)), np.tile(counts()[1], 20)
    fit = reweighted(x, y, np.zeros(len(y), dtype=int), np.zeros(len(y)), dispersion=0.4)
    design = np.column_stack([np.ones(len(y)), x - [0, 0, 1e6]])
    weights = fit.fitted / (1 + 0.4 * fit.fitted)
    residual = (y - fit.fitted) / (1 + 0.4 * fit.fitted)
    bread = np.linalg.inv(design.T @ (weights[:, None] * design))
    hat = weights * np.einsum("ij,jk,ik->i", design, bread, design)
    got = hc3_refitted(x, y, np.zeros(len(y)), fit)
    assert hat.max() < HIGH_LEVERAGE
    np.testing.assert_allclose(got.leverage, hat, rtol=1e-8)
    step = -(design * (residual / (1 - hat))[:, None]) @ bread
    np.testing.assert_allclose(got.shifts, step[:, 1:], rtol=1e-7, atol=1e-12)


@pytest.mark.parametrize("dispersion", [0.0, 0.5])
def test_what_the_other_rows_do_not_identify_hinges_on_one(dispersion, monkeypatch):
    """A flag with one row, which it fits whatever its events; the others do without both."""
    monkeypatch.setattr("pipeline.estimate.hc3.HIGH_LEVERAGE", 0.0)
    x, y, offset = viral()
    once = (np.arange(60) == 17).astype(float)
    y[17] = 4.0
    both = np.column_stack([x, once])
    one = np.zeros(60, dtype=int)
    got = hc3_refitted(both, y, offset, reweighted(both, y, one, offset, dispersion=dispersion))
    rest = np.arange(60) != 17
    left = reweighted(x[rest], y[rest], one[rest], offset[rest], dispersion=dispersion)
    want = hc3_refitted(x[rest], y[rest], offset[rest], left)
    assert got.hinges.tolist() == [False, False, False, True]
    np.testing.assert_allclose(got.covariance[:3, :3], want.covariance, rtol=1e-5)


def test_without_a_row_that_weighs_much_refitting_changes_nothing():
    x, y = np.tile(counts()[0], (20, 1)), np.tile(counts()[1], 20)
    none = np.zeros(len(y))
    fit = reweighted(x, y, np.zeros(len(y), dtype=int), none)
    got, want = hc3_refitted(x, y, none, fit), hc3_poisson(x, y, fit.fitted)
    assert want.max_leverage < HIGH_LEVERAGE
    np.testing.assert_array_equal(got.covariance, want.covariance)


def test_the_ends_of_least_squares_are_those_of_leaving_out_each_row():
    x, y = sample()
    got = linear(x, y)
    design = np.column_stack([np.ones(len(y)), x])
    whole = np.linalg.lstsq(design, y, rcond=None)[0]
    rows = [np.arange(len(y)) != i for i in range(len(y))]
    shifts = np.array([np.linalg.lstsq(design[r], y[r], rcond=None)[0] - whole for r in rows])
    np.testing.assert_allclose(got.fall, shifts[:, 1:].min(axis=0), rtol=1e-8)
    np.testing.assert_allclose(got.rise, shifts[:, 1:].max(axis=0), rtol=1e-8)


def test_a_column_that_does_not_vary_is_refused():
    x, y = sample()
    with pytest.raises(ValueError, match="full rank"):
        hc3(np.column_stack([x, np.ones(60)]), y)


def test_residuals_are_in_the_order_given():
    x, y = sample()
    group = np.arange(60) % 4
    estimate = np.array([0.2, 1.0, 0.05])
    raw = y - x @ estimate
    want = raw - np.array([raw[group == g].mean() for g in range(4)])[group]
    np.testing.assert_allclose(residuals(x, y, group, estimate), want, rtol=1e-6, atol=1e-9)
