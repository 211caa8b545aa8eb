"""A review as the one Markdown body that people read; other forms are in `answers`."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.render.review import impact as effects
from pipeline.render.review import problem_items, status
from pipeline.render.text.crash_message import apology
from pipeline.render.text.links import Links
from pipeline.review.impact import Impact
from pipeline.review.review_result import Conclusion, Review

MARK = "<!-- followworthy review -->"
NO_CHANGE = "It is **our fault, not yours**: change nothing because of it."
OUR_FAULT = "It is **our fault, not yours**. Your files were not judged; leave them as they are."
LONGEST = 60_000  # bytes of the body; GitHub takes 65,536 letters


@dataclass(frozen=True, slots=True, eq=False)
class Whole:
    """A review, its effect (None where there is none to tell), and where things are."""

    review: Review
    effect: Impact | None
    links: Links


def apology_files(error: Exception, links: Links) -> dict[str, bytes]:
    """Write what is left to say when something of ours breaks."""
    said = apology(error)
    line = said.splitlines()[-1]
    body = [
        MARK,
        f"## {status.NOT_JUDGED}",
        OUR_FAULT,
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
    body = _body(whole, effects.sections(whole.effect))
    if len(body.encode()) <= LONGEST:
        return body
    return _body(whole, effects.sections(whole.effect, tables=False))


def _body(whole: Whole, effect: Sequence[str]) -> str:
    review, links = whole.review, whole.links
    parts = [MARK, f"## {status.headline(review)}"]
    parts += [status.next_step(review, is_issue=links.is_issue), *status.what(review)]
    if review.refusals:
        parts.append("### What stands in the way\n\n" + "\n".join(status.against(review)))
    if broken := list(status.broken(review)):
        site = review.broken or review.not_judged[0].hint.rpartition(": ")[2]
        paragraphs = ["### What was not judged", NO_CHANGE, "\n".join(broken)]
        paragraphs.append(f"{links.our_fault(site)}, or wait: we look at every one.")
        parts.append("\n\n".join(paragraphs))
    parts += [*problem_items.sections(review, links, LONGEST // 2), *effect]
    if review.folders and review.conclusion is Conclusion.REFUSED:
        parts.append("Once this is settled, you will see here what it would change in the report.")
    notes = [*status.for_maintainers(review), *effects.anomalies(whole.effect, links, review.head)]
    if notes and review.conclusion is Conclusion.ACCEPTED:
        begin = "### For the maintainer\n\nNothing here is a reason not to merge.\n\n"
        parts.append(begin + "\n".join(notes))
    return "\n\n".join([*parts, _footer(whole)]) + "\n"


def _footer(whole: Whole) -> str:
    review, links = whole.review, whole.links
    speaks = f"This is about commit {links.commit(review.head)}, judged with the rules of"
    help_ = links.document("CONTRIBUTING.md", "CONTRIBUTING.md")
    return f"---\n{speaks} {links.commit(review.base)}. Questions? Ask here, or see {help_}."
