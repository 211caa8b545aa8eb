"""Who noted new followers only where there were some: their rate cannot be told."""

import numpy as np

from pipeline.estimate.grouping import Bools, Floats, Ints

ENOUGH_OUTCOMES = 10  # follower counts, from which on their lack of a 0 may tell
RARE = 0.001  # chance below which something did not happen by itself


def positive_only(followers: Floats, views: Floats, group: Ints) -> Bools:
    """Return of each creator (G,) whether followers were evidently noted only where there were any.

    Of ten counts or more none is 0, though zeros were to be expected: at the creator's own rate and
    views, counts without a 0 have a chance (Poisson's) below 1 in 1,000, or beside them stands an
    empty cell of a video that had at least that chance of no follower. Where videos get tens of
    thousands of views each, all counts are positive, and nothing is wrong with them. Real counts
    scatter more than Poisson's and have more zeros, so that the chance is overstated, if anything.

    Args:
        followers: (n,) NaN where not noted.
        views: (n,) >= 0.
        group: (n,) creators 0..G-1.
    """
    noted, g = np.isfinite(followers), int(group.max(initial=-1)) + 1
    known = np.bincount(group, noted, g)
    is_any = (known >= ENOUGH_OUTCOMES) & (np.bincount(group, followers == 0, g) == 0)
    events = np.bincount(group, np.where(noted, followers, 0), g)
    rate = events / np.maximum(np.bincount(group, np.where(noted, views, 0), g), 1)
    expected = rate[group] * views
    chance = np.exp(-expected)  # of no follower
    without = np.log1p(-np.where(noted, np.minimum(chance, 1 - RARE), 0))
    unlikely = np.bincount(group, without, g) < np.log(RARE)
    empty = np.bincount(group, ~noted & (chance > RARE), g) > 0
    result: Bools = is_any & (unlikely | empty)
    return result
