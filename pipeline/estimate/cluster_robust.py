"""Inference from blocks: clustered covariance, leaving creators out, effective creators."""

from dataclasses import dataclass

import numpy as np

from pipeline.estimate.grouping import Bools, Floats, Ints
from pipeline.estimate.solve import factor, inverse, solve

SINGULAR = 1e-9  # smallest eigenvalue with unit diagonal, as in rank.py
INVOLVED = 1e-6  # share of an unidentified direction from which a coefficient is part of it


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """What a fit leaves of each creator; linear and Poisson fits give the same value.

    The right-hand side of creator g is b_g = scores[g] + information[g] @ estimate.

    Attributes:
        information: (G, k, k) A_g: within cross products, or minus the Hessian at the estimate.
        scores: (G, k) s_g at the estimate; they sum to 0 over creators.
        estimate: (k,).
        rows: (G,) rows of each creator.
    """

    information: Floats
    scores: Floats
    estimate: Floats
    rows: Ints


@dataclass(frozen=True, slots=True, eq=False)
class LeaveOneOut:
    """Estimates without each creator in turn.

    Attributes:
        estimates: (G, k), row g without creator g; NaN where not defined.
        defined: (G, k) whether the other creators identify the coefficient.
    """

    estimates: Floats
    defined: Bools


@dataclass(frozen=True, slots=True, eq=False)
class Intervals:
    """Student's t intervals, one per coefficient; NaN wherever the standard error is NaN or 0.

    Attributes:
        statistic: (k,) estimate over standard error.
        low: (k,) lower end.
        high: (k,) upper end.
        p_value: (k,) two-sided, of no effect.
    """

    statistic: Floats
    low: Floats
    high: Floats
    p_value: Floats


def cr1(blocks: Blocks) -> Floats:
    """Clustered covariance (k, k) with the factor G/(G-1) · (N-1)/(N-k-1).

    Creator effects are nested in the clusters, so k + 1 parameters are counted and not k + G
    (Cameron & Miller 2015). Its rank is at most G - 1.

    Raises:
        ValueError: one creator only, or not more rows than coefficients.
    """
    creators, k = blocks.scores.shape
    _need_two(creators)
    rows = int(blocks.rows.sum())
    if rows <= k + 1:
        raise ValueError(f"{rows} rows are too few for {k} coefficients")
    spread = solve(factor(blocks.information.sum(axis=0)), blocks.scores.T)
    covariance: Floats = (
        spread @ spread.T * (creators / (creators - 1) * (rows - 1) / (rows - k - 1))
    )
    return covariance


def leave_one_out(blocks: Blocks) -> LeaveOneOut:
    """Re-estimate without each creator: exact for least squares, one Newton step for Poisson.

    β_(g) = β + (Σ_{h≠g} A_h)^-1 Σ_{h≠g} s_h, which is β - (A - A_g)^-1 s_g (MacKinnon, Nielsen &
    Webb 2023) since scores sum to 0. The others are added up, not subtracted from the
    total, so that a creator who carries nearly all the information leaves the rest exact.

    Where the others do not identify a direction, only the coefficients in that direction are
    undefined; for every other coefficient all solutions agree. At most 2k creators can be in doubt:
    with tr(A^-1 A_g) <= 1/2 the smallest eigenvalue is at least half the whole's.

    Raises:
        ValueError: one creator only.
    """
    creators, k = blocks.scores.shape
    _need_two(creators)
    others, scores = sum_of_others(blocks.information), sum_of_others(blocks.scores)
    weight = inverse(factor(blocks.information.sum(axis=0)))
    doubtful = np.einsum("ij,gij->g", weight, blocks.information) > 0.5
    shifts = np.full((creators, k), np.nan)
    sure = ~doubtful
    scale = 1 / np.sqrt(np.einsum("gii->gi", others[sure]))
    scaled = others[sure] * scale[:, :, None] * scale[:, None, :]
    shifts[sure] = scale * np.linalg.solve(scaled, (scale * scores[sure])[:, :, None])[:, :, 0]
    for creator in np.flatnonzero(doubtful):
        shifts[creator] = _identified_part(others[creator], scores[creator])
    estimates = blocks.estimate + shifts
    return LeaveOneOut(estimates, np.isfinite(estimates))


def cr3(blocks: Blocks, left_out: LeaveOneOut) -> Floats:
    """Jackknife covariance (k, k): (G-1)/G Σ_g (β_(g) - β)(β_(g) - β)'.

    MacKinnon, Nielsen & Webb (2023), their CV3. Rows and columns are NaN for coefficients that
    are undefined without some creator.

    Raises:
        ValueError: one creator only.
    """
    creators = len(blocks.scores)
    _need_two(creators)
    shifts = left_out.estimates - blocks.estimate
    return (creators - 1) / creators * (shifts.T @ shifts)


def model_errors(blocks: Blocks, variance: float) -> Floats:
    """Standard errors (k,) if videos were independent and the model right.

    `variance` is that of the outcome per unit of information: the residual variance of least
    squares, 1 of counts.
    """
    errors: Floats = np.sqrt(variance * inverse(factor(blocks.information.sum(axis=0))).diagonal())
    return errors


def partial_leverage(blocks: Blocks, contrasts: Floats | None = None) -> Floats:
    """Share of each coefficient's information that each creator carries, (G, k); columns sum to 1.

    w'A_g w / w'A w with w = A^-1 c (MacKinnon, Nielsen & Webb 2023), where c is a unit vector, or
    in turn each column of `contrasts` (k, m); then the shares are (G, m).
    """
    weight = inverse(factor(blocks.information.sum(axis=0)))
    if contrasts is not None:
        weight = weight @ contrasts
    carried = np.einsum("ij,gij->gj", weight, blocks.information @ weight)
    share: Floats = carried / carried.sum(axis=0)
    return share


def effective_creators(blocks: Blocks, contrasts: Floats | None = None) -> Floats:
    """Effective number G* of creators behind each coefficient, (k,), or contrast, from 1 to G.

    Of their partial leverage, after Carter, Schnepel & Steigerwald (2017).
    """
    result: Floats = effective_number(partial_leverage(blocks, contrasts))
    return result


def effective_number(weights: Floats) -> Floats:
    """How many units of equal weight weigh as unequally as these: 1 / Σ share² (Kish 1965).

    Along the first axis: of (n,) a number, of (n, k) one for each column.

    >>> float(effective_number(np.array([2.0, 2.0, 0.0])))
    2.0
    """
    result: Floats = weights.sum(axis=0) ** 2 / (weights**2).sum(axis=0)
    return result


def effective_dof(effective: Floats) -> Floats:
    """Degrees of freedom max(G* - 1, 0.5) of a CR3 interval, a heuristic."""
    return np.maximum(effective - 1, 0.5)


def t_interval(estimate: Floats, se: Floats, dof: Floats, level: float = 0.95) -> Intervals:
    """Student's t intervals at `level` (0.95 = 95 %) with `dof` (k,) > 0 degrees of freedom."""
    from scipy.special import betainc, stdtrit  # scipy.stats takes a second to import

    usable = np.where(se > 0, se, np.nan)
    statistic = estimate / usable
    margin = stdtrit(dof, 0.5 + level / 2) * usable
    # P(|T| > t) as an incomplete beta function: keeps its digits far out in the tail
    p_value = np.asarray(betainc(dof / 2, 0.5, dof / (dof + statistic**2)), dtype=float)
    return Intervals(statistic, estimate - margin, estimate + margin, p_value)


def joint_p_value(estimate: Floats, covariance: Floats, dof: float) -> float | None:
    """P of no effect in any of q >= 2 coefficients: Hotelling's T² with a clustered covariance.

    With η degrees of freedom T² (η - q + 1)/(η q) is taken for an F with q and η - q + 1
    (Pustejovsky & Tipton 2018). None where η is too small for that, or the covariance (q, q) is
    singular.
    """
    from scipy.special import fdtrc  # slow to import

    q, error = len(estimate), np.sqrt(covariance.diagonal())
    if dof - q + 1 <= 0 or not np.all(error > 0):
        return None
    scaled = covariance / error[:, None] / error
    if np.linalg.eigvalsh(scaled).min() < SINGULAR:
        return None
    squared = float((estimate / error) @ np.linalg.solve(scaled, estimate / error))
    return float(fdtrc(q, dof - q + 1, squared * (dof - q + 1) / (dof * q)))


def _need_two(creators: int) -> None:
    if creators < 2:
        raise ValueError("one creator only: nothing can be said about other creators")


def sum_of_others(values: Floats) -> Floats:
    """Sums over all other creators, (G, ...), by adding what is before and what is after."""
    before, after = np.zeros_like(values), np.zeros_like(values)
    np.cumsum(values[:-1], axis=0, out=before[1:])
    np.cumsum(values[:0:-1], axis=0, out=after[-2::-1])
    return before + after


def _identified_part(information: Floats, score: Floats) -> Floats:
    """Solve information · shift = score (k,); NaN for the coefficients that it does not identify.

    A null vector of the information is a direction in which the solution is free: coefficients that
    take part in one are undefined, the others are the same in every solution.
    """
    shift = np.full(len(score), np.nan)
    present = np.flatnonzero(information.diagonal() > 0)
    scale = 1 / np.sqrt(information.diagonal()[present])
    values, vectors = np.linalg.eigh(information[np.ix_(present, present)] * scale[:, None] * scale)
    free = values < SINGULAR
    fixed = vectors[:, ~free]
    solution = scale * (fixed @ ((fixed.T @ (scale * score[present])) / values[~free]))
    identified = np.linalg.norm(vectors[:, free], axis=1) < INVOLVED
    shift[present[identified]] = solution[identified]
    return shift
