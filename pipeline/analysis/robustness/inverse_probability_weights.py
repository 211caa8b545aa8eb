"""How likely a video's outcome was to be noted, and what each noted video then stands for."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from pipeline.estimate.cluster_robust import effective_number
from pipeline.estimate.grouping import Bools, Floats, Ints
from pipeline.model.design import design
from pipeline.model.questions import LEVERS, REACH
from schema.positive_only import positive_only

FLOOR = 0.05  # least probability that is divided by: no video stands for more than twenty
FEWEST = 10  # videos with, and without, an outcome, from which a model of it is tried
A_LEVER = 10  # videos with, and without, an outcome, for each column that the levers make
LOOSE = 100.0  # variance of the prior of every coefficient, columns in standard deviations
CLOSE = 1e-10  # largest gradient at which the search ends
MOST_STEPS = 200
NAMES = {"new_followers": "follower count", "views": "view count"}


@dataclass(frozen=True, slots=True, eq=False)
class Weighing:
    """What each video weighs, were the noted ones to stand for all; n videos.

    Attributes:
        weights: (n,) share of the creator's videos that are noted over the probability that this
            one is, at least 1/20; NaN where not noted, 1 where the creator is not modelled.
        effective: Kish's effective number of the noted videos, (Σ w)² / Σ w².
        largest: the largest weight.
        floored: noted videos whose probability was below 1/20.
        log_views: log odds of being noted per unit of log(1 + views), at the modelled videos' mean
            (of log views); 0 where all have the same.
        creators: how many creators are modelled: those who noted some and not all.
    """

    weights: Floats
    effective: float
    largest: float
    floored: int
    log_views: float
    creators: int


def noted_weights(videos: pd.DataFrame, outcome: str) -> Weighing | str:
    """Weigh the noted videos by the inverse probability of being noted; in words, why not.

    The probability is a logistic regression on log views and its square, the day of posting (days
    before the latest one, with a flag where it was not noted), the creator, and, where ten videos
    with and ten without an outcome are there for each of their columns, the levers. Weights are
    stabilised within creator (Robins, Hernán & Brumback 2000), the probability is at least 1/20
    (truncation: Cole & Hernán 2008). Right only if, of two videos alike in these, the better one is
    not noted sooner. So creators who evidently noted positive ones only are not modelled: there the
    outcome decides, and no weight can mend that.
    An error that takes the weights as known is on the whole a little too large (Hirano, Imbens &
    Ridder 2003).

    Args:
        videos: the pool's videos, one row a video; `views` are noted for all.
        outcome: the column.
    """
    if not len(videos):
        return "there is no video"
    name = NAMES.get(outcome, outcome)
    noted = videos[outcome].notna().to_numpy(np.bool_)
    if noted.all():
        return f"every video has a {name}"
    if not noted.any():
        return f"no video has a {name}"
    values = videos[outcome].to_numpy(np.float64, na_value=np.nan)
    group = pd.factorize(videos["creator"], sort=True)[0].astype(np.int64)
    modelled = _modelled(values, group)
    if not modelled.any():
        return f"each creator noted every {name}, none, or only those that were not 0"
    if min(noted[modelled].sum(), (~noted)[modelled].sum()) < FEWEST:
        return f"fewer than {FEWEST} videos with, or without, a {name} to tell them apart by"
    return _weighing(videos, noted, group, modelled)


def _modelled(values: Floats, group: Ints) -> Bools:
    """Rows (n,) of creators who noted some and not all, and not positive ones only."""
    size, known = np.bincount(group), np.bincount(group, np.isfinite(values))
    some = (known > 0) & (known < size)
    is_modelled: Bools = (some & ~positive_only(values, group))[group]
    return is_modelled


def _weighing(videos: pd.DataFrame, noted: Bools, group: Ints, modelled: Bools) -> Weighing:
    logs = np.log1p(videos["views"].to_numpy(np.float64))[modelled]
    scale = _spread(logs)
    views = (logs - logs.mean()) / scale
    slopes = [views, views**2, *_days(videos["posted_on"][modelled])]
    slopes += _levers(videos[modelled], noted[modelled])
    mine, was_noted = group[modelled], noted[modelled]
    numbers, creator = np.unique(mine, return_inverse=True)
    dummies = (creator[:, None] == np.arange(len(numbers))).astype(np.float64)
    coefficients, probability = _logistic(np.column_stack([*slopes, dummies]), was_noted)
    share = np.bincount(creator, was_noted) / np.bincount(creator)
    weights = np.where(noted, 1.0, np.nan)
    stands_for = share[creator] / np.maximum(probability, FLOOR)
    weights[modelled] = np.where(was_noted, stands_for, np.nan)
    each = weights[noted]
    return Weighing(
        weights,
        float(effective_number(each)),
        float(each.max()),
        int((was_noted & (probability < FLOOR)).sum()),
        float(coefficients[0]) / scale,
        len(numbers),
    )


def _days(posted: "pd.Series[pd.Timestamp]") -> list[Floats]:
    """How long before the latest, in standard deviations, and where that is unknown; or nothing."""
    known = posted.notna().to_numpy(np.bool_)
    if not known.any():
        return []
    days = (posted.max() - posted).dt.days.to_numpy(np.float64)
    filled = np.where(known, days, days[known].mean())
    columns = [(filled - filled.mean()) / _spread(filled)]
    return columns if known.all() else [*columns, (~known).astype(np.float64)]


def _levers(videos: pd.DataFrame, noted: Bools) -> list[Floats]:
    """The levers' columns that vary, in standard deviations; nothing where videos are too few."""
    question = replace(REACH, terms=LEVERS)
    x = design(videos, question, only=np.arange(len(videos))).x
    columns = [(each - each.mean()) / _spread(each) for each in x.T if each.min() < each.max()]
    few = min(noted.sum(), (~noted).sum()) < A_LEVER * len(columns)
    return [] if few else columns


def _spread(values: Floats) -> float:
    """Standard deviation of values (n,), 1 where they are all alike."""
    return float(values.std()) if values.min() < values.max() else 1.0


def _logistic(x: Floats, noted: Bools) -> tuple[Floats, Floats]:
    """Coefficients (k,) and probabilities (n,) of a logistic regression.

    Views may part the noted from the others altogether, and a maximum likelihood then is none. A
    normal prior of standard deviation 10 keeps it finite; elsewhere it moves next to nothing.
    """
    from sklearn.linear_model import LogisticRegression  # slow to import

    model = LogisticRegression(
        C=LOOSE, fit_intercept=False, solver="newton-cholesky", tol=CLOSE, max_iter=MOST_STEPS
    )
    model.fit(x, noted)
    return model.coef_[0], model.predict_proba(x)[:, 1]
