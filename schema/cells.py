"""From the text cells of one column to values; what is not in form takes no further part."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from schema import months
from schema import number_rules as number
from schema import text_rules as text
from schema import word_rules as word
from schema.columns import Column, Kind
from schema.forms import DECIMAL, NO, TEXTS, WHOLE, YES, Fault, day, is_plain
from schema.problem import Problem
from schema.rules import PLACES, Finding, Rule, RuleCrashError, counted, rule
from schema.video_links import identities
from schema.vocabulary import vocabulary

CellRule = Callable[[str, Column], Fault | None]
AnyRule = Rule[Any]
Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]
# Asked in this order; the first that answers is the problem of the cell.
CELLS: tuple[Rule[CellRule], ...] = (
    text.text_too_long,
    text.email_address,
    text.phone_number,
    text.invisible_character,
    text.direction_mark,
    text.stacked_marks,
    text.outer_blanks,
    text.control_character,
    word.none_or_zero,
    word.spreadsheet_error,
    word.word_for_missing,
    number.other_digits,
    text.id_in_scientific_notation,
    number.scientific_notation,
    number.short_form,
    number.percent_sign,
    number.clock_time,
    number.unit,
    number.thousands_separator,
    number.decimal_comma,
    number.plus_sign,
    number.negative_number,
    number.not_whole,
    number.number_too_long,
    text.formula,
    word.spreadsheet_date,
    word.order_of_a_date,
    word.impossible_date,
    word.date,
    word.yes_or_no,
    word.synonym,
    word.look_alike_letters,
    word.unknown_word,
    text.upper_case,
    months.number_as_date,
    number.not_a_number,
)
# A text that holds none of these needs no closer look.
SUSPECT = r"[^ -~]|^[ =+@-]| $|@|[0-9][0-9 ().,/+-]{6}|^[0-9.,]{1,120}[eE]"
EXPLAINED = 400  # different faulty cells of one column of one file
EMPTY = {
    Kind.LABEL: "str",
    Kind.TEXT: "str",
    Kind.WORD: "str",
    Kind.WHOLE: "Int64",
    Kind.DECIMAL: "Float64",
    Kind.FLAG: "boolean",
    Kind.DATE: "datetime64[s]",
}


def fault(cell: str, column: Column) -> tuple[Rule[CellRule], Fault] | None:
    """Find what is wrong with the form of one cell, or None.

    Where the replacement has a fault of its own (`" 1,200 "`), it is followed to the end.
    """
    if column.kind not in TEXTS and is_plain(cell, column):
        return None
    for each in CELLS:
        try:
            flaw = each.find(cell, column)
        except Exception as error:
            raise RuleCrashError(each.slug, column.name) from error
        if flaw is None:
            continue
        last = flaw.write and fault(flaw.write, column)
        if last:
            flaw = replace(last[1], advice=f"{each.hint} {last[1].advice}")
        return each, flaw
    return None


@rule("the 401st of the different cells of one column that are all wrong", "cells that are right")
def many_faults(column: Column) -> str:
    """So many cells of this column are wrong that these were not looked at one by one: correct
    the others first, then check again.
    """
    return f"{many_faults.hint} Write {column.form}."


def faults(
    cells: "pd.Series[str]", column: Column, file: str, most: int, *, is_fixed: bool
) -> list[Problem]:
    """Tell what is wrong with cells that are not in form, indexed by line; none of them is empty.

    At most `most` different ones are looked at, in their order; the others are counted. `is_fixed`:
    the file can be repaired, and so can its cells of which the right form is certain.
    """
    codes, uniques = pd.factorize(cells)
    different: list[str] = uniques.tolist()
    causes: dict[tuple[str, bool], tuple[AnyRule, dict[int, Fault]]] = {}
    for code, cell in enumerate(different[:most]):
        if (known := fault(cell, column)) is not None:
            cause = known[0].slug, known[1].write is not None
            causes.setdefault(cause, (known[0], {}))[1][code] = known[1]
    if len(different) > most:
        others = dict.fromkeys(range(most, len(different)), Fault(many_faults.find(column)))
        causes[many_faults.slug, False] = many_faults, others
    problems: list[Problem] = []
    for (_, is_certain), (broken_rule, flaws) in causes.items():
        places = np.isin(codes, list(flaws)).nonzero()[0]
        shown = places[:PLACES]
        first = [
            Finding(
                line,
                column.name,
                different[code],
                flaws[code].advice,
                instead=flaws[code].instead,
                repaired=is_fixed and is_certain,
            )
            for line, code in zip(cells.index[shown].tolist(), codes[shown].tolist(), strict=True)
        ]
        problems += counted(broken_rule, file, first, len(places))
    return problems


def in_form(cells: "pd.Series[str]", column: Column) -> Mask:
    """Return for each cell whether it is empty or written as its column wants it."""
    match column.kind:
        case Kind.WHOLE | Kind.DECIMAL:
            pattern = WHOLE if column.kind is Kind.WHOLE else DECIMAL
            good = cells.str.fullmatch(pattern)
        case Kind.FLAG:
            good = cells.str.lower().isin(YES | NO)
        case Kind.WORD:
            good = cells.isin(vocabulary()[column.name])
        case Kind.DATE:
            # By the same function as a single cell: pandas knows days that no calendar has.
            good = cells.isin([text for text in cells.unique() if day(text)])
        case _:
            good = ~_suspect(cells, column)
            odd = (~good).to_numpy(dtype=bool).nonzero()[0]
            right = good.to_numpy(dtype=bool, copy=True)
            codes, texts = pd.factorize(cells.iloc[odd])  # each text is looked at once
            right[odd] = np.array([fault(text, column) is None for text in texts], bool)[codes]
            return right
    return (good | (cells == "")).to_numpy(dtype=bool)


def _suspect(cells: "pd.Series[str]", column: Column) -> "pd.Series[bool]":
    suspect = cells.str.contains(SUSPECT, regex=True) | cells.str.lower().isin(word.MISSING)
    if column.kind is Kind.TEXT:
        suspect |= cells != cells.str.lower()
    return suspect | (cells.str.len() > column.longest)


def values(cells: "pd.Series[str]", good: Mask, column: Column) -> pd.Series:
    """Turn the cells that are in form into values; the others, and empty ones, are missing."""
    there = good & (cells != "").to_numpy(dtype=bool)
    match column.kind:
        case Kind.WHOLE:
            whole = _numbers(cells, there, pa.int64())
            return pd.Series(pd.arrays.IntegerArray(whole, ~there), index=cells.index)
        case Kind.DECIMAL:
            decimals = _numbers(cells, there, pa.float64())
            return pd.Series(pd.arrays.FloatingArray(decimals, ~there), index=cells.index)
        case Kind.FLAG:
            yes = cells.str.lower().isin(YES).to_numpy(dtype=bool)
            return pd.Series(pd.arrays.BooleanArray(yes, ~there), index=cells.index)
        case Kind.DATE:
            return pd.to_datetime(cells.where(there), format="%Y-%m-%d").astype("datetime64[s]")
        case Kind.LABEL:
            return identities(cells.where(there))
        case _:
            return cells.where(there)


def _numbers(cells: "pd.Series[str]", there: Mask, kind: pa.DataType) -> np.ndarray:
    """Turn the cells of a mask into numbers by Arrow, which is quick; the others are 0."""
    text = pa.array(cells.where(there, "0"), pa.large_string())
    numbers: np.ndarray = text.cast(kind).to_numpy(zero_copy_only=False)
    return numbers.copy()
