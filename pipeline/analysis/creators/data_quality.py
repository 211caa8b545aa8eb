"""How healthy a creator's data are: what is used, blank, doubtful, and what would make it tell."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from pipeline.analysis.robustness.treatments import suspicious
from pipeline.dataset.pool import NEAREST_DAYS, Account, Pool
from pipeline.model.design import design
from pipeline.model.questions import FOLLOWERS
from schema.columns import COLUMNS, NO_IF_EMPTY, Column, Role
from schema.zero_rules import NOT_SHOWN

SOME = 0.2  # of the videos: a column with more blanks is worth a line of advice
NEAR = 14  # days from the 28th, within which counts of videos are alike


@dataclass(frozen=True, slots=True)
class Noted:
    """One column: of how many of the creator's videos it is noted."""

    column: Column
    videos: int
    all_videos: int

    @property
    def missing(self) -> float:
        """The share of the videos of which it is blank."""
        return 1 - self.videos / self.all_videos


@dataclass(frozen=True, slots=True)
class Doubt:
    """Zeros of a column of which the check asks whether TikTok showed 0, or nothing."""

    column: str
    videos: int


@dataclass(frozen=True, slots=True)
class Health:
    """What one creator gave.

    `account` is of the rows, `asked` of the videos that the question of followers takes. `again`
    counts the videos that were captured more than once, `dated` those with both days, `near` those
    of them that were captured about 28 days after posting. `first` and `last` are the months of
    posting, "" where no day is noted.
    """

    account: Account
    asked: Account
    noted: tuple[Noted, ...]
    doubts: tuple[Doubt, ...]
    again: int
    dated: int
    near: int
    rounded: int
    first: str
    last: str

    @property
    def videos(self) -> int:
        """The creator's videos in the pool."""
        return self.account.rows_used


def health(pool: Pool, creator: str) -> Health:
    """Look at the rows of one creator who has videos in the pool; at nobody else's."""
    captures = pool.captures[pool.captures["creator"] == creator]
    videos = pool.videos[pool.videos["creator"] == creator].reset_index(drop=True)
    left_out = captures.loc[captures["left_out"] != "", "left_out"]
    age = (videos["captured_on"] - videos["posted_on"]).dt.days
    months = videos["posted_on"].dropna().dt.strftime("%Y-%m")
    return Health(
        account=Account.from_reasons(len(captures), left_out),
        asked=design(videos, FOLLOWERS).account,
        noted=tuple(_noted(videos)),
        doubts=tuple(_doubts(videos)),
        again=int((captures.groupby("video").size() > 1).sum()),
        dated=int(age.notna().sum()),
        near=int(((age - NEAREST_DAYS).abs() <= NEAR).sum()),
        rounded=int(videos["counts_rounded"].fillna(value=False).astype(bool).sum()),
        first=str(months.min()) if len(months) else "",
        last=str(months.max()) if len(months) else "",
    )


def _noted(videos: pd.DataFrame) -> Iterator[Noted]:
    for column in COLUMNS:
        if column.role is not Role.IDENTITY and column.name not in NO_IF_EMPTY:
            yield Noted(column, int(videos[column.name].notna().sum()), len(videos))


def _doubts(videos: pd.DataFrame) -> Iterator[Doubt]:
    marks = suspicious(videos)
    for name in NOT_SHOWN:
        if count := int(marks[name].sum()):
            yield Doubt(name, count)


def wanted(health: Health) -> tuple[Noted, ...]:
    """The columns that would make the data tell more, what matters most first.

    The outcome, then the days, then what is decided before posting, the emptiest first.
    """
    first = ("new_followers", "posted_on", "captured_on")
    levers = [each for each in health.noted if each.column.role is Role.LEVER]
    levers = [each for each in levers if each.column.name not in (*first, "subject")]
    named = {each.column.name: each for each in health.noted}
    ordered = [*(named[name] for name in first), *sorted(levers, key=lambda each: -each.missing)]
    return tuple(each for each in ordered if each.missing > SOME)
