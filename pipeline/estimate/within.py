"""Covariance within one creator's videos (HC3), where there are no other creators to speak of."""

from dataclasses import dataclass

import numpy as np

from pipeline.estimate.grouping import Bools, Floats, Ints, centre, runs
from pipeline.estimate.solve import factor, solve

FULL_LEVERAGE = 1 - 1e-8  # from here a row is fitted whatever its outcome
INVOLVED = 1e-6  # smallest part of a row's pull, in scaled units, that counts as hinging on it


@dataclass(frozen=True, slots=True, eq=False)
class HC3:
    """Covariance that treats one creator's videos as independent.

    Attributes:
        covariance: (k, k); NaN in the rows and columns of coefficients that hinge on one row.
        leverage: (n,) diagonal of the hat matrix, intercept included, in the order given.
        hinges: (k,) whether the coefficient is set by a row of leverage 1 (a dummy with one row).
    """

    covariance: Floats
    leverage: Floats
    hinges: Bools

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
    return _sandwich(x, np.ones(len(x)), residual)


def hc3_poisson(x: Floats, y: Floats, fitted: Floats) -> HC3:
    """HC3 of a Poisson fit with an intercept, for the rows of one creator.

    The hat matrix is the weighted one, weights the fitted means, and the meat is
    (y - fitted)² / (1 - h)²: MacKinnon & White (1985) carried over to the last weighted least
    squares step. `x` (n, k), `y` and `fitted` (n,) in events.

    Raises:
        ValueError: columns not of full rank beside the intercept, in weighted rows.
    """
    return _sandwich(x, fitted, y - fitted)


def _sandwich(x: Floats, weights: Floats, residual: Floats) -> HC3:
    one = np.zeros(len(x), dtype=np.int64)
    deviations = centre(x, runs(one)).deviations
    share = weights / weights.sum()
    deviations = deviations - share @ deviations
    factored = factor(deviations.T @ (deviations * weights[:, None]))
    pull = solve(factored, deviations.T).T  # (n, k) how a unit of residual moves each coefficient
    leverage = share + weights * (pull * deviations).sum(axis=1)
    full = leverage >= FULL_LEVERAGE
    scaled = np.abs(pull[full] / factored.scale) * np.sqrt(weights[full])[:, None]
    hinges = (scaled > INVOLVED).any(axis=0)
    # a row of leverage 1 has no residual: coefficients that do not hinge on it do without it
    influence = pull * (np.where(full, 0.0, residual) / np.where(full, 1.0, 1 - leverage))[:, None]
    influence[:, hinges] = np.nan
    return HC3(influence.T @ influence, leverage, hinges)
