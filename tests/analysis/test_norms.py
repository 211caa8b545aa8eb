"""What is normal: numbers from elsewhere, and what no aggregate may give away."""

from functools import cache
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import scipy.stats
import statsmodels.api as sm

from pipeline.analysis.creators.summary import NO_COUNTS, spread_of
from pipeline.analysis.norms import poisson_range
from pipeline.analysis.norms.bands import EDGES, Norms, conversion_videos, yardstick
from pipeline.analysis.norms.rates import (
    FEW_VIDEOS,
    MOST_OF_ONE,
    ONE_ACCOUNT,
    ONE_LEADS,
    TWO_ACCOUNTS,
    group,
    lacks,
    per_1000,
    rounded,
)
from pipeline.inference.results import gather
from support.creators import rows, sized, videos
from support.pool import accepted

pytestmark = pytest.mark.slow  # whole pools are fitted


def two(value: float) -> float:
    return float(f"{value:.2g}")


@pytest.mark.parametrize("seed", range(6))
def test_the_spread_is_that_of_pandas(seed):
    seen = videos(seed)
    rates = seen["new_followers"].astype(float) / seen["views"] * 1000
    rate = group(seen)
    expected = rates.quantile([0.1, 0.25, 0.5, 0.75, 0.9], interpolation="linear")
    given = (rate.tenth, rate.low, rate.middle, rate.high, rate.ninetieth)
    assert given == tuple(two(each) for each in expected)
    assert (rate.videos, rate.creators) == (len(seen), seen["creator"].nunique())
    assert rate.none == pytest.approx((rates == 0).sum() / len(rates))
    assert rate.largest == seen["creator"].value_counts(normalize=True).iloc[0]
    assert rate.rate == two(1000 * seen["new_followers"].sum() / seen["views"].sum())


@pytest.mark.parametrize("seed", range(2))
def test_the_interval_is_the_jackknife_of_a_poisson_regression(seed):
    """Refitted by statsmodels without each creator in turn."""
    seen = videos(seed, creators=12 + seed)

    def log_rate(part: pd.DataFrame) -> float:
        y, offset = part["new_followers"].astype(float), np.log(part["views"].astype(float))
        fitted = sm.GLM(y, np.ones(len(y)), sm.families.Poisson(), offset=offset).fit(tol=1e-12)
        return float(fitted.params.iloc[0])

    names = sorted(seen["creator"].unique())
    whole = log_rate(seen)
    left_out = np.array([log_rate(seen[seen["creator"] != name]) for name in names])
    error = np.sqrt((len(names) - 1) / len(names) * ((left_out - whole) ** 2).sum())
    shares = seen.groupby("creator")["views"].sum() / seen["views"].sum()
    in_effect = 1 / (shares**2).sum()
    assert in_effect >= 2
    ends = scipy.stats.t.interval(0.95, in_effect - 1, whole, error)
    rate = group(seen)
    assert rate.rate_low == two(1000 * np.exp(ends[0]))
    assert rate.rate_high == two(1000 * np.exp(ends[1]))


def test_fewer_than_five_creators_have_no_interval():
    four, five = (sized(sizes={f"c{i}": 4 + i for i in range(n)}) for n in (4, 5))
    five["new_followers"] += (five["creator"] == "c0").astype(int)
    assert (group(four).rate_low, group(four).rate_high) == (None, None)
    assert group(five).rate_low < group(five).rate < group(five).rate_high


def test_an_interval_that_rests_on_one_creator_is_none():
    seen = sized(sizes={f"c{i}": 4 for i in range(6)})
    seen["new_followers"] = (seen["creator"] == "c3").astype(int)
    assert group(seen).rate > 0
    assert group(seen).rate_low is None


def test_creators_of_whom_one_has_most_of_the_views_have_no_interval():
    seen = sized(sizes={f"c{i}": 4 + i for i in range(6)})
    seen["new_followers"] += (seen["creator"] == "c0").astype(int)
    assert group(seen).rate_low is not None
    seen["views"] = np.where(seen["creator"] == "c5", 50 * seen["views"], seen["views"])
    assert group(seen).rate_low is None


def test_the_middle_80_percent_needs_twenty_videos():
    assert group(sized(sizes={"a": 9, "b": 5, "c": 5})).tenth is None
    assert group(sized(sizes={"a": 9, "b": 5, "c": 6})).ninetieth == 1.0


@pytest.mark.parametrize(
    ("sizes", "views", "why"),
    [
        ({}, {}, NO_COUNTS),
        ({"a": 50}, {}, ONE_ACCOUNT),
        ({"a": 50, "b": 50}, {}, TWO_ACCOUNTS),
        ({"a": 3, "b": 3, "c": 3}, {}, FEW_VIDEOS),
        ({"a": 4, "b": 3, "c": 3}, {}, ""),
        ({"a": 80, "b": 10, "c": 10}, {}, ""),
        ({"a": 81, "b": 10, "c": 9}, {}, ONE_LEADS),
        ({"a": 1, "b": 10, "c": 10}, {"a": 90_000}, ONE_LEADS),
        ({"a": 1, "b": 10, "c": 10}, {"a": 80_000}, ""),
    ],
)
def test_what_is_enough_to_tell_of_no_one(sizes, views, why):
    seen = sized(sizes=sizes, views=views)
    assert lacks(seen) == why
    stick = yardstick(seen)
    assert (stick.whole is None, stick.why) == (bool(why), why)
    assert bool(stick.bands) == (not why)


def is_safe(seen: pd.DataFrame) -> bool:
    """By the rule as it is written on the page, told in another way."""
    shares = [seen["creator"].value_counts(), seen.groupby("creator")["views"].sum()]
    return (
        len(seen) >= 10
        and seen["creator"].nunique() >= 3
        and all(each.max() <= MOST_OF_ONE * each.sum() for each in shares)
    )


def in_band(stick: Norms, seen: pd.DataFrame, b: int) -> pd.Series:
    band = stick.bands[b]
    most = np.inf if band.below is None else band.below - 1
    return seen["views"].between(band.least, most)


def in_kind(stick: Norms, seen: pd.DataFrame, k: int) -> pd.Series:
    return seen["category"].isin(stick.kinds[k].categories)


SEEDS = (*range(10), *range(30, 40))  # creators with few videos, and with many


@cache
def case(seed: int) -> tuple[pd.DataFrame, Norms]:
    seen = videos(seed, creators=3 + seed % 8, most=25 + 5 * seed)
    return seen, yardstick(seen)


@pytest.mark.parametrize("seed", SEEDS)
def test_neither_a_row_nor_what_is_left_of_it_tells_of_one_creator(seed):
    seen, stick = case(seed)
    if stick.whole is None:
        assert not is_safe(seen)
        return
    bands = [in_band(stick, seen, b) for b in range(len(stick.bands))]
    kinds = [in_kind(stick, seen, k) for k in range(len(stick.kinds))]
    for shown, parts in ((stick.bands, bands), (stick.kinds, kinds)):
        assert all(is_safe(seen[part]) for part in parts)
        assert [row.group for row in shown] == [group(seen[part]) for part in parts]
        assert not shown or (sum(part.astype(int) for part in parts) == 1).all()
    assert [band.least for band in stick.bands] == sorted(
        {0, *EDGES} & {b.least for b in stick.bands}
    )
    assert all(one.below == other.least for one, other in pairwise(stick.bands))
    for (b, k), cell in stick.cells.items():
        assert is_safe(seen[bands[b] & kinds[k]])
        assert cell == group(seen[bands[b] & kinds[k]])
    for side, parts in enumerate((bands, kinds)):
        for at in {place[side] for place in stick.cells}:
            rest = parts[at].copy()
            for b, k in (place for place in stick.cells if place[side] == at):
                rest &= ~(bands[b] & kinds[k])
            assert not rest.any() or is_safe(seen[rest])


def test_the_cases_above_have_joined_bands_and_kinds_and_cells():
    """Else they show nothing."""
    sticks = [case(seed)[1] for seed in SEEDS]
    assert any(stick.whole is None for stick in sticks)
    assert {len(stick.bands) for stick in sticks} >= {0, 2, 3, 4, 5}
    assert any(len(kinds.categories) > 1 for stick in sticks for kinds in stick.kinds)
    assert sum(bool(stick.cells) for stick in sticks) > 5


@pytest.mark.parametrize("seed", range(8))
def test_the_most_views_are_ten_times_a_step_that_enough_videos_reach(seed):
    seen = videos(seed).assign(views=lambda rows: rows["views"] * 4 ** (seed % 8))
    steps = [300, 1000, 3000, 10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000, 10_000_000]
    reached = [step for step in steps if is_safe(seen[seen["views"] >= step])]
    assert yardstick(seen).most == 10 * reached[-1]


def test_the_most_views_tell_nothing_of_a_creator_who_has_more():
    seen, far = videos(1), videos(1)
    first = far.index[far["creator"] == "c0"][0]
    far.loc[first, "views"] = 50_000_000
    seen.loc[first, "views"] = 5_000_000
    assert yardstick(seen).most == yardstick(far).most
    low = sized(sizes={"a": 9, "b": 9, "c": 9}, views={"a": 99, "b": 99, "c": 99})
    assert yardstick(low).most == 3000


def test_creators_own_rates_are_spread_as_contributors_are_told():
    seen = videos(3, creators=20)
    sizes = seen["creator"].value_counts()
    big = seen[seen["creator"].isin(sizes[sizes >= 10].index)]
    sums = big.groupby("creator")[["new_followers", "views"]].sum().astype(float)
    stick = yardstick(seen)
    assert stick.rated == len(sums) >= 8
    assert stick.spread == spread_of((1000 * sums["new_followers"] / sums["views"]).to_numpy())
    few = yardstick(videos(3, creators=5))
    assert few.whole
    assert few.spread is None


def test_positives_alone_unknown_counts_and_no_views_are_left_out():
    positive = [{**row, "new_followers": 1 + (i % 3 == 0)} for i, row in enumerate(rows(30, 7))]
    unknown = [{**row, "new_followers": None} for row in rows(30, 8)]
    unseen = [{**row, "views": 0, "new_followers": 0} for row in rows(4, 9)]
    others = {"a": rows(12, 1), "b": [*rows(12, 2), *unknown[12:]], "c": rows(12, 3)}
    verdicts = [accepted(name, each) for name, each in others.items()]
    verdicts += [accepted("d", positive), accepted("e", unknown), accepted("f", unseen)]
    seen = conversion_videos(gather(verdicts, {}, {}))
    assert seen["creator"].value_counts().to_dict() == {"a": 12, "b": 12, "c": 12}


def test_two_digits_halves_up():
    values = [0.125, 0.375, 0.1249, 104.0, 105.0, 9.95, 0.0, 1 / 3, 1000.0, 12345.0]
    assert [rounded(each) for each in values] == [
        0.13, 0.38, 0.12, 100.0, 110.0, 9.9, 0.0, 0.33, 1000.0, 12000.0,
    ]  # fmt: skip
    assert per_1000(1, 8000) == 0.13


@pytest.mark.parametrize("seed", range(2))
def test_luck_is_a_poisson_count(seed):
    rng = np.random.default_rng(seed)
    for mean in np.exp(rng.uniform(-6, 12, 300)):
        law = scipy.stats.poisson(mean)
        assert poisson_range.luck(mean) == (law.ppf(0.1), law.ppf(0.9))
        low, high = poisson_range.luck(mean)
        assert law.cdf(high) - law.cdf(low - 1) >= poisson_range.LUCK
        count = int(rng.poisson(mean * np.exp(rng.normal(0, 0.3))))
        expected = law.cdf(count) if count < mean else law.sf(count - 1)
        assert poisson_range.chance(count, mean) == pytest.approx(expected, abs=1e-12)
    assert poisson_range.luck(0.0) == (0, 0)
    assert poisson_range.chance(0, 0.0) == 1.0


def test_a_first_band_that_one_account_leads_is_joined_with_the_next():
    """Its own 115 videos are enough in number; 100 of them are one creator's."""
    few = pd.concat(
        [
            sized(sizes={"a": 100}, views={"a": 100}),
            sized(sizes=dict.fromkeys("abc", 5), views=dict.fromkeys("abc", 400)),
            sized(sizes=dict.fromkeys("abcd", 30), views=dict.fromkeys("abcd", 2000)),
        ],
        ignore_index=True,
    )
    assert [(band.least, band.below) for band in yardstick(few).bands] == [(0, None)]
