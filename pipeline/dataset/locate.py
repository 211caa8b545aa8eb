"""What a path means: the folder of contributions to read, and the part of it to report."""

import os
from dataclasses import dataclass
from pathlib import Path

from schema.file_rules import HOME, PROFILE

EFFECTS = "example-effects.toml"
TABLES = {".csv", ".tsv", ".xlsx", ".xls", ".ods", ".numbers"}  # or what is taken for one
BESIDE = {"LICENSE", "README.md", EFFECTS}  # may stand beside the creators' folders


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
            return _target(path, place_of(path))
        entries = list(path.iterdir())
        if entries and not any(map(_holds_profile, entries)):
            raise FileNotFoundError(path)
        return Target(path, "", alone=False)
    is_beside = path.parent.name == HOME and path.name in BESIDE
    if is_beside or not (path.is_file() or path.is_symlink()):
        raise FileNotFoundError(path)
    if path.parent.name == HOME:
        return Target(path.parent, f"{HOME}/{path.name}", alone=False)
    if path.suffix.lower() not in TABLES and path.name != PROFILE and not _is_creator(path.parent):
        raise FileNotFoundError(path)
    return _target(path.parent, f"{place_of(path.parent)}/{path.name}")


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
        return (folder / PROFILE).is_file()
    except OSError:  # a folder that is closed to us
        return False


def place_of(folder: Path) -> str:
    """Name a folder from `contributions/` on, or from its parent's content on."""
    is_inside = folder.parent.name == HOME and folder.name != HOME
    return f"{HOME}/{folder.name}" if is_inside else folder.name
