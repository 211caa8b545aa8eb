"""Runs `python -m ...` in forks of a process that has loaded the libraries, and nothing of ours.

Loading them takes longer than most commands do. The arguments, the folder, the environment, the
streams and the code are those of the caller, as in a process that begins anew.
"""

import atexit
import functools
import json
import os
import socket
import sys

LIBRARIES = (
    "altair",
    "filelock",
    "jinja2",
    "pandas",
    "pandera.pandas",
    "pandera.strategies.pandas_strategies",
    "pyarrow.csv",
    "scipy.optimize",
    "scipy.stats",
    "sklearn.ensemble",
    "sklearn.linear_model",
    "statsmodels.api",
    "typer",
)
STREAMS = (0, 1, 2)


@functools.cache
def python() -> tuple[str, ...]:
    """Start the process, and give the words that stand in the place of `sys.executable`."""
    import shutil
    import subprocess
    import tempfile

    folder = tempfile.mkdtemp()
    path = f"{folder}/socket"
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    server = subprocess.Popen(
        [sys.executable, "-P", __file__, "serve", path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=plain | {"OPENBLAS_NUM_THREADS": "1", "LANG": "C.UTF-8"},
    )
    assert server.stdout
    assert server.stdout.readline() == b"ready\n"
    atexit.register(shutil.rmtree, folder)
    atexit.register(server.communicate)
    return sys.executable, "-I", "-S", __file__, path


def _serve(path: str) -> None:
    """Fork for each caller, until the standard input ends."""
    import gc
    import importlib
    import select
    import signal

    for name in LIBRARIES:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen()
        print("ready", flush=True)
        while select.select([server, STREAMS[0]], [], [])[0] == [server]:
            with server.accept()[0] as caller:
                if os.fork() == 0:
                    server.close()
                    _run_for(caller)
                    return


def _run_for(caller: socket.socket) -> None:
    """Run what a caller asks for in one more fork, which alone returns, and hand on its code."""
    import signal

    streams = socket.recv_fds(caller, 1, len(STREAMS))[1]
    with caller.makefile() as wire:
        words, folder, environment = json.loads(wire.readline())
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if child := os.fork():
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        caller.sendall(str(code).encode())
        os._exit(0)
    caller.close()
    for stream, own in zip(streams, STREAMS, strict=True):
        os.dup2(stream, own)
        os.close(stream)
    sys.stdin, sys.stdout = os.fdopen(0, closefd=False), os.fdopen(1, "w", closefd=False)
    sys.stderr = os.fdopen(2, "w", 1, errors="backslashreplace", closefd=False)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.dont_write_bytecode = bool(environment.get("PYTHONDONTWRITEBYTECODE"))
    sys.path[:0] = [folder, *filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))]
    assert words[0] == "-m"
    sys.argv = words[1:]
    _end(_code_of(words[1]))


def _code_of(module: str) -> int:
    """Run a module; give the code that it ends with, where it ends with one."""
    import runpy

    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if not isinstance(end.code, int | None):
            raise
        return end.code or 0
    return 0


def _end(code: int) -> None:
    """End as Python does, but let nothing go that was loaded: that takes longer than a command."""
    import threading

    threading._shutdown()
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        sys.exit(code)  # Python says what is lost
    os._exit(code & 0xFF)


def _ask(path: str, words: list[str]) -> int:
    """Let it run a module here; give its exit code."""
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(path)
        socket.send_fds(server, [b" "], STREAMS)
        question = words, os.getcwd(), dict(os.environ)  # noqa: PTH109  # pathlib is slow to load
        server.sendall(json.dumps(question).encode() + b"\n")
        code = int(server.recv(9))
    return code if code >= 0 else 128 - code  # as a shell tells of a signal


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        _serve(sys.argv[2])
    else:
        sys.exit(_ask(sys.argv[1], sys.argv[2:]))
