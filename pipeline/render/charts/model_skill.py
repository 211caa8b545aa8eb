"""The league as a picture: the skill of each model with its interval, against none."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.analysis.prediction.tables import AFTERWARDS, BEFORE, CREATORS, VIDEOS, Score
from pipeline.inference.results import Results
from pipeline.inference.verdicts import CLEAR
from pipeline.render.charts.svg import Layer, lines_of, marks_of, svg, texts_of
from pipeline.render.charts.theme import COLOURS, Theme, simulated_title
from pipeline.render.diagnostics.sentences import is_better, ranked
from pipeline.render.labels.analyses import model_name

LEFT, TOP, WIDTH, STEP, ACROSS, DOWN = 176, 48, 212, 22, 196, 52  # pixels
COLUMNS = 2
ALONE_WIDTH, ALONE_STEP, PART = 300, 40, 9  # of a league that stands alone
FINE = 1.2  # a span of skills, below which ticks are a quarter apart
WORST = -0.75  # skill below which a model is drawn at the edge
TICKS = (-0.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.0)


TITLES = {
    (VIDEOS, BEFORE): "New videos, before posting",
    (VIDEOS, AFTERWARDS): "New videos, afterwards",
    (CREATORS, BEFORE): "New creators, before posting",
    (CREATORS, AFTERWARDS): "New creators, afterwards",
}
HEADING = "Skill on videos not seen: 0 is no better than a mean, squares are shown to be better"
BEYOND = "Dots at the left edge lie beyond it"


def league_alone(
    skills: Sequence[Score], among: Sequence[Score], theme: str, title: str = ""
) -> bytes | None:
    """Draw one league, narrow enough for a phone: names above the marks; None without a skill.

    `among` are the skills that it is shown with, for its axis is theirs, too.
    """
    if not skills:
        return None
    plot = SkillPlot(10, 28 if title else 6, *_ends([*skills, *among]), ALONE_WIDTH, ALONE_STEP)
    layers = _league(skills, plot, COLOURS[theme], names_above=True)
    words = [(plot.left - 4, 8, title)] if title else []
    layers.append(texts_of(words, color=COLOURS[theme].line, fontSize=12))
    return svg(layers, plot.left + plot.width + 10, plot.top + plot.step * len(skills) + 20)


def league_figure(findings: Results, scores: Sequence[Score], theme: str) -> bytes | None:
    """Draw the skills as SVG bytes; None where no model has one."""
    told = [(title, found) for which, title in TITLES.items() if (found := ranked(scores, *which))]
    if not told:
        return None
    ends = _ends([skill for _, skills in told for skill in skills])
    colours = COLOURS[theme]
    beyond = any((skill.value or 0) < WORST for _, skills in told for skill in skills)
    said = (simulated_title(findings, has_truth=False), HEADING, BEYOND if beyond else "")
    heading = ". ".join(filter(None, said))
    layers, top = [texts_of([(8, 12, heading)], color=colours.text)], TOP
    for pair in (told[i : i + COLUMNS] for i in range(0, len(told), COLUMNS)):
        for column, (title, skills) in enumerate(pair):
            left = LEFT + column * (WIDTH + ACROSS)
            at = (left - LEFT + 8, top - 4, title)
            layers.append(texts_of([at], color=colours.text, fontSize=12, fontWeight="bold"))
            layers += _league(skills, SkillPlot(left, top + 14, *ends), colours)
        top += DOWN + STEP * max(len(skills) for _, skills in pair)
    return svg(layers, LEFT + COLUMNS * WIDTH + (COLUMNS - 1) * ACROSS + 16, top - 12)


def _ends(skills: Sequence[Score]) -> tuple[float, float]:
    found = [v for s in skills for v in (s.value, s.low, s.high) if v is not None]
    low, high = max(WORST, min(0.0, *found)), max(0.0, *found)
    return min(low, -0.1) - 0.02, max(high, 0.1) + 0.02


@dataclass(frozen=True, slots=True)
class SkillPlot:
    """Where one league is drawn: its left and top in pixels, and the skills at its edges."""

    left: float
    top: float
    low: float
    high: float
    width: float = WIDTH
    step: float = STEP

    def x(self, skill: float) -> float:
        """The pixel of a skill; what is beyond is at the edge."""
        share = (min(max(skill, self.low), self.high) - self.low) / (self.high - self.low)
        return round(self.left + self.width * share, 1)

    def y(self, number: int) -> float:
        """The pixel of a model, by its rank from 0."""
        return self.top + self.step * (number + 0.5)


def _league(
    skills: Sequence[Score], plot: SkillPlot, theme: Theme, *, names_above: bool = False
) -> list[Layer]:
    """One league: a row for each model, the best on top; its name is before or above it."""
    down = plot.step / 4 if names_above else 0.0
    rows = [(skill, plot.y(number) + down) for number, skill in enumerate(skills)]
    at = (plot.left - 4, -18, "left") if names_above else (plot.left - 14, 0, "right")
    names = [(at[0], y + at[1], model_name(skill.model, skill.held_out)) for skill, y in rows]
    better = [row for row in rows if is_better(row[0])]
    rest = [row for row in rows if not is_better(row[0])]
    return [
        *_axis(plot, [y for _, y in rows] if names_above else [], len(rows), theme),
        *_marks(better, plot, shape="square", color=theme.verdicts[CLEAR]),
        *_marks(rest, plot, shape="circle", color=theme.line),
        texts_of(names, color=theme.text, fontSize=12, align=at[2]),
    ]


def _axis(plot: SkillPlot, parts: Sequence[float], models: int, theme: Theme) -> list[Layer]:
    """The grid and its ticks; in parts about the marks, where names stand between them."""
    bottom = plot.top + plot.step * models
    spans = [(y - PART, y + PART) for y in parts] or [(plot.top, bottom)]
    fine = plot.high - plot.low < FINE
    ticks = [t for t in TICKS if plot.low <= t <= plot.high and (fine or (2 * t) % 1 == 0)]
    grid, none = (
        [(plot.x(t), top, plot.x(t), end) for top, end in spans for t in at]
        for at in (ticks, (0.0,))
    )
    words = [(plot.x(t), bottom + 10, f"{t:g}".replace("-", "−")) for t in ticks]
    return [
        lines_of(grid, color=theme.grid, strokeWidth=1),
        lines_of(none, color=theme.line, strokeWidth=1, strokeDash=[4, 3]),
        texts_of(words, color=theme.text, fontSize=12 if parts else 11, align="center"),
    ]


def _marks(
    rows: Sequence[tuple[Score, float]], plot: SkillPlot, *, shape: str, color: str
) -> list[Layer]:
    intervals = [
        (plot.x(skill.low), y, plot.x(skill.high), y)
        for skill, y in rows
        if skill.low is not None and skill.high is not None
    ]
    points = [(plot.x(skill.value or 0.0), y) for skill, y in rows]
    return [
        lines_of(intervals, color=color, strokeWidth=2),
        marks_of(points, shape=shape, size=56, filled=True, opacity=1, color=color),
    ]
