"""Git's objects, read as data: commits, trees, blobs. Nothing is checked out and nothing is run."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from pipeline.storage.git_sandbox import MOST_OUTPUT, ended
from pipeline.storage.git_sandbox import GitError as GitError
from pipeline.storage.git_sandbox import Repository as Repository
from pipeline.storage.git_sandbox import Sandbox as Sandbox
from pipeline.storage.git_sandbox import TooMuchError as TooMuchError
from pipeline.storage.git_sandbox import answer as answer
from pipeline.storage.git_sandbox import ask as ask
from pipeline.storage.git_sandbox import in_place as in_place
from pipeline.storage.git_sandbox import opened as opened

PLAIN_FILE, PROGRAM, LINK, SUBMODULE = "100644", "100755", "120000", "160000"
EACH_PATH = ("-r", "-z", "--raw", "--no-renames", "--no-abbrev", "--ignore-submodules=none")
COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
LONGEST_COMMAND = 100_000  # letters of paths; a system takes 128 KiB in one word, and 2 MiB in all


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """What a tree holds at a path: its mode, as git writes it, and the object's id."""

    mode: str
    id: str


@dataclass(frozen=True, slots=True)
class TreeChange:
    """One path that differs between two trees; None where it is not there.

    A rename is two changes: a path that goes and one that comes.
    """

    path: str
    old: TreeEntry | None
    new: TreeEntry | None


Tree = Mapping[str, TreeEntry]  # by path from the root, bytes that are no UTF-8 as lone surrogates


def commit(repository: Repository, ref: str) -> str | None:
    """Find the commit that a name stands for, or None."""
    words = ("rev-parse", "--verify", "--quiet", "--end-of-options", ref + "^{commit}")
    name = (in_place(repository, *words) or b"").decode().strip()
    return name if COMMIT.fullmatch(name) else None


def merge_base(repository: Repository, first: str, second: str) -> str | None:
    """Find where two commits parted, or None where they have no past in common."""
    outcome = ended(repository, "merge-base", first, second)
    if outcome.code not in (0, 1):
        raise outcome.error("merge-base")
    return outcome.output.decode().strip() or None


@dataclass(frozen=True, slots=True)
class Merge:
    """What git makes of two commits: a tree, and the paths that it cannot merge by itself.

    Some conflicts are of no path: `is_clean` tells.
    """

    tree: str
    conflicts: tuple[str, ...]
    is_clean: bool


def merge(sandbox: Sandbox, base: str, head: str) -> Merge:
    """Merge two commits as GitHub would, renames and all; objects are written into the sandbox.

    It needs git 2.38 or newer.
    """
    words = ("--write-tree", "-z", "--name-only", "--no-messages")
    outcome = ended(sandbox, "merge-tree", *words, base, head)
    if outcome.code not in (0, 1):
        raise outcome.error("merge-tree")
    tree, *conflicts = outcome.output.split(b"\0")[:-1]
    paths = tuple(_text(path) for path in conflicts if path)
    return Merge(tree.decode(), paths, outcome.code == 0)


def commits_between(repository: Repository, start: str, end: str) -> int:
    """Count the commits that `end` has and `start` has not."""
    return int(ask(repository, "rev-list", "--count", f"{start}..{end}"))


def tree(repository: Repository, commit: str, under: str = "") -> dict[str, TreeEntry]:
    """List the files of a commit, or of one of its folders."""
    where = ["--", f":(literal){under}/"] if under else []
    listing = ask(repository, "ls-tree", "-r", "-z", "--full-tree", commit, *where)
    entries = {}
    for record in listing.split(b"\0")[:-1]:
        about, _, path = record.partition(b"\t")
        mode, _, name = about.decode().split(" ")
        entries[_text(path)] = TreeEntry(mode, name)
    return entries


def changes(
    repository: Repository, old: str, new: str, most: int = MOST_OUTPUT
) -> tuple[TreeChange, ...]:
    """Compare the trees of two commits, path by path, in the order of the paths.

    Raises TooMuchError where the list of what differs has more than `most` bytes.
    """
    fields = ask(repository, "diff-tree", *EACH_PATH, old, new, most=most).split(b"\0")[:-1]
    differing = [
        _change(about, path) for about, path in zip(fields[::2], fields[1::2], strict=True)
    ]
    return tuple(sorted(differing, key=lambda change: change.path))


def _change(about: bytes, path: bytes) -> TreeChange:
    """Read one record of `diff-tree --raw`."""
    old_mode, new_mode, old_id, new_id, _ = about.decode().removeprefix(":").split(" ")
    before = TreeEntry(old_mode, old_id) if old_mode.strip("0") else None
    after = TreeEntry(new_mode, new_id) if new_mode.strip("0") else None
    return TreeChange(_text(path), before, after)


Step = tuple[TreeChange, ...]  # what one commit changed


def past(repository: Repository, commit: str, *paths: str) -> Iterator[Step]:
    """Give what each commit of a branch changed in some paths, the newest first.

    A merge is one step, as what was judged: of commits that it brought, which may have done and
    undone anything, nothing is told.
    """
    trunk = ask(repository, "rev-list", "--first-parent", "--parents", commit).splitlines()
    first = b"".join(b" ".join(line.split(b" ")[:2]) + b"\n" for line in trunk)
    named = [f":(literal){path}" for path in paths]
    raw = ask(repository, "diff-tree", "--stdin", "--root", *EACH_PATH, "--", *named, feed=first)
    step = list[TreeChange]()
    fields = iter(raw.split(b"\0")[:-1])
    for field in fields:
        if field.startswith(b":"):
            step.append(_change(field, next(fields)))
            continue
        if step:  # and this is the name of the next commit
            yield tuple(step)
        step = []
    if step:
        yield tuple(step)


def count_paths(repository: Repository, commit: str, most: int) -> int:
    """Count the paths of a commit. Raises TooMuchError where they have more than `most` bytes.

    Git lists a tree while it reads it, but compares two before it says anything.
    """
    words = ("ls-tree", "-r", "-z", "--name-only", "--full-tree", commit)
    return ask(repository, *words, most=most).count(b"\0")


def stood(repository: Repository, commit: str, path: str) -> bool:
    """Return whether a path ever was there in the past of a commit."""
    return bool(ask(repository, "rev-list", "-1", commit, "--", f":(literal){path}"))


def is_shallow(repository: Repository) -> bool:
    """Return whether a clone lacks a part of the past."""
    return in_place(repository, "rev-parse", "--is-shallow-repository") == b"true\n"


def older_versions(
    repository: Repository, commit: str, paths: Iterable[str]
) -> dict[str, set[str]]:
    """Find the ids that each path has had in the past of a commit."""
    wanted = set(paths)
    if not wanted:
        return {}
    few = sorted(wanted) if sum(len(path) + 10 for path in wanted) < LONGEST_COMMAND else []
    versions: dict[str, set[str]] = {}
    for change in chain.from_iterable(past(repository, commit, *few)):
        if change.path in wanted:
            entries = (change.old, change.new)
            versions.setdefault(change.path, set()).update(e.id for e in entries if e)
    return versions


def _text(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")
