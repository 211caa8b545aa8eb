"""A process with limits of time, memory and output."""

import subprocess
import sys
import threading
from contextlib import suppress
from typing import IO

# Of one command. A million commits are walked in ten seconds, so that more than a minute is no
# repository of tables; and all commands of a review together stay below the time of a job.
SECONDS = 60
# Git reads tables of at most 20 MiB, and two versions to merge them. What it maps of packs counts
# as well, and its settings in `git_sandbox` keep that small.
MEMORY = 2 * 1024**3
PIECE = 1024**2


def read_within_limits(process: "subprocess.Popen[bytes]", most: int) -> tuple[bytes, str]:
    """Read what a process says, to its end; and why it was ended before, "" where it was not."""
    late = threading.Event()

    def end() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(SECONDS, end)
    timer.start()
    try:
        with process:
            try:
                _limit(process.pid)
                output, is_whole = _read(process.stdout, most)
            except BaseException:
                process.kill()
                raise
            if not is_whole:
                process.kill()
    finally:
        timer.cancel()
    return output, "time" if late.is_set() else "" if is_whole else "output"


def _read(stream: IO[bytes] | None, most: int) -> tuple[bytes, bool]:
    """Read at most one piece more than that many bytes; and whether all were that many."""
    pieces, size = [], 0
    while stream and size <= most and (piece := stream.read(PIECE)):
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces), size <= most


def _limit(pid: int) -> None:
    """Limit the memory of a process, where the system can."""
    if sys.platform == "linux":
        import resource

        with suppress(ProcessLookupError, PermissionError):  # it has ended already, or may not
            resource.prlimit(pid, resource.RLIMIT_AS, (MEMORY, MEMORY))
