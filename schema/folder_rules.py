"""Rules about many rows: whole columns of one file, and all files of one creator.

A rule of `SHEETS` sees the captures of one file, indexed by line (`no_dates` also the columns that
have a cell); a rule of `FOLDERS` sees those of all files of a creator, with the columns `file` and
`line` beside them. See `row_rules` and, for what is 0 or empty, `zero_rules`.
"""

import re
from collections.abc import Collection, Iterator
from typing import Any

import numpy as np
import pandas as pd

from schema.columns import BY_NAME, COLUMNS, Kind
from schema.problem import Severity
from schema.row_rules import show
from schema.rules import Finding, rule
from schema.slip_rules import SLIPS
from schema.video_links import HANDLE, id_alone
from schema.zero_rules import (
    NOT_SHOWN,
    SOME,
    all_zero,
    mostly_zero,
    never_zero,
    zero_followers,
    zeros_up_to_a_day,
)

Ints = np.ndarray[tuple[int], np.dtype[np.int64]]
FLAGS = tuple(column.name for column in COLUMNS if column.kind is Kind.FLAG)
COUNTS = ("views", "likes", "comments", "shares", "saves", "new_followers")
# How many times more, or less, than the creator's median a number is before it is a question.
FAR = {**dict.fromkeys(COUNTS, 10_000), "duration_s": 100}
FAR_SDS = 5  # standard deviations of the logs, told from their quartiles, that it has to be as well
QUARTILES = 1.349  # standard deviations between the quartiles of a normal distribution
YOUNGEST = 7  # days from posting to capture, below which most of a video's views are still to come
SAME_LENGTH = 0.1  # of a video, within which two lengths may be one, differently read
LONG_ID = re.compile(r"[0-9]{15,20}")


@rule("has_caption: yes in rows 1-149, no in rows 150-190", "empty cells", Severity.WARNING)
def changed_once(captures: pd.DataFrame) -> Iterator[Finding]:
    """A column changes once, in the order of the rows: did the videos change, or the way they
    were noted? Leave a cell empty where nothing was noted.
    """
    for name in (*FLAGS, *NOT_SHOWN):
        known = captures[name].dropna()
        change = known.ne(known.shift()).to_numpy(dtype=bool, na_value=True)[1:].nonzero()[0]
        if len(change) == 1 and SOME <= change[0] + 1 <= len(known) - SOME:
            line = int(known.index[change[0] + 1])
            hint = (
                f"{name} is {show(known.iloc[0])} in every row before this one and "
                f"{show(known.iloc[-1])} from here on: did the videos change, or the way they "
                "were noted? Leave a cell empty where nothing was noted."
            )
            yield Finding(line, name, show(known.iloc[-1]), hint)


@rule("a file without captured_on", "captured_on: 2026-05-31", Severity.WARNING)
def no_dates(captures: pd.DataFrame, noted: Collection[str]) -> Iterator[Finding]:
    """Without these days a video counts, but its age does not: add the days that you know."""
    for name in ("posted_on", "captured_on"):
        if len(captures) and name not in noted:
            hint = f"No row has {name} ({BY_NAME[name].meaning}). {no_dates.hint}"
            yield Finding(None, name, None, hint)


@rule("a link with @handle in it, as a label", "the id in the link", Severity.WARNING)
def handle_in_label(labels: "pd.Series[str]") -> Iterator[Finding]:
    """The link shows your handle to everyone, as contributions are public: is that meant? Any label
    of your own will do, such as the long number in the link.
    """
    for line, label in labels[labels.str.contains(HANDLE, regex=True)].items():
        fixed = f"{handle_in_label.hint} `fix` writes it." if id_alone(label) else ""
        yield Finding(int(str(line)), "video", label, fixed)


@rule("two ids that end in 0000", "the ids, from the videos' links")
def damaged_ids(captures: pd.DataFrame) -> Iterator[Finding]:
    """A spreadsheet keeps fifteen digits of an id and ends it in 0000: copy the ids again from
    the videos' links, into cells formatted as text, or use labels of your own.
    """
    ids = _ending_in_zeros(captures)
    if len(ids) >= 2:
        for line, value in ids.items():
            yield Finding(int(str(line)), "video", value)


@rule("one id that ends in 0000", "the id, from the video's link", Severity.WARNING)
def damaged_id(captures: pd.DataFrame) -> Iterator[Finding]:
    """An id that ends in 0000: is it right, or did a spreadsheet cut its last digits?"""
    ids = _ending_in_zeros(captures)
    if len(ids) == 1:
        yield Finding(int(str(ids.index[0])), "video", ids.iloc[0])


def _ending_in_zeros(captures: pd.DataFrame) -> "pd.Series[str]":
    labels = captures["video"]
    return labels[labels.str.fullmatch(r"[0-9]{15}0000").fillna(value=False).astype(bool)]


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
    is_early = (days < YOUNGEST).to_numpy(np.bool_, na_value=False)
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
            f"views are still to come: {every - lost} of {every} can count. Leave these lines, and "
            "add a newer line for each such video later, with the same label."
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
    for name in COUNTS if len(again) else ():
        before = again.groupby("video")[name].shift()
        fell = (again[name] < 0.98 * before.astype("Float64")).fillna(value=False).astype(bool)
        rows = again.assign(before=before)[fell].sort_index()
        for line, file, earlier, now in zip(
            rows["line"], rows["file"], rows["before"], rows[name], strict=True
        ):
            hint = f"{show(earlier)} {name} at the capture before, {show(now)} now: right?"
            yield Finding(int(line), name, show(now), hint, file)


@rule("views: 50000000, the others have 400", "the views of this video", Severity.WARNING)
def far_from_others(captures: pd.DataFrame) -> Iterator[Finding]:
    """A number far from the same creator's other videos: is it a time, an id, the number of
    another column, or in another unit?
    """
    far: dict[int, list[tuple[float, str, str]]] = {}  # by row: how far, of which column, beside
    for name, least in FAR.items():
        values = captures[name].astype("Float64").to_numpy(np.float64, na_value=np.nan)
        logs = np.log(values) if name == "duration_s" else np.log1p(values)
        known = logs[~np.isnan(logs)]
        if len(known) < SOME:
            continue
        low, middle, high = np.quantile(known, [0.25, 0.5, 0.75])
        limit = max(np.log(least), FAR_SDS * (high - low) / QUARTILES)
        typical = float(np.nanmedian(values))
        rows = f"Half of the {len(known)} rows with a number here have"
        for i in np.flatnonzero(np.abs(logs - middle) > limit).tolist():
            way = "" if not typical else " or less" if logs[i] > middle else " or more"
            beside = f"{rows} {typical:,.15g}{way}"
            far.setdefault(i, []).append((float(np.abs(logs[i] - middle) / limit), name, beside))
    for i in sorted(far):
        row, (first, *others) = captures.iloc[i], sorted(far[i], key=lambda each: -each[0])
        _, name, beside = first
        if others:
            and_so = ", ".join(sorted(other for _, other, _ in others))
            hint = f"{beside}. Also far from the other rows: {and_so}. Are they right?"
        else:
            hint = f"{beside}: is this one right, or is it {_CONFUSED[name == 'duration_s']}?"
        yield Finding(int(row["line"]), name, show(row[name]), hint, row["file"])


_CONFUSED = (
    "a time, an id, the number of another column, or a count in another unit",
    "in another unit than seconds, or the number of another column",
)


def _again(captures: pd.DataFrame) -> pd.DataFrame:
    """Give the captures of videos that have more than one; mostly there are none."""
    labels = captures["video"]
    return captures[labels.duplicated(keep=False) & labels.notna()]


SHEETS = (
    *SLIPS,
    all_zero,
    mostly_zero,
    zero_followers,
    zeros_up_to_a_day,
    changed_once,
    damaged_ids,
    damaged_id,
)
FOLDERS = (
    same_capture_twice,
    two_videos_one_label,
    read_early,
    falling_count,
    never_zero,
    far_from_others,
)
