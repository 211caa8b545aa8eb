"""Formulas as MathML, which browsers draw by themselves, from a line of text.

Words stand apart; `_` and `^` put what follows them, up to the next of them or a blank, below or
above; braces group, and a slash between two groups is a fraction:

    β = { ∑_g y_g } / { n^2 }
"""

import re
from collections.abc import Iterator

from markupsafe import Markup

SCRIPTS = re.compile(r"([^_^]+)((?:_[^_^]+)?(?:\^[^_^]+)?)\Z")
NUMBER = re.compile(r"[0-9][0-9.,]*")
OPERATORS = frozenset("=+−·×/()|,∼≈≥≤<…±∗")
LARGE = frozenset(["∑", "max", "min"])
WORD = re.compile(r"[A-Za-z]{2,}")  # such as log
PIECES = re.compile(r"[0-9.,]*[0-9]|[A-Za-z]{2,}|[^\W\d_]|\S")
FENCES = frozenset("()|")
FENCE = Markup('<mo stretchy="false">{}</mo>')
GAP = Markup('<mspace width="0.17em"></mspace>')


def formula(text: str) -> Markup:
    """Write a formula on a line of its own; its text is what is read aloud where MathML is not."""
    return Markup('<math display="block" alttext="{}">{}</math>').format(
        text, _row(iter(text.split()))
    )


def inline_formula(text: str) -> Markup:
    """Write a formula within a sentence.

    >>> inline_formula("x_g")
    Markup('<math alttext="x_g"><msub><mi>x</mi><mi>g</mi></msub></math>')
    """
    return Markup('<math alttext="{}">{}</math>').format(text, _row(iter(text.split())))


def _row(words: Iterator[str]) -> Markup:
    """Write words up to the end, or to the brace that closes them."""
    return Markup("").join(_parts(words)[0])


def _parts(words: Iterator[str]) -> tuple[list[Markup], str]:
    """Give the elements of a row, and the word that closed it."""
    elements: list[Markup] = []
    after_group = over = False  # a slash after a group: the next group is the denominator
    for word in words:
        if word.startswith("}"):
            return elements, word
        if word == "/" and after_group:
            over = True
            continue
        after_group = word in ("{", "√{")
        if not after_group:
            elements.append(_atom(word))
            continue
        parts, closed = _parts(words)
        group = _element("msqrt" if word == "√{" else "mrow", *parts)
        group = _scripted(group, closed[1:])
        elements.append(_element("mfrac", elements.pop(), group) if over else group)
        over = False
    return elements, ""


def _atom(word: str) -> Markup:
    match = SCRIPTS.match(word)
    base, scripts = match.groups() if match else (word, "")
    return _scripted(_leaf(base), scripts, is_large=base in LARGE)


def _scripted(inner: Markup, scripts: str, *, is_large: bool = False) -> Markup:
    """Put what stands after `_` below, and what stands after `^` above."""
    under, _, over = scripts.partition("^")
    below, above = (_leaf(text) if text else None for text in (under.removeprefix("_"), over))
    if below and above:
        return _element("munderover" if is_large else "msubsup", inner, below, above)
    if below:
        return _element("munder" if is_large else "msub", inner, below)
    return _element("msup", inner, above) if above else inner


def _leaf(word: str) -> Markup:
    """Write a number, an operator or a name; of several pieces, a row of them."""
    if word in OPERATORS or word in LARGE:
        return FENCE.format(word) if word in FENCES else _element("mo", word)
    if NUMBER.fullmatch(word):
        return _element("mn", word)
    if WORD.fullmatch(word):
        return _element("mrow", _element("mi", word), GAP)
    pieces = PIECES.findall(word)
    return _element("mi", word) if len(pieces) < 2 else _element("mrow", *map(_leaf, pieces))


def _element(tag: str, *inside: str | Markup) -> Markup:
    """Wrap pieces, escaped where they are text, in an element."""
    body = Markup("").join(inside)
    return Markup(f"<{tag}>") + body + Markup(f"</{tag}>")  # noqa: S704  # tags of this module
