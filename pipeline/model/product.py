"""A product of two questions: its log ratios are the sums of theirs, its errors the jackknife's."""

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from pipeline.estimate.sum_of_fits import Summand, match, summed, without_each, without_each_row
from pipeline.model.design import Design, comparable
from pipeline.model.fit_result import Fit, Sample, Unidentified
from pipeline.model.reasons import Reason
from pipeline.model.variables import Variable

APART = "views and followers compare it with different things"


def product(design: Design, factors: Sequence[Fit]) -> Fit:
    """Multiply fits of the factors of a product, in their order; `design` is the product's.

    Each factor is fitted to all videos that can tell it, and a creator is left out of both at once.
    """
    last = factors[-1]
    addends, creators = match([_summand(each) for each in factors])
    columns = addends[-1].columns
    variables = tuple(last.variables[j] for j in columns)
    is_alone = any(each.within is not None for each in factors)
    carriers = [fit.varies_in[at.columns] for fit, at in zip(factors, addends, strict=True)]
    within, rows = [each.within for each in factors], [each.sample.rows for each in factors]
    return Fit(
        design=design,
        sample=_sample(last.sample, columns, creators),
        variables=variables,
        unidentified=_unidentified(design, factors, variables),
        blocks=summed(addends, len(creators)),
        within=without_each_row(addends, within, rows) if is_alone else None,
        left_out=without_each(addends, [each.left_out for each in factors], len(creators)),
        refits=without_each(addends, [each.refits for each in factors], len(creators)),
        silent=last.silent,
        varies_in=reduce(np.minimum, carriers),
        videos_with=last.videos_with[columns],
        r2_within=float("nan"),
        rmse_log=float("nan"),
        account=last.account,
        factors=tuple(factors),
    )


def _summand(fit: Fit) -> Summand:
    names = comparable(fit.design, fit.variables)
    return Summand(fit.blocks, fit.noise, names, fit.sample.creators)


def _sample(last: Sample, columns: NDArray[np.int64], creators: tuple[str, ...]) -> Sample:
    group, no_offset = np.searchsorted(creators, last.creators)[last.group], np.zeros(len(last.y))
    return replace(last, x=last.x[:, columns], offset=no_offset, group=group, creators=creators)


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
