"""What is clear or likely, as sentences with their ranges: the first picture, for pages of others.

The site draws the same in its own page, as wide as that is.
"""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from pipeline.inference.published_line import Verdict
from pipeline.render.charts import rows, theme
from pipeline.render.charts.rows import line, point, ratios
from pipeline.render.charts.scale import ratio_axis, symmetric
from pipeline.render.charts.vega import svg

STEP = 72  # pixels of a row, with two lines of a sentence
LETTERS = 50  # of a line
WIDEST = 4.0  # how far the scale goes, either way, as on the site


@dataclass(frozen=True, slots=True)
class SentenceMark:
    """One sentence, how sure it is, and the ratio with its range."""

    sentence: str
    verdict: Verdict
    ratio: float
    ends: tuple[float, float] | None


def findings_plot(findings: Sequence[SentenceMark], title: str = "") -> bytes | None:
    """Draw findings as SVG bytes, in the order given; None without any."""
    if not findings:
        return None
    chart_rows = [
        {
            "name": textwrap.wrap(each.sentence, LETTERS), "verdict": each.verdict,
            "ratio": each.ratio, "low": each.ends and each.ends[0],
            "high": each.ends and each.ends[1],
        }
        for each in findings
    ]  # fmt: skip
    verdicts = theme.surest_first(each.verdict for each in findings)
    values = {**symmetric(WIDEST).values(), "verdicts": verdicts}
    return svg(_chart, {"rows": rows.numbered(chart_rows)}, values, title=title)


def _chart() -> alt.LayerChart:
    legend = theme.verdict_legend()
    axis = ratio_axis(orient="bottom", title="← fewer\u2003more →", **rows.grid(step=STEP))
    layers = [
        line(ratios("low", axis), "high").encode(theme.ink(legend)),
        *(each.encode(theme.ink(legend)) for each in rows.arrows("low", "high")),
        point(ratios("ratio")).encode(theme.ink(legend), theme.shape(legend)),
        rows.names(),
    ]
    return rows.listed(layers, STEP)
