"""Months by their names: a day that is written with one, and a number that became such a day."""

import re
import unicodedata

from schema.columns import Column
from schema.forms import NUMBERS, Fault, day
from schema.rules import rule

# The first letters of the months in English, German, French, Spanish, Portuguese, Italian, Dutch.
BEGINNINGS = {
    1: "jan ene gen",
    2: "feb fev",
    3: "mar maa mrz mrt",
    4: "apr abr avr",
    5: "may mai mag mei",
    6: "jun juin giu",
    7: "jul juil lug",
    8: "aug ago aou",
    9: "sep set",
    10: "oct okt out ott",
    11: "nov",
    12: "dec dez dic",
}
MONTHS = {word: number for number, words in BEGINNINGS.items() for word in words.split()}
WORD = r"([^\W\d_]{3,10})\.?"
DAY_NAMED = re.compile(
    rf"([0-9]{{1,2}})(?:\.|st|nd|rd|th|er)?[ -]{{0,2}}(?:de )?{WORD}[ -]{{1,2}}(?:de )?([0-9]{{4}})"
)
MONTH_NAMED = re.compile(rf"{WORD} ([0-9]{{1,2}})(?:st|nd|rd|th)?,? ([0-9]{{4}})")
DAY_OF_MONTH = re.compile(rf"([0-9]{{1,2}})(?:\.|-|\. | |/){WORD}")
MONTH_OF_DAY = re.compile(rf"{WORD}(?:\.|-|\. | |/)([0-9]{{1,2}})")
WHOLE_DATE = re.compile(
    r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}|[0-9]{1,2}([./])[0-9]{1,2}\1[0-9]{2,4}|[0-9]{1,2}月[0-9]{1,2}日"
)


def month(word: str) -> int | None:
    """Find the month that a word names, in full or shortened.

    >>> month("Mai"), month("février"), month("juillet"), month("Sol")
    (5, 2, 7, None)
    """
    letters = unicodedata.normalize("NFKD", word[:10]).casefold()
    plain = "".join(c for c in letters if "a" <= c <= "z")
    return MONTHS.get(plain[:4]) or MONTHS.get(plain[:3])


def named_day(text: str) -> str:
    """Write a day that names its month as year-month-day; "" where it is none.

    >>> named_day("3 May 2024"), named_day("31 de mayo de 2026"), named_day("18 January")
    ('2024-05-03', '2026-05-31', '')
    """
    first, second = DAY_NAMED.fullmatch(text.strip()), MONTH_NAMED.fullmatch(text.strip())
    parts = first.group(3, 2, 1) if first else second.group(3, 1, 2) if second else None
    if parts is None or (number := month(parts[1])) is None:
        return ""
    written = f"{parts[0]}-{number:02}-{parts[2]:0>2}"
    return written if day(written) else ""


@rule("duration_s: 15. Feb", "duration_s: 15.2")
def number_as_date(cell: str, column: Column) -> Fault | None:
    """A spreadsheet made a date of a number such as 15.2: format the column as text before typing,
    then write the number again.
    """
    text = cell.strip()
    named = DAY_OF_MONTH.fullmatch(text), MONTH_OF_DAY.fullmatch(text)
    is_date = WHOLE_DATE.fullmatch(text) or (
        (named[0] and month(named[0][2])) or (named[1] and month(named[1][1])) or named_day(text)
    )
    return Fault(number_as_date.hint) if column.kind in NUMBERS and is_date else None
