"""The second engine: every published fit once more by statsmodels, which must agree."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.design import Floats
from pipeline.estimate.inference import cr1
from pipeline.fit import Fit
from pipeline.questions import Model

LIMITS = {Model.LEAST_SQUARES: 1e-8, Model.POISSON: 1e-6}


@dataclass(frozen=True, slots=True)
class Agreement:
    """The largest relative difference of estimates and standard errors, and what it may be.

    A difference is relative to the statsmodels value, or to its standard error where that is
    larger. None: not recomputed, since the fit is too large for dummies.
    """

    question: str
    difference: float | None
    limit: float

    @property
    def holds(self) -> bool:
        """Tell whether the two engines agree."""
        return self.difference is None or self.difference <= self.limit


def recompute(fit: Fit) -> Agreement:
    """Fit again with a dummy for each creator, with clustered errors (CR1; HC3 for one creator)."""
    model = fit.design.question.model
    n, creators = len(fit.sample.y), len(fit.sample.creators)
    small = n <= 20_000 if model is Model.LEAST_SQUARES else n <= 2_000 and creators <= 50
    difference = None
    if small and fit.variables:
        difference = _linear(fit) if model is Model.LEAST_SQUARES else _poisson(fit)
    return Agreement(fit.design.question.name, difference, LIMITS[model])


def _linear(fit: Fit) -> float:
    import statsmodels.api as sm

    x, y, group = fit.sample.x, fit.sample.y, fit.sample.group
    n, k, creators = len(y), x.shape[1], len(fit.sample.creators)
    if creators > 300:  # dummies would take minutes
        means = np.array([np.bincount(group, column) for column in (*x.T, y)]) / np.bincount(group)
        model = sm.OLS(y - means[-1][group], x - means[:-1].T[group])
        factor = np.sqrt((n - k) / (n - k - 1))
    else:
        model = sm.OLS(y, np.column_stack([x, _dummies(group)]))
        factor = np.sqrt((n - k - creators) / (n - k - 1))
    if fit.within is not None:
        plain = model.fit(method="qr")
        kept = ~fit.within.hinges
        ours = np.sqrt(np.diagonal(fit.within.covariance))[kept]
        return max(
            _difference(fit.blocks.estimate, plain.params[:k], plain.bse[:k]),
            _difference(ours, plain.HC3_se[:k][kept], 0) if not fit.within.hinges.any() else 0.0,
        )
    theirs = model.fit(method="qr", cov_type="cluster", cov_kwds={"groups": group}, use_t=True)
    error = theirs.bse[:k] * factor
    ours = np.sqrt(np.diagonal(cr1(fit.blocks)))
    return max(
        _difference(fit.blocks.estimate, theirs.params[:k], error),
        _difference(ours, error, 1e-6 * np.abs(theirs.params[:k])),
    )


def _poisson(fit: Fit) -> float:
    import statsmodels.api as sm

    x, y, group = fit.sample.x, fit.sample.y, fit.sample.group
    n, k, creators = len(y), x.shape[1], len(fit.sample.creators)
    model = sm.GLM(y, np.column_stack([x, _dummies(group)]), family=sm.families.Poisson())
    if fit.within is not None:
        plain = model.fit(tol=1e-13, maxiter=200, tol_criterion="params")
        return _difference(fit.blocks.estimate, plain.params[:k], plain.bse[:k])
    theirs = model.fit(
        tol=1e-13, maxiter=200, tol_criterion="params",
        cov_type="cluster", cov_kwds={"groups": group}, use_t=True,
    )  # fmt: skip
    error = theirs.bse[:k] * np.sqrt((n - k - creators) / (n - k - 1))
    ours = np.sqrt(np.diagonal(cr1(fit.blocks)))
    return max(
        _difference(fit.blocks.estimate, theirs.params[:k], error),
        _difference(ours, error, 1e-6 * np.abs(theirs.params[:k])),
    )


def _dummies(group: NDArray[np.int64]) -> Floats:
    dummies: Floats = (group[:, None] == np.arange(group.max() + 1)).astype(np.float64)
    return dummies


def _difference(ours: Floats, theirs: Floats, floor: Floats | float) -> float:
    scale = np.maximum(np.abs(theirs), floor)
    return float(np.max(np.abs(ours - theirs) / scale, initial=0.0))
