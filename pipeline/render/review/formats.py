"""A review as text for a terminal, as annotations, as JSON, and as the files of a run."""

import json
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from pipeline.render.check.problems import INDENTED, as_json, github_commands, paragraphs
from pipeline.render.review import impact as effects
from pipeline.render.review import impact_json, status
from pipeline.render.review.comment import OUR_FAULT, Whole, as_markdown
from pipeline.render.text.escape import command_data, command_property, inert_json, plain
from pipeline.review.folder_changes import Folder
from pipeline.review.review_result import Review
from schema.catalogue import fingerprint
from schema.problem import total
from schema.refusals import Refusal

VERSION = 2


def files(whole: Whole) -> dict[str, bytes]:
    """Write what a workflow needs: the body, the JSON, the check's own JSON, and two words."""
    review = whole.review
    return {
        "review.md": as_markdown(whole).encode(),
        "review.json": (as_review_json(whole) + "\n").encode(),
        "check.json": (as_json(review.data.verdicts, review.problems) + "\n").encode(),
        "outputs": f"kind={review.scope.kind}\nverdict={review.conclusion}\n".encode(),
    }


def as_text(whole: Whole) -> str:
    """Tell a person in a terminal: verdict and next step first, as in the body."""
    review = whole.review
    headline = status.headline(review).lstrip("❌✅🔧🛠️ ")
    step = status.next_step(review, is_issue=whole.links.is_issue).replace("**", "")
    lines = [f"{headline}.", textwrap.fill(step, INDENTED.width)]
    if review.folders and review.author.login is None:
        lines.append("No --author was named, so nobody checked whether they may change this.")
    if said := status.NOT_LOOKED_UP.get(review.past):
        lines.append(textwrap.fill(said, INDENTED.width))
    lines += [plain(line) for line in status.settings(review)]
    lines += [
        "",
        *map(_refusal, review.refusals),
        *_broken(review),
        *paragraphs(review.raised_problems),
    ]
    lines += effects.lines(whole.effect)
    return "\n".join(lines).rstrip()


def _broken(review: Review) -> list[str]:
    """Name what was not judged because something of ours broke on it."""
    lines = paragraphs(review.not_judged)
    if review.broken:
        words = f"{status.BROKE} {review.broken}"
        lines += ["\n".join([*INDENTED.wrap(plain(words)), ""])]
    return lines


def _refusal(refusal: Refusal) -> str:
    words = f"{refusal.said} {refusal.next}   [{refusal.slug}]"
    return "\n".join([plain(refusal.path), *INDENTED.wrap(plain(words)), ""])


def as_github(whole: Whole) -> str:
    """Write annotations, then everything as text."""
    review = whole.review
    against = [
        f"::error file={command_property(each.path)},title={each.slug}::"
        + command_data(f"{each.said} {each.next}")
        for each in review.refusals
    ]
    if review.broken or review.not_judged:
        against.append(f"::error title=Not judged::{command_data(OUR_FAULT.replace('*', ''))}")
    return "\n".join([*github_commands(review.raised_problems, against), as_text(whole)])


def as_review_json(whole: Whole) -> str:
    """Write one JSON object; its shape, which `review.schema.json` has, changes with `version`."""
    return inert_json(json.dumps(_value(whole), ensure_ascii=True, indent=1, allow_nan=False))


def _value(whole: Whole) -> dict[str, Any]:
    review: Review = whole.review
    problems = sorted(review.raised_problems, key=lambda problem: problem.place)
    return {
        "version": VERSION,
        "rules": fingerprint(),
        "base": review.base,
        "head": review.head,
        "behind": review.behind,
        "author": review.author.login,
        "author_id": review.author.id,
        "kind": review.scope.kind,
        "verdict": review.conclusion,
        "is_move": review.scope.is_move,
        "folders": [_folder(folder) for folder in review.folders],
        "elsewhere": list(review.scope.elsewhere),
        "lost": list(review.scope.lost),
        "dragged": list(review.scope.dragged),
        "refusals": [asdict(each) for each in review.refusals],
        "not_judged": [each.file for each in review.not_judged],
        "broken": review.broken,
        "past": review.past,
        "problems": [asdict(each) for each in problems],
        "problems_left_out": total(problems) - len(problems),
        "effect": impact_json.value(whole.effect),
    }


def _folder(folder: Folder) -> dict[str, Any]:
    return {
        "creator": folder.creator,
        "state": folder.state,
        "by": folder.decision.by,
        "hands_over_to": folder.decision.hands_over_to,
        "add_id": folder.decision.add_id,
        "settings": [asdict(each) for each in folder.settings],
        "rows": asdict(folder.rows) if folder.rows else None,
        "files": list(folder.files),
    }


ANSWERS: Mapping[str, Callable[[Whole], str]] = {
    "text": as_text,
    "markdown": as_markdown,
    "json": as_review_json,
    "github": as_github,
}
