"""Repair the form of a CSV: encoding, delimiter, separators, synonyms, blanks.

Never an id or a meaning: a cell changes only where its rule knows the one right form
(`Fault.write`), also from what the file's other cells settle, and every change is counted.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.dataset import layout as layouts
from pipeline.dataset.encoding import from_utf_16, windows_1252
from schema.catalogue import AnyRule
from schema.cells import fault
from schema.columns import Column, Kind
from schema.file_rules import BYTES, MAX_BYTES, nul_byte, utf_16
from schema.forms import Fault
from schema.habits import settled
from schema.spellings import canonical, columns_of
from schema.table_rules import cell_too_long, other_export, too_many_columns
from schema.video_links import id_alone

NO_NAMES = "Its first line does not name columns such as video and views."


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
    layout = layouts.layout_of(text)
    if layout.excel_line:
        changes["the line sep= deleted"] = 1
    try:
        rows = list(_rows(layout))
    except csv.Error as error:
        is_long = str(error).startswith("field larger")
        return Unreadable(cell_too_long.hint if is_long else "A double quote has no partner.")
    place = layouts.header_place([row for _, row in rows])
    if why := NO_NAMES if place is None else _why_no_table(rows, place):
        return Unreadable(why)
    if layout.delimiter != ",":
        changes[f"delimiter {layout.delimiter!r} to a comma"] = 1
    return _without_what_is_no_row(rows[place:], rows[:place], changes)


def _why_no_table(rows: Sequence[tuple[int, list[str]]], place: int) -> str:
    """Say why what stands below a header is not repaired; "" where it is."""
    for line, row in rows[: layouts.TOP]:
        for finding in other_export.find(line, row):
            return finding.hint
    line, header = rows[place]
    if layouts.known_columns(header) < layouts.ENOUGH:
        return NO_NAMES
    if next(too_many_columns.find(header), None):
        return too_many_columns.hint
    if not all(layouts.is_title(row) for _, row in rows[:place]):
        return f"Line {line} looks like the column names; delete what is above it."
    return ""


def _decoded(raw: bytes) -> tuple[str, str] | Unreadable:
    """Decode UTF-8, UTF-16, or Windows-1252 where that is beyond doubt."""
    if next(utf_16.find(raw), None):
        text = from_utf_16(raw)
        return (
            Unreadable("It is written in UTF-16, and damaged.")
            if text is None
            else (text, "UTF-16")
        )
    if next(nul_byte.find(raw), None):
        return Unreadable(nul_byte.hint)
    try:
        return raw.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        text = windows_1252(raw)
        why = "Its letters are in no encoding that is certain: save it as CSV UTF-8."
        return Unreadable(why) if text is None else (text, "Windows-1252")


def _rows(layout: layouts.Layout) -> Iterator[tuple[int, list[str]]]:
    body = io.StringIO(layout.body.rstrip("\x1a"), newline="")
    above = 1 + int(layout.excel_line != "")
    reader = csv.reader(body, strict=True, delimiter=layout.delimiter)
    start = above
    for row in reader:
        if layout.delimiter != "|" or not layouts.is_dashes(row):
            yield start, row
        start = reader.line_num + above


def _without_what_is_no_row(
    rows: list[tuple[int, list[str]]], above: list[tuple[int, list[str]]], changes: dict[str, int]
) -> Text:
    """Drop titles, empty lines, names that stand there again, and columns without any cell."""
    titles = sum(any(map(str.strip, row)) for _, row in above)
    filled = [(line, row) for line, row in rows if any(map(str.strip, row))]
    if titles:
        changes["lines above the column names deleted"] = len(above)
    if empty := len(rows) - len(filled) + (0 if titles else len(above)):
        changes["empty lines deleted"] = empty
    (_, header), *below = filled
    dropped = set(layouts.names_again(header, [row for _, row in below]))
    records = [each for place, each in enumerate(below) if place not in dropped]
    if dropped:
        changes["lines deleted that name the columns once more"] = len(dropped)
    width = len(header)
    if any(len(row) > width for _, row in records) and not any(
        cell.strip() for _, row in records for cell in row[width:]
    ):
        changes["commas at the ends of lines deleted"] = 1
        records = [(line, row[:width]) for line, row in records]
    kept = layouts.kept_columns(header, [row for _, row in records])
    if len(kept) < width:
        changes["columns without a name and a cell deleted"] = width - len(kept)
        header = [header[place] for place in kept]
        records = [(line, [row[p] for p in kept if p < len(row)]) for line, row in records]
    names = []
    for name, column in zip(header, columns_of(header), strict=True):
        is_renamed = column is not None and canonical(name) is None
        if is_renamed:
            changes[f"column {name.strip()} is now {column}"] = 1
        names.append(column if column and is_renamed else name.strip())
    return Text(
        tuple(names), tuple((line, tuple(row)) for line, row in records), tuple(changes.items())
    )


def repaired(text: Text) -> Text:
    """Put the right form in every cell where it is certain."""
    columns = _columns(text)
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


def _columns(text: Text) -> list[Column | None]:
    """Give the column of each name, with the file's habit; None for one named twice."""
    names = [canonical(name) for name in text.header]
    rows = [row for _, row in text.records if len(row) == len(names)]
    cells = {
        name: list(dict.fromkeys(row[place] for row in rows))
        for place, name in enumerate(names)
        if name and names.count(name) == 1
    }
    columns = settled(cells)
    return [columns.get(name or "") for name in names]


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
