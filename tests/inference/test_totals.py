"""The ratios of totals, against whole Poisson fits and against statsmodels."""

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm

from pipeline.dataset.pool import pool
from pipeline.inference.estimates import estimates
from pipeline.inference.totals import totals
from pipeline.model.design import design
from pipeline.model.fit import fit
from pipeline.model.fit_result import Fit
from pipeline.model.questions import CONVERSION, FOLLOWERS, REACH, Model
from simulations.whole import simulated
from support.pool import accepted
from support.videos import rows_of

pytestmark = pytest.mark.slow  # whole pools are fitted


@pytest.fixture(scope="module")
def videos():
    return simulated(9, 600, 4).videos


@pytest.mark.parametrize("question", [FOLLOWERS, REACH, CONVERSION], ids=lambda each: each.name)
def test_they_are_what_a_whole_poisson_fit_would_publish(videos, question):
    fitted = fit(design(videos, replace(question, model=Model.POISSON, factors=())))
    assert isinstance(fitted, Fit)
    lines = {line.variable: line for line in estimates(fitted) if line.estimate is not None}
    ratios = totals(videos, question)
    assert lines.keys() == ratios.keys()
    with_interval = 0
    for variable, line in lines.items():
        assert ratios[variable].estimate == pytest.approx(line.estimate, abs=1e-12)
        if line.ci_low is not None:
            with_interval += 1
            assert (ratios[variable].low, ratios[variable].high) == pytest.approx(
                (line.ci_low, line.ci_high), abs=1e-12
            )
    assert with_interval > 10


def test_the_ratio_of_all_views_is_that_of_statsmodels(videos):
    built = design(videos, replace(REACH, model=Model.POISSON))
    fitted = fit(built)
    sample = fitted.sample
    dummies = (sample.group[:, None] == np.arange(len(sample.creators))).astype(float)
    columns = np.column_stack([sample.x, dummies])
    theirs = sm.GLM(sample.y, columns, family=sm.families.Poisson()).fit(tol=1e-12, maxiter=200)
    ratios = totals(videos, REACH)
    compared = [j for j, variable in enumerate(fitted.variables) if variable in ratios]
    ours = [ratios[fitted.variables[j]].estimate for j in compared]
    np.testing.assert_allclose(ours, theirs.params[compared], rtol=1e-6, atol=1e-8)
    assert len(compared) > 15


def test_one_creator_and_nothing_tell_no_total():
    assert totals(pool([accepted("ana", rows_of(0, 40))], {}).videos, REACH) == {}
    assert totals(pool([], {}).videos, FOLLOWERS) == {}
