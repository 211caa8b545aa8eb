"""The rows of robustness, gathered by published line, with the line's name and verdict."""

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.analysis.diagnostics.creator_slopes import Personal
from pipeline.analysis.diagnostics.diagnostics import Diagnostics
from pipeline.analysis.robustness.influence import Influence
from pipeline.analysis.robustness.specification_curve import Specification
from pipeline.inference.published_line import Estimate
from pipeline.inference.results import Results
from pipeline.model.variables import Variable, read_back

Row = Specification | Influence | Personal


@dataclass(frozen=True, slots=True)
class AnalysedLine:
    """One published line of a question, with its analyses, the published one first.

    `estimate` is None for rows that no line of the findings has.
    """

    variable: Variable
    estimate: Estimate | None
    rows: tuple[Specification, ...]
    influence: Influence | None

    @property
    def name(self) -> str:
        """The line as the tables of the report name it."""
        return self.variable.label

    @property
    def is_drawn(self) -> bool:
        """Return whether there is anything to compare the published analysis with."""
        return sum(row.estimate is not None for row in self.rows) > 1


def lines(findings: Results, diagnostics: Diagnostics, question: str) -> tuple[AnalysedLine, ...]:
    """Gather the analyses of a question by line, in the order of the rows."""
    gathered: dict[tuple[str, str, str], list[Specification]] = {}
    for row in diagnostics.specifications:
        if row.question == question:
            gathered.setdefault(_key(row), []).append(row)
    moved = {_key(row): row for row in diagnostics.influences if row.question == question}
    published = estimates_by_key(findings, question)
    return tuple(
        AnalysedLine(
            variable_of(rows[0], published),
            published.get(key),
            tuple(sorted(rows, key=lambda row: row.analysis)),
            moved.get(key),
        )
        for key, rows in gathered.items()
    )


def personal_lines(diagnostics: Diagnostics, question: str) -> tuple[tuple[Personal, ...], ...]:
    """Gather the creators of a question by line, in the order of the rows."""
    gathered: dict[tuple[str, str, str], list[Personal]] = {}
    for row in diagnostics.personals:
        if row.question == question:
            gathered.setdefault(_key(row), []).append(row)
    return tuple(map(tuple, gathered.values()))


def estimates_by_key(findings: Results, question: str) -> dict[tuple[str, str, str], Estimate]:
    """The published lines of a question, by term, level and unit."""
    published: Iterable[Estimate] = (
        line
        for answer in findings.answers
        if answer.question.name == question
        for line in answer.estimates
    )
    return {(e.variable.term, e.variable.level, e.variable.unit): e for e in published}


def variable_of(row: Row, published: dict[tuple[str, str, str], Estimate]) -> Variable:
    """The variable that a row is of; made of the row, where no published line has it."""
    if (line := published.get(_key(row))) is not None:
        return line.variable
    return read_back(row.term, row.level, row.unit)


def _key(row: Row) -> tuple[str, str, str]:
    return row.term, row.level, row.unit
