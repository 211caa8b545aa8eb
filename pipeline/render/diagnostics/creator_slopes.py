"""What the page on sureness says to one creator: the mean of all, the spread, and their own."""

from dataclasses import dataclass
from typing import Any

from pipeline.analysis.diagnostics.creator_slopes import Personal
from pipeline.analysis.diagnostics.diagnostics import Diagnostics
from pipeline.analysis.diagnostics.lines import estimates, personal_lines, variable_of
from pipeline.inference.results import Results
from pipeline.model.questions import Question
from pipeline.model.variables import Variable, bounded_exp
from pipeline.render.diagnostics.prediction import percent
from pipeline.render.diagnostics.sentences import stands_out
from pipeline.render.text.numbers import ratio

MOST_CREATORS = 20  # who are on the page; more are in the file only


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


def means(findings: Results, sure: Diagnostics) -> list[tuple[Question, list[Mean]]]:
    """Gather the lines of each question that was partially pooled."""
    found = []
    for answer in findings.answers:
        question = answer.question
        published = estimates(findings, question.name)
        lines = [
            _mean(rows, variable_of(rows[0], published), published)
            for rows in personal_lines(sure, question.name)
        ]
        if lines:
            found.append((question, lines))
    return found


def _mean(rows: tuple[Personal, ...], variable: Variable, published: dict[Any, Any]) -> Mean:
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


def creators(findings: Results, sure: Diagnostics) -> list[tuple[str, list[dict[str, Any]]]]:
    """Gather the lines of which each creator has something of their own; empty if too many."""
    names = dict.fromkeys(row.creator for row in sure.personals if row.creator)
    if len(names) > MOST_CREATORS:
        return []
    published = {a.question.name: estimates(findings, a.question.name) for a in findings.answers}
    gathered: dict[str, list[dict[str, Any]]] = {name: [] for name in sorted(names)}
    for row in sure.personals:
        if row.creator and row.own is not None:
            variable = variable_of(row, published.get(row.question, {}))
            gathered[row.creator].append(_own(row, variable))
    return [(name, rows) for name, rows in gathered.items() if rows]


def _own(row: Personal, variable: Variable) -> dict[str, Any]:
    return {
        "question": row.question,
        "name": variable.label,
        "own": ratio(variable.ratio(row.own)),
        "mean": ratio(variable.ratio(row.pooled)),
        "estimate": ratio(variable.ratio(row.estimate)),
        "interval": _interval(variable, row),
        "weight": percent(row.weight),
    }
