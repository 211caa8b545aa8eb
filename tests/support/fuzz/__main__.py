"""Run the fuzzer long, on all processors (`make fuzz FOLDERS=100000`), or write one folder out."""

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from pathlib import Path

from support.fuzz.hunt import Found, hunt
from support.fuzz.mutants import mutant, write

BATCH = 400
BATCHES = 4  # of one process
MOST_KILLED = 5


def main() -> int:
    """Take N folders from SEED on through all commands; 1 where anything is wrong."""
    parser = argparse.ArgumentParser(prog="python -m support.fuzz", description=__doc__)
    parser.add_argument("--folders", type=int, default=10_000, help="how many")
    parser.add_argument("--seed", type=int, default=0, help="the number of the first")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="how many at a time")
    parser.add_argument("--write", nargs=2, metavar=("NUMBER", "DIR"), help="write one folder out")
    asked = parser.parse_args()
    if asked.write:
        made = mutant(int(asked.write[0]))
        write(made, Path(asked.write[1]))
        print(f"{Path(asked.write[1]) / made.creator}: {', '.join(made.mutations)}")
        return 0
    return _long(asked.folders, asked.seed, asked.jobs)


def _long(many: int, seed: int, jobs: int) -> int:
    began, sums, examples = time.monotonic(), Counter[str](), dict[tuple[str, str], str]()
    for hunted in _all(many, seed, jobs):
        sums.update(hunted.sums)
        for fault, words in hunted.faults:
            sums[f"{fault.command}: {fault.what}"] += 1
            if (fault.command, fault.what) not in examples:
                examples[fault.command, fault.what] = words
                print(f"\n{words}\n", flush=True)
        rate = sums["folders"] / (time.monotonic() - began)
        print(f"{sums['folders']:,} folders, {rate:.1f} a second", file=sys.stderr, flush=True)
    print(f"\nFrom {seed} on, in {time.monotonic() - began:,.0f} s:")
    for name, number in sums.items():
        print(f"  {number:>9,} {name}")
    print(f"{len(examples)} kinds of failure." if examples else "Nothing is wrong.")
    return int(bool(examples))


def _all(many: int, seed: int, jobs: int) -> Iterator[Found]:
    """Hunt batch by batch; what a killed process leaves undone is begun again, a few times."""
    left = [range(at, min(at + BATCH, seed + many)) for at in range(seed, seed + many, BATCH)]
    killed = 0
    while left and killed < MOST_KILLED:
        # New processes for every few batches: what leaks is given back. (With max_tasks_per_child
        # the executor of Python 3.11 waits for ever, once all its processes have ended.)
        some = left[: BATCHES * jobs]
        with ProcessPoolExecutor(jobs) as pool:
            running = {pool.submit(hunt, numbers): numbers for numbers in some}
            for done in as_completed(running):
                with suppress(BrokenProcessPool):
                    yield done.result()
                    left.remove(running[done])
        if set(some) & set(left):
            killed += 1
            print(
                f"A process was killed; {len(left)} batches are left.", file=sys.stderr, flush=True
            )
    if left:
        sys.exit(f"Killed again and again, for memory or by a crash in C: {left[0]} and later.")


if __name__ == "__main__":
    sys.exit(main())
