"""Kills a command at each of its file events, or fills its disk, and compares what is there then.

It runs as a process of its own, which loads the code once and forks for every run: the first
`killed` or `tried` starts it, and it ends with the tests.
"""

import ctypes
import gc
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

from support import contribution

ROOT = Path(__file__).parents[2]
CHANGES = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate"}
PLACES = os.pathsep.join(map(str, (ROOT, ROOT / "tests")))
ENVIRONMENT = os.environ | {"PYTHONPATH": PLACES, "PYTHONDONTWRITEBYTECODE": "1"}
Tree = dict[str, bytes | None]  # by path from the start; None is a folder
State = frozenset[tuple[Path, int, bytes]]  # path, mode and content, of git's own files too


def killed(start: Path, *words: str, only: Sequence[int] = ()) -> dict[str, Any]:
    """Kill a command in copies of a folder at every event, or at some; begin again each time.

    Gives `code`, how the command ends, `kills`, their number, `files`, what is there at the end,
    and `wrong`, the events after which it did not end so, or after which half of something counted.
    Events that are counted from the end have numbers below 0.
    """
    return _asked("survey", start, words, only)


def tried(start: Path, *words: str, limit: int = 0) -> dict[str, Any]:
    """Run a command, where no file may be longer than a limit; what nobody may, root may not.

    Gives its `code`, what it `said`, and the names of what it `changed`.
    """
    return _asked("try", start, words, limit)


def tree(folder: Path) -> Tree:
    """Read all that is in a folder, hidden or not, but what git keeps for itself; links as such."""
    contents: Tree = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            contents[name] = bytes(path.readlink())
        elif name.split("/")[0] != ".git":
            contents[name] = None if path.is_dir() else path.read_bytes()
    return contents


@cache
def _process() -> "subprocess.Popen[str]":
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    command = [sys.executable, "-m", "support.kills"]
    return subprocess.Popen(command, env=ENVIRONMENT, text=True, **pipes)


def _asked(what: str, start: Path, *more: Any) -> dict[str, Any]:
    process = _process()
    print(json.dumps([what, str(start), *more]), file=process.stdin, flush=True)
    line = process.stdout.readline()
    assert line, process.stderr.read()
    answer: dict[str, Any] = json.loads(line)
    return answer


def _hook(place: Path, at: int) -> list[str]:
    """Let this process be killed at its event of this number, 0 is never; give them as they come.

    A file that is opened to be written is two: before, and when it is there and empty.
    """
    seen: list[str] = []

    def heard(event: str, arguments: tuple[Any, ...]) -> None:
        is_open = event == "open" and bool(arguments[2] & (os.O_WRONLY | os.O_RDWR))
        if not (is_open or event in CHANGES) or isinstance(arguments[0], int):
            return
        path = place / os.fsdecode(arguments[0])
        if event in CHANGES - {"os.rename", "os.link"} and arguments[-1] not in (-1, None):
            path = Path(f"/proc/self/fd/{arguments[-1]}").readlink() / path.name
        if place not in path.parents:
            return
        seen.append(f"{event} {path.relative_to(place)}")
        if len(seen) == at:
            os.kill(os.getpid(), signal.SIGKILL)
        if is_open:
            seen.append(f"empty {path.relative_to(place)}")
            if len(seen) == at:
                os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC))
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(heard)
    return seen


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended, what it said, and its file events."""

    code: int
    said: str
    events: list[str]


def _run(place: Path, words: Sequence[str], at: int = 0, limit: int = 0) -> Ended:
    """Run a command in a folder, in a process of its own."""
    trace = place.with_name("told")
    trace.write_text("[]")
    hears, speaks = os.pipe()
    if child := os.fork():
        os.close(speaks)
        with os.fdopen(hears) as stream:
            output = stream.read()
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        return Ended(code, output, json.loads(trace.read_text()))
    os.chdir(place)
    os.dup2(speaks, 1)
    os.dup2(speaks, 2)
    seen = _hook(place, at)
    _as_anybody()
    if limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    code = _code(words)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    trace.write_text(json.dumps(seen))
    os._exit(code)


def _code(words: Sequence[str]) -> int:
    from pipeline.__main__ import main

    sys.argv = ["pipeline", *words]
    code: object = 0
    try:
        _act(words) if words[0] in ACTS else main()
    except SystemExit as end:
        code = end.code
    except OSError as error:
        code = error.errno
        print(error)
    sys.stdout.flush()
    sys.stderr.flush()
    return code if isinstance(code, int) else 1


def _as_anybody() -> None:
    """Give up what root may do and nobody else: the permissions of files hold then."""
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    ctypes.CDLL(None).capset(header, (ctypes.c_uint32 * 6)())


FILES = {PurePosixPath(name): name.encode() * 9 for name in ("a.csv", "b/c.csv", "b/d.csv")}


def _act(words: Sequence[str]) -> None:
    """Do what the slow commands do with the disk, and nothing else."""
    from pipeline.storage import atomic_files, atomic_folders

    folder = Path(words[1])
    if words[0] == "replace_folder":
        with atomic_folders.only_one(folder):
            atomic_folders.replace_folder(folder, FILES)
    elif words[0] == "write_into":
        atomic_files.write_into(folder, {str(name): raw for name, raw in FILES.items()})
    else:
        atomic_files.replace_file(folder, b"another" * 9)


ACTS = ("replace_folder", "write_into", "replace_file")


def _half(start: Tree, end: Tree, left: Tree) -> list[str]:
    """Name the creators' folders that are neither as they were nor as they shall be.

    Of a folder whose files all were there before, each file is by itself.
    """
    parts = [name.split("/") for name in left]
    names = {part[1] for part in parts if part[0] == "contributions" and len(part) > 1}
    if set(start) == set(end):
        return [n for n in start if left.get(n, b"-") not in (start[n], end[n])]
    return [n for n in sorted(names) if _below(left, n) not in (_below(start, n), _below(end, n))]


def _below(contents: Tree, creator: str) -> Tree:
    place = f"contributions/{creator}/"
    return {path: raw for path, raw in contents.items() if f"{path}/".startswith(place)}


def _state(folder: Path) -> State:
    return frozenset(
        (
            path.relative_to(folder),
            path.lstat().st_mode,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in folder.rglob("*")
    )


def _copied(start: Path, name: str) -> Path:
    copy = start.with_name(name)
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(start, copy, symlinks=True)
    return copy


def _survey(start: Path, words: Sequence[str], only: Sequence[int]) -> Mapping[str, Any]:
    from pipeline.storage import atomic_folders

    first = _run(_copied(start, "undisturbed"), words)
    assert all(-len(first.events) <= n <= len(first.events) for n in only), first
    code, events = first.code, first.events
    before, wanted = tree(start), tree(start.with_name("undisturbed"))
    numbers = [n if n > 0 else len(events) + 1 + n for n in only] or range(1, len(events) + 1)
    wrong = []
    known: dict[State, list[str]] = {}  # what is wrong where a kill leaves this
    for at in numbers:
        place = _copied(start, "killed")
        if _run(place, words, at).code != -signal.SIGKILL:
            wrong.append([at, events[at - 1], "was not killed"])
        left = _state(place)
        if left not in known:
            seen = _copied(place, "seen")
            atomic_folders.finish(seen / "contributions")  # as `check` and `report` do first
            half = [f"half of {name}" for name in _half(before, wanted, tree(seen))]
            known[left] = half + _again(place, words, code, wanted)
        wrong += [[at, events[at - 1], what] for what in known[left]]
    place = _copied(start.with_name("undisturbed"), "killed")  # the kill that comes after all
    wrong += [[0, "the end", what] for what in _again(place, words, code, wanted)]
    return {"code": code, "kills": len(numbers), "wrong": wrong, "files": sorted(wanted)}


def _again(place: Path, words: Sequence[str], code: int, wanted: Tree) -> list[str]:
    ended = _run(place, words).code
    after = tree(place)
    other = [n for n in {**wanted, **after} if wanted.get(n, b"-") != after.get(n, b"-")]
    return [*([f"ended with {ended}"] if ended != code else []), *other]


def _try(start: Path, words: Sequence[str], limit: int) -> Mapping[str, Any]:
    place = _copied(start, "tried")
    end = _run(place, words, limit=limit)
    before, after = tree(start), tree(place)
    changed = [n for n in {**before, **after} if before.get(n, b"-") != after.get(n, b"-")]
    return {"code": end.code, "said": end.said, "changed": sorted(changed)}


def _set_aside_here() -> None:
    """Take the list of the folders set aside from the place, not from beside the code."""
    import pipeline.commands.withdraw as commands
    from schema.vocabulary import quarantine

    commands.QUARANTINE = Path("schema/quarantine.toml")
    quarantine.__defaults__ = (commands.QUARANTINE,)


def _load() -> None:
    """Load once, for all runs, what commands load; some of it only when a table is checked."""
    import filelock  # noqa: F401  # loaded once, before every fork, as all that follows

    import pipeline.__main__
    import pipeline.analysis.history.history_csv
    import pipeline.intake.repair
    import pipeline.intake.spreadsheet
    import pipeline.render.report  # noqa: F401
    from pipeline.dataset.read import read

    files = {"a.csv": contribution.csv_of({}), "creator.toml": contribution.TOML}
    contribution.check(read("ana", "contributions/ana", files), contribution.DAY)
    gc.collect()
    gc.freeze()


def _main() -> None:
    """Do what is asked for, line by line, until the input ends; or run one command, just here."""
    _set_aside_here()
    if words := sys.argv[1:]:
        sys.exit(_code(words))
    _load()
    do = {"survey": _survey, "try": _try}
    for line in sys.stdin:
        what, start, words, more = json.loads(line)
        print(json.dumps(do[what](Path(start), words, more)), flush=True)


if __name__ == "__main__":
    _main()
