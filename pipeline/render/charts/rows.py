"""A list of rows on one axis, each named above its marks, so that it fits a phone."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import altair as alt

from pipeline.render.charts import theme
from pipeline.render.charts.scale import log_scale
from pipeline.render.charts.vega import Row, layered, rows_named, value

WIDTH = 322  # pixels of a sheet
EDGE = 14  # pixels between the ends of the scale and those of the sheet
STEP = 48  # pixels of a row
ABOVE, LINE = 15, 16  # pixels from the marks up to the middle of their name; of a line of it
TALL_MARK, UP = 20, 18  # pixels of an upright mark, and from it up to a name
TALL = 8  # pixels of the grid above and below a mark, which leaves the names alone
LETTER, WIDER = 6.1, 1.15  # pixels of one beside a name; a reader's letters, of those measured here
ROWS = rows_named()
BESIDE = alt.ExprRef(f"({WIDTH - 8} - {LETTER} * length(datum.words)) / {WIDER}")
Y = alt.Y("row:O", axis=None, scale=alt.Scale(padding=0))


def grid(none: float = 1, step: int = STEP) -> dict[str, Any]:
    """Cut the lines of an axis into dashes about the marks of each row; `none` is darker."""
    is_none = alt.datum.value == none
    return {
        "grid": True,
        "gridDash": [2 * TALL, step - 2 * TALL],
        "gridDashOffset": TALL + step // 2,
        "gridColor": alt.condition(is_none, alt.value(theme.SOFT), alt.value(theme.GRID)),
        "gridWidth": alt.condition(is_none, alt.value(1.4), alt.value(1)),
    }


def ratios(field: str, axis: alt.Axis | None = None) -> alt.X:
    """Place a ratio on the log scale of the chart."""
    return alt.X(f"{field}:Q", scale=log_scale(range=[EDGE, WIDTH - EDGE]), axis=axis)


def numbers(field: str, axis: alt.Axis | None = None) -> alt.X:
    """Place a number on the scale of the chart, between the two `ends` that are given."""
    inner = [EDGE, WIDTH - EDGE]
    scale = alt.Scale(domain=value("ends"), range=inner, nice=False, clamp=True)
    return alt.X(f"{field}:Q", scale=scale, axis=axis)


def number_axis(none: float = -1, step: int = STEP, **look: Any) -> alt.Axis:
    """Name a few round numbers; `none` has a darker line."""
    return alt.Axis(tickCount=5, format=",~g", **grid(none, step), **look)


def names(up: int = ABOVE, **look: Any) -> alt.Chart:
    """Write the name of each row above its marks, from the left; it may be a list of lines."""
    down = alt.ExprRef(f"-{up} - {LINE} * (isArray(datum.name) ? length(datum.name) - 1 : 0)")
    mark = ROWS.mark_text(dy=down, lineHeight=LINE, **look)
    chart: alt.Chart = mark.encode(x=alt.value(0), y=Y, text="name:N")
    return chart


def words(up: int = ABOVE) -> alt.Chart:
    """Write what a row says in numbers, up to the right edge."""
    mark = ROWS.mark_text(align="right", dy=-up, fontSize=12, color=theme.SOFT)
    chart: alt.Chart = mark.encode(x=alt.value(WIDTH), y=Y, text="words:N")
    return chart


def line(x: alt.X, to: str, **look: Any) -> alt.Chart:
    """Draw a line from a place to another of the same row."""
    chart: alt.Chart = ROWS.mark_rule(**look).encode(x, Y, alt.X2(to))
    return chart


def point(x: alt.X, **look: Any) -> alt.Chart:
    """Draw a symbol in each row."""
    chart: alt.Chart = ROWS.mark_point(**look).encode(x, Y)
    return chart


def upright(x: alt.X, colour: str) -> alt.Chart:
    """Draw a mark that stands upright on the line of each row."""
    mark = ROWS.mark_tick(color=colour, size=TALL_MARK, thickness=2.5, opacity=1)
    chart: alt.Chart = mark.encode(x, Y)
    return chart


def told_apart(field: str, otherwise: str) -> dict[str, Any]:
    """Draw what is true of a row as a square in the ink of what is clear, else as a circle."""
    colours, shapes = (theme.CLEAR_INK, otherwise), ("square", "circle")
    return {
        channel: alt.condition(f"datum.{field}", *map(alt.value, looks))
        for channel, looks in (("color", colours), ("shape", shapes))
    }


def arrows(low: str, high: str, **look: Any) -> list[alt.Chart]:
    """Point out of the scale of ratios where an interval goes on; the colour is to be encoded."""
    sides = (("left", low, "< x_ends[0]"), ("right", high, "> x_ends[1]"))
    return [
        point(ratios(end), shape=f"triangle-{side}", size=64, **look).transform_filter(
            f"isNumber(datum.{end}) && datum.{end} {beyond}"
        )
        for side, end, beyond in sides
    ]


def keys(looks: Mapping[str, tuple[str, str, str]]) -> alt.Chart:
    """Name marks in a legend: the words → the symbol, its filling, its line.

    It has no rows of its own, for marks of one name can be of two kinds, as a dot and a line.
    """
    mark = alt.Chart(alt.InlineData(values=[])).mark_point()
    legend = alt.Legend(symbolStrokeWidth=2, symbolSize=100, labelOffset=7)
    symbols, fills, lines = (
        alt.Scale(domain=list(looks), range=list(part))
        for part in zip(*looks.values(), strict=True)
    )
    chart: alt.Chart = mark.encode(
        shape=alt.Shape("key:N", scale=symbols, legend=legend),
        fill=alt.Fill("key:N", scale=fills, legend=legend),
        stroke=alt.Stroke("key:N", scale=lines, legend=legend),
    )
    return chart


def numbered(rows: Iterable[Row]) -> list[Row]:
    """Give each row its place, the first on top."""
    return [{**row, "row": number} for number, row in enumerate(rows)]


def listed(layers: Sequence[alt.Chart], step: int = STEP) -> alt.LayerChart:
    """Lay marks of rows over each other, under a title that is given when it is drawn."""
    chart = layered(layers, width=WIDTH, height=alt.Step(step))
    each_its_own: alt.LayerChart = chart.resolve_axis(x="independent")  # or none overrules
    return each_its_own
