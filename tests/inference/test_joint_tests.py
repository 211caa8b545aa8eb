"""One test of all levels of a term: by hand, where there is none, and how often it is wrong."""

import numpy as np
import pytest
from numpy.random import PCG64, Generator
from scipy import stats

from pipeline.estimate.cluster_robust import joint_p_value, leave_one_out
from pipeline.inference.joint_tests import joint_p_values
from support.lines import fit_of, lever, lines_of

THREE = [lever("sound", word) for word in ("library", "none", "trending")]


def spread(rng: Generator, creators: int, k: int) -> np.ndarray:
    """Scores (G, k) that sum to 0."""
    drawn = rng.normal(size=(creators, k))
    return drawn - drawn.mean(axis=0)


def jackknifed(estimate: np.ndarray, creators: int, seed: int):
    """A fit of three levels and a lever, whose covariance is that of random scores."""
    fitted = fit_of([*THREE, lever("a")], [*estimate, 0.3], [0.1] * 4, creators)
    rng = Generator(PCG64(seed))
    blocks = fitted.blocks
    object.__setattr__(blocks, "scores", spread(rng, creators, 4))
    object.__setattr__(fitted, "left_out", leave_one_out(blocks))
    object.__setattr__(fitted, "refits", leave_one_out(blocks))
    return fitted


def test_it_is_hotellings_by_hand():
    fitted = jackknifed(np.array([0.4, -0.2, 0.1]), 12, 1)
    without = fitted.left_out.estimates - fitted.blocks.estimate
    covariance = 11 / 12 * without.T @ without
    estimate, inner = fitted.blocks.estimate[:3], covariance[:3, :3]
    squared = estimate @ np.linalg.inv(inner) @ estimate
    want = stats.f.sf(squared * (11 - 3 + 1) / (11 * 3), 3, 11 - 3 + 1)
    p_values = joint_p_values(fitted, lines_of(fitted))
    assert p_values == {"sound": pytest.approx(want)}  # one level alone has a p-value of its own


def test_there_is_none_with_too_few_creators_for_so_many_levels():
    many = [lever("sound", f"w{n}") for n in range(7)]
    few = fit_of(many, [0.1] * 7, [0.1] * 7, 7)
    assert joint_p_values(few, lines_of(few)) == {}


def test_there_is_none_where_the_covariance_is_singular():
    """Each error comes from the same two creators: one direction has it all."""
    fitted = fit_of(THREE, [0.1, 0.2, 0.3], [0.1] * 3, 12)
    assert joint_p_values(fitted, lines_of(fitted)) == {}


def test_a_level_without_an_interval_has_no_part_in_it():
    fitted = jackknifed(np.array([0.4, -0.2, 0.1]), 12, 2)
    lines = lines_of(fitted)
    object.__setattr__(lines[1], "p_value", None)
    two = joint_p_values(fitted, lines)["sound"]
    assert two != joint_p_values(fitted, lines_of(fitted))["sound"]


def test_it_is_wrong_about_one_time_in_twenty():
    """3,000 samples of 12 independent creators: means of three numbers that are 0."""
    rng, creators, wrong = Generator(PCG64(3)), 12, 0
    for _ in range(3_000):
        own = rng.normal(size=(creators, 3))
        p_value = joint_p_value(own.mean(axis=0), np.cov(own.T) / creators, creators - 1)
        wrong += p_value is not None and p_value < 0.05
    assert 0.04 < wrong / 3_000 < 0.06
