"""One row a video, whatever the order; and every row that is not among them has its reason."""

import typing
from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.dataset.check import Accepted, Refused
from pipeline.dataset.pool import (
    NEAREST_DAYS,
    NOT_IN_MODEL,
    OLDER,
    PROMOTED,
    QUARANTINED,
    Account,
    chosen,
    pool,
)
from pipeline.dataset.read import read
from pipeline.inference.results import gather
from schema.capture_rules import YOUNGEST
from support.contribution import DAY, ROW, TOML, check, csv_of
from support.pool import accepted, balanced, day


def checked(creator: str, files: dict[str, bytes], toml: bytes = TOML) -> Accepted | Refused:
    files = {**files, "creator.toml": toml}
    return check(read(creator, f"contributions/{creator}", files), DAY)


def test_these_tests_pool_what_check_gives():
    real = checked("ana", {"a.csv": csv_of({})})
    assert isinstance(real, Accepted)
    mine = accepted("ana", [{"video": "ramen"}])
    assert mine.captures.dtypes.to_dict() == real.captures.dtypes.to_dict()
    assert list(mine.captures) == list(real.captures)


# (days from posting to capture, the day of posting that each capture names) → the one that counts
CAPTURES = {
    "the only one": ([3], [0], 0),
    "nearest to 28 days, before": ([10, 27, 60], [0, 0, 0], 1),
    "nearest to 28 days, after": ([20, 33, 60], [0, 0, 0], 1),
    "28 days themselves": ([27, 28, 29], [0, 0, 0], 1),
    "a tie goes to the later": ([26, 30], [0, 0], 1),
    "a tie goes to the later, in any order": ([30, 26], [0, 0], 0),
    "not simply the latest": ([29, 400], [0, 0], 0),
    "one day of posting holds for all": ([28, 90], [None, 0], 0),
    "the first of two days of posting": ([28, 34], [0, 5], 0),
    "no day of posting: the latest": ([5, 28, 90], [None, None, None], 2),
    "an undated capture never beats a dated one": ([None, 400], [0, 0], 1),
    "nor where nothing was posted": ([None, 1], [None, None], 1),
    "undated": ([None], [None], 0),
}


@pytest.mark.parametrize(("captured", "posted", "counts"), CAPTURES.values(), ids=CAPTURES)
def test_one_capture_of_a_video_counts(captured, posted, counts):
    rows = [
        {"video": "x", "captured_on": day(after), "posted_on": day(first)}
        for after, first in zip(captured, posted, strict=True)
    ]
    pooled = pool([accepted("ana", rows)], {})
    assert pooled.videos["line"].tolist() == [counts + 2]
    older = len(rows) - 1
    assert pooled.account.left_out == (((OLDER, older),) if older else ())


def test_other_videos_and_other_creators_have_captures_of_their_own():
    """The day of posting of one video is not that of another with the same label elsewhere."""
    rows = [{"video": "x", "captured_on": day(n), "posted_on": day(0)} for n in (28, 90)]
    undated = [{**row, "posted_on": None} for row in rows]
    pooled = pool([accepted("ana", [*rows, {"video": "y"}]), accepted("bea", undated)], {})
    places = pooled.videos[["creator", "video", "line"]].to_numpy().tolist()
    assert places == [["ana", "x", 2], ["ana", "y", 4], ["bea", "x", 3]]


def test_videos_are_numbered_within_their_creator_by_their_first_row():
    first = [{"video": name, "captured_on": day(60)} for name in ("c", "a", "b")]
    again = {"video": "c", "file": "b.csv", "line": 2, "captured_on": day(90)}
    pooled = pool([accepted("bea", [{"video": "a"}]), accepted("ana", [*first, again])], {})
    columns = ["creator", "file", "line", "video", "video_no"]
    assert pooled.videos[columns].to_numpy().tolist() == [
        ["ana", "a.csv", 3, "a", 2],
        ["ana", "a.csv", 4, "b", 3],
        ["ana", "b.csv", 2, "c", 1],
        ["bea", "a.csv", 2, "a", 1],
    ]


REASONS = {
    "nothing": ({}, TOML, {}, "", 1),
    "promoted": ({"is_promoted": True}, TOML, {}, PROMOTED, 0),
    "not promoted": ({"is_promoted": False}, TOML, {}, "", 1),
    "out of the models": ({}, TOML + b"use_in_model = false\n", {}, NOT_IN_MODEL, 0),
    "set aside": ({}, TOML, {"ana": "under review"}, QUARANTINED, 0),
    "somebody else is set aside": ({}, TOML, {"anna": "under review"}, "", 1),
    "set aside, whatever else": (
        {"is_promoted": True},
        TOML + b"use_in_model = false\n",
        {"ana": "under review"},
        QUARANTINED,
        0,
    ),
}


@pytest.mark.parametrize(("cells", "toml", "aside", "why", "used"), REASONS.values(), ids=REASONS)
def test_a_row_that_is_left_out_has_one_reason(cells, toml, aside, why, used):
    pooled = pool([accepted("ana", [{"video": "x", **cells}], toml)], aside)
    assert pooled.captures["left_out"].tolist() == [why]
    assert pooled.account == Account(1, used, ((why, 1),) if why else ())
    assert len(pooled.videos) == used


def test_a_promotion_that_one_capture_names_holds_for_the_video():
    rows = [
        {"video": "later", "captured_on": day(28), "posted_on": day(0)},
        {"video": "later", "captured_on": day(90), "posted_on": day(0), "is_promoted": True},
        {"video": "free", "captured_on": day(28), "posted_on": day(0), "is_promoted": False},
        {"video": "free", "captured_on": day(90), "posted_on": day(0)},
    ]
    pooled = pool([accepted("ana", rows)], {})
    assert pooled.captures["left_out"].tolist() == [PROMOTED, OLDER, "", OLDER]


def test_a_day_of_posting_that_one_capture_names_holds_for_the_video():
    rows = [
        {"video": "x", "captured_on": day(28)},
        {"video": "x", "captured_on": day(90), "posted_on": day(0)},
    ]
    pooled = pool([accepted("ana", rows)], {})
    assert pooled.videos["captured_on"].tolist() == [day(28)]
    assert pooled.videos["posted_on"].tolist() == [day(0)]


SIMULATED = TOML + b"simulated = true\n"
EXAMPLE = accepted("example-x", [{"video": "x"}], SIMULATED)
EXAMPLES = ("example-x",)
OUT = TOML + b"use_in_model = false\n"


@pytest.mark.parametrize(
    ("toml", "aside", "creators", "simulated", "rows_in", "gone"),
    [
        (TOML, {}, ("ana",), False, 1, 1),
        (OUT, {}, (), False, 1, 1),
        (TOML, {"ana": "under review"}, (), False, 1, 1),
        (TOML, {"example-x": "under review"}, ("ana",), False, 1, 1),
        (SIMULATED, {}, ("ana", "example-x"), True, 2, 0),
        (OUT, {"example-x": "under review"}, (), False, 1, 1),
    ],
)
def test_examples_leave_as_soon_as_a_real_folder_is_there(
    toml, aside, creators, simulated, rows_in, gone
):
    pooled = pool([EXAMPLE, accepted("ana", [{"video": "x"}], toml)], aside)
    assert (pooled.creators, pooled.simulated, pooled.set_aside) == (creators, simulated, gone)
    assert pooled.account.rows_in == rows_in
    assert balanced(pooled.account)


@pytest.mark.parametrize(
    ("refused", "creators"),
    [(["bea"], ()), (["bea", "example-y"], ()), (["example-y"], ("example-x",)), ([], EXAMPLES)],
)
def test_a_folder_that_is_refused_keeps_the_examples_out_too(refused, creators):
    verdicts = [EXAMPLE, *(Refused(name, f"contributions/{name}", (), ()) for name in refused)]
    pooled = gather(verdicts, {}, {}).pool
    assert (pooled.creators, pooled.simulated) == (creators, bool(creators))
    assert pooled.has_real is not pooled.simulated


@pytest.mark.parametrize("nobody", [[], [accepted("ana", [])]], ids=["no folder", "no row"])
def test_an_empty_pool_is_a_pool(nobody):
    pooled = pool(nobody, {})
    assert pooled.account == Account(0, 0, ())
    assert (pooled.creators, len(pooled.videos), pooled.simulated) == ((), 0, False)
    filled = pool([accepted("ana", [{"video": "x"}])], {})
    assert pooled.videos.dtypes.to_dict() == filled.videos.dtypes.to_dict()
    assert pooled.captures.dtypes.to_dict() == filled.captures.dtypes.to_dict()
    assert all(not answer.estimates for answer in gather(nobody, {}, {}).answers)


def test_what_is_refused_cannot_be_pooled():
    assert typing.get_type_hints(pool)["accepted"] == Sequence[Accepted]
    assert "captures" not in Refused.__slots__
    refused = checked("bea", {"a.csv": csv_of({"views": "1,200"})})
    assert isinstance(refused, Refused)
    with pytest.raises(AttributeError):
        pool([refused], {})
    findings = gather([accepted("ana", [{"video": "x"}]), refused], {}, {})
    assert findings.pool.creators == ("ana",)
    assert findings.refused == (refused,)


def test_the_bytes_of_two_files_become_rows():
    later = {**ROW, "views": "1600", "captured_on": "2026-05-01"}
    verdict = checked("ana", {"b.csv": csv_of({}, {"video": "soup"}), "a.csv": csv_of(later)})
    assert isinstance(verdict, Accepted)
    pooled = pool([verdict], {})
    columns = ["file", "line", "video", "video_no", "views"]
    assert pooled.videos[columns].to_numpy().tolist() == [
        ["contributions/ana/b.csv", 2, "ramen", 1, 1557],
        ["contributions/ana/b.csv", 3, "soup", 2, 1557],
    ]


NAMES = ("ana", "bea", "example-x", "example-y")
DAYS = st.none() | st.integers(0, 60)


@st.composite
def folders(draw: st.DrawFn) -> list[Accepted]:
    """Creators with captures of few labels, so that labels, days and files meet often."""
    drawn = []
    for name in draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=4)):
        captured = draw(
            st.lists(st.tuples(st.sampled_from("xyz"), DAYS), unique=True, min_size=1, max_size=8)
        )
        rows = [
            {
                "video": video,
                "captured_on": day(after),
                "posted_on": day(draw(st.none() | st.integers(-30, 0))),
                "is_promoted": draw(st.sampled_from([None, False, False, True])),
                "file": draw(st.sampled_from(["a.csv", "b.csv"])),
                "line": line,
            }
            for line, (video, after) in enumerate(captured, start=2)
        ]
        toml = SIMULATED if name.startswith("example-") else TOML
        use = draw(st.sampled_from([b"", b"", b"use_in_model = false\n"]))
        drawn.append(accepted(name, rows, toml + use))
    return drawn


ASIDE = st.dictionaries(st.sampled_from(NAMES), st.just("under review"), max_size=2)


def counting(captures: pd.DataFrame) -> set[tuple[str, str, int]]:
    """The captures that count, by the rule in words and a loop."""
    best = {}
    for (creator, video), rows in captures.groupby(["creator", "video"]):
        posted = min((p for p in rows["posted_on"] if not pd.isna(p)), default=None)

        def rank(row, posted=posted):
            known = not pd.isna(row.captured_on)
            dated = known and posted is not None
            days = (row.captured_on - posted).days if dated else 10**6
            return (
                days < YOUNGEST,
                abs(days - NEAREST_DAYS),
                -row.captured_on.toordinal() if known else 0,
            )

        row = min(rows.itertuples(), key=rank)
        best[creator, video] = (creator, row.file, row.line)
    return set(best.values())


def test_a_newer_line_counts_in_place_of_one_of_the_first_week():
    """55 days are further from 28 than 6 are, and yet only they can count."""
    days = (6, 55)
    rows = [{"video": "v", "views": 9, "posted_on": day(0), "captured_on": day(d)} for d in days]
    undated = {"video": "v", "views": 9, "posted_on": day(0)}
    (both,) = pool([accepted("ana", rows)], {}).videos.itertuples()
    (other,) = pool([accepted("ana", [rows[0], undated])], {}).videos.itertuples()
    assert (both.captured_on, pd.isna(other.captured_on)) == (day(55), True)


@pytest.mark.slow
@settings(max_examples=30)
@given(folders(), ASIDE)
def test_every_row_is_accounted_for_and_nothing_is_mixed(drawn, aside):
    pooled = pool(drawn, aside)
    videos, captures, account = pooled.videos, pooled.captures, pooled.account
    assert balanced(account)
    assert (account.rows_in, account.rows_used) == (len(captures), len(videos))
    assert (
        dict(account.left_out)
        == captures["left_out"].value_counts().drop("", errors="ignore").to_dict()
    )
    assert not videos.duplicated(["creator", "video"]).any()
    invented = videos["creator"].str.startswith("example-")
    assert invented.all() if pooled.simulated else not invented.any()
    out = {each.creator for each in drawn if not each.profile.use_in_model} | set(aside)
    assert not set(videos["creator"]) & out
    assert not videos["is_promoted"].fillna(value=False).any()
    considered = len(captures) + sum(
        len(each.captures) for each in drawn if each.creator not in set(captures["creator"])
    )
    assert considered == sum(len(each.captures) for each in drawn)
    numbers = captures.groupby("creator")["video_no"]
    assert (numbers.max() == captures.groupby("creator")["video"].nunique()).all()
    used = captures[captures["left_out"].isin(["", PROMOTED])]
    places = set(used[["creator", "file", "line"]].itertuples(index=False, name=None))
    inside = captures[~captures["creator"].isin(out)]
    assert places == counting(inside)


@pytest.mark.slow
@settings(max_examples=20)
@given(folders(), ASIDE, st.randoms(use_true_random=False))
def test_no_order_matters(drawn, aside, random):
    shuffled = [
        replace(each, captures=each.captures.sample(frac=1, random_state=random.randrange(99)))
        for each in random.sample(drawn, len(drawn))
    ]
    one, two = pool(drawn, aside), pool(shuffled, dict(reversed(aside.items())))
    assert (one.account, one.simulated, one.set_aside) == (
        two.account,
        two.simulated,
        two.set_aside,
    )
    for mine, theirs in ((one.videos, two.videos), (one.captures, two.captures)):
        pd.testing.assert_frame_equal(mine, theirs, check_exact=True)
        assert mine.to_csv().encode() == theirs.to_csv().encode()


@pytest.mark.slow
@settings(max_examples=20)
@given(folders())
def test_choosing_again_changes_nothing(drawn):
    once = pool(drawn, {})
    assert chosen(once.videos).all()
    own = dict(list(once.videos.drop(columns="video_no").groupby("creator")))
    again = pool(
        [replace(each, captures=own[each.creator]) for each in drawn if each.creator in own], {}
    )
    assert again.account == Account.from_reasons(len(once.videos), ())
    pd.testing.assert_frame_equal(
        again.videos.drop(columns="video_no"), once.videos.drop(columns="video_no")
    )
