"""Rules about 0 and nothing in whole columns: zeros that may be blanks, and zeros left blank.

All but `never_zero`, which sees all files of a creator, see the captures of one file. They stand
in `SHEETS` and `FOLDERS` of `folder_rules`.
"""

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd

from schema.positive_only import positive_only
from schema.problem import Severity
from schema.rules import Finding, rule

SOME = 10  # rows from which a pattern is worth a question
FEW_POSITIVE, FEW_ZEROS = 5, 3  # counts above 0, and zeros, from which a rate can be surprised
# Of videos that could bring followers, the share that brings none whatever its views (as in the
# account of 2022); the others are spread about the rate as counts of dispersion 1 are.
SILENT = 0.15
# Of 1,000 simulated honest creators 34 are asked; of those who write 0 for a fifth, a third or half
# of their counts, and for what they did not note, 37, 55 and 78 %.
SURPRISING = 0.02
EXACT = 500  # videos, up to which the chance is exact
NOT_SHOWN = ("new_followers", "watched_full_pct", "avg_watch_s")


@rule("ten rows or more, all with watched_full_pct: 0", "empty cells", Severity.WARNING)
def all_zero(captures: pd.DataFrame) -> Iterator[Finding]:
    """A column is 0 in every row: did TikTok show 0, or nothing? If nothing, empty the cells."""
    for name in NOT_SHOWN:
        if is_all_zero(captures[name]):
            noted = captures[name].count()
            yield Finding(None, name, "0", f"0 in all {noted} rows: {_SHOWN}")


def is_all_zero(values: pd.Series) -> bool:
    """Return whether a column is 0 wherever it is noted, which is in ten rows or more."""
    known = values.dropna()
    return len(known) >= SOME and bool((known == 0).all())


_SHOWN = "did TikTok show 0, or nothing? If nothing, empty the cells."


@rule("19 of 20 rows with new_followers: 0", "empty cells", Severity.WARNING)
def mostly_zero(captures: pd.DataFrame) -> Iterator[Finding]:
    """new_followers is 0 in more than nine rows of ten: did TikTok show 0, or nothing?"""
    known = captures["new_followers"].dropna()
    zeros = int((known == 0).sum())
    if len(known) >= SOME and 0.9 * len(known) < zeros < len(known):
        hint = f"0 in {zeros} of {len(known)} rows: {_SHOWN}"
        yield Finding(None, "new_followers", "0", hint)


@rule("views: 90000, new_followers: 0, again and again", "empty cells", Severity.WARNING)
def zero_followers(captures: pd.DataFrame) -> Iterator[Finding]:
    """More zeros in new_followers than this creator's own rate and views lead to expect: did
    TikTok show 0, or nothing?
    """
    known = captures[captures["new_followers"].notna() & (captures["views"] > 0)]
    counts, views = (known[name].to_numpy(np.float64) for name in ("new_followers", "views"))
    positive = counts > 0
    if positive.sum() < FEW_POSITIVE or list(doubtful_runs(captures)):
        return
    due = views * np.median(counts[positive] / views[positive])
    is_zero, asked = counts == 0, due >= 1
    zeros, chances = int((is_zero & asked).sum()), SILENT + (1 - SILENT) / (1 + due[asked])
    if zeros >= FEW_ZEROS and _at_least(zeros, chances) < SURPRISING:
        expected = int(chances.sum() + 0.5)
        most = known.index[int(np.where(is_zero, views, -1).argmax())]
        hint = (
            f"0 in {zeros} of {asked.sum()} videos that should each have brought a follower or "
            f"more at the rate of the others: about {expected} zeros would be usual. {_SHOWN}"
        )
        yield Finding(int(str(most)), "new_followers", "0", hint)


def _at_least(zeros: int, chances: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> float:
    """Chance that so many of independent events happen, or more (Poisson binomial)."""
    if len(chances) > EXACT:
        spread = math.sqrt(float((chances * (1 - chances)).sum()))
        return 0.5 * math.erfc((zeros - 0.5 - float(chances.sum())) / spread / math.sqrt(2))
    number = np.ones(1)
    for chance in chances.tolist():
        number = np.convolve(number, [1 - chance, chance])
    return float(number[zeros:].sum())


@rule("new_followers 0 in every row before June, not after", "empty cells before", Severity.WARNING)
def zeros_up_to_a_day(captures: pd.DataFrame) -> Iterator[Finding]:
    """All early (or all late) new_followers are 0 and the others are not: was it noted then?"""
    order = "by day of posting" if _is_dated(captures) else "in the file"
    for where, run in doubtful_runs(captures).items():
        hint = f"The {where} {len(run)} rows {order} are all 0, the others are not: {_SHOWN}"
        yield Finding(None, "new_followers", "0", hint)


def doubtful_runs(captures: pd.DataFrame) -> "dict[str, pd.Index[int]]":
    """Find the rows, `first` and `last`, whose new_followers are all 0 though the others are not.

    Only runs that are too long for chance; by day of posting where each row has one.
    """
    ordered = captures.sort_values("posted_on", kind="stable") if _is_dated(captures) else captures
    known = ordered[ordered["new_followers"].notna() & ordered["views"].notna()]
    runs = {}
    for rows, where in ((known, "first"), (known[::-1], "last")):
        run = _zeros_before(rows)
        if run < len(rows) and _by_chance(rows, run) < 0.001:
            runs[where] = rows.index[:run]
    return runs


def _is_dated(captures: pd.DataFrame) -> bool:
    return bool(captures["posted_on"].notna().all())


def _zeros_before(rows: pd.DataFrame) -> int:
    positive = (rows["new_followers"] > 0).to_numpy(dtype=bool)
    return int(positive.argmax()) if positive.any() else len(rows)


def _by_chance(rows: pd.DataFrame, run: int) -> float:
    """Chance that all positive rows stand behind a run, each where its views bring it.

    Views count up to 5,000: a few great ones would hide the rest.
    """
    views = rows["views"].clip(upper=5000).to_numpy(np.float64) + 1
    positive = int((rows["new_followers"] > 0).sum())
    return float((1 - views[:run].sum() / views.sum()) ** positive)


@rule("20 rows with new_followers 1, and none with 0", "0 where it was 0", Severity.WARNING)
def never_zero(captures: pd.DataFrame) -> Iterator[Finding]:
    """new_followers is never 0, though some are 1: was it noted only when there were some?"""
    is_paid = captures["is_promoted"].fillna(value=False).astype(bool)
    videos = captures[~is_paid & (captures["video"].isna() | ~captures["video"].duplicated())]
    counts = videos["new_followers"].to_numpy(np.float64, na_value=np.nan)
    if positive_only(counts, np.zeros(len(counts), np.int64)).any():
        noted, ones = ~np.isnan(counts), (counts == 1).sum()
        hint = (
            f"Of the {noted.sum()} videos with a number, in all your files, {ones} have 1 and none "
            "has 0. Was it noted only when there were some? Then write 0 where TikTok shows 0: "
            "without the zeros a rate is too high, and these videos may be left out of the "
            "questions about followers. If the numbers are right, say so in the pull request."
        )
        yield Finding(None, "new_followers", None, hint, videos["file"][noted].iloc[0])
