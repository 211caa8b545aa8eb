"""Each creator's log likelihood as a quadratic form, its noise estimated.

Forms are about the pooled fit; those of counts can be made again about each creator's own slopes.
"""

from dataclasses import dataclass

import numpy as np

from pipeline.estimate.cluster_robust import Blocks
from pipeline.estimate.grouping import Floats, Ints, Runs, runs
from pipeline.estimate.solve import factor, inverse

POOLED_ROWS = 100.0  # rows as which the pool's noise counts beside a creator's own
MOST_LEVERAGE = 0.95
FARTHEST = 1.0  # log ratio from the pool's estimate, to where a form is moved at most
NO_NOISE = 1e-12  # share of the pool's noise below which nothing is noise


@dataclass(frozen=True, slots=True, eq=False)
class Quadratic:
    """Log likelihoods h_g'θ_g - θ_g'J_g θ_g / 2 of G creators; the creators' levels are out.

    Attributes:
        precision: (G, k, k) J_g: information over dispersion, exactly 0 for a column that does not
            vary within the creator.
        shift: (G, k) h_g.
        dispersion: (G,) noise per unit of information: a variance in least squares, the ratio of
            variance to mean in a count.
    """

    precision: Floats
    shift: Floats
    dispersion: Floats


def quadratic(x: Floats, y: Floats, fitted: Floats, group: Ints, blocks: Blocks) -> Quadratic:
    """Make the quadratic forms of a Poisson fit.

    The variance of a count is taken to be a μ + b μ² (a, b >= 0, one pair for the pool: views and
    followers vary by factors, and creators' sizes too), and each creator's dispersion to be its
    mean over the creator's rows. It is weighed with the creator's own squared residuals, the pool
    counting as 100 rows. Squared residuals are divided by one less their leverage.

    Args:
        x: (n, k) of the fit's kept rows and columns.
        y: (n,) events.
        fitted: (n,) events, whose sums by creator are those of y.
        group: (n,) creators; ascending, they are those of the blocks.
        blocks: of the fit.
    """
    return _formed(x, (y - fitted) ** 2, fitted, group, blocks, counts=True)


def expanded(
    form: Quadratic,
    x: Floats,
    y: Floats,
    offset: Floats,
    group: Ints,
    slopes: Floats,
    pooled: Floats,
) -> Quadratic:
    """Make the forms of counts again about each creator's slopes (G, k), the dispersion kept.

    About the pool's estimate, where a creator's few videos with a term are expected to get few
    events and one got very many, the curvature is far too small and the form points anywhere.
    Slopes are taken at most 1 from `pooled` (k,); `offset` (n,) as in the fit, the rest as in
    `quadratic`.
    """
    rows = runs(group)
    x, y = x[rows.order], y[rows.order]
    near = pooled + np.clip(slopes - pooled, -FARTHEST, FARTHEST)
    predictor = (x * rows.spread(near)).sum(axis=1) + offset[rows.order]
    relative = np.exp(predictor - rows.spread(np.maximum.reduceat(predictor, rows.starts)))
    fitted = relative * rows.spread(rows.total(y) / rows.total(relative))
    centre = rows.total(fitted[:, None] * x) / rows.total(fitted)[:, None]
    deviations = x - rows.spread(centre)
    information = np.stack(
        [deviations[at].T @ (fitted[at, None] * deviations[at]) for at in rows.slices()]
    )
    scores = rows.total(deviations * (y - fitted)[:, None])
    return _divided(information, scores, near, _varies(x, rows), form.dispersion)


def linear_quadratic(x: Floats, residual: Floats, group: Ints, blocks: Blocks) -> Quadratic:
    """Make the quadratic forms of a least squares fit, from its residuals (n,).

    The noise has one variance in the pool, weighed with each creator's own as in `quadratic`.
    """
    return _formed(x, residual**2, np.ones(len(residual)), group, blocks, counts=False)


def _formed(
    x: Floats, squares: Floats, weight: Floats, group: Ints, blocks: Blocks, *, counts: bool
) -> Quadratic:
    """Sort by creator, estimate the noise and divide by it; `weight` (n,) makes the information."""
    rows = runs(group)
    x, squares, weight = x[rows.order], squares[rows.order], weight[rows.order]
    free = 1 - np.minimum(_leverage(x, weight, rows, blocks), MOST_LEVERAGE)
    model = _variance(squares, weight, free) if counts else _mean(squares, free)
    dispersion = rows.total(model) / rows.total(weight)
    own, expected, df = (rows.total(each) for each in (squares, model * free, free))
    dispersion = dispersion * (POOLED_ROWS + df * own / expected) / (POOLED_ROWS + df)
    near = np.tile(blocks.estimate, (len(blocks.scores), 1))
    return _divided(blocks.information, blocks.scores, near, _varies(x, rows), dispersion)


def _varies(x: Floats, rows: Runs) -> Floats:
    """1 where a column varies within a creator, else 0, (G, k)."""
    low, high = (f.reduceat(x, rows.starts, axis=0) for f in (np.minimum, np.maximum))
    return np.asarray(high > low, dtype=float)


def _divided(
    information: Floats, scores: Floats, near: Floats, varies: Floats, dispersion: Floats
) -> Quadratic:
    """The forms of information (G, k, k) and scores (G, k) at slopes `near` (G, k)."""
    masked = information * varies[:, :, None] * varies[:, None, :]
    precision = masked / dispersion[:, None, None]
    shift = varies * scores / dispersion[:, None] + (precision @ near[:, :, None])[:, :, 0]
    return Quadratic(precision, shift, dispersion)


def _leverage(x: Floats, weight: Floats, rows: Runs, blocks: Blocks) -> Floats:
    """Leverages (n,) in a fit with creator effects; rows sorted by creator."""
    total = rows.total(weight)
    mean = rows.total(weight[:, None] * x) / total[:, None]
    deviations = x - rows.spread(mean)
    covariance = inverse(factor(blocks.information.sum(axis=0)))
    within = ((deviations @ covariance) * deviations).sum(axis=1)
    leverage: Floats = weight * (1 / rows.spread(total) + within)
    return leverage


def _mean(squares: Floats, free: Floats) -> Floats:
    """One variance for all rows, (n,): the sum of squares over the degrees of freedom."""
    return np.full(len(squares), squares.sum() / free.sum())


def _variance(squares: Floats, fitted: Floats, free: Floats) -> Floats:
    """The variance a μ + b μ² of each count (n,): (y - μ)² / μ regressed on 1 and μ.

    Weights fall as the squared dispersion of a typical mixture does; a negative a or b is 0.
    """
    weight = free / (1 + fitted / np.median(fitted)) ** 2
    ratio = squares / (fitted * free)
    columns = np.column_stack([np.ones_like(fitted), fitted / fitted.mean()])
    alone = (weight * ratio) @ columns / (weight[:, None] * columns**2).sum(axis=0)
    gram = columns.T @ (weight[:, None] * columns)
    determinant = gram[0, 0] * gram[1, 1] - gram[0, 1] ** 2
    share = np.array([alone[0], 0.0])
    if determinant > NO_NOISE * gram[0, 0] * gram[1, 1]:
        share = np.linalg.solve(gram, columns.T @ (weight * ratio))
    if share[0] < 0:
        share = np.array([0.0, alone[1]])
    elif share[1] < 0:
        share = np.array([alone[0], 0.0])
    return np.asarray(fitted * (columns @ share), dtype=float)
