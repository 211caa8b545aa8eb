"""How the followers that the post fitted came about, and how much of its R² is that."""

from dataclasses import dataclass

import numpy as np

from pipeline.analysis.replication.original import (
    OUTCOME,
    Floats,
    design,
    least_squares,
    numbers,
    with_intercept,
)
from pipeline.analysis.replication.source_files import SourceSheet

COUNTS = ("views", "likes", "comments", "shares", "bookmarks")  # what a video is known by
FEW = 1_000  # views
STEPS = 6


@dataclass(frozen=True, slots=True)
class Filling:
    """The fitted followers against the sheet's, of the videos that both files have.

    `over_zero` were 0 in the sheet, `over_noted` a positive count; `followers_*` are sums. `few`
    counts the fitted videos below 1,000 views, `few_alike` those of them with `few_value`.
    """

    videos: int
    traced: int
    changed: int
    over_zero: int
    over_noted: int
    followers_noted: int
    followers_filled: int
    few: int
    few_alike: int
    few_value: int


@dataclass(frozen=True, slots=True)
class ViewsAlone:
    """R² over all fitted videos: of the post's regressors, and of steps in views alone."""

    videos: int
    regressors: int
    r2_regression: float
    steps: int
    r2_steps: float


def filling(raw: SourceSheet, filled: SourceSheet) -> Filling:
    """Compare the followers that were fitted with the sheet's. Raises ValueError: no such video."""
    counts = zip(*(numbers(raw, name) for name in COUNTS), strict=True)
    sheet = dict(zip(counts, numbers(raw, OUTCOME), strict=True))
    fitted = numbers(filled, OUTCOME)
    keys = zip(*(numbers(filled, name) for name in COUNTS), strict=True)
    pairs = [(sheet[key], value) for key, value in zip(keys, fitted, strict=True) if key in sheet]
    noted, value = np.array(pairs).reshape(-1, 2).T
    few = fitted[numbers(filled, "views") < FEW]
    if not len(few) or not pairs:
        raise ValueError("no video is in both files, or none is below 1,000 views")
    values, times = np.unique(few, return_counts=True)
    return Filling(
        videos=len(fitted),
        traced=len(pairs),
        changed=int((value != noted).sum()),
        over_zero=int(((value != noted) & (noted == 0)).sum()),
        over_noted=int(((value != noted) & (noted > 0)).sum()),
        followers_noted=int(noted.sum()),
        followers_filled=int(value.sum()),
        few=len(few),
        few_alike=int(times.max()),
        few_value=int(values[times.argmax()]),
    )


def views_alone(filled: SourceSheet) -> ViewsAlone:
    """Set six steps of equal width in log views against the post's regression, on all videos.

    The width leaves no choice of the steps' edges. Raises ValueError where a fit has no answer.
    """
    whole = design(filled)
    views = np.log(numbers(filled, "views"))
    edges = np.linspace(views.min(), views.max(), STEPS + 1)
    step = np.digitize(views, edges[1:-1])
    means = np.bincount(step, whole.y, STEPS) / np.maximum(np.bincount(step, minlength=STEPS), 1)
    x = with_intercept(whole.x)
    return ViewsAlone(
        videos=len(whole.y),
        regressors=len(whole.names),
        r2_regression=_r2(whole.y, x @ least_squares(x, whole.y)),
        steps=STEPS,
        r2_steps=_r2(whole.y, means[step]),
    )


def _r2(y: Floats, fitted: Floats) -> float:
    return float(1 - np.sum((y - fitted) ** 2) / np.sum((y - y.mean()) ** 2))
