"""Pull requests against a real repository: author × path × kind of change, and the command."""

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

from pipeline.dataset.check_paths import judge
from pipeline.dataset.locate import locate
from pipeline.intake.issue_form import EMPTY, Submission, files_of, read_issue
from pipeline.render.check.problems import as_json
from pipeline.render.review.comment import Whole, as_markdown
from pipeline.render.review.formats import as_text, files
from pipeline.render.text.links import Links
from pipeline.review.authorization import Author, By
from pipeline.review.folder_changes import State
from pipeline.review.review import NoSuchCommitError
from pipeline.review.review_result import Conclusion, Review
from pipeline.review.scope import ChangeKind
from pipeline.storage import git_blobs
from support import preloaded
from support.contribution import DAY, ROOT, TOML, csv_of
from support.faults import TABLES
from support.git import Files, Repository, link, program, repository, submodule
from support.issue import LINK, body, issue
from support.requests import (
    ANA,
    BASE,
    BEA,
    BOSS,
    CY,
    HOME,
    LONG_ID,
    NEW,
    csv,
    judged,
    toml,
)

pytestmark = pytest.mark.slow  # each runs git


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    return repository(tmp_path_factory.mktemp("review") / "origin.git")


@pytest.fixture(scope="module")
def base(home: Repository) -> str:
    return home.commit(BASE, branch="refs/heads/main")


OK, NO = Conclusion.ACCEPTED, Conclusion.REFUSED
DATA, MIXED, SEVERAL = ChangeKind.CONTRIBUTION, ChangeKind.MIXED, ChangeKind.SEVERAL
CODE, NOTHING = ChangeKind.MAINTENANCE, ChangeKind.NOTHING


@dataclass(frozen=True, slots=True)
class Case:
    """A change of the base by somebody, and what is said: verdict, kind, refusals, errors."""

    author: Author
    files: Files
    verdict: Conclusion
    kind: ChangeKind = DATA
    slugs: set[str] = field(default_factory=set)
    rules: set[str] = field(default_factory=set)
    data_only: bool = False


def new(folder: str, **more: bytes) -> Files:
    files = {f"{HOME}/{folder}/creator.toml": toml("cy"), f"{HOME}/{folder}/c.csv": csv("c", 900)}
    return {**files, **{name.replace("__", "."): raw for name, raw in more.items()}}


def moved(old: str, to: str, login: str) -> Files:
    gone = {path: None for path in BASE if str(path).startswith(f"{HOME}/{old}/")}
    return {**gone, f"{HOME}/{to}/creator.toml": toml(login), f"{HOME}/{to}/a.csv": csv()}


def gone(folder: str) -> Files:
    return {path: None for path in BASE if str(path).startswith(f"{HOME}/{folder}/")}


A, B = f"{HOME}/ana-1", f"{HOME}/bea"
CASES = {
    "new, by its namer": Case(CY, NEW, OK),
    "new, by another": Case(BEA, NEW, NO, slugs={"names-another"}),
    "new, by a maintainer": Case(BOSS, NEW, OK),
    "new, author unknown": Case(Author(), NEW, OK),
    "new, in the queue": Case(Author(), NEW, OK, data_only=True),
    "new, number of another": Case(
        CY, {**NEW, f"{HOME}/cy-new/creator.toml": toml("cy", 8)}, NO, slugs={"wrong-github-id"}
    ),
    "new, without creator.toml": Case(
        CY, {f"{HOME}/cy-new/c.csv": csv("c", 900)}, NO, rules={"creator-missing"}
    ),
    "a row, by the owner": Case(ANA, {f"{A}/a.csv": csv(views=1600)}, OK),
    "a row, by a stranger": Case(CY, {f"{A}/a.csv": csv(views=9)}, NO, slugs={"not-your-folder"}),
    "a row, by a maintainer": Case(BOSS, {f"{A}/a.csv": csv(views=1600)}, OK),
    "a row, in the queue": Case(CY, {f"{A}/a.csv": csv(views=1600)}, OK, data_only=True),
    "a bad row, in the queue": Case(
        CY, {f"{A}/a.csv": csv(likes="+40")}, NO, rules={"plus-sign"}, data_only=True
    ),
    "a bad row, by a maintainer": Case(
        BOSS, {f"{A}/a.csv": csv(category="Comedy")}, NO, rules={"synonym"}
    ),
    "a file, by the owner": Case(ANA, {f"{A}/c.csv": csv("c", 1600)}, OK),
    "a file, by a stranger": Case(
        BEA, {f"{A}/c.csv": csv("c", 1600)}, NO, slugs={"not-your-folder"}
    ),
    "a file goes, by the owner": Case(ANA, {f"{A}/b.csv": None}, OK),
    "a file goes, by a stranger": Case(BEA, {f"{A}/b.csv": None}, NO, slugs={"not-your-folder"}),
    "a folder goes, by the owner": Case(ANA, gone("ana-1"), OK),
    "a folder goes, by a stranger": Case(BEA, gone("ana-1"), NO, slugs={"not-your-folder"}),
    "a folder goes, by a maintainer": Case(BOSS, gone("ana-1"), OK),
    "creator.toml goes": Case(
        ANA, {f"{A}/creator.toml": None}, NO, rules={"creator-missing"}
    ),
    "the same number": Case(BEA, {f"{B}/c.csv": csv("c", 800)}, OK),
    "the same login, another number": Case(
        Author("bea", 7), {f"{B}/c.csv": csv("c", 800)}, NO, slugs={"another-account"}
    ),
    "the same number, another login": Case(Author("beatrix", 2), {f"{B}/c.csv": csv("c", 800)}, OK),
    "a number that is not given": Case(Author("bea"), {f"{B}/c.csv": csv("c", 800)}, OK),
    "handed over, with its number": Case(
        BEA, {f"{B}/creator.toml": toml("cy", 2)}, NO, slugs={"old-github-id"}
    ),
    "handed over, with the other's number": Case(BEA, {f"{B}/creator.toml": toml("cy", 3)}, OK),
    "handed over": Case(ANA, {f"{A}/creator.toml": toml("cy")}, OK),
    "taken over": Case(
        CY, {f"{A}/creator.toml": toml("cy")}, NO, slugs={"not-your-folder"}
    ),
    "an example, by its login": Case(
        Author("octocat", 1), {f"{HOME}/example-zoe/x.csv": csv("x", 12)}, NO,
        slugs={"maintainers-only"},
    ),
    "an example, by a maintainer": Case(
        BOSS, {f"{HOME}/example-zoe/x.csv": csv("x", 12)}, OK
    ),
    "a new example": Case(
        CY, {f"{HOME}/example-cy/creator.toml": toml("cy") + b"simulated = true\n",
             f"{HOME}/example-cy/c.csv": csv("c", 12)},
        NO, slugs={"maintainers-only"},
    ),
    "the planted effects": Case(
        CY, {f"{HOME}/example-effects.toml": b"x = 1\n"}, NO, CODE, {"maintainers-only"}
    ),
    "a line of CODEOWNERS for one folder": Case(
        Author("deputy", 8), {f"{B}/c.csv": csv("c", 800)}, NO, slugs={"not-your-folder"}
    ),
    "nobody's folder": Case(
        Author("o", 5), {f"{HOME}/orphan/creator.toml": toml("o")}, NO, slugs={"nobodys-folder"}
    ),
    "a red folder, repaired": Case(Author("red"), {f"{HOME}/red/r.csv": csv("r", 4000)}, OK),
    "a rename of the own folder": Case(ANA, moved("ana-1", "ana-2", "ana"), OK),
    "a rename of another's folder": Case(
        CY, moved("ana-1", "cy-new", "cy"), NO, slugs={"not-your-folder"}
    ),
    "a rename into another's folder": Case(
        ANA,
        {**gone("ana-1"), f"{B}/a.csv": csv()},
        NO,
        SEVERAL,
        {"several-creators", "not-your-folder"},
    ),
    "a file, out of another's folder": Case(
        ANA,
        {f"{B}/b.csv": None, f"{A}/z.csv": csv(LONG_ID, 3000)},
        NO,
        SEVERAL,
        {"several-creators", "not-your-folder"},
    ),
    "the name in capitals": Case(
        CY, new("Ana-1"), NO, slugs={"name-too-alike"}, rules={"folder-name"}
    ),
    "a name with a letter of another alphabet": Case(
        CY, new("bеа"), NO, slugs={"name-too-alike"}, rules={"folder-name"}
    ),
    "a name with l for 1": Case(CY, new("ana-l"), NO, slugs={"name-too-alike"}),
    "a name in full width": Case(
        CY, new("ｂｅａ"), NO, slugs={"name-too-alike"}, rules={"folder-name"}
    ),
    "a name alike, in the own name of a rename": Case(ANA, moved("ana-1", "ana1", "ana"), OK),
    "the home in capitals": Case(CY, {"Contributions/cy/c.csv": csv()}, NO, slugs={"lost-file"}),
    "a folder below": Case(
        ANA, {f"{A}/sub/x.csv": csv("x", 10)}, NO, rules={"wrong-place"}
    ),
    "a home of its own": Case(CY, {"data/cy/c.csv": csv()}, NO, slugs={"lost-file"}),
    "names alike, in the queue": Case(
        Author(), new("ana-l"), NO, slugs={"name-too-alike"}, data_only=True
    ),
    "201 files": Case(
        ANA, {f"{A}/{n}.csv": b"" for n in range(201)}, NO, slugs={"too-many-files"}
    ),
    "at the top": Case(CY, {"videos.csv": csv()}, NO, slugs={"lost-file"}),
    "in the home": Case(CY, {f"{HOME}/videos.csv": csv()}, NO, rules={"wrong-place"}),
    "in the home, by a maintainer": Case(
        BOSS, {f"{HOME}/videos.csv": csv()}, NO, rules={"wrong-place"}
    ),
    "two folders": Case(
        ANA,
        {f"{A}/a.csv": csv(views=1600), f"{HOME}/ana-two/a.csv": csv("t", 7),
         f"{HOME}/ana-two/creator.toml": toml("ana")},
        NO, SEVERAL, {"several-creators"},
    ),
    "two folders, by a maintainer": Case(
        BOSS, {f"{A}/a.csv": csv(views=1600), f"{B}/c.csv": csv("c", 800)}, OK, SEVERAL
    ),
    "with code": Case(CY, {**NEW, "schema/rules.py": b"2"}, NO, MIXED, {"mixed-change"}),
    "with the report": Case(CY, {**NEW, "reports/README.md": b"2"}, NO, MIXED, {"generated-file"}),
    "with attributes": Case(
        CY, {**NEW, ".gitattributes": b"* -diff\n"}, NO, MIXED, {"mixed-change"}
    ),
    "with oneself as a maintainer": Case(
        CY,
        {f"{A}/a.csv": csv(views=9), ".github/CODEOWNERS": b"* @cy\n"},
        NO, MIXED, {"mixed-change", "not-your-folder"},
    ),
    "with another place for maintainers": Case(
        CY, {f"{A}/a.csv": csv(views=9), "CODEOWNERS": b"* @cy\n"},
        NO, MIXED, {"mixed-change", "not-your-folder"},
    ),
    "code alone": Case(CY, {"schema/rules.py": b"2"}, OK, CODE),
    "maintainers alone": Case(CY, {".github/CODEOWNERS": b"* @cy\n"}, OK, CODE),
    "nothing": Case(CY, {}, OK, NOTHING),
    "a link": Case(ANA, {f"{A}/a.csv": link("../bea/b.csv")}, NO, rules={"symlink"}),
    "a program": Case(ANA, {f"{A}/a.csv": program(csv())}, NO, rules={"program"}),
    "another repository": Case(ANA, {f"{A}/sub": submodule()}, NO, rules={"submodule"}),
    "a file where the folder was": Case(
        ANA, {**gone("ana-1"), A: b"x"}, NO, rules={"wrong-place"}
    ),
    "a workbook": Case(ANA, {f"{A}/a.xlsx": b"PK\x03\x04"}, NO, rules={"file-name"}),
    "junk": Case(ANA, {f"{A}/j.csv": bytes(range(256)) * 40}, NO, rules={"nul-byte"}),
    "a name of no letters": Case(
        ANA, {f"{A}/".encode() + b"\xff\n$(x).csv": b"x"}, NO, rules={"file-name"}
    ),
    "a folder of no letters": Case(
        CY, {f"{HOME}/".encode() + b"\xff/c.csv": csv("c", 900)}, NO,
        rules={"folder-name", "creator-missing"},
    ),
    "a copied id": Case(
        CY, {**NEW, f"{HOME}/cy-new/c.csv": csv(LONG_ID, 77)}, NO, rules={"id-of-two-creators"}
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def judged_case(home, base) -> Callable[[str], Review]:
    """Judge each case once."""

    @cache
    def judged_case(name: str) -> Review:
        case = CASES[name]
        head = home.commit(case.files, base)
        return judged(home, base, head, case.author, data_only=case.data_only)

    return judged_case


@pytest.mark.parametrize("name", CASES)
def test_who_may_change_what(base, judged_case, name):
    case, reviewed = CASES[name], judged_case(name)
    assert (
        reviewed.scope.kind,
        {why.slug for why in reviewed.refusals},
        {problem.rule for problem in reviewed.errors},
        reviewed.conclusion,
    ) == (case.kind, case.slugs, case.rules, case.verdict)
    assert (reviewed.base, reviewed.behind) == (base, 0)
    assert not {problem.file.split("/")[1] for problem in reviewed.problems} & {
        "red",
        "orphan",
    } - set(reviewed.scope.creators)


def test_a_folder_named_like_the_home_is_refused(home, base):
    reviewed = judged(home, base, home.commit(new("contributions"), base))
    assert {problem.rule for problem in reviewed.errors} == {"folder-name"}


def test_too_much_is_refused_before_it_is_read(home, base, monkeypatch):
    monkeypatch.setattr("pipeline.review.preflight.MOST_BYTES", 100)
    head = home.commit({f"{A}/a.csv": csv(likes="bad")}, base)
    reviewed = judged(home, base, head, ANA)
    assert [why.slug for why in reviewed.refusals] == ["too-large"]
    assert reviewed.data.verdicts == reviewed.problems == ()
    assert judged(home, base, head, BOSS).problems != ()


def test_a_folder_is_described(home, base):
    files = {f"{A}/a.csv": csv(views=1600), f"{A}/b.csv": None, f"{A}/c.csv": csv("c", 7, likes="")}
    (ana,) = judged(home, base, home.commit(files, base), ANA).folders
    assert (ana.creator, ana.state, ana.decision.by) == ("ana-1", State.CHANGED, By.OWNER)
    assert (ana.rows.added, ana.rows.changed, ana.rows.removed) == (1, 1, 1)
    assert ana.files == (f"{A}/a.csv", f"{A}/b.csv", f"{A}/c.csv")


STATES = [
    (CY, NEW, State.NEW, By.NEWCOMER, (1, 0, 0)),
    (ANA, gone("ana-1"), State.WITHDRAWN, By.OWNER, (0, 0, 2)),
    (ANA, {f"{A}/creator.toml": toml("cy")}, State.CHANGED, By.OWNER, (0, 0, 0)),
    (BOSS, {f"{A}/c.csv": csv("c", 7, likes="")}, State.CHANGED, By.MAINTAINER, (1, 0, 0)),
    (ANA, {f"{A}/c.csv": b"junk"}, State.CHANGED, By.OWNER, None),
    (Author("red"), {f"{HOME}/red/r.csv": csv("r", 4000)}, State.CHANGED, By.OWNER, None),
]


def test_what_changes_in_creator_toml_is_named(home, base):
    now = toml("ana", 1).replace(b"CC-BY-4.0", b"MIT") + b'use_in_model = false\ncredit = "A. A."\n'
    whole = judged(home, base, home.commit({f"{A}/creator.toml": now}, base), ANA)
    (ana,) = whole.folders
    assert [(each.key, each.before, each.after) for each in ana.settings] == [
        ("licence", "CC-BY-4.0", "MIT"),
        ("github_id", "", "1"),
        ("credit", "", "A. A."),
        ("use_in_model", "", "false"),
    ]
    body = as_markdown(Whole(whole, None, Links()))
    assert "licence is now MIT (it was CC-BY-4.0)" in as_text(Whole(whole, None, Links()))
    assert "licence is now <code>MIT</code> (it was <code>CC-BY-4.0</code>)" in body


def test_a_setting_that_may_be_personal_is_not_repeated(home, base):
    now = toml("ana") + b'credit = "write to me@example.org"\ngithub_id = 0x' + b"f" * 900 + b"\n"
    (ana,) = judged(home, base, home.commit({f"{A}/creator.toml": now}, base), ANA).folders
    assert {each.after for each in ana.settings} <= {"…"}


@pytest.mark.parametrize(("author", "files", "state", "by", "rows"), STATES)
def test_what_happens_to_a_folder(home, base, author, files, state, by, rows):
    (one,) = judged(home, base, home.commit(files, base), author).folders
    counts = one.rows and (one.rows.added, one.rows.changed, one.rows.removed)
    assert (one.state, one.decision.by, counts) == (state, by, rows)


def test_rows_are_compared_by_video_and_day_also_without_a_day(home, base):
    rows = [{"video": f"v{n}", "captured_on": "", "views": str(100 + n)} for n in range(3)]
    start = home.commit({f"{A}/d.csv": csv_of(*rows)}, base)
    changed = [{**rows[0], "likes": "0"}, rows[1], {**rows[2], "captured_on": "2026-05-01"}]
    (ana,) = judged(home, start, home.commit({f"{A}/d.csv": csv_of(*changed)}, start), ANA).folders
    assert (ana.rows.added, ana.rows.changed, ana.rows.removed) == (1, 1, 1)


def test_the_new_owner_is_named(home, base):
    head = home.commit({f"{A}/creator.toml": toml("cy")}, base)
    assert judged(home, base, head, ANA).folders[0].decision.hands_over_to == "cy"


def test_a_copied_id_names_the_other_place(home, base):
    head = home.commit({**NEW, f"{HOME}/cy-new/c.csv": csv(LONG_ID, 77)}, base)
    (error,) = judged(home, base, head).errors
    assert (error.file, error.line, error.rule) == (f"{HOME}/cy-new/c.csv", 2, "id-of-two-creators")
    assert f"line 2 of {B}/b.csv" in error.hint


def test_a_copy_of_a_red_folders_row_is_a_copy(home, base):
    start = home.commit({f"{HOME}/red/r.csv": csv(LONG_ID[:-1] + "7", 4000, likes="1,000")}, base)
    files = {**NEW, f"{HOME}/cy-new/c.csv": csv(LONG_ID[:-1] + "7", 77)}
    reviewed = judged(home, start, home.commit(files, start))
    assert [error.rule for error in reviewed.errors] == ["id-of-two-creators"]


WARNINGS = [
    (CY, {**NEW, f"{HOME}/cy-new/c.csv": csv("other name", 3000)}, "row-of-two-creators"),
    (ANA, {f"{A}/z.csv": csv(views=1000, captured_on="2026-05-01")}, "falling-count"),
]


@pytest.mark.parametrize(("author", "files", "rule"), WARNINGS, ids=lambda v: str(v)[:20])
def test_what_is_only_asked_blocks_nothing(home, base, author, files, rule):
    reviewed = judged(home, base, home.commit(files, base), author)
    assert (reviewed.conclusion, {p.rule for p in reviewed.problems}) == (OK, {rule})


def test_what_was_merged_by_squash_is_nothing_new(home, base):
    old = home.commit(NEW, base)
    squashed = home.commit(NEW, base, message="Add cy (squashed)")
    main = home.commit({"README.md": b"more\n"}, squashed)
    reviewed = judged(home, main, old)
    assert (reviewed.scope.kind, reviewed.conclusion, reviewed.behind) == (NOTHING, OK, 2)


def test_an_old_branch_goes_on_after_a_squash(home, base):
    old = home.commit(NEW, base)
    main = home.commit(NEW, base, message="Add cy (squashed)")
    again = home.commit({f"{HOME}/cy-new/d.csv": csv("d", 901)}, old)
    reviewed = judged(home, main, again)
    assert (reviewed.scope.kind, reviewed.conclusion) == (DATA, OK)
    assert reviewed.folders[0].files == (f"{HOME}/cy-new/d.csv",)
    assert reviewed.folders[0].rows.added == 1


def test_a_branch_from_long_ago_brings_only_its_own(home, base):
    main = home.commit({f"{A}/a.csv": csv(views=1700), "README.md": b"more\n"}, base)
    reviewed = judged(home, main, home.commit(NEW, base))
    assert (reviewed.scope.creators, reviewed.scope.dragged, reviewed.conclusion) == (
        ("cy-new",),
        (),
        OK,
    )


def stale(home: Repository, base: str) -> tuple[str, str]:
    """Let a fork copy a state of main in a commit of its own; main then goes on."""
    middle = {f"{A}/a.csv": csv(views=1700), "README.md": b"more\n"}
    main = home.commit(
        {f"{A}/a.csv": csv(views=1800), "README.md": b"most\n"}, home.commit(middle, base)
    )
    return main, home.commit({**middle, **NEW}, base, message="Sync fork, add mine")


def test_a_stale_branch_is_told_what_it_drags_along(home, base):
    main, head = stale(home, base)
    reviewed = judged(home, main, head)
    assert (reviewed.scope.dragged, reviewed.scope.creators) == (
        ("README.md", f"{A}/a.csv"),
        ("cy-new",),
    )
    assert ({why.slug for why in reviewed.refusals}, reviewed.conclusion) == ({"stale-branch"}, NO)
    assert reviewed.problems == ()


def test_what_a_maintainer_or_the_queue_brings_is_judged_as_it_is(home, base):
    """An older version is a change like any other where nobody refuses it."""
    bad = home.commit({f"{A}/a.csv": csv(likes="+40")}, base)
    main = home.commit({f"{A}/a.csv": csv()}, bad)
    head = home.commit({f"{A}/a.csv": csv(likes="+40"), **NEW}, main)
    for author, data_only in ((BOSS, False), (Author(), True)):
        reviewed = judged(home, main, head, author, data_only=data_only)
        assert [error.rule for error in reviewed.errors] == ["plus-sign"]
        assert (reviewed.scope.creators, reviewed.conclusion) == (("ana-1", "cy-new"), NO)
    assert {why.slug for why in judged(home, main, head).refusals} == {"stale-branch"}


def test_a_revert_is_not_stale(home, base):
    main = home.commit({f"{A}/a.csv": csv(views=1700)}, base)
    head = home.commit({f"{A}/a.csv": csv()}, main, message="Revert")
    for author in (BOSS, ANA):
        assert judged(home, main, head, author).conclusion is OK
    assert {why.slug for why in judged(home, main, head, CY).refusals} == {"not-your-folder"}


def test_a_revert_of_a_new_folder_is_a_withdrawal(home, base):
    main = home.commit(NEW, base)
    reviewed = judged(home, main, home.commit(dict.fromkeys(NEW), main), BOSS)
    assert [each.state for each in reviewed.folders] == [State.WITHDRAWN]
    assert reviewed.conclusion is OK


def test_a_fork_is_read_as_objects(home, base, tmp_path):
    fork = home.clone(tmp_path / "fork.git", "--bare", "--branch=main")
    fork.commit(NEW, base, branch="refs/heads/my-branch")
    head = home.fetch(fork, "refs/heads/my-branch")
    assert judged(home, "main", head).conclusion is OK


def test_a_merge_of_main_into_the_branch_changes_nothing(home, base):
    main = home.commit({f"{A}/a.csv": csv(views=1700), "README.md": b"more\n"}, base)
    topic = home.commit(NEW, base)
    merge = home.commit(
        {f"{A}/a.csv": csv(views=1700), "README.md": b"more\n"}, topic, main, message="Merge main"
    )
    reviewed = judged(home, main, merge)
    assert (reviewed.scope.creators, reviewed.scope.elsewhere, reviewed.conclusion) == (
        ("cy-new",),
        (),
        OK,
    )


def test_a_lost_file_may_be_put_right(home, base):
    start = home.commit({"videos.csv": csv("c", 900), f"{HOME}/w.csv": csv("w", 900)}, base)
    head = home.commit({"videos.csv": None, f"{HOME}/w.csv": None, **NEW}, start)
    reviewed = judged(home, start, head)
    assert (reviewed.refusals, reviewed.problems, reviewed.conclusion) == ((), (), OK)


@pytest.mark.parametrize("ref", ["nothing", "--help", "^main", "1" * 40, ""])
def test_a_commit_that_is_not_there_is_named(home, base, ref):
    for pair in ((ref, base), (base, ref)):
        with pytest.raises(NoSuchCommitError, match="names no commit here"):
            judged(home, *pair)


def test_a_past_of_its_own_is_told(home, base):
    with pytest.raises(NoSuchCommitError, match="no commit in common"):
        judged(home, base, home.commit(NEW))


def written(home: Repository, head: str, to: Path) -> Path:
    """Write the plain files of a commit to disk, as a checkout does."""
    content = git_blobs.export(home.path, head, (HOME,), 30_000_000)
    for path, raw in content.items():
        (to / path).parent.mkdir(parents=True, exist_ok=True)
        (to / path).write_bytes(raw)
    return to


ON_DISK = [
    name
    for name, case in CASES.items()
    if name
    not in (
        "a link",
        "a program",
        "another repository",
        "a file where the folder was",
        "a folder of no letters",
    )
    and case.kind in (DATA, SEVERAL)
    and any(str(path).startswith(HOME + "/") and what for path, what in case.files.items())
]


@pytest.mark.parametrize("name", ON_DISK[::4])
def test_the_same_bytes_get_the_same_words_as_from_check(home, judged_case, tmp_path, name):
    reviewed = judged_case(name)
    disk = written(home, reviewed.head, tmp_path)
    lost = [path for path in reviewed.scope.lost if path.startswith(HOME)]
    left = [f"{HOME}/{each.creator}" for each in reviewed.data.verdicts]
    judgement = judge([locate(disk / path) for path in (*left, *lost)], DAY)
    by_check = as_json(judgement.verdicts, judgement.problems).encode() + b"\n"
    assert files(Whole(reviewed, None, Links()))["check.json"] == by_check


def test_a_bad_file_gets_the_same_words_as_from_check(home, base, tmp_path):
    some = list(TABLES.values())[::10]  # each is judged alone in the tests of the check
    sent = {f"{HOME}/t{n:03}/a.csv": raw for n, raw in enumerate(some)}
    sent |= {f"{path.rpartition('/')[0]}/creator.toml": TOML for path in sent}
    head = home.commit(sent, base)
    reviewed = judged(home, base, head, data_only=True)  # more files than one may send
    assert len(reviewed.data.verdicts) == len(some)
    disk = written(home, head, tmp_path)
    judgement = judge([locate(disk / HOME / each.creator) for each in reviewed.data.verdicts], DAY)
    by_check = as_json(judgement.verdicts, judgement.problems).encode() + b"\n"
    assert files(Whole(reviewed, None, Links()))["check.json"] == by_check


def test_an_attached_file_comes_in_by_the_issue_form_as_it_is():
    """So it gets the same words."""
    sent: dict[str | bytes, bytes] = {}
    for number, raw in enumerate(TABLES.values()):
        asked = read_issue(issue(body(folder=f"t{number:03}", file=LINK, table=EMPTY)))
        assert isinstance(asked, Submission)
        written_files = files_of(asked, False, lambda _, raw=raw: raw)
        assert isinstance(written_files, dict)
        sent |= {str(path): content for path, content in written_files.items()}
    for (path, raw), number in zip(TABLES.items(), range(len(TABLES)), strict=True):
        assert sent[f"{HOME}/t{number:03}/issue-12.csv"] == raw, path


CODE = ("pipeline", "schema")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A clone, checked out, of a repository that has our code as well."""
    made = repository(tmp_path_factory.mktemp("whole") / "work", bare=False)
    code = {
        path.relative_to(ROOT).as_posix(): path.read_bytes()
        for folder in CODE
        for path in sorted((ROOT / folder).rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
    start = made.commit({**BASE, **code}, branch="refs/heads/main")
    made.commit(dict.fromkeys(gone("red") | gone("orphan")), start, branch="refs/heads/main")
    made.run("checkout", "--quiet", "--force", "main")
    return made


def run(clone: Repository, *words: str, **more: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", **more}
    command = [*preloaded.python(), "-m", "pipeline", *words]
    return subprocess.run(
        command, cwd=clone.path, env=environment, capture_output=True, text=True, check=False
    )


BAD_ROW = {f"{HOME}/cy-new/c.csv": csv("c", 900, category="Comedy")}


def test_one_answer_in_the_terminal_the_hook_and_the_review(whole, tmp_path):
    main = whole.run("rev-parse", "main")
    head = whole.commit({**NEW, **BAD_ROW}, main)
    words = ("--base", "main", "--head", head, "--author", "cy", "--today", "2026-11-22")
    reviewed = run(whole, "review", *words, "--out", str(tmp_path / "out"))
    assert (reviewed.returncode, reviewed.stderr) == (1, "")
    out = tmp_path / "out"
    assert sorted(path.name for path in out.iterdir()) == [
        "check.json", "outputs", "review.json", "review.md",
    ]  # fmt: skip
    assert (out / "outputs").read_text() == "kind=contribution\nverdict=refused\n"
    assert json.loads((out / "review.json").read_bytes())["version"] == 2
    whole.run("checkout", "--quiet", "--force", head)
    terminal = run(whole, "check", f"{HOME}/cy-new", "--format", "json", "--today", "2026-11-22")
    hook = run(whole, "check", "--format", "json", "--today", "2026-11-22")
    whole.run("checkout", "--quiet", "--force", "main")
    assert (terminal.returncode, hook.returncode) == (1, 1)
    assert (out / "check.json").read_text() == terminal.stdout
    mine = [p for p in json.loads(hook.stdout)["problems"] if "/cy-new" in p["file"]]
    assert mine == json.loads(terminal.stdout)["problems"]


def test_the_rules_of_the_base_judge_while_the_head_is_checked_out(whole, tmp_path):
    """The head's own rules would let the row pass, and would leave a trace."""
    main = whole.run("rev-parse", "main")
    path = "schema/cells.py"
    lax = (ROOT / path).read_bytes() + b"\nopen('pwned', 'w')\nfault = lambda *_: None\n"
    head = whole.commit({**NEW, **BAD_ROW, path: lax}, main)
    whole.run("checkout", "--quiet", "--force", head)
    words = ("--base", "main", "--head", "HEAD", "--author", "cy", "--today", "2026-11-22")
    completed = run(whole, "review", *words, "--out", str(tmp_path), "--format", "json")
    (whole.path / "pwned").unlink(missing_ok=True)
    whole.run("checkout", "--quiet", "--force", "main")
    report = json.loads(completed.stdout)
    assert (completed.returncode, report["kind"], report["head"]) == (1, "mixed", head)
    assert "synonym" in [problem["rule"] for problem in report["problems"]]
    assert (tmp_path / "outputs").read_text() == "kind=mixed\nverdict=refused\n"
    assert not list(tmp_path.rglob("pwned"))


def test_line_ends_of_windows_in_the_base_do_not_start_it_again_and_again(whole, tmp_path):
    main = whole.run("rev-parse", "main")
    path = "schema/quarantine.toml"
    base = whole.commit({path: (ROOT / path).read_bytes().replace(b"\n", b"\r\n")}, main)
    head = whole.commit(NEW, base)
    completed = run(whole, "review", "--base", base, "--head", head, "--author", "cy")
    assert (completed.returncode, completed.stderr) == (0, "")


def test_a_module_of_the_head_cannot_stand_in_for_one_of_the_base(whole):
    main = whole.run("rev-parse", "main")
    kind = b"\n\ndef decide(creator, *_, **__):\n    return Decision(creator, By.OWNER)\n"
    shadow = (ROOT / "pipeline/review/authorization.py").read_bytes() + kind
    change = {f"{A}/a.csv": csv(views=9)}
    head = whole.commit({**change, "pipeline/owner/__init__.py": shadow}, main)
    whole.run("checkout", "--quiet", "--force", head)
    completed = run(whole, "review", "--base", "main", "--head", head, "--author", "cy")
    whole.run("checkout", "--quiet", "--force", "main")
    assert completed.returncode == 1
    assert "[not-your-folder]" in completed.stdout


def test_a_crash_of_ours_is_our_fault(whole, tmp_path):
    main = whole.run("rev-parse", "main")
    path = "schema/row_rules.py"
    broken = (ROOT / path).read_bytes().replace(
        b"    mask = captures[\"new_followers\"] > captures[\"views\"]\n",
        b"    raise ValueError(captures[\"video\"].iloc[0])\n", 1,
    )  # fmt: skip
    assert broken != (ROOT / path).read_bytes()
    base = whole.commit({path: broken}, main, branch="refs/heads/broken")
    head = whole.commit({**NEW, f"{HOME}/cy-new/c.csv": csv("mysecret", 900)}, base)
    words = ("--base", base, "--head", head, "--author", "cy", "--pull", "7")
    site = "https://github.com/o/r"
    completed = run(whole, "review", *words, "--site", site, "--out", str(tmp_path / "out"))
    assert completed.returncode == 70
    body = (tmp_path / "out" / "review.md").read_text()
    assert "our fault, not yours" in body
    assert f"({site}/issues/new?" in body
    assert (tmp_path / "out" / "outputs").read_text().splitlines()[1] == "verdict=our-fault"
    for text in (completed.stdout, completed.stderr, body):
        assert "Traceback" not in text
        assert "mysecret" not in text


MISUSE = [
    ("--base", "nothing"),
    ("--base", "main", "--head", "nothing"),
    ("--base", "--upload-pack=x"),
    ("--base", "main", "--author-id", "x"),
    (),
]


@pytest.mark.parametrize("words", MISUSE, ids=" ".join)
def test_misuse_is_told(whole, words):
    completed = run(whole, "review", *words)
    assert (completed.returncode, completed.stdout) == (2, "")
    assert "Traceback" not in completed.stderr


def test_a_clone_without_our_code_is_told(home, base):
    completed = run(home, "review", "--base", base, PYTHONPATH=str(ROOT))
    assert completed.returncode == 2
    assert "another project" in " ".join(completed.stderr.split())


@pytest.mark.parametrize(
    ("files", "output"),
    [(NEW, "kind=contribution\nverdict=accepted\n"), ({}, "kind=nothing\nverdict=accepted\n")],
    ids=["well", "nothing"],
)  # fmt: skip
def test_what_is_well_ends_with_0(whole, tmp_path, files, output):
    head = whole.commit(files, whole.run("rev-parse", "main"))
    words = ("--base", "main", "--head", head, "--author", "cy", "--out", str(tmp_path))
    completed = run(whole, "review", *words, "--format", "github")
    assert (completed.returncode, (tmp_path / "outputs").read_text()) == (0, output)
