"""Rules about dates, yes or no, and the closed lists of words."""

import datetime
import re

from schema.columns import Column, Kind
from schema.forms import TEXTS, Fault, choose, day, to
from schema.months import named_day
from schema.rules import rule
from schema.vocabulary import (
    LONGEST,
    close_words,
    nearest_word,
    other_words,
    plain_letters,
    vocabulary,
)

MISSING = {"na", "n/a", "#n/a", "nan", "null", "none", "nil", "undefined", "unknown", "missing"}
MISSING |= {"-", "–", "—", "--", "---", "?", ".", "/", "no data", "not shown"}
# A formula of a spreadsheet that failed; what stood there is not known.
SPREADSHEET_ERROR = re.compile(r"#[A-ZÀ-Ýa-zà-ÿ0-9/]{2,15}[!?]")
NOT_A_TITLE = {"na", "n/a", "#n/a", "nan", "null", "undefined", "-", "–", "—", "--"}
DAY_FIRST = re.compile(
    r"([0-9]{1,2})([./-])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})(?:[T ,]{1,2}[0-9:apmAPM. ]{1,15})?"
)
YEAR_FIRST = re.compile(r"([0-9]{4})([./-]?)([0-9]{1,2})\2([0-9]{1,2})(?:[T ].{0,50})?")
JAPANESE = re.compile(r"([0-9]{4})(年)([0-9]{1,2})月([0-9]{1,2})日")
TIME = re.compile(r"[T ](?!00?:00(?::00)?(?:\.0{1,6})?Z?\Z)[0-9]{1,2}:[0-9]{2}")
EPOCH = datetime.date(1899, 12, 30)  # day 0 of a spreadsheet's dates


def is_missing(cell: str) -> bool:
    """Return whether a cell says that there is nothing, or none, in whatever language."""
    word, words = cell.strip().casefold(), other_words()
    return word in MISSING or word in words["missing"] or word in words["none_or_zero"]


@rule("new_followers: undefined", "new_followers:")
def word_for_missing(cell: str, column: Column) -> Fault | None:
    """A word or a mark for a missing value: only an empty cell means missing."""
    word = cell.strip().casefold()
    is_known = word in (NOT_A_TITLE if column.kind in TEXTS else MISSING)
    if not is_known and (column.kind in TEXTS or word not in other_words()["missing"]):
        return None
    if column.kind is Kind.WORD and nearest_word(column.name, cell):
        return None
    if column.filled:
        return Fault(f"Every row needs {column.name}: {column.form}.")
    return to("", word_for_missing.hint)


@rule("hashtags: none", "hashtags: 0")
def none_or_zero(cell: str, column: Column) -> Fault | None:
    """A word that may say 0, or that there was nothing to see: write 0 only where TikTok shows 0,
    else leave the cell empty.
    """
    is_it = column.unit == "count" and cell.strip().casefold() in other_words()["none_or_zero"]
    return Fault(none_or_zero.hint) if is_it else None


@rule("views: #REF!", "views: 1200")
def spreadsheet_error(cell: str, column: Column) -> Fault | None:
    """A formula of your spreadsheet failed here: write the value itself, or leave the cell empty
    where you don't know it.
    """
    is_it = SPREADSHEET_ERROR.fullmatch(cell.strip())
    return Fault(spreadsheet_error.hint) if is_it else None


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
    """Day, month and year in another order: write year-month-day. A spreadsheet does it for the
    whole column with the custom format yyyy-mm-dd (German JJJJ-MM-TT, French aaaa-mm-jj).
    """
    match = DAY_FIRST.fullmatch(cell.strip())
    if column.kind is not Kind.DATE or not match:
        return None
    one, mark, two, year = int(match[1]), match[2], int(match[3]), int(match[4])
    is_short = len(match[4]) == len("26")
    year += 2000 if is_short else 0
    orders = {f"{year:04}-{two:02}-{one:02}": column.habit.day_first}
    orders.setdefault(f"{year:04}-{one:02}-{two:02}", column.habit.month_first)
    days = [text for text in orders if day(text)]
    settled = [text for text in days if mark in orders[text]]
    if not days:
        return Fault(date.hint)
    if is_short or TIME.search(cell) or not (settled or len(days) == 1):
        return choose(order_of_a_date.hint, *(settled or days))
    return to((settled or days)[0], order_of_a_date.hint)


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
    match = YEAR_FIRST.fullmatch(cell.strip()) or JAPANESE.fullmatch(cell.strip())
    text = f"{match[1]}-{int(match[3]):02}-{int(match[4]):02}" if match else named_day(cell)
    if not day(text):
        return Fault(date.hint)
    if TIME.search(cell):
        why = "The times in TikTok's own files are in UTC: was it this day where you are?"
        return choose(f"{date.hint} {why}", text)
    return to(text, date.hint)


@rule("has_cover: x", "has_cover: yes")
def yes_or_no(cell: str, column: Column) -> Fault | None:
    """Write yes or no (also 1 or 0, true or false); leave the cell empty where you don't know."""
    if column.kind is not Kind.FLAG:
        return None
    word = cell.strip().casefold()
    known = [plain for plain in ("yes", "no") if word in other_words()[plain]]
    return to(known[0], yes_or_no.hint) if known else Fault(yes_or_no.hint)


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
    words = vocabulary()[column.name]
    hint = f"{unknown_word.hint[:-1]}: {', '.join(words)}"
    parts = [nearest_word(column.name, part) for part in re.split(r"[,;/&+|]", cell[:LONGEST])]
    near = [word for word in parts if word] or close_words(column.name, cell)
    said = " or ".join(dict.fromkeys(near))
    return Fault(f"{hint}. Perhaps {said}?", None, said) if said else Fault(hint)
