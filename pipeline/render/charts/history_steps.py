"""One line of the results through the updates, as a small step chart with intervals."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.inference.verdicts import CANNOT_TELL
from pipeline.render.charts.svg import Layer, Point, Segment, lines_of, marks_of, svg, texts_of
from pipeline.render.charts.theme import COLOURS, SHAPES, WIDEST, Theme, inside
from pipeline.render.text.numbers import whole

LEFT, TOP, WIDTH, HEIGHT, BELOW = 58, 10, 222, 120, 44  # pixels, for a card of a phone
ROOM, LABEL = 14, 54  # beside the first and the last set; between two labels
TICKS = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 2 / 3, 1.0, 1.5, 2.0, 4.0, 8.0, 16.0)
LEAST = 1.6  # a ratio: no chart spans less either way
CLOSE = 17  # pixels between two labels of the axis


@dataclass(frozen=True, slots=True)
class Moment:
    """One line in one set of results: ratios, None where there was no estimate or no interval."""

    videos: int
    creators: int
    ratio: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class StepPlot:
    """Where `sets` sets are drawn: the log ratio at the upper edge, and at the lower one."""

    sets: int
    above: float
    below: float

    def x(self, number: int) -> float:
        """The pixel of a set, by its number from 0."""
        step = (WIDTH - 2 * ROOM) / max(self.sets - 1, 1)
        return round(LEFT + ROOM + number * step, 1)

    def y(self, ratio: float) -> float:
        """The pixel of a ratio; what is beyond is at the edge."""
        at = min(max(math.log(ratio), self.below), self.above)
        return round(TOP + HEIGHT * (self.above - at) / (self.above - self.below), 1)


def history_figure(moments: Sequence[Moment], verdict: str, theme: str) -> bytes:
    """Draw a line, the oldest set first and the last one with the shape of its verdict; SVG."""
    plot, colours = _plot(moments), COLOURS[theme]
    colour = colours.verdicts.get(verdict, colours.line)
    told = [(i, each, each.ratio) for i, each in enumerate(moments) if each.ratio is not None]
    points = [(plot.x(i), plot.y(ratio)) for i, _, ratio in told]
    pairs = [
        (points[n], points[n + 1])
        for n, (one, other) in enumerate(pairwise(told))
        if other[0] == one[0] + 1  # not over a set that could not tell it
    ]
    ends = [
        (plot.x(i), plot.y(each.low), plot.x(i), plot.y(each.high))
        for i, each, _ in told
        if each.low is not None and each.high is not None
    ]
    shape = SHAPES.get(verdict, SHAPES[CANNOT_TELL])
    layers = [
        *_axis(plot, colours),
        lines_of(ends, color=colour, strokeWidth=2, opacity=0.55),
        lines_of(_stairs(pairs), color=colour, strokeWidth=1.6),
        marks_of(points[:-1], shape="circle", size=22, filled=True, opacity=1, color=colour),
        marks_of(points[-1:], shape=shape, size=70, filled=True, opacity=1, color=colour),
        *_sizes(moments, plot, colours),
    ]
    return svg(layers, LEFT + WIDTH, TOP + HEIGHT + BELOW)


def _plot(moments: Sequence[Moment]) -> StepPlot:
    found = [v for each in moments for v in (each.ratio, each.low, each.high)]
    shown = [ratio for value in found if (ratio := inside(value)) is not None]
    above, below = max([LEAST, *shown]), min([1 / LEAST, *shown])
    return StepPlot(len(moments), math.log(min(above, WIDEST)) + 0.1, math.log(below) - 0.1)


def _stairs(pairs: Sequence[tuple[Point, Point]]) -> list[Segment]:
    """Stay at each value until the next set, and go there at once."""
    flat: list[Segment] = [(x, y, to, y) for (x, y), (to, _) in pairs]
    return [*flat, *((to, y, to, to_y) for (_, y), (to, to_y) in pairs)]


def _axis(plot: StepPlot, theme: Theme) -> list[Layer]:
    ticks = _ticks(plot)
    right = LEFT + WIDTH
    words = [(LEFT - 8, plot.y(tick), f"{round(tick, 2):g} ×") for tick in ticks]
    grid: list[Segment] = [(LEFT, plot.y(t), right, plot.y(t)) for t in ticks if t != 1]
    one = plot.y(1.0)
    return [
        lines_of(grid, color=theme.grid, strokeWidth=1),
        lines_of([(LEFT, one, right, one)], color=theme.line, strokeWidth=1, strokeDash=[4, 3]),
        texts_of(words, color=theme.text, fontSize=12, align="right", baseline="middle"),
    ]


def _ticks(plot: StepPlot) -> list[float]:
    """Choose the ratios that are named: no difference, and what is not too close to another."""
    kept = [1.0]
    for tick in sorted(TICKS, key=lambda each: abs(math.log(each))):
        seen = plot.below <= math.log(tick) <= plot.above
        if seen and all(abs(plot.y(tick) - plot.y(other)) >= CLOSE for other in kept):
            kept.append(tick)
    return sorted(kept)


def _sizes(moments: Sequence[Moment], plot: StepPlot, theme: Theme) -> list[Layer]:
    """Say of how many videos and creators the sets are, as far as there is room."""
    first, second = TOP + HEIGHT + 18, TOP + HEIGHT + 34
    words = [(4.0, first, "videos"), (4.0, second, "creators")]
    shown = [
        (x, y, whole(number))
        for i in _labelled(plot)
        for x, y, number in (
            (plot.x(i), first, moments[i].videos),
            (plot.x(i), second, moments[i].creators),
        )
    ]
    return [
        texts_of(words, color=theme.text, fontSize=12),
        texts_of(shown, color=theme.text, fontSize=12, align="center"),
    ]


def _labelled(plot: StepPlot) -> list[int]:
    """Choose the sets that are named: the last one, and back from it what does not touch."""
    kept = [plot.sets - 1]
    for i in reversed(range(plot.sets - 1)):
        if plot.x(kept[-1]) - plot.x(i) >= LABEL:
            kept.append(i)
    return kept
