"""The columns of a contribution, as data: everything else about them derives from this table.

The pandera schema (`captures_schema`), the header of `new`, the data dictionary in CONTRIBUTING.md,
the reading of cells (`cells`) and the words of the messages all come from `COLUMNS`.
"""

import datetime
from dataclasses import dataclass, replace
from enum import StrEnum

from schema.vocabulary import vocabulary


class Kind(StrEnum):
    """How a cell is written."""

    LABEL = "label"
    TEXT = "text"
    WHOLE = "whole number"
    DECIMAL = "number"
    FLAG = "yes or no"
    DATE = "date"
    WORD = "word"


class Role(StrEnum):
    """What a column is to the question: decided before posting, or counted after it."""

    IDENTITY = "identity"
    OUTCOME = "outcome"
    EXPOSURE = "exposure"
    ENGAGEMENT = "engagement"
    LEVER = "lever"
    CONTEXT = "context"
    METADATA = "metadata"


@dataclass(frozen=True, slots=True)
class Habit:
    """How one file writes dates and numbers, as far as its own cells settle it.

    `day_first` and `month_first` hold the marks, of `./-`, of the dates that begin so;
    `decimal_mark` is what all decimals have, "" where none or both are there.
    """

    day_first: frozenset[str] = frozenset()
    month_first: frozenset[str] = frozenset()
    decimal_mark: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: how its cells are written, what they mean, and what others call it.

    `required`: the file must have the column. `filled`: none of its cells may be empty.
    `low` and `high` are inclusive, but for `above`, which is not. `longest` counts characters: no
    rule but that of length ever sees a cell that is longer. `habit` is that of the file at hand.
    """

    name: str
    kind: Kind
    role: Role
    meaning: str
    unit: str = ""
    required: bool = False
    filled: bool = False
    low: float | None = None
    above: float | None = None
    high: float | None = None
    longest: int = 60
    aliases: tuple[str, ...] = ()
    habit: Habit = Habit()

    @property
    def form(self) -> str:
        """How a cell of this column is written, in words."""
        if self.kind is Kind.WORD:
            return "one of " + ", ".join(vocabulary()[self.name])
        return FORMS[self.kind].format(longest=self.longest) + self._range()

    def _range(self) -> str:
        if self.above is not None and self.high is not None:
            return f", more than {self.above:g} and at most {_large(self.high)}"
        if self.low is not None and self.high is not None:
            return f", from {self.low:g} to {_large(self.high)}"
        return f", {self.low:g} or more" if self.low is not None else ""


def _large(number: float) -> str:
    """Write a limit as people read it.

    >>> _large(3600), _large(1e10)
    ('3600', '10,000,000,000')
    """
    return f"{number:g}" if number < SEPARATED else f"{number:,.0f}"


FORMS = {
    Kind.LABEL: "any text of at most {longest} characters; the same label is the same video",
    Kind.TEXT: "lower-case text of at most {longest} characters",
    Kind.WHOLE: "a whole number",
    Kind.DECIMAL: "a number such as 41.18",
    Kind.FLAG: "yes or no (also 1 or 0, true or false)",
    Kind.DATE: "a date such as 2026-05-31 (year-month-day)",
}
SEPARATED = 10_000  # from which on the thousands of a limit are parted
MOST_COUNTED = 1e10  # more than any video has of anything, less than a time in milliseconds
LONGEST_WATCH_S = 36_000  # ten times the longest video, for who watches it again and again
EARLIEST = datetime.date(2016, 9, 1)  # the app's first month


def _count(
    name: str,
    role: Role,
    meaning: str,
    *aliases: str,
    required: bool = False,
    filled: bool = False,
) -> Column:
    counted = Column(name, Kind.WHOLE, role, meaning, "count", required, filled, aliases=aliases)
    return replace(counted, low=0, high=MOST_COUNTED)


def _flag(name: str, role: Role, meaning: str, *aliases: str) -> Column:
    return Column(name, Kind.FLAG, role, meaning, aliases=aliases)


COLUMNS: tuple[Column, ...] = (
    Column(
        "video",
        Kind.LABEL,
        Role.IDENTITY,
        "your own label of the video: public in your file, left out of the reports",
        required=True,
        filled=True,
        longest=120,
        aliases=("name", "video id"),
    ),
    _count(
        "views",
        Role.EXPOSURE,
        "views at capture",
        "video views",
        "total views",
        required=True,
        filled=True,
    ),
    _count("likes", Role.ENGAGEMENT, "likes at capture", "total likes"),
    _count("comments", Role.ENGAGEMENT, "comments at capture", "total comments"),
    _count("shares", Role.ENGAGEMENT, "shares at capture", "total shares"),
    _count(
        "saves",
        Role.ENGAGEMENT,
        "times the video was saved as a favourite",
        "bookmarks",
        "favorites",
        "add to favorites",
        "total bookmarks",
        "total saves",
    ),
    Column(
        "watched_full_pct",
        Kind.DECIMAL,
        Role.ENGAGEMENT,
        "share of viewers who watched to the end",
        "percent",
        low=0,
        high=100,
        aliases=("watchedFullVideo",),
    ),
    Column(
        "avg_watch_s",
        Kind.DECIMAL,
        Role.ENGAGEMENT,
        "average watch time",
        "seconds",
        low=0,
        high=LONGEST_WATCH_S,
        aliases=("average watch time",),
    ),
    _count(
        "new_followers",
        Role.OUTCOME,
        "followers that TikTok says this video brought: "
        "empty where TikTok shows nothing, 0 only where it shows 0",
        "newFollowers",
        required=True,
    ),
    Column(
        "duration_s",
        Kind.DECIMAL,
        Role.LEVER,
        "length of the video",
        "seconds",
        required=True,
        above=0,
        high=3600,
        aliases=("length", "duration"),
    ),
    Column(
        "category",
        Kind.WORD,
        Role.LEVER,
        "what a viewer gets from the video",
        required=True,
        filled=True,
    ),
    Column(
        "subject",
        Kind.TEXT,
        Role.LEVER,
        "what the video is about, in two or three words of your own",
        longest=40,
    ),
    _flag("has_cover", Role.LEVER, "a cover was chosen, or text put on it", "hasCover"),
    _flag("has_caption", Role.LEVER, "the post has a caption", "hasDescription"),
    _flag("is_reply", Role.LEVER, "a video reply to a comment", "reply"),
    _flag("is_duet", Role.LEVER, "a duet", "duet"),
    _flag("is_stitch", Role.LEVER, "a stitch", "stitch"),
    Column(
        "posted_on",
        Kind.DATE,
        Role.LEVER,
        "the day the video was posted",
        aliases=("post time", "posted at", "posted"),
    ),
    Column(
        "captured_on",
        Kind.DATE,
        Role.METADATA,
        "the day you read the numbers; best 28 days after posting",
        aliases=("captured_at", "captured"),
    ),
    Column(
        "posted_hour",
        Kind.WHOLE,
        Role.LEVER,
        "the local hour of posting",
        "hour",
        low=0,
        high=23,
    ),
    Column(
        "hashtags",
        Kind.WHOLE,
        Role.LEVER,
        "number of hashtags",
        "count",
        low=0,
        high=100,
    ),
    Column("sound", Kind.WORD, Role.LEVER, "the kind of sound"),
    _count("followers_before", Role.CONTEXT, "followers of the account on the day of posting"),
    _flag("is_promoted", Role.CONTEXT, "paid promotion was used; such rows stay out of the models"),
    _flag("counts_rounded", Role.METADATA, 'a count was read as "12.7K"'),
)
NO_IF_EMPTY = (
    "is_promoted",
    "counts_rounded",
)  # where an empty cell is a no, and nothing is missing
BY_NAME: dict[str, Column] = {column.name: column for column in COLUMNS}
