"""The pages of creators: who has one, what it says in each state, and that it gives away nobody."""

import csv
import dataclasses
import io
import math
import re
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from pipeline.analysis.creators import summary
from pipeline.analysis.creators.pool_effect import pool_effects
from pipeline.analysis.creators.report import ASKED, creator_reports
from pipeline.analysis.diagnostics import creator_slopes
from pipeline.analysis.diagnostics.creator_slopes import Personal
from pipeline.analysis.diagnostics.diagnostics import Diagnostics
from pipeline.analysis.robustness.influence import influences
from pipeline.inference.results import Results
from pipeline.inference.thresholds import OTHER_CREATORS, SLOPE_CREATORS, SPREAD_CREATORS
from pipeline.render.charts.creator_charts import Marks, lines_figure
from pipeline.render.labels import table
from pipeline.render.site.creators import index
from pipeline.render.site.creators.comparisons import percent
from pipeline.render.site.creators.index import LITTLE, MUCH, UNTOLD, differ
from pipeline.render.site.creators.page import page
from pipeline.render.site.layout.context import Edition
from pipeline.render.text.numbers import ratio
from support.contribution import ROOT
from support.drawing import drawing, texts
from support.results import findings_of, simulated, sure_of

pytestmark = pytest.mark.slow  # whole pages are rendered

FOOT = re.compile(rb"Made from the inputs <code>[0-9a-f]{12}</code>")
HOSTILE = "</title></script><b onmouseover=x>&{{7*7}}"
FORBIDDEN = ("causes", "leads to", "effect of", "***", "stand out", "interval", "six times each")


def edition(findings: Results, sure: Diagnostics | None = None) -> Edition:
    return Edition(findings, sure, [])


@pytest.fixture(scope="module")
def pages(nine, sure) -> dict[str, str]:
    return {name: raw.decode() for name, raw in index.pages(edition(nine, sure)).items()}


def text_of(html: str) -> str:
    """What a reader sees, without markup and style."""
    body = html[html.index("<main") : html.index("</main>")]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)).replace("&nbsp;", "\xa0")


def test_only_those_who_asked_have_a_page_and_are_listed(nine, sure, pages):
    assert list(pages) == ["real-amber", "real-birch"]
    overview = index.page(edition(nine, sure)).decode()
    links = re.findall(r'href="creators/([a-z0-9-]+)\.html"', overview)
    assert links == list(pages)
    videos = nine.pool.videos["creator"].value_counts()
    assert all(f"{videos[name]} videos" in overview for name in pages)


def test_a_page_shows_the_rows_of_partial_pooling(sure, pages):
    """The weights, what both say with its interval, and the average creator, in the tables."""
    for name, html in pages.items():
        rows = in_order([r for r in sure.personals if r.creator == name and r.own is not None])
        assert rows
        weights = re.findall(r"<td>you ([^,]+), others ([^<]+)</td>", html)
        assert [own for own, _ in weights] == [percent(row.weight) for row in rows]
        assert all(whole(own) + whole(rest) == 100 for own, rest in weights)
        together = re.findall(r"<td>([^<(]+) \(([^<)]+)\)</td><td>you", html)
        assert together == [
            (
                ratio_of(row, row.estimate),
                f"{ratio_of(row, row.ci_low)} to {ratio_of(row, row.ci_high)}",
            )
            for row in rows
        ]
        average = re.findall(r'<td class="num">([^<]+)</td><td>[^<]+</td><td>you', html)
        assert average == [ratio_of(row, row.pooled) for row in rows]


def in_order(rows: list[Personal]) -> list[Personal]:
    """The rows of the lever questions, in their order."""
    names = [question.name for question in ASKED]
    asked = [row for row in rows if row.question in names]
    return sorted(asked, key=lambda row: names.index(row.question))


def ratio_of(row: Personal, log_ratio: float) -> str:
    return ratio((2 if row.unit.startswith("doubling") else math.e) ** log_ratio)


def whole(share: str) -> int:
    return int(share.removesuffix(" %"))


def test_what_the_data_changed_stands_there(nine, pages):
    questions = {q.name for q in ASKED}
    lines = [
        i
        for a in nine.answers
        if a.question.name in questions
        for i in pool_effects(a, "real-birch")
    ]
    assert lines
    rows = re.findall(
        r'class="num">(\d+) of (\d+)</td><td class="num">([^<]+)</td>', pages["real-birch"]
    )
    assert rows == [(str(i.own_videos), str(i.videos), percent(i.weight)) for i in lines]


def test_no_page_names_another_creator(nine, pages):
    for name, html in pages.items():
        assert name in html
        assert not [other for other in nine.pool.creators if other != name and other in html]


def changed(folder: Path, *, fewer: bool = False) -> None:
    """Give a creator's videos other counts, blanks and choices, or take half of them away."""
    for path in sorted(folder.glob("*.csv")):
        rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))
        for number, row in enumerate(rows):
            row["views"] = str(3 * int(row["views"]) + 17 * number)
            row["new_followers"] = str(number % 7) if number % 3 else ""
            row["category"] = ("info", "tutorial", "story")[number % 3]
            row["duration_s"] = str(5 + number)
        text = io.StringIO()
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows[: max(3, len(rows) // 2)] if fewer else rows)
        path.write_text(text.getvalue(), "utf-8")


def all_of(findings: Results) -> Diagnostics:
    """What is kept of sureness and could tell of others, as far as it takes seconds."""
    moved = tuple(row for answer in findings.answers for row in influences(answer))
    return dataclasses.replace(sure_of(findings), influences=moved)


@pytest.fixture(scope="module")
def few(results_of) -> Callable[[int], tuple[Results, bytes]]:
    """The results of a few creators, and the page of one of them."""

    @cache
    def few(number: int) -> tuple[Results, bytes]:
        findings = results_of(number, 50 * number)
        return findings, page_of_amber(findings)

    return few


def page_of_amber(findings: Results) -> bytes:
    """Her page alone is made: each takes seconds."""
    profiles = {
        name: dataclasses.replace(profile, page=name == "real-amber")
        for name, profile in findings.profiles.items()
    }
    asked = dataclasses.replace(findings, profiles=profiles)
    return FOOT.sub(b"", index.pages(edition(asked, all_of(findings)))["real-amber"])


@pytest.mark.parametrize(
    ("number", "fewer"), [(2, False), (2, True), (3, False), (3, True), (4, False)]
)
def test_with_few_creators_nothing_on_a_page_hangs_on_anybody_else(tmp_path, few, number, fewer):
    """With two, the pool less one is the other: so no number of hers moves when his rows do."""
    before, first = few(number)
    simulated(tmp_path, number, 50 * number, real=True)
    changed(tmp_path / "real-birch", fewer=fewer)
    after = findings_of(tmp_path)
    assert before.inputs != after.inputs
    assert before.answers[1].estimates != after.answers[1].estimates  # it is no idle change
    assert page_of_amber(after) == first


def test_with_enough_creators_the_others_do_count(tmp_path, nine, pages):
    simulated(tmp_path, 9, 420, real=True)
    changed(tmp_path / "real-birch")
    findings = findings_of(tmp_path)
    after = index.pages(edition(findings, sure_of(findings)))["real-amber"]
    assert FOOT.sub(b"", after) != FOOT.sub(b"", pages["real-amber"].encode())
    assert nine.pool.creators == findings.pool.creators


def test_the_pages_say_the_rules_that_hold(pages):
    """Their numbers stand in words there; these are the limits that the code keeps."""
    assert (SPREAD_CREATORS, summary.ENOUGH_VIDEOS, OTHER_CREATORS) == (8, 10, 4)
    assert (SLOPE_CREATORS, creator_slopes.ENOUGH_CARRIERS) == (8, 5)
    for html in pages.values():
        text = text_of(html)
        assert "eight others with ten videos each" in text
        assert "eight creators in the pool, five of whom made such videos and others" in text
        assert "four others who made such videos and others" in text


def test_the_same_inputs_give_the_same_bytes(nine, sure, pages):
    again = index.pages(edition(nine, sure))
    assert {name: raw.decode() for name, raw in again.items()} == pages


FEW = "It takes eight other creators", "This account only"
STATES = {
    "one": (1, 60, *FEW, "We can’t show that yet"),
    "three": (3, 150, *FEW, "We can’t show that yet"),
    "six": (6, 300, *FEW, "computed twice"),
}


@pytest.mark.parametrize("state", STATES)
def test_with_few_creators_a_page_says_what_it_cannot(state, results_of):
    creators, videos, *words = STATES[state]
    findings = results_of(creators, videos)
    few = edition(findings, sure_of(findings))
    html = index.pages(few)["real-amber"].decode()
    assert [word for word in words if word not in text_of(html)] == []
    assert "others’ for" not in html
    assert "Among others" not in html
    overview = text_of(index.page(few).decode())
    assert "It takes eight creators" in overview


def test_without_sureness_a_page_says_why_nothing_is_shrunken(nine):
    html = index.pages(edition(nine))["real-birch"].decode()
    assert "which was not done for this update" in html
    assert "Among others" in html
    assert "computed twice" in html
    assert "not done for this update" in index.page(edition(nine)).decode()


def test_a_rate_that_a_few_videos_decide_says_so(nine):
    videos = nine.pool.videos.copy()
    mine = np.flatnonzero((videos["creator"] == "real-amber") & videos["new_followers"].notna())
    videos.loc[videos.index[mine[0]], ["views", "new_followers"]] = [90_000_000, 900]
    findings = dataclasses.replace(nine, pool=dataclasses.replace(nine.pool, videos=videos))
    report = next(creator_reports(findings, None))
    assert (report.creator, report.interval, report.summary.spread) == ("real-amber", None, None)
    text = text_of(page(edition(findings), report).decode())
    assert "do not pin down your rate well enough" in text
    assert "It takes ten such videos" not in text


def test_an_empty_pool_has_no_page(tmp_path):
    (tmp_path / "contributions").mkdir()
    empty = findings_of(tmp_path / "contributions")
    assert index.pages(edition(empty)) == {}
    text = text_of(index.page(edition(empty)).decode())
    assert "Nobody has asked for a page yet" in text
    assert "there is none" in text


def test_who_notes_no_followers_gets_what_can_be_told(narrow):
    html = index.pages(edition(narrow))["real-amber"].decode()
    assert "no video has both views and a follower count" in html
    assert table.question("reach").asks in text_of(html)
    assert "A video without them says nothing" in text_of(html).replace("a video", "A video")


PROMISES = re.compile(
    r"private|to (?:itself|themselves)<|read off|secret|never published|confidential"
)


def test_no_page_promises_what_the_files_beside_it_do_not_keep():
    """Every row is published, by folder: a page may say what it leaves out, and no more."""
    templates = sorted((ROOT / "pipeline" / "render").rglob("*.jinja"))
    assert len(templates) > 10
    for path in templates:
        assert not PROMISES.search(path.read_text(encoding="utf-8")), path.name
    for name, there in (("creator", "{{ root }}pooled.csv"), ("creators", "pooled.csv")):
        place = ROOT / "pipeline/render/site/creators" / f"{name}.html.jinja"
        source = place.read_text(encoding="utf-8")
        public = source.partition('<h2 id="privacy">What is public</h2>')[2]
        assert f'href="{there}"' in public
        assert "without the labels of the videos" in public


def test_a_hostile_name_is_inert(nine, sure):
    profiles = dict(nine.profiles)
    name = f"\u202e{HOSTILE}\x07"
    profiles["real-amber"] = dataclasses.replace(profiles["real-amber"], display=name, credit=name)
    hostile = dataclasses.replace(nine, profiles=profiles)
    for raw in (
        index.pages(edition(hostile, sure))["real-amber"],
        index.page(edition(hostile, sure)),
    ):
        html = raw.decode()
        assert "&lt;/title&gt;&lt;/script&gt;&lt;b onmouseover=x&gt;&amp;{{7*7}}" in html
        assert "<b onmouseover" not in html
        assert "</script>" not in html
        assert html.count("</title>") == 1
        assert not {"\u202e", "\x07"} & set(html)


def test_words_headings_and_links(pages, nine, sure):
    overview = index.page(edition(nine, sure)).decode()
    for html in (*pages.values(), overview):
        assert [word for word in FORBIDDEN if word in text_of(html)] == []
        levels = [int(level) for level in re.findall(r"<h([1-6])", html)]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(b - a <= 1 for a, b in pairwise(levels))
        assert not re.search(r"\sstyle=|\son[a-z]+=|<script", html)
        ids = re.findall(r'\sid="([^"]+)"', html)
        assert len(ids) == len(set(ids))
        assert set(re.findall(r'href="#([^"]+)"', html)) <= set(ids)
    for html in pages.values():
        assert all(
            href.startswith(("#", "../", "http", "data:"))
            for href in re.findall('href="([^"]+)"', html)
        )


def test_no_page_promises_that_six_of_each_are_enough(pages):
    for html in pages.values():
        section = text_of(html).partition("What you might try next")[2]
        assert "Six of each is a start, but will usually not be enough" in section
        assert '<a href="../data.html#experiment">see how many you need</a>' in html


def test_in_how_many_comparisons_the_range_leaves_no_difference_out(pages, sure):
    for name, html in pages.items():
        rows = in_order([r for r in sure.personals if r.creator == name and r.own is not None])
        for question in ASKED:
            lines = [row for row in rows if row.question == question.name]
            clear = sum(row.ci_low * row.ci_high > 0 for row in lines)
            part = text_of(html).partition(table.question(question.name).asks)[2]
            assert f"Of your {len(lines)} comparisons, {clear or 'none'} ha" in part[:80]


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [(1.0, 1.4, LITTLE), (1.0, 1.6, UNTOLD), (1.2, 9.0, UNTOLD), (1.6, 3.0, MUCH)],
)
def test_how_creators_differ_in_a_word(low, high, word):
    assert differ(low, high) == word


def test_how_creators_differ_stands_there(nine, sure):
    html = index.page(edition(nine, sure)).decode()
    new = in_order([row for row in sure.personals if not row.creator])
    shown = re.findall(r"<td>([^<]+ to [^<]+)&nbsp;×(?:&nbsp;●)?</td><td>", html)
    assert shown == [f"{ratio_of(row, row.ci_low)} to {ratio_of(row, row.ci_high)}" for row in new]


def test_a_chart_is_as_wide_as_a_phone_and_says_where_it_ends():
    rows = [
        Marks("A cover you chose", 1.2, 0.8, 1.9, 1.4, 1.1),
        Marks("Posting in the evening (18 to 23) instead of at noon", 2.0, 0.4, 20.0, 9.0, 1.0),
    ]
    svg = lines_figure(rows, alone=False, simulated=True)
    width = float(re.search(r'width="([\d.]+)"', svg.decode())[1])
    assert width <= 340
    assert "Simulated creators" in texts(svg)
    assert [row.goes_on for row in rows] == [False, True]
    marks = drawing(svg)
    assert len(marks) > 20
    assert all(0 <= each.x <= width for each in marks)
    assert "Simulated creators" not in texts(lines_figure(rows, alone=True, simulated=False))
