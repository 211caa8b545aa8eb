"""A creator's own summary: as Markdown, and as values for JSON."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from pipeline.analysis.creators.summary import CreatorSummary, OwnLine
from pipeline.render.text.escape import inert
from pipeline.render.text.numbers import ratio, whole

MOST_TIMES = 5  # as many videos as there are, beyond which more of them is no advice


def section(mirror: CreatorSummary) -> str:
    """Write the part of the body that is for the author alone."""
    return "\n\n".join(["### About your own videos", *_rate(mirror), *_lines(mirror)])


def _rate(mirror: CreatorSummary) -> Iterator[str]:
    if mirror.rate is None:
        yield f"Your followers per 1,000 views cannot be told: {inert(mirror.rate_why)}."
        return
    told = mirror.rate
    yield (
        f"**{told.per_1000:.2f} followers per 1,000 views**: {whole(told.followers)} from "
        f"{whole(told.views)} views, over the {whole(told.videos)} of your videos where both are "
        f"known. {_spread(mirror)}"
    )


def _spread(mirror: CreatorSummary) -> str:
    told = mirror.spread
    if told is None:
        return f"How that compares cannot be told yet; {inert(mirror.spread_why)}."
    low, middle, high = (f"{quartile:g}" for quartile in (told.low, told.middle, told.high))
    return (
        f"Of the {told.creators} other creators with enough videos, half lie between {low} "
        f"and {high}, the middle one near {middle}."
    )


def _lines(mirror: CreatorSummary) -> Iterator[str]:
    if mirror.question is None or not mirror.lines:
        yield _nothing(mirror)
        return
    many = mirror.question.counts
    told = "\n".join(_line(line, many) for line in mirror.lines)
    yield f"Within your own account:\n\n{told}"
    yield (
        f"<sub>From your videos alone, {mirror.asked} differences looked at; of twenty that mean "
        "nothing, about one would stand here by chance. Nothing says what *causes* what.</sub>"
    )


def _line(line: OwnLine, many: str) -> str:
    low, middle, high = (ratio(line.ratio(x)) for x in (line.low, line.estimate, line.high))
    return (
        f"- {inert(line.variable.says)} goes with **{middle} times** the {many} "
        f"(95 % interval {low} to {high}; {whole(line.videos)} videos)"
    )


def _nothing(mirror: CreatorSummary) -> str:
    told = f"What goes with more within your own account? {_sentence(mirror.lines_why)}"
    if mirror.nearest is None or mirror.nearest.more > MOST_TIMES * mirror.videos:
        return told
    what = inert(mirror.nearest.variable.says)
    return (
        f"{told} Nearest to an answer is “{what}”: about {whole(mirror.nearest.more)} more videos."
    )


def _sentence(text: str) -> str:
    return f"{inert(text[:1].upper() + text[1:])}."


def value(mirror: CreatorSummary) -> dict[str, Any]:
    """Give the summary as values for JSON: ratios as log ratios."""
    lines = [
        {
            "term": line.variable.term,
            "level": line.variable.level,
            "estimate": line.estimate,
            "low": line.low,
            "high": line.high,
            "videos": line.videos,
        }
        for line in mirror.lines
    ]
    return {
        "videos": mirror.videos,
        "rate": asdict(mirror.rate) if mirror.rate else None,
        "spread": asdict(mirror.spread) if mirror.spread else None,
        "question": mirror.question.name if mirror.question else None,
        "lines": lines,
        "asked": mirror.asked,
    }
