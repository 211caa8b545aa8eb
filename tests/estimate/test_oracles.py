"""The fits against pyfixest 0.60, and the Poisson fit against a general optimiser.

Both sides leave out creators with one row. Relative tolerances: 1e-10 for least squares, of each
number, and of the largest entry for a matrix.
"""

import numpy as np
import pandas as pd
import pyfixest as pf
import pytest
from scipy.optimize import minimize

from pipeline.estimate.cluster_robust import cr1, cr3, leave_one_out
from pipeline.estimate.linear import LinearFit, least_squares
from pipeline.estimate.states import states
from support.linear_samples import fitted, sample
from support.poisson_samples import fitted as fitted_events
from support.poisson_samples import sample as events

pytestmark = [
    pytest.mark.slow,
    # pyfixest 0.60 was written before pandas 3.1
    pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning:"),
    pytest.mark.filterwarnings("ignore:.*singleton fixed effect:UserWarning"),
    pytest.mark.filterwarnings("ignore:.*removed because of separation:UserWarning"),
]
CASES = [(11, 12, 6), (12, 30, 9), (13, 3, 4), (14, 60, 20), (15, 400, 12)]
EVENTS = [(1, 12, 4), (2, 30, 4), (3, 100, 8)]


def with_singletons(x, y, group):
    """Creators with one row, at the end and in between: every number g becomes 2g."""
    alone = np.arange(5) * 2 + 1
    rng = np.random.default_rng(len(y))
    x = np.vstack([x, rng.normal(size=(5, x.shape[1]))])
    order = rng.permutation(len(x))
    y, group = np.append(y, rng.normal(size=5)), np.append(2 * group, alone)
    return x[order], y[order], group[order]


def frame(x, y, group) -> pd.DataFrame:
    videos = pd.DataFrame(x, columns=[f"x{j}" for j in range(x.shape[1])])
    return videos.assign(y=y, creator=group)


def formula(x) -> str:
    return "y ~ " + " + ".join(f"x{j}" for j in range(x.shape[1])) + " | creator"


def ours(x, y, group) -> LinearFit:
    return least_squares(states(np.column_stack([x, y]), group), x.shape[1], range(x.shape[1]))


def theirs(x, y, group, covariance="CRV1"):
    return pf.feols(formula(x), frame(x, y, group), vcov={covariance: "creator"})


def close(got, want, tolerance):
    np.testing.assert_allclose(got, want, rtol=tolerance, atol=0)


def matrix_close(got, want, tolerance):
    np.testing.assert_allclose(got, want, rtol=0, atol=tolerance * np.max(np.abs(want)))


@pytest.mark.parametrize("prepare", [lambda *rows: rows, with_singletons])
@pytest.mark.parametrize("case", CASES)
def test_feols_agrees(case, prepare):
    x, y, group = prepare(*sample(*case))
    got, want = ours(x, y, group), theirs(x, y, group)
    assert (got.rows, got.creators) == (want._N, case[1])
    close(got.estimate, want.coef(), 1e-10)
    close(np.sqrt(cr1(got.blocks).diagonal()), want.se(), 1e-10)
    matrix_close(cr1(got.blocks), want._vcov, 1e-10)


@pytest.mark.parametrize("prepare", [lambda *rows: rows, with_singletons])
@pytest.mark.parametrize("case", CASES[:4])
def test_crv3_agrees_but_for_its_factor(case, prepare):
    """It scales by c1 = G/(G-1) (N-1)/(N-k-1), MacKinnon, Nielsen & Webb by (G-1)/G."""
    x, y, group = prepare(*sample(*case))
    got, want = ours(x, y, group), theirs(x, y, group, "CRV3")
    n, k, creators = got.rows, x.shape[1], got.creators
    c1 = creators / (creators - 1) * (n - 1) / (n - k - 1)
    covariance = cr3(got.blocks, leave_one_out(got.blocks)) * c1 * creators / (creators - 1)
    close(np.sqrt(covariance.diagonal()), want.se(), 1e-10)
    matrix_close(covariance, want._vcov, 1e-10)


@pytest.mark.parametrize("case", CASES[:3])
def test_refits_by_feols_without_each_creator_agree(case):
    x, y, group = sample(*case)
    left_out = leave_one_out(fitted(x, y, group).blocks).estimates
    for creator in range(case[1]):
        rest = group != creator
        matrix_close(left_out[creator], theirs(x[rest], y[rest], group[rest]).coef(), 1e-10)


def fepois(x, y, group, offset):
    """A fit by pyfixest, to the end: its covariance is that of the last step but one."""
    videos = frame(x, y, group).assign(offset=offset)
    named = "offset" if offset.any() else None
    return pf.fepois(
        formula(x),
        videos,
        vcov={"CRV1": "creator"},
        offset=named,
        separation_check=["fe", "ir"],  # its default misses a dummy that separates
        iwls_tol=1e-14,
    )


@pytest.mark.parametrize("with_offset", [True, False])
@pytest.mark.parametrize("case", EVENTS)
def test_fepois_agrees(case, with_offset):
    x, y, group, offset = events(*case)
    offset = offset * with_offset
    got, want = fitted_events(x, y, group, offset), fepois(x, y, group, offset)
    close(got.estimate, want.coef(), 1e-7)
    close(np.sqrt(cr1(got.blocks).diagonal()), want.se(), 1e-7)
    matrix_close(cr1(got.blocks), want._vcov, 1e-7)


def test_fepois_drops_the_same_creators():
    x, y, group, offset = events(2, 30, 4)
    y[group == 4] = 0
    alone = np.full(1, 77)
    x, y = np.vstack([x, x[:1]]), np.append(y, 3.0)
    group, offset = np.append(group, alone), np.append(offset, 8.0)
    got, want = fitted_events(x, y, group, offset), fepois(x, y, group, offset)
    assert (got.rows, got.creators) == (want._N, 29)
    close(got.estimate, want.coef(), 1e-7)
    close(np.sqrt(cr1(got.blocks).diagonal()), want.se(), 1e-7)


@pytest.mark.parametrize("with_offset", [True, False])
@pytest.mark.parametrize("case", EVENTS[:2])
def test_a_general_optimiser_finds_the_same_maximum(case, with_offset):
    """Trust-region Newton on the whole likelihood, slopes and dummies, as far as it gets."""
    x, y, group, offset = events(*case)
    offset, creators = offset * with_offset, case[1]
    scale = x.std(axis=0)
    design = np.hstack([x / scale, np.eye(creators)[group]])
    rate = np.bincount(group, y) / np.bincount(group, np.exp(offset))
    start = np.append(np.zeros(x.shape[1]), np.log(rate))

    def mean(beta):
        return np.exp(np.minimum(design @ beta + offset, 50))

    best = minimize(
        lambda beta: (mean(beta).sum() - y @ (design @ beta)) / y.sum(),
        start,
        jac=lambda beta: design.T @ (mean(beta) - y) / y.sum(),
        hess=lambda beta: (design.T * mean(beta)) @ design / y.sum(),
        method="trust-exact",
        options={"gtol": 1e-12, "maxiter": 1000},
    )
    got = fitted_events(x, y, group, offset)
    k = x.shape[1]
    matrix_close(got.estimate, best.x[:k] / scale, 1e-7)
    matrix_close(got.effects, best.x[k:], 1e-6)
