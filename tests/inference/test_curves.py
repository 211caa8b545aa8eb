"""The heights of a curve are told where videos are, and counted by who made them."""

import numpy as np
import pandas as pd
import pytest

from pipeline.inference.creator_estimates import own_estimates
from pipeline.inference.estimates import estimates
from pipeline.inference.published_line import Estimate
from pipeline.model.design import design
from pipeline.model.fit import fit
from pipeline.model.fit_result import Fit
from pipeline.model.questions import CONVERSION, FOLLOWERS, REACH, Question
from pipeline.model.reasons import Reason
from simulations.whole import simulated


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


@pytest.fixture(scope="module")
def videos() -> pd.DataFrame:
    return simulated(10, 500, 3).videos


def curve(videos: pd.DataFrame, term: str, question: Question = REACH) -> list[Estimate]:
    fitted = fit(design(videos, question))
    assert isinstance(fitted, Fit)
    return [
        line
        for line in estimates(fitted)
        if line.variable.term == term and line.variable.level != "unknown"
    ]


NOWHERE = {
    "two lengths": lambda n: rng().choice([10.0, 60.0], n),
    "all short": lambda n: rng().uniform(3, 9.9, n),
    "all long": lambda n: rng().uniform(400, 3600, n),
    "none near the usual": lambda n: rng().choice([8.0, 9.0, 70.0, 80.0], n),
}


@pytest.mark.parametrize("question", [REACH, FOLLOWERS], ids=lambda each: each.name)
@pytest.mark.parametrize("case", NOWHERE)
def test_a_curve_is_not_told_against_where_no_video_is(case, question, videos):
    changed = videos.assign(duration_s=NOWHERE[case](len(videos)))
    lines = curve(changed, "duration_s", question)
    assert lines
    assert [line.estimate for line in lines] == [None] * len(lines)
    assert {line.reason for line in lines} <= {Reason.NO_VIDEO, Reason.COLLINEAR}


def test_only_none_and_eight_hashtags_say_nothing_of_three(videos):
    lines = curve(videos.assign(hashtags=rng().choice([0, 8], len(videos))), "hashtags")
    assert [line.estimate for line in lines] == [None, None]


def test_videos_are_counted_near_a_knot_and_not_far_beyond_it(videos):
    """A straight tail of the curve comes back to where it began; the count does not."""
    lengths = np.resize([0.5, 7.0, 10.0, 25.0, 30.0, 60.0, 90.0, 600.0, 3600.0], len(videos))
    short, long = curve(videos.assign(duration_s=lengths), "duration_s")
    asked = lengths[design(videos, REACH).rows]
    assert short.videos == pytest.approx(np.sum((asked >= 7) & (asked <= 10)), abs=2)
    assert long.videos == pytest.approx(np.sum((asked >= 60) & (asked <= 90)), abs=2)
    # two rows may be set aside, since they would decide it alone


@pytest.mark.parametrize("question", [REACH, FOLLOWERS], ids=lambda each: each.name)
def test_what_lies_far_beyond_a_knot_is_not_told_as_if_it_were_there(question, videos):
    lengths = rng().choice([1.0, 25.0, 30.0, 600.0, 3600.0], len(videos))
    lines = curve(videos.assign(duration_s=lengths), "duration_s", question)
    assert [(line.estimate, line.reason) for line in lines] == [(None, Reason.NO_VIDEO)] * 2


@pytest.mark.parametrize("question", [REACH, FOLLOWERS], ids=lambda each: each.name)
def test_the_other_end_of_a_curve_is_told_where_one_end_was_never_made(question, videos):
    """Of 10 and 25 seconds alone, 10 against 25 is told as any two levels are."""
    lengths = rng().choice([10.0, 25.0], len(videos))
    short, long = curve(videos.assign(duration_s=lengths), "duration_s", question)
    assert long.reason is Reason.ABSORBED
    assert short.estimate is not None
    assert short.creators == 10
    as_flag = videos.assign(is_reply=lengths == 10, duration_s=float("nan"))
    (flag,) = curve(as_flag.astype({"is_reply": "boolean"}), "is_reply", question)
    assert flag.std_error == pytest.approx(short.std_error, rel=0.2)


def test_two_lengths_between_the_knots_are_no_curve(videos):
    lengths = rng().choice([13.0, 30.0], len(videos))
    short, long = curve(videos.assign(duration_s=lengths), "duration_s")
    assert {short.reason, long.reason} == {Reason.FEW_VALUES, Reason.COLLINEAR}


def test_a_height_without_a_follower_has_no_finite_estimate(videos):
    """The curve between the other videos would give one, narrow and wrong."""
    lengths = rng().choice([10.0, 17.0, 25.0, 30.0, 60.0], len(videos))
    silent = videos.assign(
        duration_s=lengths, new_followers=videos["new_followers"].where(lengths != 60, 0)
    )
    for question in (CONVERSION, FOLLOWERS):
        short, long = curve(silent, "duration_s", question)
        assert (long.estimate, long.reason) == (None, Reason.INFINITE)
        assert "has no video with a follower" in long.why
        assert short.estimate is not None
    assert curve(silent, "duration_s")[1].estimate is not None


def test_nobody_who_made_only_one_of_two_things_carries_their_difference(videos):
    """Half make 25 s and some other half 60 s: nobody compares, though the curve has a slope."""
    half = videos["creator"].isin(videos["creator"].unique()[:5])
    lengths = np.where(half, rng().uniform(17, 37, len(videos)), rng().uniform(42, 90, len(videos)))
    _, long = curve(videos.assign(duration_s=lengths), "duration_s")
    assert (long.estimate, long.creators) == (None, 0)
    assert long.reason is Reason.NO_CREATOR
    last = videos["creator"] == videos["creator"].unique()[-1]
    both = np.where(last, rng().choice([25.0, 60.0], len(videos)), lengths)
    _, long = curve(videos.assign(duration_s=both), "duration_s")
    assert (long.estimate, long.creators, long.reason) == (None, 1, Reason.ONE_CREATOR)
    assert long.why == f"only {videos['creator'].unique()[-1]}'s videos can tell"


@pytest.mark.parametrize("lever", ["duration_s", "has_cover"])
def test_who_noted_nothing_beside_it_made_no_others(lever, videos):
    """Five noted it where they did it, and nothing else: three made both."""
    names = videos["creator"].unique()
    odd = np.arange(len(videos)) % 2 == 0
    silent = videos["creator"].isin(names[3:8]).to_numpy() & ~odd
    without = {"duration_s": 25.0, "has_cover": False}[lever]
    had = {"duration_s": 10.0, "has_cover": True}[lever]
    values = pd.Series(np.where(odd, had, without), index=videos.index, dtype=object)
    values = values.mask(silent).mask(videos["creator"].isin(names[8:]), without)
    dtype = "boolean" if lever == "has_cover" else "Float64"
    told = curve(videos.assign(**{lever: values.astype(dtype)}), lever)
    line = next(each for each in told if each.variable.level in ("10", "yes"))
    assert line.creators == 3
    assert {each.creator for each in line.own} == set(names[:3])


def test_halfway_is_at_the_reference(videos):
    """log(1 + hashtags) of 1 and of 5 are as far from that of 3 as from those of 0 and 8."""
    tags = np.resize([0, 1, 2, 3, 4, 5, 6, 8], len(videos))
    none, eight = curve(videos.assign(hashtags=tags), "hashtags")
    asked = tags[design(videos, REACH).rows]
    assert none.videos == pytest.approx(np.sum(asked == 0), abs=1)
    assert eight.videos == pytest.approx(np.sum(asked >= 6), abs=1)


def test_who_carries_a_height_made_such_videos_and_others(videos):
    few = videos["creator"].isin(videos["creator"].unique()[:4])
    long = few & (np.arange(len(videos)) % 3 == 0)
    lengths = np.where(long, 60.0, rng().uniform(8, 30, len(videos)))
    changed = videos.assign(duration_s=lengths)
    short, long_line = curve(changed, "duration_s")
    assert (short.creators, long_line.creators) == (10, 4)
    assert long_line.std_error is None
    assert {each.creator for each in long_line.own} == set(videos["creator"].unique()[:4])
    assert sum(each.videos_with for each in long_line.own) == long_line.videos


def test_at_the_knots_nothing_but_what_is_there_differs(videos):
    """Rounding would make everyone who varies between two knots a carrier of the third."""
    few = videos["creator"].isin(videos["creator"].unique()[:4])
    tags = np.where(few & (np.arange(len(videos)) % 3 == 0), 8, rng().choice([0, 3], len(videos)))
    none, eight = curve(videos.assign(hashtags=tags), "hashtags")
    assert (none.creators, eight.creators) == (10, 4)


def test_nobody_has_an_estimate_of_what_they_did_not_make(videos):
    first = videos["creator"].unique()[0]
    mine = videos["creator"] == first
    tags = np.where(mine, rng().integers(2, 6, len(videos)), rng().integers(0, 7, len(videos)))
    fitted = fit(design(videos.assign(hashtags=tags), REACH))
    j = [each.name for each in fitted.variables].index("hashtags: 0")
    creators = {each.creator for each in own_estimates(fitted, j)}
    assert first not in creators
    assert len(creators) == 9
