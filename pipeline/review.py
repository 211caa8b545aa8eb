"""A pull request judged from git objects: what kind, who, the data. See `effect` for the rest."""

import datetime
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
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
from pipeline.owner import Author, By, maintainers
from pipeline.read import HOME, Contribution
from schema.creator import MAX_BYTES as MAX_TOML
from schema.problem import Problem, Severity
from schema.refusals import Refusal, refusal

T = TypeVar("T", Accepted, Contribution)
CODEOWNERS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
TABLE = ".csv"
# Of one pull request; what is more is refused before it is read.
MOST_CREATORS = 12
MOST_BYTES = 40 * 1024 * 1024
MOST_LINES = 250_000


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
    """

    others: tuple[Accepted, ...] = ()
    before: tuple[Accepted, ...] = ()
    known: tuple[Problem, ...] = ()
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
    found, conflicts = _changes(repository, base, head, start, tree)
    what = scope(found, tree, {} if may_all else _older(repository, base, found))
    too_much = () if may_all else _too_much(repository, what)
    is_read = bool(what.creators) and not too_much
    data, sides = _judged(repository, tree, what, request.today) if is_read else _nothing()
    accepted = (_named(data.before), _named(data.after))
    judged = folders(what, sides, accepted, request.author, named) if is_read else ()
    against = [why for each in judged for why in each.decision.refusals]
    if may_all:  # of two good pull requests two names can come that are alike
        against = [why for why in against if why.slug == "name-too-alike" and request.data_only]
    else:
        against += [*what.refusals, *too_much, *_returning(repository, base, tree, what)]
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


def _changes(
    repository: Path, base: str, head: str, start: str, tree: Tree
) -> tuple[tuple[Change, ...], tuple[Refusal, ...]]:
    """Find what a merge makes of the base, which may differ from what the branch did.

    Git carries a change over to where a file was moved meanwhile, and may have several commits to
    start from. What it cannot merge is refused, and judged as the branch has it.
    """
    merge = objects.merge(repository, base, head)
    if not merge.conflicts:
        return objects.changes(repository, base, merge.tree), ()
    conflicts = tuple(refusal("merge-conflict", path) for path in merge.conflicts)
    return effective(objects.changes(repository, start, head), tree), conflicts


def _older(repository: Path, base: str, found: Sequence[Change]) -> dict[str, set[str]]:
    """Find the older versions by which a stale branch is known."""
    return objects.older_versions(repository, base, (change.path for change in found))


def _returning(repository: Path, base: str, tree: Tree, what: Scope) -> Iterator[Refusal]:
    """Refuse to bring back what was withdrawn, under its own name or another's."""
    here = set(creators_of(tree))
    new = [creator for creator in what.creators if creator not in here]
    for creator in new:
        where = f":(literal){HOME}/{creator}"
        if objects.answer(repository, "rev-list", "-1", base, "--", where):
            yield refusal("stood-here-before", f"{HOME}/{creator}")
    if not new:
        return
    gone = objects.ids_ever(repository, base, HOME) - {entry.id for entry in tree.values()}
    for change in what.touched:
        is_table = change.path.endswith(TABLE) and change.path.split("/")[1] in new
        if is_table and change.new and change.new.id in gone:
            yield refusal("withdrawn-file", change.path)


def _too_much(repository: Path, what: Scope) -> tuple[Refusal, ...]:
    """Refuse what would take too much time or memory, before anything of it is judged."""
    if not what.creators:
        return ()
    place = f"{HOME}/{what.creators[0]}"
    if len(what.touched) > MOST_FILES or len(what.creators) > MOST_CREATORS:
        return (refusal("too-many-files", place),)
    new = {change.new for change in what.touched if change.new}
    blobs = sorted({entry.id for entry in new if entry.mode != objects.SUBMODULE})
    total = sum(objects.sizes_of(repository, blobs).values()) if blobs else 0
    if total > MOST_BYTES:
        return (refusal("too-large", place),)
    raw = objects.read_blobs(repository, blobs, MOST_BYTES).values()
    lines = sum(each.count(b"\n") + each.count(b"\r") for each in raw)
    return (refusal("too-large", place),) if lines > MOST_LINES else ()


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
    return Data(others, before, problems, verdicts), Sides(_named(mine), _named(then))


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
