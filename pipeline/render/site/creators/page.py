"""One creator's own page: what came back for their data, in words and ready to show."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from markupsafe import Markup

from pipeline.analysis.creators.data_quality import Health, wanted
from pipeline.analysis.creators.pool_effect import PoolEffect
from pipeline.analysis.creators.report import CreatorReport, Try
from pipeline.analysis.creators.summary import ENOUGH_VIDEOS
from pipeline.model.questions import FOLLOWERS, Question
from pipeline.render.charts.creator_charts import rate_figure
from pipeline.render.labels import table
from pipeline.render.labels.levers import contrast, level
from pipeline.render.review.creator_summary import MOST_TIMES
from pipeline.render.site.creators.comparisons import example, parts, percent, span, times
from pipeline.render.site.layout.chart import inline
from pipeline.render.site.layout.context import Edition
from pipeline.render.site.layout.page import html_page
from pipeline.render.text.words import capital

MOST_CHANGED = 6  # comparisons that are named as changed


def page(edition: Edition, report: CreatorReport) -> bytes:
    """Write the page."""
    return html_page(
        edition,
        "creators/creator.html.jinja",
        "creators.html",
        root="../",
        report=report,
        questions=parts(report, simulated=edition.simulated),
        example=example(report),
        rate=_rate(report, simulated=edition.simulated),
        place=place(report),
        is_near=is_near(report),
        tries=[_suggestion(each) for each in report.tries],
        changes=_changes(report),
        gains=_gains(report.health),
        blanks=[each for each in report.health.noted if each.videos < each.all_videos],
        full=[each.column.name for each in report.health.noted if each.videos == each.all_videos],
        nearest=_nearest(report),
        fewest_videos=ENOUGH_VIDEOS,
        percent=percent,
        contrast=contrast,
    )


def place(report: CreatorReport) -> str:
    """Say where the rate lies against the middle half of the others; "" where it cannot be told."""
    rate, spread = report.summary.rate, report.summary.spread
    if rate is None or spread is None:
        return ""
    if rate.per_1000 < spread.low:
        return "below"
    return "above" if rate.per_1000 > spread.high else "inside"


def is_near(report: CreatorReport) -> bool:
    """Return whether the interval of a rate that is outside the middle half reaches into it."""
    spread, interval = report.summary.spread, report.interval
    if spread is None or interval is None or place(report) == "inside":
        return False
    return interval.low <= spread.high and interval.high >= spread.low


def _rate(report: CreatorReport, *, simulated: bool) -> Markup | None:
    rate, spread = report.summary.rate, report.summary.spread
    if rate is None or spread is None:
        return None
    says = (
        f"Your rate of {rate.per_1000:.2f} followers per 1,000 views lies {place(report)} "
        f"the middle half of {spread.creators} other creators, {spread.low:g} to {spread.high:g}."
    )
    return inline(rate_figure(rate, report.interval, spread, simulated=simulated), says)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something to try, in words, with the ratio that it goes with and its 95 % interval."""

    words: str
    ratio: str
    interval: str


def _suggestion(idea: Try) -> Suggestion:
    variable = idea.lever.variable
    words = level(variable.term, "no") if idea.turned else contrast(variable)
    return Suggestion(
        capital(words),
        times(variable, idea.estimate),
        span(variable, idea.low, idea.high, "and"),
    )


@dataclass(frozen=True, slots=True)
class NearestLine:
    """The line of the account alone that is nearest to an answer."""

    words: str
    videos: int
    more: int


def _nearest(report: CreatorReport) -> NearestLine | None:
    """None where there is more to say, or where so many videos more are no advice."""
    nearest = report.summary.nearest
    if nearest is None or report.levers or nearest.more > MOST_TIMES * report.summary.videos:
        return None
    variable = nearest.variable
    return NearestLine(contrast(variable), nearest.videos, nearest.more)


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


def _changes(report: CreatorReport) -> Changes | None:
    by_question = dict(report.pool_effects)
    if not by_question:
        return None
    question = FOLLOWERS if FOLLOWERS in by_question else next(iter(by_question))
    lines = by_question[question]
    widths = [each.width for each in lines if each.width is not None]
    most = sorted(lines, key=_moved, reverse=True)[:MOST_CHANGED]
    return Changes(
        question=question,
        weight=percent(median(each.weight for each in lines)),
        width=_width(median(widths)) if widths else "",
        narrower=sum(round(100 * (1 - width)) > 0 for width in widths),
        intervals=len(widths),
        most=tuple(map(_change, most)),
        every=tuple((each, tuple(map(_change, effects))) for each, effects in by_question.items()),
    )


def _moved(effect: PoolEffect) -> float:
    return abs(effect.after - effect.before) * effect.variable.step


def _width(width: float) -> str:
    change = round(100 * abs(width - 1))
    if not change:
        return "as wide as before"
    return f"{change} % {'narrower' if width < 1 else 'wider'}"


def _change(effect: PoolEffect) -> BeforeAfter:
    variable = effect.variable
    return BeforeAfter(
        name=contrast(variable),
        before=times(variable, effect.before),
        before_interval=span(variable, effect.before_low, effect.before_high),
        after=times(variable, effect.after),
        interval=span(variable, effect.low, effect.high),
        width="" if effect.width is None else _width(effect.width),
        videos=f"{effect.own_videos} of {effect.videos}",
        others=effect.others,
        weight=percent(effect.weight),
    )


def _gains(health: Health) -> list[str]:
    """Say what would make the data tell more: a sentence for what comes first, one for the rest."""
    asked = wanted(health)
    first = [
        f"{says} Blank for {percent(each.missing)} of your videos."
        for each in asked
        if (says := table.column(each.column.name).missing)
    ]
    rest = [
        f"{table.column(each.column.name).label} ({percent(each.missing)} blank)"
        for each in asked
        if not table.column(each.column.name).missing
    ]
    return [*first, *_of_choices(rest)]


def _of_choices(named: Sequence[str]) -> list[str]:
    if not named:
        return []
    words = f"Of your choices: {', '.join(named)}."
    return [f"{words} Once you note them, these videos count in those comparisons, too."]
