"""A copy of the code whose report takes less long, where its numbers decide nothing."""

import shutil
from pathlib import Path

from support.contribution import ROOT

SMALLER = (
    ("pipeline/analysis/prediction/models.py", "FULL = Effort()", "FULL = Effort(10, 10, 3, 5)"),
    ("pipeline/analysis/prediction/folds.py", "FOLDS = 10", "FOLDS = 3"),
    ("pipeline/analysis/robustness/choices.py", "MOST_DEPARTURES = 2", "MOST_DEPARTURES = 1"),
    ("pipeline/analysis/robustness/datasets.py", "TIMES = 10 ", "TIMES = 2 "),
)


def copied_code(to: Path) -> Path:
    """Copy what runs into a folder, with less effort."""
    for name in ("pipeline", "schema"):
        shutil.copytree(ROOT / name, to / name, ignore=shutil.ignore_patterns("__pycache__"))
    lessen(to)
    return to


def lessen(copy: Path) -> None:
    """Write smaller numbers into a copy of the code: fewer trees, folds, analyses and samples."""
    for file, old, new in SMALLER:
        text = (copy / file).read_text(encoding="utf-8")
        assert text.count(old) == 1, (file, old)
        (copy / file).write_text(text.replace(old, new), encoding="utf-8")
