"""What a pull request does to each folder: new, changed or gone, by whom, how many rows."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

import pandas as pd

from pipeline.change import Scope, creator_of
from pipeline.check import Accepted
from pipeline.owner import Author, By, Decision, alike, decide
from pipeline.read import Contribution

KEY = ["video", "captured_on"]


class State(StrEnum):
    """What happens to a folder."""

    NEW = "new"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Rows:
    """How many rows a change adds, takes away, and leaves with other values."""

    added: int
    removed: int
    changed: int


@dataclass(frozen=True, slots=True)
class Folder:
    """One creator's folder in a pull request. `rows` is None where a side is refused."""

    creator: str
    state: State
    decision: Decision
    rows: Rows | None
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sides:
    """The folders of some creators before and after a change, by creator."""

    before: Mapping[str, Contribution]
    after: Mapping[str, Contribution]

    def toml(self, creator: str) -> tuple[bytes | None, bytes | None]:
        """Give a creator's creator.toml before and after."""
        before, after = self.before.get(creator), self.after.get(creator)
        return before.toml if before else None, after.toml if after else None

    def state(self, creator: str) -> State:
        """Tell what happens to a creator's folder."""
        if creator not in self.after:
            return State.WITHDRAWN
        return State.CHANGED if creator in self.before else State.NEW


def folders(
    scope: Scope,
    sides: Sides,
    accepted: tuple[Mapping[str, Accepted], Mapping[str, Accepted]],
    author: Author,
    maintainers: Collection[str],
) -> tuple[Folder, ...]:
    """Describe and decide every folder that a change touches, by creator.

    `accepted` are those of the touched folders that are accepted before, and after.
    """
    return tuple(
        Folder(
            creator,
            sides.state(creator),
            _decision(creator, scope, sides, author, maintainers),
            _rows(creator, sides, *accepted),
            tuple(c.path for c in scope.changes if creator_of(c.path) == creator),
        )
        for creator in scope.creators
    )


def _decision(
    creator: str, scope: Scope, sides: Sides, author: Author, maintainers: Collection[str]
) -> Decision:
    if (author.login or "").casefold() in maintainers:
        return Decision(creator, By.MAINTAINER)
    is_new = sides.state(creator) is State.NEW
    decision = decide(creator, *sides.toml(creator), author, is_new=is_new)
    others = {other for path in scope.result if (other := creator_of(path)) not in (None, creator)}
    if is_new and (why := alike(creator, {other for other in others if other})):
        return Decision(creator, By.NOBODY, (*decision.refusals, why))
    return decision


def _rows(
    creator: str, sides: Sides, before: Mapping[str, Accepted], after: Mapping[str, Accepted]
) -> Rows | None:
    """Compare the rows by video and day of capture; None where a side is refused."""
    if any(
        creator in side and creator not in ok
        for side, ok in ((sides.before, before), (sides.after, after))
    ):
        return None
    old, new = (
        _by_key(side[creator].captures if creator in side else None) for side in (before, after)
    )
    shared = old.index.intersection(new.index)
    same = old.loc[shared].eq(new.loc[shared]).all(axis=1)
    return Rows(len(new) - len(shared), len(old) - len(shared), int((~same).sum()))


def _by_key(captures: pd.DataFrame | None) -> pd.DataFrame:
    if captures is None:
        return pd.DataFrame(index=pd.MultiIndex.from_arrays([[], []], names=KEY))
    text = captures.drop(columns=["creator", "file", "line"]).astype("object").astype("str")
    return text.fillna("").set_index(KEY).sort_index()  # what is missing is the same as itself
