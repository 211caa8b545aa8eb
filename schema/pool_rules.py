"""Rules across creators: the same video under two names. Labels are never compared."""

from collections.abc import Iterator

import pandas as pd

from schema.capture_rules import first_other
from schema.folder_rules import LONG_ID
from schema.problem import Severity
from schema.rules import Finding, rule

VECTOR = ["views", "likes", "comments", "shares", "saves", "duration_s"]
SHARED = ["creator", "file", "line", "video", *VECTOR]  # what the rules look at
ENOUGH_VIEWS = 1000
ENOUGH_NUMBERS = 4  # of the six: fewer would be alike by chance


@rule("one 19-digit id in two creators' folders", "the id in one folder")
def id_of_two_creators(captures: pd.DataFrame) -> Iterator[Finding]:
    """A video with this id is in another creator's folder too: it belongs to one of you."""
    ids = captures[
        captures["video"].str.fullmatch(LONG_ID.pattern).fillna(value=False).astype(bool)
    ]
    yield from _shared(ids, ["video"], "video", id_of_two_creators.hint)


@rule("a row with the same six numbers in two folders", "the row in one folder", Severity.WARNING)
def row_of_two_creators(captures: pd.DataFrame) -> Iterator[Finding]:
    """Another creator's row has the same views, likes, comments, shares, saves and duration: is
    it the same video?
    """
    known = captures["views"].ge(ENOUGH_VIEWS).fillna(value=False).astype(bool)
    known &= captures[VECTOR].notna().sum(axis=1) >= ENOUGH_NUMBERS
    yield from _shared(captures[known], VECTOR, "views", row_of_two_creators.hint)


def _shared(captures: pd.DataFrame, key: list[str], column: str, hint: str) -> Iterator[Finding]:
    """Report, at every place, the rows whose key stands under more than one creator."""
    rows = captures[captures.duplicated(key, keep=False)]
    if rows.empty:
        return
    other = first_other(rows, key, pd.factorize(rows["creator"])[0])
    places = list(zip(rows["line"], rows["file"], rows[column], strict=True))
    for place in (other >= 0).nonzero()[0]:
        (line, file, value), (at, beside, _) = places[place], places[other[place]]
        where = f"See line {at} of {beside}."
        yield Finding(int(line), column, str(value), f"{hint} {where}", file)


POOL = (id_of_two_creators, row_of_two_creators)
