"""Who noted new followers only where there were some: their rate cannot be told."""

import numpy as np
from numpy.typing import NDArray

ENOUGH_OUTCOMES = 10  # follower counts from which on it tells something that none is 0
RARE = 0.001  # a chance below this is not chance
RARE_BESIDE_EMPTY = 0.05  # nor is one below this where cells are empty as well


def positive_only(followers: NDArray[np.float64], group: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Say for each creator (G,) whether followers were evidently noted only where there were any.

    Of ten counts or more none is 0, though zeros were due: with many ones and few twos, zeros are
    as common. Chao (1987) bounds the number of zeros from below, whatever the distribution of the
    rates and of the views, with f1 ones and f2 twos, by f1(f1 - 1) / (2(f2 + 1)). That so many are
    due and none is there has the chance exp(-due) at most. Where videos get a hundred followers
    each, there is no 1, no 0 is due, and nothing is wrong with the counts.

    Args:
        followers: (n,) NaN where not noted.
        group: (n,) creators 0..G-1.
    """
    noted, g = np.isfinite(followers), int(group.max(initial=-1)) + 1
    known, zeros, ones, twos = (
        np.bincount(group, each, g)
        for each in (noted, followers == 0, followers == 1, followers == 2)
    )
    is_any_empty = np.bincount(group, ~noted, g) > 0
    due = ones * (ones - 1) / (2 * (twos + 1))
    chance = np.where(is_any_empty, RARE_BESIDE_EMPTY, RARE)
    result: NDArray[np.bool_] = (known >= ENOUGH_OUTCOMES) & (zeros == 0) & (due >= -np.log(chance))
    return result
