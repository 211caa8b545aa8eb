"""All anomalies of a contribution, for the maintainer: to ask about, never to refuse for."""

from collections.abc import Sequence

import pandas as pd

from pipeline.review.anomalies.copied_rows import copied_rows
from pipeline.review.anomalies.even_ratios import constant_ratio
from pipeline.review.anomalies.newcomer_weight import carries_most
from pipeline.review.anomalies.numbers import USED, Anomaly, Numbers, Weight, numbers
from pipeline.review.anomalies.outlying_rates import outside_envelope, unrelated_counts
from pipeline.review.anomalies.repeated_rows import repeated_rows
from pipeline.review.anomalies.round_numbers import round_numbers
from pipeline.review.anomalies.row_order import even_growth, steps

SLUGS = (
    "carries-most",
    "copied-rows",
    "repeated-rows",
    "constant-ratio",
    "outside-envelope",
    "unrelated-counts",
    "steps",
    "even-growth",
    "round-numbers",
)


def detect(
    others: pd.DataFrame,
    mine: pd.DataFrame,
    creator: str,
    weights: Sequence[Weight],
    is_new: bool,
) -> tuple[Anomaly, ...]:
    """Find what is odd about a creator's captures beside those of all other creators.

    Captures have the columns of `Accepted.captures`. Anomalies are in the order of `SLUGS`;
    those of the numbers are sought in every contribution, that of the weights in a newcomer's only.
    """
    theirs = numbers(others.loc[others["creator"] != creator, ["video", *USED]])
    own = numbers(mine.sort_values(["file", "line"]))
    carried = carries_most(weights, is_new=is_new)
    return (*((carried,) if carried else ()), *at_numbers(theirs, own))


def at_numbers(theirs: Numbers, own: Numbers) -> tuple[Anomaly, ...]:
    """Find the anomalies of the numbers alone; `own` in the order of the files and their lines."""
    if not len(own.line):
        return ()
    anomalies = (
        copied_rows(theirs, own),
        repeated_rows(own),
        constant_ratio(theirs, own),
        outside_envelope(theirs, own),
        unrelated_counts(own),
        steps(own),
        even_growth(own),
        round_numbers(own),
    )
    return tuple(each for each in anomalies if each)
