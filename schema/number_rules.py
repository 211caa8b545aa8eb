"""Rules about the form of a number: whatever a spreadsheet, a phone or a habit makes of it."""

import re
import unicodedata

from schema.columns import Column, Kind
from schema.forms import NUMBERS, TEXTS, Fault, choose, is_plain, to
from schema.rules import rule

SEPARATOR = "[,.'’_ \u00a0\u2009\u202f\u066c\uff0c]"
THOUSANDS = re.compile(rf"[1-9][0-9]{{0,2}}(?:({SEPARATOR})[0-9]{{3}})(?:\1[0-9]{{3}}){{0,9}}")
LAKHS = re.compile(r"[1-9][0-9]?(?:,[0-9]{2}){1,9},[0-9]{3}")
BOTH_MARKS = re.compile(
    rf"([1-9][0-9]{{0,2}}(?:({SEPARATOR})[0-9]{{3}})(?:\2[0-9]{{3}}){{0,9}})([.,])([0-9]{{1,20}})"
)
SHORT_FORM = re.compile(
    r"([0-9]{1,15}(?:[.,][0-9]{1,20})?)\s{0,9}(k|m|mio|mln|tsd|тыс|млн|mil|万|億|만)\.?",
    re.ASCII | re.IGNORECASE,
)
TIMES = {"k": 1e3, "tsd": 1e3, "тыс": 1e3, "mil": 1e3, "m": 1e6, "mio": 1e6, "mln": 1e6}
TIMES |= {"млн": 1e6, "万": 1e4, "만": 1e4, "億": 1e8}
CLOCK = re.compile(r"([0-9]{1,2})m?:([0-5][0-9])s?")
HOURS = re.compile(r"([0-9]{1,2})h?:([0-5][0-9])m?:([0-5][0-9])s?")
HOUR = re.compile(r"([01]?[0-9]|2[0-3])(?::[0-5][0-9]| ?h)")
UNIT = re.compile(r"([0-9.]{1,36})\s{0,9}([A-Za-z_]{1,20})\.?", re.ASCII)
UNITS = {"seconds": {"s", "sec", "secs", "second", "seconds"}, "percent": {"percent", "pct"}}


@rule("views: １２００", "views: 1200")
def other_digits(cell: str, column: Column) -> Fault | None:
    """Digits of another script: write 0 to 9."""
    if column.kind in TEXTS or column.kind is Kind.WORD or cell.isascii():
        return None
    digits = "".join(str(unicodedata.decimal(c, c)) for c in cell)
    if digits == cell or not re.search("[0-9]", digits) or not is_plain(digits, column):
        return None
    return to(digits, other_digits.hint)


@rule("views: 1.2E+05", "views: 120000")
def scientific_notation(cell: str, column: Column) -> Fault | None:
    """A number as a spreadsheet shortens it: format the column as a number without decimals and
    write all its digits.
    """
    match = column.kind in NUMBERS and re.fullmatch(r"[0-9.,]{1,36}[eE][+-]?[0-9]{1,20}", cell)
    return Fault(scientific_notation.hint) if match else None


@rule("views: 12.7K", "views: 12700")
def short_form(cell: str, column: Column) -> Fault | None:
    """A shortened number: write all its digits, and yes in counts_rounded where it is rounded."""
    match = SHORT_FORM.fullmatch(cell.strip())
    if column.unit != "count" or not match:
        return None
    number = float(match[1].replace(",", ".")) * TIMES[match[2].lower().rstrip(".")]
    return choose(short_form.hint, str(round(number)))


@rule("watched_full_pct: 41.18%", "watched_full_pct: 41.18")
def percent_sign(cell: str, column: Column) -> Fault | None:
    """A percent sign: the column's unit says it already."""
    number = cell.strip().removesuffix("%").removesuffix("％").strip()
    if column.unit != "percent" or number == cell.strip():
        return None
    number = re.sub(r"\A([0-9]{1,15}),([0-9]{1,20})\Z", r"\1.\2", number)
    return to(number, percent_sign.hint) if is_plain(number, column) else None


@rule("duration_s: 1:05", "duration_s: 65")
def clock_time(cell: str, column: Column) -> Fault | None:
    """A time of minutes and seconds: write seconds."""
    text = cell.strip()
    if column.unit == "hour" and (match := HOUR.fullmatch(text)):
        return to(str(int(match[1])), "A time of day: the hour alone.")
    if column.unit != "seconds":
        return None
    if match := HOURS.fullmatch(text):  # a spreadsheet makes 12:30:00 of 12:30
        hours, minutes, seconds = map(int, match.groups())
        whole, part = 3600 * hours + 60 * minutes + seconds, 60 * hours + minutes
        if seconds:
            return choose("A time of hours, minutes and seconds: write seconds.", str(whole))
        said = (
            f"A spreadsheet takes {hours}:{minutes:02} for hours and minutes. Write seconds: "
            f"{part} if it is minutes and seconds, {whole} if it is hours and minutes."
        )
        return Fault(said, None, f"{part} or {whole}")
    match = CLOCK.fullmatch(text)
    return to(str(60 * int(match[1]) + int(match[2])), clock_time.hint) if match else None


@rule("duration_s: 12 s", "duration_s: 12")
def unit(cell: str, column: Column) -> Fault | None:
    """A unit beside the number: the column's name says it already."""
    match, words = UNIT.fullmatch(cell.strip()), UNITS.get(column.unit, {column.name})
    if column.kind not in NUMBERS or not match or match[2].lower() not in words:
        return None
    if not is_plain(match[1], column):
        return None
    return to(match[1], unit.hint)


@rule("views: 1,200", "views: 1200")
def thousands_separator(cell: str, column: Column) -> Fault | None:
    """Separators between the digits: leave them out."""
    text = cell.strip()
    if column.kind not in NUMBERS:
        return None
    if (both := BOTH_MARKS.fullmatch(text)) and both[2] != both[3]:
        number = re.sub(SEPARATOR, "", both[1]) + "." + both[4]
        return to(number, thousands_separator.hint) if is_plain(number, column) else None
    digits, match = re.sub(SEPARATOR, "", text), THOUSANDS.fullmatch(text)
    if LAKHS.fullmatch(text) or (match and match[1] not in ",."):
        return to(digits, thousands_separator.hint)
    if not match:
        return None
    mark, decimal_mark = match[1], column.habit.decimal_mark
    is_single = text.count(mark) == 1 and mark in ",."
    if is_single and decimal_mark and (column.kind is Kind.DECIMAL or mark != decimal_mark):
        return to(
            digits if mark != decimal_mark else text.replace(",", "."), thousands_separator.hint
        )
    if is_single and column.kind is Kind.DECIMAL:
        return choose("A number that can be read in two ways.", digits, text.replace(",", "."))
    if is_single and (mark == "." or decimal_mark == mark):
        said = (
            f"A number that can be read in two ways. Write {digits} if the mark parts thousands, "
            "else the number without decimals."
        )
        return Fault(said, None, digits)
    return to(digits, thousands_separator.hint)


@rule("watched_full_pct: 41,18", "watched_full_pct: 41.18")
def decimal_comma(cell: str, column: Column) -> Fault | None:
    """A comma between a number and its decimals: write a point."""
    number = re.fullmatch(r"([0-9]{1,15}),([0-9]{1,20})", cell.strip())
    if column.kind is not Kind.DECIMAL or not number:
        return None
    return to(f"{number[1]}.{number[2]}", decimal_comma.hint)


@rule("views: +5", "views: 5")
def plus_sign(cell: str, column: Column) -> Fault | None:
    """A plus sign: leave it out."""
    number = re.sub(r"\A[+＋]\s{0,9}", "", cell)
    if column.kind not in NUMBERS or number == cell or not is_plain(number, column):
        return None
    return to(number, plus_sign.hint)


@rule("views: -5", "views: 5")
def negative_number(cell: str, column: Column) -> Fault | None:
    """A number below zero, which TikTok does not show: write what it shows, or leave it empty."""
    negative = column.kind in NUMBERS and re.fullmatch(r"[-−–]\s{0,9}[0-9][0-9.,]{0,36}", cell)
    return Fault(negative_number.hint) if negative else None


@rule("views: 12.0", "views: 12")
def not_whole(cell: str, column: Column) -> Fault | None:
    """A whole number, without decimals."""
    match = re.fullmatch(r"([0-9]{1,15})[.,]([0-9]{1,44})", cell.strip())
    if column.kind is not Kind.WHOLE or not match:
        return None
    return Fault(not_whole.hint) if match[2].strip("0") else to(match[1], not_whole.hint)


@rule("views: 7665015920712060176", "views: 1200")
def number_too_long(cell: str, column: Column) -> Fault | None:
    """No such number has more than fifteen digits: are the row's cells in the wrong columns?"""
    match = column.kind in NUMBERS and re.fullmatch(r"[0-9]{16,60}(\.[0-9]{1,44})?", cell)
    return Fault(number_too_long.hint) if match else None


@rule("views: about 12", "views: 12")
def not_a_number(cell: str, column: Column) -> Fault | None:
    """Not a number as this column wants it."""
    return Fault(f"Write {column.form}.") if column.kind in NUMBERS else None
