"""Weights for missing follower counts against known probabilities, and pools that have none."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from pipeline.analysis.robustness.inverse_probability_weights import FLOOR, Weighing, noted_weights
from pipeline.dataset.captures import nothing
from pipeline.estimate.weighted_counts import ReweightedFit, reweighted

START = pd.Timestamp("2026-01-01")


def frame(creator, views, followers, days=None) -> pd.DataFrame:
    """Videos of the columns that the weights take; `days` after the start, NaN where unknown."""
    n = len(views)
    posted = np.full(n, np.nan) if days is None else np.asarray(days, dtype=float)
    followers = pd.array([pd.NA if np.isnan(f) else int(f) for f in followers], dtype="Int64")
    known = pd.DataFrame(
        {
            "creator": pd.Series([f"creator-{c:02}" for c in creator], dtype="str"),
            "views": pd.array(np.asarray(views, dtype=np.int64), dtype="Int64"),
            "new_followers": followers,
            "posted_on": (START + pd.to_timedelta(posted, unit="D")).as_unit("s"),
        }
    )
    others = nothing().reindex(range(n)).drop(columns=known.columns, errors="ignore")
    return pd.concat([known, others], axis=1)


def simulated(seed: int, creators: int = 6, each: int = 250):
    """Videos whose followers are missing by views, days and creator, with the probability."""
    rng = np.random.default_rng(seed)
    creator = np.repeat(np.arange(creators), each)
    n = len(creator)
    views = np.rint(np.exp(rng.normal(6, 1.2, n)))
    days = rng.integers(0, 400, n).astype(float)
    logs = np.log1p(views)
    odds = 0.8 * (logs - 6) + 0.002 * (days - 200) + rng.normal(0.3, 0.5, creators)[creator]
    likely = 1 / (1 + np.exp(-odds))
    followers = rng.poisson(np.exp(0.7 * (logs - 6))).astype(float)
    noted = rng.random(n) < likely
    return frame(creator, views, np.where(noted, followers, np.nan), days), likely, followers


def weighed(got: Weighing | str) -> Weighing:
    assert isinstance(got, Weighing)
    return got


def test_weights_are_the_inverse_of_the_true_probabilities():
    """To a tenth, at 12,000 videos: sampling error alone."""
    videos, likely, _ = simulated(1, each=2000)
    got = weighed(noted_weights(videos, "new_followers"))
    noted = videos["new_followers"].notna().to_numpy()
    share = pd.Series(noted).groupby(videos["creator"]).transform("mean").to_numpy()
    want = (share / np.maximum(likely, FLOOR))[noted]
    assert np.isnan(got.weights[~noted]).all()
    assert np.quantile(np.abs(got.weights[noted] / want - 1), 0.95) < 0.1
    assert got.log_views == pytest.approx(0.8, abs=0.06)
    assert got.creators == 6
    assert got.largest == np.nanmax(got.weights)
    kish = np.nansum(got.weights) ** 2 / np.nansum(got.weights**2)
    assert got.effective == pytest.approx(kish, rel=1e-12)
    assert got.effective < noted.sum()


def test_a_glm_without_a_prior_gives_the_same_weights():
    """To 1e-3, where nothing is separated."""
    videos, _, _ = simulated(2)
    got = weighed(noted_weights(videos, "new_followers"))
    noted = videos["new_followers"].notna().to_numpy()
    logs = np.log1p(videos["views"].to_numpy(np.float64))
    logs -= logs.mean()
    days = (videos["posted_on"] - START).dt.days.to_numpy(np.float64) / 400
    creators = pd.get_dummies(videos["creator"]).to_numpy(np.float64)
    x = np.column_stack([logs, logs**2, days, creators])
    glm = sm.GLM(noted.astype(float), x, sm.families.Binomial()).fit()
    share = creators @ (creators[noted].sum(0) / creators.sum(0))
    want = share / np.maximum(glm.fittedvalues, FLOOR)
    np.testing.assert_allclose(got.weights[noted], want[noted], rtol=1e-3)
    assert got.log_views == pytest.approx(glm.params[0], rel=1e-3)


def test_where_a_lever_decides_what_is_noted_it_is_in_the_probability():
    """Half of the videos with a cover are noted, nine of ten without: the weights know it."""
    rng = np.random.default_rng(11)
    n = 3000
    creator, views = np.repeat(np.arange(6), n // 6), np.rint(np.exp(rng.normal(6, 1, n)))
    cover = rng.random(n) < 0.5
    likely = np.where(cover, 0.5, 0.9)
    noted = rng.random(n) < likely
    videos = frame(creator, views, np.where(noted, rng.poisson(1, n), np.nan))
    videos["has_cover"] = pd.array(cover, dtype="boolean")
    share = pd.Series(noted).groupby(creator).transform("mean").to_numpy()
    got = weighed(noted_weights(videos, "new_followers"))
    assert np.quantile(np.abs(got.weights[noted] * likely[noted] / share[noted] - 1), 0.9) < 0.1
    few = videos[:60]  # too few for a column of their own
    bare = few.assign(has_cover=pd.array([pd.NA] * 60, dtype="boolean"))
    with_cover, without = (noted_weights(each, "new_followers") for each in (few, bare))
    assert isinstance(with_cover, Weighing) == isinstance(without, Weighing)


def test_the_weighted_estimate_is_nearer_to_that_of_all_videos():
    """A lever that works among videos with few views only, of which most are not noted.

    Over ten pools: nearer in nine or more, and the mean error less than a third.
    """
    errors = []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        creator = np.repeat(np.arange(8), 300)
        lever = (rng.random(2400) < 0.5).astype(float)
        logs = rng.normal(6, 1, 2400)
        mean = np.exp(1 + 0.1 * (logs - 6) + lever * np.where(logs < 6, 1.0, 0.0))
        y = rng.poisson(mean).astype(float)
        noted = rng.random(2400) < 1 / (1 + np.exp(-1.2 * (logs - 6)))
        videos = frame(creator, np.rint(np.exp(logs)), np.where(noted, y, np.nan))
        weights = weighed(noted_weights(videos, "new_followers")).weights
        data = lever[:, None], y, creator, np.zeros(2400)
        everything = slope(*data, None)
        plain = slope(*(v[noted] for v in data), None)
        weighted = slope(*(v[noted] for v in data), weights[noted])
        errors.append((abs(plain - everything), abs(weighted - everything)))
    unweighted, ours = np.array(errors).T
    assert (ours < unweighted).sum() >= 9
    assert ours.mean() < unweighted.mean() / 3


def slope(x, y, group, offset, weights) -> float:
    got = reweighted(x, y, group, offset, weights)
    assert isinstance(got, ReweightedFit)
    return float(got.estimate[0])


def test_the_order_of_rows_and_the_names_of_creators_do_not_matter():
    videos, _, _ = simulated(3)
    want = weighed(noted_weights(videos, "new_followers"))
    order = np.random.default_rng(0).permutation(len(videos))
    got = weighed(noted_weights(videos.iloc[order], "new_followers"))
    np.testing.assert_allclose(got.weights, want.weights[order], rtol=1e-6)
    assert got.log_views == pytest.approx(want.log_views, rel=1e-6)
    turned = "creator-" + (99 - videos["creator"].str[-2:].astype(int)).astype("str")
    got = weighed(noted_weights(videos.assign(creator=turned), "new_followers"))
    np.testing.assert_allclose(got.weights, want.weights, rtol=1e-6)


def test_the_same_videos_give_the_same_bytes():
    videos, _, _ = simulated(4)
    before = videos.copy()
    one, other = (weighed(noted_weights(videos, "new_followers")) for _ in range(2))
    assert one.weights.tobytes() == other.weights.tobytes()
    pd.testing.assert_frame_equal(videos, before)


def test_weights_of_a_creator_add_up_to_about_the_noted_videos():
    videos, _, _ = simulated(5)
    got = weighed(noted_weights(videos, "new_followers"))
    sums = pd.Series(got.weights).groupby(videos["creator"]).agg(["sum", "count"])
    assert (sums["sum"] / sums["count"]).between(0.9, 1.1).all()


def test_creators_who_note_all_or_none_or_positive_ones_only_are_not_modelled():
    videos, _, followers = simulated(6)
    creator = videos["creator"].to_numpy()
    changed = videos["new_followers"].to_numpy(np.float64, na_value=np.nan)
    changed[creator == "creator-00"] = followers[creator == "creator-00"]
    changed[creator == "creator-01"] = np.nan
    is_third = creator == "creator-02"
    changed[is_third] = np.where(followers[is_third] > 0, followers[is_third], np.nan)
    got = weighed(noted_weights(videos.assign(new_followers=changed), "new_followers"))
    assert got.creators == 3
    assert (got.weights[creator == "creator-00"] == 1).all()
    assert np.isnan(got.weights[creator == "creator-01"]).all()
    assert set(got.weights[is_third & (followers > 0)]) == {1.0}
    others = ~np.isin(creator, ["creator-00", "creator-01", "creator-02"])
    want = weighed(noted_weights(videos[others], "new_followers"))
    np.testing.assert_allclose(got.weights[others], want.weights, rtol=1e-9)
    assert got.log_views == pytest.approx(want.log_views, rel=1e-9)


def test_days_that_are_not_noted_have_a_flag_and_none_are_done_without():
    videos, _, _ = simulated(7)
    some = videos.assign(posted_on=videos["posted_on"].where(np.arange(len(videos)) % 3 > 0))
    none = videos.assign(posted_on=pd.NaT)
    one_day = videos.assign(posted_on=START)
    weighings = [weighed(noted_weights(each, "new_followers")) for each in (some, none, one_day)]
    assert all(np.isfinite(each.log_views) for each in weighings)
    np.testing.assert_allclose(weighings[1].weights, weighings[2].weights, rtol=1e-9)


def test_videos_without_a_day_weigh_as_they_are_noted():
    """Eight of ten are noted where the day is known, three of ten where not; to 15 %."""
    rng = np.random.default_rng(12)
    days = np.where(rng.random(3000) < 0.6, rng.integers(0, 300, 3000), np.nan)
    noted = rng.random(3000) < np.where(np.isnan(days), 0.3, 0.8)
    followers = np.where(noted, rng.poisson(1, 3000), np.nan)
    views = np.exp(rng.normal(6, 1, 3000))
    got = weighed(
        noted_weights(frame(np.arange(3000) % 2, views, followers, days), "new_followers")
    )
    want = noted.mean() / np.where(np.isnan(days), 0.3, 0.8)
    np.testing.assert_allclose(got.weights[noted], want[noted], rtol=0.15)


def test_views_that_part_noted_from_not_noted_give_finite_weights():
    """Followers of all videos with 1,000 views and more, and of no other: no maximum likelihood."""
    rng = np.random.default_rng(8)
    views = np.rint(np.exp(rng.normal(7, 1, 200)))
    followers = np.where(views >= 1000, rng.poisson(1, 200), np.nan)
    got = weighed(noted_weights(frame(np.arange(200) % 4, views, followers), "new_followers"))
    assert np.nanmax(got.weights) <= 1 / FLOOR
    assert got.log_views > 3


def test_a_probability_below_a_twentieth_counts_as_one():
    rng = np.random.default_rng(9)
    logs = rng.normal(6, 1, 3000)
    noted = rng.random(3000) < 1 / (1 + np.exp(-2 * (logs - 6) + 3))
    followers = np.where(noted, rng.poisson(1, 3000), np.nan)
    got = weighed(
        noted_weights(frame(np.zeros(3000, int), np.exp(logs), followers), "new_followers")
    )
    assert got.floored > 0
    assert got.largest == pytest.approx(20 * noted.mean(), rel=1e-12)
    assert (np.nan_to_num(got.weights) == got.largest).sum() == got.floored


def test_one_creator_who_left_blank_what_was_not_shown_is_answered():
    """As the sheet of 2022: 190 videos, 53 with a follower count, no day of posting."""
    rng = np.random.default_rng(10)
    views = np.rint(np.exp(rng.normal(6.5, 1.3, 190)))
    followers = rng.poisson(views / 800).astype(float)
    blank = rng.random(190) < 0.7
    with_zeros = frame(np.zeros(190, int), views, np.where(blank, np.nan, followers))
    got = weighed(noted_weights(with_zeros, "new_followers"))
    assert got.creators == 1
    assert np.isfinite(got.weights).sum() == (~blank).sum()
    positive = frame(np.zeros(190, int), views, np.where(followers > 0, followers, np.nan))
    assert noted_weights(positive, "new_followers") == ONLY_SOME


ONLY_SOME = "each creator noted every follower count, none, or only those that were not 0"
NAN = np.nan


@pytest.mark.parametrize(
    ("followers", "why"),
    [
        ([0, 3, 1, 2], "every video has a follower count"),
        ([NAN] * 4, "no video has a follower count"),
        ([0, 3, NAN, NAN], ONLY_SOME),
        (
            [0, NAN, 1, 2],
            "fewer than 10 videos with, or without, a follower count to tell them apart by",
        ),
    ],
)
def test_what_cannot_be_weighed_is_told(followers, why):
    videos = frame([0, 0, 1, 1], [5, 10, 20, 0], followers)
    assert noted_weights(videos, "new_followers") == why


def test_views_are_always_noted_and_no_videos_have_no_weights():
    videos, _, _ = simulated(11)
    assert noted_weights(videos, "views") == "every video has a view count"
    assert noted_weights(nothing(), "new_followers") == "there is no video"


@pytest.mark.parametrize("views", [[0] * 60, [7] * 60, [10**12] * 60, [0, 10**9] * 30])
def test_odd_views_are_answered(views):
    followers = np.where(np.arange(60) % 3 > 0, np.arange(60) % 2, np.nan)
    got = weighed(noted_weights(frame(np.arange(60) % 3 * 0, views, followers), "new_followers"))
    assert np.isfinite(got.weights[~np.isnan(followers)]).all()
    assert np.isfinite(got.log_views)
