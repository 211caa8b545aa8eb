"""Names beside their marks, none of which touches another: as many as there is room for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Point = tuple[float, float]
Segment = tuple[float, float, float, float]  # from x, y to x, y

LETTER, LINE, DOT = 6.9, 14, 6  # pixels of a letter and a line of a name, and of half a mark
NEAR = (8, 15, 24, 34, 46, 60)  # pixels from a mark to its name
FAR = 10  # pixels, beyond which a line leads there
SIDES = ((1, 0), (-1, 0), (0, -1), (0, 1), (1, -1), (1, 1), (-1, -1), (-1, 1))  # of a mark

ALIGN = {1: "left", 0: "center", -1: "right"}  # of a name on each side


@dataclass(frozen=True, slots=True)
class Box:
    """A part of a sheet, in pixels."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Box") -> bool:
        """Return whether the two overlap."""
        beside = self.right <= other.left or other.right <= self.left
        return not (beside or self.bottom <= other.top or other.bottom <= self.top)

    def holds(self, other: "Box") -> bool:
        """Return whether another is within."""
        across = self.left <= other.left and other.right <= self.right
        return across and self.top <= other.top and other.bottom <= self.bottom

    def is_crossed(self, by: Segment) -> bool:
        """Return whether a segment runs through it (Liang & Barsky 1984)."""
        x, y, to_x, to_y = by
        enter, leave = 0.0, 1.0
        for start, step, low, high in (
            (x, to_x - x, self.left, self.right),
            (y, to_y - y, self.top, self.bottom),
        ):
            if step:
                first, last = sorted(((low - start) / step, (high - start) / step))
                enter, leave = max(enter, first), min(leave, last)
            elif not low < start < high:
                return False
        return enter < leave


@dataclass(frozen=True, slots=True)
class Placed:
    """A name, the box that it fills from the side of its mark, and the line that leads to it."""

    name: str
    box: Box
    align: str  # "left" where it is to the right of its mark
    lead: Segment | None

    @property
    def at(self) -> tuple[float, float, str]:
        """Where to write it, by its alignment: the middle of that side of its box."""
        sides = {"left": self.box.left, "right": self.box.right}
        x = sides.get(self.align, (self.box.left + self.box.right) / 2)
        return round(x, 1), round((self.box.top + self.box.bottom) / 2, 1), self.name


def placed(
    names: Sequence[tuple[str, Point]], sheet: Box, taken: Sequence[Box]
) -> tuple[Placed, ...]:
    """Place names beside their points, the first first; those without room are left out.

    No name touches another, a point or what is taken, and no line that leads to one crosses one.
    """
    full = [*taken, *(Box(x - DOT, y - DOT, x + DOT, y + DOT) for _, (x, y) in names)]
    labels: list[Placed] = []
    for name, point in names:
        for far, align, box in _spots(point, LETTER * len(name)):
            spot = Placed(name, box, align, _lead(point, box) if far > FAR else None)
            if sheet.holds(box) and not any(box.meets(o) for o in full) and _is_free(spot, labels):
                full.append(box)
                labels.append(spot)
                break
    return tuple(labels)


def _is_free(spot: Placed, labels: Sequence[Placed]) -> bool:
    """Return whether no line that leads to a name crosses another name."""
    return not any(
        (each.lead and spot.box.is_crossed(each.lead))
        or (spot.lead and each.box.is_crossed(spot.lead))
        for each in labels
    )


def _spots(point: Point, wide: float) -> Iterator[tuple[int, str, Box]]:
    """Boxes for a name around its mark, the nearest first."""
    for far in NEAR:
        for across, down in SIDES:
            left = point[0] + {1: far, 0: -wide / 2, -1: -far - wide}[across]
            middle = point[1] + down * (far if across else far + LINE / 2)
            yield far, ALIGN[across], Box(left, middle - LINE / 2, left + wide, middle + LINE / 2)


def _lead(point: Point, box: Box) -> Segment:
    """A line from a mark to the nearest point of its name."""
    x = max(box.left, min(box.right, point[0]))
    y = max(box.top + 3, min(box.bottom - 3, point[1]))
    return (*point, round(x, 1), round(y, 1))
