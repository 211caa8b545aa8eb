"""Where in a text the table stands, for reading and for repair: delimiter, header, rows."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from schema.columns import BY_NAME
from schema.file_rules import MAX_LINE
from schema.forms import NUMBERS
from schema.spellings import columns_of, meant
from schema.table_rules import DELIMITERS, EXCEL_LINE
from schema.word_rules import is_missing

TOP = 30  # lines among which the header is looked for
ENOUGH = 2  # columns that are known, from which a line is taken for a header
DASHES = re.compile(r"[ \t]{0,9}\|?(?:[ \t]{0,9}:?-{2,99}:?[ \t]{0,9}\|?){2,64}")
LINE = re.compile(r"([^\r\n]{0,65536})(?:\r\n|\r|\n|\Z)")


@dataclass(frozen=True, slots=True)
class Layout:
    """A text below the line that Excel writes for itself ("" without one), and its delimiter."""

    excel_line: str
    body: str
    delimiter: str


def layout_of(text: str) -> Layout:
    r"""Find the delimiter, by the names that it parts in one of the first lines.

    >>> layout_of("sep=;\nvideo;views\n")
    Layout(excel_line='sep=;', body='video;views\n', delimiter=';')
    """
    first = LINE.match(text)
    excel_line = first[1] if first and EXCEL_LINE.fullmatch(first[1].strip()) else ""
    body = text[first.end() :] if first and excel_line else text
    lines = body[: 4 * MAX_LINE].splitlines()[:TOP]
    if lines and _is_surely(lines[0].split(",")):
        return Layout(excel_line, body, ",")
    body = _without_bars(body, lines)
    lines = body[: 4 * MAX_LINE].splitlines()[:TOP]
    best = max(DELIMITERS, key=lambda mark: _most_known(lines, mark))
    is_better = _most_known(lines, best) > max(1, _most_known(lines, ","))
    return Layout(excel_line, body, best if is_better else ",")


def _without_bars(body: str, lines: Sequence[str]) -> str:
    """Take from a table of Markdown the bars and blanks at the ends of its lines and cells."""
    is_markdown = (
        any(DASHES.fullmatch(line) for line in lines) and _most_known(lines, "|") >= ENOUGH
    )
    if not is_markdown:
        return body
    inner = re.sub(r"(?<![^\r\n])[ \t]{0,9}\||\|[ \t]{0,9}(?![^\r\n])", "", body)
    return re.sub(
        r"(?<=\|)[ \t]{1,9}|[ \t]{1,9}(?=\|)|(?<![^\r\n]) {1,9}| {1,9}(?![^\r\n])", "", inner
    )


def is_dashes(cells: Sequence[str]) -> bool:
    """Return whether a row is the line below the names of a Markdown table."""
    return DASHES.fullmatch("|".join(cells)) is not None


def _is_surely(cells: Sequence[str]) -> bool:
    """Return whether most cells are names: no need to look at other lines."""
    return 2 * known_columns(cells) > max(len(cells), ENOUGH)


def _most_known(lines: Sequence[str], mark: str) -> int:
    return max((known_columns(line.split(mark)) for line in lines), default=0)


def known_columns(cells: Sequence[str]) -> int:
    """Count the cells that name a column, or surely mean one."""
    return sum(meant(cell.strip().strip('"')) is not None for cell in cells)


def header_place(rows: Sequence[Sequence[str | None]]) -> int | None:
    """Find the row that names the columns: the first with a cell, but for one that names far more.

    None where no row has a cell.
    """
    filled = [place for place, row in enumerate(rows[:TOP]) if any(map(str.strip, texts(row)))]
    if not filled:
        places = (place for place, row in enumerate(rows) if any(map(str.strip, texts(row))))
        return next(places, None)
    if _is_surely(texts(rows[filled[0]])):
        return filled[0]
    known = {place: known_columns(texts(rows[place])) for place in filled}
    best = max(filled, key=lambda place: known[place])
    names_enough = known[best] >= max(ENOUGH, sum(map(bool, rows[best])) / 3)
    return best if names_enough and 2 * known[filled[0]] < known[best] else filled[0]


def texts(row: Iterable[str | None]) -> list[str]:
    """Give the cells of a row, "" for those that are no text."""
    return [cell or "" for cell in row]


def is_title(cells: Sequence[str]) -> bool:
    """Return whether a row above the header is surely no video: one or two cells are filled."""
    return sum(bool(cell.strip()) for cell in cells) <= ENOUGH


def names_again(header: Sequence[str], rows: Sequence[Sequence[str | None]]) -> list[int]:
    """Give the places of the rows below the header that name the columns once more.

    At the top these are also the rows that do so in other words.
    """
    places: list[int] = []
    for place, row in enumerate(rows):
        if len(row) == len(header) and row and _is_same(row[0], header[0]):
            is_again = all(map(_is_same, row, header))
        elif is_again := place == len(places):
            filled = [cell for cell in texts(row) if cell.strip()]
            is_again = (known := known_columns(filled)) >= ENOUGH and 2 * known > len(filled)
        if is_again:
            places.append(place)
    return places


def _is_same(cell: str | None, name: str) -> bool:
    return (cell or "").strip().casefold() == name.strip().casefold()


def names_units(header: Sequence[str], cells: Sequence[str]) -> bool:
    """Return whether the first row has words, and no digit, in every cell of a number."""
    if len(cells) != len(header):
        return False
    columns = zip(columns_of(header), cells, strict=True)
    numbers = [cell for name, cell in columns if name and BY_NAME[name].kind in NUMBERS]
    words = [cell for cell in numbers if re.match(r"[^\W\d_]|[(\[]", cell) and not is_missing(cell)]
    return len(words) >= ENOUGH and not any(c.isdigit() for cell in numbers for c in cell)


def kept_columns(header: Sequence[str], rows: Sequence[Sequence[str | None]]) -> list[int]:
    """Give the places of the columns that have a name, or a cell; only at the end of odd rows."""
    width = len(header)
    is_even = all(len(row) <= 1 or len(row) >= width for row in rows)
    filled = {place for row in rows for place, cell in enumerate(row) if cell and cell.strip()}
    named = {place for place, name in enumerate(header) if name.strip()}
    last = max(filled | named, default=0)
    kept = [
        place
        for place in range(width)
        if place in filled | named or (not is_even and place <= last)
    ]
    return kept if named.issuperset(kept) else list(range(width))  # all of them, or none
