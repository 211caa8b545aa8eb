"""Separation against plain linear programs, pyfixest, and limits taken by hand."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyfixest as pf
import pytest
from scipy.optimize import linprog

from pipeline.estimate.collinearity import rank
from pipeline.estimate.poisson import PoissonFit, poisson
from pipeline.estimate.separation import informative, separated
from pipeline.estimate.states import states
from support.poisson_samples import fitted, sample, separating

REFERENCE = Path(__file__).parents[1] / "reference"


def close(got, want, tolerance):
    np.testing.assert_allclose(got, want, rtol=tolerance)


@pytest.mark.parametrize("turned", [False, True])
def test_a_planted_dummy_is_found_with_its_rows(turned):
    x, y, group, _ = separating(12)
    dummy = x[:, 4] == 1
    x[:, 4] = 1 - x[:, 4] if turned else x[:, 4]
    got = separated(x, y, group)
    assert (got.columns, got.infinite) == ((4,), (4,))
    assert got.rows.tolist() == dummy.tolist()


def test_without_the_separated_rows_the_fit_is_the_limit():
    x, y, group, offset = separating(13)
    rows = ~separated(x, y, group).rows
    limit = fitted(x[rows, :4], y[rows], group[rows], offset[rows]).estimate
    far = fitted(x[:, :4], y, group, offset - 40 * x[:, 4]).estimate
    close(far, limit, 1e-8)


def test_only_creators_within_whom_the_dummy_varies_can_save_it():
    x, y, group, _ = sample(14)
    x[:, 0] = group == 2  # all of creator 2, who has events ...
    x[np.flatnonzero((group == 5) & (y == 0)), 0] = 1  # ... and elsewhere only where none are
    got = separated(x, y, group)
    assert got.columns == (0,)
    assert got.rows.tolist() == ((group == 5) & (y == 0)).tolist()


def test_creators_without_events_do_not_count_and_constants_are_not_separated():
    x, y, group, _ = sample(15)
    y[group == 4] = 0
    x[:, 0] = (group == 4) & (np.arange(len(y)) % 2 == 0)  # varies only where nothing happened
    assert separated(x, y, group).columns == ()
    assert not separated(x, y, group).rows.any()


def test_a_separation_that_another_uncovers_is_found():
    group = np.array([0, 0, 0, 1, 1, 1])
    y = np.array([2.0, 3, 0, 0, 4, 1])
    first = np.array([0.0, 0, 1, 0, 0, 0])
    second = np.array([1.0, 1, 0, 1, 0, 0])  # varies in creator 0 by the row that `first` explains
    assert separated(second[:, None], y, group).columns == ()
    got = separated(np.column_stack([second, first]), y, group)
    assert got.columns == (0, 1)
    assert got.rows.tolist() == [False, False, True, True, False, False]


def either_or(seed: int):
    """Two exclusive dummies, one of them 1 wherever anything happened: neither separates alone."""
    x, y, group, offset = sample(seed)
    kind = np.random.default_rng(seed).integers(0, 3, len(y))
    y[kind == 2] = 0
    return np.column_stack([kind == 0, x[:, 1:], kind == 1]), y, group, offset


def test_of_two_dummies_that_separate_together_the_last_goes_and_the_first_is_their_difference():
    x, y, group, offset = either_or(21)
    got = separated(x, y, group)
    assert (got.columns, got.infinite) == ((4,), (0, 4))
    with_events = np.isin(group, group[y > 0])
    assert got.rows.tolist() == (with_events & (x[:, 0] + x[:, 4] == 0)).tolist()
    rows = ~got.rows
    limit = fitted(x[rows, :4], y[rows], group[rows], offset[rows]).estimate
    contrast = np.column_stack([x[:, 0] - x[:, 4], x[:, 1:4]])  # at an equal rise of both by 40
    far = fitted(contrast, y, group, offset + 40 * (x[:, 0] + x[:, 4])).estimate
    close(far, limit * [0.5, 1, 1, 1], 1e-8)
    for column in (0, 4):
        assert separated(np.delete(x, column, axis=1), y, group).columns == ()


def test_a_number_that_orders_the_events_separates():
    x, y, group, _ = sample(22)
    x[:, 2] = np.where(
        y > 0, 7 * group, 7 * group - np.random.default_rng(22).exponential(size=len(y))
    )
    got = separated(x, y, group)
    assert got.columns == (2,)
    assert got.rows.tolist() == ((y == 0) & np.isin(group, group[y > 0])).tolist()


@pytest.mark.parametrize("location", [0, 1.7e9])
def test_a_number_in_which_a_dummy_is_hidden_separates(location):
    x, y, group, _ = separating(23)
    hidden = x[:, 4] == 1
    x[:, 4] = np.rint(20 * x[:, 2]) - 3 * np.rint(20 * x[:, 3]) + location - hidden
    x[:, 2:4] = np.rint(20 * x[:, 2:4])
    got = separated(x, y, group)
    assert (got.columns, got.infinite) == ((4,), (2, 3, 4))
    assert got.rows.tolist() == hidden.tolist()


def test_columns_that_are_collinear_anyway_are_left_to_rank():
    x, y, group, _ = separating(24)
    x = np.column_stack([x, x[:, 4], x[:, 1] - 2 * x[:, 0], 3.0 * group])
    got = separated(x, y, group)
    assert (got.columns, got.infinite) == ((4,), (4,))


@pytest.mark.parametrize("factor", [1e-9, 1e12])
def test_units_and_an_outlier_without_events_do_not_matter(factor):
    x, y, group, _ = separating(25)
    want = separated(x, y, group)
    x[np.flatnonzero(y == 0)[3], 1] = 1e9
    got = separated(x * [1, factor, 1, 1, factor], y, group)
    assert got.columns == want.columns == (4,)
    assert got.rows.tolist() == want.rows.tolist()


def konis(x, y, group) -> np.ndarray:
    """The rows of the largest separated set, by one linear program over columns and dummies."""
    design = np.column_stack([x, np.eye(group.max() + 1)[group]])
    event = y > 0
    free = np.flatnonzero(~event & np.isin(group, group[event]))
    m, p = len(free), design.shape[1]
    answer = np.zeros(len(y), dtype=bool)
    if m:
        optimum = linprog(
            np.concatenate([np.zeros(p), -np.ones(m)]),
            np.column_stack([design[free], np.eye(m)]),
            np.zeros(m),
            np.column_stack([design[event], np.zeros((event.sum(), m))]),
            np.zeros(event.sum()),
            [(None, None)] * p + [(0, 1)] * m,
        )
        answer[free] = optimum.x[p:] > 0.5
    return answer


def random_pool(seed: int):
    """A few rows of a few creators: dummies, some of them rare; a number, or a combination."""
    rng = np.random.default_rng(seed)
    n, k = rng.integers(4, 30), rng.integers(1, 9)
    group = rng.integers(0, rng.integers(1, 5), n)
    x = (rng.random((n, k)) < rng.choice([0.1, 0.3, 0.5], k)).astype(float)
    if seed % 4 == 1:
        x[:, rng.integers(k)] = rng.normal(size=n)
    if seed % 4 == 2:
        x[:, rng.integers(k)] = rng.integers(0, 4, n) * 1e5 + 1.7e9
    if seed % 4 == 3:
        x[:, -1] = x[:, :-1] @ rng.integers(-1, 2, k - 1)
    y = (rng.random(n) < rng.choice([0.2, 0.5, 0.8])) * rng.integers(1, 4, n) * 1.0
    return x, y, group


def rank_of(x, y, group, rows, columns):
    rows = rows & informative(y, group).rows
    return rank(states(x[rows], group[rows]), columns).kept


@pytest.mark.parametrize("first", range(0, 200, 50))
def test_random_pools_lose_the_rows_of_a_plain_program_and_what_is_left_is_sound(first):
    some = 0
    for seed in range(first, first + 50):
        x, y, group = random_pool(seed)
        got = separated(x, y, group)
        assert got.rows.tolist() == konis(x, y, group).tolist(), seed
        some += got.rows.any()
        everything = np.ones(len(y), dtype=bool)
        before = rank_of(x, y, group, everything, range(x.shape[1]))
        left = [j for j in range(x.shape[1]) if j not in got.columns]
        after = rank_of(x, y, group, ~got.rows, left)
        assert set(before) == {*after, *got.columns}, seed
        assert len(before) == len(after) + len(got.columns), seed
        rows = np.flatnonzero(~got.rows)
        rows = rows[informative(y[rows], group[rows]).rows]
        if len(rows) > len(after) + len(np.unique(group[rows])):
            one = (x[rows][:, after], y[rows], group[rows], np.zeros(len(rows)))
            assert isinstance(poisson(*one), PoissonFit), seed
    assert 10 < some < 40


@pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning:")
@pytest.mark.filterwarnings("ignore:.*removed because of separation:UserWarning")
@pytest.mark.filterwarnings(r"ignore:\s*\d+ variables dropped due to multicoll:UserWarning")
@pytest.mark.parametrize("made", [separating, either_or])
@pytest.mark.parametrize("seed", [31, 32])
def test_fepois_drops_the_same_rows_and_columns(made, seed):
    x, y, group, _ = made(seed)
    x[:, 3] = x[:, 1] + np.where(y == 0, np.arange(len(y)) % 2, 0)  # a second one, hidden
    got = separated(x, y, group)
    names = [f"x{j}" for j in range(5)]
    videos = pd.DataFrame(x, columns=names).assign(y=y, creator=group)
    formula = f"y ~ {' + '.join(names)} | creator"
    want = pf.fepois(formula, videos, separation_check=["fe", "ir"], iwls_tol=1e-12)
    rows = np.flatnonzero(informative(y, group).rows & ~got.rows)
    assert want._data.index.tolist() == rows.tolist()
    left = [j for j in range(5) if j not in got.columns]
    assert want.coef().index.tolist() == [names[j] for j in left]
    ours = fitted(x[rows][:, left], y[rows], group[rows], np.zeros(len(rows)))
    close(ours.estimate, want.coef(), 1e-7)


def test_a_maximum_far_away_is_not_separation():
    """Coefficients of -275 are a maximum: in 80-digit arithmetic the score is 0 to 76 digits."""
    rows = np.array(json.loads((REFERENCE / "short-of-infinity.json").read_text()))
    group, y, x = rows[:, 0].astype(np.int64), rows[:, 1], rows[:, 2:]
    got = separated(x, y, group)
    assert (got.columns, got.infinite, got.rows.any()) == ((), (), False)
    assert not konis(x, y, group).any()


@pytest.mark.parametrize("rows", [slice(0, 0), slice(0, 1), slice(0, 7)])
@pytest.mark.parametrize("columns", [0, 4])
def test_next_to_nothing_is_not_separated(rows, columns):
    x, y, group, _ = sample(26)
    got = separated(x[rows, :columns], y[rows] * 0, group[rows])
    assert (got.columns, got.rows.sum()) == ((), 0)
    assert separated(x[rows, :columns], y[rows] + 1, group[rows]).columns == ()


def test_informative_rows_keep_their_places():
    got = informative(np.array([0.0, 3, 0, 1, 2]), np.array([1, 0, 1, 2, 0]))
    assert got.rows.tolist() == [False, True, False, False, True]
    assert (got.no_events.tolist(), got.singletons.tolist()) == ([1], [2])
