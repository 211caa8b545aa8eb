"""Rules about many rows: whole columns of one file, and all files of one creator.

A rule of `SHEETS` sees the captures of one file, indexed by line (`no_dates` also the columns that
have a cell); a rule of `FOLDERS` sees those of all files of a creator, with the columns `file` and
`line` beside them. See `row_rules` and, for what is 0 or empty, `zero_rules`.
"""

import re
from collections.abc import Collection, Iterator

import numpy as np
import pandas as pd

from schema.capture_rules import CAPTURES, COUNTS
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

FLAGS = tuple(column.name for column in COLUMNS if column.kind is Kind.FLAG)
# How many times more, or less, than the creator's median a number is before it is a question.
FAR = {**dict.fromkeys(COUNTS, 10_000), "duration_s": 100}
FAR_SDS = 5  # standard deviations of the logs, told from their quartiles, that it has to be as well
QUARTILES = 1.349  # standard deviations between the quartiles of a normal distribution
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
        alone = id_alone(label) or ""
        yield Finding(int(str(line)), "video", label, instead=alone, repaired=bool(alone))


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
    *CAPTURES,
    never_zero,
    far_from_others,
)
