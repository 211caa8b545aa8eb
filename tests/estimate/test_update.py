"""Parts against derivatives taken numerically, statsmodels with dummies, and whole fits."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.optimize import brentq
from scipy.stats import nbinom

from pipeline.estimate.cluster_robust import leave_one_out
from pipeline.estimate.linear import least_squares
from pipeline.estimate.poisson import PoissonFit, poisson
from pipeline.estimate.states import states
from pipeline.estimate.update import (
    Parts,
    choose,
    count_parts,
    linear_parts,
    place,
    settle,
    together,
    without,
)

CREATORS, EACH, K = 6, 20, 3


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(4)
    group = np.repeat(np.arange(CREATORS), EACH)
    levels = rng.integers(0, 4, len(group))
    columns = np.column_stack([rng.normal(size=len(group)), *(levels == i for i in (1, 2, 3))])
    columns = columns.astype(float)
    offset = rng.normal(size=len(group)) / 2
    mean = np.exp(0.3 * columns[:, 0] - 0.5 * columns[:, 1] + offset + group / 4)
    return columns, rng.poisson(mean).astype(float), group, offset


def likelihood(rows, creator: int, slopes):
    """The Poisson log likelihood of a creator at these slopes, their own effect at its best."""
    columns, y, _, offset = (each[rows[2] == creator] for each in rows)
    predictor = columns @ slopes + offset
    return y @ predictor - y.sum() * np.log(np.exp(predictor).sum())


def counts_of(rows, slopes, dispersion=0.0) -> Parts:
    columns, y, group, offset = rows
    return count_parts(columns, y, offset, group, CREATORS, slopes, dispersion)


def level_of(rows, creator: int, slopes, dispersion: float) -> float:
    """The creator's level at which the NB2 likelihood is greatest, by a root finder."""
    columns, y, _, offset = (each[rows[2] == creator] for each in rows)

    def rise(level):
        mean = np.exp(columns @ slopes + offset + level)
        return float(((y - mean) / (1 + dispersion * mean)).sum())

    return brentq(rise, -30, 30, xtol=1e-14)


def dispersed(rows, creator: int, slopes, dispersion: float) -> float:
    """The NB2 log likelihood of a creator at these slopes, their own level at its best."""
    columns, y, _, offset = (each[rows[2] == creator] for each in rows)
    mean = np.exp(columns @ slopes + offset + level_of(rows, creator, slopes, dispersion))
    size = 1 / dispersion
    return float(nbinom.logpmf(y, size, size / (size + mean)).sum())


@pytest.mark.parametrize("slope", [40.0, 720.0, 2_000.0])
def test_parts_of_next_to_no_information_are_refused(slope):
    """Far out all that is expected stands in one row, and a step back would be without end."""
    columns, ones = np.array([[0.0], [1.0], [0.0], [1.0]]), np.ones(4)
    group = np.array([0, 0, 1, 1])
    parts = count_parts(columns, ones, np.zeros(4), group, 2, np.array([slope]))
    with pytest.raises(ValueError, match=r"next to no information|full rank"):
        settle(parts, np.eye(1), [0])


def test_a_poisson_part_is_the_likelihood_to_second_order(rows):
    at, step = np.array([0.2, -0.3, 0.1, 0.4]), 1e-4
    parts = counts_of(rows, at)
    for creator in range(CREATORS):

        def score(slopes, creator=creator):
            moves = np.eye(4) * step
            ends = [[likelihood(rows, creator, slopes + s * m) for s in (1, -1)] for m in moves]
            return np.array([(up - down) / (2 * step) for up, down in ends])

        hessian = [(score(at + m) - score(at - m)) / (2 * step) for m in np.eye(4) * step]
        assert parts.information[creator] == pytest.approx(-np.array(hessian), abs=1e-5)
        now = parts.right[creator] - parts.information[creator] @ at
        assert now == pytest.approx(score(at), abs=1e-7)


@pytest.mark.parametrize("dispersion", [0.02, 0.7, 8.0])
def test_a_dispersed_part_has_the_score_and_the_expected_information(rows, dispersion):
    """The score by differences; the information as the variance of the score, over all counts.

    That of slopes and level together is inverted, and the slopes are taken.
    """
    at, step = np.array([0.2, -0.3, 0.1, 0.4]), 1e-4
    parts = counts_of(rows, at, dispersion)
    columns, _, group, offset = rows
    size, every = 1 / dispersion, np.arange(20_000)
    for creator in range(CREATORS):
        score = [
            (
                dispersed(rows, creator, at + move, dispersion)
                - dispersed(rows, creator, at - move, dispersion)
            )
            / (2 * step)
            for move in np.eye(4) * step
        ]
        now = parts.right[creator] - parts.information[creator] @ at
        assert now == pytest.approx(np.array(score), abs=1e-6)
    mine = group == 0
    level = level_of(rows, 0, at, dispersion)
    means = np.exp(columns[mine] @ at + offset[mine] + level)
    variances = []
    for mean in means:
        chance = nbinom.pmf(every, size, size / (size + mean))
        variances.append(chance @ ((every - mean) / (1 + dispersion * mean)) ** 2)
    whole = np.column_stack([columns[mine], np.ones(EACH)])
    dense = np.linalg.inv(whole.T @ (np.array(variances)[:, None] * whole))
    assert np.linalg.inv(parts.information[0]) == pytest.approx(dense[:4, :4], rel=1e-6)


def test_a_dispersion_of_next_to_nothing_is_none(rows):
    at = np.array([0.2, -0.3, 0.1, 0.4])
    none, some = (counts_of(rows, at, dispersion) for dispersion in (0.0, 1e-9))
    assert some.information == pytest.approx(none.information, rel=1e-6, abs=1e-9)
    assert some.right == pytest.approx(none.right, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("dispersion", [0.02, 0.7, 8.0])
def test_at_the_maximum_dispersed_parts_give_the_covariance_of_a_glm_with_dummies(rows, dispersion):
    columns, y, group, offset = rows
    dummies = (group[:, None] == np.arange(CREATORS)).astype(float)
    family = sm.families.NegativeBinomial(alpha=dispersion)
    model = sm.GLM(y, np.column_stack([columns, dummies]), family, offset=offset)
    other = model.fit(tol=1e-14, maxiter=200, tol_criterion="params")
    settled = settle(counts_of(rows, other.params[:4], dispersion), np.eye(4), range(4))
    assert settled.blocks.estimate == pytest.approx(other.params[:4], abs=1e-8)
    covariance = np.linalg.inv(settled.blocks.information.sum(axis=0))
    expected = np.linalg.inv(-model.hessian(other.params, observed=False))[:4, :4]
    assert covariance == pytest.approx(expected, rel=1e-6)
    scores = model.score_obs(other.params)[:, :4]
    sums = np.array([scores[group == creator].sum(axis=0) for creator in range(CREATORS)])
    assert settled.blocks.scores == pytest.approx(sums, abs=1e-6)


def test_at_the_maximum_parts_give_the_fit_and_the_covariance_of_a_glm_with_dummies(rows):
    columns, y, group, offset = rows
    fitted = poisson(columns, y, group, offset)
    assert isinstance(fitted, PoissonFit)
    settled = settle(counts_of(rows, fitted.estimate), np.eye(4), range(4))
    assert settled.blocks.estimate == pytest.approx(fitted.estimate, abs=1e-12)
    assert settled.blocks.scores == pytest.approx(fitted.blocks.scores, abs=1e-9)
    dummies = (group[:, None] == np.arange(CREATORS)).astype(float)
    model = sm.GLM(y, np.column_stack([columns, dummies]), sm.families.Poisson(), offset=offset)
    other = model.fit(tol=1e-12)
    assert settled.blocks.estimate == pytest.approx(other.params[:4], abs=1e-8)
    covariance = np.linalg.inv(settled.blocks.information.sum(axis=0))
    assert covariance == pytest.approx(other.cov_params()[:4, :4], rel=1e-6)


def test_exchanged_linear_parts_are_the_fit_of_the_new_rows(rows):
    columns, y, group, _ = rows
    old = linear_parts(columns, y, group, CREATORS, 0 * y)
    more = np.vstack([columns[:15] * [2, 1, 1, 1], columns[:5]])
    fresh = linear_parts(more, np.arange(20.0), np.zeros(20, dtype=np.int64), 1, np.zeros(20))
    settled = settle(together(choose(old, np.arange(1, CREATORS)), fresh), np.eye(4), range(4))
    kept = group > 0
    new_columns, new_y = np.vstack([columns[kept], more]), np.append(y[kept], np.arange(20.0))
    new_group = np.append(group[kept], np.full(20, CREATORS))
    whole = least_squares(states(np.column_stack([new_columns, new_y]), new_group), 4, range(4))
    assert settled.blocks.estimate == pytest.approx(whole.estimate, abs=1e-12)
    assert settled.blocks.scores == pytest.approx(whole.blocks.scores, abs=1e-10)
    assert settled.creators.tolist() == list(range(CREATORS))
    dummies = (new_group[:, None] == np.arange(1, CREATORS + 1)).astype(float)
    by_dummies = sm.OLS(new_y, np.column_stack([new_columns, dummies])).fit()
    assert settled.noise == pytest.approx(by_dummies.mse_resid, rel=1e-9)


def test_columns_find_their_places_and_sums_follow(rows):
    """A column that these creators lack is nothing; two levels summed are one of their sum."""
    columns, y, group, _ = rows
    parts = place(linear_parts(columns, y, group, CREATORS, 0 * y), [3, 0, 4, 1], 5)
    weights = np.zeros((5, 4))
    weights[3, 0] = weights[0, 1] = weights[[4, 1], 2] = weights[2, 3] = 1
    settled = settle(parts, weights, range(4))
    summed = np.column_stack([columns[:, :2], columns[:, 2:].sum(axis=1), y])
    expected = least_squares(states(summed, group), 3, range(3))
    assert settled.ranks.kept == (0, 1, 2)
    assert settled.ranks.absorbed == (3,)
    assert settled.blocks.estimate == pytest.approx(expected.estimate, abs=1e-12)


def test_creators_with_one_row_or_none_have_no_part(rows):
    columns, y, group, _ = rows
    mine = (group < 4) | (np.arange(len(group)) == 4 * EACH)
    settled = settle(
        linear_parts(columns[mine], y[mine], group[mine], 6, 0 * y[mine]), np.eye(4), range(4)
    )
    assert settled.creators.tolist() == [0, 1, 2, 3]
    nothing = np.zeros(0, dtype=np.int64)
    none = count_parts(columns[:0], y[:0], y[:0], nothing, 2, np.zeros(4))
    assert not none.information.any()
    assert none.whole.rows.tolist() == [0, 0]


def test_without_some_creators_is_the_solution_of_the_others(rows):
    parts = counts_of(rows, np.full(4, 0.1))
    settled = settle(parts, np.eye(4), range(4))
    one, two = (np.isin(np.arange(CREATORS), out) for out in ([2], [1, 4]))
    expected = leave_one_out(settled.blocks).estimates[2]
    assert without(settled.blocks, one) == pytest.approx(expected, abs=1e-12)
    others = settle(choose(parts, ~two), np.eye(4), range(4))
    assert without(settled.blocks, two) == pytest.approx(others.blocks.estimate, abs=1e-12)


def test_who_has_a_level_and_an_event_is_counted():
    columns = np.array([[1.0], [0], [1], [0], [1], [0]])
    y, group = np.array([2.0, 1, 0, 3, 0, 1]), np.repeat(np.arange(3), 2)
    parts = count_parts(columns, y, np.zeros(6), group, 3, np.zeros(1))
    assert parts.eventful[:, 0].tolist() == [True, False, False]
    assert settle(parts, np.eye(1), [0]).eventful.tolist() == [1]


def test_information_that_is_gone_is_refused(rows):
    parts = counts_of(rows, np.zeros(4))
    gone = Parts(parts.whole, parts.information * 0, parts.right, parts.eventful)
    with pytest.raises(ValueError, match="full rank"):
        settle(gone, np.eye(4), range(4))
