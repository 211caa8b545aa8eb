"""What takes minutes is kept for its inputs: written and read back the same, else done anew."""

import json
import shutil
from dataclasses import astuple, fields, replace
from pathlib import Path, PurePosixPath

import grimp
import pytest

from pipeline.analysis.diagnostics import cache, diagnostics
from pipeline.analysis.diagnostics.creator_slopes import Personal
from pipeline.analysis.diagnostics.diagnostics import MADE_BY, Diagnostics, Silence, key
from pipeline.analysis.prediction.tables import Bin, Relevance, Score
from pipeline.analysis.robustness.influence import Influence
from pipeline.analysis.robustness.specification_curve import Specification
from support.contribution import ROOT

KINDS = (Specification, Influence, Score, Bin, Relevance, Personal, Silence)


def made_up(kind: type, odd: float | None):
    """A row of any kind: words that CSV must quote, `odd` where a number may be missing."""
    values = {
        "str": 'a,"b"\nc',
        "int": 7,
        "float": 0.125,
        "float | None": odd,
        "bool": True,
        "int | None": None if odd is None else 3,
    }
    by_type = {field.name: values[str(getattr(field.type, "__name__", field.type))]
               for field in fields(kind)}  # fmt: skip
    return kind(**by_type)


@pytest.fixture
def sure() -> Diagnostics:
    rows = [(made_up(kind, None), made_up(kind, -1.5e-7)) for kind in KINDS]
    return Diagnostics(*rows)


def test_what_is_written_is_read_back(sure):
    files = cache.as_files(sure, "k")
    assert cache.read(files, "k") == sure
    assert set(files) == set(cache.NAMES)
    assert cache.as_files(cache.read(files, "k"), "k") == files


def test_digits_beyond_the_eighth_are_lost_once_and_for_all(sure):
    influence = replace(sure.influences[1], estimate=1 / 3)
    files = cache.as_files(replace(sure, influences=(influence,)), "k")
    again = cache.read(files, "k")
    assert again.influences[0].estimate == 0.33333333
    assert cache.as_files(again, "k") == files


def damaged(files, name, raw):
    return {**files, PurePosixPath(name): raw}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda files: {},
        lambda files: damaged(files, "sureness.json", b""),
        lambda files: damaged(files, "sureness.json", b"[]"),
        lambda files: damaged(files, "sureness.json", b"[" * 100_000),
        lambda files: damaged(
            files,
            "sureness.json",
            files[PurePosixPath("sureness.json")].replace(b'"version": 1', b'"version": 2'),
        ),
        lambda files: damaged(files, "sureness.json", b'{"version": 1}'),
        lambda files: damaged(files, "robustness.csv", b""),
        lambda files: damaged(files, "influence.csv", files[PurePosixPath("influence.csv")] + b"x"),
        lambda files: {name: raw for name, raw in files.items() if name.suffix == ".json"},
    ],
    ids=["nothing", "empty", "list", "deep", "newer", "old", "emptied", "edited", "lost"],
)
def test_what_is_not_as_it_was_written_is_not_read(sure, spoil):
    assert cache.read(spoil(cache.as_files(sure, "k")), "k") is None


def test_other_inputs_other_code_or_other_versions_are_another_key(sure, monkeypatch, tmp_path):
    files = cache.as_files(sure, key("inputs"))
    assert cache.read(files, key("other inputs")) is None
    before = key("inputs")
    here = tmp_path / "pipeline"
    monkeypatch.setattr(diagnostics, "HERE", here)
    for name in MADE_BY:
        place = here / name if Path(name).suffix else here / name / "module.py"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("", encoding="utf-8")
    diagnostics.code_digest.cache_clear()
    try:
        assert key("inputs") != before
    finally:
        diagnostics.code_digest.cache_clear()


def test_one_letter_of_the_code_is_another_key(monkeypatch, tmp_path):
    here = tmp_path / "pipeline"
    shutil.copytree(ROOT / "pipeline", here, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "schema", tmp_path / "schema")
    shutil.copy(ROOT / "requirements.lock", tmp_path)
    monkeypatch.setattr(diagnostics, "HERE", here)
    keys = set()
    touched = ("estimate/rubin.py", "analysis/robustness/specification_curve.py",
               "analysis/diagnostics/creator_slopes.py", "../schema/row_rules.py",
               "../schema/vocabulary.toml", "../requirements.lock")  # fmt: skip
    try:
        for name in ("", *touched):
            if name:
                with (here / name).open("a", encoding="utf-8") as stream:
                    stream.write("# one more\n")
            diagnostics.code_digest.cache_clear()
            keys.add(key("inputs"))
    finally:
        diagnostics.code_digest.cache_clear()
    assert len(keys) == 1 + len(touched)


def test_the_key_covers_every_module_between_the_pool_and_the_rows():
    """A change of code that could change a row must make it anew."""
    made = "pipeline.analysis.diagnostics.diagnostics"
    rooms = tuple(f"pipeline.{name.replace('/', '.')}." for name in MADE_BY)
    used = grimp.build_graph("pipeline", cache_dir=None).find_upstream_modules(made)
    assert len(used) > 50
    assert [name for name in used if not f"{name}.".startswith(rooms)] == []
    assert "../schema" in MADE_BY


def test_the_seal_names_each_file(sure):
    seal = json.loads(cache.as_files(sure, "k")[cache.SEAL])
    assert sorted(seal["files"]) == sorted(name for name, _ in cache.TABLES.values())
    assert astuple(sure.silences[0]) == ('a,"b"\nc',) * 3
    assert (ROOT / "requirements.lock").is_file()
