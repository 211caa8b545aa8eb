"""The labels of `labels.toml`: of columns, their levels and questions, each with a fallback.

A new column, level or question needs no entry: it is called by its name, or by what
`model/questions.py` says of it.
"""

import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from pipeline.model.questions import LEVERS, QUESTIONS, Form, Term
from pipeline.render.text.words import capital

WORDS = (Form.LEVELS, Form.HOURS, Form.SPLINE)


@dataclass(frozen=True, slots=True)
class ColumnLabels:
    """What a column is called; labels.toml says what each is. "" where nothing can be said."""

    label: str
    line: str = ""
    yes: str = ""
    no: str = ""
    many: str = ""
    more: str = ""
    turns: tuple[str, ...] = ()
    verb: str = ""
    unit: str = ""
    has: str = "has {number}"
    have: str = "have {number}"
    asked: str = ""
    compare: tuple[float | str, ...] = ()
    where: str = ""
    allows: str = ""
    missing: str = ""


@dataclass(frozen=True, slots=True)
class LevelLabels:
    """What a level of a column is called; `tried` is False where nobody sets out to make it."""

    one: str
    other: str
    bare: str
    many: str
    tried: bool = True


@dataclass(frozen=True, slots=True)
class QuestionLabels:
    """What a question is called."""

    asks: str
    counts: str
    about: str
    title: str
    short: str


@dataclass(frozen=True, slots=True)
class Entries:
    """The entries of labels.toml as they stand there."""

    columns: dict[str, dict[str, Any]] = field(default_factory=dict)
    levels: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    questions: dict[str, dict[str, str]] = field(default_factory=dict)


@cache
def entries() -> Entries:
    """Read labels.toml."""
    file = resources.files("pipeline.render.labels").joinpath("labels.toml")
    return Entries(**tomllib.loads(file.read_text(encoding="utf-8")))


@cache
def column(name: str) -> ColumnLabels:
    """Name a column; one without an entry by its name and by what its term says."""
    known = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in entries().columns.get(name, {}).items()
    }
    plain = name.replace("_", " ")
    label = capital(plain.removeprefix("has ").removeprefix("is "))
    term = next((t for q in QUESTIONS for t in q.terms if t.column == name), None)
    return ColumnLabels(**({"label": label} | (_fallback(term) if term else {}) | known))


def _fallback(term: Term) -> dict[str, Any]:
    """Name what a flag lacks by what its term says; levels have labels of their own."""
    says = term.says
    match term.form:
        case Form.FLAG:
            return {
                "yes": says,
                "no": f"a video without {says}",
                "many": f"videos with {says}",
                "turns": (f"videos with {says}", "videos without"),
            }
        case _:
            return {}


@cache
def level(name: str, word: str) -> LevelLabels:
    """Name a level of a column; one without an entry by its word."""
    known = entries().levels.get(name, {}).get(word, {})
    counted = f"{name.replace('_', ' ')} {word}" if word[:1].isdigit() else ""
    one = known.get("one", counted or word)
    many = f"videos with {counted}" if counted else f"{word} videos"
    whole = {"one": one, "other": one, "bare": _bare(one), "many": many} | known
    return LevelLabels(**whole)


def has_levels(name: str) -> bool:
    """Return whether a column is a lever that has levels."""
    return any(term.column == name and term.form in WORDS for term in LEVERS)


@cache
def question(name: str) -> QuestionLabels:
    """Name a question; one without an entry as `model/questions.py` does."""
    (asked,) = (each for each in QUESTIONS if each.name == name)
    title = capital(asked.counts)
    whole = {
        "asks": asked.asks, "counts": f"the {asked.counts}", "about": asked.counts,
        "title": title, "short": title,
    }  # fmt: skip
    return QuestionLabels(**(whole | entries().questions.get(name, {})))


def _bare(one: str) -> str:
    for article in ("a ", "an ", "any ", "your "):
        if one.startswith(article):
            return one.removeprefix(article)
    return one
