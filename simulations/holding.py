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
from pipeline.inference.published_line import Verdict  # noqa: E402
from pipeline.inference.results import answer  # noqa: E402
from pipeline.model.questions import FOLLOWERS  # noqa: E402
from pipeline.render.diagnostics.sentences import holds  # noqa: E402

TABLE = Path(__file__).with_name("holding.csv")
POOLS, SEED = 60, 2022
DAY = datetime.date(2026, 11, 22)
COUNTED = ("new_followers", "views", "likes", "comments", "shares", "saves", "watched_full_pct",
           "avg_watch_s")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Held:
    """One pool: its lines, those that agree in all analyses; the same of lines that lean."""

    pool: int
    lines: int
    lines_agree: int
    leaning: int
    leaning_agree: int
    leaning_mostly: int  # in nine of ten analyses or more


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
    verdicts = {line.variable: line.verdict for line in answered.estimates}
    curves = defaultdict(list)
    for row in specifications(videos, answered, lambda *_: "not imputed here"):
        curves[row.term, row.level].append(row)
    shares = [
        (verdicts[variable] in (Verdict.CLEAR, Verdict.LEANING), holding.same / holding.estimated)
        for variable in verdicts
        if (holding := holds(curves[variable.term, variable.level])) and holding.estimated
    ]
    leaning = [share for leans, share in shares if leans]
    return Held(
        pool=number,
        lines=len(shares),
        lines_agree=sum(share == 1 for _, share in shares),
        leaning=len(leaning),
        leaning_agree=sum(share == 1 for share in leaning),
        leaning_mostly=sum(share >= 0.9 for share in leaning),
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
    print(f"of {total['leaning']} that lean by chance {total['leaning_agree']} do.")


if __name__ == "__main__":
    main()
