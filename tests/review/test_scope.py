"""What kind of change a pull request is, from its paths alone."""

import pytest

from pipeline.review.scope import ChangeKind, creator_of, effective, scope
from pipeline.storage.git import TreeChange, TreeEntry

ONE, TWO, OLD = (TreeEntry("100644", letter * 40) for letter in "12a")
BASE = {
    "README.md": ONE,
    "schema/rules.py": ONE,
    "tests/conftest.py": ONE,
    "reports/README.md": ONE,
    "contributions/README.md": ONE,
    "contributions/ana/creator.toml": ONE,
    "contributions/ana/a.csv": ONE,
    "contributions/bea/creator.toml": ONE,
    "contributions/bea/b.csv": ONE,
}
ANA, BEA = "contributions/ana/a.csv", "contributions/bea/b.csv"


def change(path: str, new: TreeEntry | None = TWO) -> TreeChange:
    return TreeChange(path, BASE.get(path), new)


# name → (changes, kind, slugs of what speaks against it)
CASES = {
    "a row": ([change(ANA)], ChangeKind.CONTRIBUTION, set()),
    "a new file": ([change("contributions/ana/new.csv")], ChangeKind.CONTRIBUTION, set()),
    "a new folder": ([change("contributions/cy/c.csv")], ChangeKind.CONTRIBUTION, set()),
    "a folder below": ([change("contributions/ana/sub/x.csv")], ChangeKind.CONTRIBUTION, set()),
    "a file goes": ([change(ANA, None)], ChangeKind.CONTRIBUTION, set()),
    "nothing": ([], ChangeKind.NOTHING, set()),
    "code": ([change("schema/rules.py")], ChangeKind.MAINTENANCE, set()),
    "a table of ours": ([change("reports/estimates.csv")], ChangeKind.MAINTENANCE, set()),
    "a table of the tests": ([change("tests/reference/x.csv")], ChangeKind.MAINTENANCE, set()),
    "the home's own text": ([change("contributions/README.md")], ChangeKind.MAINTENANCE, set()),
    "attributes": ([change(".gitattributes")], ChangeKind.MAINTENANCE, set()),
    "a workflow": ([change(".github/workflows/check.yml")], ChangeKind.MAINTENANCE, set()),
    "videos and code": (
        [change(ANA), change("schema/rules.py")],
        ChangeKind.MIXED,
        {"mixed-change"},
    ),
    "videos and a workflow": (
        [change(ANA), change(".github/workflows/x.yml")], ChangeKind.MIXED, {"mixed-change"},
    ),
    "videos and attributes": (
        [change(ANA), change(".gitattributes")], ChangeKind.MIXED, {"mixed-change"},
    ),
    "videos and the report": (
        [change(ANA), change("reports/README.md")], ChangeKind.MIXED, {"generated-file"},
    ),
    "videos, report and code": (
        [change(ANA), change("reports/README.md"), change("README.md")],
        ChangeKind.MIXED,
        {"generated-file", "mixed-change"},
    ),
    "two folders": ([change(ANA), change(BEA)], ChangeKind.SEVERAL, {"several-creators"}),
    "at the top": ([change("videos.csv")], ChangeKind.CONTRIBUTION, {"lost-file"}),
    "at the top, a workbook": ([change("My Videos.XLSX")], ChangeKind.CONTRIBUTION, {"lost-file"}),
    "in the home: a problem of data": (
        [change("contributions/videos.csv")], ChangeKind.CONTRIBUTION, set(),
    ),
    "in the home, a photo": ([change("contributions/me.png")], ChangeKind.CONTRIBUTION, set()),
    "a lost file goes": ([change("old.csv", None)], ChangeKind.CONTRIBUTION, set()),
    "a home in capitals": (
        [change("Contributions/ana/a.csv")],
        ChangeKind.CONTRIBUTION,
        {"lost-file"},
    ),
    "a home that looks alike": (
        [change("соntributiоns/ana/a.csv")], ChangeKind.CONTRIBUTION, {"lost-file"},
    ),
    "a home in full width": (
        [change("ｃontributions/a.csv")],
        ChangeKind.CONTRIBUTION,
        {"lost-file"},
    ),
    "a home with nothing after it": (
        [change("contributions//ana.csv")], ChangeKind.CONTRIBUTION, set(),
    ),
    "creator.toml in a folder of its own": (
        [change("ana/creator.toml")], ChangeKind.CONTRIBUTION, {"lost-file"},
    ),
    "the home is a file": ([change("contributions")], ChangeKind.CONTRIBUTION, {"lost-file"}),
    "lost, beside the own folder": (
        [change(ANA), change("a.csv")], ChangeKind.CONTRIBUTION, {"lost-file"},
    ),
    "a rename of a folder": (
        [
            change(ANA, None),
            change("contributions/ana/creator.toml", None),
            change("contributions/cy/creator.toml", ONE),
            change("contributions/cy/a.csv", ONE),
        ],
        ChangeKind.CONTRIBUTION,
        set(),
    ),
    "a rename into another's folder": (
        [
            change(ANA, None),
            change("contributions/ana/creator.toml", None),
            change("contributions/bea/a.csv", ONE),
        ],
        ChangeKind.SEVERAL,
        {"several-creators"},
    ),
    "a file moves into a new folder": (
        [change(ANA, None), change("contributions/cy/a.csv", ONE)],
        ChangeKind.SEVERAL,
        {"several-creators"},
    ),
    "200 files": (
        [change(f"contributions/ana/{n}.csv") for n in range(200)], ChangeKind.CONTRIBUTION, set(),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "kind", "slugs"), CASES.values(), ids=list(CASES))
def test_what_kind_of_change_it_is(changes, kind, slugs):
    scoped = scope(changes, BASE, {})
    assert (scoped.kind, {why.slug for why in scoped.refusals}) == (kind, slugs)
    assert scoped.dragged == ()
    assert scoped.result == {
        path: entry
        for path, entry in (BASE | {each.path: each.new for each in changes}).items()
        if entry is not None
    }


OLDER = {path: {OLD.id, "0" * 40} for path in (*BASE, "new")}
# name → (changes, kind, creators, dragged)
STALE = {
    "others' files beside the own": (
        [change("contributions/cy/c.csv"), change(ANA, OLD), change("README.md", OLD)],
        ChangeKind.CONTRIBUTION, ("cy",), ("README.md", ANA),
    ),
    "the own file beside a new one": (
        [change("contributions/ana/new.csv"), change(ANA, OLD)],
        ChangeKind.CONTRIBUTION, ("ana",), (),
    ),
    "a revert": ([change(ANA, OLD)], ChangeKind.CONTRIBUTION, ("ana",), ()),
    "a revert of code": ([change("schema/rules.py", OLD)], ChangeKind.MAINTENANCE, (), ()),
    "code beside an older file": (
        [change("schema/rules.py"), change("README.md", OLD)], ChangeKind.MAINTENANCE, (), (),
    ),
    "a file that goes is not older": (
        [change("contributions/cy/c.csv"), change(ANA, None)],
        ChangeKind.SEVERAL, ("ana", "cy"), (),
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "kind", "creators", "dragged"), STALE.values(), ids=list(STALE)
)
def test_what_a_stale_branch_drags_along(changes, kind, creators, dragged):
    scoped = scope(changes, BASE, OLDER)
    assert (scoped.kind, scoped.creators, scoped.dragged) == (kind, creators, dragged)
    assert [why.path for why in scoped.refusals if why.slug == "stale-branch"] == list(dragged)
    assert {path: scoped.result[path] for path in dragged} == dict.fromkeys(dragged, ONE)


def test_what_the_base_has_already_is_no_change():
    gone, there, other = (
        change("gone", None),
        TreeChange(ANA, None, ONE),
        TreeChange(BEA, None, TWO),
    )
    assert effective([gone, there, other], BASE) == (other,)


@pytest.mark.parametrize(
    ("path", "creator"),
    [
        (ANA, "ana"),
        ("contributions/ana/sub/x.csv", "ana"),
        ("contributions/ana", None),
        ("contributions", None),
        ("other/contributions/ana/a.csv", None),
        ("Contributions/ana/a.csv", None),
    ],
)
def test_whose_a_path_is(path, creator):
    assert creator_of(path) == creator
