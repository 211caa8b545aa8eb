"""How the analyses of a curve look: dots by estimator, the published one, the traps, a legend."""

import math
from collections.abc import Container, Iterator, Sequence

from pipeline.render.drawing import Layer, Point, Segment, lines_of, marks_of, texts_of
from pipeline.render.figures import Theme
from pipeline.robustness.choices import LOG1P, NEGATIVE_BINOMIAL, OF_2022, POISSON, ZERO_TRAP
from pipeline.verdict import CLEAR, LEANING

CROSS = "M-1,-1L1,1M1,-1L-1,1"
RING, RING_SIZE, TRAP_SIZE = "circle", 90, 46
ESTIMATORS = (POISSON, NEGATIVE_BINOMIAL, LOG1P)
PUBLISHED = "published"
ROW = 20.0  # pixels from a row of the legend to the next
LEGEND = {
    POISSON: POISSON, NEGATIVE_BINOMIAL: NEGATIVE_BINOMIAL, LOG1P: "log(1 + count)",
    PUBLISHED: PUBLISHED, ZERO_TRAP: "blanks as zeros", OF_2022: OF_2022,
}  # fmt: skip


def dots(points: Sequence[Point], estimator: str, theme: Theme) -> Layer:
    """Draw round, square or upright dots: estimators are told apart without colour, too."""
    half = 3.5 if estimator == LOG1P else 0.0
    segments: list[Segment] = [(x, y - half, x, y + half) for x, y in points]
    cap, width = {POISSON: ("round", 4.6), NEGATIVE_BINOMIAL: ("square", 3.8)}.get(
        estimator, ("butt", 2.0)
    )
    return lines_of(
        segments, color=_colour(estimator, theme), strokeCap=cap, strokeWidth=width, opacity=1
    )


def _colour(estimator: str, theme: Theme) -> str:
    colours = {POISSON: theme.verdicts[CLEAR], NEGATIVE_BINOMIAL: theme.verdicts[LEANING]}
    return colours.get(estimator, theme.truth)


def mark(points: Sequence[Point], name: str, theme: Theme) -> Layer:
    """Ring the published analyses, or mark a trap, by its name in the legend."""
    shape = {ZERO_TRAP: CROSS, OF_2022: "diamond"}.get(name, RING)
    size = RING_SIZE if shape == RING else TRAP_SIZE
    return marks_of(points, shape=shape, size=size, color=theme.text, strokeWidth=1.6, opacity=1)


def legend(
    names: Container[str], left: float, y: float, theme: Theme, right: float = math.inf
) -> list[Layer]:
    """Name the marks that there are, in one row above the panels, or in as many as it takes."""
    layers, words = [], []
    for name, x, row in _laid(names, left, right):
        at = (x, y + ROW * row)
        layers.append((dots if name in ESTIMATORS else mark)([at], name, theme))
        words.append((x + 10, at[1], LEGEND[name]))
    return [*layers, texts_of(words, color=theme.text, fontSize=12)]


def rows_of(names: Container[str], left: float, right: float) -> int:
    """Count the rows of a legend."""
    return max((row for _, _, row in _laid(names, left, right)), default=-1) + 1


def _laid(names: Container[str], left: float, right: float) -> Iterator[tuple[str, float, int]]:
    """Give each mark that there is its pixel and its row."""
    x, row = left, 0
    for name, said in LEGEND.items():
        if name not in names:
            continue
        if x + 10 + 6.1 * len(said) > right:
            x, row = left, row + 1
        yield name, x, row
        x += 36 + 6.1 * len(said)
