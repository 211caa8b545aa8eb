"""Who noted new followers only where there were some, and who had some in every video."""

import math

import numpy as np
import pytest
from numpy.random import PCG64, Generator

from pipeline.model.positive_only import positive_only


def of_one(followers: list[float], views: list[float]) -> bool:
    group = np.zeros(len(views), dtype=np.int64)
    (marked,) = positive_only(np.array(followers, float), np.array(views, float), group)
    return bool(marked)


def test_large_accounts_whose_videos_all_have_followers_stay():
    views = np.linspace(80_000, 900_000, 40)
    followers = np.round(views * 0.001)
    assert not of_one(followers.tolist(), views.tolist())
    with_a_gap = [math.nan, *followers[1:]]
    assert not of_one(with_a_gap, views.tolist())


@pytest.mark.parametrize(("n", "marked"), [(14, False), (15, False), (16, True), (40, True)])
def test_the_chance_of_no_zero_decides(n, marked):
    """Each has one follower expected: no 0 in n videos has the chance (1 - 1/e)^n."""
    assert ((1 - math.exp(-1)) ** n < 0.001) == marked
    assert of_one([1] * n, [500] * n) == marked


def test_an_empty_cell_of_a_video_that_may_have_had_none_tells():
    assert not of_one([1] * 10, [500] * 10)
    assert of_one([*[1] * 10, math.nan], [500] * 11)
    assert not of_one([*[9] * 10, math.nan], [9_000] * 11)  # exp(-9): no 0 was due
    assert of_one([*[9] * 10, math.nan], [9_000] * 10 + [3_000])


def test_a_zero_or_nine_counts_tell_nothing():
    assert not of_one([1] * 9 + [math.nan] * 30, [500] * 39)
    assert not of_one([1] * 20 + [0], [500] * 21)
    assert not of_one([math.nan] * 20, [500] * 20)
    assert positive_only(np.array([]), np.array([]), np.array([], dtype=np.int64)).tolist() == []


def test_creators_do_not_change_each_other_and_order_does_not_matter():
    rng = Generator(PCG64(3))
    group = rng.integers(0, 6, 300)
    views = np.exp(rng.normal(7, 1, 300))
    followers = np.where(rng.random(300) < 0.3, np.nan, rng.poisson(views * 0.002) + (group % 2))
    marked = positive_only(followers, views, group)
    alone = [
        of_one(followers[group == each].tolist(), views[group == each].tolist())
        for each in range(6)
    ]
    assert marked.tolist() == alone
    assert any(alone)
    order = rng.permutation(300)
    assert (positive_only(followers[order], views[order], group[order]) == marked).all()


def test_honest_accounts_are_seldom_left_out():
    """Counts about one rate, all noted: below 1 in 1,000 by its own rule, whatever the views."""
    rng, marked, accounts = Generator(PCG64(4)), 0, 4_000
    for _ in range(accounts):
        n = int(rng.integers(10, 60))
        views = np.exp(rng.normal(rng.uniform(5, 9), 1, n))
        followers = rng.poisson(views * 0.002)
        marked += of_one(followers.tolist(), views.tolist())
    assert marked <= 0.001 * accounts + 3 * math.sqrt(0.001 * accounts)
