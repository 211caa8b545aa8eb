"""A creator's own summary: as Markdown, and as values for JSON."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from pipeline.analysis.creators.summary import CreatorSummary, OwnLine
from pipeline.dataset.pool import Account
from pipeline.render.check.problems import count
from pipeline.render.text.escape import inert
from pipeline.render.text.numbers import ratio, whole
from pipeline.render.text.words import capital

MOST_TIMES = 5  # as many videos as there are, beyond which more of them is no advice


def section(summary: CreatorSummary) -> str:
    """Write the part of the body that is for the author alone."""
    parts = [*_rows(summary), *_rate(summary), *_lines(summary)]
    return "\n\n".join(["### About your own videos", *parts])


def _rows(summary: CreatorSummary) -> Iterator[str]:
    """Say of every row of the folder whether it counts, and why not."""
    rows = summary.rows
    if not rows.rows_in:
        return
    said = [_counted("", f"your {count(rows.rows_in, 'row')}", rows)]
    for question, account in summary.by_question if rows.rows_used else ():
        mine = f"your {count(rows.rows_in, 'row')}"
        of = f"these {whole(account.rows_in)}" if rows.left_out else mine
        said.append(_counted(f" for {question.counts}", of, account))
    all_of = f"All {whole(rows.rows_in)} rows count" if rows.rows_in > 1 else "Your row counts"
    yield " ".join(filter(None, said)) or f"{all_of}, for views and for followers."


def _counted(what_for: str, of: str, account: Account) -> str:
    """Say how many rows count, and why the others don't; "" where all do."""
    if not account.left_out:
        return ""
    number = whole(account.rows_used) if account.rows_used else "none"
    verb = "counts" if account.rows_used in (0, 1) else "count"
    why = "; ".join(f"{inert(reason)}: {whole(rows)}" for reason, rows in account.left_out)
    return f"Of {of}, {number} {verb}{what_for} ({why})."


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
        "rows": summary.rows.rows_in,
        "left_out": dict(summary.rows.left_out),
        "left_out_by_question": {
            question.name: dict(account.left_out) for question, account in summary.by_question
        },
        "rate": asdict(summary.rate) if summary.rate else None,
        "spread": asdict(summary.spread) if summary.spread else None,
        "question": summary.question.name if summary.question else None,
        "lines": lines,
        "asked": summary.asked,
    }
