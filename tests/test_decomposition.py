"""Followers = reach × conversion × the rest, against fits and refits made here."""

import numpy as np
import pytest
from test_fit import simulated_pool
from test_pool import accepted

from pipeline.decomposition import decompose
from pipeline.design import design
from pipeline.fit import fit
from pipeline.pool import pool
from pipeline.questions import CONVERSION, FOLLOWERS, REACH

THREE = (FOLLOWERS, REACH, CONVERSION)


@pytest.fixture(scope="module")
def videos():
    return simulated_pool(10, 900, 11).videos


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
    asked = {split.variable.name for split in found.splits}
    assert {"duration_s", "category: humor", "is_reply: yes"} <= asked


def test_the_error_of_the_rest_is_the_jackknifes(videos, found):
    """Each creator left out of all three fits, one Newton step from the whole's estimates."""
    creators = sorted(videos["creator"].unique())
    split = next(s for s in found.splits if s.variable.name == "duration_s")
    shared = videos[videos["new_followers"].notna() & (videos["views"] > 0)]
    rests = []
    for name in creators:
        fits = [fit(design(shared[shared["creator"] != name], question)) for question in THREE]
        at = [f.blocks.estimate[[v.name for v in f.variables].index("duration_s")] for f in fits]
        rests.append(at[0] - at[1] - at[2])
    g = len(creators)
    error = np.sqrt((g - 1) / g * np.sum((np.array(rests) - split.rest) ** 2))
    assert split.rest_std_error == pytest.approx(error, rel=0.35)  # rare levels differ without one
    assert split.rest_low < split.rest < split.rest_high


def test_few_creators_have_a_rest_without_an_error(videos):
    few = videos[videos["creator"].isin(sorted(videos["creator"].unique())[:4])]
    found = decompose(few)
    assert found.splits
    assert all(split.rest_std_error is None for split in found.splits)
    one = decompose(videos[videos["creator"] == sorted(videos["creator"].unique())[3]])
    assert one is None or all(split.rest_low is None for split in one.splits)


def test_where_a_question_is_withheld_there_is_nothing_to_split():
    assert decompose(pool([], {}).videos) is None
    rows = [{"new_followers": None, "views": 40 + i} for i in range(20)]
    videos = pool([accepted("ana", rows)], {}).videos
    assert decompose(videos) is None
