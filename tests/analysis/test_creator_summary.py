"""A contributor's own summary in every state, and what it must not tell of anybody else."""

from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from pipeline.analysis.creators.summary import (
    CANNOT_TELL,
    MOST_LINES,
    NO_COUNTS,
    NO_VIDEOS,
    CreatorSummary,
    Rate,
    RateQuartiles,
    spread_of,
    summarize,
)
from pipeline.dataset.check import Accepted
from pipeline.dataset.pool import NOT_IN_MODEL, OLDER, PROMOTED, Pool, pool
from pipeline.inference.estimates import estimates
from pipeline.inference.thresholds import SPREAD_CREATORS
from pipeline.model.design import design
from pipeline.model.exclusions import NO_OUTCOME, POSITIVE_ONLY, TOO_YOUNG
from pipeline.model.fit import fit
from pipeline.model.fit_result import Fit
from pipeline.model.questions import FOLLOWERS, REACH
from pipeline.render.review.creator_summary import section
from support.contribution import TOML
from support.creators import POSTED, rows
from support.pool import accepted


def others(n: int) -> list[Accepted]:
    return [accepted(f"other-{i}", rows(12, i, (1 + i) / 4000)) for i in range(n)]


def summary_of(mine: list[dict[str, object]], n: int = 9, toml: bytes = TOML) -> CreatorSummary:
    return summarize(pool([*others(n), accepted("me", mine, toml)], {}), "me")


def rates(whole: Pool, without: str) -> list[float]:
    videos = whole.videos[whole.videos["creator"] != without]
    sums = videos.groupby("creator")[["views", "new_followers"]].sum()
    return (1000 * sums["new_followers"] / sums["views"]).tolist()


def test_every_row_is_accounted_for():
    """Of 4 rows: one is an older capture, one is promoted, one too young; one has no followers."""
    mine = [
        {"video": "a", "views": 1000, "posted_on": POSTED, "captured_on": POSTED + days}
        for days in map(pd.Timedelta, ("28D", "90D"))
    ] + [
        {"video": "b", "views": 3000, "new_followers": 5, "is_promoted": True},
        {"video": "c", "views": 700, "posted_on": POSTED, "captured_on": POSTED},
    ]
    summary = summary_of(mine)
    assert (summary.rows.rows_in, summary.rows.rows_used) == (4, 2)
    assert dict(summary.rows.left_out) == {OLDER: 1, PROMOTED: 1}
    lost = {question.name: dict(account.left_out) for question, account in summary.by_question}
    assert lost == {"reach": {TOO_YOUNG: 1}, "conversion": {NO_OUTCOME: 2}}
    assert section(summary).split("\n\n")[1] == (
        "Of your 4 rows, 2 count (another capture of the same video counts: 1; paid promotion was"
        " used: 1). Of these 2, 1 counts for views (captured less than 7 days after posting: 1). Of"
        " these 2, none counts for followers per 1,000 views (no follower count: 2)."
    )


def test_where_all_were_read_early_that_is_the_reason():
    mine = [
        {"video": f"v{i}", "views": 1000, "new_followers": 1, "posted_on": POSTED,
         "captured_on": POSTED}
        for i in range(12)
    ]  # fmt: skip
    assert (summary_of(mine).rate_why, summary_of(mine).lines_why) == (TOO_YOUNG, TOO_YOUNG)


def test_the_rate_is_of_the_videos_with_both_counts():
    """A video without a count, one without views and one that is too young have no part."""
    mine = [
        {"video": "a", "views": 1000, "new_followers": 0},
        {"video": "b", "views": 3000, "new_followers": 5},
        {"video": "c", "views": 9000},
        {"video": "d", "views": 0, "new_followers": 0},
        {"video": "e", "views": 700, "new_followers": 9, "posted_on": POSTED,
         "captured_on": POSTED + pd.Timedelta(days=2)},
    ]  # fmt: skip
    summary = summary_of(mine)
    assert summary.rate == Rate(1.25, 2, 4000, 5)
    assert (summary.videos, summary.rate_why) == (5, "")


def plain(rate: int) -> list[dict[str, object]]:
    """Twelve videos of a thousand views with as many followers each on average, half with none."""
    return [
        {"video": f"v{i}", "views": 1000, "new_followers": 2 * rate * (i % 2)} for i in range(12)
    ]


def test_golden():
    """Nine others, of 1 to 9 followers per 1,000 views: 2.749, 5 and 7.251 by Harrell and Davis."""
    nine = [accepted(f"other-{i}", plain(i)) for i in range(1, 10)]
    summary = summarize(pool([*nine, accepted("me", plain(4))], {}), "me")
    assert summary.rate == Rate(4.0, 12, 12_000, 48)
    assert summary.spread == RateQuartiles(2.7, 5.0, 7.3, 9)
    assert (summary.videos, summary.spread_why, summary.rate_why) == (12, "", "")


def test_quartiles_agree_with_the_reference_implementation():
    from scipy.stats.mstats import hdquantiles

    values = np.random.default_rng(2).gamma(2, size=23)
    quartiles = spread_of(values)
    expected = [float(f"{q:.2g}") for q in hdquantiles(values, (0.25, 0.5, 0.75))]
    assert [quartiles.low, quartiles.middle, quartiles.high] == expected


@pytest.mark.parametrize("n", range(SPREAD_CREATORS + 3))
def test_a_spread_needs_eight_others_and_shows_no_single_one(n):
    whole = pool([*others(n), accepted("me", rows(20, 5))], {})
    summary = summarize(whole, "me")
    if n < SPREAD_CREATORS:
        assert summary.spread is None
        assert f"there are {n}" in summary.spread_why
        return
    shown = (summary.spread.low, summary.spread.middle, summary.spread.high)
    assert shown == tuple(float(f"{each:.2g}") for each in shown)
    assert min(rates(whole, "me")) < shown[0] < shown[1] < shown[2] < max(rates(whole, "me"))


def test_every_other_creator_moves_every_quartile_and_is_none_of_them():
    """An ordinary quartile of nine is the third: the same whatever the largest one is."""
    values = np.round(np.random.default_rng(8).gamma(2, size=9), 1)
    shown = spread_of(values)
    ordinary = np.quantile(values, (0.25, 0.5, 0.75))
    assert set(ordinary) <= set(values)
    assert not {shown.low, shown.high} & set(values)
    far = spread_of(np.append(np.sort(values)[:-1], 1e5))
    assert (far.low, far.middle) != (shown.low, shown.middle)


def test_creators_with_few_videos_are_no_part_of_the_spread():
    few = [accepted(f"few-{i}", rows(9, i)) for i in range(20)]
    summary = summarize(pool([*others(7), *few, accepted("me", rows(12, 3))], {}), "me")
    assert summary.spread is None


def test_nothing_of_another_creator_is_in_it():
    whole = pool([*others(9), accepted("me", rows(120, 1, has_cover=1.2))], {})
    summary = summarize(whole, "me")
    assert "other-" not in str(asdict(summary))
    shown = {summary.spread.low, summary.spread.middle, summary.spread.high}
    assert not shown & {round(rate, 6) for rate in rates(whole, "me")}
    alone = summarize(pool([accepted("me", rows(120, 1, has_cover=1.2))], {}), "me")
    assert summary == replace(alone, spread=summary.spread, spread_why="")


def test_own_lines_are_those_of_a_report_of_this_account_alone():
    mine = rows(120, 1, has_cover=1.2)
    summary = summary_of(mine)
    assert [line.variable.name for line in summary.lines] == ["has_cover: yes"]
    line = summary.lines[0]
    report = fit(design(pool([accepted("me", mine)], {}).videos, FOLLOWERS))
    assert isinstance(report, Fit)
    published = next(each for each in estimates(report) if each.variable == line.variable)
    assert (line.estimate, line.low, line.high) == (
        published.estimate,
        published.ci_low,
        published.ci_high,
    )
    assert line.low < 1.2 < line.high
    y, views, cover = (
        np.array([float(row[name]) for row in mine])
        for name in ("new_followers", "views", "has_cover")
    )
    x = sm.add_constant(cover)
    dispersion = report.factors[-1].dispersion
    family = sm.families.NegativeBinomial(alpha=dispersion) if dispersion else sm.families.Poisson()
    reach = sm.OLS(np.log1p(views), x).fit().params[1]
    rate = sm.GLM(y, x, family, offset=np.log(views)).fit(tol=1e-12).params[1]
    assert line.estimate == pytest.approx(reach + rate, abs=1e-8)
    assert line.ratio(line.estimate) == pytest.approx(np.exp(line.estimate))
    assert line.videos == sum(cover)
    assert (summary.question, summary.nearest, summary.lines_why) == (FOLLOWERS, None, "")


def test_a_line_that_one_video_decides_is_not_shown():
    """A single viral video with a cover."""
    mine = rows(60, 4)
    mine[0] |= {"has_cover": True, "new_followers": 900, "views": 100_000}
    summary = summary_of(mine)
    assert summary.lines == ()
    assert summary.lines_why == CANNOT_TELL


def test_what_cannot_be_told_says_how_many_videos_more():
    summary = summary_of(rows(40, 6))
    assert summary.lines == ()
    assert (summary.lines_why, summary.asked) == (CANNOT_TELL, 1)
    assert summary.nearest.variable.name == "has_cover: yes"
    assert summary.nearest.more > 0
    assert summary.nearest.videos < 40


def test_no_more_than_five_lines_and_the_surest_first():
    rng = np.random.default_rng(3)
    flags = ("has_cover", "has_caption", "is_reply", "is_duet", "is_stitch")
    mine = []
    for i in range(600):
        row: dict[str, object] = {flag: bool(rng.integers(0, 2)) for flag in flags}
        row |= {"duration_s": float(rng.integers(5, 90)), "hashtags": int(rng.integers(0, 9))}
        sizes = sum((0.3 + 0.1 * n) * bool(row[flag]) for n, flag in enumerate(flags))
        mean = np.exp(sizes + 0.5 * np.log(float(str(row["duration_s"]))) - 1)
        views = int(5000 * np.exp(rng.normal(0, 0.2)))
        mine.append({"video": f"v{i}", "views": views, "new_followers": rng.poisson(mean), **row})
    summary = summary_of(mine, n=0)
    assert len(summary.lines) == MOST_LINES
    assert summary.asked == 9  # two heights of each curve
    sureness = [abs(line.estimate) / (line.high - line.low) for line in summary.lines]
    assert sureness == sorted(sureness, reverse=True)
    assert all(line.low * line.high > 0 for line in summary.lines)


STATES = {
    "no follower counts": [{**row, "new_followers": None} for row in rows(40, 2)],
    "one video": rows(1, 2),
    "only positive counts": [{**r, "new_followers": 1 + i % 2} for i, r in enumerate(rows(40, 2))],
    "no views": [{**row, "views": 0, "new_followers": 0} for row in rows(12, 2)],
}


@pytest.mark.parametrize(
    ("state", "videos", "rate_why", "question"),
    [
        ("no follower counts", 40, NO_COUNTS, REACH),
        ("one video", 1, "", None),
        ("only positive counts", 40, POSITIVE_ONLY, REACH),
        ("no views", 12, NO_COUNTS, None),
    ],
)
def test_every_state_has_its_words(state, videos, rate_why, question):
    summary = summary_of(STATES[state])
    assert (summary.videos, summary.rate_why, summary.question) == (videos, rate_why, question)
    assert bool(summary.rate) == (not rate_why)
    assert bool(summary.spread) == bool(summary.rate)
    assert summary.lines == ()
    assert summary.lines_why
    assert "{" not in summary.lines_why + summary.rate_why + summary.spread_why


@pytest.mark.parametrize(
    ("mine", "toml", "why"),
    [
        ([{**row, "is_promoted": True} for row in rows(12, 2)], TOML, PROMOTED),
        (rows(12, 2), TOML + b"use_in_model = false\n", NOT_IN_MODEL),
    ],
    ids=["promoted", "out of the models"],
)
def test_who_is_not_in_the_pool_is_told_why(mine, toml, why):
    summary = summary_of(mine, toml=toml)
    assert (summary.videos, summary.rate, summary.spread, summary.lines) == (0, None, None, ())
    assert summary.rate_why == summary.lines_why == f"{NO_VIDEOS}: {why}"


def test_a_creator_who_withdrew_and_an_empty_pool():
    gone = summarize(pool(others(3), {}), "me")
    empty = summarize(pool([], {}), "me")
    assert (gone.rate_why, empty.rate_why) == (NO_VIDEOS, NO_VIDEOS)
    assert (gone.videos, empty.videos) == (0, 0)
