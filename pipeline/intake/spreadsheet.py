"""A creator's own sheet → a contribution's CSV: known columns, right forms, missing as missing."""

import hashlib
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.intake.repair import Text, Unreadable, open_csv, read_text, repaired
from schema.columns import BY_NAME, COLUMNS
from schema.forms import NUMBERS, day
from schema.problem import is_personal
from schema.spellings import canonical
from schema.vocabulary import nearest_word

NEEDED = ("video", "views")
SPAN = re.compile(r"([0-9]{1,6})(?:-([0-9]{1,6}))?")


@dataclass(frozen=True, slots=True)
class ZeroIsMissing:
    """Zeros of a column that stand for nothing: in the lines of the spans, or in all of them."""

    column: str
    spans: tuple[range, ...] = ()

    def covers(self, line: int) -> bool:
        """Return whether a physical line of the sheet is meant."""
        return not self.spans or any(line in span for span in self.spans)


def zero_is_missing(text: str) -> ZeroIsMissing | None:
    """Read `COLUMN` or `COLUMN@2-133,187-191`; None where it is neither.

    >>> zero_is_missing("newFollowers@2-4,9")
    ZeroIsMissing(column='new_followers', spans=(range(2, 5), range(9, 10)))
    """
    name, mark, lines = text.partition("@")
    column = canonical(name)
    spans = [SPAN.fullmatch(part.strip()) for part in lines.split(",")] if mark else []
    if column is None or None in spans:
        return None
    ends = [(int(span[1]), int(span[2] or span[1])) for span in spans if span]
    if BY_NAME[column].kind not in NUMBERS or any(first > last for first, last in ends):
        return None
    return ZeroIsMissing(column, tuple(range(first, last + 1) for first, last in ends))


@dataclass(frozen=True, slots=True)
class Imported:
    """The contribution's CSV, its name, and every change that was made, with how often."""

    name: str
    content: bytes
    changes: tuple[tuple[str, int], ...]


def import_sheets(
    files: Sequence[Path], zeros: Sequence[ZeroIsMissing]
) -> list[Imported] | Unreadable:
    """Turn sheets into a contribution's CSVs, each under a name of its own. Raises OSError."""
    sheets: list[Imported] = []
    for file in files:
        raw = open_csv(file)
        sheet = raw if isinstance(raw, Unreadable) else import_sheet(raw, zeros)
        if isinstance(sheet, Unreadable):
            return Unreadable(f"{file} cannot be imported; nothing was written. {sheet.why}")
        alike = sum(each.name.startswith(sheet.name.removesuffix(".csv")) for each in sheets)
        name = sheet.name.replace(".csv", f"-{alike + 1}.csv") if alike else sheet.name
        sheets.append(replace(sheet, name=name))
    return sheets


def import_sheet(raw: bytes, zeros: Sequence[ZeroIsMissing]) -> Imported | Unreadable:
    """Turn the bytes of a sheet into a contribution's CSV. Lines keep their order."""
    text = read_text(raw)
    if isinstance(text, Unreadable):
        return text
    names = [canonical(name) for name in text.header]
    lacking = [name for name in NEEDED if name not in names]
    twice = {name for name, times in Counter(names).items() if name and times > 1}
    if lacking or twice:
        what = (
            f"no column for {' and '.join(lacking)}"
            if lacking
            else (f"two columns for {', '.join(sorted(twice))}")
        )
        header = ", ".join(text.header)
        shown = "" if is_personal(header) else f"; its first line names: {header}"
        return Unreadable(f"The sheet has {what}{shown}.")
    if absent := [zero.column for zero in zeros if zero.column not in names]:
        return Unreadable(f"The sheet has no column {absent[0]}, so no zero to empty in it.")
    if ragged := [line for line, row in text.records if len(row) != len(names)]:
        return Unreadable(f"Line {ragged[0]} has another number of cells than the header.")
    changes: Counter[str] = Counter(dict(text.changes))
    for name in text.header:
        changes[f"column {name} left out: it is not collected"] += canonical(name) is None
    kept = _known_columns(text)
    rows = _rows(repaired(_other_categories(kept, changes)), changes)
    _empty_zeros(rows, zeros, changes)
    _correct(rows, raw, changes)
    said = tuple((what, times) for what, times in changes.items() if times or "emptied" in what)
    return Imported(_file_name(rows), _written(rows), said)


def _known_columns(text: Text) -> Text:
    """Keep the columns that are known, by canonical name and in the order of the dictionary."""
    places = {canonical(name): place for place, name in enumerate(text.header)}
    header = tuple(column.name for column in COLUMNS if column.name in places)
    order = [places[name] for name in header]
    records = tuple((line, tuple(row[i] for i in order)) for line, row in text.records)
    return Text(header, records, ())


def _other_categories(text: Text, changes: Counter[str]) -> Text:
    """A category that is no word of the list is `other`; its word goes to an empty subject."""
    if "category" not in text.header:
        return text
    category = text.header.index("category")
    subject = text.header.index("subject") if "subject" in text.header else None
    records = []
    for line, row in text.records:
        cells, word = list(row), row[category].strip()
        if word and nearest_word("category", word) is None:
            changes[f"category {word} is now other"] += 1
            cells[category] = "other"
            if subject is not None and not cells[subject].strip():
                changes[f"category {word} moved to subject"] += 1
                cells[subject] = word.lower()
        records.append((line, tuple(cells)))
    return Text(text.header, tuple(records), text.changes)


def _rows(text: Text, changes: Counter[str]) -> list[tuple[int, dict[str, str]]]:
    changes.update(dict(text.changes))
    return [(line, dict(zip(text.header, row, strict=True))) for line, row in text.records]


def _empty_zeros(
    rows: list[tuple[int, dict[str, str]]], zeros: Iterable[ZeroIsMissing], changes: Counter[str]
) -> None:
    for zero in zeros:
        changes[f"0 in {zero.column} emptied: it stood for missing"] += 0
        for line, row in rows:
            is_zero = re.fullmatch(r"0{1,15}(\.0{1,20})?", row.get(zero.column, "")) is not None
            if is_zero and zero.covers(line):
                changes[f"0 in {zero.column} emptied: it stood for missing"] += 1
                row[zero.column] = ""


def _correct(rows: list[tuple[int, dict[str, str]]], raw: bytes, changes: Counter[str]) -> None:
    """Empty the cells that are known to be wrong in a file that was studied by hand."""
    known = tomllib.loads(Path(__file__).with_name("corrections.toml").read_text("utf-8"))
    for file in known["file"]:
        for correction in file["correction"] if file["sha256"] == _sha256(raw) else ():
            column, at = correction["column"], correction.get("line")
            for line, row in rows:
                if at in (None, line) and row.get(column):
                    changes[f"{column} emptied ({correction['why']})"] += 1
                    row[column] = ""


def _sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def _file_name(rows: Sequence[tuple[int, dict[str, str]]]) -> str:
    days = [captured for _, row in rows if (captured := day(row.get("captured_on", "")))]
    return f"sheet-{max(days).isoformat() if days else 'undated'}.csv"


def _written(rows: Sequence[tuple[int, dict[str, str]]]) -> bytes:
    header = tuple(rows[0][1]) if rows else NEEDED
    needed = [column.name for column in COLUMNS if column.required and column.name not in header]
    names = [name for name in BY_NAME if name in (*header, *needed)]
    records = tuple((line, tuple(row.get(name, "") for name in names)) for line, row in rows)
    return Text(tuple(names), records, ()).written()
