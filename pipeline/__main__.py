"""The only door: runs a command, and answers every crash. The commands are in `commands`."""

import gc
import io
import os
import sys

UNHEARD = 1
MISUSE = 2
OUR_FAULT = 70


def main() -> None:
    """Run a command; whatever it did not foresee is our fault, and says so without a traceback."""
    gc.disable()  # a run is short, and looking for cycles takes a third of the time to read
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        _run()
    except BrokenPipeError:
        _silence_output()  # the reader went away
        sys.exit(UNHEARD)
    except OSError as error:
        from pipeline.render.text.os_errors import as_sentence

        _silence_output()  # it may be what is full
        print(as_sentence(error), file=sys.stderr)
        sys.exit(MISUSE)
    except Exception as error:  # noqa: BLE001  # the door: every crash is answered here
        from pipeline.render.text.crash_message import apology

        print(apology(error), file=sys.stderr)
        sys.exit(OUR_FAULT)


def _silence_output() -> None:
    """Let what is still to be written to the output go nowhere, as it would be at the end."""
    if sys.stdout:  # None where it was closed
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run() -> None:
    """Import inside the door, so that what breaks there is answered too."""
    try:
        from pipeline.commands import app
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] in ("pipeline", "schema"):
            raise
        print(
            f"The package {missing.name} is not installed for this Python. Set the environment up "
            'as "Run it" in README.md says, and use the python of `.venv`.',
            file=sys.stderr,
        )
        sys.exit(MISUSE)
    try:
        app()
    finally:
        print(end="", flush=True)  # an answer that nobody got is no success


if __name__ == "__main__":
    main()
