"""Whether a pull request brings back what was taken out: the name of a folder, a file, or rows.

Rows are compared by what they say, so that another order, form or name of a file hides nothing.
What was merged is looked at, step by step; what a request did and undid before was never here.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
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
from pipeline.review.removed_data import Memory, logins_of, remember, removed_tables
from pipeline.review.scope import Scope, creator_of
from pipeline.storage import git, git_blobs
from pipeline.storage.git import Repository, TooMuchError, Tree, TreeChange
from schema.file_rules import HOME, MAX_BYTES, PROFILE, TABLE
from schema.refusals import Refusal, refusal


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


def returning(repository: Repository, base: str, tree: Tree, what: Scope) -> Returning:
    """Refuse to bring back what was withdrawn, under its own name or another's."""
    here = set(creators_of(tree))
    new = [creator for creator in what.creators if creator not in here]
    if not new and not any(_is_table(change) for change in what.touched):
        return Returning()
    refusals = [refusal("stood-here-before", f"{HOME}/{name}") for name in new
             if git.stood(repository, base, f"{HOME}/{name}")]  # fmt: skip
    try:
        memory = remember(repository, base, tree)
        owns = {creator: _own(repository, memory, tree, what, creator) for creator in what.creators}
        gone, is_whole = removed_tables(repository, memory, set.intersection(*owns.values()))
    except TooMuchError:
        return Returning(tuple(refusals), Past.TOO_LONG)
    for creator, own in owns.items():
        files = list(_files(repository, memory, tree, what, creator, own))
        refusals += files or _rows(repository, memory, tree, what, creator, own, gone)
    is_shallow = git.is_shallow(repository)
    past = Past.SHALLOW if is_shallow else Past.WHOLE if is_whole else Past.TOO_LONG
    return Returning(tuple(refusals), past)


def _is_table(change: TreeChange) -> bool:
    return change.new is not None and change.path.endswith(TABLE)


def _own(repository: Repository, memory: Memory, tree: Tree, what: Scope, creator: str) -> set[str]:
    """Name the folders whose past is that of a folder: renamed to it, or of the same login.

    The base says whose a folder is; a new one says it itself, and its author has to be that one.
    """
    theirs = set(what.creators) if what.is_move else {creator}
    path = f"{HOME}/{creator}/{PROFILE}"
    entry = tree.get(path) or what.result.get(path)
    here = entry is not None and entry.mode != git.SUBMODULE
    logins = dict(logins_of(repository, {creator: entry.id} if entry and here else {}))
    same = memory.of_login(logins[creator]) if creator in logins else set()
    return memory.ancestors((theirs & set(creators_of(tree))) | same)


def _files(
    repository: Repository, memory: Memory, tree: Tree, what: Scope, creator: str, own: set[str]
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
    raw = git_blobs.read_blobs(repository, back.values(), MAX_BYTES)
    yield from (
        refusal("withdrawn-file", path) for path, name in back.items() if len(read(raw[name]).name)
    )


def _rows(
    repository: Repository,
    memory: Memory,
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
    raw = git_blobs.read_blobs(repository, ids, MAX_BYTES)
    return joined([read(raw[name]) for name in ids])
