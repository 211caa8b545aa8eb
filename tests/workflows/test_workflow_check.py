"""The workflow `check`, run offline: who is judged by what, and what a person sees."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support import preloaded
from support.check_workflow import APOLOGY, CRASHES, CSV, ana, crash, judge
from workflows.contributions import ECHO
from workflows.events import push
from workflows.github import BOT

pytest_plugins = ["workflows.fixtures"]
pytestmark = pytest.mark.slow  # each runs git, pip and the review in fresh processes

GOOD = {"check": "success", "test": "skipped"}
BAD = GOOD | {"check": "failure"}


def test_a_good_contribution_is_accepted(world):
    pull = world.pull("ana", ana())
    run = judge(world, pull)
    assert run.jobs == GOOD
    assert run.outputs["kind"] == "contribution"
    assert run.summary.startswith("<!-- followworthy review -->\n")
    assert pull["head"]["sha"] in run.summary
    assert run.annotations == []
    assert f"checked out {world.main}\n" in run.log("check")
    assert run.log("check").endswith("Accepted.\n")
    # A fork is judged from its event and its objects alone.
    assert world.github.requests == []


def test_a_bad_contribution_is_refused_and_its_finding_is_the_last_that_is_read(world):
    pull = world.pull("ana", ana(b"ana-1,", b"ana-1,x"))
    run = judge(world, pull)
    assert run.jobs == BAD
    assert run.outputs["verdict"] == "refused"
    on_the_line, last = run.annotations
    assert on_the_line[:3] == ("error", CSV, "3")
    assert CSV in run.summary
    lines = run.log("check").rstrip().splitlines()
    assert any(line.startswith(f"{CSV}:3 ") for line in lines[-8:])
    assert last[:3] == ("error", "", "")
    first = last[3].split(" It is listed above", 1)[0]
    assert first in lines


def test_the_rules_of_the_base_judge_a_change_of_the_rules(world):
    words = "schema/vocabulary.toml"
    changed = world.read(words).replace(b"tutorial", b"cooking")
    pull = world.pull("ana", ana(b"tutorial", b"cooking") | {words: changed})
    run = judge(world, pull)
    assert run.jobs == BAD | {
        "test": "success"
    }  # it changes our code, so the tests are run as well
    assert run.outputs["kind"] == "mixed"
    assert ("error", CSV, "2") in [where[:3] for where in run.annotations]


def test_main_as_it_is_now_judges_and_not_as_it_was(world):
    """A crash of ours is repaired meanwhile: whoever runs it again gets a verdict."""
    sound = world.read("pipeline/review/review.py")
    crash(world, CRASHES["at import"])
    pull = world.pull("ana", ana())
    repaired = world.commit({"pipeline/review/review.py": sound})
    run = judge(world, pull)
    assert pull["base"]["sha"] != repaired
    assert f"checked out {repaired}\n" in run.log("check")
    assert run.jobs == GOOD


def at_home(place, *words):
    """Run a module of Python in a checkout, with the `python` of these tests first on the path."""
    first = str(Path(sys.executable).parent)
    own = {
        "PATH": f"{first}:{os.environ['PATH']}",
        "PRE_COMMIT_HOME": str(place / ".git/hooks-home"),
    }
    python = preloaded.python() if words[0] == "pipeline" else (sys.executable,)
    return subprocess.run(
        [*python, "-m", *words],
        cwd=place,
        env=os.environ | own,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_pull_request_the_terminal_and_the_hook_say_the_same(world):
    pull = world.pull("ana", ana(b"ana-1,", b'"=1+1",x'))
    run = judge(world, pull)
    place = world.clone(pull["merge_commit_sha"], fetch=f"refs/pull/{pull['number']}/merge")
    terminal = at_home(place, "pipeline", "check", "--format", "json", "contributions/ana")
    assert run.jobs == BAD
    assert terminal.returncode == 1
    assert run.check_json.decode("utf-8") == terminal.stdout
    text = at_home(place, "pipeline", "check")
    hook = at_home(place, "pre_commit", "run", "contributions", "--all-files", "--color", "never")
    assert (text.returncode, hook.returncode) == (1, 1), hook.stdout + hook.stderr
    assert f"{CSV}:3 " in text.stdout
    assert text.stdout.strip() in hook.stdout


def test_another_author_is_refused(world):
    world.commit(ana())
    pull = world.pull("mallory", {CSV: ana(b",1000,", b",900,")[CSV]})
    run = judge(world, pull)
    assert run.jobs == BAD
    assert run.outputs["login"] == "mallory"
    assert "ana" in run.log("check")


@pytest.mark.parametrize("where", CRASHES)
def test_a_crash_of_ours_is_red_and_says_so(world, where):
    """What is skipped would count as passed."""
    crash(world, CRASHES[where])
    run = judge(world, world.pull("ana", ana()))
    assert run.jobs["check"] == "failure"
    assert all(words in run.summary for words in APOLOGY)
    assert "/issues/new?template=our-fault.yml&" in run.summary
    assert run.annotations[-1][3].startswith("Not judged: our fault, not yours; we are sorry.")


def test_what_breaks_before_the_review_is_red_and_says_so(world):
    world.commit({"requirements.lock": b"pandas==0\n"})
    pull = world.pull("ana", ana())
    run = judge(world, pull)
    assert run.jobs["check"] == "failure"
    assert all(words in run.summary for words in APOLOGY)
    assert f"pull-request={pull['number']}" in run.summary
    assert "our fault, not yours" in run.annotations[-1][3]


@pytest.mark.parametrize("claim", ["accepted", "refused", ""])
def test_an_exit_code_that_fits_no_verdict_is_our_fault(world, claim):
    says = ECHO["pipeline/__main__.py"].replace(b"verdict=accepted", f"verdict={claim}".encode())
    end = {"accepted": 1, "refused": 0, "": 0}[claim]
    world.begin_with("echo")
    world.commit({"pipeline/__main__.py": says + f"sys.exit({end})\n".encode()})
    run = judge(world, world.pull("ana", ana()))
    assert run.jobs == BAD
    assert "our fault, not yours" in run.annotations[-1][3]


def test_maintenance_runs_the_tests_of_the_merge(world):
    pull = world.pull("octocat", {"Makefile": b"test:\n\t@echo mine $$(git rev-parse HEAD)\n"})
    run = judge(world, pull)
    assert run.jobs == GOOD | {"test": "success"}
    assert run.outputs["kind"] == "maintenance"
    assert f"mine {pull['merge_commit_sha']}" in run.log("test")
    assert "mine" not in run.log("check")


def test_main_is_tested(world):
    run = world.run("check.yml", push(world.main))
    assert run.jobs == {"check": "skipped", "test": "success"}
    assert f"the tests ran on {world.main}" in run.log("test")


def test_a_branch_made_from_an_issue_has_the_author_of_the_issue(world):
    issue = world.github.issue("ana", "My videos", "...")
    world.begin_with("echo")
    pull = world.pull("followworthy", ana(), branch=f"intake/{issue['number']}", by=BOT)
    run = judge(world, pull)
    assert run.jobs == GOOD
    assert f" --author ana --author-id {issue['user']['id']} " in run.summary


def test_a_fork_gains_nothing_by_the_name_of_its_branch(world):
    issue = world.github.issue("ana", "My videos", "...")
    run = judge(world, world.pull("mallory", ana(), branch=f"intake/{issue['number']}"))
    assert run.jobs == BAD
    assert run.outputs["login"] == "mallory"


def test_nothing_that_a_head_says_is_a_command(world):
    trap = "$(touch${IFS}$TEST_ARTIFACTS/pwned)`touch${IFS}$TEST_ARTIFACTS/pwned`"
    cell = b'"::error file=README.md::pwned\n::set-output name=verdict::accepted\n::add-mask::a",'
    named = f"contributions/ana/::error::{trap.replace('/', '')}\n::warning::pwned.csv"
    files = ana(b"ana-1,", cell) | {named: b"::stop-commands::x\n"}
    message = f"::error::pwned\n\n::set-output name=verdict::accepted\n{trap}"
    run = judge(world, world.pull("ana", files, branch=f"x/{trap}", message=message))
    assert run.jobs == BAD
    assert not [text for *_, text in run.annotations if text.startswith("pwned")]
    known = {"error", "warning", "stop-commands"}
    ends = {each["arg"] for each in run.events if each.get("command") == "stop-commands"}
    assert all(len(end) == 32 for end in ends)
    assert run.commands <= known | ends
    assert list(world.artifacts.iterdir()) == []
