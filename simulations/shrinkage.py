"""Whether creators' shrunken estimates hold their own truth, and beat both extremes.

Pools of counts from the generator of the example creators, in which the effect of a cover differs
between creators. `python simulations/shrinkage.py` writes shrinkage.csv beside this file.
"""

import argparse
import csv
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: the matrices are small
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402  # after the number of threads
from numpy.random import PCG64, Generator, SeedSequence  # noqa: E402

from pipeline.dataset.simulate import counts, levers, log_ratio  # noqa: E402
from pipeline.estimate.collinearity import rank  # noqa: E402
from pipeline.estimate.grouping import Floats, Ints  # noqa: E402
from pipeline.estimate.poisson import PoissonFit, poisson  # noqa: E402
from pipeline.estimate.quadratic_approximation import quadratic  # noqa: E402
from pipeline.estimate.separation import informative, separated  # noqa: E402
from pipeline.estimate.shrinkage import shrink_counts  # noqa: E402
from pipeline.estimate.states import states  # noqa: E402
from pipeline.model.variables import BEYOND  # noqa: E402
from simulations.draw import (  # noqa: E402
    CATEGORIES,
    FEWEST_VIDEOS,
    FOCUS,
    MEDIAN_VIDEOS,
    MOST_VIDEOS,
    SPREAD_OF_VIDEOS,
)

HERE = Path(__file__).resolve().parent
SEED, POOLS, FIRST = 2022, 300, 5  # the first pools are those that a test runs again
OUTCOMES = ("followers", "reach")
CREATORS = (8, 14, 30)
SHAPES = {"normal": (0.0, 0.2, 0.4), "t3": (0.4,)}  # of the differences: their sd
MEAN = 0.2  # log ratio of a cover, on average
NEWCOMERS = 100  # drawn for each pool
COLUMNS = (
    *("outcome", "creators", "shape", "between_sd", "pools", "covered", "covered_error"),
    *("newcomers_covered", "newcomers_error", "median_width", "median_between_sd"),
    *("mse", "mse_pooled", "mse_mean", "ratio_pooled", "ratio_mean"),
    *("own_defined", "mse_where_own", "mse_own", "ratio_own"),
    *("first_creators", "first_covered", "first_newcomers"),
)


@dataclass(frozen=True, slots=True)
class Cell:
    """Pools of one kind: so many creators whose effects differ by `between_sd`."""

    creators: int
    shape: str
    between_sd: float

    def key(self, pool: int) -> tuple[int, ...]:
        """What alone decides the random numbers of a pool."""
        return (SEED, self.creators, len(self.shape), round(10 * self.between_sd), pool)

    def deviations(self, rng: Generator, n: int) -> Floats:
        """Draw n creators' differences from the mean."""
        drawn = rng.standard_t(3, n) / np.sqrt(3) if self.shape == "t3" else rng.normal(size=n)
        return np.asarray(self.between_sd * drawn, dtype=float)


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """Videos (n,) of G creators; `x` (n, 6) as in draw.py, `slopes` (G,) the creators' truth."""

    x: Floats
    group: Ints
    outcomes: dict[str, Floats]
    slopes: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """What was estimated of the creators (m,) of a pool's fit; `own` is NaN where undefined."""

    truth: Floats
    estimate: Floats
    low: Floats
    high: Floats
    own: Floats
    pooled: float
    mean: float
    between_sd: float
    newcomers: int  # of NEWCOMERS whose truth is in the interval


def cells() -> tuple[Cell, ...]:
    """All cells."""
    kinds = [(shape, sd) for shape, sds in SHAPES.items() for sd in sds]
    return tuple(Cell(creators, *kind) for creators in CREATORS for kind in kinds)


def draw(rng: Generator, cell: Cell) -> Pool:
    """Simulate one pool; creators have 4 to 600 videos, views vary by a log sd of 1.2."""
    each = np.exp(rng.normal(np.log(MEDIAN_VIDEOS), SPREAD_OF_VIDEOS, cell.creators))
    sizes = each.clip(FEWEST_VIDEOS, MOST_VIDEOS).astype(np.int64)
    group = np.repeat(np.arange(cell.creators), sizes)
    own = [levers(rng, number, int(size)) for number, size in enumerate(sizes)]
    decided = {name: np.concatenate([columns[name] for columns in own]) for name in own[0]}
    cover = decided["has_cover"] == "yes"
    x = np.column_stack(
        [cover, np.log(decided["duration_s"]), decided["is_reply"] == "yes"]
        + [decided["category"] == word for word in CATEGORIES]
    ).astype(float)
    slopes = MEAN + cell.deviations(rng, cell.creators)
    reach, conversion = (
        rng.normal(0, sd, cell.creators)[group] + log_ratio(part, decided)
        for part, sd in ((0, 0.4), (1, 0.3))
    )
    appeal, luck, other_luck = rng.normal(size=(3, len(group)))
    shift = slopes[group] * cover
    audience = counts(rng, reach + 1.2 * luck, conversion + 0.3 * appeal + shift)
    seen = counts(rng, reach + 1.2 * other_luck + shift, conversion)
    followers = audience["new_followers"].astype(float)
    return Pool(x, group, {"followers": followers, "reach": seen["views"]}, slopes)


def judge(rng: Generator, cell: Cell, pool: Pool, outcome: str) -> Judged | None:
    """Fit a pool and shrink; None where the effect has no estimate."""
    y, none = pool.outcomes[outcome], np.zeros(len(pool.group))
    apart = separated(pool.x, y, pool.group)
    rows = np.flatnonzero(~apart.rows)
    rows = rows[informative(y[rows], pool.group[rows]).rows]
    whole = states(pool.x[rows], pool.group[rows], cell.creators)
    kept = rank(whole, [j for j in range(pool.x.shape[1]) if j not in apart.columns]).kept
    numbers, group = np.unique(pool.group[rows], return_inverse=True)
    if FOCUS not in kept or len(rows) <= len(kept) + len(numbers):
        return None
    x, y = pool.x[rows][:, kept], y[rows]
    fit = poisson(x, y, group, none[rows])
    if not isinstance(fit, PoissonFit):
        return None
    form = quadratic(x, y, fit.fitted, group, fit.blocks)
    shrunk, at = shrink_counts(form, x, y, none[rows], group, fit.estimate), list(kept).index(FOCUS)
    new = MEAN + cell.deviations(rng, NEWCOMERS)
    met = (shrunk.newcomer_low[at] <= new) & (new <= shrunk.newcomer_high[at])
    return Judged(
        pool.slopes[numbers],
        shrunk.estimate[:, at],
        shrunk.low[:, at],
        shrunk.high[:, at],
        _own(x, y, group, fit.estimate, at),
        float(fit.estimate[at]),
        float(shrunk.mean[at]),
        float(np.sqrt(shrunk.between[at])),
        int(met.sum()),
    )


def _own(x: Floats, y: Floats, group: Ints, estimate: Floats, at: int) -> Floats:
    """Each creator's own estimate, the other terms at the pool's, as in `inference`."""
    held = np.delete(x, at, axis=1) @ np.delete(estimate, at)
    own = np.full(group.max() + 1, np.nan)
    for creator in range(len(own)):
        mine = group == creator
        column, one = x[mine][:, [at]], np.zeros(mine.sum(), dtype=np.int64)
        if len(one) < 3 or column.min() == column.max() or separated(column, y[mine], one).columns:
            continue
        alone = poisson(column, y[mine], one, held[mine])
        if isinstance(alone, PoissonFit) and abs(alone.estimate[0]) <= BEYOND:
            own[creator] = alone.estimate[0]
    return own


def simulate(cell: Cell, number: int) -> dict[str, Judged | None]:
    """One pool by number, judged by outcome: the same whenever it is run."""
    rng = Generator(PCG64(SeedSequence(cell.key(number))))
    pool = draw(rng, cell)
    return {outcome: judge(rng, cell, pool, outcome) for outcome in OUTCOMES}


def row(cell: Cell, outcome: str, judged: Sequence[Judged]) -> tuple[str, ...]:
    """Sum pools up: means over their creators, then over pools; errors are between pools."""
    covered = np.array([_is_covered(each).mean() for each in judged])
    newcomers = np.array([each.newcomers for each in judged]) / NEWCOMERS
    errors = {
        name: np.mean([np.mean((_guess(each, name) - each.truth) ** 2) for each in judged])
        for name in ("estimate", "pooled", "mean")
    }
    with_own = [(each, np.isfinite(each.own)) for each in judged if np.isfinite(each.own).any()]
    where, own = (
        np.mean([np.mean((_guess(each, name) - each.truth)[at] ** 2) for each, at in with_own])
        for name in ("estimate", "own")
    )
    defined = np.mean([np.isfinite(each.own).mean() for each in judged])
    first = judged[:FIRST]
    numbers = (
        *(covered.mean(), covered.std(ddof=1) / np.sqrt(len(judged))),
        *(newcomers.mean(), newcomers.std(ddof=1) / np.sqrt(len(judged))),
        np.median(np.concatenate([each.high - each.low for each in judged])),
        np.median([each.between_sd for each in judged]),
        *errors.values(),
        *(errors["estimate"] / errors["pooled"], errors["estimate"] / errors["mean"]),
        *(defined, where, own, where / own),
    )
    again = (
        sum(len(each.truth) for each in first),
        sum(int(_is_covered(each).sum()) for each in first),
        sum(each.newcomers for each in first),
    )
    kind = (outcome, str(cell.creators), cell.shape, str(cell.between_sd), str(len(judged)))
    return (*kind, *(f"{x:.4f}" for x in numbers), *map(str, again))


def _guess(judged: Judged, name: str) -> Floats:
    return np.asarray(getattr(judged, name), dtype=float)


def _is_covered(judged: Judged) -> Floats:
    return ((judged.low <= judged.truth) & (judged.truth <= judged.high)).astype(float)


def rows(cell: Cell, pools: Sequence[dict[str, Judged | None]]) -> list[tuple[str, ...]]:
    """The rows of one cell, by outcome; pools without an estimate are left out."""
    judged = {name: [each[name] for each in pools] for name in OUTCOMES}
    return [row(cell, name, [each for each in judged[name] if each]) for name in OUTCOMES]


def main() -> None:
    """Simulate all cells and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pools", type=int, default=POOLS, help="in every cell")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="processes")
    words = parser.parse_args()
    table = []
    with ProcessPoolExecutor(words.workers) as workers:
        for cell in cells():
            many = [cell] * words.pools
            pools = list(workers.map(simulate, many, range(words.pools), chunksize=10))
            table += rows(cell, pools)
    with (HERE / "shrinkage.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(sorted(table, key=lambda row: OUTCOMES.index(row[0])))


if __name__ == "__main__":
    main()
