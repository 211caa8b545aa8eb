"""Whether a creator's rates are far from what the other creators' show."""

import numpy as np

from pipeline.estimate.grouping import Floats
from pipeline.review.anomalies.numbers import COUNTS, Anomaly, Numbers, in_words, total

CAP = 5_000.0  # views beyond which a video counts no more: one that went far would hide the rest
ENOUGH_ROWS, OUTLYING_POOL = 5, 8
SCATTER = 0.8  # of the log rate between a creator's videos, generously
SURE = 2.0  # standard errors
WIDE = 3.0  # robust standard deviations between creators
LEAST = np.log(4)  # so much creators may differ in any pool
# Of the views, where fewer than eight creators can be compared; rows beyond them are rare.
LIMITS = {
    "likes": (0.004, 0.25),
    "comments": (0.0, 0.05),
    "shares": (0.0, 0.05),
    "saves": (0.0, 0.08),
    "new_followers": (0.0, 0.005),
}
WATCH_LIMITS = {"watched_full_pct": (1.0, 95.0), "avg_watch_s": (0.05, 1.5)}
SAID = {
    "new_followers": "new_followers per view",
    "watched_full_pct": "the share watched in full",
    "avg_watch_s": "the watch time as a share of the length",
} | {name: f"{name} per view" for name in COUNTS[1:]}
APART = 0.6  # correlation of log views and log likes, which creators exceed


def outside_envelope(others: Numbers, mine: Numbers) -> Anomaly | None:
    """Look for rates outside what the pool's creators, or wide limits, show."""
    outside = [name for name in LIMITS if _is_outside(others, mine, name)]
    outside += [name for name in WATCH_LIMITS if _is_watched_outside(others, mine, name)]
    if not outside:
        return None
    said = (
        f"Far from what other creators show: {in_words([SAID[name] for name in outside])}. A niche "
        "or a new account can differ that much, and so can a column read from another place "
        "of TikTok's pages or in another unit. A maintainer could ask where it was read."
    )
    return Anomaly("outside-envelope", said)


def _is_outside(others: Numbers, mine: Numbers, name: str) -> bool:
    own, error = _rates(mine, name)
    pool, _ = _rates(others, name)
    limits = LIMITS[name]
    return _beyond(own, SURE * error, pool, (np.log(limits[0] or 1e-9), np.log(limits[1])))


def _rates(numbers: Numbers, name: str) -> tuple[Floats, Floats]:
    """Log rate (G,) of a count per view of each creator, and its standard error."""
    views, count = numbers["views"], numbers[name]
    known = (views > 0) & ~np.isnan(count)
    weight = np.where(known, np.minimum(1, CAP / np.where(known, views, 1)), 0.0)
    seen = weight * np.where(known, views, 0.0)
    events = total(numbers, weight * np.where(known, count, 0.0)) + 0.5
    exposure, squares = total(numbers, seen), total(numbers, seen**2)
    rows = total(numbers, known.astype(np.float64))
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(rows >= ENOUGH_ROWS, np.log(events / exposure), np.nan)
        error = np.sqrt(1 / events + SCATTER**2 * squares / exposure**2)
    return rate, error


def _is_watched_outside(others: Numbers, mine: Numbers, name: str) -> bool:
    own, pool = (_watched(numbers, name) for numbers in (mine, others))
    low, high = (_log_odds(np.array([x]), name)[0] for x in WATCH_LIMITS[name])
    return _beyond(own, np.zeros(len(own)), pool, (low, high))


def _watched(numbers: Numbers, name: str) -> Floats:
    """Mean (G,) of each creator's shares watched, as log odds (of the time: as logs)."""
    values = numbers[name]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = values / numbers["duration_s"] if name == "avg_watch_s" else values
        odds = _log_odds(share, name)
        known = np.isfinite(odds)
        rows = total(numbers, known.astype(np.float64))
        mean = total(numbers, np.where(known, odds, 0.0)) / rows
    result: Floats = np.where(rows >= ENOUGH_ROWS, mean, np.nan)
    return result


def _log_odds(share: Floats, name: str) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        odds: Floats = (
            np.log(share / (100 - share)) if name == "watched_full_pct" else np.log(share)
        )
    return odds


def _beyond(own: Floats, margin: Floats, pool: Floats, limits: tuple[float, float]) -> bool:
    """Return whether the one value is surely outside the pool's, or the limits if they are few."""
    pool = pool[np.isfinite(pool)]
    low, high = limits
    if len(pool) >= OUTLYING_POOL:
        centre = float(np.median(pool))
        deviation = 1.4826 * float(np.median(np.abs(pool - centre)))
        half = max(WIDE * deviation, float(LEAST))
        low, high = centre - half, centre + half
    return bool(((own + margin < low) | (own - margin > high)).any())  # NaN is not


def unrelated_counts(mine: Numbers) -> Anomaly | None:
    """Look for likes that do not grow with the views."""
    known = (mine["views"] > 0) & (mine["likes"] >= 0)
    views, likes = np.log(mine["views"][known]), np.log1p(mine["likes"][known])
    if len(views) < 2 * ENOUGH_ROWS or views.std() < 0.5 or not likes.std() > 0:
        return None
    related = float(np.corrcoef(views, likes)[0, 1].clip(-0.999, 0.999))
    if np.arctanh(related) + 3 / np.sqrt(len(views) - 3) >= np.arctanh(APART):
        return None
    said = (
        "Likes hardly grow with views here; for other creators they do. Columns sorted apart "
        "from each other, or rows of one column moved by some lines, look like this. A "
        "maintainer could ask for a look at two or three videos together."
    )
    return Anomaly("unrelated-counts", said)
