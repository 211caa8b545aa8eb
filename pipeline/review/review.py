"""A pull request judged from git objects: what kind, who, the data. See `effect` for the rest.

Who and what kind are decided first, and without a cell; they stand whatever becomes of the data.
"""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from pipeline.dataset.check import Accepted, check_all
from pipeline.dataset.check_bulk import merged
from pipeline.dataset.read_commit import contributions, creators_of, profiles, strays
from pipeline.review.authorization import MAX_CODEOWNERS, maintainers
from pipeline.review.folder_changes import Sides, folders, with_rows
from pipeline.review.preflight import changes, older, too_much
from pipeline.review.returning_data import Returning, returning
from pipeline.review.review_result import Data, Request, Review
from pipeline.review.scope import Scope, scope
from pipeline.storage import git as objects
from pipeline.storage import git_blobs
from pipeline.storage.git import Repository, Sandbox, Tree
from schema.rules import crash_site

CODEOWNERS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")


class NoSuchCommitError(Exception):
    """A commit that was named is not there; the door says which."""


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
    changed, conflicts = changes(repository, base, head, start, tree)
    what = scope(changed, tree, {} if may_all else older(repository, base, changed))
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
    commit = objects.commit(repository, ref)
    if commit is None:
        raise NoSuchCommitError(no_such(repository, ref))
    return commit


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
    return git_blobs.read_blobs(repository, there[:1], most)[there[0]] if there else None
