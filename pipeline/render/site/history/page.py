"""How the answers moved as data came in, and what moved them."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.analysis.history.changes import RECENT
from pipeline.model.questions import Question
from pipeline.render.charts.history_steps import Moment
from pipeline.render.diagnostics.sentences import stands_out
from pipeline.render.labels import table
from pipeline.render.labels.levers import contrast, unbroken
from pipeline.render.site.history.series import LineHistory, Set, ShownSets
from pipeline.render.site.layout.context import Edition
from pipeline.render.site.layout.page import html_page
from pipeline.render.text.numbers import ratio

TABLED = 6  # sets, the latest, that a table has room for
OPEN = 6  # charts of a question that need no click


@dataclass(frozen=True, slots=True)
class MovedLines:
    """The lines of a question: those that moved in the last step, and the others."""

    question: Question
    stories: tuple[LineHistory, ...]

    @property
    def asks(self) -> str:
        """The question in a creator's words."""
        return table.question(self.question.name).asks

    @property
    def moved(self) -> list[LineHistory]:
        """The lines that moved, those that are clear or likely first."""
        return sorted((s for s in self.stories if s.moved), key=lambda s: not stands_out(s.line))

    @property
    def standing_out(self) -> list[LineHistory]:
        """The others that are clear or likely; the table has all of them."""
        return [s for s in self.stories if not s.moved and stands_out(s.line)]


def page(edition: Edition) -> bytes:
    """Write the page."""
    past = ShownSets(edition)
    has_results = bool(past.rows.get(edition.findings.inputs))
    stories = past.stories if has_results else ()
    groups = [
        MovedLines(answer.question, question_stories)
        for answer in edition.findings.answers
        if (question_stories := tuple(story for story in stories if story.answer is answer))
    ]
    sets = past.sets if has_results else ()
    return html_page(
        edition,
        "history/history.html.jinja",
        "history.html",
        sets=sets,
        alike=alike(sets),
        groups=groups,
        former=len(past.former),
        others=len(past.all) - len(past.former) - len(past.shown),
        older=max(len(past.all) - RECENT, 0),
        recent=RECENT,
        is_told=bool(edition.causes),
        contrast=contrast,
        unbroken=unbroken,
        cells=cells,
        tabled=TABLED,
        open=OPEN,
    )


def alike(sets: Sequence[Set]) -> str:
    """Say what changed between sets of as many videos of the same creators; "" for others."""
    if len({(each.videos, each.creators) for each in sets}) > 1:
        return ""
    causes = [each.cause for each in sets[1:]]
    known = [cause for cause in causes if cause and cause.is_told]
    if len(known) < len(causes) or any(c.joined or c.others_joined or c.left for c in known):
        return ""
    files = any(cause.changed or cause.others_changed for cause in known)
    reasons = (("creators’ files", files), ("our method", any(cause.edited for cause in known)))
    return " and ".join(said for said, changed in reasons if changed)


def cells(stories: Sequence[LineHistory]) -> list[tuple[str, list[str]]]:
    """Write the ratios of lines in the latest sets, for a table."""
    return [
        (contrast(story.line.variable), [_cell(moment) for moment in story.moments[-TABLED:]])
        for story in stories
    ]


def _cell(moment: Moment) -> str:
    if moment.ratio is None:
        return "—"
    if moment.low is None or moment.high is None:
        return ratio(moment.ratio)
    return f"{ratio(moment.ratio)} ({ratio(moment.low)} to {ratio(moment.high)})"
