"""The workflow `comment`, run offline: one comment, edited, and nothing taken from a fork's run."""

import subprocess
import sys

import pytest
from test_workflow_check import APOLOGY, CRASHES, CSV, ana, crash, judge
from workflows.contributions import ECHO, HEADER, TOML
from workflows.events import workflow_run
from workflows.github import BOT, user
from workflows.world import git

pytest_plugins = ["workflows.fixtures"]
pytestmark = pytest.mark.slow  # each runs git, pip and the review in fresh processes

MARK = "<!-- followworthy review -->"
WRITES = ("POST", "PATCH", "PUT", "DELETE")
DONE = {"review": "success", "write": "success"}
NOTHING = {"review": "success", "write": "skipped"}


def answer(world, pull, **changes):
    return world.run("comment.yml", workflow_run(pull, **changes))


def comments(world, pull):
    return [each["body"] for each in world.github.comments[pull["number"]]]


def wrote(world):
    return [(job, method) for job, method, _ in world.github.asked(*WRITES)]


def test_a_good_contribution_is_answered_in_the_words_of_the_check(world):
    pull = world.pull("ana", ana())
    said = judge(world, pull).summary
    assert answer(world, pull).jobs == DONE
    assert comments(world, pull) == [said]
    assert said.startswith(MARK)
    assert wrote(world) == [("write", "POST")]
    assert {each.status for each in world.github.requests} == {200, 201}


def test_a_second_push_edits_the_comment_and_a_second_run_leaves_it(world):
    pull = world.pull("ana", ana(b"ana-1,", b"ana-1,x"))
    others = [world.github.comment(pull["number"], user("ana"), f"word {n}") for n in range(120)]
    answer(world, pull)
    [first] = comments(world, pull)[len(others) :]
    assert f"{CSV}" in first
    assert pull["head"]["sha"] in first
    world.push(pull, ana())
    answer(world, pull)
    [second] = comments(world, pull)[len(others) :]
    assert second != first
    assert pull["head"]["sha"] in second
    assert "says so already" in answer(world, pull).log("write")
    assert wrote(world) == [("write", "POST"), ("write", "PATCH")]


def test_what_others_mark_as_ours_is_not_edited(world):
    world.commit(ECHO)
    pull = world.pull("ana", ana())
    # Beside: an index that is slow, or cannot be asked, is no reason to say nothing.
    world.github.repositories.discard("ana/followworthy")
    number = pull["number"]
    others = [user("mallory"), BOT | {"type": "User"}, BOT | {"login": "other[bot]"}]
    for who in others:
        world.github.comment(number, who, f"{MARK} mine")
    world.github.comment(number, BOT, f"> {MARK}")
    before = comments(world, pull)
    assert answer(world, pull).jobs == DONE
    assert comments(world, pull)[:-1] == before
    assert len(before) == 4


def test_two_pull_requests_of_one_commit_are_told_apart(world):
    world.commit(ECHO)
    first, second = (world.pull("ana", ana(), branch=branch) for branch in ("one", "two"))
    assert first["head"]["sha"] == second["head"]["sha"]
    assert answer(world, second).jobs == DONE
    assert comments(world, first) == []
    [body] = comments(world, second)
    assert f" --pull {second['number']} " in body


def test_a_fork_that_edited_its_check_is_judged_anew(world):
    pull = world.pull(
        "mallory",
        {".github/workflows/check.yml": b"name: check\non: pull_request\njobs: {}\n"}
        | ana(b"ana-1,", b"ana-1,x"),
    )
    lie = {"conclusion": "success", "name": "check", "display_title": "verdict=accepted"}
    assert answer(world, pull, **lie, pull_requests=[{"number": 999}]).jobs == DONE
    [body] = comments(world, pull)
    assert CSV in body
    assert "Nothing to correct" not in body
    assert not [path for *_, path in world.github.asked("GET") if "/actions/" in path]


def test_a_head_that_moved_before_is_not_answered(world):
    pull = world.pull("ana", ana())
    event = workflow_run(pull)
    world.push(pull, ana(b"ana-1,", b"ana-1,x"))
    run = world.run("comment.yml", event)
    assert run.jobs == NOTHING
    assert "nothing to answer" in run.log("review")
    assert wrote(world) == []


CHANGES = {
    "pushed": lambda world, pull: world.push(pull, ana(b"ana-1,", b"ana-1,x")),
    "closed": lambda world, pull: pull.update(state="closed"),
    "from another fork": lambda world, pull: pull["head"].update(repo={"full_name": "mallory/x"}),
    "meant for another branch": lambda world, pull: pull["base"].update(ref="old"),
    "meant for another repository": lambda world, pull: pull["base"].update(
        repo={"full_name": "mallory/followworthy"}
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_pull_request_that_changed_meanwhile_is_left_alone(world, change):
    world.commit(ECHO)
    pull = world.pull("ana", ana())

    def meanwhile(job, method, path):
        if job == "write":
            world.github.meanwhile = None
            CHANGES[change](world, pull)

    world.github.meanwhile = meanwhile
    run = answer(world, pull)
    assert run.jobs == DONE
    assert "nothing is written" in run.log("write")
    assert wrote(world) == []


OTHERS = {
    "another branch": lambda pull: pull["base"].update(ref="old"),
    "another repository": lambda pull: pull["base"].update(repo={"full_name": "mallory/x"}),
    "closed": lambda pull: pull.update(state="closed"),
    "a fork that is gone": lambda pull: pull["head"].update(
        repo={"full_name": "gone/followworthy"}
    ),
}


@pytest.mark.parametrize("other", OTHERS)
def test_what_is_not_an_open_pull_request_to_main_is_not_answered(world, other):
    pull = world.pull("ana", ana())
    event = workflow_run(pull)
    OTHERS[other](pull)
    if other == "a fork that is gone":
        event[1]["workflow_run"]["head_repository"] = None
    assert world.run("comment.yml", event).jobs == NOTHING
    assert wrote(world) == []


@pytest.mark.parametrize(
    "run",
    [
        {"event": "push"},
        {"event": "merge_group"},
        {"conclusion": "action_required"},
        {"conclusion": "cancelled"},
        {"conclusion": "skipped"},
    ],
    ids=lambda run: next(iter(run.values())),
)
def test_a_run_that_judged_no_pull_request_is_not_answered(world, run):
    pull = world.pull("ana", ana())
    assert set(answer(world, pull, **run).jobs.values()) == {"skipped"}
    assert world.github.requests == []


@pytest.mark.parametrize("where", CRASHES)
def test_a_crash_of_ours_is_said_in_the_comment(world, where):
    pull = world.pull("ana", ana())
    crash(world, CRASHES[where])
    assert answer(world, pull).jobs == DONE
    [body] = comments(world, pull)
    assert body.startswith(MARK)
    assert all(words in body for words in APOLOGY)
    assert f"pull-request={pull['number']}" in body


def test_ten_megabytes_of_mistakes_are_one_comment(world):
    label = "ramen " * 17
    row = label + '{n},"{n},000",40,3,2,1,4,20,tutorial,2026-03-01,2026-04-01\n'
    table = (HEADER + "".join(row.format(n=n) for n in range(62_000))).encode()
    assert 9_500_000 < len(table) < 10_500_000
    big = {"contributions/ana/creator.toml": TOML.format("ana").encode(), CSV: table}
    pull = world.pull("ana", big)
    assert answer(world, pull).jobs == DONE
    [body] = comments(world, pull)
    assert len(body.encode()) <= 65_536
    assert "like this" in body
    assert CSV in body
    assert wrote(world) == [("write", "POST")]


def test_a_branch_made_from_an_issue_has_the_author_of_the_issue(world):
    issue = world.github.issue("ana", "My videos", "...")
    branch = f"intake/{issue['number']}"
    world.commit(ECHO)
    pull = world.pull("followworthy", ana(), branch=branch, by=BOT)
    assert answer(world, pull, event="workflow_dispatch").jobs == DONE
    assert f" --author ana --author-id {issue['user']['id']} " in comments(world, pull)[0]
    fork = world.pull("mallory", ana(), branch=branch)  # the name alone makes nobody its author
    answer(world, fork)
    assert " --author mallory " in comments(world, fork)[0]


def test_hostile_text_arrives_as_the_review_wrote_it_and_runs_nothing(world):
    trap = "$(touch${IFS}$TEST_ARTIFACTS/pwned)`touch${IFS}$TEST_ARTIFACTS/pwned`"
    cell = f"@maintainer </details>{trap} ::set-output name=pull::9 "
    cell += f"| [x](javascript:1) {MARK} ' \" %0A"
    label = cell.replace('"', '""').encode()
    files = ana(b"ana-1,", b'"' + label + b'",x')
    message = f"{MARK}\n\nEOF\n::set-output name=pull::9\n@maintainer {trap}"
    pull = world.pull("ana", files, branch=f"x/{trap}&state=closed", message=message)
    run = answer(world, pull)
    assert run.jobs == DONE
    clone = world.clone(world.main)
    git(clone, "fetch", "--quiet", "origin", pull["head"]["sha"])
    command = [sys.executable, "-m", "pipeline", "review", "--base", world.main]
    command += ["--head", pull["head"]["sha"], "--author", "ana", "--pull", str(pull["number"])]
    command += ["--author-id", str(pull["user"]["id"]), "--out", "out"]
    command += ["--site", "https://github.com/followworthy/followworthy"]
    subprocess.run(command, cwd=clone, capture_output=True, check=False)
    assert comments(world, pull) == [(clone / "out/review.md").read_text("utf-8")]
    assert run.outputs["pull"] == str(pull["number"])
    assert list(world.artifacts.iterdir()) == []
