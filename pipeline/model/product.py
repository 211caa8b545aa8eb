"""A product of two questions: its log ratios are the sums of theirs, its errors the jackknife's."""

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from pipeline.estimate.cluster_robust import LeaveOneOut
from pipeline.estimate.grouping import Floats
from pipeline.estimate.hc3 import HC3
from pipeline.estimate.sum_of_fits import Addend, summed, without_each
from pipeline.model.design import Design
from pipeline.model.fit_result import Fit, Sample, Unidentified
from pipeline.model.reasons import Reason
from pipeline.model.variables import Variable

APART = "views and followers compare it with different things"


def product(design: Design, factors: Sequence[Fit]) -> Fit:
    """Multiply fits of the factors of a product, in their order; `design` is the product's.

    Each factor is fitted to all videos that can tell it, and a creator is left out of both at once.
    """
    last = factors[-1]
    known = [each.variables for each in factors]
    variables = tuple(each for each in known[-1] if all(each in others for others in known))
    creators = tuple(sorted({name for each in factors for name in each.sample.creators}))
    addends = [_addend(each, variables, creators) for each in factors]
    at = addends[-1].columns
    is_alone = any(each.within is not None for each in factors)
    carriers = [each.varies_in[of.columns] for each, of in zip(factors, addends, strict=True)]
    return Fit(
        design=design,
        sample=_sample(last.sample, at, creators),
        variables=variables,
        unidentified=_unidentified(design, factors, variables),
        blocks=summed(addends, len(creators)),
        within=_within(factors, addends) if is_alone else None,
        left_out=_left_out([each.left_out for each in factors], addends, creators),
        refits=_left_out([each.refits for each in factors], addends, creators),
        silent=last.silent,
        varies_in=reduce(np.minimum, carriers),
        videos_with=last.videos_with[at],
        r2_within=float("nan"),
        rmse_log=float("nan"),
        cv_rmse=None,
        cv_rmse_of_means=None,
        account=last.account,
        factors=tuple(factors),
    )


def _addend(fit: Fit, variables: Sequence[Variable], creators: Sequence[str]) -> Addend:
    blocks = replace(
        fit.blocks,
        information=fit.blocks.information / fit.noise,
        scores=fit.blocks.scores / fit.noise,
    )
    columns = np.array([fit.variables.index(each) for each in variables], dtype=np.int64)
    return Addend(blocks, columns, np.searchsorted(creators, fit.sample.creators))


def _sample(of: Sample, columns: NDArray[np.int64], creators: tuple[str, ...]) -> Sample:
    group = np.searchsorted(creators, of.creators)[of.group]
    return replace(
        of, x=of.x[:, columns], offset=np.zeros_like(of.offset), group=group, creators=creators
    )


def _left_out(
    each: Sequence[LeaveOneOut | None], addends: Sequence[Addend], creators: Sequence[str]
) -> LeaveOneOut | None:
    known = [one for one in each if one is not None]
    return without_each(addends, known, len(creators)) if len(known) == len(each) else None


def _within(factors: Sequence[Fit], addends: Sequence[Addend]) -> HC3:
    """Leave each video of the one creator out of all factors that have it."""
    rows = reduce(np.union1d, [each.sample.rows for each in factors])
    shifts = np.zeros((len(rows), len(addends[0].columns)))
    leverage: Floats = np.zeros(len(rows))
    for each, of in zip(factors, addends, strict=True):
        if each.within is not None:
            at = np.searchsorted(rows, each.sample.rows)
            shifts[at] += each.within.shifts[:, of.columns]
            leverage[at] = np.maximum(leverage[at], each.within.leverage)
    return HC3(shifts, leverage)


def _unidentified(
    design: Design, factors: Sequence[Fit], variables: Sequence[Variable]
) -> tuple[Unidentified, ...]:
    """Name what a factor cannot tell, by the reason of the last that cannot."""
    untold = {each.variable: each for fit in factors for each in fit.unidentified}
    rows = []
    for variable in design.variables:
        if variable in untold:
            rows.append(untold[variable])
        elif variable not in variables:
            j = factors[-1].variables.index(variable)
            counts = int(factors[-1].videos_with[j]), int(factors[-1].varies_in[j])
            rows.append(Unidentified(variable, Reason.APART, APART, *counts))
    return tuple(rows)
