"""Shrunken estimates against closed forms, mixed models of statsmodels, and their own limits."""

import warnings
from fractions import Fraction

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import PCG64, Generator
from scipy import integrate, optimize, stats

from pipeline.estimate.cluster_robust import Blocks
from pipeline.estimate.quadratic_approximation import Quadratic, of_sum, quadratic
from pipeline.estimate.shrinkage import SCALE, shrink
from pipeline.estimate.states import states
from pipeline.estimate.variance_components import marginal, profile, restricted_maximum
from pipeline.estimate.weighted_counts import ReweightedFit, negative_binomial, reweighted

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
    shrunken = shrink(*scalars(own.tolist(), errors.tolist()))

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

    assert shrunken.mean[0] == pytest.approx(average(lambda sd: at(sd)[3]), abs=1e-4)
    for g in range(6):
        centre = average(lambda sd, g=g: at(sd)[1][g])
        second = average(lambda sd, g=g: at(sd)[2][g] + at(sd)[1][g] ** 2)
        low = average(
            lambda sd, g=g: stats.norm.cdf(shrunken.low[g, 0], at(sd)[1][g], np.sqrt(at(sd)[2][g]))
        )
        weight = average(lambda sd, g=g: sd**2 / (sd**2 + errors[g] ** 2))
        assert shrunken.estimate[g, 0] == pytest.approx(centre, abs=2e-4)
        assert shrunken.std_error[g, 0] == pytest.approx(np.sqrt(second - centre**2), rel=1e-3)
        assert low == pytest.approx(0.025, abs=2e-4)
        assert shrunken.weight[g, 0] == pytest.approx(weight, abs=1e-3)
    new = average(
        lambda sd: stats.norm.cdf(
            shrunken.newcomer_high[0], at(sd)[3], np.hypot(sd, at(sd)[4] ** 0.5)
        )
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
    shrunken = shrink(precision, shift, scale=1e-6)
    pooled = np.linalg.solve(precision.sum(axis=0), shift.sum(axis=0))
    np.testing.assert_allclose(shrunken.estimate, np.tile(pooled, (9, 1)), atol=1e-4)
    assert shrunken.weight.max() < 1e-3


def test_very_precise_creators_are_their_own_estimate():
    own = Generator(PCG64(1)).normal(size=(9, 2))
    precision = np.tile(np.array([[2e8, 1e8], [1e8, 3e8]]), (9, 1, 1))
    shrunken = shrink(precision, np.einsum("gij,gj->gi", precision, own))
    np.testing.assert_allclose(shrunken.estimate, own, atol=1e-5)
    assert shrunken.weight.min() > 0.999999
    np.testing.assert_allclose(shrunken.mean, own.mean(axis=0), atol=1e-5)
    exact = stats.t.ppf(0.975, 7) * own.std(axis=0, ddof=1) * np.sqrt(8 / 7 * 10 / 9)
    assert (shrunken.newcomer_high - shrunken.mean) / exact == pytest.approx(1, abs=0.1)


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
    shrunken = shrink(precision, shift)
    assert np.linalg.matrix_rank(precision[3]) == 1
    assert shrunken.weight[3, 1] == 0 < shrunken.weight[3, 0]
    for name, new in (("estimate", "mean"), ("low", "newcomer_low"), ("high", "newcomer_high")):
        assert getattr(shrunken, name)[3, 1] == pytest.approx(getattr(shrunken, new)[1], abs=1e-6)
    assert shrunken.std_error[3, 1] == pytest.approx(shrunken.newcomer_std_error[1], rel=1e-6)


def test_one_creator_alone_in_a_term_keeps_their_own_estimate():
    x, y, group, _ = pool(6, 2, 0.4, 7)
    x[group != 2, 1] = 0
    shrunken = shrink(*forms(x, y, group))
    alone = np.linalg.solve(*(each[2] for each in forms(x, y, group)))
    assert shrunken.estimate[2, 1] == pytest.approx(shrunken.mean[1], abs=1e-9)
    assert shrunken.estimate[2, 1] == pytest.approx(alone[1], abs=0.1)
    everything = [getattr(shrunken, name) for name in (*FIELDS, *OF_ALL, *NEW)]
    assert all(np.isfinite(each).all() for each in everything)


def test_what_nobody_tells_is_refused():
    with pytest.raises(ValueError, match="told by no creator"):
        shrink(np.zeros((3, 1, 1)), np.zeros((3, 1)))
    with pytest.raises(ValueError, match="full rank"):
        shrink(np.ones((3, 2, 2)), np.ones((3, 2)))


@pytest.mark.parametrize("creators", [1, 2, 3])
def test_so_few_creators_do_not_break_it(creators):
    shrunken = shrink(*forms(*pool(creators, 2, 0.4, 9)[:3]))
    for name in (*FIELDS, *OF_ALL, *NEW):
        assert np.isfinite(getattr(shrunken, name)).all(), name


@settings(max_examples=60)
@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(1e-3, 1e3)), min_size=2, max_size=12))
def test_in_one_dimension_the_estimate_is_between_own_and_mean(each):
    own, errors = ([one[i] for one in each] for i in (0, 1))
    shrunken = shrink(*scalars(own, errors))
    for name in (*FIELDS, *OF_ALL, *NEW):
        assert np.isfinite(getattr(shrunken, name)).all(), name
    assert ((shrunken.weight >= 0) & (shrunken.weight <= 1)).all()
    assert (shrunken.low <= shrunken.estimate).all()
    assert (shrunken.estimate <= shrunken.high).all()
    low, high = min(own), max(own)
    slack = 1e-6 * (1 + abs(low) + abs(high))
    assert (shrunken.estimate >= low - slack).all()
    assert (shrunken.estimate <= high + slack).all()


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
    blocks = Blocks(precision, scores, estimate, np.bincount(group))
    form = quadratic(x, left, np.ones(len(y)), group, blocks)
    overall = left @ left / (len(y) - 40 - 2)
    assert overall == pytest.approx(4, rel=0.1)
    assert form.dispersion.mean() == pytest.approx(overall, rel=0.02)
    assert np.ptp(form.dispersion) < 0.4 * overall  # the pool counts as a hundred rows
    np.testing.assert_allclose(form.precision * form.dispersion[:, None, None], precision)
    whole = form.precision @ np.zeros(2) + form.shift
    np.testing.assert_allclose(whole * form.dispersion[:, None], shift, rtol=1e-8)


def of_counts(x, y, group, dispersion: float | None = 0.0) -> tuple[ReweightedFit, Quadratic]:
    """A fit of counts, at a dispersion or (None) at the likeliest one, and the forms about it."""
    none = np.zeros(len(y))
    if dispersion is None:
        fit = negative_binomial(x, y, group, none)
    else:
        fit = reweighted(x, y, group, none, dispersion=dispersion)
    assert isinstance(fit, ReweightedFit)
    damped = 1 + fit.dispersion * fit.fitted
    return fit, quadratic(x, (y - fit.fitted) / damped, fit.fitted / damped, group, fit.blocks)


def mixed(creators: int, each: int, variance: float) -> tuple[np.ndarray, ...]:
    """Counts of gamma-mixed means whose levels go from e^-1 to e^4; x, y, group and the means."""
    rng = Generator(PCG64(13))
    group = np.repeat(np.arange(creators), each)
    x = rng.normal(size=(len(group), 1))
    means = np.exp(np.linspace(-1, 4, creators)[group] + 0.3 * x[:, 0])
    y = rng.poisson(means * rng.gamma(1 / variance, variance, len(group))).astype(float)
    return x, y, group, means


@pytest.mark.parametrize("dispersion", [0.0, 0.3])
def test_the_noise_is_made_of_squared_residuals_and_a_dense_hat_matrix(dispersion):
    """One factor of the pool, Σ r²/Σ w (1 - h), weighed with each creator's own as 400 rows."""
    x, y, group, _ = mixed(8, 15, 0.5)
    fit, form = of_counts(x, y, group, dispersion)
    weights = fit.fitted / (1 + dispersion * fit.fitted)
    squares = ((y - fit.fitted) / (1 + dispersion * fit.fitted)) ** 2
    root = np.sqrt(weights)[:, None] * np.column_stack([x, np.eye(8)[group]])
    free = 1 - np.diagonal(root @ np.linalg.inv(root.T @ root) @ root.T)
    noise = squares.sum() / (weights @ free)
    for g in range(8):
        mine = group == g
        own = squares[mine].sum() / (weights[mine] @ free[mine])
        df = free[mine].sum()
        assert form.dispersion[g] == pytest.approx((400 * noise + df * own) / (400 + df), rel=1e-9)


def test_counts_that_spread_as_their_model_says_have_a_noise_of_one():
    """Gamma mixing of variance 1/2: the variance is μ + μ²/2, the same for small and large."""
    x, y, group, means = mixed(60, 80, 0.5)
    _, form = of_counts(x, y, group, None)
    assert np.median(form.dispersion) == pytest.approx(1, abs=0.1)
    assert abs(stats.spearmanr(form.dispersion, np.arange(60)).statistic) < 0.4
    _, of_poisson = of_counts(x, y, group)
    of_group = [means[group == g] for g in range(60)]
    truth = np.array([1 + (mu**2).sum() / mu.sum() / 2 for mu in of_group])
    assert stats.spearmanr(of_poisson.dispersion, truth).statistic > 0.9


def test_a_creator_who_spreads_more_has_more_noise():
    x, y, group, _ = mixed(12, 80, 0.5)
    rng = Generator(PCG64(3))
    wild = group == 6
    y[wild] = rng.poisson(5 * rng.gamma(1 / 6, 6, wild.sum()))
    _, form = of_counts(x, y, group, None)
    assert form.dispersion.argmax() == 6
    assert form.dispersion[6] > 1.3 * np.median(form.dispersion)


@pytest.mark.parametrize("dispersion", [0.0, 0.5])
def test_a_column_that_does_not_vary_within_a_creator_tells_exactly_nothing(dispersion):
    x, y, group, _ = pool(8, 2, 0.4, 6)
    x[group == 3, 1] = 0.1
    y = np.floor(np.exp(y))
    _, form = of_counts(x, y, group, dispersion)
    assert not form.precision[3, 1].any()
    assert form.shift[3, 1] == 0


@pytest.mark.parametrize("dispersion", [0.0, 0.4])
def test_forms_have_the_slope_and_the_curvature_of_the_likelihood_over_the_noise(dispersion):
    """At the pool's estimate: score sums, and the information with the level taken out, dense."""
    x, y, group, _ = pool(8, 2, 0.2, 6)
    y = np.floor(np.exp(y))
    fit, form = of_counts(x, y, group, dispersion)
    damped = 1 + dispersion * fit.fitted
    for g in range(8):
        mine = group == g
        score = x[mine].T @ ((y - fit.fitted) / damped)[mine]
        whole = np.column_stack([x[mine], np.ones(mine.sum())])
        both = whole.T @ ((fit.fitted / damped)[mine, None] * whole)
        information = np.linalg.inv(np.linalg.inv(both)[:2, :2])
        noise = form.dispersion[g]
        np.testing.assert_allclose(form.precision[g] * noise, information, rtol=1e-7)
        rise = (form.shift[g] - form.precision[g] @ fit.estimate) * noise
        np.testing.assert_allclose(rise, score, atol=1e-7 * np.abs(score).max())


OVERSHOT = pytest.mark.xfail(
    strict=True,
    reason="one step from the pool's slopes overshoots: information is that at the pool's means",
)


@pytest.mark.parametrize("hit", [50, pytest.param(1000, marks=OVERSHOT)])
def test_one_hit_beyond_all_expectation_does_not_throw_the_estimate_far_out(hit):
    """Two rows with the term of thirty, one of them with up to 200 times the events.

    Shrinking ends between the pool and what the creator's rows alone would say.
    """
    rng = Generator(PCG64(4))
    group = np.repeat(np.arange(9), 30)
    x = (rng.random(270) < 0.4).astype(float)[:, None]
    y = rng.poisson(5 * rng.gamma(1, 1, 270)).astype(float)
    x[:30] = 0
    x[[3, 7]], y[[3, 7]] = 1, (hit, 4)
    fit, form = of_counts(x, y, group, None)
    shrunken = shrink(form.precision, form.shift)
    own = reweighted(x[:30], y[:30], group[:30], np.zeros(30), dispersion=fit.dispersion)
    assert isinstance(own, ReweightedFit)
    assert fit.estimate[0] < shrunken.estimate[0, 0] < own.estimate[0]


def quadratic_of(precision, shift) -> Quadratic:
    return Quadratic(np.array(precision), np.array(shift), np.ones(len(shift)))


def value(form: Quadratic, g: int, slopes: np.ndarray) -> float:
    return float(form.shift[g] @ slopes - slopes @ form.precision[g] @ slopes / 2)


def random_forms(seed: int, creators: int, k: int, ranks: tuple[int, ...]) -> Quadratic:
    """Forms whose precisions have these ranks in turn; the shifts are in their ranges."""
    rng = Generator(PCG64(seed))
    roots = [rng.normal(size=(k, ranks[g % len(ranks)])) for g in range(creators)]
    precision = np.stack([root @ root.T for root in roots])
    own = rng.normal(size=(creators, k))
    return quadratic_of(precision, np.einsum("gij,gj->gi", precision, own))


def most_of_both(first: Quadratic, second: Quadratic, g: int, total: np.ndarray) -> float:
    """The greatest sum of the two forms at slopes that sum to `total`, by a general optimiser."""
    optimum = optimize.minimize(
        lambda one: -value(first, g, one) - value(second, g, total - one),
        total / 2,
        method="BFGS",
        options={"gtol": 1e-9},
    )
    return -float(optimum.fun)


RANKS = [((3,), (3,)), ((3,), (1, 2, 0)), ((1, 2), (2, 1)), ((2,), (0, 3)), ((0,), (0,))]


@pytest.mark.parametrize(("ranks_of_one", "ranks_of_other"), RANKS)
def test_the_form_of_a_sum_is_the_most_that_it_leaves_to_the_two(ranks_of_one, ranks_of_other):
    """Up to a constant, for sums all over the place; singular precisions included."""
    first, second = (
        random_forms(seed, 6, 3, ranks) for seed, ranks in ((1, ranks_of_one), (2, ranks_of_other))
    )
    summed = of_sum(first, second)
    np.testing.assert_array_equal(summed.precision, summed.precision.swapaxes(1, 2))
    rng = Generator(PCG64(3))
    for g in range(6):
        at_none = most_of_both(first, second, g, np.zeros(3))
        for total in rng.normal(0, 2, (5, 3)):
            most = most_of_both(first, second, g, total) - at_none
            assert value(summed, g, total) == pytest.approx(most, abs=2e-6)
        assert np.linalg.eigvalsh(summed.precision[g]).min() > -1e-9


def test_variances_and_own_estimates_of_a_sum_add_up():
    """Where both are told: (J⁻¹ + K⁻¹)⁻¹, about the sum of the two maxima."""
    first, second = random_forms(4, 5, 3, (3,)), random_forms(5, 5, 3, (3,))
    summed = of_sum(first, second)
    for g in range(5):
        variance = sum(np.linalg.inv(each.precision[g]) for each in (first, second))
        np.testing.assert_allclose(np.linalg.inv(summed.precision[g]), variance, rtol=1e-6)
        own = sum(np.linalg.solve(e.precision[g], e.shift[g]) for e in (first, second))
        np.testing.assert_allclose(np.linalg.solve(summed.precision[g], summed.shift[g]), own)
    turned = of_sum(second, first)
    np.testing.assert_allclose(turned.precision, summed.precision, rtol=1e-7, atol=1e-10)
    np.testing.assert_allclose(turned.shift, summed.shift, rtol=1e-7, atol=1e-9)


def test_a_creator_who_tells_nothing_of_one_slope_tells_nothing_of_the_sum():
    first = quadratic_of([np.diag([4.0, 0.0]), np.zeros((2, 2))], [[2.0, 0.0], [0.0, 0.0]])
    second = quadratic_of([np.diag([4.0, 9.0]), np.eye(2)], [[6.0, 9.0], [1.0, 1.0]])
    summed = of_sum(first, second)
    np.testing.assert_allclose(
        summed.precision, [np.diag([2.0, 0.0]), np.zeros((2, 2))], atol=1e-12
    )
    np.testing.assert_allclose(summed.shift, [[4.0, 0.0], [0.0, 0.0]], atol=1e-12)


def test_creators_of_very_different_size_are_summed_as_well():
    """Views of a large account beside followers of a small one, by exact fractions."""
    first, second = quadratic_of([[[1e9]]], [[3e8]]), quadratic_of([[[1e-3]]], [[5e-4]])
    summed = of_sum(first, second)
    exact = 1 / (1 / Fraction(1e9) + 1 / Fraction(1e-3))
    own = Fraction(3e8) / Fraction(1e9) + Fraction(5e-4) / Fraction(1e-3)
    for forms_ in (summed, of_sum(second, first)):
        assert forms_.precision[0, 0, 0] == pytest.approx(float(exact), rel=1e-3)
        assert forms_.shift[0, 0] == pytest.approx(float(exact * own), rel=1e-3)
