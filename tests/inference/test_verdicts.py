"""What a line would need to be told, and the false discovery rate beside Holm's p."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from pipeline.estimate.adaptive_shrinkage import ShrunkenLines, shrink_lines
from pipeline.inference.estimates import WITHIN
from pipeline.inference.published_line import Estimate, Needed, Verdict
from pipeline.inference.verdicts import LIKELY, MAY, NARROW, WIDEST, judge_lines
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
    assert (line.verdict, line.needed) == (Verdict.CANNOT_TELL, Needed(7, 100, 7))


def shrink_to(monkeypatch, odds: float, smaller: float, larger: float) -> None:
    """Let the lines say so much in the light of each other, whatever their numbers."""

    def answer(estimate, std_error, dof) -> ShrunkenLines:
        each = (odds, 1 - odds, 0.0, -0.1, 0.1, smaller, larger)
        return ShrunkenLines(*(np.full(len(estimate), value) for value in each))

    monkeypatch.setattr("pipeline.inference.verdicts.shrink_lines", answer)


ODDS = [
    (0.95, Verdict.LIKELY),
    (0.8, Verdict.LIKELY),
    (0.79, Verdict.MAY),
    (2 / 3, Verdict.MAY),
    (0.66, Verdict.CANNOT_TELL),
    (0.1, Verdict.CANNOT_TELL),
]


@pytest.mark.parametrize(("odds", "verdict"), ODDS)
def test_without_the_odds_of_likely_nothing_is_clear(monkeypatch, odds, verdict):
    shrink_to(monkeypatch, odds, 0.2, 0.4)
    (line,) = lines_of(fit_of([lever("a")], [0.2], [0.1], 7))
    assert (line.verdict, line.odds) == (verdict, odds)
    assert (line.shrunken is not None) == (odds >= MAY)
    (sure,) = lines_of(fit_of([lever("a")], [0.5], [0.1], 7))
    assert sure.verdict == (Verdict.CLEAR if odds >= LIKELY else verdict)
    wide = math.log(WIDEST) / (2 * stats.t.ppf(0.975, 6))
    (line,) = lines_of(fit_of([lever("a")], [0.2], [1.001 * wide], 7))
    assert line.verdict == Verdict.CANNOT_TELL
    (line,) = lines_of(fit_of([lever("a")], [0.2], [0.999 * wide], 7))
    assert line.verdict == verdict


def test_lines_are_shrunken_together_as_they_are_shown():
    """A number for a doubling; what is not tested has no part in it."""
    asked = [lever("a"), lever("b", "", is_log=True), lever("c")]
    estimate, error = [0.5, -0.6, 1.9], [0.1, 0.15, 0.2]
    more = [lever("d", UNKNOWN), lever("e", part=Part.CONTEXT)]
    lines = lines_of(fit_of([*asked, *more], [*estimate, 3.0, 3.0], [*error, 0.1, 0.1], 7))
    step = np.array([1, math.log(2), 1])
    want = shrink_lines(np.array(estimate) * step, np.array(error) * step, np.full(3, 6.0))
    assert [line.odds for line in lines[:3]] == pytest.approx(want.odds)
    for line, size, low, high, one in zip(
        lines, want.estimate, want.low, want.high, step, strict=False
    ):
        if line.odds >= MAY:
            assert line.shrunken * one == pytest.approx(size)
            assert line.shrunken_low * one == pytest.approx(low)
            assert line.shrunken_high * one == pytest.approx(high)
    assert any(line.shrunken is not None for line in lines)
    assert [line.odds for line in lines[3:]] == [None, None]


def is_clear(line: Estimate, size: float, creators: int, tested: int) -> bool:
    """Whether so many creators like these would find an effect of a size, 4 times of 5."""
    dof = max(creators - 1, 0.5)
    luck = math.sqrt(6 / 4)  # of an error with 6 degrees of freedom: its variance is this much more
    error = luck * line.std_error * line.variable.step * math.sqrt(7 / creators)
    needed = stats.t.ppf(1 - 0.025 / tested, dof) + stats.t.ppf(0.8, dof)
    return size / error >= needed


@pytest.mark.parametrize("is_log", [False, True])
@pytest.mark.parametrize("others", [0, 2, 20])
def test_what_is_likely_needs_what_makes_it_clear_at_the_first_step_of_holm(
    monkeypatch, is_log, others
):
    """By hand: one creator more in turn, for the larger size and for the smaller."""
    shrink_to(monkeypatch, 0.9, 0.15, 0.3)
    names = [lever("a", "" if is_log else "yes", is_log=is_log)]
    names += [lever(f"o{n:02}") for n in range(others)]
    likely, *_ = lines_of(fit_of(names, [0.2] * (1 + others), [0.26] * (1 + others), 7))
    assert likely.verdict == Verdict.LIKELY
    least, most = (
        next(g for g in range(7, 10_000) if is_clear(likely, size, g, 1 + others))
        for size in (0.3, 0.15)
    )
    assert (likely.needed.creators, likely.needed.most) == (least, most)
    assert likely.needed.videos == pytest.approx(likely.videos * least / 7, abs=100 / 7)


def test_a_size_that_may_be_nothing_has_no_upper_end_of_what_it_needs(monkeypatch):
    shrink_to(monkeypatch, 0.7, 1e-6, 0.3)
    (line,) = lines_of(fit_of([lever("a")], [0.2], [0.26], 7))
    assert line.verdict == Verdict.MAY
    assert line.needed.most is None
    shrink_to(monkeypatch, 0.7, 0.0, 1e-6)
    (line,) = lines_of(fit_of([lever("a")], [0.2], [0.26], 7))
    assert (line.verdict, line.needed) == (Verdict.MAY, None)


def test_lines_that_are_not_tested_do_not_make_a_likely_one_dearer(monkeypatch):
    shrink_to(monkeypatch, 0.9, 0.15, 0.3)
    asked = [lever("a"), lever("b")]
    more = [lever("c", UNKNOWN), lever("d", part=Part.CONTEXT)]
    (alone, _) = lines_of(fit_of(asked, [0.5, 0.01], [0.3] * 2, 7))
    (beside, *_) = lines_of(fit_of(asked + more, [0.5] + [0.01] * 3, [0.3] * 4, 7))
    few = lines_of(fit_of([*asked, lever("e")], [0.5, 0.01, 0.01], [0.3] * 3, 7, [7, 7, 4]))
    assert alone.needed is not None
    assert alone.needed == beside.needed == few[0].needed


def test_what_one_creator_turns_is_not_clear(monkeypatch):
    """Its p is small enough; what is missing is the same sign without any one creator."""
    shrink_to(monkeypatch, 0.9, 0.4, 0.6)
    (line,) = lines_of(fit_of([lever("a")], [0.5], [0.1], 7))
    assert line.verdict == Verdict.CLEAR
    turned = replace(line, verdict="", lowest=-0.1)
    (judged,) = judge_lines([turned])
    assert (judged.verdict, judged.needed) == (Verdict.LIKELY, Needed(7, line.videos, 8))


def test_what_is_clear_or_not_tested_asks_for_nothing():
    (clear,) = lines_of(fit_of([lever("a")], [0.9], [0.1], 7))
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
