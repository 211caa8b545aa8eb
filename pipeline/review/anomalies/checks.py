"""All looks at a contribution, for the maintainer: questions to ask, never a reason to refuse."""

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


def look(
    others: pd.DataFrame,
    mine: pd.DataFrame,
    creator: str,
    weights: Sequence[Weight],
    is_new: bool,
) -> tuple[Anomaly, ...]:
    """Look at a creator's captures beside those of all other creators.

    Captures have the columns of `Accepted.captures`. The looks are in the order of `SLUGS`; those
    at the numbers are made of every contribution, the one at the weights of a newcomer's only.
    """
    theirs = numbers(others.loc[others["creator"] != creator, ["video", *USED]])
    own = numbers(mine.sort_values(["file", "line"]))
    carried = carries_most(weights, is_new=is_new)
    return (*((carried,) if carried else ()), *at_numbers(theirs, own))


def at_numbers(theirs: Numbers, own: Numbers) -> tuple[Anomaly, ...]:
    """Make the looks at the numbers alone; `own` in the order of the files and their lines."""
    if not len(own.line):
        return ()
    looks = (
        copied_rows(theirs, own),
        repeated_rows(own),
        constant_ratio(theirs, own),
        outside_envelope(theirs, own),
        unrelated_counts(own),
        steps(own),
        even_growth(own),
        round_numbers(own),
    )
    return tuple(each for each in looks if each)
