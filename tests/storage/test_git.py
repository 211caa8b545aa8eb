"""Git's objects are read as they are: any path, any mode, any past, and nothing is run."""

import os
import subprocess
from pathlib import Path

import pytest

from pipeline.dataset.read_commit import contributions, creators_of, strays
from pipeline.storage import git as objects
from pipeline.storage import git_blobs
from pipeline.storage.git import GitError, TreeChange, TreeEntry
from schema.file_rules import MAX_BYTES
from support.contribution import TOML
from support.git import Node, Repository, link, program, repository, submodule

pytestmark = pytest.mark.slow  # each runs git

NAMES = [
    "with blank.csv",
    "line\nbreak.csv",
    "with \"quotes\" and 'others'.csv",
    "$(touch pwned).csv",
    "`touch pwned`.csv",
    "::error::pwned.csv",
    "##[error]pwned.csv",
    "right-\u202eto-left.csv",
    "-leading-dash.csv",
    "--upload-pack=x",
    ":(glob)**",
    ":!everything",
    "tab\tand\x1b[31m.csv",
    "back\\slash.csv",
    "*?[a-z].csv",
    "día 🍜.csv",
    "x" * 250 + ".csv",
    "@octocat #1.csv",
]
INVALID = b"no-utf-8-\xff\xfe.csv"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    return repository(tmp_path_factory.mktemp("objects") / "origin.git")


def blob(content: bytes) -> Node:
    return Node("100644", content)


def test_every_path_is_read_as_it_is(home):
    files = {f"contributions/ana/{name}": name.encode() for name in NAMES}
    start = home.commit({"README.md": b"hello\n"})
    head = home.commit({**files, b"contributions/ana/" + INVALID: b"odd"}, start)
    odd = "contributions/ana/" + os.fsdecode(INVALID)
    tree = objects.tree(home.path, head)
    assert set(tree) == {"README.md", odd, *files}
    assert {change.path for change in objects.changes(home.path, start, head)} == {odd, *files}
    content = git_blobs.read_blobs(home.path, (entry.id for entry in tree.values()), 1_000)
    assert {path: content[tree[path].id] for path in files} == files
    assert content[tree[odd].id] == b"odd"
    older = objects.older_versions(home.path, head, [odd, *files])
    assert {path: tree[path].id in older[path] for path in (odd, *files)} == dict.fromkeys(
        (odd, *files), True
    )


def test_only_the_named_path_is_asked_for(home):
    """No path is a pattern: neither `*`, nor what git takes for a word of its own."""
    start = home.commit({"ana/a.csv": b"1"})
    head = home.commit({"*": b"2", ":(glob)**": b"3"}, start)
    for name in ("*", ":(glob)**", ":!x", "-a", "ana"):
        assert set(objects.older_versions(home.path, head, [name])) <= {name}
    assert set(objects.tree(home.path, head, "*")) == set()


def test_a_folder_of_a_tree_is_listed_alone(home):
    files = {"ana/a.csv": b"1", "ana/b/c.csv": b"2", "anaconda/a.csv": b"3", "a[n]a/x": b"4"}
    head = home.commit(files)
    assert set(objects.tree(home.path, head, "ana")) == {"ana/a.csv", "ana/b/c.csv"}
    assert set(objects.tree(home.path, head, "a[n]a")) == {"a[n]a/x"}


def test_modes_are_told(home):
    start = home.commit({"plain": b"a", "to-link": b"a", "folder/inside": b"a"})
    files = {
        "link": link("/etc/passwd"),
        "program": program(b"#!/bin/sh\n"),
        "module": submodule(),
        "to-link": link("plain"),
        "folder/inside": None,
        "folder": b"a file where a folder was",
    }
    head = home.commit(files, start)
    modes = {path: entry.mode for path, entry in objects.tree(home.path, head).items()}
    assert modes == {
        "plain": "100644",
        "link": "120000",
        "program": "100755",
        "module": "160000",
        "to-link": "120000",
        "folder": "100644",
    }
    changed = {c.path: (c.old, c.new) for c in objects.changes(home.path, start, head)}
    assert changed["folder/inside"][1] is None
    assert changed["folder"][0] is None
    assert [entry and entry.mode for entry in changed["to-link"]] == ["100644", "120000"]


def test_a_rename_is_two_changes(home):
    start = home.commit({"old.csv": b"a\n" * 100})
    head = home.commit({"old.csv": None, "new.csv": b"a\n" * 100}, start)
    same = objects.tree(home.path, start)["old.csv"]
    assert objects.changes(home.path, start, head) == (
        TreeChange("new.csv", None, same),
        TreeChange("old.csv", same, None),
    )


def test_blobs_are_read_up_to_a_limit(home):
    sizes = [0, 1, 999, 1_000, 1_001, 3_000_000]
    written = {home.blob(bytes([65 + n]) * size): (n, size) for n, size in enumerate(sizes)}
    blobs = git_blobs.read_blobs(home.path, written, 1_000)
    assert {name: (raw[:1], len(raw)) for name, raw in blobs.items()} == {
        name: (bytes([65 + n])[: size and 1], min(size, 1_000))
        for name, (n, size) in written.items()
    }


def test_a_blob_with_line_breaks_and_nothing_behind_it_is_whole(home):
    contents = [b"\n", b"\n\n\n", b"a blob 3\nxyz", b"", b"\0\n\0"]
    blobs = git_blobs.read_blobs(home.path, (home.blob(content) for content in contents), 100)
    assert sorted(blobs.values()) == sorted(contents)
    assert git_blobs.read_blobs(home.path, [], 100) == {}


def test_what_is_not_there_is_said(home):
    for wanted in ("1" * 40, home.tree()):
        with pytest.raises(GitError, match="fetch the commit"):
            git_blobs.read_blobs(home.path, [wanted], 100)
    with pytest.raises(GitError):
        objects.tree(home.path, "1" * 40)


@pytest.mark.parametrize(
    "ref",
    [
        "nothing", "", "-", "--upload-pack=touch pwned", "--output=pwned", "-h", "^main",
        "main..topic", "main...topic", "@{-1}", "HEAD:README.md", "1" * 40, "main\n", "a b",
        "refs/tags/blob", ":/nothing of this name", "\udcff",
    ],
    ids=ascii,
)  # fmt: skip
def test_a_name_of_no_commit_is_none(home, ref):
    home.commit({"README.md": b"hello\n"}, branch="refs/heads/main")
    home.run("tag", "--force", "blob", home.blob(b"a"))
    assert objects.commit(home.path, ref) is None
    assert not list(home.path.rglob("pwned"))


def test_a_commit_has_many_names(home):
    head = home.commit({"README.md": b"hello\n"}, branch="refs/heads/main")
    home.run("-c", "user.name=a", "-c", "user.email=a@b.c", "tag", "-f", "-a", "-m", "x", "v1")
    names = ("main", "refs/heads/main", "HEAD", head, head[:12], "v1")
    assert {objects.commit(home.path, name) for name in names} == {head}


def test_a_branch_may_have_the_name_of_an_option(home):
    head = home.commit({"a": b""}, branch="refs/heads/--upload-pack=x")
    assert objects.commit(home.path, "--upload-pack=x") == head


def test_merges_roots_and_other_pasts(home):
    root = home.commit({"a": b"1"})
    left, right = (home.commit({name: b"2"}, root) for name in ("left", "right"))
    merge = home.commit({"right": b"2", "a": b"3"}, left, right)
    alone = home.commit({"a": b"9"})
    assert objects.merge_base(home.path, merge, right) == right
    assert objects.merge_base(home.path, left, right) == root
    assert objects.merge_base(home.path, merge, alone) is None
    assert objects.commits_between(home.path, right, merge) == 2
    older = objects.older_versions(home.path, merge, ["a", "left", "never"])
    ids = {home.blob(content) for content in (b"1", b"3")}
    assert set(older) == {"a", "left"}
    assert older["a"] - {"0" * 40} == ids


def test_more_paths_than_a_command_takes(home):
    start = home.commit({"a": b"1"})
    head = home.commit({"a": b"2"}, start)
    paths = ["a", "x" * 200_000, *(f"{'y' * 100}{number}" for number in range(30_000))]
    assert set(objects.older_versions(home.path, head, paths)) == {"a"}


def test_a_path_longer_than_a_file_system_takes(home):
    name, start = "x" * 150_000 + ".csv", home.commit({})
    head = home.commit_of(home.tree(("100644", name.encode(), home.blob(b"1"))), start)
    (change,) = objects.changes(home.path, start, head)
    assert change.path == name
    assert objects.older_versions(home.path, head, [change.path])[change.path]


def test_trees_that_git_would_never_write_are_data(home):
    text = home.blob(b"x")
    inner = home.tree(("100644", b"..", text), ("100644", b".git", text), ("100644", b"a/b", text))
    head = home.commit_of(home.tree(("40000", b"contributions", inner)))
    assert set(objects.tree(home.path, head)) == {
        "contributions/..",
        "contributions/.git",
        "contributions/a/b",
    }


SETTINGS = {
    "diff.renames": "copies",
    "diff.orderFile": "/nowhere",
    "diff.relative": "true",
    "diff.ignoreSubmodules": "all",
    "diff.external": "touch pwned",
    "diff.noprefix": "true",
    "log.showRoot": "false",
    "log.showSignature": "true",
    "log.follow": "true",
    "log.diffMerges": "combined",
    "core.quotePath": "true",
    "core.fsmonitor": "touch pwned",
    "core.hooksPath": "hooks",
    "core.pager": "touch pwned",
    "color.ui": "always",
    "column.ui": "always",
}


@pytest.mark.parametrize(("name", "value"), SETTINGS.items(), ids=list(SETTINGS))
def test_settings_of_the_repository_change_nothing(tmp_path, name, value):
    results = []
    for setting in ((), (name, value)):
        home = repository(tmp_path / str(len(results)))
        if setting:
            home.run("config", *setting)
        root = home.commit({"a.csv": b"1\n" * 50, "día.csv": b"2", "module": submodule()})
        side = home.commit({"a.csv": b"3\n" * 50}, root)
        head = home.commit(
            {"b.csv": b"1\n" * 50, "a.csv": None, "module": None}, root, side, message="Merge"
        )
        results.append(
            (
                objects.tree(home.path, head),
                objects.changes(home.path, root, head),
                objects.older_versions(home.path, head, ["a.csv", "b.csv", "día.csv"]),
            )
        )
    assert results[0] == results[1]
    assert not list(tmp_path.rglob("pwned"))


def test_what_the_head_asks_git_to_run_is_never_run(tmp_path):
    """Filters and drivers stand in the clone's settings; the head's attributes call them."""
    home = repository(tmp_path / "work", bare=False)
    trap = f"touch '{tmp_path}/pwned'; cat"
    for name in ("diff.evil.textconv", "diff.evil.command", "merge.evil.driver"):
        home.run("config", name, trap)
    for name in ("filter.evil.smudge", "filter.evil.clean", "filter.evil.process"):
        home.run("config", name, trap)
    start = home.commit({"a.csv": b"1\n"}, branch="refs/heads/main")
    attributes = b"* diff=evil filter=evil merge=evil text eol=crlf ident working-tree-encoding=x\n"
    head = home.commit({".gitattributes": attributes, "a.csv": b"$Id$\n2\n"}, start)
    (home.path / ".git" / "info" / "attributes").write_bytes(attributes)
    changed = objects.changes(home.path, start, head)
    tree = objects.tree(home.path, head)
    objects.older_versions(home.path, head, [change.path for change in changed])
    assert git_blobs.read_blobs(home.path, [tree["a.csv"].id], 100) == {
        tree["a.csv"].id: b"$Id$\n2\n"
    }
    assert not (tmp_path / "pwned").exists()
    subprocess.run(["git", "-C", home.path, "diff", "main", head], capture_output=True, check=False)
    assert (tmp_path / "pwned").exists()  # the trap is a real one


def test_a_replaced_object_is_read_as_it_was(home):
    good, other = home.blob(b"good"), home.blob(b"other")
    home.run("replace", "--force", good, other)
    start = home.commit({"a": b"1"})
    head = home.commit({"a": b"2"}, start)
    home.run("replace", "--force", head, start)
    assert git_blobs.read_blobs(home.path, [good], 100) == {good: b"good"}
    assert [change.path for change in objects.changes(home.path, start, head)] == ["a"]


def test_a_shallow_clone_has_no_past_in_common(home, tmp_path):
    base = home.commit({"a": b"1"})
    for number in range(3):
        base = home.commit({"a": b"%d" % number}, base, branch="refs/heads/main")
    head = home.commit({"b": b"1"}, home.run("rev-parse", "main~2"), branch="refs/heads/fork")
    shallow = home.clone(tmp_path / "shallow", "--depth=1", "--branch=main", "--single-branch")
    assert shallow.fetch(home, "refs/heads/fork") == head
    assert objects.commit(shallow.path, base) == base
    assert objects.merge_base(shallow.path, base, head) is None


def test_what_is_no_repository_is_said(tmp_path):
    with pytest.raises(GitError, match="not a git repository"):
        objects.tree(tmp_path, "HEAD")


def test_git_that_is_not_installed_is_said(home, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitError, match="not installed"):
        objects.tree(home.path, "HEAD")


def test_plain_files_are_exported(home):
    files = {"pipeline/a.py": b"1", "pipeline/b/c.py": program(b"2"), "schema/x": link("/etc")}
    head = home.commit({**files, "pipelines/no.py": b"3"})
    assert git_blobs.export(home.path, head, ("pipeline", "schema", "nothing"), 100) == {
        "pipeline/a.py": b"1",
        "pipeline/b/c.py": b"2",
    }


ODD = [
    ("a.csv", link("../bea/a.csv"), "symlink"),
    ("a.csv", program(b"x"), "program"),
    ("a.csv", submodule(), "submodule"),
    ("old/a.csv", blob(b"x"), "wrong-place"),
    ("old/older/a.csv", blob(b"x"), "wrong-place"),
    ("a.xlsx", blob(b"PK"), "file-name"),
    ("a\nb.csv", blob(b"x"), "file-name"),
    ("\udcff.csv", blob(b"x"), "file-name"),
    ("creator.toml", link("/etc/passwd"), "symlink"),
    ("creator.toml", program(TOML), "program"),
]


@pytest.mark.parametrize(("name", "node", "rule"), ODD, ids=lambda v: ascii(v)[:30])
def test_what_is_no_plain_file_is_not_read(home, name, node, rule):
    files = {"contributions/ana/creator.toml": TOML, f"contributions/ana/{name}": node}
    tree = objects.tree(home.path, home.commit(files))
    (ana,) = contributions(home.path, tree, creators_of(tree))
    assert rule in [problem.rule for problem in ana.problems]
    judged = [sheet.file for sheet in ana.sheets]  # a CSV in a wrong place, too
    assert judged == ([f"contributions/ana/{name}"] if name in ("old/a.csv", "a\nb.csv") else [])
    assert (ana.toml is None) == (name == "creator.toml")


def test_creators_are_the_folders_in_the_home(home):
    tree = objects.tree(
        home.path,
        home.commit(
            {
                "contributions/ana/a.csv": b"",
                "contributions/bea/x/y.csv": b"",
                "contributions/LICENSE": b"",
                "contributions/link": link("ana"),
                "other/contributions/cy/a.csv": b"",
                "Contributions/dan/a.csv": b"",
            }
        ),
    )
    assert creators_of(tree) == ("ana", "bea")
    assert [p.file for p in strays([*tree])] == ["contributions/link"]


def test_a_file_above_the_limit_is_not_read_whole(home):
    files = {"contributions/ana/creator.toml": TOML, "contributions/ana/a.csv": b"x" * MAX_BYTES}
    tree = objects.tree(home.path, home.commit({**files, "contributions/ana/b.csv": b"y" * 30}))
    read = git_blobs.read_blobs(home.path, (entry.id for entry in tree.values()), 2_000_000)
    assert sorted(map(len, read.values())) == [30, len(TOML), 2_000_000]


def test_a_repository_is_the_same_every_time(tmp_path):
    ids = []
    for name in ("one", "two"):
        made = repository(tmp_path / name)
        ids.append(made.commit({"a": b"1"}, made.commit({"b": b"2"})))
    assert ids[0] == ids[1]


def test_a_path_that_is_where_a_folder_was(home: Repository, tmp_path: Path):
    start = home.commit({"contributions/ana/a.csv": b"1"})
    head = home.commit({"contributions/ana/a.csv": None, "contributions": b"file"}, start)
    tree = objects.tree(home.path, head)
    assert tree == {"contributions": TreeEntry("100644", home.blob(b"file"))}
    assert creators_of(tree) == ()
