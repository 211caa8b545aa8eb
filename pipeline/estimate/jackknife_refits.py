"""Fits of counts repeated without each creator in turn, to the end and not by one step."""

from dataclasses import replace

import numpy as np

from pipeline.estimate import negative_binomial
from pipeline.estimate.cluster_robust import LeaveOneOut, leave_one_out
from pipeline.estimate.grouping import Floats, Ints, Runs
from pipeline.estimate.poisson_limit import limit
from pipeline.estimate.poisson_maximum import Optimum, SortedSample, maximise, sorted_sample
from pipeline.estimate.weighted_counts import ReweightedFit

SURE = 1e-9  # a row with this share of its creator's fitted events is not on its way to none


def leave_one_out_refits(
    x: Floats, y: Floats, group: Ints, offset: Floats, fit: ReweightedFit
) -> LeaveOneOut:
    """Re-estimate a fit without each creator in turn; rows in the order of `fit.kept`.

    Newton's method starts from the one-step estimate. A maximum at which every row keeps a share of
    its creator's events is the only one there is (the likelihood is concave), and is taken. For a
    creator without whom that is not reached, separation and rank of the other creators' rows are
    examined: a coefficient that takes part in a combination which they leave free, or which runs to
    infinity among them, is undefined; the others are those of the limit. Where no fit can be
    made (no degrees of freedom, or no convergence) all of them are undefined.

    Args:
        x: (n, k) as given to `reweighted` or `negative_binomial`, like all that follows.
        y: (n,) events.
        group: (n,) creator numbers.
        offset: (n,) log exposure.
        fit: the answer, without weights; its dispersion is held.

    Raises:
        ValueError: one creator only.
    """
    one_step = leave_one_out(fit.blocks).estimates
    sample = sorted_sample(x, y, group, offset, fit.used)
    estimates = np.full_like(one_step, np.nan)
    for at, creator in enumerate(fit.kept):
        certain = _from_one_step(sample, at, one_step[at], fit.dispersion)
        if certain is not None:
            estimates[at] = certain
            continue
        rest = np.flatnonzero(fit.used.rows & (group != creator))
        refitted = limit(x[rest], y[rest], group[rest], offset[rest], fit.dispersion)
        if refitted is not None:
            estimates[at] = np.where(refitted.identified, refitted.estimate, np.nan)
    return LeaveOneOut(estimates, np.isfinite(estimates))


def _from_one_step(
    sample: SortedSample, creator: int, start: Floats, dispersion: float
) -> Floats | None:
    """The maximum (k,) without one creator; None if it is not certain to be one."""
    if not np.isfinite(start).all():
        return None
    rest = _without(sample, creator)
    point = _maximum(rest, start * sample.scale, dispersion)
    if point is None:
        return None
    beta, fitted = point
    share = fitted / rest.rows.spread(rest.rows.total(fitted))
    return beta / sample.scale if share.min() > SURE else None


def _maximum(rest: SortedSample, start: Floats, dispersion: float) -> tuple[Floats, Floats] | None:
    """The scaled slopes (k,) and fitted means (m,) at the maximum; None where it is not reached."""
    if dispersion == 0:
        optimum = maximise(rest, start)
        if isinstance(optimum, Optimum):
            return optimum.point.beta, optimum.point.fitted
        return None
    data = negative_binomial.Weighted(rest, np.ones(len(rest.y)))
    levels = np.log(rest.events / rest.rows.counts)
    point = negative_binomial.maximise(data, dispersion, start, levels)
    if isinstance(point, negative_binomial.NB2Point):
        return point.beta, point.fitted
    return None


def _without(sample: SortedSample, creator: int) -> SortedSample:
    """The sample less one creator, by position; centres and scales stay what they were."""
    start, count = sample.rows.starts[creator], sample.rows.counts[creator]
    gone = slice(start, start + count)
    counts = np.delete(sample.rows.counts, creator)
    rows = Runs(
        np.delete(sample.rows.order, gone),
        np.concatenate([[0], np.cumsum(counts)[:-1]]),
        counts,
        np.delete(sample.rows.creators, creator),
    )
    return replace(
        sample,
        x=np.delete(sample.x, gone, axis=0),
        y=np.delete(sample.y, gone),
        offset=np.delete(sample.offset, gone),
        rows=rows,
        events=np.delete(sample.events, creator),
        means=np.delete(sample.means, creator, axis=0),
    )
