"""From bytes to contributions: text cells whose index is the physical line. Nothing is repaired.

Beside `intake`, the only module that opens contributions. What cannot be read as a table is a
problem of the contribution; what the cells mean is for `check`.
"""

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pipeline.dataset.csv_file import Sheet, read_sheet
from pipeline.dataset.locate import BESIDE, EFFECTS, Target, place_of
from schema.file_rules import (
    HOME,
    MAX_BYTES,
    MAX_FILES,
    MAX_FOLDER,
    MAX_ROWS,
    PROFILE,
    file_name,
    file_name_twice,
    folder_name,
    folder_too_large,
    has_bad_bytes,
    no_csv,
    not_judged,
    symlink,
    too_many_in_folder,
    wrong_place,
)
from schema.problem import MOST_LISTED, Problem, first_of_each
from schema.rules import Finding, apply, crash_site

E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class Contribution:
    """One creator's folder as it was read. `toml` is None where there is no creator.toml.

    `sha256` has one digest a file, by name, for the fingerprint of a report's inputs.
    """

    creator: str
    place: str
    toml: bytes | None
    sheets: tuple[Sheet, ...]
    problems: tuple[Problem, ...]
    sha256: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Collection:
    """All creators of a folder, by name, and what stands beside them in the wrong place.

    `sheets` are the CSVs there: nobody's, and judged all the same. `effects` are the bytes of the
    effects that were planted in simulated creators, if any.
    """

    contributions: tuple[Contribution, ...]
    problems: tuple[Problem, ...] = ()
    effects: bytes | None = None
    sheets: tuple[Sheet, ...] = ()


def read_folders(target: Target) -> Collection:
    """Read the creator's folder, or every creator's folder in it. Raises OSError."""
    root = target.root
    if target.alone:
        return Collection((_folder(root),))
    entries = sorted(os.scandir(root), key=lambda entry: entry.name)
    folders = [
        Path(entry.path)
        for entry in entries
        if entry.is_dir(follow_symlinks=False) and (root.name == HOME or _has_csv(Path(entry.path)))
    ]
    planted = root / EFFECTS
    effects = planted.read_bytes() if planted.is_file() else None
    if root.name != HOME:  # somebody's own folder: what else is in it is not our business
        return Collection(tuple(map(_folder, folders)), effects=effects)
    strays: list[Problem] = []
    sheets: list[Sheet] = []
    for entry in entries:
        if entry.is_symlink():
            strays.append(symlink.problem(f"{HOME}/{entry.name}", Finding()))
        elif not entry.is_dir() and entry.name not in BESIDE:
            strays.extend(apply(wrong_place, f"{HOME}/{entry.name}", entry.name))
            if is_csv(entry.name) and entry.is_file() and len(sheets) < MAX_FILES:
                raw = _start_of(Path(entry.path), MAX_BYTES)
                sheet, faults = read_sheet(f"{HOME}/{entry.name}", raw)
                sheets.append(sheet)
                strays.extend(faults)
    return Collection(tuple(map(_folder, folders)), tuple(strays), effects, tuple(sheets))


def _has_csv(folder: Path) -> bool:
    try:
        return any(p.name == PROFILE or p.suffix == ".csv" for p in folder.iterdir())
    except OSError:
        return False


def _folder(folder: Path) -> Contribution:
    """Read one creator's folder from disk; links and folders in it are not followed."""
    place = place_of(folder)
    contents: dict[str, bytes] = {}
    left = MAX_FOLDER
    wanted: list[tuple[str, Path]] = []
    entries, problems = readable(place, {entry.name: entry for entry in os.scandir(folder)})
    for entry in entries:
        file = f"{place}/{entry.name}"
        if entry.is_symlink():
            problems.append(symlink.problem(file, Finding()))
        elif not entry.is_file(follow_symlinks=False):
            problems.extend(apply(wrong_place, file, entry.name))
            below = _csvs_in(Path(entry.path)) if entry.is_dir() else []
            wanted += [(f"{entry.name}/{path.name}", path) for path in below]
        elif entry.name != PROFILE and not is_csv(entry.name):
            problems.extend(apply(file_name, file, entry.name))
        else:
            wanted.append((entry.name, Path(entry.path)))
    for name, path in wanted:
        contents[name] = _start_of(path, MAX_BYTES if name == PROFILE else min(MAX_BYTES, left))
        if name != PROFILE:
            left = max(left - len(contents[name]), 0)
    return read(folder.name, place, contents, problems)


def is_csv(name: str) -> bool:
    """Return whether a file is read as a CSV, be its name right or not."""
    return name.lower().endswith(".csv") and not has_bad_bytes(name)


def _csvs_in(folder: Path) -> list[Path]:
    """Name the CSVs in a folder that stands where it should not; links are not followed."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return []
    return [
        Path(entry.path)
        for entry in entries
        if entry.is_file(follow_symlinks=False) and is_csv(entry.name)
    ][:MAX_FILES]


def _start_of(path: Path, most: int) -> bytes:
    """Read a file, up to one byte more than it may have."""
    with path.open("rb") as stream:
        return stream.read(most + 1)


def readable(place: str, entries: Mapping[str, E]) -> tuple[list[E], list[Problem]]:
    """Give the entries of a creator's folder by name; of too many only that of creator.toml."""
    problems = apply(too_many_in_folder, place, len(entries.keys() - {PROFILE}))
    return [entries[name] for name in sorted(entries) if not problems or name == PROFILE], problems


def read(
    creator: str, place: str, contents: Mapping[str, bytes], problems: Sequence[Problem] = ()
) -> Contribution:
    """Read one creator's files, given as bytes by name; the order of the files is of no account.

    Where something of ours breaks, the folder is not judged and has no rows; all others go on.
    """
    try:
        return _read(creator, place, contents, problems)
    except Exception as error:  # noqa: BLE001  # a crash on one folder stops no other
        with_crash = (*problems, *apply(not_judged, place, crash_site(error)))
        toml = contents.get(PROFILE)
        return Contribution(creator, place, toml, (), with_crash, _digests(contents))


def _read(
    creator: str, place: str, contents: Mapping[str, bytes], earlier: Sequence[Problem]
) -> Contribution:
    problems = [*earlier, *apply(folder_name, place, creator)]
    problems += [
        file_name_twice.problem(f"{place}/{finding.value}", finding)
        for finding in file_name_twice.find(contents)
    ]
    if not any(problem.rule == too_many_in_folder.slug for problem in earlier):
        problems += apply(no_csv, place, sum(name.endswith(".csv") for name in contents))
    sheets: list[Sheet] = []
    rows, size = MAX_ROWS, MAX_FOLDER  # that are left
    for name in sorted(contents):
        file = f"{place}/{name}"
        if "/" not in name:  # else its folder is told, which is wrong there
            problems.extend(apply(file_name, file, name))
        # Of rows under a name of bytes that are no text nothing can be said; it is refused.
        if name != PROFILE and is_csv(name) and not has_bad_bytes(creator):
            raw = contents[name]
            if large := apply(folder_too_large, file, len(raw), size):
                problems, size = problems + large, 0
                continue
            sheet, faults = read_sheet(file, raw, rows)
            rows, size = max(rows - sheet.rows, 0), size - len(raw)
            sheets.append(sheet)
            problems.extend(first_of_each(faults) if len(problems) > MOST_LISTED else faults)
    return Contribution(
        creator,
        place,
        contents.get(PROFILE),
        tuple(sheets),
        tuple(problems),
        _digests(contents),
    )


def _digests(contents: Mapping[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(raw).hexdigest() for name, raw in sorted(contents.items())}
