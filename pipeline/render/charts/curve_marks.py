"""How the analyses of a curve look: dots by estimator, the published one, the traps, a legend."""

from collections.abc import Container, Sequence
from dataclasses import dataclass

from pipeline.analysis.robustness.choices import (
    LOG1P,
    NEGATIVE_BINOMIAL,
    OF_2022,
    POISSON,
    ZERO_TRAP,
)
from pipeline.inference.verdicts import CLEAR, LEANING
from pipeline.render.charts.svg import Layer, Point, Segment, lines_of, marks_of, texts_of
from pipeline.render.charts.theme import Theme

CROSS = "M-1,-1L1,1M1,-1L-1,1"
RING, RING_SIZE, TRAP_SIZE = "circle", 90, 46
ESTIMATORS = (POISSON, NEGATIVE_BINOMIAL, LOG1P)
PUBLISHED = "published"
ROW = 20.0  # pixels from a row of the legend to the next
LEGEND = {
    POISSON: POISSON, NEGATIVE_BINOMIAL: NEGATIVE_BINOMIAL, LOG1P: "log(1 + count)",
    PUBLISHED: PUBLISHED, ZERO_TRAP: "blanks as zeros", OF_2022: OF_2022,
}  # fmt: skip
PLAIN = {  # in plain words → the marks
    "our way": (PUBLISHED,),
    "other ways": ESTIMATORS,
    "blanks as zeros": (ZERO_TRAP,),
    "as in 2022": (OF_2022,),
}
BESIDE = 13.0  # pixels between marks of one word


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


def legend(names: Container[str], left: float, y: float, theme: Theme) -> list[Layer]:
    """Name the marks that there are, in one row above the panels."""
    layers, words, x = [], [], left
    for name, said in LEGEND.items():
        if name in names:
            layers.append((dots if name in ESTIMATORS else mark)([(x, y)], name, theme))
            words.append((x + 10, y, said))
            x += 36 + 6.1 * len(said)
    return [*layers, texts_of(words, color=theme.text, fontSize=12)]


@dataclass(frozen=True, slots=True)
class Key:
    """What a legend in plain words says of marks that stand side by side, and where."""

    said: str
    names: tuple[str, ...]
    x: float
    row: int

    @property
    def end(self) -> float:
        """The pixel where its word begins."""
        return self.x + BESIDE * (len(self.names) - 1) + 10


def plain_legend(keys: Sequence[Key], y: float, theme: Theme) -> list[Layer]:
    """Draw a legend that does not tell kinds of regression apart; ours is a ringed dot."""
    layers = []
    for key in keys:
        places = [(key.x + BESIDE * n, y + ROW * key.row) for n in range(len(key.names))]
        layers += [dots(places, POISSON, theme)] if key.names == (PUBLISHED,) else []
        for name, at in zip(key.names, places, strict=True):
            layers.append((dots if name in ESTIMATORS else mark)([at], name, theme))
    words = [(key.end, y + ROW * key.row, key.said) for key in keys]
    return [*layers, texts_of(words, color=theme.text, fontSize=12)]


def keys_of(names: Container[str], left: float, right: float) -> list[Key]:
    """Lay out the legend in plain words of the marks that there are, in as many rows as it takes.

    >>> [key.said for key in keys_of({PUBLISHED, POISSON, ZERO_TRAP}, 0.0, 300.0)]
    ['our way', 'other ways', 'blanks as zeros']
    """
    keys: list[Key] = []
    x, row = left, 0
    for said, marks in PLAIN.items():
        if not (found := tuple(name for name in marks if name in names)):
            continue
        width = BESIDE * (len(found) - 1) + 10 + 6.1 * len(said)
        if x + width > right:
            x, row = left, row + 1
        keys.append(Key(said, found, x, row))
        x += width + 22
    return keys
