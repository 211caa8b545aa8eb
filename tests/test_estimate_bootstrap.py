"""The wild bootstrap against refits of every bootstrap sample, and against wildboottest."""

from itertools import product

import numba
import numpy as np
import pytest
from test_estimate_linear import demeaned, fitted, sample
from test_estimate_poisson import sample as events
from wildboottest.wildboottest import WildboottestCL

from pipeline.estimate.bootstrap_statistics import Restricted
from pipeline.estimate.bootstrap_weights import VALUES, Draws, Weights, draws, signs
from pipeline.estimate.cluster_robust import Blocks, cr1
from pipeline.estimate.poisson import poisson
from pipeline.estimate.wild_bootstrap import (
    wild_interval,
    wild_intervals,
    wild_test,
    wild_tests,
)

BOTH = list(Restricted)
SHAPES = [(31, 5, 3), (32, 2, 2), (33, 6, 1), (34, 3, 9), (35, 7, 4)]  # seed, creators, regressors
KEYS = np.array([7, 2**63 + 5, 11, 2**64 - 1], dtype=np.uint64)


def by_rows(x, y, group, column, null, restricted, values, effects=True):
    """t of the sample and t* (B,) of the draws (B, G), every bootstrap sample refitted by lstsq.

    Without `effects` the rows are used as they are, without creator dummies.
    """
    creators, k = group.max() + 1, x.shape[1]
    within = (lambda v: demeaned(v, group)) if effects else (lambda v: v)
    rest = np.delete(np.arange(k), column)
    dummies = np.eye(creators)[group] if effects else np.empty((len(y), 0))
    design, offset = np.hstack([x, dummies]), null * x[:, column]

    def restrict(rows):
        others = np.delete(design[rows], column, axis=1)
        return x[:, rest] @ np.linalg.lstsq(others, (y - offset)[rows], rcond=None)[0][: k - 1]

    def statistic(outcome):
        estimate = np.linalg.lstsq(design, outcome, rcond=None)[0]
        left = within(outcome) - within(x) @ estimate[:k]
        pull = np.linalg.pinv(within(x))[column]
        n, variance = len(y), (np.bincount(group, pull * left) ** 2).sum()
        variance *= creators / (creators - 1) * (n - 1) / (n - k - 1)
        return (estimate[column] - null) / np.sqrt(variance)

    mean = restrict(np.full(len(y), True)) + offset
    left = within(y - mean)
    if restricted is Restricted.WCR_S:
        for g in range(creators):
            own = group == g
            left[own] = within(y - offset - restrict(~own))[own]
    return statistic(y), np.array([statistic(mean + v[group] * left) for v in values])


def shares(t, bootstrapped, creators):
    """The enumerated p-value without its floor, ties counted, and the one with it."""
    share = np.mean(np.abs(bootstrapped) >= abs(t) * (1 - 1e-9))
    return share, max(share, 2.0 ** (1 - creators))


def every_sign(creators):
    return np.array(list(product([1.0, -1.0], repeat=creators)))


@pytest.mark.parametrize("restricted", BOTH)
@pytest.mark.parametrize("null", [0.0, 0.37])
@pytest.mark.parametrize("shape", SHAPES)
def test_refits_of_all_bootstrap_samples_agree(shape, null, restricted):
    x, y, group = sample(*shape)
    blocks, creators = fitted(x, y, group).blocks, shape[1]
    got = wild_tests(blocks, range(shape[2]), signs(creators), restricted, null)
    for column, test in enumerate(got):
        t, every = by_rows(x, y, group, column, null, restricted, every_sign(creators))
        assert test.statistic == pytest.approx(t, rel=1e-9)
        assert test.p_value == shares(t, every, creators)[1]
        assert (test.used, test.lost, test.enumerated) == (2 ** (creators - 1), 0, True)


@pytest.mark.parametrize("restricted", BOTH)
def test_refits_of_drawn_bootstrap_samples_agree(restricted):
    x, y, group = sample(36, 4, 2)
    blocks = fitted(x, y, group).blocks
    drawn = draws(KEYS, 5, 199, Weights.WEBB)
    for column in range(2):
        t, every = by_rows(x, y, group, column, 0.2, restricted, drawn.values)
        got = wild_test(blocks, column, drawn, restricted, 0.2)
        assert got.p_value == (1 + np.count_nonzero(np.abs(every) >= abs(t) * (1 - 1e-9))) / 200
        assert (got.used, got.lost, got.enumerated) == (199, 0, False)


@pytest.mark.parametrize("restricted", BOTH)
def test_a_poisson_fit_is_bootstrapped_in_its_last_weighted_rows(restricted):
    x, y, group, offset = events(3, 6, 3)
    fit = poisson(x, y, group, offset)
    weight = fit.fitted
    means = np.array(
        [np.average(x[group == g], axis=0, weights=weight[group == g]) for g in range(6)]
    )
    rows = (x - means[group]) * np.sqrt(weight)[:, None]
    outcome = rows @ fit.estimate + (y - weight) / np.sqrt(weight)
    for column, got in enumerate(wild_tests(fit.blocks, range(3), signs(6), restricted)):
        t, every = by_rows(rows, outcome, group, column, 0.0, restricted, every_sign(6), False)
        assert got.statistic == pytest.approx(t, rel=1e-7)
        assert got.p_value == shares(t, every, 6)[1]


@pytest.mark.parametrize("restricted", BOTH)
@pytest.mark.parametrize("shape", [(41, 8, 4), (42, 10, 6)])
def test_wildboottest_agrees_under_enumeration(shape, restricted, monkeypatch):
    """Its p-value counts |t*| > |t|, so that rounding decides ties: its own t* are counted here."""
    monkeypatch.setattr(numba.config, "DISABLE_JIT", True)  # it would compile anew in every call
    x, y, group = sample(*shape)
    creators, k = shape[1:]
    got = wild_tests(fitted(x, y, group).blocks, range(k), signs(creators), restricted)
    for column, test in enumerate(got):
        oracle = WildboottestCL(
            demeaned(x, group), demeaned(y, group), group, np.eye(k)[column], 2**creators + 1
        )
        oracle.get_scores(restricted.value, impose_null=True)
        oracle.get_weights("rademacher")
        oracle.get_numer()
        oracle.get_denom()
        oracle.get_tboot()
        oracle.get_vcov()
        oracle.get_tstat()
        oracle.get_pvalue()
        n = len(y)  # it counts k parameters, we k + 1
        assert test.statistic * np.sqrt((n - k) / (n - k - 1)) == pytest.approx(
            oracle.t_stat, 1e-10
        )
        assert test.p_value == shares(oracle.t_stat, oracle.t_boot, creators)[1]
        ties = np.mean(np.isclose(np.abs(oracle.t_boot), abs(oracle.t_stat), rtol=1e-9, atol=0))
        floor = 2.0 ** (1 - creators)
        assert test.p_value - max(ties, floor) <= oracle.pvalue <= test.p_value


@pytest.mark.parametrize("null", [0.0, 1e-9, 5.0, -1e4])
def test_ones_give_back_the_statistic_in_wcr_however_far_the_null(null):
    x, y, group = sample(35, 7, 4)
    ones = Draws(np.ones((1, 7)), enumerated=False)
    got = wild_tests(fitted(x, y, group).blocks, range(4), ones, Restricted.WCR, null)
    assert [test.p_value for test in got] == [1.0] * 4  # (1 + 1) / (1 + 1): a tie is a hit


@pytest.mark.parametrize("noise", [1e-3, 2e-5])
def test_ties_survive_nearly_collinear_columns(noise):
    """1 - R² of 1e-5 and 4e-9, as far as rank.py goes: the ones are a tie in every column."""
    x, y, group = sample(35, 7, 4)
    twin = x[:, 1] + noise * x[:, 2] ** 2 * (group < 2)
    blocks = fitted(np.column_stack([x, twin]), y, group).blocks
    ones = Draws(np.ones((1, 7)), enumerated=False)
    for column in range(5):
        far = float(blocks.estimate[column] + 3 * np.sqrt(cr1(blocks)[column, column]))
        assert wild_test(blocks, column, ones, Restricted.WCR, far).p_value == 1.0


def test_enumerated_p_values_have_a_floor():
    x, y, group = sample(61, 6, 2)
    blocks = fitted(x, y, group).blocks
    far = float(blocks.estimate[0] + 6 * np.sqrt(cr1(blocks)[0, 0]))
    for restricted, hits in ((Restricted.WCR, 2), (Restricted.WCR_S, 0)):
        t, every = by_rows(x, y, group, 0, far, restricted, every_sign(6))
        assert shares(t, every, 6)[0] == hits / 64
        assert wild_test(blocks, 0, signs(6), restricted, far).p_value == 2 / 64


def test_nuisance_terms_of_one_creator_do_not_matter():
    """A dummy of one creator is not identified without them; any solution gives the same t*."""
    x, y, group = sample(35, 7, 3)
    busiest = int(np.bincount(group).argmax())
    lonely = ((group == busiest) & (np.arange(len(y)) % 2 == 0)).astype(float)
    twin = np.where(group == busiest, x[:, 2] ** 2, 2 * x[:, 1] + group)
    x = np.column_stack([x, lonely, twin])
    got = wild_tests(fitted(x, y, group).blocks, range(5), signs(7))
    for column, test in enumerate(got):
        t, every = by_rows(x, y, group, column, 0.0, Restricted.WCR_S, every_sign(7))
        assert test.p_value == shares(t, every, 7)[1]


@pytest.mark.parametrize("restricted", BOTH)
def test_units_do_not_matter(restricted):
    x, y, group = sample(35, 7, 4)
    blocks = fitted(x, y, group).blocks
    scale = np.array([1.0, 1e6, 1e-6, 1e3])
    scaled = fitted(x * scale, y, group).blocks
    for column in range(4):
        want = wild_test(blocks, column, signs(7), restricted, 0.1)
        got = wild_test(scaled, column, signs(7), restricted, 0.1 / scale[column])
        assert got.p_value == want.p_value
    ends = [(i.low, i.high) for i in wild_intervals(blocks, range(4), signs(7), restricted)]
    back = [(i.low, i.high) for i in wild_intervals(scaled, range(4), signs(7), restricted)]
    np.testing.assert_allclose(np.array(back) * scale[:, None], ends, rtol=1e-9)


@pytest.mark.parametrize("restricted", BOTH)
@pytest.mark.parametrize("level", [0.9, 0.95])
def test_the_ends_of_an_interval_are_where_the_test_turns(level, restricted):
    x, y, group = sample(52, 12, 3)
    blocks = fitted(x, y, group).blocks
    se = np.sqrt(cr1(blocks).diagonal())
    for drawn in (signs(12), draws(np.arange(12, dtype=np.uint64), 1, 999, Weights.WEBB)):
        intervals = wild_intervals(blocks, range(3), drawn, restricted, level)
        for column, got in enumerate(intervals):
            assert got.low < blocks.estimate[column] < got.high
            assert got.level == level
            for end, inward in ((got.low, 2e-4), (got.high, -2e-4)):
                nulls = (end, end + inward * se[column])
                at, inside = (wild_test(blocks, column, drawn, restricted, r) for r in nulls)
                assert at.p_value <= 1 - level + 1e-12 < inside.p_value
    assert wild_interval(blocks, 2, drawn, restricted, level) == intervals[2]


@pytest.mark.parametrize("restricted", BOTH)
def test_too_few_creators_leave_the_whole_line(restricted):
    x, y, group = sample(31, 5, 3)
    got = wild_interval(fitted(x, y, group).blocks, 1, signs(5), restricted)
    assert (got.low, got.high) == (-np.inf, np.inf)


@pytest.mark.parametrize("restricted", BOTH)
def test_the_null_of_the_estimate_is_never_rejected(restricted):
    x, y, group = sample(35, 7, 4)
    blocks = fitted(x, y, group).blocks
    got = wild_test(blocks, 1, signs(7), restricted, float(blocks.estimate[1]))
    assert (got.p_value, got.statistic) == (1.0, 0.0)


def test_a_draw_without_a_finite_statistic_is_lost():
    x = np.array([[0.1, 3.3], [0.7, 1.9], [2.3, 0.4], [1.7, 5.1]])
    x = np.vstack([x, x + 1 / 3])
    y, group = np.array([0.3, 1.1, 3.7, 0.4, 2.9, 1.2, 0.8, 1.6]), np.repeat([0, 1], 4)
    blocks = fitted(x, y, group).blocks  # equal creators: opposite signs have no spread there
    null = float(blocks.estimate[0])
    got = wild_test(blocks, 0, signs(2), Restricted.WCR, null)
    assert (got.p_value, got.statistic, got.used, got.lost) == (1.0, 0.0, 1, 1)
    drawn = Draws(np.array([[1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]]), enumerated=False)
    got = wild_test(blocks, 0, drawn, Restricted.WCR, null)
    assert (got.p_value, got.used, got.lost) == (1.0, 1, 2)  # (1 + 1) / (1 + 1)
    opposite = Draws(np.array([[1.0, -1.0]]), enumerated=False)
    got = wild_test(blocks, 0, opposite, Restricted.WCR, null)
    assert np.isnan(got.p_value)
    assert (got.used, got.lost) == (0, 1)


@pytest.mark.parametrize("case", ["no residuals", "one creator", "one creator, nearly"])
def test_no_standard_error_gives_no_p_value_and_no_interval(case):
    x, y, group = sample(33, 6, 1)
    if case == "no residuals":
        y = np.zeros(len(y))
    else:
        x = x * np.where(group == 2, 1.0, 1e-5 if "nearly" in case else 0.0)[:, None]
    blocks = fitted(x, y, group).blocks
    for restricted in BOTH:
        got = wild_test(blocks, 0, signs(6), restricted)
        assert np.isnan([got.p_value, got.statistic]).all()
        assert (got.used, got.lost) == (0, 32)
        interval = wild_interval(blocks, 0, signs(6), restricted)
        assert np.isnan([interval.low, interval.high]).all()


def test_signs_are_all_sign_vectors_up_to_their_opposite():
    got = signs(4)
    assert got.enumerated
    np.testing.assert_array_equal(got.values[0], np.ones(4))
    held = {tuple(v) for v in got.values} | {tuple(-v) for v in got.values}
    assert held == set(product([1.0, -1.0], repeat=4))
    assert signs(1).values.tolist() == [[1.0]]
    assert signs(16).values.shape == (2**15, 16)


@pytest.mark.parametrize("weights", list(Weights))
def test_draws_are_stable(weights):
    got = draws(KEYS, 3, 999, weights)
    assert not got.enumerated
    np.testing.assert_array_equal(draws(KEYS, 3, 99, weights).values, got.values[:99])
    fewer = draws(KEYS[[2, 0]], 3, 999, weights)
    np.testing.assert_array_equal(fewer.values, got.values[:, [2, 0]])
    assert 0.3 < np.mean(draws(KEYS, 4, 999, weights).values != got.values) < 0.9


def test_draws_are_those_of_the_numpy_that_this_was_written_with():
    signed = draws(KEYS, 3, 3, Weights.RADEMACHER).values.tolist()
    assert signed == [[-1, -1, 1, 1], [1, 1, 1, -1], [1, -1, -1, -1]]
    sixth = np.searchsorted(VALUES[Weights.WEBB], draws(KEYS, 3, 6, Weights.WEBB).values)
    assert sixth.tolist() == [
        [0, 2, 5, 5],
        [4, 3, 5, 1],
        [4, 2, 0, 0],
        [4, 5, 3, 1],
        [3, 2, 1, 2],
        [0, 1, 3, 2],
    ]


def test_webb_weights_have_six_values_and_the_moments_of_webb():
    values = VALUES[Weights.WEBB]
    np.testing.assert_allclose(values**2, [1.5, 1, 0.5, 0.5, 1, 1.5], rtol=1e-15)
    assert np.all(np.diff(values) > 0)
    for weights, fourth in ((Weights.WEBB, 7 / 6), (Weights.RADEMACHER, 1.0)):
        want = [0, 1, 0, fourth]
        moments = [np.mean(VALUES[weights] ** power) for power in (1, 2, 3, 4)]
        np.testing.assert_allclose(moments, want, atol=1e-15)
        drawn = draws(np.arange(100, dtype=np.uint64), 9, 1000, weights).values
        values, counts = np.unique(drawn, return_counts=True)
        np.testing.assert_array_equal(values, VALUES[weights])
        np.testing.assert_allclose(counts / drawn.size, 1 / len(values), atol=0.006)  # 4 sd
        correlation = np.corrcoef(drawn, rowvar=False) - np.eye(100)
        assert np.max(np.abs(correlation)) < 0.15  # 1 / sqrt(1000) each


@pytest.mark.parametrize("creators", [0, 17])
def test_more_creators_than_can_be_enumerated_are_refused(creators):
    with pytest.raises(ValueError, match="1 to 16 creators"):
        signs(creators)


@pytest.mark.parametrize(
    ("keys", "seed", "count", "reason"),
    [
        (KEYS[[0, 1, 0]], 1, 9, "keys must differ"),
        (KEYS, -1, 9, "seed"),
        (KEYS, 2**64, 9, "seed"),
        (KEYS, 1, 0, "at least one draw"),
    ],
)
def test_draws_that_mean_nothing_are_refused(keys, seed, count, reason):
    with pytest.raises(ValueError, match=reason):
        draws(keys, seed, count, Weights.WEBB)


@pytest.mark.parametrize("question", [wild_test, wild_interval])
def test_one_creator_and_draws_of_others_are_refused(question):
    blocks = Blocks(np.eye(2)[None], np.zeros((1, 2)), np.ones(2), np.array([9]))
    with pytest.raises(ValueError, match="one creator only"):
        question(blocks, 0, signs(1))
    x, y, group = sample(33, 6, 1)
    with pytest.raises(ValueError, match="draws for 5 creators, blocks of 6"):
        question(fitted(x, y, group).blocks, 0, signs(5))


@pytest.mark.parametrize("level", [0.0, 1.0, 95])
def test_a_level_is_a_share(level):
    x, y, group = sample(33, 6, 1)
    with pytest.raises(ValueError, match="between 0 and 1"):
        wild_interval(fitted(x, y, group).blocks, 0, signs(6), level=level)
