"""intake.yml, really run: an issue is judged, answered, and opened as a pull request when asked."""

import hashlib
import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from support import preloaded
from support.contribution import csv_of
from support.issue import TABLE, body, fenced
from workflows import events, runner
from workflows.contributions import ECHO
from workflows.github import BOT, user
from workflows.issue_calls import Kept
from workflows.world import World, fresh, git

pytest_plugins = ["workflows.fixtures"]
pytestmark = pytest.mark.slow  # each runs git, pip and the review in fresh processes

MARKER = "<!-- followworthy review -->"
GOOD = csv_of(*({"video": f"ramen {n}", "views": str(1500 + 7 * n)} for n in range(12))).decode()
BAD = TABLE.replace("1557", '"1,557"')
DONE = {"judge": "success", "answer": "success", "open": "skipped"}
Json = dict[str, Any]


@pytest.fixture
def ours(world: World) -> World:
    world.github.pages = Kept(world.artifacts)
    return world


def opened(world: World, table: str = GOOD, login: str = "ana", **fields: str) -> Json:
    issue = world.github.issue(
        login, "My videos", body(**{"table": fenced(table), **fields}), ("contribution",)
    )
    issue["created_at"] = "2026-11-21T10:00:00Z"
    return issue


def run(
    world: World, issue: Json, action: str = "opened", label: str = "", by: str = "ana"
) -> runner.Run:
    name, payload = events.issues(json.loads(json.dumps(issue)), action, label)
    return world.run("intake.yml", (name, payload | {"sender": user(by)}))


def answers(world: World, issue: Json) -> list[str]:
    return [each["body"] for each in world.github.comments[issue["number"]]]


def labels(issue: Json) -> set[str]:
    return {each["name"] for each in issue["labels"]} - {"contribution"}


def branches(world: World) -> list[str]:
    listed = git(world.origin, "for-each-ref", "--format=%(refname:short)", "refs/heads")
    return [name for name in listed.split() if name != "main"]


@dataclass(frozen=True, slots=True)
class Story:
    """A good issue: what was there once it was answered, and once it was accepted."""

    world: World
    issue: Json
    before: tuple[runner.Run, list[str], set[str], list[str]]
    after: runner.Run


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, template: Path) -> Iterator[Story]:
    """Run it once; the tests only read it."""
    with fresh(tmp_path_factory.mktemp("story"), template) as world:
        world.github.pages = Kept(world.artifacts)
        issue = opened(world)
        first = run(world, issue)
        before = first, answers(world, issue), labels(issue), branches(world)
        yield Story(world, issue, before, accept(world, issue))


def accept(world: World, issue: Json, by: str = "maintainer") -> runner.Run:
    """Let a maintainer set the label."""
    issue["labels"] = [each for each in issue["labels"] if each["name"] != "accepted"]
    world.github.label(issue["number"], "accepted")
    return run(world, issue, "labeled", "accepted", by=by)


def line(issue: Json) -> str:
    """Give the line of an answer that says which text it speaks of."""
    return f"<!-- judged: {hashlib.sha256(issue['body'].encode()).hexdigest()} -->"


def answered(world: World, issue: Json, words: str = "") -> Json:
    """Put in the answer that an earlier run gave to the text as it is."""
    text = words or f"{MARKER}\nNothing to correct.\n\n{line(issue)}\n"
    return world.github.comment(issue["number"], BOT, text)


def sent(world: World, branch: str, name: str) -> bytes:
    """Give a file of a branch, byte for byte."""
    command = ["git", "-C", world.origin, "cat-file", "blob", f"{branch}:{name}"]
    return subprocess.run(command, capture_output=True, check=True).stdout


def test_a_good_one_is_answered_and_waits(story):
    first, [answer], has, there = story.before
    assert first.jobs == DONE
    assert answer.startswith(MARKER)
    assert f"contributions/ana/issue-{story.issue['number']}.csv" in answer
    assert answer.splitlines()[-1] == line(story.issue)
    assert (has, there) == ({"check:passed"}, [])


def test_what_a_maintainer_accepts_becomes_a_pull_request_that_is_judged(story):
    assert story.after.jobs == DONE | {"open": "success"}
    branch = f"intake/{story.issue['number']}"
    assert branches(story.world) == [branch]
    github = story.world.github
    [pull] = github.pulls.values()
    assert (pull["head"]["ref"], pull["base"]["ref"]) == (branch, "main")
    assert pull["title"] == "Add videos of ana"
    assert f"Closes #{story.issue['number']}" in pull["body"]
    started = {"ref": "main", "inputs": {"pull": str(pull["number"])}, "workflow": "judge.yml"}
    assert github.dispatches == [started]
    assert answers(story.world, story.issue) == story.before[1]


def test_the_commit_is_the_authors_and_holds_what_they_sent(story):
    origin, number = story.world.origin, story.issue["number"]
    branch = f"intake/{number}"
    login, account = story.issue["user"]["login"], story.issue["user"]["id"]
    who = git(origin, "log", "-1", "--format=%an %ae %cn", branch)
    assert who == f"{login} {account}+{login}@users.noreply.github.com github-actions[bot]"
    assert git(origin, "rev-parse", f"{branch}^") == story.world.main
    changed = git(origin, "diff", "--name-only", "main", branch).splitlines()
    assert changed == ["contributions/ana/creator.toml", f"contributions/ana/issue-{number}.csv"]
    assert sent(story.world, branch, changed[1]) == GOOD.encode()


def test_each_job_asks_only_for_what_its_part_is(story):
    asked = story.world.github.requests
    assert {each.status for each in asked} <= {200, 201, 204}
    assert {each.method for each in asked if each.job == "judge"} == {"GET"}
    paths = {each.path.split("?")[0] for each in asked if each.job == "answer"}
    assert {path.split("/")[6] for path in paths} == {"issues"}


def test_what_is_accepted_anew_goes_to_the_same_pull_request(ours):
    ours.commit(ECHO)
    issue = opened(ours)
    answered(ours, issue)
    accept(ours, issue)
    issue["body"] = body(table=fenced(GOOD.replace("ramen", "soup")))
    assert run(ours, issue, "edited").jobs["open"] == "skipped"
    assert accept(ours, issue).jobs["open"] == "success"
    assert len(ours.github.pulls) == 1
    assert len(ours.github.dispatches) == 2
    [branch] = branches(ours)
    assert b"soup" in sent(ours, branch, f"contributions/ana/issue-{issue['number']}.csv")


def test_somebodys_work_on_the_branch_is_not_lost(ours):
    ours.commit(ECHO)
    issue = opened(ours)
    branch = f"intake/{issue['number']}"
    theirs = ours.commit({"contributions/ana/README.md": b"x"}, branch)
    answered(ours, issue)
    last = accept(ours, issue)
    assert last.jobs["open"] == "failure"
    assert git(ours.origin, "rev-parse", branch) == theirs
    assert any("Somebody has worked on" in text for *_, text in last.annotations)


def at_the_terminal(world: World, issue: Json) -> str:
    """Judge an issue as a person would, in a clone of main: with `check`, on a disk."""
    place = world.clone(world.main)
    handed = world.folder / "issue.json"
    handed.write_text(json.dumps(issue), encoding="utf-8")

    def pipeline(*words: str) -> str:
        command = [*preloaded.python(), "-m", "pipeline", *words]
        answer = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
        assert answer.returncode in (0, 1), answer.stderr
        return answer.stdout

    pipeline("intake", str(handed))
    return pipeline("check", "contributions/ana", "--format", "json")


def test_a_bad_one_is_told_what_to_write_and_its_correction_is_read(ours):
    issue = opened(ours, BAD)
    terminal = at_the_terminal(ours, issue)
    first = run(ours, issue)
    assert first.jobs["answer"] == "success"
    assert '"problems"' in terminal
    assert first.check_json.decode("utf-8") == terminal
    [answer] = answers(ours, issue)
    assert "1557" in answer
    assert "edit this issue, and this text is updated" in answer
    assert labels(issue) == {"check:failed"}
    ours.github.comment(issue["number"], user("ben"), f"{MARKER} I am the bot, accept it")
    issue["body"] = body(table=fenced(GOOD))
    issue["labels"].append({"name": "accepted"})  # too early
    assert run(ours, issue, "edited").jobs["open"] == "skipped"
    mine, other = answers(ours, issue)
    assert "Nothing to correct" in mine
    assert "set it anew" in mine
    assert mine.splitlines()[-1] == line(issue)
    assert other.endswith("accept it")
    assert labels(issue) == {"check:passed", "accepted"}
    before = len(ours.github.asked("PATCH", "POST", "DELETE"))
    run(ours, issue, "edited")
    assert len(ours.github.asked("PATCH", "POST", "DELETE")) == before  # nothing new to say


def test_the_label_of_somebody_who_may_not_write_does_nothing(ours):
    ours.commit(ECHO)
    issue = opened(ours)
    answered(ours, issue)
    ended = accept(ours, issue, by="helper")
    assert ended.jobs["open"] == "success"
    assert (branches(ours), ours.github.dispatches, ours.github.pulls) == ([], [], {})
    assert any("Nothing was opened" in text for *_, text in ended.annotations)


SOUP = body(table=fenced(GOOD.replace("ramen", "soup")))
# What is wrong with the answer that was there when the label was set; the text is good in each.
UNANSWERED = {
    "none": lambda ours, issue: None,
    "of another text": lambda ours, issue: answered(ours, issue | {"body": SOUP}),
    "without a text": lambda ours, issue: answered(ours, issue, MARKER),
    "whose line is not the last": lambda ours, issue: answered(
        ours, issue, f"{MARKER}\n{line(issue)}\nsaid the table"
    ),
    "by somebody else": lambda ours, issue: ours.github.comment(
        issue["number"], user("ana"), f"{MARKER}\n{line(issue)}"
    ),
}


@pytest.mark.parametrize("answer", UNANSWERED)
def test_the_label_counts_only_for_the_text_that_was_answered(ours, answer):
    ours.commit(ECHO)
    issue = opened(ours)
    UNANSWERED[answer](ours, issue)
    first = accept(ours, issue)
    assert first.jobs == DONE
    assert "take the label off, and set it anew" in answers(ours, issue)[-1]
    assert branches(ours) == []
    if answer in ("without a text", "whose line is not the last"):
        return  # there is one answer now, written in place of ours, as after that of another text
    # What it says to do helps.
    assert accept(ours, issue).jobs["open"] == "success"
    assert len(branches(ours)) == 1


def test_an_answer_that_came_after_the_label_was_not_read_before_it(ours):
    ours.commit(ECHO)
    issue = opened(ours)
    ours.github.label(issue["number"], "accepted")
    answered(ours, issue)
    ended = run(ours, issue, "labeled", "accepted", by="maintainer")
    assert ended.jobs == DONE
    assert branches(ours) == []


@pytest.mark.parametrize("when", [("judge",), ("answer", "open"), ("open",)])
def test_a_text_that_changes_meanwhile_is_not_opened(ours, when):
    """Before it is judged, once it is, and before it is opened; act begins either job first."""
    ours.commit(ECHO)
    issue = opened(ours)
    answered(ours, issue)

    def meanwhile(job, method, path):
        if job in when:
            issue["body"] = SOUP

    ours.github.meanwhile = meanwhile
    accept(ours, issue)
    assert branches(ours) == []
    assert ours.github.pulls == {}
    [answer] = answers(ours, issue)
    assert ("set it anew" in answer) == ("judge" in when)


def test_two_runs_at_once_leave_one_answer(ours):
    ours.commit(ECHO)
    issue = opened(ours)

    def meanwhile(job, method, path):
        if (job, method) == ("answer", "POST"):
            ours.github.meanwhile = None
            answered(ours, issue, f"{MARKER}\nThe other run.")

    ours.github.meanwhile = meanwhile
    assert run(ours, issue).jobs == DONE
    [answer] = answers(ours, issue)
    assert answer.splitlines()[-1] == line(issue)


def test_withdrawn_folders_are_known_to_what_judges(ours):
    """A shallow clone has no past to ask."""
    ours.commit({"contributions/README.md": b"Changed\n"})
    ours.commit(ECHO)
    counted = ECHO["pipeline/__main__.py"].replace(
        b"words = ",
        b"import subprocess; sys.argv += ['commits', subprocess.check_output("
        b"['git', 'rev-list', '--count', 'HEAD'], text=True)]\nwords = ",
    )
    ours.commit({"pipeline/__main__.py": counted})
    issue = opened(ours)
    run(ours, issue)
    assert "commits 4" in answers(ours, issue)[0]


def test_somebody_elses_folder_is_not_taken_over(ours):
    issue = opened(ours, login="mallory", folder="example-birch")
    answered(ours, issue)
    ended = accept(ours, issue)
    assert ended.jobs["open"] == "skipped"
    assert labels(issue) == {"check:failed", "accepted"}


HOSTILE = (
    "\"=cmd|' /C calc'!A0\n```\n### Licence\n\nMIT\n@team #1 <img src=x onerror=alert(1)>\"",
    "$(touch owned) `id` ${{ github.token }}",
    "::error file=x::owned",
    "::stop-commands::x",
    "##[add-mask]x",
    "]]>\u202e\u0000'; rm -rf .; '",
)


def test_a_hostile_table_is_shown_and_never_obeyed(ours):
    lines = "\n".join(f"{cell},1,1,1,story" for cell in HOSTILE)
    issue = opened(ours, f"video,views,new_followers,duration_s,category\n{lines}")
    issue["title"] = "::error::$(id) @team"
    ended = run(ours, issue)
    assert ended.jobs == DONE
    assert labels(issue) == {"check:failed"}
    [answer] = answers(ours, issue)
    plain = re.sub(
        r"(?s)<details>|</details>|<summary>.*?</summary>|<!--.*?-->|`[^`\n]*`", "", answer
    )
    assert not re.search(r"<img|(?<!&#64;)@team|\u202e", plain)
    assert "owned" not in {text for *_, text in ended.annotations}
    assert not ended.commands & {"stop-commands", "add-mask", "set-env"}


def test_what_cannot_be_read_is_answered_and_nothing_is_opened(ours):
    link = "[a.csv](https://example.org/user-attachments/files/1/a.csv)"
    issue = opened(ours, table="", file=link)
    answered(ours, issue)
    ended = accept(ours, issue)
    assert ended.jobs == DONE
    [answer] = answers(ours, issue)
    assert "only from GitHub itself" in answer
    assert "example.org" not in answer
    assert labels(issue) == {"check:failed", "accepted"}
    assert branches(ours) == []


@pytest.mark.parametrize(
    "name", ["pipeline/intake/issue_form.py", "pipeline/review/estimate_changes.py"]
)
def test_our_own_crash_is_our_fault_and_no_label_moves(ours, name):
    ours.commit({name: ours.read(name) + b"\nraise RuntimeError\n"})
    issue = opened(ours)
    ended = run(ours, issue)
    assert ended.jobs == DONE | {"judge": "failure"}
    assert "RuntimeError" in ended.log("judge")
    [answer] = answers(ours, issue)
    assert answer.startswith(MARKER)
    assert "our fault, not yours" in answer
    assert f"pull-request={issue['number']}" in answer
    assert "<!-- judged:" not in answer
    assert labels(issue) == set()


def test_what_was_decided_before_it_broke_is_told_and_nothing_else_follows(ours):
    says = ECHO["pipeline/__main__.py"] + b"sys.exit(70)\n"
    ours.commit({"pipeline/__main__.py": says})
    issue = opened(ours)
    answered(ours, issue)
    ended = accept(ours, issue)
    assert ended.jobs == DONE | {"judge": "failure"}
    [answer] = answers(ours, issue)
    assert " --author ana " in answer
    assert "<!-- judged:" not in answer
    assert labels(issue) == {"accepted"}
    assert branches(ours) == []


@pytest.mark.parametrize(
    ("action", "label", "has"),
    [("opened", "", ()), ("labeled", "contribution", ("contribution",)), ("edited", "", ("bug",))],
)
def test_other_issues_are_left_alone(ours, action, label, has):
    issue = ours.github.issue("ana", "A question", body(), has)
    ended = run(ours, issue, action, label)
    assert set(ended.jobs.values()) == {"skipped"}
    assert ours.github.requests == []
