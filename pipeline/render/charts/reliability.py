"""How often statements at given odds were right in simulations, beside what they said."""

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from pipeline.render.charts import rows, theme
from pipeline.render.charts.rows import line, numbers, point
from pipeline.render.charts.vega import svg

ENDS = (0.5, 1.01)  # shares at the ends of the axis


@dataclass(frozen=True, slots=True)
class Reliability:
    """Statements whose odds lie between two, and how many of them were right.

    `said` is the mean of their odds, `low` and `high` a 95 % interval of the share that is right.
    """

    odds_from: float
    odds_to: float
    said: float
    statements: int
    right: int
    low: float
    high: float


def reliability(bins: Sequence[Reliability], title: str = "") -> bytes:
    """Draw a row for each: what was right as a square, what was said as an upright mark."""
    drawn = [
        {
            "name": f"Odds of {each.odds_from:.0%} to {each.odds_to:.0%}",
            "words": f"{each.right} of {each.statements} right",
            "said": each.said,
            "x": each.right / each.statements,
            "low": each.low,
            "high": each.high,
        }
        for each in bins
    ]
    return svg(_chart, {"rows": rows.numbered(drawn)}, {"ends": list(ENDS)}, title=title)


def _chart() -> alt.LayerChart:
    axis = alt.Axis(tickCount=5, format=".0%", **rows.grid(none=1))
    look = {"color": theme.CLEAR_INK}
    return rows.listed(
        [
            line(numbers("low", axis), "high", strokeWidth=1.6, **look),
            rows.upright(numbers("said"), theme.TRUTH),
            point(numbers("x"), shape="square", **look),
            rows.names(fontSize=12, limit=rows.BESIDE),
            rows.words(),
        ]
    )
