"""The disk: killed at any event, begun again, full, shared: whole, or as it was before."""

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.dataset.simulate import simulate
from pipeline.storage import atomic_folders
from support.contribution import ROOT, TOML, csv_of
from support.git import ALONE
from support.issue import issue
from support.kills import ENVIRONMENT, killed, tree, tried

pytestmark = pytest.mark.slow  # each runs a command, some at each of its file events

NEW = ("new", "ana", "--github", "octocat", "--consent", "2026-05-31")
WHO = ("--github", "octocat", "--consent", "2026-05-31")
HISTORY = "inputs,videos,creators,question,term,level,estimate,ci_low,ci_high\n"
ASIDE = '# why\nana = "doubts"\n'


def write(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def git(folder: Path, *words: str) -> None:
    who = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.org")
    command = ["git", "-C", str(folder), *who, *words]
    subprocess.run(command, env=os.environ | ALONE, capture_output=True, check=True)


def creator(name: str) -> dict[str, str | bytes]:
    home = f"contributions/{name}"
    return {f"{home}/creator.toml": TOML, f"{home}/a.csv": csv_of({"video": f"{name} 1"})}


def sheets(start: Path) -> None:
    write(start, {f"{name}.csv": csv_of({"video": name}) for name in ("one", "two")})


def nothing(start: Path) -> None:
    """A clone whose contributions are still to come."""


def empty(start: Path) -> None:
    (start / "contributions").mkdir()


def sheets_and_nobody(start: Path) -> None:
    sheets(start)
    empty(start)


def sheets_and_ana(start: Path) -> None:
    sheets(start)
    write(start, creator("ana"))


def faulty(start: Path) -> None:
    write(start, creator("ana"))
    write(start, {f"contributions/ana/{n}.csv": csv_of({"views": "1,200"}) for n in ("a", "b")})
    write(start, {f"mine/{n}.csv": csv_of({"views": "1,200"}) for n in ("a", "b")})


def leaving(start: Path) -> None:
    """A history of three results: of before ana came, and of after."""
    write(start, {"schema/quarantine.toml": ASIDE, "reports/README.md": "a report"})
    write(start, creator("ben") | {".gitignore": (ROOT / ".gitignore").read_bytes()})
    git(start, "init", "--quiet", "--initial-branch=main")
    for number, names in enumerate(("a", "ab", "abc")):
        rows = "".join(f"{each},1,1,q,t,l,1,1,1\n" for each in names)
        write(start, {"reports/history.csv": HISTORY + rows})
        if number == 1:
            write(start, creator("ana"))
        git(start, "add", "--all")
        git(start, "commit", "--quiet", "--message", "A change")


def leaving_without_git(start: Path) -> None:
    write(start, {"schema/quarantine.toml": ASIDE, "reports/history.csv": HISTORY})
    write(start, {"reports/pooled.csv": "creator\nana\n"} | creator("ana") | creator("ben"))


def submitted(start: Path) -> None:
    write(start, creator("ben") | {"issue.json": json.dumps(issue())})


def old_report(start: Path) -> None:
    write(start, {"reports/a.csv": "old", "reports/old/b.csv": "old", "other.txt": "mine"})


def documents(start: Path) -> None:
    write(start, {"CONTRIBUTING.md": (ROOT / "CONTRIBUTING.md").read_bytes()})


Start = Callable[[Path], None]
IMPORT = ("import", "one.csv", "two.csv", "--creator", "ana")
SIMULATE = ("simulate", "--out", "x/y", "--creators", "1", "--videos", "9")
BOTH = ["contributions/ana/creator.toml", "contributions/ana/videos.csv"]
KILLED = [
    pytest.param(empty, NEW, 0, BOTH),
    pytest.param(nothing, NEW, 0, BOTH),
    pytest.param(
        sheets_and_nobody, (*IMPORT, *WHO), 0, ["contributions/ana/sheet-2026-04-01-2.csv"],

    ),
    pytest.param(sheets_and_ana, IMPORT, 0, ["contributions/ana/a.csv"]),
    pytest.param(faulty, ("fix", "contributions/ana"), 1, []),
    pytest.param(faulty, ("fix", "mine"), 1, []),
    pytest.param(leaving, ("withdraw", "ana"), 0, ["contributions/ben/a.csv"]),
    pytest.param(
        leaving_without_git, ("withdraw", "ana"), 0, ["contributions/ben/a.csv"]
    ),
    pytest.param(submitted, ("intake", "issue.json"), 0, BOTH[:1]),
    pytest.param(nothing, SIMULATE, 0, ["x/y/example-effects.toml"]),
    pytest.param(documents, ("docs",), 0, ["CONTRIBUTING.md"]),
    pytest.param(old_report, ("replace_folder", "reports"), 0, ["other.txt", "reports/b/c.csv"]),
    pytest.param(nothing, ("replace_folder", "reports"), 0, ["reports/b/c.csv"]),
    pytest.param(old_report, ("write_into", "reports"), 0, ["reports/old/b.csv"]),
    pytest.param(old_report, ("replace_file", "other.txt"), 0, ["other.txt"]),
]  # fmt: skip


def named(value: object) -> str | None:
    if isinstance(value, tuple):
        return " ".join(map(str, value))
    return value.__name__ if callable(value) else ""


def begun(tmp_path: Path, start: Start) -> Path:
    folder = tmp_path / "start"
    folder.mkdir()
    start(folder)
    return folder


@pytest.mark.parametrize(("start", "words", "code", "there"), KILLED, ids=named)
def test_whatever_is_killed_ends_well_when_it_is_begun_again(tmp_path, start, words, code, there):
    """At every file event; what is there then is what a run gives that nobody disturbs."""
    survey = killed(begun(tmp_path, start), *words)
    assert (survey["code"], survey["wrong"]) == (code, [])
    assert survey["kills"] >= 5
    assert set(there) <= set(survey["files"])
    assert not [name for name in survey["files"] if name.endswith(("lock", "writing", "gone"))]


def test_a_report_that_is_killed_is_written_by_the_next(tmp_path):
    """While it is written, between the two moves, and while the last one is removed."""
    start = begun(tmp_path, nothing)
    files = simulate(1, 10, 5)
    write(start, {f"contributions/{name}": raw for name, raw in files.items()})
    write(start, {"reports/summary.json": "{}", "reports/README.md": "the last one"})
    write(start, {"schema/quarantine.toml": ""})
    survey = killed(start, "report", "--quick", only=(8, -6, -4))
    assert (survey["code"], survey["kills"], survey["wrong"]) == (0, 3, [])
    assert "reports/index.html" in survey["files"]


FULL = "larger than a file may be here. Name a folder on another disk"
FILLED = [
    pytest.param(empty, NEW, 10, "contributions/ana/creator.toml"),
    pytest.param(nothing, NEW, 180, "contributions/ana/videos.csv"),
    pytest.param(sheets_and_nobody, (*IMPORT, *WHO), 100, "contributions/ana/sheet-"),
    pytest.param(sheets_and_ana, IMPORT, 100, "contributions/ana/sheet-"),
    pytest.param(faulty, ("fix", "contributions/ana"), 100, "contributions/ana/a.csv"),
    pytest.param(faulty, ("fix", "mine"), 100, "mine/a.csv"),
    pytest.param(leaving_without_git, ("withdraw", "ana"), 4, "schema/quarantine.toml"),
    pytest.param(leaving_without_git, ("withdraw", "ana"), 40, "reports/history.csv"),
    pytest.param(submitted, ("intake", "issue.json"), 10, BOTH[0]),
    pytest.param(nothing, SIMULATE, 100, "x/y/example-amber"),
    pytest.param(documents, ("docs",), 100, "CONTRIBUTING.md"),
]


@pytest.mark.parametrize(("start", "words", "limit", "file"), FILLED, ids=named)
def test_a_full_disk_names_the_file_and_leaves_nothing(tmp_path, start, words, limit, file):
    run = tried(begun(tmp_path, start), *words, limit=limit)
    assert (run["code"], run["changed"]) == (2, [])
    assert file in run["said"]
    assert FULL in run["said"]


@pytest.mark.parametrize("act", ["replace_folder", "write_into"])
def test_a_full_disk_leaves_the_old_files(tmp_path, act):
    run = tried(begun(tmp_path, old_report), act, "reports", limit=50)
    assert (run["code"], run["changed"]) == (errno.EFBIG, [])
    assert "reports/b/c.csv" in run["said"]


def linked_away(start: Path) -> None:
    """Ana's folder is a link to one elsewhere."""
    write(start, creator("ben") | {"sheet.csv": csv_of({}), "issue.json": json.dumps(issue())})
    write(start, {"elsewhere/creator.toml": TOML, "elsewhere/a.csv": csv_of({"views": "1,200"})})
    write(start, {"schema/quarantine.toml": ""})
    (start / "contributions/ana").symlink_to("../elsewhere")


def linked_nowhere(start: Path) -> None:
    linked_away(start)
    (start / "elsewhere").rename(start / "moved")


def in_the_way(start: Path) -> None:
    write(start, {"contributions": "a file", "issue.json": json.dumps(issue())})


def read_only(start: Path) -> None:
    write(
        start,
        creator("ben") | {"schema/quarantine.toml": "", "mine/a.csv": csv_of({"views": "1,200"})},
    )
    for name in ("contributions", "mine"):
        (start / name).chmod(0o555)


def read_only_above(start: Path) -> None:
    read_only(start)
    (start / "contributions").chmod(0o755)
    start.chmod(0o555)


def inside_is_denied(start: Path) -> None:
    read_only(start)
    (start / "contributions").chmod(0o755)
    (start / "contributions/ben").chmod(0o555)


def leads_back(start: Path) -> None:
    write(start, creator("ben"))
    (start / "loop").symlink_to("loop")
    (start / "away").symlink_to("nowhere")


LINK = "a file or a link stands where a folder should be"
THERE = "something else is there already"
DENIED = "you may not read or write it"
REFUSED = [
    pytest.param(linked_away, NEW, "is there already"),
    pytest.param(linked_away, ("import", "sheet.csv", "--creator", "ana"), LINK),
    pytest.param(linked_away, ("fix", "contributions/ana"), LINK),
    pytest.param(linked_away, ("intake", "issue.json"), LINK),
    pytest.param(linked_away, ("withdraw", "ana"), "There is no folder"),
    pytest.param(linked_nowhere, NEW, "is there already"),
    pytest.param(linked_nowhere, ("import", "sheet.csv", "--creator", "ana"), LINK),
    pytest.param(linked_nowhere, ("withdraw", "ana"), "There is no folder"),
    pytest.param(in_the_way, NEW, LINK),
    pytest.param(in_the_way, ("intake", "issue.json"), LINK),
    pytest.param(in_the_way, ("simulate", "--out", "contributions"), "is a file"),
    pytest.param(in_the_way, ("simulate", "--out", "contributions/x"), THERE),
    pytest.param(leads_back, ("simulate", "--out", "loop"), "leads nowhere"),
    pytest.param(leads_back, ("simulate", "--out", "away"), "leads nowhere"),
    pytest.param(leads_back, ("report", "--out", "loop"), "leads nowhere"),
    pytest.param(leads_back, ("report", "--out", "away"), "leads nowhere"),
    pytest.param(leads_back, ("report", "--out", "loop/x"), THERE),
    pytest.param(leads_back, (*NEW, "--contributions", "away"), LINK),
    pytest.param(read_only, NEW, DENIED),
    pytest.param(read_only, ("fix", "mine"), f"mine/a.csv could not be read or written: {DENIED}"),
    pytest.param(read_only, ("withdraw", "ben"), DENIED),
    pytest.param(read_only_above, NEW, DENIED),
    pytest.param(inside_is_denied, ("withdraw", "ben"), DENIED),
]


@pytest.mark.parametrize(("start", "words", "said"), REFUSED, ids=named)
def test_what_cannot_be_written_is_named_and_nothing_is_changed(tmp_path, start, words, said):
    """Least of all what a link leads to."""
    run = tried(begun(tmp_path, start), *words)
    assert (run["code"], run["changed"]) == (2, []), run["said"]
    assert said in " ".join(run["said"].replace("│", " ").split())


def half_done(start: Path) -> None:
    """What killed runs leave: a folder that was going, one that was coming, one that was whole."""
    write(start, creator("ben"))
    for what, name in (("gone", "cem"), ("writing", "dan"), ("written", "ana")):
        write(
            start,
            {f".{path}".replace("/", f".{what}/", 1): raw for path, raw in creator(name).items()},
        )


def test_what_a_killed_run_left_is_finished_before_anything_is_checked(tmp_path):
    run = tried(begun(tmp_path, half_done), "check")
    assert run["code"] == 0
    assert "All is well: 2 creators, 2 videos." in run["said"]
    left = [name for name in run["changed"] if not name.startswith(".")]
    assert left == [f"contributions/ana{name}" for name in ("", "/a.csv", "/creator.toml")]
    assert not [path for path in (tmp_path / "tried").iterdir() if path.name.startswith(".")]


def test_what_came_meanwhile_is_never_overwritten(tmp_path):
    start = begun(tmp_path, half_done)
    write(start, {"contributions/ana/a.csv": csv_of({"video": "of her own"})})
    atomic_folders.finish(start / "contributions")
    assert b"of her own" in (start / "contributions/ana/a.csv").read_bytes()
    assert (start / "contributions/ana/creator.toml").read_bytes() == TOML


def test_git_never_takes_what_a_run_leaves(tmp_path):
    start = begun(tmp_path, half_done)
    write(start, {".gitignore": (ROOT / ".gitignore").read_bytes()})
    write(start, {f".reports.{what}/README.md": "x" for what in atomic_folders.LEFT})
    write(start, {".reports.lock": "", ".contributions.lock": ""})
    write(start, {"schema/.quarantine.toml.writing": "", ".CONTRIBUTING.md.writing": ""})
    git(start, "init", "--quiet")
    git(start, "add", "--all")
    command = ["git", "-C", str(start), "ls-files"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert listed == [".gitignore", "contributions/ben/a.csv", "contributions/ben/creator.toml"]


HOLD = """
import sys, pathlib
from pipeline.storage import atomic_folders
from pipeline.dataset.simulate import simulate
with atomic_folders.only_one(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""
COUNT = """
import sys, pathlib
from pipeline.storage import atomic_folders
from pipeline.dataset.simulate import simulate
folder = pathlib.Path(sys.argv[1])
names = [pathlib.PurePosixPath(f"{n}.txt") for n in range(5)]
for _ in range(int(sys.argv[2])):
    with atomic_folders.only_one(folder):
        before = [int((folder / n).read_text()) if folder.exists() else 0 for n in names]
        assert len(set(before)) == 1, before
        atomic_folders.replace_folder(folder, {n: str(before[0] + 1).encode() for n in names})
"""


def other(code: str, *words: object) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", code, *map(str, words)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def test_a_killed_run_frees_its_lock(tmp_path):
    waited = []
    with other(HOLD, tmp_path / "reports") as holder:
        assert holder.stdout.readline() == "held\n"

        def waits() -> None:
            waited.append("yes")
            holder.kill()

        with atomic_folders.only_one(tmp_path / "reports", waits):
            assert waited == ["yes"]
    assert list(tmp_path.iterdir()) == []


def test_runs_that_write_one_folder_take_turns(tmp_path):
    runs = [other(COUNT, tmp_path / "reports", 8) for _ in range(3)]
    assert [run.communicate()[1] for run in runs] == [""] * 3
    numbers = {name: raw for name, raw in tree(tmp_path).items() if raw is not None}
    assert numbers == {f"reports/{n}.txt": b"24" for n in range(5)}
    assert [path.name for path in tmp_path.iterdir()] == ["reports"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("withdraw", "ben"), "A report is being written to reports; waiting"),
        (("report", "--quick"), "Another report is being written to reports; waiting"),
    ],
)
def test_who_has_to_wait_for_a_report_is_told(tmp_path, words, said):
    """A withdrawal, too: else the report that runs would bring back who is gone."""
    start = begun(tmp_path, leaving_without_git)
    write(start, {"reports/summary.json": "{}"})
    with atomic_folders.only_one(start / "reports"):
        command = [sys.executable, "-m", "support.kills", *words]
        run = subprocess.Popen(
            command, cwd=start, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT
        )
        assert run.stderr.readline().startswith(said)
        assert run.poll() is None
        assert (start / "contributions/ben/a.csv").is_file()
    assert run.communicate()[1] is not None
    assert run.returncode == 0
    assert (start / "contributions/ben").exists() == (words[0] == "report")
