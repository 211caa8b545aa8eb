"""How sceptical the prior of the odds should be, in sets of independent lines.

`python simulations/prior.py` writes `prior.csv`. A share of the lines of a set is something, its
log ratio normal; estimates are normal about it and their errors are known by few degrees of
freedom. Verdicts are those of a report, but for the sign without each creator.
"""

import argparse
import csv
import itertools
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from unittest.mock import patch

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np  # after the number of threads
from numpy.random import PCG64, Generator, SeedSequence
from statsmodels.stats.multitest import multipletests

from pipeline.estimate import adaptive_shrinkage
from pipeline.estimate.cluster_robust import t_interval
from pipeline.inference.verdicts import LEVEL, LIKELY, MAY, WIDEST

TABLE = Path(__file__).resolve().parent / "prior.csv"
POWERS = (0.0, 5.0, 9.0)  # of the density of the share that is nothing: Beta(power + 1, 1)
SHARES = (0.05, 0.1, 0.5)  # of the lines, that are something
SETS = tuple(  # sd of what is something, range of the errors, degrees of freedom, lines
    itertools.product((0.25, 0.5, 0.9), ((0.08, 0.3), (0.2, 0.6)), (5, 14), (10, 24))
)
REPETITIONS = 24  # of each set; the first is that which a test runs again
COLUMNS = (
    "prior", "share", "verdict", "statements", "mean_odds", "right_share", "first_statements",
)  # fmt: skip


def statements(power: float, share: float, number: int) -> Iterator[tuple[str, float, bool]]:
    """Give the verdict, the odds and whether it is right, of the lines of every set."""
    rng = Generator(PCG64(SeedSequence([int(power), int(100 * share), number])))
    with patch.object(adaptive_shrinkage, "SCEPTICAL", power):
        for sd, (low, high), dof, k in SETS:
            error = rng.uniform(low, high, k)
            truth = np.where(rng.random(k) < share, rng.normal(0, sd, k), 0)
            estimate = truth + error * rng.normal(size=k)
            known, freedom = error * np.sqrt(rng.chisquare(dof, k) / dof), np.full(k, float(dof))
            lines = t_interval(estimate, known, freedom)
            clear = multipletests(lines.p_value, LEVEL, "holm")[0]
            odds = adaptive_shrinkage.shrink_lines(estimate, known, freedom).odds
            named = (odds >= MAY) & (lines.high - lines.low <= np.log(WIDEST))
            for j in np.flatnonzero(named):
                likely = "clear" if clear[j] else "likely"
                verdict = likely if odds[j] >= LIKELY else "may"
                yield verdict, float(odds[j]), bool(estimate[j] * truth[j] > 0)


def work(power: float, share: float, repetitions: int) -> list[tuple]:
    """Count the statements of one prior where so many lines are something."""
    each = [list(statements(power, share, number)) for number in range(repetitions)]
    named = list(itertools.chain(*each))
    rows = []
    for verdict in ("clear", "likely", "may"):
        mine = [(odds, right) for word, odds, right in named if word == verdict]
        means = [f"{np.mean(values):.4f}" for values in zip(*mine, strict=True)] or ["", ""]
        first = sum(word == verdict for word, _, _ in each[0])
        rows.append((f"Beta({power + 1:g}, 1)", share, verdict, len(mine), *means, first))
    return rows


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--repetitions", type=int, default=REPETITIONS)
    given = parser.parse_args()
    cells = list(itertools.product(POWERS, SHARES))
    with ProcessPoolExecutor(given.workers) as pool:
        each = pool.map(work, *zip(*cells, strict=True), [given.repetitions] * len(cells))
        rows = [row for cell in each for row in cell]
    with TABLE.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows)


if __name__ == "__main__":
    main()
