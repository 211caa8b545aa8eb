"""What a file's cells settle about its dates and numbers: 31.05.2026 settles 03.05.2026."""

import re
from collections.abc import Collection, Mapping
from dataclasses import replace

from schema.columns import BY_NAME, Column, Habit, Kind
from schema.forms import NUMBERS

YEAR_LAST = re.compile(r"([0-9]{1,2})([./-])([0-9]{1,2})\2[0-9]{4}(?:[T ,].{0,50})?")
DECIMAL_COMMA = re.compile(
    r"[0-9]{1,15},(?:[0-9]{1,2}|[0-9]{4,20})|0,[0-9]{3}|[1-9][0-9.]{0,20}\.[0-9]{3},[0-9]{1,20}"
)
DECIMAL_POINT = re.compile(
    r"[0-9]{1,15}\.(?:[0-9]{1,2}|[0-9]{4,20})|0\.[0-9]{3}|[1-9][0-9,]{0,20},[0-9]{3}\.[0-9]{1,20}"
)
LAST_MONTH = 12


def settled(cells: Mapping[str, Collection[str]]) -> dict[str, Column]:
    """Give the columns of a file, by name, with the habit that its cells show.

    >>> settled({"posted_on": ["03.05.2026", "31.05.2026"]})["posted_on"].habit.day_first
    frozenset({'.'})
    """
    columns = {name: BY_NAME[name] for name in cells}
    dates = [c for n, column in columns.items() if column.kind is Kind.DATE for c in cells[n]]
    numbers = [c for n, column in columns.items() if column.kind in NUMBERS for c in cells[n]]
    habit = Habit(*_orders(dates), _decimal_mark(numbers))
    return {name: replace(column, habit=habit) for name, column in columns.items()}


def _orders(dates: Collection[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Give the marks of dates that begin with the day, and with the month, beyond doubt."""
    first, second = set(), set()
    for text in dates:
        if match := YEAR_LAST.fullmatch(text.strip()):
            one, mark, two = int(match[1]), match[2], int(match[3])
            if one > LAST_MONTH >= two:
                first.add(mark)
            if two > LAST_MONTH >= one:
                second.add(mark)
    return frozenset(first - second), frozenset(second - first)


def _decimal_mark(numbers: Collection[str]) -> str:
    bare = [text.strip().rstrip("%％ \u00a0\u202f") for text in numbers]
    has_comma = any(map(DECIMAL_COMMA.fullmatch, bare))
    has_point = any(map(DECIMAL_POINT.fullmatch, bare))
    return "" if has_comma == has_point else "," if has_comma else "."
