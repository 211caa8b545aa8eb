"""Verdicts by a stated rule: corrections for many lines, odds in the light of all of them.

Likely: odds of at least 4 in 5 that it points the way it does. May: at least 2 in 3. Clear: likely,
Holm's p below 0.05, and the same sign without any one creator. Everything else that was asked, and
what has an interval that spans more than thirtyfold: can't tell yet.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pipeline.estimate.adaptive_shrinkage import ShrunkenLines, shrink_lines
from pipeline.estimate.sample_size import growth
from pipeline.inference.estimates import ESTIMATE_ONLY, WITHIN
from pipeline.inference.published_line import Estimate, Needed, Verdict
from pipeline.inference.thresholds import INTERVAL_CREATORS
from pipeline.model.questions import Part

LEVEL = 0.05
LIKELY, MAY = 4 / 5, 2 / 3  # odds
POWER = 0.8
WIDEST = 30.0  # how many times its lower end the upper end of an interval may be
NARROW = 1.5  # the factor either way within which an interval tells enough


def judge_lines(lines: Sequence[Estimate]) -> tuple[Estimate, ...]:
    """Give each line of one question adjusted p-values, odds, a verdict, and what it would need."""
    tested = [i for i, line in enumerate(lines) if line.is_tested and line.p_value is not None]
    shrunken = _shrunken([lines[i] for i in tested])
    judged = [replace(line, verdict=_verdict(line)) for line in _adjusted(lines, tested, shrunken)]
    for place, i in enumerate(tested):
        sizes = float(shrunken.smaller[place]), float(shrunken.larger[place])
        judged[i] = replace(judged[i], needed=_needed(judged[i], sizes, len(tested)))
    return tuple(
        replace(line, needed=_videos_needed(line)) if line.verdict == Verdict.THIS_ACCOUNT else line
        for line in judged
    )


def _shrunken(lines: Sequence[Estimate]) -> ShrunkenLines:
    """Shrink lines together, as they are shown: of a number, for a doubling."""
    step = np.array([line.variable.step for line in lines])
    estimate, std_error, dof = (
        np.array([getattr(line, name) for line in lines], dtype=float)
        for name in ("estimate", "std_error", "df")
    )
    return shrink_lines(estimate * step, std_error * step, dof)


def _adjusted(
    lines: Sequence[Estimate], tested: Sequence[int], shrunken: ShrunkenLines
) -> list[Estimate]:
    """Adjust the p-values of what was asked: Holm (1979), Benjamini & Hochberg (1995); add odds."""
    from statsmodels.stats.multitest import multipletests  # slow to import

    adjusted = list(lines)
    if not tested:
        return adjusted
    raw = [lines[i].p_value for i in tested]
    holm, rate = (multipletests(raw, method=name)[1] for name in ("holm", "fdr_bh"))
    for place, i in enumerate(tested):
        step, odds = lines[i].variable.step, float(shrunken.odds[place])
        line = replace(
            lines[i], p_adjusted=float(holm[place]), q_value=float(rate[place]), odds=odds
        )
        if odds >= MAY:  # of what may be nothing its size says nothing
            line = replace(
                line,
                shrunken=float(shrunken.estimate[place]) / step,
                shrunken_low=float(shrunken.low[place]) / step,
                shrunken_high=float(shrunken.high[place]) / step,
            )
        adjusted[i] = line
    return adjusted


def _verdict(line: Estimate) -> Verdict:
    if line.verdict:  # nothing is published of it
        return line.verdict
    if line.method == WITHIN:
        return Verdict.THIS_ACCOUNT
    if line.method == ESTIMATE_ONLY and line.creators < INTERVAL_CREATORS:
        return Verdict.TOO_FEW
    if not line.is_tested:
        return Verdict.CONTEXT if line.variable.part is Part.CONTEXT else Verdict.NONE
    if line.odds is None or line.ci_low is None or line.ci_high is None or line.p_adjusted is None:
        return Verdict.CANNOT_TELL
    if (line.ci_high - line.ci_low) * line.variable.step > math.log(WIDEST):
        return Verdict.CANNOT_TELL
    if line.odds >= LIKELY:
        is_steady = (line.lowest or 0) * (line.highest or 0) > 0
        return Verdict.CLEAR if line.p_adjusted < LEVEL and is_steady else Verdict.LIKELY
    return Verdict.MAY if line.odds >= MAY else Verdict.CANNOT_TELL


def _needed(line: Estimate, sizes: tuple[float, float], tested: int) -> Needed | None:
    """What a line would need, with creators like these, to be told.

    What cannot be told yet needs an interval within a factor of 1.5 either way. What is likely, or
    may be, needs to be clear with a power of 80 %: beyond Student's t at the first step of Holm's
    correction for the `tested` lines of the question, if its size is the greater of `sizes` (as it
    is shown, given that it points this way), and, at most, if it is the smaller. More creators
    shrink the error, and their effective number grows with them. In `simulations/needed.csv` lines
    are clear less often than that, for there is more to being clear, and odds choose the lucky.
    """
    step = line.variable.step
    if line.verdict == Verdict.CANNOT_TELL:
        times = _growth(line, math.log(NARROW) / step, 1 - LEVEL / 2, 0.5)
        return _of(line, times, times)
    if line.verdict in (Verdict.LIKELY, Verdict.MAY):
        quantile, df = 1 - LEVEL / (2 * tested), line.df or 0.0
        # what stands out has a small error by luck, too: expected is this much more of a variance
        wider = replace(line, std_error=(line.std_error or 0.0) * math.sqrt(df / max(df - 2, 1)))
        most, least = (_growth(wider, size / step, quantile, POWER) for size in sizes)
        return _of(line, least, most)
    return None


def _growth(line: Estimate, half_width: float, quantile: float, power: float) -> float:
    if not line.std_error or not half_width > 0:
        return math.inf
    effective = line.effective_creators or 1.0
    return growth(
        line.std_error, lambda c: max(c * effective - 1, 0.5), half_width, quantile, power
    )


def _of(line: Estimate, least: float, most: float) -> Needed | None:
    """The needs of a line that has to grow so many times; None where no number would do."""
    if not math.isfinite(least):
        return None
    creators, videos = math.ceil(least * line.creators), math.ceil(least * line.videos)
    return Needed(
        creators, videos, math.ceil(most * line.creators) if math.isfinite(most) else None
    )


def _videos_needed(line: Estimate) -> Needed | None:
    """The videos that one account needs, for an interval that leaves out no difference yet."""
    if (line.ci_low or 0) > 0 or (line.ci_high or 0) < 0:
        return None
    if not line.is_tested or line.df is None or line.std_error is None or not line.std_error > 0:
        return None
    df, widest = line.df, math.log(NARROW) / line.variable.step
    times = growth(line.std_error, lambda more: more * df, widest)
    return Needed(1, math.ceil(times * line.videos), 1) if math.isfinite(times) else None
