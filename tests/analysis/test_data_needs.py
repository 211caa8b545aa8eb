"""What is wanted: the arithmetic by hand and by real refits, and who lacks what."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from pipeline.analysis.advice.data_needs import Wish, gains, half_width, wishes
from pipeline.inference.estimates import estimates
from pipeline.inference.published_line import Estimate, Verdict
from pipeline.inference.thresholds import INTERVAL_CREATORS
from pipeline.model.design import design
from pipeline.model.fit import fit
from pipeline.model.fit_result import Fit
from pipeline.model.questions import QUESTIONS, REACH, SIGNALS, Part
from pipeline.model.variables import Variable
from pipeline.render.site.data.data_needs import lines as table_of
from schema.vocabulary import vocabulary
from support.results import findings_of

pytestmark = pytest.mark.slow  # whole pools are fitted

COVER = Variable("has_cover", "yes", "yes against no", Part.LEVER, "a cover")
LENGTH = Variable("duration_s", "", "doubling of duration_s", Part.LEVER, "twice as long", True)
LINE = Estimate(
    COVER,
    40,
    8,
    effective_creators=5.0,
    estimate=0.3,
    std_error=0.2,
    df=4.0,
    verdict=Verdict.CANNOT_TELL,
)


def wish_for(listed, term, level) -> Wish | None:
    return next((wish for wish in listed if (wish.term, wish.level) == (term, level)), None)


@pytest.mark.parametrize(
    ("line", "times", "df", "step"),
    [
        (LINE, 1.0, 4.0, 1.0),
        (LINE, 9 / 8, 5 * 9 / 8 - 1, 1.0),
        (dataclasses.replace(LINE, variable=LENGTH), 2.0, 9.0, math.log(2)),
        (dataclasses.replace(LINE, effective_creators=1.2), 1.0, 0.5, 1.0),
        (dataclasses.replace(LINE, verdict=Verdict.THIS_ACCOUNT, df=30.0), 1.25, 37.5, 1.0),
    ],
)
def test_half_a_width_by_student_s_t(line, times, df, step):
    expected = stats.t.ppf(0.975, df) * 0.2 / times**0.5 * step
    assert half_width(line, times) == pytest.approx(expected, rel=1e-9)


def test_a_line_without_an_error_has_no_width():
    assert half_width(dataclasses.replace(LINE, std_error=None), 1.0) is None


def answer_of(nine, *lines, question=REACH):
    answer = next(each for each in nine.answers if each.question == question)
    return dataclasses.replace(answer, estimates=lines)


def test_what_is_clear_or_was_counted_after_posting_gains_nothing(nine):
    likely = dataclasses.replace(LINE, verdict=Verdict.LIKELY)
    lines = (LINE, likely, dataclasses.replace(LINE, verdict=Verdict.CLEAR))
    assert len(gains([answer_of(nine, *lines)])) == 2
    assert not gains([answer_of(nine, *lines, question=SIGNALS)])


def test_the_widest_to_gain_come_first(nine):
    listed = gains(nine.answers)
    widths = [gain.narrowing for gain in listed]
    assert widths == sorted(widths, reverse=True)
    assert all(0 < gain.then < gain.now for gain in listed)
    assert {gain.question.name for gain in listed} <= {q.name for q in QUESTIONS if q.advice}


def test_ten_videos_of_one_account_add_degrees_of_freedom(nine):
    line = dataclasses.replace(LINE, verdict=Verdict.THIS_ACCOUNT, creators=1, df=30.0)
    (gain,) = gains([answer_of(nine, line)])
    expected = stats.t.ppf(0.975, 30 * 50 / 40) * 0.2 / (50 / 40) ** 0.5
    assert gain.with_creator is None
    assert gain.then == pytest.approx(expected, rel=1e-9)


def test_one_more_creator_is_one_more(nine):
    (gain,) = gains([answer_of(nine, LINE)])
    expected = half_width(LINE, (LINE.creators + 1) / LINE.creators)
    assert gain.with_creator == pytest.approx(expected, rel=1e-12)
    more = half_width(LINE, (LINE.videos + 10) / LINE.videos)
    assert gain.with_videos == pytest.approx(more, rel=1e-12)


def test_an_interval_of_any_width_is_told(nine):
    """Few creators may leave a half width of hundreds, whose exponential has no float."""
    line = dataclasses.replace(LINE, std_error=900.0, df=0.5, effective_creators=1.5)
    (gain,) = gains([answer_of(nine, line)])
    assert gain.now > 1e4
    (row,) = table_of([gain])
    assert "under 0.001 to over 1,000" in dataclasses.astuple(row)


def joined_by(videos: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """The videos, and those of some creators a second time, under other names."""
    twins = [videos[videos["creator"] == name].assign(creator=f"{name}-twin") for name in names]
    return pd.concat([videos, *twins]).sort_values("creator", kind="stable", ignore_index=True)


def lines_of(videos: pd.DataFrame) -> dict[Variable, Estimate]:
    fitted = fit(design(videos, REACH))
    assert isinstance(fitted, Fit)
    lines = [line for line in estimates(fitted) if line.is_tested and line.std_error]
    return {line.variable: line for line in lines}


def test_one_more_creator_narrows_as_much_as_said(nine, monkeypatch):
    monkeypatch.setattr("pipeline.model.dominant_rows.FEWEST", 10**9)  # none is weighed
    """Each creator joins once more in turn: on average the refits narrow as predicted."""
    videos = nine.pool.videos
    today = lines_of(videos)
    narrowed: dict[Variable, list[float]] = {variable: [] for variable in today}
    for name in nine.pool.creators:
        then = lines_of(joined_by(videos, [name]))
        for variable, line in today.items():
            if variable in then and then[variable].creators == line.creators + 1:
                narrowed[variable].append(half_width(then[variable], 1) / half_width(line, 1))
    misses = [
        np.mean(narrowed[variable])
        - half_width(line, (line.creators + 1) / line.creators) / half_width(line, 1)
        for variable, line in today.items()
    ]
    assert len(misses) >= 8
    assert abs(np.mean(misses)) < 0.02
    assert np.abs(misses).max() < 0.1


def test_those_who_lack_one_creator_are_told_with_one_more(nine):
    """A twin of one who made both is the fifth, and the line gets its interval."""
    videos = nine.pool.videos
    answer = next(each for each in nine.answers if each.question == REACH)
    four = [
        line
        for line in answer.estimates
        if line.variable.term in ("category", "sound") and line.is_tested and line.creators == 4
    ]
    assert four
    for line in four:
        assert line.variable not in lines_of(videos)
        has = videos[line.variable.term] == line.variable.level
        by_creator = has.groupby(videos["creator"])
        both = (by_creator.any() & ~by_creator.all()).pipe(lambda carried: carried[carried].index)
        lines = [lines_of(joined_by(videos, [name])).get(line.variable) for name in both]
        assert any(line is not None and line.creators == INTERVAL_CREATORS for line in lines)


def test_who_lacks_how_many_is_counted_in_the_question_that_fewest_can_tell(nine):
    for wish in wishes(nine):
        counts = [
            line.creators
            for answer in nine.answers
            for line in answer.estimates
            if answer.question.advice and isinstance(answer.fit, Fit)
            and (line.variable.term, line.variable.level) == (wish.term, wish.level)
        ]  # fmt: skip
        assert wish.creators == (min(counts) if counts else wish.both)
        assert wish.short == max(0, 5 - wish.creators)


def test_what_can_be_tested_soonest_comes_first_and_what_nobody_made_last(nine):
    listed = wishes(nine)
    short = [wish.short for wish in listed if wish.made and wish.short]
    assert short == sorted(short)
    places = [2 if not wish.made else 0 if wish.short else 1 for wish in listed]
    assert places == sorted(places)
    assert set(places) >= {0, 1}


def test_every_choice_but_the_references_is_listed(nine):
    levels = {wish.level for wish in wishes(nine) if wish.term == "category"}
    assert levels == set(vocabulary()["category"]) - {"info"}
    hours = {wish.level for wish in wishes(nine) if wish.term == "posted_hour"}
    assert hours == {"0-5", "6-11", "18-23"}


def test_videos_are_counted_by_hand(nine):
    videos = nine.pool.videos
    listed = wishes(nine)
    night = videos["posted_hour"].isin(range(6))
    assert wish_for(listed, "posted_hour", "0-5").made == int(night.sum())
    duets = videos["is_duet"].map(lambda cell: cell is True or cell == 1, na_action="ignore")
    assert wish_for(listed, "is_duet", "yes").made == int((duets == True).sum())  # noqa: E712  # a mask
    # log(1 + hashtags) of 6 is nearer to that of 8 than to that of 3, of 5 it is not
    assert wish_for(listed, "hashtags", "8").made == int((videos["hashtags"] >= 6).sum())


def test_who_made_both_is_counted_by_hand(nine):
    videos, listed = nine.pool.videos, wishes(nine)
    by_creator = dict(list(videos.groupby("creator")))
    tutorials = [set(own["category"] == "tutorial") for own in by_creator.values()]
    assert wish_for(listed, "category", "tutorial").both == tutorials.count({True, False})
    many = [set((own["hashtags"] >= 6).fillna(value=False)) for own in by_creator.values()]
    assert wish_for(listed, "hashtags", "8").both == many.count({True, False})
    assert all(wish.creators <= wish.both for wish in listed)


def test_what_is_clear_everywhere_is_not_wanted(nine):
    lines = (dataclasses.replace(LINE, verdict=Verdict.CLEAR),)
    asked = [each for each in nine.answers if each.question.advice]
    others = [each for each in nine.answers if not each.question.advice]
    clear = [dataclasses.replace(each, estimates=lines) for each in asked]
    likely = dataclasses.replace(
        clear[0], estimates=(dataclasses.replace(LINE, verdict=Verdict.LIKELY),)
    )
    for answers, is_wanted in (([*clear, *others], False), ([likely, *clear[1:], *others], True)):
        wish = wish_for(
            wishes(dataclasses.replace(nine, answers=tuple(answers))), "has_cover", "yes"
        )
        assert (wish is not None) == is_wanted


def test_of_no_question_the_pool_s_own_creators_are_counted(nine):
    """Followers and views are withheld alike: then the videos say who made both."""
    answers = tuple(each for each in nine.answers if each.question == SIGNALS)
    for wish in wishes(dataclasses.replace(nine, answers=answers)):
        assert wish.question is None
        assert wish.creators == wish.both


def test_an_empty_pool_wants_everything(tmp_path):
    listed = wishes(findings_of(tmp_path))
    assert listed
    assert all(wish.made == 0 and wish.short == 5 for wish in listed)
