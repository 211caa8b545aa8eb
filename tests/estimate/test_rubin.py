"""Rubin's rules against hand-worked numbers, statsmodels' MICE and their own limits."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from statsmodels.imputation.mice import MICE, MICEData

from pipeline.estimate.rubin import combine

INFINITE = np.array([np.inf])


def column(*values: float) -> np.ndarray:
    return np.array(values, dtype=float)[:, None]


def test_by_hand():
    """Mean 2, U = 0.5, B = 1, T = 0.5 + 4/3 = 11/6, λ = (4/3) / (11/6) = 8/11.

    dof: Rubin's 2 / λ² = 121/32; observed 20 (3/11) = 60/11; together harmonically.
    """
    combined = combine(column(1, 2, 3), column(0.4, 0.5, 0.6), np.array([20.0]))
    assert combined.estimate == pytest.approx([2])
    assert combined.std_error**2 == pytest.approx([11 / 6])
    assert combined.missing_information == pytest.approx([8 / 11])
    assert combined.dof == pytest.approx([1 / (32 / 121 + 11 / 60)])


def test_nothing_missing_leaves_the_complete_fit():
    """Barnard & Rubin (1999) would leave (c + 1)/(c + 3) of the degrees of freedom."""
    combined = combine(column(2, 2), column(0.25, 0.25), np.array([20.0]))
    assert (combined.estimate, combined.std_error) == (pytest.approx([2]), pytest.approx([0.5]))
    assert combined.missing_information == pytest.approx([0])
    assert combined.dof == pytest.approx([20])
    assert combine(column(2, 2), column(1, 1), INFINITE).dof == np.inf


def test_with_infinite_complete_ones_the_degrees_of_freedom_are_rubins():
    combined = combine(column(1, 3), column(1, 1), INFINITE)
    assert combined.dof == pytest.approx([1 / 0.75**2])


@pytest.mark.parametrize("complete", [0.5, 1, 4.2, 30, 1e6])
def test_never_more_degrees_of_freedom_than_the_complete_data(complete):
    rng = np.random.default_rng(3)
    for spread in (0, 1e-6, 0.1, 1, 100):
        combined = combine(rng.normal(0, spread, (5, 1)), np.ones((5, 1)), np.array([complete]))
        assert 0 < combined.dof.item() <= complete


def test_no_variance_at_all_is_no_information_missing():
    combined = combine(column(1, 1), column(0, 0), np.array([9.0]))
    assert (combined.std_error, combined.missing_information) == ([0], [0])


@pytest.mark.parametrize("complete", [0.5, 1.1, 3, 9])
def test_few_degrees_of_freedom_do_not_become_next_to_none(complete):
    """What is published with t(c) does not get an interval of many times the length."""
    nothing = combine(column(2, 2), column(1, 1), np.array([complete]))
    assert nothing.dof == pytest.approx([complete])
    much = combine(column(1, 3, 5), column(1, 1, 1), np.array([complete]))
    assert much.dof.item() >= min(complete, 1)


def test_only_between_leaves_one_degree_of_freedom():
    combined = combine(column(1, 3), column(0, 0), np.array([9.0]))
    assert (combined.missing_information, combined.dof) == ([1], [1])
    assert combine(column(1, 3, 5), column(0, 0, 0), INFINITE).dof == [2]


def test_what_one_imputation_cannot_tell_is_not_told_and_the_rest_is():
    estimates = np.array([[1.0, 2, 3], [1, np.nan, 3]])
    variances = np.array([[1.0, 1, 1], [1, 1, np.nan]])
    combined = combine(estimates, variances, np.full(3, 9.0))
    for numbers in (
        combined.estimate,
        combined.std_error,
        combined.dof,
        combined.missing_information,
    ):
        assert np.isfinite(numbers).tolist() == [True, False, False]


def test_of_covariances_the_diagonals_count():
    rng = np.random.default_rng(1)
    estimates, roots = rng.normal(size=(4, 3)), rng.normal(size=(4, 3, 3))
    covariances = roots @ roots.transpose(0, 2, 1)
    diagonals = np.einsum("mii->mi", covariances)
    dof = np.full(3, 7.0)
    one, other = combine(estimates, covariances, dof), combine(estimates, diagonals, dof)
    assert one.std_error.tolist() == other.std_error.tolist()
    assert one.dof.tolist() == other.dof.tolist()


def test_one_imputation_is_refused():
    with pytest.raises(ValueError, match="two imputations"):
        combine(column(1), column(1), INFINITE)


def test_statsmodels_combines_alike():
    """Its estimates, errors and shares; it has no degrees of freedom (normal intervals)."""
    rng = np.random.default_rng(5)
    x = rng.normal(size=(200, 2))
    rows = pd.DataFrame({"y": x @ [1.0, -1.0] + rng.normal(size=200), "a": x[:, 0], "b": x[:, 1]})
    rows.loc[rng.random(200) < 0.3, "a"] = np.nan
    theirs = MICE("y ~ a + b", sm.OLS, MICEData(rows, rng=np.random.default_rng(6)))
    result = theirs.fit(3, 6)
    fits = [SimpleNamespace(params=r.params, cov=r.cov_params()) for r in theirs.results_list]
    combined = combine(
        np.array([each.params for each in fits]),
        np.array([each.cov for each in fits]),
        np.full(3, 197.0),
    )
    assert combined.estimate == pytest.approx(result.params, rel=1e-12)
    assert combined.std_error == pytest.approx(result.bse, rel=1e-12)
    assert combined.missing_information == pytest.approx(result.frac_miss_info, rel=1e-12)
