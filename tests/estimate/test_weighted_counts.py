"""Weighted and overdispersed counts against statsmodels with dummies, derivatives and refits."""

import warnings

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import nbinom
from scipy.stats import poisson as poisson_law

from pipeline.estimate.cluster_robust import cr3, effective_creators, leave_one_out
from pipeline.estimate.collinearity import rank
from pipeline.estimate.grouping import runs
from pipeline.estimate.nb2 import deviance, fitted_means, information_weights
from pipeline.estimate.poisson import PoissonFit, poisson
from pipeline.estimate.poisson_maximum import NotConverged
from pipeline.estimate.separation import informative, separated
from pipeline.estimate.states import states
from pipeline.estimate.weighted_counts import ReweightedFit, negative_binomial, reweighted
from support.poisson_samples import Sample, close, sample

TIGHT = {"tol": 1e-12, "maxiter": 100, "tol_criterion": "params"}


def weighed(seed: int) -> tuple[np.ndarray, ...]:
    """A sample of events with weights that differ forty times and more."""
    x, y, group, offset = sample(seed)
    return x, y, group, offset, np.random.default_rng(seed).gamma(2, 0.5, len(y)) + 0.05


def converged(got: ReweightedFit | NotConverged) -> ReweightedFit:
    assert isinstance(got, ReweightedFit)
    return got


def dummies(x: np.ndarray, group: np.ndarray) -> np.ndarray:
    return np.column_stack([x, np.eye(group.max() + 1)[group]])


@pytest.mark.parametrize("weight", [None, 1.0, 1e-200, 1e200])
@pytest.mark.parametrize("seed", [1, 2])
def test_equal_weights_and_no_dispersion_are_the_poisson_fit(seed, weight):
    x, y, group, offset = sample(seed)
    want = poisson(x, y, group, offset)
    assert isinstance(want, PoissonFit)
    weights = None if weight is None else np.full(len(y), weight)
    got = converged(reweighted(x, y, group, offset, weights))
    close(got.estimate, want.estimate, 1e-12)
    close(got.fitted, want.fitted, 1e-12)
    close(got.blocks.information, want.blocks.information * (weight or 1), 1e-12)
    assert got.kept.tolist() == want.kept.tolist()
    assert (got.used.rows == want.used.rows).all()
    assert got.dispersion == 0


@pytest.mark.parametrize("seed", [4, 5, 8])
@pytest.mark.parametrize("dispersion", [0.0, 1e-7, 0.01, 0.8, 30.0])
def test_a_weighted_glm_with_dummies_agrees(seed, dispersion):
    """Slopes to 1e-8 of the largest, the inverse of the information to 1e-7."""
    x, y, group, offset, weights = weighed(seed)
    family = sm.families.NegativeBinomial(alpha=dispersion) if dispersion else sm.families.Poisson()
    glm = sm.GLM(y, dummies(x, group), family, offset=offset, var_weights=weights)
    want = glm.fit(**TIGHT)
    got = converged(reweighted(x, y, group, offset, weights, dispersion))
    close(got.estimate, want.params[:4], 1e-8)
    close(got.fitted, want.mu, 1e-7)
    close(np.linalg.inv(got.blocks.information.sum(axis=0)), want.cov_params()[:4, :4], 1e-7)
    assert np.abs(got.blocks.scores.sum(0)).max() < 1e-7 * np.abs(got.blocks.scores).max()


@pytest.mark.parametrize("seed", [6, 7])
def test_whole_weights_are_repeated_rows(seed):
    """Of statsmodels (frequency weights) and of ourselves, the dispersion included."""
    x, y, group, offset = sample(seed)
    times = np.random.default_rng(seed).integers(0, 4, len(y))
    again = np.repeat(np.arange(len(y)), times)
    family = sm.families.Poisson()
    glm = sm.GLM(y, dummies(x, group), family, offset=offset, freq_weights=times).fit(**TIGHT)
    close(
        converged(reweighted(x, y, group, offset, times.astype(float))).estimate,
        glm.params[:4],
        1e-8,
    )
    got = converged(negative_binomial(x, y, group, offset, times.astype(float)))
    want = converged(negative_binomial(*(v[again] for v in (x, y, group, offset))))
    close(got.estimate, want.estimate, 1e-8)
    close(got.dispersion, want.dispersion, 1e-8)
    close(got.blocks.scores, want.blocks.scores, 1e-6)
    close(got.blocks.information, want.blocks.information, 1e-8)
    assert (got.used.rows == (times > 0)).all()


@pytest.mark.parametrize("seed", [8, 9, 10, 11])
def test_the_dispersion_is_that_of_statsmodels(seed):
    """Slopes and dispersion to 1e-6, by another likelihood and another search."""
    x, y, group, offset = sample(seed)
    model = sm.NegativeBinomial(y, dummies(x, group), offset=offset)
    start = sm.GLM(y, model.exog, sm.families.Poisson(), offset=offset).fit().params
    with warnings.catch_warnings():  # of precision, at steps on its way
        warnings.simplefilter("ignore")
        want = model.fit(np.append(start, 0.5), method="bfgs", maxiter=2000, gtol=1e-9, disp=0)
        want = model.fit(want.params, method="newton", maxiter=50, tol=1e-14, disp=0)
    got = converged(negative_binomial(x, y, group, offset))
    close(got.estimate, want.params[:4], 1e-6)
    close(got.dispersion, want.params[-1], 1e-6)
    with_effects = np.log(got.fitted) - x @ got.estimate - offset
    effects = [with_effects[group == creator][0] for creator in got.kept]
    params = np.concatenate([got.estimate, effects, [got.dispersion]])
    assert model.loglike(params) >= want.llf - 1e-9


@pytest.mark.parametrize("planted", [0.004, 0.03, 5.0])
def test_small_and_large_dispersions_are_those_of_statsmodels(planted):
    """Its score vanishes there, beside 1e-6 of what it is a tenth further on."""
    rng = np.random.default_rng(25)
    group = np.repeat(np.arange(5), 80)
    x = rng.normal(size=(400, 2))
    mean = np.exp(x @ [0.3, -0.1] + rng.normal(4, 1, 5)[group])
    y = rng.poisson(mean * rng.gamma(1 / planted, planted, 400)).astype(float)
    got = converged(negative_binomial(x, y, group, np.zeros(400)))
    assert planted / 1.5 < got.dispersion < planted * 1.5
    model = sm.NegativeBinomial(y, dummies(x, group))
    model._transparams = False  # the last parameter is the dispersion itself, not its log
    effects = (np.log(got.fitted) - x @ got.estimate)[np.arange(5) * 80]
    params = np.concatenate([got.estimate, effects, [got.dispersion]])
    further = np.append(params[:-1], 1.1 * got.dispersion)
    assert abs(model.score(params)[-1]) < 1e-6 * abs(model.score(further)[-1])
    assert np.abs(model.score(params)[:-1]).max() < 1e-6


def test_the_dispersion_that_made_the_counts_is_found():
    rng = np.random.default_rng(0)
    group = np.repeat(np.arange(8), 2000)
    x = rng.normal(size=(16000, 2))
    mean = np.exp(x @ [0.4, -0.2] + rng.normal(size=8)[group] + 1)
    y = rng.poisson(mean * rng.gamma(1 / 0.7, 0.7, 16000)).astype(float)
    got = converged(negative_binomial(x, y, group, np.zeros(16000)))
    assert got.dispersion == pytest.approx(0.7, abs=0.03)
    assert got.estimate == pytest.approx([0.4, -0.2], abs=0.03)


def test_an_alternation_that_settles_slowly_is_hurried_on(monkeypatch):
    """Nineteen turns by itself."""
    rng = np.random.default_rng(44)
    x, group = rng.normal(size=(18, 4)), np.repeat([0, 1, 2], 6)
    y = rng.poisson(8 * rng.gamma(2, 0.5, 18)).astype(float) + (np.arange(18) % 6 == 0)
    monkeypatch.setattr("pipeline.estimate.weighted_counts.MOST_TURNS", 10)
    got = converged(negative_binomial(x, y, group, np.zeros(18)))
    monkeypatch.setattr("pipeline.estimate.weighted_counts.FASTEST", 0.0)
    assert isinstance(negative_binomial(x, y, group, np.zeros(18)), NotConverged)
    monkeypatch.setattr("pipeline.estimate.weighted_counts.MOST_TURNS", 100)
    want = converged(negative_binomial(x, y, group, np.zeros(18)))
    close(got.dispersion, want.dispersion, 1e-7)
    close(got.estimate, want.estimate, 1e-7)


@pytest.mark.parametrize("weighted", [True, False])
def test_data_that_are_not_overdispersed_have_the_poisson_fit(weighted):
    rng = np.random.default_rng(1)
    x, _, group, offset, weights = weighed(12)
    mean = np.exp(x @ [0.3, -0.2, 0.1, 0.2] + 1)
    y = rng.binomial(np.ceil(2 * mean).astype(int), 0.5).astype(float)  # variance below the mean
    given = weights if weighted else None
    got = converged(negative_binomial(x, y, group, offset * 0, given))
    assert got.dispersion == 0
    want = converged(reweighted(x, y, group, offset * 0, given))
    assert (got.estimate == want.estimate).all()


def law(y: np.ndarray, mean: np.ndarray, dispersion: float) -> np.ndarray:
    """The log chance of each count, by scipy."""
    if not dispersion:
        return poisson_law.logpmf(y, mean)
    return nbinom.logpmf(y, 1 / dispersion, 1 / (1 + dispersion * mean))


def heavy(seed: int, dispersion: float = 0.8) -> Sample:
    """Counts at heavy-tailed exposures, of which a few are as large as all others together."""
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(8), 30)
    x = (rng.random((240, 3)) < 0.3).astype(float)
    offset = rng.standard_exponential(240) * 2.5 - 1
    mean = np.exp(x @ [0.3, -0.4, 0.0] + offset)
    y = rng.poisson(mean * rng.gamma(1 / dispersion, dispersion, 240)).astype(float)
    return x, y, group, offset


def score_of(fit: ReweightedFit, y: np.ndarray) -> float:
    return float(law(y[fit.used.rows], fit.fitted, fit.dispersion).sum())


@pytest.mark.parametrize("seed", range(6))
def test_no_dispersion_of_a_grid_is_likelier(seed):
    """By fits at each of sixty, from next to none to e^4, and between the best of them."""
    x, y, group, offset = heavy(seed)
    got = converged(negative_binomial(x, y, group, offset))

    def at(log_a: float) -> float:
        return score_of(
            converged(reweighted(x, y, group, offset, dispersion=float(np.exp(log_a)))), y
        )

    grid = np.linspace(-8, 4, 60)
    values = np.array([at(log_a) for log_a in grid])
    best = int(values.argmax())
    ends = grid[max(best - 1, 0)], grid[min(best + 1, 59)]
    fine = minimize_scalar(lambda v: -at(v), bounds=ends, method="bounded", options={"xatol": 1e-9})
    assert score_of(got, y) == pytest.approx(-fine.fun, abs=1e-6)
    assert np.log(got.dispersion) == pytest.approx(fine.x, abs=1e-3)


def giants() -> Sample:
    """A giant count of each creator, which the Poisson level meets, and small counts that spread.

    Squared residuals are those of the giants, and by them the counts are less than dispersed.
    """
    rng = np.random.default_rng(5)
    group = np.repeat(np.arange(6), 20)
    x = (rng.random((120, 2)) < 0.3).astype(float)
    offset = np.log(rng.uniform(2, 6, 120))
    y = rng.poisson(np.exp(offset) * rng.gamma(0.7, 1 / 0.7, 120)).astype(float)
    offset[::20] = np.log(1e6)
    y[::20] = np.round(1e6 * np.exp(rng.normal(0, 1, 6)))
    return x, y, group, offset


def test_a_poisson_fit_that_is_a_maximum_of_its_own_does_not_end_the_search():
    """Squared residuals show no overdispersion, and a little of it makes the counts less likely."""
    x, y, group, offset = giants()
    first = converged(reweighted(x, y, group, offset))
    assert ((y - first.fitted) ** 2 - y).sum() <= 0
    least = converged(reweighted(x, y, group, offset, dispersion=1e-9))
    assert score_of(least, y) < score_of(first, y)
    got = converged(negative_binomial(x, y, group, offset))
    assert score_of(got, y) > score_of(first, y) + 50
    grid = [
        converged(reweighted(x, y, group, offset, dispersion=a))
        for a in np.geomspace(1e-6, 100, 100)
    ]
    assert score_of(got, y) >= max(score_of(each, y) for each in grid) - 1e-7


@pytest.mark.parametrize("dispersion", [0.0, 1e-4, 0.3, 12.0])
def test_the_deviance_is_twice_what_the_means_lack_of_the_counts(dispersion):
    rng = np.random.default_rng(3)
    y = np.concatenate([[0.0, 0, 1, 2, 500], rng.poisson(8, 20)])
    mean = np.exp(rng.normal(1, 1, 25))
    chance = law(y, mean, dispersion).sum()
    most = law(y, np.maximum(y, 1e-300), dispersion).sum()
    assert deviance(y, mean, dispersion) == pytest.approx(2 * (most - chance), rel=1e-8)
    assert deviance(y, np.maximum(y, 1e-300), dispersion) == pytest.approx(0, abs=1e-9)
    spread = sm.families.NegativeBinomial(alpha=dispersion) if dispersion else sm.families.Poisson()
    assert deviance(y, mean, dispersion) == pytest.approx(spread.deviance(y, mean), rel=1e-8)


@pytest.mark.parametrize("dispersion", [0.0, 1e-6, 0.3, 12.0])
def test_means_are_at_the_level_where_each_creators_counts_are_likeliest(dispersion):
    """By a general search of each level; predictors far from 0 included."""
    rng = np.random.default_rng(4)
    group = np.repeat([0, 2, 5], [4, 30, 9])
    predictor = rng.normal(0, 1.5, 43) + np.array([600.0, 0, 0, -500, 0, 0])[group]
    y = rng.poisson(rng.gamma(1, 6, 43)).astype(float)
    y[[0, 10, 40]] += 1
    got = fitted_means(predictor, y, runs(group), dispersion)
    for creator in (0, 2, 5):
        mine = group == creator
        relative = predictor[mine] - predictor[mine].max()
        best = minimize_scalar(
            lambda level, r=relative, m=mine: -law(y[m], np.exp(r + level), dispersion).sum(),
            bounds=(-10, 15), method="bounded", options={"xatol": 1e-10},
        )  # fmt: skip
        np.testing.assert_allclose(got[mine], np.exp(relative + best.x), rtol=1e-5)


@pytest.mark.parametrize("dispersion", [0.0, 0.02, 0.8, 5.0])
def test_weights_of_information_are_the_variance_of_the_score(dispersion):
    """Over all counts there may be; the score by differences of the log chance."""
    mean, step, every = np.array([0.01, 0.7, 4.0, 60.0]), 1e-5, np.arange(6000.0)
    for one, weight in zip(mean, information_weights(mean, dispersion), strict=True):
        up, down = (law(every, one * np.exp(s), dispersion) for s in (step, -step))
        score, chance = (up - down) / (2 * step), np.exp(law(every, one, dispersion))
        assert chance @ score == pytest.approx(0, abs=1e-6)
        assert weight == pytest.approx(chance @ score**2, rel=1e-6)


def concentrated(beta, x, y, offset, weights, dispersion) -> float:
    """One creator's NB2 (or Poisson) log likelihood, the effect found by a root finder."""

    def mean(effect):
        return np.exp(np.clip(x @ beta + offset + effect, -600, 600))

    def slope(effect):
        mu = mean(effect)
        return float(weights @ ((y - mu) / (1 + dispersion * mu)))

    mu = mean(brentq(slope, -50, 50, xtol=1e-14))
    if not dispersion:
        return float(weights @ (y * np.log(mu) - mu))
    return float(weights @ (y * np.log(mu) - (y + 1 / dispersion) * np.log1p(dispersion * mu)))


@pytest.mark.parametrize("dispersion", [0.0, 0.9])
def test_blocks_are_derivatives_of_the_concentrated_likelihood(dispersion):
    """Scores, and the information: minus the second derivative at events that equal their means.

    By central differences; 1e-5 of the largest entry.
    """
    x, y, group, offset, weights = weighed(13)
    got = converged(reweighted(x, y, group, offset, weights, dispersion))
    step = np.eye(4) * 1e-4
    for at, creator in enumerate(got.kept[:5]):
        mine = group == creator

        def score_at(beta, events, mine=mine):
            rest = (offset[mine], weights[mine], dispersion)
            return concentrated(beta, x[mine], events[mine], *rest)

        b = got.estimate
        score = [(score_at(b + h, y) - score_at(b - h, y)) / 2e-4 for h in step]
        expected = [
            [
                score_at(b + h + i, got.fitted)
                - score_at(b + h - i, got.fitted)
                - score_at(b - h + i, got.fitted)
                + score_at(b - h - i, got.fitted)
                for i in step
            ]
            for h in step
        ]
        close(got.blocks.scores[at], score, 1e-5)
        close(got.blocks.information[at], -np.array(expected) / 4e-8, 1e-4)


@pytest.mark.parametrize("fit", [reweighted, negative_binomial])
def test_leaving_a_creator_out_in_one_step_is_near_the_refit(fit):
    """Jackknife errors of one step are within 15 % of those of twelve full refits."""
    x, y, group, offset, weights = weighed(5)
    got = converged(fit(x, y, group, offset, weights))
    shifts = []
    for creator in range(12):
        rest = group != creator
        left = converged(fit(*(v[rest] for v in (x, y, group, offset, weights))))
        shifts.append(left.estimate - got.estimate)
    refits = np.sqrt(11 / 12 * (np.array(shifts) ** 2).sum(axis=0))
    left_out = leave_one_out(got.blocks)
    ratio = np.sqrt(cr3(got.blocks, left_out).diagonal()) / refits
    assert np.all((ratio > 0.85) & (ratio < 1.15))
    one_step = (left_out.estimates - got.estimate) / refits
    assert np.max(np.abs(one_step - np.array(shifts) / refits)) < 0.25
    effective = effective_creators(got.blocks)
    assert np.all((effective > 1) & (effective < 12))


@pytest.mark.parametrize("fit", [reweighted, negative_binomial])
def test_a_common_factor_of_the_weights_changes_no_estimate(fit):
    x, y, group, offset, weights = weighed(14)
    one, other = (converged(fit(x, y, group, offset, weights * c)) for c in (1, 1e-9))
    close(other.estimate, one.estimate, 1e-10)
    close(other.dispersion, one.dispersion, 1e-8)
    close(other.blocks.scores, one.blocks.scores * 1e-9, 1e-6)
    covariances = [cr3(each.blocks, leave_one_out(each.blocks)) for each in (one, other)]
    close(covariances[1], covariances[0], 1e-6)


def test_creators_without_events_single_rows_and_weights_of_0_are_left_out():
    x, y, group, offset, weights = weighed(6)
    want = converged(negative_binomial(x, y, group, offset, weights))
    got = converged(
        negative_binomial(
            np.vstack([np.ones((6, 4)), x]),
            np.concatenate([[0, 0, 5, 0, 9, 9], y]),
            np.concatenate([[20, 20, 30, 40, 0, 0], group]),
            np.concatenate([np.zeros(6), offset]),
            np.concatenate([[1, 1, 1, 1, 0, 0], weights]),
        )
    )
    assert got.used.no_events.tolist() == [20, 40]
    assert got.used.singletons.tolist() == [30]
    assert got.used.rows.tolist() == [False] * 6 + [True] * len(y)
    close(got.estimate, want.estimate, 1e-9)
    close(got.fitted, want.fitted, 1e-8)


def test_a_pool_whose_poisson_slopes_hang_on_one_count_is_fitted():
    """Counts from 1 to 10^10 and more, where log likelihoods lose what is not kept small."""
    rng = np.random.default_rng(2)
    group = np.repeat([0, 1, 2], 15)
    x = rng.normal(size=(45, 2))
    offset = rng.normal(0, 5, 45)
    y = np.rint(np.exp(8 + offset + rng.normal(0, 1.5, 45)))
    got = converged(negative_binomial(x, y, group, offset))
    glm = sm.GLM(
        y, dummies(x, group), sm.families.NegativeBinomial(alpha=got.dispersion), offset=offset
    )
    close(got.estimate, glm.fit(**TIGHT).params[:2], 1e-6)


def one_creator() -> Sample:
    x, y, group, offset = sample(20)
    return x, y + 1, group * 0, offset


def all_zero() -> Sample:
    x, y, group, offset = sample(21)
    return x, y * 0, group, offset


def constant() -> Sample:
    x, y, group, offset = sample(22)
    return x, y * 0 + 3, group, offset * 0


def huge() -> Sample:
    x, y, group, offset = sample(23)
    return x, y * 1e9, group, offset


def no_columns() -> Sample:
    x, y, group, offset = sample(24)
    return x[:, :0], y, group, offset


def no_rows() -> Sample:
    return np.empty((0, 2)), np.empty(0), np.empty(0, dtype=np.int64), np.empty(0)


@pytest.mark.parametrize("fit", [reweighted, negative_binomial])
@pytest.mark.parametrize("weight", [1.0, 1e-300, "mixed"])
@pytest.mark.parametrize("pool", [one_creator, all_zero, constant, huge, no_columns, no_rows])
def test_odd_pools_are_answered(fit, weight, pool):
    x, y, group, offset = pool()
    mixed = 10.0 ** np.random.default_rng(3).uniform(-12, 0, len(y))
    weights = mixed if weight == "mixed" else np.full(len(y), weight)
    got = fit(x, y, group, offset, weights)
    if pool in (all_zero, no_rows):
        assert isinstance(got, NotConverged)
        return
    got = converged(got)
    assert got.estimate.shape == (x.shape[1],)
    assert np.isfinite(got.estimate).all()
    assert np.isfinite(got.fitted).all()
    assert got.dispersion >= 0


@pytest.mark.parametrize("weight", [-1.0, np.nan, np.inf])
def test_weights_that_are_none_are_refused(weight):
    x, y, group, offset, weights = weighed(15)
    weights[3] = weight
    with pytest.raises(ValueError, match="weights"):
        reweighted(x, y, group, offset, weights)


@pytest.mark.parametrize("dispersion", [-0.1, np.nan, np.inf])
def test_a_dispersion_that_is_none_is_refused(dispersion):
    with pytest.raises(ValueError, match="dispersion"):
        reweighted(*sample(15), dispersion=dispersion)


@st.composite
def pools(draw) -> tuple[np.ndarray, ...]:
    """Small pools, prepared as a caller does: what separates or is collinear is gone."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, k, creators = draw(st.integers(4, 40)), draw(st.integers(0, 4)), draw(st.integers(1, 5))
    group = rng.integers(0, creators, n)
    x = rng.normal(size=(n, k)) * 10 ** rng.uniform(-2, 2)
    x[:, :1] = rng.random((n, 1)) < 0.3
    offset = rng.normal(0, draw(st.sampled_from([0, 1, 3])), n)
    mean = draw(st.sampled_from([0.5, 5, 1000])) * rng.gamma(0.7, 1.4, n)
    y = rng.poisson(mean * np.exp(offset)).astype(float)
    weights = 10 ** rng.uniform(-draw(st.sampled_from([0, 1, 4])), 0, n)
    rows = np.flatnonzero(~(apart := separated(x, y, group)).rows)
    rows = rows[informative(y[rows], group[rows]).rows]
    assume(len(rows))
    _, numbered = np.unique(group[rows], return_inverse=True)
    left = [column for column in range(k) if column not in apart.columns]
    kept = list(rank(states(x[rows], numbered), left).kept)
    assume(len(rows) > len(kept) + numbered.max() + 1)
    return x[rows][:, kept], y[rows], group[rows], offset[rows], weights[rows]


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(pools(), st.sampled_from([reweighted, negative_binomial]), st.floats(-6, 6))
def test_small_pools_are_answered_in_any_order_and_unit_of_weight(pool, fit, power):
    x, y, group, offset, weights = pool
    got = fit(*pool)
    shuffled = np.random.default_rng(0).permutation(len(y))
    other = fit(*(v[shuffled] for v in pool))
    scaled = fit(x, y, group, offset, weights * 10.0**power)
    assert type(got) is type(other) is type(scaled)
    if isinstance(got, NotConverged):
        return
    assert np.isfinite(got.estimate).all()
    assert np.isfinite(got.blocks.information).all()
    assert np.isfinite(got.fitted).all()
    size = np.sqrt((x**2).mean(axis=0))  # slopes are compared for a typical value of the column
    np.testing.assert_allclose(other.estimate * size, got.estimate * size, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(scaled.estimate * size, got.estimate * size, rtol=1e-5, atol=1e-5)
    assert other.dispersion == pytest.approx(got.dispersion, rel=1e-4, abs=1e-7)
    np.testing.assert_allclose(other.fitted, got.fitted[shuffled], rtol=1e-4)
