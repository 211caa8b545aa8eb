"""What `check` prints has the same bytes whatever the order of sets: no hash seed moves it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.contribution import ROOT, TOML, csv_of
from support.faults import BYTES, CELL_AND_ROW, FORMS, GOOD, SLOW, TOMLS, example

MANY_TIES = (
    b"video,views,new_followers,duration_s,category,,,,,a,b,a,b,views,views,,\n" + b"x,1,,1,info\n"
)
FORMATS = ("text", "github", "json", "markdown")


def write(place: Path, number: int, table: bytes, toml: bytes | None = TOML) -> None:
    folder = place / "contributions" / f"creator-{number}"
    folder.mkdir(parents=True)
    (folder / "a.csv").write_bytes(table)
    if toml is not None:
        (folder / "creator.toml").write_bytes(toml)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every bad file of the tests, a creator each."""
    place = tmp_path_factory.mktemp("corpus")
    files = [(raw, TOML) for slug, raw, *_ in BYTES if slug not in SLOW and len(raw) < 1_000_000]
    files += [(example(rule.found), TOML) for rule in CELL_AND_ROW]
    files += [(csv_of({name: cell}), TOML) for name, cell, *_ in FORMS]
    files += [(GOOD, toml) for toml, *_ in TOMLS]
    files += [(MANY_TIES, TOML), (MANY_TIES * 2, b""), (GOOD + b",,,,\n" * 3, TOML)]
    for number, (table, toml) in enumerate(files):
        write(place, number, table, toml)
    (place / "contributions" / "creator-0" / "b.CSV").write_bytes(GOOD)
    (place / "contributions" / "stray.csv").write_bytes(GOOD)
    assert len(files) > 200
    return place


@pytest.mark.slow
@pytest.mark.parametrize("style", FORMATS)
def test_the_hash_seed_changes_no_byte(corpus, style):
    command = [sys.executable, "-m", "pipeline", "check", str(corpus / "contributions")]
    command += ["--today", "2026-11-28", "--format", style]
    said = set()
    for seed in ("0", "1", "4711"):
        answer = subprocess.run(
            command,
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=False,
        )
        assert (answer.returncode, answer.stderr) == (1, b"")
        said.add(answer.stdout)
    assert len(said) == 1
    assert len(said.pop()) > 2_000
