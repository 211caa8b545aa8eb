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
    seen,
)
from pipeline.analysis.comparison.published import ABSENT, LOGS, Published, published
from pipeline.inference.results import Answer
from pipeline.model.fit_result import Withheld
from pipeline.model.questions import CONVERSION, FOLLOWERS, LEVERS, REACH, Form, Term
from pipeline.model.terms import HOURS
from pipeline.render.labels.levers import COUNTS, FLAGS, level
from pipeline.render.labels.levers import LEVERS as NAMES
from pipeline.render.site.layout.context import Edition
from pipeline.render.site.layout.page import embedded, html_page
from schema.vocabulary import vocabulary

Contrast = tuple[str, Video, Video]  # in words, A, B
TITLES = {
    FOLLOWERS.name: "New followers",
    REACH.name: "Views",
    CONVERSION.name: "Followers per 1,000 views",
}
SHORT = {  # where there is little room
    FOLLOWERS.name: "Followers",
    REACH.name: "Views",
    CONVERSION.name: "Per 1,000 views",
}
LIMITS = {"duration_s": (1, 3600), "hashtags": (0, 100)}  # of the schema; no video has 0 seconds
FIRST: Mapping[str, tuple[float | str, float | str]] = {  # the two videos that are shown at first
    "duration_s": (15.0, 45.0),
    "hashtags": (3.0, 3.0),
    "category": ("tutorial", "opinion"),
    "posted_hour": ("12-17", "12-17"),
    "sound": ("original", "original"),
}
COMMON: tuple[Contrast, ...] = (
    (
        "15 seconds instead of 30 (or 30 instead of 60)",
        {"duration_s": 15.0},
        {"duration_s": 30.0},
    ),
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
ORDER = (Form.LOG, Form.LOG1P, Form.LEVELS, Form.HOURS, Form.FLAG)  # of the controls
KINDS_SHOWN = 3  # the most common kinds of video, each pair of them


@dataclass(frozen=True, slots=True)
class LevelChoice:
    """One level that can be chosen; `is_told` where one of the questions at least tells it."""

    level: str
    words: str
    is_told: bool


@dataclass(frozen=True, slots=True)
class Control:
    """One lever of the form: what kind of control it is, and what it shows at first for A and B."""

    term: str
    label: str
    kind: str
    first: tuple[float | str, float | str]
    choices: tuple[LevelChoice, ...] = ()
    limits: tuple[int, int] = (0, 0)
    seen: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class CommonComparison:
    """A common comparison: A and B in words, and each question's answer."""

    says: str
    cells: tuple[Comparison, ...]


def page(edition: Edition) -> bytes:
    """Write the page."""
    told = {answer.question.name: answer for answer in edition.findings.answers}
    answers = [told[name] for name in TITLES if name in told]
    taken = {each.question.name: published(each) for each in answers}
    found = {name: lines for name, lines in taken.items() if lines and lines.lines}
    controls = _controls(edition, list(found.values()))
    rows, untold = _common(edition, list(found.values()))
    return html_page(
        edition,
        "compare/compare.html.jinja",
        "compare.html",
        "compare/compare.js" if controls else "",
        titles=TITLES,
        short=SHORT,
        found=found,
        withheld=[(TITLES[name], _why(told[name])) for name in taken if name not in found],
        controls=controls,
        missing=[NAMES[t.column] for t in LEVERS if t.column not in {c.term for c in controls}],
        rows=rows,
        cannot=CANNOT,
        untold=untold,
        data=embedded(_material(edition, found, controls)),
    )


def _why(answer: Answer) -> str:
    """Say why nothing of a question can be compared."""
    return answer.fit.why if isinstance(answer.fit, Withheld) else NOTHING


def _controls(edition: Edition, found: Sequence[Published]) -> list[Control]:
    """Make a control of each lever of which a question tells two levels."""
    controls = []
    for term in sorted(LEVERS, key=lambda term: ORDER.index(term.form)):
        choices = tuple(_choices(term, found))
        told = [choice.level for choice in choices if choice.is_told]
        if len(told) >= 2 or told == [""]:
            controls.append(_control(edition, term, choices, told))
    return controls


def _choices(term: Term, found: Sequence[Published]) -> Iterator[LevelChoice]:
    for word in _levels(term):
        told = any(lines.tells(term.column, word) for lines in found)
        yield LevelChoice(word, _capital(level(term.column, word)), told)


def _levels(term: Term) -> Sequence[str]:
    if term.column in LOGS:
        return ("",)
    if term.form is Form.FLAG:
        return ("no", "yes")
    return HOURS if term.form is Form.HOURS else tuple(vocabulary()[term.column])


def _control(
    edition: Edition, term: Term, choices: tuple[LevelChoice, ...], told: Sequence[str]
) -> Control:
    label = NAMES[term.column]
    if term.column in LOGS:
        ends = LIMITS[term.column]
        ranged = seen(edition.findings.pool.videos, term.column)
        return Control(term.column, label, "number", FIRST[term.column], (), ends, ranged)
    if term.form is Form.FLAG:
        words = _capital(FLAGS[term.column][0])
        return Control(term.column, words, "flag", ("no", "no"), choices)
    first = FIRST[term.column]
    if not set(first) <= set(told):
        first = (told[0], told[1] if len(set(first)) == 2 else told[0])
    return Control(term.column, label, "list", first, choices)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _common(
    edition: Edition, found: Sequence[Published]
) -> tuple[list[CommonComparison], list[str]]:
    """Compare what many ask for; name apart what no question can tell."""
    wanted: list[Contrast] = [*COMMON[:2], *_kinds(edition, found), *COMMON[2:], TRADE]
    rows = [
        CommonComparison(says, tuple(compare(lines, a, b) for lines in found))
        for says, a, b in wanted
    ]
    told = [row for row in rows if any(cell.log_ratio is not None for cell in row.cells)]
    return told, [row.says for row in rows if row not in told]


def _kinds(edition: Edition, found: Sequence[Published]) -> Iterator[Contrast]:
    """Pair the kinds of video that are told and that the pool has most of."""
    counts = edition.findings.pool.videos["category"].value_counts()
    told = [
        word
        for word in vocabulary()["category"]
        if any(lines.tells("category", word) for lines in found)
    ]
    most = sorted(told, key=lambda word: -int(counts.get(word, 0)))[:KINDS_SHOWN]
    for a, b in combinations(most, 2):
        words = f"{level('category', a)} instead of {level('category', b)}"
        yield _capital(words), {"category": a}, {"category": b}


def _material(
    edition: Edition, found: Mapping[str, Published], controls: Sequence[Control]
) -> dict[str, Any]:
    """Gather what the script computes with: numbers as estimates.csv and covariance.csv have them.

    `b` are the estimates, `t` Student's quantiles with the df of each, `d` those of what two levels
    of a lever differ by, `v` the rows of the lower triangle of the covariance (null without an
    error), `terms` the place of each level in them.
    """
    return {
        "one": edition.creators == 1,
        "absent": ABSENT,
        "said": {"above": ABOVE, "below": BELOW, "cannot": CANNOT},
        "short": {name: SHORT[name] for name in found},
        "logs": {term: NAMES[term] for term in LOGS},
        "words": {
            each.term: {choice.level: level(each.term, choice.level) for choice in each.choices}
            for each in controls
            if each.choices
        },
        "seen": {each.term: each.seen for each in controls if each.seen},
        "questions": {
            name: {
                "counts": COUNTS[name],
                "terms": lines.places,
                "b": [line.estimate for line in lines.lines],
                "t": [line.quantile for line in lines.lines],
                "d": {f"{i},{j}": each and each[1] for (i, j), each in lines.apart.items()},
                "creators": [line.creators for line in lines.lines],
                "v": [_row(lines, place) for place in range(len(lines.lines))],
            }
            for name, lines in found.items()
        },
    }


def _row(lines: Published, place: int) -> list[float | None]:
    row = lines.covariance[place, : place + 1]
    return [None if np.isnan(value) else float(value) for value in row]
