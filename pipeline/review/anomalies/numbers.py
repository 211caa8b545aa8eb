"""What an anomaly says, and how captures become arrays; no judgement belongs here."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.estimate.grouping import Bools, Floats, Ints

COUNTS = ("views", "likes", "comments", "shares", "saves")
VALUES = (*COUNTS, "new_followers", "watched_full_pct", "avg_watch_s", "duration_s")
USED = ("creator", "file", "line", "posted_on", "counts_rounded", *VALUES)
SHOWN_PLACES = 10  # an anomaly names the first lines only


@dataclass(frozen=True, slots=True)
class Weight:
    """The share (0 to 1) of a coefficient's information that the creator would carry.

    `carriers` counts the other creators within whom the variable varies.
    """

    question: str
    name: str
    share: float
    carriers: int


@dataclass(frozen=True, slots=True)
class Anomaly:
    """Something a maintainer may want to ask about; it says nothing of how it came about.

    `files_and_lines` are the first places in the contribution, none where it is about all of it.
    """

    slug: str
    said: str
    files_and_lines: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """Captures as arrays: one row a video (its first capture), by file and line within a creator.

    `values` holds (n,) floats by column, NaN where nothing was given; `owner` (n,) numbers
    `creators`.
    """

    values: dict[str, Floats]
    owner: Ints
    creators: tuple[str, ...]
    file: "pd.Series[str]"
    line: Ints
    is_rounded: Bools

    def __getitem__(self, name: str) -> Floats:
        """Give a column, (n,)."""
        return self.values[name]

    def matrix(self, names: Sequence[str]) -> Floats:
        """Give columns side by side, (n, k)."""
        return np.column_stack([self.values[name] for name in names])

    def places(self, rows: Ints) -> tuple[tuple[str, int], ...]:
        """Name the first of some rows by file and line."""
        shown = np.unique(rows)[:SHOWN_PLACES].tolist()
        return tuple((str(self.file.iloc[row]), int(self.line[row])) for row in shown)


def numbers(captures: pd.DataFrame) -> Numbers:
    """Turn captures into arrays; a later capture of the same video is left out."""
    again = captures.duplicated(["creator", "video"])
    once = captures[list(USED)].loc[~again]
    owner, creators = pd.factorize(once["creator"], sort=True)
    values = {name: once[name].to_numpy(np.float64, na_value=np.nan) for name in VALUES}
    day = once["posted_on"]
    values["posted_on"] = np.where(day.isna(), np.nan, day.to_numpy().astype(np.int64))
    rounded = once["counts_rounded"].fillna(value=False).to_numpy(np.bool_)
    line = once["line"].to_numpy(np.int64)
    return Numbers(values, owner, tuple(map(str, creators)), once["file"], line, rounded)


def total(numbers: Numbers, values: Floats) -> Floats:
    """Sum up values (n,) by creator, (G,)."""
    sums = np.bincount(numbers.owner, values, minlength=len(numbers.creators))
    return sums.astype(np.float64)


def in_words(names: Sequence[str]) -> str:
    """Join names as a sentence does.

    >>> in_words(["likes", "saves", "shares"])
    'likes, saves and shares'
    """
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)
