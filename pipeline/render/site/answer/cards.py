"""The lines of a question as cards: what each compares, its halves, and what would tell."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.inference.decomposition import Ends, intervals
from pipeline.inference.published_line import Estimate, Verdict
from pipeline.inference.results import Results
from pipeline.inference.thresholds import INTERVAL_CREATORS
from pipeline.model.questions import CONVERSION, FOLLOWERS, REACH, Question
from pipeline.model.variables import Variable
from pipeline.render.diagnostics.sentences import stands_out
from pipeline.render.labels import levers

ORDER = (Verdict.CLEAR, Verdict.LEANING, Verdict.THIS_ACCOUNT, Verdict.CANNOT_TELL, Verdict.TOO_FEW)
SURER = {verdict: place for place, verdict in enumerate(ORDER)}
LUCK = "We made many comparisons, so one like this can be luck."
SLIGHT = 1.25  # the ratio below which it is a little
WIDEST = 4.0  # how far the bar of a card reaches, as a ratio either way


@dataclass(frozen=True, slots=True)
class Half:
    """Reach or conversion of a line, as ratios; `line` is the question's own, None without one."""

    ratio: float
    ends: Ends | None
    line: Estimate | None


@dataclass(frozen=True, slots=True)
class Bar:
    """An interval from 0 to 100, where 50 is no difference; `low` and `high` None without one."""

    at: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Card:
    """One published line: `halves` are its reach and its conversion, None where not told.

    They are of the same videos (`same_videos`), or else of the questions' own.
    """

    line: Estimate
    question: Question
    reach: Half | None = None
    conversion: Half | None = None
    same_videos: bool = False

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
        """Return whether it has a card of its own: clear, leaning, or sure within one account."""
        return stands_out(self.line)

    @property
    def anchor(self) -> str:
        """The place of the card on its page; our own words only."""
        return f"{self.variable.term}-{self.variable.level or 'twice'}".replace("_", "-")

    @property
    def basis(self) -> str:
        """Say what it rests on."""
        videos, creators = levers.count(self.line.videos, "video"), self.line.creators
        if self.line.verdict == Verdict.THIS_ACCOUNT:
            return videos if self.variable.is_log else levers.count(self.line.videos, "such video")
        if self.variable.is_log:
            return f"{videos} by {levers.count(creators, 'creator')}"
        such = levers.count(self.line.videos, "such video")
        return f"{such}, by {levers.count(creators, 'creator')} who made others too"

    @property
    def bar(self) -> Bar:
        """Its interval as a bar that all cards share the scale of."""
        line = self.line
        ends = [
            None if end is None else _at(line.ratio(end)) for end in (line.ci_low, line.ci_high)
        ]
        return Bar(_at(line.ratio(line.estimate)), *ends)

    @property
    def surer(self) -> str:
        """The surer verdict of its two halves, as their questions have it."""
        halves = (self.reach, self.conversion)
        verdicts = [half.line.verdict for half in halves if half and half.line]
        known = [verdict for verdict in verdicts if verdict in SURER]
        return min(known, key=lambda verdict: SURER[verdict], default=Verdict.TOO_FEW)

    @property
    def amount(self) -> str:
        """Say in words which way its ratio points, and whether by much."""
        size = self.line.ratio(abs(self.line.estimate or 0.0)) or 1.0
        return f"{'a little ' if size < SLIGHT else ''}{'more' if self.is_more else 'less'}"

    @property
    def because(self) -> str:
        """Say why it only leans where its 95 % range leaves out no difference; "" elsewhere."""
        line = self.line
        if line.verdict != Verdict.LEANING or line.ci_low is None or line.ci_high is None:
            return ""
        if (line.lowest or 0) * (line.highest or 0) <= 0:
            return ""  # `wants` says that one creator decides
        return LUCK if line.ci_low * line.ci_high > 0 else ""

    @property
    def wants(self) -> str:
        """Say what would tell."""
        line, needed = self.line, self.line.needed
        if line.verdict == Verdict.TOO_FEW:
            lacking = INTERVAL_CREATORS - line.creators
            more = "creator who makes" if lacking == 1 else "creators who make"
            both = "videos like these" if self.variable.is_log else "both"
            return f"{lacking} more {more} {both} would give a range."
        if needed is None:
            return UNTOLD.get(line.verdict, "")
        creators, videos = needed.creators - line.creators, needed.videos - line.videos
        such = "more video" if self.variable.is_log else "more such video"
        match line.verdict:
            case Verdict.THIS_ACCOUNT:
                return f"About {levers.count(videos, such)} would tell." if videos > 0 else NARROW
            case Verdict.LEANING if creators <= 0:
                return "One creator decides which way it goes. More creators would tell."
            case _ if creators <= 0:
                return NARROW
        said = f"About {levers.count(creators, 'more creator')}, with {levers.count(videos, such)},"
        done = "make it clear, if it stays as it is" if line.verdict == Verdict.LEANING else "tell"
        return f"{said} would {done}."


UNTOLD = {  # where it is not known what would tell
    Verdict.CANNOT_TELL: "We cannot say how many more videos would tell.",
    Verdict.LEANING: "We cannot say how many more videos would make this clear.",
}
NARROW = "The range is narrow by now: a big difference is not likely."


def _at(ratio: float | None) -> float:
    share = math.log(ratio or 1.0) / math.log(WIDEST)
    return round(50 + 50 * max(-1.0, min(1.0, share)), 1)


def cards(findings: Results, question: Question) -> tuple[Card, ...]:
    """Make a card of each line of a question that was asked and has an estimate, in its order."""
    halves = _halves(findings) if question == FOLLOWERS else {}
    return tuple(
        Card(line, question, *halves.get(line.variable, (None, None, False)))
        for line in lines(findings, question)
        if line.estimate is not None
    )


def lines(findings: Results, question: Question) -> tuple[Estimate, ...]:
    """The lines of a question that were asked, told or not."""
    answers = (each for each in findings.answers if each.question == question)
    return tuple(line for each in answers for line in each.estimates if line.is_tested)


def _halves(findings: Results) -> Mapping[Variable, tuple[Half | None, Half | None, bool]]:
    """Split each line: on the videos that both halves share, else by the questions' own lines."""
    reach, conversion = (
        {line.variable: line for line in lines(findings, each) if line.estimate is not None}
        for each in (REACH, CONVERSION)
    )
    halves: dict[Variable, tuple[Half | None, Half | None, bool]] = {
        variable: (_own(reach.get(variable)), _own(conversion.get(variable)), False)
        for variable in {**reach, **conversion}
    }
    decomposition = findings.decomposition
    ends = intervals(decomposition) if decomposition else {}
    for split in decomposition.splits if decomposition else ():
        variable = split.variable
        _, first, second = ends.get(variable, (None, None, None))
        halves[variable] = (
            _half(variable, split.reach, first, reach.get(variable)),
            _half(variable, split.conversion, second, conversion.get(variable)),
            True,
        )
    return halves


def _own(line: Estimate | None) -> Half | None:
    if line is None or line.estimate is None:
        return None
    known = line.ci_low is not None and line.ci_high is not None
    ends = (line.ci_low or 0.0, line.ci_high or 0.0) if known else None
    return _half(line.variable, line.estimate, ends, line)


def _half(variable: Variable, estimate: float, ends: Ends | None, line: Estimate | None) -> Half:
    low, high = ends or (None, None)
    between = (variable.ratio(low), variable.ratio(high))
    both = (between[0], between[1]) if between[0] is not None and between[1] is not None else None
    return Half(variable.ratio(estimate) or 1.0, both, line)


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
    return tuple(sorted((card for card in group if card.says_something), key=_sureness))


def _sureness(card: Card) -> tuple[int, float, float]:
    line = card.line
    return SURER[line.verdict], line.p_value or 0.0, -abs(line.statistic or 0.0)
