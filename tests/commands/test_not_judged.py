"""A crash of ours: one folder is not judged, the others are, and nothing unjudged passes."""

import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from pipeline.commands import app
from pipeline.commands.review import ENDS
from pipeline.dataset.check import Accepted, Refused, check_all
from pipeline.dataset.check_bulk import merged
from pipeline.dataset.check_paths import judge
from pipeline.dataset.locate import locate
from pipeline.dataset.read import read
from pipeline.render.review.comment import Whole
from pipeline.render.review.formats import as_github, as_text, files
from pipeline.render.text.links import Links
from pipeline.review.authorization import By
from pipeline.review.impact import effect
from pipeline.review.review_result import Conclusion
from schema.row_rules import ROWS, followers_above_views
from support.contribution import DAY, csv_of
from support.git import Files, repository
from support.requests import ANA, BASE, BEA, BOSS, CY, HOME, NEW, csv, judged, toml

pytestmark = pytest.mark.slow  # each runs git

BOOM = "boom@example.org"  # the label on which a rule breaks; a crash never repeats it
A, B = f"{HOME}/ana-1", f"{HOME}/bea"


@pytest.fixture
def broken(monkeypatch):
    """One rule of ours that breaks on the rows of one label, wherever they are judged."""

    def find(captures):
        if BOOM in set(captures["video"].dropna()):
            raise OverflowError(BOOM)
        return followers_above_views.find(captures)

    rules = tuple(
        replace(rule, find=find) if rule is followers_above_views else rule for rule in ROWS
    )
    monkeypatch.setattr("pipeline.dataset.captures.ROWS", rules)
    monkeypatch.setattr("pipeline.dataset.check_bulk.ROWS", rules)
    # The label has the form of an address, which is an error of its own; here it may pass.
    monkeypatch.setattr("schema.text_rules.has_email", lambda _: False)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return repository(tmp_path_factory.mktemp("broken") / "origin.git")


@pytest.fixture(scope="module")
def base(home):
    return home.commit(BASE, branch="refs/heads/main")


def folder(creator: str, label: str, views: int = 900):
    contents = {"creator.toml": toml("octocat"), "a.csv": csv(label, views)}
    return read(creator, f"contributions/{creator}", contents)


def test_one_folder_breaks_and_the_others_are_judged(broken):
    verdicts = check_all(
        [folder("ana", "a"), folder("bea", BOOM, 901), folder("cyr", "c", 902)], DAY
    )
    assert [type(each) for each in verdicts] == [Accepted, Refused, Accepted]
    (problem,) = verdicts[1].problems
    assert (problem.file, problem.line, problem.rule) == ("contributions/bea", None, "not-judged")
    assert "OverflowError in test_not_judged.py" in problem.hint
    assert BOOM not in problem.hint


def test_a_folder_that_breaks_only_beside_others_is_not_judged(monkeypatch):
    def shared(captures):
        labels = {label for each in captures for label in each["video"]}
        if {"b", "c"} <= labels:
            raise RecursionError
        return []

    monkeypatch.setattr("pipeline.dataset.check.shared_problems", shared)
    verdicts = check_all([folder("ana", "a"), folder("bea", "b"), folder("cyr", "c")], DAY)
    assert [type(each) for each in verdicts] == [Accepted, Accepted, Refused]


def test_a_folder_that_cannot_be_read_is_not_judged(monkeypatch):
    monkeypatch.setattr("pipeline.dataset.read.read_sheet", lambda *_: 1 / 0)
    unread = read("ana", "contributions/ana", {"creator.toml": toml("octocat"), "a.csv": csv()})
    assert [problem.rule for problem in unread.problems] == ["not-judged"]
    assert (unread.sheets, unread.toml) == ((), toml("octocat"))


def test_what_is_merged_is_judged_without_the_folder_that_breaks(broken):
    every = [folder("ana", "a"), folder("bea", BOOM, 901), folder("cyr", "c", 902)]
    together = merged(every, DAY)
    assert [each.creator for each in together.accepted] == ["ana", "cyr"]
    assert set(together.captures["creator"]) == {"ana", "cyr"}


def contributed(home, **folders: bytes):
    for name, table in folders.items():
        (home / name).mkdir()
        (home / name / "creator.toml").write_bytes(toml("octocat"))
        (home / name / "a.csv").write_bytes(table)


@pytest.mark.parametrize("style", ["text", "github", "json", "markdown"])
def test_check_tells_all_and_ends_with_70(broken, tmp_path, style):
    home = tmp_path / "contributions"
    home.mkdir()
    contributed(home, ana=csv("a", likes="1,000"), bea=csv(BOOM, 901), cyr=csv("c", 902))
    result = CliRunner().invoke(app, ["check", str(home), "--format", style, "--today", str(DAY)])
    assert result.exit_code == 70
    assert BOOM not in result.output
    if style == "json":
        answer = json.loads(result.stdout)
        assert {p["rule"] for p in answer["problems"]} >= {"not-judged", "thousands-separator"}
        assert {f["creator"]: f["accepted"] for f in answer["files"]} == {
            "ana": False, "bea": False, "cyr": True,
        }  # fmt: skip
    else:
        assert "contributions/bea" in result.stdout
        assert "contributions/ana" in result.stdout
        assert "our fault" in " ".join(result.stdout.split())


def test_the_report_names_it_and_goes_on(broken, tmp_path):
    home = tmp_path / "contributions"
    home.mkdir()
    contributed(home, ana=csv_of(*({"video": f"v{n}"} for n in range(12))), bea=csv(BOOM, 901))
    words = ["report", "--contributions", str(home), "--out", str(tmp_path / "out"), "--quick"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 1
    assert "contributions/bea" in result.stderr
    assert "[not-judged]" in result.stderr
    pooled = (tmp_path / "out" / "pooled.csv").read_text()
    assert "ana," in pooled
    assert "bea," not in pooled


MINE = f"{HOME}/cy-new/c.csv"
GONE: Files = {path: None for path in BASE if str(path).startswith(f"{A}/")}
# name → (author, files, verdict, slugs, errors, roles): who and what stand beside a crash
CASES = {
    "in one's own folder": (
        CY, {**NEW, MINE: csv(BOOM, 900)}, Conclusion.OUR_FAULT, set(), set(), {By.NEWCOMER},
    ),
    "by a maintainer": (
        BOSS, {f"{A}/a.csv": csv(BOOM, 900)}, Conclusion.OUR_FAULT, set(), set(), {By.MAINTAINER},
    ),
    "beside another's folder deleted": (
        CY, {**NEW, MINE: csv(BOOM, 900), **GONE}, Conclusion.REFUSED,
        {"not-your-folder"}, set(), {By.NEWCOMER, By.NOBODY},
    ),
    "in another's folder": (
        CY, {f"{A}/a.csv": csv(BOOM, 900)}, Conclusion.REFUSED,
        {"not-your-folder"}, set(), {By.NOBODY},
    ),
    "beside code": (
        CY, {**NEW, MINE: csv(BOOM, 900), "schema/x.py": b"2"}, Conclusion.REFUSED,
        {"mixed-change"}, set(), {By.NEWCOMER},
    ),
    "beside an error": (
        BOSS, {f"{A}/a.csv": csv(BOOM, 900), f"{B}/b.csv": csv("b", likes="+1")},
        Conclusion.REFUSED,
        set(), {"plus-sign"}, {By.MAINTAINER},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_who_and_what_stand_whatever_breaks(broken, home, base, case):
    author, change, verdict, slugs, rules, roles = case
    reviewed = judged(home, base, home.commit(change, base), author)
    assert reviewed.conclusion is verdict
    assert {why.slug for why in reviewed.refusals} == slugs
    assert {problem.rule for problem in reviewed.errors} == rules
    assert {each.decision.by for each in reviewed.folders} == roles
    assert {problem.rule for problem in reviewed.not_judged} == {"not-judged"}
    written = files(Whole(reviewed, effect(reviewed, {}), Links("https://github.com/o/r", 7)))
    assert written["outputs"].decode().splitlines()[1] == f"verdict={verdict}"
    body = written["review.md"].decode()
    assert "**our fault, not yours**" in body
    assert "/issues/new?" in body
    assert BOOM not in body + as_text(Whole(reviewed, None, Links()))


@pytest.mark.parametrize("place", ["merged", "check_all", "contributions", "returning"])
def test_what_breaks_as_a_whole_leaves_the_decision(home, base, monkeypatch, place):
    monkeypatch.setattr(f"pipeline.review.review.{place}", lambda *_: 1 / 0)
    mine = judged(home, base, home.commit({f"{A}/c.csv": csv("c")}, base), ANA)
    assert (mine.conclusion, mine.folders[0].decision.by) == (Conclusion.OUR_FAULT, By.OWNER)
    assert mine.broken.startswith("ZeroDivisionError in test_not_judged.py")
    assert "::error title=Not judged::" in as_github(Whole(mine, None, Links()))
    another = judged(home, base, home.commit({f"{A}/c.csv": csv("c")}, base), BEA)
    assert another.conclusion is Conclusion.REFUSED
    assert [why.slug for why in another.refusals] == ["not-your-folder"]


def test_a_merged_folder_that_breaks_hinders_nobody(broken, home, base):
    start = home.commit({f"{A}/a.csv": csv(BOOM, 900)}, base)
    repaired = judged(home, start, home.commit({f"{A}/a.csv": csv("a", 900)}, start), ANA)
    other = judged(home, start, home.commit(NEW, start))
    assert repaired.conclusion is other.conclusion is Conclusion.ACCEPTED
    assert "ana-1" not in {each.creator for each in other.data.others}


def test_a_preview_that_breaks_is_not_judged(home, base, monkeypatch, tmp_path):
    monkeypatch.setattr("pipeline.review.impact.preview", lambda *_: 1 / 0)
    monkeypatch.setattr("pipeline.commands.review._code_of", lambda *_: {})
    head = home.commit(NEW, base)
    words = ["review", "--base", base, "--head", head, "--author", "cy", "--today", str(DAY)]
    words += ["--repository", str(home.path), "--out", str(tmp_path)]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == ENDS[Conclusion.OUR_FAULT] == 70
    assert (tmp_path / "outputs").read_text() == "kind=contribution\nverdict=our-fault\n"
    assert "a **new folder**" in (tmp_path / "review.md").read_text()


def test_every_verdict_has_its_end():
    assert set(ENDS) == set(Conclusion)


def test_judge_says_that_something_broke(broken, tmp_path):
    home = tmp_path / "contributions"
    home.mkdir()
    contributed(home, bea=csv(BOOM, 901))
    assert judge([locate(home)], DAY).is_broken
