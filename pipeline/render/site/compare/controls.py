"""The controls of the form: one for each lever that the questions can compare."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.analysis.comparison.comparison import seen
from pipeline.analysis.comparison.published import NUMBERS, Published
from pipeline.model.questions import LEVERS, Form, Term
from pipeline.model.terms import log_of
from pipeline.render.labels import table
from pipeline.render.labels.levers import level
from pipeline.render.site.layout.context import Edition
from pipeline.render.text.words import capital
from schema.columns import BY_NAME, Kind

ORDER = (Form.SPLINE, Form.LEVELS, Form.HOURS, Form.FLAG)  # of the controls


@dataclass(frozen=True, slots=True)
class LevelChoice:
    """One level that can be chosen; `is_told` where one of the questions at least tells it."""

    level: str
    words: str
    is_told: bool


@dataclass(frozen=True, slots=True)
class Control:
    """One lever of the form: what kind of control it is, and what it shows at first for A and B."""

    term: str
    label: str
    kind: str
    first: tuple[float | str, float | str]
    choices: tuple[LevelChoice, ...] = ()
    limits: tuple[int, int] = (0, 0)
    seen: tuple[int, int] | None = None
    unit: str = ""
    is_decimal: bool = False

    @property
    def counted(self) -> str:
        """What stands behind a number of it: "seconds", or what it is called."""
        return f"{self.unit}s" if self.unit else f"({self.label.lower()})"

    @property
    def most(self) -> str:
        """Say what nine in ten videos are like: "are 7 to 65 seconds long"."""
        low, high = self.seen or self.limits
        return table.column(self.term).have.replace("{number}", f"{low} to {high} {self.counted}")

    @property
    def in_unit(self) -> str:
        """What stands behind its label: " in seconds", where that does not say so."""
        is_said = not self.unit or self.label.lower() == self.counted
        return "" if is_said else f" in {self.counted}"


def controls_of(edition: Edition, questions: Sequence[Published]) -> list[Control]:
    """Make a control of each lever of which a question tells two levels."""
    controls = []
    for term in sorted(LEVERS, key=lambda term: ORDER.index(term.form)):
        choices = tuple(_choices(term, questions))
        levels = [choice.level for choice in choices if choice.is_told]
        if len(levels) >= 2:
            controls.append(_control(edition, term, choices, levels))
    return controls


def _choices(term: Term, questions: Sequence[Published]) -> Iterator[LevelChoice]:
    for word in term.levels:
        is_told = any(lines.tells(term.column, word) for lines in questions)
        yield LevelChoice(word, capital(level(term.column, word)), is_told)


def _control(
    edition: Edition, term: Term, choices: tuple[LevelChoice, ...], levels: Sequence[str]
) -> Control:
    names = table.column(term.column)
    if term.column in NUMBERS:
        low, high = ends = limits(term, edition.findings.pool.videos[term.column])
        held = seen(edition.findings.pool.videos, term.column)
        ranged = held and (max(held[0], low), min(held[1], high))
        first = _pair([min(max(each, low), high) for each in names.compare or ranged or ends])
        decimal = BY_NAME[term.column].kind is Kind.DECIMAL
        return Control(
            term.column, names.label, "number", first, (), ends, ranged, names.unit, decimal
        )
    if term.form is Form.FLAG:
        words = capital(names.yes)
        return Control(term.column, words, "flag", ("no", "no"), choices)
    first = _pair(names.compare or (term.reference, term.reference))
    if not set(first) <= set(levels):
        first = (levels[0], levels[1] if len(set(first)) == 2 else levels[0])
    return Control(term.column, names.label, "list", first, choices)


def limits(term: Term, values: pd.Series) -> tuple[int, int]:
    """The least and the most whole numbers within the data: beyond, nobody knows the curve.

    At least 1 where the curve is one of the number's own log.
    """
    least = 0 if log_of(term) is np.log1p else 1
    low, high = math.ceil(values.min()), math.floor(values.max())
    return max(min(low, high), least), max(low, high, least)


def _pair(two: Sequence[float | str]) -> tuple[float | str, float | str]:
    a, b = two
    return a, b
