"""Who noted new followers only where there were some, and who had some in every video."""

import math

import numpy as np
import pytest
from numpy.random import PCG64, Generator

from pipeline.estimate.grouping import Floats
from schema.positive_only import positive_only

EMPTY = math.nan


def of_one(*followers: float) -> bool:
    (marked,) = positive_only(np.array(followers, float), np.zeros(len(followers), dtype=np.int64))
    return bool(marked)


@pytest.mark.parametrize(
    ("counts", "empty", "marked"),
    [
        ([1] * 5 + [9] * 5, 0, True),  # due: 5 * 4 / 2 = 10
        ([1] * 4 + [9] * 6, 0, False),  # 6
        ([1] * 4 + [9] * 6, 1, True),
        ([1] * 3 + [9] * 7, 1, True),  # 3
        ([1] * 2 + [9] * 8, 1, False),  # 1
        ([1] * 5 + [2] + [9] * 4, 0, False),  # 5 * 4 / 4 = 5
        ([1] * 5 + [2] + [9] * 4, 1, True),
        ([1] * 10, 0, True),
        ([3] * 10, 40, False),
        ([120] * 40, 40, False),
        ([1] * 4 + [9] * 116, 1, True),  # 6 of 120 matter
        ([1] * 4 + [9] * 117, 1, False),
    ],
)
def test_many_ones_and_few_twos_have_zeros_beside_them(counts, empty, marked):
    assert of_one(*counts, *[EMPTY] * empty) == marked


def test_a_zero_or_nine_counts_tell_nothing():
    assert not of_one(*[1] * 9, *[EMPTY] * 30)
    assert not of_one(*[1] * 20, 0)
    assert not of_one(*[EMPTY] * 20)
    assert positive_only(np.array([]), np.array([], dtype=np.int64)).tolist() == []


def test_creators_do_not_change_each_other_and_order_does_not_matter():
    rng = Generator(PCG64(3))
    group = rng.integers(0, 6, 300)
    counted = rng.poisson(np.exp(rng.normal(1, 1, 300))) + (group % 2)
    followers = np.where(rng.random(300) < 0.3, np.nan, counted)
    marked = positive_only(followers, group)
    assert marked.tolist() == [of_one(*followers[group == each]) for each in range(6)]
    assert set(marked.tolist()) == {True, False}
    order = rng.permutation(300)
    assert (positive_only(followers[order], group[order]) == marked).all()


def account(rng: Generator) -> Floats:
    """The follower counts of one account, of any size and elasticity, with one video gone viral."""
    n = int(rng.integers(10, 120))
    views = np.exp(rng.uniform(4, 10) + rng.exponential(1.2, n))
    views[0] *= 50
    expected = views ** rng.uniform(0.5, 1) * np.exp(rng.normal(0, 0.8, n))
    return rng.poisson(expected / expected[1:].mean() * np.exp(rng.uniform(0, 4))).astype(float)


@pytest.mark.parametrize(("empty", "most"), [(0.0, 0.003), (0.1, 0.015)])
def test_honest_accounts_are_seldom_left_out(empty, most):
    rng, marked, accounts = Generator(PCG64(4)), 0, 4_000
    for _ in range(accounts):
        followers = account(rng)
        followers[rng.random(len(followers)) < empty] = EMPTY
        marked += of_one(*followers)
    assert marked <= most * accounts


@pytest.mark.parametrize(("dropped", "least"), [(False, 0.9), (True, 0.6)])
def test_small_accounts_without_their_zeros_are_found(dropped, least):
    """Sixty videos of up to a thousand views: two of three bring nobody."""
    rng, suspected, accounts = Generator(PCG64(5)), 0, 1_000
    for _ in range(accounts):
        followers = rng.poisson(np.exp(rng.normal(-0.5, 1, 60))).astype(float)
        positive = followers[followers > 0]
        left = positive if dropped else np.where(followers > 0, followers, EMPTY)
        suspected += of_one(*left)
    assert suspected >= least * accounts
