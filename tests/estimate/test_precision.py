"""How much more data an interval needs, against the definition and by simulation."""

import numpy as np
import pytest
from scipy import stats

from pipeline.estimate.cluster_robust import (
    cr3,
    effective_creators,
    effective_dof,
    leave_one_out,
    t_interval,
)
from pipeline.estimate.linear import least_squares
from pipeline.estimate.sample_size import MOST, growth
from pipeline.estimate.states import states

WIDTHS = [(0.3, 5.0, 0.4), (0.05, 2.0, 0.1), (2.0, 30.0, 0.405)]


@pytest.mark.parametrize(("se", "effective", "half"), WIDTHS)
def test_the_interval_is_that_wide_at_the_growth(se, effective, half):
    times = growth(se, lambda c: max(c * effective - 1, 0.5), half)
    df = max(times * effective - 1, 0.5)
    assert stats.t.ppf(0.975, df) * se / np.sqrt(times) == pytest.approx(half, rel=1e-9)


def test_what_is_narrow_already_needs_no_more():
    assert growth(0.01, lambda c: 10 * c, 0.4) == 1


def test_what_no_data_would_tell_is_infinite():
    assert growth(1e4, lambda c: 10 * c, 0.4) == np.inf
    assert growth(0.4 * np.sqrt(MOST) / 1.96, lambda c: 1e9, 0.4) < MOST


def half_width(rng: np.random.Generator, creators: int) -> tuple[float, float, float]:
    """Half width, standard error and G* of a flag whose effect differs between creators."""
    sizes = rng.lognormal(3.3, 0.8, creators).astype(int) + 4
    group = np.repeat(np.arange(creators), sizes)
    flag = (rng.random(len(group)) < 0.4).astype(float)
    slope = rng.normal(0, 0.3, creators)[group]
    y = flag * slope + rng.lognormal(0, 0.8, len(group))
    blocks = least_squares(states(np.column_stack([flag, y]), group), 1, [0]).blocks
    error = np.sqrt(np.diagonal(cr3(blocks, leave_one_out(blocks))))
    effective = effective_creators(blocks)
    interval = t_interval(blocks.estimate, error, effective_dof(effective))
    return float(interval.high[0] - blocks.estimate[0]), float(error[0]), float(effective[0])


def test_with_so_many_creators_half_of_the_intervals_are_that_narrow():
    """From 12 creators the median answer is right to a quarter, four of five to a factor of 2.5."""
    rng, wanted = np.random.default_rng(20261122), 0.15
    answers = []
    for _ in range(300):
        _, error, effective = half_width(rng, 12)
        answers.append(12 * growth(error, lambda c, g=effective: max(c * g - 1, 0.5), wanted))
    needed = float(np.median(answers))
    fewer, more = (
        np.median([half_width(rng, round(share * needed))[0] for _ in range(300)])
        for share in (0.75, 1.25)
    )
    assert more < wanted < fewer
    assert np.mean((np.array(answers) > needed / 2.5) & (np.array(answers) < needed * 2.5)) > 0.8
