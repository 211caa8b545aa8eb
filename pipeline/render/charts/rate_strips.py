"""The spread of followers per 1,000 views as strips, one above the other, for a narrow page."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from pipeline.analysis.norms.rates import GroupRate
from pipeline.inference.verdicts import CLEAR, LEANING
from pipeline.render.charts.svg import Layer, Segment, lines_of, marks_of, svg, texts_of
from pipeline.render.charts.theme import COLOURS, PAGE, Theme

LEFT, RIGHT = 8.0, 320.0
WIDTH = 330.0
ROW, STRIP = 52.0, 20.0  # from name to name, and from a name to its strip
TICKS = 5
PAPER = "var(--paper)"  # around a dot, which lies on a line
THIN, THICK = 2.0, 9.0
HALF = 10.0  # of the upright line at the rate of all
LEGEND = (  # column, row, mark, words
    (0, 0, "middle", "the video in the middle"),
    (1, 0, "half", "half of the videos"),
    (0, 1, "rate", "all of them together"),
    (1, 1, "most", "8 of 10 videos"),
)
LEGEND_ROW, COLUMN, SAMPLE = 20.0, 176.0, 22.0


@dataclass(frozen=True, slots=True)
class Strip:
    """A group and what its strip is called."""

    name: str
    group: GroupRate


def strips(rows: Sequence[Strip], title: str) -> bytes:
    """Draw the rows as SVG bytes, the first on top, in the colours of the page.

    `title` stands above them, if it is not "".
    """
    theme = COLOURS[PAGE]
    top = 14.0 + (22.0 if title else 0.0)
    first = top + 2 * LEGEND_ROW + 22
    bottom = first + ROW * len(rows) - 8
    unit = _widest(rows)
    ats = [first + STRIP + ROW * i for i in range(len(rows))]
    layers = [
        texts_of([(LEFT, 8.0, title)] if title else [], color=theme.text),
        *_legend(top, theme),
        *_axis(unit, first - 14, bottom, theme),
        texts_of(
            [(LEFT, at - STRIP, row.name) for row, at in zip(rows, ats, strict=True)],
            color=theme.text,
            fontWeight=600,
        ),
        texts_of(
            [
                (RIGHT, at - STRIP, f"{row.group.videos:,} videos")
                for row, at in zip(rows, ats, strict=True)
            ],
            color=theme.line,
            align="right",
            fontSize=12,
        ),
        *_marks([(row.group, at) for row, at in zip(rows, ats, strict=True)], unit, theme),
    ]
    return svg(layers, WIDTH, bottom + 40)


def _widest(rows: Sequence[Strip]) -> float:
    """The number at the right end."""
    ends = [e for row in rows for e in (row.group.ninetieth, row.group.high, row.group.rate) if e]
    return max(ends, default=1.0) * 1.04


def _x(value: float, widest: float) -> float:
    """Round to what the eye can see, so that the picture does not follow the last bits."""
    return round(LEFT + (RIGHT - LEFT) * value / widest, 1)


def _marks(strips: Sequence[tuple[GroupRate, float]], widest: float, theme: Theme) -> list[Layer]:
    def line(low: float | None, high: float | None, at: float) -> list[Segment]:
        if low is None or high is None or low == high:
            return []
        return [(_x(low, widest), at, _x(high, widest), at)]

    most = [seg for g, at in strips for seg in line(g.tenth, g.ninetieth, at)]
    half = [seg for g, at in strips for seg in line(g.low, g.high, at)]
    rate = [(_x(g.rate, widest), at - HALF, _x(g.rate, widest), at + HALF) for g, at in strips]
    middle = [(_x(g.middle, widest), at) for g, at in strips]
    return _look(most, half, rate, middle, theme)


def _look(
    most: Sequence[Segment],
    half: Sequence[Segment],
    rate: Sequence[Segment],
    middle: Sequence[tuple[float, float]],
    theme: Theme,
) -> list[Layer]:
    return [
        lines_of(most, color=theme.line, strokeWidth=THIN, opacity=1),
        lines_of(half, color=theme.verdicts[CLEAR], strokeWidth=THICK, opacity=1),
        lines_of(rate, color=theme.verdicts[LEANING], strokeWidth=2.5, opacity=1),
        marks_of(middle, shape="circle", filled=True, size=130, color=PAPER, opacity=1),
        marks_of(middle, shape="circle", filled=True, size=64, color=theme.text, opacity=1),
    ]


def _legend(top: float, theme: Theme) -> list[Layer]:
    places = {mark: (LEFT + COLUMN * c, top + LEGEND_ROW * r) for c, r, mark, _ in LEGEND}

    def sample(mark: str) -> Segment:
        x, y = places[mark]
        return x, y, x + SAMPLE - 6, y

    x, y = places["rate"]
    upright = (x + 6, y - 8, x + 6, y + 8)
    dot = (places["middle"][0] + 6, places["middle"][1])
    words = [
        (places[mark][0] + (SAMPLE if c else 16.0), places[mark][1], said)
        for c, _, mark, said in LEGEND
    ]
    return [
        *_look([sample("most")], [sample("half")], [upright], [dot], theme),
        texts_of(words, color=theme.text, fontSize=12),
    ]


def _axis(widest: float, top: float, bottom: float, theme: Theme) -> list[Layer]:
    steps = (size * 10.0**power for power in count(-4) for size in (1, 2, 5))
    step = next(step for step in steps if widest / step <= TICKS)
    ticks = [step * i for i in range(int(widest / step) + 1)]
    grid: list[Segment] = [(_x(at, widest), top, _x(at, widest), bottom) for at in ticks]
    labels = [(_x(at, widest), bottom + 12, f"{at:,.6g}") for at in ticks]
    title = [(LEFT, bottom + 32, "new followers per 1,000 views")]
    return [
        lines_of(grid, color=theme.grid, strokeWidth=1, opacity=1),
        texts_of(labels, color=theme.line, fontSize=12, align="center"),
        texts_of(title, color=theme.text, fontSize=12),
    ]
