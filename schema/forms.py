"""How a cell is written when it is right, and the value that says what to write instead."""

import datetime
import re
from dataclasses import dataclass

from schema.columns import Column, Kind
from schema.vocabulary import vocabulary

NUMBERS = (Kind.WHOLE, Kind.DECIMAL)
TEXTS = (Kind.LABEL, Kind.TEXT)
WHOLE = r"[0-9]{1,15}"  # ASCII digits; fifteen are exact in every program
DECIMAL = r"[0-9]{1,15}(?:\.[0-9]{1,20})?"
DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
YES = frozenset({"1", "true", "yes"})
NO = frozenset({"0", "false", "no"})


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one cell: the advice, and the exact replacement where there is one.

    `write` is what `python -m pipeline fix` puts in the cell ("" leaves it empty); None where only
    a person knows. `instead` is that, or the forms to choose from, as the advice names them.
    """

    advice: str
    write: str | None = None
    instead: str = ""


def to(write: str, why: str) -> Fault:
    """Build the fault of a cell whose right form is certain."""
    return Fault(f"{why} Write {write}" if write else f"{why} Leave the cell empty.", write, write)


def choose(why: str, *forms: str) -> Fault:
    """Build the fault of a cell that has one of several right forms: a person chooses."""
    instead = " or ".join(dict.fromkeys(forms))
    return Fault(f"{why} Write {instead}" if instead else why, None, instead)


def day(text: str) -> datetime.date | None:
    """Read a date written year-month-day, or None.

    >>> day("2024-02-29"), day("2024-02-30"), day("20240229")
    (datetime.date(2024, 2, 29), None, None)
    """
    if not re.fullmatch(DATE, text):
        return None
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None


def is_plain(text: str, column: Column) -> bool:
    """Return whether a text is written as its column wants it; texts are plain."""
    match column.kind:
        case Kind.WHOLE:
            return re.fullmatch(WHOLE, text) is not None
        case Kind.DECIMAL:
            return re.fullmatch(DECIMAL, text) is not None
        case Kind.FLAG:
            return text.lower() in YES | NO
        case Kind.WORD:
            return text in vocabulary()[column.name]
        case Kind.DATE:
            return day(text) is not None
        case _:
            return True
