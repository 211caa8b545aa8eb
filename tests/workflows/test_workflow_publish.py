"""publish.yml and nightly.yml, really run: commits, races, Pages, the one issue of a red pool."""

import json
import re

import pytest

from support.check_workflow import APOLOGY
from workflows.contributions import contribution
from workflows.events import dispatch, push, schedule
from workflows.github import BOT
from workflows.runner import Run
from workflows.world import World, git

pytest_plugins = ["workflows.fixtures"]
pytestmark = pytest.mark.slow  # each runs git, pip and the report in fresh processes

ANA = contribution("ana", "ana")
BEN = contribution("ben", "ben")
CEM = contribution("cem", "cem")
ID = "7300123456789012345"
GREEN = {"report": "success", "propose": "skipped", "pages": "success"}


def publish(world: World) -> Run:
    return world.run("publish.yml", push(world.main))


def hook(world: World, script: str) -> None:
    """Let origin do something when somebody pushes."""
    path = world.origin / "hooks/pre-receive"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


def annotated(run: Run, level: str) -> str:
    return " ".join(text for kind, _, _, text in run.annotations if kind == level)


def subjects(world: World) -> list[str]:
    return git(world.origin, "log", "--format=%an: %s", "main").splitlines()


def inputs(world: World) -> set[str]:
    """Name the sets of results in the history of main."""
    history = git(world.origin, "show", "main:reports/history.csv")
    return {row.split(",")[0] for row in history.splitlines()[1:]}


def test_the_report_is_committed_once_and_again_when_somebody_leaves(world):
    world.begin_with("whole")
    before = inputs(world)
    world.commit(ANA)
    first = publish(world)
    assert first.jobs == GREEN
    assert subjects(world)[0] == "github-actions[bot]: Rebuild the report"
    built = world.main
    changed = git(world.origin, "diff", "--name-only", f"{built}^", built).splitlines()
    assert changed
    assert all(name.startswith("reports/") for name in changed)
    assert "ana/videos.csv" in git(world.origin, "show", "main:reports/pooled.csv")
    assert (world.artifacts / "github-pages/index.html").is_file()

    second = publish(world)
    assert second.jobs["report"] == "success"
    assert world.main == built
    assert "as it was" in annotated(second, "notice")

    # A pull request that deletes the folder: what it helped to make goes from the history too.
    [with_ana] = inputs(world) - before
    world.commit(dict.fromkeys(ANA))
    assert publish(world).jobs["report"] == "success"
    assert before < inputs(world)
    assert with_ana not in inputs(world)
    assert "ana" not in git(world.origin, "show", "main:reports/pooled.csv")


def test_who_pushes_meanwhile_wins_and_is_in_the_report(world):
    """A hook of origin lets Ben be first, once. A folder with an error stops nothing."""
    wrong = {name: raw.replace(b",40,", b',"1,040",') for name, raw in CEM.items()}
    world.begin_with("whole")
    base = world.commit(ANA | wrong)
    theirs = world.commit(BEN, "theirs")
    moved = git(world.origin, "commit-tree", f"{theirs}^{{tree}}", "-p", base, "-m", "Ben's videos")
    once = f"touch moved; env -u GIT_QUARANTINE_PATH git update-ref refs/heads/main {moved}"
    hook(world, f"test -e moved || {{ {once}; }}")
    run = publish(world)
    assert run.jobs == GREEN, run.log("report")
    assert "main has moved meanwhile" in run.log("report")
    assert git(world.origin, "rev-parse", "main^") == moved
    pooled = git(world.origin, "show", "main:reports/pooled.csv")
    assert [name for name in ("ana", "ben", "cem") if f"/{name}/" in pooled] == ["ana", "ben"]
    assert "leaves it out" in annotated(run, "warning")


def reports(world: World, name: str) -> None:
    """Stand in for `report`, where only the workflow around it is tested: write one file."""
    world.begin_with("echo")
    code = (
        f"""import pathlib\npathlib.Path("reports/{name}").write_text("<p>")\nprint("Built.")\n"""
    )
    world.commit({"pipeline/__main__.py": code.encode()})


def test_where_main_takes_no_push_the_report_is_proposed_once(world):
    reports(world, "README.md")
    before = world.main
    hook(world, "if grep -q 'refs/heads/main$'; then echo protected >&2; exit 1; fi")
    first = publish(world)
    assert first.jobs == GREEN | {"propose": "success"}
    assert world.main == before
    proposed = git(world.origin, "rev-parse", "report")
    assert git(world.origin, "rev-parse", "report^") == before
    [pull] = world.github.pulls.values()
    assert (pull["head"]["ref"], pull["base"]["ref"]) == ("report", "main")
    sent = {"ref": "main", "inputs": {"pull": str(pull["number"])}, "workflow": "judge.yml"}
    assert world.github.dispatches == [sent]
    assert publish(world).jobs == GREEN | {"propose": "success"}
    assert git(world.origin, "rev-parse", "report") == proposed
    assert len(world.github.pulls) == 1


def test_a_crash_publishes_nothing(world):
    world.begin_with("whole")
    broken = world.read("pipeline/dataset/pool.py")
    world.commit(ANA | {"pipeline/dataset/pool.py": broken + b"\n\nOLDER = 1 / 0\n"})
    before = world.main
    run = publish(world)
    assert run.jobs == GREEN | {"report": "failure", "pages": "skipped"}
    assert world.main == before


def test_a_report_with_a_page_goes_to_pages(world):
    reports(world, "index.html")
    run = publish(world)
    assert run.jobs == GREEN
    assert (world.artifacts / "github-pages/index.html").read_bytes() == b"<p>"
    assert (world.artifacts / "deployed").exists()


def test_a_site_that_is_no_longer_that_of_main_is_not_sent(world):
    reports(world, "index.html")

    def meanwhile(job, method, path):
        if job == "pages":
            world.github.meanwhile = None
            world.commit(ANA)

    world.github.meanwhile = meanwhile
    run = publish(world)
    assert run.jobs == GREEN
    assert "main has moved on" in annotated(run, "notice")
    assert not (world.artifacts / "deployed").exists()


@pytest.mark.parametrize("moved", [False, True])
def test_a_site_that_github_refuses_is_sent_once_more_if_it_is_still_that_of_main(world, moved):
    reports(world, "index.html")
    (world.artifacts / "busy").touch()

    def meanwhile(job, method, path):
        if (world.artifacts / "refused").exists() and moved:
            world.github.meanwhile = None
            world.commit(ANA)

    world.github.meanwhile = meanwhile
    run = publish(world)
    assert run.jobs["pages"] == "success"
    assert (world.artifacts / "deployed").exists() != moved


def test_where_every_folder_is_refused_the_last_report_stays(world):
    """The command ends with 1, says so, and writes nothing."""
    world.begin_with("echo")
    before = git(world.origin, "rev-parse", "main:reports")
    world.commit({"pipeline/__main__.py": b'print("No folder is left.")\nraise SystemExit(1)\n'})
    run = publish(world)
    assert run.jobs == GREEN
    assert git(world.origin, "rev-parse", "main:reports") == before
    assert "could not be judged" in annotated(run, "warning")


# --- nightly


def night(world: World, event: tuple = ()) -> Run:
    return world.run("nightly.yml", event or schedule())


def red_issues(world: World) -> list[dict]:
    return [each for each in world.github.issues.values() if each["title"] == "The pool is red"]


def with_id(files: dict[str, bytes], name: str) -> dict[str, bytes]:
    """Give a creator's first video an id."""
    return {
        path: raw.replace(f"{name}-0,".encode(), f"{ID},".encode()) for path, raw in files.items()
    }


def test_a_red_pool_is_one_issue_until_it_is_green(world):
    world.github.issue("somebody", "Why is the pool red?", "?", ("question",))
    world.commit(with_id(ANA, "ana"))
    assert night(world).jobs == {"pool": "success", "tell": "success"}
    assert red_issues(world) == []

    # Two pull requests that were right each.
    world.commit(with_id(BEN, "ben"))
    first = night(world)
    assert first.jobs == {"pool": "success", "tell": "failure"}
    [issue] = red_issues(world)
    assert issue["user"] == BOT
    assert [label["name"] for label in issue["labels"]] == ["red-pool"]
    ana, ben = (f"- <code>contributions/{name}</code>: 1 error\n" for name in ("ana", "ben"))
    assert ana + ben in issue["body"]
    assert 'MAINTAINING.md, "Set a folder' in issue["body"]
    assert ID not in issue["body"]

    # A second night: another folder, the same issue, no comment.
    odd = "contributions/<b>@team$(id)/x.csv"
    world.commit({odd: b"video\n"})
    assert night(world, dispatch()).jobs["tell"] == "failure"
    assert len(red_issues(world)) == 1
    assert "&#60;b&#62;" in issue["body"]
    assert not re.search(r"@team|<b>|\$\(id", issue["body"])
    assert world.github.comments[issue["number"]] == []

    world.commit(BEN | {odd: None})
    assert night(world).jobs == {"pool": "success", "tell": "success"}
    assert issue["state"] == "closed"
    [last] = world.github.comments[issue["number"]]
    assert "All is well again" in last["body"]
    asked = len(world.github.asked("POST", "PATCH"))
    night(world)
    assert len(world.github.asked("POST", "PATCH")) == asked


def test_a_check_that_breaks_is_told_as_our_fault(world):
    rules = world.read("schema/row_rules.py")
    world.commit({"schema/row_rules.py": rules + b"\n\nROWS = (lambda *_: 1 / 0,)\n"})
    assert night(world).jobs["tell"] == "failure"
    [issue] = red_issues(world)
    assert all(words in issue["body"] for words in APOLOGY)
    assert json.dumps(issue["body"]).count("ZeroDivision") == 0


def test_a_folder_that_could_not_be_judged_is_named_and_the_others_are_judged(world):
    """The command ends with 70 then, and says all that it has found."""
    listing = (
        "- <code>contributions/ana</code>: not-judged\n- <code>contributions/ben</code>: 1 error\n"
    )
    world.begin_with("echo")
    world.commit({"pipeline/__main__.py": f"print({listing!r})\nraise SystemExit(70)\n".encode()})
    assert night(world).jobs["tell"] == "failure"
    [issue] = red_issues(world)
    assert listing in issue["body"]
    assert "Something is broken here" not in issue["body"]


def test_two_nights_at_once_leave_nothing_open(world):
    older, newer = (
        world.github.issue("x", "The pool is red", "?", ("red-pool",)) for _ in range(2)
    )
    world.begin_with("echo")
    world.commit({"pipeline/__main__.py": b"print('Red.')\nraise SystemExit(1)\n"})
    night(world)
    assert older["body"].startswith("Red.")
    assert newer["body"] == "?"
    assert len(red_issues(world)) == 2
    world.commit({"pipeline/__main__.py": b"print('Green.')\n"})
    assert night(world).jobs["tell"] == "success"
    assert {each["state"] for each in red_issues(world)} == {"closed"}
