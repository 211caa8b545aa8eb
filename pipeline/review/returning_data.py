"""Whether a pull request brings back what was taken out: the name of a folder, a file, or rows.

Rows are compared by what they say, so that another order, form or name of a file hides nothing.
What was merged is looked at, step by step; what a request did and undid before was never here.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from pipeline.dataset.read_commit import creators_of
from pipeline.dataset.row_keys import (
    RowKeys,
    comes_back,
    is_known,
    joined,
    read,
    read_past,
    without,
)
from pipeline.review.scope import Scope, creator_of
from pipeline.storage import git
from pipeline.storage.git import Repository, TooMuchError, Tree, TreeChange
from schema import creator as profile
from schema.file_rules import HOME, MAX_BYTES
from schema.refusals import Refusal, refusal

TABLE = ".csv"
PROFILE = "creator.toml"
# What is read of the past: some seconds, and less than 300 MB.
MOST_BYTES = 64 * 1024 * 1024
MOST_TABLES = 1_000
MOST_ROWS = 400_000
MOST_ROWS_OF_TABLE = 20_000
MOST_BYTES_OF_TABLE = 3 * 1024 * 1024


class Past(StrEnum):
    """How much of the past was looked through for what was taken out."""

    WHOLE = "whole"
    SHALLOW = "shallow"  # the clone does not have it
    TOO_LONG = "too-long"  # not all tables were read, or not all of their rows


@dataclass(frozen=True, slots=True)
class Returning:
    """What comes back, and whether all of the past was looked through for it."""

    refusals: tuple[Refusal, ...] = ()
    past: Past = Past.WHOLE


@dataclass(frozen=True, slots=True)
class _Memory:
    """What stood in the creators' folders: the ids of each, and the folders it was renamed to.

    `gone` are the tables whose path is there no more, by folder and id, the latest first.
    """

    ids: dict[str, set[str]] = field(default_factory=dict)
    heirs: dict[str, set[str]] = field(default_factory=dict)
    gone: dict[tuple[str, str], None] = field(default_factory=dict)
    logins: dict[str, str] = field(default_factory=dict)  # of the folders, at their end

    def of_login(self, login: str | None) -> set[str]:
        """Name the folders that are or were a login's."""
        return {name for name, other in self.logins.items() if other == login}

    def ancestors(self, creators: Collection[str]) -> set[str]:
        """Name some folders, and all that were renamed to them."""
        found, more = set[str](), set(creators)
        while more:
            found |= more
            more = {name for name, heirs in self.heirs.items() if heirs & found} - found
        return found

    def descendants(self, creator: str) -> set[str]:
        """Name a folder, and all that it was renamed to."""
        found, more = set[str](), {creator}
        while more:
            found |= more
            more = {heir for name in found for heir in self.heirs.get(name, ())} - found
        return found | {
            other for name in found if name in self.logins
            for other in self.of_login(self.logins[name])
        }  # fmt: skip


def returning(repository: Repository, base: str, tree: Tree, what: Scope) -> Returning:
    """Refuse to bring back what was withdrawn, under its own name or another's."""
    here = set(creators_of(tree))
    new = [creator for creator in what.creators if creator not in here]
    if not new and not any(_is_table(change) for change in what.touched):
        return Returning()
    found = [refusal("stood-here-before", f"{HOME}/{name}") for name in new
             if git.stood(repository, base, f"{HOME}/{name}")]  # fmt: skip
    try:
        memory = _memory(repository, base, tree)
        owns = {creator: _own(repository, memory, tree, what, creator) for creator in what.creators}
        gone, is_whole = _gone(repository, memory, set.intersection(*owns.values()))
    except TooMuchError:
        return Returning(tuple(found), Past.TOO_LONG)
    for creator, own in owns.items():
        files = list(_files(repository, memory, tree, what, creator, own))
        found += files or _rows(repository, memory, tree, what, creator, own, gone)
    is_shallow = git.is_shallow(repository)
    past = Past.SHALLOW if is_shallow else Past.WHOLE if is_whole else Past.TOO_LONG
    return Returning(tuple(found), past)


def _is_table(change: TreeChange) -> bool:
    return change.new is not None and change.path.endswith(TABLE)


def _memory(repository: Repository, base: str, tree: Tree) -> _Memory:
    """Remember what stood in the folders, in all of the past."""
    memory = _Memory()
    profiles: dict[str, str] = {}
    for step in git.past(repository, base, HOME):
        lost: dict[tuple[str, str], str] = {}
        inside = [(creator, change) for change in step if (creator := creator_of(change.path))]
        for creator, change in inside:
            for entry in filter(None, (change.new, change.old)):
                memory.ids.setdefault(creator, set()).add(entry.id)
                is_file = entry.mode != git.SUBMODULE
                if is_file and _below(change.path) == PROFILE:
                    profiles.setdefault(creator, entry.id)
                if is_file and change.path.endswith(TABLE) and change.path not in tree:
                    memory.gone[creator, entry.id] = None
            if change.old and not change.new:
                lost[_below(change.path), change.old.id] = creator
        for creator, change in inside:
            if change.new and not change.old:
                old = lost.get((_below(change.path), change.new.id), creator)
                memory.heirs.setdefault(old, set()).add(creator)
    memory.logins.update(_logins(repository, profiles))
    return memory


def _logins(repository: Repository, profiles: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Read the logins that creator.toml names, by folder, in lower case."""
    raw = git.read_blobs(repository, profiles.values(), profile.MAX_BYTES + 1)
    for name, blob in profiles.items():
        login = (profile.table(raw[blob]) or {}).get("github")
        if isinstance(login, str) and profile.LOGIN.fullmatch(login):
            yield name, login.casefold()


def _own(
    repository: Repository, memory: _Memory, tree: Tree, what: Scope, creator: str
) -> set[str]:
    """Name the folders whose past is that of a folder: renamed to it, or of the same login.

    The base says whose a folder is; a new one says it itself, and its author has to be that one.
    """
    theirs = set(what.creators) if what.is_move else {creator}
    path = f"{HOME}/{creator}/{PROFILE}"
    entry = tree.get(path) or what.result.get(path)
    here = entry is not None and entry.mode != git.SUBMODULE
    logins = dict(_logins(repository, {creator: entry.id} if entry and here else {}))
    same = memory.of_login(logins[creator]) if creator in logins else set()
    return memory.ancestors((theirs & set(creators_of(tree))) | same)


def _below(path: str) -> str:
    """Name a path below its creator's folder."""
    return path.split("/", 2)[-1]


def _gone(
    repository: Repository, memory: _Memory, own: Collection[str]
) -> tuple[dict[str, RowKeys], bool]:
    """Read the tables that are gone, by folder; and whether that is all of them."""
    sizes = git.sizes_of(repository, sorted({name for _, name in memory.gone}))
    chosen, total = list[tuple[str, str]](), 0
    for creator, name in _by_turns(memory.gone, sizes, own):
        total += min(sizes[name], MOST_BYTES_OF_TABLE)
        if total > MOST_BYTES or len(chosen) == MOST_TABLES:
            break
        chosen.append((creator, name))
    raw = git.read_blobs(repository, (name for _, name in chosen), MOST_BYTES_OF_TABLE)
    found, left = dict[str, list[RowKeys]](), MOST_ROWS
    is_whole = len(chosen) == len(memory.gone)
    for creator, name in chosen:
        start = _start(raw[name])
        rows = read_past(start, is_gone=True)
        is_whole &= len(start) == sizes[name] and len(rows.name) <= min(left, MOST_ROWS_OF_TABLE)
        most = min(left, MOST_ROWS_OF_TABLE)
        found.setdefault(creator, []).append(RowKeys(*(keys[:most] for keys in rows.all)))
        left -= min(len(rows.name), most)
        if not left:
            is_whole &= (creator, name) == chosen[-1]
            break
    return {creator: joined(rows) for creator, rows in found.items()}, is_whole


def _by_turns(
    gone: Collection[tuple[str, str]], sizes: Mapping[str, int], own: Collection[str]
) -> list[tuple[str, str]]:
    """Order tables so that nobody's many, small or large ones keep another's from being read.

    The first of every folder, its largest, comes before the second of any; one's own come last.
    """
    turns, taken = dict[tuple[str, str], int](), dict[str, int]()
    for creator, name in sorted(gone, key=lambda each: -sizes[each[1]]):
        turns[creator, name] = taken[creator] = taken.get(creator, -1) + 1
    return sorted(gone, key=lambda each: (each[0] in own, turns[each], sizes[each[1]]))


def _start(raw: bytes) -> bytes:
    """Cut a table after so many lines, or bytes, at the end of a line."""
    if len(raw) == MOST_BYTES_OF_TABLE:
        raw = raw[: max(raw.rfind(b"\n"), raw.rfind(b"\r")) + 1] or raw
    lines = raw.split(b"\n", MOST_ROWS_OF_TABLE + 1)
    return raw if len(lines) < MOST_ROWS_OF_TABLE + 2 else raw[: -len(lines[-1])] or raw


def _files(
    repository: Repository, memory: _Memory, tree: Tree, what: Scope, creator: str, own: set[str]
) -> Iterator[Refusal]:
    """Find the tables of a folder that stood in another's before, and stand nowhere now."""
    here = {entry.id for entry in tree.values()}
    before = {name for other, ids in memory.ids.items() if other not in own for name in ids} - here
    back = {
        change.path: change.new.id
        for change in what.touched
        if _is_table(change) and change.new and creator_of(change.path) == creator
        and change.new.id in before and change.new.mode != git.SUBMODULE
    }  # fmt: skip
    raw = git.read_blobs(repository, back.values(), MAX_BYTES)
    yield from (
        refusal("withdrawn-file", path) for path, name in back.items() if len(read(raw[name]).name)
    )


def _rows(
    repository: Repository,
    memory: _Memory,
    tree: Tree,
    what: Scope,
    creator: str,
    own: set[str],
    gone: Mapping[str, RowKeys],
) -> Iterator[Refusal]:
    """Refuse a folder that brings rows of a folder or a file that is gone.

    All rows of the folder count, so that they do not come back two by two; but a row that was
    there before, with all that names it, is no reason.
    """
    mine = _standing(repository, what.result, {creator}, read)
    standing = _standing(repository, tree, own)
    is_new = ~np.logical_and.reduce(
        [np.isin(keys, old) | (keys == 0)
         for keys, old in zip(mine.all[1:], standing.all[1:], strict=True)]
    )  # fmt: skip
    returned = 0
    for other, rows in gone.items():
        if other in own or not (is_known(mine, rows) & is_new).any():
            continue
        left = without(rows, _standing(repository, tree, memory.descendants(other)))
        if comes_back(mine, rows, left):
            returned = max(returned, int((is_known(mine, left) & is_new).sum()))
    if returned:
        yield refusal("withdrawn-rows", f"{HOME}/{creator}", rows=returned)


def _standing(
    repository: Repository,
    tree: Tree,
    creators: Collection[str],
    read: Callable[[bytes], RowKeys] | None = None,
) -> RowKeys:
    """Read all rows that some folders of a tree have."""
    read = read or read_past
    ids = [
        entry.id
        for path, entry in tree.items()
        if path.endswith(TABLE) and creator_of(path) in creators
        and entry.mode != git.SUBMODULE
    ]  # fmt: skip
    raw = git.read_blobs(repository, ids, MAX_BYTES)
    return joined([read(raw[name]) for name in ids])
