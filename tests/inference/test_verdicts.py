"""What a line would need to be told, and the false discovery rate beside Holm's p."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from pipeline.inference.estimates import WITHIN
from pipeline.inference.published_line import Estimate, Needed, Verdict
from pipeline.inference.verdicts import NARROW, judge_lines
from pipeline.model.questions import Part
from pipeline.model.variables import UNKNOWN
from support.lines import fit_of, lever, lines_of


def test_q_values_are_those_of_benjamini_and_hochberg():
    lines = lines_of(fit_of([lever(n) for n in "abcd"], [0.4, 0.3, 0.25, 0.01], [0.1] * 4, 9))
    raw = np.array([line.p_value for line in lines])
    order = np.argsort(raw)
    steps = raw[order] * len(raw) / np.arange(1, len(raw) + 1)
    by_hand = np.empty(len(raw))
    by_hand[order] = np.minimum.accumulate(steps[::-1])[::-1]
    assert [line.q_value for line in lines] == pytest.approx(by_hand.tolist())


def test_what_cannot_be_told_says_what_it_would_take():
    """Seven equal creators: c times as many have G* = 7c and an error of 0.3/√c."""
    (line,) = lines_of(fit_of([lever("a")], [0.01], [0.3], 7))
    assert line.verdict == Verdict.CANNOT_TELL
    assert line.needed is not None
    creators = line.needed.creators
    half = [stats.t.ppf(0.975, g - 1) * 0.3 * math.sqrt(7 / g) for g in (creators - 1, creators)]
    assert half[1] <= math.log(NARROW) < half[0]
    assert line.needed.videos == pytest.approx(line.videos * creators / 7, abs=line.videos / 7)


def test_a_doubling_is_judged_as_a_doubling():
    (level,) = lines_of(fit_of([lever("a")], [0.01], [0.3], 7))
    (log,) = lines_of(fit_of([lever("a", "", is_log=True)], [0.01], [0.3 / np.log(2)], 7))
    assert level.needed == log.needed


def test_what_is_narrow_already_needs_what_it_has():
    (line,) = lines_of(fit_of([lever("a")], [0.01], [0.05], 7))
    assert (line.verdict, line.needed) == (Verdict.CANNOT_TELL, Needed(7, 100))


def t_of(line: Estimate, times: float) -> float:
    """The t statistic of a line with so many times its data, and the same estimate and spread."""
    return abs(line.estimate) * math.sqrt(times) / line.std_error


@pytest.mark.parametrize("is_log", [False, True])
@pytest.mark.parametrize("others", [0, 2, 20])
def test_what_leans_needs_what_makes_it_clear_at_the_first_step_of_holm(is_log, others):
    """By hand: one creator more in turn, until Bonferroni's t over all lines is passed."""
    names = [lever("a", "" if is_log else "yes", is_log=is_log)]
    names += [lever(f"o{n:02}") for n in range(others)]
    fit = fit_of(names, [0.5] + [0.01] * others, [0.26] + [0.3] * others, 7)
    leaning, *rest = lines_of(fit)
    assert leaning.verdict == Verdict.LEANING
    assert {line.verdict for line in rest} <= {Verdict.CANNOT_TELL}
    enough = next(
        creators
        for creators in range(7, 10_000)
        if t_of(leaning, creators / 7)
        >= stats.t.ppf(1 - 0.025 / (1 + others), max(creators - 1, 0.5))
    )
    assert leaning.needed.creators == enough
    assert leaning.needed.videos == pytest.approx(leaning.videos * enough / 7, abs=100 / 7)


@pytest.mark.slow
def test_lines_that_are_not_tested_do_not_make_a_leaning_one_dearer():
    asked = [lever("a"), lever("b")]
    more = [lever("c", UNKNOWN), lever("d", part=Part.CONTEXT)]
    (alone, _) = lines_of(fit_of(asked, [0.5, 0.01], [0.3] * 2, 7))
    (beside, *_) = lines_of(fit_of(asked + more, [0.5] + [0.01] * 3, [0.3] * 4, 7))
    few = lines_of(fit_of([*asked, lever("e")], [0.5, 0.01, 0.01], [0.3] * 3, 7, [7, 7, 4]))
    assert alone.needed == beside.needed == few[0].needed


def test_what_one_creator_turns_needs_no_more_than_it_has():
    """Its p is small enough; what is missing is the same sign without any one creator."""
    (line,) = lines_of(fit_of([lever("a")], [0.5], [0.1], 7))
    assert line.verdict == Verdict.CLEAR
    turned = replace(line, verdict="", lowest=-0.1)
    (judged,) = judge_lines([turned])
    assert (judged.verdict, judged.needed) == (Verdict.LEANING, Needed(7, line.videos))


def test_what_is_clear_or_not_tested_asks_for_nothing():
    (clear,) = lines_of(fit_of([lever("a")], [0.5], [0.1], 7))
    assert (clear.verdict, clear.needed) == (Verdict.CLEAR, None)
    (few,) = lines_of(fit_of([lever("a")], [0.01], [0.3], 7, [4]))
    assert few.needed is None


def test_an_absurd_number_is_not_given():
    (line,) = lines_of(fit_of([lever("a")], [1.0], [1e4], 7))
    assert (line.verdict, line.needed) == (Verdict.CANNOT_TELL, None)


def of_one_account(estimate: float) -> Estimate:
    """A line of one account: 40 videos with it, 30 degrees of freedom, an error of 0.4."""
    margin = stats.t.ppf(0.975, 30) * 0.4
    return Estimate(
        lever("a"), 40, 1, estimate=estimate, std_error=0.4, df=30.0,
        ci_low=estimate - margin, ci_high=estimate + margin, method=WITHIN,
    )  # fmt: skip


def test_one_account_needs_videos_and_their_degrees_of_freedom_grow_with_them():
    (line,) = judge_lines([of_one_account(0.1)])
    assert line.verdict == Verdict.THIS_ACCOUNT
    assert line.needed is not None
    videos = line.needed.videos
    half = [stats.t.ppf(0.975, 30 * n / 40) * 0.4 * math.sqrt(40 / n) for n in (videos - 1, videos)]
    assert half[1] <= math.log(NARROW) < half[0]


def test_one_account_whose_range_excludes_no_difference_needs_nothing():
    (line,) = judge_lines([of_one_account(1.5)])
    assert line.needed is None
