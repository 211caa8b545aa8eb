"""Least squares and Poisson with creator effects, as they predict."""

import numpy as np

from pipeline.analysis.prediction.folds import Task
from pipeline.analysis.prediction.smearing import FARTHEST
from pipeline.estimate.collinearity import rank
from pipeline.estimate.grouping import Floats, Ints
from pipeline.estimate.linear import least_squares, residual_dof
from pipeline.estimate.poisson_limit import limit
from pipeline.estimate.states import states
from pipeline.model.fit import TOO_FAR, WIDEST

TOO_FEW = "too few videos for so many columns"


def least_squares_log(task: Task, known: str) -> Floats | str:
    """Predict by least squares of log(1 + followers) with creator effects, or say why not.

    Followers come by Duan's smearing (1983). A new creator's level is part of the error: the mean
    of exp(level + residual) over each creator's videos, then over creators.
    """
    x, group = task.training.columns(known), task.training.group
    y, k, size = np.log1p(task.followers), x.shape[1], task.creators
    whole = states(np.column_stack([x, y]), group, size)
    identified = list(rank(whole, range(k)).kept)
    if residual_dof(whole, len(identified)) <= 0:
        return TOO_FEW
    slopes = np.zeros(k)
    slopes[identified] = least_squares(whole, k, identified).estimate
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
    """Predict by the question `followers`: Poisson with creator effects on the levers."""
    return _poisson(task, np.zeros(len(task.followers)), np.zeros(len(task.asked.views)))


def poisson_rate(task: Task) -> Floats | str:
    """Predict by the question `conversion`: the same with the log of views as offset."""
    return _poisson(task, np.log(task.training.views), np.log(task.asked.views))


def _poisson(task: Task, offset: Floats, asked_offset: Floats) -> Floats | str:
    """Predict by Poisson with creator effects, or say why not.

    Creator effects say nothing of a new creator, so a level is filled in: all followers over all
    that is expected at level 1. There "not noted" has no slope: it varies within few creators, and
    is absorbed in the levels of those who never note a thing, so that it would set levels apart.
    """
    fitted = limit(task.training.levers, task.followers, task.training.group, offset)
    if fitted is None:
        return TOO_FEW
    if np.ptp(task.training.levers @ fitted.estimate) > WIDEST:
        return TOO_FAR
    one = np.zeros_like(task.training.group), np.zeros_like(task.asked.group)
    each = task.training.group, task.asked.group
    noted = np.where(task.training.is_unknown, 0.0, fitted.estimate)
    own = _predicted(task, fitted.estimate, (offset, asked_offset), each)
    return np.where(task.is_new, _predicted(task, noted, (offset, asked_offset), one), own)


def _predicted(
    task: Task, slopes: Floats, offsets: tuple[Floats, Floats], group: tuple[Ints, Ints]
) -> Floats:
    """Followers (m,) at some slopes (k,), each group's level such that its training videos add up.

    `offsets` and `group` are of the training videos and of those to predict.
    """
    predictor = task.training.levers @ slopes + offsets[0]
    asked = task.asked.levers @ slopes + offsets[1]
    top = predictor.max()
    relative = np.exp(np.clip(predictor - top, -FARTHEST, FARTHEST))
    expected = np.bincount(group[0], relative, task.creators)
    own = np.bincount(group[0], task.followers, task.creators)
    levels = np.divide(own, expected, out=np.zeros(task.creators), where=expected > 0)
    predicted: Floats = levels[group[1]] * np.exp(np.clip(asked - top, -FARTHEST, FARTHEST))
    return predicted
