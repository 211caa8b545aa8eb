"""The marks of verdicts on a chart, told apart by shape, and the legend that names them."""

from collections.abc import Container, Sequence
from dataclasses import dataclass

from pipeline.render.drawing import Layer, Point, marks_of, texts_of
from pipeline.render.figures import SHAPES, Theme
from pipeline.verdict import TOO_FEW

LINE, LETTER = 20, 6.9  # pixels of a line of the legend, and of one of its letters


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
