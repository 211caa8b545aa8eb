"""Which estimator of reach, conversion and followers to publish.

`python simulations/estimators.py` writes `estimators.csv`. Pools are drawn from two
distributions of views with four troubles, and every estimator sees the same pools. The cell and
the number of the pool alone decide the random numbers.
"""

import argparse
import csv
import gc
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from zlib import crc32

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np  # after the number of threads
from numpy.random import PCG64, Generator, SeedSequence
from scipy.special import expit
from statsmodels.stats.multitest import multipletests

from pipeline.estimate.cluster_robust import (
    Blocks,
    LeaveOneOut,
    cr3,
    effective_creators,
    effective_dof,
    joint_p_value,
    leave_one_out,
    t_interval,
)
from pipeline.estimate.collinearity import rank
from pipeline.estimate.grouping import Bools, Floats, Ints
from pipeline.estimate.linear import least_squares, residual_dof
from pipeline.estimate.poisson import poisson
from pipeline.estimate.poisson_maximum import NotConverged
from pipeline.estimate.separation import informative, separated
from pipeline.estimate.states import states
from pipeline.estimate.sum_of_fits import Addend, summed
from pipeline.estimate.weighted_counts import negative_binomial
from pipeline.inference.thresholds import FEWEST_EFFECTIVE, INTERVAL_CREATORS

HERE = Path(__file__).resolve().parent
TABLE = HERE / "estimators.csv"
VIEWS = ("heavy", "log-normal")
TROUBLES = ("none", "growth", "slopes", "missing")
CREATORS = (3, 5, 8, 12, 20, 30, 50)
RATIOS = (1.0, 2.0)
REPETITIONS = 10
FOCUS = 0  # the column of the cover, whose ratio is planted; all other columns do nothing
CATEGORY = range(4, 10)  # columns of the levels of one term
LINES = 10  # columns that are asked: those behind them are context
LEVEL = 0.05
HEAVY = 1.2  # mean of the exponential part of log views, as in the account of 2022


@dataclass(frozen=True, slots=True)
class Cell:
    """G creators whose cover multiplies views, and followers per view, by `ratio` each."""

    views: str
    trouble: str
    creators: int
    ratio: float


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A pool of n videos, sorted by creator.

    Attributes:
        x: (n, k) the cover, nine columns that do nothing, then log(1 + followers before).
        group: (n,) creators.
        time: (n,) when it was posted, 0 to 1 within each creator.
        views: (n,) whole numbers, 1 or more.
        followers: (n,) new followers, NaN where they were not noted.
        reach: the mean over creators of a cover's log ratio of views.
        rate: the same of followers per view.
    """

    x: Floats
    group: Ints
    time: Floats
    views: Floats
    followers: Floats
    reach: float
    rate: float


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """What an estimator says of k columns; NaN where it says nothing.

    Attributes:
        estimate: (k,) log ratios.
        std_error: (k,) of the jackknife over creators (CR3).
        dof: (k,) degrees of freedom of Student's t.
        without: (G, k) estimates without each creator.
        carriers: (k,) creators in whom the column varies.
        addend: the fit, to be added to another; None of a sum.
        left_out: of the fit.
    """

    estimate: Floats
    std_error: Floats
    dof: Floats
    without: Floats
    carriers: Ints
    addend: Addend | None = None
    left_out: LeaveOneOut | None = None

    @property
    def shown(self) -> Bools:
        """Which lines (k,) have an interval: five creators carry them, 1.5 in effect."""
        enough = (self.carriers >= INTERVAL_CREATORS) & (self.dof >= FEWEST_EFFECTIVE - 1)
        result: Bools = enough & (self.std_error > 0)
        return result

    @property
    def half_width(self) -> Floats:
        """Half the width (k,) of the 95 % interval."""
        ends = t_interval(self.estimate, self.std_error, self.dof)
        width: Floats = (ends.high - ends.low) / 2
        return width

    @property
    def clear(self) -> Bools:
        """Which of the asked lines are clear: p by Holm, and one sign without any creator."""
        tested = np.flatnonzero(self.shown[:LINES])
        clear = np.zeros(LINES, dtype=np.bool_)
        if len(tested):
            p = t_interval(self.estimate, self.std_error, self.dof).p_value[tested]
            alike = np.sign(self.without[:, tested]) == np.sign(self.estimate[tested])
            clear[tested] = multipletests(p, LEVEL, "holm")[0] & alike.all(axis=0)
        return clear

    @property
    def joint_p(self) -> float:
        """P of no category mattering; NaN where there is no test."""
        at = [j for j in CATEGORY if self.shown[j]]
        shifts = self.without[:, at] - self.estimate[at]
        g = len(shifts)
        covariance = (g - 1) / g * shifts.T @ shifts
        p = (
            joint_p_value(self.estimate[at], covariance, self.dof[at].min())
            if len(at) > 1
            else None
        )
        return np.nan if p is None else p


def draw(rng: Generator, cell: Cell) -> Sheet:
    """Simulate a pool.

    Log views are a creator's level and, `heavy`, an exponential of mean 1.2 (skewness 2, kurtosis
    9: views have a Pareto tail) or, `log-normal`, a normal of sd 1.1. Followers are Poisson about
    a creator's rate (median 1 per 1,000, log sd 0.5) times a log-normal of sd 0.8, and 0 in 15 % of
    the videos whatever their views. `growth`: views and followers before grow, by creator, and who
    grows comes to use covers. `slopes`: the log ratios of all columns differ between creators, sd
    0.4. `missing`: new followers are noted the more often the more there are.
    """
    g = cell.creators
    sizes = np.exp(rng.normal(np.log(40), 0.8, g)).clip(6, 400).astype(np.int64)
    group = np.repeat(np.arange(g), sizes)
    time = np.concatenate([(np.arange(size) + 0.5) / size for size in sizes])
    growing = rng.gamma(2.0, 0.5, g) if cell.trouble == "growth" else np.zeros(g)
    grown = 1.5 * growing[group] * time ** np.exp(rng.normal(0, 0.5, g))[group]
    x = _columns(rng, group, 3 * growing[group] * (time - 0.5))
    ratio, differ = np.log(cell.ratio), 0.4 if cell.trouble == "slopes" else 0.0
    own = [rng.normal(0, differ, (g, LINES)) for _ in range(2)]
    shift = [(x * each[group]).sum(axis=1) + ratio * x[:, FOCUS] for each in own]
    n = len(group)
    luck = (
        rng.exponential(HEAVY, n) + rng.normal(0, 0.2, n)
        if cell.views == "heavy"
        else rng.normal(0, 1.1, n)
    )
    level = rng.normal(np.log(600), 1.0, g)[group]
    views = np.maximum(np.rint(np.exp(level + luck + grown + shift[0]).clip(max=1e9)), 1.0)
    rate = np.exp(rng.normal(np.log(0.001), 0.5, g)[group] + rng.normal(0, 0.8, n) + shift[1])
    followers = rng.poisson(np.minimum(views * rate, 1e9)).astype(float)
    followers[rng.random(n) < 0.15] = 0
    if cell.trouble == "missing":
        followers[rng.random(n) > expit(np.log1p(followers) - 0.5)] = np.nan
    before = np.rint(np.exp(rng.normal(np.log(2_000), 1.0, g)[group] + grown))
    truth = [ratio + each[:, FOCUS].mean() for each in own]
    return Sheet(np.column_stack([x, np.log1p(before)]), group, time, views, followers, *truth)


def _columns(rng: Generator, group: Ints, push: Floats) -> Floats:
    """The asked columns (n, 10): a cover, log length, two flags, and six categories against one."""
    g, n = int(group[-1]) + 1, len(group)
    cover = rng.random(n) < expit(rng.normal(0, 1, g)[group] + push)
    length = rng.normal(3.2, 0.4, g)[group] + rng.normal(0, 0.5, n)
    caption, reply = (rng.random(n) < rng.beta(2, b, g)[group] for b in (2, 12))
    shares = np.cumsum(rng.dirichlet([3, 2, 2, 1, 1, 0.5, 0.5], g), axis=1)
    category = (rng.random(n)[:, None] > shares[group]).sum(axis=1)
    flags = [category == level for level in range(1, 7)]
    return np.column_stack([cover, length, caption, reply, *flags]).astype(float)


def _lines(
    columns: Sequence[int], kept: Ints, blocks: Blocks, varies: Ints, g: int, noise: float = 1.0
) -> Lines:
    """Put a fit's k' columns and G' creators in their places among all."""
    k = len(varies)
    estimate, error, dof = (np.full(k, np.nan) for _ in range(3))
    without = np.full((g, k), np.nan)
    at = list(columns)
    left_out = leave_one_out(blocks)
    estimate[at] = blocks.estimate
    error[at] = np.sqrt(np.diagonal(cr3(blocks, left_out)))
    dof[at] = effective_dof(effective_creators(blocks))
    without[:, at] = blocks.estimate  # without whom the fit does not use, nothing changes
    without[np.ix_(kept, at)] = left_out.estimates
    scaled = replace(blocks, information=blocks.information / noise, scores=blocks.scores / noise)
    addend = Addend(scaled, np.array(at, dtype=np.int64), kept)
    return Lines(estimate, error, dof, without, varies, addend, left_out)


def of_logs(x: Floats, y: Floats, group: Ints, g: int) -> Lines | None:
    """Least squares of log views with creator effects: the views of a typical video."""
    whole = states(np.column_stack([x, np.log(y)]), group, g)
    ranks = rank(whole, range(x.shape[1]))
    if residual_dof(whole, len(ranks.kept)) <= 0:
        return None
    fit = least_squares(whole, x.shape[1], ranks.kept)
    if fit.creators < 2:
        return None
    noise = fit.ssr / fit.residual_dof
    return _lines(ranks.kept, fit.kept, fit.blocks, ranks.varies_in, g, noise)


def _without_trends(values: Floats, group: Ints, time: Floats) -> Floats:
    """Take each creator's mean and straight line in time from values (n,) or (n, k)."""
    left = np.array(values, dtype=float)
    for creator in np.unique(group):
        mine = group == creator
        line = np.column_stack([np.ones(mine.sum()), time[mine]])
        left[mine] -= line @ np.linalg.lstsq(line, left[mine])[0]
    return left


def of_counts(
    x: Floats, y: Floats, group: Ints, g: int, exposure: Floats, dispersion: str
) -> Lines | None:
    """Counts with creator effects, Poisson's pseudo likelihood or the negative binomial (NB2)."""
    apart = separated(x, y, group)
    rows = np.flatnonzero(~apart.rows)
    rows = rows[informative(y[rows], group[rows]).rows]
    if not len(rows):
        return None
    x, y, group, offset = x[rows], y[rows], group[rows], np.log(exposure[rows])
    asked = [j for j in range(x.shape[1]) if j not in apart.columns]
    ranks = rank(states(x, group, g), asked)
    varies = np.zeros(x.shape[1], dtype=np.int64)
    varies[asked] = ranks.varies_in
    if len(rows) <= len(ranks.kept) + len(np.unique(group)):
        return None
    fitter = poisson if dispersion == "none" else negative_binomial
    fit = fitter(x[:, ranks.kept], y, group, offset)
    if isinstance(fit, NotConverged) or len(fit.kept) < 2:
        return None
    return _lines(ranks.kept, fit.kept, fit.blocks, varies, g)


def total(reach: Lines | None, conversion: Lines | None, dof: str) -> Lines | None:
    """Reach and conversion together, jackknifed as one: the error of the sum."""
    if reach is None or conversion is None:
        return None
    estimate = reach.estimate + conversion.estimate
    without = reach.without + conversion.without
    g = len(without)
    error = np.sqrt((g - 1) / g * ((without - estimate) ** 2).sum(axis=0))
    carriers = np.minimum(reach.carriers, conversion.carriers)
    if dof == "smaller":
        freedom = np.minimum(reach.dof, conversion.dof)
    elif dof == "Satterthwaite":
        parts = reach.std_error**2, conversion.std_error**2
        freedom = (parts[0] + parts[1]) ** 2 / (
            parts[0] ** 2 / reach.dof + parts[1] ** 2 / conversion.dof
        )
    else:
        freedom = _of_leverage(reach, conversion, g)
    return Lines(estimate, error, freedom, without, carriers)


def _of_leverage(reach: Lines, conversion: Lines, g: int) -> Floats:
    """Degrees of freedom (k,) by the creators in effect behind the sum."""
    both = reach.addend, conversion.addend
    freedom = np.full(len(reach.estimate), np.nan)
    if both[0] is None or both[1] is None:
        return freedom
    shared = np.intersect1d(both[0].columns, both[1].columns)
    addends = [
        replace(each, columns=np.searchsorted(each.columns, shared)) for each in both if each
    ]
    freedom[shared] = effective_dof(effective_creators(summed(addends, g)))
    return freedom


def answers(sheet: Sheet, g: int) -> Iterator[tuple[str, str, float, Lines | None]]:
    """Every estimator's lines: question, estimator, the truth of the cover, lines."""
    x, group, views = sheet.x, sheet.group, sheet.views
    bare = x[:, :LINES]
    left = partial(_without_trends, group=group, time=sheet.time)
    known = np.isfinite(sheet.followers)
    followers, at = sheet.followers[known], group[known]
    seen, none = views[known], np.ones(int(known.sum()))
    both = sheet.reach + sheet.rate
    yield "reach", "Poisson", sheet.reach, of_counts(x, views, group, g, 0 * views + 1, "none")
    logs = of_logs(x, views, group, g)
    yield "reach", "least squares of logs", sheet.reach, logs
    yield "reach", "the same, audience unknown", sheet.reach, of_logs(bare, views, group, g)
    trended = of_logs(left(bare), np.exp(left(np.log(views))), group, g)
    yield "reach", "the same, a trend for each creator", sheet.reach, trended
    yield "reach", "NB2", sheet.reach, of_counts(x, views, group, g, 0 * views + 1, "NB2")
    yield "conversion", "Poisson", sheet.rate, of_counts(x[known], followers, at, g, seen, "none")
    rate = of_counts(x[known], followers, at, g, seen, "NB2")
    yield "conversion", "NB2", sheet.rate, rate
    yield "followers", "Poisson", both, of_counts(x[known], followers, at, g, none, "none")
    yield "followers", "NB2", both, of_counts(x[known], followers, at, g, none, "NB2")
    yield "followers", "reach + conversion, smaller df", both, total(logs, rate, "smaller")
    yield "followers", "reach + conversion, Satterthwaite", both, total(logs, rate, "Satterthwaite")
    yield "followers", "reach + conversion, leverage", both, total(logs, rate, "leverage")


NUMBERS = (
    "estimate", "error", "half_width", "shown", "clear", "false", "nulls", "wrong", "joint",
)  # fmt: skip


def simulate(cell: Cell, repetition: int) -> dict[tuple[str, str], tuple[float, ...]]:
    """One pool's record of every estimator, by question and estimator; NUMBERS."""
    key = crc32(f"{cell.views} {cell.trouble} {cell.creators} {cell.ratio}".encode())
    rng = Generator(PCG64(SeedSequence([key, repetition])))
    sheet, records = draw(rng, cell), {}
    for question, estimator, truth, lines in answers(sheet, cell.creators):
        record = [np.nan] * len(NUMBERS)
        if lines is not None:
            shown, clear = lines.shown, lines.clear
            missed = np.abs(lines.estimate) > lines.half_width
            nothing = np.arange(LINES) != FOCUS if cell.ratio > 1 else np.ones(LINES, np.bool_)
            nothing &= shown[:LINES]
            record = [
                lines.estimate[FOCUS], lines.estimate[FOCUS] - truth, lines.half_width[FOCUS],
                shown[FOCUS], clear[FOCUS], clear[nothing].any(), nothing.sum(),
                missed[:LINES][nothing].sum(), lines.joint_p,
            ]  # fmt: skip
        records[question, estimator] = tuple(map(float, record))
    return records


COLUMNS = (
    "question", "estimator", "views", "trouble", "creators", "ratio", "pools", "published",
    "bias", "rmse", "covered_share", "median_half_width", "clear_share", "false_clear_share",
    "nulls", "nulls_rejected_share", "joint_tests", "joint_rejected_share", "first_estimate",
)  # fmt: skip


def rows(cell: Cell, records: Sequence[Mapping[tuple[str, str], tuple[float, ...]]]) -> Iterator:
    """The table's rows of a cell."""
    for question, estimator in records[0]:
        each = np.array([record[question, estimator] for record in records])
        value = dict(zip(NUMBERS, each.T, strict=True))
        made, shown = np.isfinite(value["estimate"]), value["shown"] == 1
        nulls, tested = np.nansum(value["nulls"]), np.isfinite(value["joint"])
        yield (
            question, estimator, cell.views, cell.trouble, cell.creators, cell.ratio, len(each),
            int(shown.sum()), _mean(value["error"][made]),
            np.sqrt(_mean(value["error"][made] ** 2)),
            _mean((np.abs(value["error"]) <= value["half_width"])[shown]),
            np.median(value["half_width"][shown]) if shown.any() else np.nan,
            _mean(value["clear"][made]), _mean(value["false"][made]), int(nulls),
            np.nansum(value["wrong"]) / nulls if nulls else np.nan,
            int(tested.sum()), _mean(value["joint"][tested] < LEVEL), value["estimate"][0],
        )  # fmt: skip


def _mean(values: Floats | Bools) -> float:
    return float(np.mean(values)) if len(values) else float("nan")


def work(cell: Cell, repetitions: int) -> list[tuple]:
    """Simulate a cell."""
    gc.freeze()  # statsmodels looks for cycles at every adjustment
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        return list(rows(cell, [simulate(cell, number) for number in range(repetitions)]))


def cells() -> list[Cell]:
    """Every cell, the largest pools first."""
    return [
        Cell(views, trouble, creators, ratio)
        for creators in reversed(CREATORS)
        for views in VIEWS
        for trouble in TROUBLES
        for ratio in RATIOS
    ]


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--repetitions", type=int, default=REPETITIONS)
    parser.add_argument("--out", type=Path, default=TABLE)
    given = parser.parse_args()
    with ProcessPoolExecutor(given.workers) as pool:
        done = pool.map(work, cells(), [given.repetitions] * len(cells()))
        lines = [row for cell in done for row in cell]
    lines.sort(key=lambda row: (row[0], row[2], row[3], row[4], row[5]))
    with given.out.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows([shown(cell) for cell in row] for row in lines)


def shown(cell: object) -> object:
    """Write a number with four digits, and nothing for none."""
    return ("" if np.isnan(cell) else f"{cell:.4g}") if isinstance(cell, float) else cell


if __name__ == "__main__":
    main()
