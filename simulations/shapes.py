"""In which form a length should enter a model: its log, bands, or a spline.

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
    cr3,
    effective_creators,
    effective_dof,
    joint_p_value,
    leave_one_out,
    t_interval,
)
from pipeline.estimate.collinearity import rank
from pipeline.estimate.grouping import Floats, Ints
from pipeline.estimate.linear import least_squares
from pipeline.estimate.states import states
from simulations import estimators

TABLE = Path(__file__).resolve().parent / "shapes.csv"
LENGTH = 1  # its column among those of `estimators.draw`, a log
CREATORS = (8, 14, 24)
POOLS, FIRST = 60, 2  # of each cell; the first are those that a test runs again
USUAL = 25.0  # seconds
ENDS = (8.0, 80.0)  # seconds, each compared with the usual length
SHAPES: Mapping[str, Callable[[Floats], Floats]] = {  # log ratio of the views, of log(length / 25)
    "none": np.zeros_like,
    "falls": lambda log: -0.25 * log / np.log(2),
    "peak": lambda log: -0.95 * log**2,
    "flat peak": lambda log: -0.3 * log**2,
    "step at 60 s": lambda log: 0.7 * (log >= np.log(60 / USUAL)),
}
COLUMNS = (
    "shape", "creators", "form", "pools", "clear_share", "wrong_share", "joint_rejected_share",
    "rmse_short", "rmse_long", "bias_short", "bias_long", "half_width_short", "half_width_long",
    "covered_short", "covered_long", "first_short",
)  # fmt: skip


def _bands(*starts: float) -> Callable[[Floats], Floats]:
    """Indicators (n, c) of the bands that begin at some seconds, but for that of the usual."""
    edges = np.log(np.array(starts) / USUAL)
    usual = int(np.searchsorted(edges, 0.0, side="right"))
    others = [band for band in range(len(starts) + 1) if band != usual]
    return lambda log: np.asarray(
        np.searchsorted(edges, log, side="right")[:, None] == others, dtype=float
    )


def _spline(knots: tuple[float, float, float]) -> Callable[[Floats], Floats]:
    """A restricted cubic spline with three knots: the log, and one bend (Harrell 2015, 2.4.5)."""
    a, b, c = np.log(np.array(knots) / USUAL)

    def columns(log: Floats) -> Floats:
        cubes = [np.maximum(log - knot, 0) ** 3 for knot in (a, b, c)]
        bend = cubes[0] - cubes[1] * (c - a) / (c - b) + cubes[2] * (b - a) / (c - b)
        return np.column_stack([log, bend / (c - a) ** 2])

    return columns


FORMS: Mapping[str, Callable[[Floats], Floats]] = {
    "log": lambda log: log[:, None],
    "bands: 15, 30, 60 s": _bands(15, 30, 60),
    "bands: 20, 60 s": _bands(20, 60),
    "bands: 10, 20, 40, 80 s": _bands(10, 20, 40, 80),
    "spline: 11, 25, 56 s": _spline((11, 25, 56)),  # quantiles 10, 50 and 90 %
}


@dataclass(frozen=True, slots=True)
class Cell:
    """Pools of G creators in which views go with the length like this."""

    shape: str
    creators: int


@dataclass(frozen=True, slots=True)
class Told:
    """What one form says of a pool: of the term, and of both ends against the usual length."""

    is_clear: bool
    is_wrong: bool
    joint_p: float
    error: tuple[float, float]
    half_width: tuple[float, float]


def simulate(cell: Cell, number: int) -> dict[str, Told]:
    """Draw a pool, and fit every form to it."""
    rng = Generator(PCG64(SeedSequence([crc32(repr(cell).encode()), number])))
    sheet = estimators.draw(rng, estimators.Cell("heavy", "none", cell.creators, 1.0))
    log = sheet.x[:, LENGTH] - np.log(USUAL)
    ratio = np.exp(SHAPES[cell.shape](log))
    outcome = np.log1p(np.rint(sheet.views * ratio))
    others = np.delete(sheet.x, LENGTH, axis=1)
    return {
        name: _told(cell, form, np.column_stack([form(log), others]), outcome, sheet.group)
        for name, form in FORMS.items()
    }


def _told(
    cell: Cell, form: Callable[[Floats], Floats], x: Floats, outcome: Floats, group: Ints
) -> Told:
    ends = np.log(np.array([*ENDS, USUAL]) / USUAL)
    width, lines = form(ends).shape[1], estimators.LINES - 1
    whole = states(np.column_stack([x, outcome]), group, cell.creators)
    ranks = rank(whole, range(x.shape[1]))
    kept = np.array(ranks.kept)
    fit = least_squares(whole, x.shape[1], kept.tolist())
    covariance = cr3(fit.blocks, leave_one_out(fit.blocks))
    difference = np.zeros((x.shape[1], 2))
    difference[:width] = (form(ends)[:2] - form(ends)[2]).T
    contrast, own = difference[kept], kept < width
    # what is published: bands against the usual one, else the ends against the usual length
    is_band = width > 2
    shown = np.eye(len(kept))[:, own] if is_band or width == 1 else contrast
    value, error, dof = _line(fit.blocks, covariance, shown)
    beside = np.eye(len(kept))[:, ~own & (kept < width + lines)]
    p_values = [
        t_interval(*_line(fit.blocks, covariance, each)).p_value for each in (shown, beside)
    ]
    adjusted = multipletests(np.concatenate(p_values), estimators.LEVEL, "holm")[0][: len(value)]
    truth = _truth(cell.shape, form, width)
    wrong = np.sign(value) != np.sign(truth[kept[own]] if is_band or width == 1 else truth)
    estimate, spread, freedom = _line(fit.blocks, covariance, contrast)
    at = SHAPES[cell.shape](ends)
    ends_truth = at[:2] - at[2]
    half = (lambda ends: (ends.high - ends.low) / 2)(t_interval(estimate, spread, freedom))
    joint = None
    if own.sum() > 1:
        joint = joint_p_value(
            fit.blocks.estimate[own], covariance[np.ix_(own, own)],
            float(_line(fit.blocks, covariance, np.eye(len(kept))[:, own])[2].min()),
        )  # fmt: skip
    elif own.any():
        joint = float(t_interval(value, error, dof).p_value[0])
    return Told(
        bool(adjusted.any()), bool((adjusted & wrong).any()), np.nan if joint is None else joint,
        tuple(estimate - ends_truth), tuple(half),
    )  # fmt: skip


@cache
def _truth(shape: str, form: Callable[[Floats], Floats], width: int) -> Floats:
    """What a band's line, a log's slope or both ends of a spline should point to."""
    log = np.random.default_rng(1).normal(3.2 - np.log(USUAL), 0.64, 200_000)
    value = SHAPES[shape](log)
    if width == 2:
        at = SHAPES[shape](np.log(np.array([*ENDS, USUAL]) / USUAL))
        return np.asarray(at[:2] - at[2])
    if width == 1:
        return np.array([np.polyfit(log, value, 1)[0] if shape in ("falls", "step at 60 s") else 0])
    bands = form(log)
    usual = value[bands.sum(axis=1) == 0].mean()
    return np.array([value[band == 1].mean() - usual for band in bands.T])


def _line(blocks, covariance, contrasts):
    value = blocks.estimate @ contrasts
    error = np.sqrt(np.einsum("ij,ik,kj->j", contrasts, covariance, contrasts))
    return value, error, effective_dof(effective_creators(blocks, contrasts))


def work(cell: Cell, pools: int) -> list[tuple]:
    """Simulate a cell."""
    with np.errstate(all="ignore"):
        told = [simulate(cell, number) for number in range(pools)]
    return [_row(cell, form, [each[form] for each in told]) for form in FORMS]


def _row(cell: Cell, form: str, told: Sequence[Told]) -> tuple:
    error = np.array([each.error for each in told])
    half = np.array([each.half_width for each in told])
    joint = np.array([each.joint_p for each in told])
    return (
        cell.shape, cell.creators, form, len(told),
        np.mean([each.is_clear for each in told]), np.mean([each.is_wrong for each in told]),
        np.mean(joint[np.isfinite(joint)] < estimators.LEVEL),
        *np.sqrt(np.nanmean(error**2, axis=0)), *np.nanmean(error, axis=0),
        *np.nanmedian(half, axis=0), *np.mean(np.abs(error) <= half, axis=0), error[0, 0],
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
        writer.writerows([_shown(cell) for cell in row] for row in rows)


def _shown(cell: object) -> object:
    return ("" if np.isnan(cell) else f"{cell:.4g}") if isinstance(cell, float) else cell


if __name__ == "__main__":
    main()
