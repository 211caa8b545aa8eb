"""What takes minutes as files, and back. It is shown as read, so that new and kept are the same."""

import csv
import hashlib
import io
import json
import types
import typing
from collections.abc import Mapping
from dataclasses import astuple, fields
from pathlib import PurePosixPath
from typing import Any

from pipeline.analysis.diagnostics.creator_slopes import Personal
from pipeline.analysis.diagnostics.diagnostics import Diagnostics, Silence
from pipeline.analysis.prediction.tables import Bin, Relevance, Score
from pipeline.analysis.robustness.influence import Influence
from pipeline.analysis.robustness.specification_curve import Specification
from pipeline.storage.csv_text import as_csv

SEAL = PurePosixPath("sureness.json")
# Field of `Diagnostics` → the file, and what a row of it is.
TABLES: Mapping[str, tuple[str, type]] = {
    "specifications": ("robustness.csv", Specification),
    "influences": ("influence.csv", Influence),
    "scores": ("prediction.csv", Score),
    "bins": ("calibration.csv", Bin),
    "relevances": ("relevance.csv", Relevance),
    "personals": ("partial_pooling.csv", Personal),
    "silences": ("silences.csv", Silence),
}
NAMES = (SEAL, *(PurePosixPath(name) for name, _ in TABLES.values()))


def as_files(diagnostics: Diagnostics, key: str) -> dict[PurePosixPath, bytes]:
    """Write a CSV for each kind of row, and the key with the hash of each file."""
    written = {
        PurePosixPath(name): as_csv(
            [field.name for field in fields(kind)],
            [astuple(row) for row in getattr(diagnostics, part)],
        )
        for part, (name, kind) in TABLES.items()
    }
    hashes = {str(name): hashlib.sha256(raw).hexdigest() for name, raw in written.items()}
    seal = json.dumps({"version": 1, "key": key, "files": hashes}, indent=2) + "\n"
    return {SEAL: seal.encode(), **written}


def read(files: Mapping[PurePosixPath, bytes], key: str) -> Diagnostics | None:
    """Read what was kept; None where it is of other inputs, incomplete or not as it was written."""
    try:
        seal = json.loads(files[SEAL])
        if seal["version"] != 1 or seal["key"] != key:
            return None
        raws = {name: files[PurePosixPath(name)] for name, _ in TABLES.values()}
        if seal["files"] != {n: hashlib.sha256(raw).hexdigest() for n, raw in raws.items()}:
            return None
        return Diagnostics(
            **{part: _rows(raws[name], kind) for part, (name, kind) in TABLES.items()}
        )
    except (KeyError, TypeError, ValueError, RecursionError, csv.Error):
        return None


def _rows(raw: bytes, kind: type) -> tuple[Any, ...]:
    types_ = typing.get_type_hints(kind)
    reader = csv.DictReader(io.StringIO(raw.decode(), newline=""))
    return tuple(
        kind(**{name: _value(cell, types_[name]) for name, cell in row.items()}) for row in reader
    )


def _value(cell: str, kind: Any) -> str | int | float | bool | None:
    """Read a cell as the field's type has it; an empty one is None where that may be."""
    if isinstance(kind, types.UnionType):
        if not cell:
            return None
        kind = next(one for one in kind.__args__ if one is not type(None))
    if kind is bool:
        return cell == "True"
    value: str | int | float = kind(cell)
    return value
