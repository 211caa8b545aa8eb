"""From a commit to contributions, as `read` does from a disk: plain files only, no checkout."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from pipeline.dataset.locate import BESIDE
from pipeline.dataset.read import Contribution, is_csv, read, readable
from pipeline.storage.git import LINK, PLAIN_FILE, PROGRAM, Repository, Tree, TreeEntry
from pipeline.storage.git_blobs import read_blobs
from schema.creator import MAX_BYTES as MAX_PROFILE
from schema.file_rules import (
    HOME,
    MAX_BYTES,
    MAX_FILES,
    PROFILE,
    file_name,
    program,
    submodule,
    symlink,
    wrong_place,
)
from schema.problem import Problem
from schema.rules import Finding, apply


@dataclass(frozen=True, slots=True)
class _Folder:
    """One creator's folder in a tree: the blobs to read by name, and what cannot be read."""

    creator: str
    blobs: Mapping[str, str]
    problems: tuple[Problem, ...]


def contributions(
    repository: Repository, tree: Tree, creators: Collection[str]
) -> tuple[Contribution, ...]:
    """Read the folders of some creators of a tree, by name. Raises GitError."""
    inside = _inside(tree)
    folders = [_folder(creator, inside.get(creator, {})) for creator in sorted(creators)]
    wanted = chain.from_iterable(folder.blobs.values() for folder in folders)
    raw = read_blobs(repository, wanted, MAX_BYTES + 1)
    return tuple(
        read(
            folder.creator,
            f"{HOME}/{folder.creator}",
            {name: raw[blob] for name, blob in folder.blobs.items()},
            folder.problems,
        )
        for folder in folders
    )


def profiles(
    repository: Repository, tree: Tree, creators: Collection[str]
) -> dict[str, bytes | None]:
    """Read the creator.toml of those of some creators who have a folder in a tree, and no cell.

    None where the folder has none, or not as a plain file. Raises GitError.
    """
    there = set(creators) & set(creators_of(tree))
    entries = {creator: tree.get(f"{HOME}/{creator}/creator.toml") for creator in there}
    plain = {name: each.id for name, each in entries.items() if each and each.mode == PLAIN_FILE}
    raw = read_blobs(repository, plain.values(), MAX_PROFILE + 1)
    return {creator: raw[plain[creator]] if creator in plain else None for creator in sorted(there)}


def creators_of(tree: Tree) -> tuple[str, ...]:
    """Name the folders in `contributions/` of a tree."""
    return tuple(sorted({parts[1] for path in tree if len(parts := _parts(path)) > 2}))


def strays(paths: Sequence[str]) -> tuple[Problem, ...]:
    """Find the files that stand in `contributions/` itself, in no creator's folder."""
    names = [_parts(path)[1] for path in paths if len(_parts(path)) == 2]
    problems = [apply(wrong_place, f"{HOME}/{name}", name) for name in names if name not in BESIDE]
    return tuple(chain.from_iterable(problems))


def _parts(path: str) -> list[str]:
    parts = path.split("/")
    return parts if parts[0] == HOME else []


def _inside(tree: Tree) -> dict[str, dict[str, TreeEntry]]:
    """Sort the entries of all creators' folders: creator → path in the folder → entry."""
    entries: dict[str, dict[str, TreeEntry]] = {}
    for path, entry in tree.items():
        if len(parts := _parts(path)) > 2:
            entries.setdefault(parts[1], {})["/".join(parts[2:])] = entry
    return entries


def _folder(creator: str, inside: Mapping[str, TreeEntry]) -> _Folder:
    place = f"{HOME}/{creator}"
    blobs: dict[str, str] = {}
    named = {name.partition("/")[0]: (name, entry) for name, entry in inside.items()}
    entries, problems = readable(place, named)
    below = sorted(name for name, entry in inside.items() if _is_csv_below(name, entry))
    if not problems:
        blobs |= {name: inside[name].id for name in below[:MAX_FILES]}
    for name, entry in entries:
        own, slash, _ = name.partition("/")
        if slash:
            problems += apply(wrong_place, f"{place}/{own}", own)
        elif faults := _odd(f"{place}/{name}", name, entry):
            problems += faults
        else:
            blobs[name] = entry.id
    return _Folder(creator, blobs, tuple(problems))


def _odd(file: str, name: str, entry: TreeEntry) -> list[Problem]:
    """Say why an entry of a creator's folder is not read; nothing where it is."""
    if entry.mode == LINK:
        return [symlink.problem(file, Finding())]
    if entry.mode == PROGRAM:
        return list(apply(program, file, entry.mode))
    if entry.mode != PLAIN_FILE:
        return list(apply(submodule, file, entry.mode))
    return [] if name == PROFILE or is_csv(name) else list(apply(file_name, file, name))


def _is_csv_below(name: str, entry: TreeEntry) -> bool:
    """Return whether an entry is a CSV in a folder of a creator's folder, where it is not right."""
    return name.count("/") == 1 and entry.mode == PLAIN_FILE and is_csv(name)
