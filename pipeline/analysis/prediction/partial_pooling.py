"""Poisson with creators' levels and slopes drawn from a common distribution, as it predicts."""

from dataclasses import dataclass

import numpy as np

from pipeline.analysis.prediction.folds import Task
from pipeline.analysis.prediction.smearing import FARTHEST
from pipeline.analysis.prediction.tables import AFTERWARDS
from pipeline.estimate.grouping import Floats, Ints
from pipeline.estimate.poisson_limit import limit
from pipeline.estimate.shrinkage import shrink
from pipeline.model.fit import WIDEST

FEWEST = 3  # creators, below which nothing can be said of how creators differ
LEVELS, SLOPES = 1.0, 0.1  # variances between creators to start from, of log followers
MOST_STEPS = 50
SMALL_GAIN = 1e-9  # of the log likelihood
SMALLEST = 1e-9
LEAST_TOLD = 1e-7  # eigenvalue of an information matrix with a unit diagonal
TOO_FEW_CREATORS = "fewer than three creators to learn from: nothing tells how creators differ"
NOT_TOLD = "too few videos with a follower for so many columns"


@dataclass(frozen=True, slots=True, eq=False)
class CentredTraining:
    """Training rows with a level in front, z (n, p), columns less their mean; asked likewise."""

    z: Floats
    asked: Floats
    offset: Floats
    asked_offset: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Prior:
    """The distribution of creators' parameters: `mean` and variances `between` (p,).

    `dispersion` is what the likelihood is divided by.
    """

    mean: Floats
    between: Floats
    dispersion: float


@dataclass(frozen=True, slots=True, eq=False)
class Own:
    """One creator's training rows: z (n, p), followers and offset (n,)."""

    z: Floats
    followers: Floats
    offset: Floats


@dataclass(frozen=True, slots=True, eq=False)
class DispersionPoint:
    """A log likelihood over the dispersion: its height, slope (p,) and information (p, p)."""

    height: float
    slope: Floats
    information: Floats


def partial_pooling(task: Task, known: str) -> Floats | str:
    """Predict with each creator's shrunken level and slopes; in words, why it cannot be done.

    Levers, and afterwards the log of views as offset. Creators' log likelihoods, over the
    dispersion, are expanded about their posterior modes under a guess of how they differ; from the
    expansions come the means and variances of the distribution, and new modes (penalised
    quasi-likelihood, Breslow & Clayton 1993; a second pass changes little). So creators without a
    follower have a level, too, and no step goes astray. The mean of exp() is not exp() of the mean:
    one factor makes the forecasts of the training videos sum to their followers. A new creator has
    the mean slopes and the mean of the creators' levels.
    """
    if (task.videos_of > 0).sum() < FEWEST:
        return TOO_FEW_CREATORS
    fitted = limit(
        task.training.levers, task.followers, task.training.group, _offset(task, known, asked=False)
    )
    if fitted is None or not task.followers.any():
        return NOT_TOLD
    if np.ptp(task.training.levers @ fitted.estimate) > WIDEST:
        return NOT_TOLD
    rows = _centred(task, known, np.flatnonzero(fitted.identified))
    creators, group = np.unique(task.training.group, return_inverse=True)
    prior = _start(rows, task.followers, group, fitted.estimate[fitted.identified])
    own = [
        Own(rows.z[mine], task.followers[mine], rows.offset[mine])
        for mine in (group == number for number in range(len(creators)))
    ]
    try:
        prior = _learnt(own, prior)
        about = np.stack([mode(each, prior) for each in own])
    except ValueError:  # all creators together do not tell every column, or not within all bounds
        return NOT_TOLD
    return _predicted(task, rows, group, creators, about, prior.mean)


def _offset(task: Task, known: str, *, asked: bool) -> Floats:
    views = task.asked.views if asked else task.training.views
    return np.log(views) if known == AFTERWARDS else np.zeros(len(views))


def _centred(task: Task, known: str, columns: Ints) -> CentredTraining:
    """Take the columns that are told, less their training means; offsets less theirs."""
    x, asked = task.training.levers[:, columns], task.asked.levers[:, columns]
    offset, asked_offset = _offset(task, known, asked=False), _offset(task, known, asked=True)
    means, centre = x.mean(axis=0), offset.mean()
    return CentredTraining(
        np.column_stack([np.ones(len(x)), x - means]),
        np.column_stack([np.ones(len(asked)), asked - means]),
        offset - centre,
        asked_offset - centre,
    )


def _start(rows: CentredTraining, followers: Floats, group: Ints, slopes: Floats) -> Prior:
    """Means of the pooled fit, a guess of the variances, and Pearson's dispersion, 1 at least."""
    pooled = np.append(0.0, slopes)
    creators = int(group.max()) + 1
    mean = np.tile(pooled, (creators, 1))
    expected = _expected(rows, group, mean)
    mean[:, 0] = pooled[0] = np.log(followers.sum() / expected.sum())
    own = np.bincount(group, followers) / np.bincount(group, expected)
    fitted = np.maximum(own[group] * expected, SMALLEST)
    freedom = max(len(group) - len(slopes) - creators, 1)
    dispersion = float(((followers - fitted) ** 2 / fitted)[own[group] > 0].sum()) / freedom
    between = np.append(LEVELS, np.full(len(slopes), SLOPES))
    return Prior(pooled, between, max(dispersion, 1.0))


def _learnt(own: list[Own], guess: Prior) -> Prior:
    """Learn how creators differ from expansions about their modes under a guess.

    Raises:
        ValueError: all creators together do not tell every column.
    """
    about = [mode(each, guess) for each in own]
    points = [_point(each, at, guess.dispersion) for each, at in zip(own, about, strict=True)]
    precision = np.stack([point.information for point in points])
    _require_told(precision.sum(axis=0))
    shift = np.stack([p.slope + p.information @ at for p, at in zip(points, about, strict=True)])
    shrunken = shrink(precision, shift)
    return Prior(shrunken.mean, shrunken.between, guess.dispersion)


def _require_told(information: Floats) -> None:
    """Refuse an information matrix (p, p) that hardly tells one column from the others."""
    unit = 1 / np.sqrt(information.diagonal())
    if not np.linalg.eigvalsh(information * unit * unit[:, None])[0] > LEAST_TOLD:
        raise ValueError("one column can hardly be told from the others")


def mode(own: Own, prior: Prior) -> Floats:
    """The posterior mode (p,) of a creator's parameters, by Newton's method with halved steps.

    The penalised likelihood is concave, so there is one, whatever the creator's videos tell.

    Raises:
        ValueError: the likelihood is so steep beside the penalty that a step cannot be computed.
    """
    penalty = 1 / np.maximum(prior.between, SMALLEST)
    here, point = prior.mean, _point(own, prior.mean, prior.dispersion)
    for _ in range(MOST_STEPS):
        apart = here - prior.mean
        slope = point.slope - penalty * apart
        information = point.information + np.diag(penalty)
        _require_told(information)
        step = np.linalg.solve(information, slope)
        if slope @ step < SMALL_GAIN:
            break
        least = point.height - penalty @ apart**2 / 2
        point = _point(own, here + step, prior.dispersion)
        while point.height - penalty @ (apart + step) ** 2 / 2 < least and slope @ step > SMALLEST:
            step = step / 2
            point = _point(own, here + step, prior.dispersion)
        here = here + step
    return here


def _point(own: Own, here: Floats, dispersion: float) -> DispersionPoint:
    predictor = np.clip(own.z @ here + own.offset, -FARTHEST, FARTHEST)
    expected = np.exp(predictor)
    return DispersionPoint(
        float(own.followers @ predictor - expected.sum()) / dispersion,
        own.z.T @ (own.followers - expected) / dispersion,
        (own.z * expected[:, None]).T @ own.z / dispersion,
    )


def _expected(rows: CentredTraining, group: Ints, about: Floats) -> Floats:
    """Means (n,) at the creators' parameters `about` (G, p)."""
    predictor = (rows.z * about[group]).sum(axis=1) + rows.offset
    expected: Floats = np.exp(np.clip(predictor, -FARTHEST, FARTHEST))
    return expected


def _predicted(
    task: Task, rows: CentredTraining, group: Ints, creators: Ints, about: Floats, mean: Floats
) -> Floats:
    own = _expected(rows, group, about)
    factor = task.followers.sum() / own.sum()
    alike = _expected(rows, group, np.tile(mean, (len(creators), 1)))
    levels = np.bincount(group, task.followers) / np.bincount(group, alike)
    parameters = np.tile(mean, (task.creators, 1))
    factors = np.full(task.creators, levels.mean())
    parameters[creators], factors[creators] = about, factor
    asked = (rows.asked * parameters[task.asked.group]).sum(axis=1) + rows.asked_offset
    followers: Floats = factors[task.asked.group] * np.exp(np.clip(asked, -FARTHEST, FARTHEST))
    return followers
