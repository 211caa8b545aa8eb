"""One line of the results through the updates, as a small step chart with intervals."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from pipeline.inference.published_line import Verdict
from pipeline.render.charts.scale import RatioScale, level
from pipeline.render.charts.theme import LOOKS, TEXT, ink, inside, shape
from pipeline.render.charts.vega import layered, rows_named, svg, value
from pipeline.render.text.numbers import whole

WIDTH, HEIGHT = 232, 120  # pixels, beside the ticks within a card of a phone
ROOM, LABEL = 14, 54  # pixels beside the first and the last set; between two labels
LEAST = 1.6  # a ratio: no chart spans less either way
AROUND = 1.1  # a ratio, beyond the farthest end


@dataclass(frozen=True, slots=True)
class Moment:
    """One line in one set of results: ratios, None where there was no estimate or no interval."""

    videos: int
    creators: int
    ratio: float | None = None
    low: float | None = None
    high: float | None = None


def history_figure(moments: Sequence[Moment], verdict: str) -> bytes:
    """Draw a line, the oldest set first and the last one with the shape of its verdict; SVG."""
    with_ratio = [number for number, each in enumerate(moments) if each.ratio is not None]
    rows = [
        {
            "set": number, "ratio": inside(each.ratio), "low": inside(each.low),
            "high": inside(each.high), "last": with_ratio[-1:] == [number],
            "verdict": verdict if verdict in LOOKS else Verdict.CANNOT_TELL,
        }
        for number, each in enumerate(moments)
    ]  # fmt: skip
    values = {
        **_scale(moments).values("y"),
        "sets": [0, max(len(moments) - 1, 1)],
        "labelled": _labelled(len(moments)),
        "sizes": [[whole(each.videos), whole(each.creators)] for each in moments],
    }
    return svg(_chart, {"rows": rows}, values)


def _chart() -> alt.LayerChart:
    rows = rows_named()
    bottom = alt.Axis(
        values=value("labelled"), labelExpr="sizes[datum.value]", labelColor=TEXT, labelPadding=10,
        grid=False, title=["videos", "creators"], titleAnchor="start", titleAlign="left",
        titleX=-66, titleY=10, titleBaseline="top", titleFontSize=12,
    )  # fmt: skip
    sets = alt.Scale(domain=value("sets"), range=[ROOM, WIDTH - ROOM])
    x = alt.X("set:Q", scale=sets, axis=bottom)
    estimates = rows.encode(x, level("ratio"), ink())
    layers = [
        rows.mark_rule(opacity=0.55).encode(x, level("low"), alt.Y2("high"), ink()),
        # Broken where a set cannot tell.
        estimates.mark_line(interpolate="step-after", strokeWidth=1.6),
        estimates.transform_filter("isNumber(datum.ratio) && !datum.last").mark_point(size=22),
        estimates.transform_filter("datum.last").mark_point(size=70).encode(shape()),
    ]
    return layered(layers, width=WIDTH, height=HEIGHT)


def _scale(moments: Sequence[Moment]) -> RatioScale:
    ratios = [inside(v) for each in moments for v in (each.ratio, each.low, each.high)]
    shown = [ratio for ratio in ratios if ratio is not None]
    return RatioScale(min([1 / LEAST, *shown]) / AROUND, max([LEAST, *shown]) * AROUND)


def _labelled(sets: int) -> list[int]:
    """Choose the sets that are named: the last one, and back from it what does not touch."""
    apart = math.ceil(LABEL * (sets - 1) / (WIDTH - 2 * ROOM)) or 1
    return list(range(sets - 1, -1, -apart))
