"""What is published keeps its promises in simulations, and the table is what the code makes."""

import csv
import dataclasses
from collections import defaultdict

import numpy as np
import pytest
from numpy.random import PCG64, Generator
from scipy.stats import binomtest

from pipeline.estimate import adaptive_shrinkage
from pipeline.estimate.cluster_robust import cr1
from pipeline.estimate.linear import least_squares
from pipeline.estimate.poisson import poisson
from pipeline.estimate.states import states
from simulations import estimators, needed, odds, prior, questions, rates, shapes, whole
from simulations.draw import CATEGORIES, FOCUS, draw
from simulations.plan import MODELS, REPETITIONS, Cell, cells
from simulations.run import simulate
from simulations.table import OF_REFITS, lower_99, promised, rows
from support.contribution import ROOT

pytestmark = pytest.mark.slow

TABLE = ROOT / "simulations" / "size.csv"
COUNTED = ("first_published", "first_rejected")


@pytest.fixture(scope="module")
def table():
    """The rows of each cell of the committed table."""
    by_cell = defaultdict(list)
    with TABLE.open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            cell = Cell(row["design"], int(row["creators"]), float(row["effect"]))
            by_cell[cell].append(row)
    return by_cell


def test_every_cell_of_the_plan_was_repeated_often_enough(table):
    assert set(table) == set(cells())
    for cell, lines in table.items():
        for model in MODELS:
            shown = {row["method"] for row in lines if row["model"] == model}
            assert shown, (cell, model)
            assert shown >= promised(cell, model), (cell, model)
        for row in lines:
            least = cell.refitted if row["method"] == OF_REFITS else REPETITIONS
            assert int(row["repetitions"]) >= least, row


def test_what_is_published_holds_its_size_and_covers(table):
    judged = [
        row
        for cell, lines in table.items()
        for row in lines
        if row["method"] in promised(cell, row["model"])
    ]
    assert len(judged) > 3 * len(cells())
    assert [row for row in judged if row["fails"] != "no" or row["published"] == "0"] == []


@pytest.mark.parametrize("cell", [Cell("B", 5, 1.0), Cell("D", 8, 1.0)], ids=str)
def test_the_table_is_what_the_code_makes(cell, table):
    stored = {(row["model"], row["method"]): [row[name] for name in COUNTED] for row in table[cell]}
    again = {
        (row["model"], row["method"]): [str(row[name]) for name in COUNTED]
        for row in rows(cell, simulate(cell, 0))
    }
    assert again == stored


@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_the_planted_effect_is_what_every_model_estimates(ratio):
    """4,000 creators who differ; without the correction s²/2 = 0.08 the Poisson models fail."""
    pool = draw(Generator(PCG64(2022)), Cell("B", 4_000, ratio))
    k = 3 + len(CATEGORIES)
    whole = states(np.column_stack([pool.x, pool.outcomes["signals"]]), pool.group)
    fits = {"signals": least_squares(whole, k, range(k))}
    for model in MODELS[1:]:
        fits[model] = poisson(pool.x, pool.outcomes[model], pool.group, pool.offsets[model])
    for model, fit in fits.items():
        error = np.sqrt(cr1(fit.blocks)[FOCUS, FOCUS])
        assert error < 0.024, model
        assert abs(fit.estimate[FOCUS] - np.log(ratio)) < 3 * error, model


@pytest.mark.parametrize("design", "ABCD")
def test_the_dummy_varies_within_as_many_creators_as_the_design_says(design):
    for creators in (8, 20):
        cell = Cell(design, creators, 1.0)
        pool = draw(Generator(PCG64(3)), cell)
        varies = states(pool.x, pool.group).varies
        assert varies[:, FOCUS].sum() == cell.carriers


@pytest.mark.parametrize(("hits", "statements"), [(0, 40), (3, 40), (139, 2000), (2000, 2000)])
def test_the_lower_bound_is_the_exact_one(hits, statements):
    exact = binomtest(hits, statements, alternative="greater").proportion_ci(0.99, "exact")
    assert lower_99(hits, statements) == pytest.approx(exact.low, rel=1e-9)


@pytest.fixture(scope="module")
def reports():
    """The rows of the table of whole reports."""
    with (ROOT / "simulations" / "whole.csv").open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_whole_reports_cover_the_truth_and_are_seldom_wrong_to_be_clear(reports):
    """Holm's promise is of a question: at most one report in twenty with any false alarm."""
    assert tuple(reports[0]) == whole.COLUMNS
    for row in reports:
        pools, wrong = int(row["pools"]), int(row["pools_clear_wrong"])
        assert pools >= 100
        assert lower_99(wrong, pools) <= 0.05, row
        assert float(row["covered_share"]) >= 0.94, row


def test_the_table_of_whole_reports_is_what_the_code_makes(reports):
    seeds = range(whole.FIRST_SEED, whole.FIRST_SEED + whole.FIRST)
    again = [row[-2:] for row in whole.table([whole.count(seed) for seed in seeds])]
    assert [(row["first_lines"], row["first_covered"]) for row in reports] == again


def held_rows() -> list[dict[str, int]]:
    with TABLE.with_name("holding.csv").open(newline="", encoding="utf-8") as stream:
        return [{name: int(x) for name, x in row.items()} for row in csv.DictReader(stream)]


def test_of_the_lines_that_stand_out_by_chance_almost_half_hold_as_the_page_says():
    rows = held_rows()
    assert len(rows) == 8
    striking, agree = (sum(row[name] for row in rows) for name in ("striking", "striking_agree"))
    assert 0.4 * striking < agree < 0.5 * striking
    assert striking > 30


def test_the_table_of_signs_that_hold_is_what_the_code_makes():
    from simulations.holding import examples, held

    whole = examples()
    for row in held_rows()[:1]:
        assert dataclasses.asdict(held(whole, row["pool"])) == row


def test_the_interval_of_a_rate_holds_whoever_has_most_of_the_views():
    with rates.TABLE.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["units"], row["views"], int(row["n"])) for row in rows] == rates.CELLS
    for row in rows:
        n, share = int(row["published"]), float(row["covered_share"])
        assert binomtest(round(share * n), n, 0.94, alternative="less").pvalue > 0.01, row
    for cell in rates.CELLS[:2]:
        again = rates.simulate(*cell, pools=rates.FIRST)
        row = rows[rates.CELLS.index(cell)]
        for name in ("first_published", "first_covered"):
            assert str(again[name]) == row[name]


def odds_rows() -> list[dict[str, str]]:
    with odds.TABLE.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_statements_at_given_odds_are_right_as_often_as_they_say_or_more():
    """Over all designs, and in the sparse ones alone: within 5 points, or on the safe side."""
    rows = odds_rows()
    assert tuple(rows[0]) == odds.COLUMNS
    assert {row["design"] for row in rows} == {"examples", *estimators.VIEWS}
    for some in (rows, [row for row in rows if row["design"] != "examples"]):
        for least in odds.BINS:
            mine = [row for row in some if float(row["odds_from"]) == float(f"{least:.4g}")]
            expected = sum(float(row["mean_odds"] or 0) * int(row["statements"]) for row in mine)
            right, n = (sum(int(row[name]) for row in mine) for name in ("right", "statements"))
            assert n > 30
            assert right / n > expected / n - 0.05
            assert sum(int(row["wrong_sign"]) for row in mine) <= 0.05 * n
            assert sum(int(row["shrunken_covered"]) for row in mine) >= 0.9 * n


@pytest.mark.parametrize(
    "cell", [odds.Cell("heavy", 14, 2.0), odds.Cell("examples", 8, 0.0)], ids=lambda c: c.design
)
def test_the_table_of_odds_is_what_the_code_makes(cell):
    again = {(row[3], f"{row[4]:.4g}"): row[-2:] for row in odds.work(cell, odds.FIRST)}
    rows = [
        row
        for row in odds_rows()
        if (row["design"], int(row["creators"]), float(row["ratio"]))
        == (cell.design, cell.creators, cell.ratio)
    ]
    assert rows
    for row in rows:
        counts = int(row["first_statements"]), int(row["first_right"])
        assert counts == again[row["question"], row["odds_from"]], row


def test_the_site_shows_the_table_of_odds_summed_up():
    rows = [[str(cell) for cell in row] for row in odds.summed_up(odds_rows())]
    with odds.SUMMARY.open(newline="", encoding="utf-8") as stream:
        assert list(csv.reader(stream)) == [list(odds.SUMMED), *rows]


def shape_rows() -> list[dict[str, str]]:
    with shapes.TABLE.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_a_curve_sees_peaks_that_a_log_misses_and_holds_where_nothing_is():
    """By 24 creators; what it costs where a log would do is a third of the pools."""
    rows = shape_rows()
    assert tuple(rows[0]) == shapes.COLUMNS
    assert len(rows) == len(shapes.FORMS) * len(shapes.cells())
    by_form = {(r["shape"], r["form"]): r for r in rows if r["creators"] == "24"}

    def share(shape: str, form: str, name: str) -> float:
        return float(by_form[shape, form][name])

    assert share("peak", "curve", "clear_share") > 0.9 > 0.1 > share("peak", "log", "clear_share")
    assert (
        share("flat peak", "curve", "clear_share")
        > 0.5
        > share("flat peak", "bands", "clear_share")
    )
    assert share("falls", "curve", "clear_share") > 0.6 * share("falls", "log", "clear_share")
    for row in rows:
        if row["shape"] == "none":
            assert (
                float(row["wrong_share"]) <= 0.1
            )  # six pools of sixty, of all lines that are none
        if row["form"] == "curve" and row["shape"] != "step":
            assert min(float(row["covered_short"]), float(row["covered_long"])) > 0.85


def test_the_table_of_shapes_is_what_the_code_makes():
    cell = shapes.Cell("flat peak", 8)
    again = {row[2]: row[-1] for row in shapes.work(cell, 1)}
    mine = [r for r in shape_rows() if (r["shape"], int(r["creators"])) == ("flat peak", 8)]
    assert {r["form"]: float(r["first_short"]) for r in mine} == pytest.approx(again, rel=1e-3)


def test_the_published_prior_is_right_as_often_as_it_says_where_one_line_of_ten_is_something():
    with prior.TABLE.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert tuple(rows[0]) == prior.COLUMNS
    published = f"Beta({adaptive_shrinkage.SCEPTICAL + 1:g}, 1)"
    for row in rows:
        if row["prior"] == published and float(row["share"]) >= 0.1 and int(row["statements"]) > 30:
            by_chance = 0.5 / int(row["statements"]) ** 0.5
            assert float(row["right_share"]) > float(row["mean_odds"]) - 0.05 - by_chance, row


def test_the_table_of_priors_is_what_the_code_makes():
    again = {row[2]: str(row[-1]) for row in prior.work(9.0, 0.5, 1)}
    with prior.TABLE.open(newline="", encoding="utf-8") as stream:
        mine = [
            row
            for row in csv.DictReader(stream)
            if (row["prior"], row["share"]) == ("Beta(10, 1)", "0.5")
        ]
    assert {row["verdict"]: row["first_statements"] for row in mine} == again


def test_what_a_line_needs_is_kept_as_often_as_the_method_page_says():
    with needed.TABLE.open(newline="", encoding="utf-8") as stream:
        rows = {row["creators"]: row for row in csv.DictReader(stream)}
    assert float(rows["least"]["clear_share"]) == pytest.approx(0.47, abs=0.01)
    assert float(rows["most"]["clear_share"]) == pytest.approx(0.66, abs=0.01)


def estimator_rows() -> list[dict[str, str]]:
    with estimators.TABLE.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


PUBLISHED = {
    ("reach", "least squares of logs"),
    ("conversion", "NB2"),
    ("followers", "reach + conversion, leverage"),
}


def test_what_is_published_holds_and_tells_more_than_ratios_of_totals():
    """Over all cells: coverage, false clears of a question, and how often the effect is clear."""
    rows = estimator_rows()
    assert tuple(rows[0]) == estimators.COLUMNS
    assert len(rows) == 12 * len(estimators.cells())

    def mean(question: str, estimator: str, name: str, weight: str) -> float:
        mine = [r for r in rows if (r["question"], r["estimator"]) == (question, estimator)]
        shares = [(float(r[name]), int(r[weight])) for r in mine if r[name] and int(r[weight])]
        return sum(share * n for share, n in shares) / sum(n for _, n in shares)

    for question, estimator in PUBLISHED:
        assert mean(question, estimator, "covered_share", "published") > 0.94
        assert mean(question, estimator, "false_clear_share", "pools") < 0.05
        assert mean(question, estimator, "nulls_rejected_share", "nulls") < 0.055
        more = mean(question, estimator, "clear_share", "pools")
        assert more > 2.5 * mean(question, "Poisson", "clear_share", "pools")


def test_the_table_of_estimators_is_what_the_code_makes():
    cell = estimators.Cell("heavy", "growth", 8, 2.0)
    again = {row[:2]: row[-1] for row in estimators.work(cell, 1)}
    rows = [
        row
        for row in estimator_rows()
        if (row["views"], row["trouble"], row["creators"], float(row["ratio"]))
        == (cell.views, cell.trouble, str(cell.creators), cell.ratio)
    ]
    assert len(rows) == len(again) == 12
    for row in rows:
        first = again[row["question"], row["estimator"]]
        assert float(row["first_estimate"] or "nan") == pytest.approx(
            first, rel=1e-3, abs=1e-3, nan_ok=True
        )


def test_honest_creators_are_seldom_asked_and_the_table_is_of_this_code():
    with questions.TABLE.open(newline="", encoding="utf-8") as stream:
        lines = {(row["numbers"], row["rule"]): row for row in csv.DictReader(stream)}
    again = questions.counted(0, questions.FIRST)
    for (kind, rule), row in lines.items():
        first = (int(row["first_creators"]), int(row["first_asked"]))
        assert first == (again[kind, "all"], again[kind, rule]), (kind, rule)
    honest = lines["honest", "any"]
    assert int(honest["asked"]) < int(honest["creators"]) / 10
    assert int(lines["zeros for half", "any"]["asked"]) > 700
