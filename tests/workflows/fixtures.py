"""The fixtures: `pytest_plugins = ["workflows.fixtures"]` in a test file makes them known."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.contribution import ROOT
from support.less_effort import lessen
from workflows import runner
from workflows.contributions import ECHO
from workflows.server import certificate
from workflows.world import World, fresh, git

# Of the project: what runs, what is checked with, and few creators, so that a run stays short.
TAKEN = (
    ".github/",
    "pipeline/",
    "schema/",
    "requirements.lock",
    "CONTRIBUTING.md",
    ".gitattributes",
    ".pre-commit-config.yaml",
)
TAKEN += ("contributions/LICENSE", "contributions/README.md", "contributions/example-effects.toml")
TAKEN += ("contributions/example-birch/", "contributions/example-delta/", "reports/")
# A run writes each file of main, so main has few of them where a test needs no more:
REPORT = ("reports/", "pipeline/render/site/", "pipeline/render/charts/")
REPORT += ("pipeline/render/diagnostics/", "pipeline/analysis/prediction/")
REPORT += ("pipeline/analysis/replication/", "pipeline/analysis/robustness/")
CHECKED = "pipeline/analysis/replication/splits"  # a file of maintainers, and what it may say
AROUND = (".github/workflows/", "requirements.lock", "Makefile", "reports/README.md")
AROUND += ("reports/index.html",)
OWNERS = b"* @maintainer\n"
TESTS = b"test:\n\t@echo the tests ran on $$(git rev-parse HEAD)\n"


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Commit this project, small, in a bare repository; with a certificate beside it."""
    if lost := runner.missing():
        pytest.skip(lost)
    folder = tmp_path_factory.mktemp("template")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("this is no git checkout, so there is no list of files to commit")
    bare, work = folder / "origin.git", folder / "work"
    git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(bare))
    # GitHub hands out any commit that it holds.
    git(bare, "config", "uploadpack.allowAnySHA1InWant", "true")
    git(folder, "clone", "--quiet", str(bare), str(work))
    for name in sorted(filter(None, listed.stdout.decode().split("\0"))):
        if name.startswith(TAKEN) and (ROOT / name).is_file():
            (work / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, work / name)
    (work / ".github/CODEOWNERS").write_bytes(OWNERS)
    (work / "Makefile").write_bytes(TESTS)
    lessen(work)
    git(work, "add", "--all")
    names = git(work, "ls-files", "-z").rstrip("\0").split("\0")
    _keep(work, "whole", names)
    judging = [n for n in names if n.startswith(CHECKED) or not n.startswith(REPORT)]
    _keep(work, "review", judging)
    for name, content in ECHO.items():
        (work / name).write_bytes(content)
    _keep(work, "echo", [*ECHO, *(name for name in names if name.startswith(AROUND))])
    certificate(folder)
    return folder


def _keep(work: Path, base: str, names: list[str]) -> None:
    """Send a commit with these files, for tests that begin with it."""
    git(work, "read-tree", "--empty")
    git(work, "add", "--", *names)
    made = git(work, "commit-tree", git(work, "write-tree"), "-m", "The base")
    git(work, "push", "--quiet", "origin", f"{made}:refs/bases/{base}")


@pytest.fixture
def world(tmp_path: Path, template: Path) -> Iterator[World]:
    """Give a fresh copy of everything, with a fake GitHub that runs as long as the test."""
    with fresh(tmp_path, template) as made:
        yield made
