"""Run a command of ours as people do, in a process of its own.

Only one that is given an environment begins as a Python that has loaded nothing.
"""

import os
import subprocess
import sys
from pathlib import Path

from support import preloaded
from support.contribution import ROOT


def run(*words: object, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    python = (sys.executable,) if environment else preloaded.python()
    command = [*python, "-m", "pipeline", *map(str, words)]
    return subprocess.run(
        command,
        cwd=cwd,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, **environment},
        check=False,
    )
