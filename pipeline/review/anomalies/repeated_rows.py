"""Whether a creator's own rows are alike under different labels."""

import numpy as np

from pipeline.review.anomalies.numbers import COUNTS, Anomaly, Numbers
from pipeline.review.anomalies.similar_rows import ENOUGH_NUMBERS, NEAR

ENOUGH_VIEWS = 100
FEWEST = 2  # pairs
NEIGHBOURS = 3  # rows of one length and share watched to compare a row with, by views


def repeated_rows(mine: Numbers) -> Anomaly | None:
    """Look for rows of one length, watched alike, whose counts differ by three at most."""
    order = np.lexsort((mine["views"], mine["watched_full_pct"], mine["duration_s"]))
    rates = mine.matrix(("duration_s", "watched_full_pct"))[order]
    counts = mine.matrix(COUNTS)[order]
    again = np.zeros(len(order), np.bool_)
    for step in range(1, min(NEIGHBOURS, len(order) - 1) + 1):
        gap = np.abs(counts[step:] - counts[:-step])
        alike = ((gap <= NEAR) | np.isnan(gap)).all(axis=1)
        alike &= (~np.isnan(gap)).sum(axis=1) >= ENOUGH_NUMBERS
        alike &= (rates[step:] == rates[:-step]).all(axis=1) & (counts[step:, 0] >= ENOUGH_VIEWS)
        again[step:] |= alike
    if again.sum() < FEWEST:
        return None
    said = (
        f"{int(again.sum())} rows have nearly the same counts, length and share watched as another "
        "row of this creator under a different label. A row pasted twice and renamed, or one "
        "video read off twice, looks like this. A maintainer could ask whether they are "
        "different videos."
    )
    return Anomaly("repeated-rows", said, mine.places(order[again]))
