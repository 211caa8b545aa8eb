"""Whole reports of simulated creators: how often their intervals hold the truth, and who is clear.

The regressions of run.py have six columns. This goes all the way, with the thirty-odd columns of a
report: the generator's files, read and typed, pooled, fitted and judged, at the size of the shipped
examples. `python simulations/whole.py` writes whole.csv beside this file.
"""

import argparse
import csv
import os
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: the matrices are small
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import pandas as pd  # noqa: E402  # after the number of threads

from pipeline.dataset.captures import typed  # noqa: E402
from pipeline.dataset.check import Accepted  # noqa: E402
from pipeline.dataset.pool import Pool, pool  # noqa: E402
from pipeline.dataset.read import read  # noqa: E402
from pipeline.dataset.simulate import EFFECTS, simulate  # noqa: E402
from pipeline.inference.estimates import estimates  # noqa: E402
from pipeline.inference.published_line import Estimate, Verdict  # noqa: E402
from pipeline.inference.verdicts import judge_lines  # noqa: E402
from pipeline.model.design import design  # noqa: E402
from pipeline.model.fit import fit  # noqa: E402
from pipeline.model.fit_result import Fit  # noqa: E402
from pipeline.model.questions import CONVERSION, FOLLOWERS, REACH, Question  # noqa: E402
from pipeline.model.variables import Variable  # noqa: E402
from schema.creator import parse  # noqa: E402

HERE = Path(__file__).resolve().parent
POOLS, CREATORS, VIDEOS = 100, 24, 1_500
FIRST_SEED = 10_000  # not that of the shipped examples
PARTS = {FOLLOWERS: (1, 1), REACH: (1, 0), CONVERSION: (0, 1)}
Counted = Counter[tuple[str, str, str]]  # by question, truth and what was met
COUNTED = (
    "pools", "pools_clear_wrong", "lines", "covered", "clear", "likely", "likely_wrong",
    "clear_wrong",
)  # fmt: skip
FIRST = 3  # pools that a test runs again
COLUMNS = ("question", "truth", *COUNTED, "covered_share", "first_lines", "first_covered")


def simulated(creators: int, videos: int, seed: int) -> Pool:
    """Pool what the generator writes; rules that only warn are not run."""
    folders: dict[str, dict[str, bytes]] = {}
    for path, raw in simulate(creators, videos, seed).items():
        if len(path.parts) == 2:
            folders.setdefault(path.parts[0], {})[path.parts[1]] = raw
    accepted = []
    for name, files in folders.items():
        place = f"contributions/{name}"
        sheets = read(name, place, files).sheets
        frames = [typed(s)[0].assign(file=s.file, line=lambda f: f.index) for s in sheets]
        captures = pd.concat(frames, ignore_index=True).assign(creator=name)
        accepted.append(Accepted(name, place, parse(files["creator.toml"]), captures, (), (), ()))
    return pool(accepted, {})


def planted(question: Question, variable: Variable) -> float | None:
    """The true log ratio of a variable; None where none was planted."""
    pair = EFFECTS.get(variable.term, {}).get(variable.level)
    if pair is None:
        return None
    reach, conversion = PARTS[question]
    return reach * pair[0] + conversion * pair[1]


def count(seed: int) -> Counted:
    """Count the published intervals of one simulated report, by question, truth and outcome."""
    counts: Counted = Counter()
    videos = simulated(CREATORS, VIDEOS, seed).videos
    for question in PARTS:
        fitted = fit(design(videos, question))
        if not isinstance(fitted, Fit):
            continue
        for line in judge_lines(estimates(fitted)):
            truth = planted(question, line.variable)
            if truth is None or line.ci_low is None or line.ci_high is None:
                continue
            kind = (question.name, "effect" if truth else "none")
            counts.update((*kind, name) for name in _outcomes(line, truth))
    for question, truth, name in list(counts):
        if name == "lines":
            counts[question, truth, "pools"] = 1
        if name == "clear_wrong":
            counts[question, truth, "pools_clear_wrong"] = 1
    return counts


def _outcomes(line: Estimate, truth: float) -> list[str]:
    wrong = line.verdict == Verdict.CLEAR and (line.estimate or 0) * truth <= 0
    met = {
        "lines": True,
        "covered": (line.ci_low or 0) <= truth <= (line.ci_high or 0),
        "clear": line.verdict == Verdict.CLEAR,
        "likely": line.verdict == Verdict.LIKELY,
        "likely_wrong": line.verdict == Verdict.LIKELY and (line.estimate or 0) * truth <= 0,
        "clear_wrong": wrong,
    }
    return [name for name, is_met in met.items() if is_met]


def main() -> None:
    """Simulate reports and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pools", type=int, default=POOLS)
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="processes")
    words = parser.parse_args()
    seeds = range(FIRST_SEED, FIRST_SEED + words.pools)
    with ProcessPoolExecutor(words.workers) as workers:
        counts = list(workers.map(count, seeds, chunksize=5))
    with (HERE / "whole.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(table(counts))


def table(counts: Sequence[Counted]) -> list[tuple[str, ...]]:
    """Sum up the counts of pools: a row for each question, with and without an effect."""
    whole, first = (sum(some, Counter()) for some in (counts, counts[:FIRST]))
    rows = []
    for question in PARTS:
        for truth in ("none", "effect"):
            kind = (question.name, truth)
            share = whole[*kind, "covered"] / whole[*kind, "lines"]
            shown = [str(whole[*kind, name]) for name in COUNTED]
            again = [str(first[*kind, name]) for name in ("lines", "covered")]
            rows.append((*kind, *shown, f"{share:.4f}", *again))
    return rows


if __name__ == "__main__":
    main()
