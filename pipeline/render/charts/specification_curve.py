"""Specification curves: a panel for each line, a dot for each analysis; alone or as multiples.

Hundreds of dots are one path a colour, in pixels, since a mark for each would be slow and heavy.
"""

from collections.abc import Sequence

from pipeline.analysis.diagnostics.lines import AnalysedLine
from pipeline.inference.results import Answer, Results
from pipeline.render.charts.curve_marks import ROW, keys_of, legend, plain_legend
from pipeline.render.charts.curve_panels import (
    ROOM,
    Panel,
    analyses_of,
    frames,
    names_of,
    places_of,
    reach_of,
    tick_words,
)
from pipeline.render.charts.svg import Layer, svg, texts_of
from pipeline.render.charts.theme import COLOURS, Theme, simulated_title
from pipeline.render.diagnostics.sentences import holds

COLUMNS, WIDTH, HEIGHT = 3, 246, 88  # of panels, and the pixels of one
LEFT, TOP, ACROSS, DOWN = 40, 66, 14, 48  # pixels before the panels, and between them
ALONE_LEFT, ALONE_WIDTH, ALONE_HEIGHT = 34, 246, 104  # of a panel that stands alone, on a phone
LONGEST = 28  # letters of a name above its panel


def curves(
    findings: Results, answer: Answer, lines: Sequence[AnalysedLine], theme: str
) -> bytes | None:
    """Draw a question's analyses as SVG bytes; None where there is nothing to draw."""
    drawn = [line for line in lines if line.is_drawn]
    if not drawn:
        return None
    reach, places = reach_of(drawn), places_of(drawn)
    panels = [
        Panel(
            line,
            LEFT + (number % COLUMNS) * (WIDTH + ACROSS),
            TOP + DOWN // 2 + (number // COLUMNS) * (HEIGHT + DOWN),
            WIDTH,
            HEIGHT,
            WIDTH / (places + ROOM),
            reach,
        )
        for number, line in enumerate(drawn)
    ]
    colours = COLOURS[theme]
    height = panels[-1].top + HEIGHT + 8
    layers = [*frames(panels, colours), *analyses_of(panels, places, colours)]
    layers += [
        *legend(names_of(drawn), LEFT + 6.0, TOP - 16.0, colours),
        *_words(findings, answer, panels, colours),
    ]
    return svg(layers, LEFT + COLUMNS * (WIDTH + ACROSS) - ACROSS + 2, height)


def curve(line: AnalysedLine, reach: float, theme: str) -> bytes | None:
    """Draw the analyses of one line, narrow enough for a phone; None where nothing is compared.

    `reach` is `farthest` of the lines that it is shown with. What the marks are, and whether the
    creators are simulated, `legend_alone` says.
    """
    if not line.is_drawn:
        return None
    places, colours = places_of([line]), COLOURS[theme]
    step = ALONE_WIDTH / (places + ROOM)
    panel = Panel(line, ALONE_LEFT, 8, ALONE_WIDTH, ALONE_HEIGHT, step, reach)
    layers = [*frames([panel], colours), *analyses_of([panel], places, colours)]
    ticks = texts_of(tick_words(panel, panel.left - 6.0), color=colours.text, align="right")
    return svg([*layers, ticks], panel.right + 2, panel.top + ALONE_HEIGHT + 4)


def legend_alone(lines: Sequence[AnalysedLine], theme: str, title: str = "") -> bytes:
    """Draw in plain words what the marks of curves are, as narrow as a panel that stands alone."""
    width, top = ALONE_LEFT + ALONE_WIDTH + 30.0, 30.0 if title else 8.0
    keys = keys_of(names_of([line for line in lines if line.is_drawn]), 8.0, width)
    colours = COLOURS[theme]
    heading = texts_of([(2.0, 8.0, title)] if title else [], color=colours.line, fontSize=12)
    layers = [heading, *plain_legend(keys, top, colours)]
    return svg(layers, width, top + ROW * (keys[-1].row + 1) - 8.0)


def _words(findings: Results, answer: Answer, panels: Sequence[Panel], theme: Theme) -> list[Layer]:
    """The heading, each line's name and in how many analyses its sign holds, the ticks."""
    simulated = simulated_title(findings, has_truth=False)
    said = f"Ratio of {answer.question.counts}, from the lowest analysis to the highest"
    names = [(p.left, p.top - 14, _short(p.line.name)) for p in panels]
    counts = [
        (p.right, p.top - 14, f"{holding.same} of {holding.told}")
        for p in panels
        if (holding := holds(p.line.rows)) and holding.told
    ]
    ticks = [word for panel in panels[::COLUMNS] for word in tick_words(panel, LEFT - 6.0)]
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
