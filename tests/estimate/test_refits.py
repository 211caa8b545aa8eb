"""Refits without each creator against a fit of the other creators' rows."""

import numpy as np
import pytest
import statsmodels.api as sm

from pipeline.estimate.cluster_robust import leave_one_out
from pipeline.estimate.jackknife_refits import leave_one_out_refits
from pipeline.estimate.poisson_limit import limit
from pipeline.estimate.separation import separated
from pipeline.estimate.weighted_counts import ReweightedFit, negative_binomial, reweighted

Sample = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def sample(seed: int, creators: int = 9, k: int = 4) -> Sample:
    """Overdispersed events of unbalanced creators, in no order: x, y, group, offset."""
    rng = np.random.default_rng(seed)
    sizes = np.maximum(4, rng.lognormal(3, 1, creators).astype(int))
    group = rng.permutation(np.repeat(3 * np.arange(creators), sizes))
    n = len(group)
    x = np.log1p(rng.lognormal(2, 1, (n, k)))
    x[:, 0] = rng.random(n) < 0.4
    offset = rng.normal(8, 1, n)
    rate = np.exp(x @ np.linspace(-0.6, 0.4, k) + rng.normal(size=creators)[group // 3])
    y = rng.poisson(1 + rate * rng.gamma(1, 1, n)).astype(float)
    y[rng.random(n) < 0.3] = 0
    return x, y, group, offset


def fitted(x, y, group, offset, dispersion=0.0) -> ReweightedFit:
    got = reweighted(x, y, group, offset, dispersion=dispersion)
    assert isinstance(got, ReweightedFit)
    return got


def refitted(rows, columns, x, y, group, offset, dispersion=0.0) -> np.ndarray:
    """The estimates of some rows and columns, NaN for the other columns."""
    estimate = np.full(x.shape[1], np.nan)
    columns = list(columns)
    each = x[rows][:, columns], y[rows], group[rows], offset[rows]
    estimate[columns] = fitted(*each, dispersion).estimate
    return estimate


SPREADS = pytest.mark.parametrize("dispersion", [0.0, 0.01, 1.7])


@SPREADS
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_fits_of_the_remaining_rows_agree(seed, dispersion):
    x, y, group, offset = sample(seed)
    x[:, 2] = 1e4 * x[:, 2] + 1e6 * group
    y[group == 6] = 0  # dropped by `reweighted`, and never left out
    group[0] = 100  # a creator with one row
    fit = fitted(x, y, group, offset, dispersion)
    got = leave_one_out_refits(x, y, group, offset, fit)
    assert got.defined.all()
    assert got.estimates.shape == (8, 4)
    for at, creator in enumerate(fit.kept):
        want = refitted(group != creator, range(4), x, y, group, offset, dispersion)
        np.testing.assert_allclose(got.estimates[at], want, rtol=1e-8)
    one_step = leave_one_out(fit.blocks).estimates
    assert np.abs(got.estimates - one_step).max() > 1e-4


def test_a_glm_with_dummies_of_the_other_creators_agrees_at_the_dispersion_that_was_found():
    """It is held: without a creator it would be another, and the slopes too."""
    x, y, group, offset = sample(1)
    fit = negative_binomial(x, y, group, offset)
    assert fit.dispersion > 0.1
    got = leave_one_out_refits(x, y, group, offset, fit)
    for at, creator in enumerate(fit.kept):
        rest = group != creator
        columns = np.column_stack([x, group[:, None] == np.delete(fit.kept, at)])[rest]
        family = sm.families.NegativeBinomial(alpha=fit.dispersion)
        glm = sm.GLM(y[rest], columns.astype(float), family, offset=offset[rest])
        want = glm.fit(tol=1e-13, maxiter=200, tol_criterion="params").params[:4]
        np.testing.assert_allclose(got.estimates[at], want, rtol=1e-7, atol=1e-9)
    again = negative_binomial(*(v[group != fit.kept[0]] for v in (x, y, group, offset)))
    assert np.abs(got.estimates[0] - again.estimate).max() > 1e-5


@SPREADS
def test_a_dummy_separated_without_one_creator_is_undefined_there_and_only_it(dispersion):
    x, y, group, offset = sample(4)
    rng = np.random.default_rng(4)
    dummy = (y == 0) & (rng.random(len(y)) < 0.5)  # 1 where nothing happened ...
    dummy |= (group == 9) & (rng.random(len(y)) < 0.5)  # ... but for creator 9
    x = np.column_stack([x[:, :1], dummy, x[:, 1:]])
    fit = fitted(x, y, group, offset, dispersion)
    got = leave_one_out_refits(x, y, group, offset, fit)
    at = fit.kept.tolist().index(9)
    assert got.defined.sum() == got.defined.size - 1
    assert not got.defined[at, 1]
    rows = (group != 9) & ~dummy
    want = refitted(rows, [0, 2, 3, 4], x, y, group, offset, dispersion)
    np.testing.assert_allclose(got.estimates[at], want, rtol=1e-8)
    want = refitted(group != 3, range(5), x, y, group, offset, dispersion)
    np.testing.assert_allclose(got.estimates[1], want, rtol=1e-8)


def test_columns_that_only_one_creator_tells_apart_are_undefined_without_it():
    x, y, group, offset = sample(5)
    same = np.where(group == 12, x[:, 3], 2 * x[:, 2])
    only = np.where(group == 12, np.sin(np.arange(len(y))), group)
    x = np.column_stack([x[:, :3], only, same])
    fit = fitted(x, y, group, offset)
    got = leave_one_out_refits(x, y, group, offset, fit)
    at = fit.kept.tolist().index(12)
    assert got.defined[at].tolist() == [True, True, False, False, False]
    assert got.defined.sum() == got.defined.size - 3
    want = refitted(group != 12, [0, 1, 2], x, y, group, offset)
    np.testing.assert_allclose(got.estimates[at, :2], want[:2], rtol=1e-8)


def test_two_creators_leave_one_and_too_few_rows_leave_none():
    x, y, group, offset = sample(6)
    largest = np.argsort(np.bincount(group))[-2:]
    rows = np.isin(group, largest)
    two = tuple(v[rows] for v in (x, y, group, offset))
    got = leave_one_out_refits(*two, fitted(*two))
    for at, creator in enumerate(np.sort(largest)):
        want = refitted(two[2] != creator, range(4), *two)
        np.testing.assert_allclose(got.estimates[at], want, rtol=1e-8)
    few = np.flatnonzero(rows & (group == largest[0]))[:3]
    rows[group == largest[0]] = False
    rows[few] = True
    y[few] = [1, 0, 2]
    short = tuple(v[rows] for v in (x, y, group, offset))
    got = leave_one_out_refits(*short, fitted(*short))
    assert got.defined.all(axis=1).tolist() == (np.sort(largest) == largest[0]).tolist()
    assert got.defined.any(axis=1).tolist() == got.defined.all(axis=1).tolist()


def test_one_creator_is_refused():
    x, y, group, offset = sample(7)
    fit = fitted(x, y, 0 * group, offset)
    with pytest.raises(ValueError, match="one creator only"):
        leave_one_out_refits(x, y, 0 * group, offset, fit)


@SPREADS
@pytest.mark.parametrize("seed", range(8, 12))
def test_rare_flags_are_undefined_exactly_where_the_others_do_not_identify_them(seed, dispersion):
    x, y, group, offset = sample(seed)
    rare = np.random.default_rng(seed).random((len(y), 6)) < 0.03
    x = np.column_stack([x, rare & np.isin(group, [0, 3, 6])[:, None]])
    apart = separated(x, y, group)
    rows, columns = ~apart.rows, [j for j in range(10) if j not in apart.columns]
    x, y, group, offset = x[rows][:, columns], y[rows], group[rows], offset[rows]
    x = x[:, limit(x, y, group, offset).identified]
    fit = fitted(x, y, group, offset, dispersion)
    got = leave_one_out_refits(x, y, group, offset, fit)
    for at, creator in enumerate(fit.kept):
        rest = group != creator
        want = limit(x[rest], y[rest], group[rest], offset[rest], dispersion)
        assert got.defined[at].tolist() == want.identified.tolist()
        own = want.identified
        np.testing.assert_allclose(got.estimates[at][own], want.estimate[own], rtol=1e-8)
    assert not got.defined.all()


def test_a_row_that_is_fitted_by_nothing_is_no_separation():
    x, y, group, offset = sample(13)
    x[3, 1], y[3] = 1e4, 0  # its mean is e^-1000 or so, and the maximum is where it is
    assert not separated(x, y, group).rows.any()
    fit = fitted(x, y, group, offset)
    got = leave_one_out_refits(x, y, group, offset, fit)
    assert got.defined.all()
    rest = np.arange(len(y)) != 3
    for at, creator in enumerate(fit.kept):
        want = refitted(rest & (group != creator), range(4), x, y, group, offset)
        np.testing.assert_allclose(got.estimates[at], want, rtol=1e-8)
