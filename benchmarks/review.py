"""Measure `review`: a pull request of 200 rows on pools of 10, 100 and 1,000 creators.

Each pool is a real git repository of this code and of simulated creators, who are renamed so that
they count as real ones: 100 videos each. The seconds are compared with `check` of the same 200 rows
in the same run; then the parts are timed by themselves, to say what bounds them.
"""

import argparse
import datetime
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from pipeline.dataset.check_bulk import accepted  # noqa: E402
from pipeline.dataset.pool import pool  # noqa: E402
from pipeline.dataset.read_commit import contributions, creators_of  # noqa: E402
from pipeline.dataset.simulate import simulate  # noqa: E402
from pipeline.review.authorization import Author  # noqa: E402
from pipeline.review.impact import effect  # noqa: E402
from pipeline.review.preview import preview  # noqa: E402
from pipeline.review.review import review  # noqa: E402
from pipeline.review.review_result import Request  # noqa: E402
from pipeline.storage import git as objects  # noqa: E402  # not installed: found from the root

T = TypeVar("T")
TOML = b'github = "octocat"\nlicence = "CC-BY-4.0"\nconsent = 2026-05-31\n'
DAY = datetime.date(2026, 11, 22)
CODE = ("pipeline", "schema")


def git(folder: Path, *command: str) -> None:
    """Run git in a folder, as nobody in particular."""
    who = ["-c", "user.name=benchmark", "-c", "user.email=benchmark@example.org"]
    subprocess.run(["git", "-C", str(folder), *who, *command], check=True, capture_output=True)  # noqa: S607


def repository(folder: Path, creators: int) -> Path:
    """Make a repository whose branch `pull` adds one creator of 200 rows to a pool."""
    for part in CODE:
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    write(folder, creators, 100 * creators, seed=2022, prefix="c-")
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=Base")
    git(folder, "checkout", "--quiet", "-b", "pull")
    write(folder, 1, 200, seed=7, prefix="new-")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=Add my videos")
    git(folder, "checkout", "--quiet", "main")
    return folder


def write(folder: Path, creators: int, videos: int, seed: int, prefix: str) -> None:
    """Write simulated creators as real ones."""
    for path, raw in simulate(creators, videos, seed).items():
        if path.parent.name:
            name = prefix + path.parent.name.removeprefix("example-")
            target = folder / "contributions" / name / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(TOML if path.name == "creator.toml" else raw)


def run(folder: Path, *command: str) -> tuple[float, float]:
    """Run a command of the pipeline to its end: seconds, and the peak of its memory in MB."""
    whole = [sys.executable, "-m", "pipeline", *command]
    begin = time.perf_counter()
    process = subprocess.Popen(
        whole, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        raise SystemExit(f"{command} failed")
    return time.perf_counter() - begin, used.ru_maxrss / 1024


def timed(what: str, work: Callable[[], T]) -> T:
    """Do a part of the work, and print how long it took."""
    begin = time.perf_counter()
    done = work()
    print(f"    {what:<44}{time.perf_counter() - begin:8.2f} s")
    return done


def parts(folder: Path) -> None:
    """Time the parts of a review, one after the other, in this process."""
    base = objects.commit(folder, "main") or ""
    tree = objects.tree(folder, base)
    read = timed(
        "read the merged folders from git", lambda: contributions(folder, tree, creators_of(tree))
    )
    merged = timed("judge the merged folders in one go", lambda: accepted(read, DAY))
    request = Request("main", "pull", Author("octocat"), DAY)
    found = timed("the whole judgement (both, and the new one)", lambda: review(folder, request))
    before, after = pool(merged, {}), pool([*merged, *found.data.after], {})
    timed(
        "fit the base, exchange the creator's part",
        lambda: preview(before, after, found.scope.creators),
    )
    timed("the whole effect (that, looks, own summary)", lambda: effect(found, {}))


def main(sizes: Sequence[int]) -> None:
    """Measure each size of pool."""
    for creators in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = repository(Path(name), creators)
            asked = ("review", "--base", "main", "--head", "pull", "--author", "octocat")
            run(folder, *asked)  # warms up
            seconds, memory = run(folder, *asked)
            git(folder, "checkout", "--quiet", "pull")
            own = shutil.copytree(next((folder / "contributions").glob("new-*")), folder / "alone")
            alone, _ = run(folder, "check", str(own))
            git(folder, "checkout", "--quiet", "--force", "main")
            print(f"{creators:,} creators, {100 * creators:,} videos:")
            print(f"    review {seconds:.1f} s, peak {memory:.0f} MB; "
                  f"{seconds / alone:.1f} × check of the 200 rows ({alone:.2f} s)")  # fmt: skip
            parts(folder)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"(this process: {peak:.0f} MB)")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 100, 1000])
    main(parser.parse_args().sizes)
