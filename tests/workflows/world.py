"""The repositories of a test: ours as a bare origin, forks, pull requests, and a GitHub around."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workflows import runner
from workflows.contributions import Files
from workflows.github import OURS, GitHub, user
from workflows.server import serve

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "somebody",
    "GIT_AUTHOR_EMAIL": "somebody@example.org",
    "GIT_AUTHOR_DATE": "2026-11-01T12:00:00Z",
    "GIT_COMMITTER_NAME": "somebody",
    "GIT_COMMITTER_EMAIL": "somebody@example.org",
    "GIT_COMMITTER_DATE": "2026-11-01T12:00:00Z",
}


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder, without anybody's settings, and give what it says."""
    command = ["git", "-C", str(folder), *arguments]
    answer = subprocess.run(command, env=ENVIRONMENT, capture_output=True, check=False)
    assert answer.returncode == 0, f"{arguments}: {answer.stderr.decode()}"
    return answer.stdout.decode().strip()


@dataclass(frozen=True, slots=True)
class World:
    """A folder with everything that a run touches; nothing outside it is written."""

    folder: Path
    github: GitHub
    environment: dict[str, str]

    def repository(self, owner: str) -> Path:
        """Give the bare repository of an owner; a fork is made when it is first asked for."""
        name = OURS if OURS.startswith(f"{owner}/") else f"{owner}/{OURS.split('/')[1]}"
        path = self.folder / "repositories" / f"{name}.git"
        if not path.exists():
            git(self.folder, "clone", "--quiet", "--bare", str(self.origin), str(path))
            self.github.repositories.add(name)
        return path

    @property
    def origin(self) -> Path:
        """Our own repository, bare."""
        return self.folder / "repositories" / f"{OURS}.git"

    @property
    def artifacts(self) -> Path:
        """Where the stubs keep what was uploaded."""
        return self.folder / "artifacts"

    @property
    def main(self) -> str:
        """Give the commit of main."""
        return git(self.origin, "rev-parse", "refs/heads/main")

    def commit(self, files: Files, branch: str = "main", message: str = "Change") -> str:
        """Add a commit to a branch of ours, from main where it is new, and give it."""
        heads = git(self.origin, "for-each-ref", "--format=%(refname)")
        start = f"refs/heads/{branch}" if f"refs/heads/{branch}" in heads else "refs/heads/main"
        made = self._commit(git(self.origin, "rev-parse", start), files, message)
        self._send(self.origin, f"{made}:refs/heads/{branch}")
        return made

    def pull(
        self,
        login: str,
        files: Files,
        branch: str = "patch-1",
        message: str = "Add my videos",
        by: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Open a pull request from somebody's fork; our owner's login means a branch here."""
        number = self.github.number()
        head = self.repository(login)
        full = head.relative_to(self.folder / "repositories").as_posix().removesuffix(".git")
        pull = {
            "number": number,
            "state": "open",
            "title": message,
            "body": "",
            "user": by or user(login),
            "head": {"ref": branch, "label": f"{login}:{branch}", "repo": {"full_name": full}},
            "base": {"ref": "main", "sha": self.main, "repo": {"full_name": OURS}},
            "labels": [],
            "earlier": [],
            "html_url": f"https://github.com/{OURS}/pull/{number}",
        }
        self._to_head(pull, self.main, files, message)
        self.github.pulls[number] = pull
        return pull

    def push(self, pull: dict[str, Any], files: Files, message: str = "Correct it") -> None:
        """Add a commit to a pull request."""
        pull["earlier"].append(pull["head"]["sha"])
        self._to_head(pull, pull["head"]["sha"], files, message)

    def clone(self, commit: str, *, fetch: str = "") -> Path:
        """Check a commit out in a folder of its own, as a person would; `fetch` names its ref."""
        place = self.folder / f"clone-{commit[:10]}"
        git(self.folder, "clone", "--quiet", str(self.origin), place.name)
        if fetch:
            git(place, "fetch", "--quiet", "origin", fetch)
        git(place, "checkout", "--quiet", "--detach", commit)
        return place

    def run(self, workflow: str, event: tuple[str, dict[str, Any]], at: str = "") -> runner.Run:
        """Run a workflow as it stands in a commit, main by default."""
        place = self.folder / "run"
        git(self.folder, "clone", "--quiet", "--shared", "--no-checkout", str(self.origin), "run")
        try:
            # The name of the repository comes from here; nothing is fetched from it.
            git(place, "remote", "set-url", "origin", f"https://github.com/{OURS}")
            git(place, "checkout", "--quiet", "--detach", at or self.main)
            path = place / ".github/workflows" / workflow
            self.github.permissions.clear()
            self.github.permissions.update(runner.permissions(path, read_only=_of_a_fork(event)))
            return runner.act(place, workflow, event, self.environment)
        finally:
            shutil.rmtree(place)

    def _to_head(self, pull: dict[str, Any], parent: str, files: Files, message: str) -> None:
        made = self._commit(parent, files, message)
        number, head = pull["number"], pull["head"]
        fork = self.folder / "repositories" / f"{head['repo']['full_name']}.git"
        self._send(fork, f"+{made}:refs/heads/{head['ref']}")
        self._send(self.origin, f"+{made}:refs/pull/{number}/head")
        head["sha"] = made
        git(self.work, "checkout", "--quiet", "--detach", pull["base"]["sha"])
        git(self.work, "merge", "--quiet", "--no-ff", "--no-edit", made)
        pull["merge_commit_sha"] = git(self.work, "rev-parse", "HEAD")
        self._send(self.origin, f"+{pull['merge_commit_sha']}:refs/pull/{number}/merge")

    @property
    def work(self) -> Path:
        """A clone with a working tree, where commits are made."""
        path = self.folder / "work"
        if not path.exists():
            git(self.folder, "clone", "--quiet", str(self.origin), str(path))
        return path

    def _commit(self, parent: str, files: Files, message: str) -> str:
        git(self.work, "fetch", "--quiet", "origin")
        git(self.work, "checkout", "--quiet", "--detach", parent)
        for name, content in files.items():
            path = self.work / name
            if content is None:
                path.unlink()
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        git(self.work, "add", "--all")
        git(self.work, "commit", "--quiet", "--allow-empty", "--message", message)
        return git(self.work, "rev-parse", "HEAD")

    def _send(self, to: Path, what: str) -> None:
        git(self.work, "push", "--quiet", str(to), what)


def _of_a_fork(event: tuple[str, dict[str, Any]]) -> bool:
    """Tell whether GitHub hands a token that can only read, whatever the workflow asks for."""
    name, payload = event
    return name == "pull_request" and payload["pull_request"]["head"]["repo"]["full_name"] != OURS


@contextlib.contextmanager
def fresh(folder: Path, template: Path) -> Iterator[World]:
    """Make a world in an empty folder; for fixtures whose world several tests only read."""
    origin = folder / "repositories" / f"{OURS}.git"
    shutil.copytree(template / "origin.git", origin)
    (folder / "artifacts").mkdir()
    github = GitHub()
    pem = template / "certificate.pem"
    with serve(github, pem) as port:
        world = World(folder, github, runner.environment(folder, port, pem))
        github.main = lambda: world.main
        yield world
