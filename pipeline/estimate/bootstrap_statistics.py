"""The bootstrap's t of every draw as forms in the null: one product with the draws, then cheap."""

from dataclasses import dataclass
from enum import StrEnum
from math import inf

import numpy as np
from scipy.linalg import solve_triangular

from pipeline.estimate.bootstrap_weights import Draws
from pipeline.estimate.cluster_robust import SINGULAR, Blocks, cr1, sum_of_others
from pipeline.estimate.grouping import Bools, Floats
from pipeline.estimate.solve import factor, inverse, solve

ONE_CREATOR = 1e-7  # information of all others: below it the score is 0 but for rounding
CHUNK = 2**17  # numbers worked on at a time, so that they stay in the processor's cache


class Restricted(StrEnum):
    """Where the bootstrap scores come from, in MacKinnon, Nielsen & Webb's (2023) names."""

    WCR = "11"  # one estimate under the null
    WCR_S = "31"  # one for each creator, from the other creators


@dataclass(frozen=True, slots=True, eq=False)
class FitSetting:
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
class Standard:
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
class Forms:
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


def shared(blocks: Blocks, draws: Draws) -> FitSetting:
    """Work out what all coefficients of one fit share.

    Raises:
        ValueError: draws for another number of creators, and what `cr1` and `factor` refuse.
    """
    creators = len(blocks.scores)
    if draws.values.shape[1] != creators:
        raise ValueError(f"draws for {draws.values.shape[1]} creators, blocks of {creators}")
    se = np.sqrt(cr1(blocks).diagonal())
    total = blocks.information.sum(axis=0)
    return FitSetting(
        blocks,
        total,
        se,
        sum_of_others(blocks.information),
        sum_of_others(blocks.scores),
        np.einsum("ij,gij->g", inverse(factor(total)), blocks.information) > 0.5,
    )


def standardise(setting: FitSetting, column: int) -> Standard:
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
    return Standard(basis, float(basis[column, -1]), information, scores, inverse(total))


def restricted_scores(
    setting: FitSetting, standard: Standard, column: int, restricted: Restricted
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


def forms_of(standard: Standard, scores: Floats, draws: Draws, se: float) -> Forms:
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
    return Forms(numerator, squares, own @ own.T, observed, se, smallest)
