"""Followers = reach × conversion × the rest, against fits and refits made here."""

import numpy as np
import pytest

from pipeline.dataset.pool import pool
from pipeline.estimate.poisson_limit import limit
from pipeline.inference.decomposition import decompose
from pipeline.inference.estimates import standard_errors
from pipeline.model.design import design
from pipeline.model.fit import fit
from pipeline.model.questions import CONVERSION, FOLLOWERS, REACH, Part
from pipeline.model.variables import Variable
from simulations.whole import simulated
from support.pool import accepted
from support.videos import rows_of

pytestmark = pytest.mark.slow  # whole pools are fitted

LENGTH = Variable(
    "duration_s", "", "doubling of duration_s", Part.LEVER, "a video twice as long", True
)
THREE = (FOLLOWERS, REACH, CONVERSION)


@pytest.fixture(scope="module")
def videos():
    return simulated(10, 900, 11).videos


@pytest.fixture(scope="module")
def found(videos):
    return decompose(videos)


def test_the_parts_and_the_rest_make_the_whole(videos, found):
    shared = videos[videos["new_followers"].notna() & (videos["views"] > 0)]
    assert found.videos == len(shared) < len(videos)
    fits = [fit(design(shared, question)) for question in THREE]
    for split in found.splits:
        parts = [f.blocks.estimate[f.variables.index(split.variable)] for f in fits]
        assert (split.followers, split.reach, split.conversion) == pytest.approx(parts)
        assert split.rest == pytest.approx(parts[0] - parts[1] - parts[2], abs=1e-12)
        errors = [standard_errors(f)[f.variables.index(split.variable)] for f in fits]
        if split.std_errors is None:
            assert split.creators < 5 or np.isnan(errors).any()
        else:
            assert split.std_errors == pytest.approx(errors)
    asked = {split.variable.name for split in found.splits}
    assert {"duration_s", "category: humor", "is_reply: yes"} <= asked


def test_the_error_of_the_rest_is_the_jackknifes(videos, found):
    """Each creator left out of all three fits, the columns held as they are."""
    by_variable = {split.variable: split for split in found.splits}
    fits = found.fits
    shifts = []
    for creator in range(len(fits[0].sample.creators)):
        rest = 0.0
        for sign, each in zip((1, -1, -1), fits, strict=True):
            rows = each.sample.group != creator
            own = np.unique(each.sample.group[rows], return_inverse=True)[1]
            x, y, offset = each.sample.x[rows], each.sample.y[rows], each.sample.offset[rows]
            left = limit(x, y, own, offset)
            at = each.variables.index(LENGTH)
            rest += sign * (left.estimate[at] - each.blocks.estimate[at])
        shifts.append(rest)
    g = len(shifts)
    split = by_variable[LENGTH]
    error = np.sqrt((g - 1) / g * np.sum(np.square(shifts)))
    assert split.rest_std_error == pytest.approx(error, rel=1e-7)
    assert split.rest_low < split.rest < split.rest_high


def test_the_three_fits_are_of_the_same_videos():
    """A creator without a follower, and one whose only 0 is on a video that nobody saw."""
    ana, bea, cem, dan = (rows_of(seed, 14, views=900) for seed in (1, 2, 3, 4))
    for row in cem:
        row["new_followers"] = 0
    for i, row in enumerate(dan):
        row |= {"new_followers": 1 + i % 2, "views": 800}
    dan[0] |= {"new_followers": 0, "views": 0}
    rng = np.random.default_rng(6)
    folders = []
    for name, rows in zip(("ana", "bea", "cem", "dan"), (ana, bea, cem, dan), strict=True):
        for i, row in enumerate(rows):
            row |= {"video": f"v{i}", "views": row["views"] and int(rng.integers(200, 2000))}
        folders.append(accepted(name, rows))
    found = decompose(pool(folders, {}).videos)
    assert {len(each.sample.y) for each in found.fits} == {found.videos}
    assert all(each.sample.creators == ("ana", "bea", "dan") for each in found.fits)
    assert found.videos == 14 + 14 + 13


def test_a_question_that_was_answered_of_the_same_videos_is_not_fitted_again(videos, found):
    answered = [fit(design(videos, question)) for question in THREE]
    again = decompose(videos, answered)
    assert again.splits == found.splits
    assert [each in answered for each in again.fits] == [True, False, True]  # more have views


def test_few_creators_have_a_rest_without_an_error(videos):
    few = videos[videos["creator"].isin(sorted(videos["creator"].unique())[:4])]
    found = decompose(few)
    assert found.splits
    assert all(split.rest_std_error is None for split in found.splits)
    one = decompose(videos[videos["creator"] == videos["creator"].value_counts().idxmax()])
    assert one.splits
    assert all(split.rest_low is None for split in one.splits)


def test_where_a_question_is_withheld_there_is_nothing_to_split():
    assert decompose(pool([], {}).videos) is None
    rows = [{"new_followers": None, "views": 40 + i} for i in range(20)]
    videos = pool([accepted("ana", rows)], {}).videos
    assert decompose(videos) is None
