"""The estimates as a forest plot: names above the marks, so that it fits a phone."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.inference.estimates import Estimate
from pipeline.inference.results import Answer, Results
from pipeline.model.variables import Variable
from pipeline.render.charts.svg import Layer, Segment, lines_of, marks_of, svg, texts_of
from pipeline.render.charts.theme import COLOURS, SHAPES, Theme, shown, simulated_title
from pipeline.render.charts.verdict_marks import head, marks, tick
from pipeline.render.text.numbers import ratio

WIDTH, LEFT, RIGHT = 328, 18, 310  # pixels of the sheet, and between them the scale
SIDE = 2  # pixels from the edges of the sheet to the words
ROW, NAME, MARK = 46, 8, 22  # pixels of a row, and in it of its name and its mark
TALL = 7  # pixels of the grid above and below a mark, which leaves the names alone
LONGEST = 27  # letters of a name
REACHES = (2.0, 4.0, 8.0, 16.0)  # how far the scale may go, either way
INSIDE = 0.8  # of the ends of the intervals are on it, at least: others have an arrow


@dataclass(frozen=True, slots=True)
class RatioScale:
    """A scale of ratios on a log, from 1 / reach to reach."""

    reach: float

    def x(self, value: float) -> float:
        """The pixel of a ratio; what is beyond the scale is at its edge."""
        share = math.log(value) / math.log(self.reach)
        share = max(-1.0, min(1.0, share))
        return round(LEFT + (RIGHT - LEFT) * (1 + share) / 2, 1)

    @property
    def ticks(self) -> list[float]:
        """Ratios to name: doublings, or half of them where there is room for few."""
        step = 4.0 if self.reach > 8 else 2.0
        most = round(math.log(self.reach, step))
        return [step**power for power in range(-most, most + 1)]


def forest(
    findings: Results, answer: Answer, theme: str, names: Mapping[Variable, str] | None = None
) -> bytes | None:
    """Draw a question's estimates as SVG bytes; None where there is nothing to draw.

    `names` are those of the lines, where they are not to be called as in the tables.
    """
    lines = sorted(shown(answer), key=_rank)
    if not lines:
        return None
    colours, scale = COLOURS[theme], _scale(lines)
    truths = [line.ratio(findings.planted(answer.question, line.variable)) for line in lines]
    title = simulated_title(findings, has_truth=any(truths))
    above = head(title, [line.verdict for line in lines], WIDTH, colours)
    top = above.bottom + 62
    called = [(names or {}).get(line.variable) or line.variable.label for line in lines]
    layers = [
        *above.layers,
        *_axis(scale, top, len(lines), colours, answer.question.counts),
        *_words(lines, called, top, colours),
        *_intervals(lines, scale, top, colours),
        *_points(lines, scale, top, colours),
        _diamonds(truths, scale, top, colours),
    ]
    return svg(layers, WIDTH, top + ROW * len(lines) + 28)


def _rank(line: Estimate) -> tuple[int, float]:
    """Put the surest verdict first, and within one the largest ratio."""
    return list(SHAPES).index(line.verdict), -_log_ratio(line)


def _log_ratio(line: Estimate) -> float:
    return math.log(line.ratio(line.estimate) or 1.0)


def _scale(lines: Sequence[Estimate]) -> RatioScale:
    """The shortest scale that has every point and most ends of intervals."""
    points = [_size(line, line.estimate) for line in lines]
    ends = sorted(_size(line, end) for line in lines for end in _ends(line))
    most = max(points + ends[: math.ceil(INSIDE * len(ends))])
    return RatioScale(next((reach for reach in REACHES if reach >= math.exp(most)), REACHES[-1]))


def _size(line: Estimate, log_ratio: float | None) -> float:
    """How far a ratio is from none, on its log."""
    return abs(math.log(line.ratio(log_ratio) or 1.0))


def _ends(line: Estimate) -> tuple[float, ...]:
    return (
        (line.ci_low, line.ci_high) if line.ci_low is not None and line.ci_high is not None else ()
    )


def _middle(top: float, number: int) -> float:
    return top + ROW * number + MARK


def _axis(scale: RatioScale, top: float, lines: int, theme: Theme, counts: str) -> list[Layer]:
    """The grid, the line at no difference, and what the ratios are, above and below."""
    rows = [_middle(top, number) for number in range(lines)]
    strokes = [(t, (scale.x(t), y - TALL, scale.x(t), y + TALL)) for y in rows for t in scale.ticks]
    grid = [segment for tick, segment in strokes if tick != 1]
    none = [segment for tick, segment in strokes if tick == 1]
    bottom = top + ROW * lines
    ticks = [(scale.x(t), y, tick(t)) for y in (top - 14, bottom + 14) for t in _named(scale.ticks)]
    sides = [(SIDE, top - 34.0, f"← fewer {counts}"), (WIDTH - SIDE, top - 34.0, "more →")]
    return [
        lines_of(grid, color=theme.grid, strokeWidth=1),
        lines_of(none, color=theme.line, strokeWidth=1.2),
        texts_of(ticks, color=theme.line, fontSize=12, align="center"),
        texts_of(sides[:1], color=theme.text),
        texts_of(sides[1:], color=theme.text, align="right"),
    ]


def _named(ticks: Sequence[float]) -> list[float]:
    """Leave out names that would touch the next."""
    return [tick for tick in ticks if len(ticks) <= 7 or tick >= 0.2]


def _words(
    lines: Sequence[Estimate], called: Sequence[str], top: float, theme: Theme
) -> list[Layer]:
    """Each line's name at the left, and its ratio with its interval at the right."""
    names, said = [], []
    for number, (line, name) in enumerate(zip(lines, called, strict=True)):
        y = top + ROW * number + NAME
        names.append((SIDE, y, _cut(name)))
        inside = [ratio(line.ratio(end)) for end in _ends(line)]
        between = f" ({' to '.join(inside)})" if inside else ""
        said.append((WIDTH - SIDE, y, ratio(line.ratio(line.estimate)) + between))
    return [
        texts_of(names, color=theme.text),
        texts_of(said, color=theme.line, fontSize=12, align="right"),
    ]


def _cut(name: str) -> str:
    """Shorten a name that would run into its ratio."""
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"


def _intervals(
    lines: Sequence[Estimate], scale: RatioScale, top: float, theme: Theme
) -> list[Layer]:
    """A bar for each interval, and an arrow where it leaves the scale."""
    layers = []
    for verdict, colour in theme.verdicts.items():
        bars: list[Segment] = []
        arrows: dict[str, list[tuple[float, float]]] = {"triangle-left": [], "triangle-right": []}
        for number, line in enumerate(lines):
            ends = [line.ratio(end) or 1.0 for end in _ends(line)]
            if line.verdict != verdict or not ends:
                continue
            y = _middle(top, number)
            bars.append((scale.x(ends[0]), y, scale.x(ends[1]), y))
            if ends[0] < 1 / scale.reach:
                arrows["triangle-left"].append((LEFT, y))
            if ends[1] > scale.reach:
                arrows["triangle-right"].append((RIGHT, y))
        layers.append(lines_of(bars, color=colour, strokeWidth=2, opacity=1))
        for shape, points in arrows.items():
            layers.append(
                marks_of(points, shape=shape, size=64, filled=True, opacity=1, color=colour)
            )
    return layers


def _points(lines: Sequence[Estimate], scale: RatioScale, top: float, theme: Theme) -> list[Layer]:
    """The estimates, with the shape of their verdict."""
    placed = [
        (line.verdict, (scale.x(line.ratio(line.estimate) or 1.0), _middle(top, number)))
        for number, line in enumerate(lines)
    ]
    return [marks([at for own, at in placed if own == each], each, theme) for each in SHAPES]


def _diamonds(truths: Sequence[float | None], scale: RatioScale, top: float, theme: Theme) -> Layer:
    """The planted effects of simulated creators."""
    points = [(scale.x(t), _middle(top, n)) for n, t in enumerate(truths) if t]
    return marks_of(
        points,
        shape="diamond",
        size=70,
        filled=False,
        opacity=1,
        strokeWidth=1.6,
        color=theme.truth,
    )
