"""The marks of verdicts, told apart by shape, their legend, and the names of ratios on a scale."""

from collections.abc import Container, Sequence
from dataclasses import dataclass

from pipeline.inference.verdicts import CANNOT_TELL, TOO_FEW
from pipeline.render.charts.svg import Layer, Point, marks_of, texts_of
from pipeline.render.charts.theme import SHAPES, Theme

LINE, LETTER = 20, 6.9  # pixels of a line of the legend, and of one of its letters
SMALL = 22  # the size of a mark that has no name, and no shape of its own
FRACTIONS = {1 / 1.5: "⅔", 1 / 2: "½", 1 / 4: "¼", 1 / 8: "⅛"}


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above a chart, and the pixel of its last line."""

    layers: tuple[Layer, ...]
    bottom: float


def marks(points: Sequence[Point], verdict: str, theme: Theme) -> Layer:
    """Draw the mark of a verdict at each point."""
    turned = {"angle": 45} if verdict == TOO_FEW else {}
    look = {"shape": SHAPES[verdict], "size": 76, "filled": True, "opacity": 1, **turned}
    return marks_of(points, **look, color=theme.verdicts[verdict])


def dots(points: Sequence[Point], theme: Theme) -> Layer:
    """Draw small dots, for what is named elsewhere."""
    look = {"shape": "circle", "size": SMALL, "filled": True, "opacity": 0.75}
    return marks_of(points, **look, color=theme.verdicts[CANNOT_TELL])


def tick(ratio: float) -> str:
    """Name a ratio on a scale: "½", "same", "2 ×"."""
    if ratio == 1:
        return "same"
    return FRACTIONS.get(ratio) or (f"{ratio:g}\xa0×" if ratio > 1 else f"1/{1 / ratio:g}")


def head(title: str, verdicts: Container[str], width: float, theme: Theme) -> Head:
    """Write a title, if there is one, and name the marks, in lines of so many pixels."""
    layers = [texts_of([(0, 8, title)], color=theme.text)] if title else []
    x, y = 0.0, 8.0 + LINE * bool(title)
    for verdict in (each for each in SHAPES if each in verdicts):
        wide = 28 + LETTER * len(verdict)
        if x and x + wide > width:
            x, y = 0.0, y + LINE
        layers.append(marks([(x + 6, y)], verdict, theme))
        layers.append(texts_of([(x + 16, y, verdict)], color=theme.text))
        x += wide
    return Head(tuple(layers), y)
