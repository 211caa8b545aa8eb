"""The files of the 2022 post, as their author published them → text cells of a known form.

They are read to be replicated, never to be contributed or kept: no label of a video is taken.
"""

import csv
import hashlib
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.intake.repair import Unreadable, open_csv
from schema.file_rules import MAX_BYTES, line_at
from schema.problem import is_personal

COUNTS = ("views", "likes", "comments", "shares", "bookmarks", "watchedFullVideo", "newFollowers")
FLAGS = ("hasCover", "hasDescription", "reply")
WORDS = ("category", "subject")
COLUMNS = (*COUNTS, "length", *WORDS, *FLAGS)
AUDIENCE = ("male", "female", "18-24", "25-34", "35-44", "45-54", "55+")
NAMES, PRINTED = "Variable", ("Coefficient", "StdErr", "t-stat", "p-value")
NUMBER = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,9})?")
MISSING = "NA"
LONGEST = 30  # letters of a column's name that are told


@dataclass(frozen=True, slots=True)
class File:
    """One of the files: our name for it and its author's, its header, and how many rows it has."""

    name: str
    original: str
    header: tuple[str, ...]
    rows: int
    words: tuple[str, ...] = WORDS


FILES = (
    File("raw.csv", "tik-tok-analytics-2022-unprocessed.csv", ("name", *COLUMNS, *AUDIENCE), 190),
    File("post-input.csv", "tik-tok-new-followers-imputated.csv", COLUMNS, 141),
    File("results-input.csv", "tik-tok-analytics-2022.csv", COLUMNS, 127),
    File("post-results.csv", "linear-regression-results.csv", (NAMES, *PRINTED), 18, (NAMES,)),
)
UNREAD = ("name", *AUDIENCE)  # nothing here needs what a video is called, or who watched


@dataclass(frozen=True, slots=True)
class SourceSheet:
    """Cells by column, in the order of the file; a row is a video (or a printed coefficient)."""

    columns: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Source:
    """A file as it was found: our name for it, and its own; `sha256` is that with LF for CRLF."""

    name: str
    own_name: str
    sha256: str
    sheet: SourceSheet


@dataclass(frozen=True, slots=True)
class Post:
    """What was published: the sheet, the two files that were fitted, and the printed table.

    `sources` are the files of these, in this order.
    """

    sources: tuple[Source, ...]
    raw: SourceSheet
    filled: SourceSheet
    second: SourceSheet
    printed: SourceSheet


def read_post(folder: Path) -> Post | Unreadable:
    """Read the four files of a folder, or of a clone of the author's repository. Raises OSError."""
    if not folder.is_dir():
        return Unreadable(f"{folder} is no folder.")
    sources = []
    for file in FILES:
        path = _place(folder, file)
        source = path if isinstance(path, Unreadable) else _source(path, file)
        if isinstance(source, Unreadable):
            return source
        sources.append(source)
    return Post(tuple(sources), *(source.sheet for source in sources))


def _place(folder: Path, file: File) -> Path | Unreadable:
    """Find a file under our name for it or its author's."""
    places = (folder / file.name, folder / file.original, folder / "data" / file.original)
    if path := next((place for place in places if place.exists()), None):
        return path
    if link := next((place for place in places if place.is_symlink()), None):
        return Unreadable(f"{link} is a link that leads nowhere. Put the file itself in its place.")
    return Unreadable(
        f"{folder} has neither {file.name} nor {file.original}, as its author named it. "
        "A clone of his repository has all four files."
    )


def _source(path: Path, file: File) -> Source | Unreadable:
    raw = open_csv(path)
    if isinstance(raw, Unreadable):
        return Unreadable(f"{path} is not the file of 2022. {raw.why}")
    if len(raw) > MAX_BYTES:
        return Unreadable(f"{path} is larger than 20 MiB. His has {file.rows} rows.")
    sheet = read_sheet(raw, file)
    if isinstance(sheet, Unreadable):
        return Unreadable(f"{path} is not the file of 2022. {sheet.why}")
    return Source(file.name, path.name, sha256(raw), sheet)


def sha256(raw: bytes) -> str:
    r"""Tell a file from another; git may have written its line ends in another way.

    >>> sha256(b"a,b\r\n1,2\r\n") == sha256(b"a,b\n1,2\n") != sha256(b"a,b\n1,2")
    True
    """
    return hashlib.sha256(raw.replace(b"\r\n", b"\n")).hexdigest()


def read_sheet(raw: bytes, file: File) -> SourceSheet | Unreadable:
    """Read one file; whatever is not in the form of 2022 is told, with its line."""
    text = _text(raw)
    lines = text if isinstance(text, Unreadable) else _rows(text)
    if isinstance(lines, Unreadable):
        return lines
    header, *rows = lines or [[]]
    if wrong := _wrong_header(header, file):
        return Unreadable(wrong)
    if len(rows) != file.rows:
        return Unreadable(f"It has {len(rows):,} rows, not {file.rows}.")
    if wrong := _wrong(rows, file):
        return Unreadable(wrong)
    columns = zip(file.header, zip(*rows, strict=True), strict=True)
    return SourceSheet({name: cells for name, cells in columns if name not in UNREAD})


def _text(raw: bytes) -> str | Unreadable:
    if (offset := raw.find(b"\0")) >= 0:
        return Unreadable(f"Line {line_at(raw, offset)} has a NUL byte, which no text has.")
    try:
        return raw.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = line_at(raw, error.start)
        return Unreadable(f"Line {line} has a letter that is not written in UTF-8, as his are.")


def _rows(text: str) -> list[list[str]] | Unreadable:
    """Split a CSV, without its empty lines."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows, line = [], 1
    try:
        for row in reader:
            rows.append(row)
            line = reader.line_num + 1
    except csv.Error as error:
        if str(error).startswith("field larger"):
            return Unreadable(f"Line {line} has a cell that goes on for more than 100,000 letters.")
        return Unreadable(f"A double quote in line {line} has no partner at the end of its cell.")
    return [row for row in rows if row]


def _wrong_header(header: Sequence[str], file: File) -> str:
    """Name the first column that is wrong or missing, "" where none is."""
    names = [name.strip() for name in header]
    if tuple(names[: len(file.header)]) == file.header:
        more = len(names) - len(file.header)
        return f"Its first line has {len(names)} columns, not {len(file.header)}." if more else ""
    at, right = next((i, n) for i, n in enumerate(file.header) if names[i : i + 1] != [n])
    name = names[at] if at < len(names) else ""
    if right not in names and (not name or name in file.header):
        return f"Its first line has no column {right}, which should be column {at + 1}."
    shown = "something else" if is_personal(name) else f'"{name[:LONGEST]}"'
    return f"Column {at + 1} in its first line is {shown}, not {right}."


def _wrong(rows: Sequence[Sequence[str]], file: File) -> str:
    """Say what is wrong with the first odd row, "" where none is."""
    read = [i for i, name in enumerate(file.header) if name not in (*file.words, *UNREAD)]
    for number, row in enumerate(rows, start=1):
        if len(row) != len(file.header):
            return f"Row {number} has {len(row)} cells, not {len(file.header)}."
        for i in read:
            cell = row[i].strip()
            is_number = NUMBER.fullmatch(cell) and (file.header[i] in PRINTED or cell[0] != "-")
            if not is_number and (cell != MISSING or file.name == "raw.csv"):
                return f"{file.header[i]} in row {number} is no plain number."
    return ""
