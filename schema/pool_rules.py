"""Rules across creators: the same video under two names. Labels are never compared."""

from collections.abc import Iterator

import pandas as pd

from schema.folder_rules import LONG_ID
from schema.problem import Severity
from schema.rules import Finding, rule

VECTOR = ["views", "likes", "comments", "shares", "saves", "duration_s"]
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
    keyed = captures[captures.duplicated(key, keep=False)]
    for _, group in keyed.groupby(key, dropna=False, sort=True):
        firsts = group.drop_duplicates("creator").to_dict("records")[:2]
        for row in group.to_dict("records") if len(firsts) == 2 else ():
            for other in [first for first in firsts if first["creator"] != row["creator"]][:1]:
                where = f"See line {other['line']} of {other['file']}."
                value = None if pd.isna(row[column]) else str(row[column])
                yield Finding(int(row["line"]), column, value, f"{hint} {where}", row["file"])


POOL = (id_of_two_creators, row_of_two_creators)
