"""A product of two questions: sums of their fits, jackknifed by leaving a creator out of both."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from pipeline.dataset.pool import pool
from pipeline.estimate.cluster_robust import effective_creators
from pipeline.inference.estimates import NOT_IDENTIFIED, covariance, estimates, standard_errors
from pipeline.inference.verdicts import judge_lines
from pipeline.model.cross_check import LIMITS, recompute
from pipeline.model.design import design
from pipeline.model.exclusions import DOMINANT, NO_OUTCOME, NO_VIEWS
from pipeline.model.fit import TOO_FEW, cv_rmse, fit
from pipeline.model.fit_result import Fit, Withheld
from pipeline.model.questions import CONVERSION, FOLLOWERS, REACH, Form, Model, Question, Term
from pipeline.model.reasons import Reason
from simulations.whole import simulated
from support.pool import accepted, balanced

LENGTH = Term("duration_s", Form.LOG1P, "twice as long")
COVER = Term("has_cover", Form.FLAG, "a cover")
REPLY = Term("is_reply", Form.FLAG, "a reply")
CATEGORY = Term("category", Form.LEVELS, "{level} instead of {reference}", reference="info")
TIGHT = {"tol": 1e-13, "maxiter": 200, "tol_criterion": "params"}
Rows = list[dict[str, object]]


def rows_of(seed: int, n: int = 30, **fixed: object) -> Rows:
    """Videos of a creator: views that spread widely, and followers that spread beyond Poisson."""
    rng = np.random.default_rng(seed)
    views = np.exp(rng.normal(7, 1, n)).round()
    followers = rng.poisson(views * 0.003 * rng.gamma(1.5, 1 / 1.5, n))
    return [
        {
            "video": f"v{i}",
            "views": int(views[i]),
            "new_followers": int(followers[i]) if i else 0,
            "duration_s": float(rng.integers(5, 60)),
            "has_cover": bool(rng.random() < 0.5),
            "is_reply": bool(rng.random() < 0.3),
            "category": str(rng.choice(["info", "humor", "story"])),
            **fixed,
        }
        for i in range(n)
    ]


def asking(*terms: Term) -> Question:
    reach, conversion = replace(REACH, terms=terms), replace(CONVERSION, terms=terms)
    return replace(FOLLOWERS, terms=terms, factors=(reach, conversion))


def videos_of(**creators: Rows) -> pd.DataFrame:
    return pool([accepted(name, rows) for name, rows in creators.items()], {}).videos


def made(*terms: Term, **creators: Rows) -> Fit:
    fitted = fit(design(videos_of(**creators), asking(*terms)))
    assert isinstance(fitted, Fit), fitted.why
    return fitted


def six(**fixed: object) -> dict[str, Rows]:
    return {f"c{i}": rows_of(i, 20 + 4 * i, **fixed) for i in range(6)}


@pytest.fixture(scope="module")
def pooled() -> Fit:
    """Six creators, of whom c2 noted no followers and c5 no views in some videos."""
    creators = six()
    for row in creators["c2"]:
        row["new_followers"] = None
    for row in creators["c5"][:3]:
        row |= {"views": 0, "new_followers": 0}
    return made(LENGTH, COVER, REPLY, CATEGORY, **creators)


def by_statsmodels(fitted: Fit, creator: str = "") -> np.ndarray:
    """A factor's slopes once more, with a dummy for each creator, without one of them."""
    names = np.array(fitted.sample.creators, dtype=object)[fitted.sample.group]
    rest = names != creator
    x, y = fitted.sample.x[rest], fitted.sample.y[rest]
    dummies = pd.get_dummies(names[rest], dtype=float).to_numpy()
    columns = np.column_stack([x - x.mean(axis=0), dummies])
    if fitted.design.question.model is Model.LEAST_SQUARES:
        return sm.OLS(y, columns).fit().params[: x.shape[1]]
    family = sm.families.NegativeBinomial(alpha=fitted.dispersion)
    glm = sm.GLM(y, columns, family, offset=fitted.sample.offset[rest])
    return glm.fit(**TIGHT).params[: x.shape[1]]


def without_each(product: Fit) -> np.ndarray:
    """The sums of the factors' slopes (G, k) without each creator, by statsmodels."""
    names = product.sample.creators
    return np.array([sum(by_statsmodels(each, name) for each in product.factors) for name in names])


def test_log_ratios_are_the_sums_of_those_of_the_questions_themselves(pooled):
    """Each factor is the question as it is asked alone, of all videos that can tell it."""
    reach, conversion = pooled.factors
    assert reach.design.question.name == "reach"
    assert conversion.design.question.name == "conversion"
    assert reach.variables == conversion.variables == pooled.variables
    total = reach.blocks.estimate + conversion.blocks.estimate
    assert pooled.blocks.estimate.tolist() == total.tolist()
    once_more = by_statsmodels(reach) + by_statsmodels(conversion)
    np.testing.assert_allclose(pooled.blocks.estimate, once_more, rtol=1e-7)
    assert conversion.dispersion > 0.1


def test_the_three_questions_multiply_exactly():
    videos = simulated(8, 500, 5).videos
    reach, conversion, followers = (
        fit(design(videos, question)) for question in (REACH, CONVERSION, FOLLOWERS)
    )
    for j, variable in enumerate(followers.variables):
        parts = [
            each.blocks.estimate[each.variables.index(variable)] for each in (reach, conversion)
        ]
        assert followers.blocks.estimate[j] == sum(parts)
    assert balanced(followers.account)
    again = fit(design(videos, FOLLOWERS), [reach, conversion])
    assert again.blocks.estimate.tolist() == followers.blocks.estimate.tolist()
    np.testing.assert_array_equal(covariance(again), covariance(followers))


def test_without_a_creator_is_without_them_in_both(pooled):
    assert pooled.sample.creators == tuple(f"c{i}" for i in range(6))
    refits = without_each(pooled)
    assert pooled.refits.defined.all()
    np.testing.assert_allclose(pooled.refits.estimates, refits, rtol=1e-6, atol=1e-8)


def test_errors_are_the_jackknifes_of_the_sum(pooled):
    """By hand, of refits: 5/6 Σ (θ_g - θ)²; and of the one step that is published, near it."""
    refits = without_each(pooled)
    shifts = refits - pooled.blocks.estimate
    whole = replace(pooled, left_out=pooled.refits)
    np.testing.assert_allclose(covariance(whole), 5 / 6 * shifts.T @ shifts, rtol=1e-5, atol=1e-10)
    near = np.sqrt(np.diagonal(covariance(pooled)) / np.diagonal(covariance(whole)))
    assert (np.abs(near - 1) < 0.15).all()
    steps = np.zeros_like(shifts)
    for each in pooled.factors:
        at = np.searchsorted(pooled.sample.creators, each.sample.creators)
        total = each.blocks.information.sum(axis=0)
        for place, information, score in zip(
            at, each.blocks.information, each.blocks.scores, strict=True
        ):
            steps[place] -= np.linalg.solve(total - information, score)
    np.testing.assert_allclose(covariance(pooled), 5 / 6 * steps.T @ steps, rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(standard_errors(pooled) ** 2, np.diagonal(covariance(pooled)))


def test_a_creator_who_is_in_reach_only_moves_reach_only(pooled):
    reach, conversion = pooled.factors
    assert "c2" in reach.sample.creators
    assert "c2" not in conversion.sample.creators
    alone = by_statsmodels(reach, "c2") + conversion.blocks.estimate
    np.testing.assert_allclose(pooled.refits.estimates[2], alone, rtol=1e-9)
    assert pooled.sample.creators_with_rows == 5
    assert set(pooled.sample.group.tolist()) == {0, 1, 3, 4, 5}
    assert pooled.blocks.rows[2] == len(rows_of(2, 28))
    assert dict(pooled.account.left_out) == {NO_OUTCOME: 28, NO_VIEWS: 3}
    assert balanced(pooled.account)


def test_the_effective_creators_are_those_of_the_sums_leverage(pooled):
    """A creator's share of the sum's variance, each factor's own share weighed by its variance."""
    reach, conversion = pooled.factors
    x, group = reach.sample.x, reach.sample.group
    y = reach.sample.y
    dummies = np.eye(6)[group]
    noise = sm.OLS(y, np.column_stack([x, dummies])).fit().mse_resid
    carried, variance = np.zeros((6, len(pooled.variables))), 0.0
    for each, scale in ((reach, noise), (conversion, 1.0)):
        inverse = np.linalg.inv(each.blocks.information.sum(axis=0) / scale)
        at = np.searchsorted(pooled.sample.creators, each.sample.creators)
        parts = inverse @ (each.blocks.information / scale) @ inverse
        carried[at] += np.einsum("gjj->gj", parts)
        variance = variance + np.diagonal(inverse)
    share = carried / variance
    np.testing.assert_allclose(share.sum(axis=0), 1)
    np.testing.assert_allclose(
        effective_creators(pooled.blocks), 1 / (share**2).sum(axis=0), rtol=1e-7
    )
    lines = judge_lines(estimates(pooled))
    assert [line.effective_creators for line in lines] == pytest.approx(
        1 / (share**2).sum(axis=0), rel=1e-7
    )
    assert [line.df for line in lines] == pytest.approx(1 / (share**2).sum(axis=0) - 1, rel=1e-7)


def test_scores_are_what_a_creator_moves_the_sum_by_in_the_limit(pooled):
    """A⁻¹ s of each factor, in which its noise cancels."""
    moved = np.zeros((6, len(pooled.variables)))
    for each in pooled.factors:
        at = np.searchsorted(pooled.sample.creators, each.sample.creators)
        total = each.blocks.information.sum(axis=0)
        moved[at] += np.linalg.solve(total, each.blocks.scores.T).T
    total = pooled.blocks.information.sum(axis=0)
    ours = np.linalg.solve(total, pooled.blocks.scores.T).T
    np.testing.assert_allclose(ours, moved, rtol=1e-7, atol=1e-10)


def test_what_a_line_counts_is_the_least_of_both(pooled):
    reach, conversion = pooled.factors
    assert pooled.varies_in.tolist() == np.minimum(reach.varies_in, conversion.varies_in).tolist()
    assert (pooled.varies_in < reach.varies_in).all()
    assert pooled.videos_with.tolist() == conversion.videos_with.tolist()


def test_how_well_it_fits_is_told_of_the_factors(pooled):
    assert np.isnan([pooled.r2_within, pooled.rmse_log]).all()
    assert cv_rmse(pooled) is None
    assert pooled.noise == 1
    assert pooled.dispersion == 0
    assert not pooled.sample.offset.any()
    assert pooled.factors[1].sample.offset.any()


def alone(product: Fit) -> tuple[Fit, Fit]:
    reach, conversion = product.factors
    assert reach.within is not None
    assert conversion.within is not None
    assert product.within is not None
    return reach, conversion


def test_one_creators_errors_are_of_leaving_out_each_video_of_both():
    """HC3 of the summed shifts, row by row; videos without a follower count move reach only."""
    rows = rows_of(3, 60)
    for row in rows[10:25]:
        row["new_followers"] = None
    product = made(LENGTH, COVER, ana=rows)
    reach, conversion = alone(product)
    assert (len(reach.sample.y), len(conversion.sample.y)) == (60, 45)
    shifts = np.zeros((60, 2))
    for each in (reach, conversion):
        x = np.column_stack([each.sample.x, np.ones(len(each.sample.y))])
        mean = np.exp(by_statsmodels(each) @ each.sample.x.T + each.sample.offset)
        weight, residual = np.ones(len(x)), each.sample.y - by_statsmodels(each) @ each.sample.x.T
        residual = residual - residual.mean()
        if each.dispersion:
            family = sm.families.NegativeBinomial(alpha=each.dispersion)
            glm = sm.GLM(each.sample.y, x, family, offset=each.sample.offset)
            mean = glm.fit(**TIGHT).mu
            weight = mean / (1 + each.dispersion * mean)
            residual = (each.sample.y - mean) / (1 + each.dispersion * mean)
        bread = np.linalg.inv(x.T @ (weight[:, None] * x))
        leverage = weight * np.einsum("ij,jk,ik->i", x, bread, x)
        step = -(x @ bread) * (residual / (1 - leverage))[:, None]
        shifts[each.sample.rows] += step[:, :2]
    # a few rows that weigh much are left out in full, where this is one step
    np.testing.assert_allclose(
        np.sqrt(np.diagonal(covariance(product))), np.linalg.norm(shifts, axis=0), rtol=0.1
    )
    exact = np.zeros((60, 2))
    for each in (reach, conversion):
        exact[each.sample.rows] += each.within.shifts
    np.testing.assert_allclose(covariance(product), exact.T @ exact, rtol=1e-12)
    np.testing.assert_allclose(product.within.fall, exact.min(axis=0))
    lines = estimates(product)
    assert {line.method for line in lines} == {"HC3-within"}
    for j, line in enumerate(lines):
        assert line.std_error == pytest.approx(np.linalg.norm(exact[:, j]))
        assert line.estimate == pytest.approx(product.blocks.estimate[j])
    assert product.left_out is None


def test_one_creators_shifts_are_those_of_refits_without_each_video(monkeypatch):
    monkeypatch.setattr("pipeline.estimate.hc3.HIGH_LEVERAGE", 0.0)
    product = made(LENGTH, COVER, ana=rows_of(5, 30))
    reach, conversion = alone(product)
    one = (reach, conversion)
    for row in range(30):
        shift = 0.0
        for each in one:
            rest = np.flatnonzero(each.sample.rows != row)
            sample = replace(
                each.sample,
                x=each.sample.x[rest],
                y=each.sample.y[rest],
                offset=each.sample.offset[rest],
                group=each.sample.group[rest],
            )
            shift = shift + by_statsmodels(replace(each, sample=sample)) - each.blocks.estimate
        np.testing.assert_allclose(product.within.shifts[row], shift, rtol=1e-5, atol=1e-9)


def test_what_one_factor_cannot_tell_the_product_cannot():
    """No reply ever got a follower, so that conversion has no finite ratio; reach has one."""
    creators = six()
    for rows in creators.values():
        for row in rows:
            if row["is_reply"]:
                row["new_followers"] = 0
    product = made(LENGTH, REPLY, COVER, **creators)
    reach, conversion = product.factors
    reply = next(v for v in product.design.variables if v.term == "is_reply")
    assert reply in reach.variables
    assert [u.variable for u in conversion.unidentified] == [reply]
    assert [v.term for v in product.variables] == ["duration_s", "has_cover"]
    (gone,) = product.unidentified
    assert (gone.variable, gone.reason) == (reply, Reason.INFINITE)
    at = [reach.variables.index(v) for v in product.variables]
    np.testing.assert_allclose(
        product.blocks.estimate, by_statsmodels(reach)[at] + by_statsmodels(conversion), rtol=1e-7
    )
    refits = [
        by_statsmodels(reach, name)[at] + by_statsmodels(conversion, name)
        for name in product.sample.creators
    ]
    np.testing.assert_allclose(product.refits.estimates, refits, rtol=1e-6)
    line = next(each for each in estimates(product) if each.variable == reply)
    assert (line.method, line.estimate) == (NOT_IDENTIFIED, None)


def test_levels_that_are_compared_with_different_ones_are_named_as_apart():
    """Info gets no follower, so conversion compares with another level than reach."""
    creators = six()
    for rows in creators.values():
        for row in rows:
            row["new_followers"] = (
                0 if row["category"] == "info" else 1 + int(str(row["new_followers"]))
            )
    product = made(CATEGORY, LENGTH, **creators)
    conversion = product.factors[1]
    references = [{v.reference for v in each.variables if v.level} for each in product.factors]
    assert references[0] == {"info"}
    assert references[1].isdisjoint({"info"})
    assert [v.term for v in product.variables] == ["duration_s"]
    reasons = {u.variable.level: u.reason for u in product.unidentified}
    assert Reason.APART in reasons.values()
    (j,) = (j for j, v in enumerate(conversion.variables) if v.level)
    apart = next(u for u in product.unidentified if u.reason is Reason.APART)
    assert apart.videos == conversion.videos_with[j]
    assert apart.creators == conversion.varies_in[j]
    assert len(estimates(product)) == len(product.design.variables)


def test_a_row_that_one_factor_sets_aside_stays_in_the_other():
    creators = six()
    creators["c4"][7]["duration_s"] = 25.0
    creators["c4"][7] |= {"views": 10**10, "new_followers": 12}
    videos = videos_of(**creators)
    built = design(videos, asking(LENGTH, COVER))
    (row,) = np.flatnonzero(videos["views"] == 10**10)
    reach, conversion = built.factors
    assert built.dominant.tolist() == sorted({*reach.dominant, *conversion.dominant})
    assert row in reach.dominant
    assert row not in conversion.dominant
    assert row in conversion.rows
    product = fit(built)
    assert isinstance(product, Fit)
    assert DOMINANT in dict(product.factors[0].account.left_out)
    assert balanced(product.account)


def test_where_a_factor_is_withheld_so_is_the_product():
    creators = {name: rows_of(i, new_followers=None) for i, name in enumerate(("ana", "bea"))}
    withheld = fit(design(videos_of(**creators), asking(LENGTH)))
    assert isinstance(withheld, Withheld)
    assert withheld.why == TOO_FEW.format(event="follower")
    assert balanced(withheld.account)
    none = {name: rows_of(i, new_followers=0) for i, name in enumerate(("ana", "bea"))}
    videos = videos_of(**none)
    withheld = fit(design(videos, asking(LENGTH)))
    conversion = fit(design(videos, asking(LENGTH).factors[1]))
    assert isinstance(withheld, Withheld)
    assert isinstance(conversion, Withheld)
    assert isinstance(fit(design(videos, asking(LENGTH).factors[0])), Fit)
    assert withheld.why == conversion.why
    assert balanced(withheld.account)


def test_nothing_is_withheld_with_a_reason():
    withheld = fit(design(pool([], {}).videos, FOLLOWERS))
    assert isinstance(withheld, Withheld)


def test_the_second_engine_confirms_a_product_by_its_factors(pooled):
    agreement = recompute(pooled)
    assert agreement.question == FOLLOWERS.name
    assert agreement.holds
    assert agreement.difference == max(recompute(each).difference for each in pooled.factors)
    assert agreement.limit == LIMITS[Model.NEGATIVE_BINOMIAL]


@pytest.mark.parametrize("factor", [0, 1], ids=["reach", "conversion"])
@pytest.mark.parametrize("what", ["estimate", "scores", "information"])
def test_a_number_of_a_factor_that_is_wrong_is_not_confirmed(pooled, factor, what):
    blocks = pooled.factors[factor].blocks
    wrong = replace(blocks, **{what: getattr(blocks, what) * (1 + 1e-4)})
    factors = list(pooled.factors)
    factors[factor] = replace(factors[factor], blocks=wrong)
    assert not recompute(replace(pooled, factors=tuple(factors))).holds


@pytest.mark.parametrize("times", [0.99, 1.01])
def test_a_dispersion_that_is_wrong_is_not_confirmed(pooled, times):
    reach, conversion = pooled.factors
    wrong = replace(conversion, dispersion=conversion.dispersion * times)
    assert not recompute(replace(pooled, factors=(reach, wrong))).holds


def test_what_is_not_the_sum_of_the_factors_is_not_confirmed(pooled):
    blocks = replace(pooled.blocks, estimate=pooled.blocks.estimate * (1 + 1e-4))
    assert not recompute(replace(pooled, blocks=blocks)).holds
    for row in range(6):
        for wrong in (pooled.left_out.estimates[row, 1] + 1e-4, np.nan):
            without = pooled.left_out.estimates.copy()
            without[row, 1] = wrong
            left_out = replace(pooled.left_out, estimates=without)
            assert not recompute(replace(pooled, left_out=left_out)).holds


def test_what_cannot_be_told_without_a_creator_is_confirmed_as_such():
    """Of two creators who reply, one alone has followers by them."""
    creators = six(is_reply=False)
    for name, replies in (("c1", 6), ("c3", 7)):
        for i, row in enumerate(creators[name][:replies]):
            row |= {"is_reply": True, "new_followers": i if name == "c1" else 0}
    product = made(LENGTH, REPLY, **creators)
    assert [v.term for v in product.variables] == ["duration_s", "is_reply"]
    assert np.argwhere(~product.refits.defined).tolist() == [[1, 1]]
    assert recompute(product).holds


def test_the_order_of_rows_does_not_matter():
    creators = six()
    videos = videos_of(**creators)
    mixed = videos.sample(frac=1, random_state=3).reset_index(drop=True)
    one, other = (fit(design(each, asking(LENGTH, COVER))) for each in (videos, mixed))
    np.testing.assert_allclose(other.blocks.estimate, one.blocks.estimate, rtol=1e-9)
    np.testing.assert_allclose(covariance(other), covariance(one), rtol=1e-6)


@pytest.mark.parametrize("seed", [3, 4])
def test_statsmodels_agrees_where_its_steps_from_afar_go_astray(seed):
    """Wide counts at the same views: from no effect at all its scoring steps do not settle."""
    videos = simulated(8, 320, seed).videos.assign(views=1_000)
    fitted = fit(design(videos, CONVERSION))
    assert isinstance(fitted, Fit)
    assert fitted.dispersion > 1.9
    assert recompute(fitted).holds
    moved = replace(fitted.blocks, estimate=fitted.blocks.estimate * 1.01)
    assert not recompute(replace(fitted, blocks=moved)).holds
