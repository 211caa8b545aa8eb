"""One creator's own page: what came back for their data, in words and ready to show."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from markupsafe import Markup

from pipeline.analysis.creators.data_quality import Health, wanted
from pipeline.analysis.creators.pool_effect import PoolEffect
from pipeline.analysis.creators.report import CreatorReport, Try
from pipeline.model.questions import FOLLOWERS, Question
from pipeline.render.charts.creator_charts import rate_figure
from pipeline.render.charts.theme import PAGE
from pipeline.render.labels.levers import ASKS, COUNTS, LEVERS, contrast, level
from pipeline.render.review.creator_summary import MOST_TIMES
from pipeline.render.site.creators.comparisons import example, parts, percent, span, times
from pipeline.render.site.layout.chart import inline
from pipeline.render.site.layout.context import Edition
from pipeline.render.site.layout.page import html_page

MOST_CHANGED = 6  # comparisons that are named as changed
HALVES = {"duration_s": "A video half as long", "hashtags": "Half as many hashtags"}
GAINS = {  # columns that are asked for first, and what they would tell
    "new_followers": "New followers: a video without them says nothing about followers.",
    "posted_on": "The day of posting: it tells how old the counts are, and sets seasons apart.",
    "captured_on": "The day you read the numbers: with the day of posting it tells their age.",
}


def page(edition: Edition, portrait: CreatorReport) -> bytes:
    """Write the page."""
    return html_page(
        edition,
        "creators/creator.html.jinja",
        "creators.html",
        root="../",
        portrait=portrait,
        questions=parts(portrait, simulated=edition.simulated),
        example=example(portrait),
        rate=_rate(portrait, simulated=edition.simulated),
        place=place(portrait),
        is_near=is_near(portrait),
        tries=[_suggestion(each) for each in portrait.tries],
        changes=_changes(portrait),
        gains=_gains(portrait.health),
        blanks=[each for each in portrait.health.noted if each.videos < each.of],
        full=[each.column.name for each in portrait.health.noted if each.videos == each.of],
        nearest=_nearest(portrait),
        percent=percent,
        contrast=contrast,
        asks=ASKS,
        counts=COUNTS,
    )


def place(portrait: CreatorReport) -> str:
    """Say where the rate lies against the middle half of the others; "" where it cannot be told."""
    rate, spread = portrait.mirror.rate, portrait.mirror.spread
    if rate is None or spread is None:
        return ""
    if rate.per_1000 < spread.low:
        return "below"
    return "above" if rate.per_1000 > spread.high else "inside"


def is_near(portrait: CreatorReport) -> bool:
    """Return whether the interval of a rate that is outside the middle half reaches into it."""
    spread, interval = portrait.mirror.spread, portrait.interval
    if spread is None or interval is None or place(portrait) == "inside":
        return False
    return interval.low <= spread.high and interval.high >= spread.low


def _rate(portrait: CreatorReport, *, simulated: bool) -> Markup | None:
    rate, spread = portrait.mirror.rate, portrait.mirror.spread
    if rate is None or spread is None:
        return None
    says = (
        f"Your rate of {rate.per_1000:.2f} followers per 1,000 views lies {place(portrait)} "
        f"the middle half of {spread.creators} other creators, {spread.low:g} to {spread.high:g}."
    )
    return inline(rate_figure(rate, portrait.interval, spread, PAGE, simulated=simulated), says)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something to try, in words, with the ratio that it goes with and its 95 % interval."""

    words: str
    ratio: str
    interval: str


def _suggestion(found: Try) -> Suggestion:
    variable = found.lever.variable
    words = contrast(variable)
    if found.turned:
        words = HALVES.get(variable.term) or level(variable.term, "no")
    return Suggestion(
        words[0].upper() + words[1:],
        times(variable, found.estimate),
        span(variable, found.low, found.high, "and"),
    )


@dataclass(frozen=True, slots=True)
class NearestLine:
    """The line of the account alone that is nearest to an answer."""

    words: str
    videos: int
    more: int


def _nearest(portrait: CreatorReport) -> NearestLine | None:
    """None where there is more to say, or where so many videos more are no advice."""
    found = portrait.mirror.nearest
    if found is None or portrait.levers or found.more > MOST_TIMES * portrait.mirror.videos:
        return None
    return NearestLine(contrast(found.variable), found.videos, found.more)


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """One line without the creator and with them, ready to show."""

    name: str
    before: str
    before_interval: str
    after: str
    interval: str
    width: str
    videos: str
    others: int
    weight: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What a creator's data change.

    Of the headline question, or the first that is told: the share of what is known about a typical
    line, how wide its interval is now, how many of the intervals are narrower, and the lines that
    moved the most. Then every line of every question.
    """

    question: Question
    weight: str
    width: str
    narrower: int
    intervals: int
    most: tuple[BeforeAfter, ...]
    every: tuple[tuple[Question, tuple[BeforeAfter, ...]], ...]


def _changes(portrait: CreatorReport) -> Changes | None:
    told = dict(portrait.imprints)
    if not told:
        return None
    question = FOLLOWERS if FOLLOWERS in told else next(iter(told))
    lines = told[question]
    widths = [each.width for each in lines if each.width is not None]
    most = sorted(lines, key=_moved, reverse=True)[:MOST_CHANGED]
    return Changes(
        question=question,
        weight=percent(median(each.weight for each in lines)),
        width=_width(median(widths)) if widths else "",
        narrower=sum(width < 1 for width in widths),
        intervals=len(widths),
        most=tuple(map(_change, most)),
        every=tuple((each, tuple(map(_change, found))) for each, found in told.items()),
    )


def _moved(found: PoolEffect) -> float:
    return abs(found.after - found.before) * found.variable.step


def _width(width: float) -> str:
    change = round(100 * abs(width - 1))
    if not change:
        return "as wide as before"
    return f"{change} % {'narrower' if width < 1 else 'wider'}"


def _change(found: PoolEffect) -> BeforeAfter:
    variable = found.variable
    return BeforeAfter(
        name=contrast(variable),
        before=times(variable, found.before),
        before_interval=span(variable, found.before_low, found.before_high),
        after=times(variable, found.after),
        interval=span(variable, found.low, found.high),
        width="" if found.width is None else _width(found.width),
        videos=f"{found.own_videos} of {found.videos}",
        others=found.others,
        weight=percent(found.weight),
    )


def _gains(health: Health) -> list[str]:
    """Say what would make the data tell more: a sentence for what comes first, one for the rest."""
    asked = wanted(health)
    first = [
        f"{GAINS[each.column.name]} Blank for {percent(each.missing)} of your videos."
        for each in asked
        if each.column.name in GAINS
    ]
    rest = [
        f"{LEVERS.get(each.column.name, each.column.name)} ({percent(each.missing)} blank)"
        for each in asked
        if each.column.name not in GAINS
    ]
    return [*first, *_of_choices(rest)]


def _of_choices(named: Sequence[str]) -> list[str]:
    if not named:
        return []
    words = f"Of your choices: {', '.join(named)}."
    return [f"{words} Once noted, these videos count where both kinds are compared."]
