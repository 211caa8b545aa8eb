"""Problems by cause, the worst first, and what each further place of a cause has and wants."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from schema.catalogue import CATALOGUE
from schema.cells import CELLS
from schema.problem import Problem, Severity, total

MOST_PLACES = 8  # named of one cause
# Told once for all columns, by their names; of the first two also the hint names the column.
BY_COLUMN = {"missing-column", "no-dates"}
OF_MANY_COLUMNS = BY_COLUMN | {"unknown-column", "duplicate-column", "not-utf-8"}
OF_CELLS = {rule.slug for rule in CELLS}
OF_ROWS = {"row-of-commas", "extra-cell", "short-row", "blank-line"}
OF_FILES = {
    rule.slug for group in ("The place and the file", "The table") for rule in CATALOGUE[group]
} - OF_ROWS | {"not-utf-8"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cause:
    """The problems of one file that have one rule and one hint, by line."""

    problems: tuple[Problem, ...]

    @property
    def first(self) -> Problem:
        """The problem that stands for the others."""
        return self.problems[0]

    @property
    def number(self) -> int:
        """How many there are, those that are not listed too."""
        return total(self.problems)

    @property
    def is_repaired(self) -> bool:
        """Return whether `fix` repairs them."""
        return self.first.repaired


@dataclass(frozen=True, slots=True)
class Same:
    """Further places of a cause that are alike: a column, or a value and what to write there.

    `value` and `column` are None where lines alone are named.
    """

    column: str | None
    value: str | None
    instead: str
    lines: tuple[int, ...]


def causes(problems: Iterable[Problem]) -> list[Cause]:
    """Group problems by cause: errors first, by file, those of the whole file before its cells."""
    groups: dict[tuple[str, str, str | None, bool, str], list[Problem]] = {}
    for each in problems:
        column = None if each.rule in OF_MANY_COLUMNS else each.column
        key = (each.file, each.rule, column, each.repaired, _advice(each))
        groups.setdefault(key, []).append(each)
    return sorted((Cause(tuple(group)) for group in groups.values()), key=_worst_first)


def _advice(problem: Problem) -> str:
    """Give what a hint says of all its places: without values, names and numbers of one of them."""
    if problem.rule in BY_COLUMN:
        return ""
    before, _, after = problem.hint.rpartition(problem.instead or "\0")
    return re.sub(r"[0-9][0-9.,-]{0,40}", "", before + after)


def _worst_first(cause: Cause) -> tuple[bool, str, bool, int, tuple[str, int, str, str, str]]:
    first = cause.first
    is_of_cells = first.rule not in OF_FILES
    number = cause.number if is_of_cells else 0
    return (first.severity is not Severity.ERROR, first.file, is_of_cells, -number, first.place)


def further(cause: Cause) -> tuple[list[Same], bool]:
    """Name the first further places of a cause; and whether these are all.

    Each column is named, or each value with what to write, where they differ; else the lines.
    """
    rest = cause.problems[1:]
    differ = len({(each.value, each.instead) for each in cause.problems}) > 1
    has_values = differ and (cause.first.instead != "" or cause.first.rule in OF_CELLS)
    alike: dict[tuple[str | None, str | None, str], list[int]] = {}
    key: tuple[str | None, str | None, str]
    for each in rest[:MOST_PLACES]:
        if cause.first.rule in OF_MANY_COLUMNS and cause.first.rule != "not-utf-8":
            key = (each.column, None, each.instead)
        else:
            key = (None, each.value if has_values else None, each.instead if has_values else "")
        alike.setdefault(key, []).append(each.line or 0)
    named = [Same(*key, tuple(dict.fromkeys(filter(None, at)))) for key, at in alike.items()]
    is_all = len(rest) <= MOST_PLACES and cause.number == len(cause.problems)
    return named, is_all
