"""One creator's page as a value: their rate, their lines, their data, and what it all changed.

Nothing here tells of any other single creator. A number about the others is told only where enough
of them are in it: quartiles of eight (`mirror`), lines shrunken towards eight (`partial`), the pool
without the creator where four others carry the line (`imprint`). With fewer, the page is made of
the creator's own rows alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.special import ndtr, stdtrit

from pipeline.analysis.creators.data_quality import Health, health
from pipeline.analysis.creators.pool_effect import PoolEffect, imprints
from pipeline.analysis.creators.summary import (
    ENOUGH_VIDEOS,
    CreatorSummary,
    RateQuartiles,
    mirror,
    rates,
    spread_of,
    telling,
)
from pipeline.analysis.diagnostics.creator_slopes import ENOUGH_CREATORS, Personal
from pipeline.analysis.diagnostics.diagnostics import Diagnostics
from pipeline.analysis.diagnostics.lines import estimates, variable_of
from pipeline.dataset.pool import Pool
from pipeline.inference.estimates import Estimate
from pipeline.inference.estimates import estimates as ladder
from pipeline.inference.results import Results
from pipeline.inference.verdicts import judge_lines
from pipeline.model.design import design
from pipeline.model.fit import fit
from pipeline.model.fit_result import Fit
from pipeline.model.questions import CONVERSION, FOLLOWERS, REACH, Question
from pipeline.model.variables import Variable

ASKED = (FOLLOWERS, REACH, CONVERSION)  # what a creator decides, against what comes of it
MOST_TRIES = 3
FEW_CREATORS = "that takes eight creators or more, so that it gives away none of them"
NOT_COMPUTED = "it takes a longer calculation, which was not done for this update"
NO_LINES = "none of your comparisons could be set beside everyone’s yet"


@dataclass(frozen=True, slots=True)
class OwnRate:
    """A 95 % interval of followers per 1,000 views, as if the videos were drawn anew."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class CreatorLine:
    """One line for this creator: their own videos, everyone's, and both together."""

    variable: Variable
    row: Personal


@dataclass(frozen=True, slots=True)
class Try:
    """A line that is open for this creator and may well be worth it; `turned`: the other way.

    `estimate` is the log ratio in the direction of the gain, `gain` what trying it is worth on
    average, if only a gain is kept: the expected improvement (Mockus 1978) as a log ratio.
    """

    lever: CreatorLine
    turned: bool
    estimate: float
    low: float
    high: float
    gain: float


@dataclass(frozen=True, slots=True)
class CreatorReport:
    """What one creator's page says.

    Where there are no levers, `untold` says why, and `alone` has the lines of the creator's videos
    alone that have an interval, as a report of this account would.
    """

    creator: str
    called: str
    mirror: CreatorSummary
    interval: OwnRate | None
    health: Health
    levers: tuple[tuple[Question, tuple[CreatorLine, ...]], ...]
    untold: str
    alone: tuple[tuple[Question, tuple[Estimate, ...]], ...]
    tries: tuple[Try, ...]
    imprints: tuple[tuple[Question, tuple[PoolEffect, ...]], ...]


def with_page(findings: Results) -> tuple[str, ...]:
    """The creators who asked for a page and have videos in the pool, by name."""
    return tuple(name for name in findings.pool.creators if findings.profiles[name].page)


def portraits(findings: Results, sure: Diagnostics | None) -> Iterator[CreatorReport]:
    """Draw everyone who asked for it, in the order of their names."""
    names = with_page(findings)
    if not names:
        return
    told = rates(telling(findings.pool.videos))
    rows: dict[str, list[Personal]] = {name: [] for name in names}
    for row in sure.personals if sure else ():
        if row.creator in rows and row.own is not None:
            rows[row.creator].append(row)
    for name, alone in _apart(findings.pool, names):
        others = np.array([rate for other, rate in told.items() if other != name])
        levers = tuple(_levers(findings, rows[name]))
        untold = "" if levers else _untold(findings, sure)
        yield _portrait(findings, alone, levers, untold, spread_of(others))


def _portrait(
    findings: Results,
    alone: Pool,
    levers: tuple[tuple[Question, tuple[CreatorLine, ...]], ...],
    untold: str,
    spread: RateQuartiles | None,
) -> CreatorReport:
    """Draw the creator whose rows `alone` has; `spread` is of the others' rates."""
    (creator,) = alone.creators
    own, interval = mirror(alone, creator), own_rate(telling(alone.videos))
    return CreatorReport(
        creator=creator,
        called=findings.profiles[creator].display or creator,
        mirror=replace(own, spread=spread if interval else None, spread_why=""),
        interval=interval,
        health=health(alone, creator),
        levers=levers,
        untold=untold,
        alone=() if levers else tuple(_lines(alone.videos)),
        tries=tries(dict(levers).get(FOLLOWERS, ())),
        imprints=tuple(
            (answer.question, found)
            for answer in findings.answers
            if answer.question in ASKED and (found := imprints(answer, creator))
        ),
    )


def _apart(pool: Pool, names: Sequence[str]) -> Iterator[tuple[str, Pool]]:
    """Give each of some creators a pool of their rows alone: nobody else's are looked at."""
    videos, captures = (
        dict(iter(each.groupby("creator"))) for each in (pool.videos, pool.captures)
    )
    for name in names:
        yield (
            name,
            replace(
                pool,
                videos=videos[name].reset_index(drop=True),
                captures=captures[name].reset_index(drop=True),
            ),
        )


def own_rate(told: pd.DataFrame) -> OwnRate | None:
    """Followers over views, with the error of a ratio of two sums (Cochran 1977, 2.39), as a log.

    None with fewer than ten videos, or no follower.
    """
    n, followers = len(told), told["new_followers"].to_numpy(np.float64)
    if n < ENOUGH_VIDEOS or not followers.sum():
        return None
    views = told["views"].to_numpy(np.float64)
    rate = followers.sum() / views.sum()
    left = followers - rate * views
    error = np.sqrt(n / (n - 1) * (left @ left)) / followers.sum()
    times = float(np.exp(stdtrit(n - 1, 0.975) * error))
    return OwnRate(1000 * float(rate) / times, 1000 * float(rate) * times)


def _levers(
    findings: Results, rows: Sequence[Personal]
) -> Iterator[tuple[Question, tuple[CreatorLine, ...]]]:
    """The lines in which a creator's videos differ, by question, as they were computed."""
    for question in ASKED if rows else ():
        published = estimates(findings, question.name)
        asked = [row for row in rows if row.question == question.name]
        if asked:
            yield question, tuple(CreatorLine(variable_of(row, published), row) for row in asked)


def _lines(videos: pd.DataFrame) -> Iterator[tuple[Question, tuple[Estimate, ...]]]:
    """The asked lines of one creator's videos that have an interval, by question."""
    for question in ASKED:
        found = fit(design(videos, question))
        if isinstance(found, Fit):
            lines = judge_lines(ladder(found))
            told = tuple(each for each in lines if each.is_tested and each.ci_low is not None)
            if told:
                yield question, told


def _untold(findings: Results, sure: Diagnostics | None) -> str:
    if len(findings.pool.creators) < ENOUGH_CREATORS:
        return FEW_CREATORS
    return NO_LINES if sure else NOT_COMPUTED


def tries(levers: Sequence[CreatorLine]) -> tuple[Try, ...]:
    """Choose lines whose interval leaves both ways open and whose best guess is a gain.

    The greatest expected improvement first, one line a term. A number can be halved and a flag left
    out; a level is set against its reference only.
    """
    found = [each for lever in levers if (each := _try(lever)) is not None]
    best: dict[str, Try] = {}
    for each in sorted(found, key=lambda each: -each.gain):
        best.setdefault(each.lever.variable.term, each)
    return tuple(best.values())[:MOST_TRIES]


def _try(lever: CreatorLine) -> Try | None:
    row, variable = lever.row, lever.variable
    if not row.ci_low < 0 < row.ci_high or not row.std_error > 0:
        return None
    turned = row.estimate < 0
    if turned and not (variable.is_log or variable.level == "yes"):
        return None
    ends = (-row.ci_high, -row.ci_low) if turned else (row.ci_low, row.ci_high)
    estimate = abs(row.estimate)
    gain = expected_improvement(estimate * variable.step, row.std_error * variable.step)
    return Try(lever, turned, estimate, *ends, gain)


def expected_improvement(mean: float, sd: float) -> float:
    """The mean of a normal variable where it is positive, and 0 elsewhere.

    >>> round(expected_improvement(0.0, 1.0), 4)
    0.3989
    """
    z = mean / sd
    return float(mean * ndtr(z) + sd * np.exp(-z * z / 2) / np.sqrt(2 * np.pi))
