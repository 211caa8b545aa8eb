"""What the page on sureness says of what creators share: the mean of all, and the spread."""

from dataclasses import dataclass
from typing import Any

from pipeline.analysis.diagnostics.creator_slopes import Personal
from pipeline.analysis.diagnostics.diagnostics import Diagnostics
from pipeline.analysis.diagnostics.lines import estimates_by_key, personal_lines, variable_of
from pipeline.inference.results import Results
from pipeline.model.questions import Question
from pipeline.model.variables import Variable, bounded_exp
from pipeline.render.diagnostics.prediction import percent
from pipeline.render.diagnostics.sentences import stands_out
from pipeline.render.text.numbers import ratio


@dataclass(frozen=True, slots=True)
class Mean:
    """One line of a question, as partial pooling has it: ratios, ready to show."""

    variable: Variable
    is_named: bool  # in short, by the report
    mean: str
    spread: str
    newcomer: str
    newcomer_is_sure: bool
    weights: str

    @property
    def name(self) -> str:
        """The line as the tables of the report name it."""
        return self.variable.label


def means(findings: Results, diagnostics: Diagnostics) -> list[tuple[Question, list[Mean]]]:
    """Gather the lines of each question that was partially pooled."""
    by_question = []
    for answer in findings.answers:
        question = answer.question
        published = estimates_by_key(findings, question.name)
        lines = [
            mean_slope(rows, variable_of(rows[0], published), published)
            for rows in personal_lines(diagnostics, question.name)
        ]
        if lines:
            by_question.append((question, lines))
    return by_question


def mean_slope(rows: tuple[Personal, ...], variable: Variable, published: dict[Any, Any]) -> Mean:
    """Gather the creators of a line to their mean, and what a new creator may expect."""
    first = rows[0]
    new = next((row for row in rows if not row.creator), None)
    weights = [row.weight for row in rows if row.creator]
    line = published.get((first.term, first.level, first.unit))
    return Mean(
        variable=variable,
        is_named=line is not None and stands_out(line),
        mean=ratio(variable.ratio(first.pooled)),
        spread=f"×{ratio(bounded_exp(first.between_high * variable.step))}",
        newcomer=_interval(variable, new) if new else "",
        newcomer_is_sure=new is not None and new.ci_low * new.ci_high > 0,
        weights=f"{percent(min(weights))} to {percent(max(weights))}" if weights else "",
    )


def _interval(variable: Variable, row: Personal) -> str:
    return f"{ratio(variable.ratio(row.ci_low))} to {ratio(variable.ratio(row.ci_high))}"
