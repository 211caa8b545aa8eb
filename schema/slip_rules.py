"""Rules about slips that a spreadsheet or a habit makes in a whole file; each sees its captures.

They stand in `SHEETS` of `folder_rules`.
"""

import re
from collections.abc import Iterator

import numpy as np
import pandas as pd

from schema.capture_rules import COUNTS
from schema.columns import COLUMNS, NO_IF_EMPTY, Kind
from schema.problem import Severity
from schema.row_rules import FEW_ROWS, SHORT_MEDIAN_S
from schema.rules import Finding, rule
from schema.text_rules import swallowed, swallowing
from schema.vocabulary import fold

FAR_ABOVE = 3.0  # percent, where percent and fractions are mixed: nothing is between 1 and this
SECONDS_A_DAY = 86_400
LONGEST_S = 3600.0  # of a video
# Medians in seconds, below which a whole column is not likely to be in seconds.
SHORT = {"duration_s": SHORT_MEDIAN_S, "avg_watch_s": 0.3}
PART_OF_A_DAY = 0.1  # 0.1 of a day is more than two hours: no video of a column that is all below
OUTLINES = 10  # from which on a number is alike by more than chance
TOTALS = frozenset(  # what a row of them is called, folded as words of a list are
    (
        *("total", "totals", "sum", "sums", "average", "averages", "mean", "median"),
        *("summe", "gesamt", "insgesamt", "durchschnitt", "mittelwert"),
        *("somme", "moyenne", "totaux", "suma", "promedio", "soma", "média", "totale"),
        *("totaal", "gemiddelde", "totalt", "summa", "toplam", "ortalama"),
        *("łącznie", "razem", "średnia", "итого", "сумма", "среднее"),
        *("合計", "合计", "总计", "平均", "합계", "평균", "المجموع", "कुल"),
    )
)
BESIDE = frozenset(("grand", "all", "général", "general", "geral", "of"))  # words beside them


def _known(captures: pd.DataFrame, name: str) -> "pd.Series[float]":
    return captures[name].astype("Float64").dropna()


@rule("a last row: Total, views: 37979", "the videos alone", Severity.WARNING)
def total_row(captures: pd.DataFrame) -> Iterator[Finding]:
    """This row looks like a total or a mean of the others, and would count as a video: is it one?
    If so, delete it.
    """
    for line, why in {**_sums(captures), **_called_total(captures)}.items():
        yield Finding(line, "video", str(captures.at[line, "video"]), f"{why} {_DELETE}")


_DELETE = "Is it a video? If it is a total or a mean, delete the row: it would count as a video."


def _called_total(captures: pd.DataFrame) -> dict[int, str]:
    labels = captures["video"].dropna()
    is_total = labels.map(_is_total).astype(bool)
    found = {int(str(line)): "This is what a total is called." for line in labels.index[is_total]}
    views = captures["views"].astype("Float64").to_numpy(np.float64, na_value=np.nan)
    for place, label in enumerate(captures["video"].fillna("")):
        if TOTALS.intersection(_words(label)) and not _is_total(label):
            sums = np.cumsum(views[:place][::-1])[1:]  # of two rows above it, and of more
            if (sums == views[place]).any():
                found[int(captures.index[place])] = "It is called a total, and sums up rows above."
    return found


def _words(label: str) -> list[str]:
    return [fold(word) for word in re.findall(r"[^\W\d_]{1,60}", label)]


def _is_total(label: str) -> bool:
    """Return whether a label is a word for a total, and nothing but numbers beside it.

    >>> _is_total("Total:"), _is_total("Grand total 2026"), _is_total("Total eclipse")
    (True, True, False)
    """
    words = _words(label)
    return bool(TOTALS.intersection(words)) and all(word in TOTALS | BESIDE for word in words)


def _sums(captures: pd.DataFrame) -> dict[int, str]:
    """Find the rows whose counts, two or more, are all sums, or all means, of the other rows."""
    if len(captures) < FEW_ROWS:
        return {}
    counts, sums, means = (np.zeros(len(captures), dtype=np.int64) for _ in range(3))
    for name in COUNTS:
        values = captures[name].astype("Float64").to_numpy(np.float64, na_value=np.nan)
        others, known = np.nansum(values) - np.nan_to_num(values), np.isfinite(values)
        positive = (values > 0).sum() - (values > 0)
        is_told = known & (positive > 1)
        number = np.maximum(known.sum() - 1, 1)
        counts += is_told
        sums += is_told & (values == others)
        means += is_told & (values >= OUTLINES) & (np.abs(values - others / number) <= 0.5)
    lines = captures.index.to_numpy()
    said = "Its numbers are the {} of all the others."
    return {int(line): said.format("means") for line in lines[(means > 1) & (means == counts)]} | {
        int(line): said.format("sums") for line in lines[(sums > 1) & (sums == counts)]
    }


@rule("every duration_s below 1", "duration_s: 15", Severity.WARNING)
def not_in_seconds(captures: pd.DataFrame) -> Iterator[Finding]:
    """Half of the videos would be shorter than three seconds: are these minutes, or a spreadsheet's
    time? Write seconds.
    """
    for name, least in SHORT.items():
        known = _known(captures, name)
        known = known[known > 0]
        if len(known) < FEW_ROWS or float(known.median()) >= least:
            continue
        first, middle = float(known.iloc[0]), float(known.median())
        ways = [
            (f"{first * times:.0f} if {why}")
            for times, why in (_PARTS if float(known.max()) < PART_OF_A_DAY else _MINUTES)
            if least <= middle * times <= LONGEST_S
        ]
        if first * 100 % 100 < 60 and float(known.max()) >= PART_OF_A_DAY:
            ways.append(f"{_clock(first)} if it is minutes and seconds")
        hint = (
            f"{_share(known < least)} numbers here are below {least:g} seconds. Is that another "
            f"unit? For {first:.3g} write {', or '.join(ways)}. If they are right, say so."
        )
        yield Finding(int(str(known.index[0])), name, f"{first:.15g}", hint)


def _share(mask: "pd.Series[bool]") -> str:
    number = int(mask.sum())
    return f"All {number}" if number == len(mask) else f"{number} of the {len(mask)}"


_PARTS = (
    (24 * 60, "0:16 was typed for 16 seconds (a spreadsheet takes that for hours and minutes)"),
    (SECONDS_A_DAY, "it is a spreadsheet's time, a part of a day"),
)
_MINUTES = ((60, "it is minutes"),)


def _clock(value: float) -> str:
    """Read 1.05 as 1 minute and 5 seconds."""
    minutes, seconds = f"{value:.2f}".split(".")
    return str(60 * int(minutes) + int(seconds))


@rule("every watched_full_pct at most 1", "watched_full_pct: 41.18", Severity.WARNING)
def fractions(captures: pd.DataFrame) -> Iterator[Finding]:
    """No number of this column is above 1: are they fractions? Write percent: 41.18 for 0.4118."""
    known = _known(captures, "watched_full_pct")
    low, high = known[(known > 0) & (known <= 1)], known[known > 1]
    if not len(low):
        return
    first = float(low.iloc[0])
    write = f"Then write percent: {100 * first:.15g} for {first:.15g}."
    hint = ""
    if not len(high) and len(known) >= FEW_ROWS:
        hint = f"None of the {len(known)} numbers here is above 1: are they fractions? {write}"
    elif len(low) >= FEW_ROWS and float(high.min()) >= FAR_ABOVE:
        hint = (
            f"{len(low)} of the {len(known)} numbers here are at most 1, and the others are "
            f"{float(high.min()):g} or more: are those few fractions? {write}"
        )
    if hint:
        yield Finding(int(str(low.index[0])), "watched_full_pct", f"{first:.15g}", hint)


FLAGS = tuple(
    column.name for column in COLUMNS if column.kind is Kind.FLAG and column.name not in NO_IF_EMPTY
)


@rule("has_cover: yes in 8 of 20 rows, the others empty", "no where it is a no", Severity.WARNING)
def yes_or_blank(captures: pd.DataFrame) -> Iterator[Finding]:
    """A column has yes or nothing, and never no: is an empty cell a no? Then write no there."""
    for name in FLAGS:
        known = captures[name].dropna()
        blank = len(captures) - len(known)
        if len(known) > 1 and blank > 1 and bool(known.all()):
            hint = (
                f"yes in {len(known)} rows, nothing in {blank}, and never no: is an empty cell a "
                "no? Then write no there: an empty cell means that nobody knows, and the column "
                "can compare nothing."
            )
            yield Finding(None, name, None, hint)


@rule('"Ramen,1557,4', "a label, and no line break in it", Severity.WARNING)
def swallowed_rows(captures: pd.DataFrame) -> Iterator[Finding]:
    """A label holds a line break and what looks like whole rows: did a double quote (") too many
    swallow them? Look at the quotes.
    """
    for name in ("video", "subject"):
        texts = captures[name].dropna()
        for line, text in texts[texts.str.contains("\n", regex=False)].items():
            if lines := swallowed(text):
                start = int(str(line))
                end = start + lines - 1
                look = f"Look at the quotes in line {start} and in line {end}."
                yield Finding(start, name, None, f"{swallowing(lines)} {look}")


SLIPS = (total_row, not_in_seconds, fractions, yes_or_blank, swallowed_rows)
