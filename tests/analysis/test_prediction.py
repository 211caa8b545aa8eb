"""Forecasts of followers: nothing of what is predicted is learnt from, and every score is right."""

from dataclasses import fields, replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy.interpolate import CubicSpline
from scipy.optimize import minimize

from pipeline.analysis.prediction.baselines import own_mean, own_rate, view_bins
from pipeline.analysis.prediction.feature_relevance import relevance, shuffled, tree_importance
from pipeline.analysis.prediction.features import term_columns, training_columns
from pipeline.analysis.prediction.folds import (
    FOLDS,
    PredictionSample,
    Task,
    deal_creators,
    deal_videos,
    sample_of,
    task_of,
)
from pipeline.analysis.prediction.model_comparison import (
    FEW_CREATORS,
    FLOOR,
    NO_FOLLOWER,
    TOO_FEW,
    Leaderboard,
    bounded,
    league,
)
from pipeline.analysis.prediction.models import FULL, MODELS, REFERENCE, Effort
from pipeline.analysis.prediction.partial_pooling import (
    NOT_TOLD,
    TOO_FEW_CREATORS,
    Own,
    Prior,
    mode,
    partial_pooling,
)
from pipeline.analysis.prediction.regression_2022 import columns, learn, regression_2022
from pipeline.analysis.prediction.regression_models import (
    least_squares_log,
    poisson_counts,
    poisson_rate,
)
from pipeline.analysis.prediction.smearing import smeared
from pipeline.analysis.prediction.tables import (
    AFTERWARDS,
    BEFORE,
    CREATORS,
    NOT_RELEVANT,
    RELEVANT,
    VIDEOS,
    Bin,
    Relevance,
    Score,
)
from pipeline.analysis.prediction.trees import NO_FOLLOWER as NONE_TO_GROW_ON
from pipeline.analysis.prediction.trees import PRIOR_VIDEOS, out_of_fold, statistics
from pipeline.dataset.pool import pool
from pipeline.model.design import design
from pipeline.model.questions import CONVERSION, FOLLOWERS, SIGNALS
from support.pool import accepted

pytestmark = pytest.mark.slow  # whole pools are fitted

QUICK = Effort(trees=10, steps=10, rounds=2, shadow_trees=5)
SMALL = Effort(trees=20, steps=50, rounds=14, shadow_trees=20)


def invented(creators: int, videos: int, seed: int, cover: float = 0.0) -> pd.DataFrame:
    """The pool's videos: followers are Poisson noise, but for what a cover multiplies by e^cover.

    Views, likes, length, words and hashtags say nothing; some are not noted.
    """
    rng = np.random.default_rng(seed)
    folders = []
    for creator in range(creators):
        has_cover = rng.random(videos) < 0.5
        rate = np.exp(0.3 + 0.2 * (creator % 3) + cover * has_cover)
        rows = [
            {
                "video": f"v{i:04}",
                "new_followers": int(rng.poisson(rate[i])) * (i > 0),  # a 0: all were noted
                "views": int(np.exp(rng.normal(6, 1))) + 1,
                "likes": int(rng.poisson(20)),
                "watched_full_pct": float(rng.uniform(5, 60)) if rng.random() < 0.9 else None,
                "duration_s": float(np.exp(rng.normal(3, 0.6))),
                "category": str(rng.choice(["info", "humor", "tutorial", "vlog"])),
                "subject": str(rng.choice(["food", "art", "sport"])) if i % 7 else None,
                "has_cover": bool(has_cover[i]),
                "hashtags": int(rng.integers(0, 9)) if rng.random() < 0.8 else None,
                "posted_hour": int(rng.integers(0, 24)),
            }
            for i in range(videos)
        ]
        folders.append(accepted(f"c{creator:02}", rows))
    return pool(folders, {}).videos


def written(**creators: list[dict[str, object]]) -> pd.DataFrame:
    folders = [
        accepted(name, [{"video": f"v{i:04}", **row} for i, row in enumerate(rows)])
        for name, rows in creators.items()
    ]
    return pool(folders, {}).videos


def task(rows: dict[str, list[dict[str, object]]], asked: list[int]) -> Task:
    sample = sample_of(written(**rows))
    held_out = np.zeros(len(sample.followers), dtype=np.bool_)
    held_out[asked] = True
    return task_of(sample, held_out)


@pytest.fixture(scope="module")
def noise() -> pd.DataFrame:
    return invented(5, 40, 1)


@pytest.fixture(scope="module")
def of_noise(noise) -> Leaderboard:
    return league(noise, effort=SMALL)


@pytest.fixture(scope="module")
def planted() -> pd.DataFrame:
    return invented(5, 40, 2, cover=1.2)


@pytest.fixture(scope="module")
def of_planted(planted) -> Leaderboard:
    return league(planted, effort=SMALL)


def skills(leaderboard: Leaderboard, measure: str = "skill") -> dict[tuple[str, str, str], Score]:
    return {(s.known, s.held_out, s.model): s for s in leaderboard.scores if s.measure == measure}


# --- which videos, and how they are held out


def test_the_sample_is_what_the_question_asks_of_with_views():
    rows = [{"new_followers": n, "views": v} for n, v in ((0, 10), (None, 10), (2, 0), (1, 5))]
    positive = [{"new_followers": 1}] * 12
    sample = sample_of(written(bea=positive, ana=rows))
    assert sample.creators == ("ana",)
    assert (sample.followers.tolist(), sample.views.tolist()) == ([0, 1], [10, 5])
    assert "new_followers" not in sample.videos


@pytest.mark.parametrize("counts", [[3], [30, 1, 1, 1, 7], [1] * 25, [12, 12, 12, 5]])
def test_each_creators_videos_are_dealt_evenly(counts):
    group = np.repeat(np.arange(len(counts)), counts)
    folds = deal_videos(group)
    assert max(folds) < FOLDS
    for mine in (folds, *(folds[group == g] for g in range(len(counts)))):
        dealt = np.bincount(mine, minlength=FOLDS)
        assert dealt.max() - dealt.min() <= 1


@pytest.mark.parametrize("counts", [[5, 4, 3], [30, 1, 1, 1, 7], list(range(1, 40))])
def test_creators_are_left_out_whole_in_groups_as_large_as_each_other(counts):
    group = np.repeat(np.arange(len(counts)), counts)
    folds = deal_creators(group)
    assert all(len(np.unique(folds[group == g])) == 1 for g in range(len(counts)))
    sizes = np.bincount(folds)
    assert len(sizes) == min(FOLDS, len(counts))
    assert sizes.min() > 0
    if len(counts) > FOLDS:
        assert sizes.max() - sizes.min() <= max(counts) / 4


# --- columns


@pytest.mark.parametrize("seed", range(3))
def test_the_training_rows_get_the_columns_of_the_design(planted, seed):
    sample = sample_of(planted)
    training = np.random.default_rng(seed).random(len(sample.followers)) < 0.3
    known = sample.videos[training].assign(new_followers=sample.followers[training])
    known = known.reset_index(drop=True)
    for question, whole in ((FOLLOWERS, sample.levers), (SIGNALS, sample.signals)):
        expected = design(known, question, np.arange(len(known))).x
        np.testing.assert_array_equal(
            training_columns(known, question, whole).x[training], expected
        )
    # the question of rates has the same columns, so it is not encoded again
    of_rates, of_counts = design(planted, CONVERSION), design(planted, FOLLOWERS)
    np.testing.assert_array_equal(of_rates.x, of_counts.x)


def test_a_level_that_was_not_learnt_is_rare_or_stands_with_the_reference():
    often = [{"category": c, "new_followers": i % 3} for i, c in enumerate(["info", "vlog"] * 7)]
    new = [{"category": "humor", "new_followers": 1}]
    some = task({"ana": often + new, "bea": often}, [14])
    assert some.asked.levers[:, -1].tolist() == [0.0]  # no vlog, so the reference
    rare = [{"category": "qa", "new_followers": 1}]
    prediction_task = task({"ana": often + new, "bea": often + rare}, [14])
    assert prediction_task.asked.levers[0, -2:].tolist() == [0.0, 1.0]  # with qa, which was rare


def test_a_missing_number_is_marked_where_that_was_learnt_else_it_is_the_mean():
    rows = [{"hashtags": h, "new_followers": i % 2} for i, h in enumerate([1, 3, 7, 0, None])]
    unmarked = task({"ana": rows}, [4])
    heights = CubicSpline(np.log([1, 4, 9]), np.eye(3), bc_type="natural")(np.log([2, 4, 8, 1]))
    assert unmarked.asked.levers[0, -2:] == pytest.approx(heights[:, [0, 2]].mean(axis=0))
    rows = [*rows, {"hashtags": None, "new_followers": 0}]
    marked = task({"ana": rows}, [4])
    assert marked.asked.levers[0, -3:].tolist() == [0, 0, 1]


def test_a_term_has_one_column_in_order():
    hours = [{"posted_hour": h, "has_cover": c} for h, c in ((23, True), (7, False), (None, None))]
    sample = sample_of(
        written(ana=[{**row, "new_followers": i % 2} for i, row in enumerate(hours * 8)])
    )
    columns_of = term_columns(sample.levers)
    np.testing.assert_array_equal(columns_of["posted_hour"][:3], [1, 0, np.nan])
    np.testing.assert_array_equal(columns_of["has_cover"][:3], [1, 0, np.nan])


# --- nothing of the videos held out is learnt from


def changed(videos: pd.DataFrame, rows: np.ndarray, seed: int) -> pd.DataFrame:
    """Other outcomes (a 0 stays: all were noted), levers and engagement in some rows."""
    rng = np.random.default_rng(seed)
    videos = videos.copy()
    videos.loc[rows, "new_followers"] *= rng.integers(2, 400, len(rows))
    videos.loc[rows, "views"] = rng.integers(1, 10**6, len(rows))
    videos.loc[rows, "likes"] = rng.integers(1, 10**5, len(rows))
    videos.loc[rows, "duration_s"] = rng.uniform(1, 600, len(rows))
    videos.loc[rows, "category"] = rng.choice(["info", "qa", "promo"], len(rows))
    videos.loc[rows, "subject"] = rng.choice(["new", "food"], len(rows))
    videos.loc[rows, "hashtags"] = rng.integers(0, 30, len(rows))
    videos.loc[rows, "has_cover"] = rng.random(len(rows)) < 0.5
    return videos


def kept_row(sample: PredictionSample, folds: np.ndarray) -> int:
    return int(np.flatnonzero(folds == 0)[1])


@pytest.mark.parametrize("deal", [deal_videos, deal_creators])
def test_no_model_learns_from_the_videos_held_out(planted, deal, monkeypatch):
    monkeypatch.setattr("pipeline.model.dominant_rows.FEWEST", 10**9)  # none is weighed
    sample = sample_of(planted)
    folds = deal(sample.group)
    one = kept_row(sample, folds)
    others = np.flatnonzero((folds == 0) & (np.arange(len(folds)) != one))
    altered = sample_of(changed(planted, others, 3))
    assert altered.creators == sample.creators
    first, second = task_of(sample, folds == 0), task_of(altered, folds == 0)
    for name in ("levers", "signals", "views", "group"):
        mine, theirs = getattr(first.training, name), getattr(second.training, name)
        np.testing.assert_array_equal(mine, theirs)
    np.testing.assert_array_equal(first.followers, second.followers)
    pd.testing.assert_frame_equal(first.training.videos, second.training.videos)
    at = int(np.searchsorted(np.flatnonzero(folds == 0), one))
    for entry in MODELS:
        mine, theirs = (entry.predict(each, QUICK) for each in (first, second))
        assert not isinstance(mine, str)
        assert (
            not np.allclose(np.delete(mine, at), np.delete(theirs, at)) or entry.slug == REFERENCE
        )
        assert mine[at] == pytest.approx(theirs[at], rel=1e-12), entry
        assert bounded(mine, first)[at] >= FLOOR / len(first.followers)


def test_before_posting_nothing_is_known_of_views_and_engagement(planted):
    sample = sample_of(planted)
    held_out = deal_videos(sample.group) == 0
    seen = task_of(sample, held_out)
    blind = planted.assign(views=1, likes=0, watched_full_pct=pd.NA, subject=pd.NA)
    blind = blind.astype({"views": "Int64", "likes": "Int64", "watched_full_pct": "Float64"})
    unseen = task_of(sample_of(blind), held_out)
    for entry in MODELS:
        if entry.known == BEFORE:
            np.testing.assert_array_equal(
                entry.predict(seen, QUICK), entry.predict(unseen, QUICK), entry.slug
            )


def test_noise_is_not_predicted(of_noise):
    for key, score in skills(of_noise).items():
        assert score.value is not None
        assert score.value < 0.05, key


def test_a_strong_lever_is_predicted_and_found_relevant(of_planted):
    scores = skills(of_planted)
    for held_out in (VIDEOS, CREATORS):
        for model in ("poisson", "least-squares", "partial-pooling", "random-forest", "boosting"):
            score = scores[BEFORE, held_out, model]
            assert score.low is not None
            assert score.value > 0.1, (held_out, model)
        assert scores[BEFORE, held_out, "poisson"].low > 0
    verdicts = {(r.known, r.term): r.verdict for r in of_planted.relevance}
    assert verdicts[BEFORE, "has_cover"] == verdicts[AFTERWARDS, "has_cover"] == RELEVANT
    noise = {term: verdict for (known, term), verdict in verdicts.items() if term != "has_cover"}
    assert set(noise) >= {"category", "duration_s", "hashtags", "posted_hour", "views", "subject"}
    assert RELEVANT not in noise.values()


# --- the models, by hand or by another engine

THREE = {
    "ana": [{"new_followers": n, "views": v} for n, v in ((0, 100), (4, 300), (2, 200), (9, 50))],
    "bea": [{"new_followers": n, "views": v} for n, v in ((0, 10), (0, 30), (1, 40))],
    "cyd": [{"new_followers": 7, "views": 80}],
}


def test_own_means_and_rates_by_hand():
    one = task(THREE, [3, 6, 7])
    assert own_mean(one).tolist() == [2, 0, 1]  # a new creator: the mean of 2 and 0
    assert own_rate(one) == pytest.approx([50 * 6 / 600, 0, 80 * 0.005])


def test_view_bins_are_as_full_as_each_other():
    rows = [{"new_followers": i // 2, "views": 10 * (i + 1)} for i in range(12)]
    asked = [{"new_followers": 0, "views": v} for v in (1, 34, 10**6)]
    one = task({"ana": rows, "bea": asked}, [12, 13, 14])
    assert view_bins(one).tolist() == [0, 1, 5]


def test_smearing_by_hand():
    residuals = np.log([0.5, 1.5, 4.0])
    assert smeared(np.log([3.0]), residuals) == pytest.approx([3 * 2 - 1])


def test_least_squares_predict_as_dummies_do_with_smearing(planted):
    sample = sample_of(planted)
    one = task_of(sample, deal_videos(sample.group) == 0)
    for known in (BEFORE, AFTERWARDS):
        dummies = [np.eye(one.creators)[side.group] for side in (one.training, one.asked)]
        x = np.column_stack([dummies[0], one.training.columns(known)])
        asked = np.column_stack([dummies[1], one.asked.columns(known)])
        y = np.log1p(one.followers)
        beta = np.linalg.lstsq(x, y, rcond=None)[0]
        expected = np.exp(asked @ beta) * np.exp(y - x @ beta).mean() - 1
        np.testing.assert_allclose(least_squares_log(one, known), expected, rtol=1e-8)


def test_a_new_creators_level_is_part_of_the_smearing(planted):
    sample = sample_of(planted)
    one = task_of(sample, sample.group == 0)
    assert one.is_new.all()
    x, y, group = one.training.levers, np.log1p(one.followers), one.training.group
    slopes = np.linalg.lstsq(np.column_stack([x, np.eye(one.creators)[group][:, 1:]]), y)[0]
    rest = np.exp(y - x @ slopes[: x.shape[1]])
    factor = np.mean([rest[group == g].mean() for g in range(1, one.creators)])
    expected = factor * np.exp(one.asked.levers @ slopes[: x.shape[1]]) - 1
    np.testing.assert_allclose(least_squares_log(one, BEFORE), expected, rtol=1e-8)


@pytest.mark.parametrize(("model", "is_rate"), [(poisson_counts, False), (poisson_rate, True)])
def test_poisson_predicts_as_a_glm_with_dummies_does(planted, model, is_rate):
    import statsmodels.api as sm

    sample = sample_of(planted)
    one = task_of(sample, deal_videos(sample.group) == 0)
    x, asked = (
        np.column_stack([np.eye(one.creators)[side.group], side.levers])
        for side in (one.training, one.asked)
    )
    views = [
        np.log(s.views) if is_rate else np.zeros(len(s.views)) for s in (one.training, one.asked)
    ]
    fitted = sm.GLM(one.followers, x, family=sm.families.Poisson(), offset=views[0]).fit(tol=1e-12)
    np.testing.assert_allclose(model(one), fitted.predict(asked, offset=views[1]), rtol=1e-6)


def test_the_mode_of_a_creator_is_the_maximum():
    rng = np.random.default_rng(4)
    z = np.column_stack([np.ones(30), rng.normal(size=(30, 2))])
    own = Own(z, rng.poisson(np.exp(z @ [0.5, 1.0, -0.5])).astype(float), np.zeros(30))
    prior = Prior(np.array([0.0, 0.2, 0.0]), np.array([1.0, 0.3, 1e-12]), 1.5)

    def loss(theta: np.ndarray) -> float:
        likelihood = own.followers @ (z @ theta) - np.exp(z @ theta).sum()
        distance = (theta - prior.mean) ** 2 / np.maximum(prior.between, 1e-9)
        return float(-likelihood / prior.dispersion + distance.sum() / 2)

    at_maximum = mode(own, prior)
    best = minimize(loss, at_maximum, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12})
    np.testing.assert_allclose(at_maximum, best.x, atol=1e-5)
    silent = replace(own, followers=np.zeros(30))
    assert np.isfinite(mode(silent, prior)).all()
    assert mode(silent, prior)[0] < at_maximum[0]


def predicted(counts: list[tuple[int, int]]) -> np.ndarray:
    """Forecasts (creators, 2) without a cover and with one, learnt from three videos of each."""
    rows = {
        f"c{i}": [{"new_followers": n, "has_cover": cover} for cover, n in enumerate(each)] * 4
        for i, each in enumerate(counts)
    }
    asked = [8 * creator + last for creator in range(len(counts)) for last in (6, 7)]
    means = partial_pooling(task(rows, asked), BEFORE)
    assert not isinstance(means, str)
    return means.reshape(-1, 2)


@pytest.mark.parametrize(
    ("counts", "least", "most"),
    [
        ([(41, 39), (40, 40), (39, 41)], 0.0, 0.2),  # chance alone makes them differ by more
        ([(5, 80), (20, 20), (80, 5)], 0.5, 1.0),
    ],
)
def test_a_creators_own_slope_counts_as_far_as_creators_differ(counts, least, most):
    own, shrunken = np.diff(np.log(counts * 3))[:, 0], np.diff(np.log(predicted(counts * 3)))[:, 0]
    assert least < shrunken @ own / (own @ own) < most


def test_creators_who_differ_by_less_than_chance_have_nearly_one_level():
    """Of six videos with 40 followers each the mean has a standard error of 2.6."""
    own = np.array([38, 39, 40, 41, 42] * 2)
    means = predicted([(n, n) for n in own.tolist()])
    assert np.ptp(means) < 0.2 * np.ptp(own)
    assert means.mean() == pytest.approx(40, rel=1e-3)


def test_the_recipe_deletes_rare_levels_and_fills_blanks(monkeypatch):
    monkeypatch.setattr("pipeline.model.dominant_rows.FEWEST", 10**9)  # none is weighed
    rows = [{"category": "info", "subject": "food", "hashtags": 1}] * 70
    rows += [{"category": "vlog", "subject": None}] * 30
    rows += [{"category": "qa", "subject": "food"}] * 2  # 1.9 %, and 2.0 % before the next row
    numbers = [{"likes": 10 if i < 50 else None, "has_cover": i % 3 == 0} for i in range(102)]
    rows = [
        {**a, **b, "new_followers": i % 2}
        for i, (a, b) in enumerate(zip(rows, numbers, strict=True))
    ]
    videos = sample_of(written(ana=rows)).videos
    recipe, kept = learn(videos)
    assert kept.sum() == 100
    assert recipe.levels == {"category": ("info", "vlog"), "subject": ("food",)}
    assert recipe.words == {"category": "info", "subject": "food"}
    assert recipe.numbers["likes"] == 10
    assert recipe.flags == {"has_cover": False}
    assert set(recipe.numbers) == {"views", "likes", "duration_s"}  # what was noted
    assert columns(videos, recipe)[[0, 99, 101], -1].tolist() == [0, 1, 0]  # qa has no dummy
    assert columns(videos, recipe)[60, 1] == pytest.approx(np.log(11))


def test_the_recipe_predicts_as_least_squares_without_creators_do(planted):
    sample = sample_of(planted)
    one = task_of(sample, deal_videos(sample.group) == 0)
    recipe, kept = learn(one.training.videos)
    assert kept.all()
    x, asked = (
        np.column_stack([np.ones(len(s.videos)), columns(s.videos, recipe)])
        for s in (one.training, one.asked)
    )
    y = np.log1p(one.followers)
    beta = np.linalg.lstsq(x, y, rcond=None)[0]
    expected = smeared(asked @ beta, y - x @ beta)
    np.testing.assert_allclose(regression_2022(one), expected, rtol=1e-8)


def test_creators_enter_trees_by_means_of_other_folds():
    one = task(THREE, [7])
    ones = np.ones(len(one.followers))
    pooled = one.followers.mean()
    expected = np.log([(15 + 5 * pooled) / 9, (1 + 5 * pooled) / 8, pooled])
    assert PRIOR_VIDEOS == 5
    np.testing.assert_allclose(statistics(one, ones), expected)
    before = out_of_fold(one, ones)
    louder = replace(one, followers=one.followers + 100 * (np.arange(7) == 2))
    after = out_of_fold(louder, ones)
    assert before[2] == after[2]
    assert before[0] < after[0]


def test_forecasts_have_the_same_bounds_for_all_models():
    one = task(THREE, [7])
    given = np.array([-1.0, 0.0, 0.2, np.inf])
    assert bounded(given, one).tolist() == [0.5 / 7, 0.5 / 7, 0.2, 1e9]


def test_what_cannot_be_learnt_says_why():
    rows = [{"new_followers": 0}, {"new_followers": 1}] * 3
    one = task({"ana": rows}, [0])
    predictions = {entry.slug: entry.predict(one, QUICK) for entry in MODELS}
    assert predictions["partial-pooling"] == TOO_FEW_CREATORS
    silent = replace(one, followers=one.followers * 0)
    for entry in MODELS:
        if entry.slug in ("random-forest", "boosting"):
            assert entry.predict(silent, QUICK) == NONE_TO_GROW_ON
    three = task(dict.fromkeys(("ana", "bea", "cyd"), rows), [0])
    assert MODELS[3].predict(replace(three, followers=three.followers * 0), QUICK) == NOT_TOLD


# --- relevance


def test_shadows_are_shuffled_within_creators():
    rng = np.random.Generator(np.random.PCG64(1))
    group = rng.integers(0, 5, 200)
    values = np.column_stack([group * 1000 + rng.integers(0, 900, 200), rng.random(200)])
    copies = shuffled(values, group, rng)
    assert not np.array_equal(copies, values)
    for g in range(5):
        np.testing.assert_array_equal(
            np.sort(copies[group == g], axis=0), np.sort(values[group == g], axis=0)
        )
    assert np.array_equal(copies[:, 0] // 1000, group)


def test_relevance_is_a_two_sided_binomial_test_for_all_terms_together(of_planted):
    from scipy.stats import binomtest

    for known in (BEFORE, AFTERWARDS):
        rows = [row for row in of_planted.relevance if row.known == known]
        for row in rows:
            p_value = binomtest(row.hits, row.rounds, 0.5).pvalue * len(rows)
            assert row.p_value == pytest.approx(min(p_value, 1))
            if row.p_value < 0.05:
                assert row.verdict == (RELEVANT if row.hits > 7 else NOT_RELEVANT)


def test_relevance_is_not_asked_of_a_handful():
    rows = [{"new_followers": i % 3, "has_cover": i % 2 == 0} for i in range(12)]
    assert relevance(sample_of(written(ana=rows)), BEFORE, QUICK) == ()


def test_importance_is_of_videos_that_the_tree_has_not_seen():
    from sklearn.tree import DecisionTreeRegressor

    rng = np.random.default_rng(5)
    x = np.column_stack([rng.random(900), rng.integers(0, 2, 900), rng.random(900)])
    x[::9, 2] = np.nan
    y = x[:, 1] * 2 + rng.normal(size=900)
    tree = DecisionTreeRegressor(min_samples_leaf=5, random_state=1).fit(x[:400], y[:400])
    single = x.astype(np.float32)
    fresh = tree_importance(tree, single[400:], y[400:])
    # by hand: what the tree's mean changes by at each split that a video passes
    by_hand, grown = np.zeros(3), tree.tree_
    for row, value in zip(single[400:], y[400:], strict=True):
        path = tree.decision_path(row[None]).indices
        for node, child in pairwise(path):
            move = grown.value[child, 0, 0] - grown.value[node, 0, 0]
            by_hand[grown.feature[node]] += value * move / 500
    np.testing.assert_allclose(fresh, by_hand, rtol=1e-9, atol=1e-12)
    # on its own videos it is the usual importance, where noise of many values has its share
    own = tree_importance(tree, single[:400], y[:400])
    np.testing.assert_allclose(own / own.sum(), tree.feature_importances_, atol=1e-9)
    assert abs(fresh[[0, 2]]).max() < 0.25 * own[[0, 2]].min() < fresh[1]


# --- pools of every size

SOME = [{"new_followers": i % 4, "views": 50 + i, "duration_s": 5.0 + i} for i in range(30)]
POOLS = {
    "none": {},
    "no outcome": {"ana": [{"new_followers": None}] * 3},
    "five": {"ana": SOME[:5]},
    "no views": {"ana": [{**row, "views": 0} for row in SOME]},
    "positive only": {"ana": [{**row, "new_followers": 1} for row in SOME]},
    "no follower": {"ana": [{**row, "new_followers": 0} for row in SOME]},
    "one follower": {"ana": [{**row, "new_followers": int(i == 3)} for i, row in enumerate(SOME)]},
    "ten": {"ana": SOME[:10]},
    "one": {"ana": SOME},
    "two": {"ana": SOME, "bea": SOME[:6]},
    "three, one silent": {
        "ana": SOME,
        "bea": [{**row, "new_followers": 0} for row in SOME],
        "cyd": SOME[:1],
    },
    "twelve of one video": {f"c{i:02}": [SOME[i]] for i in range(12)},
    "nothing noted": {
        n: [{"new_followers": i % 2} for i in range(9)] for n in ("ana", "bea", "cyd")
    },
}
WITHHELD = {
    "none": TOO_FEW,
    "no outcome": TOO_FEW,
    "five": TOO_FEW,
    "no views": TOO_FEW,
    "positive only": TOO_FEW,
    "no follower": NO_FOLLOWER,
}


@pytest.mark.parametrize("name", POOLS)
def test_every_pool_is_answered(name):
    videos = written(**POOLS[name])
    board = league(videos, effort=QUICK)
    assert board.why == WITHHELD.get(name, "")
    if board.why:
        assert (board.scores, board.bins, board.relevance) == ((), (), ())
        return
    assert len(board.scores) == len(MODELS) * 2 * 6
    for score in board.scores:
        assert (score.low is None) == (score.high is None)
        if score.value is None or score.low is None:
            assert score.why, score
        else:
            assert np.isfinite([score.value, score.low, score.high]).all()
    few = [s for s in board.scores if s.held_out == CREATORS and s.why == FEW_CREATORS]
    assert bool(few) == (len(POOLS[name]) < 3)
    for row in board.bins:
        assert np.isfinite([row.predicted, row.observed]).all()


@pytest.mark.parametrize("row", [Score, Bin, Relevance])
def test_rows_are_flat(row):
    allowed = {str, int, float, float | None}
    assert {field.type for field in fields(row)} <= allowed


def test_the_same_videos_give_the_same_rows_in_any_order(noise):
    few = noise[(noise["line"] < 22) & (noise["creator"] < "c03")]
    first = league(few, effort=QUICK)
    assert first == league(few.sample(frac=1, random_state=3), effort=QUICK)


def test_it_says_what_it_is_doing():
    progress: list[str] = []
    league(written(**POOLS["ten"]), progress.append, QUICK)
    assert progress[0] == "videos held out, in 10 folds"
    assert progress[-1] == "relevance of what is known afterwards"


def test_the_full_effort_is_stated():
    assert (FULL.trees, FULL.steps, FULL.rounds) == (200, 100, 30)
