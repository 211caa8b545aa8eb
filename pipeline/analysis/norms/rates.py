"""What is told of some videos: the new followers that they got for 1,000 views, and the spread.

It is told only of videos that are enough for it to tell of no one creator.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pandas as pd

from pipeline.analysis.creators.summary import DIGITS, ENOUGH_VIDEOS, NO_COUNTS
from pipeline.estimate.grouping import Floats
from pipeline.estimate.ratio_of_sums import log_interval
from pipeline.inference.thresholds import INTERVAL_CREATORS, RATE_CREATORS
from pipeline.model.rate import PER_VIEWS, rate_of
from pipeline.model.variables import bounded_exp

MOST_OF_ONE = 0.8  # of the videos, or of the views
ENOUGH_FOR_ENDS = 20  # videos, from which two lie beyond the middle 80 % at either end
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)

ONE_ACCOUNT = "there is one account with follower counts so far"
TWO_ACCOUNTS = "there are two accounts with follower counts so far"
FEW_VIDEOS = f"fewer than {ENOUGH_VIDEOS} videos have both views and a follower count"
ONE_LEADS = f"one account has more than {100 * MOST_OF_ONE:.0f}\xa0% of the videos or of the views"


@dataclass(frozen=True, slots=True)
class GroupRate:
    """Followers per 1,000 views over some videos, to two digits.

    `low`, `middle` and `high` are quartiles over the videos, `tenth` and `ninetieth` hold the
    middle 80 % between them (None for fewer than twenty videos). `none` is the share of videos
    without a new follower, `largest` the greatest share of one creator in the videos. `rate` is all
    followers over all views, with its 95 % interval (None for fewer than five creators, or where
    its ends would be more than thirtyfold apart, or one creator has all followers).
    """

    videos: int
    creators: int
    largest: float
    none: float
    tenth: float | None
    low: float
    middle: float
    high: float
    ninetieth: float | None
    rate: float
    rate_low: float | None
    rate_high: float | None


def rounded(value: float) -> float:
    """Round to two significant digits, halves up, as scripts of a page do.

    >>> rounded(0.125), rounded(104.0), rounded(0.0)
    (0.13, 100.0, 0.0)
    """
    exact = Decimal(value)
    if not exact:
        return 0.0
    last = Decimal(1).scaleb(exact.adjusted() - DIGITS + 1)
    return float(exact.quantize(last, ROUND_HALF_UP))


def per_1000(followers: int, views: int) -> float:
    """Give a video's followers per 1,000 views to two digits, as groups are given.

    >>> per_1000(3, 5000)
    0.6
    """
    return rounded(rate_of(followers, views))


def lacks(videos: pd.DataFrame) -> str:
    """Say why these videos are not enough to tell of; "" where they are."""
    if not len(videos):
        return NO_COUNTS
    views = videos.groupby("creator")["views"]
    sizes, sums = views.size(), views.sum()
    if len(sizes) < RATE_CREATORS:
        return ONE_ACCOUNT if len(sizes) == 1 else TWO_ACCOUNTS
    if len(videos) < ENOUGH_VIDEOS:
        return FEW_VIDEOS
    share = max(sizes.max() / sizes.sum(), sums.max() / sums.sum())
    return ONE_LEADS if share > MOST_OF_ONE else ""


def group(videos: pd.DataFrame) -> GroupRate:
    """Tell of videos (one a row) that lack nothing; quantiles are those of numpy and R, type 7."""
    followers = videos["new_followers"].to_numpy(np.float64)
    rates = rate_of(followers, videos["views"].to_numpy(np.float64))
    sums = videos.groupby("creator")[["new_followers", "views"]].sum().to_numpy(np.float64)
    tenth, low, middle, high, ninetieth = map(rounded, np.quantile(rates, QUANTILES))
    has_ends = len(videos) >= ENOUGH_FOR_ENDS
    rate_low, rate_high = _interval(sums[:, 0], sums[:, 1])
    return GroupRate(
        len(videos),
        len(sums),
        float(videos["creator"].value_counts().max() / len(videos)),
        float((followers == 0).mean()),
        tenth if has_ends else None,
        low,
        middle,
        high,
        ninetieth if has_ends else None,
        rounded(rate_of(sums[:, 0].sum(), sums[:, 1].sum())),
        rate_low,
        rate_high,
    )


def _interval(followers: Floats, views: Floats) -> tuple[float | None, float | None]:
    """Give the 95 % interval of followers per 1,000 views, from sums of creators (G,)."""
    if len(views) < INTERVAL_CREATORS:
        return None, None
    ends = log_interval(followers, views)
    if ends is None:
        return None, None
    low, high = (rounded(PER_VIEWS * bounded_exp(end)) for end in ends)
    return low, high
