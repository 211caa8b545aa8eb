"""Repair the form of a CSV: encoding, delimiter, separators, synonyms, blanks.

Never an id, a date or a number's meaning: a cell changes only where its rule knows the one right
form (`Fault.write`), and every change is counted.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from schema.catalogue import AnyRule
from schema.cells import fault
from schema.columns import BY_NAME, Column, Kind
from schema.file_rules import BYTES, MAX_BYTES, nul_byte, utf_16
from schema.forms import Fault
from schema.spellings import canonical
from schema.table_rules import cell_too_long, delimiter_of, known_columns
from schema.video_links import id_alone

ENOUGH = 2  # columns that are known, from which a text is taken for a sheet
SEP = re.compile(r'\A"?sep=.?"?[^\r\n\w]{0,100}(?:\r\n|\r|\n)', re.IGNORECASE)
FOREIGN = re.compile(r"[^\W\d_\x00-\x7f]{3}")  # no language of Western Europe writes such words


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
        if rule not in (utf_16, nul_byte) and next(rule.find(raw[: MAX_BYTES + 1]), None):
            return Unreadable(rule.hint)
    decoded = _decoded(raw)
    if isinstance(decoded, Unreadable):
        return decoded
    text, encoding = decoded
    changes = {f"encoding {encoding} to UTF-8": 1} if encoding else {}
    if SEP.match(text):
        text, changes["the line sep= deleted"] = SEP.sub("", text), 1
    first = (text.lstrip().splitlines() or [""])[0]
    delimiter = delimiter_of(first)
    if known_columns(first.split(delimiter)) < ENOUGH:
        return Unreadable("Its first line does not name columns such as video and views.")
    if delimiter != ",":
        changes[f"delimiter {delimiter!r} to a comma"] = 1
    try:
        rows = list(_rows(text.rstrip("\x1a"), delimiter))
    except csv.Error as error:
        is_long = str(error).startswith("field larger")
        return Unreadable(cell_too_long.hint if is_long else "A double quote has no partner.")
    filled = [(line, row) for line, row in rows if any(map(str.strip, row))]
    if len(filled) < len(rows):
        changes["empty lines deleted"] = len(rows) - len(filled)
    (_, header), *records = filled
    return _without_empty_column(header, records, changes)


def _decoded(raw: bytes) -> tuple[str, str] | Unreadable:
    """Decode UTF-8, UTF-16, or Windows-1252 where that is beyond doubt."""
    if next(utf_16.find(raw), None):
        order = (
            "utf-16"
            if raw[:2] in (b"\xff\xfe", b"\xfe\xff")
            else ("utf-16-le" if raw[:256:2].count(0) < raw[1:256:2].count(0) else "utf-16-be")
        )
        try:
            return raw.decode(order), "UTF-16"
        except UnicodeDecodeError:
            return Unreadable("It is written in UTF-16, and damaged.")
    if next(nul_byte.find(raw), None):
        return Unreadable(nul_byte.hint)
    try:
        return raw.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        return _windows_1252(raw)


def _windows_1252(raw: bytes) -> tuple[str, str] | Unreadable:
    """Decode what is no UTF-8; not where letters of two encodings, or of another alphabet, are."""
    rest = raw.decode("utf-8", "surrogateescape")
    is_mixed = any(not c.isascii() and not "\udc80" <= c <= "\udcff" for c in rest)
    try:
        text = raw.decode("cp1252")
    except UnicodeDecodeError:
        is_mixed = True
    if is_mixed or FOREIGN.search(text):
        return Unreadable("Its letters are in no encoding that is certain: save it as CSV UTF-8.")
    return text, "Windows-1252"


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
        if len(row) != len(columns):  # its cells may be in the wrong columns
            records.append((line, row))
            continue
        for place, (column, cell) in enumerate(zip(columns, row, strict=True)):
            wrong = fault(cell, column) if column and cell else None
            if wrong and wrong[1].write is not None:
                changes[_change(column, cell, *wrong)] += 1
                cells[place] = wrong[1].write
            if column and column.kind is Kind.LABEL and (short := id_alone(cells[place])):
                changes["video: the id in place of its link"] += 1
                cells[place] = short
        records.append((line, tuple(cells)))
    return Text(text.header, tuple(records), tuple(changes.items()))


def _change(column: Column | None, cell: str, rule: AnyRule, what: Fault) -> str:
    """Say what was done to a cell: a word by its name, anything else by its rule."""
    name = column.name if column else ""
    if column and column.kind is Kind.WORD and what.write:
        return f"{name}: {cell.strip()} is now {what.write}"
    return f"{name}: {rule.hint}"


def repair(raw: bytes) -> Text | Unreadable:
    """Read and repair the bytes of a CSV; what was changed is counted in the result."""
    text = read_text(raw)
    return text if isinstance(text, Unreadable) else repaired(text)


def open_csv(path: Path) -> bytes | Unreadable:
    """Open a CSV that is a file of its own: no link, no folder, no pipe. Raises OSError."""
    if path.is_symlink() or not path.is_file() or path.suffix.lower() != ".csv":
        return Unreadable("It is not there, or it is no CSV: a link or a folder does not count.")
    with path.open("rb") as stream:
        return stream.read(MAX_BYTES + 1)


def repair_file(path: Path) -> Text | Unreadable:
    """Open and repair a CSV; nothing is written. Raises OSError."""
    raw = open_csv(path)
    return raw if isinstance(raw, Unreadable) else repair(raw)
