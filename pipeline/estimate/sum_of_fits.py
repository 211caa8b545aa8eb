"""The sum of two fits' estimates, of the same variables and creators, as the blocks of one."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np

from pipeline.estimate.cluster_robust import Blocks, LeaveOneOut
from pipeline.estimate.grouping import Floats, Ints
from pipeline.estimate.hc3 import HC3
from pipeline.estimate.solve import factor, inverse


@dataclass(frozen=True, slots=True, eq=False)
class Summand:
    """A fit by name: what its variables and creators are called.

    Attributes:
        blocks: of its variables and creators, in their order.
        variance: that of the outcome per unit of information: the residual variance of least
            squares, 1 of counts.
        variables: names, none twice.
        creators: names, ascending.
    """

    blocks: Blocks
    variance: float
    variables: Sequence[Hashable]
    creators: Sequence[str]


@dataclass(frozen=True, slots=True, eq=False)
class Addend:
    """A fit that is added: the k of its variables that are summed, and who its creators are.

    Attributes:
        blocks: of all its variables and its own creators; information as the inverse of a variance
            (of least squares, divided by the residual variance).
        columns: (k,) places of the summed variables among its own.
        creators: (G',) places of its creators among the G of the sum.
    """

    blocks: Blocks
    columns: Ints
    creators: Ints


def match(fits: Sequence[Summand]) -> tuple[tuple[Addend, ...], tuple[str, ...]]:
    """Find what each fit has: variables, in the order of the last; and the creators of all."""
    common = [name for name in fits[-1].variables if all(name in fit.variables for fit in fits)]
    creators = tuple(sorted({name for fit in fits for name in fit.creators}))
    addends = []
    for fit in fits:
        blocks = replace(
            fit.blocks,
            information=fit.blocks.information / fit.variance,
            scores=fit.blocks.scores / fit.variance,
        )
        place = {name: number for number, name in enumerate(fit.variables)}
        columns = np.array([place[name] for name in common], dtype=np.int64)
        addends.append(Addend(blocks, columns, np.searchsorted(creators, fit.creators)))
    return tuple(addends), creators


def summed(addends: Sequence[Addend], creators: int) -> Blocks:
    """Blocks of the sum of estimates, whose errors are taken to be independent.

    The information Σ_g A_g of the result is the inverse of the summed variances V; creator g's part
    of it is V^-1 (Σ_i V_i A_ig V_i) V^-1, so that the partial leverage of the sum, or of a contrast
    of it, is that of the fits, weighted by their variances. Scores are V^-1 Σ_i V_i s_ig: what a
    creator moves the sum by in the limit of many creators. One step without a creator from these
    blocks is not the sum of the fits' own steps, which `without_each` gives.

    Args:
        addends: with k variables each.
        creators: G; one whom a fit does not have adds nothing there.

    Raises:
        ValueError: a fit's information is not of full rank.
    """
    k = len(addends[0].columns)
    variance, estimate = np.zeros((k, k)), np.zeros(k)
    carried, moved = np.zeros((creators, k, k)), np.zeros((creators, k))
    rows = np.zeros(creators, dtype=np.int64)
    for each in addends:
        blocks, at = each.blocks, each.creators
        weight = inverse(factor(blocks.information.sum(axis=0)))[each.columns]
        variance += weight[:, each.columns]
        estimate += blocks.estimate[each.columns]
        carried[at] += weight @ blocks.information @ weight.T
        moved[at] += blocks.scores @ weight.T
        rows[at] = np.maximum(rows[at], blocks.rows)
    total = inverse(factor(variance))
    return Blocks(total @ carried @ total, moved @ total, estimate, rows)


def without_each(
    addends: Sequence[Addend], left_out: Sequence[LeaveOneOut | None], creators: int
) -> LeaveOneOut | None:
    """Sum the estimates without each of the G creators in turn, as each fit has them.

    A fit that does not have a creator is the same without. None where a fit has none.
    """
    estimates = np.zeros((creators, len(addends[0].columns)))
    for each, left in zip(addends, left_out, strict=True):
        if left is None:
            return None
        own: Floats = np.tile(each.blocks.estimate[each.columns], (creators, 1))
        own[each.creators] = left.estimates[:, each.columns]
        estimates += own
    return LeaveOneOut(estimates, np.isfinite(estimates))


def without_each_row(
    addends: Sequence[Addend], within: Sequence[HC3 | None], rows: Sequence[Ints]
) -> HC3:
    """Leave each video of one creator out of all fits that have it.

    Args:
        addends: with k variables each.
        within: of each fit, its shifts and leverages; None of one that adds nothing to them.
        rows: of each fit, the ascending numbers of its videos in what all were made of.
    """
    every = reduce(np.union1d, rows)
    shifts = np.zeros((len(every), len(addends[0].columns)))
    leverage: Floats = np.zeros(len(every))
    for each, own, numbers in zip(addends, within, rows, strict=True):
        if own is not None:
            at = np.searchsorted(every, numbers)
            shifts[at] += own.shifts[:, each.columns]
            leverage[at] = np.maximum(leverage[at], own.leverage)
    return HC3(shifts, leverage)
