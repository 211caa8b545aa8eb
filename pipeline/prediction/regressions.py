"""Least squares and Poisson with creator effects, as they foretell."""

import numpy as np

from pipeline.estimate.grouping import Floats, Ints
from pipeline.estimate.limit import limit
from pipeline.estimate.linear import least_squares, residual_dof
from pipeline.estimate.rank import rank
from pipeline.estimate.states import states
from pipeline.fit import TOO_FAR, WIDEST
from pipeline.prediction.folds import Task
from pipeline.prediction.smearing import FARTHEST

TOO_FEW = "too few videos for so many columns"


def least_squares_log(task: Task, known: str) -> Floats | str:
    """Foretell by least squares of log(1 + followers) with creator effects, or say why not.

    Followers come by Duan's smearing (1983). A new creator's level is part of the error: the mean
    of exp(level + residual) over each creator's videos, then over creators.
    """
    x, group = task.training.columns(known), task.training.group
    y, k, size = np.log1p(task.followers), x.shape[1], task.creators
    whole = states(np.column_stack([x, y]), group, size)
    told = list(rank(whole, range(k)).kept)
    if residual_dof(whole, len(told)) <= 0:
        return TOO_FEW
    slopes = np.zeros(k)
    slopes[told] = least_squares(whole, k, told).estimate
    rest = y - x @ slopes
    counts = np.bincount(group, minlength=size)
    levels = np.bincount(group, rest, size) / np.maximum(counts, 1)
    spread = np.exp(np.clip(rest - levels[group], -FARTHEST, FARTHEST)).mean()
    each = np.bincount(group, np.exp(np.clip(rest, -FARTHEST, FARTHEST)), size)
    of_new = (each[counts > 0] / counts[counts > 0]).mean()
    factors = np.where(counts > 0, np.exp(levels) * spread, of_new)[task.asked.group]
    predictor = np.clip(task.asked.columns(known) @ slopes, -FARTHEST, FARTHEST)
    followers: Floats = factors * np.exp(predictor) - 1
    return followers


def poisson_counts(task: Task) -> Floats | str:
    """Foretell by the question `followers`: Poisson with creator effects on the levers."""
    return _poisson(task, np.zeros(len(task.followers)), np.zeros(len(task.asked.views)))


def poisson_rate(task: Task) -> Floats | str:
    """Foretell by the question `conversion`: the same with the log of views as offset."""
    return _poisson(task, np.log(task.training.views), np.log(task.asked.views))


def _poisson(task: Task, offset: Floats, asked_offset: Floats) -> Floats | str:
    x, group = task.training.levers, task.training.group
    found = limit(x, task.followers, group, offset)
    if found is None:
        return TOO_FEW
    predictor = x @ found.estimate + offset
    if np.ptp(x @ found.estimate) > WIDEST:
        return TOO_FAR
    asked = task.asked.levers @ found.estimate + asked_offset
    top = predictor.max()
    relative = np.exp(np.clip(predictor - top, -FARTHEST, FARTHEST))
    levels = _levels(task.followers, relative, group, task.creators)
    foretold: Floats = levels[task.asked.group] * np.exp(np.clip(asked - top, -FARTHEST, FARTHEST))
    return foretold


def _levels(followers: Floats, relative: Floats, group: Ints, creators: int) -> Floats:
    """Followers over Σ exp(predictor) by creator (G,); the mean over creators for new ones."""
    expected = np.bincount(group, relative, creators)
    known = expected > 0
    own = np.bincount(group, followers, creators)
    levels = np.divide(own, expected, out=np.zeros(creators), where=known)
    return np.where(known, levels, levels[known].mean())
