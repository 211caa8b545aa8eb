"""Rules about the values of one row; each sees the captures of one file.

Captures have one row a video at one capture, every column of `COLUMNS` with its type, and the
physical line as their index. A cell that is not in form is missing here and takes no part.
"""

import datetime
from collections.abc import Iterator
from string import Formatter

import numpy as np
import pandas as pd

from schema.columns import EARLIEST
from schema.problem import Severity
from schema.rules import Finding, rule

SHORTEST_S = 0.5  # a video that is shorter is a question
FEW_ROWS = 4  # with a number, from which a whole column tells how it is written
SHORT_MEDIAN_S = 3.0  # of a column, below which it is how it is written (`not_in_seconds`)
FIRST_DAY = pd.Timestamp(EARLIEST)
FEW_VIEWS = 100  # below it, counters that are updated at different times may cross
WITHIN_VIEWS = ("likes", "comments", "saves")


def _true(mask: "pd.Series[bool]") -> "pd.Series[bool]":
    return mask.fillna(value=False).astype(bool)


def _at(
    captures: pd.DataFrame, mask: "pd.Series[bool]", column: str, hint: str
) -> Iterator[Finding]:
    """Report the rows of a mask at one column; the hint may name columns in braces."""
    wrong = mask.to_numpy(np.bool_, na_value=False)
    if not wrong.any():
        return
    named = list({column, *(name for _, name, _, _ in Formatter().parse(hint) if name)})
    rows = captures.loc[wrong, named]
    for line, *values in zip(rows.index, *(rows[name] for name in named), strict=True):
        shown = dict(zip(named, map(show, values), strict=True))
        yield Finding(int(line), column, shown[column], hint.format_map(shown))


def show(value: object) -> str:
    """Write a value as it would stand in a cell.

    >>> show(12.0), show(41.18), show(pd.Timestamp("2026-05-31")), show(pd.NA)
    ('12', '41.18', '2026-05-31', '')
    """
    if value is None or value is pd.NA or value != value:  # NaN and NaT are not themselves
        return ""
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _may_cross(captures: pd.DataFrame) -> "pd.Series[bool]":
    return _true(captures["counts_rounded"]) | (captures["views"] < FEW_VIEWS)


@rule("views: 1000, likes: 1200", "views: 1200, likes: 1000")
def count_above_views(captures: pd.DataFrame) -> Iterator[Finding]:
    """A video has no more likes, comments or saves than views: look for two swapped columns."""
    for name in WITHIN_VIEWS:
        mask = (captures[name] > captures["views"]) & ~_may_cross(captures)
        hint = f"{{{name}}} {name} for {{views}} views: look for two swapped columns."
        yield from _at(captures, mask, name, hint)


@rule("views: 10, likes: 12", "views: 12, likes: 10", Severity.WARNING)
def count_above_few_views(captures: pd.DataFrame) -> Iterator[Finding]:
    """More likes, comments or saves than views, where views are few or rounded: is it right?"""
    for name in WITHIN_VIEWS:
        mask = (captures[name] > captures["views"]) & _may_cross(captures)
        yield from _at(captures, mask, name, f"{{{name}}} {name} for {{views}} views: is it right?")


@rule("views: 100, shares: 150", "views: 150, shares: 100", Severity.WARNING)
def shares_above_views(captures: pd.DataFrame) -> Iterator[Finding]:
    """More shares than views: is it right? A viewer may share more than once."""
    mask = captures["shares"] > captures["views"]
    yield from _at(captures, mask, "shares", "{shares} shares for {views} views: is it right?")


@rule("likes: 10, shares: 15", "likes: 15, shares: 10", Severity.WARNING)
def shares_above_likes(captures: pd.DataFrame) -> Iterator[Finding]:
    """More shares than likes: is it right, or was a number copied into the wrong column?"""
    mask = (captures["shares"] > captures["likes"]) & ~_true(captures["shares"] > captures["views"])
    hint = "{shares} shares, {likes} likes: is it right, or was one copied into the wrong column?"
    yield from _at(captures, mask, "shares", hint)


@rule(
    "views: 100, likes: 60, comments: 50", "views: 200, likes: 60, comments: 50", Severity.WARNING
)
def engagement_above_views(captures: pd.DataFrame) -> Iterator[Finding]:
    """Likes, comments, shares and saves together are more than the views: is it right?"""
    counts = captures[[*WITHIN_VIEWS, "shares"]]
    alone = (counts.gt(captures["views"], axis=0)).fillna(value=False).any(axis=1)
    mask = (counts.sum(axis=1) > captures["views"]) & ~alone
    yield from _at(captures, mask, "views", engagement_above_views.hint)


@rule("views: 12, new_followers: 1200", "views: 1200, new_followers: 12")
def followers_above_views(captures: pd.DataFrame) -> Iterator[Finding]:
    """A video brings no more followers than it has views: look for two swapped columns."""
    mask = captures["new_followers"] > captures["views"]
    hint = "{new_followers} new followers for {views} views: look for two swapped columns."
    yield from _at(captures, mask, "new_followers", hint)


@rule("views: 1000, new_followers: 60", "views: 1000, new_followers: 6", Severity.WARNING)
def many_followers(captures: pd.DataFrame) -> Iterator[Finding]:
    """More than 5 followers per 100 views: is it right? One per 2,000 views is usual."""
    per_view = captures["new_followers"] > 0.05 * captures["views"].astype("Float64")
    mask = per_view & ~_true(captures["new_followers"] > captures["views"])
    yield from _at(captures, mask, "new_followers", many_followers.hint)


@rule("views: 50, watched_full_pct: 0", "views: 50, watched_full_pct:", Severity.WARNING)
def zero_watched(captures: pd.DataFrame) -> Iterator[Finding]:
    """0 percent watched to the end at 50 views or more: did TikTok show 0, or nothing? If
    nothing, empty the cell.
    """
    mask = (captures["watched_full_pct"] == 0) & (captures["views"] >= 50)
    yield from _at(captures, mask, "watched_full_pct", zero_watched.hint)


@rule("duration_s: 0.012", "duration_s: 12", Severity.WARNING)
def short_video(captures: pd.DataFrame) -> Iterator[Finding]:
    """This video is under half a second long: is that right, or is it in minutes or hours?"""
    mask = captures["duration_s"] < SHORTEST_S
    known = captures["duration_s"].astype("Float64").dropna()
    is_odd = len(known) < FEW_ROWS or float(known.median()) >= SHORT_MEDIAN_S
    if is_odd:  # else the whole column is asked of
        yield from _at(captures, mask, "duration_s", short_video.hint)


@rule("duration_s: 10, avg_watch_s: 12", "duration_s: 10, avg_watch_s: 8", Severity.WARNING)
def watched_longer(captures: pd.DataFrame) -> Iterator[Finding]:
    """An average watch time above the video's length: right where people watch it again."""
    mask = captures["avg_watch_s"] > captures["duration_s"]
    yield from _at(captures, mask, "avg_watch_s", watched_longer.hint)


@rule(
    "posted_on: 2026-05-31, captured_on: 2026-05-01",
    "posted_on: 2026-05-01, captured_on: 2026-05-31",
)
def captured_before_posted(captures: pd.DataFrame) -> Iterator[Finding]:
    """The numbers were read before the video was posted: look for two swapped dates."""
    mask = captures["captured_on"] < captures["posted_on"]
    mask &= captures["captured_on"] >= FIRST_DAY  # else that is what is wrong
    yield from _at(captures, mask, "captured_on", captured_before_posted.hint)


@rule("posted_on: 2062-05-31", "posted_on: 2026-05-31")
def date_in_future(captures: pd.DataFrame, today: datetime.date) -> Iterator[Finding]:
    """A day that has not come yet: look at the year."""
    last = pd.Timestamp(today)
    for name in ("posted_on", "captured_on"):
        hint = (
            f"This is after {today}, the last day that a date may have here: look at the year, or "
            "at this computer's clock."
        )
        yield from _at(captures, captures[name] > last, name, hint)


@rule("posted_on: 2006-05-31", "posted_on: 2026-05-31")
def date_too_early(captures: pd.DataFrame) -> Iterator[Finding]:
    """A day before TikTok began (September 2016): look at the year."""
    for name in ("posted_on", "captured_on"):
        mask = captures[name] < FIRST_DAY
        yield from _at(captures, mask, name, date_too_early.hint)


ROWS = (
    count_above_views,
    count_above_few_views,
    shares_above_views,
    shares_above_likes,
    engagement_above_views,
    followers_above_views,
    many_followers,
    zero_watched,
    short_video,
    watched_longer,
    captured_before_posted,
    date_too_early,
)
