"""Personal lines: whose, in what order, and what they are made of; and the stored simulation."""

import csv
from dataclasses import asdict, fields, replace

import numpy as np
import pytest

from pipeline.analysis.diagnostics.creator_slopes import (
    ENOUGH_CARRIERS,
    NO_LINES,
    TOO_FEW,
    Personal,
    personal,
    quadratics,
)
from pipeline.dataset.pool import pool
from pipeline.estimate.weighted_counts import reweighted
from pipeline.inference.creator_estimates import own_estimates
from pipeline.model.design import design
from pipeline.model.fit import fit
from pipeline.model.fit_result import Fit
from pipeline.model.questions import QUESTIONS, Model, Part
from simulations import shrinkage
from simulations.whole import simulated
from support.contribution import ROOT
from support.pool import accepted
from support.videos import COVER, LENGTH, MODELS, REPLY, TAGS, asking, made, rows_of

pytestmark = pytest.mark.slow  # whole pools are fitted

EVERY_MODEL = pytest.mark.parametrize("model", list(Model))
NAMES = ("ana", "bea", "cem", "dan", "eva", "fay", "gil", "hal", "ida")


def creators_of(count: int, **fixed: object) -> dict[str, list[dict[str, object]]]:
    return {name: rows_of(i, 12 + i, **fixed) for i, name in enumerate(NAMES[:count])}


@pytest.fixture(scope="module")
def fits() -> dict[str, Fit]:
    videos = simulated(10, 700, 3).videos
    fitted = {question.name: fit(design(videos, question)) for question in QUESTIONS}
    return {name: each for name, each in fitted.items() if isinstance(each, Fit)}


def test_a_row_is_flat():
    allowed = {str, int, float, float | None}
    assert {each.type for each in fields(Personal)} <= allowed


@EVERY_MODEL
@pytest.mark.parametrize("count", [1, 2, 7])
def test_fewer_than_eight_creators_are_too_few(model, count):
    fitted = made(model, COVER, LENGTH, **creators_of(count))
    assert isinstance(fitted, Fit)
    assert personal(fitted) == TOO_FEW.format(creators=count)


@EVERY_MODEL
def test_lines_that_fewer_than_five_creators_carry_are_not_told(model):
    rows = creators_of(9)
    for name in NAMES[4:]:
        for row in rows[name]:
            row["is_reply"] = False
    fitted = made(model, COVER, REPLY, **rows)
    assert isinstance(fitted, Fit)
    slopes = personal(fitted)
    assert {row.term for row in slopes} == {"has_cover"}
    assert personal(made(model, REPLY, **rows)) == NO_LINES


@EVERY_MODEL
def test_rows_are_by_variable_then_creator_then_the_new_one(model):
    fitted = made(model, COVER, LENGTH, REPLY, **creators_of(9))
    slopes = personal(fitted)
    variables = [each.term for each in fitted.variables if each.is_asked]
    assert [(row.term, row.creator) for row in slopes] == [
        (term, name) for term in variables for name in (*NAMES, "")
    ]
    assert personal(fitted) == slopes


def test_every_asked_line_of_five_creators_is_told_of_all_creators(fits):
    assert set(fits) == {question.name for question in QUESTIONS}
    for name, fitted in fits.items():
        asked = [
            (variable.term, variable.level, variable.unit)
            for variable, carriers in zip(fitted.variables, fitted.varies_in, strict=True)
            if variable.is_asked and carriers >= ENOUGH_CARRIERS
        ]
        slopes = personal(fitted)
        lines = list(dict.fromkeys((row.term, row.level, row.unit) for row in slopes))
        assert lines == asked
        assert len(slopes) == len(asked) * (len(fitted.sample.creators) + 1)
        assert {row.question for row in slopes} == {name}
        counted = dict(zip(fitted.sample.creators, fitted.blocks.rows.tolist(), strict=True))
        for row in slopes:
            numbers = [x for x in asdict(row).values() if isinstance(x, float)]
            assert np.isfinite(numbers).all()
            assert row.ci_low < row.estimate < row.ci_high
            assert 0 <= row.between_low <= row.between_sd <= row.between_high
            assert 0 <= row.weight <= 1
            assert row.videos == counted.get(row.creator, 0)


def test_a_new_creator_is_at_the_mean_and_less_sure_than_most(fits):
    slopes = personal(fits["followers"])
    for new in (row for row in slopes if not row.creator):
        assert (new.estimate, new.own, new.own_std_error, new.weight) == (new.pooled, None, None, 0)
        line = (new.term, new.level)
        others = [row for row in slopes if row.creator and (row.term, row.level) == line]
        usual = np.median([row.ci_high - row.ci_low for row in others])
        assert new.ci_high - new.ci_low >= usual * (1 - 1e-9)
        assert {row.pooled for row in others} == {new.pooled}


@EVERY_MODEL
def test_own_is_the_creators_estimate_alone(model):
    fitted = made(model, COVER, LENGTH, **creators_of(9))
    slopes = personal(fitted)
    for j, variable in enumerate(fitted.variables):
        own = {each.creator: each.estimate for each in own_estimates(fitted, j)}
        for row in slopes:
            if row.creator and row.term == variable.term:
                assert row.own == own.get(row.creator)
                assert (row.own is None) == (row.own_std_error is None)


@pytest.mark.parametrize("model", [Model.POISSON, Model.NEGATIVE_BINOMIAL])
def test_the_error_of_own_is_that_of_a_fit_of_the_creator_alone(model):
    fitted = made(model, COVER, LENGTH, **creators_of(9))
    form, slopes = quadratics(fitted), personal(fitted)
    g, j = 4, 0
    mine = fitted.sample.group == g
    x, others = fitted.sample.x[mine], np.delete(np.arange(fitted.sample.x.shape[1]), j)
    held = x[:, others] @ fitted.blocks.estimate[others]
    one = np.zeros(mine.sum(), dtype=int)
    alone = reweighted(x[:, [j]], fitted.sample.y[mine], one, held, dispersion=fitted.dispersion)
    error = np.sqrt(form.dispersion[g] / alone.blocks.information[0, 0, 0])
    term = fitted.variables[j].term
    row = next(row for row in slopes if (row.term, row.creator) == (term, NAMES[g]))
    assert row.own == pytest.approx(alone.estimate[0], rel=1e-9)
    assert row.own_std_error == pytest.approx(error, rel=1e-6)


@EVERY_MODEL
def test_who_never_uses_a_level_has_no_own_estimate_and_no_weight(model):
    rows = creators_of(9)
    for row in rows["eva"]:
        row["has_cover"] = False
    slopes = personal(made(model, COVER, LENGTH, **rows))
    eva = next(row for row in slopes if (row.term, row.creator) == ("has_cover", "eva"))
    new = next(row for row in slopes if (row.term, row.creator) == ("has_cover", ""))
    assert (eva.own, eva.own_std_error, eva.weight) == (None, None, 0)
    assert eva.estimate == pytest.approx(new.estimate, abs=1e-6)
    assert (eva.ci_low, eva.ci_high) == pytest.approx((new.ci_low, new.ci_high), abs=1e-5)


@EVERY_MODEL
def test_context_is_in_the_calculation_and_not_told(model):
    fitted = made(model, COVER, replace(TAGS, part=Part.CONTEXT), **creators_of(9))
    assert {row.term for row in personal(fitted)} == {"has_cover"}


def test_the_quadratic_forms_sum_to_the_pools_estimate():
    """With one dispersion: the maximum of the summed likelihoods is the fit."""
    for model in MODELS:
        fitted = made(model, COVER, LENGTH, **creators_of(9))
        form = quadratics(fitted)
        precision = form.precision * form.dispersion[:, None, None]
        shift = form.shift * form.dispersion[:, None]
        pooled = np.linalg.solve(precision.sum(axis=0), shift.sum(axis=0))
        np.testing.assert_allclose(pooled, fitted.blocks.estimate, rtol=1e-8)


def test_own_of_a_product_is_the_sum_of_what_its_factors_say():
    fitted = made(Model.PRODUCT, COVER, LENGTH, **creators_of(9))
    slopes = {(row.term, row.creator): row for row in personal(fitted) if row.creator}
    parts = [{(row.term, row.creator): row for row in personal(each)} for each in fitted.factors]
    assert len(slopes) == 2 * 9
    for key, row in slopes.items():
        values = [part[key] for part in parts]
        assert row.own == pytest.approx(sum(each.own for each in values), rel=1e-12)
        error = np.hypot(*(each.own_std_error for each in values))
        assert row.own_std_error == pytest.approx(error, rel=1e-12)


def test_a_creators_form_of_a_product_is_at_the_sum_of_the_factors_own_maxima():
    """What only views tell of (`is_reply`) is held at the estimate of views."""
    rows = creators_of(9)
    question = asking(Model.PRODUCT, COVER, LENGTH)
    reach, rate = question.factors
    more = replace(question, factors=(replace(reach, terms=(*reach.terms, REPLY)), rate))
    folders = [
        accepted(name, [{"video": f"v{i}", **row} for i, row in enumerate(mine)])
        for name, mine in rows.items()
    ]
    fitted = fit(design(pool(folders, {}).videos, more))
    seen, followed = fitted.factors
    assert [each.term for each in seen.variables] == ["has_cover", "duration_s", "is_reply"]
    assert fitted.variables == followed.variables == seen.variables[:2]
    form, of_rate, of_reach = quadratics(fitted), quadratics(followed), quadratics(seen)
    for g in range(9):
        held = of_reach.precision[g, :2, 2] * seen.blocks.estimate[2]
        maximum = np.linalg.solve(of_reach.precision[g, :2, :2], of_reach.shift[g, :2] - held)
        maximum += np.linalg.solve(of_rate.precision[g], of_rate.shift[g])
        np.testing.assert_allclose(form.precision[g] @ maximum, form.shift[g], rtol=1e-7)


@pytest.fixture(scope="module")
def table() -> list[dict[str, str]]:
    with (ROOT / "simulations" / "shrinkage.csv").open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_the_simulation_has_every_cell(table):
    assert tuple(table[0]) == shrinkage.COLUMNS
    kinds = {
        (row["outcome"], int(row["creators"]), row["shape"], float(row["between_sd"]))
        for row in table
    }
    assert kinds == {
        (outcome, cell.creators, cell.shape, cell.between_sd)
        for outcome in shrinkage.OUTCOMES
        for cell in shrinkage.cells()
    }
    assert all(int(row["pools"]) >= 0.9 * shrinkage.POOLS for row in table)


def test_intervals_hold_the_truth_as_nearly_as_the_pools_can_tell(table):
    """Of each cell within 2.33 standard errors of 93 %; of all cells of an outcome, above that."""
    for row in table:
        for share, name in (("covered", "covered_error"), ("newcomers_covered", "newcomers_error")):
            assert float(row[share]) + 2.33 * float(row[name]) >= 0.93, row
    for outcome in shrinkage.OUTCOMES:
        mine = [row for row in table if row["outcome"] == outcome]
        assert np.mean([float(row["covered"]) for row in mine]) > 0.94
        alike = [float(row["median_between_sd"]) for row in mine if row["between_sd"] == "0.0"]
        assert max(alike) < 0.35


@pytest.mark.parametrize(
    "cell", [shrinkage.Cell(8, "normal", 0.0), shrinkage.Cell(14, "t3", 0.4)], ids=str
)
def test_the_simulation_is_what_the_code_makes(cell, table):
    pools = [shrinkage.simulate(cell, number) for number in range(shrinkage.FIRST + 5)]
    first = {name: [p[name] for p in pools if p[name]][: shrinkage.FIRST] for name in pools[0]}
    for name, judged in first.items():
        again = shrinkage.row(cell, name, judged)[-3:]
        stored = next(
            row
            for row in table
            if (row["outcome"], row["creators"], row["shape"], row["between_sd"])
            == (name, str(cell.creators), cell.shape, str(cell.between_sd))
        )
        assert again == tuple(stored[column] for column in shrinkage.COLUMNS[-3:])
