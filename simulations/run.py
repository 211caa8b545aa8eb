"""Simulate pools with known effects, and count how often the published intervals are wrong.

See README.md beside this file for what is simulated and how to read the tables.
"""

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: the matrices are small
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402  # after the number of threads
from numpy.random import PCG64, Generator, SeedSequence  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

from simulations.draw import draw  # noqa: E402  # not installed: found from the root
from simulations.methods import RECORD, judge  # noqa: E402
from simulations.plan import CHUNK, MODELS, REPETITIONS, Cell, cells  # noqa: E402
from simulations.table import gather, name  # noqa: E402

HERE = Path(__file__).resolve().parent
CHUNKS = HERE / ".chunks"


def simulate(cell: Cell, chunk: int, repetitions: int = CHUNK) -> NDArray[np.void]:
    """Repetitions of one chunk, (repetitions, models): the same ones whenever they are run."""
    rng = Generator(PCG64(SeedSequence(cell.key(chunk))))
    records = np.zeros((repetitions, len(MODELS)), RECORD)
    for repetition in range(repetitions):
        pool = draw(rng, cell)
        refit = chunk * CHUNK + repetition < cell.refitted
        for at, model in enumerate(MODELS):
            records[repetition, at] = judge(pool, model, refit)
    return records


def work(cell: Cell, chunk: int) -> float:
    """Write one chunk, all of it or nothing; the seconds it took."""
    begin, path = time.perf_counter(), _path(cell, chunk)
    unfinished = path.with_suffix(f".{os.getpid()}.tmp")  # two runs at a time do no harm
    with unfinished.open("wb") as stream:
        np.save(stream, simulate(cell, chunk))
    unfinished.replace(path)
    return time.perf_counter() - begin


def _path(cell: Cell, chunk: int) -> Path:
    return CHUNKS / f"{name(cell)}-{chunk:03}.npy"


def run(repetitions: int, workers: int, first: int) -> None:
    """Simulate the chunks that are missing, cell by cell."""
    CHUNKS.mkdir(exist_ok=True)
    with ProcessPoolExecutor(workers) as pool:
        for cell in cells()[:first]:
            begin = time.perf_counter()
            chunks = range(-(-repetitions // CHUNK))
            missing = [chunk for chunk in chunks if not _path(cell, chunk).exists()]
            done = [pool.submit(work, cell, chunk) for chunk in missing]
            seconds = sum(each.result() for each in as_completed(done))
            if missing:
                rate = seconds / len(missing) / CHUNK
                taken = time.perf_counter() - begin
                print(f"{name(cell)}: {taken:.0f} s, {1000 * rate:.0f} ms a repetition", flush=True)


def main() -> None:
    """Run what is missing, or gather what there is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=REPETITIONS, help="in every cell")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="processes")
    parser.add_argument("--cells", type=int, help="only so many of the plan's cells")
    parser.add_argument("--table", action="store_true", help="write the tables, simulate nothing")
    words = parser.parse_args()
    if not words.table:
        run(words.repetitions, words.workers, words.cells)
    gather(CHUNKS, HERE)


if __name__ == "__main__":
    main()
