"""How often `check` asks honest creators something, and those whose zeros are blanks.

Creators of the examples' generator, 60 videos each on average, as they are (`honest`), or with
zeros planted: a share of all follower counts, those that were not noted among them, became 0.
`python simulations/questions.py` writes `questions.csv` beside this file in some minutes: of each
kind, how many creators each rule asks. (`no-dates`, which asks for days that nobody noted, and not
whether a number is right, is no rule of these.)
"""

import csv
import sys
from collections import Counter
from pathlib import Path

import pandas as pd
from numpy.random import PCG64, Generator

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from schema.folder_rules import FOLDERS, SHEETS  # noqa: E402  # not installed: from the root
from schema.row_rules import ROWS  # noqa: E402
from simulations.whole import simulated  # noqa: E402

TABLE = Path(__file__).with_name("questions.csv")
POOLS, CREATORS, VIDEOS, SEED = 5, 200, 60, 50_000
FIRST = 20  # creators of the first pool, whom a test asks again
PLANTED = {"a fifth": 0.2, "a third": 1 / 3, "half": 0.5, "all": 1.0}  # style: share of the counts
COLUMNS = ("numbers", "rule", "creators", "asked", "first_creators", "first_asked")
Counted = Counter[tuple[str, str]]


def asked(captures: pd.DataFrame) -> set[str]:
    """Name the rules that ask about a creator's captures."""
    rules = set()
    for _, sheet in captures.groupby("file", sort=True):
        by_line = sheet.set_index("line", drop=False)
        rules |= {rule.slug for rule in (*ROWS, *SHEETS) if any(rule.find(by_line))}
    return rules | {rule.slug for rule in FOLDERS if any(rule.find(captures))}


def planted(rng: Generator, captures: pd.DataFrame, share: float) -> pd.DataFrame:
    """Write 0 for a share of the follower counts, and where none was noted."""
    counts = captures["new_followers"]
    becomes = (rng.random(len(captures)) < share) | counts.isna().to_numpy()
    return captures.assign(new_followers=counts.mask(becomes, 0))


def counted(pool: int, most: int = CREATORS) -> Counted:
    """Count whom each rule asks among the first creators of a pool, honest and planted."""
    captures = simulated(CREATORS, CREATORS * VIDEOS, SEED + pool).captures
    counts: Counted = Counter()
    for number, (_, mine) in enumerate(captures.groupby("creator", sort=True)):
        if number == most:
            break
        mine = mine.reset_index(drop=True)
        kinds = {"honest": mine}
        if mine["new_followers"].notna().any():
            kinds |= {
                f"zeros for {style}": planted(Generator(PCG64((pool, number))), mine, share)
                for style, share in PLANTED.items()
            }
        for kind, rows in kinds.items():
            rules = asked(rows)
            counts.update((kind, name) for name in ("all", *rules, *(["any"] if rules else [])))
    return counts


def main() -> None:
    """Count in all pools and write the table."""
    whole = sum((counted(pool) for pool in range(POOLS)), Counter())
    first = counted(0, FIRST)
    with TABLE.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        for kind, rule in sorted(whole):
            if rule != "all":
                of = whole[kind, "all"], whole[kind, rule], first[kind, "all"], first[kind, rule]
                writer.writerow((kind, rule, *of))


if __name__ == "__main__":
    main()
