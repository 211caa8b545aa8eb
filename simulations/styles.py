"""How contributions look: honest habits of writing them down, and what can be planted in them.

A habit takes a generator and a creator's captures; a planted style also those of another creator.
"""

import numpy as np
import pandas as pd
from numpy.random import Generator

from pipeline.review.anomalies.numbers import COUNTS

OUTCOMES = (*COUNTS, "new_followers")


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
