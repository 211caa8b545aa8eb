"""One creator's page as a value: whose it is, its numbers against others' code, its rules."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
import scipy.stats
import statsmodels.api as sm
from scipy.integrate import quad
from scipy.stats import norm

from pipeline.analysis.creators.data_quality import Doubt, health, wanted
from pipeline.analysis.creators.pool_effect import pool_effects
from pipeline.analysis.creators.report import (
    ASKED,
    FEW_CREATORS,
    NOT_COMPUTED,
    CreatorLine,
    creator_reports,
    expected_improvement,
    own_rate,
    tries,
    with_page,
)
from pipeline.analysis.creators.summary import summarize, telling
from pipeline.analysis.diagnostics.creator_slopes import Personal
from pipeline.dataset.check import check_all
from pipeline.dataset.locate import locate
from pipeline.dataset.pool import OLDER, PROMOTED, Account, pool
from pipeline.dataset.read import read_folders
from pipeline.inference.estimates import estimates
from pipeline.inference.results import gather
from pipeline.inference.thresholds import INTERVAL_CREATORS, OTHER_CREATORS
from pipeline.model.design import design
from pipeline.model.exclusions import NO_OUTCOME, TOO_YOUNG
from pipeline.model.fit import fit
from pipeline.model.fit_result import Fit
from pipeline.model.questions import FOLLOWERS, QUESTIONS, Model, Part
from pipeline.model.variables import Variable, read_back
from support.contribution import DAY, TOML
from support.pool import accepted
from support.results import findings_of, simulated, sure_of

pytestmark = pytest.mark.slow  # whole pools are fitted

COVER = Variable("has_cover", "yes", "yes against no", Part.LEVER, "a cover")
TUTORIAL = read_back("category", "tutorial", "against info")
DEMO = dataclasses.replace(TUTORIAL, level="demo")


def of_settings(folder, quarantine=(), **settings: str) -> tuple[str, ...]:
    """Who has a page, of three creators of whom the first asks for one, and has these settings."""
    simulated(folder, 3, 12, real=True)
    toml = folder / "real-amber" / "creator.toml"
    lines = "".join(f"{key} = {value}\n" for key, value in settings.items())
    toml.write_text(toml.read_text("utf-8") + lines, "utf-8")
    collection = read_folders(locate(folder))
    verdicts = check_all(collection.contributions, DAY)
    return with_page(gather(verdicts, dict.fromkeys(quarantine, "asked"), {}))


def test_a_page_is_for_those_who_asked(tmp_path):
    assert of_settings(tmp_path) == ("real-amber", "real-birch")


def test_who_is_not_in_the_pool_has_no_page(tmp_path):
    assert of_settings(tmp_path / "a", use_in_model="false") == ("real-birch",)
    assert of_settings(tmp_path / "b", quarantine=("real-amber",)) == ("real-birch",)
    assert of_settings(tmp_path / "c", licence='"none"') == ("real-birch",)  # refused


def test_a_creator_who_withdrew_has_no_page(tmp_path):
    findings = findings_of(simulated(tmp_path, 2, 8, real=True))
    assert with_page(findings) == ("real-amber", "real-birch")
    for path in (tmp_path / "real-amber").iterdir():
        path.unlink()
    (tmp_path / "real-amber").rmdir()
    assert with_page(findings_of(tmp_path)) == ("real-birch",)


def test_levers_are_the_rows_of_partial_pooling(nine, sure):
    for drawn in creator_reports(nine, sure):
        shown = [lever.row for _, levers in drawn.levers for lever in levers]
        names = [question.name for question in ASKED]
        own = [r for r in sure.personals if r.creator == drawn.creator and r.own is not None]
        assert shown == sorted(
            (r for r in own if r.question in names), key=lambda r: names.index(r.question)
        )
        assert shown
        assert (drawn.untold, drawn.alone) == ("", ())
        assert [q for q, _ in drawn.levers] == list(ASKED)


def test_the_rest_is_what_a_pull_request_is_told(nine, sure):
    """The rate, its spread and the own lines, computed once for all instead of once for each."""
    for drawn in (*creator_reports(nine, sure), *creator_reports(nine, None)):
        summary = summarize(nine.pool, drawn.creator, fitted=not drawn.levers)
        assert bool(summary.question) is not bool(drawn.levers)
        spread = summary.spread if drawn.interval else None  # no place of a rate without a range
        assert drawn.summary == dataclasses.replace(summary, spread=spread, spread_why="")
        assert summary.spread is not None


def test_without_shrunken_lines_the_account_speaks_for_itself(nine, results_of):
    drawn = next(creator_reports(nine, None))
    assert (drawn.levers, drawn.tries, drawn.untold) == ((), (), NOT_COMPUTED)
    few = results_of(3, 150)
    drawn = next(creator_reports(few, sure_of(few)))
    assert (drawn.levers, drawn.tries, drawn.untold) == ((), (), FEW_CREATORS)
    videos = few.pool.videos
    mine = videos[videos["creator"] == drawn.creator].reset_index(drop=True)
    for question, lines in drawn.alone:
        alone = fit(design(mine, question))
        assert isinstance(alone, Fit)
        by_variable = {each.variable: each for each in estimates(alone)}
        assert [line.estimate for line in lines] == [
            by_variable[x.variable].estimate for x in lines
        ]
        assert all(line.ci_low < line.estimate < line.ci_high for line in lines)
    assert drawn.alone


def test_the_interval_of_a_rate_is_the_jackknife_of_a_poisson_regression(nine):
    """Refitted by statsmodels without each video in turn."""
    videos = nine.pool.videos
    each = (telling(videos[videos["creator"] == name]) for name in nine.pool.creators)
    counted = next(mine for mine in each if own_rate(mine) is not None)
    y, views = (counted[name].to_numpy(np.float64) for name in ("new_followers", "views"))

    def log_rate(used: np.ndarray) -> float:
        offset = np.log(views[used])
        model = sm.GLM(y[used], np.ones(used.sum()), sm.families.Poisson(), offset=offset)
        return float(model.fit(tol=1e-12).params[0])

    n, whole = len(y), log_rate(np.ones(len(y), np.bool_))
    without = np.array([log_rate(np.arange(n) != i) for i in range(n)])
    error = np.sqrt((n - 1) / n * ((without - whole) ** 2).sum())
    in_effect = 1 / ((views / views.sum()) ** 2).sum()
    ends = 1000 * np.exp(scipy.stats.t.interval(0.95, in_effect - 1, whole, error))
    interval = own_rate(counted)
    assert [interval.low, interval.high] == pytest.approx(list(ends), rel=1e-6)


def test_a_rate_that_one_video_decides_has_no_interval():
    huge = [(1000, 1)] * 30 + [(1_000_000, 900)]
    assert own_rate(pd.DataFrame(huge, columns=["views", "new_followers"])) is None


@pytest.mark.parametrize("videos", [[(1000, 1)] * 9, [(1000, 0)] * 30])
def test_few_videos_or_no_follower_have_no_interval(videos):
    assert own_rate(pd.DataFrame(videos, columns=["views", "new_followers"])) is None


def without(findings, creator: str, question) -> Fit | None:
    rest = findings.pool.videos[findings.pool.videos["creator"] != creator]
    others = fit(design(rest.reset_index(drop=True), question))
    return others if isinstance(others, Fit) else None


def test_the_pool_without_a_creator_is_the_fit_of_the_others(nine):
    """The estimate to the end; its interval by one step, which is exact in least squares."""
    for answer in nine.answers:
        who, others = next(
            (name, others)
            for name in nine.pool.creators
            if (others := without(nine, name, answer.question))
            and set(others.variables) == set(answer.fit.variables)  # else other levels are rare
        )
        effects = pool_effects(answer, who)
        lines = {line.variable: line for line in estimates(others)}
        assert effects
        for each in effects:
            line = lines[each.variable]
            assert each.others == line.creators >= OTHER_CREATORS
            assert each.own_videos + line.videos == each.videos
            is_exact = answer.question.model is Model.LEAST_SQUARES
            held = 1e-6 if is_exact else 0.5 * (line.std_error or 0.2)  # at the dispersion of all
            if is_exact or (line.std_error or 9.0) < 1:
                assert each.before == pytest.approx(line.estimate, abs=held)
            assert (each.before_low is None) == (line.ci_low is None)
            if line.ci_low is not None:
                close = 1e-6 if is_exact else 0.25
                width = line.ci_high - line.ci_low
                if not is_exact and width > 3:  # of a factor of twenty one step says little
                    continue
                assert each.before_high - each.before_low == pytest.approx(width, rel=close)


def test_with_them_is_what_is_published(nine):
    for answer in nine.answers:
        published = {line.variable: line for line in answer.estimates}
        for each in pool_effects(answer, "real-amber"):
            line = published[each.variable]
            assert (each.after, each.low, each.high) == (line.estimate, line.ci_low, line.ci_high)
            assert each.videos == line.videos
            assert 0 < each.weight < 1


def test_shares_of_all_creators_are_the_whole(nine):
    line = ("followers", "duration_s", "60")
    shares = [
        each.weight
        for name in nine.pool.creators
        for answer in nine.answers
        for each in pool_effects(answer, name)
        if (answer.question.name, each.variable.term, each.variable.level) == line
    ]
    assert len(shares) == 9
    assert sum(shares) == pytest.approx(1)


@pytest.mark.parametrize(("creators", "is_told"), [(2, False), (4, False), (5, True)])
def test_four_others_are_enough_and_three_are_not(results_of, creators, is_told):
    findings = results_of(creators, 50 * creators)
    effects = [i for answer in findings.answers for i in pool_effects(answer, "real-amber")]
    assert bool(effects) == is_told
    assert all(each.others == OTHER_CREATORS < INTERVAL_CREATORS for each in effects)
    assert all((each.before_low, each.width) == (None, None) for each in effects)


def test_a_stranger_changes_nothing(nine):
    assert [pool_effects(answer, "nobody") for answer in nine.answers] == [()] * len(QUESTIONS)


def lever(variable: Variable, estimate: float, error: float = 0.5, **changes: float) -> CreatorLine:
    row = Personal(
        FOLLOWERS.name, variable.term, variable.level, variable.unit, "ana", 40, 0.1, 0.5, 0.0,
        estimate, error, estimate - 2 * error, estimate + 2 * error, 0.3, 0.2, 0.1, 0.4,
    )  # fmt: skip
    return CreatorLine(variable, dataclasses.replace(row, **changes))


@pytest.mark.parametrize(
    ("levers", "expected"),
    [
        ([lever(COVER, 0.3), lever(TUTORIAL, 0.4)], [("category", False), ("has_cover", False)]),
        ([lever(TUTORIAL, 0.3), lever(DEMO, 0.2)], [("category", False)]),  # one a term
        ([lever(COVER, -0.3)], [("has_cover", True)]),  # leave it out
        ([lever(TUTORIAL, -0.3)], []),  # against its reference only
        ([lever(COVER, 1.2)], []),  # nothing is open
        (
            [lever(COVER, 0.1, 0.2), lever(TUTORIAL, 0.1, 0.9)],
            [("category", False), ("has_cover", False)],
        ),
    ],
)
def test_what_is_worth_a_try(levers, expected):
    assert [(each.lever.variable.term, each.turned) for each in tries(levers)] == expected


def test_a_try_is_told_in_the_direction_of_its_gain():
    (attempt,) = tries([lever(COVER, -0.3)])
    assert (attempt.estimate, attempt.low, attempt.high) == pytest.approx((0.3, -0.7, 1.3))


@pytest.mark.parametrize(("mean", "sd"), [(0.3, 0.5), (0.0, 2.0), (-1.0, 0.4)])
def test_the_expected_improvement_is_the_integral(mean, sd):
    integral, _ = quad(lambda x: x * norm.pdf(x, mean, sd), 0, mean + 12 * sd)
    assert expected_improvement(mean, sd) == pytest.approx(integral, rel=1e-7)


def day(text: str) -> pd.Timestamp:
    return pd.Timestamp(text)


MINE = [
    {"video": "a", "views": 9000, "new_followers": 0, "posted_on": day("2026-01-05"),
     "captured_on": day("2026-02-02"), "has_cover": True},
    {"video": "b", "views": 200, "new_followers": 1, "posted_on": day("2026-03-05"),
     "captured_on": day("2026-06-30"), "counts_rounded": True},
    {"video": "b", "views": 210, "new_followers": 1, "captured_on": day("2026-07-30")},
    {"video": "c", "views": 300},
    {"video": "d", "views": 400, "is_promoted": True},
]  # fmt: skip


def test_the_health_of_data_is_counted():
    other = [{"video": "z", "views": 7000, "new_followers": 0, "has_cover": True}]
    state = health(pool([accepted("me", MINE), accepted("other", other)], {}), "me")
    assert state.account == Account(5, 3, ((OLDER, 1), (PROMOTED, 1)))
    assert state.asked == Account(3, 2, ((NO_OUTCOME, 1),))
    assert state.doubts == (Doubt("new_followers", 1),)
    assert (state.again, state.dated, state.near, state.rounded) == (
        1,
        2,
        1,
        1,
    )
    assert (state.first, state.last) == ("2026-01", "2026-03")
    noted = {each.column.name: (each.videos, each.missing) for each in state.noted}
    assert noted["has_cover"] == (1, pytest.approx(2 / 3))
    assert noted["views"] == (3, 0)
    assert "video" not in noted


def test_a_video_is_asked_of_from_a_week_on_and_near_within_two_weeks_of_the_28th_day():
    ages = (6, 7, 13, 14, 42, 43)
    posted = day("2026-01-05")
    rows = [
        {"video": f"v{age}", "new_followers": age % 2, "posted_on": posted,
         "captured_on": posted + pd.Timedelta(days=age)}
        for age in ages
    ]  # fmt: skip
    state = health(pool([accepted("me", rows)], {}), "me")
    assert state.asked == Account(6, 5, ((TOO_YOUNG, 1),))
    assert (state.dated, state.near) == (6, 2)


def test_what_is_wanted_begins_with_the_outcome():
    state = health(pool([accepted("me", MINE)], {}), "me")
    names = [each.column.name for each in wanted(state)]
    assert names[:3] == ["new_followers", "posted_on", "captured_on"]
    assert set(names[3:]) >= {"has_cover", "sound", "hashtags"}
    assert not {"views", "subject", "is_promoted", "followers_before"} & set(names)


def test_nobody_is_asked_in_an_empty_pool():
    assert list(creator_reports(gather([], {}, {}), None)) == []
    quiet = gather([accepted("me", MINE, TOML)], {}, {})
    assert with_page(quiet) == ()


def test_a_rate_without_a_range_has_no_place_among_others(nine):
    """One video, or videos without a follower: luck alone would decide."""
    few = nine.pool.videos["creator"] == "real-amber"
    first = nine.pool.videos.index[few][:3]
    videos = nine.pool.videos.drop(index=[i for i in nine.pool.videos.index[few] if i not in first])
    pool = dataclasses.replace(nine.pool, videos=videos.reset_index(drop=True))
    (drawn,) = (
        each
        for each in creator_reports(dataclasses.replace(nine, pool=pool), None)
        if each.creator == "real-amber"
    )
    assert (drawn.interval, drawn.summary.spread) == (None, None)
