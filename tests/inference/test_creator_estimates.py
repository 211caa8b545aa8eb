"""Each creator's own estimate, against statsmodels with the other terms as an offset."""

import numpy as np
import pytest
import statsmodels.api as sm

from pipeline.inference.creator_estimates import own_estimates
from pipeline.model.fit_result import Fit
from pipeline.model.questions import Model
from support.videos import COVER, EACH_MODEL, LENGTH, REPLY, made, rows_of


def counted(y, columns, offset, dispersion: float):
    """Poisson, or NB2 at a dispersion, by statsmodels."""
    family = sm.families.NegativeBinomial(alpha=dispersion) if dispersion else sm.families.Poisson()
    return sm.GLM(y, columns, family=family, offset=offset).fit(tol=1e-13, maxiter=200)


@EACH_MODEL
def test_the_other_terms_are_held_at_the_pools_estimates(model):
    rows = {"ana": rows_of(1, 30), "bea": rows_of(2, 20)}
    for each in rows.values():
        for row in each[::7]:
            row["new_followers"] = 9 * int(str(row["new_followers"])) + 5
    fitted = made(model, LENGTH, COVER, REPLY, **rows)
    assert isinstance(fitted, Fit)
    assert (fitted.dispersion > 0.1) == (model is Model.NEGATIVE_BINOMIAL)
    for j, variable in enumerate(fitted.variables):
        own = own_estimates(fitted, j)
        assert [each.creator for each in own] == ["ana", "bea"], variable
        for number, each in enumerate(own):
            mine = fitted.sample.group == number
            x, y = fitted.sample.x[mine], fitted.sample.y[mine]
            held = np.delete(x, j, axis=1) @ np.delete(fitted.blocks.estimate, j)
            columns = np.column_stack([x[:, j], np.ones(len(y))])
            if model.is_counted:
                theirs = counted(y, columns, held, fitted.dispersion)
            else:
                theirs = sm.OLS(y - held, columns).fit()
            assert each.estimate == pytest.approx(theirs.params[0], rel=1e-7)
            assert each.videos == mine.sum()


def test_only_creators_within_whom_it_varies_have_their_own():
    rows = {"ana": rows_of(1), "bea": rows_of(2, has_cover=True), "cem": rows_of(3)}
    fitted = made(Model.LEAST_SQUARES, COVER, LENGTH, **rows)
    cover = [v.name for v in fitted.variables].index("has_cover: yes")
    own = own_estimates(fitted, cover)
    assert [each.creator for each in own] == ["ana", "cem"]
    assert [each.videos_with for each in own] == [
        sum(bool(row["has_cover"]) for row in rows[name]) for name in ("ana", "cem")
    ]


def test_of_a_product_each_creators_are_the_sums_of_the_factors():
    """Who is in one factor only, or has no finite ratio in one, has no sum."""
    rows = {name: rows_of(i, 24) for i, name in enumerate(("ana", "bea", "cem", "dan"))}
    for row in rows["bea"]:
        row["new_followers"] = None
    for i, row in enumerate(rows["cem"]):
        row |= {"has_cover": i < 5, "new_followers": 0 if i < 5 else 1 + i % 3}
    fitted = made(Model.PRODUCT, COVER, LENGTH, **rows)
    assert isinstance(fitted, Fit)
    reach, conversion = fitted.factors
    for j, variable in enumerate(fitted.variables):
        seen, following = (
            {each.creator: each for each in own_estimates(factor, factor.variables.index(variable))}
            for factor in (reach, conversion)
        )
        assert sorted(seen) == ["ana", "bea", "cem", "dan"]
        own = own_estimates(fitted, j)
        assert [each.creator for each in own] == ["ana", "cem", "dan"]
        for each in own:
            assert each.videos == following[each.creator].videos
            assert each.videos_with == following[each.creator].videos_with
            if each.creator == "cem" and variable.term == "has_cover":
                assert seen["cem"].estimate is not None
                assert each.estimate is None
                continue
            total = 0.0
            for factor in (reach, conversion):
                at = factor.variables.index(variable)
                mine = factor.sample.group == factor.sample.creators.index(each.creator)
                x = np.delete(factor.sample.x[mine], at, axis=1)
                held = x @ np.delete(factor.blocks.estimate, at) + factor.sample.offset[mine]
                columns = np.column_stack([factor.sample.x[mine, at], np.ones(mine.sum())])
                if factor is reach:
                    total += sm.OLS(factor.sample.y[mine] - held, columns).fit().params[0]
                    continue
                total += counted(factor.sample.y[mine], columns, held, factor.dispersion).params[0]
            assert each.estimate == pytest.approx(total, rel=1e-6)


def test_without_a_follower_on_one_side_there_is_no_finite_ratio():
    ana = rows_of(1, 14)
    for i, row in enumerate(ana):
        row |= {"has_cover": i < 3, "new_followers": 0 if i < 3 else 1 + i % 3}
    fitted = made(Model.POISSON, COVER, LENGTH, ana=ana, bea=rows_of(2, 14))
    cover = [v.name for v in fitted.variables].index("has_cover: yes")
    first, second = own_estimates(fitted, cover)
    assert (first.creator, first.estimate, first.videos_with) == ("ana", None, 3)
    assert second.estimate is not None
