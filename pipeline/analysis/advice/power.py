"""What a creator could tell alone, who makes n videos one way and n the other, by turns.

A plan rests on how much one creator's own videos differ, as the pool has it: the mean m of a video
and the spread beyond chance a, with which a count has the variance m + a m² (the negative binomial;
m (1 + a m) is Pearson's dispersion times the mean). Of two means of n videos each, m and R m,

    var(log ratio) = (1/m + a)/n + (1/(R m) + a)/n,

which is dispersion/m (1/n + 1/n) where R = 1, and Student's t has 2n - 2 degrees of freedom.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.estimate.grouping import Floats
from pipeline.inference.thresholds import PLAN_CREATORS
from pipeline.model.questions import Question
from pipeline.model.variables import bounded_exp

SIZES = (6, 12, 25, 50)  # videos each way
ENOUGH_VIDEOS = 10  # of a creator, from which their spread is told
FEWEST_EVENTS = 10.0  # expected in the poorer half; with fewer the plan promises too much
POWER = 0.8
FARTHEST = 5.0  # a log ratio, beyond which nothing is looked for


@dataclass(frozen=True, slots=True)
class VideoSpread:
    """The videos of a typical creator: `mean` events each, `extra` spread beyond chance.

    `mean` is the median over `creators`, `extra` their mean: most creators have not seen their
    rarest hit yet, and a median would never count it. Of one, where the pool has no other.
    """

    question: Question
    creators: int
    mean: float
    extra: float


@dataclass(frozen=True, slots=True)
class Unknown:
    """A question whose spread is not known yet, and why."""

    question: Question
    why: str


@dataclass(frozen=True, slots=True)
class Plan:
    """`videos` each way, and what they can tell eight times in ten.

    `half` is the factor that the 95 % interval reaches either way where nothing is going on.
    `more` and `fewer` are the nearest ratios above and below 1 whose interval excludes 1 with a
    chance of 80 %; None where too few events are expected to promise anything.
    """

    videos: int
    half: float | None
    more: float | None
    fewer: float | None


FEW_CREATORS = (
    "it takes five creators with ten videos or more to know how much one creator’s videos differ; "
    "{creators} so far"
)
FEW_VIDEOS = "it takes ten videos of yours to know how much they differ"
NO_EVENTS = "a typical creator here has no {event} to count"


def spread(videos: pd.DataFrame, question: Question) -> VideoSpread | Unknown:
    """Tell how much a typical creator's videos differ in the outcome of a question.

    `videos` are those that the question can use. A creator counts with ten of them or more.
    """
    each = [
        _moments(*_arrays(own, question))
        for _, own in videos.groupby("creator")
        if len(own) >= ENOUGH_VIDEOS
    ]
    alone = videos["creator"].nunique() == 1
    if alone and not each:
        return Unknown(question, FEW_VIDEOS)
    if not alone and len(each) < PLAN_CREATORS:
        return Unknown(question, FEW_CREATORS.format(creators=len(each)))
    with_events = [pair for pair in each if pair[0] > 0]
    if 2 * len(with_events) <= len(each):
        return Unknown(question, NO_EVENTS.format(event=question.event))
    mean = float(np.median([mean for mean, _ in each]))
    return VideoSpread(
        question, len(each), mean, float(np.mean([extra for _, extra in with_events]))
    )


def _arrays(videos: pd.DataFrame, question: Question) -> tuple[Floats, Floats]:
    outcome: Floats = videos[question.outcome].to_numpy(np.float64)
    if not question.exposure:
        return outcome, np.ones(len(outcome))
    exposure: Floats = videos[question.exposure].to_numpy(np.float64)
    return outcome, exposure


def _moments(y: Floats, exposure: Floats) -> tuple[float, float]:
    """The mean (events a video) and the spread beyond chance of one creator's videos (n,).

    `exposure` (n,) is the views where the rate is asked, else 1. n Σ e² / (Σ m)² is what n times
    the variance of a log mean comes to, whatever the spread (the sandwich); 1/mean of it is chance.
    """
    n, mean = len(y), float(y.mean())
    if mean == 0:
        return 0.0, math.nan
    errors = y - exposure * (y.sum() / exposure.sum())
    whole = n / (n - 1) * n * float(errors @ errors) / float(y.sum()) ** 2
    return mean, max(whole - 1 / mean, 0.0)


def plans(typical: VideoSpread, sizes: Iterable[int] = SIZES) -> tuple[Plan, ...]:
    """Say for each number of videos what a creator like this could tell."""
    return tuple(_plan(typical, n) for n in sizes)


def _plan(typical: VideoSpread, n: int) -> Plan:
    from scipy.special import stdtrit

    enough = n * typical.mean >= FEWEST_EVENTS
    margin = float(stdtrit(2 * n - 2, 0.975)) * standard_error(typical, n, 0.0)
    more, fewer = _nearest(typical, n, 1), _nearest(typical, n, -1)
    return Plan(n, bounded_exp(margin) if enough else None, more, fewer)


def standard_error(typical: VideoSpread, n: int, log_ratio: float) -> float:
    """The standard error of the log ratio of two means of n videos each."""
    either = 1 / typical.mean + typical.extra
    other = math.exp(-log_ratio) / typical.mean + typical.extra
    return math.sqrt((either + other) / n)


def _nearest(typical: VideoSpread, n: int, sign: int) -> float | None:
    """The ratio nearest to 1, on one side, that is told with the power; None where there is none.

    A ratio is told where it is `_reach` standard errors away. Below 1 the events run out, and with
    them what can be told.
    """
    from scipy.optimize import brentq

    reach = _reach(2 * n - 2)

    def excess(size: float) -> float:
        return size - reach * standard_error(typical, n, sign * size)

    grid = np.linspace(0, FARTHEST, 501)
    beyond = next((i for i, size in enumerate(grid) if excess(float(size)) >= 0), None)
    if beyond is None:
        return None
    log_ratio = sign * float(brentq(excess, grid[beyond - 1], grid[beyond]))
    poorer = n * typical.mean * math.exp(min(log_ratio, 0.0))
    return math.exp(log_ratio) if poorer >= FEWEST_EVENTS else None


def _reach(dof: int) -> float:
    """The distance in standard errors at which Student's t finds a difference with the power."""
    from scipy.optimize import brentq
    from scipy.special import nctdtr, stdtrit

    bound = float(stdtrit(dof, 0.975))

    def excess(distance: float) -> float:
        return float(1 - nctdtr(dof, distance, bound) + nctdtr(dof, distance, -bound) - POWER)

    return float(brentq(excess, 1.0, 5.0))
