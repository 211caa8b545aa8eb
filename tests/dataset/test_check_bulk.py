"""Judging what is merged in one go decides as `check` does, folder by folder."""

from collections.abc import Sequence

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.dataset.check import Accepted, check_all
from pipeline.dataset.check_bulk import merged
from pipeline.dataset.locate import locate
from pipeline.dataset.read import Contribution, read, read_folders
from support.contribution import DAY, ROOT, ROW, TOML, csv_of
from support.faults import BYTES, FORMS, LONG_ID, SLOW, TABLES, TOMLS

pytestmark = pytest.mark.slow  # whole pools are fitted


def contribution(creator: str, toml: bytes | None = TOML, **files: bytes) -> Contribution:
    named = {name.replace("__", "."): raw for name, raw in files.items()}
    profile = {} if toml is None else {"creator.toml": toml}
    return read(creator, f"contributions/{creator}", {**named, **profile})


def one(raw: bytes, toml: bytes | None = TOML, creator: str = "ana") -> Contribution:
    return contribution(creator, toml, a__csv=raw)


def assert_alike(contributions: Sequence[Contribution]) -> list[str]:
    """Judge both ways, compare, and name the accepted."""
    quick = merged(contributions, DAY).accepted
    careful = [each for each in check_all(contributions, DAY) if isinstance(each, Accepted)]
    assert [each.creator for each in quick] == [each.creator for each in careful]
    for got, wanted in zip(quick, careful, strict=True):
        assert (got.place, got.profile, got.sha256) == (
            wanted.place,
            wanted.profile,
            wanted.sha256,
        )
        pd.testing.assert_frame_equal(got.captures, wanted.captures)
    return [each.creator for each in quick]


GOOD = one(csv_of({}, {"video": "noodles", "views": "2000"}), creator="good")


def test_the_examples_are_accepted_alike():
    examples = read_folders(locate(ROOT / "contributions")).contributions
    assert assert_alike(examples) == [each.creator for each in examples]
    few = examples[:5]  # each is judged as before: it is their order that is another
    assert assert_alike([*reversed(few)]) == [each.creator for each in few]


FOLDERS = {
    "same capture": contribution("c-same", a__csv=csv_of({}), b__csv=csv_of({})),
    "no csv": contribution("c-none"),
    "a name": one(csv_of({}), creator="Ana"),
    "an example": one(csv_of({}), creator="example-ana"),
    "a file's name": contribution("c-name", a__csv=csv_of({}), a__CSV=csv_of({"video": "b"})),
    "a bad sheet beside a good one": contribution(
        "c-beside", a__csv=csv_of({}), b__csv=csv_of({"video": "b", "views": "1,200"})
    ),
}
ALIKE = {f"{column} {cell!a}" for column, cell, *_ in FORMS} - {
    f"{column} {cell!a}" for column, cell, *_ in FORMS[::4]
}  # other cells of forms that are here
CORPUS = {
    **{
        name: one(raw, creator=f"t{n:03}")
        for n, (name, raw) in enumerate(TABLES.items())
        if name not in ALIKE
    },
    **{f"toml {n}": one(csv_of({}), toml, f"p{n:03}") for n, (toml, *_) in enumerate(TOMLS)},
    **FOLDERS,
}


def test_every_bad_file_is_judged_alike():
    """A creator that only one of the two lists has is looked up in CORPUS."""
    taken = assert_alike([*CORPUS.values(), GOOD])
    assert "good" in taken
    assert 40 < len(taken) < len(CORPUS) - 100


@pytest.mark.parametrize("name", FOLDERS)
def test_a_bad_folder_is_judged_alike(name):
    assert_alike([FOLDERS[name]])
    assert "good" in assert_alike([FOLDERS[name], GOOD])


@pytest.mark.parametrize("case", [case for case in BYTES if case[0] in SLOW], ids=lambda c: c[0])
def test_a_large_file_is_refused(case):
    assert assert_alike([one(case[1]), GOOD]) == ["good"]


ID, OTHER = {"video": LONG_ID}, {"video": LONG_ID, "views": "2222"}
COLLISIONS = {
    "an id of two": ((one(csv_of(ID)), one(csv_of(OTHER), creator="bea")), []),
    "an id of one with a bad cell": (
        (one(csv_of(ID)), one(csv_of({**OTHER, "likes": "1,0"}), creator="bea")),
        [],
    ),
    "an id of one without consent": ((one(csv_of(ID)), one(csv_of(OTHER), b"", "bea")), []),
    "an id of one without creator.toml": ((one(csv_of(ID)), one(csv_of(OTHER), None, "bea")), []),
    "an id with blanks is none": (
        (one(csv_of(ID)), one(csv_of({"video": f" {LONG_ID}"}), creator="bea")),
        ["ana"],
    ),
    "an id of three": (
        (one(csv_of(ID)), one(csv_of(OTHER), creator="bea"), one(csv_of(ID), creator="cy")),
        [],
    ),
    "the same numbers": (
        (one(csv_of({})), one(csv_of({"video": "b"}), creator="bea")),
        ["ana", "bea"],
    ),
    "a label of two": (
        (one(csv_of({})), one(csv_of({"views": "2000"}), creator="bea")),
        ["ana", "bea"],
    ),
}


@pytest.mark.parametrize("name", COLLISIONS)
def test_what_two_creators_share_is_judged_alike(name):
    contributions, wanted = COLLISIONS[name]
    assert assert_alike([*contributions, GOOD]) == [*wanted, "good"]
    assert assert_alike([GOOD, *reversed(contributions)]) == [*wanted, "good"]


def test_nobody_is_nobody():
    assert merged([], DAY).accepted == ()
    assert len(merged([], DAY).captures) == 0
    assert assert_alike([contribution("ana")]) == ["ana"]


CELLS = st.sampled_from(
    [
        "", "0", "1", "99", "100", "101", "1557", "5000", "999999999999999999999", "1,200", " 12",
        "-3", "12.5", "12.7K", "NaN", "yes", "no", "maybe", "tutorial", "Comedy", "original",
        "2026-03-01", "2026-11-22", "2026-11-23", "2010-01-01", "03/04/2026", "24", "=1+1",
        "me@example.org", "a\nb", "\u202ex", "ramen", LONG_ID, "7665015920712060000", "x" * 130,
    ]
)  # fmt: skip
ROWS = st.lists(st.dictionaries(st.sampled_from(list(ROW)), CELLS, max_size=3), max_size=4)
TOMLS_ = st.sampled_from([TOML, TOML, TOML, None, b"", TOML + b"page = 1\n"])


@settings(max_examples=12)
@given(st.lists(st.tuples(ROWS, TOMLS_), min_size=1, max_size=4))
def test_whatever_the_cells_are_both_judge_alike(folders):
    contributions = [
        one(csv_of(*({"video": f"v{n}", **row} for n, row in enumerate(rows))), toml, f"c-{number}")
        for number, (rows, toml) in enumerate(folders)
        if rows
    ]
    assert_alike([*contributions, GOOD])
