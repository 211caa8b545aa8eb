"""What names the rows of a table: keys of what they say, in which two tables can be compared.

Another order, form or name of a file, or a note more in a row, hides nothing. How seldom the rows
of two accounts are alike says how many have to be before they are the same videos.
"""

import unicodedata
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipeline.dataset.csv_file import read_sheet

LABEL = "video"
COUNTS = ("views", "likes", "comments", "shares", "saves", "new_followers", "duration_s")
TOO_LARGE = 1e15  # more than anything counts
# Two rows of two accounts have views of a thousand or more, likes and comments in common about once
# in ten million pairs (views log-normal around 1,000 to 3,000, likes some 4 percent of them): two
# tables of 200 rows meet in no row, and never in three. Two of 2,000 rows meet in one row of five
# pairs of tables, so of large ones a share is asked for as well.
LEAST_VIEWS = 1_000
ENOUGH_ROWS = 3  # of one folder
ENOUGH_SHARE = 0.005
# Less than that names a row weakly: views and likes, or below a thousand views these, comments and
# length; or views and length, which is all that a short table has. They meet about once in a
# million pairs (views and length: in a hundred thousand): with 2,000 rows of one's own, one former
# row in 500 (50) is met by chance, never half of ten. Below a hundred views, numbers say nothing. A
# label with its views may be the example of CONTRIBUTING.md, of two rows, but not three, and half
# of a folder.
LEAST_WEAK_VIEWS = 100
ENOUGH_WEAK = 10
LARGE_SHARE = 0.5
LEAST_POSITIVE = 2  # numbers of a former row; one with fewer says nothing

Keys = NDArray[np.uint64]  # one a row; 0 where the row has none


@dataclass(frozen=True, slots=True)
class RowKeys:
    """What names rows: the label, the label with the views, and counts, enough or few of them.

    `lasting` is the views with the length.
    """

    name: Keys
    labelled: Keys
    strong: Keys
    weak: Keys
    lasting: Keys

    def only(self, chosen: NDArray[np.bool_]) -> "RowKeys":
        """Keep some rows."""
        return RowKeys(*(keys[chosen] for keys in self.all))

    @property
    def all(self) -> tuple[Keys, Keys, Keys, Keys, Keys]:
        """All keys."""
        return self.name, self.labelled, self.strong, self.weak, self.lasting

    @property
    def videos(self) -> int:
        """How many videos they tell of: rows of one label are one."""
        return len(np.unique(self.name[self.name != 0])) + int((self.name == 0).sum())


def comes_back(mine: RowKeys, rows: RowKeys, left: RowKeys) -> bool:
    """Return whether enough rows of a former folder are here, of those that stand nowhere now."""
    strong = count_of(mine.strong[np.isin(mine.strong, left.strong)])
    labelled = count_of(mine.labelled[np.isin(mine.labelled, left.labelled)])
    named = mine.lasting
    for keys, others in ((mine.weak, left.weak), (mine.labelled, left.labelled)):
        named = np.where((keys != 0) & np.isin(keys, others), keys, named)
    weak = count_of(named[is_known(mine, left)])
    half = LARGE_SHARE * rows.videos
    return (
        strong >= max(ENOUGH_ROWS, ENOUGH_SHARE * count_of(rows.strong))
        or labelled >= max(ENOUGH_ROWS, half)
        or weak >= max(ENOUGH_WEAK, half)
    )


def is_known(mine: RowKeys, rows: RowKeys) -> NDArray[np.bool_]:
    """Tell of each row whether anything that names it names one of the others."""
    known = np.zeros(len(mine.name), dtype=np.bool_)
    for keys, others in zip(mine.all[1:], rows.all[1:], strict=True):
        known |= np.isin(keys, others) & (keys != 0)
    return known


def without(rows: RowKeys, others: RowKeys) -> RowKeys:
    """Take from rows what also names others."""
    pairs = zip(rows.all[1:], others.all[1:], strict=True)
    kept = (np.where(np.isin(keys, other), np.uint64(0), keys) for keys, other in pairs)
    return RowKeys(rows.name, *kept)


def count_of(keys: Keys) -> int:
    """Count the keys that differ."""
    return len(np.unique(keys[keys != 0]))


def joined(rows: list[RowKeys]) -> RowKeys:
    """Put the rows of several tables together."""
    if not rows:
        return RowKeys(*(np.zeros(0, dtype=np.uint64) for _ in range(5)))
    return RowKeys(
        *(np.concatenate(keys) for keys in zip(*(each.all for each in rows), strict=True))
    )


def read_past(raw: bytes, *, is_gone: bool = False) -> RowKeys:
    """Read a table that was merged once; one that breaks the reader has no rows."""
    try:
        return read(raw, is_gone=is_gone)
    except Exception:  # noqa: BLE001  # a table of the past stops the review of nobody
        return joined([])


def read(raw: bytes, *, is_gone: bool = False) -> RowKeys:
    """Read what names the rows of a table; what is no table has none.

    Of a table that is gone, rows with next to no counts are left out.
    """
    cells = read_sheet("", raw)[0].cells
    views, likes, comments, *more, length = (_numbers(cells, name) for name in COUNTS)
    texts = cells[LABEL].fillna("").tolist() if LABEL in cells else [""] * len(cells)
    folded = np.array([_folded(text) for text in texts], dtype=object)
    name = np.where(folded == "", np.uint64(0), pd.util.hash_array(folded, categorize=False))
    is_liked = (likes > 0) | (comments > 0)
    is_noted = is_liked & (likes >= 0) & (comments >= 0)
    is_many, is_some = views >= LEAST_VIEWS, views >= LEAST_WEAK_VIEWS
    few = np.where(is_some & ~is_many & is_noted & (length >= 0),
                   _mixed(views, likes, comments, length), np.uint64(0))  # fmt: skip
    rows = RowKeys(
        name,
        np.where((name != 0) & (views > 0), _mixed(name, views), np.uint64(0)),
        np.where(is_many & is_noted, _mixed(views, likes, comments), np.uint64(0)),
        np.where(is_many & (likes > 0), _mixed(views, likes), few),
        np.where(is_some & (length > 0), _mixed(views, length), np.uint64(0)),
    )
    positive = sum((number > 0).astype(int) for number in (views, likes, comments, *more, length))
    return rows.only(np.asarray(positive >= LEAST_POSITIVE)) if is_gone else rows


def _mixed(*columns: NDArray[np.float64] | Keys) -> Keys:
    """Make one key of some columns, row by row."""
    keys = np.zeros(len(columns[0]), dtype=np.uint64)
    for column in columns:
        keys = pd.util.hash_array(keys * np.uint64(31) + pd.util.hash_array(column))
    return keys


def _numbers(cells: pd.DataFrame, name: str) -> NDArray[np.float64]:
    """Read a column of numbers, however they are written; NaN where a cell is none.

    >>> cells = pd.DataFrame({"views": [" 012.50", "12.5", "0.0", "12,5", "9" * 310, "-1", ""]})
    >>> _numbers(cells, "views").tolist()
    [12.5, 12.5, 0.0, nan, nan, nan, nan]
    """
    if name not in cells:
        return np.full(len(cells), np.nan)
    texts = cells[name].fillna("").astype(object).str.strip()
    numbers = pd.to_numeric(texts, errors="coerce").to_numpy(dtype=np.float64)
    return np.where((numbers >= 0) & (numbers < TOO_LARGE), numbers + 0.0, np.nan)


def _folded(label: str) -> str:
    """Write a label without what is changed at no cost: case, spaces, dots.

    >>> [_folded(label) for label in ("Left over  RAMEN.", "\U0001f35c", " ")]
    ['leftoverramen', '\U0001f35c', '']
    """
    text = unicodedata.normalize("NFKC", label).casefold()
    return "".join(filter(str.isalnum, text)) or text.strip()
