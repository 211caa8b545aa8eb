"""A pull request judged from git objects: what kind, who, the data. See `effect` for the rest."""

import datetime
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from pipeline import objects
from pipeline.blobs import contributions, creators_of, strays
from pipeline.change import Scope, scope
from pipeline.check import Accepted, Refused, check_all
from pipeline.folders import Folder, Sides, folders
from pipeline.merged import merged
from pipeline.objects import Tree
from pipeline.owner import Author, By, maintainers
from pipeline.read import HOME, Contribution
from pipeline.screen import TABLE, changes, older, returning, too_much
from schema.creator import MAX_BYTES as MAX_TOML
from schema.problem import Problem, Severity
from schema.refusals import Refusal

T = TypeVar("T", Accepted, Contribution)
CODEOWNERS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")


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

    `before` are the touched folders that are accepted on the base, `known` the problems that the
    touched ones have there, `verdicts` what the pull request leaves, with all their problems.
    `unaccepted` are the creators with a folder on the base, touched or not, that is not accepted.
    """

    others: tuple[Accepted, ...] = ()
    before: tuple[Accepted, ...] = ()
    known: tuple[Problem, ...] = ()
    verdicts: tuple[Accepted | Refused, ...] = ()
    unaccepted: tuple[str, ...] = ()

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
    def told(self) -> tuple[Problem, ...]:
        """The errors, and the questions that this pull request raises: none that were there."""
        place = _below if self.scope.is_move else str  # what is renamed is not new
        known = Counter(_same(problem, place) for problem in self.data.known)
        files = {place(change.path) for change in self.scope.touched}
        found = []
        for problem in self.problems:
            key = _same(problem, place)
            is_known, is_theirs = known[key] > 0, place(problem.file) in files
            known[key] -= 1
            if problem.severity is Severity.ERROR or (
                not is_known and (is_theirs or not problem.file.endswith(TABLE))
            ):
                found.append(problem)
        strangers = [f"{HOME}/{f.creator}/" for f in self.folders if f.decision.by is By.NOBODY]
        return tuple(
            problem
            for problem in found
            if problem.severity is Severity.ERROR or not problem.file.startswith(tuple(strangers))
        )

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that block."""
        return tuple(p for p in self.problems if p.severity is Severity.ERROR)

    @property
    def verdict(self) -> Verdict:
        """Refused for who, what or the data; else accepted, for a maintainer to read."""
        is_refused = any(isinstance(each, Refused) for each in self.data.verdicts)
        return Verdict.REFUSED if self.refusals or self.errors or is_refused else Verdict.ACCEPTED


def _same(problem: Problem, place: Callable[[str], str]) -> tuple[str | None, ...]:
    """What a problem has in common with itself after rows moved: all but its line."""
    return (place(problem.file), problem.rule, problem.column, problem.value)


def _below(path: str) -> str:
    """Name a path below its creator's folder."""
    return path.split("/", 2)[-1]


def review(repository: Path, request: Request) -> Review:
    """Judge a pull request by what its merge changes. Raises NoSuchCommitError and GitError."""
    base, head = (_commit(repository, ref) for ref in (request.base, request.head))
    start = objects.merge_base(repository, base, head)
    if start is None:
        raise NoSuchCommitError(
            f"{request.base} and {request.head} have no commit in common. In a shallow clone, "
            "`git fetch --unshallow` gets the rest of the past."
        )
    tree = objects.tree(repository, base)
    named = maintainers(_first(repository, tree, CODEOWNERS))
    # Who may change all means what they bring, also where it is older: nothing goes unjudged.
    may_all = request.data_only or (request.author.login or "").casefold() in named
    found, conflicts = changes(repository, base, head, start, tree)
    what = scope(found, tree, {} if may_all else older(repository, base, found))
    over = () if may_all else too_much(repository, what)
    is_read = bool(what.creators) and not over
    data, sides = _judged(repository, tree, what, request.today) if is_read else _nothing()
    accepted = (_named(data.before), _named(data.after))
    judged = folders(what, sides, accepted, request.author, named) if is_read else ()
    against = [why for each in judged for why in each.decision.refusals]
    if may_all:  # of two good pull requests two names can come that are alike
        against = [why for why in against if why.slug == "name-too-alike" and request.data_only]
    else:
        against += [*what.refusals, *over, *returning(repository, base, tree, what)]
    lost = [path for path in what.lost if path in what.result]
    problems = [*strays(lost), *(p for each in data.verdicts for p in each.problems)]
    return Review(
        base=base,
        head=head,
        behind=objects.commits_between(repository, start, base),
        author=request.author,
        scope=what,
        folders=judged,
        refusals=(*(why for why in conflicts if why.path not in what.dragged), *against),
        data=data,
        problems=tuple(sorted(problems, key=lambda problem: problem.place)),
    )


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
    mine = [each for each in there if each.creator in touched]
    was = check_all(mine, today, [neighbours])
    problems = tuple(problem for each in was for problem in each.problems)
    sound = {each.creator for each in known.accepted}
    unaccepted = tuple(each.creator for each in there if each.creator not in sound)
    return Data(others, before, problems, verdicts, unaccepted), Sides(_named(mine), _named(then))


def _named(values: Iterable[T]) -> dict[str, T]:
    return {each.creator: each for each in values}


def _commit(repository: Path, ref: str) -> str:
    found = objects.commit(repository, ref)
    if found is None:
        raise NoSuchCommitError(no_such(repository, ref))
    return found


def no_such(repository: Path, ref: str) -> str:
    """Say why a name stands for no commit."""
    if objects.answer(repository, "rev-parse", "--git-dir") is None:
        return "This folder is in no git repository (or git is not installed)."
    return f'"{ref}" names no commit here: fetch it first.'


def _first(repository: Path, tree: Tree, paths: Sequence[str]) -> bytes | None:
    """Read the first of some files that a tree has."""
    there = [tree[path].id for path in paths if path in tree]
    return objects.read_blobs(repository, there[:1], MAX_TOML)[there[0]] if there else None
