"""Each creator's own estimate, against statsmodels with the other terms as an offset."""

import numpy as np
import pytest
import statsmodels.api as sm

from pipeline.inference.creator_estimates import own_estimates
from pipeline.model.fit_result import Fit
from pipeline.model.questions import Model
from support.videos import BOTH, COVER, LENGTH, REPLY, made, rows_of


@BOTH
def test_the_other_terms_are_held_at_the_pools_estimates(model):
    found = made(model, LENGTH, COVER, REPLY, ana=rows_of(1, 30), bea=rows_of(2, 20))
    assert isinstance(found, Fit)
    for j, variable in enumerate(found.variables):
        own = own_estimates(found, j)
        assert [each.creator for each in own] == ["ana", "bea"], variable
        for number, each in enumerate(own):
            mine = found.sample.group == number
            x, y = found.sample.x[mine], found.sample.y[mine]
            held = np.delete(x, j, axis=1) @ np.delete(found.blocks.estimate, j)
            columns = np.column_stack([x[:, j], np.ones(len(y))])
            if model is Model.POISSON:
                theirs = sm.GLM(y, columns, family=sm.families.Poisson(), offset=held).fit(
                    tol=1e-13
                )
            else:
                theirs = sm.OLS(y - held, columns).fit()
            assert each.estimate == pytest.approx(theirs.params[0], rel=1e-7)
            assert each.videos == mine.sum()


def test_only_creators_within_whom_it_varies_have_their_own():
    rows = {"ana": rows_of(1), "bea": rows_of(2, has_cover=True), "cem": rows_of(3)}
    found = made(Model.LEAST_SQUARES, COVER, LENGTH, **rows)
    cover = [v.name for v in found.variables].index("has_cover: yes")
    own = own_estimates(found, cover)
    assert [each.creator for each in own] == ["ana", "cem"]
    assert [each.videos_with for each in own] == [
        sum(bool(row["has_cover"]) for row in rows[name]) for name in ("ana", "cem")
    ]


def test_without_a_follower_on_one_side_there_is_no_finite_ratio():
    ana = rows_of(1, 14)
    for i, row in enumerate(ana):
        row |= {"has_cover": i < 3, "new_followers": 0 if i < 3 else 1 + i % 3}
    found = made(Model.POISSON, COVER, LENGTH, ana=ana, bea=rows_of(2, 14))
    cover = [v.name for v in found.variables].index("has_cover: yes")
    first, second = own_estimates(found, cover)
    assert (first.creator, first.estimate, first.videos_with) == ("ana", None, 3)
    assert second.estimate is not None
