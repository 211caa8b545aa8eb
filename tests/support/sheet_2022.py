"""The sheet of 2022, where it is at hand, and its columns."""

from pathlib import Path

import pytest

from support.command_line import run
from support.contribution import ROOT

DATA = ROOT.parent / "shared" / "data" / "toul-2022"
SHEET_2022 = DATA / "raw.csv"
needs_2022 = pytest.mark.skipif(
    not DATA.exists(), reason="the files of 2022 are not in the project"
)


def bring(home: Path, *more: str) -> tuple[int, str]:
    answer = run(
        "import", SHEET_2022, "--creator", "toul-codes", "--github", "toul-codes", "--consent",
        "2026-11-22", "--licence", "MIT", "--zero-is-missing", "watched_full_pct",
        "--zero-is-missing", "duration_s", *more, "--contributions", home,
    )  # fmt: skip
    return answer.returncode, answer.stdout


OBSERVED = ("--zero-is-missing", "new_followers@2-133,187-191")
