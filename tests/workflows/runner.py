"""Runs one workflow with act, in host mode, and tells what each job did."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from support import preloaded
from workflows.github import OURS, TOKEN

STUBS = Path(__file__).parent / "stubs"
LABELS = ("ubuntu-24.04", "ubuntu-latest")
# pip is really asked, but only once a session for the same lock: it takes longer than all the rest.
# act loses the last lines of a step now and then, so the log is kept here, and act is given the
# time to read the commands.
KEEP_LOG = """\
if [ -n "$TEST_INSIDE" ]; then exec {bash} "$@"; fi
part=$HOME/logs/part-$$
TEST_INSIDE=yes {bash} "$@" 2>&1 | tee "$part"
code=${{PIPESTATUS[0]}}
cat "$part" >>"$HOME/logs/$GITHUB_JOB"
for found in "$RUNNER_TEMP"{{,/intake}}/review/check.json; do
  if [ -e "$found" ]; then cp "$found" "$HOME"; fi
done
if [[ $'\n'$(<"$part") == *$'\n'::* ]]; then sleep 0.1; fi
exit "$code"
"""
PIP_ONCE = """\
if [ "$1 $2 $3" = "-m pip install" ]; then
  for lock; do :; done
  mark={memory}/pip-$(cat "$lock" | sha256sum | cut -c1-64)
  if [ -e "$mark" ]; then exit 0; fi
  {python} "$@" && touch "$mark"
  exit
fi
if [ "$1 $2" = "-m pipeline" ]; then exec {preloaded} "$@"; fi
exec {python} "$@"
"""


@dataclass(frozen=True, slots=True)
class Run:
    """What a workflow did: `jobs` says success, failure or skipped of each.

    `check_json` is the file that the review wrote, empty where it wrote none.
    """

    jobs: dict[str, str]
    events: tuple[dict[str, Any], ...]
    errors: str
    logs: dict[str, str]
    check_json: bytes

    def log(self, job: str) -> str:
        """Give what a person reads in the log of a job, without the lines that are commands."""
        lines = self.logs.get(job, "").splitlines(keepends=True)
        return "".join(line for line in lines if not line.startswith("::"))

    @property
    def annotations(self) -> list[tuple[str, str, str, str]]:
        """List level, file, line and text of each annotation."""
        parsed = []
        for each in self.events:
            if each.get("command") in ("error", "warning", "notice"):
                place = each["kvPairs"] or {}
                where = place.get("file", ""), place.get("line", "")
                parsed.append((each["command"], *where, each["arg"]))
        return parsed

    @property
    def commands(self) -> set[str]:
        """Name the workflow commands that took effect; `ignored` are those between stops."""
        return {e["command"] for e in self.events if "command" in e and "raw" in e}

    @property
    def summary(self) -> str:
        """Give the job summaries, one after the other."""
        return "".join(e["content"] for e in self.events if e.get("command") == "summary")

    @property
    def outputs(self) -> dict[str, str]:
        """Give the outputs of all steps by name; the last one holds."""
        return {e["name"]: e["arg"] for e in self.events if e.get("command") == "set-output"}


def tool(name: str) -> str | None:
    """Find a program beside this Python, else on the path."""
    beside = shutil.which(name, path=str(Path(sys.executable).parent))
    return beside or shutil.which(name)


def missing() -> str:
    """Name what a run needs and this machine has not; empty when all is there."""
    where = {"act": "tests/workflows/requirements-act.txt", "gh": "GitHub's command line"}
    where |= {"openssl": "OpenSSL", "jq": "jq", "bash": "bash"}
    lost = [f"{name} ({source})" for name, source in where.items() if tool(name) is None]
    return f"workflows cannot run here without {', '.join(lost)}" if lost else ""


def permissions(workflow: Path, *, read_only: bool = False) -> dict[str, dict[str, str]]:
    """Give the permissions of each job: its own, or the workflow's."""
    read = yaml.safe_load(workflow.read_text(encoding="utf-8"))
    given = {
        name: job.get("permissions", read.get("permissions", {}))
        for name, job in read["jobs"].items()
    }
    if read_only:
        given = {job: dict.fromkeys(scopes, "read") for job, scopes in given.items()}
    return given


def act(checkout: Path, workflow: str, event: tuple[str, dict], environment: dict[str, str]) -> Run:
    """Run a workflow of a checkout for an event; nothing of this machine's settings goes in."""
    name, payload = event
    home = Path(environment["HOME"])
    path = checkout / ".github/workflows" / workflow
    handed = home / "event.json"
    handed.write_text(json.dumps(payload), encoding="utf-8")
    logs = home / "logs"
    written = home / "check.json"
    written.unlink(missing_ok=True)
    shutil.rmtree(logs, ignore_errors=True)
    logs.mkdir()
    command = [str(tool("act")), name, "-W", str(path), "-e", str(handed), "--json"]
    command += ["--no-skip-checkout", "--no-cache-server", "--concurrent-jobs", "1"]
    command += ["-s", f"GITHUB_TOKEN={TOKEN}", "--actor", "somebody-else"]
    for label in LABELS:
        command += ["-P", f"{label}=-self-hosted"]
    for action in _actions(path):
        stub = STUBS / re.sub("/", "-", action.split("@")[0])
        command += ["--local-repository", f"{action}={stub}"]
    answer = subprocess.run(
        command,
        cwd=checkout,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=180,
        check=False,
    )
    events = tuple(json.loads(line) for line in answer.stdout.splitlines() if line[:1] == "{")
    ended = {e["jobID"]: e["jobResult"] for e in events if "jobResult" in e}
    assert ended or answer.returncode == 0, answer.stdout + answer.stderr
    jobs = {job: ended.get(job, "skipped") for job in permissions(path)}
    written_logs = {
        job: (logs / job).read_text("utf-8", "replace") for job in ended if (logs / job).exists()
    }
    check_json = written.read_bytes() if written.exists() else b""
    return Run(jobs, events, answer.stderr, written_logs, check_json)


def _actions(workflow: Path) -> set[str]:
    actions = re.findall(r"^[ -]*uses: ([\w.-]+/[\w./-]+@\S+)", workflow.read_text("utf-8"), re.M)
    return set(actions)


def environment(folder: Path, port: int, pem: Path) -> dict[str, str]:
    """Give what a step may see; the programs that reach out are led to the fake."""
    programs = folder / "bin"
    programs.mkdir()
    home = folder / "home"
    home.mkdir()
    led = f"export SSL_CERT_FILE={pem} GH_HOST=127.0.0.1:{port} GH_CONFIG_DIR={home} GH_PAGER=cat\n"
    # Which job asks, and whether its step was given the token, goes along in the fake token.
    led += 'if [ -n "$GH_TOKEN" ]; then export GH_ENTERPRISE_TOKEN="$GITHUB_JOB|$GH_TOKEN"; fi\n'
    _program(programs / "gh", f'{led}unset GH_TOKEN\nexec {tool("gh")} "$@"\n')
    curl = f"exec {tool('curl')} --cacert {pem} --connect-to ::127.0.0.1:{port}"
    _program(programs / "curl", f'{curl} "$@"\n')
    # A minute that a workflow waits is over at once.
    _program(programs / "sleep", f'[ "$1" = 60 ] || exec {shutil.which("sleep")} "$@"\n')
    # act asks for its version in each job; no stub needs it, and it is slow to start.
    _program(programs / "node", "exit 1\n")
    _program(programs / "bash", KEEP_LOG.format(bash=tool("bash")), str(tool("bash")))
    python = {"python": sys.executable, "preloaded": " ".join(preloaded.python())}
    _program(programs / "python", PIP_ONCE.format(memory=pem.parent, **python))
    return {
        "PATH": os.pathsep.join([str(programs), *_plain_path()]),
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / "cache"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "LANG": "C.UTF-8",
        "OPENBLAS_NUM_THREADS": "1",
        "PIP_NO_INDEX": "1",  # what is locked is there; a look at an index would be a mistake
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TEMPLATE_DIR": "",
        "GOGC": "off",  # act and gh end before it is worth to collect what they left
        "GOMAXPROCS": "1",
        "TCELL_MINIMIZE": "1",  # half of what gh does is a table of widths that it never asks
        "PYTHONDONTWRITEBYTECODE": "1",
        "TEST_REPOSITORIES": str(folder / "repositories"),
        "TEST_BASE": str(pem.with_name("origin.git") / "objects"),
        "TEST_ARTIFACTS": str(folder / "artifacts"),
        "TEST_REPOSITORY": OURS,
    }


def _program(path: Path, script: str, shell: str = "/bin/sh") -> None:
    path.write_text(f"#!{shell}\n{script}", encoding="utf-8")
    path.chmod(0o755)


def _plain_path() -> list[str]:
    """Name the folders of the programs that a runner has, without this machine's own."""
    wanted = ("git", "bash", "jq", "make", "node", "base64")
    return sorted({str(Path(program).parent) for name in wanted if (program := shutil.which(name))})
