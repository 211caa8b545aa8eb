"""What the fake GitHub knows: the objects of its REST API, and what it was asked."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

OURS = "followworthy/followworthy"
BOT = {"login": "github-actions[bot]", "id": 41898282, "type": "Bot"}
TOKEN = "token-of-the-run"  # noqa: S105  # worth nothing anywhere
Json = Any


def user(login: str) -> dict[str, Json]:
    """Give a person; the id follows from the login."""
    return {"login": login, "id": sum(map(ord, login)) * 1000 + len(login), "type": "User"}


@dataclass(frozen=True, slots=True)
class Request:
    """What a job of a workflow asked."""

    job: str
    method: str
    path: str
    body: Json
    status: int


@dataclass(slots=True)
class GitHub:
    """What GitHub knows, as the objects of its REST API."""

    pulls: dict[int, dict[str, Json]] = field(default_factory=dict)
    issues: dict[int, dict[str, Json]] = field(default_factory=dict)
    comments: dict[int, list[dict[str, Json]]] = field(default_factory=lambda: defaultdict(list))
    statuses: dict[str, list[dict[str, Json]]] = field(default_factory=lambda: defaultdict(list))
    checks: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    events: dict[int, list[dict[str, Json]]] = field(default_factory=lambda: defaultdict(list))
    main: Callable[[], str] = str
    dispatches: list[dict[str, Json]] = field(default_factory=list)
    pages: dict[tuple[str, str], tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    labels: set[str] = field(default_factory=set)
    requests: list[Request] = field(default_factory=list)
    permissions: dict[str, dict[str, str]] = field(default_factory=dict)
    # Called with job, method and path before each answer: what happens meanwhile.
    meanwhile: Callable[[str, str, str], None] | None = None
    last: int = 0
    seconds: int = 0

    def number(self) -> int:
        """Give the next number; issues, pull requests and comments share the count here."""
        self.last += 1
        return self.last

    def now(self) -> str:
        """Give the time; each time that it is asked for is a second later."""
        self.seconds += 1
        minutes, seconds = divmod(self.seconds, 60)
        return f"2026-11-21T{minutes // 60:02}:{minutes % 60:02}:{seconds:02}Z"

    def satisfied(self, sha: str, context: str) -> bool:
        """Tell whether a commit has what a branch requires by a name.

        As GitHub's documentation has it: where a check and a status share the name, both have to
        pass; of each the newest counts, and a skipped or neutral check has passed.
        """
        states = [each["state"] for each in self.statuses[sha] if each["context"] == context][:1]
        states += [end for name, end in self.checks[sha].items() if name == context]
        return bool(states) and all(each in ("success", "skipped", "neutral") for each in states)

    def label(self, number: int, name: str) -> None:
        """Set a label as a person would."""
        self.issues[number]["labels"].append({"name": name})
        event = {"event": "labeled", "label": {"name": name}, "created_at": self.now()}
        self.events[number].append(event)

    def issue(self, login: str, title: str, body: str, labels: tuple[str, ...] = ()) -> dict:
        """Open an issue as a person would."""
        number = self.number()
        self.issues[number] = {
            "number": number,
            "title": title,
            "body": body,
            "state": "open",
            "user": user(login),
            "labels": [{"name": name} for name in labels],
            "html_url": f"https://github.com/{OURS}/issues/{number}",
        }
        return self.issues[number]

    def comment(self, number: int, who: dict[str, Json], body: str) -> dict[str, Json]:
        """Write under an issue or a pull request."""
        made = {"id": self.number(), "user": who, "body": body, "updated_at": self.now()}
        self.comments[number].append(made)
        return self.comments[number][-1]

    def asked(self, *methods: str) -> list[tuple[str, str, str]]:
        """Name the job, method and path of what was asked by these methods."""
        return [(r.job, r.method, r.path) for r in self.requests if r.method in methods]
