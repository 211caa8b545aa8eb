"""Poisson with creator effects, by the likelihood in which the effects are concentrated out."""

from dataclasses import dataclass

import numpy as np
from scipy.special import kl_div

from pipeline.estimate.cluster_robust import Blocks
from pipeline.estimate.grouping import Floats, Ints
from pipeline.estimate.poisson_maximum import (
    NotConverged,
    Point,
    SortedSample,
    maximise,
    sorted_sample,
    start,
)
from pipeline.estimate.separation import Informative, informative


@dataclass(frozen=True, slots=True, eq=False)
class PoissonFit:
    """A converged Poisson fit with creator effects; k regressors, G creators, m rows used.

    Attributes:
        estimate: (k,) slopes: log of the ratio of means per regressor unit.
        effects: (G,) creator effects, log events per unit of exp(offset).
        blocks: what inference needs: scores and information (minus the Hessian) of each creator.
        used: which of the given rows were used, and which creators were dropped for what reason.
        kept: (G,) the creators used, ascending.
        fitted: (m,) fitted means, events, in the order of the rows used.
        deviance: 2 Σ (y log(y/fitted) - (y - fitted)).
        iterations: Newton steps taken.
    """

    estimate: Floats
    effects: Floats
    blocks: Blocks
    used: Informative
    kept: Ints
    fitted: Floats
    deviance: float
    iterations: int

    @property
    def rows(self) -> int:
        """N, the rows used."""
        return len(self.fitted)

    @property
    def creators(self) -> int:
        """G, the creators used."""
        return len(self.kept)


def poisson(x: Floats, y: Floats, group: Ints, offset: Floats) -> PoissonFit | NotConverged:
    """Fit E[y] = exp(x β + effect of creator + offset) by Newton's method.

    Creators without events or with one row are dropped and counted. Run `informative`, `separated`
    and `rank` on the kept rows first: the columns must vary and be of full rank there.

    Args:
        x: (n, k).
        y: (n,) events, >= 0.
        group: (n,) creator numbers.
        offset: (n,) log exposure.

    Raises:
        ValueError: an outcome is negative, a value is not finite, no degrees of freedom are left,
            or the columns are not of full rank in the rows kept.
    """
    if not (np.isfinite(y).all() and (y >= 0).all()):
        raise ValueError("outcomes must be finite and not negative")
    used = informative(y, group)
    sample = sorted_sample(x, y, group, offset, used)
    optimum = maximise(sample, start(sample))
    if isinstance(optimum, NotConverged):
        return optimum
    best = optimum.point
    estimate = best.beta / sample.scale
    fitted = np.empty(len(sample.y))
    fitted[sample.rows.order] = best.fitted
    return PoissonFit(
        estimate=estimate,
        effects=np.log(sample.events) - best.log_total - sample.means @ np.append(estimate, 1.0),
        blocks=_blocks(sample, best),
        used=used,
        kept=sample.rows.creators,
        fitted=fitted,
        deviance=2 * float(kl_div(sample.y, best.fitted).sum()),
        iterations=optimum.iterations,
    )


def _blocks(sample: SortedSample, best: Point) -> Blocks:
    """Scores and information of each creator, in original units."""
    deviations = best.deviations * sample.scale
    return Blocks(
        np.stack([deviations[these].T @ deviations[these] for these in sample.rows.slices()]),
        sample.rows.total((sample.x * sample.scale) * (sample.y - best.fitted)[:, None]),
        best.beta / sample.scale,
        sample.rows.counts,
    )
