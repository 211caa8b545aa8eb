"""vl-convert in a process of its own, so that pages are written while a chart is drawn.

In this process it would stop every thread. As a script, it answers each line of its standard input,
and ends when that does: at the latest with the process that asks, however that ends.
"""

import atexit
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

# Text is measured by the fonts that vl-convert brings. It would open the file of one of the
# machine's (Linux) again for every letter, and no two machines have the same.
FONTS = {"FONTCONFIG_FILE": str(Path(__file__).with_name("no-fonts.conf"))}
ALONE = Lock()  # one question at a time


def ask(function: str, specification: Mapping[str, Any], **options: str) -> Any:
    """Call a function of vl-convert there; the same is asked once. Other threads run meanwhile."""
    return json.loads(_answer(json.dumps([function, specification, options])))


@cache
def _answer(question: str) -> str:
    with ALONE:
        process = _drawer()
        assert process.stdin is not None  # noqa: S101  # for mypy: it has pipes
        assert process.stdout is not None  # noqa: S101
        with suppress(BrokenPipeError):  # it says nothing then
            process.stdin.write(question + "\n")
            process.stdin.flush()
        answer = process.stdout.readline()
    if not answer:
        raise RuntimeError(f"vl-convert ended at {question[:99]}")
    return answer


@cache
def _drawer() -> "subprocess.Popen[str]":
    process = subprocess.Popen(  # noqa: S603  # this file
        [sys.executable, "-I", __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env=os.environ | FONTS,
    )
    atexit.register(process.communicate)
    return process


def _serve() -> None:
    import vl_convert

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who asks decides
    for question in sys.stdin:
        function, specification, options = json.loads(question)
        answer = getattr(vl_convert, function)(specification, **options)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve()
