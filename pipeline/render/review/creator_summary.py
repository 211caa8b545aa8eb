"""A creator's own summary: as Markdown, and as values for JSON."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from pipeline.analysis.creators.summary import CreatorSummary, OwnLine
from pipeline.render.check.problems import count
from pipeline.render.text.escape import inert
from pipeline.render.text.numbers import ratio, whole
from pipeline.render.text.words import capital

MOST_TIMES = 5  # as many videos as there are, beyond which more of them is no advice


def section(summary: CreatorSummary) -> str:
    """Write the part of the body that is for the author alone."""
    return "\n\n".join(["### About your own videos", *_rate(summary), *_lines(summary)])


def _rate(summary: CreatorSummary) -> Iterator[str]:
    if summary.rate is None:
        yield f"We can't tell your followers per 1,000 views: {inert(summary.rate_why)}."
        return
    rate = summary.rate
    yield (
        f"**{rate.per_1000:.2f} followers per 1,000 views**: {whole(rate.followers)} from "
        f"{count(rate.views, 'view')}, over the {whole(rate.videos)} of your videos where both are "
        f"known. {_spread(summary)}"
    )


def _spread(summary: CreatorSummary) -> str:
    spread = summary.spread
    if spread is None:
        return f"We can't tell yet how that compares: {inert(summary.spread_why)}."
    low, middle, high = (f"{quartile:g}" for quartile in (spread.low, spread.middle, spread.high))
    return (
        f"Of the {count(spread.creators, 'other creator')} with enough videos, half lie between "
        f"{low} and {high}, the middle one near {middle}."
    )


def _lines(summary: CreatorSummary) -> Iterator[str]:
    if summary.question is None or not summary.lines:
        yield _nothing(summary)
        return
    many = summary.question.counts
    items = "\n".join(_line(line, many) for line in summary.lines)
    yield f"Within your own account:\n\n{items}"
    yield (
        f"<sub>We looked at {count(summary.asked, 'difference')} in your videos alone. Of "
        "twenty that mean nothing, about one would be listed by chance. This does not say what "
        "*causes* what.</sub>"
    )


def _line(line: OwnLine, many: str) -> str:
    low, middle, high = (ratio(line.ratio(x)) for x in (line.low, line.estimate, line.high))
    return (
        f"- {inert(line.variable.says)} goes with **{middle} times** the {many} "
        f"(95 % interval {low} to {high}; {count(line.videos, 'video')})"
    )


def _nothing(summary: CreatorSummary) -> str:
    sentence = f"What goes with more within your own account? {_sentence(summary.lines_why)}"
    if summary.nearest is None or not 0 < summary.nearest.more <= MOST_TIMES * summary.videos:
        return sentence
    what = inert(summary.nearest.variable.says)
    more = count(summary.nearest.more, "more video")
    return f"{sentence} The comparison nearest to an answer is “{what}”: about {more}."


def _sentence(text: str) -> str:
    return f"{inert(capital(text))}."


def value(summary: CreatorSummary) -> dict[str, Any]:
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
        for line in summary.lines
    ]
    return {
        "videos": summary.videos,
        "rate": asdict(summary.rate) if summary.rate else None,
        "spread": asdict(summary.spread) if summary.spread else None,
        "question": summary.question.name if summary.question else None,
        "lines": lines,
        "asked": summary.asked,
    }
