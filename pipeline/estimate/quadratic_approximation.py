"""Each creator's log likelihood as a quadratic form about the pooled fit, its noise estimated."""

from dataclasses import dataclass

import numpy as np

from pipeline.estimate.cluster_robust import Blocks
from pipeline.estimate.grouping import Floats, Ints, Runs, runs
from pipeline.estimate.solve import factor, inverse

# Rows as which the pool's noise counts beside a creator's own. A mean of n squares errs by
# √((κ - 1) / n) of itself, where κ is the kurtosis: with 9, as log views have, four times as many
# rows are needed as with 3. At 100, creators whose videos happen to be alike counted for too much.
POOLED_ROWS = 400.0
MOST_LEVERAGE = 0.95
SINGULAR = 1e-10  # of the largest eigenvalue: a direction of which neither form tells anything


@dataclass(frozen=True, slots=True, eq=False)
class Quadratic:
    """Log likelihoods h_g'θ_g - θ_g'J_g θ_g / 2 of G creators; the creators' levels are out.

    Attributes:
        precision: (G, k, k) J_g: information over dispersion, exactly 0 for a column that does not
            vary within the creator.
        shift: (G, k) h_g.
        dispersion: (G,) noise per unit of information: a variance in least squares, the variance
            over that of the model in a count.
    """

    precision: Floats
    shift: Floats
    dispersion: Floats


def quadratic(
    x: Floats, residual: Floats, weights: Floats, group: Ints, blocks: Blocks
) -> Quadratic:
    """Make the quadratic forms of a fit from what each row adds to the score, and to information.

    The noise, the variance of a residual over its weight, is one factor in the pool, and each
    creator's own is weighed with it, the pool counting as `POOLED_ROWS`. Squared residuals are
    divided by one less their leverage.

    Args:
        x: (n, k) of the fit's kept rows and columns.
        residual: (n,) the residual in least squares, (y - μ)/(1 + a μ) of counts.
        weights: (n,) 1 in least squares, μ/(1 + a μ) of counts.
        group: (n,) creators; ascending, they are those of the blocks.
        blocks: of the fit.
    """
    rows = runs(group)
    x, squares, weight = x[rows.order], residual[rows.order] ** 2, weights[rows.order]
    free = 1 - np.minimum(_leverage(x, weight, rows, blocks), MOST_LEVERAGE)
    noise = squares.sum() / (weight @ free)
    own, expected, df = (rows.total(each) for each in (squares, noise * weight * free, free))
    dispersion = noise * (POOLED_ROWS + df * own / expected) / (POOLED_ROWS + df)
    varies = _varies(x, rows)
    masked = blocks.information * varies[:, :, None] * varies[:, None, :]
    precision = masked / dispersion[:, None, None]
    shift = varies * blocks.scores / dispersion[:, None] + precision @ blocks.estimate
    return Quadratic(precision, shift, dispersion)


def of_sum(first: Quadratic, second: Quadratic) -> Quadratic:
    """The forms of the sums of two kinds of slopes: the most that each sum leaves to the two.

    With S the pseudoinverse of J + K, the precision of the sum is their parallel sum K - K S K
    (Anderson & Duffin 1969), and its shift k - K S (k - h). The noise is 1 in each: both forms are
    divided by theirs. Where a creator tells nothing of one of the slopes, nothing of the sum.
    """
    j, k = first.precision, second.precision
    inner = np.linalg.pinv(j + k, rcond=SINGULAR, hermitian=True)
    away = (k @ inner @ (second.shift - first.shift)[:, :, None])[:, :, 0]
    precision = k - k @ inner @ k
    precision = (precision + precision.swapaxes(1, 2)) / 2
    return Quadratic(precision, second.shift - away, np.ones(len(j)))


def _varies(x: Floats, rows: Runs) -> Floats:
    """1 where a column varies within a creator, else 0, (G, k)."""
    low, high = (f.reduceat(x, rows.starts, axis=0) for f in (np.minimum, np.maximum))
    return np.asarray(high > low, dtype=float)


def _leverage(x: Floats, weight: Floats, rows: Runs, blocks: Blocks) -> Floats:
    """Leverages (n,) in a fit with creator effects; rows sorted by creator."""
    total = rows.total(weight)
    mean = rows.total(weight[:, None] * x) / total[:, None]
    deviations = x - rows.spread(mean)
    covariance = inverse(factor(blocks.information.sum(axis=0)))
    within = ((deviations @ covariance) * deviations).sum(axis=1)
    leverage: Floats = weight * (1 / rows.spread(total) + within)
    return leverage
