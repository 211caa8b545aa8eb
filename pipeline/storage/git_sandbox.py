"""Git, run where only a repository's objects count, with limits of time, memory and output.

A sandbox is a bare git directory of our own that borrows the objects of a repository. No other
part of it is read there: no configuration, attributes, hooks, refs, replacements, grafts, index,
submodules or work tree, which all can change what git says, or what it runs. The repository
itself is only asked where its objects are, and which commit a name stands for.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pipeline.storage import atomic_files
from pipeline.storage.limited_process import read_within_limits

# A line of a listing takes some 150 bytes: this is a repository of a million files.
MOST_OUTPUT = 256 * 1024**2
MOST_SAID = 64 * 1024  # bytes of messages that are looked at; the last one is told

SETTINGS = f"""\
[core]
    bare = true
    attributesFile = {os.devnull}
    hooksPath = {os.devnull}
    fsmonitor = false
    commitGraph = false ; a file beside the objects, which may tell of other parents
    packedGitWindowSize = 16m
    packedGitLimit = 256m
    bigFileThreshold = 64m ; what is larger is no table, and not merged line by line
[gc]
    auto = 0
[maintenance]
    auto = false
; How a merge is made is as GitHub makes it.
[merge]
    renames = true
    directoryRenames = conflict
    renormalize = false
[diff]
    renames = true
    ignoreSubmodules = none
"""
FORMATS = {
    "sha1": "[core]\n    repositoryFormatVersion = 0\n",
    "sha256": "[core]\n    repositoryFormatVersion = 1\n[extensions]\n    objectFormat = sha256\n",
}
# Every other GIT_* of the caller's is dropped: they name other repositories, objects and programs.
ALONE = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_GRAFT_FILE": os.devnull,
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "",  # nothing is fetched, also by a git that does not know the above
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
# Where the repository itself is asked. It may be another account's: nothing of it is run.
IN_PLACE = (
    "--no-pager",
    *("-c", "safe.directory=*", "-c", "core.fsmonitor=false"),
    *("-c", f"core.hooksPath={os.devnull}", "-c", f"core.attributesFile={os.devnull}"),
)
OUT_OF_MEMORY = (b"out of memory", b"cannot allocate memory", b"tree depth")


class GitError(Exception):
    """Git could not answer; the door says so."""


class TooMuchError(GitError):
    """Git would have taken more time or memory, or said more, than a command may."""


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A git directory of our own, with the objects of the repository that is at `home`."""

    folder: Path
    home: Path


Repository = Path | Sandbox  # a command on a path makes a sandbox for itself alone


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command of git ended, its output, and what it said of errors."""

    code: int
    output: bytes
    said: bytes

    def error(self, command: str) -> GitError:
        """Give the error that this is."""
        lines = self.said.decode("utf-8", "replace").strip().splitlines()
        return GitError(lines[-1] if lines else f"git {command} ended with {self.code}")


@contextmanager
def opened(repository: Repository) -> Iterator[Sandbox]:
    """Make a sandbox for a repository; it is gone at the end, with what was written into it.

    Raises GitError where there is no repository.
    """
    if isinstance(repository, Sandbox):
        yield repository
        return
    kind, objects = _located(repository)
    with tempfile.TemporaryDirectory(prefix="followworthy-") as name:
        folder = Path(name)
        files = {
            "HEAD": b"ref: refs/heads/none\n",
            "config": (FORMATS[kind] + SETTINGS).encode(),
            "objects/info/alternates": _quoted(objects),
            "refs/.keep": b"",
        }
        atomic_files.write_into(folder, files)
        with suppress(FileNotFoundError):  # a clone whose past is cut off says where
            shutil.copyfile(objects.parent / "shallow", folder / "shallow")
        yield Sandbox(folder, repository)


def ended(
    repository: Repository, *command: str, feed: bytes = b"", most: int = MOST_OUTPUT
) -> Ended:
    """Run a command of git in a sandbox, to any end. Raises TooMuchError."""
    with opened(repository) as inside:
        return _run((*_in(inside), *command), feed, most)


def ask(repository: Repository, *command: str, feed: bytes = b"", most: int = MOST_OUTPUT) -> bytes:
    """Ask git about objects. Raises GitError, and TooMuchError for more than `most` bytes."""
    outcome = ended(repository, *command, feed=feed, most=most)
    if outcome.code:
        raise outcome.error(command[0])
    return outcome.output


def answer(repository: Repository, *command: str) -> bytes | None:
    """Ask git about objects; None where it has no answer, or is not there. Raises TooMuchError."""
    try:
        return ask(repository, *command)
    except TooMuchError:
        raise
    except GitError:
        return None


def first_bytes(repository: Repository, *command: str, most: int) -> bytes:
    """Ask git about objects, and stop it after that many bytes."""
    with opened(repository) as inside:
        return _run((*_in(inside), *command), b"", most, is_cut=True).output


def in_place(repository: Repository, *command: str) -> bytes | None:
    """Ask the repository itself, for what its objects cannot tell; None where it has no answer.

    Only for `rev-parse`, which runs nothing.
    """
    home = repository.home if isinstance(repository, Sandbox) else repository
    try:
        outcome = _run((*IN_PLACE, "-C", str(home), *command), b"", MOST_SAID)
    except GitError:
        return None
    return outcome.output if outcome.code == 0 else None


def _in(sandbox: Sandbox) -> tuple[str, ...]:
    return ("-C", str(sandbox.folder), "--git-dir", str(sandbox.folder))


def _located(repository: Path) -> tuple[str, Path]:
    """Tell which hashes a repository has, and where its objects are."""
    words = ("rev-parse", "--show-object-format", "--git-path", "objects")
    outcome = _run((*IN_PLACE, "-C", str(repository), *words), b"", MOST_SAID)
    if outcome.code:
        raise outcome.error("rev-parse")
    kind, _, path = outcome.output.removesuffix(b"\n").partition(b"\n")
    if kind.decode() not in FORMATS:
        raise GitError(f"git keeps its objects by {kind.decode()} here, which is not known")
    return kind.decode(), repository.absolute() / os.fsdecode(path)


def _quoted(path: Path) -> bytes:
    r"""Write a path as git reads it, whatever letters it has.

    >>> _quoted(Path('/a "b"'))
    b'"/a \\\\"b\\\\""\\n'
    """
    raw = os.fsencode(path.as_posix())
    for letter, written in ((b"\\", b"\\\\"), (b'"', b'\\"'), (b"\n", b"\\n")):
        raw = raw.replace(letter, written)
    return b'"' + raw + b'"\n'


def _environment() -> dict[str, str]:
    theirs = {k: v for k, v in os.environ.items() if not k.upper().startswith("GIT_")}
    return theirs | ALONE


def _run(command: tuple[str, ...], feed: bytes, most: int, *, is_cut: bool = False) -> Ended:
    """Run git with every limit; `is_cut` takes the beginning of an answer that is longer."""
    with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as said:
        asked.write(feed)
        asked.seek(0)
        try:
            process = subprocess.Popen(  # noqa: S603  # git, with arguments that no shell reads
                ["git", *command],  # noqa: S607  # the git of the person's PATH
                env=_environment(),
                stdin=asked,
                stdout=subprocess.PIPE,
                stderr=said,
            )
        except FileNotFoundError:
            raise GitError("git is not installed here") from None
        output, why = read_within_limits(process, most)
        said.seek(0)
        errors = said.read(MOST_SAID)
    code = process.returncode
    if is_cut and why == "output":
        return Ended(0, output[:most], errors)
    # It is killed by its limits, or dies of a depth that it was not made for.
    is_short = code < 0 or (code and any(word in errors.lower() for word in OUT_OF_MEMORY))
    if why or is_short:
        raise TooMuchError(f"git would need more {why or 'memory'} for this than it may have here")
    return Ended(code, output, errors)
