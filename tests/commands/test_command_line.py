"""The commands as a person types them: what they answer, and with which exit code."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.command_line import run
from support.contribution import ROOT, TOML, csv_of

pytestmark = pytest.mark.slow  # each runs a command in a process


@pytest.fixture
def ana(home: Path) -> Path:
    folder = home / "ana"
    folder.mkdir()
    (folder / "creator.toml").write_bytes(TOML)
    (folder / "a.csv").write_bytes(csv_of({}))
    return folder


def test_no_error_is_0(ana):
    answer = run("check", ana)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout == "All is well: 1 creator, 1 video.\n"


def test_warnings_alone_are_0(ana):
    (ana / "a.csv").write_bytes(csv_of({"shares": "50"}))
    answer = run("check", ana)
    assert answer.returncode == 0
    assert "1 warning" in answer.stdout


def test_an_error_is_1_and_every_format_says_so(ana):
    (ana / "a.csv").write_bytes(csv_of({"views": "1,200"}))
    for style in ("text", "github", "json"):
        answer = run("check", ana / "a.csv", "--format", style)
        assert answer.returncode == 1
        assert "thousands-separator" in answer.stdout


def test_a_named_file_is_reported_and_its_folder_is_judged(ana):
    (ana / "b.csv").write_bytes(csv_of({}))
    answer = run("check", ana / "a.csv", "--format", "json")
    checked = json.loads(answer.stdout)
    assert {p["file"] for p in checked["problems"]} == {"contributions/ana/a.csv"}
    assert [entry["accepted"] for entry in checked["files"]] == [False, False]


def test_a_file_is_not_well_in_a_folder_that_is_refused(ana):
    (ana / "creator.toml").unlink()
    answer = run("check", ana / "a.csv")
    assert answer.returncode == 1
    assert "Not accepted yet: ana" in answer.stdout


def test_a_copy_is_seen_where_one_folder_is_named(ana):
    bea = ana.parent / "bea"
    bea.mkdir()
    (bea / "creator.toml").write_bytes(TOML)
    for folder in (ana, bea):
        (folder / "a.csv").write_bytes(csv_of({"video": "7665015920712060176"}))
    checked = json.loads(run("check", bea, "--format", "json").stdout)
    assert [(p["file"], p["rule"]) for p in checked["problems"] if p["severity"] == "error"] == [
        ("contributions/bea/a.csv", "id-of-two-creators")
    ]


@pytest.mark.parametrize(
    "words",
    [
        ["check", "nowhere"],
        ["check", "/dev/null"],
        ["check", "contributions/LICENSE"],
        ["check", "reports"],
        ["check", "schema"],
        ["check", "/"],
        ["fix", "."],
        ["fix", "contributions"],
        ["report", "--contributions", "contributions/example-amber"],
        ["report", "--contributions", "reports"],
        ["new", "con", "--github", "octocat", "--consent", "2026-05-31"],
        ["new", "ana", "--github", 'a"b', "--consent", "2026-05-31"],
        ["simulate", "--out", "tests"],
        ["check", "--format", "xml"],
        ["check", "--today", "31.05.2026"],
        ["chekc"],
        ["check", "--wrong"],
    ],
    ids=" ".join,
)
def test_misuse_is_2_and_says_what_is_wanted(words):
    answer = run(*words)
    assert answer.returncode == 2
    assert "Traceback" not in answer.stderr
    assert "Error" in answer.stderr


def test_the_root_of_the_repository_means_its_contributions(ana, tmp_path):
    other = tmp_path / "reports"
    (other / "figures").mkdir(parents=True)
    (other / "pooled.csv").write_bytes(b"a,b\n1,2\n")
    command = [sys.executable, "-m", "pipeline", "check", "--format", "json"]
    answers = [
        subprocess.run(
            [*command, *path], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True, text=True, check=True,
        ).stdout
        for path in ([], ["."], ["contributions"], ["contributions/.."])
    ]  # fmt: skip
    assert len(set(answers)) == 1
    assert [each["creator"] for each in json.loads(answers[0])["files"]] == ["ana"]
    refused = run("check", other)
    assert (refused.returncode, "holds no contribution" in refused.stderr) == (2, True)


def test_a_folder_of_something_else_is_never_taken_out(ana, tmp_path):
    code = tmp_path / "schema"
    code.mkdir()
    out = tmp_path / "reports"
    for home, name in ((tmp_path, "schema"), (code, "ana"), (ana, "ana"), (ana.parent, "bea")):
        answer = run("withdraw", name, "--contributions", home, "--out", out)
        assert answer.returncode == 2, answer.stdout
    assert code.is_dir()
    assert sorted(path.name for path in ana.iterdir()) == ["a.csv", "creator.toml"]


def test_a_new_folder_is_made_among_the_others(ana, tmp_path):
    words = ("--github", "octocat", "--consent", "2026-05-31")
    assert run("new", "bea", *words, "--contributions", tmp_path).returncode == 0
    assert (ana.parent / "bea" / "creator.toml").is_file()
    odd = b"a\xff".decode("utf-8", "surrogateescape")
    wrong = run("new", "eve", "--github", odd, "--consent", "2026-05-31")
    assert (wrong.returncode, "Traceback" in wrong.stderr) == (2, False)


def test_today_is_the_last_day_that_may_be(ana):
    assert run("check", ana, "--today", "2026-06-01").returncode == 0
    assert run("check", ana, "--today", "2026-03-31").returncode == 1


def test_a_rule_that_crashes_is_our_fault(ana, tmp_path):
    broken = tmp_path / "sitecustomize.py"
    broken.write_text(
        "import schema.row_rules as r, dataclasses\n"
        "def crash(captures): raise ValueError('secret@example.org')\n"
        "r.ROWS = (dataclasses.replace(r.shares_above_views, find=crash), *r.ROWS)\n"
    )
    answer = run("check", ana, PYTHONPATH=f"{tmp_path}{os.pathsep}{ROOT}")
    assert answer.returncode == 70
    assert "our fault, not yours" in " ".join(answer.stdout.split())
    assert "shares-above-views" in answer.stdout
    assert "[not-judged]" in answer.stdout
    assert "Traceback" not in answer.stderr
    assert "secret" not in answer.stdout + answer.stderr


def test_a_reader_that_goes_away_is_no_fault(ana):
    (ana / "a.csv").write_bytes(csv_of(*({"video": f"v{i}", "views": "x"} for i in range(3_000))))
    command = f'"{sys.executable}" -m pipeline check "{ana}" --format json | head -c 10'
    answer = subprocess.run(
        ["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert answer.stderr == ""


def test_an_answer_that_nobody_got_is_no_success(ana):
    command = f'"{sys.executable}" -m pipeline check "{ana}"'
    ends = {"> /dev/full": 2, "| true; exit ${PIPESTATUS[0]}": 1, ">&-": 0}
    for where, code in ends.items():
        answer = subprocess.run(
            ["bash", "-c", f"{command} {where}"],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        message = (
            "The answer could not be read or written: the disk is full. Make room on the disk, "
        )
        assert answer.returncode == code
        assert answer.stderr.startswith(message if code == 2 else "")
        assert answer.stderr.count("\n") == (code == 2)


def test_a_terminal_without_unicode_gets_an_answer(ana):
    (ana / "a.csv").write_bytes(csv_of({"category": "Ѕtоry 🍜"}))
    answer = run("check", ana, PYTHONIOENCODING="ascii", LC_ALL="C", PYTHONUTF8="0")
    assert answer.returncode == 1
    assert answer.stderr == ""


def test_the_answer_is_the_same_in_every_folder_locale_and_time_zone(ana, tmp_path):
    import shutil

    (ana / "a.csv").write_bytes(csv_of({"views": "1,200", "posted_on": "03/04/2024"}))
    twin = tmp_path / "elsewhere" / "contributions"
    shutil.copytree(ana.parent, twin)
    one = run("check", ana.parent, "--format", "json", TZ="Pacific/Kiritimati", LC_ALL="C.UTF-8")
    two = run("check", twin, "--format", "json", TZ="America/Adak", LANG="tr_TR.UTF-8")
    assert one.stdout == two.stdout
    assert str(tmp_path) not in one.stdout


def test_a_package_that_is_not_installed_is_told_without_a_traceback():
    code = (
        "import sys, runpy; sys.modules['typer'] = None; sys.argv = ['pipeline', 'check']\n"
        "runpy.run_module('pipeline', run_name='__main__')"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 2
    assert answer.stderr.startswith("The package typer is not installed for this Python.")
    assert answer.stderr.count("\n") == 1
