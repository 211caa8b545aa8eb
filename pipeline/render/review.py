"""A review as the one Markdown body that people read, as text, as annotations and as JSON."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pipeline.change import Kind
from pipeline.effect import Effect
from pipeline.folders import Folder, State
from pipeline.owner import By
from pipeline.render import effect as effects
from pipeline.render import problem_items
from pipeline.render.apology import apology
from pipeline.render.escape import code, command_data, command_property, inert, plain
from pipeline.render.links import Links
from pipeline.render.problems import as_json, as_text, causes, count, github_commands
from pipeline.review import Review, Verdict
from schema.catalogue import fingerprint
from schema.refusals import Refusal

__all__ = ["ANSWERS", "Links", "Whole", "apology_files", "files"]

VERSION = 1
MARK = "<!-- followworthy review -->"
LONGEST = 60_000  # bytes of the body; GitHub takes 65,536 letters
MOST_FOLDERS = 12
MOST_PATHS = 8  # named of one reason
IN_A_BRANCH = (
    "Correct what is listed below in your branch. The pull request follows, the check runs again, "
    "and this text is written anew."
)
IN_AN_ISSUE = "Correct what is listed below: edit this issue, and this text is written anew."
FOR_MAINTAINERS = {"another-account", "nobodys-folder"}


@dataclass(frozen=True, slots=True, eq=False)
class Whole:
    """A review, its effect (None where there is none to tell), and where things are."""

    review: Review
    effect: Effect | None
    links: Links


def files(whole: Whole) -> dict[str, bytes]:
    """Write what a workflow needs: the body, the JSON, the check's own JSON, and two words."""
    review = whole.review
    return {
        "review.md": as_markdown(whole).encode(),
        "review.json": (as_review_json(whole) + "\n").encode(),
        "check.json": (as_json(review.data.verdicts, review.problems) + "\n").encode(),
        "outputs": f"kind={review.scope.kind}\nverdict={review.verdict}\n".encode(),
    }


def apology_files(error: Exception, links: Links) -> dict[str, bytes]:
    """Write what is left to say when something of ours breaks."""
    said = apology(error)
    line = said.splitlines()[-1]
    body = [
        MARK,
        "## 🛠️ Something is broken here",
        "It is **our fault, not yours**. Your files were not judged; leave them as they are.",
        f"**Next: a maintainer.** {links.our_fault(line)}, or wait: we look at every one.",
        f"```\n{line}\n```",
    ]
    return {
        "review.md": ("\n\n".join(body) + "\n").encode(),
        "outputs": b"kind=nothing\nverdict=our-fault\n",
    }


def as_markdown(whole: Whole) -> str:
    """Write the one body: verdict, next step and whose it is, then everything else.

    Where it would be too long for GitHub, the tables of the effect stay out of it.
    """
    body = _body(whole, effects.sections(whole.effect, whole.links, whole.review.head))
    if len(body.encode()) <= LONGEST:
        return body
    brief = effects.sections(whole.effect, whole.links, whole.review.head, tables=False)
    return _body(whole, brief)


def _body(whole: Whole, effect: Sequence[str]) -> str:
    review = whole.review
    problems = problem_items.sections(review, whole.links, LONGEST // 2)
    verdict, what_next = _verdict(review), _next(review, is_issue=whole.links.is_issue)
    parts = [MARK, f"## {verdict}", what_next, *_what(whole), *problems, *effect]
    if review.folders and review.verdict is Verdict.REFUSED:
        parts.append("What it would change in the report is told once this is settled.")
    return "\n\n".join([*parts, _footer(whole)]) + "\n"


def _verdict(review: Review) -> str:
    wrong = len(_reasons(review.refusals)) + len(causes(review.errors))
    if review.verdict is Verdict.REFUSED:
        return f"❌ {count(wrong, 'thing')} to correct before this can be merged"
    match review.scope.kind:
        case Kind.NOTHING:
            return "Nothing new: all of this is merged already"
        case Kind.MAINTENANCE:
            return "🔧 A change of the repository itself"
        case _ if any(folder.state is State.WITHDRAWN for folder in review.folders):
            return "✅ Understood: a folder is withdrawn"
    return "✅ All is well"


def _next(review: Review, *, is_issue: bool) -> str:
    warnings = len(review.problems) - len(review.errors)
    if review.verdict is Verdict.REFUSED:
        if not review.errors and {each.slug for each in review.refusals} <= FOR_MAINTAINERS:
            return "**Next: a maintainer**, who has to look at what is said below."
        return f"**Next: you, the author.** {IN_AN_ISSUE if is_issue else IN_A_BRANCH}"
    match review.scope.kind:
        case Kind.NOTHING:
            what = "issue" if is_issue else "pull request"
            return f"**Next: you, the author.** Close the {what}: there is nothing to merge."
        case Kind.MAINTENANCE:
            return "**Next: a maintainer**, who reads it. No creator's data change; the tests run."
    if warnings:
        return (
            "**Next: you, the author**, with a word on each question below (“yes, that is right” "
            "is an answer; none of them blocks). **Then a maintainer**, who reads and merges."
        )
    return "**Next: a maintainer**, who reads it and merges. You need to do nothing."


def _what(whole: Whole) -> Iterator[str]:
    """Say what the pull request does, and what speaks against it as a whole."""
    review = whole.review
    for folder in review.folders[:MOST_FOLDERS]:
        yield f"{_folder(folder)}{_handed(folder)}"
    if len(review.folders) > MOST_FOLDERS:
        yield f"And {count(len(review.folders) - MOST_FOLDERS, 'more folder')}."
    if review.folders and review.author.login is None:
        yield "Who may change what is not judged here: no author was named."
    if review.refusals:
        yield "### The pull request\n\n" + "\n".join(_refusals(review.refusals))
    if review.scope.dragged or (review.behind > 100 and review.refusals):
        yield f"Your branch is {count(review.behind, 'commit')} behind this repository."


def _folder(folder: Folder) -> str:
    where = code(f"contributions/{folder.creator}/", 100)
    rows = folder.rows
    if folder.state is State.WITHDRAWN:
        told = f"{where} is **deleted**" + (f", {count(rows.removed, 'row')}" if rows else "")
        return told + ". The next report is made without it."
    word = "a **new folder**" if folder.state is State.NEW else "is changed"
    told = f"{where}{': ' if folder.state is State.NEW else ' '}{word}"
    if rows is None:
        return f"{told}."
    parts = [(rows.added, "added"), (rows.changed, "corrected"), (rows.removed, "**removed**")]
    said = [f"{count(number, 'row')} {what}" for number, what in parts if number]
    return f"{told}: {', '.join(said) or 'no row changes'}{_by(folder)}."


def _by(folder: Folder) -> str:
    return ", by a maintainer" if folder.decision.by is By.MAINTAINER else ""


def _handed(folder: Folder) -> str:
    to = folder.decision.hands_over_to
    return f" **It is handed over** to the login {code(to)}." if to else ""


def _reasons(refusals: Sequence[Refusal]) -> dict[tuple[str, str, str], list[str]]:
    """Group refusals by what is said, with the paths they are about."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for each in refusals:
        groups.setdefault((each.slug, each.said, each.next), []).append(each.path)
    return groups


def _refusals(refusals: Sequence[Refusal]) -> Iterator[str]:
    reasons = list(_reasons(refusals).items())
    for (slug, said, way_out), paths in reasons[:MOST_FOLDERS]:
        named = ", ".join(code(path, 80) for path in paths[:MOST_PATHS])
        more = f" and {len(paths) - MOST_PATHS:,} more" if len(paths) > MOST_PATHS else ""
        yield f"- {named}{more}: {inert(said)}<br>**{inert(way_out)}** <sub>{slug}</sub>"
    if len(reasons) > MOST_FOLDERS:
        yield f"- {count(len(reasons) - MOST_FOLDERS, 'more reason')}, in the log of the check."


def _footer(whole: Whole) -> str:
    review, links = whole.review, whole.links
    speaks = f"This speaks of commit {links.commit(review.head)}, judged with the rules of"
    help_ = links.document("CONTRIBUTING.md", "CONTRIBUTING.md")
    return f"---\n{speaks} {links.commit(review.base)}. Questions? Ask here, or see {help_}."


def as_text_(whole: Whole) -> str:
    """Tell a person in a terminal."""
    review = whole.review
    verdict = _verdict(review).lstrip("❌✅🔧 ")
    told = [verdict + ".", *(_plain_refusal(each) for each in review.refusals)]
    if review.data.verdicts or review.problems:
        told.append(as_text(review.data.verdicts, review.problems))
    return "\n".join([*told, *effects.lines(whole.effect)])


def _plain_refusal(refusal: Refusal) -> str:
    return (
        f"{plain(refusal.path)}\n    {plain(f'{refusal.said} {refusal.next}')}   [{refusal.slug}]"
    )


def as_github(whole: Whole) -> str:
    """Write annotations, then everything as text."""
    review = whole.review
    against = [
        f"::error file={command_property(each.path)},title={each.slug}::"
        + command_data(f"{each.said} {each.next}")
        for each in review.refusals
    ]
    return "\n".join([*github_commands(review.problems, against), as_text_(whole)])


def as_review_json(whole: Whole) -> str:
    """Write one JSON object; its shape changes with `version` only."""
    review = whole.review
    found = {
        "version": VERSION,
        "rules": fingerprint(),
        "base": review.base,
        "head": review.head,
        "behind": review.behind,
        "author": review.author.login,
        "author_id": review.author.id,
        "kind": review.scope.kind,
        "verdict": review.verdict,
        "folders": [_folder_value(folder) for folder in review.folders],
        "elsewhere": list(review.scope.elsewhere),
        "refusals": [asdict(each) for each in review.refusals],
        "problems": [asdict(each) for each in review.problems],
        "effect": effects.value(whole.effect),
    }
    return json.dumps(found, ensure_ascii=True, indent=1, allow_nan=False)


def _folder_value(folder: Folder) -> Mapping[str, Any]:
    return {
        "creator": folder.creator,
        "state": folder.state,
        "by": folder.decision.by,
        "hands_over_to": folder.decision.hands_over_to,
        "rows": asdict(folder.rows) if folder.rows else None,
        "files": list(folder.files),
    }


ANSWERS: Mapping[str, Callable[[Whole], str]] = {
    "text": as_text_,
    "markdown": as_markdown,
    "json": as_review_json,
    "github": as_github,
}
