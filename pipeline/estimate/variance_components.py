"""How much creators differ: variances between them by restricted likelihood, from precisions."""

from dataclasses import dataclass

import numpy as np

from pipeline.estimate.grouping import Bools, Floats
from pipeline.estimate.solve import factor, inverse

MOST_STEPS = 100
SMALL_STEP = 1e-7  # of a variance, relative to itself and the squared error of a typical creator
HALVINGS = 10
UNTOLD = 1e-8  # share of what is known of a term that is left to tell creators apart
SMALLEST = 1e-12  # what rounding may leave of a ratio that cannot be 0


@dataclass(frozen=True, slots=True, eq=False)
class Marginal:
    """The creators' data with their deviations integrated out, at variances between creators.

    With J_g the precision and h_g the shift of creator g and T the variances, W_g = (I + J_g T)^-1
    J_g is what creator g tells of the mean over creators, and b_g = (I + J_g T)^-1 h_g; neither
    needs an inverse of J_g or T, both of which may be singular.

    Attributes:
        between: (p,) the diagonal of T.
        weight: (G, p, p) W_g.
        shift: (G, p) b_g.
        mean: (p,) mean over creators, by generalised least squares.
        covariance: (p, p) of the mean.
        log_likelihood: restricted, up to a constant.
    """

    between: Floats
    weight: Floats
    shift: Floats
    mean: Floats
    covariance: Floats
    log_likelihood: float


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """A `Marginal` with K other standard deviations of one term; p terms, G creators.

    Attributes:
        shrunk: (K, G) 1 + δ W_g[j, j] for a variance that is δ greater.
        mean: (K, p).
        covariance: (K, p, p) of the mean.
        log_likelihood: (K,) restricted, up to a constant.
    """

    shrunk: Floats
    mean: Floats
    covariance: Floats
    log_likelihood: Floats


def marginal(precision: Floats, shift: Floats, between: Floats) -> Marginal:
    """Integrate the deviations out at variances `between` (p,) >= 0 (Harville 1977).

    Raises:
        ValueError: all creators together do not tell every term.
    """
    p = len(between)
    system = np.eye(p) + precision * between
    solved = np.linalg.solve(system, np.concatenate([precision, shift[:, :, None]], axis=2))
    weight, moved = solved[:, :, :p], solved[:, :, p]
    weight = (weight + weight.transpose(0, 2, 1)) / 2
    total = factor(weight.sum(axis=0))
    covariance = inverse(total)
    right = moved.sum(axis=0)
    mean = covariance @ right
    log_total = 2 * float((np.log(total.lower.diagonal()) - np.log(total.scale)).sum())
    explained = float((shift * between * moved).sum()) + float(right @ mean)
    sizes = float(np.linalg.slogdet(system)[1].sum())
    return Marginal(between, weight, moved, mean, covariance, (explained - sizes - log_total) / 2)


def restricted_maximum(precision: Floats, shift: Floats, most: Floats) -> Marginal:
    """Estimate the variances between creators, one a term, by restricted maximum likelihood.

    Fisher scoring on the variances (Harville 1977), which may end at 0; a step that loses is
    halved. A term told by one creator alone has variance 0. Terms should come in units in which a
    typical precision is 1.

    Args:
        precision: (G, p, p) J_g, symmetric and not negative; singular where a creator tells
            nothing.
        shift: (G, p) h_g.
        most: (p,) the greatest variances that are tried.

    Raises:
        ValueError: all creators together do not tell every term.
    """
    here = marginal(precision, shift, np.zeros(shift.shape[1]))
    for _ in range(MOST_STEPS):
        move = np.clip(here.between + _step(here), 0.0, most) - here.between
        if np.all(np.abs(move) <= SMALL_STEP * (1 + here.between)):
            return here
        for halving in range(HALVINGS):
            there = marginal(precision, shift, here.between + move / 2**halving)
            if there.log_likelihood >= here.log_likelihood:
                break
        else:
            return here  # what there is to gain is rounding
        here = there
    return here


def _step(here: Marginal) -> Floats:
    """One step of scoring for the variances that are not held at 0.

    The information leaves out what creators have in common through the mean; it is a direction, and
    the maximum does not depend on it.
    """
    weight = here.weight
    residual = here.shift - weight @ here.mean
    projected = weight - weight @ here.covariance @ weight
    expected, known = np.einsum("gjj->j", projected), np.einsum("gjj->j", weight)
    slope = ((residual**2).sum(axis=0) - expected) / 2
    information = (projected**2).sum(axis=0) / 2
    free: Bools = ((here.between > 0) | (slope > 0)) & (expected > UNTOLD * known)
    move: Floats = np.zeros_like(slope)
    move[free] = np.linalg.solve(information[np.ix_(free, free)], slope[free])
    return move


def profile(here: Marginal, term: int, sd: Floats) -> Profile:
    """Give one term the standard deviations `sd` (K,) >= 0, the other terms' variances held.

    A variance that is δ greater changes each W_g by a matrix of rank one (Sherman & Morrison
    1950), so that no system of a creator is solved again.
    """
    column, moved = here.weight[:, :, term], here.shift[:, term]
    change = (sd**2 - here.between[term])[:, None]
    shrunk = np.maximum(1 + change * column[:, term], SMALLEST)
    taken = change / shrunk
    total = here.weight.sum(axis=0) - (taken[:, None, :] * column.T) @ column
    right = here.shift.sum(axis=0) - (taken * moved) @ column
    covariance = np.linalg.inv(total)
    mean = np.einsum("kij,kj->ki", covariance, right)
    explained = taken @ moved**2 + (right * mean).sum(axis=1)
    sizes = np.log(shrunk).sum(axis=1) + np.linalg.slogdet(total)[1]
    return Profile(shrunk, mean, covariance, (explained - sizes) / 2)
