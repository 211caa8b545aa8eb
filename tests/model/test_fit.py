"""Fits against statsmodels with dummies built here, against refits, and against planted effects."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.interpolate import CubicSpline
from scipy.stats import nbinom
from scipy.stats import poisson as poisson_law

from pipeline.dataset.check import Accepted
from pipeline.dataset.pool import Account, Pool, pool
from pipeline.dataset.simulate import EFFECTS
from pipeline.estimate.cluster_robust import Blocks, cr1, cr3, leave_one_out
from pipeline.estimate.poisson import PoissonFit, poisson
from pipeline.estimate.separation import separated
from pipeline.estimate.weighted_counts import ReweightedFit, reweighted
from pipeline.inference import results
from pipeline.inference.estimates import NOT_ESTIMABLE, NOT_IDENTIFIED, estimates, has_estimate
from pipeline.inference.published_line import Verdict
from pipeline.inference.verdicts import judge_lines
from pipeline.model.cross_check import LIMITS, recompute
from pipeline.model.design import design
from pipeline.model.exclusions import NO_OUTCOME, POSITIVE_ONLY
from pipeline.model.fit import (
    ALL_ALIKE,
    EXPLAINED,
    NO_ERROR,
    NO_EVENTS,
    ONLY_VIDEO,
    TOO_FAR,
    TOO_FEW,
    fit,
    fit_counts,
)
from pipeline.model.fit_result import Fit, Withheld
from pipeline.model.questions import (
    CONVERSION,
    FOLLOWERS,
    QUESTIONS,
    REACH,
    SIGNALS,
    Form,
    Model,
    Part,
    Question,
    Term,
)
from pipeline.model.reasons import Reason
from pipeline.model.variables import RARE, UNKNOWN, Variable
from simulations.whole import simulated
from support.pool import accepted, balanced, day
from support.videos import COVER, EACH_MODEL, LENGTH, MODELS, REPLY, TAGS, asking, made, rows_of

REFERENCE = Path(__file__).parents[1] / "reference"
HOURS = {0: "0-5", 1: "6-11", 2: "12-17", 3: "18-23"}
REFERENCES = {"category": "info", "posted_hour": "12-17", "sound": "original"}


@pytest.fixture(scope="module")
def small() -> Pool:
    return simulated(10, 900, 11)


@pytest.fixture(scope="module")
def fits(small: Pool) -> dict[str, Fit]:
    fitted = {question.name: fit(design(small.videos, question)) for question in QUESTIONS}
    assert all(isinstance(each, Fit) for each in fitted.values())
    return fitted


def rows_asked(videos: pd.DataFrame, question: Question) -> pd.DataFrame:
    rows = videos[videos[question.outcome].notna()]
    if question.outcome == "new_followers":
        own = rows.groupby("creator")["new_followers"]
        rows = rows[~((own.transform("size") >= 10) & (own.transform("min") > 0))]
    return rows[rows[question.exposure] > 0] if question.exposure else rows


def numbers(number: pd.Series, name: str, term: Term) -> dict[str, np.ndarray]:
    """The columns of a number or a flag, 0 where it is missing, and where that is."""
    if term.form is Form.SPLINE:
        raw = number.to_numpy(float, na_value=np.nan)
        columns = {f"{name}: {knot}": height for knot, height in heights(raw, term).items()}
    else:
        transformed = {
            Form.LOG1P: lambda v: np.log(v + 1),
            Form.AGE: lambda v: np.log(v.clip(lower=1)),
            Form.FLAG: lambda v: v,
        }[term.form](number)
        label = f"{name}: yes" if term.form is Form.FLAG else name
        columns = {label: transformed.to_numpy(float, na_value=np.nan)}
    columns = {label: np.nan_to_num(column) for label, column in columns.items()}
    missing = number.isna().to_numpy(float)
    return columns | ({f"{name}: unknown": missing} if missing.any() else {})


def oracle(videos: pd.DataFrame, question: Question) -> pd.DataFrame:
    """The rows and columns of a question once more, in pandas; the last are no regressors."""
    rows = rows_asked(videos, question)
    x: dict[str, pd.Series] = {}
    for term in question.terms:
        column, name = rows[term.column], term.column
        if term.form is Form.AGE:
            column, name = (rows["captured_on"] - rows["posted_on"]).dt.days, "age_days"
        if term.form is Form.QUARTER:
            quarter = column.dt.year.astype("Int64").astype("string") + "Q"
            column, name = (
                quarter + column.dt.quarter.astype("Int64").astype("string"),
                "posted_quarter",
            )
        if term.form is Form.HOURS:
            column = column.map(lambda h: HOURS[int(h) // 6], na_action="ignore")
        if not column.notna().any():
            continue
        if term.form in (Form.LEVELS, Form.HOURS, Form.QUARTER):
            words = column.astype("object").where(column.notna(), UNKNOWN)
            count = words.value_counts()
            carriers = rows.groupby(words)["creator"].nunique()
            rare = {w for w in count.index if count[w] <= 5 or carriers[w] == 1}
            usual = sorted(set(count.index) - rare - {UNKNOWN}, key=lambda w: (-count[w], w))
            wanted = REFERENCES.get(term.column)
            reference = wanted if wanted in usual else usual[0]
            summed = words.map(lambda w, rare=rare: RARE if w in rare else w)
            for level in sorted(set(summed) - {reference}):
                x[f"{name}: {level}"] = (summed == level).astype(float)
            continue
        x |= numbers(column.astype("Float64"), name, term)
    extra = {
        "creator": rows["creator"], "exposure": rows["views"], "y": rows[question.outcome],
        "days": (rows["posted_on"] - rows["posted_on"].min()).dt.days / 100,
        "is_known": rows["followers_before"].notna(),
    }  # fmt: skip
    return pd.DataFrame(x | extra)


def heights(number: np.ndarray, term: Term) -> dict[str, np.ndarray]:
    """SciPy's natural spline between the knots, and its tangents beyond."""
    log = np.log1p if term.knots[0] == 0 else np.log
    at, knots = log(number), log(np.array(term.knots, dtype=float))
    spline = CubicSpline(knots, np.eye(3), bc_type="natural")
    inside = np.clip(at, knots[0], knots[-1])
    known = np.where(np.isnan(at), knots[0], inside)
    value = spline(known) + spline(known, 1) * np.nan_to_num(at - inside)[:, None]
    value[np.isnan(at)] = np.nan
    columns = {f"{knot:g}": value[:, i] for i, knot in enumerate(term.knots)}
    return {knot: column for knot, column in columns.items() if knot != term.reference}


def named(fitted: Fit) -> list[str]:
    return [variable.name for variable in fitted.variables]


def dummies(rows: pd.DataFrame) -> np.ndarray:
    return pd.get_dummies(rows["creator"], dtype=float).to_numpy()


def with_trends(rows: pd.DataFrame) -> np.ndarray:
    """The dummies, and a line in time for each who did not note the followers before."""
    lines = []
    for _, mine in rows.groupby("creator"):
        own = mine["days"].reindex(rows.index)
        if not mine["is_known"].all() and len(mine) >= 5 and own.notna().any():
            lines.append(own.sub(own.mean()).fillna(0).to_numpy(float))
    assert lines
    return np.column_stack([dummies(rows), *lines])


def close(got, want, tolerance):
    got, want = np.asarray(got, float), np.asarray(want, float)
    assert np.max(np.abs(got - want) / np.maximum(np.abs(want), 1e-3)) < tolerance


@pytest.mark.slow
def test_signals_are_the_least_squares_of_statsmodels_with_dummies(small, fits):
    fitted, rows = fits["signals"], oracle(small.videos, SIGNALS)
    rows = rows[rows.groupby("creator")["y"].transform("size") > 1]
    asked = {v.name for v in fitted.design.variables}
    assert asked == set(rows.columns) - {"creator", "exposure", "y", "days", "is_known"}
    x, z, y = rows[named(fitted)].to_numpy(), with_trends(rows), np.log1p(rows["y"].to_numpy(float))
    n, k, g = len(y), x.shape[1], z.shape[1]
    whole = np.column_stack([rows[sorted(asked)].to_numpy(), z])
    assert np.linalg.matrix_rank(whole) == k + g  # what we named as not identified, and no more
    groups = pd.factorize(rows["creator"])[0]
    theirs = sm.OLS(y, np.column_stack([x, z])).fit(
        method="qr", cov_type="cluster", cov_kwds={"groups": groups}, use_t=True
    )
    close(fitted.blocks.estimate, theirs.params[:k], 1e-10)
    factor = np.sqrt((n - k - g) / (n - k - 1))
    close(np.sqrt(np.diagonal(cr1(fitted.blocks))), theirs.bse[:k] * factor, 1e-8)
    within = y - z @ np.linalg.lstsq(z, y, rcond=None)[0]
    assert fitted.r2_within == pytest.approx(1 - theirs.ssr / (within @ within), rel=1e-10)
    assert fitted.rmse_log == pytest.approx(np.sqrt(theirs.ssr / n), rel=1e-10)


def test_the_clustered_covariances_are_those_of_brute_force(small, fits):
    """CR1 from the scores of rows, CR3 from refits without each creator."""
    fitted, rows = fits["signals"], oracle(small.videos, SIGNALS)
    x, z = rows[named(fitted)].to_numpy(), with_trends(rows)
    y, names = np.log1p(rows["y"].to_numpy(float)), rows["creator"].to_numpy()
    n, k, creators = len(y), x.shape[1], sorted(set(names))
    x = x - z @ np.linalg.lstsq(z, x, rcond=None)[0]
    y = y - z @ np.linalg.lstsq(z, y, rcond=None)[0]
    bread = np.linalg.inv(x.T @ x)
    residual = y - x @ (bread @ (x.T @ y))
    meat, shifts = np.zeros((k, k)), []
    for name in creators:
        score = x[names == name].T @ residual[names == name]
        meat += np.outer(score, score)
        rest = x[names != name]
        estimate, _, rank, _ = np.linalg.lstsq(rest, y[names != name], rcond=1e-9)
        if rank < k:  # the coefficients that take part in a free direction are not defined
            free = np.linalg.svd(rest)[2][rank:]
            estimate[np.linalg.norm(free, axis=0) > 1e-6] = np.nan
        shifts.append(estimate - fitted.blocks.estimate)
    g = len(creators)
    factor = g / (g - 1) * (n - 1) / (n - k - 1)
    close(np.diagonal(cr1(fitted.blocks)), np.diagonal(factor * bread @ meat @ bread), 1e-8)
    brute = (g - 1) / g * np.sum(np.square(shifts), axis=0)
    ours = np.diagonal(cr3(fitted.blocks, leave_one_out(fitted.blocks)))
    assert np.array_equal(np.isnan(ours), np.isnan(brute))
    assert np.isfinite(brute).sum() > k / 2
    close(ours[np.isfinite(brute)], brute[np.isfinite(brute)], 1e-8)


TOTALS = tuple(  # the same asked of all that is counted together
    replace(question, model=Model.POISSON, factors=()) for question in (FOLLOWERS, REACH)
)


@pytest.mark.parametrize("question", [*TOTALS, CONVERSION], ids=lambda q: q.name)
def test_counts_are_those_of_statsmodels_with_dummies(small, question):
    """Poisson, or NB2 at the dispersion that was found."""
    ours = fit(design(small.videos, question))
    assert isinstance(ours, Fit)
    alone = small.videos.index[ours.design.dominant]
    rows = oracle(small.videos.drop(index=alone), question)
    outcomes = rows.groupby("creator")["y"]
    rows = rows[(outcomes.transform("sum") > 0) & (outcomes.transform("size") > 1)]
    assert EXPLAINED.format(event="follower") not in dict(ours.account.left_out)
    x, z, y = rows[named(ours)].to_numpy(), dummies(rows), rows["y"].to_numpy(float)
    n, k, g = len(y), x.shape[1], z.shape[1]
    exposure = rows["exposure"].to_numpy(float) if question.exposure else np.ones(n)
    assert (ours.dispersion > 0) == (question.model is Model.NEGATIVE_BINOMIAL)
    spread = ours.dispersion > 0
    family = (
        sm.families.NegativeBinomial(alpha=ours.dispersion) if spread else sm.families.Poisson()
    )
    model = sm.GLM(y, np.column_stack([x, z]), family=family, exposure=exposure)
    theirs = model.fit(tol=1e-13, maxiter=200, tol_criterion="params")
    close(ours.blocks.estimate, theirs.params[:k], 1e-8)
    groups = pd.factorize(rows["creator"])[0]
    sums = np.array([np.bincount(groups, s) for s in model.score_obs(theirs.params).T])
    bread = np.linalg.inv(-model.hessian(theirs.params, observed=False))
    factor = g / (g - 1) * (n - 1) / (n - k - 1)
    clustered = np.diagonal(bread @ sums @ sums.T @ bread)[:k] * factor
    close(np.sqrt(np.diagonal(cr1(ours.blocks))), np.sqrt(clustered), 1e-6)
    plain = sm.GLM(y, z, family=family, exposure=exposure).fit(tol=1e-13, maxiter=200).deviance
    assert ours.r2_within == pytest.approx(1 - theirs.deviance / plain, rel=1e-8)
    fitted = np.log1p(y) - np.log1p(theirs.fittedvalues)
    assert ours.rmse_log == pytest.approx(np.sqrt(np.mean(fitted**2)), rel=1e-8)


def test_reach_is_the_least_squares_of_log_views_with_dummies(small, fits):
    fitted, rows = fits["reach"], oracle(small.videos, REACH)
    rows = rows[rows.groupby("creator")["y"].transform("size") > 1]
    z, y = with_trends(rows), np.log1p(rows["y"].to_numpy(float))
    x = rows[named(fitted)].to_numpy()
    theirs = sm.OLS(y, np.column_stack([x, z])).fit(method="qr")
    close(fitted.blocks.estimate, theirs.params[: x.shape[1]], 1e-10)
    assert fitted.noise == pytest.approx(theirs.mse_resid, rel=1e-10)
    assert fitted.dispersion == 0


def test_the_dispersion_of_conversion_is_the_likeliest(small, fits):
    """By scipy's law of the counts at a grid of dispersions, the slopes fitted at each."""
    ours = fits["conversion"]
    each = ours.sample.x, ours.sample.y, ours.sample.group, ours.sample.offset
    assert ours.noise == 1

    def likely(dispersion: float) -> float:
        fitted = reweighted(*each, dispersion=dispersion)
        assert isinstance(fitted, ReweightedFit)
        if not dispersion:
            return float(poisson_law.logpmf(ours.sample.y, fitted.fitted).sum())
        chance = 1 / (1 + dispersion * fitted.fitted)
        return float(nbinom.logpmf(ours.sample.y, 1 / dispersion, chance).sum())

    grid = (0.0, *np.geomspace(1e-4, 30, 50), 0.99 * ours.dispersion, 1.01 * ours.dispersion)
    assert likely(ours.dispersion) >= max(likely(each) for each in grid)


@pytest.mark.slow
def test_a_pool_whose_poisson_fit_is_a_maximum_of_its_own_has_the_likelier_dispersion():
    built = design(simulated(24, 1500, 2022).videos, CONVERSION)
    counts = fit_counts(built)
    assert not isinstance(counts, str)
    rows, kept = counts.rows, list(counts.ranks.kept)
    each = built.columns[rows] @ built.weights[:, kept], built.outcome[rows]
    each = (*each, built.group[rows], built.offset[rows])
    at_none = reweighted(*each)
    assert isinstance(at_none, ReweightedFit)
    first = poisson_law.logpmf(each[1], at_none.fitted).sum()
    best = -np.inf
    for dispersion in np.geomspace(1e-4, 30, 40):
        fitted = reweighted(*each, dispersion=dispersion)
        assert isinstance(fitted, ReweightedFit)
        chance = 1 / (1 + dispersion * fitted.fitted)
        best = max(best, nbinom.logpmf(each[1], 1 / dispersion, chance).sum())
    chance = 1 / (1 + counts.fit.dispersion * counts.fit.fitted)
    likelihood = nbinom.logpmf(each[1], 1 / counts.fit.dispersion, chance).sum()
    assert likelihood >= best
    assert likelihood > first + 50


def test_what_a_line_counts_is_counted(small, fits):
    for question in (REACH, CONVERSION, SIGNALS):
        fitted, rows = fits[question.name], oracle(small.videos, question)
        for variable, videos, creators in zip(
            fitted.variables, fitted.videos_with, fitted.varies_in, strict=True
        ):
            column = rows[variable.name]
            missing = rows.get(f"{variable.term}: unknown", column * 0)
            term = next(term for term in question.terms if variable.term in variable_names(term))
            has = (missing == 0) if variable.is_log else column != 0
            if term.knots and variable.level != UNKNOWN:
                log = np.log1p if term.knots[0] == 0 else np.log
                number = log(small.videos.loc[rows.index, term.column].astype(float))
                away = {f"{knot:g}": (number - log(float(knot))).abs() for knot in term.knots}
                away[term.reference] -= 1e-9  # halfway
                nearest = pd.DataFrame(away).dropna().idxmin(axis=1)
                knots = log(np.array(term.knots, dtype=float))
                outside = number > knots[-1] + (knots[-1] - knots[-2]) / 2 + 1e-9
                if knots[0] > 0:
                    outside |= number < knots[0] - (knots[1] - knots[0]) / 2 - 1e-9
                nearest = nearest.where(~outside.reindex(nearest.index))
                has = (nearest == variable.level).reindex(rows.index, fill_value=False)
                against = (nearest == term.reference).reindex(rows.index, fill_value=False)
            elif variable.level == UNKNOWN:
                against = ~has
            else:
                against = ~has & (missing == 0)
            assert videos == has.sum()
            both = pd.DataFrame({"has": has, "against": against}).groupby(rows["creator"]).any()
            if variable.is_log:
                assert creators == (column.groupby(rows["creator"]).nunique() > 1).sum()
            else:
                assert creators == both.all(axis=1).sum()


def variable_names(term: Term) -> tuple[str, ...]:
    return term.column, {Form.AGE: "age_days", Form.QUARTER: "posted_quarter"}.get(term.form, "")


def test_the_second_engine_agrees_closely(fits):
    for fitted in fits.values():
        agreement = recompute(fitted)
        assert agreement.holds
        models = [each.design.question.model for each in fitted.factors or (fitted,)]
        assert agreement.limit == max(LIMITS[model] for model in models)
        assert agreement.difference is not None
        assert agreement.difference < (1e-11 if Model.NEGATIVE_BINOMIAL not in models else 1e-8)


def test_the_account_stays_balanced_from_pool_to_fit(small, fits):
    for fitted in fits.values():
        assert balanced(fitted.account)
        assert fitted.account.rows_used == len(fitted.sample.y)
        assert fitted.account.rows_in == len(small.videos)
        if not fitted.factors:
            assert len(fitted.sample.y) == fitted.blocks.rows.sum()


def test_the_order_of_rows_does_not_matter(small, fits):
    mixed = small.videos.sample(frac=1, random_state=3).reset_index(drop=True)
    for question in QUESTIONS:
        again, once = fit(design(mixed, question)), fits[question.name]
        assert isinstance(again, Fit)
        assert (again.variables, again.account) == (once.variables, once.account)
        assert again.unidentified == once.unidentified
        tolerance = 1e-12 if question.model is Model.LEAST_SQUARES else 1e-11
        errors = np.sqrt(np.diagonal(cr1(once.blocks)))
        shift = np.abs(again.blocks.estimate - once.blocks.estimate)
        assert np.max(shift / np.maximum(errors, np.abs(once.blocks.estimate))) < tolerance


@pytest.mark.slow
def test_planted_effects_are_recovered():
    """Of forty creators' 6,000 videos: within four standard errors, and most within two."""
    pooled = simulated(40, 6000, 5)
    fitted = fit(design(pooled.videos, FOLLOWERS))
    assert isinstance(fitted, Fit)
    lines = [e for e in judge_lines(estimates(fitted)) if e.is_tested and e.std_error is not None]
    away = []
    for line in lines:
        truth = sum(EFFECTS[line.variable.term].get(line.variable.level, (0.0, 0.0)))
        away.append((line.estimate - truth) / line.std_error)
    assert len(away) > 20
    assert np.max(np.abs(away)) < 4
    assert np.mean(np.abs(away) < 2) > 0.85


LIKES = Term("likes", Form.LOG1P, "twice the likes", Part.ENGAGEMENT)


@EACH_MODEL
def test_creators_who_tell_nothing_leave_by_reason(model, monkeypatch):
    monkeypatch.setattr("pipeline.model.dominant_rows.FEWEST", 10**9)  # none is weighed
    many = [{"new_followers": 1 + i % 3} for i in range(60)]
    fitted = made(
        model, LENGTH, COVER, ana=rows_of(1), bea=rows_of(2), cem=rows_of(3, 1, new_followers=4),
        dan=rows_of(4, 7, new_followers=0), eva=rows_of(5, 3, new_followers=None), fay=many,
    )  # fmt: skip
    assert isinstance(fitted, Fit)
    silent = {NO_EVENTS.format(event="follower"): 7} if model.is_counted else {}
    gone = {ONLY_VIDEO: 1, NO_OUTCOME: 3, POSITIVE_ONLY: 60}
    assert dict(fitted.account.left_out) == gone | silent
    assert balanced(fitted.account)
    dan = () if silent else ("dan",)
    assert fitted.sample.creators == ("ana", "bea", *dan)
    assert fitted.blocks.rows.tolist() == [12, 12, *([7] * len(dan))]
    kept = set(fitted.sample.creators)
    alone = made(model, LENGTH, COVER, ana=rows_of(1), bea=rows_of(2), **(
        {"dan": rows_of(4, 7, new_followers=0)} if "dan" in kept else {}
    ))  # fmt: skip
    close(fitted.blocks.estimate, alone.blocks.estimate, 1e-11)


@EACH_MODEL
def test_what_the_creators_absorb_is_named_and_never_estimated(model):
    fitted = made(
        model, COVER, LENGTH, ana=rows_of(1, has_cover=True), bea=rows_of(2, has_cover=False)
    )
    assert named(fitted) == ["duration_s"]
    (gone,) = fitted.unidentified
    assert gone.variable.name == "has_cover: yes"
    assert "within no creator" in gone.why
    line = next(e for e in judge_lines(estimates(fitted)) if e.variable.name == "has_cover: yes")
    assert (line.verdict, line.estimate, line.std_error) == (NOT_IDENTIFIED, None, None)


def test_what_changed_only_with_time_is_not_told_from_growth():
    """Covers came for good one day: a line in time does the same; what came and went is told."""
    rows = {
        name: [
            {
                **row,
                "video": f"v{i}",
                "posted_on": day(90 * (i >= 6)),
                "has_cover": i >= 6,
                "is_reply": i % 2 == 1,
            }
            for i, row in enumerate(rows_of(seed))
        ]
        for seed, name in enumerate(("ana", "bea", "cleo"))
    }
    question = replace(asking(Model.LEAST_SQUARES, COVER, REPLY), trend_without="followers_before")
    fitted = fit(design(pool([accepted(*each) for each in rows.items()], {}).videos, question))
    (gone,) = fitted.unidentified
    assert (gone.variable.term, gone.reason, gone.creators) == ("has_cover", Reason.TREND, 0)
    assert named(fitted) == ["is_reply: yes"]


@EACH_MODEL
def test_what_others_give_exactly_is_named_with_the_combination(model):
    rows = {name: rows_of(seed) for name, seed in (("ana", 1), ("bea", 2))}
    for each in rows.values():
        for row in each:
            row["likes"] = 2 * (row["hashtags"] + 1) - 1  # log(1 + likes) = log(1 + tags) + log 2
    fitted = made(model, TAGS, LIKES, COVER, **rows)
    assert named(fitted) == ["hashtags", "has_cover: yes"]
    (gone,) = fitted.unidentified
    assert (gone.variable.name, gone.why) == ("likes", "within creators it is 1 × hashtags")


def test_a_flag_without_any_follower_is_named_and_its_videos_leave():
    rows = rows_of(1) + [{**row, "new_followers": 0, "is_reply": True} for row in rows_of(7, 4)]
    for row in rows[:12]:
        row["is_reply"] = False
    fitted = made(Model.POISSON, REPLY, LENGTH, ana=rows, bea=rows_of(2, is_reply=False))
    assert named(fitted) == ["duration_s"]
    assert [(u.variable.name, u.why[:18]) for u in fitted.unidentified] == [
        ("is_reply: yes", "no finite estimate")
    ]
    assert dict(fitted.account.left_out) == {EXPLAINED.format(event="follower"): 4}
    without = made(Model.POISSON, LENGTH, ana=rows[:12], bea=rows_of(2))
    close(fitted.blocks.estimate, without.blocks.estimate, 1e-10)


def test_a_combination_that_separates_is_named_and_the_rest_is_told():
    """Followers with a cover or a reply, none without both: no flag alone separates them."""
    kinds = [(True, False), (False, True), (False, False)] * 6
    rows = {}
    for name, seed in (("ana", 1), ("bea", 2)):
        rows[name] = rows_of(seed, len(kinds))
        for i, (row, (cover, reply)) in enumerate(zip(rows[name], kinds, strict=True)):
            row |= {"has_cover": cover, "is_reply": reply}
            row["new_followers"] = (1 + i % 4) * (cover or reply)
    fitted = made(Model.POISSON, LENGTH, COVER, REPLY, **rows)
    assert isinstance(fitted, Fit)
    assert {u.variable.name for u in fitted.unidentified} == {"has_cover: yes", "is_reply: yes"}
    assert named(fitted) == ["duration_s", "has_cover: yes"]  # of what is left: cover against reply
    assert np.abs(fitted.blocks.estimate).max() < 10
    assert has_estimate(fitted).tolist() == [True, False]
    lines = judge_lines(estimates(fitted))
    assert [(line.variable.name, line.verdict == NOT_IDENTIFIED) for line in lines] == [
        ("duration_s", False), ("has_cover: yes", True), ("is_reply: yes", True),
    ]  # fmt: skip


def test_a_number_that_orders_the_followers_perfectly_leaves_nothing_to_compare():
    """Its coefficient is infinite, and explains every video without a follower."""
    rows = {}
    for name, seed in (("ana", 1), ("bea", 2)):
        rows[name] = rows_of(seed)
        for i, row in enumerate(rows[name]):
            row |= {"hashtags": i, "new_followers": 5 * (i == 11)}
    withheld = made(Model.POISSON, TAGS, COVER, **rows)
    assert isinstance(withheld, Withheld)
    assert withheld.why == TOO_FEW.format(event="follower")
    assert balanced(withheld.account)


def test_ratios_beyond_all_bounds_are_not_published():
    """Found among random pools: five creators' 26 videos, and a finite maximum at -275."""
    x = np.array(json.loads((REFERENCE / "short-of-infinity.json").read_text()))
    group, y, x = x[:, 0].astype(np.int64), x[:, 1], x[:, 2:]
    none = np.zeros(len(y))
    assert isinstance(poisson(x, y, group, none), PoissonFit)
    assert not separated(x, y, group).infinite
    terms = [Variable(f"x{j}", "yes", "", Part.LEVER, "") for j in range(x.shape[1])]
    asked = design(pool([], {}).videos, asking(Model.POISSON))
    withheld = fit(
        replace(
            asked, columns=x, weights=np.eye(len(terms)), variables=tuple(terms), outcome=y,
            offset=none, group=group, creators=tuple("abcde"), pool_creators=5,
            rows=np.arange(len(y)), account=Account(len(y), len(y), ()),
        )
    )  # fmt: skip
    assert isinstance(withheld, Withheld)
    assert withheld.why == TOO_FAR


def few(n: int) -> list[dict[str, object]]:
    return [{"new_followers": i % 2, "duration_s": 5.0 + i**2} for i in range(n)]


WITHHELD = {
    "nothing": ([], [], TOO_FEW, TOO_FEW),
    "no outcome": (rows_of(1, new_followers=None), [], TOO_FEW, TOO_FEW),
    "no degree of freedom": (few(2), [], TOO_FEW, TOO_FEW),
    "videos of their own": (few(1), few(1), TOO_FEW, "none of these videos"),
    "no follower": (rows_of(1, new_followers=0), rows_of(2, new_followers=0), ALL_ALIKE, "none of"),
    "one follower each": (rows_of(1, 9, new_followers=1), [], ALL_ALIKE, ALL_ALIKE),
    "alike within each": (
        rows_of(1, 9, new_followers=1),
        rows_of(2, 9, new_followers=3),
        ALL_ALIKE,
        ALL_ALIKE,
    ),
    "positive only": (rows_of(1, 40, new_followers=1), [], "followers of ana", "followers of ana"),
    "met exactly": (
        [{"new_followers": 3 + 3 * (i % 2), "has_cover": i % 2 == 1} for i in range(9)],
        [],
        NO_ERROR,
        NO_ERROR,
    ),
    "only what separates": (
        [{"new_followers": i % 2, "has_cover": i % 2 == 1} for i in range(9)],
        [],
        NO_ERROR,
        ALL_ALIKE,
    ),
}


@EACH_MODEL
@pytest.mark.parametrize(("ana", "bea", "linear", "counted"), WITHHELD.values(), ids=WITHHELD)
def test_a_fit_that_cannot_be_made_is_withheld_with_the_reason(ana, bea, linear, counted, model):
    withheld = made(model, LENGTH, COVER, ana=ana, bea=bea)
    assert isinstance(withheld, Withheld)
    why = linear if model is Model.LEAST_SQUARES else counted
    assert withheld.why.startswith(why.format(event="follower"))
    assert balanced(withheld.account)


@EACH_MODEL
def test_a_model_without_variables_is_a_fit(model):
    fitted = made(model, LENGTH, ana=rows_of(1, duration_s=5.0), bea=rows_of(2, duration_s=9.0))
    assert isinstance(fitted, Fit)
    assert (fitted.variables, fitted.blocks.estimate.shape) == ((), (0,))
    assert fitted.r2_within == pytest.approx(0, abs=1e-12)
    assert recompute(fitted).difference is None
    assert [e.verdict for e in judge_lines(estimates(fitted))] == [NOT_IDENTIFIED]


def test_one_creator_gets_the_hc3_of_statsmodels():
    fitted = made(Model.LEAST_SQUARES, LENGTH, TAGS, COVER, ana=rows_of(1, 30))
    x, y = fitted.sample.x, fitted.sample.y
    theirs = sm.OLS(y, sm.add_constant(x)).fit()
    assert fitted.within is not None
    close(fitted.blocks.estimate, theirs.params[1:], 1e-11)
    close(np.sqrt(np.diagonal(fitted.within.covariance)), theirs.HC3_se[1:], 1e-11)
    lines = judge_lines(estimates(fitted))
    assert {(e.method, e.verdict, e.p_value, e.p_adjusted) for e in lines} == {
        ("HC3-within", Verdict.THIS_ACCOUNT, None, None)
    }
    assert {e.df for e in lines} == {30 - 3 - 1}
    robust = sm.OLS(y, sm.add_constant(x)).fit(cov_type="HC3", use_t=True)
    close([(e.ci_low, e.ci_high) for e in lines], robust.conf_int()[1:], 1e-10)
    assert recompute(fitted).difference < 1e-12


@EACH_MODEL
def test_what_hinges_on_one_video_is_not_estimable(model):
    rows = rows_of(1, 20, is_reply=False)
    rows[5] |= {"is_reply": True, "new_followers": 2}
    fitted = made(model, LENGTH, REPLY, TAGS, ana=rows)
    lines = {e.variable.term: e for e in judge_lines(estimates(fitted))}
    reply = lines["is_reply"]
    assert (reply.verdict, reply.method, reply.estimate) == (NOT_ESTIMABLE, NOT_ESTIMABLE, None)
    assert reply.why == "one video alone decides it"
    assert recompute(fitted).holds
    without = made(model, LENGTH, TAGS, ana=rows[:5] + rows[6:])
    for line in judge_lines(estimates(without)):
        assert lines[line.variable.term].estimate == pytest.approx(line.estimate, rel=1e-8)
        assert lines[line.variable.term].verdict == Verdict.THIS_ACCOUNT


def tampered(fitted: Fit, what: str) -> Fit:
    blocks = fitted.blocks
    changed = {
        "estimate": {"estimate": blocks.estimate * (1 + 1e-4)},
        "scores": {"scores": blocks.scores * (1 + 1e-4)},
        "information": {"information": blocks.information * (1 + 1e-4)},
    }
    return replace(fitted, blocks=replace(blocks, **changed[what]))


@pytest.mark.slow
@EACH_MODEL
@pytest.mark.parametrize("what", ["estimate", "scores", "information"])
def test_a_number_that_statsmodels_does_not_confirm_is_not_published(monkeypatch, what, model):
    right = made(model, LENGTH, TAGS, COVER, **{f"c{i}": rows_of(i) for i in range(6)})
    empty = pool([], {})
    monkeypatch.setattr(results, "fit", lambda *_: right)
    assert results.answer(empty, right.design.question).estimates
    monkeypatch.setattr(results, "fit", lambda *_: tampered(right, what))
    with pytest.raises(results.DisagreementError, match="asked"):
        results.answer(empty, right.design.question)


@pytest.mark.parametrize("creators", [1, 6])
def test_a_dispersion_that_is_not_that_of_the_estimates_is_not_confirmed(creators):
    rows = {f"c{i}": rows_of(i, 24) for i in range(creators)}
    for each in rows.values():
        for i, row in enumerate(each):
            row["new_followers"] *= 1 + 9 * (i % 5 == 0)
    fitted = made(Model.NEGATIVE_BINOMIAL, LENGTH, TAGS, COVER, **rows)
    assert isinstance(fitted, Fit)
    assert fitted.dispersion > 0.1
    assert recompute(fitted).holds
    for wrong in (0.0, fitted.dispersion * 0.99, fitted.dispersion * 1.01):
        assert not recompute(replace(fitted, dispersion=wrong)).holds
    assert not recompute(tampered(fitted, "estimate")).holds


def test_a_wrong_error_of_one_creator_is_not_published():
    fitted = made(Model.LEAST_SQUARES, LENGTH, TAGS, COVER, ana=rows_of(1, 30))
    assert fitted.within is not None
    wrong = replace(fitted.within, shifts=fitted.within.shifts * (1 + 1e-6))
    assert recompute(fitted).holds
    assert not recompute(replace(fitted, within=wrong)).holds


def test_the_limit_is_what_decides(monkeypatch):
    pooled = pool([any_folder(f"c{i}", np.random.default_rng(i)) for i in range(6)], {})
    assert results.answer(pooled, SIGNALS).agreement
    monkeypatch.setitem(LIMITS, Model.LEAST_SQUARES, 0.0)
    monkeypatch.setattr("pipeline.model.cross_check.ROUNDING", 0.0)
    with pytest.raises(results.DisagreementError, match=r"signals: .* > 0\.0"):
        results.answer(pooled, SIGNALS)


def test_too_large_a_fit_of_counts_is_not_recomputed(fits):
    fitted = fits["conversion"]
    rows = np.arange(2001) % len(fitted.sample.y)
    sample = replace(fitted.sample, y=fitted.sample.y[rows])
    agreement = recompute(replace(fitted, sample=sample))
    assert (agreement.difference, agreement.holds) == (None, True)
    whole = replace(fits["followers"], factors=(fits["reach"], replace(fitted, sample=sample)))
    assert recompute(whole).difference is None


@pytest.mark.slow
def test_many_creators_are_recomputed_without_dummies():
    rng = np.random.default_rng(1)
    creators = {
        f"c{i:03}": [
            {"new_followers": int(rng.integers(0, 4)), "duration_s": float(rng.integers(5, 60))}
            for _ in range(3)
        ]
        for i in range(301)
    }
    fitted = made(Model.LEAST_SQUARES, LENGTH, **creators)
    assert recompute(fitted).difference < 1e-11
    assert not recompute(tampered(fitted, "scores")).holds


def any_folder(name: str, rng: np.random.Generator) -> Accepted:
    """A folder with few videos, few values and many gaps: what a young pool is made of."""
    n, top = int(rng.integers(1, rng.choice([4, 15, 40]))), int(rng.choice([1, 2, 2, 3, 6]))
    words = rng.choice(["a", "b", RARE, "{level}"], (n, 2))
    flags = {c: rng.random() < 0.5 for c in ("has_cover", "is_reply", "is_duet")}
    rows = []
    for i in range(n):
        row = {
            "video": f"v{i}",
            "views": int(rng.integers(10, 5000)),
            "likes": int(rng.integers(0, 9)),
            "new_followers": int(rng.integers(0, top)),
            "duration_s": float(rng.choice([5, 10, 20, 40])),
            "category": str(rng.choice(["info", "humor", "tutorial", "story"])),
            "subject": str(words[i, 0]),
            "posted_on": day(int(rng.integers(0, 200))),
            "captured_on": day(220),
            **{name: bool(rng.random() < 0.3) for name, noted in flags.items() if noted},
        }
        kept = ("video", "views", "category", "captured_on")
        rows.append({k: v for k, v in row.items() if k in kept or rng.random() > 0.1})
    return accepted(name, rows)


NUMBERS = ("estimate", "std_error", "ci_low", "p_value", "lowest", "p_adjusted")


@pytest.mark.slow
def test_every_pool_has_an_answer():
    """Whatever is accepted can be reported: no crash, no disagreement, no number that is none."""
    for seed in range(6):
        rng = np.random.default_rng(seed)
        size = int(rng.choice([1, 2, 3, 5, 6, 8]))
        pooled = pool([any_folder(f"c{i}", rng) for i in range(size)], {})
        for question in QUESTIONS:
            answer = results.answer(pooled, question)
            assert balanced(answer.fit.account)
            for line in answer.estimates:
                for name in NUMBERS:
                    value = getattr(line, name)
                    assert value is None or np.isfinite(value), (seed, line)
                assert line.ci_low is None or line.creators >= 5 or size == 1


def far(x: np.ndarray, y: np.ndarray, model: Model) -> Fit | Withheld:
    """A fit of columns given here, by five creators."""
    terms = tuple(Variable(f"x{j}", "yes", "", Part.LEVER, "") for j in range(x.shape[1]))
    asked = design(pool([], {}).videos, asking(model))
    return fit(
        replace(
            asked, columns=x, weights=np.eye(len(terms)), variables=terms, outcome=y,
            offset=np.zeros(len(y)), group=np.arange(len(y)) % 5, creators=tuple("abcde"),
            pool_creators=5, rows=np.arange(len(y)), account=Account(len(y), len(y), ()),
            time=np.zeros(len(y)), has=x != 0, against=x == 0,
            is_knot=np.zeros(len(terms), dtype=bool),
        )
    )  # fmt: skip


@EACH_MODEL
def test_a_level_far_from_its_spread_is_no_disagreement(model):
    """Log ages of old videos: 6.57 give or take 0.002, which cost statsmodels its digits."""
    rng = np.random.default_rng(8)
    old = np.where(rng.random(200) < 0.2, 0.0, 1e4 + rng.normal(0, 0.002, 200))
    x = np.column_stack([old, old == 0, rng.random(200) < 0.4]).astype(float)
    fitted = far(x, rng.poisson(2e6, 200).astype(float), model)
    assert isinstance(fitted, Fit)
    assert recompute(fitted).holds


def test_what_is_met_exactly_is_seen_through_large_numbers():
    """The estimates are so large that the residual sum of squares is rounding of products."""
    rng = np.random.default_rng(9)
    x = rng.normal(0, 1, (40, 30)) @ np.diag(np.logspace(0, -4, 30))
    x[:, 20:] = x[:, :10] + 1e-4 * x[:, 20:]
    withheld = far(x, x @ np.full(30, 1e4), Model.LEAST_SQUARES)
    assert isinstance(withheld, Withheld)
    assert withheld.why == NO_ERROR.format(event="follower")


def test_one_creator_does_not_speak_for_a_pool():
    quiet = rows_of(5, new_followers=None)
    for model in MODELS:
        withheld = made(model, LENGTH, COVER, ana=rows_of(1), bea=quiet)
        assert isinstance(withheld, Withheld)
        assert withheld.why.startswith("only ana's videos can tell")
        assert balanced(withheld.account)
        assert isinstance(made(model, LENGTH, COVER, ana=rows_of(1)), Fit)


def test_a_level_without_a_follower_is_no_reference():
    """Against it every ratio would be infinite; the others can be compared all the same."""
    kinds = ["info", "humor", "tutorial"] * 8
    rows = {}
    for name, seed in (("ana", 1), ("bea", 2)):
        rows[name] = rows_of(seed, len(kinds))
        for row, kind in zip(rows[name], kinds, strict=True):
            row["category"] = kind
            row["new_followers"] = 0 if kind == "info" else 1 + row["new_followers"]
    term = Term("category", Form.LEVELS, "{level} instead of {reference}", reference="info")
    fitted = made(Model.POISSON, term, LENGTH, **rows)
    assert isinstance(fitted, Fit)
    assert named(fitted) == ["category: humor", "duration_s"]
    assert fitted.variables[0].unit == "against tutorial"
    assert [u.variable.name for u in fitted.unidentified] == ["category: info"]
    linear = made(Model.LEAST_SQUARES, term, LENGTH, **rows)
    assert linear.variables[0].unit == "against info"


def test_creators_without_an_event_are_named():
    rows = {"ana": rows_of(1), "bea": rows_of(2), "cem": rows_of(3, new_followers=0)}
    assert made(Model.POISSON, LENGTH, **rows).silent == ("cem",)


@EACH_MODEL
def test_a_term_that_says_nothing_of_one_creator_is_no_disagreement(model):
    """Its estimate and its clustered error are 0 but for rounding, in both engines."""
    still = [{"duration_s": 9.0, "has_cover": bool(i % 2), "new_followers": 2} for i in range(9)]
    quiet = {"has_cover": False}
    fitted = made(model, LENGTH, COVER, ana=still, bea=rows_of(2, **quiet), cem=rows_of(3, **quiet))
    assert fitted.blocks.estimate[1] == pytest.approx(0, abs=1e-14)
    assert recompute(fitted).holds


def test_blocks_of_near_collinear_columns_are_allowed_their_rounding(fits):
    fitted = fits["signals"]
    pair = np.array([[1.0, 1 - 1e-9], [1 - 1e-9, 1.0]])
    blocks = Blocks(pair[None], np.zeros((1, 2)), np.zeros(2), np.array([9]))
    assert recompute(replace(fitted, blocks=blocks, variables=())).limit == pytest.approx(1e-5)
