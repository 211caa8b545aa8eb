"""What the charts share: one look for light and dark pages, the marks of verdicts, labels."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import altair as alt

from pipeline.inference.published_line import Estimate, Verdict
from pipeline.inference.results import Answer, Results

TEXT, GRID, SOFT, CLEAR_INK, LIKELY_INK, UNTOLD_INK, TRUTH, PAPER = (  # as in the site's style
    "currentColor", "var(--grid)", "var(--soft)", "var(--clear)", "var(--likely)",
    "var(--untold)", "var(--truth)", "var(--paper)",
)  # fmt: skip
LITERALS: Mapping[str, Mapping[str, str]] = {  # for a picture, which cannot see a page's style
    "light": {
        TEXT: "#1f2328", GRID: "#d8dee4", SOFT: "#59636e", CLEAR_INK: "#0550ae",
        LIKELY_INK: "#b35900", UNTOLD_INK: "#818b98", TRUTH: "#1a7f37", PAPER: "#ffffff",
    },
    "dark": {
        TEXT: "#e6edf3", GRID: "#30363d", SOFT: "#9198a1", CLEAR_INK: "#79c0ff",
        LIKELY_INK: "#f0a04b", UNTOLD_INK: "#767e88", TRUTH: "#56d364", PAPER: "#0d1117",
    },
}  # fmt: skip
UPRIGHT, FLAT, BAR = "M0,-1L0,1", "M-1.4,0L1.4,0", "M-1.4,-.6L1.4,-.6L1.4,.6L-1.4,.6Z"
DOT_ON_LINE = "M-1.4,0L1.4,0M.5,0A.5,.5,0,1,1,-.5,0A.5,.5,0,1,1,.5,0"
CROSS = "M-1,-1L1,1M1,-1L-1,1"
TURNED_PLUS = (  # Vega's own cross, turned by an eighth, so that it is no plus
    "M-.99,-.42L-.57,0L-.99,.42L-.42,.99L0,.57L.42,.99L.99,.42L.57,0L.99,-.42L.42,-.99L0,-.57"
    "L-.42,-.99Z"
)
LOOKS = {  # the surest first
    Verdict.CLEAR: (CLEAR_INK, "square"), Verdict.LIKELY: (LIKELY_INK, "triangle-up"),
    Verdict.MAY: (LIKELY_INK, "diamond"),
    Verdict.CANNOT_TELL: (UNTOLD_INK, "circle"), Verdict.TOO_FEW: (UNTOLD_INK, TURNED_PLUS),
    Verdict.THIS_ACCOUNT: (CLEAR_INK, "circle"),
}  # fmt: skip
CONFIG: Mapping[str, Any] = {
    "background": "transparent",
    "aria": False,  # the page's alt text says it
    "padding": 6,
    "font": "sans-serif",
    "view": {"stroke": None},
    "axis": {
        "domain": False, "ticks": False, "gridColor": GRID, "labelColor": SOFT, "labelPadding": 6,
        "labelFontSize": 12, "labelOverlap": False, "labelFlush": False, "title": None,
        "titleColor": TEXT, "titleFontSize": 13, "titleFontWeight": "normal",
    },
    "legend": {
        "orient": "top", "direction": "horizontal", "columns": 2, "title": None,
        "labelColor": TEXT, "labelFontSize": 13, "labelLimit": 0, "columnPadding": 34,
        "rowPadding": 4, "offset": 8, "symbolSize": 70, "symbolOpacity": 1, "padding": 0,
    },
    "title": {
        "anchor": "start", "color": TEXT, "fontSize": 13, "fontWeight": "normal", "offset": 8,
        "limit": 0,
    },
    "text": {"fontSize": 13, "color": TEXT, "align": "left", "limit": 0},
    "point": {"filled": True, "opacity": 1, "size": 76},
    "rule": {"strokeWidth": 2, "opacity": 1},
}  # fmt: skip


def verdict_legend(**look: Any) -> alt.Legend:
    """Name the verdicts that there are, which are given when a chart is drawn."""
    return alt.Legend(values=alt.ExprRef(expr="verdicts"), **look)


def ink(legend: alt.Legend | None = None) -> alt.Color:
    """Colour marks by their verdict."""
    return alt.Color("verdict:N", scale=_looks(0), legend=legend)


def shape(legend: alt.Legend | None = None) -> alt.Shape:
    """Tell verdicts apart without colour, too."""
    return alt.Shape("verdict:N", scale=_looks(1), legend=legend)


def _looks(part: int) -> alt.Scale:
    return alt.Scale(domain=list(LOOKS), range=[look[part] for look in LOOKS.values()])


def surest_first(verdicts: Iterable[str]) -> list[str]:
    """Name each verdict of a chart once, as its legend does."""
    present = set(verdicts)
    return [verdict for verdict in LOOKS if verdict in present]


def shown(answer: Answer) -> list[Estimate]:
    """Choose the lines of a question that were asked, and have an estimate."""
    return [line for line in answer.estimates if line.is_tested and line.estimate is not None]


WIDEST = 16  # ratios beyond 1/16 and 16 run out of the chart: nothing is told there


def inside(ratio: float | None) -> float | None:
    """Round a ratio to what the eye can see, so that no order follows the last bits."""
    if ratio is None or not math.isfinite(ratio):
        return None
    return float(f"{min(max(ratio, 1 / WIDEST), WIDEST):.4g}")


def simulated_title(findings: Results, *, has_truth: bool) -> str:
    """Label simulated data in the picture itself, wherever it may be shown."""
    if not findings.pool.simulated:
        return ""
    return "Simulated creators" + ("; ◇ is the true answer" if has_truth else "")
