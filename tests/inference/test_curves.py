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
from pipeline.model.questions import FOLLOWERS, REACH, Question
from pipeline.model.reasons import Reason
from simulations.whole import simulated

RNG = np.random.default_rng(7)


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
    "two lengths": lambda n: RNG.choice([10.0, 60.0], n),
    "all short": lambda n: RNG.uniform(3, 9.9, n),
    "all long": lambda n: RNG.uniform(400, 3600, n),
    "none near the usual": lambda n: RNG.choice([8.0, 9.0, 70.0, 80.0], n),
}


@pytest.mark.parametrize("question", [REACH, FOLLOWERS], ids=lambda each: each.name)
@pytest.mark.parametrize("case", NOWHERE)
def test_a_curve_is_not_told_against_where_no_video_is(case, question, videos):
    changed = videos.assign(duration_s=NOWHERE[case](len(videos)))
    lines = curve(changed, "duration_s", question)
    assert lines
    assert [line.estimate for line in lines] == [None] * len(lines)
    reasons = {line.reason for line in lines}
    assert reasons <= {Reason.NO_VIDEO, Reason.COLLINEAR, Reason.ABSORBED}


def test_only_none_and_eight_hashtags_say_nothing_of_three(videos):
    lines = curve(videos.assign(hashtags=RNG.choice([0, 8], len(videos))), "hashtags")
    assert [line.estimate for line in lines] == [None, None]


def test_videos_are_counted_at_the_nearest_knot_however_far_they_are(videos):
    """A straight tail of the curve comes back to where it began; the count does not."""
    lengths = np.resize([0.5, 1.0, 10.0, 25.0, 30.0, 60.0, 600.0, 3600.0], len(videos))
    short, long = curve(videos.assign(duration_s=lengths), "duration_s")
    asked = lengths[design(videos, REACH).rows]
    assert short.videos == pytest.approx(np.sum(asked <= 10), abs=2)
    assert long.videos == pytest.approx(np.sum(asked >= 60), abs=2)
    # two rows may be set aside, since they would decide it alone


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
    lengths = np.where(long, 60.0, RNG.uniform(8, 30, len(videos)))
    changed = videos.assign(duration_s=lengths)
    short, long_line = curve(changed, "duration_s")
    assert (short.creators, long_line.creators) == (10, 4)
    assert long_line.std_error is None
    assert {each.creator for each in long_line.own} == set(videos["creator"].unique()[:4])
    assert sum(each.videos_with for each in long_line.own) == long_line.videos


def test_at_the_knots_nothing_but_what_is_there_differs(videos):
    """Rounding would make everyone who varies between two knots a carrier of the third."""
    few = videos["creator"].isin(videos["creator"].unique()[:4])
    tags = np.where(few & (np.arange(len(videos)) % 3 == 0), 8, RNG.choice([0, 3], len(videos)))
    none, eight = curve(videos.assign(hashtags=tags), "hashtags")
    assert (none.creators, eight.creators) == (10, 4)


def test_nobody_has_an_estimate_of_what_they_did_not_make(videos):
    first = videos["creator"].unique()[0]
    mine = videos["creator"] == first
    tags = np.where(mine, RNG.integers(2, 6, len(videos)), RNG.integers(0, 12, len(videos)))
    fitted = fit(design(videos.assign(hashtags=tags), REACH))
    j = [each.name for each in fitted.variables].index("hashtags: 0")
    creators = {each.creator for each in own_estimates(fitted, j)}
    assert first not in creators
    assert len(creators) == 9
