"""The spread of followers per 1,000 views as strips, one above the other, for a narrow page."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import altair as alt

from pipeline.analysis.norms.rates import GroupRate
from pipeline.render.charts import rows, theme
from pipeline.render.charts.rows import line, numbers, point, upright
from pipeline.render.charts.vega import svg

STEP = 52
KEYS = {
    "the video in the middle": ("circle", theme.TEXT, theme.TEXT),
    "half of the videos": (theme.BAR, theme.CLEAR_INK, theme.CLEAR_INK),
    "all of them together": (theme.UPRIGHT, theme.LIKELY_INK, theme.LIKELY_INK),
    "8 of 10 videos": (theme.FLAT, theme.SOFT, theme.SOFT),
}


@dataclass(frozen=True, slots=True)
class Strip:
    """A group and what its strip is called."""

    name: str
    group: GroupRate

    @property
    def most(self) -> float:
        """The farthest number that is drawn."""
        ends = (self.group.ninetieth, self.group.high, self.group.middle, self.group.rate)
        return max(end or 0.0 for end in ends)


def strips(strips: Sequence[Strip], title: str) -> bytes:
    """Draw strips as SVG bytes, the first on top; `title` stands above them, if it is not ""."""
    chart_rows = [
        {**asdict(strip.group), "name": strip.name, "words": f"{strip.group.videos:,} videos"}
        for strip in strips
    ]
    most = 1.04 * (max((strip.most for strip in strips), default=0.0) or 1.0)
    return svg(_chart, {"rows": rows.numbered(chart_rows)}, {"ends": [0, most]}, title=title)


def _chart() -> alt.LayerChart:
    axis = rows.number_axis(step=STEP, title="new followers per 1,000 views")
    layers = [
        line(numbers("tenth", axis), "ninetieth", color=theme.SOFT),
        line(numbers("low"), "high", color=theme.CLEAR_INK, strokeWidth=9),
        upright(numbers("rate"), theme.LIKELY_INK),
        point(numbers("middle"), shape="circle", size=130, color=theme.PAPER),
        point(numbers("middle"), shape="circle", size=64, color=theme.TEXT),
        rows.names(rows.UP, fontWeight=600),
        rows.words(rows.UP),
        rows.keys(KEYS),
    ]
    return rows.listed(layers, STEP)
