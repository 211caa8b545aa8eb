"""A pull request judged from git objects: what kind, who, the data. See `effect` for the rest.

Who and what kind are decided first, and without a cell; they stand whatever becomes of the data.
"""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from pipeline.dataset.check import Accepted, Refused, check_all, is_not_judged
from pipeline.dataset.check_bulk import merged
from pipeline.dataset.read_commit import contributions, creators_of, profiles, strays
from pipeline.review.authorization import MAX_CODEOWNERS, Author, By, maintainers
from pipeline.review.folder_changes import Folder, Sides, folders, with_rows
from pipeline.review.new_questions import raised
from pipeline.review.preflight import changes, older, too_much
from pipeline.review.returning_data import TABLE, Past, Returning, returning
from pipeline.review.scope import Scope, scope
from pipeline.storage import git as objects
from pipeline.storage.git import Repository, Sandbox, Tree
from schema.file_rules import HOME
from schema.problem import Problem, Severity
from schema.refusals import Refusal
from schema.rules import crash_site

CODEOWNERS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")


class NoSuchCommitError(Exception):
    """A commit that was named is not there; the door says which."""


class Verdict(StrEnum):
    """What becomes of a pull request."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    OUR_FAULT = "our-fault"  # not judged, or not all of it, so that it must not be merged


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

    `behind` counts the base's commits that the branch lacks. `broken` names the place where our
    code broke after who and what kind were decided, "" where it did not. `past` is how much of the
    base's past was looked through for what was withdrawn.
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
    broken: str = ""
    past: Past = Past.WHOLE

    @property
    def told(self) -> tuple[Problem, ...]:
        """The errors, and the questions that this pull request raises: none that were there."""
        place = _below if self.scope.is_move else str  # what is renamed is not new
        judged = [problem for problem in self.problems if not is_not_judged(problem)]
        files = {place(change.path) for change in self.scope.touched}
        found = [
            problem
            for problem in raised(judged, self.data.known, place)
            if problem.severity is Severity.ERROR
            or place(problem.file) in files
            or not problem.file.endswith(TABLE)
        ]
        strangers = [f"{HOME}/{f.creator}/" for f in self.folders if f.decision.by is By.NOBODY]
        return tuple(
            problem
            for problem in found
            if problem.severity is Severity.ERROR or not problem.file.startswith(tuple(strangers))
        )

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that block, and that somebody else than us can settle."""
        return tuple(
            p for p in self.problems if p.severity is Severity.ERROR and not is_not_judged(p)
        )

    @property
    def not_judged(self) -> tuple[Problem, ...]:
        """The touched folders on which something of ours broke."""
        return tuple(filter(is_not_judged, self.problems))

    @property
    def verdict(self) -> Verdict:
        """Refused for who, what or the data; accepted only where all of it was judged."""
        if self.refusals or self.errors:
            return Verdict.REFUSED
        if self.broken or self.not_judged:
            return Verdict.OUR_FAULT
        is_refused = any(isinstance(each, Refused) for each in self.data.verdicts)
        return Verdict.REFUSED if is_refused else Verdict.ACCEPTED


def _below(path: str) -> str:
    """Name a path below its creator's folder."""
    return path.split("/", 2)[-1]


def review(repository: Path, request: Request) -> Review:
    """Judge a pull request by what its merge changes. Raises NoSuchCommitError and GitError.

    Where something breaks while the data are judged, what was decided before stands.
    """
    with objects.opened(repository) as sandbox:
        return _review(sandbox, request)


def _review(repository: Sandbox, request: Request) -> Review:
    base, head = (_commit(repository, ref) for ref in (request.base, request.head))
    try:
        start = objects.merge_base(repository, base, head)
    except objects.TooMuchError:
        start = base  # of a million commits; the merge itself decides
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
    decided = folders(what, _sides(repository, tree, what), request.author, named)
    against = [why for each in decided for why in each.decision.refusals]
    if may_all:  # of two good pull requests two names can come that are alike
        against = [why for why in against if why.slug == "name-too-alike" and request.data_only]
    else:
        against += [*what.refusals, *over]
    decision = Review(
        base=base,
        head=head,
        behind=objects.commits_between(repository, start, base),
        author=request.author,
        scope=what,
        folders=decided,
        refusals=(*(why for why in conflicts if why.path not in what.dragged), *against),
        data=Data(),
        problems=strays([path for path in what.lost if path in what.result]),
    )
    if over or not what.creators:
        return decision
    try:
        return _with_data(decision, repository, tree, request.today, may_all=may_all)
    except Exception as error:  # noqa: BLE001  # what was decided stands, and is told
        return replace(decision, broken=crash_site(error))


def _sides(repository: Repository, tree: Tree, what: Scope) -> Sides:
    return Sides(
        profiles(repository, tree, what.creators), profiles(repository, what.result, what.creators)
    )


def _with_data(
    decision: Review, repository: Sandbox, tree: Tree, today: datetime.date, *, may_all: bool
) -> Review:
    """Judge the data of a pull request, and whether withdrawn ones come back with it."""
    what = decision.scope
    data = _judged(repository, tree, what, today)
    back = Returning() if may_all else returning(repository, decision.base, tree, what)
    problems = [*decision.problems, *(p for each in data.verdicts for p in each.problems)]
    return replace(
        decision,
        folders=with_rows(decision.folders, _named(data.before), _named(data.after)),
        refusals=(*decision.refusals, *back.refusals),
        data=data,
        problems=tuple(sorted(problems, key=lambda problem: problem.place)),
        past=back.past,
    )


def _judged(repository: Repository, tree: Tree, what: Scope, today: datetime.date) -> Data:
    """Judge the touched folders among all the others; a red folder elsewhere is not their fault."""
    touched = set(what.creators)
    there = contributions(repository, tree, creators_of(tree))
    then = contributions(repository, what.result, touched & set(creators_of(what.result)))
    known = merged(there, today)
    others = tuple(each for each in known.accepted if each.creator not in touched)
    before = tuple(each for each in known.accepted if each.creator in touched)
    # By those who have rows: the name of a folder may be no text that a frame can hold.
    with_sheets = {each.creator for each in there if each.creator in touched and each.sheets}
    neighbours = known.captures[~known.captures["creator"].isin(with_sheets)]
    verdicts = check_all(then, today, [neighbours])
    mine = [each for each in there if each.creator in touched]
    was = check_all(mine, today, [neighbours])
    problems = tuple(problem for each in was for problem in each.problems)
    sound = {each.creator for each in known.accepted}
    unaccepted = tuple(each.creator for each in there if each.creator not in sound)
    return Data(others, before, problems, verdicts, unaccepted)


def _named(values: Iterable[Accepted]) -> dict[str, Accepted]:
    return {each.creator: each for each in values}


def _commit(repository: Repository, ref: str) -> str:
    found = objects.commit(repository, ref)
    if found is None:
        raise NoSuchCommitError(no_such(repository, ref))
    return found


def no_such(repository: Repository, ref: str) -> str:
    """Say why a name stands for no commit."""
    if objects.in_place(repository, "rev-parse", "--git-dir") is None:
        return "This folder is in no git repository (or git is not installed)."
    return f'"{ref}" names no commit here: fetch it first.'


def _first(repository: Repository, tree: Tree, paths: Sequence[str]) -> bytes | None:
    """Read the first of some files that a tree has."""
    plain = (objects.PLAIN_FILE, objects.PROGRAM)
    there = [tree[path].id for path in paths if path in tree and tree[path].mode in plain]
    most = MAX_CODEOWNERS + 1
    return objects.read_blobs(repository, there[:1], most)[there[0]] if there else None
