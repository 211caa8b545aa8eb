"""From the bytes of one CSV to its text cells: each record with the physical line it begins on."""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, islice

import pandas as pd
import pyarrow as pa

from pipeline.dataset.csv_fast import ENOUGH_BYTES, read_plain
from schema import table_rules
from schema.file_rules import BYTES, MAX_LINE, MAX_ROWS, has_bad_bytes, line_at, not_utf_8, utf_16
from schema.problem import Problem
from schema.rules import PLACES, Finding, apply, counted, listed
from schema.spellings import canonical
from schema.table_rules import HEADER, ODD_ROWS, blank_line

# Global in the csv module: a quote that is never closed stops here, not at the end of the file.
csv.field_size_limit(MAX_LINE)

FILLED = re.compile(rb"[^\r\n](?=[\r\n]|\Z)")  # the end of a line that is not empty
LINE_END = re.compile(r"\r\n|\r|\n")
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
BOM = b"\xef\xbb\xbf"
UNREADABLE = (table_rules.no_header, table_rules.too_many_columns)
Record = tuple[int, list[str | None]]  # a cell that is no text is None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One CSV as text: a row a record, columns by canonical name, index the physical line.

    A cell whose bytes are no UTF-8 is missing; an empty one is "". `rows` were read below the
    header, kept or not.
    """

    file: str
    cells: pd.DataFrame
    rows: int = 0


def read_sheet(file: str, raw: bytes, most: int = MAX_ROWS) -> tuple[Sheet, list[Problem]]:
    """Read the bytes of one CSV of at most so many rows, and tell what hinders the reading.

    Rows of another length than the header take no part, nor does a column named twice; a file
    that cannot be read as a table has no rows.
    """
    problems: list[Problem] = []
    for rule in BYTES:
        if faults := apply(rule, file, raw):
            if rule is not utf_16 or raw[:2] not in UTF_16:
                return _sheet(file, {}, []), faults
            raw, problems = raw.decode("utf-16", "replace").encode(), faults  # read on, to tell all
    text = raw.removeprefix(BOM).decode("utf-8", "surrogateescape")
    first = text[:MAX_LINE].splitlines()[0] if text else ""
    if faults := apply(table_rules.line_of_excel, file, first):
        return _sheet(file, {}, []), problems + faults
    problems += apply(table_rules.wrong_delimiter, file, first)
    if not problems and (quick := _quick(file, raw, text, first, most)) is not None:
        return quick
    records, broken = _records(file, text, table_rules.delimiter_of(first), most)
    problems += broken
    read = max(len(records) - 1, 0)
    if read > most:
        lines = sum(1 for _ in FILLED.finditer(raw))
        is_mostly_empty = 2 * lines < line_at(raw, len(raw))
        problems += apply(table_rules.too_many_rows, file, read, most, is_mostly_empty)
        return _sheet(file, {}, [], read), problems
    filled = next(
        (n for n, (_, row) in enumerate(records) if any((cell or "").strip() for cell in row)), None
    )
    before = [finding for line, _ in records[:filled] for finding in blank_line.find(line, [], 0)]
    problems += listed(blank_line, file, before)
    del records[:filled]
    header = [_shown(name or "") for name in records[0][1]] if records else []
    fatal = [problem for rule in UNREADABLE for problem in apply(rule, file, header)]
    if fatal:
        return _sheet(file, {}, [], read), problems + fatal[:1]
    if has_bad_bytes(text):
        problems += _not_utf_8(file, header, records)
    return _cells(file, header, records[1:], problems, read)


def _quick(
    file: str, raw: bytes, text: str, first: str, most: int
) -> tuple[Sheet, list[Problem]] | None:
    """Read a large file in which nothing is odd; None where something may be."""
    if len(raw) < ENOUGH_BYTES or has_bad_bytes(text):
        return None
    header = first.split(",")
    if not text.startswith((f"{first}\n", f"{first}\r\n")) or any(
        apply(rule, file, header) for rule in (*HEADER, *UNREADABLE)
    ):
        return None
    columns = read_plain(raw.removeprefix(BOM), len(header))
    if columns is None or len(columns[0]) > most:
        return None
    lines = pd.RangeIndex(2, len(columns[0]) + 2, name="line")
    cells = {canonical(name): column for name, column in zip(header, columns, strict=True)}
    return Sheet(file, pd.DataFrame(cells, index=lines, copy=False), len(lines)), []


def _records(file: str, text: str, delimiter: str, most: int) -> tuple[list[Record], list[Problem]]:
    """Split a text into records, up to one more than may be; a broken quote ends them."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter)
    records: list[Record] = []
    start = 1
    try:
        for row in islice(reader, most + 2):
            records.append((start, [*row]))
            start = reader.line_num + 1
    except csv.Error as error:
        rest = text[_offset(text, start) :]
        if long := apply(table_rules.cell_too_long, file, start, _longest(rest, delimiter)):
            return records, long
        return records, apply(table_rules.quote, file, start, error)
    return records, []


def _offset(text: str, line: int) -> int:
    """Find where a physical line begins."""
    ends = islice(LINE_END.finditer(text), line - 1)
    return max((end.end() for end in ends), default=0)


def _longest(text: str, delimiter: str) -> int:
    """Measure the longest cell in quotes of the first record, as far as its quotes are right."""
    place, longest = 0, 0
    cell = re.compile(rf'(?:"((?:[^"]|"")*+)"|[^"\r\n{re.escape(delimiter)}]*+)')
    while (match := cell.match(text, place)) is not None:
        place = match.end() + 1
        mark = text[match.end() : place]
        if mark not in (delimiter, "\r", "\n", ""):
            break
        longest = max(longest, len((match[1] or "").replace('""', '"')))
        if mark != delimiter:
            break
    return longest


def _cells(
    file: str, header: list[str], records: Sequence[Record], problems: list[Problem], read: int
) -> tuple[Sheet, list[Problem]]:
    """Judge the shape of the rows, and keep the columns that are known and named once."""
    if not problems:
        problems += apply(table_rules.no_rows, file, len(records))
    for rule in HEADER:
        problems += apply(rule, file, header)
    width = len(header)
    whole = [record for record in records if len(record[1]) == width and not _is_empty(record[1])]
    if len(whole) < len(records):
        filled = [[cell or "" for cell in row] for _, row in records if any(row)]
        every = apply(table_rules.trailing_comma, file, filled, width)
        every = every or apply(table_rules.header_too_short, file, filled, width)
        whole += [(line, row[:-1]) for line, row in records if every and len(row) == width + 1]
        whole = whole if not every or every[0].rule == table_rules.trailing_comma.slug else []
        problems += every
        odd = [record for record in records if len(record[1]) != width or _is_empty(record[1])]
        problems += _odd_rows(file, width, odd, skip=width + 1 if every else None)
    names = [canonical(name) for name in header]
    places = {name: place for place, name in enumerate(names) if name and names.count(name) == 1}
    return _sheet(file, places, whole, read), problems


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


def _not_utf_8(file: str, header: list[str], records: Sequence[Record]) -> list[Problem]:
    """Report the cells with bytes that are no UTF-8, and take them out; they take no part."""
    names = [canonical(name) for name in header]
    first: dict[str | None, list[Finding]] = {}
    number: Counter[str | None] = Counter()
    for line, row in records:
        for place, cell in enumerate(row):
            if cell and has_bad_bytes(cell):
                name = names[place] if place < len(names) else None
                number[name] += 1
                if number[name] <= PLACES:
                    first.setdefault(name, []).extend(not_utf_8.find(line, name, cell))
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
