"""What the author's sheet itself says: where followers were noted, and what its zeros do."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.analysis.replication.original import OUTCOME, Floats, Ints, numbers, with_intercept
from pipeline.analysis.replication.source_files import SourceSheet
from pipeline.model.rate import PER_VIEWS

VIRAL = 20_000  # views from which a 0 cannot be a count: it was not noted
GROUPS = ("humor", "info", "opinion")  # of categories in the demonstration; the rest is `other`
SHORT, LONG = 15.0, 45.0  # seconds
NORMAL_95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class ObservedRate:
    """New followers per 1,000 views with a 95 % interval (Poisson, HC0), and how they grow.

    `elasticity`: by what factor e^(elasticity) followers grow as views grow e-fold; 1 is
    proportional.
    """

    videos: int
    with_followers: int
    followers: int
    views: int
    per_1000: float
    low: float
    high: float
    elasticity: float
    elasticity_std_error: float


@dataclass(frozen=True, slots=True)
class Trap:
    """Followers per view of a video of 15 seconds against one of 45, with a 95 % interval."""

    videos: int
    followers: int
    ratio: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Observed:
    """What the sheet says. Rows are counted from 1; `rate_to_last` ends at the last noted one."""

    videos: int
    noted: int
    first_noted: int
    last_noted: int
    recorded: int
    viral: int
    analytics: int
    analytics_followers: int
    rate: ObservedRate
    rate_to_last: ObservedRate
    zeros_true: Trap
    zeros_missing: Trap


def recorded(raw: SourceSheet) -> Ints:
    """Rows, from 0, whose followers we take as observed, zeros included.

    From the first video with a noted follower on: before it nobody noted any, be it the author or
    TikTok. Without the videos of 20,000 views or more, whose 0 is no count. Raises ValueError where
    no follower is noted.
    """
    followers, views = numbers(raw, OUTCOME), numbers(raw, "views")
    if not followers.any():
        raise ValueError("no follower is noted")
    first = np.flatnonzero(followers > 0)[0]
    return np.flatnonzero((np.arange(len(views)) >= first) & (views < VIRAL))


def observe(raw: SourceSheet) -> Observed:
    """Tell what the sheet says. Raises ValueError where a fit has no answer."""
    followers, views = numbers(raw, OUTCOME), numbers(raw, "views")
    rows = recorded(raw)
    noted = np.flatnonzero(followers > 0)
    analytics = [i for i in rows if raw.columns["subject"][i].strip() == "data analytics"]
    shown = comparable(raw)
    return Observed(
        videos=len(views),
        noted=len(noted),
        first_noted=int(noted[0]) + 1,
        last_noted=int(noted[-1]) + 1,
        recorded=len(rows),
        viral=int((views[noted[0] :] >= VIRAL).sum()),
        analytics=len(analytics),
        analytics_followers=int(followers[analytics].sum()),
        rate=rate(followers[rows], views[rows]),
        rate_to_last=rate(*(values[rows[rows <= noted[-1]]] for values in (followers, views))),
        zeros_true=trap(raw, shown),
        zeros_missing=trap(raw, shown[shown >= noted[0]]),
    )


def rate(followers: Floats, views: Floats) -> ObservedRate:
    """Followers per 1,000 views, and how they grow with views (both Poisson with HC0)."""
    import statsmodels.api as sm

    family = sm.families.Poisson()
    alone = sm.GLM(followers, np.ones(len(views)), family=family, exposure=views)
    level = alone.fit(cov_type="HC0", tol=1e-12)
    growing = sm.GLM(followers, with_intercept(np.log(views)[:, None]), family=family)
    growth = growing.fit(cov_type="HC0", tol=1e-12)
    low, middle, high = (
        float(PER_VIEWS * np.exp(level.params[0] + sign * NORMAL_95 * level.bse[0]))
        for sign in (-1, 0, 1)
    )
    return ObservedRate(
        videos=len(views),
        with_followers=int((followers > 0).sum()),
        followers=int(followers.sum()),
        views=int(views.sum()),
        per_1000=middle,
        low=low,
        high=high,
        elasticity=float(growth.params[1]),
        elasticity_std_error=float(growth.bse[1]),
    )


def comparable(sheet: SourceSheet) -> Ints:
    """Rows, from 0, that `trap` can compare: with a length, and fewer than 20,000 views."""
    views, length = numbers(sheet, "views"), numbers(sheet, "length")
    return np.flatnonzero((views < VIRAL) & (length > 0))


def trap(raw: SourceSheet, rows: Ints) -> Trap:
    """Compare 15 seconds with 45 among some rows of a sheet, their zeros taken as counts.

    Poisson of new followers on log(length), cover and category in four groups, exposure views,
    HC0. A length of 0 is missing: such rows do not belong in `rows`.
    """
    import statsmodels.api as sm

    followers, views, length, cover = (
        numbers(raw, name)[rows] for name in (OUTCOME, "views", "length", "hasCover")
    )
    words = [raw.columns["category"][i].strip() for i in rows]
    x = np.column_stack([np.log(length), cover, _groups(words)])
    model = sm.GLM(followers, with_intercept(x), family=sm.families.Poisson(), exposure=views)
    fitted = model.fit(cov_type="HC0", tol=1e-12)
    times = np.log(SHORT / LONG)
    middle, half = times * fitted.params[1], abs(times) * NORMAL_95 * fitted.bse[1]
    low, ratio, high = (float(np.exp(middle + sign * half)) for sign in (-1, 0, 1))
    return Trap(len(rows), int(followers.sum()), ratio, low, high)


def _groups(words: Sequence[str]) -> Floats:
    """Dummies (n, 3) of info, opinion and other; humor is the reference."""
    known = [word if word in GROUPS else "other" for word in words]
    return np.array([[float(word == level) for level in (*GROUPS[1:], "other")] for word in known])
