"""Repair the form of a CSV: encoding, delimiter, separators, synonyms, blanks.

Never an id, a date or a number's meaning: a cell changes only where its rule knows the one right
form (`Fault.write`), and every change is counted.
"""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from schema.cells import fault
from schema.columns import BY_NAME, canonical
from schema.file_rules import BYTES, MAX_BYTES, nul_byte, utf_16

DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True, slots=True)
class Text:
    """A CSV as text: the header, each record with its physical line, and what was changed."""

    header: tuple[str, ...]
    records: tuple[tuple[int, tuple[str, ...]], ...]
    changes: tuple[tuple[str, int], ...]

    def written(self) -> bytes:
        """Write it as it is wanted: UTF-8, commas, LF."""
        rows = (self.header, *(cells for _, cells in self.records))
        return "".join(",".join(map(_quoted, row)) + "\n" for row in rows).encode()


def _quoted(cell: str) -> str:
    """Quote a cell that needs it; the csv module leaves a lone CR bare, which ends a line."""
    return '"' + cell.replace('"', '""') + '"' if set(cell) & set(',"\r\n') else cell


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that no repair makes readable, and why."""

    why: str


def read_text(raw: bytes) -> Text | Unreadable:
    """Read the bytes of a CSV as kindly as can be done without a guess at a value."""
    for rule in BYTES:
        if rule in (utf_16, nul_byte) and raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
            continue
        if next(rule.find(raw[: MAX_BYTES + 1]), None):
            return Unreadable(rule.hint)
    text, encoding = _decoded(raw)
    delimiter = max(DELIMITERS, key=lambda mark: _known(text, mark))
    changes = {f"encoding {encoding} to UTF-8": 1} if encoding else {}
    if delimiter != ",":
        changes[f"delimiter {delimiter!r} to a comma"] = 1
    try:
        rows = list(_rows(text, delimiter))
    except csv.Error:
        return Unreadable("A double quote has no partner.")
    filled = [(line, row) for line, row in rows if any(map(str.strip, row))]
    if not filled:
        return Unreadable("The file holds no row.")
    if len(filled) < len(rows):
        changes["empty lines deleted"] = len(rows) - len(filled)
    (_, header), *records = filled
    return _without_empty_column(header, records, changes)


def _decoded(raw: bytes) -> tuple[str, str]:
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16"), "UTF-16"
    try:
        return raw.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace"), "Windows-1252"


def _known(text: str, delimiter: str) -> int:
    first = text.lstrip().splitlines()[0].split(delimiter)
    return sum(canonical(cell.strip().strip('"')) is not None for cell in first)


def _rows(text: str, delimiter: str) -> Sequence[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter)
    rows, start = [], 1
    for row in reader:
        rows.append((start, row))
        start = reader.line_num + 1
    return rows


def _without_empty_column(
    header: list[str], records: list[tuple[int, list[str]]], changes: dict[str, int]
) -> Text:
    """Drop the empty last cells that a comma at the end of each line leaves."""
    width = max(i for i, name in enumerate(header, start=1) if name.strip())
    if any(len(row) > width for _, row in [(1, header), *records]) and all(
        not any(map(str.strip, row[width:])) for _, row in records
    ):
        changes["commas at the ends of lines deleted"] = 1
        header, records = header[:width], [(line, row[:width]) for line, row in records]
    names = tuple(name.strip() for name in header)
    return Text(names, tuple((line, tuple(row)) for line, row in records), tuple(changes.items()))


def repaired(text: Text) -> Text:
    """Put the right form in every cell where it is certain."""
    columns = [BY_NAME.get(canonical(name) or "") for name in text.header]
    changes: Counter[str] = Counter(dict(text.changes))
    records = []
    for line, row in text.records:
        cells = list(row)
        for place, (column, cell) in enumerate(zip(columns, row, strict=False)):
            found = fault(cell, column) if column and cell else None
            if found and found[1].write is not None:
                changes[f"{found[0].slug} in {column.name if column else ''}"] += 1
                cells[place] = found[1].write
        records.append((line, tuple(cells)))
    return Text(text.header, tuple(records), tuple(changes.items()))


def repair(raw: bytes) -> Text | Unreadable:
    """Read and repair the bytes of a CSV; what was changed is counted in the result."""
    text = read_text(raw)
    return text if isinstance(text, Unreadable) else repaired(text)
