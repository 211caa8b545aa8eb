"""How a line holds, what a trap makes of it, and which model is better, from rows made up here."""

import dataclasses

import pytest

from pipeline.analysis.prediction.tables import (
    AFTERWARDS,
    BEFORE,
    CREATORS,
    VIDEOS,
)
from pipeline.analysis.robustness.choices import (
    COMPLETE,
    LOG1P,
    NEGATIVE_BINOMIAL,
    OF_2022,
    WITHOUT_AGE,
    ZERO_TRAP,
)
from pipeline.inference.published_line import Estimate, Verdict
from pipeline.model.questions import Part
from pipeline.model.variables import Variable
from pipeline.render.diagnostics.prediction import points
from pipeline.render.diagnostics.sentences import (
    holds,
    is_better,
    misled,
    ranked,
    stands_out,
    trapped,
)
from support.diagnostics import (
    AGE,
    LOG,
    NB,
    PUBLISHED,
    TRAP,
    other,
    skill,
)

# rows beside the published one → same, told, untold, low, high, other scale, moved by, moved to
HOLDINGS = {
    "none": ([], (0, 0, 0, 0.5, 0.5, 0, "", None)),
    "all hold": (
        [other(1, 0.4, **NB), other(2, 0.7, **AGE)],
        (2, 2, 0, 0.4, 0.7, 0, WITHOUT_AGE, 0.7),
    ),
    "one turns": (
        [other(1, -0.1, **NB), other(2, 0.7, **AGE)],
        (1, 2, 0, -0.1, 0.7, 0, NEGATIVE_BINOMIAL, -0.1),
    ),
    "two departures move nothing on their own": (
        [other(1, 0.4, **NB), other(2, 3.0, **NB, **AGE)],
        (2, 2, 0, 0.4, 3.0, 0, NEGATIVE_BINOMIAL, 0.4),
    ),
    "one cannot tell": (
        [other(1, 0.4, **NB), other(2, None, levers=COMPLETE)],
        (1, 1, 1, 0.4, 0.5, 0, NEGATIVE_BINOMIAL, 0.4),
    ),
    "another scale has a sign and no size": (
        [other(1, 0.4, **NB), other(2, -0.01, **LOG)],
        (1, 2, 0, 0.4, 0.5, 1, NEGATIVE_BINOMIAL, 0.4),
    ),
    "a trap is no reasonable analysis": (
        [other(1, -2.0, **TRAP)],
        (0, 0, 0, 0.5, 0.5, 0, "", None),
    ),
    "no difference has no sign": (
        [other(1, 0.0, **NB)],
        (0, 1, 0, 0.0, 0.5, 0, NEGATIVE_BINOMIAL, 0.0),
    ),
}


@pytest.mark.parametrize("case", HOLDINGS)
def test_how_a_line_holds(case):
    rows, expected = HOLDINGS[case]
    holding = holds([PUBLISHED, *rows])
    assert holding is not None
    counts = (holding.same, holding.estimated, holding.untold, holding.low, holding.high)
    assert (*counts, holding.other_scale, holding.moved_by, holding.moved_to) == expected
    assert holds([*reversed(rows), PUBLISHED]) == holding or len(rows) > 1


def test_a_line_without_a_published_estimate_holds_nothing():
    assert holds([]) is None
    assert holds([dataclasses.replace(PUBLISHED, estimate=None)]) is None


def test_of_signals_the_others_are_on_another_scale():
    own = dataclasses.replace(PUBLISHED, estimator=LOG1P)
    holding = holds([own, other(1, 9.0), other(2, 0.6, **LOG, **AGE)])
    assert holding is not None
    assert (holding.high, holding.other_scale, holding.moved_to) == (0.6, 1, 0.6)


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([], "no other reasonable analysis can tell"),
        ([other(1, 0.4, **NB)], "the sign holds in 1 of 1 other reasonable analysis"),
        ([other(1, 0.4), other(2, -1.0)], "the sign holds in 1 of 2 other reasonable analyses"),
        (
            [other(1, 0.4), other(2, 0.3), other(3, None)],
            "the sign holds in 2 of 2 other reasonable analyses that can tell",
        ),
    ],
)
def test_the_sentence(rows, sentence):
    holding = holds([PUBLISHED, *rows])
    assert holding is not None
    assert holding.sentence == sentence


UNSURE = dataclasses.replace(PUBLISHED, ci_low=-0.1, ci_high=1.1)
# the published row, the trap's → lines, turned, sure, sure and turned, lost
MISLED = {
    "the same": (PUBLISHED, other(1, 0.6, **TRAP), (1, 0, 0, 0, 0)),
    "made sure": (UNSURE, other(1, 0.6, **TRAP), (1, 0, 1, 0, 0)),
    "made sure, the wrong way round": (UNSURE, other(1, -0.6, **TRAP), (1, 1, 1, 1, 0)),
    "turned, and not sure": (UNSURE, other(1, -0.1, **TRAP), (1, 1, 0, 0, 0)),
    "sure no more": (PUBLISHED, other(1, 0.1, **TRAP), (1, 0, 0, 0, 1)),
    "sure of what has no interval": (
        dataclasses.replace(PUBLISHED, ci_low=None, ci_high=None),
        other(1, 0.6, **TRAP),
        (1, 0, 1, 0, 0),
    ),
    "cannot tell": (PUBLISHED, other(1, None, **TRAP), (0, 0, 0, 0, 0)),
    "another trap": (PUBLISHED, other(1, 0.6, trap=OF_2022), (0, 0, 0, 0, 0)),
}


@pytest.mark.parametrize("case", MISLED)
def test_what_a_trap_makes_of_a_line(case):
    own, row, expected = MISLED[case]
    assert dataclasses.astuple(misled([[own, row]], ZERO_TRAP)) == expected


def test_a_trap_is_found_by_its_name():
    rows = [PUBLISHED, other(1, 0.6, **TRAP), other(2, 0.7, trap=OF_2022)]
    assert trapped(rows, OF_2022) is rows[2]
    assert trapped(rows[:1], OF_2022) is None


def test_models_are_ranked_within_their_league():
    scores = [
        skill("own-mean", 0.0), skill("poisson", 0.2, 0.1), skill("boosting", -0.3, -0.4),
        skill("random-forest", None), skill("poisson", 0.9, 0.8, known=AFTERWARDS),
        skill("poisson", 0.7, 0.6, held_out=CREATORS), skill("poisson", 5.0, measure="deviance"),
    ]  # fmt: skip
    ranking = ranked(scores, VIDEOS, BEFORE)
    assert [score.model for score in ranking] == ["poisson", "own-mean", "boosting"]
    assert [is_better(score) for score in ranking] == [True, False, False]
    assert ranked(scores, CREATORS, AFTERWARDS) == ()


@pytest.mark.parametrize(
    ("value", "written"),
    [(None, ""), (0.0, "0"), (-0.0001, "0"), (0.0996, "10"), (-1.5, "−150"), (0.034, "3.4")],
)
def test_a_share_is_written_with_few_digits(value, written):
    assert points(value) == written


ESTIMATE = Estimate(
    Variable("x", "", "", Part.LEVER, "x"), 90, 6,
    estimate=0.5, ci_low=0.1, ci_high=0.9, lowest=0.4, highest=0.6,
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"verdict": Verdict.CLEAR}, True),
        ({"verdict": Verdict.LIKELY}, True),
        ({"verdict": Verdict.MAY}, False),
        ({"verdict": Verdict.CANNOT_TELL}, False),
        ({"verdict": Verdict.THIS_ACCOUNT}, True),
        ({"verdict": Verdict.THIS_ACCOUNT, "ci_low": -0.1}, False),
        ({"verdict": Verdict.THIS_ACCOUNT, "lowest": -0.1}, False),
        ({"verdict": Verdict.THIS_ACCOUNT, "ci_low": None}, False),
    ],
)
def test_the_lines_that_stand_out(changes, expected):
    assert stands_out(dataclasses.replace(ESTIMATE, **changes)) is expected
