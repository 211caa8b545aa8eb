"""One command as the door runs it, in this process; and what in its answer may never be."""

import gc
import io
import json
import os
import re
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from unittest.mock import patch

from pipeline import __main__ as door
from pipeline.commands import review as reviewing
from pipeline.dataset import check, read
from pipeline.render.text import crash_message
from pipeline.review import review
from schema import rules
from support.contribution import ROOT
from support.fuzz.values import SECRET

OUR_FAULT = 70
LISTENING = (
    crash_message,
    check,
    reviewing,
    read,
    review,
)  # where a crash is caught, its place is asked for
MOST_S = 900  # for one command over a whole batch
NOT_JUDGED = "not-judged"  # the rule under which a crash on one folder is told
PYTHON = re.compile(r"Traceback \(most recent call last\)|\b[A-Z]\w+Warning: ")
OURS = (str(ROOT / "pipeline"), str(ROOT / "schema"))
# What a workflow would obey, but for the annotations that are ours.
OWN = r"(?:error|warning) (?:file|title)=|(?:error|warning)::[0-9]+ more kinds of "
COMMAND = re.compile(rf"^\s*::(?!{OWN})|##\[", re.MULTILINE)


class TooSlowError(BaseException):
    """A command has taken longer than any may; no `except Exception` may stop it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command said, how it ended, the places of the crashes that it answered for, and the
    files that these name.
    """

    code: int
    out: str = ""
    err: str = ""
    crashes: tuple[str, ...] = ()
    suspects: tuple[str, ...] = ()

    def faults(self, *codes: int) -> Iterator[str]:
        """Name what is wrong with an answer that may end with these codes."""
        yield from (f"crash: {crash}" for crash in self.crashes)
        if (self.code == OUR_FAULT and not self.crashes) or self.code not in (*codes, OUR_FAULT):
            yield f"ended with {self.code}"
        yield from text_faults(self.out)
        yield from text_faults(self.err)


def run(*words: str | Path) -> Outcome:
    """Run a command through the door, with its streams, and see every crash that it answers."""
    out, err = _stream(), _stream()
    crashes: list[str] = []
    suspects: list[str] = []

    def heard(error: Exception) -> str:
        crashes.append(place(error))
        suspects.append(str(getattr(error, "file", "")))
        return rules.crash_site(error)

    code = 0
    with (
        patch.dict(os.environ, {reviewing.AGAIN: "1"}),  # else `review` runs the base's code
        patch.object(sys, "argv", ["pipeline", *map(str, words)]),
        patch.object(sys, "stdout", out),
        patch.object(sys, "stderr", err),
        _limited(),
        ExitStack() as listening,
    ):
        for module in LISTENING:
            listening.enter_context(patch.object(module, "crash_site", heard))
        try:
            door.main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        except TooSlowError:
            crashes.append(f"no end after {MOST_S} s")
    gc.enable()  # the door turns it off, for one run
    return Outcome(code, _read(out), _read(err), tuple(dict.fromkeys(crashes)), tuple(suspects))


def place(error: BaseException) -> str:
    """Name a crash by its kind and the last place in our code."""
    cause = error.__cause__ or error
    frames = []
    trace = cause.__traceback__
    while trace is not None:
        frames.append(trace.tb_frame)
        trace = trace.tb_next
    ours = [frame for frame in frames if frame.f_code.co_filename.startswith(OURS)]
    where = _named(ours[-1]) if ours else "outside"
    rule = f" [{error.slug}]" if hasattr(error, "slug") else ""
    return f"{type(cause).__name__} in {where}{rule}"


def _named(frame: FrameType) -> str:
    file = Path(frame.f_code.co_filename).relative_to(ROOT)
    return f"{file.as_posix()}, {frame.f_code.co_name}"


def text_faults(text: str) -> Iterator[str]:
    """Name what no text of ours may hold, whatever a contributor wrote."""
    if PYTHON.search(text):
        yield "a traceback or a warning of Python"
    odd = [letter for letter in set(text) if not (letter.isprintable() or letter == "\n")]
    if odd:
        yield f"a character that is not escaped: {min(odd)!a}"
    if COMMAND.search(text):
        yield "a command to the workflow"
    if SECRET in text:
        yield "an e-mail address"


def json_of(text: str) -> dict[str, object] | None:
    """Read strict JSON, without NaN and infinities; None where it is none."""
    try:
        value = json.loads(text, parse_constant=_refuse)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _refuse(word: str) -> float:
    raise ValueError(word)


def _stream() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)


def _read(stream: io.TextIOWrapper) -> str:
    stream.flush()
    raw = stream.buffer
    assert isinstance(raw, io.BytesIO)
    return raw.getvalue().decode("utf-8")


@contextmanager
def _limited() -> Iterator[None]:
    """Interrupt what takes too long; the last resort against a hang."""

    def stop(*_: object) -> None:
        raise TooSlowError

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(MOST_S)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
