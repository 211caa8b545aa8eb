"""A map of reach and conversion: a mark for each line, named where there is room for its name."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.inference.verdicts import CANNOT_TELL, CLEAR, LEANING, THIS_ACCOUNT, TOO_FEW
from pipeline.render.charts.label_placement import LINE, Box, Placed, placed
from pipeline.render.charts.svg import Layer, Point, Segment, lines_of, svg, texts_of
from pipeline.render.charts.theme import COLOURS, Theme
from pipeline.render.charts.verdict_marks import dots, head, marks, tick

WIDTH, LEFT, SIDE = 328, 38, 286  # pixels of the sheet, and of the square upon it
LEAST, FARTHEST, ROOM = 1.5, 16.0, 1.15  # ratios that the map reaches, and beyond the last mark
TICKS = (1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8)
ORDER = (CLEAR, LEANING, THIS_ACCOUNT, CANNOT_TELL, TOO_FEW)  # the last is drawn first
CORNERS = (  # right or left, top or bottom, and what is there
    (0, 0, ("fewer views,", "more viewers follow")),
    (1, 0, ("more views,", "more viewers follow")),
    (0, 1, ("fewer views,", "fewer viewers follow")),
    (1, 1, ("more views,", "fewer viewers follow")),
)
TOLD = (CLEAR, LEANING)  # the verdicts that have a name and a cross each
OTHERS, SMALL = 4, 3  # of the others the farthest have a name, the rest a dot of so many pixels
Ends = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Place:
    """One line on the map, in ratios: views, and followers per 1,000 views.

    `verdict` is the shape of its mark. Intervals are drawn of what is clear or leaning.
    """

    name: str
    verdict: str
    reach: float
    conversion: float
    reach_ends: Ends | None = None
    conversion_ends: Ends | None = None


@dataclass(frozen=True, slots=True)
class Square:
    """Where the map lies: its top in pixels, and the ratio at its right and upper edges."""

    top: float
    reach: float

    def at(self, across: float, up: float) -> Point:
        """The pixels of two ratios; what is beyond the map is at its edge."""
        x, y = (
            (1 + max(-1.0, min(1.0, math.log(each) / math.log(self.reach)))) / 2
            for each in (across, up)
        )
        return round(LEFT + SIDE * x, 1), round(self.top + SIDE * (1 - y), 1)

    @property
    def ticks(self) -> list[float]:
        """The ratios to name, on both sides."""
        beside = (1 / 1.5, 1.5) if self.reach < 2.8 else ()
        return [tick for tick in (*TICKS, *beside) if 1 / self.reach < tick < self.reach]


def reach_map(places: Sequence[Place], theme: str, title: str = "") -> bytes | None:
    """Draw the map as SVG bytes; None without a place."""
    if not places:
        return None
    colours = COLOURS[theme]
    called = _called(places)
    above = head(title, [each.verdict for each in called], WIDTH, colours)
    square = Square(above.bottom + 72, _reach(places))
    names = _placed(places, square)
    leads = [each.lead for each in names if each.lead]
    layers = [
        *_frame(square, colours),
        *_crosses(places, square, colours),
        lines_of(leads, color=colours.line, strokeWidth=0.8, opacity=1),
        *_marks(places, square, colours),
        *(
            texts_of(
                [each.at for each in names if each.align == side],
                color=colours.text,
                fontSize=12,
                align=side,
            )
            for side in ("left", "center", "right")
        ),
    ]
    return svg([*above.layers, *layers], WIDTH, square.top + SIDE + 78)


def named(places: Sequence[Place]) -> frozenset[str]:
    """Tell for which names there is room."""
    found = _placed(places, Square(0, _reach(places))) if places else ()
    return frozenset(each.name for each in found)


def _called(places: Sequence[Place]) -> list[Place]:
    """Choose what has a shape and a name: the told, and of the others the farthest few."""
    ordered = sorted(places, key=_rank)
    told = sum(each.verdict in TOLD for each in ordered)
    return ordered[: told + OTHERS]


def _reach(places: Sequence[Place]) -> float:
    """How far the map goes either way, so that every mark is on it."""
    ratios = [ratio for each in places for ratio in (each.reach, each.conversion)]
    farthest = max(max(ratio, 1 / ratio) for ratio in ratios)
    return min(max(LEAST, farthest * ROOM), FARTHEST)


def _frame(square: Square, theme: Theme) -> list[Layer]:
    """The grid, what the ratios are, and what the corners mean."""
    low, high = 1 / square.reach, square.reach
    grid: list[Segment] = [
        segment
        for each in square.ticks
        for segment in (
            (*square.at(each, low), *square.at(each, high)),
            (*square.at(low, each), *square.at(high, each)),
        )
    ]
    none = [(*square.at(1, low), *square.at(1, high)), (*square.at(low, 1), *square.at(high, 1))]
    below = [(square.at(each, low)[0], square.top + SIDE + 12, tick(each)) for each in square.ticks]
    beside = [(LEFT - 6.0, square.at(low, each)[1], tick(each)) for each in square.ticks]
    up = (0, square.top - 44, "↑ followers per 1,000 views")
    return [
        texts_of([up], color=theme.text),
        lines_of(grid, color=theme.grid, strokeWidth=1),
        lines_of(none, color=theme.line, strokeWidth=1, opacity=0.7),
        lines_of([(*square.at(low, high), *square.at(high, low))], **SAME, color=theme.line),
        texts_of(below, color=theme.line, fontSize=12, align="center"),
        texts_of(beside, color=theme.line, fontSize=12, align="right"),
        texts_of(
            [(WIDTH - 4.0, square.top + SIDE + 64, "views →")],
            color=theme.text,
            align="right",
        ),
        *_corners(square, theme),
    ]


SAME = {"strokeWidth": 1, "strokeDash": [2, 4]}  # the line on which both make up for each other


def _corners(square: Square, theme: Theme) -> list[Layer]:
    """What the corners mean, above and below them."""
    layers = []
    for right, bottom, words in CORNERS:
        y = square.top + (SIDE + 30 if bottom else -24)
        said = [(float(LEFT + SIDE * right), y + LINE * n, word) for n, word in enumerate(words)]
        look = {"fontSize": 12, "fontStyle": "italic", "align": "right" if right else "left"}
        layers.append(texts_of(said, color=theme.line, **look))
    return layers


def _crosses(places: Sequence[Place], square: Square, theme: Theme) -> list[Layer]:
    """The intervals of what is told, both ways."""
    layers = []
    for verdict in TOLD:
        segments: list[Segment] = []
        for each in places:
            if each.verdict != verdict:
                continue
            if each.reach_ends:
                left, right = (square.at(end, each.conversion) for end in each.reach_ends)
                segments.append((*left, *right))
            if each.conversion_ends:
                low, high = (square.at(each.reach, end) for end in each.conversion_ends)
                segments.append((*low, *high))
        layers.append(
            lines_of(segments, color=theme.verdicts[verdict], strokeWidth=1.5, opacity=0.4)
        )
    return layers


def _marks(places: Sequence[Place], square: Square, theme: Theme) -> list[Layer]:
    """The shapes of what has a name, over the dots of the rest."""
    called = _called(places)
    rest = [_at(each, square) for each in places if each not in called]
    of = {verdict: [_at(p, square) for p in called if p.verdict == verdict] for verdict in ORDER}
    shapes = [marks(of[verdict], verdict, theme) for verdict in reversed(ORDER)]
    return [dots(rest, theme), *shapes]


def _at(place: Place, square: Square) -> Point:
    return square.at(place.reach, place.conversion)


def _placed(places: Sequence[Place], square: Square) -> tuple[Placed, ...]:
    """Name the marks: the told first, then the farthest."""
    called = _called(places)
    names = [(each.name, _at(each, square)) for each in called]
    small = [_at(each, square) for each in places if each not in called]
    taken = [Box(x - SMALL, y - SMALL, x + SMALL, y + SMALL) for x, y in small]
    sheet = Box(LEFT, square.top, LEFT + SIDE, square.top + SIDE)
    return placed(names, sheet, taken)


def _rank(place: Place) -> tuple[int, float]:
    """The clear first, then the leaning, then the rest; within each the farthest first."""
    far = math.hypot(math.log(place.reach), math.log(place.conversion))
    told = TOLD.index(place.verdict) if place.verdict in TOLD else len(TOLD)
    return told, -far
