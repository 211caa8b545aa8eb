"""CSV text as we write it: UTF-8, LF, floats with eight significant digits."""

import csv
import io
from collections.abc import Iterable, Sequence

Row = Sequence[object]


def as_csv(header: Sequence[str], rows: Iterable[Row]) -> bytes:
    """Write a CSV: UTF-8, LF, empty where a value is missing."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([number(value) for value in row] for row in rows)
    return text.getvalue().encode()


def number(value: object) -> object:
    """Write a float with eight significant digits, a missing value as an empty cell.

    >>> number(0.1 + 0.2), number(None), number(12)
    ('0.3', '', 12)
    """
    if value is None or value != value:  # NaN is not itself
        return ""
    return f"{value:.8g}" if isinstance(value, float) else value
