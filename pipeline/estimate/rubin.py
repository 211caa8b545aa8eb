"""Estimates from several completed data sets as one: Rubin's rules, with few degrees of freedom."""

from dataclasses import dataclass

import numpy as np

from pipeline.estimate.grouping import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Combined:
    """What m completed data sets say together of k coefficients.

    Attributes:
        estimate: (k,) mean of the estimates.
        std_error: (k,) root of the total variance, the doubt about the missing values included.
        dof: (k,) degrees of freedom of Student's t.
        missing_information: (k,) share of the total variance that is due to what is missing, 0..1;
            Rubin's lambda, as statsmodels has it: without his correction for few imputations, by
            which something would seem missing where nothing is.
    """

    estimate: Floats
    std_error: Floats
    dof: Floats
    missing_information: Floats


def combine(estimates: Floats, variances: Floats, complete_dof: Floats) -> Combined:
    """Combine the fits of m >= 2 completed data sets, each coefficient for itself.

    With the mean variance U within an imputation and the variance B between them, T = U + (1 + 1/m)
    B and lambda = (1 + 1/m) B / T (Rubin 1987, section 3.3). The degrees of freedom follow Barnard
    & Rubin (1999): never more than those of the complete data, which Rubin's own can exceed. A
    coefficient is NaN in all four where an imputation gives none, or no variance.

    Args:
        estimates: (m, k).
        variances: (m, k), or the covariances (m, k, k), whose diagonals are taken.
        complete_dof: (k,) degrees of freedom as if nothing had been missing; may be infinite.

    Raises:
        ValueError: fewer than two imputations, which tell nothing about the doubt between them.

    >>> whole = combine(np.array([[1.0], [3.0]]), np.array([[1.0], [1.0]]), np.array([np.inf]))
    >>> whole.estimate.item(), whole.std_error.item() ** 2, whole.missing_information.item()
    (2.0, 4.0, 0.75)
    """
    m = len(estimates)
    if m < 2:
        raise ValueError("to combine takes two imputations or more")
    if variances.ndim == 3:
        variances = np.diagonal(variances, axis1=1, axis2=2)
    is_complete = np.isfinite(estimates).all(axis=0) & np.isfinite(variances).all(axis=0)
    within = np.where(is_complete, variances.mean(axis=0), np.nan)
    between = (1 + 1 / m) * np.where(is_complete, estimates, np.nan).var(axis=0, ddof=1)
    total = within + between
    share = np.divide(between, total, out=np.where(is_complete, 0.0, np.nan), where=total > 0)
    return Combined(
        estimate=np.where(is_complete, estimates, np.nan).mean(axis=0),
        std_error=np.sqrt(total),
        dof=_dof(m, share, complete_dof),
        missing_information=share,
    )


def _dof(m: int, share: Floats, complete: Floats) -> Floats:
    """Degrees of freedom (k,), given lambda (k,) of m imputations and those of complete data.

    1/dof = λ²/(m - 1) + 1/observed, where observed = c (1 - λ). Barnard & Rubin's (1999) factor
    (c + 1)/(c + 3) is left out: few creators make c as small as 1, and there it halves what is
    left, so that an interval became four times as long though nothing was missing. Not below 1, or
    c if that is less.
    """
    none_left = np.where(np.isfinite(complete), np.inf, 0.0)
    inverse = np.divide(1 / complete, 1 - share, out=none_left, where=share < 1)
    with np.errstate(divide="ignore"):  # infinitely many, where nothing is missing
        dof: Floats = 1 / (share**2 / (m - 1) + inverse)
    return np.maximum(dof, np.minimum(complete, 1.0))
