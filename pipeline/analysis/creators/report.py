"""One creator's page as a value: their rate, their lines, their data, and what it all changed.

Nothing here tells of any other single creator. A number about the others is told only where enough
of them are in it: quartiles of eight (`summary`), lines shrunken towards eight
(`creator_slopes`), the pool without the creator where four others carry the line (`pool_effect`).
With fewer, the page is made of the creator's own rows alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.special import ndtr

from pipeline.analysis.creators.data_quality import Health, health
from pipeline.analysis.creators.pool_effect import PoolEffect, pool_effects
from pipeline.analysis.creators.summary import (
    ENOUGH_VIDEOS,
    NO_COUNTS,
    CreatorSummary,
    RateQuartiles,
    rate_over,
    rates,
    spread_of,
    summarize,
    telling,
)
from pipeline.analysis.diagnostics.creator_slopes import Personal
from pipeline.analysis.diagnostics.diagnostics import Diagnostics
from pipeline.analysis.diagnostics.lines import estimates_by_key, variable_of
from pipeline.dataset.pool import Pool
from pipeline.estimate.ratio_of_sums import log_interval
from pipeline.inference.estimates import estimates
from pipeline.inference.published_line import Estimate
from pipeline.inference.results import Results
from pipeline.inference.thresholds import SLOPE_CREATORS
from pipeline.inference.verdicts import judge_lines
from pipeline.model.design import design
from pipeline.model.fit import fit
from pipeline.model.fit_result import Fit
from pipeline.model.questions import CONVERSION, FOLLOWERS, REACH, Question
from pipeline.model.rate import PER_VIEWS
from pipeline.model.variables import Variable, bounded_exp

ASKED = (FOLLOWERS, REACH, CONVERSION)  # what a creator decides, against what comes of it
MOST_TRIES = 3
FEW_CREATORS = "that takes eight creators or more, so that it gives away none of them"
NOT_COMPUTED = "it takes a longer calculation, which was not done for this update"
NO_LINES = "none of your comparisons could be set beside other creators’ yet"


@dataclass(frozen=True, slots=True)
class OwnRate:
    """A 95 % interval of followers per 1,000 views, as if the videos were drawn anew."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class CreatorLine:
    """One line for this creator: their own videos, the average creator's, and both together."""

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

    Where there are no levers, `untold` says why, and the creator's videos are fitted alone: the
    summary has lines, and `alone` those that have an interval, as a report of this account would.
    """

    creator: str
    called: str
    summary: CreatorSummary
    interval: OwnRate | None
    health: Health
    levers: tuple[tuple[Question, tuple[CreatorLine, ...]], ...]
    untold: str
    alone: tuple[tuple[Question, tuple[Estimate, ...]], ...]
    tries: tuple[Try, ...]
    pool_effects: tuple[tuple[Question, tuple[PoolEffect, ...]], ...]


def with_page(findings: Results) -> tuple[str, ...]:
    """The creators who asked for a page and have videos in the pool, by name."""
    return tuple(name for name in findings.pool.creators if findings.profiles[name].page)


def creator_reports(findings: Results, diagnostics: Diagnostics | None) -> Iterator[CreatorReport]:
    """Draw everyone who asked for it, in the order of their names."""
    names = with_page(findings)
    if not names:
        return
    known = telling(findings.pool.videos)
    by_creator = rates(known)
    rows: dict[str, list[Personal]] = {name: [] for name in names}
    for row in diagnostics.personals if diagnostics else ():
        if row.creator in rows and row.own is not None:
            rows[row.creator].append(row)
    for name, alone in _apart(findings.pool, names):
        others = np.array([rate for other, rate in by_creator.items() if other != name])
        levers = tuple(_levers(findings, rows[name]))
        untold = "" if levers else _untold(findings, diagnostics)
        mine = known[known["creator"] == name]
        yield _creator_report(findings, alone, mine, levers, untold, spread_of(others))


def _creator_report(
    findings: Results,
    alone: Pool,
    told: pd.DataFrame,
    levers: tuple[tuple[Question, tuple[CreatorLine, ...]], ...],
    untold: str,
    spread: RateQuartiles | None,
) -> CreatorReport:
    """Draw the creator whose rows `alone` has, `told` those of which the pool tells a rate.

    `spread` is of the others' rates.
    """
    (creator,) = alone.creators
    own, interval, rate = (
        summarize(alone, creator, fitted=not levers),
        own_rate(told),
        rate_over(told),
    )
    why = own.rate_why or ("" if rate else NO_COUNTS)
    return CreatorReport(
        creator=creator,
        called=findings.profiles[creator].display or creator,
        summary=replace(
            own, rate=rate, rate_why=why, spread=spread if interval else None, spread_why=""
        ),
        interval=interval,
        health=health(alone, creator),
        levers=levers,
        untold=untold,
        alone=() if levers else tuple(_lines(alone.videos)),
        tries=tries(dict(levers).get(FOLLOWERS, ())),
        pool_effects=tuple(
            (answer.question, effects)
            for answer in findings.answers
            if answer.question in ASKED and (effects := pool_effects(answer, creator))
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


def own_rate(videos: pd.DataFrame) -> OwnRate | None:
    """Followers over views with a 95 % interval, videos taken as independent.

    None with fewer than ten videos, no follower, or where few videos decide it.
    """
    if len(videos) < ENOUGH_VIDEOS:
        return None
    followers, views = (videos[each].to_numpy(np.float64) for each in ("new_followers", "views"))
    ends = log_interval(followers, views)
    return OwnRate(*(PER_VIEWS * bounded_exp(end) for end in ends)) if ends else None


def _levers(
    findings: Results, rows: Sequence[Personal]
) -> Iterator[tuple[Question, tuple[CreatorLine, ...]]]:
    """The lines in which a creator's videos differ, by question, as they were computed."""
    for question in ASKED if rows else ():
        published = estimates_by_key(findings, question.name)
        asked = [row for row in rows if row.question == question.name]
        if asked:
            yield question, tuple(CreatorLine(variable_of(row, published), row) for row in asked)


def _lines(videos: pd.DataFrame) -> Iterator[tuple[Question, tuple[Estimate, ...]]]:
    """The asked lines of one creator's videos that have an interval, by question."""
    for question in ASKED:
        fitted = fit(design(videos, question))
        if isinstance(fitted, Fit):
            lines = judge_lines(estimates(fitted))
            with_interval = tuple(
                each for each in lines if each.is_tested and each.ci_low is not None
            )
            if with_interval:
                yield question, with_interval


def _untold(findings: Results, diagnostics: Diagnostics | None) -> str:
    if len(findings.pool.creators) < SLOPE_CREATORS:
        return FEW_CREATORS
    return NO_LINES if diagnostics else NOT_COMPUTED


def tries(levers: Sequence[CreatorLine]) -> tuple[Try, ...]:
    """Choose lines whose interval leaves both ways open and whose best guess is a gain.

    The greatest expected improvement first, one line a term. A flag can be left out; a level is
    set against its reference only.
    """
    possible = [each for lever in levers if (each := _try(lever)) is not None]
    best: dict[str, Try] = {}
    for each in sorted(possible, key=lambda each: -each.gain):
        best.setdefault(each.lever.variable.term, each)
    return tuple(best.values())[:MOST_TRIES]


def _try(lever: CreatorLine) -> Try | None:
    row, variable = lever.row, lever.variable
    if not row.ci_low < 0 < row.ci_high or not row.std_error > 0:
        return None
    turned = row.estimate < 0
    if turned and variable.level != "yes":
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
