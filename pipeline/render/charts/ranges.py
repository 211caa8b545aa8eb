"""Ratios with their ranges, one below the other: names above the marks, as narrow as a phone."""

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from pipeline.render.charts import rows, theme
from pipeline.render.charts.rows import line, point, ratios
from pipeline.render.charts.scale import farthest, ratio_axis, symmetric
from pipeline.render.charts.vega import Row, svg

WIDEST, NARROWEST = 8.0, 1.2  # ratios that the axis reaches for a bar at most, and at least
THICK = {"color": theme.SOFT, "strokeWidth": 7, "strokeCap": "round", "opacity": 0.45}
CROSS = {"color": theme.TEXT, "shape": theme.CROSS, "size": 50, "strokeWidth": 1.8}


@dataclass(frozen=True, slots=True)
class RatioMark:
    """A ratio as it is drawn: a square if it is `firm`, a circle if not.

    `within` is the thick bar, `interval` the thin line; `cross` is marked besides. `words` stand
    at the right of the name.
    """

    name: str
    ratio: float
    words: str = ""
    within: tuple[float, float] | None = None
    interval: tuple[float, float] | None = None
    cross: float | None = None
    firm: bool = True

    @property
    def row(self) -> Row:
        """What is drawn of it."""
        from_, to = self.within or (None, None)
        low, high = self.interval or (None, None)
        return {
            "name": self.name, "words": self.words,
            "from": from_, "to": to, "low": low, "high": high, "ratio": self.ratio,
            "cross": self.cross, "firm": self.firm,
        }  # fmt: skip


def ranges(marks: Sequence[RatioMark], title: str = "") -> bytes | None:
    """Draw rows as SVG bytes; None without any."""
    if not marks:
        return None
    chart_rows = rows.numbered([mark.row for mark in marks])
    return svg(_chart, {"rows": chart_rows}, symmetric(_reach(marks)).values(), title=title)


def _chart() -> alt.LayerChart:
    layers = [
        line(ratios("low", ratio_axis(**rows.grid())), "high", color=theme.SOFT, strokeWidth=1.6),
        *rows.arrows("low", "high", color=theme.SOFT),
        line(ratios("from"), "to", **THICK),
        point(ratios("ratio")).encode(**rows.told_apart("firm", theme.UNTOLD_INK)),
        point(ratios("cross"), filled=False, **CROSS),
        rows.names(fontSize=12, limit=rows.BESIDE),
        rows.words(),
    ]
    return rows.listed(layers)


def _reach(marks: Sequence[RatioMark]) -> float:
    """As far as all bars, up to WIDEST; and in any case as far as each dot and cross."""
    points = farthest(ratio for mark in marks for ratio in (mark.ratio, mark.cross))
    bars = farthest(end for mark in marks for end in (mark.within or ()) + (mark.interval or ()))
    return 1.04 * max(NARROWEST, points, min(bars, WIDEST))
