"""A map of reach and conversion: a mark for each line, named where there is room for its name."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from pipeline.inference.published_line import Verdict
from pipeline.render.charts import theme
from pipeline.render.charts.label_placement import Box, Placed, placed
from pipeline.render.charts.scale import RatioScale, farthest, log_scale, ratio_axis, symmetric
from pipeline.render.charts.vega import Row, layered, rows_named, svg

SIDE = 286  # pixels of the square
LEAST, FARTHEST, ROOM = 1.5, 16.0, 1.15  # ratios that the map reaches, and beyond the last mark
CORNERS = [  # where, and what is there; above and below the square
    {"x": 0, "y": -24, "said": ["fewer views,", "more viewers follow"]},
    {"x": SIDE, "y": -24, "said": ["more views,", "more viewers follow"]},
    {"x": 0, "y": SIDE + 32, "said": ["fewer views,", "fewer viewers follow"]},
    {"x": SIDE, "y": SIDE + 32, "said": ["more views,", "fewer viewers follow"]},
]
TOLD = (Verdict.CLEAR, Verdict.LIKELY)  # the verdicts that have a name and a cross each
OTHERS, SMALL = 4, 3  # of the others the farthest have a name, the rest a dot of so many pixels
COLOURED = alt.condition(alt.datum.value == 1, alt.value(theme.SOFT), alt.value(theme.GRID))
Ends = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Place:
    """One line on the map, in ratios: views, and followers per 1,000 views.

    `verdict` is the theme.shape of its mark. Intervals are drawn of what is clear or likely.
    """

    name: str
    verdict: str
    reach: float
    conversion: float
    reach_ends: Ends | None = None
    conversion_ends: Ends | None = None


def reach_map(places: Sequence[Place], title: str = "") -> bytes | None:
    """Draw the map as SVG bytes; None without a place."""
    if not places:
        return None
    called, scale = _called(places), _scale(places)
    rows = [_row(each, called=each in called) for each in sorted(places, key=_rank, reverse=True)]
    names = _placed(places)
    values = {
        **scale.values("x"),
        **scale.values("y"),
        "verdicts": theme.surest_first(each.verdict for each in called),
    }
    data: dict[str, Sequence[Row]] = {
        "rows": rows,
        "names": [{**_columns("x y name", each.at), "align": each.align} for each in names],
        "leads": [_columns("x y to_x to_y", each.lead) for each in names if each.lead],
    }
    return svg(_chart, data, values, title=title)


def named(places: Sequence[Place]) -> frozenset[str]:
    """Tell for which names there is room."""
    return frozenset(each.name for each in _placed(places)) if places else frozenset()


def _chart() -> alt.LayerChart:
    side = alt.ExprRef("datum.x ? 'right' : 'left'")
    legend = theme.verdict_legend(offset=66)
    colour = theme.ink(legend)
    rows, has_cross = rows_named(), alt.FieldOneOfPredicate("verdict", list(TOLD))
    cross = rows.transform_filter(has_cross).mark_rule(strokeWidth=1.5, opacity=0.4)
    layers = [
        _pixels("diagonal", [{"x": 0, "y": 0}])
        .mark_rule(color=theme.SOFT, strokeDash=[2, 4], strokeWidth=1)
        .encode(x2=alt.value(SIDE), y2=alt.value(SIDE)),
        cross.encode(_x("left"), alt.X2("right"), _y("conversion"), colour),
        cross.encode(_x("reach"), _y("low"), alt.Y2("high"), colour),
        _pixels("leads").mark_rule(color=theme.SOFT, strokeWidth=0.8)
        .encode(alt.X2("to_x"), alt.Y2("to_y")),
        rows.transform_filter("!datum.called")
        .mark_point(shape="circle", size=22, opacity=0.75, color=theme.UNTOLD_INK)
        .encode(_x("reach"), _y("conversion")),
        rows.transform_filter("datum.called").mark_point()
        .encode(_x("reach"), _y("conversion"), colour, theme.shape(legend)),
        _pixels("names").mark_text(align=alt.ExprRef("datum.align"), fontSize=12)
        .encode(alt.Text("name:N")),
        _pixels("corners", CORNERS)
        .mark_text(align=side, fontSize=12, color=theme.SOFT, fontStyle="italic", lineHeight=14)
        .encode(alt.Text("said:N")),
    ]  # fmt: skip
    return layered(layers, width=SIDE, height=SIDE)


def _x(field: str) -> alt.X:
    title = {"title": "views →", "titleAnchor": "end", "titlePadding": 40}
    axis = ratio_axis("x", grid=True, gridColor=COLOURED, **title)
    return alt.X(f"{field}:Q", scale=log_scale("x"), axis=axis)


def _y(field: str) -> alt.Y:
    place = {"titleAngle": 0, "titleAlign": "left", "titleX": -38, "titleY": -44}
    title = "↑ followers per 1,000 views"
    axis = ratio_axis("y", grid=True, gridColor=COLOURED, title=title, **place)
    return alt.Y(f"{field}:Q", scale=log_scale("y"), axis=axis)


def _pixels(name: str, rows: Sequence[Row] | None = None) -> alt.Chart:
    """Start a chart of rows by pixels: Vega-Lite does not place names apart from each other."""
    chart = rows_named(name) if rows is None else alt.Chart(alt.InlineData(list(rows)))
    return chart.encode(alt.X("x:Q", scale=None, axis=None), alt.Y("y:Q", scale=None, axis=None))


def _row(place: Place, *, called: bool) -> Row:
    left, right = place.reach_ends or (None, None)
    low, high = place.conversion_ends or (None, None)
    return {
        "verdict": place.verdict, "called": called, "reach": place.reach, "left": left,
        "right": right, "conversion": place.conversion, "low": low, "high": high,
    }  # fmt: skip


def _columns(names: str, cells: Sequence[float | str]) -> Row:
    return dict(zip(names.split(), cells, strict=True))


def _called(places: Sequence[Place]) -> list[Place]:
    """Choose what has a shape and a name: the told, and of the others the farthest few."""
    ordered = sorted(places, key=_rank)
    told_count = sum(each.verdict in TOLD for each in ordered)
    return ordered[: told_count + OTHERS]


def _scale(places: Sequence[Place]) -> RatioScale:
    """Go as far either way as every mark."""
    most = farthest(ratio for each in places for ratio in (each.reach, each.conversion))
    return symmetric(min(max(LEAST, most * ROOM), FARTHEST))


def _placed(places: Sequence[Place]) -> tuple[Placed, ...]:
    """Name the marks: the told first, then the farthest."""
    called, scale = _called(places), _scale(places)
    at = [(SIDE * scale.share(p.reach), SIDE * (1 - scale.share(p.conversion))) for p in places]
    points = dict(zip(places, at, strict=True))
    small = [points[each] for each in places if each not in called]
    taken = [Box(x - SMALL, y - SMALL, x + SMALL, y + SMALL) for x, y in small]
    return placed([(each.name, points[each]) for each in called], Box(0, 0, SIDE, SIDE), taken)


def _rank(place: Place) -> tuple[int, float]:
    """The clear first, then the likely, then the rest; within each the farthest first."""
    far = math.hypot(math.log(place.reach), math.log(place.conversion))
    verdict_rank = TOLD.index(place.verdict) if place.verdict in TOLD else len(TOLD)
    return verdict_rank, -far
