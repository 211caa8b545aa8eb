"""The workflow `judge`, run offline: the status that a merge requires, and the one comment."""

import subprocess

import pytest

from support import preloaded
from support.check_workflow import APOLOGY, CRASHES, CSV, ana, crash, judge
from workflows.contributions import ECHO, HEADER, TOML, contribution
from workflows.events import dispatch, merge_group, pull_request, pull_request_target
from workflows.github import BOT, user
from workflows.world import git

pytest_plugins = ["workflows.fixtures"]
pytestmark = pytest.mark.slow  # each runs git, pip and the review in fresh processes

MARK = "<!-- followworthy review -->"
VERDICT = "verdict"  # the context; MAINTAINING.md names it
DONE = {"announce": "success", "judge": "success", "write": "success"}
UNJUDGED = DONE | {"judge": "skipped"}
SKIPPED = dict.fromkeys(DONE, "skipped")
BAD = (b"ana-1,", b"ana-1,x")
OURS = "Not judged: our fault. A maintainer has to look at it."


def answer(world, pull, action="opened", **changes):
    return world.run("judge.yml", pull_request_target(pull, action, **changes))


def comments(world, pull):
    return [each["body"] for each in world.github.comments[pull["number"]]]


def states(world, sha):
    """List what was said of a commit, the oldest first."""
    assert {each["context"] for each in world.github.statuses[sha]} <= {VERDICT}
    return [each["state"] for each in reversed(world.github.statuses[sha])]


def description_of(world, sha):
    return world.github.statuses[sha][0]["description"]


def wrote(world):
    """Name the job and method of what was written beside the statuses."""
    asked = world.github.asked("POST", "PATCH", "PUT", "DELETE")
    return [(job, method) for job, method, path in asked if "/statuses/" not in path]


def another_run(world, sha, state="pending"):
    """Let a run that began later say something of a commit."""
    there = "https://github.com/followworthy/followworthy/actions/runs/999/attempts/1"
    what = {"context": VERDICT, "state": state, "target_url": there, "description": "Being judged."}
    world.github.statuses[sha].insert(0, what)


def once(world, job, change):
    """Let something happen when a job asks its first question."""

    def meanwhile(asking, method, path):
        if asking == job:
            world.github.meanwhile = None
            change()

    world.github.meanwhile = meanwhile


# --- the verdict, and the comment


def test_a_good_contribution_is_answered_in_the_words_of_the_check(world):
    pull = world.pull("ana", ana())
    words = judge(world, pull).summary
    run = answer(world, pull)
    assert run.jobs == DONE
    assert f"checked out {world.main}\n" in run.log("judge")
    assert comments(world, pull) == [words]
    assert words.startswith(MARK)
    assert states(world, pull["head"]["sha"]) == ["pending", "success"]
    assert wrote(world) == [("write", "POST")]
    assert {each.status for each in world.github.requests} == {200, 201}
    assert {each.job for each in world.github.requests} == {"announce", "write"}


def test_a_second_push_edits_the_comment_and_a_second_run_leaves_it(world):
    pull = world.pull("ana", ana(*BAD))
    others = [world.github.comment(pull["number"], user("ana"), f"word {n}") for n in range(120)]
    answer(world, pull)
    [first] = comments(world, pull)[len(others) :]
    assert f"{CSV}" in first
    assert pull["head"]["sha"] in first
    before = pull["head"]["sha"]
    assert states(world, before) == ["pending", "failure"]
    assert description_of(world, before).startswith("Refused.")
    world.push(pull, ana())
    answer(world, pull, "synchronize")
    [second] = comments(world, pull)[len(others) :]
    assert second != first
    assert pull["head"]["sha"] in second
    assert "says so already" in answer(world, pull, "reopened").log("write")
    assert states(world, pull["head"]["sha"]) == ["pending", "success"] * 2
    assert states(world, before) == ["pending", "failure"]
    assert wrote(world) == [("write", "POST"), ("write", "PATCH")]
    # An old verdict does not stand for a new commit.
    assert world.github.satisfied(pull["head"]["sha"], VERDICT)
    world.push(pull, ana(*BAD))
    assert not world.github.satisfied(pull["head"]["sha"], VERDICT)
    answer(world, pull, "synchronize")
    assert not world.github.satisfied(pull["head"]["sha"], VERDICT)


def test_what_others_mark_as_ours_is_not_edited(world):
    world.begin_with("echo")
    pull = world.pull("ana", ana())
    number = pull["number"]
    others = [user("mallory"), BOT | {"type": "User"}, BOT | {"login": "other[bot]"}]
    for who in others:
        world.github.comment(number, who, f"{MARK} mine")
    world.github.comment(number, BOT, f"> {MARK}")
    before = comments(world, pull)
    assert answer(world, pull).jobs == DONE
    assert comments(world, pull)[:-1] == before
    assert len(before) == 4


FORGED = b"""\
name: %b
on: pull_request
permissions: {statuses: write}
jobs:
  %b:
    runs-on: ubuntu-24.04
    steps:
      - env:
          GH_TOKEN: ${{ github.token }}
          WHERE: repos/${{ github.repository }}/statuses/${{ github.event.pull_request.head.sha }}
        run: gh api --method POST "$WHERE" -f state=success -f context=verdict || true
"""


NAMES = ("check", VERDICT, "judge")


def test_a_fork_that_renames_its_workflow_gains_no_verdict(world):
    """Its run is its own, with a token that can only read; ours does not wait for it."""
    forged = {f".github/workflows/{n}.yml": FORGED % (b"other", n.encode()) for n in NAMES}
    pull = world.pull("mallory", forged | ana(*BAD))
    head = pull["head"]["sha"]
    for name in NAMES:
        theirs = world.run(f"{name}.yml", pull_request(pull), at=pull["merge_commit_sha"])
        assert theirs.jobs == {name: "success"}
    assert [each.status for each in world.github.requests] == [403] * len(NAMES)
    world.github.checks[head] |= dict.fromkeys(NAMES, "success")
    answer(world, pull)
    assert states(world, head) == ["pending", "failure"]
    assert not world.github.satisfied(head, VERDICT)
    assert CSV in comments(world, pull)[0]


# --- the base branch


def test_a_text_that_is_edited_is_no_reason_to_judge(world):
    pull = world.pull("ana", ana())
    assert answer(world, pull, "edited", title={"from": "Add"}).jobs == SKIPPED
    assert world.github.requests == []


def test_a_pull_request_to_another_branch_is_not_judged_until_it_is_meant_for_main(world):
    world.begin_with("echo")
    pull = world.pull("ana", ana())
    pull["base"]["ref"] = "other"
    assert answer(world, pull).jobs == SKIPPED
    assert answer(world, pull, "edited", base={"ref": {"from": "third"}}).jobs == SKIPPED
    pull["base"]["ref"] = "main"
    assert answer(world, pull, "edited", base={"ref": {"from": "other"}}).jobs == DONE
    assert states(world, pull["head"]["sha"]) == ["pending", "success"]


@pytest.mark.parametrize("how", ["turned away", "closed"])
def test_a_verdict_goes_with_the_pull_request_that_it_was_about(world, how):
    world.begin_with("echo")
    pull = world.pull("ana", ana())
    head = pull["head"]["sha"]
    answer(world, pull)
    assert world.github.satisfied(head, VERDICT)
    if how == "closed":
        pull["state"] = "closed"
        run = answer(world, pull, "closed")
    else:
        pull["base"]["ref"] = "other"
        run = answer(world, pull, "edited", base={"ref": {"from": "main"}})
    assert run.jobs == UNJUDGED
    assert states(world, head)[2:] == ["pending", "failure"]
    assert description_of(world, head).startswith(
        "Not judged: no open pull request to main has this"
    )
    assert len(comments(world, pull)) == 1


def test_what_is_merged_keeps_its_verdict(world):
    pull = world.pull("ana", ana())
    pull |= {"state": "closed", "merged": True}
    assert answer(world, pull, "closed").jobs == SKIPPED
    run = world.run("judge.yml", dispatch(pull=str(pull["number"])))
    assert run.jobs == DONE | {"judge": "skipped", "write": "skipped"}
    assert states(world, pull["head"]["sha"]) == []


# --- several pull requests of one commit


def test_two_pull_requests_of_one_commit_are_told_apart_and_neither_can_be_merged(world):
    world.begin_with("echo")
    first, second = (world.pull("ana", ana(), branch=branch) for branch in ("one", "two"))
    head = first["head"]["sha"]
    assert head == second["head"]["sha"]
    assert answer(world, second).jobs == DONE
    assert comments(world, first) == []
    [body] = comments(world, second)
    assert f" --pull {second['number']} " in body
    assert states(world, head) == ["pending", "failure"]
    assert f"({first['number']}, {second['number']})" in description_of(world, head)
    # What is left once one of them is closed is judged, and in its own name.
    second["state"] = "closed"
    assert answer(world, second, "closed").jobs == DONE
    assert states(world, head)[2:] == ["pending", "success"]
    assert f" --pull {first['number']} " in comments(world, first)[0]
    assert len(comments(world, second)) == 1


def test_who_opens_anothers_commit_anew_does_not_get_its_verdict(world):
    pull = world.pull("ana", ana())
    head = pull["head"]["sha"]
    answer(world, pull)
    copy = world.pull("mallory", ana())
    copy["head"]["sha"] = head
    answer(world, copy)
    assert not world.github.satisfied(head, VERDICT)
    pull["state"] = "closed"
    answer(world, pull, "closed")
    assert not world.github.satisfied(head, VERDICT)
    assert description_of(world, head).startswith("Refused.")
    assert "mallory" in comments(world, copy)[0]


def test_three_of_one_commit_stay_unmerged_when_one_goes(world):
    world.begin_with("echo")
    one, *_ = (world.pull("ana", ana(), branch=branch) for branch in ("one", "two", "three"))
    one["state"] = "closed"
    assert answer(world, one, "closed").jobs == UNJUDGED
    assert states(world, one["head"]["sha"]) == ["pending", "failure"]
    assert wrote(world) == []


# --- late runs, and what breaks


CHANGES = {
    "pushed": lambda world, pull: world.push(pull, ana(*BAD)),
    "closed": lambda world, pull: pull.update(state="closed"),
    "meant for another branch": lambda world, pull: pull["base"].update(ref="old"),
    "meant for another repository": lambda world, pull: pull["base"].update(
        repo={"full_name": "mallory/followworthy"}
    ),
    "judged anew": lambda world, pull: another_run(world, pull["head"]["sha"]),
    "judged anew, and again": lambda world, pull: [
        another_run(world, pull["head"]["sha"], state) for state in ("pending", "success")
    ],
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_run_that_comes_late_writes_nothing(world, change):
    world.begin_with("echo")
    pull = world.pull("ana", ana())
    head = pull["head"]["sha"]
    once(world, "write", lambda: CHANGES[change](world, pull))
    run = answer(world, pull)
    assert run.jobs == DONE
    assert "nothing is written" in run.log("write")
    assert wrote(world) == []
    posted = [each for each in world.github.statuses[head] if "/999/" not in each["target_url"]]
    assert [each["state"] for each in posted] == ["pending"]


def test_the_run_that_began_last_has_the_say_whoever_ends_last(world):
    """An older run ends between: its verdict is no reason for the newer one to be silent."""
    world.begin_with("echo")
    pull = world.pull("ana", ana())
    head = pull["head"]["sha"]
    another_run(world, head)
    once(world, "write", lambda: another_run(world, head, "failure"))
    assert answer(world, pull).jobs == DONE
    assert states(world, head) == ["pending", "pending", "failure", "success"]


@pytest.mark.parametrize("where", [*CRASHES, "before the review"])
def test_a_crash_of_ours_is_red_and_said_in_the_comment(world, where):
    pull = world.pull("ana", ana())
    if where in CRASHES:
        crash(world, CRASHES[where])
    else:
        world.commit({"requirements.lock": b"pandas==0\n"})
    run = answer(world, pull)
    assert run.jobs["write"] == "success"
    assert states(world, pull["head"]["sha"]) == ["pending", "failure"]
    assert description_of(world, pull["head"]["sha"]) == OURS
    [body] = comments(world, pull)
    assert body.startswith(MARK)
    assert all(words in body for words in APOLOGY)
    assert f"pull-request={pull['number']}" in body
    assert run.summary == body


@pytest.mark.parametrize(
    ("claim", "end"), [("accepted", 1), ("accepted", 70), ("refused", 0), ("", 0)]
)
def test_an_exit_code_that_fits_no_verdict_is_no_success(world, claim, end):
    says = ECHO["pipeline/__main__.py"].replace(b"verdict=accepted", f"verdict={claim}".encode())
    world.begin_with("echo")
    world.commit({"pipeline/__main__.py": says + f"sys.exit({end})\n".encode()})
    pull = world.pull("ana", ana())
    answer(world, pull)
    assert states(world, pull["head"]["sha"]) == ["pending", "failure"]
    assert description_of(world, pull["head"]["sha"]) == OURS
    assert " --author ana " in comments(world, pull)[0]  # what was decided is told


def test_what_a_deleted_account_left_is_of_the_one_that_github_names_in_its_place(world):
    world.begin_with("echo")
    pull = world.pull("ana", ana())
    pull["user"] = pull["head"]["repo"] = None
    answer(world, pull)
    assert " --author ghost --author-id 10137 " in comments(world, pull)[0]


def test_a_verdict_without_a_word_is_no_success(world):
    silent = ECHO["pipeline/__main__.py"].replace(b'(out / "review.md").write_text', b"str")
    world.begin_with("echo")
    world.commit(
        {"pipeline/__main__.py": silent.replace(b', "utf-8")\n(out / "out', b')\n(out / "out')}
    )
    pull = world.pull("ana", ana())
    answer(world, pull)
    assert description_of(world, pull["head"]["sha"]) == OURS
    assert all(words in comments(world, pull)[0] for words in APOLOGY)


def test_what_breaks_while_the_commit_is_named_is_no_success(world):
    pull = world.pull("ana", ana())
    other = world.pull("ben", contribution("ben", "ben"))
    del other["head"]  # a list that nobody can read
    run = answer(world, pull)
    assert run.jobs == {"announce": "failure", "judge": "skipped", "write": "success"}
    assert states(world, pull["head"]["sha"]) == ["pending", "failure"]
    assert description_of(world, pull["head"]["sha"]) == OURS


# --- by hand, and in the merge queue


def test_a_run_by_hand_judges_the_pull_request_that_it_names(world):
    issue = world.github.issue("ana", "My videos", "...")
    branch = f"intake/{issue['number']}"
    world.begin_with("echo")
    pull = world.pull("followworthy", ana(), branch=branch, by=BOT)
    assert world.run("judge.yml", dispatch(pull=str(pull["number"]))).jobs == DONE
    assert f" --author ana --author-id {issue['user']['id']} " in comments(world, pull)[0]
    assert states(world, pull["head"]["sha"]) == ["pending", "success"]
    fork = world.pull("mallory", ana(), branch=branch)  # the name alone makes nobody its author
    answer(world, fork)
    assert " --author mallory " in comments(world, fork)[0]


@pytest.mark.parametrize(
    ("ref", "suffix", "jobs"),
    [
        ("refs/heads/theirs", "", SKIPPED),
        ("refs/heads/main", "?$(touch${IFS}$TEST_ARTIFACTS/x)", SKIPPED | {"announce": "failure"}),
    ],
)
def test_a_run_by_hand_is_of_main_and_takes_a_number_only(world, ref, suffix, jobs):
    pull = world.pull("ana", ana())
    run = world.run("judge.yml", dispatch(ref, pull=f"{pull['number']}{suffix}"))
    assert run.jobs == jobs
    assert states(world, pull["head"]["sha"]) == []
    assert list(world.artifacts.iterdir()) == []


def test_the_merge_queue_judges_the_data_only(world):
    base = world.commit(ana())
    # Several pull requests at once, each judged on its own before: creators, and our code.
    others = contribution("ben", "ben") | {"Makefile": b"test:\n"}
    good = world.commit({CSV: ana(b",1000,", b",900,")[CSV]} | others, branch="queue")
    assert world.run("judge.yml", merge_group(base, good), at=good).jobs == DONE
    assert states(world, good) == ["pending", "success"]
    bad = world.commit({CSV: ana(b",1000,", b",x,")[CSV]}, branch="queue")
    run = world.run("judge.yml", merge_group(base, bad), at=bad)
    assert states(world, bad) == ["pending", "failure"]
    assert CSV in run.summary
    assert wrote(world) == []


def test_a_crash_of_ours_stops_the_merge_queue(world):
    crash(world, CRASHES["at import"])
    base = world.main
    queued = world.commit(ana(), branch="queue")
    run = world.run("judge.yml", merge_group(base, queued), at=queued)
    assert states(world, queued) == ["pending", "failure"]
    assert all(words in run.summary for words in APOLOGY)


# --- size, and hostile text


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
    assert states(world, pull["head"]["sha"]) == ["pending", "failure"]


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
    command = [*preloaded.python(), "-m", "pipeline", "review", "--base", world.main]
    command += ["--head", pull["head"]["sha"], "--author", "ana", "--pull", str(pull["number"])]
    command += ["--author-id", str(pull["user"]["id"]), "--out", "out"]
    command += ["--site", "https://github.com/followworthy/followworthy"]
    subprocess.run(command, cwd=clone, capture_output=True, check=False)
    assert comments(world, pull) == [(clone / "out/review.md").read_text("utf-8")]
    assert run.outputs["pull"] == str(pull["number"])
    assert list(world.artifacts.iterdir()) == []
