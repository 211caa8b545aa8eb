"""Shrunken estimates against closed forms, mixed models of statsmodels, and their own limits."""

import warnings

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import PCG64, Generator
from scipy import integrate, special, stats

from pipeline.estimate.cluster_robust import Blocks
from pipeline.estimate.poisson import poisson
from pipeline.estimate.quadratic_approximation import expanded, linear_quadratic, quadratic
from pipeline.estimate.shrinkage import SCALE, shrink
from pipeline.estimate.states import states
from pipeline.estimate.variance_components import marginal, profile, restricted_maximum

FIELDS = ("estimate", "std_error", "low", "high", "weight")
OF_ALL = ("mean", "mean_variance", "between", "between_low", "between_high")
NEW = ("newcomer_std_error", "newcomer_low", "newcomer_high")
WIDE = np.full(1, 1e8)


def scalars(own: list[float], errors: float | list[float]) -> tuple[np.ndarray, np.ndarray]:
    """Precisions (G, 1, 1) and shifts (G, 1) of own estimates with these standard errors."""
    precision = np.broadcast_to(1 / np.square(errors), len(own)).astype(float)
    return precision[:, None, None], (precision * own)[:, None]


def pool(
    creators: int, p: int, sd: float, seed: int, rows: tuple[int, int] = (6, 60)
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Columns (n, p), outcomes (n,) with noise 1, creators (n,), and each creator's slopes."""
    rng = Generator(PCG64(seed))
    sizes = rng.integers(*rows, creators)
    group = np.repeat(np.arange(creators), sizes)
    x = rng.normal(size=(len(group), p))
    slopes = 0.5 + sd * rng.normal(size=(creators, p))
    return x, (x * slopes[group]).sum(axis=1) + rng.normal(size=len(group)), group, slopes


def forms(x, y, group, noise: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Precisions and shifts of the slopes, each creator's level out."""
    p = x.shape[1]
    products = states(np.column_stack([x, y]), group).products
    return products[:, :p, :p] / noise, products[:, :p, p] / noise


def test_the_balanced_one_way_layout_is_as_by_hand():
    """Equal errors: τ² = variance of the means - σ², and (G - 1 degrees of freedom) REML."""
    own = [0.1, 0.9, -0.4, 1.2, 0.3, -0.9, 0.6, 0.2]
    precision, shift = scalars(own, 0.5)
    best = restricted_maximum(precision * 0.25, shift * 0.5, WIDE)
    between = np.var(own, ddof=1) - 0.25
    assert best.between[0] * 0.25 == pytest.approx(between, rel=1e-6)
    assert best.mean[0] * 0.5 == pytest.approx(np.mean(own), rel=1e-12)
    assert best.covariance[0, 0] * 0.25 == pytest.approx(np.var(own, ddof=1) / 8, rel=1e-6)
    shrunken = best.mean + best.between * (best.shift - best.weight[:, :, 0] * best.mean)
    factor = between / (between + 0.25)
    by_hand = np.mean(own) + factor * (np.array(own) - np.mean(own))
    np.testing.assert_allclose(shrunken[:, 0] * 0.5, by_hand, rtol=1e-6)


def test_means_less_alike_than_chance_makes_them_have_no_variance_between_creators():
    precision, shift = scalars([0.1, 0.2, 0.15, 0.12, 0.3], 1.0)
    assert restricted_maximum(precision, shift, WIDE).between.tolist() == [0.0]


def test_the_posterior_is_the_integral_over_the_standard_deviation():
    """One dimension, unequal errors: by adaptive quadrature of the textbook formulas."""
    own, errors = np.array([0.1, 1.4, -0.4, 0.9, 0.3, -0.6]), np.array([0.3, 0.5, 0.2, 0.9, 0.4, 1])
    found = shrink(*scalars(own.tolist(), errors.tolist()))

    def at(sd: float) -> tuple[float, np.ndarray, np.ndarray, float, float]:
        weight = 1 / (sd**2 + errors**2)
        mean, spread = weight @ own / weight.sum(), 1 / weight.sum()
        likelihood = np.exp(-(weight @ (own - mean) ** 2) / 2) * np.sqrt(weight.prod() * spread)
        factor = sd**2 * weight
        centre = mean + factor * (own - mean)
        variance = factor * errors**2 + (1 - factor) ** 2 * spread
        return likelihood / (1 + (sd / SCALE) ** 2), centre, variance, mean, spread

    def average(value) -> float:
        total, _ = integrate.quad(lambda sd: value(sd) * at(sd)[0], 0, np.inf, epsabs=1e-12)
        return total / integrate.quad(lambda sd: at(sd)[0], 0, np.inf, epsabs=1e-12)[0]

    assert found.mean[0] == pytest.approx(average(lambda sd: at(sd)[3]), abs=1e-4)
    for g in range(6):
        centre = average(lambda sd, g=g: at(sd)[1][g])
        second = average(lambda sd, g=g: at(sd)[2][g] + at(sd)[1][g] ** 2)
        low = average(
            lambda sd, g=g: stats.norm.cdf(found.low[g, 0], at(sd)[1][g], np.sqrt(at(sd)[2][g]))
        )
        weight = average(lambda sd, g=g: sd**2 / (sd**2 + errors[g] ** 2))
        assert found.estimate[g, 0] == pytest.approx(centre, abs=2e-4)
        assert found.std_error[g, 0] == pytest.approx(np.sqrt(second - centre**2), rel=1e-3)
        assert low == pytest.approx(0.025, abs=2e-4)
        assert found.weight[g, 0] == pytest.approx(weight, abs=1e-3)
    new = average(
        lambda sd: stats.norm.cdf(found.newcomer_high[0], at(sd)[3], np.hypot(sd, at(sd)[4] ** 0.5))
    )
    assert new == pytest.approx(0.975, abs=1e-3)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_mixed_models_of_statsmodels_agree(seed):
    """Random slopes: REML variance (2e-5), mean and posterior means; their gradient steps fail."""
    x, y, group, _ = pool(12, 1, 0.6, seed)
    means = [np.bincount(group, v) / np.bincount(group) for v in (x[:, 0], y)]
    centred = [v - mean[group] for v, mean in zip((x[:, 0], y), means, strict=True)]
    column = centred[0][:, None]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = sm.MixedLM(centred[1], column, group, exog_re=column).fit(method="powell")
    precision, shift = forms(x, y, group, theirs.scale)
    typical = np.sqrt(precision.mean())
    best = restricted_maximum(precision / typical**2, shift / typical, WIDE)
    assert best.between[0] / typical**2 == pytest.approx(theirs.cov_re[0, 0], rel=2e-5)
    assert best.mean[0] / typical == pytest.approx(theirs.fe_params[0], rel=1e-6)
    deviation = best.between * (best.shift - best.weight[:, :, 0] * best.mean) / typical
    posterior = [float(theirs.random_effects[g].iloc[0]) for g in range(12)]
    np.testing.assert_allclose(deviation[:, 0], posterior, rtol=1e-4, atol=1e-6)


def test_several_variances_are_where_the_restricted_likelihood_is_highest():
    """Against the likelihood written out with the full covariance of the creators' estimates."""
    x, y, group, _ = pool(9, 3, 0.4, 5, rows=(8, 40))
    x[group == 0, 2] = 0
    precision, shift = forms(x, y, group)
    typical = np.sqrt(np.einsum("gjj->j", precision) / 9)
    scaled, moved = precision / np.outer(typical, typical), shift / typical
    best = restricted_maximum(scaled, moved, np.full(3, 1e8))

    def written_out(between: np.ndarray) -> float:
        """Of the rows: y less the creator's level, in the space the levels leave."""
        size = total = 0.0
        information, right, square = np.zeros((3, 3)), np.zeros(3), 0.0
        for g in range(9):
            rows = (x[group == g] - x[group == g].mean(axis=0)) / typical
            left = y[group == g] - y[group == g].mean()
            variance = np.eye(len(left)) + rows * between @ rows.T
            inverse = np.linalg.inv(variance)
            size += np.linalg.slogdet(variance)[1]
            information += rows.T @ inverse @ rows
            right += rows.T @ inverse @ left
            square += left @ inverse @ left
        total = square - right @ np.linalg.solve(information, right)
        return -(size + np.linalg.slogdet(information)[1] + total) / 2

    top = written_out(best.between)
    ours = marginal(scaled, moved, best.between * 1.3 + 0.1).log_likelihood - best.log_likelihood
    assert ours == pytest.approx(written_out(best.between * 1.3 + 0.1) - top, abs=1e-8)
    for j in range(3):
        for factor in (0.9, 1.1):
            other = best.between.copy()
            other[j] = other[j] * factor + 0.01 * (factor > 1)
            assert written_out(other) <= top + 1e-9


def test_a_profile_is_the_marginal_at_another_variance():
    precision, shift = forms(*pool(7, 3, 0.4, 8)[:3])
    here = marginal(precision, shift, np.array([0.2, 0.0, 0.1]))
    moved = profile(here, 1, np.array([0.0, 0.3, 2.0]))
    for k, sd in enumerate((0.0, 0.3, 2.0)):
        there = marginal(precision, shift, np.array([0.2, sd**2, 0.1]))
        np.testing.assert_allclose(moved.mean[k], there.mean, rtol=1e-9)
        np.testing.assert_allclose(moved.covariance[k], there.covariance, rtol=1e-9)
        change = moved.log_likelihood[k] - moved.log_likelihood[0]
        base = marginal(precision, shift, np.array([0.2, 0.0, 0.1]))
        assert change == pytest.approx(there.log_likelihood - base.log_likelihood, abs=1e-9)


def test_no_difference_between_creators_is_complete_pooling():
    """A prior that allows none: everybody is at the mean, and own data count for nothing."""
    precision, shift = forms(*pool(9, 2, 0.4, 3)[:3])
    found = shrink(precision, shift, scale=1e-6)
    pooled = np.linalg.solve(precision.sum(axis=0), shift.sum(axis=0))
    np.testing.assert_allclose(found.estimate, np.tile(pooled, (9, 1)), atol=1e-4)
    assert found.weight.max() < 1e-3


def test_very_precise_creators_are_their_own_estimate():
    own = Generator(PCG64(1)).normal(size=(9, 2))
    precision = np.tile(np.array([[2e8, 1e8], [1e8, 3e8]]), (9, 1, 1))
    found = shrink(precision, np.einsum("gij,gj->gi", precision, own))
    np.testing.assert_allclose(found.estimate, own, atol=1e-5)
    assert found.weight.min() > 0.999999
    np.testing.assert_allclose(found.mean, own.mean(axis=0), atol=1e-5)
    exact = stats.t.ppf(0.975, 7) * own.std(axis=0, ddof=1) * np.sqrt(8 / 7 * 10 / 9)
    assert (found.newcomer_high - found.mean) / exact == pytest.approx(1, abs=0.1)


def test_the_order_of_creators_and_of_terms_does_not_matter():
    precision, shift = forms(*pool(8, 3, 0.4, 4)[:3])
    order, turn = np.array([3, 0, 7, 1, 2, 6, 5, 4]), np.array([2, 0, 1])
    first = shrink(precision, shift)
    again = shrink(precision[order][:, turn][:, :, turn], shift[order][:, turn])
    for name in FIELDS:
        want = getattr(first, name)[order][:, turn]
        np.testing.assert_allclose(getattr(again, name), want, rtol=1e-4, atol=1e-6)
    for name in (*OF_ALL, *NEW):
        np.testing.assert_allclose(getattr(again, name), getattr(first, name)[turn], rtol=1e-4)


def test_a_creator_who_tells_nothing_of_a_term_is_like_a_new_one():
    x, y, group, _ = pool(8, 2, 0.4, 6)
    x[group == 3, 1] = 0
    precision, shift = forms(x, y, group)
    found = shrink(precision, shift)
    assert np.linalg.matrix_rank(precision[3]) == 1
    assert found.weight[3, 1] == 0 < found.weight[3, 0]
    for name, new in (("estimate", "mean"), ("low", "newcomer_low"), ("high", "newcomer_high")):
        assert getattr(found, name)[3, 1] == pytest.approx(getattr(found, new)[1], abs=1e-6)
    assert found.std_error[3, 1] == pytest.approx(found.newcomer_std_error[1], rel=1e-6)


def test_one_creator_alone_in_a_term_keeps_their_own_estimate():
    x, y, group, _ = pool(6, 2, 0.4, 7)
    x[group != 2, 1] = 0
    found = shrink(*forms(x, y, group))
    alone = np.linalg.solve(*(each[2] for each in forms(x, y, group)))
    assert found.estimate[2, 1] == pytest.approx(found.mean[1], abs=1e-9)
    assert found.estimate[2, 1] == pytest.approx(alone[1], abs=0.1)
    everything = [getattr(found, name) for name in (*FIELDS, *OF_ALL, *NEW)]
    assert all(np.isfinite(each).all() for each in everything)


def test_what_nobody_tells_is_refused():
    with pytest.raises(ValueError, match="told by no creator"):
        shrink(np.zeros((3, 1, 1)), np.zeros((3, 1)))
    with pytest.raises(ValueError, match="full rank"):
        shrink(np.ones((3, 2, 2)), np.ones((3, 2)))


@pytest.mark.parametrize("creators", [1, 2, 3])
def test_so_few_creators_do_not_break_it(creators):
    found = shrink(*forms(*pool(creators, 2, 0.4, 9)[:3]))
    for name in (*FIELDS, *OF_ALL, *NEW):
        assert np.isfinite(getattr(found, name)).all(), name


@settings(max_examples=60)
@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(1e-3, 1e3)), min_size=2, max_size=12))
def test_in_one_dimension_the_estimate_is_between_own_and_mean(each):
    own, errors = ([one[i] for one in each] for i in (0, 1))
    found = shrink(*scalars(own, errors))
    for name in (*FIELDS, *OF_ALL, *NEW):
        assert np.isfinite(getattr(found, name)).all(), name
    assert ((found.weight >= 0) & (found.weight <= 1)).all()
    assert (found.low <= found.estimate).all()
    assert (found.estimate <= found.high).all()
    low, high = min(own), max(own)
    slack = 1e-6 * (1 + abs(low) + abs(high))
    assert (found.estimate >= low - slack).all()
    assert (found.estimate <= high + slack).all()


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.floats(-2, 2), st.floats(0.1, 10))
def test_units_and_origin_only_shift_and_stretch(seed, origin, unit):
    """With the prior in the same units."""
    precision, shift = forms(*pool(6, 2, 0.4, seed)[:3])
    first = shrink(precision, shift)
    moved = shift + precision @ np.full(2, origin)
    again = shrink(precision / unit**2, moved / unit, scale=unit)
    np.testing.assert_allclose(again.estimate / unit, first.estimate + origin, atol=1e-6)
    np.testing.assert_allclose(again.between / unit**2, first.between, rtol=1e-5, atol=1e-9)
    np.testing.assert_allclose(again.weight, first.weight, atol=1e-6)


def test_the_dispersion_of_least_squares_is_the_variance_of_the_noise():
    x, y, group, _ = pool(40, 2, 0.0, 12)
    precision, shift = forms(x, 2 * y, group)
    estimate = np.linalg.solve(precision.sum(axis=0), shift.sum(axis=0))
    left = 2 * y - x @ estimate
    left -= (np.bincount(group, left) / np.bincount(group))[group]
    scores = shift - precision @ estimate
    found = linear_quadratic(
        x, left, group, Blocks(precision, scores, estimate, np.bincount(group))
    )
    overall = left @ left / (len(y) - 40 - 2)
    assert overall == pytest.approx(4, rel=0.1)
    assert found.dispersion.mean() == pytest.approx(overall, rel=0.02)
    assert np.ptp(found.dispersion) < 0.4 * overall  # the pool counts as a hundred rows
    np.testing.assert_allclose(found.precision * found.dispersion[:, None, None], precision)
    whole = found.precision @ np.zeros(2) + found.shift
    np.testing.assert_allclose(whole * found.dispersion[:, None], shift, rtol=1e-8)


def test_the_dispersion_of_counts_grows_with_their_means():
    """Gamma mixing of variance 1/2: the variance is μ + μ²/2."""
    rng = Generator(PCG64(13))
    group = np.repeat(np.arange(60), 80)
    x = rng.normal(size=(len(group), 1))
    means = np.exp(np.linspace(-1, 4, 60)[group] + 0.3 * x[:, 0])
    y = rng.poisson(means * rng.gamma(2, 0.5, len(group))).astype(float)
    fit = poisson(x, y, group, np.zeros(len(group)))
    found = quadratic(x, y, fit.fitted, group, fit.blocks)
    of_group = [means[group == g] for g in range(60)]
    truth = np.array([1 + (mu**2).sum() / mu.sum() / 2 for mu in of_group])
    assert np.median(found.dispersion / truth) == pytest.approx(1, abs=0.1)
    assert stats.spearmanr(found.dispersion, truth).statistic > 0.95


def test_a_column_that_does_not_vary_within_a_creator_tells_exactly_nothing():
    x, y, group, _ = pool(8, 2, 0.4, 6)
    x[group == 3, 1] = 0.1
    y = np.floor(np.exp(y))
    fit = poisson(x, y, group, np.zeros(len(y)))
    found = quadratic(x, y, fit.fitted, group, fit.blocks)
    assert not found.precision[3, 1].any()
    assert found.shift[3, 1] == 0


def test_forms_about_the_pool_are_the_forms_again():
    x, y, group, _ = pool(8, 2, 0.2, 6)
    y, none = np.floor(np.exp(y)), np.zeros(len(y))
    fit = poisson(x, y, group, none)
    form = quadratic(x, y, fit.fitted, group, fit.blocks)
    slopes = np.tile(fit.estimate, (8, 1))
    again = expanded(form, x, y, none, group, slopes, fit.estimate)
    np.testing.assert_allclose(again.precision, form.precision, rtol=1e-7, atol=1e-10)
    np.testing.assert_allclose(again.shift, form.shift, rtol=1e-6, atol=1e-6)


def test_forms_are_of_the_likelihood_at_slopes_at_most_one_from_the_pool():
    """Given their sum a creator's events are multinomial: information and score are by hand."""
    x, y, group, _ = pool(8, 2, 0.2, 6)
    y, none = np.floor(np.exp(y)), np.zeros(len(y))
    fit = poisson(x, y, group, none)
    form = quadratic(x, y, fit.fitted, group, fit.blocks)
    away = np.array([[-3.0, 0.5], [3.0, -0.5]] * 4)
    found = expanded(form, x, y, none, group, fit.estimate + away, fit.estimate)
    near = fit.estimate + np.array([[-1.0, 0.5], [1.0, -0.5]] * 4)
    for g in range(8):
        rows, events = x[group == g], y[group == g]
        share = special.softmax(rows @ near[g])
        information = events.sum() * np.cov(rows.T, aweights=share, ddof=0)
        score = (events - events.sum() * share) @ rows
        noise = form.dispersion[g]
        np.testing.assert_allclose(found.precision[g] * noise, information, rtol=1e-9)
        np.testing.assert_allclose(
            found.shift[g] * noise, score + information @ near[g], rtol=1e-9, atol=1e-9
        )


def test_one_hit_beyond_all_expectation_does_not_throw_the_estimate_far_out():
    """Two rows with the term of thirty, one of them with a thousand times the events."""
    rng = Generator(PCG64(4))
    group = np.repeat(np.arange(9), 30)
    x = (rng.random(270) < 0.4).astype(float)[:, None]
    y = rng.poisson(5 * rng.gamma(1, 1, 270)).astype(float)
    x[:30] = 0
    x[[3, 7]], y[[3, 7]] = 1, (5000, 4)
    fit = poisson(x, y, group, np.zeros(270))
    form = quadratic(x, y, fit.fitted, group, fit.blocks)
    first = shrink(form.precision, form.shift)
    about = expanded(form, x, y, np.zeros(270), group, first.estimate, fit.estimate)
    again = shrink(about.precision, about.shift)
    assert np.isfinite(again.estimate).all()
    assert abs(again.estimate).max() < np.log(5000)
