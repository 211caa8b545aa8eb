"""Rules about a file's shape: its header, and the number of cells in a row."""

import csv
import re
from collections.abc import Iterator, Sequence

from schema.columns import BY_NAME, COLUMNS
from schema.file_rules import MAX_COLUMNS, MAX_LINE, SAVE_AS
from schema.rules import Finding, rule
from schema.spellings import canonical, did_you_mean
from schema.vocabulary import plain_letters

REQUIRED = tuple(column.name for column in COLUMNS if column.required)


DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}


def delimiter_of(first_line: str) -> str:
    """Find what separates a header: a comma, unless another mark names more columns."""
    best = max(DELIMITERS, key=lambda mark: known_columns(first_line.split(mark)))
    more = known_columns(first_line.split(best)) > max(1, known_columns(first_line.split(",")))
    return best if more else ","


@rule("video;views;new_followers", "video,views,new_followers")
def wrong_delimiter(first_line: str) -> Iterator[Finding]:
    """Cells are separated by commas."""
    if name := DELIMITERS.get(delimiter_of(first_line)):
        hint = f"This file separates its cells by {name}; write commas, and a point in numbers "
        yield Finding(line=1, hint=f"{hint}such as 41.18. {SAVE_AS}")


@rule("sep=;", "video,views,new_followers")
def line_of_excel(first_line: str) -> Iterator[Finding]:
    """The first line names the columns: delete this line, which Excel writes for itself."""
    if re.fullmatch(r"\"?sep=.?\"?", line := first_line.strip()):
        yield Finding(line=1, value=line)


def known_columns(cells: Sequence[str]) -> int:
    """Count the cells that name a column."""
    return sum(canonical(cell.strip().strip('"')) is not None for cell in cells)


@rule("Left over ramen,1557,4", "video,views,likes")
def no_header(header: Sequence[str]) -> Iterator[Finding]:
    """The first line names the columns."""
    if not any(canonical(name) for name in header):
        hint = f"{no_header.hint} At least: {','.join(REQUIRED)}"
        yield Finding(line=1, hint=hint)


@rule("a header of 70 names", "the columns of the data dictionary")
def too_many_columns(header: Sequence[str]) -> Iterator[Finding]:
    """A file has at most 64 columns: keep the ones that the data dictionary names."""
    if len(header) > MAX_COLUMNS:
        yield Finding(line=1, value=f"{len(header)} columns")


@rule("a folder of 200,001 rows", "a folder of at most 200,000 rows")
def too_many_rows(rows: int, most: int, is_mostly_empty: bool) -> Iterator[Finding]:
    """A folder has at most 200,000 rows, in all its files together: leave the oldest out."""
    if rows > most:
        hint = f"{too_many_rows.hint} This file goes beyond that and was not read."
        if is_mostly_empty:
            hint = (
                "Most of the lines of this file are empty, and they count towards the 200,000 rows "
                "of a folder: `python -m pipeline fix` deletes them."
            )
        yield Finding(hint=hint)


@rule("video,,views", "video,likes,views")
def empty_header(header: Sequence[str]) -> Iterator[Finding]:
    """A column has no name: name it, or delete the column with its cells."""
    for place, name in enumerate(header, start=1):
        if not name.strip():
            yield Finding(line=1, value=name, hint=f"{empty_header.hint} It is number {place}.")


@rule("video,views,veiws", "video,views,likes")
def unknown_column(header: Sequence[str]) -> Iterator[Finding]:
    """A column that the data dictionary does not know: rename it, or delete it with its cells."""
    present = {canonical(name) for name in header}
    for name in header:
        if name.strip() and canonical(name) is None:
            near = did_you_mean(name, present)
            better = f"Did you mean {near}? Rename it" if near else "Rename it"
            if near and canonical(plain_letters(name)) == near:
                better = f"It has letters that only look like a to z. {better}"
            hint = f"No column has this name. {better}, or delete the column with its cells."
            yield Finding(line=1, column=name, value=name, hint=hint)


@rule("video,views,views", "video,views,likes")
def duplicate_column(header: Sequence[str]) -> Iterator[Finding]:
    """Two columns with one name: keep the right one, delete the other with its cells."""
    for name in dict.fromkeys(header):
        if canonical(name) and header.count(name) > 1:
            yield Finding(line=1, column=canonical(name), value=name)


@rule("bookmarks,saves", "saves")
def same_column_twice(header: Sequence[str]) -> Iterator[Finding]:
    """Two names of one column: keep the right one, delete the other with its cells."""
    for column in BY_NAME:
        names = list(dict.fromkeys(name for name in header if canonical(name) == column))
        if len(names) > 1:
            hint = (
                f"{' and '.join(names)} are names of the same column, {column}: "
                "keep the right one, delete the other with its cells."
            )
            yield Finding(line=1, column=column, value=", ".join(names), hint=hint)


@rule("video,views", "video,views,new_followers,duration_s,category")
def missing_column(header: Sequence[str]) -> Iterator[Finding]:
    """A column that every file needs is not there."""
    present = {canonical(name) for name in header}
    for name in REQUIRED:
        if name not in present:
            column = BY_NAME[name]
            hint = f"{missing_column.hint[:-1]}: add {name} ({column.meaning})."
            yield Finding(line=1, column=name, hint=hint)


@rule("a line of column names alone", "a line for each video below it")
def no_rows(rows: int) -> Iterator[Finding]:
    """The file has no rows yet: write a line for each video below the column names."""
    if rows == 0:
        yield Finding()


@rule("an empty line between two rows", "the two rows, one below the other")
def blank_line(line: int, cells: Sequence[str], width: int) -> Iterator[Finding]:
    """An empty line: delete it."""
    if not cells or (len(cells) == 1 and width > 1 and not cells[0].strip()):
        yield Finding(line=line)


@rule(",,,,", "nothing: delete the line")
def row_of_commas(line: int, cells: Sequence[str], width: int) -> Iterator[Finding]:
    """A row without a single value: delete the line."""
    if len(cells) > 1 and not any(cell.strip() for cell in cells):
        yield Finding(line=line)


@rule("every row ends with a comma, the header does not", "no comma at the end of a row")
def trailing_comma(rows: Sequence[Sequence[str]], width: int) -> Iterator[Finding]:
    """Every row has one empty cell more than the header: delete the comma at each row's end."""
    if rows and all(len(row) == width + 1 and not row[-1].strip() for row in rows):
        yield Finding(line=2, hint=f"{trailing_comma.hint} It is so in all {len(rows)} rows.")


@rule("a header of 5 names over rows of 6 cells", "as many names as cells")
def header_too_short(rows: Sequence[Sequence[str]], width: int) -> Iterator[Finding]:
    """Every row has more cells than the header has names: name the missing column."""
    lengths = {len(row) for row in rows if len(row) > 1}
    if len(rows) >= 2 and len(lengths) == 1 and min(lengths) > width:
        hint = f"The header has {width} names, every row has {min(lengths)} cells: "
        yield Finding(line=1, hint=hint + "name the missing column, or delete its cells.")


@rule("Ramen, the good one,1557,4", '"Ramen, the good one",1557,4')
def extra_cell(line: int, cells: Sequence[str], width: int) -> Iterator[Finding]:
    """A row with more cells than the header."""
    if len(cells) > width:
        hint = (
            f"This row has {_cells(cells)}, the header {width}. A comma inside a text or a "
            'number splits a cell: put the text in double quotes ("a, b"), write 41.18 for '
            "41,18 and 1200 for 1,200."
        )
        yield Finding(line=line, value=_start(cells), hint=hint)


@rule("Ramen,1557", "Ramen,1557,4")
def short_row(line: int, cells: Sequence[str], width: int) -> Iterator[Finding]:
    """A row with fewer cells than the header."""
    if len(cells) < width:
        hint = (
            f"This row has {_cells(cells)}, the header {width}: "
            "give every column its cell, an empty one (two commas in a row) where you have none."
        )
        yield Finding(line=line, value=_start(cells), hint=hint)


@rule('"Ramen,1557,4', '"Ramen",1557,4')
def quote(line: int, error: csv.Error) -> Iterator[Finding]:
    """A double quote without its partner: a cell in quotes begins and ends with one, and a
    quote inside it is written twice. What follows could not be read.
    """
    inside = 'A quote inside a cell in quotes is written twice: "say ""hi"" twice".'
    yield Finding(line, hint=inside if "expected after" in str(error) else "")


@rule("a cell in quotes over 300 lines, of 100,000 characters", "a cell that is a video's label")
def cell_too_long(line: int, length: int) -> Iterator[Finding]:
    """A cell in quotes, over several lines, has more than 65,536 characters: shorten it."""
    if length > MAX_LINE:
        hint = f"{cell_too_long.hint} It has {length:,}. What follows could not be read."
        yield Finding(line, hint=hint)


def _cells(cells: Sequence[str]) -> str:
    return "1 cell" if len(cells) == 1 else f"{len(cells)} cells"


def _start(cells: Sequence[str]) -> str:
    return ",".join(cells)


ODD_ROWS = (blank_line, row_of_commas, extra_cell, short_row)
HEADER = (empty_header, unknown_column, duplicate_column, same_column_twice, missing_column)
