"""Where the answers were: each comparison through the sets of results that are kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from markupsafe import Markup

from pipeline.analysis.history.changes import RECENT, SetDifference, in_order
from pipeline.analysis.history.history_csv import HISTORY
from pipeline.dataset.coverage import FEWEST
from pipeline.inference.published_line import Estimate
from pipeline.inference.results import Answer
from pipeline.model.questions import Part
from pipeline.render.charts.history_steps import Moment, history_figure
from pipeline.render.labels import table
from pipeline.render.labels.levers import contrast
from pipeline.render.site.layout.chart import inline
from pipeline.render.site.layout.context import Edition
from pipeline.render.text.numbers import ratio

MOVED, SURE, UNSURE, STEADY, UNTOLD = "moved", "sure", "unsure", "steady", "untold"
SAID = {  # what became of a line from one set to the next
    MOVED: "the last step is more than half as wide as the range was",
    SURE: "its range now leaves out no difference, and did not before",
    UNSURE: "its range left out no difference before, and does not now",
    STEADY: "hardly moved in the last step",
    UNTOLD: "without a range before the last step, we can’t tell whether it moved beyond luck",
}
METHOD = HISTORY.index("method")
Key = tuple[str, str, str]  # question, term, level
Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LineHistory:
    """One line through the sets that are shown; `step` is the kind of its last step."""

    answer: Answer
    line: Estimate
    moments: tuple[Moment, ...]
    step: str

    @property
    def says(self) -> str:
        """Say in one sentence where it came from and where it is."""
        estimated = [each for each in self.moments if each.ratio is not None]
        first, last = ratio(estimated[0].ratio), ratio(estimated[-1].ratio)
        went = f"{last}\u00a0×" if first == last else f"{first}\u00a0× to {last}\u00a0×"
        went = f"{went} in each update" if first == last else f"From {went}"
        return f"{went}; {SAID[self.step]}."

    @property
    def moved(self) -> bool:
        """Return whether it moved in the last step."""
        return self.step not in (STEADY, UNTOLD)

    @property
    def words(self) -> str:
        """Say what is drawn, for those who cannot see it."""
        counts = table.question(self.answer.question.name).counts
        return f"{contrast(self.line.variable)}, {counts}. {self.says}"

    @property
    def chart(self) -> Markup:
        """Draw it."""
        return inline(history_figure(self.moments, self.line.verdict), self.words)


@dataclass(frozen=True, slots=True)
class Set:
    """One set of results: its number, its size, and how many of its lines moved, of how many."""

    inputs: str
    number: int
    videos: int
    creators: int
    cause: SetDifference | None
    moved: int
    comparable: int


@dataclass(frozen=True)
class ShownSets:
    """The sets of results that can stand beside today's: of real creators, or of invented ones."""

    edition: Edition

    @cached_property
    def all(self) -> tuple[str, ...]:
        """The inputs of every set, oldest first, today's last."""
        return in_order(self.edition.history, self.edition.findings.inputs)

    @cached_property
    def shown(self) -> tuple[str, ...]:
        """The inputs of the latest sets by today's method, as real as today's, and of no one."""
        latest = [name for name in self.all[-RECENT:] if name not in self.former]
        shown = (name for name in latest if self._is_alike(name))
        return tuple(name for name in shown if not self._tells_of_one(name))

    @cached_property
    def former(self) -> frozenset[str]:
        """The inputs of the latest sets whose every line was made by another method."""
        by_method = {row[0] for row in self.edition.history if self._is_of_today(row)}
        return frozenset(self.all[-RECENT:]) - by_method - {self.edition.findings.inputs}

    def _is_of_today(self, row: Row) -> bool:
        return row[METHOD] == self._methods.get(row[3])

    @cached_property
    def _methods(self) -> Mapping[str, str]:
        answers = self.edition.findings.answers
        return {answer.question.name: answer.question.method for answer in answers}

    def _tells_of_one(self, name: str) -> bool:
        """Return whether a set is of one or two creators, in a pool that has grown since."""
        size = next((int(row[2]) for row in self.edition.history if row[0] == name), FEWEST)
        return size < FEWEST <= self.edition.creators

    def _is_alike(self, name: str) -> bool:
        """Return whether a set is as real as today's; one of which nothing is known is not."""
        cause = self.edition.causes.get(name)
        if name == self.edition.findings.inputs:
            return True
        return (
            self.edition.simulated if cause is None else cause.simulated == self.edition.simulated
        )

    @cached_property
    def rows(self) -> Mapping[str, Mapping[Key, Row]]:
        """The rows of each set by line, where today's method made them."""
        by_set: dict[str, dict[Key, Row]] = {name: {} for name in self.shown}
        for row in self.edition.history:
            if row[0] in by_set and self._is_of_today(row):
                by_set[row[0]][row[3], row[4], row[5]] = row
        return by_set

    @cached_property
    def sets(self) -> tuple[Set, ...]:
        """The sets that are shown, oldest first."""
        sets = []
        for place, name in enumerate(self.shown):
            rows = self.rows[name]
            earlier = self.rows[self.shown[place - 1]] if place else {}
            steps = [
                step(earlier[key], row)
                for key, row in rows.items()
                if key in earlier and key in self._drawn
            ]
            known = [each for each in steps if each != UNTOLD]
            size = next(iter(rows.values()))
            sets.append(
                Set(
                    name, self.all.index(name) + 1, int(size[1]), int(size[2]),
                    self.edition.causes.get(name), sum(each != STEADY for each in known),
                    len(known),
                )
            )  # fmt: skip
        return tuple(sets)

    @cached_property
    def _drawn(self) -> Mapping[Key, tuple[Answer, Estimate]]:
        """The lines of today that were asked, in the order of the questions."""
        return {
            (answer.question.name, line.variable.term, line.variable.level): (answer, line)
            for answer in self.edition.findings.answers
            for line in answer.estimates
            if line.is_tested and line.estimate is not None and _is_drawn(answer, line)
        }

    @cached_property
    def stories(self) -> tuple[LineHistory, ...]:
        """The lines that were asked and are in two sets or more."""
        stories = (self._story(key, *drawn) for key, drawn in self._drawn.items())
        return tuple(story for story in stories if story)

    def _story(self, key: Key, answer: Answer, line: Estimate) -> LineHistory | None:
        rows = [self.rows[name].get(key) for name in self.shown]
        if sum(row is not None for row in rows) < 2:
            return None
        moments = tuple(
            _moment(line, row) if row else Moment(each.videos, each.creators)
            for row, each in zip(rows, self.sets, strict=True)
        )
        before, after = rows[-2:]
        return LineHistory(
            answer, line, moments, step(before, after) if before and after else UNTOLD
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
    """Whether a line is a lever of what may be advised, or a sign of the question of signs."""
    wanted = Part.LEVER if answer.question.advice else Part.ENGAGEMENT
    return line.variable.part is wanted


def _moment(line: Estimate, row: Row) -> Moment:
    estimate, low, high = (line.ratio(float(cell)) if cell else None for cell in row[6:9])
    return Moment(int(row[1]), int(row[2]), estimate, low, high)
