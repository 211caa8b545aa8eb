"""What a line would need to be told, and the false discovery rate beside Holm's p."""

import math

import numpy as np
import pytest
from scipy import stats
from test_ladder import fit_of, lever, lines_of

from pipeline.ladder import Needed
from pipeline.verdict import CANNOT_TELL, LEANING, NARROW


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
    assert line.verdict == CANNOT_TELL
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
    assert (line.verdict, line.needed) == (CANNOT_TELL, Needed(7, 100))


def test_what_leans_or_is_not_tested_asks_for_nothing():
    (leaning,) = lines_of(fit_of([lever("a")], [0.5], [0.3], 7))
    assert (leaning.verdict, leaning.needed) == (LEANING, None)
    (few,) = lines_of(fit_of([lever("a")], [0.01], [0.3], 7, [4]))
    assert few.needed is None


def test_an_absurd_number_is_not_given():
    (line,) = lines_of(fit_of([lever("a")], [1.0], [1e4], 7))
    assert (line.verdict, line.needed) == (CANNOT_TELL, None)
