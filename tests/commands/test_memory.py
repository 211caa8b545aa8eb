"""The memory of a check depends on what is read, not on how much of it is wrong."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from schema.columns import COLUMNS
from schema.file_rules import MAX_BYTES, MAX_FILES, MAX_ROWS
from support.contribution import ROOT, ROW, TOML

MOST_KB = 1_000_000
NAMES = [column.name for column in COLUMNS]
FEW = ["video", "views", "new_followers", "duration_s", "category"]


Row = Callable[[int], list[str]]


def table(part: int, row: Row, names: list[str] = NAMES, mark: str = "") -> bytes:
    """As many rows as a part of a file may have, with a mark around each cell."""
    return b"".join(_lines(part, row, names, mark))


def _lines(part: int, row: Row, names: list[str], mark: str) -> Iterator[bytes]:
    room = MAX_BYTES // part
    for number in range(-1, MAX_ROWS // part):
        cells = names if number < 0 else [f"{mark}{cell}{mark}" for cell in row(number)]
        line = (",".join(cells) + "\n").encode("utf-8", "surrogateescape")
        room -= len(line)
        if room < 0:
            return
        yield line


def good(number: int, **cells: str) -> list[str]:
    row = ROW | {"video": f"v{number}"} | cells
    return [row.get(name, "") for name in NAMES]


def short(number: int) -> str:
    return f"{number % 4096:03x}"


WRONG: dict[str, Callable[[int], bytes]] = {
    "every cell alike": lambda part: table(part, lambda n: ["x?"] * 25),
    "every cell another": lambda part: table(
        part, lambda n: [f"?{short(25 * n + k)}" for k in range(25)]
    ),
    "bytes that are no UTF-8": lambda part: table(part, lambda n: ["\udce9"] * 25),
    "out of range": lambda part: table(
        part, lambda n: ["", "", *["1"] * 4, "999", "1", "1", *["9999"] * 16]
    ),
    "ragged": lambda part: table(part, lambda n: [f"v{n}", "1"]),
    "blank lines": lambda part: table(part, lambda n: []),
    "one letter a line": lambda part: b"video\n" + b"a\n" * (MAX_BYTES // 2 // part - 10),
    "marks of a conflict": lambda part: b"<<<<<<< x\n" * (MAX_BYTES // 10 // part),
    "the same row": lambda part: table(part, lambda n: good(0)),
    "every label a formula": lambda part: table(
        part, lambda n: [f"={n}", "1", "", "7", "info"], FEW
    ),
    "quoted": lambda part: table(part, good, mark='"'),
    "questions": lambda part: table(
        part,
        lambda n: good(n, views="50", likes="60", shares="70", new_followers="5", avg_watch_s="99")
    ),
    "empty lines": lambda part: (
        table(part, good)[:2_000].rpartition(b"\n")[0] + b"\n" * (MAX_BYTES // part - 2_000)
    ),
    "unknown columns": lambda part: table(
        part,
        lambda n: ["v", "1", "", "7", "info"] + ["1"] * 59,
        FEW + [f"unknown{k}" + "x" * 900 for k in range(59)],
    ),
}  # fmt: skip


# What takes most is as large as a file may be. Of the others a quarter may take a quarter: what is
# kept of each row or problem would be seen there, too.
WHOLE = ("bytes that are no UTF-8", "quoted", "unknown columns", "the same row")


@pytest.mark.slow
@pytest.mark.parametrize("name", WRONG)
def test_a_file_at_its_limits_takes_little_however_wrong_it_is(tmp_path, checked, name):
    part = 1 if name in WHOLE else 4
    folder = tmp_path / "contributions" / "ana"
    folder.mkdir(parents=True)
    (folder / "creator.toml").write_bytes(TOML)
    (folder / "a.csv").write_bytes(WRONG[name](part))
    assert len(checked(folder, part)) < 10_000


@pytest.mark.slow
def test_a_folder_takes_little_however_many_files_it_has(tmp_path, checked):
    folder = tmp_path / "contributions" / "ana"
    folder.mkdir(parents=True)
    (folder / "creator.toml").write_bytes(TOML)
    rows = "".join(",".join(["?"] * 25) + "\n" for _ in range(450))
    for number in range(MAX_FILES // 4):
        (folder / f"{number}.csv").write_text(",".join(NAMES) + "\n" + rows)
    # "?" may be a label and a subject; that one label stands in every row is a problem, too.
    assert sum(1 + problem["more"] for problem in checked(folder, 4)) == 100 * 450 * 24


# Loads the code once and forks for each folder. A fork begins with the memory of a process that
# has just loaded the code, as a new one would have it, and not with that of pytest.
FORKS = """
import os, runpy, sys
import pandas, pandera.pandas, pipeline.commands
sys.argv = ["pipeline", "check", "", "--format", "json", "--today", "2026-11-22"]
for line in sys.stdin:
    sys.argv[2] = line.rstrip("\\n")
    if (child := os.fork()) == 0:
        os.dup2(os.open(f"{sys.argv[2]}.json", os.O_WRONLY | os.O_CREAT), 1)
        runpy.run_module("pipeline", run_name="__main__")
    _, status, used = os.wait4(child, 0)
    print(os.waitstatus_to_exitcode(status), used.ru_maxrss, flush=True)
"""


@pytest.fixture(scope="module")
def checked(tmp_path_factory) -> Iterator[Callable[[Path, int], list[dict[str, int]]]]:
    """Check a folder in a process of its own, which may take so much memory; give the problems.

    A folder that is a part of what one may be may take that part, beyond what the code takes.
    """
    pipe, command = subprocess.PIPE, [sys.executable, "-c", FORKS]
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:

        def taken(folder: Path) -> int:
            print(folder, file=process.stdin, flush=True)
            code, most_kb = map(int, process.stdout.readline().split())
            assert code in (0, 1)
            return most_kb

        least_kb = taken(tmp_path_factory.mktemp("nothing"))

        def check(folder: Path, part: int) -> list[dict[str, int]]:
            assert taken(folder) < least_kb + (MOST_KB - least_kb) // part
            answer = json.loads(folder.with_name(f"{folder.name}.json").read_bytes())
            problems: list[dict[str, int]] = answer["problems"]
            return problems

        yield check
