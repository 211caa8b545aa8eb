"""A fit moved by what some creators change: a quadratic each, exchanged and solved again."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.estimate.cluster_robust import Blocks, LeaveOneOut, leave_one_out
from pipeline.estimate.collinearity import Rank, rank
from pipeline.estimate.grouping import Bools, Floats, Ints, centre, runs
from pipeline.estimate.linear import residual_dof
from pipeline.estimate.nb2 import fitted_means, information_weights
from pipeline.estimate.solve import factor, solve
from pipeline.estimate.states import States, states, take
from pipeline.estimate.sum_columns import pool_columns
from pipeline.estimate.trends import states_without_trends

FARTHEST = 1e6  # a slope (a log ratio) beyond this is not believed


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """Each creator's part in a fit, as a quadratic in the slopes β of p columns: b'β - β'A β / 2.

    Least squares are quadratic, whatever the slopes. A likelihood of counts is taken for what it
    resembles at given slopes: A is its expected information there, and b the score plus A times
    those slopes. Either way the parts of any creators can be put together and solved.

    Attributes:
        whole: states of G creators, of the p columns, the outcome, and the time of their trends.
        information: (G, p, p) A_g.
        right: (G, p) b_g.
        eventful: (G, p) whether a column is not 0 in some row with an event.
    """

    whole: States
    information: Floats
    right: Floats
    eventful: Bools


@dataclass(frozen=True, slots=True, eq=False)
class Settled:
    """Parts that are solved for k variables; G creators, those with two rows or more.

    Attributes:
        blocks: what inference needs, of the variables in `ranks.kept`.
        ranks: which variables are estimable; the numbers are the variables'.
        whole: states of the k variables and then the outcome.
        eventful: (k,) creators in whom the variable varies and is not 0 in some row with an event.
        creators: (G,) the numbers in the parts of the creators used.
        left_out: the estimates without each of them, by one step; None of one creator.
        noise: the residual variance of least squares about the solution.
        residual_dof: N - k - G, less a trend for each creator who has one.
    """

    blocks: Blocks
    ranks: Rank
    whole: States
    eventful: Ints
    creators: Ints
    left_out: LeaveOneOut | None
    noise: float
    residual_dof: int


def linear_parts(
    columns: Floats, outcome: Floats, group: Ints, creators: int, time: Floats
) -> Parts:
    """The parts of least squares: within cross products; `columns` (n, p), `group` (n,).

    `time` (n,) is the same in all rows of a creator without a trend (`without_trends`).
    """
    whole = states(np.column_stack([columns, outcome, time]), group, creators)
    left = states_without_trends(whole).products
    p = columns.shape[1]
    everywhere = np.ones((creators, p), dtype=np.bool_)
    return Parts(whole, left[:, :p, :p], left[:, :p, p], everywhere)


def count_parts(
    columns: Floats,
    outcome: Floats,
    offset: Floats,
    group: Ints,
    creators: int,
    slopes: Floats,
    dispersion: float = 0.0,
) -> Parts:
    """The parts of a fit of counts with creator effects, about `slopes` (p,).

    Rows must be of creators with events (`informative`); the effects are solved for at the slopes,
    and the information is the expected one.

    Args:
        columns: (n, p).
        outcome: (n,) events.
        offset: (n,) log exposure.
        group: (n,) creator numbers, 0..creators-1.
        creators: G; those without rows here have parts of zeros.
        slopes: (p,).
        dispersion: a of the variance μ + a μ², 0 for Poisson.
    """
    rows, p = runs(group), columns.shape[1]
    whole = states(np.column_stack([columns, outcome, 0 * outcome]), group, creators)
    information, right = np.zeros((creators, p, p)), np.zeros((creators, p))
    eventful = np.zeros((creators, p), dtype=np.bool_)
    if not len(rows.order):
        return Parts(whole, information, right, eventful)
    deviations = centre(columns, rows).deviations
    predictor, events = deviations @ slopes + offset[rows.order], outcome[rows.order]
    fitted = fitted_means(predictor, events, rows, dispersion)
    weights = information_weights(fitted, dispersion)
    residual = (events - fitted) / (1 + dispersion * fitted)
    mean = rows.total(weights[:, None] * deviations) / rows.total(weights)[:, None]
    weighted = np.sqrt(weights)[:, None] * (deviations - rows.spread(mean))
    for creator, these in zip(rows.creators.tolist(), rows.slices(), strict=True):
        information[creator] = weighted[these].T @ weighted[these]
    at = rows.creators
    right[at] = rows.total(deviations * residual[:, None]) + information[at] @ slopes
    eventful[at] = rows.total((columns[rows.order] != 0) * (events > 0)[:, None]) > 0
    return Parts(whole, information, right, eventful)


def place(parts: Parts, at: Sequence[int], columns: int) -> Parts:
    """Set p columns at their places among more, (p,), outcome and time last; the others are zeros.

    Within a creator who lacks a level its column is a constant, and 0 is as good as any.
    """
    here, creators = np.asarray(at, dtype=np.int64), len(parts.right)
    wide = np.append(here, [columns, columns + 1])
    blank = States(
        parts.whole.rows,
        np.zeros((creators, columns + 2)),
        np.zeros((creators, columns + 2, columns + 2)),
        np.zeros((creators, columns + 2)),
        np.zeros((creators, columns + 2)),
    )
    blank.means[:, wide], blank.low[:, wide] = parts.whole.means, parts.whole.low
    blank.high[:, wide] = parts.whole.high
    blank.products[:, wide[:, None], wide] = parts.whole.products
    information = np.zeros((creators, columns, columns))
    information[:, here[:, None], here] = parts.information
    right, eventful = np.zeros((creators, columns)), np.zeros((creators, columns), dtype=np.bool_)
    right[:, here], eventful[:, here] = parts.right, parts.eventful
    return Parts(blank, information, right, eventful)


def choose(parts: Parts, creators: Ints | Bools) -> Parts:
    """The parts of some creators, by number (in the order named) or by mask."""
    return Parts(
        take(parts.whole, creators),
        parts.information[creators],
        parts.right[creators],
        parts.eventful[creators],
    )


def together(first: Parts, second: Parts) -> Parts:
    """The parts of the creators of both, of the same columns; the second are numbered on."""
    whole, more = first.whole, second.whole
    return Parts(
        States(
            np.concatenate([whole.rows, more.rows]),
            np.concatenate([whole.means, more.means]),
            np.concatenate([whole.products, more.products]),
            np.concatenate([whole.low, more.low]),
            np.concatenate([whole.high, more.high]),
        ),
        np.concatenate([first.information, second.information]),
        np.concatenate([first.right, second.right]),
        np.concatenate([first.eventful, second.eventful]),
    )


def settle(parts: Parts, weights: Floats, variables: Sequence[int]) -> Settled:
    """Solve for the variables (numbers of the columns of `weights`) that are estimable.

    Args:
        parts: of p columns.
        weights: (p, k) sums the columns into variables, as for `pool_columns`.
        variables: those to judge, in the declared order.

    Raises:
        ValueError: the information of the variables kept is not of full rank, or next to nothing,
            so that the estimate goes beyond `FARTHEST`.
    """
    p, k = weights.shape
    used = np.flatnonzero(parts.whole.rows > 1)
    parts = choose(parts, used)
    wide = np.zeros((p + 2, k + 2))
    wide[:p, :k], wide[p:, k:] = weights, np.eye(2)
    summed = pool_columns(parts.whole, wide)
    whole, trends = states_without_trends(summed), int(summed.varies[:, -1].sum())
    ranks = rank(whole, variables)
    kept = weights[:, ranks.kept]
    information, right = kept.T @ parts.information @ kept, parts.right @ kept
    total, sums = information.sum(axis=0), right.sum(axis=0)
    factored = factor(total)
    with np.errstate(over="ignore"):
        estimate = solve(factored, sums)
    if not np.all(np.abs(estimate) < FARTHEST):  # also refuses NaN
        raise ValueError("the quadratics have next to no information where they were taken")
    estimate = estimate + solve(factored, sums - total @ estimate)
    blocks = Blocks(information, right - information @ estimate, estimate, parts.whole.rows)
    eventful = ((parts.eventful @ weights > 0) & whole.varies[:, :k]).sum(axis=0, dtype=np.int64)
    left_out = leave_one_out(blocks) if len(used) > 1 else None
    dof = residual_dof(whole, len(ranks.kept) + trends)
    noise = _squares_left(whole, ranks, estimate) / max(dof, 1)
    return Settled(blocks, ranks, whole, eventful, used, left_out, noise, dof)


def _squares_left(whole: States, ranks: Rank, estimate: Floats) -> float:
    contrast = np.zeros(whole.products.shape[1])
    contrast[list(ranks.kept)], contrast[-1] = -estimate, 1.0
    return float(contrast @ whole.products.sum(axis=0) @ contrast)


def without(blocks: Blocks, creators: Bools) -> Floats:
    """The estimate (k,) without some creators (G,); NaN where the others do not identify it."""
    both = [~creators, creators]
    halves = Blocks(
        np.stack([blocks.information[half].sum(axis=0) for half in both]),
        np.stack([blocks.scores[half].sum(axis=0) for half in both]),
        blocks.estimate,
        np.array([blocks.rows[half].sum() for half in both]),
    )
    rest: Floats = leave_one_out(halves).estimates[1]
    return rest
