"""Whether statements at given odds are right as often as they say.

`python simulations/odds.py` writes `odds.csv`. In `sparse` pools (of `estimators.py`) one line of
ten is something, or none; in the pools of the generator of the examples about half of them are.
"""

import argparse
import csv
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from zlib import crc32

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402  # after the number of threads
from numpy.random import PCG64, Generator, SeedSequence  # noqa: E402
from statsmodels.stats.multitest import multipletests  # noqa: E402
from statsmodels.stats.proportion import proportion_confint  # noqa: E402

from pipeline.estimate.adaptive_shrinkage import shrink_lines  # noqa: E402
from pipeline.estimate.cluster_robust import t_interval  # noqa: E402
from pipeline.estimate.grouping import Bools, Floats  # noqa: E402
from pipeline.inference.estimates import estimates  # noqa: E402
from pipeline.inference.verdicts import judge_lines  # noqa: E402
from pipeline.model.design import design  # noqa: E402
from pipeline.model.fit import fit  # noqa: E402
from pipeline.model.fit_result import Fit  # noqa: E402
from simulations import estimators  # noqa: E402
from simulations.whole import PARTS, planted, simulated  # noqa: E402

HERE = Path(__file__).resolve().parent
TABLE = HERE / "odds.csv"
SUMMARY = ROOT / "pipeline" / "render" / "site" / "method" / "reliability.csv"
SUMMED = ("odds_from", "odds_to", "said", "statements", "right", "low", "high")
CREATORS = (8, 14, 24)
VIDEOS = 70  # a creator, of the examples' generator
RATIOS = (1.0, 1.5, 2.0)
BINS = (2 / 3, 0.8, 0.9, 0.97)  # the least odds of each
POOLS, FIRST = 16, 2  # of each cell; the first are those that a test runs again
FIRST_SEED = 20_000
COLUMNS = (
    "design", "creators", "ratio", "question", "odds_from", "pools", "lines", "statements",
    "mean_odds", "right", "right_share", "not_clear", "not_clear_odds", "not_clear_right",
    "wrong_sign", "shrunken_covered", "median_exaggeration", "median_shrunken_exaggeration",
    "first_statements", "first_right",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cell:
    """Pools of one kind; `ratio` is planted in `sparse` ones, 0 in those of the examples."""

    design: str
    creators: int
    ratio: float


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """The lines (k,) of one question of one pool, as they are shown, and their truth."""

    question: str
    estimate: Floats
    std_error: Floats
    dof: Floats
    truth: Floats


def cells() -> list[Cell]:
    """Every cell, the largest pools first."""
    sparse = [
        Cell(views, creators, ratio)
        for creators in reversed(CREATORS)
        for views in estimators.VIEWS
        for ratio in RATIOS
    ]
    return [*(Cell("examples", creators, 0.0) for creators in reversed(CREATORS)), *sparse]


def lines(cell: Cell, number: int) -> Iterator[Asked]:
    """Simulate a pool and answer the three questions."""
    if cell.design == "examples":
        yield from _of_examples(cell, FIRST_SEED + number)
        return
    kind = estimators.Cell(cell.design, "none", cell.creators, cell.ratio)
    rng = Generator(PCG64(SeedSequence([crc32(repr(cell).encode()), number])))
    sheet, g = estimators.draw(rng, kind), cell.creators
    known = np.isfinite(sheet.followers)
    reach = estimators.of_logs(sheet.x, sheet.views, sheet.group, g)
    conversion = estimators.of_counts(
        sheet.x[known], sheet.followers[known], sheet.group[known], g, sheet.views[known], "NB2"
    )
    both = estimators.total(reach, conversion, "leverage")
    each = {"reach": (reach, 1), "conversion": (conversion, 1), "followers": (both, 2)}
    for question, (fitted, times) in each.items():
        if fitted is not None:
            shown = fitted.shown[: estimators.LINES]
            truth = np.zeros(estimators.LINES)
            truth[estimators.FOCUS] = times * np.log(cell.ratio)
            numbers = (fitted.estimate, fitted.std_error, fitted.dof, truth)
            yield Asked(question, *(values[: estimators.LINES][shown] for values in numbers))


def _of_examples(cell: Cell, seed: int) -> Iterator[Asked]:
    videos = simulated(cell.creators, VIDEOS * cell.creators, seed).videos
    for question in PARTS:
        fitted = fit(design(videos, question))
        if isinstance(fitted, Fit):
            with_truth = [
                (line, truth)
                for line in judge_lines(estimates(fitted))
                if line.odds is not None and (truth := planted(question, line.variable)) is not None
            ]
            step = np.array([line.variable.step for line, _ in with_truth])
            estimate, error, dof, truth = np.array(
                [(line.estimate, line.std_error, line.df, value) for line, value in with_truth],
                dtype=float,
            ).T
            yield Asked(question.name, estimate * step, error * step, dof, truth * step)


def work(cell: Cell, pools: int) -> list[tuple]:
    """Simulate a cell, and count."""
    with np.errstate(all="ignore"):
        answers = [list(lines(cell, number)) for number in range(pools)]
    return [_row(cell, question.name, least, answers) for question in PARTS for least in BINS]


def _row(cell: Cell, question: str, least: float, answers: Sequence[Sequence[Asked]]) -> tuple:
    above = [*BINS[1:], np.inf][BINS.index(least)]
    statements, right, hints, first = [], [], [], [0, 0]
    asked = wrong = covered = 0
    exaggerated, shrunken = [], []
    for number, each in enumerate(answers):
        for line in (one for one in each if one.question == question):
            shrunken_lines = shrink_lines(line.estimate, line.std_error, line.dof)
            in_bin: Bools = (shrunken_lines.odds >= least) & (shrunken_lines.odds < above)
            sign = np.sign(line.estimate[in_bin]) * np.sign(line.truth[in_bin])
            asked += len(in_bin)
            statements += shrunken_lines.odds[in_bin].tolist()
            right += (sign > 0).tolist()
            hints += (~_is_clear(line))[in_bin].tolist()
            wrong += int((sign < 0).sum())
            inside = (shrunken_lines.low <= line.truth + 1e-9) & (
                line.truth - 1e-9 <= shrunken_lines.high
            )
            covered += int(inside[in_bin].sum())
            real = in_bin & (line.truth != 0)
            exaggerated += (line.estimate[real] / line.truth[real]).tolist()
            shrunken += (shrunken_lines.estimate[real] / line.truth[real]).tolist()
            if number < FIRST:
                first = [first[0] + int(in_bin.sum()), first[1] + int((sign > 0).sum())]
    n, hinted = len(statements), [i for i, is_hint in enumerate(hints) if is_hint]
    return (
        cell.design, cell.creators, cell.ratio, question, least, len(answers), asked, n,
        _mean(statements), sum(right), _mean(right), len(hinted),
        _mean([statements[i] for i in hinted]), sum(right[i] for i in hinted), wrong, covered,
        _median(exaggerated), _median(shrunken), *first,
    )  # fmt: skip


def _is_clear(line: Asked) -> Bools:
    """Which lines (k,) are clear by their p, corrected for all of them."""
    p_values = t_interval(line.estimate, line.std_error, line.dof).p_value
    clear: Bools = multipletests(p_values, estimators.LEVEL, "holm")[0]
    return clear


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else float("nan")


def _median(values: Sequence[float]) -> float:
    return float(np.median(values)) if values else float("nan")


def summed_up(rows: Sequence[Mapping[str, str]]) -> list[tuple]:
    """Sum all designs and questions up, by the least odds: a row of SUMMED for each."""
    bins = []
    for least, most in pairwise((*BINS, 1.0)):
        mine = [row for row in rows if row["odds_from"] == f"{least:.4g}"]
        statements, right = (
            sum(int(row[name]) for row in mine) for name in ("statements", "right")
        )
        odds = sum(float(row["mean_odds"] or 0) * int(row["statements"]) for row in mine)
        ends = proportion_confint(right, statements, method="wilson")
        shares = (f"{share:.4f}" for share in (odds / statements, *ends))
        said, low, high = shares
        bins.append((f"{least:.4g}", most, said, statements, right, low, high))
    return bins


def main() -> None:
    """Write the table, and what the method page shows of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--pools", type=int, default=POOLS)
    parser.add_argument("--gather", action="store_true", help="only sum the table up for the site")
    given = parser.parse_args()
    if not given.gather:
        write(given.workers, given.pools)
    with TABLE.open(newline="", encoding="utf-8") as stream:
        bins = summed_up(list(csv.DictReader(stream)))
    with SUMMARY.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(SUMMED)
        writer.writerows(bins)


def write(workers: int, pools: int) -> None:
    """Simulate every cell, and write the table."""
    with ProcessPoolExecutor(workers) as pool:
        done = pool.map(work, cells(), [pools] * len(cells()))
        rows = [row for cell in done for row in cell]
    with TABLE.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows([estimators.shown(cell) for cell in row] for row in rows)


if __name__ == "__main__":
    main()
