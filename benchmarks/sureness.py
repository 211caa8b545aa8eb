"""Measure what `report` computes once: how sure, how predictive, for whom; on pools of three sizes.

Each part's seconds are compared with those of pooling and fitting the same pool in the same run.
"""

import argparse
import datetime
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from pipeline.analysis.diagnostics.diagnostics import sureness  # noqa: E402
from pipeline.dataset.check import check_all  # noqa: E402  # not installed: found from the root
from pipeline.dataset.locate import locate  # noqa: E402
from pipeline.dataset.read import read_folders  # noqa: E402
from pipeline.dataset.simulate import simulate  # noqa: E402
from pipeline.inference.results import Results, gather  # noqa: E402

DAY = datetime.date(2026, 11, 22)


def pooled(creators: int, videos: int) -> tuple[Results, float]:
    """Simulate, check, pool and fit; the seconds are of pooling and fitting alone."""
    with tempfile.TemporaryDirectory() as place:
        home = Path(place) / "contributions"
        for name, content in simulate(creators, videos, 2022).items():
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            (home / name).write_bytes(content)
        verdicts = check_all(read_folders(locate(home)).contributions, DAY)
    start = time.perf_counter()
    findings = gather(verdicts, {}, {})
    return findings, time.perf_counter() - start


def parts(findings: Results) -> list[tuple[str, float]]:
    """Compute everything; the seconds of each step, by what it says when it begins."""
    begun: list[tuple[str, float]] = []
    sureness(findings, lambda text: begun.append((text, time.perf_counter())))
    ends = [start for _, start in begun[1:]] + [time.perf_counter()]
    return [(text, end - start) for (text, start), end in zip(begun, ends, strict=True)]


def main(words: Sequence[str]) -> None:
    """Print a line for each part of each pool."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--sizes", nargs="+", type=int, default=[10, 100])
    arguments.add_argument("--videos", type=int, default=70, help="of each creator, on average")
    chosen = arguments.parse_args(words)
    for creators in chosen.sizes:
        findings, fitting = pooled(creators, creators * chosen.videos)
        print(f"{creators} creators, {len(findings.pool.videos):,} videos: {fitting:.1f} s to fit")
        total = 0.0
        for text, seconds in parts(findings):
            total += seconds
            print(f"    {seconds:7.1f} s  {seconds / fitting:6.1f} ×  {text}", flush=True)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
        print(
            f"    {total:7.1f} s  {total / fitting:6.1f} ×  in all; peak {peak:.0f} MB", flush=True
        )


if __name__ == "__main__":
    main(sys.argv[1:])
