"""A specification curve: the analyses of one line from the lowest to the highest, and the traps.

Dots of one colour are one path, since a card has dozens of them, and a page has dozens of cards.
"""

import math
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

import altair as alt

from pipeline.analysis.diagnostics.lines import AnalysedLine
from pipeline.analysis.robustness.choices import (
    LOG1P,
    NEGATIVE_BINOMIAL,
    OF_2022,
    POISSON,
    ZERO_TRAP,
)
from pipeline.analysis.robustness.specification_curve import Specification
from pipeline.render.charts import theme
from pipeline.render.charts.scale import farthest, level, symmetric
from pipeline.render.charts.vega import Row, layered, rows_named, svg, value

WIDTH, HEIGHT = 270, 104  # pixels, beside the ticks
HALF = 3.5  # pixels of an upright dot, up and down
ROOM = 7  # places at the right edge, for the traps
AT = {ZERO_TRAP: 2, OF_2022: 5}  # of these places
NARROWEST = 1.15  # a ratio that a curve reaches at least
PUBLISHED, INTERVAL = "published", "interval"
DOTS: Mapping[str, Mapping[str, Any]] = {  # told apart without colour, too: round, square, upright
    LOG1P: {"color": theme.TRUTH, "strokeCap": "butt", "strokeWidth": 2},
    NEGATIVE_BINOMIAL: {"color": theme.LIKELY_INK, "strokeCap": "square", "strokeWidth": 3.8},
    POISSON: {"color": theme.CLEAR_INK, "strokeCap": "round", "strokeWidth": 4.6},
}
MARKS = {PUBLISHED: "circle", ZERO_TRAP: theme.CROSS, OF_2022: "diamond"}
PLAIN = {  # in plain words → the marks
    "our way": (PUBLISHED,),
    "other ways": (POISSON, NEGATIVE_BINOMIAL, LOG1P),
    "blanks as zeros": (ZERO_TRAP,),
    "as in 2022": (OF_2022,),
}
COLUMN, LINE, BESIDE = 140, 20, 13  # pixels of the legend; between marks of one word


def curve(line: AnalysedLine, reach: float) -> bytes | None:
    """Draw the analyses of one line, narrow enough for a phone; None where nothing is compared.

    `reach` is `reach_of` the lines that it is shown with. What the marks are, and whether the
    creators are simulated, `legend_alone` says.
    """
    if not line.is_drawn:
        return None
    placed, scale = _placed(line), symmetric(reach)
    places = sum(not row.trap for row, _ in placed) + ROOM
    up = math.exp(math.log(reach) * HALF / (HEIGHT / 2))  # as a ratio
    strokes: list[Row] = []
    marks: list[Row] = []
    for place, (row, ratio) in enumerate(placed):
        at = places - ROOM + AT[row.trap] if row.trap else place
        ends = [theme.inside(line.variable.ratio(end)) for end in (row.ci_low, row.ci_high)]
        if ends[0] and ends[1]:
            strokes += _stroke(INTERVAL, at, ends[0], ends[1])
        if not row.trap:
            half = up if row.estimator == LOG1P else 1.0
            strokes += _stroke(row.estimator, at, ratio / half, ratio * half)
        if row.trap or row.analysis == 0:
            marks.append({"kind": row.trap or PUBLISHED, "x": at, "y": ratio})
    values = {
        **scale.values("y"),
        "places": [-0.5, places - 0.5],
        "bar": round(0.86 * WIDTH / places, 1),
    }
    return svg(_curve, {"rows": _numbered(strokes), "marks": marks}, values)


def legend_alone(lines: Sequence[AnalysedLine], title: str = "") -> bytes:
    """Draw in plain words what the marks of curves are, as narrow as a curve."""
    analyses = [row for line in lines if line.is_drawn for row, _ in _placed(line)]
    names = {PUBLISHED} | {row.trap or row.estimator for row in analyses}
    strokes: list[Row] = []
    marks: list[Row] = []
    words: list[Row] = []
    for number, (said, kinds) in enumerate(_keys(names)):
        x, y = COLUMN * (number % 2) + 6, LINE * (number // 2) + LINE / 2
        for kind in kinds:
            if kind in MARKS:
                marks.append({"kind": kind, "x": x, "y": y})
            if kind not in MARKS or kind == PUBLISHED:
                half = HALF if kind == LOG1P else 0
                strokes += _stroke(POISSON if kind == PUBLISHED else kind, x, y - half, y + half)
            x += BESIDE
        words.append({"x": x, "y": y, "said": said})
    data = {"rows": _numbered(strokes), "marks": marks, "words": words}
    return svg(_legend, data, {}, (math.ceil(len(words) / 2),), title)


def reach_of(lines: Iterable[AnalysedLine]) -> float:
    """Find the farthest ratio, either way, of all that is a dot or a mark: none is at the edge."""
    return 1.1 * max(NARROWEST, farthest(ratio for line in lines for _, ratio in _placed(line)))


def _curve() -> alt.LayerChart:
    places = alt.Scale(domain=value("places"), nice=False, zero=False)
    x, y = alt.X("x:Q", scale=places, axis=None), level("y")
    bars = _strokes(INTERVAL, color=theme.SOFT, opacity=0.18, strokeWidth=value("bar"))
    return layered([bars.encode(x, y), *_analyses(x, y)], width=WIDTH, height=HEIGHT)


def _legend(lines: int) -> alt.LayerChart:
    """Place marks and words by pixels: a legend of Vega has one mark for a word."""
    width, height = 2 * COLUMN, LINE * lines
    x = alt.X("x:Q", scale=alt.Scale(domain=[0, width], nice=False), axis=None)
    y = alt.Y("y:Q", scale=alt.Scale(domain=[height, 0], nice=False), axis=None)
    said = rows_named("words").mark_text(fontSize=12).encode(x=x, y=y, text="said:N")
    return layered([*_analyses(x, y), said], width=width, height=height)


def _analyses(x: alt.X, y: alt.Y) -> list[alt.Chart]:
    """The dots by estimator, and over them the published one ringed, and the traps."""
    shapes = alt.Scale(domain=list(MARKS), range=list(MARKS.values()))
    size = alt.condition(alt.datum.kind == PUBLISHED, alt.value(90), alt.value(46))
    mark = rows_named("marks").mark_point(filled=False, strokeWidth=1.6, color=theme.TEXT)
    marks = mark.encode(x, y, alt.Shape("kind:N", scale=shapes, legend=None), size=size)
    return [*(_strokes(kind, **look).encode(x, y) for kind, look in DOTS.items()), marks]


def _strokes(kind: str, **look: Any) -> alt.Chart:
    chart = rows_named().transform_filter(alt.datum.kind == kind)
    stroke: alt.Chart = chart.mark_line(**look).encode(order="n:Q")
    return stroke


def _stroke(kind: str, x: float, low: float, high: float) -> list[Row]:
    """Give a stroke as rows of one path, which ends where `y` is missing."""
    return [{"kind": kind, "x": x, "y": y} for y in (low, high, None)]


def _numbered(rows: Sequence[Row]) -> list[Row]:
    return [{**row, "n": n} for n, row in enumerate(rows)]


def _placed(line: AnalysedLine) -> list[tuple[Specification, float]]:
    """Give each analysis that can tell its ratio: the lowest first, and the traps at the end."""
    ratios = [(row, theme.inside(line.variable.ratio(row.estimate))) for row in line.rows]
    with_ratio = [(row, ratio) for row, ratio in ratios if ratio is not None]
    return sorted(with_ratio, key=lambda pair: (bool(pair[0].trap), pair[1], pair[0].analysis))


def _keys(names: Container[str]) -> list[tuple[str, list[str]]]:
    """Choose what the legend says of the marks that there are."""
    keys = [(said, [kind for kind in kinds if kind in names]) for said, kinds in PLAIN.items()]
    return [(said, kinds) for said, kinds in keys if kinds]
