"""The answer: each lever as a card in words, a chart of all, and reach against conversion."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.analysis.norms.bands import told
from pipeline.analysis.norms.rates import group, lacks
from pipeline.inference.results import Answer, Results
from pipeline.inference.verdicts import CLEAR, LEANING, TOO_FEW
from pipeline.model.fit_result import Withheld
from pipeline.model.questions import CONVERSION, FOLLOWERS, REACH, SIGNALS, Part, Question
from pipeline.render.labels import levers
from pipeline.render.labels.making import turns
from pipeline.render.site.answer import cards
from pipeline.render.site.answer.cards import Card
from pipeline.render.site.answer.charts import reach_picture, whole_picture
from pipeline.render.site.answer.headline import lead
from pipeline.render.site.answer.not_estimable import untold, why
from pipeline.render.site.layout.context import Edition
from pipeline.render.site.layout.page import html_page

BELIEFS = {  # what creators say of a lever, as a question
    "hashtags": "Do more hashtags help?",
    "posted_hour": "Does the time of day matter?",
    "duration_s": "Short or long?",
    "has_cover": "Do you need a cover?",
}
VIEWS = (10_000, 100_000, 1_000_000)  # of which the new followers are whole people
FULL = (CLEAR, LEANING)  # the verdicts whose lines have a card of their own
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
UNNOTED = "The videos that can be asked do not tell."


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
            counts = tuple(math.floor(views * each / 1000 + 0.5) for each in (self.rate, *ends))
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
    of = {each: cards.cards(findings, each) for each in (FOLLOWERS, REACH, CONVERSION, SIGNALS)}
    places = [card for card in of[FOLLOWERS] if card.reach and card.conversion]
    signs = [card for card in of[SIGNALS] if card.variable.part is Part.ENGAGEMENT]
    tested = any(card.line.p_value is not None for card in of[main])
    return html_page(
        edition,
        "answer/answer.html.jinja",
        "index.html",
        words=levers,
        main=main,
        one=edition.creators == 1,
        tested=tested,
        guess=not tested and edition.creators > 1,
        asked=sum(line.p_value is not None for each in of for line in cards.lines(findings, each)),
        rate=rate(findings),
        since=since(findings),
        lead=lead(of[main], main, edition.creators),
        groups=cards.by_verdict(of[main]),
        full=FULL,
        first_try=first_try(of[main]),
        unanswered=unanswered(findings),
        untold=untold(findings, main),
        untold_followers=untold(findings, FOLLOWERS) if main != FOLLOWERS else (),
        standing=[(each, cards.named(of[each])) for each in (REACH, CONVERSION) if each != main],
        signs=cards.named(signs),
        has_signs=bool(signs),
        beliefs=beliefs(findings, of[main], main),
        forest=whole_picture(findings, _answer(findings, main), of[main]),
        places=places,
        map=reach_picture(findings, places),
        shared=findings.decomposition.videos if findings.decomposition else 0,
        viewed=viewed(findings),
        compared=any(edition.answered(each) for each in (FOLLOWERS, REACH, CONVERSION)),
        normal=not edition.is_empty and not lacks(told(findings)),
    )


def first_try(of: Sequence[Card]) -> str:
    """Say what to make by turns: of what leans the surest that can be; "" without one."""
    leaning = (card for card in cards.named(of) if card.line.verdict == LEANING)
    tries = (turns(card.variable) for card in leaning)
    return next((said for said in tries if said), "")


def viewed(findings: Results) -> int:
    """Count the videos that tell of views."""
    fit = _answer(findings, REACH).fit
    return 0 if isinstance(fit, Withheld) else len(fit.sample.y)


def rate(findings: Results) -> ShownRate | None:
    """New followers per 1,000 views: of one account, or of three and more, none leading."""
    videos = told(findings)
    if len(videos) and not lacks(videos):
        found = group(videos)
        return ShownRate(found.videos, found.rate, found.rate_low, found.rate_high)
    if len(findings.pool.creators) == 1 and videos["views"].sum():
        both = videos[["new_followers", "views"]].sum()
        return ShownRate(len(videos), 1000 * float(both.iloc[0]) / float(both.iloc[1]), None, None)
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
        return f"{_capital(answer.fit.why)}."
    return "No choice can be compared by them yet."


def beliefs(findings: Results, of: Sequence[Card], question: Question) -> tuple[Belief, ...]:
    """Answer what creators say, from the lines of a question."""
    reasons = {
        line.variable.term: why(line)
        for line in cards.lines(findings, question)
        if line.estimate is None
    }
    return tuple(
        Belief(
            asks,
            _answers([card for card in of if card.variable.term == term]),
            reasons.get(term, UNNOTED if noted(findings, term) else "Nobody has noted it."),
        )
        for term, asks in BELIEFS.items()
    )


def noted(findings: Results, term: str) -> bool:
    """Return whether any video of the pool has it, asked or not."""
    return bool(findings.pool.videos[term].notna().any())


def _answers(of: Sequence[Card]) -> tuple[tuple[str, tuple[Card, ...]], ...]:
    """Put lines together that have the same answer, the surest first."""
    found: dict[str, tuple[Card, ...]] = {}
    for card in sorted(of, key=lambda card: cards.SURER[card.line.verdict]):
        said = _answered(card)
        found[said] = (*found.get(said, ()), card)
    return tuple(found.items())


def _answered(card: Card) -> str:
    """Answer a belief by a line, in a sentence."""
    way = "more" if card.is_more else "fewer"
    match card.line.verdict:
        case verdict if verdict == CLEAR:
            return f"It goes with {way}, and that is clear."
        case verdict if verdict == LEANING:
            return f"It leans towards {way}."
        case verdict if verdict == TOO_FEW:
            return "Nobody can tell yet: fewer than five creators made some and others."
    return f"In this account it went with {way}." if card.says_something else "Nobody can tell yet."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _answer(findings: Results, question: Question) -> Answer:
    return next(each for each in findings.answers if each.question == question)
