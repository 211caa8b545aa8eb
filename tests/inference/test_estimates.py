"""What may be said of an estimate, from blocks whose numbers can be worked out by hand.

With unit information of every creator and scores s_g, leaving g out moves the estimate by
-s_g / (G - 1), so the CR3 error is sqrt(Σ s_g² / (G (G - 1))) and G* = G.
"""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from pipeline.estimate.cluster_robust import leave_one_out
from pipeline.inference.estimates import NO_SPREAD, NOT_ESTIMABLE, NOT_IDENTIFIED, covariance
from pipeline.inference.published_line import Estimate, Verdict
from pipeline.model.fit_result import Fit, Unidentified
from pipeline.model.questions import Part
from pipeline.model.reasons import Reason
from pipeline.model.variables import RARE, UNKNOWN
from support.lines import fit_of, lever, lines_of

CR3 = "CR3, t(G*-1)"


def empty_beside(line: Estimate) -> set[str]:
    """The numbers that a line does not give."""
    numbers = ("estimate", "std_error", "statistic", "df", "ci_low", "ci_high", "p_value",
               "p_adjusted", "lowest", "highest", "effective_creators")  # fmt: skip
    return {name for name in numbers if getattr(line, name) is None}


INTERVAL = {"std_error", "statistic", "df", "ci_low", "ci_high", "p_value", "p_adjusted"}
RUNGS = [
    (1, NOT_ESTIMABLE, {*INTERVAL, "estimate", "lowest", "highest"}),
    (2, "estimate only", INTERVAL),
    (3, "estimate only", INTERVAL),
    (4, "estimate only", INTERVAL),
    (5, CR3, set()),
    (6, CR3, set()),
]


@pytest.mark.parametrize(("carriers", "method", "empty"), RUNGS)
def test_the_creators_who_carry_a_term_decide_what_is_said(carriers, method, empty):
    (line,) = lines_of(fit_of([lever("a")], [0.8], [0.1], 6, [carriers]))
    assert (line.method, empty_beside(line)) == (method, empty)
    assert (line.creators, line.videos) == (carriers, 100)
    assert line.effective_creators == pytest.approx(6)
    assert line.verdict == {1: NOT_ESTIMABLE, 5: Verdict.CLEAR, 6: Verdict.CLEAR}.get(
        carriers, Verdict.TOO_FEW
    )


def test_an_interval_is_students_with_the_effective_number_less_one():
    fitted = fit_of([lever("a")], [0.4], [0.1], 6)
    (line,) = lines_of(fitted)
    assert covariance(fitted) == pytest.approx(np.array([[0.01]]))
    assert (line.std_error, line.statistic, line.df) == pytest.approx((0.1, 4, 5))
    half = 0.1 * stats.t.ppf(0.975, 5)
    assert (line.ci_low, line.ci_high) == pytest.approx((0.4 - half, 0.4 + half))
    assert line.p_value == pytest.approx(2 * stats.t.sf(4, 5))
    move = 0.1 * np.sqrt(15) / 5
    assert (line.lowest, line.highest) == pytest.approx((0.4 - move, 0.4 + move))


def test_unequal_creators_count_for_less():
    """G* = 1 / Σ share²: shares 0.5 and five of 0.1 are 1 / 0.3 creators."""
    information = np.array([5.0, 1, 1, 1, 1, 1])[:, None, None]
    (line,) = lines_of(fit_of([lever("a")], [0.4], [0.1], 6, information=information))
    assert line.effective_creators == pytest.approx(1 / 0.3)
    assert line.df == pytest.approx(1 / 0.3 - 1)


@pytest.mark.parametrize(
    ("weight", "method"), [(21, CR3), (22, NOT_ESTIMABLE), (1e6, NOT_ESTIMABLE)]
)
def test_one_creator_who_carries_most_of_it_is_no_sample_of_creators(weight, method):
    """One of weight w among five of 1: G* = (w + 5)² / (w² + 5), 1.516 at 21 and 1.491 at 22."""
    information = np.array([weight, 1, 1, 1, 1, 1], dtype=float)[:, None, None]
    (line,) = lines_of(fit_of([lever("a")], [0.4], [0.1], 6, information=information))
    assert line.effective_creators == pytest.approx((weight + 5) ** 2 / (weight**2 + 5))
    assert line.method == method
    if method == NOT_ESTIMABLE:
        assert line.why == "most of what is known about it comes from one creator"
        assert {*INTERVAL, "estimate"} <= empty_beside(line)


def needed_by_all() -> Fit:
    """Two terms that each creator ties together in a way of their own: both are needed."""
    tied = np.array([[[1.0, 1], [1, 1]], [[1, -1], [-1, 1]]])
    return fit_of([lever("a"), lever("b")], [0.4, 0.3], [0, 0], 2, information=tied)


def test_an_estimate_that_needs_every_one_of_its_creators_has_no_range():
    for line in lines_of(needed_by_all()):
        assert (line.method, line.verdict) == ("estimate only", Verdict.TOO_FEW)
        assert empty_beside(line) == {*INTERVAL, "lowest", "highest"}


def test_without_a_jackknife_there_is_no_interval():
    """Creator 0 alone tells b from a: CR3 of both is undefined, of c it is not."""
    along = np.array([1.0, -0.1, 0])
    rest = np.outer(along, along) + np.diag([0, 0, 1.0])
    information = np.stack([np.diag([0.2, 9.0, 1.0]), *[rest] * 7])
    fitted = fit_of([lever(name) for name in "abc"], [0.4] * 3, [0, 0, 0.1], 8, None, information)
    a, b, c = lines_of(fitted)
    assert np.isnan(covariance(fitted)[0]).all()
    assert np.isfinite(covariance(fitted)[2, 2])
    assert [line.method for line in (a, c)] == ["estimate only", CR3]
    assert (a.verdict, a.estimate) == (Verdict.CANNOT_TELL, 0.4)
    assert a.why == "it cannot be estimated without c00"
    assert empty_beside(a) >= INTERVAL
    assert (b.method, b.why) == (
        NOT_ESTIMABLE,
        "most of what is known about it comes from one creator",
    )


def test_an_error_of_zero_is_no_certainty():
    (line,) = lines_of(fit_of([lever("a")], [0.4], [0.0], 6))
    assert (line.verdict, line.why) == (Verdict.CANNOT_TELL, NO_SPREAD)
    assert empty_beside(line) >= INTERVAL


def t_of(p: float, df: int) -> float:
    return float(stats.t.isf(p / 2, df))


# raw p → Holm's, by hand: times 4, 3, 2, 1 from the smallest on, never falling, at most 1
HOLM = [(0.001, 0.004), (0.02, 0.06), (0.04, 0.08), (0.9, 0.9)]


def test_holm_is_over_the_levers_alone():
    levers = [
        lever("a"),
        lever("b", part=Part.ENGAGEMENT),
        lever("c", "humor"),
        lever("d", "", is_log=True),
    ]
    others = [lever("e", UNKNOWN), lever("f", RARE), lever("g", part=Part.CONTEXT)]
    raw = [p for p, _ in HOLM] + [1e-9] * 3
    lines = lines_of(fit_of(levers + others, [0.1 * t_of(p, 6) for p in raw], [0.1] * 7, 7))
    assert [line.p_value for line in lines] == pytest.approx(raw)
    assert [line.p_adjusted for line in lines[:4]] == pytest.approx([p for _, p in HOLM])
    assert [line.p_adjusted for line in lines[4:]] == [None] * 3
    assert [line.verdict == Verdict.CLEAR for line in lines] == [True] + [False] * 6
    assert [line.verdict for line in lines[4:]] == ["", "", "context"]


def test_what_is_not_tested_does_not_count_for_holm():
    """Terms below the rung of tests make nobody else's p larger."""
    names = [lever(name) for name in "abc"]
    lines = lines_of(fit_of(names, [0.3] * 3, [0.1] * 3, 7, [7, 4, 1]))
    assert lines[0].p_adjusted == lines[0].p_value == pytest.approx(2 * stats.t.sf(3, 6))
    assert [line.p_adjusted for line in lines[1:]] == [None, None]


def test_ties_are_holms_of_statsmodels():
    names, sizes = [lever(name) for name in "abcde"], [0.3, 0.3, 0.25, 0.25, 0.01]
    lines = lines_of(fit_of(names, sizes, [0.1] * 5, 9))
    want = multipletests([line.p_value for line in lines], method="holm")[1]
    assert [line.p_adjusted for line in lines] == pytest.approx(want)


VERDICTS = [
    # estimate in standard errors, G = 7; |t| for 5 % is 2.45
    (2.46, True),
    (-2.46, True),
    (2.44, False),
    (-1.45, False),
    (0.0, False),
]


@pytest.mark.parametrize(("size", "is_clear"), VERDICTS)
def test_what_is_clear_is_by_rule(monkeypatch, size, is_clear):
    """By its p, where its odds are enough; one line alone would need better ones."""
    monkeypatch.setattr("pipeline.inference.verdicts.LIKELY", 0.0)
    (line,) = lines_of(fit_of([lever("a")], [0.1 * size], [0.1], 7))
    assert ((line.verdict == Verdict.CLEAR), line.is_tested) == (is_clear, True)


@pytest.mark.parametrize("creators", [5, 20, 200])
def test_a_sign_that_hangs_on_one_creator_is_not_clear(creators):
    """CR3 sees to it: a creator who turns the sign is worth an error as large as the estimate."""
    fitted = fit_of([lever("a")], [0.1], [0.0], creators)
    moved = np.full((creators, 1), -0.101)
    moved[0] = 0.101 * (creators - 1)
    blocks = replace(fitted.blocks, scores=moved)
    (line,) = lines_of(
        replace(fitted, blocks=blocks, left_out=leave_one_out(blocks), refits=leave_one_out(blocks))
    )
    assert line.lowest < 0 < line.highest
    assert line.p_value > 0.2
    assert line.verdict == Verdict.CANNOT_TELL


def test_context_unknown_and_rare_levels_get_no_verdict_of_a_lever():
    variables = [lever("a", part=Part.CONTEXT), lever("b", UNKNOWN), lever("c", RARE)]
    lines = lines_of(fit_of(variables, [9.0] * 3, [0.1] * 3, 9))
    assert [line.verdict for line in lines] == ["context", "", ""]
    assert all(line.p_value is not None and not line.is_tested for line in lines)


def test_lines_are_in_the_order_of_the_question_with_what_is_not_identified():
    a, b, c = (lever(name) for name in "abc")
    fitted = fit_of([a, c], [0.4, 0.2], [0.1, 0.1], 6)
    fitted = replace(
        fitted,
        design=replace(fitted.design, variables=(a, b, c)),
        unidentified=(Unidentified(b, Reason.ABSORBED, "absorbed", 3, 0),),
    )
    lines = lines_of(fitted)
    assert [line.variable for line in lines] == [a, b, c]
    assert (lines[1].method, lines[1].verdict, lines[1].why) == (
        NOT_IDENTIFIED, NOT_IDENTIFIED, "absorbed",
    )  # fmt: skip
    assert (lines[1].videos, lines[1].creators) == (3, 0)
    assert "effective_creators" in empty_beside(lines[1])


def test_a_ratio_is_of_a_doubling_for_a_log_and_of_the_level_else():
    log, flag = Estimate(lever("a", "", is_log=True), 1, 1), Estimate(lever("a"), 1, 1)
    assert log.ratio(1.0) == pytest.approx(2)
    assert log.ratio(-0.5) == pytest.approx(2**-0.5)
    assert flag.ratio(np.log(3)) == pytest.approx(3)
    assert log.ratio(0.0) == flag.ratio(0.0) == 1
    assert log.ratio(None) is flag.ratio(None) is None
