"""A panel of a specification curve: its scale, and where the analyses of a line stand in it."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.analysis.diagnostics.lines import AnalysedLine
from pipeline.analysis.robustness.choices import OF_2022, ZERO_TRAP
from pipeline.analysis.robustness.specification_curve import Specification
from pipeline.render.charts.curve_marks import ESTIMATORS, PUBLISHED, dots, mark
from pipeline.render.charts.svg import Layer, Point, lines_of
from pipeline.render.charts.theme import Theme, inside
from pipeline.render.diagnostics.sentences import same_scale

ROOM = 7  # places at the right edge, for the traps
WIDEST, NARROWEST = 8.0, 1.15  # ratios that a panel reaches at most, and at least
MOST_OF = 0.95  # of the estimates are within the panels, at least
# The farthest ratio of a panel → its ticks, beside 1.
TICKS = ((4.2, (4, 2)), (2.1, (2,)), (1.55, (1.5,)), (1.3, (1.25,)), (1.21, (1.2,)), (0.0, (1.1,)))


@dataclass(frozen=True, slots=True)
class Panel:
    """Where one line is drawn: its left and top in pixels, and what a place and a ratio are."""

    line: AnalysedLine
    left: float
    top: float
    width: float
    height: float
    step: float  # pixels a place
    reach: float  # the ratio at the upper edge

    def x(self, place: float) -> float:
        """The pixel of a place."""
        return round(self.left + (place + 0.5) * self.step, 1)

    def y(self, ratio: float) -> float:
        """The pixel of a ratio; what is beyond the panel is at its edge."""
        share = max(-1.0, min(1.0, math.log(ratio) / math.log(self.reach)))
        return round(self.top + self.height / 2 * (1 - share), 1)

    @property
    def right(self) -> float:
        """The pixel at its right edge."""
        return self.left + self.width


def places_of(lines: Sequence[AnalysedLine]) -> int:
    """The places that panels of these lines need, the traps apart."""
    return max(sum(not row.trap for row in _told(line)) for line in lines)


def _told(line: AnalysedLine) -> list[Specification]:
    return [row for row in line.rows if row.estimate is not None]


def names_of(lines: Sequence[AnalysedLine]) -> set[str]:
    """The estimators and traps that are drawn."""
    return {PUBLISHED} | {row.trap or row.estimator for line in lines for row in _told(line)}


def _ratio(line: AnalysedLine, log_ratio: float | None) -> float | None:
    return inside(line.variable.ratio(log_ratio))


def reach_of(lines: Sequence[AnalysedLine]) -> float:
    """The farthest ratio, either way, of nearly all: a few wild analyses are drawn at the edge."""
    found = sorted(
        max(ratio, 1 / ratio)
        for line in lines
        for row in _told(line)
        if same_scale(row, line.rows[0]) and (ratio := _ratio(line, row.estimate))
    )
    most = found[math.ceil(MOST_OF * len(found)) - 1]
    return 1.1 * min(max(NARROWEST, most), WIDEST)


def farthest(lines: Sequence[AnalysedLine]) -> float:
    """The farthest ratio, either way, of all that is a dot or a mark: none is at the edge."""
    found = [
        max(ratio, 1 / ratio)
        for line in lines
        for row in _told(line)
        if (ratio := _ratio(line, row.estimate))
    ]
    return 1.1 * max(NARROWEST, *found)


def _ticks(reach: float) -> tuple[float, ...]:
    above = next(ticks for least, ticks in TICKS if reach > least)
    return (*above, 1.0, *(1 / tick for tick in above))


def frames(panels: Sequence[Panel], theme: Theme) -> list[Layer]:
    """The grid of each panel, and the line at no difference."""
    grid = [
        (panel.left, panel.y(tick), panel.right, panel.y(tick))
        for panel in panels
        for tick in _ticks(panel.reach)
        if tick != 1
    ]
    none = [(panel.left, panel.y(1), panel.right, panel.y(1)) for panel in panels]
    return [
        lines_of(grid, color=theme.grid, strokeWidth=1),
        lines_of(none, color=theme.line, strokeWidth=1, strokeDash=[4, 3]),
    ]


def analyses_of(panels: Sequence[Panel], places: int, theme: Theme) -> list[Layer]:
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


def _placed(line: AnalysedLine, places: int) -> Iterable[tuple[Specification, int, float]]:
    """Give each analysis its place: in the order of what is drawn, and the traps at the end."""
    rows = [(row, _ratio(line, row.estimate) or 1.0) for row in _told(line)]
    inner = [pair for pair in rows if not pair[0].trap]
    inner.sort(key=lambda pair: (pair[1], pair[0].analysis))
    yield from ((row, place, ratio) for place, (row, ratio) in enumerate(inner))
    at = {ZERO_TRAP: places + 2, OF_2022: places + 5}
    yield from ((row, at[row.trap], ratio) for row, ratio in rows if row.trap)


def tick_words(panel: Panel, right: float) -> list[tuple[float, float, str]]:
    """The ticks of a panel as words that end at a pixel."""
    return [
        (right, panel.y(tick), f"{tick:g}" if tick >= 1 else f"1/{1 / tick:g}")
        for tick in _ticks(panel.reach)
    ]
