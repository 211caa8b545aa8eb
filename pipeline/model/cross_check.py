"""The second engine: every published fit once more by statsmodels, which must agree."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.estimate.cluster_robust import cr1
from pipeline.estimate.grouping import Floats, runs
from pipeline.estimate.nb2 import fitted_means
from pipeline.model.fit_result import Fit
from pipeline.model.questions import Model

LIMITS = {Model.LEAST_SQUARES: 1e-8, Model.NEGATIVE_BINOMIAL: 1e-6, Model.POISSON: 1e-6}
SMALLEST = 1e-10  # eigenvalue that a fit may have: the limit is never above 1e-4
ROUNDING = 1e-14  # of cross products, which near-collinear columns inflate


@dataclass(frozen=True, slots=True)
class Agreement:
    """The largest relative difference of estimates and standard errors, and what it may be.

    A difference is relative to the statsmodels value, or to its conventional standard error where
    that is larger: a clustered one is nothing but rounding where one creator carries the term.
    None: not recomputed, since the fit is too large for dummies.
    """

    question: str
    difference: float | None
    limit: float

    @property
    def holds(self) -> bool:
        """Return whether the two engines agree."""
        return self.difference is None or self.difference <= self.limit


def recompute(fit: Fit) -> Agreement:
    """Fit again with a dummy for each creator, with clustered errors (CR1; HC3 for one creator).

    Counts at the dispersion of the fit. A product agrees as its factors do, and is their sum.
    """
    if fit.factors:
        return together(fit, [recompute(factor) for factor in fit.factors])
    model = fit.design.question.model
    n, creators = len(fit.sample.y), len(fit.sample.creators)
    small = n <= 20_000 if model is Model.LEAST_SQUARES else n <= 2_000 and creators <= 50
    difference = None
    if small and fit.variables:
        difference = _linear(fit) if model is Model.LEAST_SQUARES else _counted(fit)
    limit = max(LIMITS[model], ROUNDING / _smallest(fit))
    return Agreement(fit.design.question.name, difference, limit)


def together(fit: Fit, factors: Sequence[Agreement]) -> Agreement:
    """The agreement of a product: that of the factor which agrees least, or of the sums with it."""
    known = [each.difference for each in factors if each.difference is not None]
    worst = max(*known, _sums(fit)) if len(known) == len(factors) else None
    limit = max(each.limit for each in factors)
    return Agreement(fit.design.question.name, worst, limit)


def _sums(fit: Fit) -> float:
    """The difference of a product from its factors' sums, with all creators and without each."""
    names, k = fit.sample.creators, len(fit.variables)
    sums = np.zeros((len(names) + 1, k))
    for factor in fit.factors:
        at = [factor.variables.index(each) for each in fit.variables]
        left, whole = factor.left_out, factor.blocks.estimate
        without = dict(zip(factor.sample.creators, left.estimates, strict=True)) if left else {}
        sums[0] += whole[at]
        for row, name in enumerate(names, 1):
            sums[row] += without.get(name, whole)[at]
    ours = fit.blocks.estimate[None, :]
    if fit.left_out is not None:
        ours = np.vstack([ours, fit.left_out.estimates])
    sums = sums[: len(ours)]
    if not np.array_equal(np.isnan(ours), np.isnan(sums)):
        return np.inf
    errors = np.sqrt(np.diagonal(np.linalg.inv(fit.blocks.information.sum(axis=0))))
    return _difference(np.nan_to_num(ours), np.nan_to_num(sums), errors)


def _smallest(fit: Fit) -> float:
    """The smallest eigenvalue of the information with unit diagonal; 1 without variables."""
    total = fit.blocks.information.sum(axis=0)
    scale = 1 / np.sqrt(total.diagonal())
    smallest = np.linalg.eigvalsh(total * scale[:, None] * scale).min(initial=1.0)
    return max(float(smallest), SMALLEST)


def _linear(fit: Fit) -> float:
    from statsmodels.regression.linear_model import OLS  # statsmodels.api takes twice as long

    x, y, group = _centred(fit.sample.x, fit.sample.group), fit.sample.y, fit.sample.group
    n, k, creators = len(y), x.shape[1], len(fit.sample.creators)
    if creators > 300:  # dummies would take minutes
        model = OLS(_centred(y[:, None], group)[:, 0], x)
        factor = np.sqrt((n - k) / (n - k - 1))
    else:
        model = OLS(y, np.column_stack([x, _dummies(group)]))
        factor = np.sqrt((n - k - creators) / (n - k - 1))
    if fit.within is not None:
        plain = model.fit(method="qr")
        estimates = _difference(fit.blocks.estimate, plain.params[:k], plain.bse[:k])
        if fit.within.hinges.any():  # HC3 of statsmodels divides by 0
            return estimates
        ours = np.sqrt(np.diagonal(fit.within.covariance))
        floor = plain.bse[:k] / (1 - fit.within.max_leverage)  # what HC3 makes of rounding
        return max(estimates, _difference(ours, plain.HC3_se[:k], floor))
    theirs = model.fit(method="qr", cov_type="cluster", cov_kwds={"groups": group}, use_t=True)
    plain = np.sqrt(np.diagonal(theirs.normalized_cov_params)[:k] * theirs.mse_resid)
    return _clustered(fit, theirs.params[:k], theirs.bse[:k] * factor, plain)


def _counted(fit: Fit) -> float:
    from statsmodels.genmod import families  # statsmodels.api takes twice as long
    from statsmodels.genmod.generalized_linear_model import GLM

    x, y, group = _centred(fit.sample.x, fit.sample.group), fit.sample.y, fit.sample.group
    n, k, creators = len(y), x.shape[1], len(fit.sample.creators)
    columns = np.column_stack([x, _dummies(group)])
    spread = fit.dispersion > 0
    family = families.NegativeBinomial(alpha=fit.dispersion) if spread else families.Poisson()
    model = GLM(y, columns, family=family, offset=fit.sample.offset)
    # From our maximum, which it leaves unless it is one: from afar its scoring steps can go astray.
    start = np.append(fit.blocks.estimate, _levels(fit, x))
    with warnings.catch_warnings():  # what it warns of shows in the comparison
        warnings.simplefilter("ignore")
        theirs = model.fit(start_params=start, tol=1e-13, maxiter=200, tol_criterion="params")
    plain = np.sqrt(np.diagonal(theirs.normalized_cov_params)[:k])
    if fit.within is not None:
        return _difference(fit.blocks.estimate, theirs.params[:k], plain)
    # Of NB2 statsmodels clusters with the observed information; ours is the expected one.
    scores = model.score_obs(theirs.params)
    sums = np.array([np.bincount(group, column) for column in scores.T]).T
    bread = np.linalg.inv(-model.hessian(theirs.params, observed=False))
    sandwich = bread @ (sums.T @ sums) @ bread * creators / (creators - 1)
    error = np.sqrt(np.diagonal(sandwich)[:k] * (n - 1) / (n - k - 1))
    return _clustered(fit, theirs.params[:k], error, plain)


def _levels(fit: Fit, x: Floats) -> Floats:
    """The creators' levels (G,) at our slopes, for columns `x` (n, k) of the same slopes."""
    rows = runs(fit.sample.group)
    predictor = (x @ fit.blocks.estimate + fit.sample.offset)[rows.order]
    means = fitted_means(predictor, fit.sample.y[rows.order], rows, fit.dispersion)
    levels: Floats = (np.log(means) - predictor)[rows.starts]
    return levels


def _clustered(fit: Fit, estimate: Floats, error: Floats, plain: Floats) -> float:
    ours = np.sqrt(np.diagonal(cr1(fit.blocks)))
    return max(
        _difference(fit.blocks.estimate, estimate, plain),
        _difference(ours, error, plain),
    )


def _centred(columns: Floats, group: NDArray[np.int64]) -> Floats:
    """Take each creator's mean off (n, k): the dummies carry it, and large levels cost digits."""
    means = np.array([np.bincount(group, column) for column in columns.T]) / np.bincount(group)
    centred: Floats = columns - means.T[group]
    return centred


def _dummies(group: NDArray[np.int64]) -> Floats:
    dummies: Floats = (group[:, None] == np.arange(group.max() + 1)).astype(np.float64)
    return dummies


def _difference(ours: Floats, theirs: Floats, floor: Floats) -> float:
    scale = np.maximum(np.abs(theirs), floor)
    return float(np.max(np.abs(ours - theirs) / scale, initial=0.0))
