"""Where a pull request stands: verdict, next step, what it does, and what speaks against it."""

from collections.abc import Iterator, Sequence

from pipeline.render.check.causes import causes
from pipeline.render.check.problems import count
from pipeline.render.text.escape import code, inert
from pipeline.review.authorization import By
from pipeline.review.folder_changes import Folder, RowChanges, State
from pipeline.review.returning_data import Past
from pipeline.review.review_result import Conclusion, Review
from pipeline.review.scope import ChangeKind
from schema.problem import Severity, total
from schema.refusals import Refusal

NOT_JUDGED = "🛠️ Not judged: our fault"
BROKE = "Something of ours broke before all of it was judged and previewed, in:"
MOST = 12  # folders, or reasons, that are told
MOST_PATHS = 8  # of one reason
# Reasons that a maintainer has to settle, and those whose way out is not in the branch.
FOR_MAINTAINERS = {
    "another-account",
    "nobodys-folder",
    "stood-here-before",
    "withdrawn-file",
    "withdrawn-rows",
}
A_CHOICE = {
    "merge-conflict",
    "not-your-folder",
    "several-creators",
    "stale-branch",
    "too-many-files",
    "too-large",
    "too-much-to-merge",
}
NOT_LOOKED_UP = {
    Past.SHALLOW: "Whether these videos were withdrawn before could not be looked up: this clone "
    "is shallow. `git fetch --unshallow` gets the past; then ask again.",
    Past.TOO_LONG: "Whether these videos were withdrawn long ago could not be looked up: too many "
    "files have been taken out since.",
}


def headline(review: Review) -> str:
    """Say the verdict in a few words."""
    questions = total(review.raised_problems, Severity.WARNING)
    if review.conclusion is Conclusion.REFUSED:
        if _is_asked(review):
            return "❌ Not yet: a maintainer has to look at it"
        wrong = len(_reasons(review.refusals)) + len(causes(review.errors))
        return f"❌ {count(wrong, 'thing')} to correct"
    if review.conclusion is Conclusion.OUR_FAULT:
        return NOT_JUDGED
    if review.scope.kind is ChangeKind.NOTHING:
        return "Nothing new: all of this is merged already"
    if review.scope.kind is ChangeKind.MAINTENANCE:
        return "🔧 A change of the repository itself"
    if _gone(review) and not review.scope.is_move:
        return "✅ Understood: a folder is withdrawn"
    asked = f", {count(questions, 'question')} for you" if questions else ""
    return f"✅ Nothing to correct{asked}"


def _is_asked(review: Review) -> bool:
    """Return whether a request is refused for reasons alone that a maintainer has to settle."""
    return not review.errors and {each.slug for each in review.refusals} <= FOR_MAINTAINERS


def next_step(review: Review, *, is_issue: bool) -> str:
    """Say what comes next, and whose turn it is."""
    if review.conclusion is Conclusion.REFUSED:
        return _way_out(review, is_issue=is_issue)
    if review.conclusion is Conclusion.OUR_FAULT:
        return (
            "**Next: a maintainer.** Something of ours broke. Leave your files as they are: you "
            "need to do nothing, and this text is updated once it is repaired."
        )
    match review.scope.kind:
        case ChangeKind.NOTHING:
            what = "issue" if is_issue else "pull request"
            return f"**Next: you, the author.** Close the {what}: there is nothing to merge."
        case ChangeKind.MAINTENANCE:
            return "**Next: a maintainer**, who reads it. No creator's data change; the tests run."
        case ChangeKind.MIXED:
            return "**Next: a maintainer**, who reads the data and the code."
    merges = "sets the label <code>accepted</code>" if is_issue else "merges"
    if any(problem.severity is Severity.WARNING for problem in review.raised_problems):
        return (
            "**Next: you, the author**, with a word on each question below (“yes, that is right” "
            f"is an answer; none of them blocks). **Then a maintainer**, who reads and {merges}."
        )
    return f"**Next: a maintainer**, who reads it and {merges}. You need to do nothing."


def _way_out(review: Review, *, is_issue: bool) -> str:
    slugs = {each.slug for each in review.refusals}
    if _is_asked(review):
        return (
            "**Next: you, the author**, with an answer to the question below. **Then a "
            "maintainer**, who looks at it."
        )
    you = "**Next: you, the author.**"
    if not review.errors and slugs <= A_CHOICE:
        return f"{you} Read the reason below: it says what you can do."
    if is_issue:
        return f"{you} Correct what is listed below: edit this issue, and this text is updated."
    return (
        f"{you} Correct what is listed below in your branch. The pull request follows, the check "
        "runs again, and this text is updated."
    )


def what(review: Review) -> Iterator[str]:
    """Say what the pull request does, a paragraph each."""
    if review.scope.is_move and len(review.folders) == 2:
        yield _moved(review)
    else:
        yield from (f"{_folder(each)}{_handed(each)}" for each in review.folders[:MOST])
    if len(review.folders) > MOST:
        yield f"And {count(len(review.folders) - MOST, 'more folder')}."
    if review.folders and review.author.login is None:
        yield "No author was named, so nobody checked whether they may change this."
    if said := NOT_LOOKED_UP.get(review.past):
        yield said
    if review.scope.kind is ChangeKind.MIXED and review.conclusion is Conclusion.ACCEPTED:
        others = review.scope.elsewhere
        yield f"**Also changed**, to be read as code: {_paths(others)}."


def _gone(review: Review) -> list[Folder]:
    return [folder for folder in review.folders if folder.state is State.WITHDRAWN]


def _name(folder: Folder) -> str:
    return code(f"contributions/{folder.creator}/", 100)


def _moved(review: Review) -> str:
    old = _gone(review)[0]
    new = next(folder for folder in review.folders if folder is not old)
    gone, come = (folder.rows or RowChanges(0, 0, 0) for folder in (old, new))
    rows = count(come.added, "row")
    counts = (
        rows if gone.removed == come.added else f"{count(gone.removed, 'row')} before, {rows} now"
    )
    return f"{_name(old)} is **renamed** to {_name(new)}: {counts}.{_handed(new)}"


def _folder(folder: Folder) -> str:
    rows = folder.rows
    if folder.state is State.WITHDRAWN:
        sentence = f"{_name(folder)} is **deleted**" + (
            f", {count(rows.removed, 'row')}" if rows else ""
        )
        return sentence + ". The next report is made without it."
    is_new = folder.state is State.NEW
    sentence = f"{_name(folder)}: a **new folder**" if is_new else f"{_name(folder)} is changed"
    if rows is None:
        return f"{sentence}.{_settings(folder)}"
    by = ", by a maintainer" if folder.decision.by is By.MAINTAINER else ""
    parts = [(rows.added, "added"), (rows.changed, "corrected"), (rows.removed, "**removed**")]
    said = [f"{count(number, 'row')} {word}" for number, word in parts if number]
    return f"{sentence}: {', '.join(said) or 'the rows are as they were'}{by}.{_settings(folder)}"


def _settings(folder: Folder) -> str:
    """Name the keys of creator.toml that change, with their values."""
    changes = [f"{each.key} {_change(each.before, each.after)}" for each in folder.settings]
    return f" In creator.toml: {'; '.join(changes)}." if changes else ""


def settings(review: Review) -> Iterator[str]:
    """Say in plain words what changes in each creator.toml, a line each."""
    for folder in review.folders[:MOST]:
        changes = [_plain_change(each.key, each.before, each.after) for each in folder.settings]
        if changes:
            yield f"contributions/{folder.creator}/creator.toml: {'; '.join(changes)}."


def _plain_change(key: str, before: str, after: str) -> str:
    was = f" (it was {before})" if before else ""
    return f"{key} is now {after}{was}" if after else f"{key} is taken out{was}"


def _change(before: str, after: str) -> str:
    if not after:
        return f"is taken out (it was {code(before)})"
    return f"is now {code(after)}" + (f" (it was {code(before)})" if before else "")


def _handed(folder: Folder) -> str:
    to = folder.decision.hands_over_to
    return f" **It is handed over** to the login {code(to)}." if to else ""


def broken(review: Review) -> Iterator[str]:
    """Name what was not judged, because something of ours broke on it, an item each."""
    for problem in review.not_judged[:MOST]:
        yield f"- {code(problem.file, 100)}: {inert(problem.hint)} <sub>{problem.rule}</sub>"
    if review.broken:
        yield f"- {BROKE} {inert(review.broken)}."


def against(review: Review) -> Iterator[str]:
    """Name what speaks against the request as a whole, and the way out, an item each."""
    reasons = list(_reasons(review.refusals).items())
    for (slug, said, way_out), paths in reasons[:MOST]:
        yield f"- {_paths(paths)}: {inert(said)}<br>**{inert(way_out)}** <sub>{slug}</sub>"
    if len(reasons) > MOST:
        yield f"- {count(len(reasons) - MOST, 'more reason')}, for which there is no room here."
    if review.scope.dragged and review.behind:
        behind = count(review.behind, "commit")
        yield f"\nYour branch was made from an old copy of this repository: it lacks {behind}."


def _reasons(refusals: Sequence[Refusal]) -> dict[tuple[str, str, str], list[str]]:
    """Group refusals by what is said, with the paths they are about."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for each in refusals:
        groups.setdefault((each.slug, each.said, each.next), []).append(each.path)
    return groups


def _paths(paths: Sequence[str]) -> str:
    named = ", ".join(code(path, 80) for path in paths[:MOST_PATHS])
    return named + (f" and {len(paths) - MOST_PATHS:,} more" if len(paths) > MOST_PATHS else "")


def for_maintainers(review: Review) -> Iterator[str]:
    """Name what a maintainer may do beside merging, an item each."""
    for folder in review.folders:
        if (number := folder.decision.add_id) is not None:
            file = code(f"contributions/{folder.creator}/creator.toml", 100)
            yield (
                f"- <code>github_id = {number}</code> in {file} would keep the folder with this "
                "account, even if its login changes hands."
            )
