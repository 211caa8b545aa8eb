"""Followers ≈ reach × conversion, term by term, on the same videos, with what is left over.

The three fits weigh the videos differently (reach by views, the others by followers), so that the
product need not be the whole; the rest is shown with its own error, and not spread over the parts.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipeline.design import Floats, Variable, design
from pipeline.estimate.inference import effective_creators, effective_dof, t_interval
from pipeline.fit import fit
from pipeline.fitted import Fit
from pipeline.ladder import ENOUGH_CREATORS, told
from pipeline.questions import CONVERSION, FOLLOWERS, REACH


@dataclass(frozen=True, slots=True)
class Split:
    """One variable's log ratios: `followers` = `reach` + `conversion` + `rest`.

    `rest_std_error` is the jackknife's, leaving out the same creator in the three fits; the 95 %
    interval has the degrees of freedom of the fit with the fewest effective creators. None with
    fewer than five creators who carry the variable.
    """

    variable: Variable
    creators: int
    followers: float
    reach: float
    conversion: float
    rest: float
    rest_std_error: float | None = None
    rest_low: float | None = None
    rest_high: float | None = None


@dataclass(frozen=True, slots=True)
class Decomposition:
    """The variables that the three fits tell, on the videos with views and a follower count."""

    videos: int
    splits: tuple[Split, ...]


def decompose(videos: pd.DataFrame) -> Decomposition | None:
    """Fit the three questions to the same videos; None where one of them is withheld."""
    shared = videos.iloc[design(videos, CONVERSION).rows]
    fits = [fit(design(shared, question)) for question in (FOLLOWERS, REACH, CONVERSION)]
    found = [each for each in fits if isinstance(each, Fit)]
    if len(found) < len(fits):
        return None
    followers = found[0]
    common = [v for v in followers.variables if all(v in each.variables for each in found)]
    at = [np.array([each.variables.index(v) for v in common], dtype=np.int64) for each in found]
    estimates = [each.blocks.estimate[places] for each, places in zip(found, at, strict=True)]
    rest = estimates[0] - estimates[1] - estimates[2]
    error, df = _errors(found, at), _dof(found, at)
    interval = t_interval(rest, error, df)
    is_told = np.all([told(each)[places] for each, places in zip(found, at, strict=True)], axis=0)
    splits = []
    for i in np.flatnonzero(is_told).tolist():
        carriers = int(followers.varies_in[at[0][i]])
        three = [float(estimate[i]) for estimate in estimates]
        split = Split(common[i], carriers, three[0], three[1], three[2], float(rest[i]))
        if error[i] > 0 and carriers >= ENOUGH_CREATORS:
            low, high = float(interval.low[i]), float(interval.high[i])
            split = replace(split, rest_std_error=float(error[i]), rest_low=low, rest_high=high)
        splits.append(split)
    return Decomposition(len(shared), tuple(splits))


def _dof(fits: list[Fit], at: list[NDArray[np.int64]]) -> Floats:
    """Degrees of freedom (size,) of the fit with the fewest effective creators."""
    effective = [effective_creators(f.blocks)[places] for f, places in zip(fits, at, strict=True)]
    return effective_dof(np.min(effective, axis=0))


def _errors(fits: list[Fit], at: list[NDArray[np.int64]]) -> Floats:
    """Jackknife errors (size,) of the rest; NaN where a fit is undefined without a creator."""
    size = len(at[0])
    if any(each.left_out is None for each in fits):
        return np.full(size, np.nan)
    creators = sorted({name for each in fits for name in each.sample.creators})
    shifts = np.zeros((len(creators), size))
    for sign, each, places in zip((1, -1, -1), fits, at, strict=True):
        if each.left_out is not None:
            rows = [creators.index(name) for name in each.sample.creators]
            moved = each.left_out.estimates[:, places] - each.blocks.estimate[places]
            shifts[rows] += sign * moved
    total = len(creators)
    errors: Floats = np.sqrt((total - 1) / total * (shifts**2).sum(axis=0))
    return errors
