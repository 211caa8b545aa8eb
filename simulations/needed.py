"""How often a line that is likely, or may be, is clear with the creators that it is said to need.

`python simulations/needed.py` writes `needed.csv`. Small pools of the examples' generator say how
many creators would make a line clear; large ones of the same truth say how often it then is.
"""

import argparse
import csv
import os
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import product
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np  # after the number of threads

from pipeline.inference.estimates import estimates
from pipeline.inference.published_line import Estimate, Verdict
from pipeline.inference.verdicts import judge_lines
from pipeline.model.design import design
from pipeline.model.fit import fit
from pipeline.model.fit_result import Fit
from pipeline.model.questions import QUESTIONS
from simulations.whole import planted, simulated

TABLE = Path(__file__).resolve().parent / "needed.csv"
SMALL, LARGE = 14, (20, 30, 45, 70, 100, 150)  # creators
VIDEOS = 60  # a creator
SMALL_POOLS, LARGE_POOLS = 60, 6
FIRST_SEED = 40_000
COLUMNS = ("creators", "lines", "median", "reached", "clear_share")

Line = tuple[str, str, str]  # question, term, level


@dataclass(frozen=True, slots=True)
class Promise:
    """A line of a small pool that is not clear, and between how many creators would make it so."""

    line: Line
    least: int
    most: int | None


def lines(creators: int, seed: int) -> list[tuple[Line, Estimate]]:
    """Answer the questions of advice, and give the lines of which the truth is not nothing."""
    videos = simulated(creators, VIDEOS * creators, seed).videos
    right = []
    for question in (each for each in QUESTIONS if each.advice):
        fitted = fit(design(videos, question))
        if isinstance(fitted, Fit):
            for line in judge_lines(estimates(fitted)):
                truth = planted(question, line.variable)
                if truth and line.estimate and truth * line.estimate > 0:
                    right.append(((question.name, line.variable.term, line.variable.level), line))
    return right


def promises(seed: int) -> list[Promise]:
    """What one small pool says that its likely lines need, which point the right way."""
    return [
        Promise(name, line.needed.creators, line.needed.most)
        for name, line in lines(SMALL, seed)
        if line.verdict in (Verdict.LIKELY, Verdict.MAY) and line.needed
    ]


def clear(creators: int, seed: int) -> frozenset[Line]:
    """The lines that are clear in a large pool, and point the right way."""
    return frozenset(name for name, line in lines(creators, seed) if line.verdict == Verdict.CLEAR)


def kept(
    promised: Sequence[Promise], share: Mapping[tuple[Line, int], float], at: str
) -> tuple[str, int, float, int, float]:
    """How often the lines are clear with the `least` or the `most` creators that they need.

    Between two sizes of large pools that is interpolated, by the log of the number.
    """
    numbers = [getattr(each, at) for each in promised]
    known = [
        (number, each.line)
        for number, each in zip(numbers, promised, strict=True)
        if number is not None and number <= LARGE[-1]
    ]
    shares = [
        np.interp(np.log(number), np.log(LARGE), [share[line, n] for n in LARGE])
        for number, line in known
    ]
    median = float(np.median([np.inf if number is None else number for number in numbers]))
    return at, len(promised), median, len(known), float(np.mean(shares))


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    given = parser.parse_args()
    with ProcessPoolExecutor(given.workers) as pool:
        small = pool.map(promises, range(FIRST_SEED, FIRST_SEED + SMALL_POOLS))
        cells = list(product(reversed(LARGE), range(LARGE_POOLS)))
        seeds = [FIRST_SEED + 1_000 * n + number for n, number in cells]
        large = list(pool.map(clear, [n for n, _ in cells], seeds))
        promised = [each for one in small for each in one]
    share = {
        (each.line, n): float(
            np.mean([each.line in one for (m, _), one in zip(cells, large, strict=True) if m == n])
        )
        for each in promised
        for n in LARGE
    }
    with TABLE.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        for at in ("least", "most"):
            name, count, median, reached, clear_share = kept(promised, share, at)
            writer.writerow((name, count, f"{median:g}", reached, f"{clear_share:.4f}"))


if __name__ == "__main__":
    main()
