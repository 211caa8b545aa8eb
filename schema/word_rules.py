"""Rules about dates, yes or no, and the closed lists of words."""

import datetime
import re

from schema.columns import Column, Kind
from schema.forms import TEXTS, Fault, day, to
from schema.rules import rule
from schema.vocabulary import nearest_word, plain_letters, vocabulary

MISSING = {"na", "n/a", "#n/a", "nan", "null", "none", "nil", "undefined", "unknown", "missing"}
MISSING |= {"-", "–", "—", "--", "?", ".", "/", "no data", "not shown"}
NOT_A_TITLE = {"na", "n/a", "#n/a", "nan", "null", "undefined", "-", "–", "—", "--"}
DAY_FIRST = re.compile(r"([0-9]{1,2})[./-]([0-9]{1,2})[./-]([0-9]{4}|[0-9]{2})")
YEAR_FIRST = re.compile(r"([0-9]{4})([./-]?)([0-9]{1,2})\2([0-9]{1,2})(?:[T ].{0,50})?")
EPOCH = datetime.date(1899, 12, 30)  # day 0 of a spreadsheet's dates


@rule("new_followers: undefined", "new_followers:")
def word_for_missing(cell: str, column: Column) -> Fault | None:
    """A word or a mark for a missing value: only an empty cell means missing."""
    word = cell.strip().casefold()
    if word not in (NOT_A_TITLE if column.kind in TEXTS else MISSING):
        return None
    if column.kind is Kind.WORD and nearest_word(column.name, cell):
        return None
    if column.filled:
        return Fault(f"Every row needs {column.name}: {column.form}.")
    return to("", word_for_missing.hint)


@rule("posted_on: 45415", "posted_on: 2024-05-03")
def spreadsheet_date(cell: str, column: Column) -> Fault | None:
    """A date as a spreadsheet stores it: format the column as year-month-day."""
    match = re.fullmatch(r"([2-9][0-9]{4})(\.[0-9]{1,20})?", cell.strip())
    if column.kind is not Kind.DATE or not match:
        return None
    day = EPOCH + datetime.timedelta(days=int(match[1]))
    return Fault(f"{spreadsheet_date.hint} Write {day} if that is the day.")


@rule("posted_on: 03/04/2024", "posted_on: 2024-04-03")
def order_of_a_date(cell: str, column: Column) -> Fault | None:
    """Day, month and year in another order: write year-month-day."""
    match = DAY_FIRST.fullmatch(cell.strip())
    if column.kind is not Kind.DATE or not match:
        return None
    one, two, year = int(match[1]), int(match[2]), int(match[3])
    year += 2000 if year < 100 else 0
    texts = [f"{year:04}-{two:02}-{one:02}", f"{year:04}-{one:02}-{two:02}"]
    days = [text for text in dict.fromkeys(texts) if day(text)]
    return Fault(f"{order_of_a_date.hint[:-1]}: {', or '.join(days)}" if days else date.hint)


@rule("posted_on: 2024-02-30", "posted_on: 2024-02-29")
def impossible_date(cell: str, column: Column) -> Fault | None:
    """No calendar has this day: look it up on TikTok, and write year-month-day."""
    match = YEAR_FIRST.fullmatch(cell.strip())
    if column.kind is not Kind.DATE or not match:
        return None
    text = f"{match[1]}-{int(match[3]):02}-{int(match[4]):02}"
    return None if day(text) else Fault(impossible_date.hint)


@rule("posted_on: 3 May 2024", "posted_on: 2024-05-03")
def date(cell: str, column: Column) -> Fault | None:
    """A date is written year-month-day, such as 2026-05-31."""
    if column.kind is not Kind.DATE:
        return None
    match = YEAR_FIRST.fullmatch(cell.strip())
    text = f"{match[1]}-{int(match[3]):02}-{int(match[4]):02}" if match else ""
    return Fault(f"{date.hint} Write {text}" if text else date.hint)


@rule("has_cover: x", "has_cover: yes")
def yes_or_no(cell: str, column: Column) -> Fault | None:
    """Write yes or no (also 1 or 0, true or false); leave the cell empty where you don't know."""
    return Fault(yes_or_no.hint) if column.kind is Kind.FLAG else None


@rule("category: Comedy", "category: humor")
def synonym(cell: str, column: Column) -> Fault | None:
    """Another spelling of a word on the list, or another word for it."""
    word = nearest_word(column.name, cell) if column.kind is Kind.WORD else None
    return to(word, synonym.hint) if word and plain_letters(cell) == cell else None


@rule("category: ѕtоry", "category: story")
def look_alike_letters(cell: str, column: Column) -> Fault | None:
    """Letters of another alphabet that look like a to z."""
    word = nearest_word(column.name, cell) if column.kind is Kind.WORD else None
    return to(word, look_alike_letters.hint) if word else None


@rule("category: cooking", "category: tutorial")
def unknown_word(cell: str, column: Column) -> Fault | None:
    """A word that is not on the list: choose the nearest one."""
    if column.kind is not Kind.WORD:
        return None
    words = ", ".join(vocabulary()[column.name])
    return Fault(f"{unknown_word.hint[:-1]}: {words}")
