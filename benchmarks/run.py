"""Measure where people wait, as ratios within one run: machines are noisy, ratios less so.

See README.md beside this file for how to set it up and what it is held against.
"""

import argparse
import csv
import json
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from schema.columns import BY_NAME, Kind  # noqa: E402  # not installed: found from the root
from schema.vocabulary import vocabulary  # noqa: E402

TOML = 'github = "octocat"\nlicence = "CC-BY-4.0"\nconsent = 2026-05-31\n'
COLUMNS = (
    "video", "views", "likes", "comments", "shares", "saves", "watched_full_pct", "avg_watch_s",
    "new_followers", "duration_s", "category", "subject", "has_cover", "has_caption", "is_reply",
    "posted_on", "captured_on", "posted_hour", "hashtags", "sound",
)  # fmt: skip
TYPES = {
    Kind.LABEL: "string", Kind.TEXT: "string", Kind.WORD: "string", Kind.WHOLE: "integer",
    Kind.DECIMAL: "number", Kind.FLAG: "boolean", Kind.DATE: "date",
}  # fmt: skip
CATEGORIES = ("tutorial", "info", "opinion", "story", "humor")


def rows(count: int) -> list[list[object]]:
    """Invent valid rows of twenty columns; the same ones for the same count."""
    draw = random.Random(2022)  # noqa: S311  # test data, not secrets
    result: list[list[object]] = []
    for number in range(count):
        views = int(draw.lognormvariate(6, 1.2)) + 60
        likes = int(views * draw.uniform(0.01, 0.1))
        result.append(
            [
                f"video {number}", views, likes, likes // 8, likes // 20, likes // 12,
                round(draw.uniform(2, 66), 2), round(draw.uniform(2, 9), 1),
                int(draw.random() * views * 0.002), round(draw.uniform(10, 90), 2),
                draw.choice(CATEGORIES), "software", draw.choice(("yes", "no")),
                draw.choice(("yes", "no")), draw.choice(("yes", "no")), "2026-03-01",
                "2026-04-01", draw.randrange(24), draw.randrange(9), "original",
            ]
        )  # fmt: skip
    return result


def contribution(folder: Path, count: int) -> Path:
    """Write a creator's folder with one CSV, and the frictionless schema of the same columns."""
    folder.mkdir()
    (folder / "creator.toml").write_text(TOML)
    with (folder / "videos.csv").open("w", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows(count))
    (folder.parent / "schema.json").write_text(json.dumps(frictionless_schema()))
    return folder


def frictionless_schema() -> dict[str, object]:
    """Describe the same to frictionless: types, ranges, words, lengths, and what is unique."""
    fields: list[dict[str, object]] = []
    for name in COLUMNS:
        column = BY_NAME[name]
        limits: dict[str, object] = {"required": True} if column.filled else {}
        for key, value in (("minimum", column.low), ("maximum", column.high)):
            limits |= {} if value is None else {key: value}
        if column.kind in (Kind.LABEL, Kind.TEXT):
            # what `check` refuses in a text: formulas, control characters, outer blanks
            pattern = "[^\\s=+@\\-]([^\\u0000-\\u001f]*[^\\s\\u0000-\\u001f])?"
            limits |= {"maxLength": column.longest, "pattern": pattern}
        if column.kind is Kind.WORD:
            limits |= {"enum": list(vocabulary()[name])}
        field: dict[str, object] = {"name": name, "type": TYPES[column.kind]}
        if column.kind is Kind.FLAG:
            field |= {"trueValues": ["yes", "1", "true"], "falseValues": ["no", "0", "false"]}
        fields.append(field | {"constraints": limits})
    return {"fields": fields, "primaryKey": ["video", "captured_on"]}


def timed(command: Sequence[str]) -> float:
    """Run a command from the root to its end, in seconds."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    begin = time.perf_counter()
    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)  # fmt: skip
    return time.perf_counter() - begin


def in_turn(commands: Sequence[Sequence[str]], times: int) -> list[float]:
    """Median seconds of each command, run in turn so that noise falls on all; one run warms up."""
    taken = [[timed(command) for command in commands] for _ in range(times + 1)][1:]
    return [statistics.median(each) for each in zip(*taken, strict=True)]


def small(folder: Path, times: int) -> None:
    """A contribution of 1,000 rows against the import of pandera alone."""
    ana = contribution(folder / "ana", 1_000)
    ours = [sys.executable, "-m", "pipeline", "check", str(ana)]
    bare = [sys.executable, "-c", "import pandera.pandas"]
    check, imported = in_turn([ours, bare], times)
    show("check of 1,000 rows / import pandera.pandas", check / imported, "at most 1.5")
    print(f"    {check:.2f} s / {imported:.2f} s")


def large(folder: Path, times: int) -> None:
    """100,000 rows of twenty columns against frictionless with an equivalent schema."""
    ana = contribution(folder / "ana", 100_000)
    ours = [sys.executable, "-m", "pipeline", "check", str(ana)]
    theirs = [sys.executable, "-m", "frictionless", "validate", str(ana / "videos.csv"),
              "--schema", str(folder / "schema.json"), "--trusted"]  # fmt: skip
    timed(ours)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    check, other = in_turn([ours, theirs], times)
    show("frictionless validate / check of 100,000 rows", other / check, "at least 4")
    print(f"    {other:.1f} s / {check:.2f} s")
    show("peak memory of the check, MB", peak, "below 600")


def report(folder: Path, times: int) -> None:
    """The main job on the examples, environment in place."""
    ours = [sys.executable, "-m", "pipeline", "report", "--out", str(folder / "reports")]
    bare = [sys.executable, "-c", "import pandera.pandas, statsmodels.api, altair"]
    whole, imported = in_turn([ours, bare], times)
    show("report on the examples, seconds", whole, "below 10")
    show("report / its imports alone", whole / imported, "")


def show(what: str, figure: float, target: str) -> None:
    """Print a figure with what it is held against."""
    print(f"{what}: {figure:.2f}" + (f" ({target})" if target else ""), flush=True)


def main() -> None:
    """Run all benchmarks, or the named ones."""
    known = {"small": small, "large": large, "report": report}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*known, []], help="all by default")
    parser.add_argument("--times", type=int, default=5, help="runs of each, after one to warm up")
    words = parser.parse_args()
    for name in words.names or known:
        folder = Path(tempfile.mkdtemp())
        try:
            known[name](folder, words.times)
        finally:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
