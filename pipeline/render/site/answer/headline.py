"""The first sentences of the site: what is clear, what leans, and what nobody can tell yet."""

from collections.abc import Sequence

from pipeline.inference.verdicts import CANNOT_TELL, CLEAR, LEANING, THIS_ACCOUNT, TOO_FEW
from pipeline.model.questions import Question
from pipeline.render.labels import levers
from pipeline.render.labels.making import chosen
from pipeline.render.site.answer import cards
from pipeline.render.site.answer.cards import Card

NAMED = 4  # choices that are named, at most
NOTHING = "Nothing stands out."
GUESSES = "These are first guesses and can be far off: do not plan by them."
MORE_OR_FEWER = (("more", True), ("fewer", False))


def lead(of: Sequence[Card], question: Question, creators: int) -> str:
    """Say in a sentence or two what is clear, what leans, and what nobody can tell yet."""
    counts = {verdict: sum(card.line.verdict == verdict for card in of) for verdict in cards.ORDER}
    if not of:
        return "Nobody can tell anything yet: there is too little to compare."
    if counts[THIS_ACCOUNT]:
        out = _stated(cards.named(of), question, ("stands out", "stand out"), NAMED)
        return f"This account has {levers.count(len(of), 'comparison')}. {out or NOTHING}"
    if counts[TOO_FEW] == len(of):
        here = _capital(levers.in_words(creators, "creator"))
        return f"{here} {'is' if creators == 1 else 'are'} a start. {GUESSES}"
    named = {verdict: [card for card in cards.named(of) if card.line.verdict == verdict]
             for verdict in (CLEAR, LEANING)}  # fmt: skip
    left = max(NAMED - len(named[CLEAR]), 0)
    clear = _stated(named[CLEAR], question, ("is clear", "are clear"), NAMED)
    leaning = _stated(named[LEANING], question, ("leans", "lean"), left)
    rest = counts[CANNOT_TELL] + counts[TOO_FEW]
    more = "more" if clear or leaning else "choices"
    said = [clear or "Nothing is clear yet.", leaning, "That may be luck." if leaning else "",
            f"For {rest} {more}, nobody can tell yet." if rest else ""]  # fmt: skip
    return " ".join(filter(None, said))


def _stated(of: Sequence[Card], question: Question, verbs: tuple[str, str], most: int) -> str:
    """Say how many do so, and what the surest go with: "Two choices lean: …"; "" without any."""
    if not of:
        return ""
    said = f"{_capital(levers.in_words(len(of), 'choice'))} {verbs[len(of) > 1]}"
    if not most:
        return f"{said}."
    return f"{said}{'. The surest' if len(of) > most else ''}: {_ways(of[:most], question)}."


def _ways(of: Sequence[Card], question: Question) -> str:
    """Say which got more and which fewer: "tutorials got more views, opinions got fewer"."""
    ways = [(word, [card for card in of if card.is_more is more]) for word, more in MORE_OR_FEWER]
    said = [
        f"{levers.listed([chosen(card.variable) for card in held])} got {word}"
        for word, held in ways
        if held
    ]
    return ", ".join([f"{said[0]} {question.counts}", *said[1:]])


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
