"""The charts of a creator's page: where their rate stands, and their lines beside everyone's."""

import math
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.analysis.creators.report import OwnRate
from pipeline.analysis.creators.summary import Rate, RateQuartiles
from pipeline.inference.verdicts import CLEAR, LEANING
from pipeline.render.charts.svg import Layer, Point, Segment, lines_of, marks_of, svg, texts_of
from pipeline.render.charts.theme import COLOURS, TICKS, Theme

WIDTH, EDGE = 322, 12  # pixels: of a sheet, and of its margins
LETTERS = 46  # that fit into a line
STEP, LINE, LEGEND = 48, 16, 18  # pixels: of a row, of a line of text, of a line of the legend
UP, DOWN = 22, 12  # pixels: of a row's marks, from its end up, and half their grid
WIDEST = 8.0  # ratios beyond 1/8 and 8 are drawn at the edge
SIMULATED = "Simulated creators"


@dataclass(frozen=True, slots=True)
class Marks:
    """One row: ratios, None where a mark is missing. `both` has the interval `low` to `high`."""

    words: str
    both: float
    low: float | None
    high: float | None
    own: float | None = None
    everyone: float | None = None

    @property
    def goes_on(self) -> bool:
        """Return whether a mark or an end lies beyond the widest chart."""
        ends = (self.both, self.low, self.high, self.own, self.everyone)
        return any(end is not None and not 1 / WIDEST <= end <= WIDEST for end in ends)


@dataclass(frozen=True, slots=True)
class _Scale:
    """Ratios on a log scale from 1/`reach` to `reach`, between the margins."""

    reach: float

    def x(self, ratio: float) -> float:
        """The pixel of a ratio; what is beyond is at the edge."""
        share = 0.5 + math.log(min(max(ratio, 1 / self.reach), self.reach)) / (
            2 * math.log(self.reach)
        )
        return round(EDGE + (WIDTH - 2 * EDGE) * share, 1)


def lines_figure(rows: Sequence[Marks], theme: str, *, alone: bool, simulated: bool) -> bytes:
    """Draw lines as SVG bytes; `alone`: of one account, beside nobody."""
    colours = COLOURS[theme]
    ends = [x for row in rows for x in (row.both, row.low, row.high, row.own, row.everyone) if x]
    scale = _Scale(min(WIDEST, max(1.6, *(max(end, 1 / end) for end in ends))))
    layers, top = _legend(colours, alone=alone, simulated=simulated)
    places = []
    for row in rows:
        words = textwrap.wrap(row.words, LETTERS)
        layers.append(_texts([(0.0, top + LINE * i + 6, t) for i, t in enumerate(words)], colours))
        top += LINE * len(words) + STEP - LINE
        places.append((row, top - UP))
    layers = [*_grid(scale, [y for _, y in places], colours), *layers]
    layers += _marks(places, scale, colours)
    return svg(layers, WIDTH, top + 14)


def _texts(words: Sequence[tuple[float, float, str]], theme: Theme, **look: str) -> Layer:
    return texts_of(words, **{"color": theme.text, "fontSize": 13, **look})


def _legend(theme: Theme, *, alone: bool, simulated: bool) -> tuple[list[Layer], float]:
    """Say what the marks are; the layers, and where the rows begin."""
    layers, top = [], 10.0
    if simulated:
        layers.append(_texts([(0.0, top, SIMULATED)], theme, fontWeight="bold"))
        top += LEGEND
    said = "your videos" if alone else "both together"
    layers.append(_texts([(34.0, top, f"{said}, 95 % range")], theme))
    layers += _both([(14.0, top)], [(0.0, top, 28.0, top)], theme)
    top += LEGEND
    if not alone:
        layers.append(_texts([(34.0, top, "your videos alone")], theme))
        layers.append(_texts([(178.0, top, "everyone")], theme))
        layers += [_own([(14.0, top)], theme), _everyone([(166.0, top)], theme)]
        top += LEGEND
    return layers, top + 8


def _grid(scale: _Scale, rows: Sequence[float], theme: Theme) -> list[Layer]:
    """Mark the ticks at each row, so that no line runs through words, and name them below."""
    ticks = [t for t in TICKS if 1 / scale.reach <= t <= scale.reach]
    ticks = ticks if len(ticks) > 2 else [1 / 1.5, 1.0, 1.5]
    cuts, none = (
        [(scale.x(t), y - DOWN, scale.x(t), y + DOWN) for t in at for y in rows]
        for at in (ticks, [1.0])
    )
    words = [(scale.x(t), rows[-1] + UP + 4, f"{_tick(t)} ×") for t in ticks]
    return [
        lines_of(cuts, color=theme.grid),
        lines_of(none, color=theme.line, strokeWidth=1.5),
        _texts(words, theme, align="center"),
    ]


def _tick(ratio: float) -> str:
    return f"1/{round(1 / ratio)}" if ratio <= 0.5 else f"{ratio:.2g}"


def _marks(places: Sequence[tuple[Marks, float]], scale: _Scale, theme: Theme) -> Iterator[Layer]:
    """All marks of one kind are one layer; the creator's own on top."""
    everyone = [(scale.x(row.everyone), y) for row, y in places if row.everyone is not None]
    own = [(scale.x(row.own), y) for row, y in places if row.own is not None]
    intervals = [
        (scale.x(row.low), y, scale.x(row.high), y)
        for row, y in places
        if row.low is not None and row.high is not None
    ]
    yield _everyone(everyone, theme)
    yield from _both([(scale.x(row.both), y) for row, y in places], intervals, theme)
    yield _own(own, theme)


def _both(points: Sequence[Point], intervals: Sequence[Segment], theme: Theme) -> list[Layer]:
    colour = theme.verdicts[CLEAR]
    return [
        lines_of(intervals, color=colour, strokeWidth=2.5, strokeCap="round"),
        marks_of(points, shape="circle", filled=True, size=60, opacity=1, color=colour),
    ]


def _own(points: Sequence[Point], theme: Theme) -> Layer:
    colour = theme.verdicts[LEANING]
    return marks_of(
        points, shape="diamond", filled=False, size=150, strokeWidth=2, opacity=1, color=colour
    )


def _everyone(points: Sequence[Point], theme: Theme) -> Layer:
    strokes = [(x, y - 9, x, y + 9) for x, y in points]
    return lines_of(strokes, color=theme.text, strokeWidth=2.5)


def rate_figure(
    rate: Rate, interval: OwnRate | None, spread: RateQuartiles, theme: str, *, simulated: bool
) -> bytes:
    """Draw a creator's rate above the middle half of the others' as SVG bytes."""
    colours = COLOURS[theme]
    most = 1.08 * max(spread.high, rate.per_1000, *([interval.high] if interval else []))
    step = next(s for s in _steps() if most / s <= 5)

    def x(value: float) -> float:
        return round(EDGE + (WIDTH - 2 * EDGE - 8) * value / most, 1)

    top = 28.0 if simulated else 10.0
    ticks = [n * step for n in range(int(most / step) + 1)]
    ends = [(x(interval.low), top + 22, x(interval.high), top + 22)] if interval else []
    band = [(x(spread.low), top + 72, x(spread.high), top + 72)]
    middle = [(x(spread.middle), top + 62, x(spread.middle), top + 82)]
    layers = [
        lines_of(
            [(x(t), top + y, x(t), top + y + 20) for t in ticks for y in (12, 62)],
            color=colours.grid,
        ),
        _texts([(0.0, top + 2, "You, with the 95 % range")], colours),
        *_both([(x(rate.per_1000), top + 22)], ends, colours),
        _texts([(0.0, top + 50, "The middle half of the others")], colours),
        lines_of(band, color=colours.line, strokeWidth=12, opacity=0.45),
        lines_of(middle, color=colours.text, strokeWidth=2.5),
        _texts([(x(t), top + 100, f"{t:g}") for t in ticks], colours, align="center"),
    ]
    if simulated:
        layers.append(_texts([(0.0, 10, SIMULATED)], colours, fontWeight="bold"))
    return svg(layers, WIDTH, top + 112)


def _steps() -> Iterator[float]:
    """1, 2 and 5 at every power of ten, from small to large."""
    return (float(f"{digit}e{power}") for power in range(-6, 7) for digit in (1, 2, 5))
