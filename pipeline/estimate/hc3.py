"""Covariance within one creator's videos (HC3), where there are no other creators to speak of."""

from dataclasses import dataclass

import numpy as np

from pipeline.estimate.grouping import Bools, Floats, Ints, centre, runs
from pipeline.estimate.nb2 import information_weights
from pipeline.estimate.poisson_limit import limit
from pipeline.estimate.solve import factor, solve
from pipeline.estimate.weighted_counts import ReweightedFit

FULL_LEVERAGE = 1 - 1e-8  # from here a row is fitted whatever its outcome
HIGH_LEVERAGE = 0.1  # from which one step may fall far short of leaving a row out
LONG_STEP = 0.1  # the same, of the log mean for a column's standard deviation
INVOLVED = 1e-6  # smallest part of a row's pull, in scaled units, that counts as hinging on it


@dataclass(frozen=True, slots=True, eq=False)
class HC3:
    """Covariance that treats one creator's videos as independent.

    Attributes:
        shifts: (n, k) what each coefficient moves by without each row; a column of NaN where the
            coefficient hinges on one row.
        leverage: (n,) diagonal of the hat matrix, intercept included, in the order given.
    """

    shifts: Floats
    leverage: Floats

    @property
    def covariance(self) -> Floats:
        """(k, k); NaN in the rows and columns of coefficients that hinge on one row."""
        return self.shifts.T @ self.shifts

    @property
    def hinges(self) -> Bools:
        """Whether a coefficient (k,) is set by a row of leverage 1 (a dummy with one row)."""
        hinges: Bools = np.isnan(self.shifts.sum(axis=0))
        return hinges

    @property
    def fall(self) -> Floats:
        """The coefficient (k,) without the row that holds it up most, less the coefficient."""
        fall: Floats = self.shifts.min(axis=0, initial=0.0)
        return fall

    @property
    def rise(self) -> Floats:
        """The same (k,) for the row that holds it down most."""
        rise: Floats = self.shifts.max(axis=0, initial=0.0)
        return rise

    @property
    def max_leverage(self) -> float:
        """The largest leverage."""
        return float(self.leverage.max())


def residuals(x: Floats, y: Floats, group: Ints, estimate: Floats) -> Floats:
    """Residuals (n,) of y on x (n, k) with creator effects, given the slopes (k,)."""
    rows = runs(group)
    deviations = centre(np.column_stack([x, y]), rows).deviations
    result = np.empty(len(y))
    result[rows.order] = deviations[:, -1] - deviations[:, :-1] @ estimate
    return result


def hc3(x: Floats, residual: Floats) -> HC3:
    """HC3 of least squares with an intercept, for the rows of one creator.

    (X'X)^-1 X' diag(e² / (1 - h)²) X (X'X)^-1 (MacKinnon & White 1985), slopes only. `x` (n, k)
    need not be centred; `residual` (n,) is in outcome units.

    Raises:
        ValueError: columns not of full rank beside the intercept.
    """
    return hc3_weighted(x, np.ones(len(x)), residual)


def hc3_poisson(x: Floats, y: Floats, fitted: Floats) -> HC3:
    """HC3 of a Poisson fit with an intercept, for the rows of one creator.

    The hat matrix is the weighted one, weights the fitted means, and the meat is
    (y - fitted)² / (1 - h)²: MacKinnon & White (1985) carried over to the last weighted least
    squares step. `x` (n, k), `y` and `fitted` (n,) in events.

    Raises:
        ValueError: columns not of full rank beside the intercept, in weighted rows.
    """
    return hc3_weighted(x, fitted, y - fitted)


def hc3_refitted(x: Floats, y: Floats, offset: Floats, fit: ReweightedFit) -> HC3:
    """HC3 of a fit of counts in which the rows that weigh much are left out in full.

    HC3 stands for leaving out each row in turn, by one step from the estimate. For a row of
    leverage 0.1 or more (at most 10 (k + 1) rows), and where the step is long, one step may fall
    far short, and the model is fitted again without the row. A coefficient that the other rows do
    not identify hinges on it.

    Args:
        x: (n, k) rows of one creator, as fitted.
        y: (n,) events.
        offset: (n,) log exposure.
        fit: what `reweighted` or `negative_binomial` answered for these rows, without weights; the
            dispersion is held.
    """
    weights = information_weights(fit.fitted, fit.dispersion)
    pull = _pull(x, weights)
    shifts = _shifts(pull, (y - fit.fitted) / (1 + fit.dispersion * fit.fitted))
    one = np.zeros(len(y), dtype=np.int64)
    is_long = (np.abs(shifts) * x.std(axis=0) > LONG_STEP).any(axis=1)
    for row in np.flatnonzero((pull.leverage >= HIGH_LEVERAGE) | is_long):
        rest = np.arange(len(y)) != row
        left = limit(x[rest], y[rest], one[rest], offset[rest], fit.dispersion)
        shifts[row] = np.nan
        if left is not None:
            identified = left.identified
            shifts[row, identified] = left.estimate[identified] - fit.estimate[identified]
    return HC3(shifts, pull.leverage)


@dataclass(frozen=True, slots=True, eq=False)
class _Pull:
    """How a unit of each row's residual moves each coefficient, (n, k); weights and leverage."""

    moves: Floats
    weights: Floats
    leverage: Floats


def hc3_weighted(x: Floats, weights: Floats, residual: Floats) -> HC3:
    """HC3 of the last weighted least squares step of a fit with an intercept, one creator's rows.

    `weights` (n,) are those of the step (the fitted means of a Poisson fit, for one), `residual`
    (n,) what each row adds to the score of the intercept: (y - fitted) there.

    Raises:
        ValueError: columns not of full rank beside the intercept, in weighted rows.
    """
    pull = _pull(x, weights)
    return HC3(_shifts(pull, residual), pull.leverage)


def _pull(x: Floats, weights: Floats) -> _Pull:
    one = np.zeros(len(x), dtype=np.int64)
    deviations = centre(x, runs(one)).deviations
    share = weights / weights.sum()
    deviations = deviations - share @ deviations
    factored = factor(deviations.T @ (deviations * weights[:, None]))
    moves = solve(factored, deviations.T).T
    return _Pull(moves, weights, share + weights * (moves * deviations).sum(axis=1))


def _shifts(pull: _Pull, residual: Floats) -> Floats:
    """What each coefficient moves by without each row, (n, k), in one step; NaN where it hinges."""
    full = pull.leverage >= FULL_LEVERAGE
    units = np.sqrt((pull.moves**2 * pull.weights[:, None]).sum(axis=0))
    scaled = np.abs(pull.moves[full] / units) * np.sqrt(pull.weights[full])[:, None]
    # a row of leverage 1 has no residual: coefficients that do not hinge on it do without it
    residual = np.where(full, 0.0, residual) / np.where(full, 1.0, 1 - pull.leverage)
    shifts = -pull.moves * residual[:, None]
    shifts[:, (scaled > INVOLVED).any(axis=0)] = np.nan
    return shifts
