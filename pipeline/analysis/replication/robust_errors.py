"""Regressions by statsmodels with errors that the post did not have: HC3, and Student's t."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from pipeline.analysis.replication.original import (
    OUTCOME,
    Floats,
    Ints,
    OriginalDesign,
    numbers,
    with_intercept,
)
from pipeline.analysis.replication.source_files import SourceSheet
from pipeline.estimate.hc3 import FULL_LEVERAGE, hc3_poisson


@dataclass(frozen=True, slots=True, eq=False)
class Regression:
    """A fit to n videos.

    Attributes:
        names: k regressors, without the intercept.
        coefficients: (k + 1,), the intercept first.
        std_error: (k,).
        freedom: n - k - 1.
        r2: share of the variance, of the deviance for Poisson.
        residual: (n,) in outcome units.
        leverage: (n,) diagonal of the hat matrix, intercept included.
    """

    names: tuple[str, ...]
    coefficients: Floats
    std_error: Floats
    freedom: int
    r2: float
    residual: Floats
    leverage: Floats

    @property
    def statistic(self) -> Floats:
        """Coefficients over standard errors (k,)."""
        return self.coefficients[1:] / self.std_error


def least_squares(whole: OriginalDesign, rows: Ints, *, robust: bool) -> Regression:
    """Fit some videos, with HC3 where `robust`.

    Raises ValueError where x is not of full rank; for HC3 also at leverage 1, where it has no
    meaning and statsmodels gives a number all the same.
    """
    import statsmodels.api as sm

    x = with_intercept(whole.x[rows])
    if np.linalg.matrix_rank(x) < x.shape[1]:
        raise ValueError("a regressor is a combination of the others")
    leverage = leverages(x)
    if robust:
        _no_hinge(leverage)
    fitted = sm.OLS(whole.y[rows], x).fit(cov_type="HC3" if robust else "nonrobust", use_t=True)
    return Regression(
        whole.names,
        fitted.params,
        fitted.bse[1:],
        len(rows) - x.shape[1],
        float(fitted.rsquared),
        fitted.resid,
        leverage,
    )


def leverages(x: Floats) -> Floats:
    """Diagonal (n,) of the hat matrix of x (n, k)."""
    leverage: Floats = (np.linalg.qr(x)[0] ** 2).sum(axis=1)
    return leverage


def exposed(raw: SourceSheet, rows: Ints, names: Sequence[str]) -> Regression:
    """Poisson of new followers on log(1 + x) with exposure views, and HC3.

    HC3 is our own: a GLM of statsmodels takes any of these names, and gives HC0. Raises ValueError
    at leverage 1.
    """
    followers, views = numbers(raw, OUTCOME)[rows], numbers(raw, "views")[rows]
    x = noted(raw, names).x[rows]
    fitted = _poisson(followers, x, views)
    sandwich = hc3_poisson(x, followers, fitted.fittedvalues)
    _no_hinge(sandwich.leverage)
    return Regression(
        tuple(names),
        fitted.params,
        np.sqrt(np.diagonal(sandwich.covariance)),
        len(rows) - len(names) - 1,
        float(1 - fitted.deviance / fitted.null_deviance),
        followers - fitted.fittedvalues,
        sandwich.leverage,
    )


def exposed_left_out(raw: SourceSheet, rows: Ints, names: Sequence[str]) -> Floats:
    """The followers (n,) that `exposed` predicts for each video, fitted to the others."""
    followers, views = numbers(raw, OUTCOME)[rows], numbers(raw, "views")[rows]
    x = noted(raw, names).x[rows] if names else np.empty((len(rows), 0))
    means = np.empty(len(rows))
    for i in range(len(rows)):
        kept = np.arange(len(rows)) != i
        coefficients = _poisson(followers[kept], x[kept], views[kept]).params
        means[i] = views[i] * np.exp(coefficients[0] + x[i] @ coefficients[1:])
    return means


def noted(raw: SourceSheet, names: Sequence[str]) -> OriginalDesign:
    """The sheet's own columns, log(1 + x), and its own followers; all rows."""
    x = np.column_stack([np.log1p(numbers(raw, name)) for name in names])
    return OriginalDesign(tuple(names), x, np.log1p(numbers(raw, OUTCOME)), float("nan"))


def height(statistic: Floats, freedom: float) -> Floats:
    """What the post prints as a p-value: how high Student's t is at the statistic."""
    heights: Floats = stats.t.pdf(np.abs(statistic), freedom)
    return heights


def area(statistic: Floats, freedom: float) -> Floats:
    """A p-value: the area of Student's t beyond the statistic, on both sides."""
    areas: Floats = 2 * stats.t.sf(np.abs(statistic), freedom)
    return areas


def _poisson(followers: Floats, x: Floats, views: Floats) -> Any:
    import statsmodels.api as sm

    family = sm.families.Poisson()
    model = sm.GLM(followers, with_intercept(x), family=family, exposure=views)
    return model.fit(tol=1e-12, maxiter=200)


def _no_hinge(leverage: Floats) -> None:
    if leverage.max() >= FULL_LEVERAGE:
        raise ValueError("one video alone decides a coefficient")
