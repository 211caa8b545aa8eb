"""Verdicts by a stated rule, with the corrections for many lines, and what more data would tell.

Clear: Holm's p below 0.05, and the same sign without any one creator. Leaning: the 80 % interval
excludes no difference. Everything else that was asked: can't tell yet.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

from pipeline.estimate.sample_size import growth
from pipeline.inference.estimates import ESTIMATE_ONLY, WITHIN
from pipeline.inference.published_line import Estimate, Needed, Verdict
from pipeline.inference.thresholds import INTERVAL_CREATORS
from pipeline.model.questions import Part

LEVEL = 0.05
NARROW = 1.5  # the factor either way within which an interval tells enough


def judge_lines(lines: Sequence[Estimate]) -> tuple[Estimate, ...]:
    """Give each line of one question its adjusted p-values, its verdict, and what it would need."""
    judged = [replace(line, verdict=_verdict(line)) for line in _adjusted(lines)]
    tested = sum(line.is_tested and line.p_value is not None for line in judged)
    return tuple(_with_needs(line, tested) for line in judged)


def _adjusted(lines: Sequence[Estimate]) -> list[Estimate]:
    """Adjust the p-values of what was asked: Holm (1979), Benjamini & Hochberg (1995)."""
    from statsmodels.stats.multitest import multipletests  # slow to import

    adjusted = list(lines)
    tested = [i for i, line in enumerate(lines) if line.is_tested and line.p_value is not None]
    if tested:
        raw = [lines[i].p_value for i in tested]
        holm, rate = (multipletests(raw, method=name)[1] for name in ("holm", "fdr_bh"))
        for i, p, q in zip(tested, holm, rate, strict=True):
            adjusted[i] = replace(lines[i], p_adjusted=float(p), q_value=float(q))
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
    one_sign = (
        line.lowest is not None and line.highest is not None and line.lowest * line.highest > 0
    )
    if line.p_adjusted is not None and line.p_adjusted < LEVEL and one_sign:
        return Verdict.CLEAR
    return Verdict.LEANING if line.leans else Verdict.CANNOT_TELL


def _with_needs(line: Estimate, tested: int) -> Estimate:
    """Add what a line would need, with creators like these, to be told.

    What cannot be told yet needs an interval within a factor of 1.5 either way. What leans needs to
    be clear: its estimate, if it and the spread stayed as they are, beyond Student's t at the first
    step of Holm's correction for the `tested` lines of the question. More creators shrink the
    error, and their effective number grows with them; of one account, more videos do.
    """
    if line.std_error is None or line.df is None or line.estimate is None:
        return line
    widest = math.log(NARROW) / line.variable.step
    needed = None
    if line.verdict == Verdict.CANNOT_TELL:
        needed = _creators_needed(line, widest, 1 - LEVEL / 2)
    elif line.verdict == Verdict.LEANING:
        needed = _creators_needed(line, abs(line.estimate), 1 - LEVEL / (2 * tested))
    elif line.verdict == Verdict.THIS_ACCOUNT and (line.ci_low or 0) <= 0 <= (line.ci_high or 0):
        needed = _videos_needed(line, widest)
    return replace(line, needed=needed)


def _creators_needed(line: Estimate, half_width: float, quantile: float) -> Needed | None:
    """Find what makes an interval that narrow; None where no number of creators would."""
    if line.std_error is None:
        return None
    effective = line.effective_creators or 1.0
    times = growth(line.std_error, lambda c: max(c * effective - 1, 0.5), half_width, quantile)
    if not math.isfinite(times):
        return None
    return Needed(math.ceil(times * line.creators), math.ceil(times * line.videos))


def _videos_needed(line: Estimate, widest: float) -> Needed | None:
    if not line.is_tested or line.df is None or line.std_error is None or not line.std_error > 0:
        return None
    df = line.df
    times = growth(line.std_error, lambda more: more * df, widest)
    return Needed(1, math.ceil(times * line.videos)) if math.isfinite(times) else None
