"""The log scale of ratios: how far it goes, which ratios have a line, and how they are called."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import altair as alt

from pipeline.render.charts import theme
from pipeline.render.charts.vega import value

GRIDS = ((1.1, 1.2), (1.25, 1.5), (1.5, 2.0), (2.0, 4.0, 8.0, 16.0), (4.0, 16.0))
CLOSEST = 0.15  # of the scale, from one tick to the next
FRACTIONS = {1 / 1.5: "⅔", 1 / 2: "½", 1 / 4: "¼", 1 / 8: "⅛"}
SAYS = "{0}_said[indexof({0}_ticks, datum.value)]"


def farthest(ratios: Iterable[float | None]) -> float:
    """Find how far ratios are from no difference, either way.

    >>> farthest([0.25, None, 2.0])
    4.0
    """
    return max((max(ratio, 1 / ratio) for ratio in ratios if ratio), default=1.0)


def tick(ratio: float) -> str:
    """Name a ratio on a scale: "½", "same", "2 ×"."""
    if ratio == 1:
        return "same"
    return FRACTIONS.get(ratio) or (f"{ratio:g}\xa0×" if ratio > 1 else f"1/{1 / ratio:g}")


@dataclass(frozen=True, slots=True)
class RatioScale:
    """Ratios from `low` to `high`, which is the right or the upper end; what is beyond is there."""

    low: float
    high: float

    @property
    def ticks(self) -> list[float]:
        """The ratios with a line, and no difference: as many as can be read.

        >>> RatioScale(1 / 4, 4).ticks
        [0.25, 0.5, 1.0, 2.0, 4.0]
        """
        span = math.log(self.high / self.low) * CLOSEST
        within = [[x for x in self._both(grid) if self.low <= x <= self.high] for grid in GRIDS]
        apart = (
            each
            for each, grid in zip(within, GRIDS, strict=True)
            if len(each) > 1 and math.log(min(grid[0], grid[1] / grid[0])) >= span
        )
        return next(apart, within[-1])

    def _both(self, grid: Iterable[float]) -> list[float]:
        return sorted((1.0, *grid, *(1 / each for each in grid)))

    def share(self, ratio: float) -> float:
        """Find where a ratio is, from 0 at the low end to 1 at the high one; for what is placed.

        >>> RatioScale(1 / 4, 4).share(2)
        0.75
        """
        inside = min(max(ratio, self.low), self.high)
        return math.log(inside / self.low) / math.log(self.high / self.low)

    def values(self, name: str = "x") -> Mapping[str, Any]:
        """Give what a chart refers to whose scale is of this name."""
        return {
            f"{name}_ends": [self.low, self.high],
            f"{name}_ticks": self.ticks,
            f"{name}_said": [tick(each) for each in self.ticks],
        }


def symmetric(reach: float) -> RatioScale:
    """Make a scale that goes as far down as up."""
    return RatioScale(1 / reach, reach)


def log_scale(name: str = "x", **look: Any) -> alt.Scale:
    """Refer to the scale of a name; a mark that is beyond is drawn at its end."""
    ends = value(f"{name}_ends")
    return alt.Scale(type="log", domain=ends, nice=False, clamp=True, **look)


def ratio_axis(name: str = "x", **look: Any) -> alt.Axis:
    """Name the ticks of a scale."""
    return alt.Axis(values=value(f"{name}_ticks"), labelExpr=SAYS.format(name), **look)


def level(field: str) -> alt.Y:
    """Place a ratio on a scale "y", with lines across, and a dashed one at no difference."""
    is_none = alt.datum.value == 1
    axis = ratio_axis(
        "y",
        grid=True,
        labelColor=theme.TEXT,
        gridColor=alt.condition(is_none, alt.value(theme.SOFT), alt.value(theme.GRID)),
        gridDash=alt.condition(is_none, alt.value([4, 3]), alt.value([])),
    )
    return alt.Y(f"{field}:Q", scale=log_scale("y"), axis=axis)
