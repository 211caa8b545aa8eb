"""Poisson with creator effects, by the likelihood in which the effects are concentrated out."""

from dataclasses import dataclass

import numpy as np
from scipy.special import kl_div

from pipeline.estimate.grouping import Floats, Ints, Runs, centre, runs
from pipeline.estimate.inference import Blocks
from pipeline.estimate.separation import Informative, informative
from pipeline.estimate.solve import Factor, factor, inverse, solve

MOST_STEPS = 50
SMALL_STEP = 1e-10  # of a coefficient, columns scaled to unit root mean square
SMALL_DECREMENT = 1e-20  # squared length of a step in standard errors
FALL = 1e-9  # relative fall of the log likelihood that is rounding and not a step too far
LOST = 1e-6  # relative move of a coefficient that the score's rounding alone could cause


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


@dataclass(frozen=True, slots=True, eq=False)
class NotConverged:
    """No finite maximum was reached, so there is no estimate.

    Attributes:
        iterations: Newton steps taken.
        columns: the columns that were still moving, likely to run to infinity.
    """

    iterations: int
    columns: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Sample:
    """Rows sorted by creator: x (m, k) centred with unit root mean square, offset centred."""

    x: Floats
    y: Floats
    offset: Floats
    rows: Runs
    events: Floats  # (G,)


@dataclass(frozen=True, slots=True, eq=False)
class _Point:
    """The likelihood at one value of the slopes."""

    beta: Floats
    log_likelihood: float
    log_total: Floats  # (G,) log Σ exp(linear predictor)
    fitted: Floats  # (m,)
    score: Floats  # (k,)
    deviations: Floats  # (m, k) from the fitted-weighted creator means, times √fitted


@dataclass(frozen=True, slots=True, eq=False)
class _Optimum:
    """The maximum, and the Newton steps that led to it."""

    point: _Point
    iterations: int


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
    rows = runs(group[used.rows])
    m, k, creators = len(rows.order), x.shape[1], len(rows.creators)
    if m <= k + creators:
        raise ValueError(f"no degrees of freedom: {m} rows for {k} columns and {creators} creators")
    centred = centre(np.column_stack([x, offset])[used.rows], rows)
    factor(centred.deviations[:, :k].T @ centred.deviations[:, :k])  # refuses before the first step
    scale = np.sqrt((centred.deviations[:, :k] ** 2).mean(axis=0))
    events = y[used.rows][rows.order]
    sample = _Sample(
        centred.deviations[:, :k] / scale,
        events,
        centred.deviations[:, k],
        rows,
        rows.total(events),
    )
    optimum = _maximise(sample)
    if isinstance(optimum, NotConverged):
        return optimum
    best = optimum.point
    estimate = best.beta / scale
    fitted = np.empty(m)
    fitted[rows.order] = best.fitted
    return PoissonFit(
        estimate=estimate,
        effects=np.log(sample.events) - best.log_total - centred.means @ np.append(estimate, 1.0),
        blocks=_blocks(sample, best, scale),
        used=used,
        kept=rows.creators,
        fitted=fitted,
        deviance=2 * float(kl_div(events, best.fitted).sum()),
        iterations=optimum.iterations,
    )


def _maximise(sample: _Sample) -> _Optimum | NotConverged:
    """Newton's method from no effect at all, halving a step that lowers the likelihood."""
    here = _point(sample, np.zeros(sample.x.shape[1]))
    step = np.ones_like(here.beta)
    for iteration in range(MOST_STEPS):
        try:
            factored = factor(here.deviations.T @ here.deviations)
        except ValueError:  # the information is gone: the fit runs to infinity
            return _moving(iteration, step)
        if _lost(sample, here, factored):
            return _moving(iteration, step)
        step = solve(factored, here.score)
        there = _point(sample, here.beta + step)
        while there.log_likelihood < here.log_likelihood - FALL * abs(here.log_likelihood):
            step = step / 2
            if np.max(np.abs(step)) < SMALL_STEP:
                return _moving(iteration, step)
            there = _point(sample, here.beta + step)
        decrement = step @ here.score
        here = there
        if np.max(np.abs(step), initial=0.0) < SMALL_STEP or abs(decrement) < SMALL_DECREMENT:
            return _Optimum(here, iteration + 1)
    return _moving(MOST_STEPS, step)


def _point(sample: _Sample, beta: Floats) -> _Point:
    """Evaluate the concentrated likelihood (log-sum-exp by creator) at scaled slopes (k,)."""
    rows = sample.rows
    predictor = sample.x @ beta + sample.offset
    top = np.maximum.reduceat(predictor, rows.starts)
    relative = np.exp(predictor - rows.spread(top))
    total = rows.total(relative)
    fitted = relative * rows.spread(sample.events / total)
    weighted = rows.total(fitted[:, None] * sample.x) / sample.events[:, None]
    log_total = top + np.log(total)
    return _Point(
        beta,
        float(sample.y @ predictor - sample.events @ log_total),
        log_total,
        fitted,
        sample.x.T @ (sample.y - fitted),
        np.sqrt(fitted)[:, None] * (sample.x - rows.spread(weighted)),
    )


def _lost(sample: _Sample, here: _Point, factored: Factor) -> bool:
    """Whether the score's rounding alone could move a coefficient: its information is gone.

    Along a separating direction the information falls by e at every step, until what Newton's
    method follows is rounding, and it may then stop at a number that means nothing.
    """
    rounding = np.finfo(float).eps * (np.abs(sample.x).T @ (sample.y + here.fitted))
    moves = inverse(factored).diagonal() * rounding
    return bool(np.any(moves > LOST * np.maximum(np.abs(here.beta), 1)))


def _moving(iterations: int, step: Floats) -> NotConverged:
    """No convergence, with the columns that moved by a tenth of the largest move or more."""
    size = np.abs(step)
    return NotConverged(iterations, tuple(np.flatnonzero(size >= size.max() / 10).tolist()))


def _blocks(sample: _Sample, best: _Point, scale: Floats) -> Blocks:
    """Scores and information of each creator, in original units."""
    deviations = best.deviations * scale
    return Blocks(
        np.stack([deviations[these].T @ deviations[these] for these in sample.rows.slices()]),
        sample.rows.total((sample.x * scale) * (sample.y - best.fitted)[:, None]),
        best.beta / scale,
        sample.rows.counts,
    )
