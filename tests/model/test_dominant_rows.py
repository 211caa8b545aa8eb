"""One row that would decide a question alone leaves it, and is named; honest ones stay."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import brentq

from pipeline.analysis.prediction.folds import sample_of
from pipeline.dataset.pool import pool
from pipeline.inference.results import gather
from pipeline.model.design import design
from pipeline.model.dominant_rows import FEWEST, QuestionRows, deciding, expected_outcome
from pipeline.model.exclusions import DOMINANT
from pipeline.model.fit_result import Fit
from pipeline.model.questions import CONVERSION, FOLLOWERS, QUESTIONS, REACH, SIGNALS, Question
from pipeline.model.variables import Variable
from pipeline.render.markdown import estimates
from pipeline.render.review import impact as rendered
from pipeline.render.review import impact_json
from pipeline.render.text.escape import code, markdown
from pipeline.review.estimate_changes import Shown
from pipeline.review.impact import Impact
from pipeline.review.incremental_fit import fit_base
from pipeline.review.preview import preview, published_lines
from simulations.whole import simulated
from support.pool import accepted

pytestmark = pytest.mark.slow  # whole pools are fitted

TIME = 1_716_940_800_000  # milliseconds, as a clock writes them
MOST_MOVED = 2.0  # half-widths of a published interval, by any one row


@pytest.fixture(scope="module")
def videos() -> pd.DataFrame:
    return simulated(6, 240, 11).videos


def with_cells(videos: pd.DataFrame, row: int, cells: dict[str, float]) -> pd.DataFrame:
    changed = {}
    for name, value in cells.items():
        column = videos[name].copy()
        column.iloc[row] = value
        changed[name] = column
    return videos.assign(**changed)


def places(videos: pd.DataFrame, question: Question) -> list[int]:
    return [int(row) for row in design(videos, question).dominant]


def asked_row(videos: pd.DataFrame) -> int:
    """A row in the middle that every question can use, of a creator with many."""
    sizes = videos.groupby("creator")["creator"].transform("size")
    usable = set.intersection(*(set(design(videos, q).rows.tolist()) for q in QUESTIONS))
    return sorted(usable, key=lambda row: (-sizes.iloc[row], row))[len(usable) // 4]


ABSURD = {
    "a time in views": ({"views": TIME}, {REACH, SIGNALS}),
    "the most views there may be": ({"views": 10**10}, {REACH, SIGNALS}),
    "a length of almost nothing": ({"duration_s": 1e-20}, {*QUESTIONS}),
    "followers of a whole country": (
        {"views": 10**10, "new_followers": 10**9},
        {FOLLOWERS, REACH, CONVERSION, SIGNALS},
    ),
}


@pytest.mark.parametrize(("cells", "questions"), ABSURD.values(), ids=ABSURD)
def test_an_absurd_cell_takes_its_row_from_the_question_and_nothing_else(videos, cells, questions):
    row = asked_row(videos)
    changed = with_cells(videos, row, cells)
    for question in questions:
        before, built = design(videos, question), design(changed, question)
        new = set(built.dominant.tolist()) - set(before.dominant.tolist())
        assert new == {row}
        assert dict(built.account.left_out)[DOMINANT] == len(built.dominant)
        assert row not in built.rows
        account = built.account
        assert account.rows_in == account.rows_used + sum(n for _, n in account.left_out)


def half_width(videos: pd.DataFrame, question: Question, column: str, level: str) -> float:
    line = next(
        t for v, t in published(videos, question).items() if (v.term, v.level) == (column, level)
    )
    assert line.low is not None
    return (line.high - line.low) / 2


@pytest.mark.parametrize(
    ("column", "level", "value", "question"),
    [
        ("views", "", 10**10, SIGNALS),
        ("duration_s", "10", 1e-3, REACH),
        ("duration_s", "60", 1e6, REACH),
    ],
)
def test_no_interval_comes_to_hang_on_one_row(column, level, value, question):
    """Such a row tells most of what is known of its number, and nothing that is so."""
    videos = simulated(6, 400, 4).videos
    before = half_width(videos, question, column, level)
    for row in design(videos, question).rows[::50].tolist():
        changed = with_cells(videos, row, {column: value})
        assert half_width(changed, question, column, level) < 1.5 * before


def test_hardly_any_example_is_absurd():
    whole = simulated(14, 1000, 2022).videos
    alone = {q.name: len(places(whole, q)) for q in QUESTIONS}
    assert alone["reach"] == 0
    assert max(alone.values()) <= 1


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.name)
def test_the_order_of_rows_is_of_no_account(videos, question):
    changed = with_cells(videos, asked_row(videos), {"views": 10**10, "duration_s": 1e-20})
    order = np.random.default_rng(3).permutation(len(changed))
    mixed = changed.iloc[order].reset_index(drop=True)
    assert sorted(order[places(mixed, question)]) == places(changed, question)


def counts(outcome: list[float], group: list[int], dispersion: float = 0.0) -> QuestionRows:
    n = len(outcome)
    return QuestionRows(
        np.zeros((n, 0)), np.array(outcome, float), np.ones(n), np.array(group), dispersion
    )


PAIRS = [0, 0] + [1] * 20 + [2] * 20
EVEN = [10.0, 30.0] * 20


@pytest.mark.parametrize(
    ("outcome", "group", "leave"),
    [
        ([1e9, 20, *EVEN], PAIRS, [0]),  # of two rows alike but for the sign, the one far away
        ([20, 1e9, *EVEN], PAIRS, [1]),
        ([1e9, 1e5, *EVEN], PAIRS, [0]),  # the other one is alone then, and tells nothing
        ([10, 20, *EVEN[:-2], 1e9, 1e5], PAIRS, [40, 41]),
        ([10, 20, *EVEN], PAIRS, []),
        ([0, 0, *[0.0] * 39, 1e9], PAIRS, []),  # nothing to compare with
        ([1e9, *EVEN[: FEWEST - 2]], [0] * (FEWEST - 1), []),
        ([1e9, *EVEN[: FEWEST - 1]], [0] * FEWEST, [0]),
        ([], [], []),
    ],
)
def test_the_row_that_is_far_leaves(outcome, group, leave):
    assert np.flatnonzero(deciding(counts(outcome, group))).tolist() == leave


@pytest.mark.parametrize("size", [0.3, 0.9, 1.0, 1.1, 30.0])
def test_no_large_row_hides_another(size):
    """Two that are alike are no measure of each other, and a new one brings none back."""
    group = [*(n % 5 for n in range(240)), 0, 1, 2, 3]
    large = [1e6, 1e6, 9e5, 1e6 * size]
    rows = counts([*[10.0, 30.0] * 120, *large], group)
    assert np.flatnonzero(deciding(rows)).tolist() == [240, 241, 242, 243]
    without = counts([*[10.0, 30.0] * 120, *large[:3]], group[:243])
    assert np.flatnonzero(deciding(without)).tolist() == [240, 241, 242]


def test_one_account_may_have_a_heavy_tail():
    """Shaped as the account of 2022: one video has half of all views, the next a fifth."""
    views = [300_000.0, 130_000, 30_000, 12_000, 11_000, 10_000, 6_000, 5_000]
    small = np.geomspace(3000, 200, 182).round().tolist()
    rows = counts([*views, *small], [0] * 190)
    assert not deciding(rows, is_alone=True).any()
    assert np.flatnonzero(deciding(rows)).tolist() == [0, 1, 2]
    absurd = counts([1e10, *views, *small], [0] * 191)
    assert np.flatnonzero(deciding(absurd, is_alone=True)).tolist() == [0]


@pytest.mark.parametrize("views", [1e5, 1e8, 1e12])
@pytest.mark.parametrize("followers", [0.0, 40.0])
def test_a_giant_exposure_does_not_take_the_other_rows_away(views, followers):
    """In a dispersed count it hardly counts itself, and must not set the rate of the others."""
    rng = np.random.default_rng(7)
    exposure = np.append(rng.lognormal(6, 1, 240), views)
    outcome = np.append(rng.poisson(exposure[:-1] * 0.005 * rng.gamma(2, 0.5, 240)), followers)
    group = np.append(np.arange(240) % 6, 0)
    rows = QuestionRows(np.zeros((241, 0)), outcome.astype(float), exposure, group, 1.0)
    assert not deciding(rows).any()
    assert views < 1e8 or deciding(replace(rows, dispersion=0.0))[-1]


@pytest.mark.parametrize("dispersion", [0.3, 1.0, 5.0])
def test_what_is_expected_of_a_dispersed_count_is_the_others_rate_weighed_as_in_the_fit(dispersion):
    """The weights are those at the creator's own NB2 level, found here by a root finder."""
    rng = np.random.default_rng(8)
    exposure = rng.lognormal(5, 1.5, 60)
    outcome = rng.poisson(exposure * 0.02 * rng.gamma(2, 0.5, 60)).astype(float)
    group = np.arange(60) % 3
    rows = QuestionRows(np.zeros((60, 0)), outcome, exposure, group, dispersion)
    for g in range(3):
        y, e = outcome[group == g], exposure[group == g]
        rate = brentq(
            lambda r, y=y, e=e: ((y - r * e) / (1 + dispersion * r * e)).sum(), 1e-9, 10, xtol=1e-15
        )
        w = 1 / (1 + dispersion * rate * e)
        for i, expected in enumerate(expected_outcome(rows)[group == g]):
            rest = np.arange(20) != i
            others = (w * y)[rest].sum() / (w * e)[rest].sum()
            assert expected == pytest.approx(e[i] * others, rel=1e-6)


def published(videos: pd.DataFrame, question: Question) -> dict[Variable, Shown]:
    base = fit_base(design(videos, question))
    assert not isinstance(base, str), base
    return {
        name: line.shown
        for name, line in published_lines(base.view).items()
        if line.shown is not None
    }


EXTREMES: list[dict[str, float]] = [
    {"views": 30_000},
    {"views": 10**6},
    {"views": 10**10},
    {"duration_s": 1e-20},
    {"duration_s": 3600},
    {"likes": 10**10},
    {"new_followers": 100},
    {"new_followers": 10**10, "views": 10**10},
    {"views": 10**6, "new_followers": 10**4, "duration_s": 3600, "shares": 10**6},
]


def moved(videos: pd.DataFrame, rows: list[int]) -> list[float]:
    """How far each published line moves, in half-widths of its interval before."""
    shifts = []
    for question in QUESTIONS:
        before = published(videos, question)
        used = {question.outcome, question.exposure, *(term.column for term in question.terms)}
        for row in rows:
            for cells in EXTREMES:
                if used.isdisjoint(cells):
                    continue
                after = published(with_cells(videos, row, cells), question)
                for name in before.keys() & after.keys():
                    old, new = before[name], after[name]
                    if old.low is not None and old.high is not None:
                        half = (old.high - old.low) / 2
                        shifts.append(abs(new.estimate - old.estimate) / half)
    return shifts


def test_no_single_row_moves_the_lines_of_others_far(videos):
    assert max(moved(videos, [asked_row(videos)])) < MOST_MOVED


@pytest.mark.parametrize("seed", [0, 1])
def test_no_single_row_of_many_pools_moves_the_lines_of_others_far(seed):
    whole = simulated(*((6, 240), (14, 700))[seed % 2], seed).videos
    rows = np.random.default_rng(seed).choice(len(whole), 2, replace=False)
    assert max(moved(whole, rows.tolist())) < MOST_MOVED


def folders() -> list[object]:
    rng = np.random.default_rng(4)
    made = []
    for name in ("ana", "ben", "cleo", "dan", "eva", "fay"):
        views = np.exp(rng.normal(6, 1, 30)).round()
        rows = [
            {
                "video": f"v{i}",
                "views": int(seen),
                "new_followers": int(rng.poisson(3)),
                "duration_s": float(rng.uniform(8, 60)),
                "has_cover": bool(i % 2),
                "category": ("info", "humor")[i % 3 == 0],
            }
            for i, seen in enumerate(views)
        ]
        made.append(accepted(name, rows))
    return made


def test_a_pull_request_with_an_absurd_cell_is_told_which_row_is_left_out():
    ana, *others = folders()
    captures = ana.captures.copy()
    captures.loc[4, "views"] = TIME
    wrong = replace(ana, captures=captures)
    consequences = preview(pool(others, {}), pool([*others, wrong], {}), ["ana"])
    reach = next(each for each in consequences if each.question == REACH)
    assert (reach.why, reach.set_aside) == ("", ("a.csv:6",))
    assert reach.is_touched
    assert reach.is_material
    assert len(reach.lines) > 1
    effect = Impact(consequences, (), (), is_new=True)
    markdown, text = "".join(rendered.sections(effect)), "\n".join(rendered.lines(effect))
    for rendering, place in ((markdown, code("a.csv:6")), (text, "a.csv:6")):
        assert place in rendering
        assert "alone would decide too much of the answer" in rendering
        assert "no material change" not in rendering.split("What gets seen?")[-1].split("\n")[0]
    (value,) = (q for q in impact_json.value(effect)["questions"] if q["question"] == "reach")
    assert value["set_aside"] == ["a.csv:6"]
    again = preview(pool([*others, wrong], {}), pool([*others, wrong], {}), ["ana"])
    assert not any(each.is_touched or each.set_aside for each in again)


def test_what_cannot_be_previewed_never_stands_beside_no_material_change():
    ana, *others = folders()
    consequences = preview(pool(others, {}), pool([*others, ana], {}), ["ana"])
    for each in consequences:
        lines = tuple(replace(line, before=line.after, is_unseen=True) for line in each.lines)
        for unseen in (lines, (replace(lines[0], is_unseen=False), *lines[1:])) if lines else ():
            whole = Impact((replace(each, lines=unseen),), (), (), is_new=True)
            both = "".join(rendered.sections(whole)) + "\n".join(rendered.lines(whole))
            assert "cannot be previewed" in both
            assert "no material change" not in both.lower()
            assert impact_json.value(whole)["is_material"]


def test_the_report_names_the_row_and_every_stage_leaves_it_out():
    ana, *others = folders()
    captures = ana.captures.copy()
    captures.loc[4, "views"] = 10**10
    findings = gather([*others, replace(ana, captures=captures)], {}, {})
    page = estimates.page(findings).decode()
    assert f"*Reach*: {markdown('a.csv:6')} is left out, since one such row alone" in page
    assert f"not in *reach*: {DOMINANT}" in page
    pooled = findings.pool.videos
    (at,) = np.flatnonzero(pooled["views"] == 10**10)
    assert 10**10 not in sample_of(pooled).views
    for answer in findings.answers:
        if answer.question in (FOLLOWERS, REACH, CONVERSION):
            assert isinstance(answer.fit, Fit)
            for each in answer.fit.factors or (answer.fit,):
                assert (at in each.sample.rows) == (at not in each.design.dominant)
            assert (at in answer.fit.design.dominant) == (answer.question != CONVERSION)
