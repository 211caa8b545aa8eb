"""Marks at pixels, and the SVG that is made of them; what is drawn is said elsewhere."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import altair as alt
import vl_convert

Segment = tuple[float, float, float, float]  # from x, y to x, y
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Layer:
    """Marks of one kind: how they look, in Vega-Lite's words, and a row for each point."""

    look: Mapping[str, Any]
    rows: Sequence[Mapping[str, float | str | None]]


def lines_of(segments: Sequence[Segment], **look: Any) -> Layer:
    """Draw segments as one path; one of no length is a dot, round or square by its cap."""
    rows: list[Mapping[str, float | None]] = []
    for x, y, to_x, to_y in segments:
        rows += [{"x": x, "y": y}, {"x": to_x, "y": to_y}, {"x": to_x, "y": None}]
    return Layer({"type": "line", **look}, [{**row, "n": n} for n, row in enumerate(rows)])


def marks_of(points: Sequence[Point], **look: Any) -> Layer:
    """Draw one symbol at each point."""
    return Layer({"type": "point", **look}, [{"x": x, "y": y} for x, y in points])


def texts_of(words: Sequence[tuple[float, float, str]], **look: Any) -> Layer:
    """Write texts, each from its point to the right, unless the look says otherwise."""
    rows: list[Mapping[str, float | str]] = [{"x": x, "y": y, "text": text} for x, y, text in words]
    return Layer({"type": "text", "align": "left", "fontSize": 13, **look}, rows)


def svg(layers: Sequence[Layer], width: float, height: float) -> bytes:
    """Lay marks over each other on a sheet of so many pixels, from the upper left; SVG bytes."""
    drawn = {f"layer-{n}": layer for n, layer in enumerate(layers) if layer.rows}
    looks = tuple((name, json.dumps(dict(layer.look))) for name, layer in drawn.items())
    # Beside the chart, for within it Altair would look at each of thousands of rows.
    datasets = {name: list(layer.rows) for name, layer in drawn.items()}
    version = ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
    made: str = vl_convert.vegalite_to_svg(
        {**_sheet(looks, width, height), "datasets": datasets}, vl_version=version
    )
    return (made + "\n").encode()


@cache  # Altair takes longer to check a chart than it takes to draw it
def _sheet(looks: tuple[tuple[str, str], ...], width: float, height: float) -> dict[str, Any]:
    """Specify a chart of layers that look so, by the names of their data; looks are JSON."""
    layers = {name: Layer(json.loads(look), ()) for name, look in looks}
    charts = [_chart(name, layer, width, height) for name, layer in layers.items()]
    chart = (
        alt.LayerChart(layer=charts)
        .properties(width=width, height=height, padding=6)
        .configure(background="transparent", aria=False)  # the page's alt text says it
        .configure_view(stroke=None)
    )
    return dict(chart.to_dict())


def _chart(name: str, layer: Layer, width: float, height: float) -> alt.Chart:
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, width], nice=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[height, 0], nice=False))
    chart = alt.Chart(alt.NamedData(name=name), mark=alt.MarkDef(**layer.look)).encode(x=x, y=y)
    match layer.look["type"]:
        case "line":
            chart = chart.encode(order="n:Q")
        case "text":
            chart = chart.encode(text="text:N")
    return chart
