"""The estimates as a forest plot: one chart, drawn for light and for dark pages."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import vl_convert

from pipeline.findings import Answer, Findings
from pipeline.ladder import Estimate
from pipeline.variables import Variable
from pipeline.verdict import CANNOT_TELL, CLEAR, LEANING, THIS_ACCOUNT, TOO_FEW

TICKS = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8, 16)
TICK = "datum.value < 0.51 ? '1/' + round(1 / datum.value) : format(datum.value, '.2~f')"
SHAPES = {CLEAR: "square", LEANING: "triangle-up", CANNOT_TELL: "circle", TOO_FEW: "cross",
          THIS_ACCOUNT: "circle"}  # fmt: skip
WIDEST = 16  # ratios beyond 1/16 and 16 run out of the chart: nothing is told there


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of one kind of page, as literals: an image cannot see the page's style."""

    text: str
    grid: str
    line: str
    verdicts: Mapping[str, str]
    truth: str


THEMES = {
    "light": Theme(
        "#1f2328", "#d8dee4", "#59636e",
        {CLEAR: "#0550ae", LEANING: "#b35900", CANNOT_TELL: "#818b98", TOO_FEW: "#818b98",
         THIS_ACCOUNT: "#0550ae"},
        "#1a7f37",
    ),
    "dark": Theme(
        "#e6edf3", "#30363d", "#9198a1",
        {CLEAR: "#79c0ff", LEANING: "#f0a04b", CANNOT_TELL: "#767e88", TOO_FEW: "#767e88",
         THIS_ACCOUNT: "#79c0ff"},
        "#56d364",
    ),
}  # fmt: skip


def label(variable: Variable) -> str:
    """Name a line as the tables do; a log is for a doubling."""
    return f"{variable.name} ×2" if variable.is_log else variable.name


def shown(answer: Answer) -> list[Estimate]:
    """Choose the lines of a question that were asked, and have an estimate."""
    return [line for line in answer.estimates if line.is_tested and line.estimate is not None]


def forest(findings: Findings, answer: Answer, theme: str) -> bytes | None:
    """Draw a question's estimates as SVG bytes; None where there is nothing to draw."""
    lines = shown(answer)
    if not lines:
        return None
    values = [_point(findings, answer, line) for line in lines]
    chart = _chart(findings, answer, values, THEMES[theme])
    version = ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
    svg: str = vl_convert.vegalite_to_svg(chart, vl_version=version)
    return (svg + "\n").encode()


def _point(findings: Findings, answer: Answer, line: Estimate) -> dict[str, Any]:
    return {
        "label": label(line.variable),
        "ratio": inside(line.ratio(line.estimate)),
        "low": inside(line.ratio(line.ci_low)),
        "high": inside(line.ratio(line.ci_high)),
        "verdict": line.verdict,
        "truth": inside(line.ratio(findings.planted(answer.question, line.variable))),
    }


def inside(ratio: float | None) -> float | None:
    """Round to what the eye can see, so that the picture does not follow the last bits."""
    if ratio is None or not math.isfinite(ratio):
        return None
    return float(f"{min(max(ratio, 1 / WIDEST), WIDEST):.4g}")


def _chart(
    findings: Findings, answer: Answer, values: Sequence[Mapping[str, Any]], theme: Theme
) -> dict[str, Any]:
    ends = [v[k] for v in values for k in ("ratio", "low", "high") if v[k] is not None]
    reach = max(1.5, *(max(end, 1 / end) for end in ends))
    scale = alt.Scale(type="log", domain=[1 / reach, reach])
    between = (1 / 1.5, 1.5) if reach < 4 else ()
    ticks = [tick for tick in (*TICKS, *between) if 1 / reach <= tick <= reach]
    axis = alt.Axis(values=ticks, labelExpr=TICK)
    x = alt.X("ratio:Q", scale=scale, title=f"ratio of {answer.question.counts}", axis=axis)
    y = alt.Y(
        "label:N", sort=[v["label"] for v in values], title=None, axis=alt.Axis(labelLimit=220)
    )
    colour, shape = _colour(values, theme), _shape(values)
    base = alt.Chart(alt.InlineData(values=list(values)))
    one = alt.Chart(alt.InlineData(values=[{"one": 1}])).mark_rule(
        color=theme.line, strokeDash=[4, 3]
    )
    interval = base.mark_rule(strokeWidth=2).transform_filter("datum.low != null")
    layers = [
        one.encode(x=alt.X("one:Q", scale=scale)),
        interval.encode(y=y, x=alt.X("low:Q", scale=scale), x2="high:Q", color=colour),
        *(
            _arrow(base, end, limit).encode(x=alt.X(f"{end}:Q", scale=scale), y=y, color=colour)
            for end, limit in (("low", 1 / WIDEST), ("high", WIDEST))
            if any(value[end] == float(f"{limit:.4g}") for value in values)
        ),
        base.mark_point(filled=True, size=64, opacity=1).encode(
            x=x, y=y, color=colour, shape=shape
        ),
    ]
    has_truth = any(value["truth"] is not None for value in values)
    if has_truth:
        truth = base.mark_point(shape="diamond", size=48, color=theme.truth, strokeWidth=1.6)
        layers.append(truth.encode(x=alt.X("truth:Q", scale=scale), y=y))
    return _styled(
        alt.LayerChart(layer=layers), theme, simulated_title(findings, has_truth=has_truth)
    )


def _arrow(base: alt.Chart, end: str, limit: float) -> alt.Chart:
    """Mark an interval that runs out of the chart."""
    shape = "triangle-left" if end == "low" else "triangle-right"
    arrow: alt.Chart = base.mark_point(filled=True, size=60, opacity=1, shape=shape)
    return arrow.transform_filter(f"datum.{end} == {float(f'{limit:.4g}')}")


def _shape(values: Sequence[Mapping[str, Any]]) -> alt.Shape:
    """Tell the verdicts apart without colour, too."""
    verdicts = [v for v in SHAPES if any(v == value["verdict"] for value in values)]
    scale = alt.Scale(domain=verdicts, range=[SHAPES[v] for v in verdicts])
    return alt.Shape("verdict:N", title=None, scale=scale, legend=alt.Legend(orient="top"))


def _colour(values: Sequence[Mapping[str, Any]], theme: Theme) -> alt.Color:
    verdicts = [v for v in theme.verdicts if any(v == value["verdict"] for value in values)]
    return alt.Color(
        "verdict:N",
        title=None,
        scale=alt.Scale(domain=verdicts, range=[theme.verdicts[v] for v in verdicts]),
        legend=alt.Legend(orient="top"),
    )


def simulated_title(findings: Findings, *, has_truth: bool) -> str:
    """Label simulated data in the picture itself, wherever it may be shown."""
    if not findings.pool.simulated:
        return ""
    return "Simulated creators" + ("; ◇ is the true, planted effect" if has_truth else "")


def _styled(chart: alt.LayerChart, theme: Theme, title: str) -> dict[str, Any]:
    heading = alt.TitleParams(
        title, color=theme.text, fontSize=13, fontWeight="normal", anchor="start", frame="group"
    )
    styled = (
        chart.properties(width=420, height=alt.Step(19), padding=8, title=heading)
        .configure(background="transparent")
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=theme.text, titleColor=theme.text, domainColor=theme.line,
            tickColor=theme.line, gridColor=theme.grid, labelFontSize=12, titleFontSize=12,
            titleFontWeight="normal",
        )
        .configure_legend(labelColor=theme.text, labelFontSize=12)
    )  # fmt: skip
    return dict(styled.to_dict())
