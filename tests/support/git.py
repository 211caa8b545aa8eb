"""Real repositories for tests: commits of any paths, bytes and modes, written through plumbing."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# The person's own configuration takes no part, neither here nor in what is tested.
ALONE = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}
os.environ.update(ALONE)
WHO = "A U Thor <author@example.org>"
BEGAN = 1_700_000_000


@dataclass(frozen=True, slots=True)
class Node:
    """What a path holds beside a plain file: a mode, and bytes (of a submodule: a commit's id)."""

    mode: str
    content: bytes


def link(to: str) -> Node:
    return Node("120000", to.encode())


def program(content: bytes) -> Node:
    return Node("100755", content)


def submodule() -> Node:
    return Node("160000", b"1" * 40)


Files = Mapping[str | bytes, bytes | Node | None]  # None takes the path away


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository on disk; every commit in it is the same every time."""

    path: Path

    def run(self, *command: str, feed: bytes = b"") -> str:
        done = subprocess.run(
            ["git", "-C", str(self.path), *command], input=feed, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode("utf-8", "surrogateescape").strip()

    def commit(
        self,
        files: Files,
        *parents: str,
        branch: str = "refs/heads/topic",
        message: str = "A change",
    ) -> str:
        """Write a commit that changes files of its first parent; give its id."""
        number = BEGAN + (0 if not parents else 60)
        lines = [
            f"reset {branch}\ncommit {branch}\nmark :1\n".encode(),
            f"author {WHO} {number} +0000\ncommitter {WHO} {number} +0000\n".encode(),
            _data(message.encode("utf-8", "surrogateescape")),
            *(f"{word} {parent}\n".encode() for word, parent in _parents(parents)),
            *(_change(_bytes(path), what) for path, what in files.items()),
            b"get-mark :1\n",
        ]
        feed = b"".join(lines)
        return self.run("fast-import", "--quiet", "--force", "--date-format=raw", feed=feed)

    def tree(self, *entries: tuple[str, bytes, str]) -> str:
        """Write a tree as it is, also one that git itself would never write; give its id."""
        raw = b"".join(
            mode.encode() + b" " + name + b"\0" + bytes.fromhex(object_id)
            for mode, name, object_id in entries
        )
        return self.run("hash-object", "-t", "tree", "-w", "--literally", "--stdin", feed=raw)

    def blob(self, content: bytes) -> str:
        return self.run("hash-object", "-w", "--stdin", feed=content)

    def commit_of(self, tree: str, *parents: str) -> str:
        """Write a commit of a tree that is there."""
        named = [word for parent in parents for word in ("-p", parent)]
        who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        return self.run(*who, "commit-tree", tree, *named, "-m", "A tree")

    def clone(self, path: Path, *options: str) -> "Repository":
        """Make a clone, as a fork is one."""
        self.run("clone", "--quiet", "--no-local", *options, self.path.as_uri(), str(path))
        return Repository(path)

    def fetch(self, other: "Repository", ref: str) -> str:
        """Take a branch of another repository as objects; give its commit."""
        self.run("fetch", "--quiet", "--no-tags", str(other.path), ref)
        return self.run("rev-parse", "FETCH_HEAD")


def repository(path: Path, *, bare: bool = True) -> Repository:
    """Make an empty repository."""
    path.mkdir(parents=True)
    made = Repository(path)
    made.run("init", "--quiet", "--initial-branch=main", *(["--bare"] if bare else []))
    return made


def _parents(parents: Sequence[str]) -> list[tuple[str, str]]:
    return [("merge" if number else "from", parent) for number, parent in enumerate(parents)]


def _change(path: bytes, what: bytes | Node | None) -> bytes:
    name = b'"' + b"".join(b"\\%03o" % letter for letter in path) + b'"'
    if what is None:
        return b"D " + name + b"\n"
    node = what if isinstance(what, Node) else Node("100644", what)
    if node.mode == "160000":
        return b"M 160000 " + node.content + b" " + name + b"\n"
    return b"M " + node.mode.encode() + b" inline " + name + b"\n" + _data(node.content)


def _data(content: bytes) -> bytes:
    return b"data %d\n" % len(content) + content + b"\n"


def _bytes(path: str | bytes) -> bytes:
    return path if isinstance(path, bytes) else path.encode("utf-8", "surrogateescape")
