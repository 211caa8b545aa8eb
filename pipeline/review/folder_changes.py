"""What a pull request does to each folder: new, changed or gone, by whom, how many rows."""

import datetime
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import pandas as pd

from pipeline.dataset.check import Accepted
from pipeline.review.authorization import Author, By, Decision, alike, decide
from pipeline.review.scope import Scope, creator_of
from schema.creator import KEYS, table
from schema.problem import is_personal
from schema.vocabulary import look_alike

KEY = ["video", "captured_on"]
LONGEST = 60  # characters of a setting that are shown


class State(StrEnum):
    """What happens to a folder."""

    NEW = "new"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class RowChanges:
    """How many rows a change adds, takes away, and leaves with other values."""

    added: int
    removed: int
    changed: int


@dataclass(frozen=True, slots=True)
class SettingChange:
    """A key of creator.toml that a change gives another value; "" where it is not there."""

    key: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Folder:
    """One creator's folder in a pull request.

    `rows` is None where a side is refused or was not judged. `settings` are the keys of
    creator.toml that change in a folder which is there before and after.
    """

    creator: str
    state: State
    decision: Decision
    files: tuple[str, ...]
    settings: tuple[SettingChange, ...] = ()
    rows: RowChanges | None = None


@dataclass(frozen=True, slots=True)
class Sides:
    """The creator.toml of the touched folders before and after a change, by creator.

    A folder that is not there has no entry; None stands for a folder without a plain creator.toml.
    """

    before: Mapping[str, bytes | None]
    after: Mapping[str, bytes | None]

    def toml(self, creator: str) -> tuple[bytes | None, bytes | None]:
        """Give a creator's creator.toml before and after."""
        return self.before.get(creator), self.after.get(creator)

    def state(self, creator: str) -> State:
        """Tell what happens to a creator's folder."""
        if creator not in self.after:
            return State.WITHDRAWN
        return State.CHANGED if creator in self.before else State.NEW


def folders(
    scope: Scope, sides: Sides, author: Author, maintainers: Collection[str]
) -> tuple[Folder, ...]:
    """Describe and decide every folder that a change touches, by creator; no cell is needed."""
    files: dict[str | None, list[str]] = {}
    for change in scope.changes:
        files.setdefault(creator_of(change.path), []).append(change.path)
    alike_names: dict[str, set[str]] = {}
    for name in {creator_of(path) for path in scope.result} - {None}:
        alike_names.setdefault(look_alike(name or ""), set()).add(name or "")
    return tuple(
        Folder(
            creator,
            sides.state(creator),
            _decision(creator, alike_names, sides, author, maintainers),
            tuple(files[creator]),
            tuple(_settings(*map(table, sides.toml(creator)))),
        )
        for creator in scope.creators
    )


def with_rows(
    folders: Sequence[Folder], before: Mapping[str, Accepted], after: Mapping[str, Accepted]
) -> tuple[Folder, ...]:
    """Count the rows that change; `before` and `after` are the touched folders accepted there."""
    return tuple(replace(each, rows=_rows(each, before, after)) for each in folders)


def _settings(
    before: Mapping[str, object] | None, after: Mapping[str, object] | None
) -> Iterator[SettingChange]:
    if before is None or after is None:
        return
    for key in KEYS:
        old, new = before.get(key), after.get(key)
        if old != new:
            yield SettingChange(key, _written(old), _written(new))


def _written(value: object) -> str:
    """Write a plain value as creator.toml has it; of any other only that there is one."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.date) or (isinstance(value, int) and abs(value) < 2**63):
        return str(value)
    is_shown = isinstance(value, str) and len(value) <= LONGEST and not is_personal(value)
    return value if is_shown else "…"  # type: ignore[return-value]  # is_shown says it is a text


def _decision(
    creator: str,
    alike_names: Mapping[str, Collection[str]],
    sides: Sides,
    author: Author,
    maintainers: Collection[str],
) -> Decision:
    """Decide for one folder; `alike_names` are those of all folders, by what the eye sees."""
    if (author.login or "").casefold() in maintainers:
        return Decision(creator, By.MAINTAINER)
    is_new = sides.state(creator) is State.NEW
    decision = decide(creator, *sides.toml(creator), author, is_new=is_new)
    others = {*alike_names.get(look_alike(creator), ())} - {creator}
    if is_new and (why := alike(creator, others)):
        return Decision(creator, By.NOBODY, (*decision.refusals, why))
    return decision


def _rows(
    folder: Folder, before: Mapping[str, Accepted], after: Mapping[str, Accepted]
) -> RowChanges | None:
    """Compare the rows by video and day of capture; None where a side is refused."""
    creator = folder.creator
    was_refused = folder.state is not State.NEW and creator not in before
    is_refused = folder.state is not State.WITHDRAWN and creator not in after
    if was_refused or is_refused:
        return None
    old, new = (
        _by_key(side[creator].captures if creator in side else None) for side in (before, after)
    )
    shared = old.index.intersection(new.index)
    same = old.loc[shared].eq(new.loc[shared]).all(axis=1)
    return RowChanges(len(new) - len(shared), len(old) - len(shared), int((~same).sum()))


def _by_key(captures: pd.DataFrame | None) -> pd.DataFrame:
    if captures is None:
        return pd.DataFrame(index=pd.MultiIndex.from_arrays([[], []], names=KEY))
    text = captures.drop(columns=["creator", "file", "line"]).astype("object").astype("str")
    return text.fillna("").set_index(KEY).sort_index()  # what is missing is the same as itself
