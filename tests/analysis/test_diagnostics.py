"""What takes minutes is computed once for its inputs, in the command that people run."""

import hashlib
import re
import shutil
from pathlib import Path

import pytest

from pipeline.analysis.diagnostics import cache
from pipeline.analysis.diagnostics.diagnostics import (
    PARTIAL,
    PREDICTION,
    ROBUSTNESS,
    Diagnostics,
    key,
    sureness,
)
from support.command_line import run
from support.contribution import ROOT
from support.less_effort import copied_code
from support.results import findings_of, simulated

pytestmark = pytest.mark.slow
COMPUTING = "How sure, how predictive, for whom?"


def hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def code(tmp_path_factory):
    return copied_code(tmp_path_factory.mktemp("code"))


@pytest.fixture(scope="module")
def made(code, tmp_path_factory):
    """A report of a small pool with everything in it, and what it said while it was made."""
    return begun(code, tmp_path_factory.mktemp("made"), 8, 96)


@pytest.fixture(scope="module")
def smallest(code, tmp_path_factory):
    """A report of one creator: what is kept, and when, does not hang on how much it says."""
    return begun(code, tmp_path_factory.mktemp("smallest"), 1, 5)


def begun(code: Path, folder: Path, creators: int, videos: int) -> tuple[Path, str]:
    simulated(folder / "contributions", creators, videos)
    ended = report(code, folder / "contributions", folder / "reports")
    assert ended.returncode == 0, ended.stderr
    return folder, ended.stderr


def report(code: Path, contributions: Path, out: Path, *more: str, **environment: str):
    words = ("report", "--contributions", contributions, "--out", out, *more)
    return run(*words, cwd=code, **environment)


def test_it_says_what_it_does_and_keeps_it(made):
    folder, output = made
    assert COMPUTING in output
    assert output.count("in other reasonable ways") == 4
    assert "Predicting videos that the models have not seen" in output
    assert {str(name) for name in cache.NAMES} <= set(hashes(folder / "reports"))


@pytest.mark.parametrize("more", [[], ["--quick"]], ids=["whole", "quick"])
def test_the_second_time_it_is_read_and_the_bytes_are_the_same(code, smallest, more):
    folder, output = smallest
    assert COMPUTING in output
    before = hashes(folder / "reports")
    again = report(code, folder / "contributions", folder / "reports", *more)
    assert again.returncode == 0
    assert COMPUTING not in again.stderr
    assert hashes(folder / "reports") == before


def test_made_anew_it_is_the_same(code, made, tmp_path):
    folder, _ = made
    anew = report(code, folder / "contributions", tmp_path / "elsewhere", PYTHONHASHSEED="7")
    assert COMPUTING in anew.stderr
    assert hashes(tmp_path / "elsewhere") == hashes(folder / "reports")


def test_quick_leaves_it_out_and_says_so(code, smallest, tmp_path):
    folder, _ = smallest
    out = shutil.copytree(folder / "reports", tmp_path / "reports")
    (out / "robustness.csv").write_text("edited\n", encoding="utf-8")
    quick = report(code, folder / "contributions", out, "--quick")
    assert quick.returncode == 0, quick.stderr
    assert COMPUTING not in quick.stderr
    assert not {str(name) for name in cache.NAMES} & set(hashes(out))
    page = (out / "how-sure.html").read_text("utf-8")
    assert "python -m pipeline report" in page


def test_the_report_says_of_its_lines_how_they_hold():
    """The published one: so few creators as here tell of nothing."""
    page = (ROOT / "reports" / "README.md").read_text("utf-8")
    head, _, *rows = (line for line in page.splitlines() if line.startswith("|"))
    assert head.endswith("| sign holds in |")
    named = [row for row in rows if "**" in row and ("▲" in row or "■" in row)]
    assert named
    assert all(re.search(r"[0-9]+/[0-9]+, [0-9]+/[0-9]+, [0-9]+/[0-9]+ \|$", row) for row in named)
    assert "(how-sure.html)" in page


def test_what_says_nothing_says_why(tmp_path):
    """One account with five videos: no line, nothing to predict, nobody to draw towards."""
    findings = findings_of(simulated(tmp_path, 1, 5))
    progress: list[str] = []
    diagnostics = sureness(findings, progress.append)
    parts = {(each.part, each.question) for each in diagnostics.silences}
    assert (PREDICTION, "") in parts
    assert {part for part, _ in parts} == {ROBUSTNESS, PREDICTION, PARTIAL}
    assert all(each.why and "{" not in each.why for each in diagnostics.silences)
    assert len(progress) >= 6


def test_other_inputs_and_other_code_have_other_results(examples, smallest):
    def kept(folder: Path, inputs: str) -> Diagnostics | None:
        return cache.read({name: (folder / name).read_bytes() for name in cache.NAMES}, key(inputs))

    assert kept(ROOT / "reports", examples.inputs) is not None
    assert kept(ROOT / "reports", examples.inputs[::-1]) is None
    folder, _ = smallest
    assert kept(folder / "reports", findings_of(folder / "contributions").inputs) is None
