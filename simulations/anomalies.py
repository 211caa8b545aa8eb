"""How often anomalies are found in honest contributions, and in planted ones.

Every simulated creator in turn is the newcomer to a pool of the others: honest, with habits of
writing that occur, or with numbers planted. `python simulations/anomalies.py` writes
`anomalies.csv` beside this file.
"""

import argparse
import csv
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: the matrices are small
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402  # after the number of threads
import pandas as pd  # noqa: E402
from numpy.random import PCG64, Generator  # noqa: E402

from pipeline.estimate.cluster_robust import partial_leverage  # noqa: E402
from pipeline.model.design import design  # noqa: E402
from pipeline.model.fit import fit  # noqa: E402
from pipeline.model.fit_result import Fit  # noqa: E402
from pipeline.model.questions import QUESTIONS  # noqa: E402
from pipeline.review.anomalies.checks import SLUGS, at_numbers, detect  # noqa: E402
from pipeline.review.anomalies.numbers import Weight, numbers  # noqa: E402
from simulations.styles import HABITS, STYLES  # noqa: E402
from simulations.whole import simulated  # noqa: E402

HERE = Path(__file__).resolve().parent
HONEST = {10: 20, 30: 8, 100: 1}  # creators of a pool: pools
PLANTED = {30: 5}
VIDEOS = 100  # of a creator, on average
FIRST_SEED = {10: 20_000, 30: 30_000, 100: 40_000}
AFTER = 5_000  # planted pools are others than honest ones
COLUMNS = (
    *("numbers", "style", "creators", "anomaly", "contributions", "flagged", "share"),
    *("low_95", "high_95", "first_contributions", "first_flagged"),
)
Counted = Counter[tuple[str, str, int, str]]  # by numbers, style, creators of the pool and anomaly


def written(rows: pd.DataFrame, creator: str) -> pd.DataFrame:
    """Write rows into one file under new labels, in their order."""
    return rows.reset_index(drop=True).assign(
        creator=creator,
        file=f"contributions/{creator}/videos.csv",
        line=np.arange(2, len(rows) + 2),
        video=[f"video {number}" for number in range(len(rows))],
    )


def weights(videos: pd.DataFrame) -> dict[str, list[Weight]]:
    """What each creator of a pool carries of each estimate, as if they came last."""
    carried: dict[str, list[Weight]] = {}
    for question in QUESTIONS:
        fitted = fit(design(videos, question))
        if not isinstance(fitted, Fit) or fitted.left_out is None:
            continue
        share = partial_leverage(fitted.blocks)
        sample = fitted.sample
        own = [sample.x[sample.group == g] for g in range(len(sample.creators))]
        varies = np.array([np.ptp(x, axis=0) > 0 if len(x) else 0 * x.sum(axis=0) > 0 for x in own])
        others = varies.sum(axis=0) - varies
        for g, creator in enumerate(fitted.sample.creators):
            carried.setdefault(creator, []).extend(
                Weight(question.name, variable.name, float(share[g, j]), int(others[g, j]))
                for j, variable in enumerate(fitted.variables)
            )
    return carried


def pools(sizes: dict[int, int], after: int) -> Iterator[tuple[str, int, int]]:
    """Name the pools: honest or planted, creators, seed."""
    kind = "planted" if after else "honest"
    for creators, count in sizes.items():
        first = FIRST_SEED[creators] + after
        yield from ((kind, creators, seed) for seed in range(first, first + count))


def counted(pool: tuple[str, int, int]) -> Counted:
    """Count the anomalies of each creator of a pool, as a newcomer to the others."""
    kind, creators, seed = pool
    whole = simulated(creators, creators * VIDEOS, seed)
    captures = whole.captures.drop(columns=["video_no", "left_out"])
    return _honest(captures, whole.videos, seed) if kind == "honest" else _planted(captures, seed)


def _honest(captures: pd.DataFrame, videos: pd.DataFrame, seed: int) -> Counted:
    counts: Counted = Counter()
    carried, names = weights(videos), sorted(captures["creator"].unique())
    for number, creator in enumerate(names):
        rng = Generator(PCG64((seed, number)))
        habit = HABITS[(number + seed) % len(HABITS)]
        own = captures["creator"] == creator
        mine = written(habit(rng, captures[own]), creator)
        anomalies = detect(captures[~own], mine, creator, carried.get(creator, ()), True)
        _add(counts, "honest", habit.__name__, len(names), [each.slug for each in anomalies])
    return counts


def _planted(captures: pd.DataFrame, seed: int) -> Counted:
    counts: Counted = Counter()
    by_creator = dict(list(captures.groupby("creator")))
    names = sorted(by_creator)
    for number, creator in enumerate(names):
        source = by_creator[names[(number + 1 + seed) % len(names)]]
        if source is by_creator[creator]:
            source = by_creator[names[number - 1]]
        others = numbers(captures[captures["creator"] != creator])
        for place, style in enumerate(STYLES):
            rng = Generator(PCG64((seed, number, place)))
            once = [rows[~rows["video"].duplicated()] for rows in (by_creator[creator], source)]
            mine = written(style(rng, *once), creator)
            anomalies = at_numbers(others, numbers(mine))
            _add(counts, "planted", style.__name__, len(names), [each.slug for each in anomalies])
    return counts


def _add(counts: Counted, kind: str, style: str, creators: int, slugs: Iterable[str]) -> None:
    flagged = set(slugs)
    for name in ("all", *sorted(flagged), *(("any",) if flagged else ())):
        counts[kind, style, creators, name] += 1


def wilson(hits: int, trials: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson, 1927)."""
    z = 1.959963984540054
    centre, half = hits + z**2 / 2, z * np.sqrt(hits * (trials - hits) / trials + z**2 / 4)
    return max(0.0, float(centre - half) / (trials + z**2)), float(centre + half) / (trials + z**2)


def summed(counts: Counted) -> Counted:
    """Add the sums over styles of the honest, by creators and over all."""
    whole: Counted = Counter(counts)
    for (kind, _, creators, name), count in counts.items():
        if kind == "honest":
            whole[kind, "every habit", creators, name] += count
            whole[kind, "every habit", 0, name] += count
    return whole


def table(counts: Counted, first: Counted) -> list[tuple[str, ...]]:
    """One row for each style, size of pool and anomaly that flags any; creators 0 are all sizes."""
    whole, again, rows = summed(counts), summed(first), []
    names = ["every habit", *(each.__name__ for each in (*HABITS, *STYLES))]
    cells = {(kind, names.index(style), creators) for kind, style, creators, _ in whole}
    for kind, place, creators in sorted(cells):
        cell = (kind, names[place], creators)
        trials = whole[*cell, "all"]
        for name in ("any", *SLUGS):
            hits = whole[*cell, name]
            if hits or name == "any" or place == 0:
                low, high = wilson(hits, trials)
                shown = (str(trials), str(hits), *(f"{x:.4f}" for x in (hits / trials, low, high)))
                few_of = (str(again[*cell, "all"]), str(again[*cell, name]))
                rows.append((kind, cell[1], str(creators), name, *shown, *few_of))
    return rows


def slice_of_first() -> list[tuple[str, int, int]]:
    """The first pools of each size, which a test runs again; not those of 100 creators."""
    return [*pools({10: 2, 30: 1}, 0), *pools({30: 1}, AFTER)]


def main() -> None:
    """Look at all contributions and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="processes")
    words = parser.parse_args()
    every = [*pools(HONEST, 0), *pools(PLANTED, AFTER)]
    with ProcessPoolExecutor(words.workers) as workers:
        by_pool = dict(zip(every, workers.map(counted, every), strict=True))
    whole, first = Counter[tuple[str, str, int, str]](), Counter[tuple[str, str, int, str]]()
    for pool, counts in by_pool.items():
        whole.update(counts)
        if pool in slice_of_first():
            first.update(counts)
    with (HERE / "anomalies.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(table(whole, first))


if __name__ == "__main__":
    main()
