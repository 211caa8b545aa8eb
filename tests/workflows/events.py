"""What GitHub hands to a workflow: an event's name and its payload."""

from typing import Any

from workflows.github import OURS

Json = dict[str, Any]
REPOSITORY = {
    "full_name": OURS,
    "name": OURS.split("/")[1],
    "owner": {"login": OURS.split("/")[0]},
    "default_branch": "main",
}


def pull_request(pull: Json, action: str = "opened") -> tuple[str, Json]:
    """Somebody opened a pull request, or pushed to it."""
    number = {"number": pull["number"]}
    payload = {"action": action, "pull_request": pull, "repository": REPOSITORY} | number
    # Whoever acts last is not whoever asks: nothing may depend on it.
    return "pull_request", payload | {"sender": {"login": "somebody-else", "id": 1}}


def push(sha: str, ref: str = "refs/heads/main") -> tuple[str, Json]:
    """Something was merged."""
    return "push", {"ref": ref, "after": sha, "repository": REPOSITORY}


def merge_group(base: str, head: str) -> tuple[str, Json]:
    """The merge queue asks for a verdict on its own commit."""
    group = {"base_sha": base, "head_sha": head, "base_ref": "refs/heads/main"}
    payload = {"action": "checks_requested", "merge_group": group, "repository": REPOSITORY}
    return "merge_group", payload


def dispatch(ref: str = "refs/heads/main", **inputs: str) -> tuple[str, Json]:
    """Somebody, or a workflow of ours, starts a workflow by hand."""
    return "workflow_dispatch", {"inputs": inputs, "ref": ref, "repository": REPOSITORY}


def workflow_run(pull: Json, event: str = "pull_request", **changes: Any) -> tuple[str, Json]:
    """A run of `check` has ended; what it was for is told by its head only, as GitHub does."""
    run = {
        "id": 77,
        "name": "check",
        "event": event,
        "conclusion": "success",
        "head_sha": pull["head"]["sha"],
        "head_branch": pull["head"]["ref"],
        "head_repository": pull["head"]["repo"] | {"owner": _owner(pull)},
        "pull_requests": [],  # empty for forks
    }
    payload = {"action": "completed", "workflow_run": run | changes, "repository": REPOSITORY}
    return "workflow_run", payload


def schedule() -> tuple[str, Json]:
    """It is that time of the night."""
    return "schedule", {"schedule": "0 3 * * *", "repository": REPOSITORY}


def issues(issue: Json, action: str, label: str = "") -> tuple[str, Json]:
    """Somebody opened, edited or labelled an issue."""
    payload = {"action": action, "issue": issue, "repository": REPOSITORY}
    return "issues", payload | ({"label": {"name": label}} if label else {})


def _owner(pull: Json) -> Json:
    return {"login": pull["head"]["repo"]["full_name"].split("/")[0]}
