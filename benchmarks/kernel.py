"""Measure the estimates against pyfixest, each in a process of its own, as ratios in one run.

Ours gives slopes, CR1 and CR3 for all creators; pyfixest gives slopes and CRV1. See README.md
beside this file.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

for name in ("OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(name, "1")  # before numpy: one processor each, as in a report
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402  # after the number of threads
import pandas as pd  # noqa: E402

COLUMNS, ROWS_EACH = 20, 100
NAMES = [f"x{j}" for j in range(COLUMNS)]


def sample(rows: int, poisson: bool) -> pd.DataFrame:
    """Skewed creators, half of the columns 0/1; the outcome is a count, or its log."""
    rng = np.random.default_rng(2022)
    share = rng.lognormal(0, 1, rows // ROWS_EACH)
    group = np.sort(rng.choice(len(share), rows, p=share / share.sum()))
    x = rng.normal(size=(rows, COLUMNS))
    x[:, ::2] = x[:, ::2] > 0.5
    mean = np.exp(0.1 * x.sum(axis=1) / 4 + rng.normal(0, 0.4, len(share))[group] - 0.5)
    count = rng.poisson(mean * rng.gamma(3, 1 / 3, rows)).astype(float)
    return pd.DataFrame(x, columns=NAMES).assign(
        creator=group, y=count if poisson else np.log1p(count)
    )


def ours(videos: pd.DataFrame, poisson: bool) -> float:
    """Fit and infer with the kernel; a standard error, so that the two can be compared."""
    from pipeline.estimate.cluster_robust import cr1, cr3, leave_one_out
    from pipeline.estimate.linear import least_squares
    from pipeline.estimate.poisson import poisson as fit_poisson
    from pipeline.estimate.states import states

    x, y = videos[NAMES].to_numpy(), videos["y"].to_numpy()
    group = np.unique(videos["creator"], return_inverse=True)[1]
    if poisson:
        blocks = fit_poisson(x, y, group, np.zeros(len(y))).blocks
    else:
        blocks = least_squares(
            states(np.column_stack([x, y]), group), COLUMNS, range(COLUMNS)
        ).blocks
    cr3(blocks, leave_one_out(blocks))
    return float(np.sqrt(cr1(blocks)[0, 0]))


def theirs(videos: pd.DataFrame, poisson: bool) -> float:
    """Fit with pyfixest, as lean as it goes."""
    import pyfixest

    fit = pyfixest.fepois if poisson else pyfixest.feols
    formula = f"y ~ {' + '.join(NAMES)} | creator"
    lean = {} if poisson else {"copy_data": False, "store_data": False, "lean": True}
    return float(fit(formula, videos, vcov={"CRV1": "creator"}, **lean).se().iloc[0])


def measure(engine: str, rows: int, poisson: bool, times: int) -> dict[str, float]:
    """Time an engine in this process: seconds, MB above what was there before, the error."""
    fit = {"ours": ours, "pyfixest": theirs}[engine]
    fit(sample(20_000, poisson), poisson)  # imports, and what is compiled once
    videos = sample(rows, poisson)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds = []
    for _ in range(times):
        begin = time.perf_counter()
        error = fit(videos.copy(), poisson)
        seconds.append(time.perf_counter() - begin)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"s": statistics.median(seconds), "mb": (after - before) / 1024, "error": error}


def main() -> None:
    """Compare the two, each in its own process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--only", nargs=3, metavar=("ENGINE", "ROWS", "MODEL"))
    words = parser.parse_args()
    if words.only:
        engine, rows, model = words.only
        print(json.dumps(measure(engine, int(rows), model == "poisson", words.times)))
        return
    for model in ("linear", "poisson"):
        for rows in words.rows:
            found = {}
            for engine in ("ours", "pyfixest"):
                command = [sys.executable, __file__, "--times", str(words.times)]
                answer = subprocess.run(
                    [*command, "--only", engine, str(rows), model],
                    capture_output=True, text=True, check=True,
                )  # fmt: skip
                found[engine] = json.loads(answer.stdout.splitlines()[-1])
            mine, other = found["ours"], found["pyfixest"]
            difference = abs(mine["error"] / other["error"] - 1)
            print(
                f"{model}, {rows:,} rows: {mine['s']:.2f} s / {other['s']:.2f} s ="
                f" {mine['s'] / other['s']:.2f}; {mine['mb']:.0f} MB / {other['mb']:.0f} MB;"
                f" CR1 differs by {difference:.0e}"
            )


if __name__ == "__main__":
    main()
