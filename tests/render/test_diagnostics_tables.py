"""The cells of the page on sureness, by hand: leagues, traps, order of lines, partial pooling."""

import dataclasses

import pytest

from pipeline.analysis.diagnostics.creator_slopes import Personal
from pipeline.analysis.diagnostics.diagnostics import Diagnostics
from pipeline.analysis.diagnostics.lines import AnalysedLine
from pipeline.analysis.prediction.tables import BEFORE, CREATORS, VIDEOS, Score
from pipeline.model.questions import Part
from pipeline.model.variables import Variable
from pipeline.render.diagnostics import creator_slopes, prediction, robustness
from pipeline.render.diagnostics.sentences import Usual, usual
from support.diagnostics import AGE, LOG, NB, PUBLISHED, TRAP, other

COVER = Variable("has_cover", "yes", "yes against no", Part.LEVER, "a cover")
LIKES = Variable("likes", "", "doubling of 1 + likes", Part.ENGAGEMENT, "twice the likes", True)


def skill(model: str, value: float | None, low: float | None, high: float | None, **changes):
    row = Score(BEFORE, VIDEOS, model, "skill", value, low, high, 100, 6, "")
    return dataclasses.replace(row, **changes)


MEAN = skill("own-mean", 0.0, None, None)
SENTENCES = {
    "better": ([MEAN, skill("boosting", 0.2, 0.1, 0.3)], "so it does better"),
    "not shown": ([MEAN, skill("boosting", 0.2, -0.1, 0.5)], "so it is not shown to do better"),
    "worse": ([MEAN, skill("boosting", -0.2, -0.3, -0.1)], "nothing that we tried does better"),
    "no interval": ([MEAN, skill("boosting", 0.2, None, None)], "nobody can say how sure that is"),
    "independent": (
        [MEAN, skill("boosting", 0.2, 0.1, 0.3, creators=4)],
        "as if videos were independent",
    ),
    "no score": ([skill("boosting", None, None, None, why="too few")], "nobody can tell: too few"),
}


@pytest.mark.parametrize("case", SENTENCES)
def test_what_is_said_of_the_best_model(case):
    scores, expected = SENTENCES[case]
    league = prediction.leagues(Diagnostics(scores=tuple(scores)))[0]
    assert expected in league.sentence
    assert ("so it does better" in league.sentence) == (case in ("better", "independent"))


def test_new_creators_are_a_league_of_their_own():
    rows = (MEAN, skill("boosting", 0.2, 0.1, 0.3, held_out=CREATORS))
    titles = [league.title for league in prediction.leagues(Diagnostics(scores=rows))]
    assert len(titles) == len(set(titles)) == 2


@pytest.mark.parametrize(
    ("row", "cell"),
    [
        (other(1, 0.6, **TRAP), "1.82, sure"),
        (other(1, 0.3, **TRAP), "1.35"),
        (other(1, -0.3, **TRAP), "0.74, turned"),
        (other(1, -0.6, **TRAP), "0.55, turned, sure"),
        (other(1, 0.3, **TRAP, **LOG), "1.35¹"),
        (other(1, None, **TRAP), "cannot tell"),
        (other(1, 0.3), "no such choice"),
    ],
)
def test_a_trap_s_cell(row, cell):
    line = AnalysedLine(COVER, None, (PUBLISHED, row), None)
    assert robustness.trap_cell(line, TRAP["trap"]) == cell


def test_lines_stand_in_the_order_of_the_report():
    sizes = (-0.2, 0.1, -0.9, 0.7)
    lines = [
        AnalysedLine(COVER, None, (dataclasses.replace(PUBLISHED, estimate=x),), None)
        for x in sizes
    ]
    ordered = sorted(lines, key=robustness.order)
    assert [line.rows[0].estimate for line in ordered] == [0.7, 0.1, -0.9, -0.2]


def test_one_choice_at_a_time_has_its_cell():
    rows = (PUBLISHED, other(1, 0.4, **NB), other(2, None, **AGE), other(3, 0.2, **NB, **AGE))
    held = robustness.Held(None, (AnalysedLine(COVER, None, rows, None),), 4)
    assert held.alone == ["negative binomial", "without age"]
    cells = [robustness.departure_cell(held.lines[0], row) for row in rows[1:3]]
    assert cells == ["1.49", ""]


def test_what_a_reasonable_analysis_does_on_average():
    first = [PUBLISHED, other(1, 0.6), other(2, -0.3), other(9, -9.0, **TRAP)]
    unsure = dataclasses.replace(PUBLISHED, ci_low=-0.1)
    second = [unsure, other(1, 0.6), other(2, None)]
    assert usual([first, second]) == Usual(lines=1.5, turned=0.5, sure=0.5)
    assert usual([[PUBLISHED]]) is None


def test_a_line_of_partial_pooling_is_shown_in_ratios_of_a_doubling():
    row = Personal(
        "signals", LIKES.term, "", LIKES.unit, "ana", 30, 1.0, 0.5, 2.0, 1.5, 0.4, 0.5, 2.5,
        0.25, 0.5, 0.1, 1.0,
    )  # fmt: skip
    new = dataclasses.replace(row, creator="", own=None, estimate=2.0, ci_low=-1.0, ci_high=5.0)
    mean = creator_slopes.mean_slope((row, new), LIKES, {})
    assert (mean.mean, mean.spread) == ("4.00", "×2.00")  # 2 to the power of 2, and of 1
    assert (mean.newcomer, mean.newcomer_is_sure) == ("0.50 to 32", False)
    assert mean.weights == "25\xa0% to 25\xa0%"
    sure = dataclasses.replace(new, ci_low=0.1)
    assert creator_slopes.mean_slope((row, sure), LIKES, {}).newcomer_is_sure
