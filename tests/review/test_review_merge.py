"""What a merge makes of the base is judged, not what the branch looks like."""

import pytest

from pipeline.review.authorization import Author
from pipeline.review.review import review
from pipeline.review.review_result import Conclusion, Request, Review
from pipeline.storage import git as objects
from support.contribution import DAY, TOML, csv_of
from support.git import Files, Repository, repository

pytestmark = pytest.mark.slow  # each runs git

HOME = "contributions"
OK, NO = Conclusion.ACCEPTED, Conclusion.REFUSED
ANA, BOB, EVE = Author("ana", 1), Author("bob", 2), Author("eve", 3)


def toml(login: str) -> bytes:
    return TOML.replace(b"octocat", login.encode())


def rows(*labels: str, **cells: str) -> bytes:
    each = [{"video": label, "views": str(1000 + n), **cells} for n, label in enumerate(labels)]
    return csv_of(*each)


BASE: Files = {
    ".github/CODEOWNERS": b"* @boss\n",
    f"{HOME}/ana/creator.toml": toml("ana"),
    f"{HOME}/ana/a.csv": rows("one", "two", "three", "four", "five", "six"),
    f"{HOME}/bob/creator.toml": toml("bob"),
    f"{HOME}/bob/b.csv": rows("b"),
}


@pytest.fixture
def home(tmp_path) -> Repository:
    return repository(tmp_path / "origin")


def judged(home: Repository, base: str, head: str, author: Author, **more: bool) -> Review:
    return review(home.path, Request(base, head, author, DAY, **more))


def slugs(reviewed: Review) -> set[str]:
    return {why.slug for why in reviewed.refusals}


def test_a_merge_with_two_starts_is_judged_by_what_it_does(home):
    """The branch merged main on an old tree: one start hides what the other shows."""
    start = home.commit(BASE, branch="refs/heads/main")
    bea = {f"{HOME}/bea/creator.toml": toml("bea"), f"{HOME}/bea/v.csv": rows("v")}
    one = home.commit(bea, start, branch="refs/heads/main")
    side = home.commit({f"{HOME}/bob/b.csv": rows("b", "c")}, start)
    main = home.commit({f"{HOME}/bob/b.csv": rows("b", "c")}, one, side, branch="refs/heads/main")
    undo: Files = {f"{HOME}/bob/d.csv": rows("d"), **dict.fromkeys(bea)}
    head = home.commit(undo, side, one)
    reviewed = judged(home, main, head, BOB)
    assert reviewed.conclusion is NO
    assert {"bea", "bob"} <= set(reviewed.scope.creators) or "merge-conflict" in slugs(reviewed)


def test_a_change_that_git_carries_into_a_renamed_folder_is_its_owners(home):
    start = home.commit(BASE, branch="refs/heads/main")
    there = {f"{HOME}/ana/{name}" for name in ("creator.toml", "a.csv")}
    moved: Files = {path.replace("/ana/", "/anita/"): BASE[path] for path in there}
    main = home.commit({**dict.fromkeys(there), **moved}, start, branch="refs/heads/main")
    steal = {
        f"{HOME}/ana/creator.toml": toml("eve"),
        f"{HOME}/ana/a.csv": rows("one", "two", "three", "four", "five", "other"),
    }
    reviewed = judged(home, main, home.commit(steal, start), EVE)
    assert reviewed.conclusion is NO
    assert reviewed.scope.creators == ("anita",) or "merge-conflict" in slugs(reviewed)
    mine = {f"{HOME}/ana/a.csv": rows("one", "two", "three", "four", "five", "six", "seven")}
    reviewed = judged(home, main, home.commit(mine, start), ANA)
    assert (reviewed.conclusion, reviewed.scope.creators) == (OK, ("anita",))


def test_rows_that_both_sides_add_are_judged_together(home):
    start = home.commit(BASE, branch="refs/heads/main")
    labels = ("one", "two", "three", "four", "five", "six")
    main = home.commit(
        {f"{HOME}/ana/a.csv": rows("seven", *labels[1:])}, start, branch="refs/heads/main"
    )
    head = home.commit({f"{HOME}/ana/a.csv": rows(*labels, "seven")}, start)
    reviewed = judged(home, main, head, ANA)
    assert {problem.rule for problem in reviewed.errors} == {"same-capture-twice"}


def test_what_git_cannot_merge_is_refused_with_the_way_out(home):
    start = home.commit(BASE, branch="refs/heads/main")
    main = home.commit({f"{HOME}/bob/b.csv": rows("b", "x")}, start, branch="refs/heads/main")
    reviewed = judged(home, main, home.commit({f"{HOME}/bob/b.csv": rows("b", "y")}, start), BOB)
    assert slugs(reviewed) == {"merge-conflict"}
    assert [why.path for why in reviewed.refusals] == [f"{HOME}/bob/b.csv"]
    queued = judged(home, main, home.commit({f"{HOME}/bob/b.csv": rows("z")}, start), BOB,
                    data_only=True)  # fmt: skip
    assert slugs(queued) == {"merge-conflict"}


def test_a_conflict_of_no_path_is_a_conflict(home):
    """A folder that was divided in two: where a new file in it belongs, git cannot tell."""
    start = home.commit(
        {**BASE, **{f"code/{n}.py": b"%d\n" % n * 20 for n in range(4)}}, branch="refs/heads/main"
    )
    halves: Files = dict.fromkeys(f"code/{n}.py" for n in range(4))
    halves = {
        **halves,
        **{f"{'left' if n < 2 else 'right'}/{n}.py": b"%d\n" % n * 20 for n in range(4)},
    }
    main = home.commit(halves, start, branch="refs/heads/main")
    head = home.commit({"code/new.py": b"new\n"}, start)
    with objects.opened(home.path) as git:
        merge = objects.merge(git, main, head)
    assert (merge.is_clean, merge.conflicts) == (False, ())
    assert slugs(judged(home, main, head, EVE)) == {"merge-conflict"}


def test_nobody_brings_back_what_was_withdrawn(home):
    start = home.commit(BASE, branch="refs/heads/main")
    bob = {path: raw for path, raw in BASE.items() if "/bob/" in str(path)}
    main = home.commit(dict.fromkeys(bob), start, branch="refs/heads/main")
    again = {**bob, f"{HOME}/bob/creator.toml": toml("eve")}
    reviewed = judged(home, main, home.commit(again, main), EVE)
    assert slugs(reviewed) == {"stood-here-before", "withdrawn-file"}
    renamed = {path.replace("/bob/", "/eve-x/"): raw for path, raw in again.items()}
    assert slugs(judged(home, main, home.commit(renamed, main), EVE)) == {"withdrawn-file"}
    fresh = {f"{HOME}/eve-x/creator.toml": toml("eve"), f"{HOME}/eve-x/e.csv": rows("e")}
    assert judged(home, main, home.commit(fresh, main), EVE).conclusion is OK
    assert judged(home, main, home.commit(again, main), Author("boss")).conclusion is OK


@pytest.mark.parametrize("raw", [b"a." * 30_000 + b"a = 1\n", b"x = 1\n" * 2_000])
def test_a_creator_toml_that_is_too_long_is_never_parsed(home, raw):
    start = home.commit(BASE, branch="refs/heads/main")
    head = home.commit({f"{HOME}/bob/creator.toml": raw}, start)
    reviewed = judged(home, start, head, BOB)
    assert {problem.rule for problem in reviewed.errors} == {"creator-unreadable"}


def test_old_questions_are_not_asked_again(home):
    """Only what the request itself brings is asked; errors are always told."""
    odd = {f"{HOME}/bob/old.csv": rows("o", watched_full_pct="0", views="9000")}
    start = home.commit({**BASE, **odd}, branch="refs/heads/main")
    more = {f"{HOME}/bob/new.csv": rows("n", watched_full_pct="0", views="8000")}
    reviewed = judged(home, start, home.commit(more, start), BOB)
    asked = {(problem.file, problem.rule) for problem in reviewed.raised_problems}
    assert asked == {(f"{HOME}/bob/new.csv", "zero-watched")}
    both = {(problem.file, problem.rule) for problem in reviewed.problems}
    assert (f"{HOME}/bob/old.csv", "zero-watched") in both - asked
    assert judged(home, start, home.commit(more, start), EVE).raised_problems == ()
