"""The league as a picture: the skill of each model with its interval, against none."""

from collections.abc import Sequence

import altair as alt

from pipeline.analysis.prediction.tables import AFTERWARDS, BEFORE, CREATORS, VIDEOS, Score
from pipeline.render.charts import rows, theme
from pipeline.render.charts.rows import line, numbers, point
from pipeline.render.charts.vega import Row, svg
from pipeline.render.diagnostics.sentences import is_better
from pipeline.render.labels.analyses import model_name

WORST = -0.75  # skill below which a model is drawn at the edge
TITLES = {
    (VIDEOS, BEFORE): "New videos, before posting",
    (VIDEOS, AFTERWARDS): "New videos, afterwards",
    (CREATORS, BEFORE): "New creators, before posting",
    (CREATORS, AFTERWARDS): "New creators, afterwards",
}


def league_alone(skills: Sequence[Score], among: Sequence[Score], title: str = "") -> bytes | None:
    """Draw one league, narrow enough for a phone: names above the marks; None without a skill.

    `among` are the skills that it is shown with, for its axis is theirs, too.
    """
    if not skills:
        return None
    chart_rows = rows.numbered([_row(skill) for skill in skills])
    return svg(_chart, {"rows": chart_rows}, {"ends": _ends([*skills, *among])}, title=title)


def _row(skill: Score) -> Row:
    name, better = model_name(skill.model, skill.held_out), is_better(skill)
    return {"name": name, "x": skill.value, "low": skill.low, "high": skill.high, "better": better}


def _chart() -> alt.LayerChart:
    look = rows.told_apart("better", theme.SOFT)
    interval = line(numbers("low", rows.number_axis(none=0)), "high").encode(color=look["color"])
    return rows.listed([interval, point(numbers("x")).encode(**look), rows.names(fontSize=12)])


def _ends(skills: Sequence[Score]) -> list[float]:
    values = [v for s in skills for v in (s.value, s.low, s.high) if v is not None]
    low, high = max(WORST, min(-0.1, *values)), max(0.1, *values)
    return [low - 0.02, high + 0.02]
