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
from schema.file_rules import HOME as HOME
from schema.file_rules import (
    MAX_BYTES,
    file_name,
    file_name_twice,
    folder_name,
    has_bad_bytes,
    no_csv,
    not_judged,
    symlink,
    too_many_in_folder,
    wrong_place,
)
from schema.problem import MOST_LISTED, Problem, first_of_each
from schema.rules import Finding, apply, crash_site
from schema.table_rules import too_many_rows

TOML = "creator.toml"
E = TypeVar("E")
EFFECTS = "example-effects.toml"
TABLES = {".csv", ".tsv", ".xlsx", ".xls", ".ods", ".numbers"}  # or what is taken for one
BESIDE = {"LICENSE", "README.md", EFFECTS}  # may stand beside the creators' folders


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

    `effects` are the bytes of the effects that were planted in simulated creators, if any.
    """

    contributions: tuple[Contribution, ...]
    problems: tuple[Problem, ...] = ()
    effects: bytes | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """What a path means: the folder to read, and the part of it to report ("" is all of it).

    `alone` says that the folder is one creator's own, not a folder of creators.
    """

    root: Path
    part: str
    alone: bool

    def covers(self, file: str) -> bool:
        """Return whether a file or a folder is in the part."""
        return not self.part or file == self.part or file.startswith(self.part + "/")

    def touches(self, folder: str) -> bool:
        """Return whether a folder is in the part, or the part in it."""
        return self.covers(folder) or self.part.startswith(folder + "/")


def locate(path: Path) -> Target:
    """Find what to read for a CSV, a creator's folder or a folder of creators.

    A creator's folder in `contributions/` is read with its neighbours, so that copies between
    creators are seen from both sides. Raises FileNotFoundError, also for what is no contribution.
    """
    path = home_of(Path(os.path.abspath(path)))  # noqa: PTH100  # a link is named as it is
    if path.is_dir():
        if path.name == HOME:
            return Target(path, "", alone=False)
        if _is_creator(path):
            return _target(path, _place(path))
        entries = list(path.iterdir())
        if entries and not any(map(_holds_profile, entries)):
            raise FileNotFoundError(path)
        return Target(path, "", alone=False)
    is_beside = path.parent.name == HOME and path.name in BESIDE
    if is_beside or not (path.is_file() or path.is_symlink()):
        raise FileNotFoundError(path)
    if path.parent.name == HOME:
        return Target(path.parent, f"{HOME}/{path.name}", alone=False)
    if path.suffix.lower() not in TABLES and path.name != TOML and not _is_creator(path.parent):
        raise FileNotFoundError(path)
    return _target(path.parent, f"{_place(path.parent)}/{path.name}")


def _target(folder: Path, part: str) -> Target:
    is_home = folder.parent.name == HOME
    return Target(folder.parent if is_home else folder, part, alone=not is_home)


def home_of(path: Path) -> Path:
    """Return the `contributions` folder in a folder that has one, such as the repository's root.

    Any other path is returned as it is: also a creator's folder, whatever it holds.
    """
    path = Path(os.path.normpath(path))
    inner = path / HOME
    is_outer = path.name != HOME and path.parent.name != HOME and not _holds_profile(path)
    return inner if is_outer and inner.is_dir() else path


def _is_creator(folder: Path) -> bool:
    """Return whether a folder is one creator's: by its place, its profile, or its tables alone."""
    if folder.parent.name == HOME or _holds_profile(folder):
        return True
    entries = list(folder.iterdir())
    has_table = any(entry.suffix.lower() in TABLES for entry in entries)
    return has_table and not any(entry.is_dir() for entry in entries)


def _holds_profile(folder: Path) -> bool:
    try:
        return (folder / "creator.toml").is_file()
    except OSError:  # a folder that is closed to us
        return False


def _place(folder: Path) -> str:
    """Name a folder from `contributions/` on, or from its parent's content on."""
    is_inside = folder.parent.name == HOME and folder.name != HOME
    return f"{HOME}/{folder.name}" if is_inside else folder.name


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
    if root.name != HOME:  # somebody's own folder: what else is in it is not our business
        return Collection(tuple(map(_folder, folders)))
    strays: list[Problem] = []
    for entry in entries:
        if entry.is_symlink():
            strays.append(symlink.problem(f"{HOME}/{entry.name}", Finding()))
        elif not entry.is_dir() and entry.name not in BESIDE:
            strays.extend(apply(wrong_place, f"{HOME}/{entry.name}", entry.name))
    planted = root / EFFECTS
    effects = planted.read_bytes() if planted.is_file() else None
    return Collection(tuple(map(_folder, folders)), tuple(strays), effects)


def _has_csv(folder: Path) -> bool:
    try:
        return any(p.name == "creator.toml" or p.suffix == ".csv" for p in folder.iterdir())
    except OSError:
        return False


def _folder(folder: Path) -> Contribution:
    """Read one creator's folder from disk; links and folders in it are not followed."""
    place = _place(folder)
    contents: dict[str, bytes] = {}
    entries, problems = readable(place, {entry.name: entry for entry in os.scandir(folder)})
    for entry in entries:
        file = f"{place}/{entry.name}"
        if entry.is_symlink():
            problems.append(symlink.problem(file, Finding()))
        elif not entry.is_file(follow_symlinks=False):
            problems.extend(apply(wrong_place, file, entry.name))
        elif entry.name != "creator.toml" and (odd := list(apply(file_name, file, entry.name))):
            problems.extend(odd)
        else:
            with Path(entry.path).open("rb") as stream:
                contents[entry.name] = stream.read(MAX_BYTES + 1)
    return read(folder.name, place, contents, problems)


def readable(place: str, entries: Mapping[str, E]) -> tuple[list[E], list[Problem]]:
    """Give the entries of a creator's folder by name; of too many only that of creator.toml."""
    found = apply(too_many_in_folder, place, len(entries.keys() - {TOML}))
    return [entries[name] for name in sorted(entries) if not found or name == TOML], found


def read(
    creator: str, place: str, contents: Mapping[str, bytes], problems: Sequence[Problem] = ()
) -> Contribution:
    """Read one creator's files, given as bytes by name; the order of the files is of no account.

    Where something of ours breaks, the folder is not judged and has no rows; all others go on.
    """
    try:
        return _read(creator, place, contents, problems)
    except Exception as error:  # noqa: BLE001  # a crash on one folder stops no other
        found = (*problems, *apply(not_judged, place, crash_site(error)))
        toml = contents.get("creator.toml")
        return Contribution(creator, place, toml, (), found, _digests(contents))


def _read(
    creator: str, place: str, contents: Mapping[str, bytes], problems: Sequence[Problem]
) -> Contribution:
    found = [*problems, *apply(folder_name, place, creator)]
    found += [
        file_name_twice.problem(f"{place}/{finding.value}", finding)
        for finding in file_name_twice.find(contents)
    ]
    if not any(problem.rule == too_many_in_folder.slug for problem in problems):
        found += apply(no_csv, place, sum(name.endswith(".csv") for name in contents))
    lines = sum(_lines(raw) - 1 for name, raw in contents.items() if name != TOML)
    crowded = apply(too_many_rows, place, lines)
    found += crowded
    sheets = []
    for name in sorted(contents):
        file = f"{place}/{name}"
        misnamed = list(apply(file_name, file, name))
        found.extend(misnamed)
        # Of rows under a name of bytes that are no text nothing can be said; it is refused.
        if name != TOML and not misnamed and not crowded and not has_bad_bytes(creator):
            sheet, faults = read_sheet(file, contents[name])
            sheets.append(sheet)
            found.extend(first_of_each(faults) if len(found) > MOST_LISTED else faults)
    return Contribution(
        creator,
        place,
        contents.get("creator.toml"),
        tuple(sheets),
        tuple(found),
        _digests(contents),
    )


def _lines(raw: bytes) -> int:
    """Count the lines of a file's bytes before it is parsed: no table of them has more rows."""
    ends = raw.count(b"\n") + raw.count(b"\r") - raw.count(b"\r\n")
    return ends + (not raw.endswith((b"\n", b"\r")))


def _digests(contents: Mapping[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(raw).hexdigest() for name, raw in sorted(contents.items())}
