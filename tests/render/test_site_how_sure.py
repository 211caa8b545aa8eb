"""How sure are we, as a page of the site: its numbers, its charts, and every state of the pool."""

import dataclasses
import html
import math
import re
from html.parser import HTMLParser
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from pipeline.analysis.diagnostics.diagnostics import Diagnostics, Silence
from pipeline.analysis.diagnostics.lines import AnalysedLine, lines
from pipeline.analysis.prediction.tables import AFTERWARDS, BEFORE, CREATORS, VIDEOS, Score
from pipeline.analysis.replication.stored import stored
from pipeline.analysis.robustness.choices import ZERO_TRAP
from pipeline.inference.published_line import Verdict
from pipeline.inference.results import Results
from pipeline.render.charts.model_skill import league_alone
from pipeline.render.charts.ranges import WIDEST, RatioMark, ranges
from pipeline.render.charts.rows import EDGE, WIDTH
from pipeline.render.charts.specification_curve import curve, legend_alone, reach_of
from pipeline.render.charts.theme import CLEAR_INK, LIKELY_INK, TRUTH, UNTOLD_INK
from pipeline.render.diagnostics.prediction import LeaderboardTable, leagues
from pipeline.render.diagnostics.robustness import held
from pipeline.render.site.how_sure import zero_trap
from pipeline.render.site.how_sure.page import page, predicted
from pipeline.render.site.how_sure.robustness import MOST_CARDS, MOST_LINES, asked, kept
from pipeline.render.site.layout.chart import inline
from pipeline.render.site.layout.context import Edition
from pipeline.render.text.numbers import ratio
from support.diagnostics import HOSTILE, all_named, made_up
from support.drawing import drawing, points

pytestmark = pytest.mark.slow  # whole pages are rendered

WIDEST_PHONE = 335  # pixels: a phone of 375 with its margins
MIDDLE, SPAN = 6 + WIDTH / 2, WIDTH / 2 - EDGE  # pixels of a scale, beyond the margin of 6


def text_of(findings: Results, sure: Diagnostics | None) -> str:
    return page(Edition(findings, sure, [], {}, "")).decode()


def words_of(source: str) -> str:
    """What a reader sees, in one line; no-break spaces are blanks."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", source)).split())


class Tables(HTMLParser):
    """The rows of every table by its caption, as texts of cells; and all names of attributes."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.rows: list[list[str]] = []
        self.caption = self.cell = ""
        self.inside = False
        self.attributes: set[str] = set()
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes |= {name for name, _ in attrs}
        if tag == "table":
            self.rows, self.caption = [], ""
        elif tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th", "caption"):
            self.inside, self.cell = True, ""

    def handle_data(self, data: str) -> None:
        self.cell += data if self.inside else ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "caption":
            self.caption = self.cell
        elif tag in ("td", "th"):
            self.rows[-1].append(" ".join(self.cell.split()))
        elif tag == "table":
            self.tables[f"{self.caption} {len(self.tables)}"] = self.rows
        self.inside = self.inside and tag not in ("td", "th", "caption")


@pytest.fixture(scope="module")
def six(pools) -> tuple[Results, Diagnostics, str]:
    findings = likely(pools["six"])
    sure = made_up(findings)
    return findings, sure, text_of(findings, sure)


def likely(findings: Results) -> Results:
    """The findings, with every line that is tested said to be likely."""
    answers = tuple(
        dataclasses.replace(
            answer,
            estimates=tuple(
                dataclasses.replace(e, verdict=Verdict.LIKELY) if e.p_value is not None else e
                for e in answer.estimates
            ),
        )
        for answer in findings.answers
    )
    return dataclasses.replace(findings, answers=answers)


# --- the numbers


def test_each_line_s_numbers_are_those_of_its_rows(six):
    findings, sure, text = six
    tables = [t for name, t in Tables(text).tables.items() if name.startswith("Ratios of ")]
    assert len(tables) == len(findings.answers)
    for answer, table in zip(findings.answers, tables, strict=True):
        analysed = lines(findings, sure, answer.question.name)
        assert len(table) - 1 == min(len(analysed), MOST_LINES)
        for line, row in zip(analysed, table[1:], strict=False):
            own, step = line.rows[0], line.variable.step
            others = [r for r in line.rows[1:] if not r.trap and r.estimate is not None]
            same = sum(
                math.copysign(1, r.estimate) == math.copysign(1, own.estimate) for r in others
            )
            assert row[1] == ratio(math.exp(own.estimate * step))
            assert row[2] == f"{same} of {len(others)}"
            like = [r.estimate for r in (own, *others) if r.estimator == own.estimator or (
                "log1p" not in (r.estimator, own.estimator))]  # fmt: skip
            ends = [ratio(math.exp(x * step)) for x in (min(like), max(like))]
            assert row[4] == " to ".join(ends)


def test_leaving_out_a_creator_is_as_in_the_rows(six):
    findings, sure, text = six
    tables = [t for name, t in Tables(text).tables.items() if "Without one creator" in name]
    assert len(tables) == len(findings.answers)
    shown = [row for table in tables for row in table[1:]]
    by_question = [lines(findings, sure, a.question.name)[:MOST_LINES] for a in findings.answers]
    analysed = [line for part in by_question for line in part if line.estimate.creators >= 3]
    assert 0 < len(analysed) < sum(map(len, by_question))
    for line, row in zip(analysed, shown, strict=True):
        step, moved = line.variable.step, line.influence
        ends = [ratio(math.exp(x * step)) for x in (moved.lowest, moved.highest)]
        assert row[2] == " to ".join(ends)
        assert row[3] == f"{moved.same_sign} of {moved.creators}"
        named = moved.most_influential in row[4]
        assert named is (line.estimate.creators >= 5)


def test_the_summary_counts_what_is_clear_or_likely(six):
    findings, sure, text = six
    summary = kept(held(findings, sure))
    named = [row for each in held(findings, sure) for row in each.named]
    assert summary["named"] == len(named) > 4
    assert summary["same"] == sum(r["holding"].same == r["holding"].estimated for r in named)
    assert summary["same"] < summary["named"]
    assert f"Of {summary['named']} comparisons that are clear or likely" in words_of(text)


def test_the_league_s_numbers_are_those_of_the_scores(six):
    _, sure, text = six
    for league in leagues(sure):
        tables = Tables(text).tables.items()
        table = next(t for name, t in tables if name.rsplit(" ", 1)[0] == league.title)
        assert [row[0] for row in table[1:]] == [row["name"] for row in league.rows]
        assert [row[1] for row in table[1:]] == ["10", "0", "−20"]


def test_2022_is_told_from_the_stored_figures(six):
    text, seen = six[2], stored()
    for trap, shown in (
        (seen["observed"]["zeros_true"], "3.1 (1.6 to 6.0)"),
        (seen["observed"]["zeros_missing"], "1.0 (0.34 to 3.0)"),
        (seen["zeros_filled"], "0.81 (0.60 to 1.1)"),
    ):
        digits = [f"{trap[k]:.2g}" for k in ("ratio", "low", "high")]
        assert [float(x) for x in re.findall(r"[0-9.]+", shown)] == list(map(float, digits))
        assert shown in words_of(text)
    table = next(t for name, t in Tables(text).tables.items() if "corrects one more thing" in name)
    stands = ["all six", "views, shares", "views, shares", "shares, length", "shares", "shares",
              "views", "nothing"]  # fmt: skip
    assert [row[2] for row in table[1:]] == stands


def league(held_out: str, known: str, *skills: tuple, creators: int = 5) -> LeaderboardTable:
    """A league of models with a skill, its ends, and why."""
    rows = tuple(
        Score(known, held_out, model, "skill", value, low, high, 9, creators, why)
        for model, value, low, high, why in skills
    )
    return LeaderboardTable(
        held_out, known, tuple(r for r in rows if r.value is not None), rows, ()
    )


@pytest.mark.parametrize(
    ("models", "expected"),
    [
        (league(VIDEOS, BEFORE, ("own-mean", 0.0, None, None, "")),
         "Before posting: no. Nothing we tried beats guessing the creator’s usual number."),
        (league(CREATORS, AFTERWARDS, ("poisson", -0.1, -0.2, 0.1, "")),
         "After posting: no. Nothing we tried beats guessing the usual number of the others."),
        (league(VIDEOS, BEFORE, ("poisson", 0.2, 0.1, 0.3, "")),
         ("Before posting: yes. Our best guess is off by 20 % less than the creator’s usual number"
         " (95 % range: 10 % to 30 %).")),
        (league(VIDEOS, AFTERWARDS, ("random-forest", 0.39, 0.27, 0.5, "")),
         ("After posting, numbers such as its views help: the guess is off by 39 % less"
         " (95 % range: 27 % to 50 %).")),
        (league(VIDEOS, AFTERWARDS, ("poisson", 0.2, -0.05, 0.3, ""), creators=4),
         ("After posting: can’t tell yet. Our best guess is off by 20 % less than the creator’s"
         " usual number, but that may be luck (95 % range: 5.0 % more to 30 % less, as if videos"
         " were independent).")),
        (league(VIDEOS, BEFORE, ("poisson", 0.2, None, None, "")),
         ("Before posting: can’t tell yet. Our best guess is off by 20 % less than the creator’s"
         " usual number; we can’t say how sure that is.")),
        (league(CREATORS, BEFORE, ("poisson", None, None, None, "there are too few")),
         "Before posting: can’t tell (there are too few)."),
    ],
)  # fmt: skip
def test_what_is_predicted_is_said_in_plain_words(models, expected):
    assert predicted(models).replace("\u00a0", " ") == expected


def test_two_plain_sentences_stay_open_and_the_rest_is_folded(six):
    _, sure, text = six
    open_part = words_of(re.sub(r"<details.*?</details>", "", text, flags=re.DOTALL))
    before, after = (predicted(x).replace("\u00a0", " ") for x in leagues(sure)[:2])
    assert open_part.count(after) == 1
    assert open_part.count(before) == 2  # at the top, too
    for technical in ("regression", "R²", "RMSE", "HC0", "Skill", "Poisson"):
        assert technical not in open_part
        assert technical in words_of(text)


def test_no_heading_stands_twice(six):
    headings = [
        words_of(each) for each in re.findall(r"<h[1-6][^>]*>.*?</h[1-6]>", six[2], re.DOTALL)
    ]
    assert len(headings) > 30
    assert sorted(set(headings)) == sorted(headings)


# --- the charts


def charts(text: str) -> list[ElementTree.Element]:
    pictures = re.findall(r"<svg class=\"chart\".*?</svg>", text, re.DOTALL)
    return [ElementTree.fromstring(each) for each in pictures]  # noqa: S314  # our own


def test_every_chart_is_narrow_and_says_what_it_shows(six):
    pictures = charts(six[2])
    assert len(pictures) > 15
    for chart in pictures:
        assert float(chart.attrib["width"]) <= WIDEST_PHONE
        assert len(chart.attrib["aria-label"]) > 40
        simulated = "Simulated creators" in " ".join(chart.itertext())
        of_2022 = "in 2022" in chart.attrib["aria-label"]
        card = "our way gives" in chart.attrib["aria-label"]  # the legend above says it of all
        assert simulated is not (of_2022 or card)


def test_the_text_of_a_card_says_the_finding(six):
    findings, sure, text = six
    row = held(findings, sure)[0].named[0]
    labels = [chart.attrib["aria-label"] for chart in charts(text)]
    counts = f"{row['holding'].same} of {row['holding'].estimated} other ways point the same way"
    first = next(each for each in labels if "our way gives" in each)
    assert f"our way gives {row['published']}. {counts}" in first


def dots(svg: bytes, colour: str) -> int:
    """The dots of a colour: as many as its path has moves."""
    paths = [each.look for each in drawing(svg) if each.look.get("stroke") == colour]
    return sum(path["d"].count("M") for path in paths if "transform" not in path)


def test_a_curve_has_a_dot_for_each_analysis(six):
    findings, sure, _ = six
    line = lines(findings, sure, "followers")[0]
    svg = curve(line, reach_of([line]))
    estimated = [row for row in line.rows if row.estimate is not None and not row.trap]
    by = [
        sum(row.estimator == name for row in estimated) for name in ("negative binomial", "log1p")
    ]
    assert [dots(svg, LIKELY_INK), dots(svg, TRUTH)] == by
    assert dots(svg, CLEAR_INK) == len(estimated) - sum(by)


def test_what_is_not_compared_has_no_curve(six):
    findings, sure, _ = six
    line = lines(findings, sure, "followers")[0]
    assert curve(dataclasses.replace(line, rows=line.rows[:1]), 2.0) is None
    assert league_alone([], []) is None


def test_a_legend_breaks_into_rows_and_stays_narrow(six):
    findings, sure, _ = six
    svg = legend_alone(lines(findings, sure, "followers"), "Simulated creators")
    root = ElementTree.fromstring(svg)  # noqa: S314  # our own
    assert float(root.attrib["width"]) <= WIDEST_PHONE
    words = [" ".join(each.itertext()) for each in root.iter() if each.tag.endswith("text")]
    assert {"Simulated creators", "our way", "other ways", "as in 2022"} <= set(words)


@pytest.mark.parametrize(
    ("row", "reach"),
    [
        (RatioMark("dot", 12.0), 12.0),
        (RatioMark("cross", 2.0, cross=1 / 13), 13.0),
        (RatioMark("bar", 2.0, interval=(0.5, 99.0)), WIDEST),
        (RatioMark("bar", 2.0, within=(1 / 99, 3.0), interval=(1, 3)), WIDEST),
    ],
)
def test_the_axis_reaches_to_every_mark_and_cuts_long_bars(row, reach):
    (mark,) = points(ranges([row, RatioMark("this", 4.0, firm=False)]), UNTOLD_INK)
    share = math.log(4) / math.log(1.04 * reach)
    assert mark.x == pytest.approx(MIDDLE + SPAN * share, abs=0.06)


def test_no_dot_of_a_card_is_beyond_its_axis(six):
    findings, sure, _ = six
    analysed = lines(findings, sure, "followers")
    far = dataclasses.replace(analysed[0].rows[-1], estimate=2.5 / analysed[0].variable.step)
    wild = dataclasses.replace(analysed[0], rows=(*analysed[0].rows, far))
    most = max(
        abs(row.estimate) * line.variable.step
        for line in (wild, analysed[1])
        for row in line.rows
        if row.estimate is not None
    )
    assert most >= 2.5
    assert math.log(reach_of([wild, analysed[1]]) / 1.1) == pytest.approx(most, abs=1e-3)


@pytest.mark.parametrize(("value", "share"), [(1.0, 0.0), (4.0, 2 / 3), (1 / 4, -2 / 3)])
def test_a_ratio_stands_at_its_place_on_a_log_scale(value, share):
    rows = [
        RatioMark("wide", 1.0, interval=(1 / WIDEST, WIDEST)),
        RatioMark("this", value, firm=False),
    ]
    (mark,) = points(ranges(rows), UNTOLD_INK)
    expected = MIDDLE + SPAN * share * math.log(WIDEST) / math.log(WIDEST * 1.04)
    assert mark.x == pytest.approx(expected, abs=0.06)


def test_leagues_beside_each_other_share_an_axis(six):
    tables = leagues(six[1])
    narrow = [s for s in tables[0].skills if s.model != "boosting"]
    own = league_alone(narrow, [])
    assert league_alone(narrow, tables[0].skills) != own
    assert league_alone(narrow, narrow) == own


def test_a_drawing_loses_what_only_its_tags_say():
    svg = (
        b'<svg version="1.1" width="9" height="9" viewBox="0 0 9 9"><g class="a" role="b">'
        b'<text font-family="x" fill="red">class="c" &lt;b role="d"&gt;</text></g></svg>'
    )
    assert inline(svg, 'says "so"') == (
        '<svg class="chart" role="img" aria-label="says &#34;so&#34;" width="9" height="9"'
        ' viewBox="0 0 9 9"><g><text fill="red">class="c" &lt;b role="d"&gt;</text></g></svg>'
    )


# --- the zero trap, today


def test_the_trap_is_told_of_the_line_that_it_moves_most(six):
    findings, sure, text = six
    questions = held(findings, sure)
    story = zero_trap.of_today(findings, questions)
    named = [row["line"] for row in questions[0].named]

    def moved(line: AnalysedLine) -> float:
        trap = next(row for row in line.rows if row.trap == ZERO_TRAP)
        return abs(trap.estimate - line.rows[0].estimate) * line.variable.step

    most = max(named, key=moved)
    trap = next(row for row in most.rows if row.trap == ZERO_TRAP)
    assert story.readings[0].ratio == ratio(most.variable.ratio(most.rows[0].estimate))
    assert story.readings[-1].ratio == ratio(most.variable.ratio(trap.estimate))
    assert story.readings[-1].words == "Read as zeros"
    assert f"Read as zeros, it would be {story.readings[-1].ratio}" in words_of(text)


def test_without_blanks_there_is_no_trap(six):
    findings, sure, _ = six
    rows = tuple(row for row in sure.specifications if row.trap != ZERO_TRAP)
    noted = dataclasses.replace(sure, specifications=rows)
    assert zero_trap.of_today(findings, held(findings, noted)) is None
    assert "no blank to misread" in text_of(findings, noted)


# --- the states

STATES = {  # the pool → what its page has to say, and what it must not
    "nobody": (["No video is in the pool yet", "3.1 ×"], ["Does it hold?", "Files"]),
    "one": (
        ["one account", "three ways", "fewer than three creators"],
        ["Whose data is it?", "Is it true for you?", "clear or likely"],
    ),
    "three": (
        ["No comparison is clear or likely", "Whose data is it?", "We can’t tell"],
        ["are clear or likely"],
    ),
    "six": (["These numbers are simulated", "Pointing the same way everywhere is no proof"], []),
}


@pytest.mark.parametrize("state", STATES)
def test_the_page_makes_sense_in_every_state(state, pools):
    findings = pools[state]
    text = text_of(findings, made_up(findings))
    there, absent = STATES[state]
    words = words_of(re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL))
    assert [each for each in there if each not in words] == []
    assert [each for each in absent if each in words] == []
    assert not re.search(r"\bnan\b|\bNone\b(?! of)|undefined|\binf\b|Markup|&amp;#|\*\*", text)
    assert text_of(findings, made_up(findings)) == text
    levels = [int(level) for level in re.findall(r"<h([1-6])", text)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


@pytest.mark.parametrize("state", STATES)
def test_without_rows_it_says_how_to_have_them_and_tells_of_2022(state, pools):
    text = words_of(text_of(pools[state], None))
    assert ("was not computed in this run" in text) is (state != "nobody")
    assert ("python -m pipeline report computes it" in text) is (state != "nobody")
    assert "2022: one sheet, three answers" in text
    assert "robustness.csv" not in text_of(pools[state], None)


def test_silences_say_why(pools):
    why = "too few videos with a follower count"
    sure = Diagnostics(silences=(Silence("robustness", "followers", why),
                              Silence("robustness", "signals", why),
                              Silence("prediction", "", "nothing is noted")))  # fmt: skip
    text = text_of(pools["six"], sure)
    words = words_of(text)
    assert "Nothing can be compared: no comparison has an estimate" in words
    assert "Nothing could be predicted: nothing is noted." in words
    assert f"robustness followers, signals {why}" in words
    assert 'id="silent"' in text


def test_of_two_creators_nobody_is_left_out(pools):
    findings = pools["three"]
    two = dataclasses.replace(
        findings,
        pool=dataclasses.replace(
            findings.pool,
            videos=findings.pool.videos[
                findings.pool.videos["creator"].isin(findings.pool.creators[:2])
            ],
        ),
    )
    assert len(two.pool.creators) == 2
    text = words_of(text_of(two, made_up(findings)))
    assert "With two creators nobody can be left out" in text
    assert "moves each one most" not in text
    assert all(asked(two, each, named_only=False).left_out is None
               for each in held(two, made_up(findings)))  # fmt: skip


# --- hostile text, and size


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_are_text(text, pools):
    findings, sure = likely(pools["six"]), made_up(pools["six"])
    evil = dataclasses.replace(
        sure,
        specifications=tuple(dataclasses.replace(r, level=text) for r in sure.specifications),
        influences=tuple(
            dataclasses.replace(r, level=text, most_influential=text) for r in sure.influences
        ),
        scores=tuple(dataclasses.replace(r, model=text, why=text) for r in sure.scores),
        silences=(Silence(text, text, text),),
    )
    written = text_of(findings, evil)
    assert "&amp;#" not in written
    assert " ".join(text.split()) in words_of(written)
    assert set(re.findall(r"<([a-z0-9]+)", written)) <= set(
        re.findall(r"<([a-z0-9]+)", text_of(likely(pools["six"]), sure))
    )
    assert [name for name in Tables(written).attributes if name.startswith("on")] == []


def test_the_page_does_not_grow_with_creators_or_subjects(pools):
    findings, sure = pools["six"], made_up(pools["six"])
    findings = all_named(findings, "a line")
    many = dataclasses.replace(
        sure,
        specifications=tuple(
            dataclasses.replace(row, level=f"{row.level} {n}")
            for row in sure.specifications
            for n in range(20)
        ),
        personals=tuple(
            dataclasses.replace(row, creator=f"{row.creator}-{n}" if row.creator else "")
            for row in sure.personals
            for n in range(50)
        ),
    )
    text = text_of(findings, many)
    for table in Tables(text).tables.values():
        assert len(table) <= MOST_LINES + 1
    assert text.count('<article class="card">') <= MOST_CARDS * len(findings.answers)
    assert len(text) < 550_000
    assert "more comparisons: in" in words_of(text)


def test_nothing_of_the_page_is_markdown(six):
    words = words_of(six[2])
    assert not re.search(r"\*\*|\]\(|^#|\|--", words)
