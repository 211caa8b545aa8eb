"""Hostile text in every field that a contributor writes is text, in a real browser.

`check` refuses much of this in a cell; here it comes past it, so that each page has to hold alone.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from urllib.parse import quote

import pytest

from pipeline.analysis.diagnostics.diagnostics import Diagnostics
from pipeline.analysis.history.changes import SetDifference
from pipeline.dataset.check import Accepted, Refused, check_all
from pipeline.dataset.locate import locate
from pipeline.dataset.read import read_folders
from pipeline.inference.results import gather
from pipeline.render.report import files
from pipeline.render.site.layout.context import Edition
from pipeline.storage.atomic_files import write_into
from schema.problem import Problem, Severity
from support.browser import PHONE, Seen, kinds_in, pages_in
from support.contribution import DAY
from support.measures import measure
from support.results import simulated

LABEL = "a label of mine"  # of a video: never published
TEXTS = (
    "</script><script>hacked.push('script')</script>",
    "\"><img src=x onerror=hacked.push('image')>",
    "' autofocus onfocus=hacked.push('focus') onmouseover=hacked.push('mouse') x='",
    "[a](javascript:hacked.push('link')) **b** `c` | d",
    '=HYPERLINK("https://example.org/?"&A1,"e")',
    "</title></style><style>*{display:none}</style><base href=//example.org>",
    "\N{POP DIRECTIONAL ISOLATE}\N{RIGHT-TO-LEFT OVERRIDE}txet\N{RIGHT-TO-LEFT MARK} f\u2028g",
    "javascript:hacked.push('address')",
    "&lt;img src=x onerror=hacked.push('twice')&gt; {{ 7*7 }} ${7*7} <!--",
)
SHOWN = ("display", "credit", "reason")  # what a page has to say, and as it was written
NAMES = [f'{i}"><img src=x onerror=hacked.push({i})>' for i in range(9)]  # no file has a slash
pytestmark = [pytest.mark.slow, pytest.mark.browser]


def say(number: int, field: str) -> str:
    """One of the texts, told apart by its field and number."""
    return f"{field}{number} {TEXTS[number % len(TEXTS)]}"


def hostile(accepted: Accepted, number: int, subjects: Mapping[str, str]) -> Accepted:
    """The same folder, of somebody who means harm."""
    captures = accepted.captures
    return replace(
        accepted,
        creator=NAMES[number],
        place=f"contributions/{NAMES[number]}",
        profile=replace(
            accepted.profile, page=True, display=say(number, "display"),
            credit=say(number, "credit"),
        ),
        captures=captures.assign(
            creator=NAMES[number],
            file=say(number, "file") + ".csv",
            subject=captures["subject"].map(subjects),
            video=[f"{LABEL} {line} {say(number, 'video')}" for line in captures["line"]],
        ),
    )  # fmt: skip


def refused(number: int) -> Refused:
    file = f"contributions/{say(number, 'refused')}/a.csv"
    problem = Problem(file, 2, "views", say(number, "value"), "whole-number", Severity.ERROR, "No.")
    return Refused(say(number, "refused"), file.rpartition("/")[0], (problem,), ((file, 3),))


def renamed(sure: Diagnostics, names: Mapping[str, str]) -> Diagnostics:
    """The same rows, with every name and word in them replaced."""
    parts = {}
    for part in fields(Diagnostics):
        rows = getattr(sure, part.name)
        parts[part.name] = tuple(
            replace(row, **{
                each.name: names[value]
                for each in fields(row)
                if isinstance(value := getattr(row, each.name), str) and value in names
            })
            for row in rows
        )  # fmt: skip
    return Diagnostics(**parts)


@pytest.fixture(scope="module")
def edition(edition_of, tmp_path_factory) -> Edition:
    """The state of nine creators, all of them hostile; the last one is set aside."""
    home = simulated(tmp_path_factory.mktemp("hostile") / "contributions", 9, 250, real=True)
    verdicts = check_all(read_folders(locate(home)).contributions, DAY)
    words = sorted({word for each in verdicts for word in each.captures["subject"].dropna()})
    subjects = {word: say(i, "subject") for i, word in enumerate(words)}
    accepted = [hostile(each, i, subjects) for i, each in enumerate(verdicts)]
    aside = {NAMES[8]: say(8, "reason")} | {NAMES[7]: say(1, "reason")}
    findings = gather([*accepted, refused(0), refused(1)], aside, {})
    names = {each.creator: name for each, name in zip(verdicts, NAMES, strict=True)} | subjects
    kept = edition_of("nine")
    cause = SetDifference(
        simulated=False, is_told=True, joined=tuple(NAMES[:4]), changed=(NAMES[5],)
    )
    before, now = dict.fromkeys(row[0] for row in kept.history)
    inputs = {before: before, now: findings.inputs}
    rows = [(inputs[row[0]], *row[1:]) for row in kept.history]
    sure = renamed(kept.diagnostics, names)
    return Edition(findings, sure, rows, {before: SetDifference(False), findings.inputs: cause})


@pytest.fixture(scope="module")
def report(edition) -> dict[str, bytes]:
    written = files(edition.findings, edition.history, edition.diagnostics, edition.causes)
    return {str(path): raw for path, raw in written.items()}


@pytest.fixture(scope="module")
def site(report, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("hostile-site")
    write_into(folder, report)
    return folder


def harm(seen: Seen) -> dict[str, object]:
    """What went wrong on an open page; empty where it is as we wrote it."""
    harms = {
        "hacked": seen.page.evaluate("window.hacked"),
        "elements": measure(seen, "foreign()"),
        "said": seen.said,
        "asked": seen.asked,
        "dialogs": seen.dialogs,
        "scripts": seen.page.evaluate(
            "[...document.scripts].filter(each => each.type !== 'application/json').slice(1)"
            ".map(each => each.text.slice(0, 80))"
        ),
        "styles": seen.page.evaluate("[...document.styleSheets].slice(1).length || ''"),
        "elsewhere": seen.page.evaluate(
            "[...document.querySelectorAll('[href], [src], [action]')].map(each => each.href || '')"
            ".map(String).filter(each => /example.org|javascript/.test(each))"
        ),
        "turned": turned(seen.page.content()),
    }
    return {name: each for name, each in harms.items() if each}


def turned(text: str) -> list[str]:
    """Marks that turn the direction of writing, but pairs of ours that keep a text's own inside."""
    ours = re.sub(
        "\N{FIRST STRONG ISOLATE}([^<>\u2066-\u2069]*)\N{POP DIRECTIONAL ISOLATE}", r"\1", text
    )
    return re.findall("[\u200e\u200f\u202a-\u202e\u2066-\u2069]", ours)


USE = """text => {
  const tell = each => ["input", "change"].forEach(kind =>
    each.dispatchEvent(new Event(kind, { bubbles: true })));
  for (const each of document.querySelectorAll("select"))
    for (const option of [...each.options]) { each.value = option.value; tell(each); }
  for (const each of document.querySelectorAll("input"))
    for (const value of ["12", "-1", "1e300", ...(/number|range/.test(each.type) ? [] : [text])]) {
      if (/checkbox|radio/.test(each.type)) each.click(); else each.value = value;
      tell(each);
    }
  for (const each of document.querySelectorAll("details")) each.open = true;
  for (const each of document.querySelectorAll("button")) each.click();
}"""


def test_hostile_text_is_inert_on_every_page(site, look):
    harms = {}
    for file in pages_in(site):
        with look(file, PHONE) as seen:
            seen.page.evaluate(USE, TEXTS[1])
            seen.page.mouse.move(100, 100)
            seen.page.mouse.wheel(0, 2000)
            harms[file.name] = harm(seen)
    assert len(harms) == 8 + 7
    assert {name: each for name, each in harms.items() if each} == {}


def test_hostile_addresses_are_inert(site, look):
    for file in kinds_in(site):
        with look(file) as seen:
            for text in TEXTS[:3]:
                seen.page.goto(f"{file.as_uri()}#{quote(text)}")
                seen.page.reload()
                assert harm(seen) == {}, file.name


def test_hostile_text_is_shown_as_it_was_written(site, edition, look):
    shown = Counter()
    for file in pages_in(site):
        with look(file) as seen:
            seen.page.evaluate("document.querySelectorAll('details').forEach(e => e.open = true)")
            text = " ".join(seen.page.inner_text("main").split())
            shown.update(
                (field, i)
                for field in SHOWN
                for i in range(9)
                if " ".join(filter(str.isprintable, _spaced(say(i, field)))) in text
            )
    assert {i for field, i in shown if field == "display"} == set(range(7))
    assert {i for field, i in shown if field == "credit"} == set(range(7))
    assert {i for field, i in shown if field == "reason"} == {1, 8}


def _spaced(text: str) -> list[str]:
    return "".join(letter if letter.isprintable() else " " for letter in text).split()


def test_the_label_of_a_video_is_nowhere(report):
    assert [name for name, raw in report.items() if LABEL.encode() in raw] == []


def test_no_cell_of_a_table_begins_a_formula(report):
    for name, raw in report.items():
        if name.endswith(".csv"):
            for line in raw.decode().splitlines():
                cells = re.findall(r'(?:^|,)"?([=@+\t\r][^,]*)', line)
                assert not cells, (name, cells)


BREACH = """
<script>hacked.push("inline")</script><img src="x" onerror="hacked.push('handler')">
<a id="bad" href="javascript:hacked.push('address')">x</a><style>body { display: none }</style>
<iframe srcdoc="<script>parent.hacked.push('frame')</script>"></iframe>
<script src="data:text/javascript,hacked.push('data')"></script>
"""
BROKEN_IN = {"inline", "handler", "address", "frame", "data"}  # where nothing stops it


@pytest.mark.parametrize("name", ["index.html", "compare.html", "normal.html"])
@pytest.mark.parametrize("has_policy", [True, False])
def test_the_policy_stops_what_gets_into_a_page(has_policy, name, site_of, look, tmp_path):
    page = (site_of("nine") / name).read_text(encoding="utf-8")
    page = page.replace("</main>", f"{BREACH}</main>")
    policy = re.search('<meta http-equiv="Content-Security-Policy"[^>]*>', page)[0]
    file = tmp_path / name
    file.write_text(page if has_policy else page.replace(policy, ""), encoding="utf-8")
    with look(file) as seen:
        seen.page.evaluate("document.getElementById('bad').click()")
        seen.page.wait_for_timeout(100)
        assert set(seen.page.evaluate("hacked")) == (set() if has_policy else BROKEN_IN)
        shown = seen.page.evaluate("getComputedStyle(document.body).display") != "none"
        refusals = [each for each in seen.said if "Security Policy" in each]
        assert (shown, bool(refusals)) == (has_policy, has_policy)
