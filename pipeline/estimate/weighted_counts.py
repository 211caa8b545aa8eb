"""Counts with creator effects, when rows weigh differently or spread more than Poisson allows."""

from dataclasses import dataclass, replace

import numpy as np

from pipeline.estimate.cluster_robust import Blocks
from pipeline.estimate.grouping import Floats, Ints
from pipeline.estimate.nb2 import likeliest_dispersion, log_likelihood, starting_dispersion
from pipeline.estimate.negative_binomial import NB2Point, Weighted, blocks, maximise
from pipeline.estimate.poisson import poisson
from pipeline.estimate.poisson_maximum import NotConverged, sorted_sample
from pipeline.estimate.separation import Informative

MOST_TURNS = 100  # of the alternation
SETTLED = 1e-10  # change of the log of the dispersion at which the alternation ends
FASTEST = 0.9  # rate of the alternation that is made up for: a step ten times as long
NONE = 1e-6  # largest part a μ of a variance beyond Poisson that is none


@dataclass(frozen=True, slots=True, eq=False)
class ReweightedFit:
    """A converged fit with creator effects; k regressors, G creators, m rows used.

    Attributes:
        estimate: (k,) slopes: log of the ratio of means per regressor unit.
        blocks: scores and expected information of each creator, each row times its weight as given
            and at the dispersion given or found. A common factor of the weights leaves every
            estimate without a creator, and every clustered covariance, as it is.
        used: which of the given rows were used, and which creators were dropped for what reason; a
            row of weight 0 is not used, and a creator of such rows only is not named.
        kept: (G,) the creators used, ascending.
        fitted: (m,) fitted means, events and not weighted, in the order of the rows used.
        dispersion: a of the variance μ + a μ²; 0 is Poisson.
    """

    estimate: Floats
    blocks: Blocks
    used: Informative
    kept: Ints
    fitted: Floats
    dispersion: float

    @property
    def creators(self) -> int:
        """G, the creators used."""
        return len(self.kept)


@dataclass(frozen=True, slots=True, eq=False)
class _Prepared:
    """The Poisson fit, and its rows in the order and units of Newton's steps.

    Weights of `data` have mean 1 over the rows given; `unit` times that they are as given.
    """

    first: ReweightedFit
    data: Weighted
    unit: float

    def at(self, point: NB2Point, dispersion: float) -> ReweightedFit:
        """The fit at a maximum, in original units."""
        sample = self.data.sample
        rescaled = _in_units(blocks(self.data, point), self.unit)
        fitted = np.empty(len(sample.y))
        fitted[sample.rows.order] = point.fitted
        return replace(
            self.first,
            estimate=rescaled.estimate,
            blocks=rescaled,
            fitted=fitted,
            dispersion=dispersion,
        )


def reweighted(
    x: Floats,
    y: Floats,
    group: Ints,
    offset: Floats,
    weights: Floats | None = None,
    dispersion: float = 0.0,
) -> ReweightedFit | NotConverged:
    """Fit E[y] = exp(x β + effect of creator + offset), a row's log likelihood times its weight.

    Without dispersion that is Poisson's, of which w (y η - e^η) = (w y) η - e^(η + log w): a fit of
    weighted events with the log weights in the offset. With dispersion it is the negative binomial
    one of variance μ + a μ² (NB2: Cameron & Trivedi 1986), concave in slopes and effects for a
    given a: Newton's method from the Poisson slopes, the creators' effects solved for within.

    Run `separated`, `informative` and `rank` on the rows of positive weight first, as for
    `poisson`. No events at all are answered as no convergence: the effects run to -∞.

    Args:
        x: (n, k).
        y: (n,) events, >= 0.
        group: (n,) creator numbers.
        offset: (n,) log exposure.
        weights: (n,) >= 0, where 0 leaves a row out; None is 1 for all.
        dispersion: a >= 0.

    Raises:
        ValueError: as `poisson`, or a weight or the dispersion is negative or not finite.
    """
    if not (np.isfinite(dispersion) and dispersion >= 0):
        raise ValueError(f"the dispersion must be finite and not negative: {dispersion}")
    prepared = _prepare(x, y, group, offset, weights)
    if isinstance(prepared, NotConverged):
        return prepared
    if dispersion == 0:
        return prepared.first
    sample = prepared.data.sample
    beta, levels = prepared.first.estimate * sample.scale, np.log(sample.events)
    point = maximise(prepared.data, dispersion, beta, levels)
    return point if isinstance(point, NotConverged) else prepared.at(point, dispersion)


def negative_binomial(
    x: Floats, y: Floats, group: Ints, offset: Floats, weights: Floats | None = None
) -> ReweightedFit | NotConverged:
    """Fit as `reweighted`, the dispersion too by (weighted) maximum likelihood.

    Slopes and dispersion are maximised in turn, the rate at which that settles made up for; at most
    100 times, or there is no convergence. The search begins at a dispersion of 1, or greater: the
    Poisson fit follows a few giant counts so closely that it can be a maximum of its own, far below
    another (in 2 of 4 simulated pools with heavy tails, by 113 and 207 in the log likelihood). So
    Σ w ((y - μ)² - y) <= 0 (Dean & Lawless 1989) does not show that the data are not overdispersed;
    the fit is the Poisson one where its likelihood is the greater. With effects for many
    creators of few rows the dispersion is found too small, as a variance is by maximum likelihood.

    Args and errors as for `reweighted`.
    """
    prepared = _prepare(x, y, group, offset, weights)
    if isinstance(prepared, NotConverged):
        return prepared
    first, data = prepared.first, prepared.data
    beta, levels = first.estimate * data.sample.scale, np.log(data.sample.events)
    of_poisson = first.fitted[data.sample.rows.order]
    here = max(starting_dispersion(data, of_poisson), 0.0)
    last: tuple[float, float] | None = None
    for _ in range(MOST_TURNS):
        dispersion = float(np.exp(here))
        if dispersion * float(of_poisson.max()) <= NONE:
            return first
        point = maximise(data, dispersion, beta, levels)
        if isinstance(point, NotConverged):
            return point
        beta, levels, fitted = point.beta, point.levels, point.fitted
        there = likeliest_dispersion(data, fitted, here)
        beyond = dispersion * float(fitted.max())
        if abs(there - here) * min(1.0, beyond) < SETTLED:
            gained = log_likelihood(data, fitted, dispersion)
            is_more = gained > log_likelihood(data, of_poisson, 0.0)
            return prepared.at(point, dispersion) if is_more else first
        rate = (there - last[1]) / (here - last[0]) if last else 0.0
        last, here = (here, there), here + (there - here) / (1 - min(max(rate, 0.0), FASTEST))
    return NotConverged(MOST_TURNS, ())


def _prepare(
    x: Floats, y: Floats, group: Ints, offset: Floats, weights: Floats | None
) -> _Prepared | NotConverged:
    """Fit the Poisson model, by weighted events and log weights in the offset."""
    given = np.ones(len(y)) if weights is None else weights
    if not (np.isfinite(given).all() and (given >= 0).all()):
        raise ValueError("weights must be finite and not negative")
    unit = float(given.max(initial=0.0)) or 1.0
    unit *= float((given / unit).mean()) if given.any() else 1.0
    relative = given / unit
    held = relative > 0
    if not np.any(y[held] != 0):
        return NotConverged(0, ())
    logs = np.log(relative[held])
    poisson_fit = poisson(x[held], y[held] * relative[held], group[held], offset[held] + logs)
    if isinstance(poisson_fit, NotConverged):
        return poisson_fit
    rows = np.zeros(len(y), dtype=np.bool_)
    rows[held] = poisson_fit.used.rows
    used = Informative(rows, poisson_fit.used.no_events, poisson_fit.used.singletons)
    sample = sorted_sample(x, y, group, offset, used)
    data = Weighted(sample, relative[rows][sample.rows.order])
    per_weight = poisson_fit.fitted / relative[rows]
    own = _in_units(poisson_fit.blocks, unit)
    first = ReweightedFit(poisson_fit.estimate, own, used, poisson_fit.kept, per_weight, 0.0)
    return _Prepared(first, data, unit)


def _in_units(blocks: Blocks, unit: float) -> Blocks:
    return replace(blocks, information=blocks.information * unit, scores=blocks.scores * unit)
