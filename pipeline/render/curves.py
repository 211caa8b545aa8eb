"""Specification curves as small multiples: a panel for each line, a dot for each analysis.

Hundreds of dots are one path a colour, in pixels, since a mark for each would be slow and heavy.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.findings import Answer, Findings
from pipeline.render.curve_marks import ESTIMATORS, PUBLISHED, dots, legend, mark
from pipeline.render.drawing import Layer, Point, lines_of, svg, texts_of
from pipeline.render.figures import THEMES, Theme, inside, simulated_title
from pipeline.render.lines import Line
from pipeline.render.sentences import holds, same_scale
from pipeline.robustness.choices import OF_2022, ZERO_TRAP
from pipeline.robustness.curve import Specification

COLUMNS, WIDTH, HEIGHT = 3, 246, 88  # of panels, and the pixels of one
LEFT, TOP, ACROSS, DOWN = 40, 66, 14, 48  # pixels before the panels, and between them
ROOM = 7  # places at the right edge, for the traps
LONGEST = 28  # letters of a name above its panel
WIDEST, NARROWEST = 8.0, 1.15  # ratios that a panel reaches at most, and at least
MOST_OF = 0.95  # of the estimates are within the panels, at least
# The farthest ratio of a panel → its ticks, beside 1.
TICKS = ((4.2, (4, 2)), (2.1, (2,)), (1.55, (1.5,)), (1.3, (1.25,)), (1.21, (1.2,)), (0.0, (1.1,)))


@dataclass(frozen=True, slots=True)
class Panel:
    """Where one line is drawn: its left and top in pixels, and what a place and a ratio are."""

    line: Line
    left: float
    top: float
    step: float  # pixels a place
    reach: float  # the ratio at the upper edge

    def x(self, place: float) -> float:
        """The pixel of a place."""
        return round(self.left + (place + 0.5) * self.step, 1)

    def y(self, ratio: float) -> float:
        """The pixel of a ratio; what is beyond the panel is at its edge."""
        share = max(-1.0, min(1.0, math.log(ratio) / math.log(self.reach)))
        return round(self.top + HEIGHT / 2 * (1 - share), 1)


def curves(findings: Findings, answer: Answer, lines: Sequence[Line], theme: str) -> bytes | None:
    """Draw a question's analyses as SVG bytes; None where there is nothing to draw."""
    drawn = [line for line in lines if line.is_drawn]
    if not drawn:
        return None
    reach = _reach(drawn)
    places = max(sum(not row.trap for row in _told(line)) for line in drawn)
    panels = [
        Panel(
            line,
            LEFT + (number % COLUMNS) * (WIDTH + ACROSS),
            TOP + DOWN // 2 + (number // COLUMNS) * (HEIGHT + DOWN),
            WIDTH / (places + ROOM),
            reach,
        )
        for number, line in enumerate(drawn)
    ]
    colours = THEMES[theme]
    height = panels[-1].top + HEIGHT + 8
    layers = [*_frames(panels, colours), *_analyses(panels, places, colours)]
    layers += [
        *legend(_names(drawn), LEFT + 6.0, TOP - 16.0, colours),
        *_words(findings, answer, panels, colours),
    ]
    return svg(layers, LEFT + COLUMNS * (WIDTH + ACROSS) - ACROSS + 2, height)


def _told(line: Line) -> list[Specification]:
    return [row for row in line.rows if row.estimate is not None]


def _names(lines: Sequence[Line]) -> set[str]:
    """The estimators and traps that are drawn."""
    return {PUBLISHED} | {row.trap or row.estimator for line in lines for row in _told(line)}


def _ratio(line: Line, log_ratio: float | None) -> float | None:
    return inside(line.variable.ratio(log_ratio))


def _reach(lines: Sequence[Line]) -> float:
    """The farthest ratio, either way, of nearly all: a few wild analyses are drawn at the edge."""
    found = sorted(
        max(ratio, 1 / ratio)
        for line in lines
        for row in _told(line)
        if same_scale(row, line.rows[0]) and (ratio := _ratio(line, row.estimate))
    )
    most = found[math.ceil(MOST_OF * len(found)) - 1]
    return 1.1 * min(max(NARROWEST, most), WIDEST)


def _ticks(reach: float) -> tuple[float, ...]:
    above = next(ticks for least, ticks in TICKS if reach > least)
    return (*above, 1.0, *(1 / tick for tick in above))


def _frames(panels: Sequence[Panel], theme: Theme) -> list[Layer]:
    """The grid of each panel, and the line at no difference."""
    grid = [
        (panel.left, panel.y(tick), panel.left + WIDTH, panel.y(tick))
        for panel in panels
        for tick in _ticks(panel.reach)
        if tick != 1
    ]
    none = [(panel.left, panel.y(1), panel.left + WIDTH, panel.y(1)) for panel in panels]
    return [
        lines_of(grid, color=theme.grid, strokeWidth=1),
        lines_of(none, color=theme.line, strokeWidth=1, strokeDash=[4, 3]),
    ]


def _analyses(panels: Sequence[Panel], places: int, theme: Theme) -> list[Layer]:
    """The intervals, the dots by estimator, the published one ringed, and the traps."""
    placed = [(panel, *each) for panel in panels for each in _placed(panel.line, places)]
    intervals = [
        (panel.x(place), panel.y(low), panel.x(place), panel.y(high))
        for panel, row, place, _ in placed
        if (low := _ratio(panel.line, row.ci_low)) and (high := _ratio(panel.line, row.ci_high))
    ]
    layers = [
        lines_of(
            intervals, color=theme.line, opacity=0.18, strokeWidth=round(panels[0].step * 0.86, 1)
        )
    ]
    for estimator in reversed(ESTIMATORS):
        points = [
            (panel.x(place), panel.y(ratio))
            for panel, row, place, ratio in placed
            if row.estimator == estimator and not row.trap
        ]
        layers.append(dots(points, estimator, theme))
    marks: dict[str, list[Point]] = {name: [] for name in (PUBLISHED, ZERO_TRAP, OF_2022)}
    for panel, row, place, ratio in placed:
        if row.trap or row.analysis == 0:
            marks[row.trap or PUBLISHED].append((panel.x(place), panel.y(ratio)))
    return layers + [mark(points, name, theme) for name, points in marks.items()]


def _placed(line: Line, places: int) -> Iterable[tuple[Specification, int, float]]:
    """Give each analysis its place: in the order of what is drawn, and the traps at the end."""
    rows = [(row, _ratio(line, row.estimate) or 1.0) for row in _told(line)]
    inner = [pair for pair in rows if not pair[0].trap]
    inner.sort(key=lambda pair: (pair[1], pair[0].analysis))
    yield from ((row, place, ratio) for place, (row, ratio) in enumerate(inner))
    at = {ZERO_TRAP: places + 2, OF_2022: places + 5}
    yield from ((row, at[row.trap], ratio) for row, ratio in rows if row.trap)


def _words(
    findings: Findings, answer: Answer, panels: Sequence[Panel], theme: Theme
) -> list[Layer]:
    """The heading, each line's name and in how many analyses its sign holds, the ticks."""
    simulated = simulated_title(findings, has_truth=False)
    said = f"Ratio of {answer.question.counts}, from the lowest analysis to the highest"
    names = [(p.left, p.top - 14, _short(p.line.name)) for p in panels]
    counts = [
        (p.left + WIDTH, p.top - 14, f"{holding.same} of {holding.told}")
        for p in panels
        if (holding := holds(p.line.rows)) and holding.told
    ]
    ticks = [
        (LEFT - 6.0, p.y(tick), f"{tick:g}" if tick >= 1 else f"1/{1 / tick:g}")
        for p in panels[::COLUMNS]
        for tick in _ticks(p.reach)
    ]
    return [
        texts_of([(LEFT, 12, ". ".join(filter(None, (simulated, said))))], color=theme.text),
        texts_of([(LEFT, 30, COUNTED)], color=theme.line, fontSize=12),
        texts_of(names, color=theme.text, fontSize=12, fontWeight="bold"),
        texts_of(counts, color=theme.line, fontSize=11, align="right"),
        texts_of(ticks, color=theme.text, fontSize=11, align="right"),
    ]


COUNTED = (
    "Right above a panel: in how many other analyses that can tell the sign holds."
    " A dot at an edge lies beyond it"
)


def _short(name: str) -> str:
    return name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"
