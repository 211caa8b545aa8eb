"""A creator's comparisons by question: the finding, the chart, the table behind it."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from pipeline.analysis.creators.report import CreatorLine, CreatorReport
from pipeline.inference.published_line import Estimate
from pipeline.model.questions import Question
from pipeline.model.variables import Variable
from pipeline.render.charts.creator_charts import Marks, lines_figure
from pipeline.render.labels import table
from pipeline.render.labels.levers import contrast
from pipeline.render.site.layout.chart import inline
from pipeline.render.text.numbers import ratio

MOST_DRAWN = 8  # lines of a chart
LEAST = 0.005  # a share, below which it is said to be less than one per cent
NORMAL = 1.959963984540054  # the 97.5 % quantile


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """A line of a table, ready to show."""

    name: str
    own: str
    own_interval: str
    average: str
    both: str
    interval: str
    weight: str
    rest: str
    is_sure: bool


@dataclass(frozen=True, slots=True)
class QuestionSection:
    """One question's lines: the finding in words, the chart, the table behind it."""

    question: Question
    finding: str
    sure: tuple[tuple[str, str, str], ...]
    chart: Markup
    rows: tuple[ComparisonRow, ...]
    drawn: int
    goes_on: bool


def parts(report: CreatorReport, *, simulated: bool) -> list[QuestionSection]:
    """Show the lines drawn towards others'; where there are none, those of the account alone."""
    if report.levers:
        return [_part(question, levers, simulated) for question, levers in report.levers]
    return [_part_alone(question, lines, simulated) for question, lines in report.alone]


def example(report: CreatorReport) -> ComparisonRow | None:
    """Choose a line that shows what drawing towards others does: in between, and heavy.

    Lines are judged together, so that one may lie beyond both; that is no example.
    """
    if not report.levers:
        return None
    _, levers = report.levers[0]
    between = [each for each in levers if _is_between(each)]
    best = max(between, key=lambda each: each.row.weight, default=None)
    return _row(best) if best else None


def _is_between(lever: CreatorLine) -> bool:
    row = lever.row
    ends = sorted([row.own or 0.0, row.pooled])
    return ends[0] <= row.estimate <= ends[1]


def _part(question: Question, levers: Sequence[CreatorLine], simulated: bool) -> QuestionSection:
    """Draw the lines that the creator's own videos say the most about."""
    rows = tuple(_row(each) for each in levers)
    first = sorted(
        zip(levers, rows, strict=True), key=lambda e: (not e[1].is_sure, -e[0].row.weight)
    )
    most = [lever for lever, _ in first[:MOST_DRAWN]]
    drawn = [each for each in levers if each in most]
    marks = [_marks(each) for each in drawn]
    figure = lines_figure(marks, alone=False, simulated=simulated)
    return _part_of(question, figure, rows, marks)


def _marks(lever: CreatorLine) -> Marks:
    row, ratio_of = lever.row, lever.variable.ratio
    return Marks(
        contrast(lever.variable), ratio_of(row.estimate) or 1.0, ratio_of(row.ci_low),
        ratio_of(row.ci_high), ratio_of(row.own), ratio_of(row.pooled),
    )  # fmt: skip


def _row(lever: CreatorLine) -> ComparisonRow:
    row, variable = lever.row, lever.variable
    alone = row.own or 0.0
    margin = None if row.own_std_error is None else NORMAL * row.own_std_error
    return ComparisonRow(
        name=contrast(variable),
        own=times(variable, alone),
        own_interval="" if margin is None else span(variable, alone - margin, alone + margin),
        average=times(variable, row.pooled),
        both=times(variable, row.estimate),
        interval=span(variable, row.ci_low, row.ci_high),
        weight=percent(row.weight),
        rest=percent(1 - round(row.weight, 2)),
        is_sure=row.ci_low * row.ci_high > 0,
    )


def _part_alone(question: Question, lines: Sequence[Estimate], simulated: bool) -> QuestionSection:
    """Draw the lines of one account, the most telling ones where there are many."""
    most = sorted(lines, key=lambda each: -abs(each.statistic or 0))[:MOST_DRAWN]
    drawn = [each for each in lines if each in most]
    marks = [
        Marks(
            contrast(each.variable), each.ratio(each.estimate) or 1.0, each.ratio(each.ci_low),
            each.ratio(each.ci_high),
        )
        for each in drawn
    ]  # fmt: skip
    figure = lines_figure(marks, alone=True, simulated=simulated)
    return _part_of(question, figure, tuple(map(_row_alone, lines)), marks)


def _row_alone(line: Estimate) -> ComparisonRow:
    variable, low, high = line.variable, line.ci_low or 0.0, line.ci_high or 0.0
    return ComparisonRow(
        contrast(variable), times(variable, line.estimate), span(variable, low, high), "", "", "",
        "", "", low * high > 0,
    )  # fmt: skip


def _part_of(
    question: Question, figure: bytes, rows: tuple[ComparisonRow, ...], drawn: Sequence[Marks]
) -> QuestionSection:
    """Say whose range leaves no difference out, beside the chart and instead of it."""
    sure = [row for row in rows if row.is_sure]
    said = _said(len(sure), len(rows))
    sure_lines = tuple(
        (row.name, f"{row.both or row.own} ×", row.interval or row.own_interval) for row in sure
    )
    sentence = "; ".join(
        f"{name}: {x} {table.question(question.name).counts}, {ends}"
        for name, x, ends in sure_lines
    )
    return QuestionSection(
        question, said, sure_lines, inline(figure, f"{said} {sentence}".strip()), rows,
        len(drawn), any(each.goes_on for each in drawn),
    )  # fmt: skip


def _said(sure: int, rows: int) -> str:
    """Say in how many comparisons the creator's own range leaves no difference out."""
    opening = f"Of your {rows} comparisons" if rows > 1 else "Of your one comparison"
    if not sure:
        return (
            f"{opening}, none has a range that leaves out “no difference”: more and fewer are open."
        )
    have = "have" if sure > 1 else "has"
    return f"{opening}, {sure} {have} a range that leaves out “no difference”."


def percent(share: float) -> str:
    """Write a share in whole per cent; what is less than one as such."""
    return "less than 1 %" if 0 < share < LEAST else f"{100 * share:.0f} %"


def times(variable: Variable, log_ratio: float | None) -> str:
    """Write a log ratio of a line as a ratio, of a doubling for logs."""
    return ratio(variable.ratio(log_ratio))


def span(variable: Variable, low: float | None, high: float | None, to: str = "to") -> str:
    """Write an interval of a line as two ratios; "" where there is none."""
    if low is None or high is None:
        return ""
    return f"{times(variable, low)} {to} {times(variable, high)}"
