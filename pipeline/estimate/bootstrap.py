"""Restricted wild cluster bootstrap from blocks: draws, tests and intervals, no rows.

For a Poisson fit it is the linearised score bootstrap: scores move as the information says.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import inf, nan

import numpy as np
from scipy.linalg import solve_triangular

from pipeline.estimate.draws import Draws
from pipeline.estimate.grouping import Bools, Floats
from pipeline.estimate.inference import SINGULAR, Blocks, cr1, sum_of_others
from pipeline.estimate.solve import factor, inverse, solve

TIE = 1e-9  # relative difference below which a bootstrap statistic equals the observed one
NO_SPREAD = 1e-12  # a standard error below this share of what it is made of is rounding
FIRST_STEP, LAST_STEP, PRECISION = 2.0, 1e4, 1e-4  # of an interval's search, standard errors
ONE_CREATOR = 1e-7  # information of all others: below it the score is 0 but for rounding
CHUNK = 2**17  # numbers worked on at a time, so that they stay in the processor's cache


class Restricted(StrEnum):
    """Where the bootstrap scores come from, in MacKinnon, Nielsen & Webb's (2023) names."""

    WCR = "11"  # one estimate under the null
    WCR_S = "31"  # one for each creator, from the other creators


@dataclass(frozen=True, slots=True)
class WildTest:
    """A two-sided test of one coefficient.

    Attributes:
        p_value: NaN when no draw counts, or there is no standard error because one creator alone
            tells of the coefficient (the others carry less than 1e-7 of what is known).
        statistic: (estimate - null) / CR1 standard error; NaN without a standard error.
        used: draws that counted.
        lost: draws without a finite statistic, which count neither above nor below the line.
        enumerated: whether the draws were all sign vectors.
    """

    p_value: float
    statistic: float
    used: int
    lost: int
    enumerated: bool


@dataclass(frozen=True, slots=True)
class WildInterval:
    """The values of a coefficient that a test does not reject.

    Attributes:
        low: -inf if nothing far below is rejected, NaN without a standard error.
        high: inf if nothing far above is rejected, NaN without a standard error.
        level: 0.95 = 95 %.
    """

    low: float
    high: float
    level: float


def wild_test(
    blocks: Blocks,
    column: int,
    draws: Draws,
    restricted: Restricted = Restricted.WCR_S,
    null: float = 0.0,
) -> WildTest:
    """Test one coefficient against `null`; see `wild_tests`."""
    return wild_tests(blocks, [column], draws, restricted, null)[0]


def wild_tests(
    blocks: Blocks,
    columns: Sequence[int],
    draws: Draws,
    restricted: Restricted = Restricted.WCR_S,
    null: float = 0.0,
) -> tuple[WildTest, ...]:
    """Test coefficients one by one against `null` by the restricted wild cluster bootstrap.

    Cameron, Gelbach & Miller (2008); leave-one-out scores (WCR-S): MacKinnon, Nielsen & Webb
    (2023). The p-value is the share of |t*| >= |t|, ties within a relative 1e-9 counted, and
    (1 + hits) / (1 + draws) when they are a sample. Enumerated it is at least 2^(1-G), which the
    vector of ones attains in WCR; in WCR-S that vector does not give t back, so it is imposed.

    Without creator g the other coefficients may not be identified, and WCR-S then takes one of many
    solutions. All give the same t*: with w = A^-1 e_j, an unidentified direction n has A_h n = 0
    for every other creator h and n_j = 0, so that w'A_h n = 0, and w'A_g n = w'A n = n_j = 0 too.

    Raises:
        ValueError: one creator only, draws for another number of creators, not more rows than
            coefficients, or information that is not of full rank.
    """
    setting = _setting(blocks, draws)
    results = []
    for column in columns:
        distance = null - float(blocks.estimate[column])
        standard = _standard(setting, column)
        constant, slope = _restricted_scores(setting, standard, column, restricted)
        scores = (constant + distance * slope)[None]
        forms = _forms(standard, scores, draws, float(setting.se[column]))
        results.append(_judge(forms, np.ones(1), distance))
    return tuple(results)


def wild_interval(
    blocks: Blocks,
    column: int,
    draws: Draws,
    restricted: Restricted = Restricted.WCR_S,
    level: float = 0.95,
) -> WildInterval:
    """Invert the test of one coefficient; see `wild_intervals`."""
    return wild_intervals(blocks, [column], draws, restricted, level)[0]


def wild_intervals(
    blocks: Blocks,
    columns: Sequence[int],
    draws: Draws,
    restricted: Restricted = Restricted.WCR_S,
    level: float = 0.95,
) -> tuple[WildInterval, ...]:
    """Invert the tests of coefficients: from the estimate outwards to the first rejection.

    Steps of 2, 4, 8, ... standard errors until p <= 1 - level, an infinite end after 10,000, then
    bisection to 0.0001 standard errors; ends are on the rejected side. The p-value is a step
    function of the null that need not fall steadily: this finds one crossing, a heuristic.

    Raises:
        ValueError: as `wild_tests`, or a level that is not between 0 and 1.
    """
    if not 0 < level < 1:
        raise ValueError(f"the level must be between 0 and 1: {level}")
    setting = _setting(blocks, draws)
    results = []
    for column in columns:
        standard = _standard(setting, column)
        scores = _restricted_scores(setting, standard, column, restricted)
        forms = _forms(standard, scores, draws, float(setting.se[column]))
        low, high = (_end(forms, side, (1 - level) * (1 + TIE)) for side in (-1.0, 1.0))
        estimate = float(blocks.estimate[column])
        results.append(WildInterval(estimate + low, estimate + high, level))
    return tuple(results)


@dataclass(frozen=True, slots=True, eq=False)
class _Setting:
    """What the coefficients of one fit share.

    `doubtful` (G,) marks the creators without whom the rest may not be of full rank: with
    tr(A^-1 A_g) <= 1/2 it is, as in `leave_one_out`.
    """

    blocks: Blocks
    total: Floats  # (k, k) A
    se: Floats  # (k,) CR1
    others: Floats  # (G, k, k) information of all other creators
    other_scores: Floats  # (G, k)
    doubtful: Bools


@dataclass(frozen=True, slots=True, eq=False)
class _Standard:
    """The blocks in coordinates in which A is nearly the identity, the coefficient tested the last.

    Nearly collinear columns amplify rounding, and ties are then missed. Here a rounding error of
    the change of coordinates is one of the data, and t* and t see the same data.
    """

    basis: Floats  # (k, k) old = basis @ new
    unit: float  # the coefficient over the last new one
    information: Floats  # (G, k, k)
    scores: Floats  # (G, k)
    inverse: Floats  # (k, k)


@dataclass(frozen=True, slots=True, eq=False)
class _Forms:
    """t* of every draw, as forms in m coefficients c: m = 2 and c = (1, null - estimate), or m = 1.

    Numerators and squares are in new coordinates; the factor of CR1, which t* and t share, is left
    out.
    """

    numerator: Floats  # (m, B) c'numerator = δ*
    squares: Floats  # (m, m, B) c'squares c = Σ_g (v_g a_g - h_g'δ*)²
    size: Floats  # (m, m) c'size c = Σ_g a_g², what the squares are differences of
    observed: float  # CR1 standard error before its factor; 0 where one creator carries all
    se: float  # CR1
    smallest: float  # p-value; 0 for a sample


def _setting(blocks: Blocks, draws: Draws) -> _Setting:
    creators = len(blocks.scores)
    if draws.values.shape[1] != creators:
        raise ValueError(f"draws for {draws.values.shape[1]} creators, blocks of {creators}")
    se = np.sqrt(cr1(blocks).diagonal())
    total = blocks.information.sum(axis=0)
    return _Setting(
        blocks,
        total,
        se,
        sum_of_others(blocks.information),
        sum_of_others(blocks.scores),
        np.einsum("ij,gij->g", inverse(factor(total)), blocks.information) > 0.5,
    )


def _standard(setting: _Setting, column: int) -> _Standard:
    """Change coordinates by the Cholesky factor with `column` last (Frisch & Waugh)."""
    k = len(setting.total)
    order = np.append(np.delete(np.arange(k), column), column)
    factored = factor(setting.total[np.ix_(order, order)])
    basis = np.empty((k, k))
    basis[order] = (
        factored.scale[:, None] * solve_triangular(factored.lower, np.eye(k), lower=True).T
    )
    information = basis.T @ setting.blocks.information @ basis
    scores = setting.blocks.scores @ basis
    total = factor(information.sum(axis=0))
    scores = scores - information @ solve(total, scores.sum(axis=0))  # they sum to 0 again
    return _Standard(basis, float(basis[column, -1]), information, scores, inverse(total))


def _restricted_scores(
    setting: _Setting, standard: _Standard, column: int, restricted: Restricted
) -> Floats:
    """s̃_g = constant + (null - estimate) slope, (2, G, k), in new coordinates.

    The restricted estimate less the estimate is γ, and s̃_g = s_g - A_g γ.
    """
    if restricted is Restricted.WCR:
        along = standard.inverse[:, -1] / (standard.inverse[-1, -1] * standard.unit)
        return np.stack([standard.scores, -(standard.information @ along)])
    blocks = setting.blocks
    rest = np.delete(np.arange(blocks.scores.shape[1]), column)
    right = np.stack([setting.other_scores[:, rest], -setting.others[:, rest, column]], axis=2)
    moves = _solve_each(setting.others[:, rest[:, None], rest], right, setting.doubtful)
    shifts = blocks.information[:, :, rest] @ moves
    slope = -blocks.information[:, :, column] - shifts[:, :, 1]
    scores: Floats = np.stack([blocks.scores - shifts[:, :, 0], slope]) @ standard.basis
    return scores


def _solve_each(systems: Floats, right: Floats, doubtful: Bools) -> Floats:
    """Solve G systems (G, m, m) for `right` (G, m, 2), in equilibrated units.

    Where a system is not of full rank the solution has no part in the directions left free.
    """
    diagonal = np.einsum("gii->gi", systems)
    scale = 1 / np.sqrt(np.where(diagonal > 0, diagonal, inf))
    scaled = scale[:, :, None] * systems * scale[:, None, :]
    right = scale[:, :, None] * right
    solution = np.empty_like(right)
    sure = ~doubtful
    solution[sure] = np.linalg.solve(scaled[sure], right[sure])
    values, vectors = np.linalg.eigh(scaled[doubtful])
    kept = 1 / np.where(values < SINGULAR, inf, values)
    coordinates = np.swapaxes(vectors, 1, 2) @ right[doubtful]
    solution[doubtful] = vectors @ (kept[:, :, None] * coordinates)
    return scale[:, :, None] * solution


def _forms(standard: _Standard, scores: Floats, draws: Draws, se: float) -> _Forms:
    """The forms of all draws from restricted scores (m, G, k).

    With w = A^-1 e_j, a_g = w's̃_g and h_g = A_g w. What is squared is a difference; it is taken
    before squaring, since the expanded square would lose half the digits and with them the ties.
    """
    weight = standard.inverse[:, -1]
    carried = standard.information @ weight  # (G, k)
    own, step = scores @ weight, scores @ standard.inverse  # (m, G), (m, G, k)
    count, (total, creators) = len(scores), draws.values.shape
    numerator, squares = np.empty((count, total)), np.empty((count, count, total))
    size = max(1, CHUNK // creators)
    for at in range(0, total, size):
        these = slice(at, at + size)
        drawn = draws.values[these]
        numerator[:, these] = own @ drawn.T
        gaps = [drawn * a - drawn @ d @ carried.T for a, d in zip(own, step, strict=True)]
        for i, first in enumerate(gaps):
            for j, second in enumerate(gaps):
                squares[i, j, these] = np.einsum("bg,bg->b", first, second)
    share = carried @ weight / (weight @ carried.sum(axis=0))
    alone = share.sum() - share.max() < ONE_CREATOR
    observed = 0.0 if alone else standard.unit * float(np.linalg.norm(standard.scores @ weight))
    smallest = 2.0 ** (1 - creators) if draws.enumerated else 0.0
    return _Forms(numerator, squares, own @ own.T, observed, se, smallest)


def _judge(forms: _Forms, point: Floats, distance: float) -> WildTest:
    """The test at the null estimate + `distance`, where the forms have coefficients `point`."""
    total, enumerated = forms.numerator.shape[1], forms.smallest > 0
    if not forms.observed > 0:
        return WildTest(nan, nan, 0, total, enumerated)
    moved = point @ forms.numerator
    spread = np.einsum("i,ijb,j->b", point, forms.squares, point)
    finite = spread > NO_SPREAD**2 * float(point @ forms.size @ point)
    least = abs(distance) / forms.observed * (1 - TIE)
    hits = int(np.count_nonzero(np.abs(moved[finite]) >= least * np.sqrt(spread[finite])))
    used = int(np.count_nonzero(finite))
    if not used:
        p_value = nan
    elif enumerated:
        p_value = max(hits / used, forms.smallest)
    else:
        p_value = (1 + hits) / (1 + used)
    return WildTest(p_value, -distance / forms.se, used, total - used, enumerated)


def _end(forms: _Forms, side: float, alpha: float) -> float:
    """One end of an interval less the estimate, `side` -1 or 1; infinite if none is found."""

    def rejected(steps: float) -> bool:
        distance = side * steps * forms.se
        return _judge(forms, np.array([1.0, distance]), distance).p_value <= alpha

    if not forms.observed > 0:
        return nan
    inside, outside = 0.0, FIRST_STEP
    while not rejected(outside):
        if outside >= LAST_STEP:
            return side * inf
        inside, outside = outside, min(2 * outside, LAST_STEP)
    while outside - inside > PRECISION:
        middle = (inside + outside) / 2
        inside, outside = (inside, middle) if rejected(middle) else (middle, outside)
    return side * outside * forms.se
