"""From the text of one CSV to its records: each a list of cells, with the line it begins on."""

import csv
import io
import re
from itertools import islice

from pipeline.dataset.layout import Layout, is_dashes
from schema import table_rules
from schema.file_rules import MAX_LINE
from schema.problem import Problem
from schema.rules import apply

# Global in the csv module: a quote that is never closed stops here, not at the end of the file.
csv.field_size_limit(MAX_LINE)

LINE_END = re.compile(r"\r\n|\r|\n")
Record = tuple[int, list[str | None]]  # a cell that is no text is None


def records_of(file: str, layout: Layout, most: int) -> tuple[list[Record], list[Problem]]:
    """Split a text into records, up to one more than may be; a broken quote ends them."""
    text, above = layout.body, int(layout.excel_line != "")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=layout.delimiter)
    records: list[Record] = []
    start = 1
    try:
        for row in islice(reader, most + 2):
            if layout.delimiter != "|" or not is_dashes(row):
                records.append((start + above, [*row]))
            start = reader.line_num + 1
    except csv.Error as error:
        rest, line = text[_offset(text, start) :], start + above
        if long := apply(table_rules.cell_too_long, file, line, _longest(rest, layout.delimiter)):
            return records, long
        return records, apply(table_rules.quote, file, line, error)
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
