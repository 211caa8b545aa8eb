"""In which form a length should enter a model: its log, bands, or a curve.

`python simulations/shapes.py` writes `shapes.csv`. Pools are drawn as in `estimators.py`, heavy
tails and no trouble, and views are multiplied by what a shape says of the length. Every form sees
the same pools; the cell and the number of the pool alone decide the random numbers.
"""

import argparse
import csv
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from zlib import crc32

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np  # after the number of threads
from numpy.random import PCG64, Generator, SeedSequence
from statsmodels.stats.multitest import multipletests

from pipeline.estimate.cluster_robust import (
    Intervals,
    cr3,
    effective_creators,
    effective_dof,
    joint_p_value,
    leave_one_out,
    t_interval,
)
from pipeline.estimate.collinearity import rank
from pipeline.estimate.grouping import Floats, Ints
from pipeline.estimate.linear import LinearFit, least_squares
from pipeline.estimate.spline import spline_columns
from pipeline.estimate.states import states
from simulations import estimators

TABLE = Path(__file__).resolve().parent / "shapes.csv"
LENGTH = 1  # its column among those of `estimators.draw`, a log
CREATORS = (8, 14, 24)
POOLS, FIRST = 60, 2  # of each cell; the first are those that a test runs again
USUAL = 25.0  # seconds
ENDS = (8.0, 80.0)  # seconds, each compared with the usual length
PEOPLE = 100_000  # lengths that stand for all

Columns = Callable[[Floats], Floats]  # of log(length / 25), (n,): (n, c)


def _bands(log: Floats) -> Floats:
    """Under 15 s, from 30 s and from 60 s on, against 15 to 30 s."""
    band = np.searchsorted(np.log(np.array([15.0, 30.0, 60.0]) / USUAL), log, side="right")
    return (band[:, None] == [0, 2, 3]).astype(np.float64)


def _curve(log: Floats) -> Floats:
    """The height at 10 and at 60 s of a natural cubic spline, less that at 25 s."""
    first, middle, last = np.log(np.array([10.0, 25.0, 60.0]) / USUAL)
    return spline_columns(log, (first, middle, last))[:, [0, 2]]


FORMS: Mapping[str, Columns] = {"log": lambda log: log[:, None], "bands": _bands, "curve": _curve}
SHAPES: Mapping[str, Columns] = {  # log ratios of the views
    "none": np.zeros_like,
    "falls": lambda log: -0.25 * log / np.log(2),  # by a fifth where it doubles
    "peak": lambda log: -0.95 * log**2,  # at 25 s about three times the views of both ends
    "flat peak": lambda log: -0.3 * log**2,
    "step": lambda log: 0.7 * (log >= np.log(60 / USUAL)),
}
COLUMNS = (
    "shape", "creators", "form", "pools", "clear_share", "wrong_share", "joint_rejected_share",
    "rmse_short", "rmse_long", "bias_short", "bias_long", "half_width_short", "half_width_long",
    "covered_short", "covered_long", "first_short",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cell:
    """Pools of G creators in which views go with the length like this."""

    shape: str
    creators: int


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What one form says of a pool.

    Attributes:
        is_clear: some line of the length is, by Holm's correction for all that was asked.
        is_wrong: some line that is clear points the other way, or there is nothing.
        joint_p: of no line of the length; NaN without such a test.
        error: (2,) of both ends against the usual length, less the truth.
        half_width: (2,) of their 95 % intervals.
    """

    is_clear: bool
    is_wrong: bool
    joint_p: float
    error: Floats
    half_width: Floats


def simulate(cell: Cell, number: int) -> dict[str, Told]:
    """Draw a pool, and fit every form to it."""
    rng = Generator(PCG64(SeedSequence([crc32(repr(cell).encode()), number])))
    sheet = estimators.draw(rng, estimators.Cell("heavy", "none", cell.creators, 1.0))
    log, others = sheet.x[:, LENGTH] - np.log(USUAL), np.delete(sheet.x, LENGTH, axis=1)
    outcome = np.log1p(np.rint(sheet.views * np.exp(SHAPES[cell.shape](log))))
    by_form = {}
    for name, form in FORMS.items():
        columns = np.column_stack([form(log), others, outcome])
        whole = states(columns, sheet.group, cell.creators)
        kept = rank(whole, range(columns.shape[1] - 1)).kept
        by_form[name] = _told(
            cell.shape, name, np.array(kept), least_squares(whole, columns.shape[1] - 1, kept)
        )
    return by_form


def _told(shape: str, name: str, kept: Ints, fit: LinearFit) -> Told:
    at = np.log(np.array([*ENDS, USUAL]) / USUAL)
    heights, truth = FORMS[name](at), SHAPES[shape](at)
    width = heights.shape[1]
    own, asked = kept < width, kept < width + estimators.LINES - 1
    every = np.eye(len(kept))
    lines = _interval(fit, every[:, own])
    p_values = [lines.p_value, _interval(fit, every[:, asked & ~own]).p_value]
    clear = multipletests(np.concatenate(p_values), estimators.LEVEL, "holm")[0][: own.sum()]
    is_other = np.sign(fit.estimate[own]) != np.sign(_truth(shape, name)[kept[own]])
    contrasts = np.zeros((len(kept), 2))
    contrasts[own] = (heights[:2] - heights[2]).T[kept[own]]
    ends = _interval(fit, contrasts)
    return Told(
        bool(clear.any()),
        bool((clear & is_other).any()),
        _joint_p(fit, np.flatnonzero(own), lines),
        fit.estimate @ contrasts - (truth[:2] - truth[2]),
        (ends.high - ends.low) / 2,
    )


def _interval(fit: LinearFit, contrasts: Floats) -> Intervals:
    """Intervals of contrasts (k, m), as the report makes them."""
    covariance = cr3(fit.blocks, leave_one_out(fit.blocks))
    error = np.sqrt(np.einsum("im,ij,jm->m", contrasts, covariance, contrasts))
    dof = effective_dof(effective_creators(fit.blocks, contrasts))
    return t_interval(fit.estimate @ contrasts, error, dof)


def _joint_p(fit: LinearFit, at: Ints, lines: Intervals) -> float:
    if len(at) == 1:
        return float(lines.p_value[0])
    covariance = cr3(fit.blocks, leave_one_out(fit.blocks))[np.ix_(at, at)]
    dof = effective_dof(effective_creators(fit.blocks))[at].min(initial=np.inf)
    p_value = joint_p_value(fit.estimate[at], covariance, float(dof))
    return np.nan if p_value is None else p_value


@cache
def _truth(shape: str, name: str) -> Floats:
    """What the lines of a form tell of a shape, among very many videos."""
    log = np.random.default_rng(1).normal(3.2 - np.log(USUAL), np.hypot(0.4, 0.5), PEOPLE)
    columns = np.column_stack([FORMS[name](log), np.ones(PEOPLE)])
    truth: Floats = np.linalg.lstsq(columns, SHAPES[shape](log))[0][:-1]
    return truth


def work(cell: Cell, pools: int) -> list[tuple]:
    """Simulate a cell."""
    with np.errstate(all="ignore"):
        each = [simulate(cell, number) for number in range(pools)]
    return [_row(cell, form, [pool[form] for pool in each]) for form in FORMS]


def _row(cell: Cell, form: str, pools: Sequence[Told]) -> tuple:
    error, half_width = (
        np.array([getattr(each, name) for each in pools]) for name in ("error", "half_width")
    )
    joint = np.array([each.joint_p for each in pools])
    joint = joint[np.isfinite(joint)]
    has_interval = np.isfinite(half_width)  # not if a creator cannot be done without
    covered = (np.abs(error) <= half_width).sum(axis=0) / has_interval.sum(axis=0)
    return (
        cell.shape, cell.creators, form, len(pools),
        float(np.mean([each.is_clear for each in pools])),
        float(np.mean([each.is_wrong for each in pools])),
        float(np.mean(joint < estimators.LEVEL)) if len(joint) else np.nan,
        *np.sqrt(np.mean(error**2, axis=0)), *np.mean(error, axis=0),
        *np.nanmedian(half_width, axis=0), *covered, error[0, 0],
    )  # fmt: skip


def cells() -> list[Cell]:
    """Every cell, the largest pools first."""
    return [Cell(shape, creators) for creators in reversed(CREATORS) for shape in SHAPES]


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--pools", type=int, default=POOLS)
    given = parser.parse_args()
    with ProcessPoolExecutor(given.workers) as pool:
        done = pool.map(work, cells(), [given.pools] * len(cells()))
        rows = [row for cell in done for row in cell]
    with TABLE.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows([estimators.shown(cell) for cell in row] for row in rows)


if __name__ == "__main__":
    main()
