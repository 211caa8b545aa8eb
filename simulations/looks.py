"""How often the looks ask about honest contributions, and about planted ones.

Every simulated creator in turn is the newcomer to a pool of the others: honest, with habits of
writing that occur, or with numbers planted. `python simulations/looks.py` writes looks.csv beside
this file.
"""

import argparse
import csv
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: the matrices are small
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402  # after the number of threads
import pandas as pd  # noqa: E402
from numpy.random import PCG64, Generator  # noqa: E402

from pipeline.design import design  # noqa: E402
from pipeline.estimate.inference import partial_leverage  # noqa: E402
from pipeline.fit import fit  # noqa: E402
from pipeline.fitted import Fit  # noqa: E402
from pipeline.looks.kinds import SLUGS, at_numbers, look  # noqa: E402
from pipeline.looks.value import COUNTS, Weight, numbers  # noqa: E402
from pipeline.questions import QUESTIONS  # noqa: E402
from simulations.whole import simulated  # noqa: E402

HERE = Path(__file__).resolve().parent
HONEST = {10: 100, 30: 40, 100: 8}  # creators of a pool: pools
PLANTED = {30: 10}
VIDEOS = 100  # of a creator, on average
FIRST_SEED = {10: 20_000, 30: 30_000, 100: 40_000}
AFTER = 5_000  # planted pools are others than honest ones
COLUMNS = (
    *("numbers", "style", "creators", "look", "contributions", "flagged", "share"),
    *("low_95", "high_95", "first_contributions", "first_flagged"),
)
OUTCOMES = (*COUNTS, "new_followers")
Counted = Counter[tuple[str, str, int, str]]  # by numbers, style, creators of the pool and look


def _scaled(counts: pd.Series, factor: np.ndarray | float) -> pd.Series:
    return (counts.astype("Float64") * factor).round().astype("Int64")


def _drawn(rng: Generator, means: pd.Series) -> pd.Series:
    known = means.notna().to_numpy()
    drawn = rng.poisson(np.where(known, means.astype("Float64").fillna(0).to_numpy(float), 0))
    return pd.Series(drawn, index=means.index, dtype="Int64").where(known)


def _capped(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep counts possible, as `check` wants them."""
    capped = {name: rows[name].clip(upper=rows["views"]) for name in OUTCOMES[1:]}
    return rows.assign(**capped)


def as_simulated(rng: Generator, rows: pd.DataFrame) -> pd.DataFrame:
    """Leave everything."""
    return rows


def by_views(rng: Generator, rows: pd.DataFrame) -> pd.DataFrame:
    """Sort by views, the greatest first."""
    return rows.sort_values("views", ascending=False, kind="stable")


def by_day(rng: Generator, rows: pd.DataFrame) -> pd.DataFrame:
    """Sort by day of posting."""
    return rows.sort_values("posted_on", kind="stable")


def few(rng: Generator, rows: pd.DataFrame) -> pd.DataFrame:
    """Keep five to fifteen rows."""
    return rows.sample(min(len(rows), int(rng.integers(5, 16))), random_state=rng)


def growing(rng: Generator, rows: pd.DataFrame) -> pd.DataFrame:
    """Let the account grow to all of its audience from a twentieth, by day or by row."""
    rows = by_day(rng, rows)
    reached = np.exp(np.linspace(np.log(rng.uniform(0.02, 0.3)), 0, len(rows)))
    counts = {
        name: pd.Series(
            rng.binomial(rows[name].fillna(0).to_numpy(np.int64), reached), rows.index, "Int64"
        ).where(rows[name].notna())
        for name in OUTCOMES
    }
    rows = rows.assign(**counts)
    return _capped(rows.assign(views=rows["views"].clip(lower=1)))


def scattered(rng: Generator, rows: pd.DataFrame) -> pd.DataFrame:
    """Let every count scatter more, by a log-normal factor."""
    factors = np.exp(rng.normal(-0.18, 0.6, (len(OUTCOMES) - 1, len(rows))))
    counts = {
        name: _drawn(rng, rows[name].astype("Float64") * factor)
        for name, factor in zip(OUTCOMES[1:], factors, strict=True)
    }
    return _capped(rows.assign(**counts))


def rounded(rng: Generator, rows: pd.DataFrame) -> pd.DataFrame:
    """Round counts to two digits, and say so; in half of the sheets only those above 10,000."""
    least = 10_000 if rng.random() < 0.5 else 1_000
    counts = {}
    for name in OUTCOMES:
        floats = rows[name].astype("Float64").to_numpy(float, na_value=np.nan)
        with np.errstate(divide="ignore", invalid="ignore"):
            unit = 10 ** np.floor(np.log10(np.where(floats > 0, floats, 1)) - 1)
        short = np.where(floats >= least, np.floor(floats / unit) * unit, floats)
        counts[name] = pd.Series(short, rows.index).astype("Int64")
    marked = (rows["views"] >= least).astype("boolean")
    return _capped(rows.assign(**counts, counts_rounded=marked))


def positive_only(rng: Generator, rows: pd.DataFrame) -> pd.DataFrame:
    """Note followers only where there are some."""
    return rows.assign(new_followers=rows["new_followers"].where(rows["new_followers"] > 0))


HABITS = (as_simulated, by_views, by_day, few, growing, scattered, rounded, positive_only)


def one_rate_each(rng: Generator, rows: pd.DataFrame, source: pd.DataFrame) -> pd.DataFrame:
    """No style of inventing: every video has one true rate, and people's chance does the rest."""
    shares = zip(OUTCOMES[1:], (0.04, 0.005, 0.002, 0.003, 0.0006), strict=True)
    return _capped(rows.assign(**{n: _drawn(rng, rows["views"] * x) for n, x in shares}))


def copy(rng: Generator, rows: pd.DataFrame, source: pd.DataFrame) -> pd.DataFrame:
    """All rows of another creator, in another order; labels are new in every style."""
    return source.sample(frac=1, random_state=rng)


def _disguised(rng: Generator, rows: pd.DataFrame) -> pd.DataFrame:
    names = ("watched_full_pct", "avg_watch_s", "duration_s")
    changed = {
        name: (rows[name] * rng.uniform(0.95, 1.05, len(rows))).round(2).clip(upper=100)
        for name in names
    }
    return rows.assign(**changed)


def copy_near(rng: Generator, rows: pd.DataFrame, source: pd.DataFrame) -> pd.DataFrame:
    """A copy with every count changed by up to three."""
    rows = copy(rng, rows, source)
    counts = {
        name: (rows[name] + rng.integers(-3, 4, len(rows))).clip(lower=0) for name in OUTCOMES
    }
    return _capped(rows.assign(**counts))


def copy_near_disguised(rng: Generator, rows: pd.DataFrame, source: pd.DataFrame) -> pd.DataFrame:
    """The same, with lengths and shares watched changed by up to 5 %."""
    return _disguised(rng, copy_near(rng, rows, source))


def copy_scaled(rng: Generator, rows: pd.DataFrame, source: pd.DataFrame) -> pd.DataFrame:
    """A copy with every count 1.1 times as great."""
    rows = copy(rng, rows, source)
    return rows.assign(**{name: _scaled(rows[name], 1.1) for name in OUTCOMES})


def copy_scaled_disguised(rng: Generator, rows: pd.DataFrame, source: pd.DataFrame) -> pd.DataFrame:
    """The same, with lengths and shares watched changed by up to 5 %."""
    return _disguised(rng, copy_scaled(rng, rows, source))


def copy_views_moved(rng: Generator, rows: pd.DataFrame, source: pd.DataFrame) -> pd.DataFrame:
    """A copy with 50 to 150 more views in every row, lengths and shares watched changed too."""
    rows = _disguised(rng, copy(rng, rows, source))
    return rows.assign(views=rows["views"] + int(rng.integers(50, 151)))


def copy_of_twenty(rng: Generator, rows: pd.DataFrame, source: pd.DataFrame) -> pd.DataFrame:
    """Twenty rows of another creator, near and disguised, among the creator's own."""
    some = source.sample(min(20, len(source)), random_state=rng)
    return pd.concat([rows, copy_near_disguised(rng, rows, some)])


def own_rows_again(rng: Generator, rows: pd.DataFrame, source: pd.DataFrame) -> pd.DataFrame:
    """Ten of the creator's own rows again, every count changed by up to three."""
    return pd.concat(
        [rows, copy_near(rng, rows, rows.sample(min(10, len(rows)), random_state=rng))]
    )


def likes_of_views(rng: Generator, rows: pd.DataFrame, source: pd.DataFrame) -> pd.DataFrame:
    """Likes are one share of the views."""
    return _capped(rows.assign(likes=_scaled(rows["views"], rng.uniform(0.025, 0.05))))


def all_of_views(rng: Generator, rows: pd.DataFrame, source: pd.DataFrame) -> pd.DataFrame:
    """Every count is one share of the views."""
    shares = zip(OUTCOMES[1:], (0.04, 0.005, 0.002, 0.003, 0.0006), strict=True)
    factor = rng.uniform(0.8, 1.25)
    return _capped(rows.assign(**{n: _scaled(rows["views"], x * factor) for n, x in shares}))


def all_of_views_shaken(rng: Generator, rows: pd.DataFrame, source: pd.DataFrame) -> pd.DataFrame:
    """Every count is one share of the views, up to 5 % more or less."""
    rows = all_of_views(rng, rows, source)
    counts = {n: _scaled(rows[n], rng.uniform(0.95, 1.05, len(rows))) for n in OUTCOMES[1:]}
    return _capped(rows.assign(**counts))


def followers_of_views(rng: Generator, rows: pd.DataFrame, source: pd.DataFrame) -> pd.DataFrame:
    """New followers are one share of the views."""
    return rows.assign(new_followers=_scaled(rows["views"], rng.uniform(0.0005, 0.001)))


def steps_by_line(rng: Generator, rows: pd.DataFrame, source: pd.DataFrame) -> pd.DataFrame:
    """New followers stay at a number for five to fifteen rows, then at another."""
    lengths = rng.integers(5, 16, len(rows))
    levels = rng.permuted(np.resize(np.arange(1, 7), len(rows)))
    return rows.assign(
        new_followers=pd.array(np.repeat(levels, lengths)[: len(rows)], dtype="Int64")
    )


def steps_by_views(rng: Generator, rows: pd.DataFrame, source: pd.DataFrame) -> pd.DataFrame:
    """New followers by a table of views, in five steps."""
    edges = np.quantile(rows["views"].to_numpy(float), (0.4, 0.6, 0.8, 0.93))
    step = np.searchsorted(edges, rows["views"].to_numpy(float))
    return _capped(
        rows.assign(new_followers=pd.array(np.array([4, 3, 10, 20, 50])[step], dtype="Int64"))
    )


def ten_times_followers(rng: Generator, rows: pd.DataFrame, source: pd.DataFrame) -> pd.DataFrame:
    """Ten times the new followers."""
    return _capped(rows.assign(new_followers=rows["new_followers"] * 10))


def uniform(rng: Generator, rows: pd.DataFrame, source: pd.DataFrame) -> pd.DataFrame:
    """Every number is drawn evenly between two bounds."""
    bounds = ((100, 10_000), (5, 1_000), (0, 100), (0, 50), (0, 50), (0, 10))
    counts = {
        name: pd.array(rng.integers(low, high, len(rows)), dtype="Int64")
        for name, (low, high) in zip(OUTCOMES, bounds, strict=True)
    }
    watched = pd.array(rng.uniform(5, 95, len(rows)).round(2), dtype="Float64")
    return _capped(rows.assign(**counts, watched_full_pct=watched))


def round_inventions(rng: Generator, rows: pd.DataFrame, source: pd.DataFrame) -> pd.DataFrame:
    """Plausible numbers, but with two digits at most."""
    counts = {}
    for name in OUTCOMES:
        floats = rows[name].astype("Float64").fillna(0).to_numpy(float)
        unit = 10 ** np.floor(np.log10(np.maximum(floats, 1)) - 1).clip(0)
        counts[name] = pd.array((floats / unit).round() * unit, dtype="Int64")
    return _capped(rows.assign(**counts, counts_rounded=pd.array([False] * len(rows), "boolean")))


def even_lines(rng: Generator, rows: pd.DataFrame, source: pd.DataFrame) -> pd.DataFrame:
    """Every count grows on a straight line from row to row, up to 2 % more or less."""
    ends = ((200, 5_000), (8, 200), (1, 25), (0, 10), (1, 15), (0, 5))
    counts = {
        name: pd.array(
            (np.linspace(low, high, len(rows)) * rng.uniform(0.98, 1.02, len(rows))).round(),
            dtype="Int64",
        )
        for name, (low, high) in zip(OUTCOMES, ends, strict=True)
    }
    return _capped(rows.assign(**counts))


def column_moved(rng: Generator, rows: pd.DataFrame, source: pd.DataFrame) -> pd.DataFrame:
    """Views stand some lines below the other counts of their videos."""
    views = np.roll(rows["views"].to_numpy(), int(rng.integers(1, len(rows))))
    return _capped(rows.assign(views=pd.array(views, dtype="Int64")))


STYLES = (
    *(one_rate_each, copy, copy_near, copy_near_disguised, copy_scaled, copy_scaled_disguised),
    *(copy_views_moved, copy_of_twenty, own_rows_again, likes_of_views, all_of_views),
    *(all_of_views_shaken, followers_of_views, steps_by_line, steps_by_views),
    *(ten_times_followers, uniform, round_inventions, even_lines, column_moved),
)


def written(rows: pd.DataFrame, creator: str) -> pd.DataFrame:
    """Write rows into one file under new labels, in their order."""
    return rows.reset_index(drop=True).assign(
        creator=creator,
        file=f"contributions/{creator}/videos.csv",
        line=np.arange(2, len(rows) + 2),
        video=[f"video {number}" for number in range(len(rows))],
    )


def weights(videos: pd.DataFrame) -> dict[str, list[Weight]]:
    """What each creator of a pool carries of each estimate, as if they came last."""
    carried: dict[str, list[Weight]] = {}
    for question in QUESTIONS:
        found = fit(design(videos, question))
        if not isinstance(found, Fit) or found.left_out is None:
            continue
        share = partial_leverage(found.blocks)
        varies = np.einsum("gjj->gj", found.blocks.information) > 0
        others = varies.sum(axis=0) - varies
        for g, creator in enumerate(found.sample.creators):
            carried.setdefault(creator, []).extend(
                Weight(question.name, variable.name, float(share[g, j]), int(others[g, j]))
                for j, variable in enumerate(found.variables)
            )
    return carried


def pools(sizes: dict[int, int], after: int) -> Iterator[tuple[str, int, int]]:
    """Name the pools: honest or planted, creators, seed."""
    kind = "planted" if after else "honest"
    for creators, count in sizes.items():
        first = FIRST_SEED[creators] + after
        yield from ((kind, creators, seed) for seed in range(first, first + count))


def counted(pool: tuple[str, int, int]) -> Counted:
    """Count what the looks say of each creator of a pool, as a newcomer to the others."""
    kind, creators, seed = pool
    whole = simulated(creators, creators * VIDEOS, seed)
    captures = whole.captures.drop(columns=["video_no", "left_out"])
    return _honest(captures, whole.videos, seed) if kind == "honest" else _planted(captures, seed)


def _honest(captures: pd.DataFrame, videos: pd.DataFrame, seed: int) -> Counted:
    counts: Counted = Counter()
    carried, names = weights(videos), sorted(captures["creator"].unique())
    for number, creator in enumerate(names):
        rng = Generator(PCG64((seed, number)))
        habit = HABITS[(number + seed) % len(HABITS)]
        own = captures["creator"] == creator
        mine = written(habit(rng, captures[own]), creator)
        found = look(captures[~own], mine, creator, carried.get(creator, ()), True)
        _add(counts, "honest", habit.__name__, len(names), [each.slug for each in found])
    return counts


def _planted(captures: pd.DataFrame, seed: int) -> Counted:
    counts: Counted = Counter()
    by_creator = dict(list(captures.groupby("creator")))
    names = sorted(by_creator)
    for number, creator in enumerate(names):
        source = by_creator[names[(number + 1 + seed) % len(names)]]
        if source is by_creator[creator]:
            source = by_creator[names[number - 1]]
        others = numbers(captures[captures["creator"] != creator])
        for place, style in enumerate(STYLES):
            rng = Generator(PCG64((seed, number, place)))
            once = [rows[~rows["video"].duplicated()] for rows in (by_creator[creator], source)]
            mine = written(style(rng, *once), creator)
            found = at_numbers(others, numbers(mine))
            _add(counts, "planted", style.__name__, len(names), [each.slug for each in found])
    return counts


def _add(counts: Counted, kind: str, style: str, creators: int, slugs: Iterable[str]) -> None:
    found = set(slugs)
    for name in ("all", *sorted(found), *(("any",) if found else ())):
        counts[kind, style, creators, name] += 1


def wilson(hits: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson, 1927)."""
    z = 1.959963984540054
    centre, half = hits + z**2 / 2, z * np.sqrt(hits * (of - hits) / of + z**2 / 4)
    return max(0.0, float(centre - half) / (of + z**2)), float(centre + half) / (of + z**2)


def summed(counts: Counted) -> Counted:
    """Add the sums over styles of the honest, by creators and over all."""
    whole: Counted = Counter(counts)
    for (kind, _, creators, name), count in counts.items():
        if kind == "honest":
            whole[kind, "every habit", creators, name] += count
            whole[kind, "every habit", 0, name] += count
    return whole


def table(counts: Counted, first: Counted) -> list[tuple[str, ...]]:
    """One row for each style, size of pool and look that flags any; creators 0 are all sizes."""
    whole, again, rows = summed(counts), summed(first), []
    names = ["every habit", *(each.__name__ for each in (*HABITS, *STYLES))]
    cells = {(kind, names.index(style), creators) for kind, style, creators, _ in whole}
    for kind, place, creators in sorted(cells):
        cell = (kind, names[place], creators)
        of = whole[*cell, "all"]
        for name in ("any", *SLUGS):
            hits = whole[*cell, name]
            if hits or name == "any" or place == 0:
                low, high = wilson(hits, of)
                shown = (str(of), str(hits), *(f"{x:.4f}" for x in (hits / of, low, high)))
                few_of = (str(again[*cell, "all"]), str(again[*cell, name]))
                rows.append((kind, cell[1], str(creators), name, *shown, *few_of))
    return rows


def slice_of_first() -> list[tuple[str, int, int]]:
    """The first pools of each size, which a test runs again; not those of 100 creators."""
    return [*pools({10: 2, 30: 1}, 0), *pools({30: 1}, AFTER)]


def main() -> None:
    """Look at all contributions and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="processes")
    words = parser.parse_args()
    every = [*pools(HONEST, 0), *pools(PLANTED, AFTER)]
    with ProcessPoolExecutor(words.workers) as workers:
        found = dict(zip(every, workers.map(counted, every), strict=True))
    whole, first = Counter[tuple[str, str, int, str]](), Counter[tuple[str, str, int, str]]()
    for pool, counts in found.items():
        whole.update(counts)
        if pool in slice_of_first():
            first.update(counts)
    with (HERE / "looks.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(table(whole, first))


if __name__ == "__main__":
    main()
