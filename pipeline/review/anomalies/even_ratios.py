"""Whether one count follows from another more evenly than people who watch and tap could make it.

Where every viewer likes a video with the same chance, the likes still scatter (Poisson). The
dispersion test of Poisson counts (R. A. Fisher, 1950) is read from its other end, with weights
that let small counts take part.
"""

import numpy as np

from pipeline.estimate.grouping import Bools, Floats
from pipeline.review.anomalies.numbers import Anomaly, Numbers, in_words, total

PAIRS = tuple(
    (count, base)
    for base, counts in (
        ("views", ("likes", "comments", "shares", "saves", "new_followers")),
        ("likes", ("comments", "shares", "saves")),
    )
    for count in counts
)
CHANCE = 1e-6
LARGE = 5.0  # expected, from which a count that is noted when positive only is not cut off
SEEN = 10  # a count from which its log ratio scatters little by chance
ENOUGH_ROWS, EVEN_POOL = 12, 5
FAR_BELOW = 0.25  # of what is usual in the pool
USUAL = 0.3  # scatter of log ratios, where the pool is too small to tell


def constant_ratio(others: Numbers, mine: Numbers) -> Anomaly | None:
    """Look for counts that are nearly one share of another count."""
    ratios = [
        f"{count} per {base[:-1]}"
        for count, base in PAIRS
        if too_even(mine[count], mine[base]) or _far_below(others, mine, count, base)
    ]
    if not ratios:
        return None
    said = (
        f"{in_words(ratios)}: more alike from video to video than counts of viewers are. Numbers "
        "worked out from a rate, or filled down in a sheet, look like this; so do videos that "
        "are much alike. A maintainer could ask where these columns were read."
    )
    return Anomaly("constant-ratio", said)


def too_even(count: Floats, base: Floats) -> bool:
    """Return whether counts (n,) scatter less about one share of others (n,) than by chance.

    With m = share · base, Σ (count - m)² / (1 + 2m) has mean and variance Σ m / (1 + 2m) where
    counts are Poisson: it is held against the gamma distribution with both.
    """
    from scipy.special import gammainc  # on the review's path only

    known = ~np.isnan(count) & (base > 0)
    count, base = count[known], base[known]
    if not count.sum() > 0:
        return False
    share = float(count.sum() / base.sum())
    expected = share * base
    if count.min() > 0 and expected.min() < LARGE:
        large = expected >= LARGE
        count, expected = count[large], expected[large]
    mean = float((expected / (1 + 2 * expected)).sum()) - 0.5  # the share is estimated
    if mean <= 1 or share >= 1:
        return False
    scatter = float(((count - expected) ** 2 / (1 + 2 * expected)).sum()) / (1 - share)
    return bool(gammainc(mean, scatter) < CHANCE)


def _far_below(others: Numbers, mine: Numbers, count: str, base: str) -> bool:
    own, pool = _scatter(mine, count, base), _scatter(others, count, base)
    pool = pool[~np.isnan(pool)]
    usual = float(np.median(pool)) if len(pool) >= EVEN_POOL else USUAL
    return bool((own < FAR_BELOW * usual).any())  # NaN is not


def _scatter(numbers: Numbers, count: str, base: str) -> Floats:
    """Standard deviation (G,) of each creator's log ratios; NaN where there are few."""
    known: Bools = (numbers[count] >= SEEN) & (numbers[base] > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.where(known, np.log(numbers[count] / numbers[base]), 0.0)
        rows = total(numbers, known.astype(np.float64))
        centred = np.where(known, logs - (total(numbers, logs) / rows)[numbers.owner], 0.0)
        deviation = np.sqrt(total(numbers, centred**2) / (rows - 1))
    result: Floats = np.where(rows >= ENOUGH_ROWS, deviation, np.nan)
    return result
