"""The charts of a creator's page: where their rate stands, and their lines beside others'."""

import textwrap
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import altair as alt

from pipeline.analysis.creators.report import OwnRate
from pipeline.analysis.creators.summary import Rate, RateQuartiles
from pipeline.render.charts import rows, theme
from pipeline.render.charts.rows import line, numbers, point, ratios, upright
from pipeline.render.charts.scale import farthest, ratio_axis, symmetric
from pipeline.render.charts.vega import svg

LETTERS = 46  # of a name that fit into a line
WIDEST, NARROWEST = 8.0, 1.6  # ratios beyond 1/8 and 8 are drawn at the edge
ROOM = 1.02  # a ratio, beyond the farthest mark
SIMULATED = "Simulated creators"
RANGE = (theme.DOT_ON_LINE, theme.CLEAR_INK, theme.CLEAR_INK)
ALONE = {"your videos, 95 % range": RANGE}
BESIDE = {
    "both together, 95 % range": RANGE,
    "average creator": (theme.UPRIGHT, theme.TEXT, theme.TEXT),
    "your videos alone": ("diamond", "transparent", theme.LIKELY_INK),
}
LINE = {"color": theme.CLEAR_INK, "strokeWidth": 2.5, "strokeCap": "round"}
DOT = {"color": theme.CLEAR_INK, "shape": "circle", "size": 60}
OWN = {"color": theme.LIKELY_INK, "shape": "diamond", "size": 150, "strokeWidth": 2}


@dataclass(frozen=True, slots=True)
class Marks:
    """One row: ratios, None where a mark is missing. `both` has the interval `low` to `high`."""

    words: str
    both: float
    low: float | None
    high: float | None
    own: float | None = None
    average: float | None = None

    @property
    def farthest(self) -> float:
        """How far its marks and ends go, either way."""
        return farthest((self.both, self.low, self.high, self.own, self.average))

    @property
    def goes_on(self) -> bool:
        """Return whether a mark or an end lies beyond the widest chart."""
        return self.farthest > WIDEST


def lines_figure(marks: Sequence[Marks], *, alone: bool, simulated: bool) -> bytes:
    """Draw lines as SVG bytes; `alone`: of one account, beside nobody."""
    chart_rows = [{**asdict(mark), "name": textwrap.wrap(mark.words, LETTERS)} for mark in marks]
    reach = min(WIDEST, ROOM * max([NARROWEST, *(mark.farthest for mark in marks)]))
    title = SIMULATED if simulated else ""
    shape = (alone, max(len(row["name"]) for row in chart_rows))
    return svg(_lines, {"rows": rows.numbered(chart_rows)}, symmetric(reach).values(), shape, title)


def _lines(alone: bool, most_lines: int) -> alt.LayerChart:
    """`most_lines` are those of the longest name, for which each row has room."""
    step = rows.STEP + rows.LINE * (most_lines - 1)
    layers = [
        line(ratios("low", ratio_axis(**rows.grid(step=step))), "high", **LINE),
        *rows.arrows("low", "high", color=theme.CLEAR_INK),
        upright(ratios("average"), theme.TEXT),
        point(ratios("both"), **DOT),
        point(ratios("own"), filled=False, **OWN),
        rows.names(rows.UP),
        rows.keys(ALONE if alone else BESIDE),
    ]
    return rows.listed(layers, step)


def rate_figure(
    rate: Rate, interval: OwnRate | None, spread: RateQuartiles, *, simulated: bool
) -> bytes:
    """Draw a creator's rate above the middle half of the others' as SVG bytes."""
    most = 1.08 * max(spread.high, rate.per_1000, *([interval.high] if interval else []))
    own = {"low": interval.low, "high": interval.high} if interval else {}
    others = {"first": spread.low, "middle": spread.middle, "last": spread.high}
    chart_rows = [
        {"name": "You, with the 95 % range", "own": rate.per_1000, **own},
        {"name": "The middle half of the others", **others},
    ]
    title = SIMULATED if simulated else ""
    return svg(_rate, {"rows": rows.numbered(chart_rows)}, {"ends": [0, most]}, title=title)


def _rate() -> alt.LayerChart:
    layers = [
        line(numbers("low", rows.number_axis()), "high", **LINE),
        point(numbers("own"), **DOT),
        line(numbers("first"), "last", color=theme.SOFT, strokeWidth=12, opacity=0.45),
        upright(numbers("middle"), theme.TEXT),
        rows.names(rows.UP),
    ]
    return rows.listed(layers)
