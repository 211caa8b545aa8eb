"""A random forest and gradient boosting, with creators entered by out-of-fold statistics."""

import numpy as np

from pipeline.analysis.prediction.folds import Task
from pipeline.analysis.prediction.tables import AFTERWARDS
from pipeline.estimate.grouping import Bools, Floats, Ints

SEED = 2022
INNER_FOLDS = 5
PRIOR_VIDEOS = 5.0  # videos' worth of the pool that a creator's own mean is drawn to
LEAST_LEAF = 5  # videos, so that a leaf's mean is seldom 0
MOST_ROWS = 2_000  # videos that each tree of a forest is grown on; other trees see others
COLUMNS_TRIED = 1 / 3  # of the columns at each split of a forest (Breiman 2001)
NO_FOLLOWER = "no training video has a follower"


def forest(task: Task, known: str, trees: int) -> Floats | str:
    """Predict by a random forest of Poisson trees, or say why not.

    A tree that splits by Poisson deviance and gives a leaf's mean predicts followers as they are;
    one of log(1 + followers) needs a smearing factor that is one for all videos, where the spread
    of counts grows with their mean.
    """
    from sklearn.ensemble import RandomForestRegressor

    if not task.followers.any():
        return NO_FOLLOWER
    training, asked = _columns(task, known)
    model = RandomForestRegressor(
        n_estimators=trees,
        criterion="poisson",
        min_samples_leaf=LEAST_LEAF,
        max_features=COLUMNS_TRIED,
        max_samples=MOST_ROWS if len(training) > MOST_ROWS else None,
        random_state=SEED,
        n_jobs=1,
    )
    predicted: Floats = model.fit(training, task.followers).predict(asked)
    return predicted


def boosting(task: Task, known: str, steps: int) -> Floats | str:
    """Predict by boosted trees of the Poisson deviance, or say why not.

    Settings are fixed beforehand (small steps, small trees, no early stopping), so no video has to
    be held out to choose them.
    """
    from sklearn.ensemble import HistGradientBoostingRegressor
    from threadpoolctl import threadpool_limits  # scikit-learn's own

    if not task.followers.any():
        return NO_FOLLOWER
    training, asked = _columns(task, known)
    model = HistGradientBoostingRegressor(
        loss="poisson",
        max_iter=steps,
        learning_rate=0.05,
        max_leaf_nodes=6,
        min_samples_leaf=10,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=SEED,
    )
    with threadpool_limits(limits=1, user_api="openmp"):  # on busy cores more are ten times slower
        predicted: Floats = model.fit(training, task.followers).predict(asked)
    return predicted


def _columns(task: Task, known: str) -> tuple[Floats, Floats]:
    """The columns of the question with those that say who the creator is, of both sides."""
    exposures = [np.ones(len(task.followers))]
    if known == AFTERWARDS:
        exposures.append(task.training.views)
    own, asked = task.training.columns(known), task.asked.columns(known)
    if (task.videos_of > 0).sum() < 2:  # one creator: there is nobody to tell from
        return own, asked
    for exposure in exposures:
        own = np.column_stack([own, out_of_fold(task, exposure)])
        asked = np.column_stack([asked, statistics(task, exposure)[task.asked.group]])
    return own, asked


def statistics(task: Task, exposure: Floats) -> Floats:
    """The log of each creator's followers per exposure (G,), drawn to the pool's.

    (Y + m r) / (E + m e), with r the pool's rate, e the mean exposure of a video and m the videos'
    worth of prior: the mean of a gamma prior's posterior (Micci-Barreca 2001 for any target). A
    new creator has the pool's.
    """
    everyone = np.ones(len(exposure), dtype=np.bool_)
    return _shrunken(task.followers, exposure, task.training.group, everyone, task.creators)


def out_of_fold(task: Task, exposure: Floats) -> Floats:
    """The same for each training video (n,), from videos of other inner folds than its own."""
    group, log_rates = task.training.group, np.zeros(len(exposure))
    inner = np.arange(len(group)) % INNER_FOLDS
    for fold in range(INNER_FOLDS):
        mine = inner == fold
        if mine.any() and not mine.all():
            levels = _shrunken(task.followers, exposure, group, ~mine, task.creators)
            log_rates[mine] = levels[group[mine]]
    return log_rates


def _shrunken(
    followers: Floats, exposure: Floats, group: Ints, rows: Bools, creators: int
) -> Floats:
    y, e, g = followers[rows], exposure[rows], group[rows]
    one_video = e.mean()
    rate = max(y.sum(), 0.5) / e.sum()  # no log of nothing, where the rows have no follower
    own, seen = np.bincount(g, y, creators), np.bincount(g, e, creators)
    prior = PRIOR_VIDEOS * one_video
    logs: Floats = np.log((own + prior * rate) / (seen + prior))
    return logs
