"""Git's objects, read as data: commits, trees, blobs. Nothing is checked out and nothing is run."""

import os
import re
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PLAIN_FILE, PROGRAM, LINK, SUBMODULE = "100644", "100755", "120000", "160000"
EACH_PATH = ("-r", "-z", "--raw", "--no-renames", "--no-abbrev")
COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
LONGEST_COMMAND = 100_000  # letters of paths; a system takes 128 KiB in one word, and 2 MiB in all
# How a merge is made is not left to the settings of this computer.
AS_GITHUB = (
    *("-c", "merge.renames=true", "-c", "diff.renames=true"),
    *("-c", "merge.directoryRenames=conflict", "-c", "merge.renormalize=false"),
)
# What a repository's own configuration could run, or show otherwise, is off.
ALONE = {"GIT_NO_REPLACE_OBJECTS": "1", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}


@dataclass(frozen=True, slots=True)
class Entry:
    """What a tree holds at a path: its mode, as git writes it, and the object's id."""

    mode: str
    id: str


@dataclass(frozen=True, slots=True)
class Change:
    """One path that differs between two trees; None where it is not there.

    A rename is two changes: a path that goes and one that comes.
    """

    path: str
    old: Entry | None
    new: Entry | None


Tree = Mapping[str, Entry]  # by path from the root, bytes that are no UTF-8 as lone surrogates


class GitError(Exception):
    """Git could not answer; the door says so."""


def commit(repository: Path, ref: str) -> str | None:
    """Find the commit that a name stands for, or None."""
    found = _run(
        repository, "rev-parse", "--verify", "--quiet", "--end-of-options", ref + "^{commit}"
    )
    name = found.stdout.decode().strip()
    return name if found.returncode == 0 and COMMIT.fullmatch(name) else None


def merge_base(repository: Path, first: str, second: str) -> str | None:
    """Find where two commits parted, or None where they have no past in common."""
    found = _run(repository, "merge-base", first, second)
    return found.stdout.decode().strip() if found.returncode == 0 else None


@dataclass(frozen=True, slots=True)
class Merge:
    """What git makes of two commits: a tree, and the paths that it cannot merge by itself."""

    tree: str
    conflicts: tuple[str, ...]


def merge(repository: Path, base: str, head: str) -> Merge:
    """Merge two commits as GitHub would, renames and all, without touching a work tree.

    Only objects are written. It needs git 2.38 or newer.
    """
    found = _run(
        repository, *AS_GITHUB, "merge-tree", "--write-tree", "-z", "--name-only", "--no-messages",
        base, head,
    )  # fmt: skip
    if found.returncode not in (0, 1):
        said = found.stderr.decode("utf-8", "replace").strip().splitlines()
        raise GitError(said[-1] if said else "git cannot merge these; it has to be 2.38 or newer")
    tree, *conflicts = found.stdout.split(b"\0")[:-1]
    return Merge(tree.decode(), tuple(_text(path) for path in conflicts if path))


def commits_between(repository: Path, start: str, end: str) -> int:
    """Count the commits that `end` has and `start` has not."""
    return int(_ask(repository, "rev-list", "--count", f"{start}..{end}"))


def tree(repository: Path, commit: str, under: str = "") -> dict[str, Entry]:
    """List the files of a commit, or of one of its folders."""
    where = ["--", f":(literal){under}/"] if under else []
    listing = _ask(repository, "ls-tree", "-r", "-z", "--full-tree", commit, *where)
    found = {}
    for record in listing.split(b"\0")[:-1]:
        about, _, path = record.partition(b"\t")
        mode, _, name = about.decode().split(" ")
        found[_text(path)] = Entry(mode, name)
    return found


def changes(repository: Path, old: str, new: str) -> tuple[Change, ...]:
    """Compare the trees of two commits, path by path, in the order of the paths."""
    raw = _ask(repository, "diff-tree", *EACH_PATH, old, new)
    fields = raw.split(b"\0")[:-1]
    found = []
    for about, path in zip(fields[::2], fields[1::2], strict=True):
        old_mode, new_mode, old_id, new_id, _ = about.decode().removeprefix(":").split(" ")
        before = Entry(old_mode, old_id) if old_mode.strip("0") else None
        after = Entry(new_mode, new_id) if new_mode.strip("0") else None
        found.append(Change(_text(path), before, after))
    return tuple(sorted(found, key=lambda change: change.path))


def older_versions(repository: Path, commit: str, paths: Iterable[str]) -> dict[str, set[str]]:
    """Find the ids that each path has had in the past of a commit."""
    wanted = set(paths)
    if not wanted:
        return {}
    named = [f":(literal){path}" for path in wanted]
    few = named if sum(map(len, named)) < LONGEST_COMMAND else []
    raw = _ask(
        repository, "diff-tree", "--stdin", "--no-commit-id", "--root", "-m", *EACH_PATH,
        "--", *few, feed=_ask(repository, "rev-list", commit),
    )  # fmt: skip
    fields = raw.split(b"\0")[:-1]
    found: dict[str, set[str]] = {}
    for about, path in zip(fields[::2], fields[1::2], strict=True):
        _, _, old_id, new_id, _ = about.decode().split(" ")
        if (name := _text(path)) in wanted:
            found.setdefault(name, set()).update({old_id, new_id})
    return found


def ids_ever(repository: Path, commit: str, under: str) -> set[str]:
    """Find the ids of all that ever stood in a folder, in the past of a commit."""
    raw = _ask(
        repository, "diff-tree", "--stdin", "--no-commit-id", "--root", "-m", *EACH_PATH,
        "--", f":(literal){under}", feed=_ask(repository, "rev-list", commit),
    )  # fmt: skip
    records = (about.decode().split(" ") for about in raw.split(b"\0")[:-1:2])
    return {name for record in records for name in record[2:4]}


def read_blobs(repository: Path, ids: Iterable[str], most: int) -> dict[str, bytes]:
    """Read blobs by id, of each at most the first `most` bytes."""
    names = sorted(set(ids))
    if not names:
        return {}
    sizes = sizes_of(repository, names)
    small = [name for name in names if sizes[name] <= most]
    found = {name: _start(repository, name, most) for name in names if sizes[name] > most}
    raw = _ask(repository, "cat-file", "--batch", feed="".join(f"{n}\n" for n in small).encode())
    at = 0
    for name in small:
        begin = raw.index(b"\n", at) + 1
        at = begin + sizes[name] + 1
        found[name] = raw[begin : at - 1]
    return found


def export(repository: Path, commit: str, folders: Iterable[str], most: int) -> dict[str, bytes]:
    """Read the plain files of some folders of a commit, by path."""
    listed = {
        path: entry.id
        for folder in folders
        for path, entry in tree(repository, commit, folder).items()
        if entry.mode in (PLAIN_FILE, PROGRAM)
    }
    contents = read_blobs(repository, listed.values(), most)
    return {path: contents[name] for path, name in listed.items()}


def sizes_of(repository: Path, names: Sequence[str]) -> dict[str, int]:
    """Tell the sizes of blobs, in bytes, by id."""
    asked = "".join(f"{name}\n" for name in names).encode()
    lines = _ask(repository, "cat-file", "--batch-check", feed=asked).decode().splitlines()
    found = {}
    for line in lines:
        name, kind, *size = line.split(" ")
        if kind != "blob":
            raise GitError(f"the object {name} is {kind}: fetch the commit with all it holds")
        found[name] = int(size[0])
    return found


def _start(repository: Path, name: str, most: int) -> bytes:
    """Read the beginning of a blob that is too large to be read whole."""
    command = ["git", "-C", str(repository), "cat-file", "blob", name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=_environment()) as process:  # noqa: S603
        start = process.stdout.read(most) if process.stdout else b""
        process.kill()
    return start


def _text(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")


def _environment() -> dict[str, str]:
    return os.environ | ALONE


def _run(
    repository: Path, *command: str, feed: bytes = b""
) -> "subprocess.CompletedProcess[bytes]":
    try:
        return subprocess.run(  # noqa: S603  # git, with arguments that no shell reads
            ["git", "-C", str(repository), *command],  # noqa: S607  # the git of the person's PATH
            input=feed,
            capture_output=True,
            env=_environment(),
            check=False,
        )
    except FileNotFoundError:
        raise GitError("git is not installed here") from None


def answer(repository: Path, *command: str) -> bytes | None:
    """Ask git something of one's own; None where it has no answer, or is not installed."""
    try:
        found = _run(repository, *command)
    except GitError:
        return None
    return found.stdout if found.returncode == 0 else None


def _ask(repository: Path, *command: str, feed: bytes = b"") -> bytes:
    answer = _run(repository, *command, feed=feed)
    if answer.returncode:
        said = answer.stderr.decode("utf-8", "replace").strip().splitlines()
        raise GitError(said[-1] if said else f"git {command[0]} ended with {answer.returncode}")
    return answer.stdout
