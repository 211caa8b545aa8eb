"""Two videos, compared: the ratio of followers, views and followers per view, with its range."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from pipeline.analysis.comparison.comparison import (
    ABOVE,
    BELOW,
    CANNOT,
    Comparison,
    Video,
    compare,
)
from pipeline.analysis.comparison.published import (
    ABSENT,
    BEYOND_DATA,
    NUMBERS,
    Published,
    published,
)
from pipeline.estimate.spline import ROUNDING, spline_coefficients
from pipeline.inference.results import Answer
from pipeline.model.fit_result import Withheld
from pipeline.model.questions import LEVERS, Term
from pipeline.model.terms import log_of
from pipeline.render.labels import table
from pipeline.render.labels.levers import level
from pipeline.render.site.compare.controls import Control, controls_of
from pipeline.render.site.layout.context import Edition
from pipeline.render.site.layout.page import embedded, html_page
from pipeline.render.text.words import capital
from schema.vocabulary import vocabulary

Contrast = tuple[str, Video, Video]  # in words, A, B
COMMON: tuple[Contrast, ...] = (
    ("15 seconds instead of 30", {"duration_s": 15.0}, {"duration_s": 30.0}),
    ("15 seconds instead of 60", {"duration_s": 15.0}, {"duration_s": 60.0}),
    ("5 hashtags instead of none", {"hashtags": 5.0}, {"hashtags": 0.0}),
    ("In the evening, not the afternoon", {"posted_hour": "18-23"}, {"posted_hour": "12-17"}),
    ("A reply to a comment, not a video of its own", {"is_reply": "yes"}, {"is_reply": "no"}),
    ("A trending sound instead of your own", {"sound": "trending"}, {"sound": "original"}),
    ("A cover you chose instead of none", {"has_cover": "yes"}, {"has_cover": "no"}),
    ("A caption instead of none", {"has_caption": "yes"}, {"has_caption": "no"}),
)
TRADE: Contrast = (
    "A 15-second tutorial instead of a 45-second opinion",
    {"duration_s": 15.0, "category": "tutorial"},
    {"duration_s": 45.0, "category": "opinion"},
)
NOTHING = "the videos are too few to tell one choice from another"
KINDS_SHOWN = 3  # the most common kinds of video, each pair of them


@dataclass(frozen=True, slots=True)
class CommonComparison:
    """A common comparison: A and B in words, and each question's answer."""

    says: str
    cells: tuple[Comparison, ...]


def page(edition: Edition) -> bytes:
    """Write the page."""
    answer_of = {answer.question.name: answer for answer in edition.findings.answers}
    answers = [answer for answer in answer_of.values() if answer.question.advice]
    videos = edition.findings.pool.videos
    taken = {each.question.name: published(each, videos) for each in answers}
    questions = {name: lines for name, lines in taken.items() if lines and lines.lines}
    controls = controls_of(edition, list(questions.values()))
    rows, untold = _common(edition, list(questions.values()))
    return html_page(
        edition,
        "compare/compare.html.jinja",
        "compare.html",
        "compare/compare.js" if controls else "",
        questions=questions,
        withheld=[
            (table.question(name).title, _why(answer_of[name]))
            for name in taken
            if name not in questions
        ],
        controls=controls,
        missing=[
            table.column(t.column).label
            for t in LEVERS
            if t.column not in {c.term for c in controls}
        ],
        rows=rows,
        cannot=CANNOT,
        untold=untold,
        data=embedded(_material(edition, questions, controls)),
    )


def _why(answer: Answer) -> str:
    """Say why nothing of a question can be compared."""
    return answer.fit.why if isinstance(answer.fit, Withheld) else NOTHING


def _number(term: Term) -> dict[str, Any]:
    """Say how the script finds a number's place on a curve, and what one of it is called.

    `columns` are of each knot: what it has of 1, of the log, and of the bend.
    """
    names, log = table.column(term.column), log_of(term)
    first, middle, last = log(np.array(term.knots)).tolist()
    columns = spline_coefficients((first, middle, last)).T.tolist()
    return {
        "label": names.label,
        "unit": names.unit,
        "has": names.has,
        "have": names.have,
        "log": log.__name__,
        "knots": [first, middle, last],
        "columns": dict(zip(term.levels, columns, strict=True)),
    }


def _common(
    edition: Edition, questions: Sequence[Published]
) -> tuple[list[CommonComparison], list[str]]:
    """Compare what many ask for; name apart what no question can tell."""
    wanted: list[Contrast] = [*COMMON[:2], *_kinds(edition, questions), *COMMON[2:], TRADE]
    rows = [
        CommonComparison(says, tuple(compare(lines, a, b) for lines in questions))
        for says, a, b in wanted
    ]
    answered = [row for row in rows if any(cell.log_ratio is not None for cell in row.cells)]
    return answered, [row.says for row in rows if row not in answered]


def _kinds(edition: Edition, questions: Sequence[Published]) -> Iterator[Contrast]:
    """Pair the kinds of video that are told and that the pool has most of."""
    counts = edition.findings.pool.videos["category"].value_counts()
    kinds = [
        word
        for word in vocabulary()["category"]
        if any(lines.tells("category", word) for lines in questions)
    ]
    most = sorted(kinds, key=lambda word: -int(counts.get(word, 0)))[:KINDS_SHOWN]
    for a, b in combinations(most, 2):
        words = f"{level('category', a)} instead of {level('category', b)}"
        yield capital(words), {"category": a}, {"category": b}


def _material(
    edition: Edition, questions: Mapping[str, Published], controls: Sequence[Control]
) -> dict[str, Any]:
    """Gather what the script computes with: numbers as estimates.csv and covariance.csv have them.

    `b` are the estimates, `t` Student's quantiles with the df of each, `d` those of what two levels
    of a lever differ by, `v` the rows of the lower triangle of the covariance (null without an
    error), `terms` the place of each level in them.
    """
    return {
        "one": edition.creators == 1,
        "absent": ABSENT,
        "beyond": BEYOND_DATA,
        "rounding": ROUNDING,
        "said": {"above": ABOVE, "below": BELOW, "cannot": CANNOT},
        "short": {name: table.question(name).short for name in questions},
        "numbers": {name: _number(term) for name, term in NUMBERS.items()},
        "words": {
            each.term: {choice.level: level(each.term, choice.level) for choice in each.choices}
            for each in controls
            if each.choices
        },
        "seen": {each.term: each.seen for each in controls if each.seen},
        "questions": {
            name: {
                "counts": table.question(name).counts,
                "terms": lines.places,
                "ranges": lines.ranges,
                "b": [line.estimate for line in lines.lines],
                "t": [line.quantile for line in lines.lines],
                "d": {f"{i},{j}": each and each[1] for (i, j), each in lines.apart.items()},
                "creators": [line.creators for line in lines.lines],
                "v": [_row(lines, place) for place in range(len(lines.lines))],
            }
            for name, lines in questions.items()
        },
    }


def _row(lines: Published, place: int) -> list[float | None]:
    row = lines.covariance[place, : place + 1]
    return [None if np.isnan(value) else float(value) for value in row]
