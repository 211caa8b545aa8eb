"""Whether creators' shrunken estimates hold their own truth, and beat both extremes.

Pools from the generator of the example creators, heavy tails and silent videos included, in which
the effect of a cover on reach and on conversion differs between creators. They are fitted as what
is published is. `python simulations/shrinkage.py` writes shrinkage.csv beside this file.
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

from pipeline.dataset.simulate import HEAVY, SILENT, counts, levers, log_ratio  # noqa: E402
from pipeline.estimate.cluster_robust import Blocks  # noqa: E402
from pipeline.estimate.collinearity import rank  # noqa: E402
from pipeline.estimate.grouping import Floats, Ints  # noqa: E402
from pipeline.estimate.hc3 import residuals  # noqa: E402
from pipeline.estimate.linear import least_squares, residual_dof  # noqa: E402
from pipeline.estimate.nb2 import information_weights  # noqa: E402
from pipeline.estimate.quadratic_approximation import (  # noqa: E402
    Quadratic,
    of_sum,
    quadratic,
)
from pipeline.estimate.separation import informative, separated  # noqa: E402
from pipeline.estimate.shrinkage import SCALE, shrink  # noqa: E402
from pipeline.estimate.states import states  # noqa: E402
from pipeline.estimate.weighted_counts import (  # noqa: E402
    ReweightedFit,
    negative_binomial,
    reweighted,
)
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
SEED, POOLS, FIRST = 2022, 46, 5  # the first pools are those that a test runs again
OUTCOMES = ("followers", "reach", "conversion")
CREATORS = (8, 14, 30)
SHAPES = {"normal": (0.0, 0.2, 0.4), "t3": (0.4,)}  # of the differences: their sd
MEAN = 0.2  # log ratio of a cover on reach and on conversion, on average
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
    """Pools of one kind: so many creators whose effects differ by `between_sd`.

    That is of the effect on reach and of that on conversion, which have nothing to do with each
    other; the effect on followers, their sum, differs by √2 times as much.
    """

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

    def slopes(self, rng: Generator, n: int) -> dict[str, Floats]:
        """Draw n creators' effects of a cover (n,), by outcome."""
        reach, conversion = (MEAN + self.deviations(rng, n) for _ in range(2))
        return {"followers": reach + conversion, "reach": reach, "conversion": conversion}


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """Videos (n,) of G creators; `x` (n, 6) as in draw.py, `slopes` (G,) the truth by outcome."""

    x: Floats
    group: Ints
    views: Floats
    followers: Floats
    slopes: dict[str, Floats]


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What a pool's fit says of an outcome: a form of k kept columns for each of m creators.

    `own` (m,) is the creators' own estimate of the focus, NaN where undefined.
    """

    creators: Ints
    kept: tuple[int, ...]
    estimate: Floats
    form: Quadratic
    own: Floats


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
    """Simulate one pool; creators have 4 to 600 videos."""
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
    slopes = cell.slopes(rng, cell.creators)
    reach, conversion = (
        rng.normal(0, sd, cell.creators)[group]
        + log_ratio(part, decided)
        + slopes[name][group] * cover
        for part, (name, sd) in enumerate((("reach", 0.4), ("conversion", 0.3)))
    )
    luck, appeal = rng.exponential(size=len(group)) - np.log(2), rng.normal(size=len(group))
    counted = counts(rng, reach + HEAVY * luck, conversion + 0.3 * appeal)
    followers = np.where(rng.random(len(group)) < SILENT, 0.0, counted["new_followers"])
    return Pool(x, group, counted["views"], followers, slopes)


def evidence(pool: Pool) -> dict[str, Evidence]:
    """Fit a pool as what is published is; without the outcomes that have no estimate of a cover."""
    parts = {"reach": _reach(pool), "conversion": _conversion(pool)}
    known = {name: each for name, each in parts.items() if each is not None}
    if len(known) == len(parts):
        known["followers"] = _sum(known["reach"], known["conversion"])
    return known


def _reach(pool: Pool) -> Evidence | None:
    """Least squares of log(1 + views)."""
    x, y, k = pool.x, np.log1p(pool.views), pool.x.shape[1]
    whole = states(np.column_stack([x, y]), pool.group)
    kept = rank(whole, range(k)).kept
    if FOCUS not in kept or residual_dof(whole, len(kept)) <= 0:
        return None
    fit = least_squares(whole, k, kept)
    rows = np.isin(pool.group, fit.kept)
    x, y, group = x[rows][:, kept], y[rows], np.searchsorted(fit.kept, pool.group[rows])
    held, at = _held(x, fit.estimate, kept)
    own = [_own_linear(x[mine, at], (y - held)[mine]) for mine in _each(group)]
    errors = residuals(x, y, group, fit.estimate)
    return _evidence(fit.kept, kept, x, errors, np.ones(len(y)), group, fit.blocks, own)


def _conversion(pool: Pool) -> Evidence | None:
    """Followers by NB2, log views their exposure; drops what a published fit drops."""
    apart = separated(pool.x, pool.followers, pool.group)
    rows = np.flatnonzero(~apart.rows)
    rows = rows[informative(pool.followers[rows], pool.group[rows]).rows]
    whole = states(pool.x[rows], pool.group[rows], int(pool.group.max()) + 1)
    kept = rank(whole, [j for j in range(pool.x.shape[1]) if j not in apart.columns]).kept
    numbers, group = np.unique(pool.group[rows], return_inverse=True)
    if FOCUS not in kept or len(rows) <= len(kept) + len(numbers):
        return None
    x, y, offset = pool.x[rows][:, kept], pool.followers[rows], np.log(pool.views[rows])
    fit = negative_binomial(x, y, group, offset)
    if not isinstance(fit, ReweightedFit):
        return None
    a, (held, at) = fit.dispersion, _held(x, fit.estimate, kept)
    own = [_own_count(x[mine, at], y[mine], (offset + held)[mine], a) for mine in _each(group)]
    errors, weights = (y - fit.fitted) / (1 + a * fit.fitted), information_weights(fit.fitted, a)
    return _evidence(numbers, kept, x, errors, weights, group, fit.blocks, own)


def _evidence(
    creators: Ints,
    kept: tuple[int, ...],
    x: Floats,
    residual: Floats,
    weights: Floats,
    group: Ints,
    blocks: Blocks,
    own: Sequence[float],
) -> Evidence:
    form = quadratic(x, residual, weights, group, blocks)
    return Evidence(creators, kept, blocks.estimate, form, np.array(own, dtype=float))


def _sum(reach: Evidence, conversion: Evidence) -> Evidence:
    """Add both up, of the columns that both tell; the creators are those of reach."""
    shared = tuple(j for j in reach.kept if j in conversion.kept)
    at = np.searchsorted(reach.creators, conversion.creators)
    own = np.full(len(reach.creators), np.nan)
    own[at] = conversion.own
    forms = [_placed(each, shared, reach.creators) for each in (reach, conversion)]
    estimate = sum(
        each.estimate[[each.kept.index(j) for j in shared]] for each in (reach, conversion)
    )
    return Evidence(reach.creators, shared, estimate, of_sum(*forms), reach.own + own)


def _placed(part: Evidence, columns: tuple[int, ...], creators: Ints) -> Quadratic:
    """A form of these columns and creators, the other columns at the pool's estimates."""
    at = [part.kept.index(j) for j in columns]
    rest = [i for i in range(len(part.kept)) if i not in at]
    places, k = np.searchsorted(creators, part.creators), len(columns)
    precision, shift = np.zeros((len(creators), k, k)), np.zeros((len(creators), k))
    precision[places] = part.form.precision[:, at][:, :, at]
    held = part.form.precision[:, at][:, :, rest] @ part.estimate[rest]
    shift[places] = part.form.shift[:, at] - held
    return Quadratic(precision, shift, np.ones(len(creators)))


def _each(group: Ints) -> list[Floats]:
    return [np.flatnonzero(group == creator) for creator in range(group.max() + 1)]


def _held(x: Floats, estimate: Floats, kept: Sequence[int]) -> tuple[Floats, int]:
    """What the other terms (n,) add at the pool's estimates, and the place of the focus."""
    at = list(kept).index(FOCUS)
    return np.delete(x, at, axis=1) @ np.delete(estimate, at), at


def _own_linear(x: Floats, y: Floats) -> float:
    """A creator's own estimate, the other terms at the pool's, as in `inference`."""
    if len(y) < 3 or x.min() == x.max():
        return float("nan")
    one = np.zeros(len(y), dtype=np.int64)
    return _believed(least_squares(states(np.column_stack([x, y]), one), 1, [0]).estimate[0])


def _own_count(x: Floats, y: Floats, offset: Floats, dispersion: float) -> float:
    one, column = np.zeros(len(y), dtype=np.int64), x[:, None]
    if len(y) < 3 or x.min() == x.max() or separated(column, y, one).columns:
        return float("nan")
    alone = reweighted(column, y, one, offset, dispersion=dispersion)
    return _believed(alone.estimate[0]) if isinstance(alone, ReweightedFit) else float("nan")


def _believed(estimate: float) -> float:
    return float(estimate) if abs(estimate) <= BEYOND else float("nan")


def judge(shown: Evidence, truth: Floats, newcomers: Floats, scale: float = SCALE) -> Judged:
    """Shrink, and compare with the truth of all G creators, and of new ones."""
    shrunk = shrink(shown.form.precision, shown.form.shift, scale)
    at = shown.kept.index(FOCUS)
    low, high = shrunk.newcomer_low[at], shrunk.newcomer_high[at]
    return Judged(
        truth[shown.creators],
        shrunk.estimate[:, at],
        shrunk.low[:, at],
        shrunk.high[:, at],
        shown.own,
        float(shown.estimate[at]),
        float(shrunk.mean[at]),
        float(np.sqrt(shrunk.between[at])),
        int(((low <= newcomers) & (newcomers <= high)).sum()),
    )


def simulate(cell: Cell, number: int) -> dict[str, Judged | None]:
    """One pool by number, judged by outcome: the same whenever it is run."""
    rng = Generator(PCG64(SeedSequence(cell.key(number))))
    pool, new = draw(rng, cell), cell.slopes(rng, NEWCOMERS)
    evidences = evidence(pool)
    return {
        name: judge(evidences[name], pool.slopes[name], new[name]) if name in evidences else None
        for name in OUTCOMES
    }


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
