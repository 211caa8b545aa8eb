"""A pull request judged from git objects: what kind, who, the data. See `effect` for the rest."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from pipeline import objects
from pipeline.blobs import contributions, creators_of, strays
from pipeline.change import MOST_FILES, Scope, effective, scope
from pipeline.check import Accepted, Refused, check_all
from pipeline.folders import Folder, Sides, folders
from pipeline.merged import merged
from pipeline.objects import Change, Tree
from pipeline.owner import Author, maintainers
from pipeline.read import HOME, Contribution
from schema.creator import MAX_BYTES as MAX_TOML
from schema.problem import Problem, Severity
from schema.refusals import Refusal, refusal

T = TypeVar("T", Accepted, Contribution)
CODEOWNERS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
MOST_BYTES = 100 * 1024 * 1024  # of the files of one pull request


class NoSuchCommitError(Exception):
    """A commit that was named is not there; the door says which."""


class Verdict(StrEnum):
    """What becomes of a pull request."""

    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be judged: two commits, who asks, and the day. `data_only` leaves out who."""

    base: str
    head: str
    author: Author
    today: datetime.date
    data_only: bool = False


@dataclass(frozen=True, slots=True)
class Data:
    """The judged data. `others` are accepted on the base and not touched.

    `before` are the touched folders that are accepted on the base, `verdicts` those that the pull
    request leaves, with all their problems.
    """

    others: tuple[Accepted, ...] = ()
    before: tuple[Accepted, ...] = ()
    verdicts: tuple[Accepted | Refused, ...] = ()

    @property
    def after(self) -> tuple[Accepted, ...]:
        """The touched folders that are accepted as the pull request leaves them."""
        return tuple(each for each in self.verdicts if isinstance(each, Accepted))


@dataclass(frozen=True, slots=True, eq=False)
class Review:
    """All that is said of a pull request, but for its effect.

    `behind` counts the base's commits that the branch lacks.
    """

    base: str
    head: str
    behind: int
    author: Author
    scope: Scope
    folders: tuple[Folder, ...]
    refusals: tuple[Refusal, ...]
    data: Data
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that block."""
        return tuple(p for p in self.problems if p.severity is Severity.ERROR)

    @property
    def verdict(self) -> Verdict:
        """Refused for who, what or the data; else accepted, for a maintainer to read."""
        is_refused = any(isinstance(each, Refused) for each in self.data.verdicts)
        return Verdict.REFUSED if self.refusals or self.errors or is_refused else Verdict.ACCEPTED


def review(repository: Path, request: Request) -> Review:
    """Judge a pull request. Raises NoSuchCommitError and GitError."""
    base, head = (_commit(repository, ref) for ref in (request.base, request.head))
    start = objects.merge_base(repository, base, head)
    if start is None:
        raise NoSuchCommitError(f"{request.base} and {request.head} have no commit in common")
    tree = objects.tree(repository, base)
    found = effective(objects.changes(repository, start, head), tree)
    named = maintainers(_first(repository, tree, CODEOWNERS))
    # Who may change all means what they bring, also where it is older: nothing goes unjudged.
    may_all = request.data_only or (request.author.login or "").casefold() in named
    what = scope(found, tree, {} if may_all else _older(repository, base, found))
    too_much = () if may_all else _too_much(repository, what)
    is_read = bool(what.creators) and not too_much
    data, sides = _judged(repository, tree, what, request.today) if is_read else _nothing()
    accepted = (_named(data.before), _named(data.after))
    judged = folders(what, sides, accepted, request.author, named) if is_read else ()
    against = [why for each in judged for why in each.decision.refusals]
    if may_all:  # of two good pull requests two names can come that are alike
        refusals = [why for why in against if why.slug == "name-too-alike" and request.data_only]
    else:
        refusals = [*what.refusals, *too_much, *against]
    lost = [path for path in what.lost if path in what.result]
    problems = [*strays(lost), *(p for each in data.verdicts for p in each.problems)]
    return Review(
        base=base,
        head=head,
        behind=objects.commits_between(repository, start, base),
        author=request.author,
        scope=what,
        folders=judged,
        refusals=tuple(refusals),
        data=data,
        problems=tuple(sorted(problems, key=lambda problem: problem.place)),
    )


def _older(repository: Path, base: str, found: Sequence[Change]) -> dict[str, set[str]]:
    """Find the older versions by which a stale branch is known."""
    return objects.older_versions(repository, base, (change.path for change in found))


def _too_much(repository: Path, what: Scope) -> tuple[Refusal, ...]:
    """Refuse what would take too much time or memory, before anything of it is read."""
    if not what.creators:
        return ()
    place = f"{HOME}/{what.creators[0]}"
    if len(what.touched) > MOST_FILES:
        return (refusal("too-many-files", place),)
    new = {change.new for change in what.touched if change.new}
    blobs = sorted({entry.id for entry in new if entry.mode != objects.SUBMODULE})
    total = sum(objects.sizes_of(repository, blobs).values()) if blobs else 0
    return (refusal("too-large", place),) if total > MOST_BYTES else ()


def _nothing() -> tuple[Data, Sides]:
    return Data(), Sides({}, {})


def _judged(repository: Path, tree: Tree, what: Scope, today: datetime.date) -> tuple[Data, Sides]:
    """Judge the touched folders among all the others; a red folder elsewhere is not their fault."""
    touched = set(what.creators)
    there = contributions(repository, tree, creators_of(tree))
    then = contributions(repository, what.result, touched & set(creators_of(what.result)))
    known = merged(there, today)
    others = tuple(each for each in known.accepted if each.creator not in touched)
    before = tuple(each for each in known.accepted if each.creator in touched)
    # By those who have rows: the name of a folder may be no text that a frame can hold.
    with_rows = {each.creator for each in there if each.creator in touched and each.sheets}
    neighbours = known.captures[~known.captures["creator"].isin(with_rows)]
    verdicts = check_all(then, today, [neighbours])
    sides = Sides(_named(each for each in there if each.creator in touched), _named(then))
    return Data(others, before, verdicts), sides


def _named(values: Iterable[T]) -> dict[str, T]:
    return {each.creator: each for each in values}


def _commit(repository: Path, ref: str) -> str:
    found = objects.commit(repository, ref)
    if found is None:
        raise NoSuchCommitError(f"{ref} names no commit here: fetch it first")
    return found


def _first(repository: Path, tree: Tree, paths: Sequence[str]) -> bytes | None:
    """Read the first of some files that a tree has."""
    there = [tree[path].id for path in paths if path in tree]
    return objects.read_blobs(repository, there[:1], MAX_TOML)[there[0]] if there else None
