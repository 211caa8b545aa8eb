"""The pandera schema of typed captures, derived from the columns; it judges the limits."""

from functools import cache

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from schema.cells import EMPTY
from schema.columns import BY_NAME, COLUMNS, SEPARATED, Column
from schema.rules import Finding, RuleCrashError, rule


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


@cache
def limits() -> pa.DataFrameSchema:
    """Build the schema: types, ranges, and which cells must be filled. Nothing is coerced."""
    return pa.DataFrameSchema({column.name: _column(column) for column in COLUMNS}, strict=True)


def _column(column: Column) -> pa.Column:
    checks = []
    if column.above is not None:
        checks.append(pa.Check.gt(column.above, error=out_of_range.slug))
    if column.low is not None:
        checks.append(pa.Check.ge(column.low, error=out_of_range.slug))
    if column.high is not None:
        checks.append(pa.Check.le(column.high, error=out_of_range.slug))
    return pa.Column(EMPTY[column.kind], checks, nullable=not column.filled)


def outside(captures: pd.DataFrame, file: str) -> list[tuple[str, Finding]]:
    """Find the cells beyond their column's limits: (slug of the rule, finding at its line).

    Whatever else pandera says is a fault of ours and raises RuleCrashError.
    """
    try:
        limits().validate(captures, lazy=True)
    except SchemaErrors as errors:
        return [_finding(case, file) for case in errors.failure_cases.to_dict("records")]
    return []


def _finding(case: dict[str, object], file: str) -> tuple[str, Finding]:
    column, line = BY_NAME.get(str(case["column"])), case["index"]
    ours = {out_of_range.slug: out_of_range, "not_nullable": empty_cell}.get(str(case["check"]))
    if column is None or line is None or ours is None:
        raise RuleCrashError(str(case["check"]), file)
    value = "" if ours is empty_cell else f"{case['failure_case']:.15g}"
    finding = ours.find(value, column)
    return ours.slug, Finding(int(str(line)), finding.column, finding.value, finding.hint)
