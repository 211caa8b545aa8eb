"""What kind of change a pull request is: whose folders it touches, and what came along."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pipeline.dataset.locate import BESIDE, EFFECTS
from pipeline.storage.git import Tree, TreeChange
from schema.file_rules import HOME, PROFILE, TABLE
from schema.refusals import Refusal, refusal
from schema.vocabulary import look_alike

MOST_FILES = 200  # of one pull request
TABLES = (TABLE, ".xlsx", ".xls", ".ods", ".numbers", PROFILE)
GENERATED = "reports/"


class ChangeKind(StrEnum):
    """What a pull request is, by its paths."""

    CONTRIBUTION = "contribution"
    SEVERAL = "several"
    MAINTENANCE = "maintenance"
    MIXED = "mixed"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Scope:
    """What a pull request does to the base.

    `creators` are the folders it touches. `lost` are tables that stand in no creator's folder,
    `elsewhere` all other paths outside. `dragged` are older versions of files that have nothing to
    do with the rest: the branch is a stale one. `result` is the base with the changes made, without
    what is dragged along.
    """

    kind: ChangeKind
    creators: tuple[str, ...]
    lost: tuple[str, ...]
    elsewhere: tuple[str, ...]
    dragged: tuple[str, ...]
    changes: tuple[TreeChange, ...]
    result: Tree
    is_move: bool

    @property
    def touched(self) -> tuple[TreeChange, ...]:
        """The changes in creators' folders."""
        return tuple(each for each in self.changes if creator_of(each.path) is not None)

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """What speaks against the change as a whole, whoever makes it but a maintainer."""
        return tuple(_refusals(self))


def effective(changes: Iterable[TreeChange], base: Tree) -> tuple[TreeChange, ...]:
    """Leave out what the base has already: a branch may bring what was merged another way."""
    return tuple(change for change in changes if base.get(change.path) != change.new)


def scope(changes: Sequence[TreeChange], base: Tree, older: Mapping[str, Collection[str]]) -> Scope:
    """Judge what a merge changes; `older` are the ids that each path has had in the base's past."""
    dragged = _dragged(changes, older)
    kept = tuple(change for change in changes if change.path not in dragged)
    tops = {path.partition("/")[0] for path in base if "/" in path}
    creators, lost, elsewhere = _sorted_out([change.path for change in kept], tops)
    result = dict(base)
    for change in kept:
        result.pop(change.path, None)
        if change.new is not None:
            result[change.path] = change.new
    is_move = _is_move(creators, base, result)
    return Scope(
        _kind(creators, lost, elsewhere, is_move=is_move),
        creators, lost, elsewhere, tuple(sorted(dragged)), kept, result, is_move,
    )  # fmt: skip


def creator_of(path: str) -> str | None:
    """Name the creator's folder that a path is in."""
    parts = path.split("/")
    return parts[1] if parts[0] == HOME and len(parts) > 2 else None


def _dragged(changes: Sequence[TreeChange], older: Mapping[str, Collection[str]]) -> set[str]:
    """Find old versions of files beside a creator's new ones; in a revert, nothing is new."""
    old = {c.path for c in changes if c.new is not None and c.new.id in older.get(c.path, ())}
    fresh = {creator_of(change.path) for change in changes if change.path not in old}
    if not fresh - {None}:
        return set()
    return {path for path in old if creator_of(path) not in fresh - {None}}


def _sorted_out(
    paths: Sequence[str], tops: Collection[str]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    creators, lost, elsewhere = set(), [], []
    for path in paths:
        if (creator := creator_of(path)) is not None:
            creators.add(creator)
        elif _is_lost(path, tops):
            lost.append(path)
        else:
            elsewhere.append(path)
    return tuple(sorted(creators)), tuple(lost), tuple(elsewhere)


def _is_lost(path: str, tops: Collection[str]) -> bool:
    """Return whether a path is meant for a creator's folder, and is in none.

    It stands in `contributions/` itself or in what looks like it, or is a table beside the folders
    (`tops`) that the base has.
    """
    top, _, rest = path.partition("/")
    if top == HOME:
        return rest not in BESIDE
    is_beside = not rest or top not in tops
    return look_alike(top) == look_alike(HOME) or (is_beside and path.lower().endswith(TABLES))


def _is_move(creators: Sequence[str], base: Tree, result: Tree) -> bool:
    """Return whether a folder goes and one of a new name comes."""
    if len(creators) != 2:
        return False
    there, then = ({creator_of(path) for path in tree} & set(creators) for tree in (base, result))
    return len(there) == len(then) == 1 and there != then


def _kind(
    creators: Sequence[str], lost: Sequence[str], elsewhere: Sequence[str], *, is_move: bool
) -> ChangeKind:
    if not creators and not lost:
        return ChangeKind.MAINTENANCE if elsewhere else ChangeKind.NOTHING
    if elsewhere:
        return ChangeKind.MIXED
    return ChangeKind.SEVERAL if len(creators) > 1 and not is_move else ChangeKind.CONTRIBUTION


def _refusals(scope: Scope) -> Iterable[Refusal]:
    yield from (refusal("stale-branch", path) for path in scope.dragged)
    if scope.kind is ChangeKind.MIXED:
        generated = [path for path in scope.elsewhere if path.startswith(GENERATED)]
        yield from (refusal("generated-file", path) for path in generated)
        others = [path for path in scope.elsewhere if path not in generated]
        yield from (refusal("mixed-change", path) for path in others)
    if f"{HOME}/{EFFECTS}" in scope.elsewhere:
        yield refusal("maintainers-only", f"{HOME}/{EFFECTS}")
    if scope.kind is ChangeKind.SEVERAL:
        yield from (refusal("several-creators", f"{HOME}/{name}") for name in scope.creators)
    there = [path for path in scope.lost if path in scope.result]  # one that goes is put right
    away = [path for path in there if not path.startswith(f"{HOME}/")]  # else: wrong-place
    yield from (refusal("lost-file", path) for path in away)
