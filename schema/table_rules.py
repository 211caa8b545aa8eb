"""Rules about a file's shape: its header, and the number of cells in a row."""

import csv
import re
from collections.abc import Iterator, Sequence

from schema.columns import BY_NAME, COLUMNS
from schema.exports import export_of
from schema.file_rules import MAX_COLUMNS, MAX_LINE, SAVE_AS
from schema.rules import Finding, rule
from schema.spellings import canonical, columns_of, did_you_mean, meant
from schema.vocabulary import plain_letters

REQUIRED = tuple(column.name for column in COLUMNS if column.required)


DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}
EXCEL_LINE = re.compile(r'"?sep=.?"?[^\r\n\w]{0,100}', re.IGNORECASE)


@rule("video;views;new_followers", "video,views,new_followers")
def wrong_delimiter(line: int, delimiter: str) -> Iterator[Finding]:
    """Cells are separated by commas."""
    if name := DELIMITERS.get(delimiter):
        why = SAVE_AS if delimiter != ";" else (  # what to save as is no help there
            "Excel writes semicolons where numbers have a decimal comma, also in CSV UTF-8. Google "
            "Sheets writes commas once File, Settings, Locale is United States."
        )  # fmt: skip
        hint = f"This file separates its cells by {name}; write commas, and a point in numbers "
        yield Finding(line=line, hint=f"{hint}such as 41.18. {why}")


@rule("sep=;", "video,views,new_followers")
def line_of_excel(first_line: str) -> Iterator[Finding]:
    """The first line names the columns: delete this line, which Excel writes for itself."""
    if EXCEL_LINE.fullmatch(line := first_line.strip()):
        yield Finding(line=1, value=line)


@rule("Left over ramen,1557,4", "video,views,likes")
def no_header(header: Sequence[str]) -> Iterator[Finding]:
    """The first line names the columns, in English."""
    if not any(map(meant, header)):
        hint = f"{no_header.hint} At least: {','.join(REQUIRED)}"
        yield Finding(line=1, value=_start(header), hint=hint)


@rule("My videos of 2026, above the column names", "the column names first")
def title_rows(above: Sequence[tuple[int, Sequence[str]]], line: int) -> Iterator[Finding]:
    """The column names stand first: delete what is above them."""
    if above:
        lines = "the line" if len(above) == 1 else f"the {len(above)} lines"
        hint = f"Line {line} looks like the column names: delete {lines} above it."
        yield Finding(above[0][0], value=_start(above[0][1]).rstrip(",; "), hint=hint)


@rule("video,views,likes between two rows", "the rows alone")
def header_again(line: int, cells: Sequence[str]) -> Iterator[Finding]:
    """This line names the columns once more, or their units: delete it."""
    yield Finding(line, value=_start(cells))


@rule("Post ID,Account username,Permalink,Views", "the numbers of your TikTok videos")
def other_export(line: int, header: Sequence[str]) -> Iterator[Finding]:
    """An export of something else than TikTok videos: make your table as CONTRIBUTING.md says."""
    if said := export_of(header):
        yield Finding(line, value=_start(header), hint=said)


@rule("a header of 70 names", "the columns of the data dictionary")
def too_many_columns(header: Sequence[str]) -> Iterator[Finding]:
    """A file has at most 64 columns: keep the ones that the data dictionary names."""
    named = sum(map(bool, map(str.strip, header)))  # a spreadsheet may add hundreds without a name
    if named > MAX_COLUMNS:
        yield Finding(line=1, value=f"{named} columns")


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
    places = [place for place, name in enumerate(header, start=1) if not name.strip()]
    if places:
        spans = spans_of(places)
        hint = f"Column {spans} has no name: name it, or delete it with its cells."
        if len(places) > 1:
            hint = f"Columns {spans} have no names: name them, or delete them with their cells."
        yield Finding(line=1, hint=hint)


def spans_of(places: Sequence[int]) -> str:
    """Write ascending numbers in words.

    >>> spans_of([2, 9, 10, 11])
    '2 and 9 to 11'
    """
    spans: list[list[int]] = []
    for place in places:
        if spans and spans[-1][-1] == place - 1:
            spans[-1][1:] = [place]
        else:
            spans.append([place])
    *first, last = [" to ".join(map(str, span)) for span in spans]
    return f"{', '.join(first)} and {last}" if first else last


@rule("video,views,veiws", "video,views,likes")
def unknown_column(header: Sequence[str]) -> Iterator[Finding]:
    """A column that the data dictionary does not know: rename it, or delete it with its cells."""
    columns = columns_of(header)
    for place, name in enumerate(header):
        if name.strip() and canonical(name) is None:
            near = columns[place] or did_you_mean(name, columns)
            better = f"Did you mean {near}? Rename it" if near else "Rename it"
            if near and canonical(plain_letters(name)) == near:
                better = f"It has letters that only look like a to z. {better}"
            hint = f"No column has this name. {better}, or delete the column with its cells."
            is_sure = columns[place] is not None
            yield Finding(1, name, name, hint, instead=near or "", repaired=is_sure)


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
    present = set(columns_of(header))
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
def trailing_comma(rows: Sequence[tuple[int, Sequence[str]]], width: int) -> Iterator[Finding]:
    """Rows end in empty cells that the header does not name: delete the commas at their ends."""
    longer = [(line, row) for line, row in rows if len(row) > width]
    if longer and not any(cell.strip() for _, row in longer for cell in row[width:]):
        how_many = f"all {len(rows)} rows" if len(longer) == len(rows) else f"{len(longer)} rows"
        yield Finding(line=longer[0][0], hint=f"{trailing_comma.hint} It is so in {how_many}.")


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
