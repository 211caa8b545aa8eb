"""From the text cells of one CSV to typed captures, with every problem of that file.

Form before value: a cell that is not written as its column wants it is one problem, and takes no
part in any other rule.
"""

import datetime
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pandas as pd

from pipeline.dataset.csv_file import Sheet
from schema import limits
from schema.cells import EMPTY, EXPLAINED, faults, in_form, values
from schema.columns import COLUMNS
from schema.folder_rules import SHEETS, handle_in_label, no_dates
from schema.habits import settled
from schema.problem import Problem
from schema.row_rules import ROWS, date_in_future
from schema.rules import apply


def judge_sheet(
    sheet: Sheet, today: datetime.date, explained: int = EXPLAINED
) -> tuple[pd.DataFrame, list[Problem]]:
    """Judge one CSV on its own; give its captures, without the cells that are beyond a limit."""
    captures, problems = typed(sheet, explained)
    beyond = list(_beyond(captures, sheet))
    for each in beyond:
        problems += limits.problems(captures, each, sheet.file)
    captures = limits.emptied(captures, beyond)
    problems += apply(date_in_future, sheet.file, captures, today)
    if "video" in sheet.cells:
        labels = sheet.cells["video"][captures["video"].notna()]
        shown = apply(handle_in_label, sheet.file, labels)
        problems += [replace(each, repaired=each.repaired and sheet.is_fixed) for each in shown]
    dated = captures.copy(deep=False)
    for name in ("posted_on", "captured_on"):  # one cause, one problem
        dated[name] = dated[name].where(dated[name] <= pd.Timestamp(today))
    for rule in ROWS:
        problems += apply(rule, sheet.file, dated)
    for rule in SHEETS:
        problems += apply(rule, sheet.file, captures)
    noted = [name for name, cells in sheet.cells.items() if (cells.fillna("") != "").any()]
    return captures, problems + apply(no_dates, sheet.file, captures, noted)


def typed(sheet: Sheet, explained: int = EXPLAINED) -> tuple[pd.DataFrame, list[Problem]]:
    """Give the cells of a sheet their types; the frame has every column, index the line.

    Of one column, so many different faulty cells are `explained`; the others are counted.
    """
    columns: dict[str, pd.Series] = {}
    problems: list[Problem] = []
    bad: dict[str, pd.Series] = {}
    for column in COLUMNS:
        if column.name not in sheet.cells:
            columns[column.name] = pd.Series(dtype=EMPTY[column.kind], index=sheet.cells.index)
            continue
        cells = sheet.cells[column.name].fillna("")
        good = in_form(cells, column)
        columns[column.name] = values(cells, good, column)
        if not good.all():
            bad[column.name] = cells[~good]
    columns_here = settled(_different(sheet)) if bad else {}
    for name, cells in bad.items():
        column = columns_here[name]
        problems += faults(cells, column, sheet.file, explained, is_fixed=sheet.is_fixed)
    return pd.DataFrame(columns, index=sheet.cells.index), problems


def _different(sheet: Sheet) -> dict[str, list[str]]:
    """Give the different cells of each column."""
    return {str(name): cells.fillna("").unique().tolist() for name, cells in sheet.cells.items()}


def _beyond(captures: pd.DataFrame, sheet: Sheet) -> Iterator[limits.Beyond]:
    """Find what is beyond a limit, and has no problem yet: one cause, one problem."""
    for each in limits.outside(captures):
        if each.column.name not in sheet.cells:
            continue  # a column that is not there is said once
        if each.rule is limits.empty_cell:
            cells = (sheet.cells[each.column.name] == "").to_numpy(bool)
            each = replace(each, cells=cells)
        if each.cells.any():
            yield each


@cache
def nothing() -> pd.DataFrame:
    """Give captures without a row, with every column and its type."""
    empty = {column.name: pd.Series(dtype=EMPTY[column.kind]) for column in COLUMNS}
    return pd.DataFrame(empty).assign(
        creator=pd.Series(dtype="str"), file=pd.Series(dtype="str"), line=pd.Series(dtype="int64")
    )
