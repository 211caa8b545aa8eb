"""What the site says first: of each choice the surest thing, whichever question tells it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.inference.published_line import Verdict
from pipeline.inference.results import Results
from pipeline.model.questions import CONVERSION, FOLLOWERS, REACH, Question
from pipeline.render.labels import levers
from pipeline.render.site.answer.cards import SURER, Bar, Card, bar, cards, lines, sureness
from pipeline.render.text.numbers import ratio
from pipeline.render.text.words import capital

ADVICE = (FOLLOWERS, REACH, CONVERSION)  # in the order in which they are told, if equally sure
SHOWN = 8  # choices of the first picture
NAMED = 2  # choices that the first sentences name, at most
TWICE = 1.95  # from which on a ratio is "2 times as many", and below it so many per cent more
NOTHING = "Nothing stands out."
GUESSES = "These are first guesses and can be far off: do not plan by them."


@dataclass(frozen=True, slots=True)
class Statement:
    """What is said of one choice: its surest line, and the card of that.

    Its size allows for luck (`shrunken`) wherever that is known; its range is the line's own.
    """

    card: Card

    @property
    def verdict(self) -> Verdict:
        """How sure it is."""
        return Verdict(self.card.line.verdict)

    @property
    def ratio(self) -> float:
        """Its size."""
        line = self.card.line
        return line.ratio(line.estimate if line.shrunken is None else line.shrunken) or 1.0

    @property
    def ends(self) -> tuple[float, float] | None:
        """The 95 % range of its size; None without one."""
        line = self.card.line
        low, high = line.ratio(line.ci_low), line.ratio(line.ci_high)
        return None if low is None or high is None else (low, high)

    @property
    def bar(self) -> Bar:
        """Its range and its size on the scale of the cards."""
        return bar(self.ratio, self.ends)

    @property
    def sentence(self) -> str:
        """Say who got how many more, or fewer, than who."""
        here, there = levers.compared(self.card.variable)
        counts = self.card.question.counts
        return f"{capital(here)} got about {_size(self.ratio, counts)} {there}"

    @property
    def surety(self) -> str:
        """Say how sure that is, after the sentence."""
        line = self.card.line
        if self.verdict in (Verdict.LIKELY, Verdict.MAY) and line.odds is not None:
            return f"about a {levers.odds(line.odds)} chance"
        return levers.VERDICTS[self.verdict]


def _size(value: float, counts: str) -> str:
    """Say a ratio of counts: "1.9 times as many views as", "35 % fewer views than".

    >>> _size(2.134, "views"), _size(1.5, "views"), _size(0.651, "views")
    ('2.13 times as many views as', '50 % more views than', '35 % fewer views than')
    """
    if value >= TWICE:
        return f"{ratio(value)} times as many {counts} as"
    share = round(100 * abs(value - 1))
    if not share:
        return f"as many {counts} as"
    return f"{share} % {'more' if value > 1 else 'fewer'} {counts} than"


def statements(cards_of: Mapping[Question, Sequence[Card]]) -> tuple[Statement, ...]:
    """Choose the surest line of each choice over the questions, the surest choice first.

    Of lines as sure as each other the first question's is taken, followers if it is among them.
    """
    surest: dict[tuple[str, str], Card] = {}
    for question in ADVICE:
        for card in cards_of.get(question, ()):
            key = (card.variable.term, card.variable.level)
            if key not in surest or _rank(card) < _rank(surest[key]):
                surest[key] = card
    return tuple(map(Statement, sorted(surest.values(), key=lambda c: (_rank(c), sureness(c)))))


def all_statements(findings: Results) -> tuple[Statement, ...]:
    """Choose them from all questions."""
    return statements({each: cards(findings, each) for each in ADVICE})


def _rank(card: Card) -> tuple[int, bool]:
    return SURER[card.line.verdict], not card.says_something


def sure(said: Iterable[Statement]) -> tuple[Statement, ...]:
    """Choose what is clear or likely, or stands out in one account."""
    return tuple(each for each in said if each.card.says_something)


def lead(said: Sequence[Statement], creators: int) -> str:
    """Say in a few sentences what is surest, and of how much nobody can tell yet."""
    if not said:
        return "Nobody can tell anything yet: there is too little to compare."
    counts = {verdict: sum(each.verdict == verdict for each in said) for verdict in SURER}
    surest = sure(said)
    if counts[Verdict.THIS_ACCOUNT]:
        out = f" {_sentences(surest)}" if surest else f" {NOTHING}"
        return f"This account has {levers.count(len(said), 'comparison')}.{out}"
    if counts[Verdict.TOO_FEW] == len(said):
        here = capital(levers.in_words(creators, "creator"))
        return f"{here} {'is' if creators == 1 else 'are'} a start. {GUESSES}"
    first = "" if counts[Verdict.CLEAR] else "Nothing is clear yet. "
    first = (first + _sentences(surest)).strip()
    if (more := len(surest) - NAMED) > 0:
        verb = "are" if more > 1 else "is"
        first += f" {capital(levers.in_words(more))} more {verb} {_surety(surest[NAMED:])}."
    rest = len(said) - len(surest)
    may = counts[Verdict.MAY]
    if may:
        some = levers.in_words(may, "choice") if not surest else f"{levers.in_words(may)} more"
        first += f" {capital(some)} may matter."
        rest -= may
    return f"{first} {_untold(rest, more=bool(surest or may))}".strip()


def _sentences(surest: Sequence[Statement]) -> str:
    return " ".join(f"{each.sentence}{_aside(each)}." for each in surest[:NAMED])


def _aside(each: Statement) -> str:
    return f" ({each.surety})" if each.verdict == Verdict.LIKELY else ""


def _surety(said: Sequence[Statement]) -> str:
    words = dict.fromkeys(each.verdict.value for each in said)
    return " or ".join(words)


def _untold(rest: int, *, more: bool) -> str:
    if not rest:
        return ""
    choices = f"{rest} more" if more else levers.count(rest, "choice")
    return f"For {choices}, nobody can tell yet."


@dataclass(frozen=True, slots=True)
class KnownTruth:
    """How far the report is right where the creators are invented, and the truth is known."""

    statements: int
    wrong: tuple[str, ...]
    intervals: int
    held: int

    @property
    def sentence(self) -> str:
        """Say it, in creators' words."""
        held = f"{self.held} of {self.intervals} ranges of 95 % hold the truth"
        if not self.statements:
            return f"{held}."
        right = self.statements - len(self.wrong)
        which = f"{right} of the {self.statements}" if self.wrong else f"all {self.statements}"
        if self.statements == 1:
            which = "none of the 1" if self.wrong else "the 1"
        thing = "thing" if self.statements == 1 else "things"
        verb = "points" if self.statements == 1 or right == 1 else "point"
        but = f" ({levers.listed(list(self.wrong))} the wrong way)" if self.wrong else ""
        return f"{which} {thing} called clear or likely {verb} the right way{but}, and {held}."


def known_truth(findings: Results, said: Sequence[Statement]) -> KnownTruth | None:
    """Hold what is published against the planted effects; None where they are not known."""
    surest = sure(said)
    planted = {each: findings.planted(each.card.question, each.card.variable) for each in surest}
    known = {each: truth for each, truth in planted.items() if truth is not None}
    wrong = tuple(
        levers.chosen(each.card.variable)
        for each, truth in known.items()
        if truth * (each.card.line.estimate or 0.0) <= 0
    )
    inside = [
        line.ci_low <= truth <= line.ci_high
        for question in ADVICE
        for line in lines(findings, question)
        if (truth := findings.planted(question, line.variable)) is not None
        and line.ci_low is not None
        and line.ci_high is not None
    ]
    return KnownTruth(len(known), wrong, len(inside), sum(inside)) if inside else None
