"""The lines of a question as cards: what each compares, its halves, and what would tell."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.inference.published_line import Estimate, Needed, Verdict
from pipeline.inference.results import Results
from pipeline.inference.thresholds import INTERVAL_CREATORS
from pipeline.inference.verdicts import NARROW
from pipeline.model.questions import CONVERSION, FOLLOWERS, REACH, Question
from pipeline.model.variables import Variable
from pipeline.render.diagnostics.sentences import stands_out
from pipeline.render.labels import levers
from pipeline.render.text.numbers import ratio, whole
from pipeline.render.text.words import capital

ORDER = (
    Verdict.CLEAR, Verdict.LIKELY, Verdict.MAY, Verdict.THIS_ACCOUNT, Verdict.CANNOT_TELL,
    Verdict.TOO_FEW,
)  # fmt: skip
SURER = {verdict: place for place, verdict in enumerate(ORDER)}
MANY = 1000  # more creators, beyond which a number means nothing
SLIGHT = 1.25  # the ratio below which it is a little
Ends = tuple[float, float]  # of an interval of a ratio
WIDEST = 4.0  # how far the bar of a card reaches, as a ratio either way


@dataclass(frozen=True, slots=True)
class Half:
    """Reach or conversion of a line, as ratios; `line` is the question's own."""

    ratio: float
    ends: Ends | None
    line: Estimate


@dataclass(frozen=True, slots=True)
class Bar:
    """An interval from 0 to 100, where 50 is no difference; `low` and `high` None without one."""

    at: float
    low: float | None
    high: float | None


def bar(value: float | None, ends: Ends | None) -> Bar:
    """Place a ratio and its interval on a scale that all share."""
    return Bar(_at(value), *(map(_at, ends) if ends else (None, None)))


@dataclass(frozen=True, slots=True)
class Card:
    """One published line; of followers with its reach and its conversion, None where not told."""

    line: Estimate
    question: Question
    reach: Half | None = None
    conversion: Half | None = None

    @property
    def variable(self) -> Variable:
        """What is compared."""
        return self.line.variable

    @property
    def is_more(self) -> bool:
        """Return whether it goes with more."""
        return (self.line.estimate or 0) > 0

    @property
    def says_something(self) -> bool:
        """Return whether it has a card of its own: clear, likely, or sure within one account."""
        return stands_out(self.line)

    @property
    def anchor(self) -> str:
        """The place of the card on its page; our own words only."""
        return f"{self.variable.term}-{self.variable.level}".replace("_", "-")

    @property
    def basis(self) -> str:
        """Say what it rests on."""
        videos, creators = levers.count(self.line.videos, "video"), self.line.creators
        if self.line.verdict == Verdict.THIS_ACCOUNT:
            return videos if self.variable.is_log else levers.count(self.line.videos, "such video")
        if self.variable.is_log:
            return f"{videos} by {levers.count(creators, 'creator')}"
        such = levers.count(self.line.videos, "such video")
        others = levers.others(self.variable)
        also = others if others == "others" else f"also {others}"
        return f"{such}; {levers.count(creators, 'creator')} made these and {also}"

    @property
    def bar(self) -> Bar:
        """Its interval as a bar that all cards share the scale of."""
        line = self.line
        low, high = line.ratio(line.ci_low), line.ratio(line.ci_high)
        return bar(line.ratio(line.estimate), None if low is None or high is None else (low, high))

    @property
    def surer(self) -> str:
        """The surer verdict of its two halves, as their questions have it."""
        halves = (self.reach, self.conversion)
        verdicts = [half.line.verdict for half in halves if half]
        known = [verdict for verdict in verdicts if verdict in SURER]
        return min(known, key=lambda verdict: SURER[verdict], default=Verdict.TOO_FEW)

    @property
    def amount(self) -> str:
        """Say in words which way its ratio points, and whether by much."""
        size = self.line.ratio(abs(self.line.estimate or 0.0)) or 1.0
        return f"{'a little ' if size < SLIGHT else ''}{'more' if self.is_more else 'less'}"

    @property
    def chance(self) -> str:
        """Say the odds of what is likely, or may be, and how large it is then; "" elsewhere."""
        line = self.line
        if line.verdict not in HINTS or line.odds is None:
            return ""
        low, size, high = (
            ratio(line.ratio(each))
            for each in (line.shrunken_low, line.shrunken, line.shrunken_high)
        )
        way = "more" if self.is_more else "fewer"
        return (
            f"About a {levers.odds(line.odds)} chance that it goes with {way}. Allowing for luck, "
            f"it is more like {size} × ({low} to {high})."
        )

    @property
    def wants(self) -> str:
        """Say what would tell."""
        line, needed = self.line, self.line.needed
        if line.verdict == Verdict.TOO_FEW:
            lacking = INTERVAL_CREATORS - line.creators
            more = "creator who makes" if lacking == 1 else "creators who make"
            kinds = levers.two_kinds(self.variable)
            return f"{lacking} more {more} {kinds} would give a range."
        if needed is None:
            return UNTOLD.get(line.verdict, "")
        creators, videos = needed.creators - line.creators, needed.videos - line.videos
        such = "more such video"
        match line.verdict:
            case Verdict.THIS_ACCOUNT:
                if videos <= 0:
                    return _narrow(line)
                return f"About {levers.count(videos, such)} would be enough to tell."
            case Verdict.LIKELY | Verdict.MAY:
                return _to_be_clear(line, needed)
            case _ if creators <= 0:
                return _narrow(line)
        said = f"About {levers.count(creators, 'more creator')}, with {levers.count(videos, such)},"
        return f"{said} would be enough to tell."


UNTOLD = {  # where it is not known what would tell
    Verdict.CANNOT_TELL: "We cannot say how many more videos would be enough to tell.",
    Verdict.LIKELY: "We cannot say how many more creators would make this clear.",
    Verdict.MAY: "We cannot say how many more creators would make this clear.",
}
HINTS = (Verdict.LIKELY, Verdict.MAY)


def _to_be_clear(line: Estimate, needed: Needed) -> str:
    """Say how many creators could make it clear: a hopeful estimate (`simulations/needed.csv`)."""
    least = max(needed.creators - line.creators, 1)
    most = math.inf if needed.most is None else max(needed.most - line.creators, 1)
    if most == 1 and (line.lowest or 0) * (line.highest or 0) <= 0:
        return "One creator decides which way it goes. More creators would tell."
    about = f"about {levers.count(least, 'more creator')}"
    if most > MANY:
        return f"To make it clear, it would take {about} at least, or many more."
    if least < most:
        about = f"about {whole(least)} to {levers.count(int(most), 'more creator')}"
    return f"{capital(about)} could make it clear."


def _narrow(line: Estimate) -> str:
    """Say what a range as narrow as it has to be rules out, or how far it still reaches."""
    low, high = (line.ratio(end) or 1.0 for end in (line.ci_low, line.ci_high))
    if low >= 1 / NARROW and high <= NARROW:
        return f"A difference of more than {NARROW:g} times either way is unlikely."
    farthest = f"up to {ratio(high)}" if low * high > 1 else f"down to {ratio(low)}"
    return f"The range still reaches {farthest} ×."


def _at(value: float | None) -> float:
    share = math.log(value or 1.0) / math.log(WIDEST)
    return round(50 + 50 * max(-1.0, min(1.0, share)), 1)


def cards(findings: Results, question: Question) -> tuple[Card, ...]:
    """Make a card of each line of a question that was asked and has an estimate, in its order."""
    asked = [line for line in lines(findings, question) if line.estimate is not None]
    if question != FOLLOWERS:
        return tuple(Card(line, question) for line in asked)
    reach, conversion = (
        {line.variable: _half(line) for line in lines(findings, each)}
        for each in (REACH, CONVERSION)
    )
    return tuple(
        Card(line, question, reach.get(line.variable), conversion.get(line.variable))
        for line in asked
    )


def lines(findings: Results, question: Question) -> tuple[Estimate, ...]:
    """The lines of a question that were asked, told or not."""
    answers = (each for each in findings.answers if each.question == question)
    return tuple(line for each in answers for line in each.estimates if line.is_tested)


def _half(line: Estimate) -> Half | None:
    size, low, high = (line.ratio(each) for each in (line.estimate, line.ci_low, line.ci_high))
    if size is None:
        return None
    return Half(size, None if low is None or high is None else (low, high), line)


def by_verdict(cards: Sequence[Card]) -> tuple[tuple[str, tuple[Card, ...]], ...]:
    """Sort cards by verdict: what says something the surest first, the rest as they are asked."""
    groups = []
    for verdict in ORDER:
        held = tuple(card for card in cards if card.line.verdict == verdict)
        if held:
            first = named(held)
            groups.append((verdict, (*first, *(card for card in held if card not in first))))
    return tuple(groups)


def named(group: Iterable[Card]) -> tuple[Card, ...]:
    """Choose the cards that say something, the surest first: not the largest, which luck makes."""
    return tuple(sorted((card for card in group if card.says_something), key=sureness))


def sureness(card: Card) -> tuple[int, float, float]:
    """Rank a card: the surest verdict first, and within one the least probable by luck."""
    line = card.line
    return SURER[line.verdict], line.p_value or 0.0, -abs(line.statistic or 0.0)
