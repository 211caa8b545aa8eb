"""The limits of the values of a column: its range, and whether a cell may be empty."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from operator import ge, gt, le

import numpy as np
import pandas as pd

from schema.columns import COLUMNS, Column
from schema.problem import Problem
from schema.rules import PLACES, Finding, Rule, counted, rule

Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]


@rule("duration_s: 5000", "duration_s: 50")
def out_of_range(value: str, column: Column) -> Finding:
    """A value outside what the column can hold."""
    return Finding(column=column.name, value=value, hint=f"Write {column.form}.")


@rule("views: (an empty cell)", "views: 1200")
def empty_cell(value: str, column: Column) -> Finding:
    """A cell that may not be empty."""
    return Finding(column=column.name, hint=f"Every row needs {column.name}: {column.form}.")


@dataclass(frozen=True, slots=True, eq=False)
class Beyond:
    """The cells (n,) of one column of n captures that are beyond their limits, by one rule."""

    rule: Rule[Callable[[str, Column], Finding]]
    column: Column
    cells: Mask


def outside(captures: pd.DataFrame) -> Iterator[Beyond]:
    """Find the cells beyond their column's limits, a column and a rule each."""
    for column in COLUMNS:
        values = captures[column.name]
        bounds = ((gt, column.above), (ge, column.low), (le, column.high))
        for within, bound in bounds:
            if bound is not None:
                wrong = (~within(values, bound)).fillna(value=False).to_numpy(np.bool_)
                if wrong.any():
                    yield Beyond(out_of_range, column, wrong)
        if column.filled and (empty := values.isna().to_numpy(np.bool_)).any():
            yield Beyond(empty_cell, column, empty)


def problems(captures: pd.DataFrame, beyond: Beyond, file: str) -> list[Problem]:
    """List the first cells beyond a limit of captures indexed by line, and count the others."""
    column, places = beyond.column, beyond.cells.nonzero()[0]
    values = captures[column.name].iloc[places[:PLACES]]
    found = []
    for line, value in values.items():
        shown = "" if beyond.rule is empty_cell else f"{value:.15g}"
        finding = beyond.rule.find(shown, column)
        found.append(replace(finding, line=int(str(line))))
    return counted(beyond.rule, file, found, len(places))


def emptied(captures: pd.DataFrame, beyond: Iterable[Beyond]) -> pd.DataFrame:
    """Empty the cells that are beyond their limits: one cause, one problem."""
    clean = captures.copy(deep=False)
    for each in beyond:
        clean[each.column.name] = clean[each.column.name].mask(each.cells)
    return clean
