"""Scores and their intervals against scikit-learn, statsmodels, and units left out one by one."""

import numpy as np
import pytest
from scipy import stats

from pipeline.analysis.prediction import metrics
from pipeline.analysis.prediction.metrics import (
    ALIKE,
    AS_INDEPENDENT,
    MEASURES,
    THE_REFERENCE,
    deviances,
    jackknife,
    judge,
    slope,
    units_of,
)
from pipeline.analysis.prediction.scoring import FEWEST_IN_BIN, Forecast, bin_numbers, bins, scores
from pipeline.analysis.prediction.tables import BEFORE, VIDEOS, Score

RNG = np.random.default_rng(8)
N, G = 240, 7
GROUP = RNG.integers(0, G, N)
PREDICTED = np.exp(RNG.normal(0, 0.8, N))
FOLLOWERS = RNG.poisson(PREDICTED * np.exp(0.4 * RNG.normal(size=G))[GROUP]).astype(float)
REFERENCE = np.full(N, FOLLOWERS.mean()) * np.where(np.arange(N) % 2, 0.97, 1.03)
FOLDS = np.arange(N) % 10


def by_others(rows: np.ndarray) -> dict[str, float]:
    """The measures on some rows, as others compute them."""
    import statsmodels.api as sm
    from sklearn.metrics import mean_poisson_deviance, mean_squared_error

    y, p, r = FOLLOWERS[rows], PREDICTED[rows], REFERENCE[rows]
    glm = sm.GLM(y, sm.add_constant(np.log(p)), family=sm.families.Poisson()).fit(tol=1e-12)
    return {
        "deviance": mean_poisson_deviance(y, p),
        "rmse_log": mean_squared_error(np.log1p(y), np.log1p(p)) ** 0.5,
        "rmse_followers": mean_squared_error(y, p) ** 0.5,
        "calibration_ratio": y.sum() / p.sum(),
        "calibration_slope": float(glm.params[1]),
        "skill": 1 - mean_poisson_deviance(y, p) / mean_poisson_deviance(y, r),
    }


def rows_of(group: np.ndarray = GROUP, predicted: np.ndarray = PREDICTED) -> dict[str, Score]:
    forecast = Forecast(BEFORE, VIDEOS, "any", predicted, FOLDS)
    return {s.measure: s for s in scores(forecast, FOLLOWERS, REFERENCE, group)}


@pytest.mark.parametrize("measure", MEASURES)
def test_a_score_and_its_interval_are_those_of_others(measure):
    score, whole = rows_of()[measure], by_others(np.ones(N, dtype=bool))[measure]
    left_out = np.array([by_others(g != GROUP)[measure] for g in range(G)])
    error = np.sqrt((G - 1) / G * ((left_out - left_out.mean()) ** 2).sum())
    margin = stats.t.ppf(0.975, G - 1) * error
    assert score.value == pytest.approx(whole, rel=1e-7)
    assert score.low == pytest.approx(whole - margin, rel=1e-5)
    assert score.high == pytest.approx(whole + margin, rel=1e-5)
    assert (score.videos, score.creators, score.why) == (N, G, "")


def test_below_five_creators_videos_are_left_out_and_it_says_so():
    few = GROUP % 3
    score = rows_of(few)["deviance"]
    loss = deviances(FOLLOWERS, PREDICTED)
    margin = stats.t.ppf(0.975, N - 1) * loss.std(ddof=1) / np.sqrt(N)
    assert (score.low, score.high) == pytest.approx((loss.mean() - margin, loss.mean() + margin))
    assert (score.creators, score.why) == (3, AS_INDEPENDENT)
    assert units_of(few)[0].tolist() == list(range(N))


def test_deviance_by_hand():
    assert deviances(np.array([0.0, 2.0]), np.array([0.5, 1.0])) == pytest.approx(
        [1.0, 2 * (2 * np.log(2) - 1)]
    )


def test_slopes_by_one_step_are_near_those_of_refits(monkeypatch):
    units = np.arange(N)
    by_step = slope(FOLLOWERS, PREDICTED, units, FOLDS)
    monkeypatch.setattr(metrics, "MOST_REFITTED", N)
    in_full = slope(FOLLOWERS, PREDICTED, units, FOLDS)
    assert by_step.value == in_full.value
    first, second = (jackknife(each.value, each.left_out) for each in (by_step, in_full))
    assert first.low == pytest.approx(second.low, abs=0.02)
    assert first.high == pytest.approx(second.high, abs=0.02)


def test_forecasts_that_differ_between_folds_only_have_no_slope():
    score = rows_of(predicted=np.exp(FOLDS / 3.0))["calibration_slope"]
    assert (score.value, score.low, score.why) == (None, None, ALIKE)


def test_the_reference_has_no_skill_and_no_interval():
    score = rows_of(predicted=REFERENCE)["skill"]
    assert (score.value, score.low, score.high, score.why) == (0, None, None, THE_REFERENCE)


def test_what_cannot_be_predicted_has_its_reason_in_every_measure():
    forecast = Forecast(BEFORE, VIDEOS, "any", PREDICTED, FOLDS, why="because")
    listed = list(scores(forecast, FOLLOWERS, REFERENCE, GROUP))
    assert [s.measure for s in listed] == list(MEASURES)
    assert {(s.value, s.low, s.why) for s in listed} == {(None, None, "because")}
    assert not list(bins(forecast, FOLLOWERS, GROUP))


def test_a_note_stands_beside_the_score():
    forecast = Forecast(BEFORE, VIDEOS, "any", PREDICTED, FOLDS, note="in 1 of 10 folds")
    listed = list(scores(forecast, FOLLOWERS, REFERENCE, GROUP % 3))
    assert listed[0].why == f"{AS_INDEPENDENT}; in 1 of 10 folds"


def test_a_measure_that_rests_on_one_creator_has_no_interval():
    followers = np.where(GROUP == 0, 1.0, 0.0)
    judged = judge(followers, PREDICTED, REFERENCE, GROUP, FOLDS)["calibration_slope"]
    assert jackknife(0.0, judged.left_out).low is None


# --- reliability


@pytest.mark.parametrize("n", [1, 19, 20, 53, 199, 200, 1000])
@pytest.mark.parametrize("ties", [False, True])
def test_bins_are_full_enough_and_keep_ties_together(n, ties):
    predicted = np.random.default_rng(n).random(n)
    predicted = np.round(predicted, 1) if ties else predicted
    number = bin_numbers(predicted)
    counts = np.bincount(number)
    assert len(counts) == 1 or counts.min() >= FEWEST_IN_BIN
    assert len(counts) <= 10
    if not ties:
        assert len(counts) == max(min(10, n // 20), 1)
    for value in np.unique(predicted):
        assert len(np.unique(number[predicted == value])) == 1
    ends = [(p.min(), p.max()) for p in (predicted[number == b] for b in np.unique(number))]
    assert all(ends[i][1] < ends[i + 1][0] for i in range(len(ends) - 1))


def test_forecasts_that_are_all_alike_are_one_bin():
    assert set(bin_numbers(np.full(300, 0.5))) == {0}


def test_a_bin_compares_means_and_has_an_interval():
    forecast = Forecast(BEFORE, VIDEOS, "any", PREDICTED, FOLDS)
    listed = list(bins(forecast, FOLLOWERS, GROUP))
    assert [b.bin for b in listed] == list(range(1, 11))
    assert sum(b.videos for b in listed) == N
    assert sum(b.videos * b.observed for b in listed) == pytest.approx(FOLLOWERS.sum())
    assert all(b.low <= b.observed <= b.high for b in listed)
    number = bin_numbers(PREDICTED)
    mine = number == 9
    rest = np.array([FOLLOWERS[mine & (g != GROUP)].mean() for g in range(G)])
    margin = stats.t.ppf(0.975, G - 1) * np.sqrt((G - 1) / G * ((rest - rest.mean()) ** 2).sum())
    assert listed[-1].high == pytest.approx(FOLLOWERS[mine].mean() + margin)


def test_a_bin_without_a_follower_has_the_exact_bound_of_a_count_of_none():
    forecast = Forecast(BEFORE, VIDEOS, "any", PREDICTED, FOLDS)
    first_bin = next(bins(forecast, FOLLOWERS * 0, GROUP))
    assert (first_bin.low, first_bin.observed) == (0, 0)
    assert first_bin.high == pytest.approx(stats.chi2.ppf(0.975, 2) / 2 / first_bin.videos)
