"""The files of the 2022 post, as their author published them → text cells of a known form.

They are read to be replicated, never to be contributed or kept: no label of a video is taken.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.intake.repair import Unreadable, open_csv
from schema.file_rules import MAX_BYTES

COUNTS = ("views", "likes", "comments", "shares", "bookmarks", "watchedFullVideo", "newFollowers")
FLAGS = ("hasCover", "hasDescription", "reply")
WORDS = ("category", "subject")
COLUMNS = (*COUNTS, "length", *WORDS, *FLAGS)
AUDIENCE = ("male", "female", "18-24", "25-34", "35-44", "45-54", "55+")
NAMES, PRINTED = "Variable", ("Coefficient", "StdErr", "t-stat", "p-value")
NUMBER = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,9})?")
MISSING = "NA"


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
class Sheet:
    """Cells by column, in the order of the file; a row is a video (or a printed coefficient)."""

    columns: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Post:
    """What was published: the sheet, the two files that were fitted, and the printed table."""

    raw: Sheet
    filled: Sheet
    second: Sheet
    printed: Sheet


def read_post(folder: Path) -> Post | Unreadable:
    """Read the four files of a folder, or of a clone of the author's repository. Raises OSError."""
    if not folder.is_dir():
        return Unreadable(f"{folder} is no folder.")
    sheets = []
    for file in FILES:
        places = (folder / file.name, folder / file.original, folder / "data" / file.original)
        path = next((place for place in places if place.exists()), None)
        if path is None:
            return Unreadable(
                f"{folder} has neither {file.name} nor {file.original}, as its author named it. "
                "A clone of his repository has all four files."
            )
        raw = open_csv(path)
        sheet = raw if isinstance(raw, Unreadable) else read_sheet(raw, file)
        if isinstance(sheet, Unreadable):
            return Unreadable(f"{path} is not the file of 2022. {sheet.why}")
        sheets.append(sheet)
    return Post(*sheets)


def read_sheet(raw: bytes, file: File) -> Sheet | Unreadable:
    """Read one file; whatever is not in the form of 2022 is told, with its line."""
    try:
        reader = csv.reader(
            io.StringIO(raw[:MAX_BYTES].decode("utf-8-sig"), newline=""), strict=True
        )
        header, *rows = [row for row in reader if row] or [[]]
    except (UnicodeDecodeError, csv.Error):
        return Unreadable("It is no CSV in UTF-8.")
    if tuple(map(str.strip, header)) != file.header:
        return Unreadable(f"Its first line is not: {','.join(file.header)}")
    if len(rows) != file.rows:
        return Unreadable(f"It has {len(rows):,} rows, not {file.rows}.")
    if wrong := _wrong(rows, file):
        return Unreadable(wrong)
    columns = zip(file.header, zip(*rows, strict=True), strict=True)
    return Sheet({name: cells for name, cells in columns if name not in UNREAD})


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
