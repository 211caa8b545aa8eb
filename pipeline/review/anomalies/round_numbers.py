"""Whether counts end in 0 or 5 more often than counts do."""

import numpy as np

from pipeline.review.anomalies.numbers import COUNTS, Anomaly, Numbers

LOW, HIGH = 100, 10_000  # below, the last digit says little; above, TikTok itself rounds
CHANCE = 1e-6


def round_numbers(mine: Numbers) -> Anomaly | None:
    """Look for round counts in rows that are not marked as rounded."""
    from scipy.special import bdtrc  # on the review's path only

    counts = mine.matrix(COUNTS)
    judged = (counts >= LOW) & (counts < HIGH) & ~mine.is_rounded[:, None]
    last = counts[judged] % 10
    for ends, share in (((0,), 0.1), ((0, 5), 0.2)):
        hits = int(np.isin(last, ends).sum())
        if hits and bdtrc(hits - 1, len(last), share) < CHANCE:
            said = (
                f"{hits} of {len(last)} counts from {LOW} to {HIGH:,} end in "
                f"{' or '.join(map(str, ends))}. Numbers rounded for privacy, or typed from "
                "memory, do so. A maintainer could ask for exact ones, or for counts_rounded."
            )
            rows = np.flatnonzero((np.isin(counts % 10, ends) & judged).any(axis=1))
            return Anomaly("round-numbers", said, mine.places(rows))
    return None
