"""The specification curve: which analyses there are, what each does, and what they say."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pipeline.analysis.robustness import choices, datasets, treatments
from pipeline.analysis.robustness.choices import CHOICES, Analysis, analyses, departures
from pipeline.analysis.robustness.datasets import (
    Material,
    arrays,
    options,
    published,
    remembering,
    sample,
)
from pipeline.analysis.robustness.estimators import estimate
from pipeline.analysis.robustness.influence import influences
from pipeline.analysis.robustness.specification_curve import specifications
from pipeline.estimate.weighted_counts import negative_binomial, reweighted
from pipeline.model.design import design
from pipeline.model.fit import fit, fit_counts
from pipeline.model.fit_result import Fit
from pipeline.model.questions import CONVERSION, FOLLOWERS, QUESTIONS, REACH, SIGNALS, Model, Part
from support.results import findings_of, simulated
from support.sheet_2022 import OBSERVED, bring, needs_2022

pytestmark = pytest.mark.slow  # whole pools are fitted

EVERY = {
    "estimator": (choices.PRODUCT, choices.POISSON, choices.NEGATIVE_BINOMIAL, choices.LOG1P),
    "zeros": (choices.AS_GIVEN, choices.SUSPICIOUS_MISSING),
    "levers": (choices.MARKED, choices.COMPLETE, choices.IMPUTED),
    "outcomes": (choices.AS_NOTED, choices.WEIGHTED),
    "age": (choices.WITH_AGE, choices.WITHOUT_AGE),
    "top": (choices.ALL_VIDEOS, choices.WITHOUT_TOP),
}


@pytest.fixture(scope="module")
def small(simulated_results_of):
    return simulated_results_of(6, 300)


@pytest.fixture(scope="module", autouse=True)
def two_imputations():
    """Impute twice: what is asked here is the same of any number, and ten take five times that."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(datasets, "TIMES", 2)
        yield


@pytest.fixture(scope="module")
def curves(small, two_imputations):
    """Every curve; two choices at once are tried for followers only."""
    impute, curves = remembering(), {}
    for answer in small.answers:
        with pytest.MonkeyPatch.context() as patch:
            if answer.question != FOLLOWERS:
                patch.setattr(choices, "MOST_DEPARTURES", 1)
            rows = specifications(small.pool.videos, answer, impute)
        curves[answer.question.name] = rows
    return curves


@pytest.fixture
def one_departure(monkeypatch):
    """Try each choice alone: enough where two at once are not asked about."""
    monkeypatch.setattr(choices, "MOST_DEPARTURES", 1)


def answer_of(findings, question):
    return next(each for each in findings.answers if each.question == question)


def material_of(videos, question):
    return Material(videos, question, remembering(), treatments.suspicious(videos))


# Which analyses


def test_every_analysis_departs_in_two_choices_at_most_and_none_is_there_twice():
    tried = analyses(EVERY)
    assert len(tried) == len(set(tried)) == 42
    assert tried[0] == Analysis(choices.PRODUCT)
    apart = [len(departures(each, tried[0])) for each in tried]
    assert apart == sorted(apart)
    assert (apart.count(0), apart.count(1), apart.count(2)) == (1, 9, 32)
    assert list(EVERY) == list(CHOICES)


def test_a_choice_that_makes_no_difference_is_not_tried():
    assert len(analyses({"estimator": EVERY["estimator"], "top": EVERY["top"]})) == 8
    assert analyses({"estimator": (choices.LOG1P,)}) == (Analysis(choices.LOG1P),)


def test_the_traps_are_named():
    zeros, of_2022 = choices.traps(choices.PRODUCT)
    assert (zeros.zeros, zeros.trap) == (choices.BLANKS_ZERO, choices.ZERO_TRAP)
    assert zeros.estimator == choices.PRODUCT
    assert (of_2022.estimator, of_2022.trap) == (choices.LOG1P, choices.OF_2022)


def test_the_options_of_the_examples_are_those_that_differ(small):
    differing = options(material_of(small.pool.videos, FOLLOWERS))
    assert set(differing) >= {"estimator", "levers", "outcomes", "age", "top"}
    assert all(len(values) > 1 for values in differing.values())
    reach = options(material_of(small.pool.videos, REACH))
    assert not {"zeros", "outcomes"} & set(reach)  # views are always noted
    assert differing["estimator"] == EVERY["estimator"]
    for question, first in (
        (REACH, choices.LOG1P),
        (CONVERSION, choices.NEGATIVE_BINOMIAL),
        (SIGNALS, choices.LOG1P),
    ):
        tried = options(material_of(small.pool.videos, question))["estimator"]
        assert tried[0] == first
        assert set(tried) == {*EVERY["estimator"]} - {choices.PRODUCT}


def test_without_any_gap_there_is_nothing_to_impute_or_to_weigh(small):
    whole = small.pool.videos.dropna(subset=["new_followers"]).assign(
        views=lambda videos: videos["views"].clip(upper=4999)
    )
    names = [name for term in FOLLOWERS.terms for name in treatments.columns_of(term)]
    for name in names:
        whole = whole.assign(**{name: whole[name].fillna(whole[name].mode().iloc[0])})
    differing = options(material_of(whole.reset_index(drop=True), FOLLOWERS))
    assert not {"levers", "outcomes"} & set(differing)


# What each does to the videos


def videos_of(**columns) -> pd.DataFrame:
    size = len(next(iter(columns.values())))
    frame = pd.DataFrame(
        {
            "creator": ["ana"] * size,
            "video": [f"v{number:04}" for number in range(size)],
            "views": [100] * size,
            "new_followers": [1] * size,
            "watched_full_pct": [10.0] * size,
            "avg_watch_s": [5.0] * size,
            "posted_on": pd.NaT,
        }
        | columns
    )
    whole = dict.fromkeys(["views", "new_followers"], "Int64")
    return frame.astype(whole | dict.fromkeys(["watched_full_pct", "avg_watch_s"], "Float64"))


@pytest.mark.parametrize(
    ("columns", "column", "marked"),
    [
        ({"views": [4999, 5000, 5001], "new_followers": [0, 0, 1]}, "new_followers", [1]),
        ({"views": [49, 50], "watched_full_pct": [0.0, 0.0]}, "watched_full_pct", [1]),
        ({"avg_watch_s": [0.0] * 10}, "avg_watch_s", list(range(10))),
        ({"avg_watch_s": [0.0] * 9}, "avg_watch_s", []),
        ({"new_followers": [0] * 40 + [1] * 10}, "new_followers", list(range(40))),
        ({"new_followers": [1] * 10 + [0] * 40}, "new_followers", list(range(10, 50))),
        ({"new_followers": [0, 1, 0, 0, 1, 0, 1, 0]}, "new_followers", []),
        ({"avg_watch_s": [0.0] * 10 + [None]}, "avg_watch_s", list(range(10))),
    ],
    ids=["great", "watched", "all", "nine", "first", "last", "mixed", "gap"],
)
def test_suspicious_are_the_zeros_that_the_check_asks_about(columns, column, marked):
    frame = videos_of(**columns)
    marks = treatments.suspicious(frame)
    assert np.flatnonzero(marks[column]).tolist() == marked
    emptied = treatments.without_zeros(frame, marks)
    assert emptied[column].isna().sum() == frame[column].isna().sum() + len(marked)
    assert frame.equals(videos_of(**columns))  # nothing is changed in place


def test_one_creator_s_zeros_say_nothing_of_another_s():
    frame = videos_of(creator=["ana"] * 10 + ["bea"], avg_watch_s=[0.0] * 11)
    assert treatments.suspicious(frame)["avg_watch_s"].tolist() == [True] * 10 + [False]


def test_blanks_become_zeros_in_what_the_question_uses_only():
    frame = videos_of(new_followers=[None, 2], watched_full_pct=[None, 3.0])
    treated = treatments.blanks_as_zeros(frame, CONVERSION)
    assert treated["new_followers"].tolist() == [0, 2]
    assert treated["watched_full_pct"].isna().tolist() == [True, False]
    assert treatments.blanks_as_zeros(frame, SIGNALS)["watched_full_pct"].tolist() == [0.0, 3.0]


def test_each_creator_loses_the_video_with_the_most_views():
    frame = videos_of(creator=["ana", "ana", "bea", "bea", "cem"], views=[5, 9, 7, 7, 1])
    assert treatments.without_top(frame).index.tolist() == [0, 2]


def test_complete_cases_lack_nothing_that_half_of_the_videos_have():
    frame = videos_of(views=[1, 2, 3, 4], new_followers=[1, 1, 1, 1]).assign(
        duration_s=[9.0, 9.0, None, 9.0],
        has_cover=[True, None, None, True],
        is_duet=[None, None, None, True],
        sound=None,
    )
    terms = [
        t for t in FOLLOWERS.terms if t.column in ("duration_s", "has_cover", "is_duet", "sound")
    ]
    assert treatments.complete(frame, terms)["views"].tolist() == [1, 4]
    assert len(treatments.complete(frame[:0], terms)) == 0


def test_complete_cases_of_the_examples(small):
    videos = small.pool.videos
    kept = treatments.complete(videos, FOLLOWERS.terms)
    names = {name for term in FOLLOWERS.terms for name in treatments.columns_of(term)}
    noted = [name for name in sorted(names) if videos[name].notna().mean() >= 0.5]
    assert 0 < len(kept) < len(videos)
    assert not kept[noted].isna().any().any()
    assert kept["is_stitch"].isna().any()


def test_the_choices_of_2022_delete_what_is_rare_and_fill_the_rest(small):
    videos = small.pool.videos
    treated = treatments.as_in_2022(videos, SIGNALS)
    share = videos["category"].value_counts(normalize=True)
    assert set(treated["category"]) <= set(share[share >= 0.02].index)
    assert set(share[share >= 0.02].index) - set(treated["category"]) == set()
    assert set(treated["creator"]) == {treatments.EVERYONE}
    kept = videos.loc[treated.index]
    for name in ("new_followers", "watched_full_pct", "sound", "has_cover", "posted_hour"):
        assert not treated[name].isna().any()
        same = kept[name].notna()
        assert (treated[name][same] == kept[name][same]).all()
    gap = kept["watched_full_pct"].isna()
    assert treated.loc[gap, "watched_full_pct"].unique() == [kept["watched_full_pct"].mean()]
    for name in ("new_followers", "posted_hour"):
        question = FOLLOWERS if name == "posted_hour" else SIGNALS
        filled = treatments.as_in_2022(videos, question).loc[kept[name].isna(), name].unique()
        assert filled.tolist() == [kept[name].mode().iloc[0]]


# What each says


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_the_published_analysis_done_again_is_the_published_one(small, question):
    answer = answer_of(small, question)
    material = material_of(small.pool.videos, question)
    first = analyses(options(material))[0]
    taken = sample(material, first)
    estimated = estimate(arrays(taken), first.estimator, taken.weights)
    at = {variable: j for j, variable in enumerate(estimated.variables)}
    for line in answer.estimates:
        if line.estimate is None or not line.is_tested:
            continue
        j = at[line.variable]
        assert estimated.has_estimate[j]
        assert estimated.estimate[j] == pytest.approx(line.estimate, rel=1e-7, abs=1e-9)
        if line.std_error is not None:
            assert estimated.carried[j]
            assert estimated.std_error[j] == pytest.approx(line.std_error, rel=1e-6)
            assert estimated.dof[j] == pytest.approx(line.df, rel=1e-6)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_every_line_has_every_analysis_once_and_an_estimate_or_a_reason(small, curves, question):
    rows = curves[question.name]
    lines = [e for e in answer_of(small, question).estimates if e.is_tested and e.estimate]
    numbers = sorted({row.analysis for row in rows})
    assert numbers == list(range(len(numbers)))
    assert len(rows) == len(lines) * len(numbers)
    assert len({(row.term, row.level, row.analysis) for row in rows}) == len(rows)
    for row in rows:
        assert (row.estimate is None) == bool(row.why)
        assert (row.std_error is None) == (row.ci_low is None) == (row.ci_high is None)
        assert row.estimate is None or np.isfinite(row.estimate)
        if row.ci_low is not None:
            assert row.ci_low < row.estimate < row.ci_high
    assert [row.trap for row in rows if row.trap == choices.OF_2022]
    of_lines = [row for row in rows if row.analysis == 0]
    as_published = [(line.variable.term, line.variable.level, line.estimate) for line in lines]
    assert [(row.term, row.level, row.estimate) for row in of_lines] == as_published


def test_least_squares_of_a_rate_is_that_of_followers_per_1000_views(small):
    import statsmodels.api as sm

    question = replace(CONVERSION, model=Model.LEAST_SQUARES)
    built = design(small.pool.videos, question)
    estimated = estimate(built, choices.LOG1P, None)
    used = small.pool.videos.iloc[built.rows]
    rate = 1000 * used["new_followers"].astype(float) / used["views"].astype(float)
    at = [built.variables.index(variable) for variable in estimated.variables]
    dummies = (built.group[:, None] == np.arange(built.group.max() + 1)).astype(float)
    theirs = sm.OLS(np.log1p(rate).to_numpy(), np.column_stack([built.x[:, at], dummies])).fit()
    np.testing.assert_allclose(estimated.estimate, theirs.params[: len(at)], rtol=1e-6, atol=1e-9)


def test_without_age_the_term_is_gone_and_nothing_else(small):
    material = material_of(small.pool.videos, FOLLOWERS)
    taken = sample(material, Analysis(choices.POISSON, age=choices.WITHOUT_AGE))
    assert [t.column for t in FOLLOWERS.terms if t not in taken.question.terms] == ["captured_on"]
    assert any(term.part is Part.CONTEXT for term in taken.question.terms)


@pytest.mark.parametrize(
    ("estimator", "fitted"),
    [(choices.POISSON, reweighted), (choices.NEGATIVE_BINOMIAL, negative_binomial)],
)
def test_weights_reach_the_estimators_of_counts(small, estimator, fitted):
    material = material_of(small.pool.videos, FOLLOWERS)
    taken = sample(material, Analysis(estimator, outcomes=choices.WEIGHTED))
    built = arrays(taken)
    estimated = estimate(built, estimator, taken.weights)
    plain = estimate(built, estimator, None)
    rows = fit_counts(built).rows
    at = [built.variables.index(variable) for variable in estimated.variables]
    theirs = fitted(
        built.x[rows][:, at], built.outcome[rows], built.group[rows], built.offset[rows],
        taken.weights[rows],
    )  # fmt: skip
    np.testing.assert_allclose(estimated.estimate, theirs.estimate, rtol=1e-8, atol=1e-10)
    assert np.abs(estimated.estimate - plain.estimate).max() > 0.01


DEPARTURES = {
    "published": {},
    "weighted": {"outcomes": choices.WEIGHTED},
    "complete": {"levers": choices.COMPLETE},
    "imputed": {"levers": choices.IMPUTED},
    "without age": {"age": choices.WITHOUT_AGE},
    "without top": {"top": choices.WITHOUT_TOP},
    "zero trap": {"zeros": choices.BLANKS_ZERO, "trap": choices.ZERO_TRAP},
}


@pytest.mark.parametrize("departure", DEPARTURES.values(), ids=DEPARTURES)
def test_the_product_is_the_sum_of_what_each_factor_says_of_its_own_videos(small, departure):
    """Views are noted of every video: reach has them all, and weights do not concern it."""
    videos, by_question = small.pool.videos, {}
    for question in (FOLLOWERS, REACH, CONVERSION):
        analysis = Analysis(published(question), **departure)
        if question == REACH:
            analysis = replace(analysis, outcomes=choices.AS_NOTED)
        taken = sample(material_of(videos, question), analysis)
        built = arrays(taken, len(taken.frames) - 1)
        by_question[question] = built, estimate(built, analysis.estimator, taken.weights)
    (built, whole), (_, reach), (rate_built, rate) = (
        by_question[q] for q in (FOLLOWERS, REACH, CONVERSION)
    )
    assert len(whole.variables) > 10
    for j, variable in enumerate(whole.variables):
        parts = [each.estimate[each.variables.index(variable)] for each in (reach, rate)]
        assert whole.estimate[j] == pytest.approx(sum(parts), abs=1e-10)
    assert whole.videos == rate.videos < reach.videos or "zeros" in departure
    seen, followed = built.factors
    assert len(np.intersect1d(seen.rows, followed.rows)) == len(followed.rows)
    assert len(followed.rows) == len(rate_built.rows)


def test_fewer_than_five_creators_who_carry_a_line_give_it_no_interval(small, curves):
    carried = {
        (line.variable.term, line.variable.level): line.creators
        for line in answer_of(small, FOLLOWERS).estimates
    }
    few = [r for r in curves["followers"] if carried[r.term, r.level] < 5 and not r.trap]
    assert few
    assert not [row for row in few if row.std_error is not None]


def test_the_order_of_the_rows_in_a_file_is_of_no_account(tmp_path, one_departure):
    """Imputations and forecasts too: a video is told by its label, not by its line."""
    from pipeline.analysis.prediction.model_comparison import league
    from pipeline.analysis.prediction.models import Effort

    results = []
    for name, seed in (("one", None), ("two", 3)):
        folder = simulated(tmp_path / name, 4, 80)
        for path in sorted(folder.rglob("*.csv")):
            head, *lines = path.read_text(encoding="utf-8").splitlines()
            if seed is not None:
                lines = [lines[i] for i in np.random.default_rng(seed).permutation(len(lines))]
            path.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
        findings = findings_of(folder)
        videos, answer = findings.pool.videos, answer_of(findings, FOLLOWERS)
        rows = specifications(videos, answer, remembering())
        scores = league(videos, effort=Effort(5, 5, 2, 5)).scores
        results.append((rows, scores))
    (rows, scores), (others, other_scores) = results
    assert any(row.levers == choices.IMPUTED for row in rows)
    for one, other, name in ((rows, others, "estimate"), (scores, other_scores, "value")):
        values = [np.array([getattr(r, name) for r in each], dtype=float) for each in (one, other)]
        np.testing.assert_allclose(*values, rtol=1e-6, atol=1e-8)


def test_what_a_creator_never_noted_is_not_imputed(small):
    material = material_of(small.pool.videos, FOLLOWERS)
    before = material.used(Analysis(choices.POISSON))
    frames = material.fills(Analysis(choices.POISSON))
    never = before.isna().groupby(before["creator"]).transform("all")
    for frame in frames:
        assert (frame["sound"].isna() == never["sound"]).all()
        assert (frame["hashtags"].isna() == never["hashtags"]).all()
        same = before["sound"].notna()
        assert (frame["sound"][same] == before["sound"][same]).all()
    assert never["sound"].any()


def test_a_weight_goes_with_its_video(small):
    material = material_of(small.pool.videos, FOLLOWERS)
    both = Analysis(choices.POISSON, outcomes=choices.WEIGHTED, top=choices.WITHOUT_TOP)
    taken = sample(material, both)
    weighing = material.weighing(choices.AS_GIVEN)
    rows = taken.frames[0].index
    assert taken.weights.tolist() == weighing.weights[rows].tolist()
    assert not taken.frames[0]["new_followers"].isna().any()


# Without each creator


def left_out(built, name, videos):
    """The same columns without the rows of one creator; of a product, of each of its factors."""
    kept = np.array([creator != name for creator in videos.iloc[built.rows]["creator"]])
    return replace(
        built,
        columns=built.columns[kept],
        outcome=built.outcome[kept],
        offset=built.offset[kept],
        group=np.unique(built.group[kept], return_inverse=True)[1],
        creators=tuple(one for one in built.creators if one != name),
        rows=built.rows[kept],
        factors=tuple(left_out(each, name, videos) for each in built.factors),
        time=built.time[kept],
        has=built.has[kept],
        against=built.against[kept],
    )


def slopes_of(built, fitted):
    """Estimate arrays anew, by variable, at the dispersion of what was fitted to all creators."""
    if built.factors:
        parts = [slopes_of(*each) for each in zip(built.factors, fitted.factors, strict=True)]
        shared = set.intersection(*map(set, parts))
        return {variable: sum(each[variable] for each in parts) for variable in shared}
    if not built.question.model.is_counted:
        again = fit(built)
        known = isinstance(again, Fit)
        return dict(zip(again.variables, again.blocks.estimate, strict=True)) if known else {}
    counts = fit_counts(built)
    rows, kept = counts.rows, list(counts.ranks.kept)
    again = reweighted(
        built.x[rows][:, kept], built.outcome[rows], built.group[rows], built.offset[rows],
        dispersion=fitted.dispersion,
    )  # fmt: skip
    return dict(zip([built.variables[j] for j in kept], again.estimate, strict=True))


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_influence_is_what_fits_without_each_creator_say(small, question):
    answer = answer_of(small, question)
    videos = small.pool.videos
    rows = influences(answer)
    assert rows
    creators = answer.fit.sample.creators
    row = max(rows, key=lambda one: abs((one.without_it or 0) - one.estimate) * (not one.undefined))
    built = answer.fit.design
    j = next(
        j
        for j, v in enumerate(built.variables)
        if (v.term, v.level, v.unit) == (row.term, row.level, row.unit)
    )
    without = {}
    for name in creators:
        again = slopes_of(left_out(built, name, videos), answer.fit)
        if built.variables[j] in again:
            without[name] = again[built.variables[j]]
    assert row.lowest == pytest.approx(min(without.values()), rel=1e-5)
    assert row.highest == pytest.approx(max(without.values()), rel=1e-5)
    most = max(without, key=lambda name: abs(without[name] - row.estimate))
    assert (row.most_influential, row.creators) == (most, len(creators))
    assert row.same_sign == sum(value * row.estimate > 0 for value in without.values())


# The smallest pools


@pytest.mark.parametrize(("creators", "videos"), [(1, 5), (1, 40), (3, 60)])
def test_a_small_pool_is_answered(tmp_path, one_departure, creators, videos):
    findings = findings_of(simulated(tmp_path, creators, videos))
    impute = remembering()
    for answer in findings.answers:
        rows = specifications(findings.pool.videos, answer, impute)
        assert all((row.estimate is None) == bool(row.why) for row in rows)
        assert len(influences(answer)) == 0 or creators > 1


# The sheet of 2022


@needs_2022
def test_the_sheet_of_2022_has_its_zero_trap(home):
    bring(home, *OBSERVED)
    findings = findings_of(home)
    impute = remembering()
    rows = [
        row
        for question in (CONVERSION, SIGNALS)
        for row in specifications(findings.pool.videos, answer_of(findings, question), impute)
    ]
    by_line = {(r.question, r.term, r.trap): r for r in rows if r.trap or r.analysis == 0}
    published, zeros, of_2022 = "", choices.ZERO_TRAP, choices.OF_2022

    def is_certain(row):
        return row.ci_low * row.ci_high > 0

    # a cover is on the videos from before anybody noted followers: read as zeros, it is ruin
    cover = {trap: by_line["conversion", "has_cover", trap] for trap in (published, zeros)}
    assert is_certain(cover[zeros])
    assert not is_certain(cover[published])
    assert np.exp(cover[zeros].estimate) < 0.1 < 0.5 < np.exp(cover[published].estimate)
    # shares: certain and negative, as in the table that was published in 2022 (-0.222)
    shares = {trap: by_line["signals", "shares", trap] for trap in (published, zeros, of_2022)}
    assert not is_certain(shares[published])
    for trap in (zeros, of_2022):
        assert is_certain(shares[trap])
        assert -0.3 < shares[trap].estimate < -0.2
