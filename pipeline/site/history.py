"""How the answers moved as data came in, and what moved them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from markupsafe import Markup

from pipeline.findings import Answer
from pipeline.ladder import Estimate
from pipeline.questions import Part
from pipeline.render.figures import PAGE
from pipeline.render.history_figure import Moment, history_figure
from pipeline.render.numbers import ratio
from pipeline.render.sentences import stands_out
from pipeline.site.charts import inline
from pipeline.site.edition import Edition
from pipeline.site.shell import html_page
from pipeline.site.wording import ASKS, COUNTS, contrast
from pipeline.steps import RECENT, Cause, in_order

MOVED, SURE, UNSURE, STEADY, UNTOLD = "moved", "sure", "unsure", "steady", "untold"
SAID = {  # what became of a line from one set to the next
    MOVED: "the last step is more than half as wide as the interval was",
    SURE: "its interval now excludes no difference, and did not before",
    UNSURE: "its interval excluded no difference before, and does not now",
    STEADY: "hardly moved in the last step",
    UNTOLD: "without an interval before the last step, whether it moved beyond luck can't be told",
}
TABLED = 6  # sets, the latest, that a table has room for
Key = tuple[str, str, str]  # question, term, level
Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """One line through the sets that are shown; `step` is the kind of its last step."""

    answer: Answer
    line: Estimate
    moments: tuple[Moment, ...]
    step: str

    @property
    def says(self) -> str:
        """Say in one sentence where it came from and where it is."""
        told = [each for each in self.moments if each.ratio is not None]
        first, last = ratio(told[0].ratio), ratio(told[-1].ratio)
        went = f"{last} × in each set" if first == last else f"From {first} × to {last} ×"
        return f"{went}; {SAID[self.step]}."

    @property
    def words(self) -> str:
        """Say what is drawn, for those who cannot see it."""
        return f"{contrast(self.line.variable)}, {COUNTS[self.answer.question.name]}. {self.says}"

    @property
    def chart(self) -> Markup:
        """Draw it."""
        return inline(history_figure(self.moments, self.line.verdict, PAGE), self.words)


@dataclass(frozen=True, slots=True)
class Set:
    """One set of results: its number, its size, and how many of its lines moved, of how many."""

    inputs: str
    number: int
    videos: int
    creators: int
    cause: Cause | None
    moved: int
    comparable: int


@dataclass(frozen=True)
class Past:
    """The sets of results that can stand beside today's: of real creators, or of invented ones."""

    edition: Edition

    @cached_property
    def all(self) -> tuple[str, ...]:
        """The inputs of every set, oldest first, today's last."""
        return in_order(self.edition.history, self.edition.findings.inputs)

    @cached_property
    def shown(self) -> tuple[str, ...]:
        """The inputs of the latest sets that are of the same kind as today's."""
        return tuple(name for name in self.all[-RECENT:] if self._is_alike(name))

    def _is_alike(self, name: str) -> bool:
        """Tell whether a set is as real as today's; one of which nothing is known is not."""
        cause = self.edition.causes.get(name)
        if name == self.edition.findings.inputs:
            return True
        return (
            self.edition.simulated if cause is None else cause.simulated == self.edition.simulated
        )

    @cached_property
    def rows(self) -> Mapping[str, Mapping[Key, Row]]:
        """The rows of each set by line."""
        found: dict[str, dict[Key, Row]] = {name: {} for name in self.shown}
        for row in self.edition.history:
            if row[0] in found:
                found[row[0]][row[3], row[4], row[5]] = row
        return found

    @cached_property
    def sets(self) -> tuple[Set, ...]:
        """The sets that are shown, oldest first."""
        found = []
        for place, name in enumerate(self.shown):
            rows = self.rows[name]
            earlier = self.rows[self.shown[place - 1]] if place else {}
            steps = [step(earlier[key], row) for key, row in rows.items() if key in earlier]
            told = [each for each in steps if each != UNTOLD]
            size = next(iter(rows.values()))
            found.append(
                Set(
                    name, self.all.index(name) + 1, int(size[1]), int(size[2]),
                    self.edition.causes.get(name), sum(each != STEADY for each in told), len(told),
                )
            )  # fmt: skip
        return tuple(found)

    @cached_property
    def stories(self) -> tuple[Story, ...]:
        """The lines that were asked and are in two sets or more, in the order of the questions."""
        return tuple(
            story
            for answer in self.edition.findings.answers
            for line in answer.estimates
            if line.is_tested and line.estimate is not None and _is_drawn(answer, line)
            if (story := self._story(answer, line))
        )

    def _story(self, answer: Answer, line: Estimate) -> Story | None:
        key = (answer.question.name, line.variable.term, line.variable.level)
        rows = [self.rows[name].get(key) for name in self.shown]
        told = [row for row in rows if row is not None]
        if len(told) < 2:
            return None
        moments = tuple(
            _moment(line, row) if row else Moment(each.videos, each.creators)
            for row, each in zip(rows, self.sets, strict=True)
        )
        return Story(answer, line, moments, step(told[-2], told[-1]))


def page(edition: Edition) -> bytes:
    """Write the page."""
    past = Past(edition)
    has_results = bool(past.rows.get(edition.findings.inputs))
    stories = past.stories if has_results else ()
    headlines = tuple(story for story in stories if stands_out(story.line))
    groups = [
        (answer.question, ASKS[answer.question.name], found)
        for answer in edition.findings.answers
        if (found := [story for story in stories if story.answer is answer])
    ]
    return html_page(
        edition,
        "history.html.jinja",
        "history.html",
        sets=past.sets if has_results else (),
        stories=stories,
        headlines=headlines,
        groups=groups,
        others=len(past.all) - len(past.shown),
        older=max(len(past.all) - RECENT, 0),
        recent=RECENT,
        is_told=bool(edition.causes),
        counts=COUNTS,
        contrast=contrast,
        cells=cells,
        tabled=TABLED,
    )


def step(earlier: Row, later: Row) -> str:
    """Tell how a line moved from one row of the history to another.

    >>> before = ("a", "9", "5", "reach", "has_cover", "yes", "0.2", "-0.1", "0.5")
    >>> step(before, ("b", "9", "5", "reach", "has_cover", "yes", "0.3", "-0.1", "0.7"))
    'steady'
    >>> step(before, ("b", "9", "5", "reach", "has_cover", "yes", "0.3", "0.1", "0.5"))
    'sure'
    """
    before, after = _interval(earlier), _interval(later)
    if before is None:
        return UNTOLD
    low, high = before
    if after is not None and _is_sure(before) != _is_sure(after):
        return SURE if _is_sure(after) else UNSURE
    moved = abs(float(later[6]) - float(earlier[6]))
    return MOVED if moved > (high - low) / 2 else STEADY


def _interval(row: Row) -> tuple[float, float] | None:
    return (float(row[7]), float(row[8])) if row[7] and row[8] else None


def _is_sure(interval: tuple[float, float]) -> bool:
    return interval[0] > 0 or interval[1] < 0


def _is_drawn(answer: Answer, line: Estimate) -> bool:
    """Tell whether a line is a lever of what may be advised, or a sign of the question of signs."""
    wanted = Part.LEVER if answer.question.advice else Part.ENGAGEMENT
    return line.variable.part is wanted


def _moment(line: Estimate, row: Row) -> Moment:
    estimate, low, high = (line.ratio(float(cell)) if cell else None for cell in row[6:9])
    return Moment(int(row[1]), int(row[2]), estimate, low, high)


def cells(stories: Sequence[Story]) -> list[tuple[str, list[str]]]:
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
