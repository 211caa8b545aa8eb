"""The page of the history: steps told by the rule, sets of one kind only, and names as they are."""

import itertools
import re
from dataclasses import replace
from html import unescape

import pytest

from pipeline.analysis.history import history_csv
from pipeline.analysis.history.changes import RECENT, SetDifference
from pipeline.inference.published_line import Verdict
from pipeline.inference.results import Results
from pipeline.render.charts.history_steps import HEIGHT, LABEL, Moment, history_figure
from pipeline.render.diagnostics.sentences import stands_out
from pipeline.render.labels.levers import contrast
from pipeline.render.site.history import page as history
from pipeline.render.site.history.page import alike
from pipeline.render.site.history.series import (
    MOVED,
    STEADY,
    SURE,
    UNSURE,
    UNTOLD,
    Set,
    ShownSets,
    step,
)
from pipeline.render.site.layout.context import Edition
from support.drawing import drawing, points, rules
from support.results import findings_of

pytestmark = pytest.mark.slow  # whole pages are rendered

BEFORE = ("a", "90", "9", "reach", "has_cover", "yes", "0.2", "-0.1", "0.5")


@pytest.fixture(scope="module")
def real(results_of) -> Results:
    return results_of(6, 300)


@pytest.fixture(scope="module")
def invented(simulated_results_of) -> Results:
    return simulated_results_of(6, 300)


def rows_of(findings: Results) -> history_csv.History:
    return history_csv.read_history(history_csv.history(findings, [])) or []


def earlier(findings: Results, name: str, **changes: str) -> history_csv.History:
    """An earlier set: today's lines under another name, cells changed."""
    at = {column: place for place, column in enumerate(history_csv.HISTORY)}
    renamed = []
    for row in rows_of(findings):
        cells = [*row]
        for column, value in ({"inputs": name} | changes).items():
            cells[at[column]] = value if cells[at[column]] or column == "inputs" else ""
        renamed.append(tuple(cells))
    return renamed


def edition(findings: Results, *sets: history_csv.History, causes=None) -> Edition:
    rows = [row for each in sets for row in each]
    return Edition(findings, None, [*rows, *rows_of(findings)], causes or {})


def text_of(raw: bytes) -> str:
    page = raw.decode()
    main = page[page.index("<h1>") : page.index("</main>")]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", main)))


def row(estimate: str, low: str = "", high: str = "") -> tuple[str, ...]:
    return (*BEFORE[:6], estimate, low, high)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (row("0.5", "-0.1", "0.9"), STEADY),  # half the width exactly
        (row("0.51", "-0.1", "0.9"), MOVED),
        (row("-0.11", "-0.5", "0.3"), MOVED),
        (row("0.2", "0.01", "0.4"), SURE),
        (row("0.9", "0.5", "1.3"), SURE),
        (row("0.3"), STEADY),
        (row("0.9"), MOVED),
    ],
)
def test_a_step_is_told_by_the_rule(after, expected):
    assert step(BEFORE, after) == expected


def test_what_was_sure_may_be_so_no_more_and_what_had_no_interval_cannot_be_judged():
    assert step(row("0.4", "0.1", "0.7"), row("0.4", "-0.1", "0.9")) == UNSURE
    assert step(row("-0.4", "-0.7", "-0.1"), row("-0.4", "-0.9", "0.1")) == UNSURE
    assert step(row("0.2"), row("0.9", "0.5", "1.3")) == UNTOLD


def test_a_first_set_has_no_chart(real):
    page = history.page(edition(real)).decode()
    assert "This is the first update." in page
    assert "<svg class" not in page


def test_a_pool_without_results_says_so(tmp_path):
    (tmp_path / "c").mkdir()
    nobody = findings_of(tmp_path / "c")
    assert "There are no results yet" in text_of(history.page(Edition(nobody, None, [])))


def test_each_asked_line_of_two_sets_is_told_and_drawn_if_it_says_something(real):
    first = earlier(real, "a", videos="120", creators="5", estimate="0", ci_low="-9", ci_high="9")
    shown = edition(real, first, causes={"a": SetDifference(False)})
    page = history.page(shown).decode()
    stories = ShownSets(shown).stories
    drawn = re.findall(r'<svg class="chart" role="img" aria-label="([^"]*)"', page)
    says_something = [s for s in stories if s.moved or stands_out(s.line)]
    assert 0 < len(says_something) < len(stories)
    assert sorted(map(unescape, drawn)) == sorted(s.words for s in says_something)
    tabled = re.findall(r'<tr><th scope="row">(.*?)</th>', page)
    assert sorted(map(unescape, tabled)) == sorted(contrast(s.line.variable) for s in stories)
    advised_lines = {
        (answer.question.name, line.variable.term, line.variable.level)
        for answer in real.answers
        for line in answer.estimates
        if line.is_tested and line.estimate is not None and answer.question.advice
    }
    advised = [story for story in stories if story.answer.question.advice]
    assert len(advised) == len(advised_lines) > 20
    assert {story.line.variable.term for story in stories if story not in advised} <= {
        "views", "likes", "comments", "shares", "saves", "watched_full_pct", "avg_watch_s",
    }  # fmt: skip
    some = next(story for story in advised if story.step == STEADY)
    assert some.words.count("From 1.00\u00a0× to ") == 1
    assert [(m.videos, m.creators) for m in some.moments] == [(120, 5), (len(real.pool.videos), 6)]


def test_if_nothing_moved_all_charts_are_folded(real):
    answers = [
        replace(a, estimates=tuple(replace(e, verdict=Verdict.LIKELY) for e in a.estimates))
        for a in real.answers
    ]
    likely = replace(real, answers=tuple(answers))  # what says nothing is not drawn
    page = history.page(
        edition(likely, earlier(likely, "a"), causes={"a": SetDifference(False)})
    ).decode()
    assert "Nothing has moved since the last update." in page
    assert '<h2 id="moved">' not in page
    unfolded = re.sub(r"<details.*?</details>", "", page, flags=re.DOTALL)
    assert '<svg class="chart"' in page
    assert '<svg class="chart"' not in unfolded


def test_what_moved_is_open_and_first_and_counted(real):
    first, few = earlier(real, "a"), {"duration_s", "has_cover"}
    moved = [r if r[4] not in few or not r[7] else (*r[:6], "7", "6.9", "7.1", r[9]) for r in first]
    shown = edition(real, moved, causes={"a": SetDifference(False)})
    stories = [story for story in ShownSets(shown).stories if story.moved]
    assert {story.line.variable.term for story in stories} == few
    page = history.page(shown).decode()
    there = page[page.index('<h2 id="moved">') : page.index('<h2 id="lines">')]
    assert "<details" not in there
    assert there.count('<svg class="chart"') == len(stories)
    drawn = [each for each in ShownSets(shown).stories if each.moved or stands_out(each.line)]
    assert page.count('<svg class="chart"') == len(drawn)
    assert f"{len(stories)} of {ShownSets(shown).sets[-1].comparable} comparisons moved" in page


def test_another_method_is_a_series_of_its_own(real):
    """Its numbers are not drawn, not counted, and said to be left out."""
    former = earlier(real, "a", estimate="7", ci_low="6.9", ci_high="7.1", method="Poisson")
    alone = edition(real, former, causes={"a": SetDifference(False)})
    assert ShownSets(alone).shown == (real.inputs,)
    assert ShownSets(alone).stories == ()
    page = text_of(history.page(alone))
    assert "This is the first update by today’s method." in page
    assert "1 earlier update was made by another method." in page
    assert "left out" not in page
    both = edition(
        real, former, earlier(real, "b"), causes=dict.fromkeys("ab", SetDifference(False))
    )
    assert ShownSets(both).shown == ("b", real.inputs)
    assert ShownSets(both).sets[-1].moved == 0
    assert "1 earlier update was made by another method." in text_of(history.page(both))


def test_a_question_whose_method_is_new_begins_where_it_is(real):
    changed = [
        row if row[3] != "reach" else (*row[:6], "7", "6.9", "7.1", "Poisson")
        for row in earlier(real, "a")
    ]
    shown = ShownSets(edition(real, changed, causes={"a": SetDifference(False)}))
    assert shown.former == frozenset()
    drawn = {story.answer.question.name for story in shown.stories}
    assert "followers" in drawn
    assert "reach" not in drawn


def test_no_heading_stands_twice(real):
    first = earlier(real, "a", estimate="7", ci_low="6.9", ci_high="7.1")
    page = history.page(edition(real, first, causes={"a": SetDifference(False)})).decode()
    headings = re.findall(r"<h[1-6][^>]*>(.*?)</h[1-6]>", page, re.DOTALL)
    assert len(headings) > 20
    assert sorted(set(headings)) == sorted(headings)


def made(videos: int, cause: SetDifference | None, creators: int = 5) -> Set:
    return Set("a", 1, videos, creators, cause, 0, 0)


RULES = SetDifference(True, is_told=True, edited=("the rules",))
FILES = SetDifference(True, is_told=True, changed=("ana",))


@pytest.mark.parametrize(
    ("videos", "cause", "expected"),
    [
        (9, RULES, "our method"),
        (9, FILES, "creators’ files"),
        (9, replace(RULES, others_changed=1), "creators’ files and our method"),
        (9, SetDifference(True, is_told=True), ""),
        (9, replace(RULES, joined=("ana",)), ""),
        (9, replace(RULES, others_joined=1), ""),
        (9, replace(RULES, left=1), ""),
        (8, RULES, ""),
        (9, SetDifference(True), ""),
        (9, None, ""),
    ],
)
def test_what_alone_changed_is_said_where_nobody_came_or_went(videos, cause, expected):
    assert alike([made(9, None), made(videos, cause)]) == expected
    assert alike([made(9, None)]) == ""


@pytest.mark.parametrize(
    ("causes", "expected"),
    [
        ((RULES, FILES), "creators’ files and our method"),
        ((RULES, SetDifference(True)), ""),
        ((RULES, None), ""),
        ((RULES, replace(FILES, joined=("bea",))), ""),
    ],
)
def test_what_alone_changed_is_said_of_all_updates_together(causes, expected):
    assert alike([made(9, each) for each in (None, *causes)]) == expected


def test_sets_of_more_creators_are_not_alike():
    assert alike([made(9, None), made(9, RULES, creators=6)]) == ""


def test_what_came_before_is_said_of_the_right_set(real):
    causes = {
        "a": SetDifference(False),
        "b": SetDifference(False, is_told=True, others_joined=1, left=2, edited=("the rules",)),
        real.inputs: SetDifference(
            False, is_told=True, joined=("real-amber",), changed=("real-birch",)
        ),
    }
    page = text_of(
        history.page(edition(real, earlier(real, "a"), earlier(real, "b"), causes=causes))
    )
    page = page[page.index("What came before each update") :]
    now, second, first = (page.index(f"Update {number} ") for number in (3, 2, 1))
    assert now < second < first
    assert "Joined: real-amber . Changed their files: real-birch ." in page[now:second]
    assert "Joined: 1 creator who is no longer here." in page[second:first]
    assert "Left the pool: 2 creators." in page[second:first]
    assert "Edited: the rules." in page[second:first]
    assert "The first update." in page[first:]


def test_without_git_a_real_past_is_not_drawn_for_it_may_be_simulated(real):
    page = text_of(history.page(edition(real, earlier(real, "a"))))
    assert "The past is not at hand." in page
    assert "1 earlier update is left out: their creators are not known to be real" in page
    assert ShownSets(edition(real, earlier(real, "a"))).shown == (real.inputs,)


def test_simulated_sets_are_never_drawn_beside_real_ones(real, invented):
    causes = {
        "a": SetDifference(True),
        "b": SetDifference(False, is_told=True, joined=("real-amber",), made_way=6),
    }
    sets = earlier(real, "a"), earlier(real, "b")
    past = ShownSets(edition(real, *sets, causes=causes))
    assert past.shown == ("b", real.inputs)
    assert "6 simulated creators, now that real ones are here" in text_of(
        history.page(past.edition)
    )
    other = edition(invented, *sets, causes={"b": SetDifference(False)})
    assert ShownSets(other).shown == ("a", invented.inputs)


def test_inputs_that_came_back_are_drawn_last(real):
    rows = [*rows_of(real), *earlier(real, "b")]
    shown = Edition(
        real,
        None,
        rows,
        {"b": SetDifference(False), real.inputs: SetDifference(False, is_told=True)},
    )
    assert ShownSets(shown).shown == ("b", real.inputs)


def test_no_more_than_the_latest_sets_are_shown(real):
    names = [f"{number:02}" for number in range(RECENT + 5)]
    causes = {name: SetDifference(False, is_told=True) for name in names}
    shown = edition(real, *(earlier(real, name) for name in names), causes=causes)
    assert ShownSets(shown).shown == (*names[6:], real.inputs)
    page = history.page(shown)
    assert "6 older ones can be found in history.csv" in text_of(page)
    head = re.search(r'<table class="ratios">.*?</thead>', page.decode(), re.DOTALL)[0]
    assert re.findall(r"Update ([0-9]+)", head) == [str(n) for n in range(RECENT + 1, RECENT + 7)]


def test_a_name_cannot_be_markup(real):
    evil = "<img src=x onerror=alert(1)>"
    causes = {
        "a": SetDifference(False),
        real.inputs: SetDifference(False, is_told=True, joined=(evil,)),
    }
    page = history.page(edition(real, earlier(real, "a"), causes=causes)).decode()
    assert "<img" not in page
    assert "<bdi>&lt;img src=x onerror=alert(1)&gt;</bdi>" in page


@pytest.mark.parametrize("sets", [2, 7, RECENT])
def test_a_chart_is_narrow_and_its_labels_do_not_touch(sets):
    moments = [Moment(100_000 + n, 900 + n, 1.2, 0.9, 1.5) for n in range(sets)]
    svg = history_figure(moments, Verdict.LIKELY)
    width = float(re.search(r'width="([0-9.]+)"', svg.decode())[1])
    assert width <= 343
    labels = {each.text: each.x for each in drawing(svg) if each.tag == "text"}
    places = [x for label, x in labels.items() if label.startswith("100,")]
    assert f"{100_000 + sets - 1:,}{900 + sets - 1}" in labels
    assert all(abs(a - b) >= LABEL - 0.2 for a, b in itertools.combinations(places, 2))
    assert min(places) - LABEL / 2 >= labels["videoscreators"] + 40
    assert max(places) <= width - 20


def test_a_set_that_cannot_tell_the_line_is_a_gap():
    known, untold = Moment(9, 5, 1.2, 0.9, 1.5), Moment(9, 5)

    def steps(moments):
        """The lengths of the path from set to set, across."""
        (path,) = (
            e.look["d"]
            for e in drawing(history_figure(moments, Verdict.LIKELY))
            if e.look.get("stroke-width") == "1.6"
        )
        return re.findall(r"[LHhl]", path)

    assert len(steps([known, known, known])) >= 2
    assert steps([known, untold, known]) == []
    assert len(points(history_figure([known, untold, known], Verdict.LIKELY))) == 2


def test_the_last_set_has_the_shape_of_the_verdict_in_its_colour():
    svg = history_figure(
        [Moment(9, 5, 1.2, 0.9, 1.5), Moment(12, 6, 1.3, 1.1, 1.4)], Verdict.LIKELY
    )
    first, last = points(svg)
    assert first.x < last.x
    assert (first.look["fill"], last.look["fill"]) == ("var(--likely)",) * 2
    assert "A" in first.look["d"]
    assert "A" not in last.look["d"]


def test_what_is_beyond_the_chart_is_drawn_at_its_edge():
    wild = history_figure([Moment(9, 5, 1e-9, 1e-13, 1e9), Moment(9, 5, 1.0)], Verdict.LIKELY)
    (rule,) = rules(wild, 2)
    assert abs(rule.end[1] - rule.y) == pytest.approx(HEIGHT, abs=6)


@pytest.mark.parametrize(("creators", "shown"), [("1", False), ("2", False), ("3", True)])
def test_a_set_of_one_or_two_creators_is_not_drawn_once_there_are_more(real, creators, shown):
    causes = {"a": SetDifference(simulated=False)}
    past = ShownSets(edition(real, earlier(real, "a", creators=creators), causes=causes))
    assert ("a" in past.shown) is shown
