"""Sums of fits against dense matrices, statsmodels with dummies, and refits without a creator."""

from dataclasses import dataclass

import numpy as np
import pytest
import statsmodels.api as sm

from pipeline.estimate.cluster_robust import (
    Blocks,
    LeaveOneOut,
    cr3,
    effective_creators,
    leave_one_out,
    partial_leverage,
)
from pipeline.estimate.hc3 import HC3, hc3
from pipeline.estimate.jackknife_refits import leave_one_out_refits
from pipeline.estimate.linear import least_squares
from pipeline.estimate.states import states
from pipeline.estimate.sum_of_fits import (
    Addend,
    Summand,
    match,
    summed,
    without_each,
    without_each_row,
)
from pipeline.estimate.weighted_counts import ReweightedFit, reweighted

CREATORS, DISPERSION = 9, 0.6
OF_REACH, OF_CONVERSION = [0, 1, 2, 3], [4, 2, 0]  # columns, of which 2 and 0 are summed
REACH_ONLY, CONVERSION_ONLY = 3, 7  # creators
PLACES = [np.array([2, 0]), np.array([1, 2])]  # of columns 2 and 0 in the two fits
TIGHT = {"tol": 1e-13, "maxiter": 200, "tol_criterion": "params"}


@dataclass(frozen=True)
class Two:
    """Least squares and NB2 of rows that overlap: x, y, group and offset, and the addends."""

    rows: tuple[tuple[np.ndarray, ...], ...]
    addends: tuple[Addend, Addend]
    left_out: tuple[LeaveOneOut, LeaveOneOut]
    summands: tuple[Summand, Summand]


def columns_of(seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(CREATORS), rng.integers(8, 40, CREATORS))
    x = rng.normal(size=(len(group), 5)) + 0.3 * rng.normal(size=(CREATORS, 5))[group]
    x[:, 0] = rng.random(len(group)) < 0.4
    return x, group


@pytest.fixture(scope="module")
def two() -> Two:
    x, group = columns_of(3)
    rng = np.random.default_rng(4)
    logs = x @ [0.4, -0.2, 0.3, 0.0, 0.1] + group / 3 + rng.normal(0, 0.8, len(group))
    offset = logs + 6
    counts = rng.poisson(np.exp(x @ [-0.3, 0, 0.2, 0.1, 0.1] + offset - 5)).astype(float)
    of_reach, of_conversion = group != CONVERSION_ONLY, group != REACH_ONLY
    linear_x, y, linear_group = x[of_reach][:, OF_REACH], logs[of_reach], group[of_reach]
    fit = least_squares(states(np.column_stack([linear_x, y]), linear_group, CREATORS), 4, range(4))
    noise = fit.ssr / fit.residual_dof
    linear = Blocks(
        fit.blocks.information / noise, fit.blocks.scores / noise, fit.estimate, fit.blocks.rows
    )
    given = x[of_conversion][:, OF_CONVERSION], counts[of_conversion], group[of_conversion]
    given = (*given, offset[of_conversion])
    nb = reweighted(*given, dispersion=DISPERSION)
    assert isinstance(nb, ReweightedFit)
    return Two(
        ((linear_x, y, linear_group), given),
        (Addend(linear, PLACES[0], fit.kept), Addend(nb.blocks, PLACES[1], nb.kept)),
        (leave_one_out(linear), leave_one_out_refits(*given, nb)),
        (
            Summand(fit.blocks, noise, names(OF_REACH), called(fit.kept)),
            Summand(nb.blocks, 1.0, names(OF_CONVERSION), called(nb.kept)),
        ),
    )


def names(columns: list[int]) -> list[str]:
    return [f"column {j}" for j in columns]


def called(creators: np.ndarray) -> list[str]:
    return [f"creator {g}" for g in creators]


def dummies(group: np.ndarray) -> np.ndarray:
    return (group[:, None] == np.unique(group)).astype(float)


def by_ols(x, y, group) -> sm.regression.linear_model.RegressionResults:
    return sm.OLS(y, np.column_stack([x, dummies(group)])).fit()


def by_glm(x, y, group, offset):
    family = sm.families.NegativeBinomial(alpha=DISPERSION)
    return sm.GLM(y, np.column_stack([x, dummies(group)]), family, offset=offset).fit(**TIGHT)


def test_estimates_variances_and_moves_are_those_of_the_two_fits_stacked(two):
    """The delta method on one dense system of both fits, with all their effects."""
    sum_of_fits = summed(two.addends, CREATORS)
    linear, counted = by_ols(*two.rows[0]), by_glm(*two.rows[1])
    n_linear, n_counted = len(linear.params), len(counted.params)
    sums = np.zeros((2, n_linear + n_counted))
    for i, (one, other) in enumerate(zip(*PLACES, strict=True)):
        sums[i, one] = sums[i, n_linear + other] = 1
    estimate = np.concatenate([linear.params, counted.params])
    assert sum_of_fits.estimate == pytest.approx(sums @ estimate, rel=1e-8)

    (x, _, linear_group), (counted_x, events, counted_group, _) = two.rows
    whole = np.column_stack([x, dummies(linear_group)])
    wide = np.column_stack([counted_x, dummies(counted_group)])
    mean = counted.mu
    damped = 1 + DISPERSION * mean
    size = n_linear + n_counted
    bread = np.zeros((size, size))
    bread[:n_linear, :n_linear] = whole.T @ whole / linear.mse_resid
    bread[n_linear:, n_linear:] = wide.T @ ((mean / damped)[:, None] * wide)
    variance = sums @ np.linalg.inv(bread) @ sums.T
    total = sum_of_fits.information.sum(axis=0)
    assert np.linalg.inv(total) == pytest.approx(variance, rel=1e-7)

    moves = []
    for creator in range(CREATORS):
        of_linear, of_counted = linear_group == creator, counted_group == creator
        score = np.concatenate(
            [
                whole[of_linear].T @ linear.resid[of_linear] / linear.mse_resid,
                wide[of_counted].T @ ((events - mean) / damped)[of_counted],
            ]
        )
        moves.append(sums @ np.linalg.solve(bread, score))
    assert sum_of_fits.scores @ np.linalg.inv(total) == pytest.approx(np.array(moves), abs=1e-8)
    assert sum_of_fits.scores.sum(axis=0) == pytest.approx(np.zeros(2), abs=1e-6)


def test_the_partial_leverage_of_a_sum_is_that_of_the_fits_by_their_variances(two):
    """Of a coefficient and of a contrast; each fit's own by regressing the column on all others."""
    sum_of_fits = summed(two.addends, CREATORS)
    contrast = np.array([[1.0], [-0.7]])
    shares, variances = [], []
    for (x, _, group, *_), places, weights in zip(
        two.rows, PLACES, (None, by_glm(*two.rows[1]).mu), strict=True
    ):
        w = np.ones(len(group)) if weights is None else weights / (1 + DISPERSION * weights)
        w = w / by_ols(*two.rows[0]).mse_resid if weights is None else w
        whole = np.column_stack([x, dummies(group)])
        bread = np.linalg.inv(whole.T @ (w[:, None] * whole))
        for c in (np.eye(2)[:, [0]], np.eye(2)[:, [1]], contrast):
            along = np.zeros(whole.shape[1])
            along[places] = c[:, 0]
            variances.append(along @ bread @ along)
            by_row = w * (whole @ bread @ along) ** 2
            # the dummies' part of a row is in the total of its creator
            shares.append(np.bincount(group, by_row, CREATORS))
    both = np.array(shares[:3]) + np.array(shares[3:])
    total = np.array(variances[:3]) + np.array(variances[3:])
    assert both.sum(axis=1) == pytest.approx(total, rel=1e-9)
    want = (both / total[:, None]).T
    assert partial_leverage(sum_of_fits) == pytest.approx(want[:, :2], rel=1e-6, abs=1e-12)
    assert partial_leverage(sum_of_fits, contrast)[:, 0] == pytest.approx(
        want[:, 2], rel=1e-6, abs=1e-12
    )
    assert effective_creators(sum_of_fits) == pytest.approx(
        1 / (want[:, :2] ** 2).sum(axis=0), rel=1e-6
    )


def test_leaving_a_creator_out_of_both_is_what_refits_of_both_add_up_to(two):
    left_out = without_each(two.addends, two.left_out, CREATORS)
    assert left_out.defined.all()
    refits = []
    for creator in range(CREATORS):
        kept = [tuple(v[rows[2] != creator] for v in rows) for rows in two.rows]
        linear, counted = by_ols(*kept[0]), by_glm(*kept[1])
        refits.append(linear.params[PLACES[0]] + counted.params[PLACES[1]])
    assert left_out.estimates == pytest.approx(np.array(refits), rel=1e-6, abs=1e-8)
    blocks = summed(two.addends, CREATORS)
    shifts = np.array(refits) - blocks.estimate
    brute = (CREATORS - 1) / CREATORS * shifts.T @ shifts
    assert cr3(blocks, left_out) == pytest.approx(brute, rel=1e-5)


def test_a_creator_of_one_fit_moves_only_that_one(two):
    blocks, left_out = (
        summed(two.addends, CREATORS),
        without_each(two.addends, two.left_out, CREATORS),
    )
    for creator, fit_number, other in ((REACH_ONLY, 0, 1), (CONVERSION_ONLY, 1, 0)):
        addend = two.addends[fit_number]
        at = addend.creators.tolist().index(creator)
        assert creator not in two.addends[other].creators
        own = (
            two.left_out[fit_number].estimates[at][PLACES[fit_number]]
            - addend.blocks.estimate[PLACES[fit_number]]
        )
        assert left_out.estimates[creator] - blocks.estimate == pytest.approx(own, rel=1e-9)
        assert blocks.rows[creator] == addend.blocks.rows[at]
        assert blocks.information[creator].any()
        total = np.linalg.inv(blocks.information.sum(axis=0))
        variance = np.linalg.inv(addend.blocks.information.sum(axis=0))
        moved = (variance @ addend.blocks.scores[at])[PLACES[fit_number]]
        assert total @ blocks.scores[creator] == pytest.approx(moved, rel=1e-7)
    shared = [g for g in range(CREATORS) if g not in (REACH_ONLY, CONVERSION_ONLY)]
    for g in shared:
        rows = [e.blocks.rows[e.creators.tolist().index(g)] for e in two.addends]
        assert blocks.rows[g] == max(rows)


def test_what_one_fit_cannot_tell_without_a_creator_the_sum_cannot(two):
    linear, counted = two.left_out
    estimates = linear.estimates.copy()
    estimates[4, PLACES[0][1]] = np.nan
    left_out = without_each(
        two.addends, (LeaveOneOut(estimates, np.isfinite(estimates)), counted), CREATORS
    )
    creator = two.addends[0].creators[4]
    assert np.argwhere(~left_out.defined).tolist() == [[creator, 1]]
    assert np.isnan(left_out.estimates[creator, 1])


def test_one_fit_alone_is_itself(two):
    addend = two.addends[0]
    every = Addend(addend.blocks, np.arange(4), np.arange(len(addend.creators)))
    sum_of_fits = summed([every], len(addend.creators))
    assert sum_of_fits.information == pytest.approx(addend.blocks.information, rel=1e-7, abs=1e-7)
    assert sum_of_fits.scores == pytest.approx(addend.blocks.scores, abs=1e-8)
    assert sum_of_fits.estimate.tolist() == addend.blocks.estimate.tolist()
    assert sum_of_fits.rows.tolist() == addend.blocks.rows.tolist()


def test_the_order_of_the_fits_does_not_matter(two):
    one, other = summed(two.addends, CREATORS), summed(two.addends[::-1], CREATORS)
    assert one.estimate == pytest.approx(other.estimate, rel=1e-14)
    assert one.information == pytest.approx(other.information, rel=1e-10)
    assert one.scores == pytest.approx(other.scores, rel=1e-8, abs=1e-10)


def test_no_variables_in_common_make_an_empty_sum(two):
    none = np.zeros(0, dtype=np.int64)
    addends = [Addend(each.blocks, none, each.creators) for each in two.addends]
    sum_of_fits = summed(addends, CREATORS)
    assert sum_of_fits.information.shape == (CREATORS, 0, 0)
    assert without_each(addends, two.left_out, CREATORS).estimates.shape == (CREATORS, 0)


def test_fits_are_matched_by_the_names_of_variables_and_creators(two):
    """In the order of the last fit's variables; least squares per residual variance."""
    addends, creators = match(two.summands)
    assert creators == tuple(called(np.arange(CREATORS)))
    for addend, by_hand in zip(addends, two.addends, strict=True):
        assert addend.columns.tolist() == by_hand.columns.tolist()
        assert addend.creators.tolist() == by_hand.creators.tolist()
        assert addend.blocks.information == pytest.approx(by_hand.blocks.information, rel=1e-14)
        assert addend.blocks.scores == pytest.approx(by_hand.blocks.scores, rel=1e-14)
        assert addend.blocks.estimate.tolist() == by_hand.blocks.estimate.tolist()
        assert addend.blocks.rows.tolist() == by_hand.blocks.rows.tolist()
    backwards, same = match(two.summands[::-1])
    assert same == creators
    assert [each.columns.tolist() for each in backwards] == [[2, 1], [0, 2]]


def test_fits_with_no_name_in_common_have_nothing_to_sum(two):
    linear, counted = two.summands
    strange = Summand(counted.blocks, 1.0, ["a", "b", "c"], [f"nobody {g}" for g in range(8)])
    addends, creators = match([linear, strange])
    assert [len(each.columns) for each in addends] == [0, 0]
    assert len(creators) == 2 * (CREATORS - 1)


ROWS = (np.arange(0, 26), np.arange(4, 30))  # videos that each of two fits has
OWN = (([0, 1, 2], [2, 0]), ([3, 2, 0], [1, 2]))  # columns of each, and where 2 and 0 are in them


@dataclass(frozen=True)
class Alone:
    """Two least squares of one creator's videos: x and y of all, and each fit's HC3."""

    x: np.ndarray
    y: tuple[np.ndarray, np.ndarray]
    within: tuple[HC3, HC3]

    def slopes(self, fit: int, rows: np.ndarray) -> np.ndarray:
        """What columns 2 and 0 have in one of the fits, of some of its videos."""
        columns, places = OWN[fit]
        exog = sm.add_constant(self.x[rows][:, columns])
        return sm.OLS(self.y[fit][rows], exog).fit().params[1:][places]

    def addends(self) -> list[Addend]:
        """The two fits, of which nothing but the columns counts here."""
        blocks = Blocks(np.zeros((1, 3, 3)), np.zeros((1, 3)), np.zeros(3), np.zeros(1, int))
        return [Addend(blocks, np.array(places), np.zeros(1, int)) for _, places in OWN]


@pytest.fixture(scope="module")
def alone() -> Alone:
    rng = np.random.default_rng(6)
    x = rng.normal(size=(30, 4))
    y = (x @ [1.0, 0.2, -0.5, 0] + rng.normal(size=30), x @ [0.3, 0, 0.4, 1] + rng.normal(size=30))
    within = []
    for (columns, _), outcome, rows in zip(OWN, y, ROWS, strict=True):
        residual = sm.OLS(outcome[rows], sm.add_constant(x[rows][:, columns])).fit().resid
        within.append(hc3(x[rows][:, columns], residual))
    return Alone(x, y, tuple(within))


def test_leaving_a_video_out_of_both_is_what_refits_of_both_add_up_to(alone):
    left_out = without_each_row(alone.addends(), alone.within, ROWS)
    whole = sum(alone.slopes(fit, rows) for fit, rows in enumerate(ROWS))
    for video in range(30):
        rest = sum(alone.slopes(fit, rows[rows != video]) for fit, rows in enumerate(ROWS))
        assert left_out.shifts[video] == pytest.approx(rest - whole, rel=1e-8, abs=1e-10)
    assert len(left_out.shifts) == 30


def test_the_leverage_of_a_video_is_the_greater_of_the_fits_that_have_it(alone):
    left_out = without_each_row(alone.addends(), alone.within, ROWS)
    first, second = np.zeros(30), np.zeros(30)
    first[ROWS[0]], second[ROWS[1]] = alone.within[0].leverage, alone.within[1].leverage
    assert left_out.leverage.tolist() == np.maximum(first, second).tolist()
    assert left_out.leverage.min() > 0


def test_a_fit_without_shifts_adds_none_and_one_that_hinges_makes_the_sum_hinge(alone):
    addends = alone.addends()
    one = without_each_row(addends, (None, alone.within[1]), ROWS)
    assert one.shifts.shape == (30, 2)
    assert not one.shifts[:4].any()
    assert one.shifts[4:].tolist() == alone.within[1].shifts[:, OWN[1][1]].tolist()
    hinged = alone.within[0].shifts.copy()
    hinged[:, 2] = np.nan
    both = without_each_row(addends, (HC3(hinged, alone.within[0].leverage), alone.within[1]), ROWS)
    assert both.hinges.tolist() == [True, False]


@pytest.mark.parametrize("at", [0, 1])
def test_a_fit_that_is_not_of_full_rank_is_refused(two, at):
    addends = list(two.addends)
    blocks = addends[at].blocks
    k = len(blocks.estimate)
    root = np.eye(k)
    root[:, 0] = root[:, 1]
    flat = Blocks(root.T @ blocks.information @ root, blocks.scores, blocks.estimate, blocks.rows)
    addends[at] = Addend(flat, addends[at].columns, addends[at].creators)
    with pytest.raises(ValueError, match="full rank"):
        summed(addends, CREATORS)
