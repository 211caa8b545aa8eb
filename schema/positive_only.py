"""Who noted new followers only where there were some: their rate cannot be told."""

import numpy as np
from numpy.typing import NDArray

ENOUGH_OUTCOMES = 10  # follower counts from which on it tells something that none is 0
RARE = 0.001  # below this, it did not happen by chance
RARE_BESIDE_EMPTY = 0.05  # nor below this, where cells are empty as well
MATTERS = 0.05  # of the counts: a smaller share of zeros would hardly move a rate


def positive_only(followers: NDArray[np.float64], group: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return for each creator (G,) whether followers were noted only where there were some.

    Of ten counts or more none is 0, though zeros were due: where many counts are 1 and few are 2,
    about as many are 0. Chao (1987) bounds their expected number from below, whatever the spread of
    the rates and of the views, by f1(f1 - 1) / (2(f2 + 1)) with f1 ones and f2 twos. Were exactly
    so many due, none would be there with the chance exp(-due). As `due` is itself an estimate, the
    chance is larger where there are few ones: at most 0.3 % of honest accounts as simulated are
    taken for such, and 1.5 % beside empty cells. Where videos get a hundred followers each, there
    is no 1, no 0 is due, and nothing is wrong with the counts.

    Args:
        followers: (n,) NaN where not noted.
        group: (n,) creators 0..G-1.
    """
    noted, g = np.isfinite(followers), int(group.max(initial=-1)) + 1
    known, zeros, ones, twos = (
        np.bincount(group, each, g)
        for each in (noted, followers == 0, followers == 1, followers == 2)
    )
    due = ones * (ones - 1) / (2 * (twos + 1))
    chance = np.where(np.bincount(group, ~noted, g) > 0, RARE_BESIDE_EMPTY, RARE)
    is_due = (due >= -np.log(chance)) & (due >= MATTERS * known)
    result: NDArray[np.bool_] = (known >= ENOUGH_OUTCOMES) & (zeros == 0) & is_due
    return result
