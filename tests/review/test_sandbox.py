"""Git is asked about objects alone: nobody's settings count, nothing runs, all is limited."""

import hashlib
import os
import sys
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.review.authorization import Author
from pipeline.review.review import review
from pipeline.review.review_result import Conclusion, Request, Review
from pipeline.storage import git as objects
from pipeline.storage import git_blobs, git_sandbox, limited_process
from pipeline.storage.git import GitError, TooMuchError
from support.contribution import DAY, TOML, csv_of
from support.git import Files, Repository, repository, submodule

pytestmark = pytest.mark.slow  # each runs git

HOME = "contributions"
BOB, BOSS = Author("bob", 2), Author("boss", 9)
LABELS = ("one", "two", "three", "four", "five", "six")


def rows(*labels: str) -> bytes:
    return csv_of(*({"video": label, "views": str(1000 + n)} for n, label in enumerate(labels)))


def toml(login: str) -> bytes:
    return TOML.replace(b"octocat", login.encode())


BASE: Files = {
    ".github/CODEOWNERS": b"* @boss\n",
    f"{HOME}/ana/creator.toml": toml("ana"),
    f"{HOME}/ana/a.csv": rows("a"),
    f"{HOME}/bob/creator.toml": toml("bob"),
    f"{HOME}/bob/b.csv": rows(*LABELS),
}


def judged(home: Path, base: str, head: str, author: Author = BOB) -> Review:
    return review(home, Request(base, head, author, DAY))


def slugs(reviewed: Review) -> set[str]:
    return {why.slug for why in reviewed.refusals}


# --- settings


class World:
    """A clone with a request checked out, in which both sides changed bob's table.

    The request also puts another repository into ana's folder, and its `.gitmodules` and
    `.gitattributes`, which the base has as well, say that this is not to be seen.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = repository(folder / "work", bare=False)
        odd: Files = {
            ".gitmodules": b'[submodule "s"]\n\tpath = contributions/ana/s\n\tignore = all\n',
            ".gitattributes": b"* merge=evil diff=evil filter=evil\n",
        }
        start = self.home.commit({**BASE, **odd}, branch="refs/heads/main")
        first: Files = {f"{HOME}/bob/b.csv": rows("new", *LABELS[1:])}
        last: Files = {f"{HOME}/bob/b.csv": rows(*LABELS, "last"), f"{HOME}/ana/s": submodule()}
        self.base = self.home.commit(first, start, branch="refs/heads/main")
        self.head = self.home.commit(last, start, branch="refs/heads/topic")
        self.home.run("checkout", "--quiet", "topic")

    @property
    def trap(self) -> str:
        return f"touch '{self.folder}/pwned'; exit 0"

    def set(self, **values: str) -> None:
        for name, value in values.items():
            self.home.run("config", name.replace("__", "."), value)

    def seen(self) -> tuple[object, ...]:
        reviewed = judged(self.home.path, "main", "topic")
        text = objects.tree(self.home.path, self.base)[f"{HOME}/bob/b.csv"].id
        older = objects.older_versions(self.home.path, self.head, [f"{HOME}/bob/b.csv"])
        return (
            reviewed.base, reviewed.head, reviewed.behind, reviewed.scope.changes,
            reviewed.refusals, reviewed.problems, text, older,
        )  # fmt: skip


def script(world: World) -> str:
    path = world.folder / "script"
    path.write_text(f"#!/bin/sh\n{world.trap}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def drivers(world: World) -> None:
    world.set(
        merge__evil__driver=world.trap, diff__evil__command=world.trap,
        diff__evil__textconv=world.trap, filter__evil__smudge=world.trap,
        filter__evil__clean=world.trap, merge__default="evil", diff__external=world.trap,
    )  # fmt: skip


def attributes(world: World) -> None:
    drivers(world)
    beside = world.folder / "attributes"
    beside.write_bytes(b"* merge=union\n*.csv -diff merge=binary\n")
    world.set(core__attributesFile=str(beside))
    (world.home.path / ".git/info").mkdir(exist_ok=True)
    (world.home.path / ".git/info/attributes").write_bytes(b"* merge=evil\n")


def monitors(world: World) -> None:
    world.set(core__fsmonitor=script(world), core__untrackedCache="true")
    world.home.run("update-index", "--fsmonitor")
    (world.folder / "pwned").unlink(missing_ok=True)


def hooks(world: World) -> None:
    script(world)
    for name in ("reference-transaction", "post-index-change", "pre-auto-gc"):
        (world.folder / name).symlink_to("script")
    world.set(core__hooksPath=str(world.folder), gc__auto="1")


def pagers(world: World) -> None:
    world.set(
        **{"pager__rev-parse": world.trap, "pager__diff-tree": world.trap},
        core__pager=world.trap, alias__x="!" + world.trap, core__askPass=script(world),
    )  # fmt: skip


def ignores(world: World) -> None:
    world.set(diff__ignoreSubmodules="all", submodule__s__ignore="all", submodule__s__active="no")


def includes(world: World) -> None:
    beside = world.folder / "config"
    beside.write_text(
        "[diff]\nignoreSubmodules = all\nnoprefix = true\nrelative = true\n[core]\n"
        "bigFileThreshold = 1\nquotePath = true\n[merge]\nrenames = false\nrenameLimit = 1\n",
        encoding="utf-8",
    )
    world.set(include__path=str(beside))


def of_a_work_tree(world: World) -> None:
    world.set(extensions__worktreeConfig="true", core__repositoryFormatVersion="1")
    world.home.run("config", "--worktree", "diff.ignoreSubmodules", "all")
    world.home.run("config", "--worktree", "core.bigFileThreshold", "1")


def another_work_tree(world: World) -> None:
    other = world.folder / "other"
    other.mkdir()
    (other / ".gitattributes").write_bytes(b"* merge=union\n")
    (other / ".gitmodules").write_bytes(
        b'[submodule "s"]\n\tpath = contributions/ana/s\n\tignore = all\n'
    )
    world.set(core__worktree=str(other))


def replaced(world: World) -> None:
    blob = world.home.blob(b"other")
    there = objects.tree(world.home.path, world.head)[f"{HOME}/bob/b.csv"].id
    world.home.run("replace", there, blob)
    world.home.run("replace", world.head, world.base)


def grafted(world: World) -> None:
    (world.home.path / ".git/info").mkdir(exist_ok=True)
    graft = f"{world.head} {world.base}\n{world.base}\n"
    (world.home.path / ".git/info/grafts").write_text(graft, encoding="utf-8")


def promised(world: World) -> None:
    """A clone that fetches what it lacks, by a program."""
    world.set(
        extensions__partialClone="evil", remote__evil__promisor="true",
        remote__evil__url=f"ext::sh -c \"touch '{world.folder}/pwned'\"",
        remote__evil__uploadpack=script(world), protocol__ext__allow="always",
        protocol__allow="always", core__sshCommand=world.trap,
    )  # fmt: skip


SETTINGS = [
    drivers, attributes, monitors, hooks, pagers, ignores, includes, of_a_work_tree,
    another_work_tree, replaced, grafted, promised,
]  # fmt: skip


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> tuple[object, ...]:
    world = World(tmp_path_factory.mktemp("clean"))
    reviewed = judged(world.home.path, "main", "topic")
    assert reviewed.conclusion is Conclusion.REFUSED
    assert {"several-creators", "not-your-folder"} <= slugs(reviewed)
    paths = [change.path for change in reviewed.scope.changes]
    assert paths == [f"{HOME}/ana/s", f"{HOME}/bob/b.csv"]
    assert "submodule" in {problem.rule for problem in reviewed.errors}
    return world.seen()


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda each: each.__name__)
def test_no_setting_of_a_repository_changes_what_is_seen(tmp_path, expected, setting):
    world = World(tmp_path)
    setting(world)
    assert world.seen() == expected
    assert objects.commit(world.home.path, "1" * 40) is None  # an object that is not there
    with pytest.raises(GitError):
        git_blobs.read_blobs(world.home.path, ["1" * 40], 10)
    assert not (tmp_path / "pwned").exists()


VARIABLES: dict[str, Callable[[World], dict[str, str]]] = {
    "another repository": lambda w: {"GIT_DIR": str(repository(w.folder / "empty").path)},
    "other objects": lambda w: {"GIT_OBJECT_DIRECTORY": str(w.folder)},
    "another index": lambda w: {"GIT_INDEX_FILE": str(w.folder / "none")},
    "a work tree": lambda w: {"GIT_WORK_TREE": str(w.folder)},
    "a common folder": lambda w: {"GIT_COMMON_DIR": str(w.folder)},
    "settings": lambda w: {
        "GIT_CONFIG_COUNT": "2",
        "GIT_CONFIG_KEY_0": "diff.ignoreSubmodules",
        "GIT_CONFIG_VALUE_0": "all",
        "GIT_CONFIG_KEY_1": "merge.default",
        "GIT_CONFIG_VALUE_1": "union",
    },
    "settings of a call": lambda w: {"GIT_CONFIG_PARAMETERS": "'diff.ignoresubmodules'='all'"},
    "a person's settings": lambda w: {"GIT_CONFIG_GLOBAL": script(w)},
    "a computer's settings": lambda w: {"GIT_CONFIG_SYSTEM": script(w), "GIT_CONFIG_NOSYSTEM": "0"},
    "a home": lambda w: {"HOME": str(w.folder), "XDG_CONFIG_HOME": str(w.folder)},
    "programs": lambda w: dict.fromkeys(
        ("GIT_EXTERNAL_DIFF", "GIT_PAGER", "GIT_EDITOR", "GIT_ASKPASS", "GIT_SSH"), script(w)
    ),
    "a log": lambda w: {"GIT_TRACE": str(w.folder / "pwned")},
    "another log": lambda w: {"GIT_TRACE2_EVENT": str(w.folder / "pwned")},
    "paths as patterns": lambda w: {"GIT_ICASE_PATHSPECS": "1"},
    "paths as they are": lambda w: {"GIT_LITERAL_PATHSPECS": "1"},
    "replacements": lambda w: {"GIT_REPLACE_REF_BASE": "refs/heads/"},
    "where a clone ends": lambda w: {"GIT_SHALLOW_FILE": script(w)},
    "grafts": lambda w: {"GIT_GRAFT_FILE": script(w)},
    "attributes of a tree": lambda w: {"GIT_ATTR_SOURCE": w.head},
    "a name space": lambda w: {"GIT_NAMESPACE": "x"},
    "a limit upwards": lambda w: {"GIT_CEILING_DIRECTORIES": str(w.folder)},
    "programs of git": lambda w: {"GIT_EXEC_PATH": str(w.folder)},
    "another language": lambda w: {"LANGUAGE": "de", "LC_ALL": "C.UTF-8"},
}


@pytest.mark.parametrize("first", range(6))
def test_no_variable_changes_what_is_seen(tmp_path, expected, monkeypatch, first):
    """A few at a time, from the first on every sixth."""
    world = World(tmp_path)
    together = [given(world) for given in list(VARIABLES.values())[first::6]]
    with monkeypatch.context() as patch:
        for key, value in (pair for given in together for pair in given.items()):
            patch.setenv(key, value)
        seen = world.seen()
    assert seen == expected
    assert not (tmp_path / "pwned").exists()


@pytest.mark.parametrize("is_checked_out", [True, False])
def test_a_repository_in_anothers_folder_is_seen_whatever_gitmodules_say(tmp_path, is_checked_out):
    home = repository(tmp_path / "work", bare=False)
    quiet = b'[submodule "s"]\n\tpath = contributions/ana/s\n\tignore = all\n'
    start = home.commit({**BASE, ".gitmodules": quiet}, branch="refs/heads/main")
    head = home.commit({f"{HOME}/ana/s": submodule()}, start)
    if is_checked_out:
        home.run("checkout", "--quiet", head)
    reviewed = judged(home.path, start, head)
    assert [change.path for change in reviewed.scope.changes] == [f"{HOME}/ana/s"]
    assert slugs(reviewed) == {"not-your-folder"}
    assert {problem.rule for problem in reviewed.errors} == {"submodule"}


# --- what kinds of repository there are


def linked(home: Repository, folder: Path) -> Path:
    home.run("worktree", "add", "--quiet", "--detach", str(folder / "linked"), "main")
    return folder / "linked"


def inside(home: Repository, folder: Path) -> Path:
    (home.path / "inside").mkdir()
    return home.path / "inside"


def borrowed(home: Repository, folder: Path) -> Path:
    shared = home.clone(folder / "shared", "--bare", "--reference", str(home.path))
    (shared.path / "objects/info/alternates").write_text(
        os.path.relpath(home.path / ".git/objects", shared.path / "objects") + "\n", "utf-8"
    )
    return shared.path


def odd_name(home: Repository, folder: Path) -> Path:
    return home.path.rename(folder / 'a "b"\\c\nd #:;é')


def packed(home: Repository, folder: Path) -> Path:
    home.run("gc", "--quiet")
    home.run("commit-graph", "write", "--reachable")
    return home.path


KINDS = {
    "plain": lambda home, folder: home.path,
    "bare": lambda home, folder: home.clone(folder / "bare", "--bare").path,
    "a linked work tree": linked,
    "a folder in it": inside,
    "with borrowed objects": borrowed,
    "with an odd name": odd_name,
    "packed": packed,
    "shallow": lambda home, folder: home.clone(folder / "shallow", "--depth=1").path,
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("hashes", ["sha1", "sha256"])
def test_every_kind_of_repository_is_read(tmp_path, kind, hashes):
    place = tmp_path / "work"
    place.mkdir()
    home = Repository(place)
    home.run("init", "--quiet", "--initial-branch=main", f"--object-format={hashes}")
    if hashes == "sha256":
        first = home.commit_of(home.run("mktree"))
        home.run("update-ref", "refs/heads/main", first)
    start = home.commit({"a": b"1"}, branch="refs/heads/main")
    head = home.commit({"a": b"2"}, start, branch="refs/heads/main")
    there = KINDS[kind](home, tmp_path)
    assert objects.commit(there, "HEAD") == head
    with objects.opened(there) as git:
        tree = objects.tree(git, head)
        assert git_blobs.read_blobs(git, (entry.id for entry in tree.values()), 9) == {
            tree["a"].id: b"2"
        }
        older = objects.older_versions(git, head, ["a"])["a"]
    assert len(older) == (1 if kind == "shallow" else 2)
    assert objects.is_shallow(there) == (kind == "shallow")


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a folder away"
)
def test_another_accounts_repository_is_read_without_trusting_it(tmp_path):
    world = World(tmp_path)
    drivers(world)
    monitors(world)
    for path in (world.home.path, *world.home.path.rglob("*")):
        os.chown(path, 12_345, 12_345, follow_symlinks=False)
    reviewed = judged(world.home.path, "main", "topic")
    assert [change.path for change in reviewed.scope.changes] == [
        f"{HOME}/ana/s",
        f"{HOME}/bob/b.csv",
    ]
    assert not (tmp_path / "pwned").exists()


def test_a_review_writes_nothing_into_the_repository_and_leaves_nothing(tmp_path, monkeypatch):
    world = World(tmp_path / "world")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    before = {path: path.stat().st_mtime_ns for path in world.home.path.rglob("*")}
    judged(world.home.path, "main", "topic")
    with pytest.raises(GitError):
        objects.tree(world.home.path, "1" * 40)
    with pytest.raises(GitError):
        objects.tree(tmp_path, "main")
    with pytest.raises(KeyError), objects.opened(world.home.path):
        raise KeyError
    assert {path: path.stat().st_mtime_ns for path in world.home.path.rglob("*")} == before
    assert list(scratch.iterdir()) == []


# --- limits


def bomb(home: Repository, folders: int = 10, levels: int = 10) -> str:
    """Write a tree of folders ** levels paths, of one more objects than it has levels."""
    tree = home.tree(("100644", b"a.csv", home.blob(b"x")))
    for _ in range(levels):
        tree = home.tree(*(("40000", b"%02d" % n, tree) for n in range(folders)))
    return tree


def with_folder(home: Repository, base: str, tree: str, name: str = "x") -> str:
    """Write a commit that adds a tree as a folder of bob's."""
    entries = home.run("ls-tree", f"{base}:{HOME}/bob").splitlines()
    feed = "\n".join([*entries, f"040000 tree {tree}\t{name}"]) + "\n"
    bob = home.run("mktree", "--missing", feed=feed.encode())
    entries = home.run("ls-tree", f"{base}:{HOME}").splitlines()
    feed = "\n".join([each for each in entries if not each.endswith("\tbob")])
    whole = home.run("mktree", feed=f"{feed}\n040000 tree {bob}\tbob\n".encode())
    entries = home.run("ls-tree", base).splitlines()
    feed = "\n".join([each for each in entries if not each.endswith(f"\t{HOME}")])
    top = home.run("mktree", feed=f"{feed}\n040000 tree {whole}\t{HOME}\n".encode())
    return home.commit_of(top, base)


def pile(home: Repository, depth: int) -> str:
    """Write folders in folders, as one pack; give the tree of the outermost."""
    kinds, contents = [3], [b"x"]
    name = hashlib.sha1(b"blob 1\0x", usedforsecurity=False).digest()
    mode = b"100644"
    for _ in range(depth):
        content = mode + b" a\0" + name
        kinds.append(2)
        contents.append(content)
        mode = b"40000"
        name = hashlib.sha1(b"tree %d\0" % len(content) + content, usedforsecurity=False).digest()
    pack = b"PACK" + (2).to_bytes(4, "big") + len(contents).to_bytes(4, "big")
    for kind, content in zip(kinds, contents, strict=True):
        size = len(content)
        head = [(kind << 4) | (size & 15) | (128 if size > 15 else 0)]
        if size > 15:
            head.append(size >> 4)
        pack += bytes(head) + zlib.compress(content)
    home.run(
        "index-pack", "--stdin", feed=pack + hashlib.sha1(pack, usedforsecurity=False).digest()
    )
    return name.hex()


@pytest.fixture
def home(tmp_path) -> Repository:
    return repository(tmp_path / "origin.git")


@pytest.mark.parametrize("author", [BOB, BOSS], ids=["owner", "maintainer"])
@pytest.mark.parametrize("what", ["a bomb", "a pile", "a million files"])
def test_more_paths_than_anybody_reads_are_refused(home, author, what):
    start = home.commit(BASE, branch="refs/heads/main")
    make = {
        "a bomb": lambda: bomb(home),
        "a pile": lambda: pile(home, 20_000),
        "a million files": lambda: bomb(home, 100, 3),
    }
    head = with_folder(home, start, make[what]())
    reviewed = judged(home.path, start, head, author)
    assert (reviewed.conclusion, slugs(reviewed)) == (Conclusion.REFUSED, {"too-many-files"})
    assert reviewed.scope.changes == reviewed.folders == reviewed.problems == ()


OTHERS = {
    "files": ({f"code/{n}.py": b"1" for n in range(6)}, "MOST_CHANGED", 5, "too-many-files"),
    "bytes": ({"code/a.py": b"1" * 200}, "MOST_BROUGHT", 100, "too-large"),
    "a path": ({"code/" + "x" * 5_000: b"1"}, "LONGEST_PATH", 4_096, "path-too-long"),
    "a path of bytes": ({b"code/" + b"\xff" * 5_000: b"1"}, "LONGEST_PATH", 4_096, "path-too-long"),
}


@pytest.mark.parametrize("what", OTHERS)
def test_what_nobody_could_look_at_is_refused_whoever_brings_it(home, monkeypatch, what):
    files, name, most, slug = OTHERS[what]
    monkeypatch.setattr(f"pipeline.review.preflight.{name}", most)
    start = home.commit(BASE, branch="refs/heads/main")
    head = home.commit(files, start)
    for author in (BOB, BOSS):
        reviewed = judged(home.path, start, head, author)
        assert (reviewed.conclusion, slugs(reviewed)) == (Conclusion.REFUSED, {slug})
        assert all(len(why.path) < 100 for why in reviewed.refusals)


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("most", [4, 3])
def test_the_lines_of_a_request_count_the_same_however_they_end(home, monkeypatch, end, most):
    monkeypatch.setattr("pipeline.review.preflight.MOST_LINES", most)
    start = home.commit(BASE, branch="refs/heads/main")
    raw = rows("c", *LABELS[:1]).replace(b"\n", end)
    assert raw.count(end) == 3
    reviewed = judged(home.path, start, home.commit({f"{HOME}/bob/c.csv": raw}, start))
    assert ("too-large" in slugs(reviewed)) is (most < 4)


def test_a_merge_that_takes_too_long_is_refused(home, monkeypatch):
    start = home.commit(BASE, branch="refs/heads/main")
    main = home.commit({f"{HOME}/bob/b.csv": rows("new", *LABELS[1:])}, start)
    head = home.commit({f"{HOME}/bob/c.csv": rows("c")}, start)

    def late(*_: object) -> None:
        raise TooMuchError

    monkeypatch.setattr(objects, "merge_base", late)  # a million commits
    reviewed = judged(home.path, main, head)
    assert [change.path for change in reviewed.scope.changes] == [f"{HOME}/bob/c.csv"]
    assert reviewed.conclusion is Conclusion.ACCEPTED
    monkeypatch.setattr(objects, "merge", late)
    reviewed = judged(home.path, main, head)
    assert (reviewed.conclusion, slugs(reviewed)) == (Conclusion.REFUSED, {"too-much-to-merge"})


def test_git_is_ended_at_each_of_its_limits(home, monkeypatch):
    empty = home.tree()
    words = ("diff-tree", "-r", "--raw", empty, bomb(home))
    with pytest.raises(TooMuchError, match="output"):
        git_sandbox.ask(home.path, "ls-tree", "-r", words[-1], most=5_000_000)
    with monkeypatch.context() as patch:
        patch.setattr(limited_process, "SECONDS", 0.2)
        with pytest.raises(TooMuchError, match="time"):
            git_sandbox.ask(home.path, *words, most=10**12)
    if sys.platform == "linux":
        monkeypatch.setattr(limited_process, "MEMORY", 60_000_000)
        with pytest.raises(TooMuchError, match="memory"):
            git_sandbox.ask(home.path, *words, most=10**12)


def test_files_are_read_up_to_a_sum(home, monkeypatch):
    names = [home.blob(bytes([n]) * 1_000) for n in range(5)]
    monkeypatch.setattr(git_blobs, "BATCH", 2_500)
    assert {len(raw) for raw in git_blobs.read_blobs(home.path, names, 5_000).values()} == {1_000}
    monkeypatch.setattr(git_blobs, "MOST_BYTES", 4_999)
    with pytest.raises(TooMuchError):
        git_blobs.read_blobs(home.path, names, 5_000)
    assert len(git_blobs.read_blobs(home.path, names, 999)) == 5
