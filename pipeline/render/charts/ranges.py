"""Ratios with their ranges, one below the other: names above the marks, as narrow as a phone."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.inference.verdicts import CANNOT_TELL, CLEAR
from pipeline.render.charts.curve_marks import CROSS
from pipeline.render.charts.svg import Layer, lines_of, marks_of, svg, texts_of
from pipeline.render.charts.theme import COLOURS, Theme

WIDTH, LEFT, STEP, HEADING, AXIS = 300, 8, 42, 22, 18  # pixels
MARKS, REST = 28, 9  # from the top of a row to its marks, and how far its grid goes up and down
LONGEST = 46  # letters of a name and the words at its right
WIDEST, NARROWEST = 8.0, 1.2  # ratios that the axis reaches for a bar at most, and at least
TICKS = ((5.0, (2, 4, 8)), (2.1, (1.5, 2, 3, 4)), (1.45, (1.25, 1.5, 2)), (0.0, (1.1, 1.2, 1.4)))


@dataclass(frozen=True, slots=True)
class RatioMark:
    """A ratio as it is drawn: a square if it is `firm`, a circle if not.

    `within` is the thick bar, `interval` the thin line; `crosses` are marked besides. `words` stand
    at the right of the name.
    """

    name: str
    ratio: float
    words: str = ""
    within: tuple[float, float] | None = None
    interval: tuple[float, float] | None = None
    crosses: tuple[float, ...] = ()
    firm: bool = True


@dataclass(frozen=True, slots=True)
class RangeScale:
    """The axis: logarithmic, and as far down as up."""

    reach: float

    def x(self, ratio: float) -> float:
        """The pixel of a ratio; what is beyond the axis is at its end."""
        share: float = max(-1.0, min(1.0, math.log(ratio) / math.log(self.reach)))
        return round(LEFT + WIDTH / 2 * (1 + share), 1)

    @property
    def ticks(self) -> tuple[float, ...]:
        """The ratios with a line."""
        above = next(ticks for least, ticks in TICKS if self.reach > least)
        kept = [tick for tick in above if tick <= self.reach]
        return (*(1 / tick for tick in reversed(kept)), 1.0, *kept)


def ranges(rows: Sequence[RatioMark], theme: str, title: str = "") -> bytes | None:
    """Draw rows as SVG bytes; None without any."""
    if not rows:
        return None
    colours, scale = COLOURS[theme], RangeScale(_reach(rows))
    top = 6 + (HEADING if title else 0)
    at = [(row, top + STEP * number) for number, row in enumerate(rows)]
    bottom = top + STEP * len(rows)
    layers = [
        *_grid(scale, [each for _, each in at], bottom, colours),
        texts_of([(LEFT, 8, title)] if title else [], color=colours.line, fontSize=12),
        *_bars(at, scale, colours),
        *_marks(at, scale, colours),
        *_words(at, colours),
    ]
    return svg(layers, WIDTH + 2 * LEFT, bottom + AXIS)


def _reach(rows: Sequence[RatioMark]) -> float:
    """As far as all bars, up to WIDEST; and in any case as far as each dot and cross."""
    marks = [ratio for row in rows for ratio in (row.ratio, *row.crosses)]
    bars = [ratio for row in rows for ratio in (*(row.within or ()), *(row.interval or ()))]
    far, bar = (max([1.0, *(max(x, 1 / x) for x in found)]) for found in (marks, bars))
    return 1.04 * max(NARROWEST, far, min(bar, WIDEST))


def _grid(scale: RangeScale, tops: Sequence[float], bottom: float, theme: Theme) -> list[Layer]:
    """The lines behind the marks of each row, not behind its name."""
    grid, none = (
        [
            (scale.x(tick), top + MARKS - REST, scale.x(tick), top + MARKS + REST)
            for top in tops
            for tick in ticks
        ]
        for ticks in ([t for t in scale.ticks if t != 1], [1.0])
    )
    words = [
        (scale.x(tick), bottom + 9, f"{tick:g}" if tick >= 1 else f"1/{1 / tick:g}")
        for tick in scale.ticks
    ]
    return [
        lines_of(grid, color=theme.grid, strokeWidth=1),
        lines_of(none, color=theme.line, strokeWidth=1.2, strokeDash=[4, 3]),
        texts_of(words, color=theme.text, fontSize=12, align="center"),
    ]


Placed = Iterable[tuple[RatioMark, float]]


def _bars(rows: Placed, scale: RangeScale, theme: Theme) -> list[Layer]:
    thin, thick = (
        [
            (scale.x(ends[0]), top + MARKS, scale.x(ends[1]), top + MARKS)
            for ends, top in each
            if ends is not None
        ]
        for each in (
            [(row.interval, top) for row, top in rows],
            [(row.within, top) for row, top in rows],
        )
    )
    return [
        lines_of(thin, color=theme.line, strokeWidth=1.6),
        lines_of(thick, color=theme.line, strokeWidth=7, strokeCap="round", opacity=0.45),
    ]


def _marks(rows: Placed, scale: RangeScale, theme: Theme) -> list[Layer]:
    firm, soft = (
        [(scale.x(row.ratio), top + MARKS) for row, top in rows if row.firm == firm]
        for firm in (True, False)
    )
    crosses = [(scale.x(ratio), top + MARKS) for row, top in rows for ratio in row.crosses]
    look = {"filled": True, "opacity": 1}
    return [
        marks_of(firm, shape="square", size=72, color=theme.verdicts[CLEAR], **look),
        marks_of(soft, shape="circle", size=72, color=theme.verdicts[CANNOT_TELL], **look),
        marks_of(crosses, shape=CROSS, size=50, color=theme.text, strokeWidth=1.8, opacity=1),
    ]


def _words(rows: Placed, theme: Theme) -> list[Layer]:
    names = [(LEFT, top + 11, _short(row)) for row, top in rows]
    words = [(LEFT + WIDTH, top + 11, row.words) for row, top in rows]
    return [
        texts_of(names, color=theme.text, fontSize=12),
        texts_of(words, color=theme.line, fontSize=12, align="right"),
    ]


def _short(row: RatioMark) -> str:
    room = LONGEST - len(row.words)
    return row.name if len(row.name) <= room else row.name[: room - 1] + "…"
