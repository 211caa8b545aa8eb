"""What a blank can do: one question asked of the same videos, whose blanks are read otherwise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from pipeline.analysis.diagnostics.lines import AnalysedLine
from pipeline.analysis.robustness.choices import SUSPICIOUS_MISSING, WEIGHTED, ZERO_TRAP, departures
from pipeline.analysis.robustness.specification_curve import Specification
from pipeline.inference.results import Results
from pipeline.render.charts.ranges import RatioMark, ranges
from pipeline.render.charts.theme import inside, simulated_title
from pipeline.render.diagnostics.replication import two
from pipeline.render.diagnostics.robustness import Held
from pipeline.render.diagnostics.sentences import is_sure, same_scale, stands_out, trapped
from pipeline.render.labels import table
from pipeline.render.labels.levers import contrast
from pipeline.render.site.how_sure.robustness import name_of
from pipeline.render.site.layout.chart import inline
from pipeline.render.text.numbers import ratio

OF_2022 = (  # a reading of the blanks → where its figures are
    ("Blanks read as zeros", ("observed", "zeros_true")),
    ("Blanks left blank", ("observed", "zeros_missing")),
    ("Blanks filled in by hand", ("zeros_filled",)),
)
LEFT_BLANK, AS_ZEROS = "Left blank: our way", "Read as zeros"
OTHERWISE = {  # an option of `choices` that leaves blanks blank → in words
    WEIGHTED: "Left blank, weighted",
    SUSPICIOUS_MISSING: "Odd zeros blank, too",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """One answer: how blanks were read, the videos behind it, and the ratio, ready to show."""

    words: str
    videos: int
    ratio: str
    interval: str
    is_sure: bool


@dataclass(frozen=True, slots=True)
class TrapComparison:
    """The answers side by side, and their chart; `asks` says what is compared."""

    asks: str
    readings: tuple[Reading, ...]
    chart: Markup


def of_2022(figures: Mapping[str, Any]) -> TrapComparison:
    """The story of the post's own sheet, from the stored figures."""
    traps = [(words, _at(figures, place)) for words, place in OF_2022]
    readings = tuple(
        Reading(
            words,
            trap["videos"],
            two(trap["ratio"]),
            f"{two(trap['low'])} to {two(trap['high'])}",
            trap["low"] > 1 or trap["high"] < 1,
        )
        for words, trap in traps
    )
    ends = [(trap["ratio"], trap["low"], trap["high"]) for _, trap in traps]
    asks = "A video of 15 seconds against one of 45, in 2022: followers per 1,000 views"
    return TrapComparison(asks, readings, _chart(asks, readings, ends, ""))


def of_today(findings: Results, questions: Sequence[Held]) -> TrapComparison | None:
    """The same of the line of this pool that blanks as zeros move most; None without blanks.

    It is a line of the first question that has blanks, and one that is clear or likely if any is.
    """
    moved = [(each, [line for line in each.lines if _moved(line) > 0]) for each in questions]
    held, lines = next(((each, lines) for each, lines in moved if lines), (None, []))
    if held is None:
        return None
    named = [line for line in lines if line.estimate and stands_out(line.estimate)]
    line = max(named or lines, key=_moved)
    rows = [(words, row) for words, row in _ways(line) if row.estimate is not None]
    readings = tuple(_reading(line, words, row) for words, row in rows)
    ends = [tuple(_drawn(line, x) for x in (r.estimate, r.ci_low, r.ci_high)) for _, r in rows]
    asks = f"{name_of(line, contrast)}: ratio of {table.question(held.answer.question.name).counts}"
    title = simulated_title(findings, has_truth=False)
    return TrapComparison(asks, readings, _chart(asks, readings, ends, title))


def _at(figures: Mapping[str, Any], place: Sequence[str]) -> Mapping[str, Any]:
    figure = figures
    for name in place:
        figure = figure[name]
    return figure


def _moved(line: AnalysedLine) -> float:
    """How far blanks as zeros move a line, on the log scale; 0 where it cannot be told."""
    trap, own = trapped(line.rows, ZERO_TRAP), line.rows[0]
    if trap is None or trap.estimate is None or own.estimate is None:
        return 0.0
    return abs(trap.estimate - own.estimate) * line.variable.step if same_scale(trap, own) else 0.0


def _ways(line: AnalysedLine) -> list[tuple[str, Specification]]:
    """The readings of a blank: each is all as published but for this one choice."""
    own = line.rows[0]
    alone = {
        str(getattr(row, names[0])): row
        for row in line.rows
        if not row.trap and len(names := departures(row, own)) == 1
    }
    trap = trapped(line.rows, ZERO_TRAP)
    ways = [(LEFT_BLANK, own)]
    ways += [(words, alone[option]) for option, words in OTHERWISE.items() if option in alone]
    return [*ways, *([(AS_ZEROS, trap)] if trap else [])]


def _reading(line: AnalysedLine, words: str, row: Specification) -> Reading:
    has_range = row.ci_low is not None and row.ci_high is not None
    low, high = (ratio(line.variable.ratio(x)) for x in (row.ci_low, row.ci_high))
    return Reading(
        words,
        row.videos,
        ratio(line.variable.ratio(row.estimate)),
        f"{low} to {high}" if has_range else "",
        is_sure(row),
    )


def _drawn(line: AnalysedLine, log_ratio: float | None) -> float | None:
    return inside(line.variable.ratio(log_ratio))


def _chart(
    asks: str, readings: Sequence[Reading], ends: Sequence[Sequence[float | None]], title: str
) -> Markup:
    rows = [
        RatioMark(
            each.words,
            middle or 1.0,
            f"{each.ratio} ({each.interval})" if each.interval else each.ratio,
            interval=(low, high) if low is not None and high is not None else None,
            firm=each.is_sure,
        )
        for each, (middle, low, high) in zip(readings, ends, strict=True)
    ]
    said = "; ".join(
        f"{each.words.lower()}, {each.ratio}" + (f" ({each.interval})" if each.interval else "")
        for each in readings
    )
    return inline(ranges(rows, title) or b"", f"{asks}. {said}.")
