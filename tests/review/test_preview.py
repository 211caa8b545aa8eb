"""The preview against full fits of the new pool, and what is said where there is none."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from pipeline.dataset.pool import Pool, pool
from pipeline.inference.estimates import estimates, standard_errors
from pipeline.inference.published_line import Estimate
from pipeline.model.design import design
from pipeline.model.fit import fit
from pipeline.model.fit_result import Fit
from pipeline.model.questions import (
    CONVERSION,
    FOLLOWERS,
    QUESTIONS,
    REACH,
    SIGNALS,
    Model,
    Part,
    Question,
)
from pipeline.model.reasons import Reason
from pipeline.model.sample import INFINITE, TREND
from pipeline.model.variables import Variable
from pipeline.review.estimate_changes import Consequence, EstimateChange, Shown
from pipeline.review.preview import (
    AGAINST,
    FIRST_REAL,
    GONE,
    LAST_REAL,
    NEW,
    SAYS,
    preview,
)
from simulations.whole import simulated
from support.contribution import ROOT, TOML
from support.pool import accepted

pytestmark = pytest.mark.slow  # whole pools are fitted


@pytest.fixture(scope="module", autouse=True)
def _unweighed() -> Iterator[None]:
    """Leave every row in: what one row alone may do is tested in test_dominance."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.model.dominant_rows.FEWEST", 10**9)
        yield


@pytest.fixture(scope="module")
def twelve() -> Pool:
    return simulated(9, 700, 3)


def kept(whole: Pool, rows: "pd.Series[bool]") -> Pool:
    return replace(whole, videos=whole.videos[rows].reset_index(drop=True))


def less(whole: Pool, creator: str) -> Pool:
    return kept(whole, whole.videos["creator"] != creator)


def half(whole: Pool, creator: str) -> Pool:
    mine = whole.videos["creator"] == creator
    return kept(whole, ~mine | (mine.cumsum() % 2 == 0))


def renamed(whole: Pool, creator: str) -> Pool:
    names = whole.videos["creator"].replace(creator, f"{creator}-anew")
    videos = whole.videos.assign(creator=names).sort_values("creator", kind="stable")
    return replace(whole, videos=videos.reset_index(drop=True))


def ten_views_more(whole: Pool, creator: str) -> Pool:
    views = whole.videos["views"].copy()
    views[views[whole.videos["creator"] == creator].idxmax()] += 10
    return replace(whole, videos=whole.videos.assign(views=views))


def covers_seen_more(whole: Pool, creator: str) -> Pool:
    mine = (whole.videos["creator"] == creator) & whole.videos["has_cover"].fillna(value=False)
    views = whole.videos["views"].mask(mine, whole.videos["views"] * 3)
    return replace(whole, videos=whole.videos.assign(views=views))


def median_creator(whole: Pool) -> str:
    sizes = whole.videos["creator"].value_counts().sort_index().sort_values(kind="stable")
    return str(sizes.index[len(sizes) // 2])


def consequence_of(consequences: tuple[Consequence, ...], question: Question) -> Consequence:
    return next(each for each in consequences if each.question == question)


def line_of(consequence: Consequence, name: str) -> EstimateChange:
    return next(line for line in consequence.lines if line.variable.name == name)


def reported(whole: Pool, question: Question) -> dict[Variable, Estimate]:
    fitted = fit(design(whole.videos, question))
    assert isinstance(fitted, Fit)
    return {each.variable: each for each in estimates(fitted) if each.is_tested}


def same(shown: Shown | None, line: Estimate | None) -> bool:
    mine = (None,) * 5
    if shown is not None:
        mine = (shown.estimate, shown.std_error, shown.low, shown.high, shown.df)
    other = (None,) * 5
    if line is not None:
        other = (line.estimate, line.std_error, line.ci_low, line.ci_high, line.df)
    return all(
        (a is None) == (b is None) and (a is None or b is None or a == pytest.approx(b, abs=1e-10))
        for a, b in zip(mine, other, strict=True)
    )


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.name)
def test_what_was_before_is_what_the_report_says(twelve, median_exchanged, question):
    consequence = consequence_of(median_exchanged("withdrawn"), question)
    report = reported(twelve, question)
    lines = {line.variable: line for line in consequence.lines if line.variable in report}
    assert set(lines) == set(report)
    assert all(same(line.before, report[variable]) for variable, line in lines.items())
    assert any(line.before and line.before.std_error for line in lines.values())
    for variable, line in lines.items():
        estimate = report[variable]
        assert (line.videos_before, line.creators_before) == (estimate.videos, estimate.creators)


EXCHANGES = {
    "a new creator": lambda whole, who: (less(whole, who), whole),
    "withdrawn": lambda whole, who: (whole, less(whole, who)),
    "more rows": lambda whole, who: (half(whole, who), whole),
    "fewer rows": lambda whole, who: (whole, half(whole, who)),
    "renamed": lambda whole, who: (whole, renamed(whole, who)),
    "one cell": lambda whole, who: (whole, ten_views_more(whole, who)),
    "three times the views": lambda whole, who: (whole, covers_seen_more(whole, who)),
}


def exchanged(kind: str, whole: Pool, who: str) -> tuple[Consequence, ...]:
    before, after = EXCHANGES[kind](whole, who)
    return preview(before, after, {who, *({*after.creators} - {*before.creators})})


@pytest.fixture(scope="module")
def median_exchanged(twelve) -> Callable[[str], tuple[Consequence, ...]]:
    """Exchange what the median creator of the twelve has, each way once."""
    return cache(lambda kind: exchanged(kind, twelve, median_creator(twelve)))


@pytest.fixture(scope="module", params=[2, 3])
def four(request) -> Pool:
    """Few creators, of whom one carries most of many lines; and levels without a follower."""
    return simulated(4, 120, request.param)


@pytest.fixture(scope="module")
def four_renamed(four) -> list[tuple[Consequence, ...]]:
    """The previews of each of the four under another name."""
    return [exchanged("renamed", four, who) for who in four.creators]


def is_heavy(line: EstimateChange) -> bool:
    return bool(line.before and line.weight and line.weight > 0.5)


@pytest.mark.parametrize("kind", ["renamed", "one cell"])
def test_who_hardly_changes_anything_changes_nothing_material(four, four_renamed, kind):
    heavy = 0
    one_cell = (exchanged(kind, four, who) for who in four.creators)
    for consequences in four_renamed if kind == "renamed" else one_cell:
        for consequence in consequences:
            lines = [line for line in consequence.lines if line.before]
            assert (consequence.is_material, consequence.unseen) == (False, ())
            assert not any(line.is_material for line in consequence.lines)
            assert lines
            assert all(line.after for line in lines)
            assert consequence.is_touched or (
                kind != "renamed" and consequence.question in (CONVERSION, SIGNALS)
            )
            if consequence.question.model is not Model.LEAST_SQUARES:
                heavy += sum(is_heavy(line) for line in lines)
    assert heavy > 1


def test_who_is_renamed_leaves_every_number_as_it_was(four_renamed):
    for consequences in four_renamed:
        for line in (line for consequence in consequences for line in consequence.lines):
            before, after = (asdict(shown) if shown else {} for shown in (line.before, line.after))
            assert after == pytest.approx(before, abs=1e-7)


def test_who_changes_much_of_what_they_carry_is_told_by_the_next_report(four):
    withheld = {CONVERSION: [], FOLLOWERS: []}
    for who in four.creators:
        consequences = exchanged("three times the views", four, who)
        assert not any(consequence_of(consequences, exact).unseen for exact in (REACH, SIGNALS))
        for question in withheld:
            consequence = consequence_of(consequences, question)
            assert consequence.unseen == tuple(line for line in consequence.lines if line.is_unseen)
            withheld[question] += consequence.unseen
        lines = consequence_of(consequences, CONVERSION).lines
        shown = [line for line in lines if is_heavy(line) and line.after]
        with_error = [line for line in shown if line.after.std_error]
        assert all(abs(line.change) <= 0.1 * line.after.std_error for line in with_error)
    for lines in withheld.values():
        reasons = {(line.why, line.after, line.is_material) for line in lines}
        assert (SAYS[Reason.HEAVY], None, False) in reasons
        assert {why for why, _, _ in reasons} <= {SAYS[Reason.HEAVY], SAYS[Reason.OPEN]}
    names = {line.variable.name for lines in withheld.values() for line in lines}
    assert "has_cover: yes" in names


def unnoted_seen_more(whole: Pool, creator: str) -> Pool:
    """Three times the views of a creator's covers, where followers were not noted."""
    mine = (whole.videos["creator"] == creator) & whole.videos["new_followers"].isna()
    covers = mine & whole.videos["has_cover"].fillna(value=False)
    views = whole.videos["views"].mask(covers, whole.videos["views"] * 3)
    return replace(whole, videos=whole.videos.assign(views=views))


def test_views_of_videos_without_a_follower_count_are_part_of_the_product(twelve):
    """They change reach, exactly; conversion does not have them."""
    unnoted = twelve.videos["new_followers"].isna() & twelve.videos["has_cover"].eq(other=True)
    who = str(twelve.videos.loc[unnoted, "creator"].value_counts().idxmax())
    consequences = preview(twelve, unnoted_seen_more(twelve, who), [who])
    followers, reach, conversion = (
        consequence_of(consequences, each) for each in (FOLLOWERS, REACH, CONVERSION)
    )
    assert [each.is_touched for each in (followers, reach, conversion)] == [True, True, False]
    assert not any(each.unseen for each in consequences)
    cover, seen = (line_of(each, "has_cover: yes") for each in (followers, reach))
    assert abs(seen.change) > 0.02
    assert cover.change == pytest.approx(seen.change, abs=1e-9)
    report = reported(unnoted_seen_more(twelve, who), FOLLOWERS)
    assert all(same(line.after, report.get(line.variable)) for line in followers.lines)


@pytest.mark.parametrize("kind", EXCHANGES)
def test_a_product_is_the_sum_of_its_factors(kind, median_exchanged):
    consequences = median_exchanged(kind)
    product, reach, conversion = (
        consequence_of(consequences, each) for each in (FOLLOWERS, REACH, CONVERSION)
    )
    assert product.approximate == conversion.approximate == conversion.is_touched
    summed = 0
    for line in product.lines:
        parts = [
            each for factor in (reach, conversion) for each in factor.lines
            if each.variable == line.variable
        ]  # fmt: skip
        for shown in ("before", "after"):
            mine, *theirs = (getattr(each, shown) for each in (line, *parts))
            if mine and len(theirs) == 2 and all(theirs):
                summed += 1
                assert mine.estimate == pytest.approx(sum(t.estimate for t in theirs), abs=1e-9)
                errors = [t.std_error for t in theirs]
                if mine.std_error and all(errors):
                    least, most = abs(errors[0] - errors[1]), sum(errors)
                    assert least * (1 - 1e-9) <= mine.std_error <= most * (1 + 1e-9)
        if None not in (line.without, *(each.without for each in parts)) and len(parts) == 2:
            total = sum(each.without for each in parts)
            assert line.without == pytest.approx(total, abs=1e-9)
    assert summed > 20


@pytest.mark.parametrize("kind", EXCHANGES)
def test_least_squares_are_exact_whoever_changes(twelve, kind, monkeypatch):
    """Levels come and go with the creators, and become or stop being rare."""
    monkeypatch.setattr("pipeline.review.preview.QUESTIONS", (SIGNALS, REACH))
    came, went, weights = 0, 0, np.zeros((0, 2))
    is_whole = kind in ("a new creator", "more rows")
    exact = {SIGNALS: "likes", REACH: "duration_s: 60"}
    reports = {question: reported(twelve, question) for question in exact}
    for who in twelve.creators[:: 1 if is_whole else 4]:
        consequences, new = exchanged(kind, twelve, who), EXCHANGES[kind](twelve, who)[1]
        reports = reports if is_whole else {each: reported(new, each) for each in exact}
        for question, report in reports.items():
            consequence = consequence_of(consequences, question)
            lines = {line.variable: line for line in consequence.lines}
            assert not consequence.approximate
            assert set(report) <= set(lines)
            for variable, line in lines.items():
                assert same(line.after, report.get(variable)), (who, variable.name)
                if variable in report:
                    now = (line.videos_after, line.creators_after)
                    assert now == (report[variable].videos, report[variable].creators)
            came += sum(line.why == NEW for line in consequence.lines)
            went += sum(line.why == GONE for line in consequence.lines)
        row = [
            line_of(consequence_of(consequences, each), name).weight or 0
            for each, name in exact.items()
        ]
        weights = np.vstack([weights, row])
    if kind == "a new creator":
        assert weights.sum(axis=0) == pytest.approx(1, abs=1e-9)
        assert came > 0
    if kind == "withdrawn":
        assert went > 0
        assert not weights.any()


def test_without_a_new_creator_is_what_was_before(median_exchanged):
    for consequence in median_exchanged("a new creator"):
        lines = [line for line in consequence.lines if line.before and line.after]
        same_model = {line.variable for line in lines} == {x.variable for x in consequence.lines}
        assert lines
        for line in lines if same_model else ():
            assert line.without == pytest.approx(line.before.estimate, abs=1e-8)


def test_without_an_edited_creator_is_a_fit_of_the_others(twelve):
    who = twelve.creators[0]
    consequence = consequence_of(preview(twelve, half(twelve, who), [who]), SIGNALS)
    alone = reported(less(twelve, who), SIGNALS)
    others = fit(design(half(twelve, who).videos, SIGNALS))
    assert isinstance(others, Fit)
    row = others.sample.creators.index(who)
    for line in consequence.lines:
        if line.without is not None and line.variable in others.variables:
            at = others.variables.index(line.variable)
            assert line.without == pytest.approx(others.left_out.estimates[row, at], abs=1e-9)
    assert alone


def test_a_reference_that_changes_is_another_comparison(twelve):
    """Two creators carry info; one gives it up, and so it is rare and no reference any more."""
    first, second = twelve.creators[0], twelve.creators[2]
    is_info = twelve.videos["category"] == "info"
    two = twelve.videos["creator"].isin([first, second])
    videos = twelve.videos.assign(
        category=twelve.videos["category"].mask(is_info & ~two, "tutorial")
    )
    videos.loc[videos.index[two][:30], "category"] = "info"
    videos.loc[videos.index[videos["creator"] == second][:12], "category"] = "info"
    before = replace(twelve, videos=videos)
    mine = videos["creator"] == second
    changed = videos["category"].mask(mine & (videos["category"] == "info"), "tutorial")
    after = replace(twelve, videos=videos.assign(category=changed))
    consequence = consequence_of(preview(before, after, [second]), SIGNALS)
    report = reported(after, SIGNALS)
    vlog = line_of(consequence, "category: vlog")
    assert vlog.why == AGAINST.format(before="against info", after=vlog.variable.unit)
    assert (vlog.before, vlog.is_material) == (None, vlog.after is not None)
    assert all(same(line.after, report.get(line.variable)) for line in consequence.lines)


def errors(creators: int, pools: int) -> Iterator[tuple[str, float, float]]:
    """By how much a preview of a new creator of median size errs, in standard errors."""
    for seed in range(100, 100 + pools):
        whole = simulated(creators + 1, 100 * (creators + 1), seed)
        who = median_creator(whole)
        for consequence in preview(less(whole, who), whole, [who]):
            full = fit(design(whole.videos, consequence.question))
            exact = consequence.question.model is Model.LEAST_SQUARES
            if exact or not isinstance(full, Fit) or consequence.why:
                continue
            assert consequence.approximate
            truth = zip(full.variables, full.blocks.estimate, standard_errors(full), strict=True)
            whole_fit = {variable: (estimate, error) for variable, estimate, error in truth}
            for line in consequence.lines:
                if line.after and line.after.std_error and line.variable in whole_fit:
                    estimate, error = whole_fit[line.variable]
                    off = abs(line.after.estimate - estimate) / error
                    yield consequence.question.name, off, line.after.std_error / error


@pytest.mark.parametrize(
    ("creators", "pools", "middle", "high", "most", "ratio"),
    [
        pytest.param(10, 4, 0.06, 0.2, 0.6, 0.15, id="10 creators, 4 pools"),
        pytest.param(30, 1, 0.02, 0.04, 0.1, 0.03, id="30 creators, 1 pool"),
    ],
)
def test_one_step_is_near_the_full_fit(creators, pools, middle, high, most, ratio):
    """One scoring step, at the dispersion of the base: near, and less so than Newton's would be.

    Of lines that are shown 0.03 to 0.04 of a standard error with 10 creators (median; 0.13 in 95 %,
    at most 0.35), 0.01 with 30 (0.03; 0.05). Nobody moves most of a line unnoticed.
    """
    table = pd.DataFrame(errors(creators, pools), columns=["question", "off", "ratio"])
    assert set(table["question"]) == {"followers", "conversion"}
    for _, each in table.groupby("question"):
        assert len(each) > 10 * pools
        assert each["off"].median() < middle
        assert each["off"].quantile(0.95) < high
        assert each["off"].max() < most
        assert each["ratio"].quantile([0.05, 0.95]).between(1 - ratio, 1 + ratio).all()


NOTHING = {
    "stays out of the models": (TOML + b"use_in_model = false\n", 60),
    "captured too young": (TOML, 3),
}


@pytest.mark.parametrize("kind", NOTHING)
def test_a_pull_request_that_adds_nothing_changes_nothing(kind):
    toml, age = NOTHING[kind]
    rng = np.random.default_rng(8)
    base = [accepted(name, rows_of(rng, 40, 60)) for name in ("ana", "ben", "cleo", "dan", "eve")]
    new = accepted("zoe", rows_of(rng, 20, age), toml)
    before, after = pool(base, {}), pool([*base, new], {})
    for consequence in preview(before, after, ["zoe"]):
        assert consequence.lines
        assert (consequence.is_touched, consequence.is_material, consequence.approximate) == (
            False,
            False,
            False,
        )
        assert consequence.videos_after == consequence.videos_before
        for line in consequence.lines:
            assert not line.is_material
            if line.before and line.after:
                assert line.change == pytest.approx(0, abs=1e-9)
                assert line.weight == 0


def rows_of(rng: np.random.Generator, n: int, age: int) -> list[dict[str, object]]:
    posted = pd.Timestamp("2026-02-01")
    views = rng.integers(200, 3000, n)
    return [
        {
            "video": f"v{i}",
            "views": int(views[i]),
            "likes": int(views[i] // 20 + rng.integers(0, 9)),
            "new_followers": int(rng.poisson(views[i] / 900)),
            "duration_s": float(rng.integers(8, 90)),
            "category": ("info", "tutorial", "humor")[rng.integers(0, 3)],
            "has_cover": bool(rng.integers(0, 2)),
            "posted_on": posted,
            "captured_on": posted + pd.Timedelta(days=age),
        }
        for i in range(n)
    ]


@pytest.fixture(scope="module")
def real() -> dict[str, object]:
    rng = np.random.default_rng(9)
    return {name: accepted(name, rows_of(rng, 40, 60)) for name in ("ana", "ben", "cleo", "dan")}


SIMULATED = TOML + b"simulated = true\n"


def test_the_first_real_creator_begins_the_report_anew(real):
    rng = np.random.default_rng(1)
    shown = [accepted(f"example-{x}", rows_of(rng, 30, 60), SIMULATED) for x in "abc"]
    before, after = pool(shown, {}), pool([*shown, real["ana"]], {})
    there, back = preview(before, after, ["ana"]), preview(after, before, ["ana"])
    assert {(f.why, f.is_material, f.lines) for f in there} == {(FIRST_REAL, True, ())}
    assert {(f.why, f.is_material, f.lines) for f in back} == {(LAST_REAL, True, ())}


def test_a_real_folder_that_is_not_counted_keeps_the_simulated_ones_out(real):
    rng = np.random.default_rng(1)
    shown = [accepted(f"example-{x}", rows_of(rng, 30, 60), SIMULATED) for x in "abc"]
    only, red = pool(shown, {}), pool(shown, {}, ["ana"])
    mended = pool([*shown, real["ana"]], {})
    assert {f.why for f in preview(only, red, ["ana"])} == {FIRST_REAL}
    assert {f.why for f in preview(red, only, ["ana"])} == {LAST_REAL}
    for then, now in ((red, mended), (mended, red), (red, red)):
        assert not {f.why for f in preview(then, now, ["ana"])} & {FIRST_REAL, LAST_REAL}


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ([], ["ana"], "no estimate yet (too few"),
        (["ana"], [], "one creator's videos"),
        (["ana"], ["ana", "ben"], "one creator's videos"),
        (["ana", "ben"], ["ana"], "no longer an estimate: one creator's videos"),
    ],
    ids=["into nothing", "leaves nothing", "the second", "but one leaves"],
)
def test_where_there_is_no_shared_estimate_it_says_why(real, before, after, reason):
    old, new = (pool([real[name] for name in names], {}) for names in (before, after))
    for consequence in preview(old, new, sorted({*before} ^ {*after})):
        assert reason in consequence.why
        assert (consequence.lines, consequence.is_material) == ((), True)
        assert consequence.videos_after == 40 * len(after)


def test_all_may_leave(real):
    everyone = pool(list(real.values()), {})
    for consequence in preview(everyone, pool([], {}), list(real)):
        assert "no longer an estimate" in consequence.why
        assert (consequence.videos_after, consequence.creators_after) == (0, 0)


def test_a_creator_who_dominates_is_told_by_the_next_report_only(real):
    rng = np.random.default_rng(5)
    huge = accepted("zed", rows_of(rng, 2000, 60))
    consequences = preview(pool(list(real.values()), {}), pool([*real.values(), huge], {}), ["zed"])
    for each in consequences:
        if each.question.model is not Model.LEAST_SQUARES:
            assert {line.why for line in each.lines} == {SAYS[Reason.HEAVY]}
            assert min(line.weight for line in each.lines) > 0.5
            assert (each.unseen, each.is_material) == (each.lines, True)
        else:
            assert {line.why for line in each.lines} == {SAYS[Reason.MOSTLY_ONE]}


def test_a_line_of_one_creator_is_not_told_and_a_second_one_tells_it(real):
    rng = np.random.default_rng(6)
    stitched = [
        accepted(
            name, [{**row, "is_stitch": i % 3 == 0} for i, row in enumerate(rows_of(rng, 40, 60))]
        )
        for name in ("yan", "zoe")
    ]
    before = pool([*real.values(), stitched[0]], {})
    after = pool([*real.values(), *stitched], {})
    line = line_of(consequence_of(preview(before, after, ["zoe"]), REACH), "is_stitch: yes")
    assert (line.before, line.creators_before, line.creators_after) == (None, 1, 2)
    assert line.after is not None
    assert (line.after.std_error, line.is_material) == (None, True)
    back = line_of(consequence_of(preview(after, before, ["zoe"]), REACH), "is_stitch: yes")
    assert (back.after, back.why, back.is_material) == (None, SAYS[Reason.ONE_CREATOR], True)
    is_stitch = before.videos["is_stitch"].fillna(value=False).astype(bool)
    views = before.videos["views"].mask(is_stitch, before.videos["views"] * 9)
    seen = replace(before, videos=before.videos.assign(views=views))
    more = line_of(consequence_of(preview(before, seen, ["yan"]), REACH), "is_stitch: yes")
    assert more.weight > 0.5
    assert (more.after, more.why, more.is_unseen) == (None, SAYS[Reason.ONE_CREATOR], False)


def test_a_level_without_events_has_no_preview():
    """Nobody's duets brought a follower; then somebody's do, and the next report tells."""
    rng = np.random.default_rng(7)

    def creator(name: str, *, brings: bool) -> object:
        rows = rows_of(rng, 40, 60)
        for i, row in enumerate(rows):
            row["is_duet"] = i % 13 == 0
            if row["is_duet"]:
                row["new_followers"] = 2 if brings else 0
        return accepted(name, rows)

    base = [creator(name, brings=False) for name in ("ana", "ben", "cleo", "dan", "eve", "fay")]
    before, after = pool(base, {}), pool([*base, creator("zoe", brings=True)], {})
    still = pool([*base, creator("zoe", brings=False)], {})
    line = line_of(consequence_of(preview(before, after, ["zoe"]), FOLLOWERS), "is_duet: yes")
    assert (line.before, line.after, line.why, line.is_material) == (
        None,
        None,
        SAYS[Reason.OPEN],
        False,
    )
    assert line.is_unseen
    line = line_of(consequence_of(preview(before, still, ["zoe"]), FOLLOWERS), "is_duet: yes")
    assert (line.after, line.why) == (None, INFINITE.format(event="follower"))
    assert not line.is_unseen
    others = consequence_of(preview(before, still, ["zoe"]), FOLLOWERS)
    report = fit(design(still.videos, FOLLOWERS))
    for each in others.lines:
        if each.after and each.after.std_error:
            at = report.variables.index(each.variable)
            assert (
                abs(each.after.estimate - report.blocks.estimate[at]) < 0.1 * each.after.std_error
            )


SURE = Shown(0.5, 0.1, 0.3, 0.7, 8.0)
OPEN_LINE = Shown(0.05, 0.1, -0.15, 0.25, 8.0)
MATERIAL = {
    "nothing moves": (SURE, SURE, False),
    "a quarter of the error is not passed": (SURE, Shown(0.52, 0.1, 0.32, 0.72, 8.0), False),
    "a quarter of the error is passed": (SURE, Shown(0.53, 0.1, 0.33, 0.73, 8.0), True),
    "the error shrinks by a tenth": (SURE, Shown(0.5, 0.089, 0.32, 0.68, 8.0), True),
    "the error grows by less": (SURE, Shown(0.5, 0.109, 0.28, 0.72, 8.0), False),
    "the interval reaches no difference": (
        Shown(0.2, 0.1, 0.001, 0.4, 8.0), Shown(0.199, 0.1, -0.001, 0.399, 8.0), True,
    ),
    "the sign turns": (
        Shown(0.01, 0.1, -0.19, 0.21, 8.0), Shown(-0.01, 0.1, -0.21, 0.19, 8.0), True,
    ),
    "the sign turns about nothing": (
        Shown(0.001, 0.1, -0.2, 0.2, 8.0), Shown(-0.001, 0.1, -0.2, 0.2, 8.0), False,
    ),
    "it comes": (None, SURE, True),
    "it goes": (SURE, None, True),
    "it is not there": (None, None, False),
    "it gets an interval": (Shown(0.5), SURE, True),
    "a ratio without interval, by 4 %": (Shown(0.5), Shown(0.54), False),
    "a ratio without interval, by 12 %": (Shown(0.5), Shown(0.62), True),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after", "expected"), MATERIAL.values(), ids=MATERIAL)
def test_what_is_material(before, after, expected):
    variable = Variable("has_cover", "yes", "yes against no", Part.LEVER, "a cover")
    shift = EstimateChange(variable, before, after, None, 9, 9, 6, 6, 0.1, "")
    assert shift.is_material is expected
    touched = Consequence(REACH, 9, 9, 6, 6, (shift,), "", approximate=False, is_touched=True)
    assert touched.is_material is expected
    assert not replace(touched, is_touched=False).is_material
    unseen = replace(touched, lines=(replace(shift, is_unseen=True),))
    assert (unseen.is_material, len(unseen.unseen), touched.unseen) == (True, 1, ())


def test_a_turn_is_of_the_sign_and_not_of_the_noise():
    variable = Variable("has_cover", "yes", "yes against no", Part.LEVER, "a cover")
    shift = EstimateChange(variable, OPEN_LINE, Shown(-0.05, 0.1), None, 9, 9, 6, 6, 0.1, "")
    assert shift.turns
    assert (shift.change, shift.error_ratio) == (pytest.approx(-0.1), pytest.approx(1))
    assert not replace(shift, before=Shown(0.004, 0.1), after=Shown(-0.005, 0.1)).turns


def test_values_are_plain_numbers(twelve):
    who = twelve.creators[1]
    for consequence in preview(less(twelve, who), twelve, [who]):
        for line in consequence.lines:
            values = [line.without, line.weight, line.videos_before, line.creators_after]
            for shown in (line.before, line.after):
                values += [shown.estimate, shown.std_error, shown.low, shown.df] if shown else []
            assert {type(value) for value in values} <= {float, int, type(None)}


def test_neither_piece_imports_what_is_slow():
    code = (
        "import sys, pipeline.review.preview, pipeline.analysis.creators.summary\n"
        "print([n for n in ('statsmodels', 'altair', 'jinja2') if n in sys.modules])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "[]"


def test_what_changed_only_with_time_has_the_reason_of_the_report():
    """Everybody came to use covers one day, and has trends: growth could do the same."""
    rng = np.random.default_rng(8)
    folders = []
    for name in ("ana", "ben", "cleo", "dan", "eve", "zoe"):
        rows = rows_of(rng, 20, 60)
        days = [
            {
                "posted_on": pd.Timestamp("2026-02-01") - pd.Timedelta(days=90 * (i < 10)),
                "has_cover": i >= 10,
            }
            for i in range(20)
        ]
        folders.append(accepted(name, [row | more for row, more in zip(rows, days, strict=True)]))
    before, after = pool(folders[:-1], {}), pool(folders, {})
    consequences = preview(before, after, ["zoe"])
    for question in (FOLLOWERS, REACH):
        cover = line_of(consequence_of(consequences, question), "has_cover: yes")
        assert (cover.after, cover.why) == (None, TREND)
        assert reported(after, question)[cover.variable].why == TREND
