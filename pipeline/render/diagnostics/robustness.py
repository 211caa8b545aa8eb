"""What the page on sureness says of robustness: the choices, each line, and the two traps."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.analysis.diagnostics.diagnostics import Diagnostics
from pipeline.analysis.diagnostics.lines import AnalysedLine, lines
from pipeline.analysis.robustness.choices import OF_2022, ZERO_TRAP, departures
from pipeline.analysis.robustness.specification_curve import Specification
from pipeline.inference.published_line import Verdict
from pipeline.inference.results import Answer, Results
from pipeline.render.diagnostics.sentences import (
    Misled,
    SignAgreement,
    Usual,
    holds,
    is_sure,
    misled,
    same_scale,
    stands_out,
    trapped,
    usual,
)
from pipeline.render.labels.analyses import CHOICES, departure, option
from pipeline.render.text.numbers import ratio

TRAPS = (ZERO_TRAP, OF_2022)


@dataclass(frozen=True, slots=True)
class Held:
    """A question, its lines, and how many analyses there are of each, the published one too."""

    answer: Answer
    lines: tuple[AnalysedLine, ...]
    analyses: int

    @property
    def shown(self) -> list[dict[str, Any]]:
        """A row of the tables for each line."""
        return [_row(self.answer, line) for line in self.lines]

    @property
    def named(self) -> list[dict[str, Any]]:
        """The lines that the report names in short: in its order."""
        out = [line for line in self.lines if line.estimate and stands_out(line.estimate)]
        out.sort(key=order)
        return [_row(self.answer, line) for line in out]

    @property
    def alone(self) -> list[str]:
        """Name the choices that were made otherwise one at a time, in the order of the analyses."""
        return [departure(name) for name, _ in _alone(self.lines[0])]

    @property
    def misled(self) -> dict[str, Misled]:
        """What each trap would have made of the lines."""
        return {trap: misled([line.rows for line in self.lines], trap) for trap in TRAPS}


def held(findings: Results, diagnostics: Diagnostics) -> list[Held]:
    """Gather the questions that were analysed in other ways."""
    by_answer = [
        (answer, lines(findings, diagnostics, answer.question.name)) for answer in findings.answers
    ]
    return [
        Held(answer, each, len({row.analysis for row in each[0].rows if not row.trap}))
        for answer, each in by_answer
        if each
    ]


@dataclass(frozen=True, slots=True)
class Choice:
    """What was varied: the choice, what is published, and what was done otherwise.

    `other` are the questions whose published option is another one, with it.
    """

    name: str
    published: str
    other: tuple[tuple[str, str], ...]
    otherwise: str


def choices(questions: Sequence[Held]) -> list[Choice]:
    """List what was varied."""
    return [row for name in CHOICES if (row := _choice(questions, name)).otherwise]


def _choice(questions: Sequence[Held], name: str) -> Choice:
    ours = {q.answer.question.name: str(getattr(q.lines[0].rows[0], name)) for q in questions}
    usual = next(iter(ours.values()), "")
    tried = [str(getattr(row, name)) for q in questions for row in q.lines[0].rows if not row.trap]
    other = tuple((q, option(value)) for q, value in ours.items() if value != usual)
    otherwise = [option(value) for value in dict.fromkeys(tried) if value != usual]
    return Choice(CHOICES[name], option(usual), other, "; ".join(otherwise))


def all_misled(questions: Sequence[Held]) -> dict[str, Misled]:
    """What each trap would have made of the lines of all questions."""
    rows = [line.rows for each in questions for line in each.lines]
    return {trap: misled(rows, trap) for trap in TRAPS}


def all_usual(questions: Sequence[Held]) -> Usual | None:
    """What a reasonable analysis makes of the lines of all questions, on average."""
    each = [average for held in questions if (average := usual([line.rows for line in held.lines]))]
    if not each:
        return None
    return Usual(*(sum(getattr(one, name) for one in each) for name in ("lines", "turned", "sure")))


def _row(answer: Answer, line: AnalysedLine) -> dict[str, Any]:
    holding, moved = holds(line.rows), line.influence
    shown = line.variable.ratio
    return {
        "line": line,
        "name": line.name,
        "says": line.variable.says,
        "holding": holding,
        "held": _held(holding),
        "untold": (holding.untold or "") if holding else "",
        "way": "more" if holding and holding.published > 0 else "fewer",
        "counts": answer.question.counts if answer.question.advice else "new followers",
        "published": ratio(shown(holding.published)) if holding else "",
        "range": _range(line, holding.low, holding.high) if holding and holding.estimated else "",
        "moved": departure(holding.moved_by) if holding and holding.moved_by else "",
        "moved_to": ratio(shown(holding.moved_to)) if holding else "",
        "moved_videos": holding.moved_videos if holding else 0,
        "moved_creators": holding.moved_creators if holding else 0,
        "alone": [departure_cell(line, row) for _, row in _alone(line)],
        "without": _range(line, moved.lowest, moved.highest) if moved else "",
        "creator": moved.most_influential if moved else "",
        "without_it": ratio(shown(moved.without_it)) if moved else "",
        "influence": moved,
        **{
            key: trap_cell(line, trap) for key, trap in (("zeros", ZERO_TRAP), ("of_2022", OF_2022))
        },
    }


def _alone(line: AnalysedLine) -> list[tuple[str, Specification]]:
    """Find the analyses with one departure: the option that is chosen there, and the row."""
    own = line.rows[0]
    apart = [(row, departures(row, own)) for row in line.rows if not row.trap]
    return [(str(getattr(row, names[0])), row) for row, names in apart if len(names) == 1]


def departure_cell(line: AnalysedLine, row: Specification) -> str:
    """A ratio, marked where it is one of 1 + the count."""
    if row.estimate is None:
        return ""
    scale = "" if same_scale(row, line.rows[0]) else "¹"
    return f"{ratio(line.variable.ratio(row.estimate))}{scale}"


def order(line: AnalysedLine) -> tuple[bool, bool, float]:
    """More before fewer, clear before likely, the larger before the smaller; as in the report."""
    size = (line.rows[0].estimate or 0.0) * line.variable.step
    return (
        size <= 0,
        line.estimate is not None and line.estimate.verdict != Verdict.CLEAR,
        -abs(size),
    )


def _held(holding: SignAgreement | None) -> str:
    if holding is None or not holding.estimated:
        return "none"
    return f"{holding.same} of {holding.estimated}"


def _range(line: AnalysedLine, low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return ""
    return f"{ratio(line.variable.ratio(low))} to {ratio(line.variable.ratio(high))}"


def trap_cell(line: AnalysedLine, trap: str) -> str:
    """A trap's ratio; marked where it is one of 1 + the count, turned, or sure."""
    if not any(row.trap == trap for row in line.rows):
        return "no such choice"
    row = trapped(line.rows, trap)
    if row is None or row.estimate is None:
        return "cannot tell"
    own = line.rows[0]
    marks = [
        *(["turned"] if row.estimate * (own.estimate or 0) < 0 else []),
        *(["sure"] if is_sure(row) else []),
    ]
    return departure_cell(line, row) + "".join(f", {mark}" for mark in marks)
