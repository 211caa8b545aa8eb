"""The estimates of every set of results, as the rows of history.csv.

Rows by another method are a series of their own: their numbers do not compare with these.
"""

import csv
import io
import re

from pipeline.inference.results import Results
from pipeline.storage.csv_text import as_csv

HISTORY = (
    "inputs", "videos", "creators", "question", "term", "level", "estimate", "ci_low", "ci_high",
    "method",
)  # fmt: skip
FARTHEST = 1e9  # from 0, of an estimate or of the end of an interval
WITHOUT_METHOD = HISTORY[:-1]  # as it was before the first change of method
History = list[tuple[str, ...]]


def read_history(raw: bytes) -> History | None:
    """Read the history of an earlier report; None where it is none."""
    try:
        rows = [tuple(row) for row in csv.reader(io.StringIO(raw.decode(), newline=""))]
    except (ValueError, csv.Error):
        return None
    if not rows:
        return []
    header, *others = rows
    if header not in (HISTORY, WITHOUT_METHOD) or any(len(row) != len(header) for row in others):
        return None
    if not all(map(_is_result, others)):
        return None
    return others if header == HISTORY else [(*row, "") for row in others]


def _is_result(row: tuple[str, ...]) -> bool:
    """Return whether the numbers of a row are counts and log ratios, the ends both or neither."""
    _, videos, creators, _, _, _, estimate, low, high, *_ = row
    logs = [estimate, *((low, high) if low or high else ())]
    if not (re.fullmatch("[0-9]{1,9}", videos) and re.fullmatch("[0-9]{1,9}", creators)):
        return False
    try:
        values = [float(each) for each in logs]
    except ValueError:
        return False
    return all(abs(each) < FARTHEST for each in values) and values[1:] == sorted(values[1:])


def history(findings: Results, before: History) -> bytes:
    """Add this report's estimates to the history; a set of the same inputs is written anew."""
    pool = findings.pool
    new = [
        (
            findings.inputs, len(pool.videos), len(pool.creators), answer.question.name,
            line.variable.term, line.variable.level, line.estimate, line.ci_low, line.ci_high,
            answer.question.method,
        )
        for answer in findings.answers
        for line in answer.estimates
        if line.estimate is not None
    ]  # fmt: skip
    place = next((i for i, row in enumerate(before) if row[0] == findings.inputs), len(before))
    others = [row for row in before if row[0] != findings.inputs]
    return as_csv(HISTORY, [*others[:place], *new, *others[place:]])
