"""From the bytes of one CSV to its text cells: each record with the physical line it begins on."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain

import pandas as pd
import pyarrow as pa

from pipeline.dataset import layout as layouts
from pipeline.dataset.csv_fast import ENOUGH_BYTES, read_plain
from pipeline.dataset.encoding import from_utf_16, windows_1252
from pipeline.dataset.layout import texts
from pipeline.dataset.records import Record, records_of
from schema import table_rules
from schema.file_rules import BYTES, MAX_LINE, MAX_ROWS, has_bad_bytes, line_at, not_utf_8, utf_16
from schema.problem import Problem
from schema.rules import PLACES, Finding, apply, counted, listed
from schema.spellings import canonical, columns_of
from schema.table_rules import HEADER, ODD_ROWS, blank_line

FILLED = re.compile(rb"[^\r\n](?=[\r\n]|\Z)")  # the end of a line that is not empty
BOM = b"\xef\xbb\xbf"
UNREADABLE = (table_rules.no_header, table_rules.too_many_columns)
# What `fix` always repairs, of a file that it can read at all; others say so themselves.
REPAIRED = {"wrong-delimiter", "line-of-excel", "utf-16", "trailing-comma", "blank-line"}
REPAIRED |= {"row-of-commas", "title-rows"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One CSV as text: a row a record, columns by canonical name, index the physical line.

    A cell whose bytes are no UTF-8 is missing; an empty one is "". `rows` were read below the
    header, kept or not. `is_fixed`: `python -m pipeline fix` can read the file, and so repair it.
    """

    file: str
    cells: pd.DataFrame
    rows: int = 0
    is_fixed: bool = False


def read_sheet(file: str, raw: bytes, most: int = MAX_ROWS) -> tuple[Sheet, list[Problem]]:
    """Read the bytes of one CSV of at most so many rows, and tell what hinders the reading.

    Rows of another length than the header take no part, nor does a column named twice; a file
    that cannot be read as a table has no rows.
    """
    problems: list[Problem] = []
    for rule in BYTES:
        if faults := apply(rule, file, raw):
            text = from_utf_16(raw) if rule is utf_16 else None
            if text is None:
                return _sheet(file, {}, []), problems + faults
            raw, problems = text.encode("utf-8", "replace"), faults  # read on, to tell all
    text = raw.removeprefix(BOM).decode("utf-8", "surrogateescape")
    layout = layouts.layout_of(text)
    problems += apply(table_rules.line_of_excel, file, layout.excel_line)
    if not problems and layout.delimiter == "," and (quick := _quick(file, raw, text, most)):
        return quick
    sheet, faults = _careful(file, raw, layout, most)
    if [problem.rule for problem in faults] == [table_rules.other_export.slug]:
        return sheet, faults
    problems = [
        replace(each, repaired=sheet.is_fixed and (each.repaired or each.rule in REPAIRED))
        for each in problems + faults
    ]
    return sheet, problems


def _quick(file: str, raw: bytes, text: str, most: int) -> tuple[Sheet, list[Problem]] | None:
    """Read a large file in which nothing is odd; None where something may be."""
    if len(raw) < ENOUGH_BYTES or has_bad_bytes(text):
        return None
    first = text[:MAX_LINE].splitlines()[0]
    header = first.split(",")
    if not text.startswith((f"{first}\n", f"{first}\r\n")) or any(
        apply(rule, file, header) for rule in (*HEADER, *UNREADABLE)
    ):
        return None
    columns = read_plain(raw.removeprefix(BOM), len(header))
    if columns is None or len(columns[0]) > most:
        return None
    if (pd.Series(columns[0]).str.strip().str.casefold() == header[0].strip().casefold()).any():
        return None
    below = [str(column[0]) for column in columns]
    if layouts.names_again(header, [below]) or layouts.names_units(header, below):
        return None
    lines = pd.RangeIndex(2, len(columns[0]) + 2, name="line")
    cells = {canonical(name): column for name, column in zip(header, columns, strict=True)}
    return Sheet(file, pd.DataFrame(cells, index=lines, copy=False), len(lines), is_fixed=True), []


def _careful(
    file: str, raw: bytes, layout: layouts.Layout, most: int
) -> tuple[Sheet, list[Problem]]:
    """Find the header, and judge the shape of all that stands above and below it."""
    records, broken = records_of(file, layout, most)
    read = max(len(records) - 1, 0)
    if read > most:
        lines = sum(1 for _ in FILLED.finditer(raw))
        is_mostly_empty = 2 * lines < line_at(raw, len(raw))
        many = apply(table_rules.too_many_rows, file, read, most, is_mostly_empty)
        return _sheet(file, {}, [], read), broken + many
    for line, row in records[: layouts.TOP]:
        if export := apply(table_rules.other_export, file, line, texts(row)):
            return _sheet(file, {}, [], read), export
    place = layouts.header_place([row for _, row in records]) or 0
    line, names = records[place] if records else (1, [])
    header = [_shown(name or "") for name in names]
    problems = broken + _above(file, records[:place], line)
    problems += apply(table_rules.wrong_delimiter, file, line, layout.delimiter)
    fatal = [problem for rule in UNREADABLE for problem in apply(rule, file, header)]
    if fatal:
        return _sheet(file, {}, [], read), problems + _at(line, fatal[:1])
    is_certain = True
    if has_bad_bytes(layout.body):
        is_certain = windows_1252(raw) is not None
        problems += _not_utf_8(file, header, records, is_certain=is_certain)
    if not broken:
        problems += apply(table_rules.no_rows, file, len(records) - place - 1)
    is_certain &= all(layouts.is_title(texts(row)) for _, row in records[:place])
    is_fixed = is_certain and not broken and layouts.known_columns(header) >= layouts.ENOUGH
    rows, again = _without_names(file, header, records[place + 1 :])
    whole, faults = _whole_rows(file, header, rows)
    problems += again + _at(line, _of_header(file, header, rows)) + faults
    names_known = columns_of(header)
    places = {
        name: at for at, name in enumerate(names_known) if name and names_known.count(name) == 1
    }
    return replace(_sheet(file, places, whole, read), is_fixed=is_fixed), problems


def _at(line: int, problems: Sequence[Problem]) -> list[Problem]:
    """Give problems of the header the line where it stands."""
    return [replace(problem, line=line) if problem.line else problem for problem in problems]


def _above(file: str, above: Sequence[Record], line: int) -> list[Problem]:
    """Tell what stands above the header: titles, or empty lines alone."""
    titles = [(at, texts(row)) for at, row in above if any(map(str.strip, texts(row)))]
    if not titles:
        return listed(blank_line, file, (f for at, _ in above for f in blank_line.find(at, [], 0)))
    found = [(titles[0][0], titles[0][1]), *((at, texts(row)) for at, row in above[1:])]
    return apply(table_rules.title_rows, file, found, line)


def _without_names(
    file: str, header: Sequence[str], records: Sequence[Record]
) -> tuple[Sequence[Record], list[Problem]]:
    """Take out the rows that name the columns once more, and the first where it names units."""
    again = layouts.names_again(header, [row for _, row in records])
    below = [place for place in range(min(len(records), len(again) + 1)) if place not in again][:1]
    units = [at for at in below if layouts.names_units(header, texts(records[at][1]))]
    dropped = {*again, *units}
    findings = [
        replace(finding, repaired=place in again)
        for place in sorted(dropped)
        for finding in table_rules.header_again.find(records[place][0], texts(records[place][1]))
    ]
    rows = [record for place, record in enumerate(records) if place not in dropped]
    return (rows if dropped else records), listed(table_rules.header_again, file, findings)


def _of_header(file: str, header: list[str], records: Sequence[Record]) -> list[Problem]:
    problems = [problem for rule in HEADER for problem in apply(rule, file, header)]
    if not all(map(str.strip, header)):
        kept = layouts.kept_columns(header, [row for _, row in records])
        is_emptied = all(header[place].strip() for place in kept)
        problems[0] = replace(problems[0], repaired=is_emptied)  # the rule that comes first
    return problems


def _whole_rows(
    file: str, header: list[str], records: Sequence[Record]
) -> tuple[Sequence[Record], list[Problem]]:
    """Judge the shape of the rows; give those that have a cell for each name."""
    width, problems = len(header), []
    whole = [record for record in records if len(record[1]) == width and not _is_empty(record[1])]
    if len(whole) < len(records):
        filled = [(line, texts(row)) for line, row in records if any(row)]
        every = apply(table_rules.trailing_comma, file, filled, width)
        if every:
            longer = [(line, row[:width]) for line, row in records if len(row) > width]
            whole = sorted(
                whole + [each for each in longer if not _is_empty(each[1])], key=lambda r: r[0]
            )
        elif every := apply(table_rules.header_too_short, file, [row for _, row in filled], width):
            whole = []
        problems += every
        odd = [record for record in records if len(record[1]) != width or _is_empty(record[1])]
        problems += _odd_rows(file, width, odd, skip=width + 1 if every else None)
    return whole, problems


def _is_empty(row: Sequence[str | None]) -> bool:
    return not any(row) and None not in row


def _odd_rows(file: str, width: int, odd: Sequence[Record], skip: int | None) -> list[Problem]:
    findings: dict[str, list[Finding]] = {rule.slug: [] for rule in ODD_ROWS}
    for line, cells in odd:
        row = [cell or "" for cell in cells]
        if skip is not None and len(row) >= skip:
            continue  # said once, for all rows
        for rule in ODD_ROWS:
            if finding := next(rule.find(line, row, width), None):
                findings[rule.slug].append(finding)
                break
    return list(chain.from_iterable(listed(rule, file, findings[rule.slug]) for rule in ODD_ROWS))


def _not_utf_8(
    file: str, header: list[str], records: Sequence[Record], *, is_certain: bool
) -> list[Problem]:
    """Report the cells with bytes that are no UTF-8, and take them out; they take no part."""
    names = columns_of(header)
    first: dict[str | None, list[Finding]] = {}
    number: Counter[str | None] = Counter()
    for line, row in records:
        for place, cell in enumerate(row):
            if cell and has_bad_bytes(cell):
                name = names[place] if place < len(names) else None
                number[name] += 1
                if number[name] <= PLACES:
                    found = not_utf_8.find(line, name, cell, is_windows_1252=is_certain)
                    first.setdefault(name, []).extend(found)
                row[place] = None
    return [
        problem
        for name, findings in first.items()
        for problem in counted(not_utf_8, file, findings, number[name])
    ]


def _shown(name: str) -> str:
    """Show a header as Windows-1252 where it is not UTF-8; no known name is lost by it."""
    raw = name.encode("utf-8", "surrogateescape")
    return raw.decode("cp1252", "replace") if has_bad_bytes(name) else name


def _sheet(file: str, places: dict[str, int], rows: Sequence[Record], read: int = 0) -> Sheet:
    """Turn rows of one length into columns, straight through Arrow: the fastest way by far."""
    lines = pd.Index([line for line, _ in rows], dtype="int64", name="line")
    width = len(rows[0][1]) if rows else 1
    flat = list(chain.from_iterable(row for _, row in rows))
    cells = {
        name: pd.array(pa.array(flat[place::width], pa.large_string()), dtype="str")
        for name, place in places.items()
    }
    return Sheet(file, pd.DataFrame(cells, index=lines, copy=False), read)
