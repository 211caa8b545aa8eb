"""The repository of a test: ours as a bare origin, with its pull requests, and a GitHub around."""

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

WHEN = 1793534400  # 2026-11-01T12:00:00Z
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TEMPLATE_DIR": "",
    "GIT_AUTHOR_NAME": "somebody",
    "GIT_AUTHOR_EMAIL": "somebody@example.org",
    "GIT_AUTHOR_DATE": f"{WHEN} +0000",
    "GIT_COMMITTER_NAME": "somebody",
    "GIT_COMMITTER_EMAIL": "somebody@example.org",
    "GIT_COMMITTER_DATE": f"{WHEN} +0000",
}


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder, without anybody's settings, and give what it says."""
    return _git(folder, *arguments).decode().strip()


def _git(folder: Path, *arguments: str, given: bytes = b"") -> bytes:
    command = ["git", "-C", str(folder), *arguments]
    answer = subprocess.run(command, env=ENVIRONMENT, input=given, capture_output=True, check=False)
    assert answer.returncode == 0, f"{arguments}: {answer.stderr.decode()}"
    return answer.stdout


@dataclass(frozen=True, slots=True)
class World:
    """A folder with everything that a run touches; nothing outside it is written."""

    folder: Path
    github: GitHub
    environment: dict[str, str]

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

    def begin_with(self, base: str) -> None:
        """Let main be the `whole` project, or no more than a `review` needs, or its `echo`."""
        git(self.origin, "update-ref", "refs/heads/main", f"refs/bases/{base}")

    def commit(self, files: Files, branch: str = "main", message: str = "Change") -> str:
        """Add a commit to a branch of ours, from main where it is new, and give it."""
        ref = f"refs/heads/{branch}"
        parent = git(self.origin, "for-each-ref", "--format=%(objectname)", ref) or self.main
        return self._commit(ref, parent, files, message)

    def read(self, name: str) -> bytes:
        """Give a file of main."""
        return _git(self.origin, "cat-file", "blob", f"refs/heads/main:{name}")

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
        full = OURS if OURS.startswith(f"{login}/") else f"{login}/{OURS.split('/')[1]}"
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
        git(self.folder, "clone", "--quiet", "--shared", str(self.origin), place.name)
        if fetch:
            git(place, "fetch", "--quiet", "origin", fetch)
        git(place, "checkout", "--quiet", "--detach", commit)
        return place

    def run(self, workflow: str, event: tuple[str, dict[str, Any]], at: str = "") -> runner.Run:
        """Run a workflow as it stands in a commit, main by default."""
        place = self.folder / "run"
        commit = at or self.main
        git(self.folder, "init", "--quiet", place.name)
        try:
            (place / ".git/objects/info").mkdir(exist_ok=True)
            (place / ".git/objects/info/alternates").write_text(f"{self.origin}/objects\n", "utf-8")
            (place / ".git/HEAD").write_text(f"{commit}\n", "utf-8")
            # The name of the repository comes from here; nothing is fetched from it.
            git(place, "remote", "add", "origin", f"https://github.com/{OURS}")
            git(place, "checkout", "--quiet", commit, "--", ".github")
            path = place / ".github/workflows" / workflow
            self.github.permissions.clear()
            self.github.permissions.update(runner.permissions(path, read_only=_of_a_fork(event)))
            return runner.act(place, workflow, event, self.environment)
        finally:
            shutil.rmtree(place)

    def _to_head(self, pull: dict[str, Any], parent: str, files: Files, message: str) -> None:
        number, head, base = pull["number"], pull["head"], pull["base"]["sha"]
        head["sha"] = self._commit(f"refs/pull/{number}/head", parent, files, message)
        if head["repo"]["full_name"] == OURS:
            git(self.origin, "update-ref", f"refs/heads/{head['ref']}", head["sha"])
        # The head grew from the base, so the merge of both has the files of the head.
        merge = ["commit-tree", f"{head['sha']}^{{tree}}", "-p", base, "-p", head["sha"]]
        pull["merge_commit_sha"] = git(self.origin, *merge, "-m", "Merge")
        git(self.origin, "update-ref", f"refs/pull/{number}/merge", pull["merge_commit_sha"])

    def _commit(self, ref: str, parent: str, files: Files, message: str) -> str:
        """Make a commit without a working tree: of its parent's files, but for those given."""
        who = f"somebody <somebody@example.org> {WHEN} +0000"
        commands = [
            f"commit {ref}\nmark :1\ncommitter {who}\n".encode(),
            _data(f"{message}\n".encode()),
        ]
        commands.append(f"from {parent}\n".encode())
        for name, content in files.items():
            path = name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
            if content is None:
                commands.append(f'D "{path}"\n'.encode())
            else:
                commands += [f'M 100644 inline "{path}"\n'.encode(), _data(content)]
        commands.append(b"get-mark :1\n")
        stream = b"".join(commands)
        return _git(self.origin, "fast-import", "--quiet", "--force", given=stream).decode().strip()


def _data(content: bytes) -> bytes:
    return b"data %d\n%b\n" % (len(content), content)


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
        world.begin_with("review")
        yield world
