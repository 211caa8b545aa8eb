"""The estimates as a forest plot: names above the marks, so that it fits a phone."""

import math
from collections.abc import Mapping, Sequence

import altair as alt

from pipeline.inference.published_line import Estimate
from pipeline.inference.results import Answer, Results
from pipeline.model.variables import Variable
from pipeline.render.charts import rows, theme
from pipeline.render.charts.rows import line, point, ratios
from pipeline.render.charts.scale import farthest, ratio_axis, symmetric
from pipeline.render.charts.vega import Row, svg
from pipeline.render.text.numbers import ratio

TRUE = {"color": theme.TRUTH, "shape": "diamond", "size": 70, "strokeWidth": 1.6}
REACHES = (2.0, 4.0, 8.0, 16.0)  # how far the scale may go, either way
INSIDE = 0.8  # of the ends of the intervals are on it, at least: others have an arrow


def forest(
    findings: Results, answer: Answer, called: Mapping[Variable, str] | None = None
) -> bytes | None:
    """Draw a question's estimates as SVG bytes; None where there is nothing to draw.

    `called` are the names of the lines, where they are not to be called as in the tables.
    """
    lines = sorted(theme.shown(answer), key=_rank)
    if not lines:
        return None
    truths = [each.ratio(findings.planted(answer.question, each.variable)) for each in lines]
    chart_rows = [
        _row(each, (called or {}).get(each.variable) or each.variable.label, truth)
        for each, truth in zip(lines, truths, strict=True)
    ]
    values = {
        **symmetric(_reach(lines)).values(),
        "verdicts": theme.surest_first(each.verdict for each in lines),
    }
    title = theme.simulated_title(findings, has_truth=any(truths))
    return svg(
        _chart, {"rows": rows.numbered(chart_rows)}, values, (answer.question.counts,), title
    )


def _chart(counts: str) -> alt.LayerChart:
    legend, sides = theme.verdict_legend(), f"← fewer\u2003{counts}\u2003more →"
    top = ratio_axis(orient="top", title=sides, titlePadding=8, **rows.grid())
    bottom = ratio_axis(orient="bottom", grid=False)
    layers = [
        line(ratios("low", top), "high").encode(theme.ink(legend)),
        *(each.encode(theme.ink(legend)) for each in rows.arrows("low", "high")),
        point(ratios("ratio", bottom)).encode(theme.ink(legend), theme.shape(legend)),
        point(ratios("truth"), filled=False, **TRUE),
        rows.names(limit=rows.BESIDE),
        rows.words(),
    ]
    return rows.listed(layers)


def _row(line: Estimate, name: str, truth: float | None) -> Row:
    ends = [line.ratio(end) for end in _ends(line)]
    between = f" ({' to '.join(map(ratio, ends))})" if ends else ""
    words = ratio(line.ratio(line.estimate)) + between
    low, high = ends or (None, None)
    return {
        "name": name, "words": words, "verdict": line.verdict, "low": low,
        "high": high, "ratio": line.ratio(line.estimate), "truth": truth,
    }  # fmt: skip


def _rank(line: Estimate) -> tuple[int, float]:
    """Put the surest verdict first, and within one the largest ratio."""
    return list(theme.LOOKS).index(line.verdict), -math.log(line.ratio(line.estimate) or 1.0)


def _reach(lines: Sequence[Estimate]) -> float:
    """Choose the shortest scale that has every point and most ends of intervals."""
    points = farthest(line.ratio(line.estimate) for line in lines)
    ends = sorted(farthest([line.ratio(end)]) for line in lines for end in _ends(line))
    most = max([points, *ends[: math.ceil(INSIDE * len(ends))]])
    return next((reach for reach in REACHES if reach >= most), REACHES[-1])


def _ends(line: Estimate) -> tuple[float, ...]:
    low, high = line.ci_low, line.ci_high
    return () if low is None or high is None else (low, high)
