"""The first sentences of the site: what is clear, what is likely, what nobody can tell yet."""

from collections.abc import Sequence

from pipeline.inference.published_line import Verdict
from pipeline.model.questions import Question
from pipeline.render.labels import levers
from pipeline.render.labels.levers import chosen
from pipeline.render.site.answer.cards import ORDER, Card, named
from pipeline.render.text.words import capital

NAMED = 4  # choices that are named, at most
NOTHING = "Nothing stands out."
GUESSES = "These are first guesses and can be far off: do not plan by them."
MORE_OR_FEWER = (("more", True), ("fewer", False))


def lead(cards: Sequence[Card], question: Question, creators: int) -> str:
    """Say in a sentence or two what is clear, what is likely, and what nobody can tell yet."""
    counts = {verdict: sum(card.line.verdict == verdict for card in cards) for verdict in ORDER}
    if not cards:
        return "Nobody can tell anything yet: there is too little to compare."
    if counts[Verdict.THIS_ACCOUNT]:
        out = _stated(named(cards), question, ("stands out", "stand out"), NAMED)
        return f"This account has {levers.count(len(cards), 'comparison')}. {out or NOTHING}"
    if counts[Verdict.TOO_FEW] == len(cards):
        here = capital(levers.in_words(creators, "creator"))
        return f"{here} {'is' if creators == 1 else 'are'} a start. {GUESSES}"
    sure = {verdict: [card for card in named(cards) if card.line.verdict == verdict]
            for verdict in (Verdict.CLEAR, Verdict.LIKELY)}  # fmt: skip
    left = max(NAMED - len(sure[Verdict.CLEAR]), 0)
    clear = _stated(sure[Verdict.CLEAR], question, ("is clear", "are clear"), NAMED)
    likely = _stated(
        sure[Verdict.LIKELY], question, ("is likely", "are likely"), left, more=bool(clear)
    )
    may = _counted(counts[Verdict.MAY], more=bool(clear or likely))
    rest = counts[Verdict.CANNOT_TELL] + counts[Verdict.TOO_FEW]
    left_over = "more" if clear or likely or may else "choices"
    said = [clear or "Nothing is clear yet.", likely, f"{may} may matter." if may else "",
            f"For {rest} {left_over}, nobody can tell yet." if rest else ""]  # fmt: skip
    return " ".join(filter(None, said))


def _counted(number: int, *, more: bool) -> str:
    """Count choices, or more of them: "Two choices", "Two more"; "" without any."""
    if not number:
        return ""
    return capital(f"{levers.in_words(number)} more" if more else levers.in_words(number, "choice"))


def _stated(
    cards: Sequence[Card], question: Question, verbs: tuple[str, str], most: int, *,
    more: bool = False,
) -> str:  # fmt: skip
    """Say how many are so, and what the surest go with: "Two choices are likely: …"; or ""."""
    if not cards:
        return ""
    said = f"{_counted(len(cards), more=more)} {verbs[len(cards) > 1]}"
    if not most:
        return f"{said}."
    return f"{said}{'. The surest' if len(cards) > most else ''}: {_ways(cards[:most], question)}."


def _ways(cards: Sequence[Card], question: Question) -> str:
    """Say which got more and which fewer: "tutorials got more views, opinions got fewer"."""
    ways = [
        (word, [card for card in cards if card.is_more is more]) for word, more in MORE_OR_FEWER
    ]
    said = [
        f"{levers.listed(_whole_last([chosen(card.variable) for card in held]))} got {word}"
        for word, held in ways
        if held
    ]
    return ", ".join([f"{said[0]} {question.counts}", *said[1:]])


def _whole_last(names: Sequence[str]) -> list[str]:
    """Put "videos with a cover" after "reviews", which would else be what they are with."""
    return sorted(names, key=lambda name: " with" in name)
