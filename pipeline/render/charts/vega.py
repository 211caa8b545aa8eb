"""Charts as SVG: a specification that the tests check, and rows that Altair never looks at."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from threading import Lock
from typing import Any

import altair as alt
from altair.utils.schemapi import debug_mode

from pipeline.render.charts.drawer import ask
from pipeline.render.charts.theme import CONFIG, LITERALS

VEGA_LITE = ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
VALIDATE = False  # against the schema of Vega-Lite: it takes longer than all else; the tests do
DIGITS = 4  # significant ones of what is drawn, so that no picture follows the last bits
TAG = re.compile(r"<[^>]*>")  # what is text has no ">"; vl-convert escapes it
LONG = re.compile(r"-?\d+\.\d{3,}(?:e-?\d+)?")
IDLE = re.compile(r' (?:role|aria-[a-z]+|pointer-events)="[^"]*"')
GROUND = ('<path class="background"', '<path class="foreground"')  # of a group, and invisible
ONE_AT_A_TIME = Lock()  # what Altair is to check holds for all threads
VARIABLE = re.compile(r'"(currentColor|var\(--[a-z]+\))"')

Row = Mapping[str, Any]  # a cell is a number, a word, lines of words, or None
Build = Callable[..., alt.LayerChart]


def rows_named(name: str = "rows") -> alt.Chart:
    """Start a chart of rows that are given when it is drawn."""
    return alt.Chart(alt.NamedData(name=name))


def value(name: str) -> alt.ExprRef:
    """Refer to a value that is given when a chart is drawn."""
    return alt.ExprRef(expr=name)


def layered(layers: Sequence[alt.Chart], **size: Any) -> alt.LayerChart:
    """Lay charts over each other, below a title that is given when they are drawn."""
    return alt.LayerChart(layer=list(layers), title=alt.Title(value("title")), **size)


def svg(
    build: Build,
    rows: Mapping[str, Sequence[Row]],
    values: Mapping[str, Any],
    shape: tuple[Any, ...] = (),
    title: str = "",
) -> bytes:
    """Draw the chart that `build(*shape)` specifies, in the variables of the site's style.

    `rows` are by the name of their data, `values` by the name that the chart refers to. Neither is
    ever read as an expression, whoever wrote it.
    """
    given = _rounded({**values, "title": title})
    with ONE_AT_A_TIME:
        compiled = _compiled(build, shape, tuple(given))
    filled = {
        **compiled,
        "data": [_with_rows(each, rows) for each in compiled["data"]],
        "signals": [_with_value(each, given) for each in compiled["signals"]],
    }
    return (TAG.sub(_tidied, ask("vega_to_svg", filled)) + "\n").encode()


def painted(drawing: bytes, theme: str) -> bytes:
    """Replace the variables by a theme's colours, where a picture cannot see the page's style."""
    colours = LITERALS[theme]
    return TAG.sub(
        lambda tag: VARIABLE.sub(lambda variable: f'"{colours[variable[1]]}"', tag[0]),
        drawing.decode(),
    ).encode()


@cache  # Altair and Vega-Lite take longer to compile a chart than it takes to draw it
def _compiled(build: Build, shape: tuple[Any, ...], names: tuple[str, ...]) -> dict[str, Any]:
    with debug_mode(VALIDATE):
        chart = build(*shape).add_params(*(alt.param(name=name, value=0) for name in names))
        specification = chart.configure(**CONFIG).to_dict(validate=VALIDATE)
    compiled: dict[str, Any] = ask("vegalite_to_vega", specification, vl_version=VEGA_LITE)
    return compiled


def _with_rows(data: Mapping[str, Any], rows: Mapping[str, Sequence[Row]]) -> Mapping[str, Any]:
    if data["name"] not in rows:
        return data
    return {**data, "values": [_rounded(row) for row in rows[data["name"]]]}


def _with_value(signal: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    name = signal["name"]
    return {**signal, "value": values[name]} if name in values else signal


def _rounded(row: Row) -> dict[str, Any]:
    return {name: _cell(cell) for name, cell in row.items()}


def _cell(cell: Any) -> Any:
    if isinstance(cell, list):
        return [_cell(each) for each in cell]
    return float(f"{cell:.{DIGITS}g}") if isinstance(cell, float) else cell


def _tidied(tag: re.Match[str]) -> str:
    if tag[0].startswith(GROUND):
        return ""
    return LONG.sub(
        lambda number: f"{float(number[0]):.1f}".removesuffix(".0"), IDLE.sub("", tag[0])
    )
