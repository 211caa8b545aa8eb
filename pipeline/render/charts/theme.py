"""What the charts share: colours for light and dark pages, shapes of verdicts, names of lines."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.inference.estimates import Estimate
from pipeline.inference.results import Answer, Results
from pipeline.inference.verdicts import CANNOT_TELL, CLEAR, LEANING, THIS_ACCOUNT, TOO_FEW

TICKS = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8, 16)
SHAPES = {CLEAR: "square", LEANING: "triangle-up", CANNOT_TELL: "circle", TOO_FEW: "cross",
          THIS_ACCOUNT: "circle"}  # fmt: skip
WIDEST = 16  # ratios beyond 1/16 and 16 run out of the chart: nothing is told there


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of one kind of page; literals, where an image cannot see the page's style."""

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
PAGE = "page"  # of the site, whose style says what the variables are, by day and by night
COLOURS = {
    **THEMES,
    PAGE: Theme(
        "currentColor", "var(--grid)", "var(--soft)",
        {CLEAR: "var(--clear)", LEANING: "var(--leaning)", CANNOT_TELL: "var(--untold)",
         TOO_FEW: "var(--untold)", THIS_ACCOUNT: "var(--clear)"},
        "var(--truth)",
    ),
}  # fmt: skip


def shown(answer: Answer) -> list[Estimate]:
    """Choose the lines of a question that were asked, and have an estimate."""
    return [line for line in answer.estimates if line.is_tested and line.estimate is not None]


def inside(ratio: float | None) -> float | None:
    """Round to what the eye can see, so that the picture does not follow the last bits."""
    if ratio is None or not math.isfinite(ratio):
        return None
    return float(f"{min(max(ratio, 1 / WIDEST), WIDEST):.4g}")


def simulated_title(findings: Results, *, has_truth: bool) -> str:
    """Label simulated data in the picture itself, wherever it may be shown."""
    if not findings.pool.simulated:
        return ""
    return "Simulated creators" + ("; ◇ is the true answer" if has_truth else "")
