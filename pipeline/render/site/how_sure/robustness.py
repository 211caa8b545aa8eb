"""Whether a comparison holds in other analyses and without each creator, as the page shows it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from pipeline.analysis.diagnostics.lines import AnalysedLine
from pipeline.analysis.robustness.choices import ZERO_TRAP
from pipeline.inference.results import Results
from pipeline.inference.thresholds import INTERVAL_CREATORS, LEFT_OUT_CREATORS
from pipeline.model.questions import Question
from pipeline.render.charts.ranges import RatioMark, ranges
from pipeline.render.charts.specification_curve import curve, legend_alone, reach_of
from pipeline.render.charts.theme import inside, simulated_title
from pipeline.render.diagnostics.robustness import Held
from pipeline.render.diagnostics.sentences import holds, same_scale, trapped
from pipeline.render.labels import table
from pipeline.render.labels.levers import brief, contrast
from pipeline.render.site.layout.chart import inline
from pipeline.render.text.numbers import ratio

MOST_CARDS, MOST_LINES = 8, 40  # of a question that are on the page; the rest is in the files
SOME = 8  # lines of a chart, where none is clear or likely
MARKS = (
    "In each picture the ringed dot is our way, and all other dots and strokes are other ways."
    " A cross is blanks read as zeros, a diamond the choices of 2022."
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as the page shows it: the clear and likely lines, and a chart of all."""

    held: Held
    cards: tuple[dict[str, Any], ...]
    legend: Markup
    all_lines: Markup | None
    left_out: Markup | None
    left_out_all: Markup | None
    rows: tuple[dict[str, Any], ...]
    untold: int  # lines that are in the files only

    @property
    def question(self) -> Question:
        """The question."""
        return self.held.answer.question

    @property
    def asks(self) -> str:
        """The question in a creator's words."""
        return table.question(self.question.name).asks

    @property
    def about(self) -> str:
        """The question in a few words."""
        return table.question(self.question.name).about

    @property
    def counts(self) -> str:
        """What its ratios are of."""
        return table.question(self.question.name).counts


def asked(findings: Results, held: Held, *, named_only: bool) -> Asked:
    """Draw one question; where lines of the pool are named, they alone are drawn at first."""
    title = simulated_title(findings, has_truth=False)
    many = len(findings.pool.creators) >= LEFT_OUT_CREATORS
    lines = held.lines[:MOST_LINES]
    named = [row["line"] for row in held.named[:MOST_CARDS]]
    drawn = [line for line in named if line.is_drawn]
    first = named if named_only else lines[:SOME]
    reach = reach_of(drawn) if drawn else 1.0
    return Asked(
        held=held,
        cards=tuple(_card(row, reach) for row in held.named[:MOST_CARDS]),
        legend=inline(legend_alone(drawn, title), MARKS) if drawn else Markup(),
        all_lines=_chart(lines, _across, title, _across_says),
        left_out=_chart(first, _without, title, _without_says) if many else None,
        left_out_all=_chart(lines, _without, title, _without_says) if many else None,
        rows=tuple(_named(row) for row in held.shown[:MOST_LINES]),
        untold=len(held.lines) - len(lines),
    )


def kept(questions: Sequence[Held]) -> dict[str, int]:
    """Count the lines that are named, and those of them that keep their direction."""
    rows = [row for each in questions for row in each.named]
    moved = [row["influence"] for row in rows if row["influence"]]
    return {
        "named": len(rows),
        "same": sum(row["holding"].same == row["holding"].estimated > 0 for row in rows),
        "left_out": sum(each.creators > 0 for each in moved),
        "same_without": sum(each.same_sign == each.creators > 0 for each in moved),
    }


def _card(row: dict[str, Any], reach: float) -> dict[str, Any]:
    line = row["line"]
    svg = curve(line, reach)
    return {**_named(row), "chart": inline(svg, _says(row)) if svg else None}


def _says(row: dict[str, Any]) -> str:
    """Say what a curve shows."""
    estimated, same = row["holding"].estimated, row["holding"].same
    zero = trapped(row["line"].rows, ZERO_TRAP)
    trap = f" With blanks read as zeros: {_ratio(row['line'], zero.estimate)}." if zero else ""
    return (
        f"{name_of(row['line'], contrast)}: our way gives {row['published']}. {same} of {estimated}"
        f" other ways point the same way; together they give {row['range']}.{trap}"
    )


def _named(row: dict[str, Any]) -> dict[str, Any]:
    """Add a line's names, and leave out who moves a line that few creators carry."""
    line: AnalysedLine = row["line"]
    carriers = _carriers(line)
    return {
        **row,
        "contrast": name_of(line, contrast),
        "brief": name_of(line, brief),
        "creator": row["creator"] if carriers >= INTERVAL_CREATORS else "",
        "without": row["without"] if carriers >= LEFT_OUT_CREATORS else "",
        "carriers": carriers,
    }


def _carriers(line: AnalysedLine) -> int:
    """The creators in whom a line varies: of fewer than three, one left out tells of another."""
    return line.estimate.creators if line.estimate else 0


def name_of(line: AnalysedLine, words: Callable[..., str]) -> str:
    """Name a line; a contributor's word in it loses what is not printable."""
    said = words(line.variable)
    return said if said.isprintable() else "".join(c if c.isprintable() else " " for c in said)


def _chart(
    lines: Sequence[AnalysedLine],
    row_of: Callable[[AnalysedLine], RatioMark | None],
    title: str,
    says: Callable[[Sequence[RatioMark]], str],
) -> Markup | None:
    rows = [row for line in lines if (row := row_of(line)) is not None]
    svg = ranges(rows, title)
    return inline(svg, says(rows)) if svg else None


def _across(line: AnalysedLine) -> RatioMark | None:
    """The range of a line over all analyses on the published one's scale, and the zero trap."""
    holding = holds(line.rows)
    if holding is None or not holding.estimated:
        return None
    own, low, high = (_ratio_of(line, x) for x in (holding.published, holding.low, holding.high))
    if own is None or low is None or high is None:
        return None
    zero = trapped(line.rows, ZERO_TRAP)
    same = zero is not None and same_scale(zero, line.rows[0])
    cross = _ratio_of(line, zero.estimate) if zero and same else None
    firm = holding.same == holding.estimated
    words = f"{holding.same} of {holding.estimated}"
    return RatioMark(name_of(line, brief), own, words, (low, high), None, cross, firm)


def _across_says(rows: Sequence[RatioMark]) -> str:
    firm = sum(row.firm for row in rows)
    return (
        f"Of {len(rows)} comparisons, {firm} point the same way in every other analysis that can"
        f" tell, and {len(rows) - firm} do not."
    )


def _without(line: AnalysedLine) -> RatioMark | None:
    """The range of a line without any one creator, over its 95 % range."""
    moved = line.influence
    if moved is None or _carriers(line) < LEFT_OUT_CREATORS:
        return None
    own, low, high = (_ratio_of(line, x) for x in (moved.estimate, moved.lowest, moved.highest))
    if own is None or low is None or high is None:
        return None
    ends = [_ratio_of(line, x) for x in (line.rows[0].ci_low, line.rows[0].ci_high)]
    interval = (ends[0], ends[1]) if ends[0] is not None and ends[1] is not None else None
    words = f"{_ratio(line, moved.lowest)} to {_ratio(line, moved.highest)}"
    firm = moved.same_sign == moved.creators
    return RatioMark(name_of(line, brief), own, words, (low, high), interval, None, firm)


def _without_says(rows: Sequence[RatioMark]) -> str:
    firm = sum(row.firm for row in rows)
    widest = max(rows, key=lambda row: (row.within or (1, 1))[1] / (row.within or (1, 1))[0])
    return (
        f"Of {len(rows)} comparisons, {firm} point the same way whichever creator is left out, and"
        f" {len(rows) - firm} do not. One creator moves {widest.name} most: {widest.words}."
    )


def _ratio_of(line: AnalysedLine, log_ratio: float | None) -> float | None:
    return inside(line.variable.ratio(log_ratio))


def _ratio(line: AnalysedLine, log_ratio: float | None) -> str:
    return ratio(line.variable.ratio(log_ratio))
