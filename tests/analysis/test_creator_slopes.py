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
from pipeline.estimate.poisson import poisson
from pipeline.inference.creator_estimates import own_estimates
from pipeline.model.design import design
from pipeline.model.fit import fit
from pipeline.model.fit_result import Fit
from pipeline.model.questions import QUESTIONS, Model, Part
from simulations import shrinkage
from simulations.whole import simulated
from support.contribution import ROOT
from support.videos import BOTH, COVER, LENGTH, REPLY, TAGS, made, rows_of

pytestmark = pytest.mark.slow  # whole pools are fitted

NAMES = ("ana", "bea", "cem", "dan", "eva", "fay", "gil", "hal", "ida")


def creators_of(count: int, **fixed: object) -> dict[str, list[dict[str, object]]]:
    return {name: rows_of(i, 12 + i, **fixed) for i, name in enumerate(NAMES[:count])}


@pytest.fixture(scope="module")
def fits() -> dict[str, Fit]:
    videos = simulated(10, 700, 3).videos
    found = {question.name: fit(design(videos, question)) for question in QUESTIONS}
    return {name: each for name, each in found.items() if isinstance(each, Fit)}


def test_a_row_is_flat():
    allowed = {str, int, float, float | None}
    assert {each.type for each in fields(Personal)} <= allowed


@BOTH
@pytest.mark.parametrize("count", [1, 2, 7])
def test_fewer_than_eight_creators_are_too_few(model, count):
    found = made(model, COVER, LENGTH, **creators_of(count))
    assert isinstance(found, Fit)
    assert personal(found) == TOO_FEW.format(creators=count)


@BOTH
def test_lines_that_fewer_than_five_creators_carry_are_not_told(model):
    rows = creators_of(9)
    for name in NAMES[4:]:
        for row in rows[name]:
            row["is_reply"] = False
    found = made(model, COVER, REPLY, **rows)
    assert isinstance(found, Fit)
    told = personal(found)
    assert {row.term for row in told} == {"has_cover"}
    assert personal(made(model, REPLY, **rows)) == NO_LINES


@BOTH
def test_rows_are_by_variable_then_creator_then_the_new_one(model):
    found = made(model, COVER, LENGTH, REPLY, **creators_of(9))
    told = personal(found)
    variables = [each.term for each in found.variables if each.is_asked]
    assert [(row.term, row.creator) for row in told] == [
        (term, name) for term in variables for name in (*NAMES, "")
    ]
    assert personal(found) == told


def test_every_asked_line_of_five_creators_is_told_of_all_creators(fits):
    assert set(fits) == {question.name for question in QUESTIONS}
    for name, found in fits.items():
        asked = [
            (variable.term, variable.level, variable.unit)
            for variable, carriers in zip(found.variables, found.varies_in, strict=True)
            if variable.is_asked and carriers >= ENOUGH_CARRIERS
        ]
        told = personal(found)
        lines = list(dict.fromkeys((row.term, row.level, row.unit) for row in told))
        assert lines == asked
        assert len(told) == len(asked) * (len(found.sample.creators) + 1)
        assert {row.question for row in told} == {name}
        counted = dict(zip(found.sample.creators, found.blocks.rows.tolist(), strict=True))
        for row in told:
            numbers = [x for x in asdict(row).values() if isinstance(x, float)]
            assert np.isfinite(numbers).all()
            assert row.ci_low < row.estimate < row.ci_high
            assert 0 <= row.between_low <= row.between_sd <= row.between_high
            assert 0 <= row.weight <= 1
            assert row.videos == counted.get(row.creator, 0)


def test_a_new_creator_is_at_the_mean_and_less_sure_than_most(fits):
    told = personal(fits["followers"])
    for new in (row for row in told if not row.creator):
        assert (new.estimate, new.own, new.own_std_error, new.weight) == (new.pooled, None, None, 0)
        line = (new.term, new.level)
        others = [row for row in told if row.creator and (row.term, row.level) == line]
        usual = np.median([row.ci_high - row.ci_low for row in others])
        assert new.ci_high - new.ci_low >= usual * (1 - 1e-9)
        assert {row.pooled for row in others} == {new.pooled}


@BOTH
def test_own_is_the_creators_estimate_alone(model):
    found = made(model, COVER, LENGTH, **creators_of(9))
    told = personal(found)
    for j, variable in enumerate(found.variables):
        own = {each.creator: each.estimate for each in own_estimates(found, j)}
        for row in told:
            if row.creator and row.term == variable.term:
                assert row.own == own.get(row.creator)
                assert (row.own is None) == (row.own_std_error is None)


def test_the_error_of_own_is_that_of_a_fit_of_the_creator_alone():
    found = made(Model.POISSON, COVER, LENGTH, **creators_of(9))
    form, told = quadratics(found), personal(found)
    g, j = 4, 0
    mine = found.sample.group == g
    x, others = found.sample.x[mine], np.delete(np.arange(found.sample.x.shape[1]), j)
    held = x[:, others] @ found.blocks.estimate[others]
    alone = poisson(x[:, [j]], found.sample.y[mine], np.zeros(mine.sum(), dtype=int), held)
    error = np.sqrt(form.dispersion[g] / alone.blocks.information[0, 0, 0])
    term = found.variables[j].term
    row = next(row for row in told if (row.term, row.creator) == (term, NAMES[g]))
    assert row.own == pytest.approx(alone.estimate[0], rel=1e-9)
    assert row.own_std_error == pytest.approx(error, rel=1e-6)


@BOTH
def test_who_never_uses_a_level_has_no_own_estimate_and_no_weight(model):
    rows = creators_of(9)
    for row in rows["eva"]:
        row["has_cover"] = False
    told = personal(made(model, COVER, LENGTH, **rows))
    eva = next(row for row in told if (row.term, row.creator) == ("has_cover", "eva"))
    new = next(row for row in told if (row.term, row.creator) == ("has_cover", ""))
    assert (eva.own, eva.own_std_error, eva.weight) == (None, None, 0)
    assert eva.estimate == pytest.approx(new.estimate, abs=1e-6)
    assert (eva.ci_low, eva.ci_high) == pytest.approx((new.ci_low, new.ci_high), abs=1e-5)


@BOTH
def test_context_is_in_the_calculation_and_not_told(model):
    found = made(model, COVER, replace(TAGS, part=Part.CONTEXT), **creators_of(9))
    assert {row.term for row in personal(found)} == {"has_cover"}


def test_the_quadratic_forms_sum_to_the_pools_estimate():
    """With one dispersion: the maximum of the summed likelihoods is the fit."""
    for model in Model:
        found = made(model, COVER, LENGTH, **creators_of(9))
        form = quadratics(found)
        precision = form.precision * form.dispersion[:, None, None]
        shift = form.shift * form.dispersion[:, None]
        pooled = np.linalg.solve(precision.sum(axis=0), shift.sum(axis=0))
        np.testing.assert_allclose(pooled, found.blocks.estimate, rtol=1e-8)


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
    assert all(int(row["pools"]) >= 280 for row in table)


@pytest.mark.parametrize(
    "cell", [shrinkage.Cell(8, "normal", 0.0), shrinkage.Cell(14, "t3", 0.4)], ids=str
)
def test_the_simulation_is_what_the_code_makes(cell, table):
    pools = [shrinkage.simulate(cell, number) for number in range(shrinkage.FIRST + 5)]
    told = {name: [p[name] for p in pools if p[name]][: shrinkage.FIRST] for name in pools[0]}
    for name, judged in told.items():
        again = shrinkage.row(cell, name, judged)[-3:]
        stored = next(
            row
            for row in table
            if (row["outcome"], row["creators"], row["shape"], row["between_sd"])
            == (name, str(cell.creators), cell.shape, str(cell.between_sd))
        )
        assert again == tuple(stored[column] for column in shrinkage.COLUMNS[-3:])
