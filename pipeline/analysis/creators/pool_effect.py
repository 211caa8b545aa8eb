"""What one creator's data change in the pool: each line without them, and with them.

With two creators in the pool, the pool without one is the other: nothing is told of a line unless
four other creators carry it.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from pipeline.estimate.cluster_robust import (
    Blocks,
    Intervals,
    cr3,
    effective_creators,
    effective_dof,
    leave_one_out,
    partial_leverage,
    t_interval,
)
from pipeline.estimate.grouping import Floats
from pipeline.inference.results import Answer
from pipeline.inference.thresholds import INTERVAL_CREATORS, OTHER_CREATORS
from pipeline.model.fit import MOST_REFITTED
from pipeline.model.fit_result import Fit
from pipeline.model.questions import QUESTIONS, Question
from pipeline.model.sample import carried
from pipeline.model.variables import Variable


@dataclass(frozen=True, slots=True)
class PoolEffect:
    """One line without a creator and with them: log ratios and 95 % intervals.

    `before_low` and `before_high` are as they would be published, exact in least squares and of
    one Newton step else; None where fewer than five others carry the line. `own_videos`, of
    `videos`, are theirs; `weight` is their share of what is known about the line.
    """

    question: Question
    variable: Variable
    before: float
    before_low: float | None
    before_high: float | None
    after: float
    low: float | None
    high: float | None
    own_videos: int
    videos: int
    others: int
    weight: float

    @property
    def width(self) -> float | None:
        """The width of the interval with them over the width without, in logs."""
        if None in (self.before_low, self.before_high, self.low, self.high):
            return None
        before = (self.before_high or 0.0) - (self.before_low or 0.0)
        return ((self.high or 0.0) - (self.low or 0.0)) / before if before > 0 else None


def pool_effects(answer: Answer, creator: str) -> tuple[PoolEffect, ...]:
    """Tell what a creator changes in the asked lines of a question that vary within them."""
    fit = answer.fit
    if not isinstance(fit, Fit) or fit.refits is None or creator not in fit.sample.creators:
        return ()
    g = fit.sample.creators.index(creator)
    mine = fit.sample.x[fit.sample.group == g]
    if not len(mine):  # of a product: a part in one factor only
        return ()
    at = {variable: j for j, variable in enumerate(fit.variables)}
    has, carries = fit.has[fit.sample.group == g], carried(fit)[g]
    weight, interval = _shares(fit)[g], _without(fit, g)
    effects = []
    for line in answer.estimates:
        j = at.get(line.variable)
        if j is None or line.estimate is None or not line.is_tested or not np.ptp(mine[:, j]):
            continue
        others, before = int(fit.varies_in[j]) - int(carries[j]), float(fit.refits.estimates[g, j])
        if others < OTHER_CREATORS or not np.isfinite(before):
            continue
        ends = _ends(interval, j, before) if others >= INTERVAL_CREATORS else (None, None)
        effects.append(
            PoolEffect(
                question=answer.question,
                variable=line.variable,
                before=before,
                before_low=ends[0],
                before_high=ends[1],
                after=line.estimate,
                low=line.ci_low,
                high=line.ci_high,
                own_videos=int(has[:, j].sum()),
                videos=line.videos,
                others=others,
                weight=float(weight[j]),
            )
        )
    return tuple(effects)


@lru_cache(maxsize=len(QUESTIONS))
def _shares(fit: Fit) -> Floats:
    """The creators' shares (G, k), once for all pages: they cost as much as there are creators."""
    return partial_leverage(fit.blocks)


def _ends(interval: Intervals | None, j: int, before: float) -> tuple[float | None, float | None]:
    """Lay the interval about the estimate of the full fit without the creator."""
    if interval is None or not np.isfinite(interval.low[j]):
        return None, None
    margin = float(interval.high[j] - interval.low[j]) / 2
    return before - margin, before + margin


def _without(fit: Fit, g: int) -> Intervals | None:
    """Intervals (k,) of the pool without one creator, from the others' blocks; NaN where untold.

    None of too many creators for full fits without each, or where the others alone do not tell the
    lines apart.
    """
    if not 2 < len(fit.sample.creators) <= MOST_REFITTED:
        return None
    others = np.arange(len(fit.sample.creators)) != g
    information, scores = fit.blocks.information[others], fit.blocks.scores[others]
    total = information.sum(axis=0)
    varying = np.flatnonzero(total.diagonal() > 0)
    inner = np.ix_(varying, varying)
    try:
        shift = np.linalg.solve(total[inner], scores.sum(axis=0)[varying])
        part = information[:, varying][:, :, varying]
        moved = scores[:, varying] - part @ shift  # which sum to 0 over the others
        blocks = Blocks(part, moved, fit.blocks.estimate[varying] + shift, fit.blocks.rows[others])
        effective = effective_creators(blocks)
        error = np.sqrt(np.diagonal(cr3(blocks, leave_one_out(blocks))))
    except (np.linalg.LinAlgError, ValueError):
        return None
    interval = t_interval(blocks.estimate, error, effective_dof(effective))
    wide = [np.full(len(total), np.nan) for _ in range(4)]
    for ends, each in zip(
        wide, (interval.statistic, interval.low, interval.high, interval.p_value), strict=True
    ):
        ends[varying] = each
    return Intervals(*wide)
