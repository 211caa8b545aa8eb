"""Lines shrunken together, against the posterior written out on a dense grid of true log ratios."""

from dataclasses import dataclass

import numpy as np
import pytest
from scipy import stats

from pipeline.estimate.adaptive_shrinkage import NOTHING, SCEPTICAL, SIZES, shrink_lines

TRUE = np.arange(-24, 24, 2e-3)  # log ratios; none of them is exactly 0
STEP = 2e-3


@dataclass(frozen=True)
class Posterior:
    """Of each line: the chance that it is nothing, and the density over `TRUE` where it is not."""

    nothing: np.ndarray
    density: np.ndarray


def posterior(estimate: list[float], error: list[float], dof: list[float]) -> Posterior:
    """Student's t likelihoods, a spike and a normal slab, the two hyperparameters summed over."""
    lines = list(zip(estimate, error, dof, strict=True))
    centred = TRUE + STEP / 2
    likelihood = [stats.t.pdf((b - centred) / s, v) / s for b, s, v in lines]
    none = [stats.t.pdf(b / s, v) / s for b, s, v in lines]
    slabs = [stats.norm.pdf(centred, 0, size) for size in SIZES]
    joint = np.array([[(like * slab).sum() * STEP for slab in slabs] for like in likelihood])
    weights = np.tile(stats.beta.pdf(NOTHING, 1 + SCEPTICAL, 1)[:, None], len(SIZES))
    for line in range(len(lines)):
        weights *= NOTHING[:, None] * none[line] + (1 - NOTHING[:, None]) * joint[line]
    weights /= weights.sum()
    nothing, density = [], []
    for line in range(len(lines)):
        either = NOTHING[:, None] * none[line] + (1 - NOTHING[:, None]) * joint[line]
        nothing.append((weights * NOTHING[:, None] * none[line] / either).sum())
        of_size = (weights * (1 - NOTHING[:, None]) / either).sum(axis=0)
        density.append(likelihood[line] * (of_size @ np.array(slabs)))
    return Posterior(np.array(nothing), np.array(density) * STEP)


LINES = {
    "one": ([0.5], [0.2], [9.0]),
    "few effective creators": ([0.8, -0.3, 0.1], [0.4, 0.3, 0.2], [1.5, 2.0, 3.0]),
    "many": (
        [0.5, -0.4, 0.05, 0.0, 0.9, -0.1, 0.3, 0.02],
        [0.1, 0.2, 0.1, 0.3, 0.3, 0.05, 0.25, 0.1],
        [5.0, 8.0, 13.0, 4.0, 3.0, 20.0, 6.0, 9.0],
    ),
    "nothing": ([0.01, -0.02, 0.0, 0.03], [0.1, 0.1, 0.1, 0.1], [12.0, 12.0, 12.0, 12.0]),
}


@pytest.mark.parametrize(("estimate", "error", "dof"), LINES.values(), ids=LINES)
def test_the_posterior_is_that_of_a_dense_grid(estimate, error, dof):
    """To 0.01 of a probability and 0.02 of a log ratio: t is of 64 quantiles of its variance."""
    got = shrink_lines(np.array(estimate), np.array(error), np.array(dof))
    want = posterior(estimate, error, dof)
    theta = TRUE + STEP / 2
    np.testing.assert_allclose(got.nothing, want.nothing, atol=0.01)
    for line, size in enumerate(estimate):
        density, nothing = want.density[line], want.nothing[line]
        assert density.sum() + nothing == pytest.approx(1, abs=1e-3)
        way = 1 if size >= 0 else -1
        along = density[theta * way > 0].sum()
        assert got.odds[line] == pytest.approx(along, abs=0.01)
        assert got.estimate[line] == pytest.approx(density @ theta, abs=0.01)
        below = np.cumsum(density) + nothing * (theta >= 0)
        for ends, tail in ((got.low, 0.025), (got.high, 0.975)):
            assert ends[line] == pytest.approx(theta[np.searchsorted(below, tail)], abs=0.03)
        sizes = np.sort(np.abs(theta[theta * way > 0]))
        by_size = density[theta * way > 0]
        by_size = np.cumsum(by_size if way > 0 else by_size[::-1]) / along
        for ends, part in ((got.smaller, 0.1), (got.larger, 0.75)):
            assert ends[line] == pytest.approx(sizes[np.searchsorted(by_size, part)], abs=0.02)


def test_lines_that_say_nothing_make_one_less_believed():
    alone = shrink_lines(np.array([0.3]), np.array([0.12]), np.array([20.0]))
    none = np.append(0.3, np.zeros(20))
    beside = shrink_lines(none, np.append(0.12, np.full(20, 0.05)), np.full(21, 20.0))
    assert beside.odds[0] < alone.odds[0]
    assert abs(beside.estimate[0]) < abs(alone.estimate[0]) < 0.3
    some = np.append(0.3, np.tile([0.8, -0.8], 10))
    among = shrink_lines(some, np.append(0.12, np.full(20, 0.05)), np.full(21, 20.0))
    assert among.odds[0] > alone.odds[0]


def test_a_mirror_image_is_the_mirror_image():
    estimate, error, dof = (np.array(each) for each in LINES["many"])
    one, other = shrink_lines(estimate, error, dof), shrink_lines(-estimate, error, dof)
    at = estimate != 0  # a 0 counts as pointing up in both
    np.testing.assert_allclose(other.odds[at], one.odds[at], atol=1e-12)
    np.testing.assert_allclose(other.estimate, -one.estimate, atol=1e-12)
    np.testing.assert_allclose(other.low, -one.high, atol=1e-7)
    np.testing.assert_allclose(other.smaller[at], one.smaller[at], atol=1e-7)


def test_no_lines_have_no_posterior():
    got = shrink_lines(np.empty(0), np.empty(0), np.empty(0))
    assert got.odds.shape == got.high.shape == (0,)
