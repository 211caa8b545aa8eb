"""Rules about several captures: of one video, of two videos that share a label, read too early.

Each sees the captures of all files of a creator, with the columns `file` and `line` beside them.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from schema.problem import Severity
from schema.row_rules import show
from schema.rules import Finding, rule

Ints = np.ndarray[tuple[int], np.dtype[np.int64]]
COUNTS = ("views", "likes", "comments", "shares", "saves", "new_followers")
YOUNGEST = 7  # days from posting to capture, below which most of a video's views are still to come
SAME_LENGTH = 0.1  # of a video, within which two lengths may be one, differently read


@rule("one video twice, on the same day", "the row that is right")
def same_capture_twice(captures: pd.DataFrame) -> Iterator[Finding]:
    """The same video with the same captured_on in two places: delete one of the two rows, or, if
    they are two videos, give one of them another label.
    """
    again, key = _again(captures), ["video", "captured_on"]
    rows = again[again.duplicated(key, keep=False)]
    if rows.empty:
        return
    other = first_other(rows, key, np.arange(len(rows)))
    places = list(zip(rows["line"], rows["file"], rows["video"], strict=True))
    for (line, file, video), place in zip(places, other, strict=True):
        where = f"line {places[place][0]} of {places[place][1]}"
        hint = (
            f"The same video and captured_on as in {where}: delete one of the two rows, or, if "
            "they are two videos, give one of them another label."
        )
        yield Finding(int(line), "video", video, hint, file)


@rule("one label, posted on two days", "another label for the other video")
def two_videos_one_label(captures: pd.DataFrame) -> Iterator[Finding]:
    """One label on two videos, posted on two days or of two lengths: give one another label."""
    again = _again(captures)
    again = again[~again.duplicated(["video", "captured_on"], keep=False)]
    said: set[str] = set()  # labels of which something is said
    for name in ("posted_on", "duration_s") if len(again) else ():
        known = again[again[name].notna() & ~again["video"].isin(said)]
        first = known[~known["video"].duplicated()].set_index("video")
        begun = first[name].reindex(known["video"]).to_numpy()
        differs = (known[name] != begun).to_numpy(np.bool_)
        if name == "duration_s":
            now, then = (np.asarray(each, np.float64) for each in (known[name], begun))
            differs = np.abs(now - then) > np.maximum(1, SAME_LENGTH * np.maximum(now, then))
        said |= set(known["video"][differs])
        for _, row in known[differs].iterrows():
            yield from _apart(row, first.loc[row["video"]], name)


def _apart(row: "pd.Series[Any]", other: "pd.Series[Any]", name: str) -> Iterator[Finding]:
    """Name both lines of one label, and what tells two videos apart."""
    for mine, theirs in ((row, other), (other, row)):
        hint = (
            f"The same label as in line {theirs['line']} of {theirs['file']}, but {name} is "
            f"{show(mine[name])} here and {show(theirs[name])} there. Another video? Give it "
            f"another label. The same video? Then {name} has to be the same."
        )
        yield Finding(int(mine["line"]), "video", row["video"], hint, mine["file"])


@rule("captured_on two days after posted_on", "a line a week after posting", Severity.WARNING)
def read_early(captures: pd.DataFrame) -> Iterator[Finding]:
    """Numbers that were read in the first week after posting stay out of the models: most of the
    views are still to come. Add a newer line for these videos later, with the same label.
    """
    days = (captures["captured_on"] - captures["posted_on"]).dt.days
    labels = captures["video"].where(captures["video"].notna(), captures["line"].astype(str))
    is_early = days.between(0, YOUNGEST - 1).to_numpy(np.bool_, na_value=False)
    settled = set(labels[~is_early])
    is_lost = is_early & ~labels.isin(settled).to_numpy()
    if is_lost.any():
        lost, every = labels[is_lost].nunique(), labels.nunique()
        which = f"All {every} videos" if lost == every else f"{lost} of your {every} videos"
        if every == 1:
            which = "This video"
        were = "was" if lost == 1 else "were"
        row = captures[is_lost].iloc[0]
        hint = (
            f"{which} {were} read in the first {YOUNGEST} days after posting, when most of the "
            f"views are still to come: {every - lost} of {every} can count. {_later(lost)}"
        )
        yield Finding(int(row["line"]), "captured_on", show(row["captured_on"]), hint, row["file"])


def first_other(rows: pd.DataFrame, key: list[str], owner: Ints) -> Ints:
    """Find for each row, (n,), the first place with its key and another owner; -1 without one."""
    group = rows.groupby(key, dropna=False, sort=False).ngroup().to_numpy(np.int64)
    first, second = (np.full(len(rows), -1) for _ in range(2))
    first[group[::-1]] = np.arange(len(rows))[::-1]  # the first one is written last
    differs = owner != owner[first[group]]
    later = differs.nonzero()[0][::-1]
    second[group[later]] = later
    return np.where(differs, first[group], second[group])


@rule("views: 900 a month after views: 1000", "the counts as TikTok showed them", Severity.WARNING)
def falling_count(captures: pd.DataFrame) -> Iterator[Finding]:
    """A count is more than 2 percent lower than at an earlier capture: is it right?"""
    again = _again(captures).dropna(subset=["captured_on"]).sort_values(["video", "captured_on"])
    if len(again):  # what was posted on two days is two videos
        again = again[again.groupby("video")["posted_on"].transform("nunique") < 2]
    for name in COUNTS if len(again) else ():
        before = again.groupby("video")[name].shift()
        fell = (again[name] < 0.98 * before.astype("Float64")).fillna(value=False).astype(bool)
        rows = again.assign(before=before)[fell].sort_index()
        for line, file, earlier, now in zip(
            rows["line"], rows["file"], rows["before"], rows[name], strict=True
        ):
            hint = f"{show(earlier)} {name} at the capture before, {show(now)} now: right?"
            yield Finding(int(line), name, show(now), hint, file)


def _again(captures: pd.DataFrame) -> pd.DataFrame:
    """Give the captures of videos that have more than one; mostly there are none."""
    labels = captures["video"]
    return captures[labels.duplicated(keep=False) & labels.notna()]


def _later(videos: int) -> str:
    these, each = ("this line", "this video") if videos == 1 else ("these lines", "each such video")
    return f"Leave {these}, and add a newer line for {each} later, with the same label."


CAPTURES = (same_capture_twice, two_videos_one_label, read_early, falling_count)
