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


def pull_request(pull: Json, action: str = "opened", **changes: Json) -> tuple[str, Json]:
    """Somebody opened a pull request, or pushed to it; `changes` is what an edit changed."""
    number = {"number": pull["number"]}
    payload = {"action": action, "pull_request": pull, "repository": REPOSITORY} | number
    # Whoever acts last is not whoever asks: nothing may depend on it.
    payload |= {"sender": {"login": "somebody-else", "id": 1}}
    return "pull_request", payload | ({"changes": changes} if changes else {})


def pull_request_target(pull: Json, action: str = "opened", **changes: Json) -> tuple[str, Json]:
    """The same, told to the workflows of main."""
    return "pull_request_target", pull_request(pull, action, **changes)[1]


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


def schedule() -> tuple[str, Json]:
    """It is that time of the night."""
    return "schedule", {"schedule": "0 3 * * *", "repository": REPOSITORY}


def issues(issue: Json, action: str, label: str = "") -> tuple[str, Json]:
    """Somebody opened, edited or labelled an issue."""
    payload = {"action": action, "issue": issue, "repository": REPOSITORY}
    return "issues", payload | ({"label": {"name": label}} if label else {})
