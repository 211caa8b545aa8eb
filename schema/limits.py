"""Which cells of typed captures are beyond their limits, by the pandera schema of each column.

Its checks are asked one by one, each for a mask: of the cells that fail, `SchemaErrors` would hold
a row each, which of many takes more memory than the captures.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from schema.captures_schema import column_schema
from schema.columns import COLUMNS, SEPARATED, Column
from schema.problem import Problem
from schema.rules import PLACES, Finding, Rule, counted, rule

Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]


@rule("duration_s: 5000", "duration_s: 50")
def out_of_range(value: str, column: Column) -> Finding:
    """A value outside what the column can hold."""
    strange = " Is it a time, an id, or the number of another column?"
    is_count = column.high is not None and column.high >= SEPARATED
    hint = f"Write {column.form}.{strange if is_count else ''}"
    return Finding(column=column.name, value=value, hint=hint)


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
        judge = column_schema(column)
        values = captures[column.name].reset_index(drop=True)
        empty = values.isna().to_numpy(np.bool_)
        for check in [] if empty.all() else judge.checks:
            right = check(values).check_output  # by place, of the cells that are filled
            if not right.all():
                wrong = (~right).reindex(values.index, fill_value=False)
                yield Beyond(out_of_range, column, wrong.to_numpy(np.bool_))
        if not judge.nullable and empty.any():
            yield Beyond(empty_cell, column, empty)


def problems(captures: pd.DataFrame, beyond: Beyond, file: str) -> list[Problem]:
    """List the first cells beyond a limit of captures indexed by line, and count the others."""
    column, places = beyond.column, beyond.cells.nonzero()[0]
    values = captures[column.name].iloc[places[:PLACES]]
    findings = []
    for line, value in values.items():
        shown = "" if beyond.rule is empty_cell else f"{value:.15g}"
        finding = beyond.rule.find(shown, column)
        findings.append(replace(finding, line=int(str(line))))
    return counted(beyond.rule, file, findings, len(places))


def emptied(captures: pd.DataFrame, beyond: Iterable[Beyond]) -> pd.DataFrame:
    """Empty the cells that are beyond their limits: one cause, one problem."""
    clean = captures.copy(deep=False)
    for each in beyond:
        clean[each.column.name] = clean[each.column.name].mask(each.cells)
    return clean
