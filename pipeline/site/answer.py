"""The answer: each lever as a card in words, a chart of all, and reach against conversion."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.findings import Answer, Findings
from pipeline.fitted import Withheld
from pipeline.questions import CONVERSION, FOLLOWERS, REACH, SIGNALS, Question
from pipeline.rates import group, lacks, rounded
from pipeline.site import cards, wording
from pipeline.site.answer_charts import reach_picture, whole_picture
from pipeline.site.cards import Card
from pipeline.site.edition import Edition
from pipeline.site.shell import html_page
from pipeline.site.untold import untold, why
from pipeline.verdict import CANNOT_TELL, CLEAR, LEANING, THIS_ACCOUNT, TOO_FEW
from pipeline.yardstick import told

BELIEFS = {  # what creators say of a lever, as a question
    "hashtags": "Do more hashtags help?",
    "posted_hour": "Does the time of day matter?",
    "duration_s": "Short or long?",
    "has_cover": "Do you need a cover?",
}
FULL = (CLEAR, LEANING)  # the verdicts whose lines have a card of their own
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rate:
    """New followers per 1,000 views, over so many videos; the ends None where none can be told."""

    videos: int
    rate: float
    low: float | None
    high: float | None

    @staticmethod
    def of_10_000(rate: float) -> float:
        """Turn a rate per 1,000 into a count of 10,000."""
        return rounded(10 * rate)


@dataclass(frozen=True, slots=True)
class Belief:
    """What creators say of a lever, and the lines that answer it; without any, why."""

    asks: str
    cards: tuple[Card, ...]
    why: str


def page(edition: Edition) -> bytes:
    """Write the page."""
    findings = edition.findings
    main = FOLLOWERS if edition.answered(FOLLOWERS) else REACH
    of = {each: cards.cards(findings, each) for each in (FOLLOWERS, REACH, CONVERSION, SIGNALS)}
    places = [card for card in of[FOLLOWERS] if card.reach and card.conversion]
    return html_page(
        edition,
        "answer.html.jinja",
        "index.html",
        words=wording,
        main=main,
        one=edition.creators == 1,
        tested=any(card.line.p_value is not None for card in of[main]),
        asked=sum(line.p_value is not None for each in of for line in cards.lines(findings, each)),
        rate=rate(findings),
        since=since(findings),
        lead=lead(of[main], main, edition.creators),
        groups=cards.by_verdict(of[main]),
        full=FULL,
        unanswered=unanswered(findings),
        untold=untold(findings, main),
        untold_followers=untold(findings, FOLLOWERS) if main != FOLLOWERS else (),
        standing=[(each, cards.named(of[each])) for each in (REACH, CONVERSION) if each != main],
        signs=cards.named(of[SIGNALS]),
        has_signs=bool(of[SIGNALS]),
        beliefs=beliefs(findings, of[main], main),
        forest=whole_picture(findings, _answer(findings, main), of[main]),
        places=places,
        map=reach_picture(findings, places),
        shared=findings.decomposition.videos if findings.decomposition else 0,
    )


def lead(of: Sequence[Card], question: Question, creators: int) -> str:
    """Say in a sentence or two what is clear, what leans, and what nobody can tell yet."""
    counts = {verdict: sum(card.line.verdict == verdict for card in of) for verdict in cards.ORDER}
    if not of:
        return "Nobody can tell anything yet: there is too little to compare."
    if counts[THIS_ACCOUNT]:
        out = len(cards.named(of))
        stands = f"{_choices(out)} stand{'s' if out == 1 else ''} out" if out else NOTHING
        return f"{stands} in this account, of {len(of)} that we could compare."
    if counts[TOO_FEW] == len(of):
        here = wording.count(creators, "creator")
        return f"With {here} there are first numbers. Nobody can say yet how sure they are."
    clear, leaning = counts[CLEAR], counts[LEANING]
    said = [f"{_choices(clear)} {'is' if clear == 1 else 'are'} clear." if clear else NO_CLEAR]
    if leaning:
        said.append(f"{_choices(leaning)} lean{'s' if leaning == 1 else ''}, which could be luck.")
    if rest := counts[CANNOT_TELL] + counts[TOO_FEW]:
        more = "more" if clear or leaning else "choices"
        said.append(f"Of {rest} {more}, nobody can tell yet.")
    return " ".join(said)


NOTHING, NO_CLEAR = "Nothing stands out", "Nothing is clear yet."


def _choices(number: int) -> str:
    return wording.count(number, "choice")


def rate(findings: Findings) -> Rate | None:
    """New followers per 1,000 views: of one account, or of three and more, none leading."""
    videos = told(findings)
    if len(videos) and not lacks(videos):
        found = group(videos)
        return Rate(found.videos, found.rate, found.rate_low, found.rate_high)
    if len(findings.pool.creators) == 1 and videos["views"].sum():
        both = videos[["new_followers", "views"]].sum()
        return Rate(len(videos), 1000 * float(both.iloc[0]) / float(both.iloc[1]), None, None)
    return None


def since(findings: Findings) -> str:
    """Say when the oldest video was posted, as far as that is known: "January 2025"."""
    videos = findings.pool.videos
    days = videos["posted_on"].dropna() if len(videos) else ()
    if not len(days):
        return ""
    first = min(days)
    return f"{MONTHS[first.month - 1]} {first.year}"


def unanswered(findings: Findings) -> str:
    """Say why nothing is told of new followers; "" where something is."""
    answer = _answer(findings, FOLLOWERS)
    if any(line.estimate is not None for line in answer.estimates):
        return ""
    if isinstance(answer.fit, Withheld):
        return f"{answer.fit.why[:1].upper()}{answer.fit.why[1:]}."
    return "No choice can be compared by them yet."


def beliefs(findings: Findings, of: Sequence[Card], question: Question) -> tuple[Belief, ...]:
    """Answer what creators say, from the lines of a question."""
    reasons = {
        line.variable.term: why(line)
        for line in cards.lines(findings, question)
        if line.estimate is None
    }
    return tuple(
        Belief(
            asks,
            tuple(card for card in of if card.variable.term == term),
            reasons.get(term, "Nobody has noted it."),
        )
        for term, asks in BELIEFS.items()
    )


def _answer(findings: Findings, question: Question) -> Answer:
    return next(each for each in findings.answers if each.question == question)
