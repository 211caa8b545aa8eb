"""The pandera schema of typed captures: columns, types, words, limits, and the rules of one row.

It is derived from `COLUMNS` and `ROWS`, for a frame that any program made. `limits` asks the same
limits, column by column.
"""

import datetime
from collections.abc import Mapping
from functools import cache
from typing import Any

import pandas as pd
import pandera.pandas as pa

from schema.cells import EMPTY, in_form
from schema.columns import COLUMNS, Column, Kind
from schema.forms import TEXTS
from schema.problem import Severity
from schema.row_rules import ROWS, date_in_future
from schema.rules import Rule
from schema.word_rules import date, unknown_word

TYPES: Mapping[str, str] = {column.name: EMPTY[column.kind] for column in COLUMNS}  # for `astype`
OUT_OF_RANGE, EMPTY_CELL = "out-of-range", "empty-cell"  # the slugs of the rules in `limits`
IN_FORM = "in-form"  # of a text: some rule of a cell


@cache
def captures_schema(today: datetime.date) -> pa.DataFrameSchema:
    """Build the schema of captures; `today` is the last day that a date may have.

    A check of a limit, a word or a row is named by the slug of its rule, one of a text `in-form`;
    where a rule only asks, its check warns with pandera's `SchemaWarning`. Of a row, a cell that
    has another type or is beyond its limits counts as empty, as in `check`. Columns that a file
    may lack may be missing.
    """
    columns = {
        column.name: column_schema(column).set_checks([*_limits(column), *_forms(column)])
        for column in COLUMNS
    }
    rows = [_of_rows(rule) for rule in ROWS] + [_of_rows(date_in_future, today)]
    return pa.DataFrameSchema(columns, checks=rows, strict=True, name="captures")


@cache
def column_schema(column: Column) -> pa.Column:
    """Build the schema of one column: its type, its limits, and whether a cell may be empty."""
    return pa.Column(
        EMPTY[column.kind],
        _limits(column),
        nullable=not column.filled,
        required=column.required,
        name=column.name,
    )


def _limits(column: Column) -> list[pa.Check]:
    limits = ((pa.Check.gt, column.above), (pa.Check.ge, column.low), (pa.Check.le, column.high))
    return [check(end, error=OUT_OF_RANGE) for check, end in limits if end is not None]


def _forms(column: Column) -> list[pa.Check]:
    """Check words, texts and days as the cells of a file; a number has no other form here."""
    if column.kind is Kind.DATE:
        return [pa.Check(lambda days: days == days.dt.normalize(), error=date.slug)]
    if column.kind not in (*TEXTS, Kind.WORD):
        return []
    slug = unknown_word.slug if column.kind is Kind.WORD else IN_FORM
    forms = [pa.Check(lambda cells: pd.Series(in_form(cells, column), cells.index), error=slug)]
    return [*forms, pa.Check(lambda cells: cells != "", error=EMPTY_CELL)][: 1 + column.filled]


def _of_rows(rule: Rule[Any], *about: object) -> pa.Check:
    """Make a check of a rule about the values of one row."""

    def is_right(captures: pd.DataFrame) -> "pd.Series[bool]":
        whole = pd.DataFrame({column.name: _sound(captures, column) for column in COLUMNS})
        wrong = {finding.line for finding in rule.find(whole, *about)}
        return pd.Series(~whole.index.isin(wrong), index=captures.index)

    return pa.Check(
        is_right,
        error=rule.slug,
        description=rule.hint,
        raise_warning=rule.severity is Severity.WARNING,
        ignore_na=False,
    )


def _sound(captures: pd.DataFrame, column: Column) -> pd.Series:
    """Give the cells (n,) of a column by place, empty where they are beyond its limits.

    All are empty where the column is missing or has another type.
    """
    kind: Any = EMPTY[column.kind]
    try:
        cells: pd.Series = captures[column.name].reset_index(drop=True).astype(kind)
    except (KeyError, TypeError, ValueError, OverflowError):
        return pd.Series(dtype=kind, index=range(len(captures)))
    for check in _limits(column):
        cells = cells.where(check(cells).check_output.reindex(cells.index, fill_value=True))
    return cells
