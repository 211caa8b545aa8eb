"""How often does a sign hold in all reasonable analyses where nothing is going on?

The examples' counts (views, engagement, followers) change places within each creator, so that no
lever has to do with any of them; then `followers` is answered in every reasonable way but
imputation. Writes `holding.csv`, a line for each pool.

    python simulations/holding.py
"""

import csv
import datetime
import sys
from collections import defaultdict
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.random import PCG64, Generator

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from pipeline.analysis.robustness.specification_curve import specifications  # noqa: E402
from pipeline.dataset.check import Accepted, check_all  # noqa: E402  # not installed: found from the root
from pipeline.dataset.locate import locate  # noqa: E402
from pipeline.dataset.pool import Pool, pool  # noqa: E402
from pipeline.dataset.read import read_folders  # noqa: E402
from pipeline.inference.results import answer  # noqa: E402
from pipeline.model.questions import FOLLOWERS  # noqa: E402
from pipeline.render.diagnostics.sentences import holds  # noqa: E402

TABLE = Path(__file__).with_name("holding.csv")
POOLS, SEED = 8, 2022
STRIKING = 0.2  # p, of one line
DAY = datetime.date(2026, 11, 22)
COUNTED = ("new_followers", "views", "likes", "comments", "shares", "saves", "watched_full_pct",
           "avg_watch_s")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Held:
    """One pool: its lines, those that agree in all analyses; the same of those with p < 0.2."""

    pool: int
    lines: int
    lines_agree: int
    striking: int
    striking_agree: int
    striking_mostly: int  # in nine of ten analyses or more


def examples() -> Pool:
    """Pool the examples that ship with the repository."""
    verdicts = check_all(read_folders(locate(ROOT / "contributions")).contributions, DAY)
    return pool([each for each in verdicts if isinstance(each, Accepted)], {})


def shuffled(videos: pd.DataFrame, rng: Generator) -> pd.DataFrame:
    """Let the counts of each creator's videos change places, all of a video's together."""
    order = np.arange(len(videos))
    for rows in videos.groupby("creator", sort=True).indices.values():
        order[rows] = rng.permutation(rows)
    moved = {name: videos[name].iloc[order].set_axis(videos.index) for name in COUNTED}
    return videos.assign(**moved)


def held(whole: Pool, number: int) -> Held:
    """Count the lines of one shuffled pool."""
    videos = shuffled(whole.videos, Generator(PCG64((SEED, number))))
    answered = answer(replace(whole, videos=videos), FOLLOWERS)
    by_chance = {line.variable: line.p_value for line in answered.estimates}
    curves = defaultdict(list)
    for row in specifications(videos, answered, lambda *_: "not imputed here"):
        curves[row.term, row.level].append(row)
    shares = [
        ((p_value or 1) < STRIKING, holding.same / holding.estimated)
        for variable, p_value in by_chance.items()
        if (holding := holds(curves[variable.term, variable.level])) and holding.estimated
    ]
    striking = [share for is_striking, share in shares if is_striking]
    return Held(
        pool=number,
        lines=len(shares),
        lines_agree=sum(share == 1 for _, share in shares),
        striking=len(striking),
        striking_agree=sum(share == 1 for share in striking),
        striking_mostly=sum(share >= 0.9 for share in striking),
    )


def main() -> None:
    """Write the table."""
    whole = examples()
    rows = [asdict(held(whole, number)) for number in range(POOLS)]
    with TABLE.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    total = {name: sum(row[name] for row in rows) for name in rows[0]}
    print(f"{total['lines_agree']} of {total['lines']} lines agree in all analyses;", end=" ")
    print(f"of {total['striking']} with p < 0.2 by chance {total['striking_agree']} do.")


if __name__ == "__main__":
    main()
