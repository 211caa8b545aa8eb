"""What the pool holds, counted: which cells are filled, when videos came, how the pool grew.

Counts of cells and videos only; what the videos got is answered elsewhere.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from schema.columns import COLUMNS, Column, Kind

FEWEST = 3  # creators behind a number of this page, where the pool has more than one


@dataclass(frozen=True, slots=True)
class ColumnCoverage:
    """One column: how many of the pool's videos have it noted, by how many creators."""

    column: Column
    videos: int
    noted: int
    creators: int

    @property
    def share(self) -> float:
        """The share of the videos that have it, from 0 to 1."""
        return self.noted / self.videos if self.videos else 0.0


@dataclass(frozen=True, slots=True)
class Period:
    """The videos of some quarters in a row, such as 2025Q1 to 2025Q3."""

    first: str
    last: str
    videos: int
    creators: int


@dataclass(frozen=True, slots=True)
class Stand:
    """What the pool held when a set of results was made; `inputs` is its hash."""

    inputs: str
    videos: int
    creators: int


def holdings(videos: pd.DataFrame) -> tuple[ColumnCoverage, ...]:
    """Count what is noted in each column, in the order of the schema, the label left out."""
    coverages = []
    for column in COLUMNS:
        if column.kind is not Kind.LABEL:
            there = videos[column.name].notna()
            creators = videos.loc[there, "creator"].nunique()
            coverages.append(ColumnCoverage(column, len(videos), int(there.sum()), int(creators)))
    return tuple(coverages)


def periods(videos: pd.DataFrame, column: str) -> tuple[Period, ...]:
    """Count the videos by the quarter of a date, oldest first.

    Quarters are put together until three creators are in each, or one in a pool of one; none are
    left where there are fewer.
    """
    dated = videos[videos[column].notna()]
    fewest = 1 if videos["creator"].nunique() == 1 else FEWEST
    quarters = dated[column].dt.to_period("Q").astype("str")
    groups: list[list[str]] = []
    open_: list[str] = []
    for quarter in sorted(quarters.unique()):
        open_ = [*open_, quarter]
        if _creators(dated, quarters, open_) >= fewest:
            groups, open_ = [*groups, open_], []
    if open_ and groups:
        groups[-1] = groups[-1] + open_
    return tuple(_period(dated, quarters, group) for group in groups)


def _creators(videos: pd.DataFrame, quarters: "pd.Series[str]", group: Sequence[str]) -> int:
    return int(videos.loc[quarters.isin(group), "creator"].nunique())


def _period(videos: pd.DataFrame, quarters: "pd.Series[str]", group: Sequence[str]) -> Period:
    count = int(quarters.isin(group).sum())
    return Period(group[0], group[-1], count, _creators(videos, quarters, group))


def stands(history: Iterable[tuple[str, ...]]) -> tuple[Stand, ...]:
    """Read from the rows of history.csv what the pool held at each set of results, oldest first."""
    return tuple(
        Stand(inputs, int(videos), int(creators))
        for inputs, videos, creators in dict.fromkeys(row[:3] for row in history)
    )
