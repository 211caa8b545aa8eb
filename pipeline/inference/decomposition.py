"""Followers ≈ reach × conversion, term by term, on the same videos, with what is left over.

The three fits weigh the videos differently (reach by views, the others by followers), so that the
product need not be the whole; the rest is shown with its own error, and not spread over the parts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipeline.estimate.cluster_robust import effective_creators, effective_dof, t_interval
from pipeline.estimate.grouping import Floats
from pipeline.inference.estimates import has_estimate, standard_errors
from pipeline.inference.thresholds import INTERVAL_CREATORS
from pipeline.model.design import design
from pipeline.model.fit import fit
from pipeline.model.fit_result import Fit
from pipeline.model.questions import CONVERSION, FOLLOWERS, REACH
from pipeline.model.variables import Variable

THREE = (FOLLOWERS, REACH, CONVERSION)
Ends = tuple[float, float]  # of an interval of a log ratio


@dataclass(frozen=True, slots=True)
class Split:
    """One variable's log ratios: `followers` = `reach` + `conversion` + `rest`.

    `std_errors` are of the three, as in the questions; `rest_std_error` is the jackknife's, leaving
    out the same creator in the three fits, and its 95 % interval has the degrees of freedom of the
    fit with the fewest effective creators. None with fewer than five creators who carry the
    variable.
    """

    variable: Variable
    creators: int
    followers: float
    reach: float
    conversion: float
    rest: float
    std_errors: tuple[float, float, float] | None = None
    rest_std_error: float | None = None
    rest_low: float | None = None
    rest_high: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Decomposition:
    """The variables that the three fits tell, of the same videos, and the fits themselves."""

    fits: tuple[Fit, ...]
    splits: tuple[Split, ...]

    @property
    def videos(self) -> int:
        """The videos that the three fits share."""
        return len(self.fits[0].sample.y)


def decompose(videos: pd.DataFrame, answered: Sequence[Fit] = ()) -> Decomposition | None:
    """Fit the three questions to the same videos; None where one of them is withheld.

    Where a question was `answered` of these very videos, that is its fit.
    """
    fits = _same_videos(videos, answered)
    if not fits:
        return None
    common = [v for v in fits[0].variables if all(v in each.variables for each in fits)]
    at = [np.array([each.variables.index(v) for v in common], dtype=np.int64) for each in fits]
    followers, reach, conversion = (
        each.blocks.estimate[places] for each, places in zip(fits, at, strict=True)
    )
    rest = followers - reach - conversion
    error = _errors(fits, at)
    errors = [standard_errors(each)[places] for each, places in zip(fits, at, strict=True)]
    interval = t_interval(rest, error, _dof(fits, at))
    in_all = np.all(
        [has_estimate(each)[places] for each, places in zip(fits, at, strict=True)], axis=0
    )
    carriers = fits[0].varies_in[at[0]]
    splits = []
    for i in np.flatnonzero(in_all).tolist():
        three = float(followers[i]), float(reach[i]), float(conversion[i])
        split = Split(common[i], int(carriers[i]), *three, rest=float(rest[i]))
        own = float(errors[0][i]), float(errors[1][i]), float(errors[2][i])
        if min(own) > 0 and (carriers[i] >= INTERVAL_CREATORS or fits[0].within is not None):
            split = replace(split, std_errors=own)
        if error[i] > 0 and carriers[i] >= INTERVAL_CREATORS:
            low, high = float(interval.low[i]), float(interval.high[i])
            split = replace(split, rest_std_error=float(error[i]), rest_low=low, rest_high=high)
        splits.append(split)
    return Decomposition(fits, tuple(splits))


def intervals(decomposition: Decomposition) -> Mapping[Variable, tuple[Ends, Ends, Ends]]:
    """Give the 95 % intervals of followers, reach and conversion, where a split has their errors.

    Student's t, with the degrees of freedom that the fit would have as a question of its own.
    """
    by_fit = [
        dict(zip(each.variables, _own_dof(each).tolist(), strict=True))
        for each in decomposition.fits
    ]
    ends: dict[Variable, tuple[Ends, Ends, Ends]] = {}
    for split in decomposition.splits:
        if split.std_errors is not None:
            dof = np.array([degrees[split.variable] for degrees in by_fit])
            three = np.array([split.followers, split.reach, split.conversion])
            at = t_interval(three, np.array(split.std_errors), dof)
            first, second, third = zip(at.low.tolist(), at.high.tolist(), strict=True)
            ends[split.variable] = first, second, third
    return ends


def _own_dof(fitted: Fit) -> Floats:
    """Degrees of freedom (k,) of the published lines of one fit."""
    if fitted.within is not None:
        k = len(fitted.variables)
        return np.full(k, float(len(fitted.sample.y) - k - 1))
    return effective_dof(effective_creators(fitted.blocks))


def _same_videos(videos: pd.DataFrame, answered: Sequence[Fit]) -> tuple[Fit, ...]:
    """The fits of the videos that all three can use; none, where there are too few.

    A fit may drop creators without a follower, and videos that an infinite ratio explains: the
    others have to do without them, too.
    """
    by_question = {question: design(videos, question) for question in THREE}
    aside = [each.dominant for each in by_question.values()]  # what one leaves out, all do
    rows = np.setdiff1d(by_question[CONVERSION].rows, np.concatenate(aside))
    while True:
        known = {f.design.question: f for f in answered if np.array_equal(f.design.rows, rows)}
        each = [known.get(asked) or fit(design(videos, asked, rows)) for asked in THREE]
        fits = tuple(one for one in each if isinstance(one, Fit))
        if len(fits) < len(THREE):
            return ()
        left = reduce(np.intersect1d, [one.sample.rows for one in fits])
        if len(left) == max(len(one.sample.rows) for one in fits):
            return fits
        rows = left


def _dof(fits: Sequence[Fit], at: Sequence[NDArray[np.int64]]) -> Floats:
    """Degrees of freedom (size,) of the fit with the fewest effective creators."""
    effective = [effective_creators(f.blocks)[places] for f, places in zip(fits, at, strict=True)]
    return effective_dof(np.min(effective, axis=0))


def _errors(fits: Sequence[Fit], at: Sequence[NDArray[np.int64]]) -> Floats:
    """Jackknife errors (size,) of the rest; NaN where a fit is undefined without a creator."""
    total = np.zeros((len(fits[0].sample.creators), len(at[0])))
    for sign, each, places in zip((1, -1, -1), fits, at, strict=True):
        if each.refits is None:  # one creator
            return np.full(len(places), np.nan)
        moved = each.refits.estimates[:, places] - each.blocks.estimate[places]
        total += sign * moved
    creators = len(total)
    errors: Floats = np.sqrt((creators - 1) / creators * (total**2).sum(axis=0))
    return errors
