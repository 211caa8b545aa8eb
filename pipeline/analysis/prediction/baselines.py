"""The simplest forecasts: a creator's own mean or rate, and the mean of videos seen as often."""

import numpy as np

from pipeline.analysis.prediction.folds import Task
from pipeline.estimate.grouping import Floats

VIEW_BINS = 6


def own_mean(task: Task) -> Floats:
    """The creator's own mean of the training videos; for a new creator the mean of such means."""
    return _own(task, np.ones(len(task.followers)))[task.asked.group]


def own_rate(task: Task) -> Floats:
    """The creator's own followers per view times the video's views; new: the mean of the rates."""
    expected: Floats = _own(task, task.training.views)[task.asked.group] * task.asked.views
    return expected


def _own(task: Task, exposure: Floats) -> Floats:
    """Followers over exposure of each creator (G,); the mean of the creators' for new ones."""
    group, size = task.training.group, task.creators
    followers = np.bincount(group, task.followers, size)
    exposed = np.bincount(group, exposure, size)
    known = exposed > 0
    rates = np.divide(followers, exposed, out=np.zeros(size), where=known)
    return np.where(known, rates, rates[known].mean())


def view_bins(task: Task) -> Floats:
    """Mean followers of the training videos in each of six bins of views, as full as each other.

    Equal counts, not equal widths: every mean is learnt from as many videos. Videos of any creator
    count alike. Edges that fall together make one bin.
    """
    shares = np.arange(1, VIEW_BINS) / VIEW_BINS
    edges = np.unique(np.quantile(task.training.views, shares))
    bins = np.searchsorted(edges, task.training.views, side="right")
    counts = np.bincount(bins, minlength=VIEW_BINS)
    sums = np.bincount(bins, task.followers, VIEW_BINS)
    means = np.where(counts > 0, sums / np.maximum(counts, 1), task.followers.mean())
    return means[np.searchsorted(edges, task.asked.views, side="right")]
