"""The answer: each lever as a card in words, a chart of all, and reach against conversion."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.analysis.advice.data_needs import wishes
from pipeline.analysis.norms.bands import conversion_videos
from pipeline.analysis.norms.rates import group, lacks
from pipeline.inference.published_line import Estimate, Verdict
from pipeline.inference.results import Answer, Results
from pipeline.model.fit_result import Withheld
from pipeline.model.questions import CONVERSION, FOLLOWERS, REACH, SIGNALS, Part, Question
from pipeline.model.rate import PER_VIEWS, rate_of
from pipeline.render.labels import levers, table
from pipeline.render.labels.levers import turns
from pipeline.render.site.answer import cards, headline
from pipeline.render.site.answer.cards import Card
from pipeline.render.site.answer.charts import reach_picture, whole_picture
from pipeline.render.site.answer.headline import Statement
from pipeline.render.site.answer.not_estimable import untold, why
from pipeline.render.site.data import data_needs
from pipeline.render.site.data.data_needs import WishCard
from pipeline.render.site.layout.context import Edition
from pipeline.render.site.layout.page import html_page
from pipeline.render.text.words import capital

BELIEFS = ("hashtags", "posted_hour", "duration_s", "has_cover")  # what creators ask first
VIEWS = (10_000, 100_000, 1_000_000)  # of which the new followers are whole people
GLANCE = {Verdict.TOO_FEW: "with too few creators: "}  # before names of what nobody can tell
FULL = (Verdict.CLEAR, Verdict.LIKELY)  # the verdicts whose lines have a card of their own
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
UNNOTED = "The videos that can be used do not say."


@dataclass(frozen=True, slots=True)
class ShownRate:
    """New followers per 1,000 views, over so many videos; the ends None where none can be told."""

    videos: int
    rate: float
    low: float | None
    high: float | None

    @property
    def people(self) -> tuple[int, tuple[int, ...]] | None:
        """So many views, and the whole followers of them: the rate, and its ends if known."""
        ends = (self.low, self.high) if self.low is not None and self.high is not None else ()
        for views in VIEWS:
            counts = tuple(
                math.floor(views * each / PER_VIEWS + 0.5) for each in (self.rate, *ends)
            )
            if all(counts) and len(set(counts)) == len(counts):
                return views, counts
        return None


@dataclass(frozen=True, slots=True)
class Belief:
    """What creators say of a lever; answers in words, each with its lines; without any, why."""

    asks: str
    answers: tuple[tuple[str, tuple[Card, ...]], ...]
    why: str


def page(edition: Edition) -> bytes:
    """Write the page."""
    findings = edition.findings
    main = FOLLOWERS if edition.answered(FOLLOWERS) else REACH
    cards_of = {
        each: cards.cards(findings, each) for each in (FOLLOWERS, REACH, CONVERSION, SIGNALS)
    }
    places = [card for card in cards_of[FOLLOWERS] if card.reach and card.conversion]
    signs = [card for card in cards_of[SIGNALS] if card.variable.part is Part.ENGAGEMENT]
    tested = any(card.line.p_value is not None for card in cards_of[main])
    said = headline.statements(cards_of)
    surest = headline.sure(said)
    return html_page(
        edition,
        "answer/answer.html.jinja",
        "index.html",
        words=levers,
        main=main,
        one=edition.creators == 1,
        tested=tested,
        guess=not tested and edition.creators > 1,
        asked=sum(
            line.p_value is not None
            for answer in findings.answers
            for line in cards.lines(findings, answer.question)
        ),
        rate=rate(findings),
        since=since(findings),
        lead=headline.lead(said, edition.creators),
        surest=surest,
        shown=headline.SHOWN,
        places_of={card.anchor for card in cards_of[main]},
        ticks=(25, 50, 75),
        rest=left(said, surest),
        truth=headline.known_truth(findings, said),
        wanted=wanted(edition),
        groups=cards.by_verdict(cards_of[main]),
        full=FULL,
        glance_words=GLANCE,
        first_try=first_try(cards_of[main]),
        unanswered=unanswered(findings),
        untold=untold(findings, main),
        untold_followers=untold(findings, FOLLOWERS) if main != FOLLOWERS else (),
        standing=[
            (each, cards.named(cards_of[each])) for each in (REACH, CONVERSION) if each != main
        ],
        signs=cards.named(signs),
        has_signs=bool(signs),
        beliefs=beliefs(findings, cards_of[main], main),
        forest=whole_picture(findings, _answer(findings, main), cards_of[main]),
        places=places,
        map=reach_picture(findings, places),
        viewed=viewed(findings),
        compared=any(edition.answered(each) for each in (FOLLOWERS, REACH, CONVERSION)),
        normal=not edition.is_empty and not lacks(conversion_videos(findings)),
    )


def left(
    said: Sequence[Statement], shown: Sequence[Statement]
) -> tuple[tuple[Verdict, tuple[Statement, ...]], ...]:
    """Sort by verdict what is not shown, the surest first."""
    rest = [each for each in said if each not in shown]
    verdicts = sorted({each.verdict for each in rest}, key=lambda verdict: cards.SURER[verdict])
    return tuple(
        (verdict, tuple(each for each in rest if each.verdict == verdict)) for verdict in verdicts
    )


def wanted(edition: Edition) -> WishCard | None:
    """What to ask for first of all; None in a pool of one."""
    if edition.creators <= 1:
        return None
    return next(iter(data_needs.cards(wishes(edition.findings), alone=False)), None)


def first_try(question_cards: Sequence[Card]) -> str:
    """Say what to make by turns: of what is likely the surest that can be; "" without one."""
    likely = (card for card in cards.named(question_cards) if card.line.verdict == Verdict.LIKELY)
    tries = (turns(card.variable) for card in likely)
    return next((said for said in tries if said), "")


def viewed(findings: Results) -> int:
    """Count the videos that tell of views."""
    fit = _answer(findings, REACH).fit
    return 0 if isinstance(fit, Withheld) else len(fit.sample.y)


def rate(findings: Results) -> ShownRate | None:
    """New followers per 1,000 views: of one account, or of three and more, none leading."""
    videos = conversion_videos(findings)
    if len(videos) and not lacks(videos):
        group_rate = group(videos)
        return ShownRate(
            group_rate.videos, group_rate.rate, group_rate.rate_low, group_rate.rate_high
        )
    if len(findings.pool.creators) == 1 and videos["views"].sum():
        both = videos[["new_followers", "views"]].sum()
        return ShownRate(len(videos), rate_of(float(both.iloc[0]), float(both.iloc[1])), None, None)
    return None


def since(findings: Results) -> str:
    """Say when the oldest video was posted, as far as that is known: "January 2025"."""
    videos = findings.pool.videos
    days = videos["posted_on"].dropna() if len(videos) else ()
    if not len(days):
        return ""
    first = min(days)
    return f"{MONTHS[first.month - 1]} {first.year}"


def unanswered(findings: Results) -> str:
    """Say why nothing is told of new followers; "" where something is."""
    answer = _answer(findings, FOLLOWERS)
    if any(line.estimate is not None for line in answer.estimates):
        return ""
    if isinstance(answer.fit, Withheld):
        return f"{capital(answer.fit.why)}."
    return "No choice can be compared on them yet."


def beliefs(
    findings: Results, question_cards: Sequence[Card], question: Question
) -> tuple[Belief, ...]:
    """Answer what creators say, from the lines of a question."""
    untold = [line for line in cards.lines(findings, question) if line.estimate is None]
    return tuple(
        Belief(
            asks,
            _answers([card for card in question_cards if card.variable.term == term]),
            _reasons([line for line in untold if line.variable.term == term], question)
            or (UNNOTED if noted(findings, term) else "Nobody has noted it."),
        )
        for term in BELIEFS
        if (asks := table.column(term).asked)
    )


def _reasons(lines: Sequence[Estimate], question: Question) -> str:
    """Say why there is no estimate of lines; of each, where they do not have the same reason."""
    reasons = dict.fromkeys(why(line, question) for line in lines)
    if len(reasons) < 2:
        return "".join(reasons)
    return " ".join(f"{levers.contrast(each.variable)}: {why(each, question)}" for each in lines)


def noted(findings: Results, term: str) -> bool:
    """Return whether any video of the pool has it, asked or not."""
    return bool(findings.pool.videos[term].notna().any())


def _answers(belief_cards: Sequence[Card]) -> tuple[tuple[str, tuple[Card, ...]], ...]:
    """Put lines together that have the same answer, the surest first."""
    answers: dict[str, tuple[Card, ...]] = {}
    for card in sorted(belief_cards, key=lambda card: cards.SURER[card.line.verdict]):
        said = _answered(card)
        answers[said] = (*answers.get(said, ()), card)
    return tuple(answers.items())


def _answered(card: Card) -> str:
    """Answer a belief by a line, in a sentence that begins with what it compares if it is told."""
    way = f"{'more' if card.is_more else 'fewer'} {card.question.counts}"
    compared = levers.contrast(card.variable)
    match card.line.verdict:
        case Verdict.CLEAR:
            return f"{compared}: {way}, and that is clear."
        case Verdict.LIKELY:
            return f"{compared}: likely {way}."
        case Verdict.MAY:
            return f"{compared}: maybe {way}."
        case Verdict.TOO_FEW:
            return "Nobody can tell yet: fewer than five creators have tried it both ways."
    if card.says_something:
        return f"{compared}: {way} in this account."
    return "Nobody can tell yet."


def _answer(findings: Results, question: Question) -> Answer:
    return next(each for each in findings.answers if each.question == question)
