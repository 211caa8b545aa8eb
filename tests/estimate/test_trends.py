"""Trends against dummies times time in statsmodels, and against each other."""

import numpy as np
import pytest
import statsmodels.api as sm

from pipeline.estimate.collinearity import rank
from pipeline.estimate.linear import least_squares
from pipeline.estimate.states import states
from pipeline.estimate.trends import has_trend, states_without_trends, without_trends
from pipeline.estimate.update import choose, linear_parts, settle, together

CREATORS, EACH = 6, 14
TRENDED = (0, 2, 3)


@pytest.fixture(scope="module")
def rows():
    """Columns (n, 3), outcome, group and time; three creators grow, and adopt as they grow."""
    rng = np.random.default_rng(4)
    group = np.repeat(np.arange(CREATORS), EACH)
    day = rng.integers(0, 400, len(group)).astype(float)
    adopts = rng.random(len(group)) < 0.2 + 0.6 * day / 400
    columns = np.column_stack([adopts, rng.normal(size=len(group)), rng.random(len(group)) < 0.4])
    y = columns @ [0.0, 0.5, -0.3] + 0.01 * day * (group % 3) + rng.normal(size=len(group))
    time = np.where(np.isin(group, TRENDED), day, 7.0)
    return columns.astype(float), y, group, time


def lines(group, time):
    """A dummy for each creator, and a line in time for each who has one."""
    own = group[:, None] == np.arange(CREATORS)
    return np.column_stack([own, *((own[:, g] * time) / 100 for g in TRENDED)]).astype(float)


def test_what_is_left_fits_as_dummies_times_time_do(rows):
    columns, y, group, time = rows
    whole = states(without_trends(np.column_stack([columns, y]), time, group), group)
    ours = least_squares(whole, 3, range(3), len(TRENDED))
    theirs = sm.OLS(y, np.column_stack([columns, lines(group, time)])).fit(method="qr")
    assert ours.estimate == pytest.approx(theirs.params[:3], rel=1e-10)
    assert ours.ssr == pytest.approx(theirs.ssr, rel=1e-10)
    assert ours.residual_dof == theirs.df_resid
    assert has_trend(time, group, CREATORS).tolist() == [g in TRENDED for g in range(CREATORS)]


def test_creators_without_a_trend_keep_every_bit_and_means_stay(rows):
    columns, _, group, time = rows
    left = without_trends(columns, time, group)
    others = ~np.isin(group, TRENDED)
    assert np.array_equal(left[others], columns[others])
    for g in TRENDED:
        mine = group == g
        assert left[mine].mean(axis=0) == pytest.approx(columns[mine].mean(axis=0), abs=1e-12)
        assert abs(np.cov(left[mine, 1], time[mine])[0, 1]) < 1e-9
    assert without_trends(columns, np.zeros(len(group)), group) is columns


def test_the_order_of_rows_does_not_matter(rows):
    columns, _, group, time = rows
    shuffled = np.random.default_rng(1).permutation(len(group))
    again = without_trends(columns[shuffled], time[shuffled], group[shuffled])
    assert again == pytest.approx(without_trends(columns, time, group)[shuffled], abs=1e-12)


def test_states_lose_the_trend_as_rows_do(rows):
    columns, y, group, time = rows
    together_ = np.column_stack([columns, y])
    ours = states_without_trends(states(np.column_stack([together_, time]), group))
    theirs = states(without_trends(together_, time, group), group)
    assert ours.products == pytest.approx(theirs.products, abs=1e-9)
    assert ours.means == pytest.approx(theirs.means, abs=1e-12)
    assert np.array_equal(ours.varies, theirs.varies)


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
def test_what_is_a_line_but_for_rounding_does_not_vary(rows, scale):
    _, y, group, time = rows
    line = scale * (0.1 + time / 3)
    early = (time < np.median(time[group == 0])).astype(float)  # of two days, a line as well
    two = np.where(np.isin(group, TRENDED), 100.0 * early, 7.0)
    for column, clock in ((line, time), (scale * early, two)):
        by_rows = states(without_trends(np.column_stack([column, y]), clock, group), group)
        by_states = states_without_trends(states(np.column_stack([column, y, clock]), group))
        for each in (by_rows, by_states):
            assert not each.varies[list(TRENDED), 0].any()
            assert not each.products[list(TRENDED), 0].any()
        assert rank(by_rows, [0]).kept == rank(by_states, [0]).kept


def test_exchanged_parts_are_the_fit_of_the_new_rows(rows):
    """A creator with a trend leaves, one comes without, and one comes with one."""
    columns, y, group, time = rows
    old = linear_parts(columns, y, group, CREATORS, time)
    new = columns[:EACH] * [1, 2, 1], y[:EACH] + 1, group[:EACH], time[:EACH] + 30
    other = columns[EACH : 2 * EACH], y[:EACH], group[:EACH], 0 * time[:EACH]
    parts = [linear_parts(*each[:3], 1, each[3]) for each in (new, other)]
    kept = choose(old, np.arange(1, CREATORS))
    settled = settle(together(together(kept, parts[0]), parts[1]), np.eye(3), range(3))
    stay = group > 0
    x = np.vstack([columns[stay], new[0], other[0]])
    outcome = np.concatenate([y[stay], new[1], other[1]])
    who = np.concatenate([group[stay] - 1, np.repeat([5, 6], EACH)])
    when = np.concatenate([time[stay], new[3], other[3]])
    whole = states(without_trends(np.column_stack([x, outcome]), when, who), who)
    again = least_squares(whole, 3, range(3), len(TRENDED))
    assert settled.blocks.estimate == pytest.approx(again.estimate, abs=1e-10)
    assert settled.noise == pytest.approx(again.ssr / again.residual_dof, rel=1e-9)
    assert settled.residual_dof == again.residual_dof
