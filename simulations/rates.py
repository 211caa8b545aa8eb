"""How often the interval of followers per 1,000 views holds the truth.

`python simulations/rates.py` writes `rates.csv` in seconds. Units are creators of a pool, or
videos of one account. The cell alone decides its random numbers.
"""

import csv
import sys
from pathlib import Path
from zlib import crc32

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
from numpy.random import PCG64, Generator
from scipy.special import stdtrit

from pipeline.estimate.cluster_robust import effective_dof, effective_number
from pipeline.estimate.grouping import Floats
from pipeline.estimate.ratio_of_sums import log_interval
from simulations.estimators import HEAVY, VIEWS

TABLE = Path(__file__).resolve().parent / "rates.csv"
CELLS = [
    *[("creators", views, n) for views in VIEWS for n in (5, 8, 14, 30, 50)],
    *[("videos", views, n) for views in VIEWS for n in (10, 20, 40, 150, 400)],
]
POOLS, FIRST = 2_000, 50
RATE, BETWEEN, WITHIN, NONE = 0.001, 0.5, 0.8, 0.15  # followers a view, log sds, videos with none
COLUMNS = (
    "units", "views", "n", "pools", "published", "covered_share", "covered_share_t_n_1",
    "median_half_width", "median_half_width_t_n_1", "first_published", "first_covered",
)  # fmt: skip


def draw(rng: Generator, units: str, views: str, n: int) -> tuple[Floats, Floats, float]:
    """Followers and views of each unit, and the log of the rate that they are drawn about."""
    sizes = np.ones(n, dtype=np.int64)
    if units == "creators":
        sizes = np.exp(rng.normal(np.log(40), 0.8, n)).clip(6, 400).astype(np.int64)
    group, videos = np.repeat(np.arange(n), sizes), int(sizes.sum())
    luck = rng.exponential(HEAVY, videos) if views == "heavy" else rng.normal(0, 1.1, videos)
    if units == "videos":
        seen = 600 * np.exp(luck).clip(max=1e6)
        followers = rng.poisson(seen * RATE * np.exp(rng.normal(0, WITHIN, n)))
        followers[rng.random(n) < NONE] = 0
        return followers.astype(float), seen, np.log(RATE * (1 - NONE)) + WITHIN**2 / 2
    level = rng.normal(np.log(600), 1.0, n)[group]
    seen = np.bincount(group, np.exp(level + luck).clip(max=1e9))
    followers = rng.poisson(seen * RATE * np.exp(rng.normal(0, BETWEEN, n)))
    return followers.astype(float), seen, np.log(RATE) + BETWEEN**2 / 2


def simulate(units: str, views: str, n: int, pools: int = POOLS) -> dict[str, object]:
    """The table's row of a cell: coverage and width of what is published, and with t(n - 1)."""
    rng = Generator(PCG64(crc32(f"{units} {views} {n}".encode())))
    holds, plain_holds, widths, plain_widths = [], [], [], []
    for _ in range(pools):
        followers, seen, truth = draw(rng, units, views, n)
        ends = log_interval(followers, seen)
        holds.append(None if ends is None else ends[0] <= truth <= ends[1])
        if ends is None:
            continue
        dof = effective_dof(effective_number(seen))
        here, width = (ends[0] + ends[1]) / 2, (ends[1] - ends[0]) / 2
        plain = width * stdtrit(n - 1, 0.975) / stdtrit(dof, 0.975)
        plain_holds.append(abs(here - truth) <= plain)
        widths.append(width)
        plain_widths.append(plain)
    counted, first = (
        [each for each in some if each is not None] for some in (holds, holds[:FIRST])
    )
    values = (
        units, views, n, pools, len(counted), f"{np.mean(counted):.4f}",
        f"{np.mean(plain_holds):.4f}", f"{np.median(widths):.4g}", f"{np.median(plain_widths):.4g}",
        len(first), sum(first),
    )  # fmt: skip
    return dict(zip(COLUMNS, values, strict=True))


def main() -> None:
    """Write the table."""
    with TABLE.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(simulate(*cell) for cell in CELLS)


if __name__ == "__main__":
    main()
