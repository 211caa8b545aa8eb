"""The calls of the REST API that our workflows make, one function each.

A function takes what GitHub knows, the query, the body and the parts of the path, and gives an
object. It is registered with the permission that GitHub asks for it, "" for what is public.
"""

import re
from collections.abc import Callable
from typing import Any

from workflows.github import BOT, OURS

Json = Any

ROUTES: list[tuple[str, re.Pattern[str], str, Callable[..., Json]]] = []


class RefusedError(Exception):
    """Another status than 200."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def route(method: str, path: str, permission: str) -> Callable[[Callable], Callable]:
    """Register a call; alternatives for its permission are parted by `|`."""

    def register(function: Callable) -> Callable:
        pattern = re.compile(re.escape(f"/repos/{OURS}") + path if path[:6] != "/repos" else path)
        ROUTES.append((method, pattern, permission, function))
        return function

    return register


def _of(table: dict[int, Json], number: str) -> Json:
    if int(number) not in table:
        raise RefusedError(404, "Not Found")
    return table[int(number)]


@route("GET", "", "")
def repository(github, query, body):
    return {"full_name": OURS, "default_branch": "main", "visibility": "public"}


@route("GET", "/pulls", "pull-requests: read")
def list_pulls(github, query, body):
    state, head, base = query.get("state", "open"), query.get("head", ""), query.get("base", "")
    return [
        pull
        for pull in github.pulls.values()
        if state in ("all", pull["state"])
        and head in ("", pull["head"]["label"])
        and base in ("", pull["base"]["ref"])
    ]


@route("GET", r"/pulls/(\d+)", "pull-requests: read")
def get_pull(github, query, body, number):
    return _of(github.pulls, number)


@route("POST", "/pulls", "pull-requests: write")
def open_pull(github, query, body):
    number = github.number()
    github.pulls[number] = {
        "number": number,
        "state": "open",
        "user": BOT,
        "title": body["title"],
        "body": body.get("body", ""),
        "head": {
            "ref": body["head"],
            "label": f"{OURS.split('/')[0]}:{body['head']}",
            "sha": "",
            "repo": {"full_name": OURS},
        },
        "base": {"ref": body["base"], "sha": "", "repo": {"full_name": OURS}},
        "earlier": [],
        "labels": [],
        "html_url": f"https://github.com/{OURS}/pull/{number}",
    }
    return github.pulls[number]


@route("GET", "/issues", "issues: read")
def list_issues(github, query, body):
    state = query.get("state", "open")
    wanted = set(filter(None, query.get("labels", "").split(",")))
    return [
        issue
        for issue in github.issues.values()
        if state in ("all", issue["state"])
        and wanted <= {label["name"] for label in issue["labels"]}
    ]


@route("GET", r"/issues/(\d+)", "issues: read")
def get_issue(github, query, body, number):
    return _of(github.issues | github.pulls, number)


@route("POST", "/issues", "issues: write")
def open_issue(github, query, body):
    made = github.issue("", body["title"], body.get("body", ""), tuple(body.get("labels", ())))
    made["user"] = BOT
    return made


@route("PATCH", r"/issues/(\d+)", "issues: write")
def edit_issue(github, query, body, number):
    _of(github.issues, number).update(body)
    return _of(github.issues, number)


@route("GET", r"/issues/(\d+)/comments", "issues: read|pull-requests: read")
def list_comments(github, query, body, number):
    return github.comments[int(number)]


@route("POST", r"/issues/(\d+)/comments", "issues: write|pull-requests: write")
def write_comment(github, query, body, number):
    _of(github.issues | github.pulls, number)
    if len(body["body"]) > 65_536:
        raise RefusedError(422, "Body is too long (maximum is 65536 characters)")
    return github.comment(int(number), BOT, body["body"])


@route("PATCH", r"/issues/comments/(\d+)", "issues: write|pull-requests: write")
def edit_comment(github, query, body, number):
    for comments in github.comments.values():
        for each in comments:
            if each["id"] == int(number):
                each.update(body=body["body"], updated_at=github.now())
                return each
    raise RefusedError(404, "Not Found")


@route("DELETE", r"/issues/comments/(\d+)", "issues: write|pull-requests: write")
def delete_comment(github, query, body, number):
    for comments in github.comments.values():
        comments[:] = [each for each in comments if each["id"] != int(number)]
    raise RefusedError(204, "")


@route("GET", r"/issues/(\d+)/events", "issues: read")
def list_events(github, query, body, number):
    return github.events[int(number)]


@route("POST", r"/issues/(\d+)/labels", "issues: write|pull-requests: write")
def add_labels(github, query, body, number):
    labels = _of(github.issues | github.pulls, number)["labels"]
    labels += [{"name": name} for name in body["labels"] if {"name": name} not in labels]
    return labels


@route("DELETE", r"/issues/(\d+)/labels/(.+)", "issues: write|pull-requests: write")
def remove_label(github, query, body, number, name):
    labels = _of(github.issues | github.pulls, number)["labels"]
    if {"name": name} not in labels:
        raise RefusedError(404, "Label does not exist")
    labels.remove({"name": name})
    return labels


@route("POST", "/labels", "issues: write")
def make_label(github, query, body):
    if body["name"] in github.labels:
        raise RefusedError(422, "Validation Failed")
    github.labels.add(body["name"])
    return body


@route("POST", r"/actions/workflows/([\w.-]+)/dispatches", "actions: write")
def dispatch(github, query, body, workflow):
    github.dispatches.append({"workflow": workflow, **body})
    raise RefusedError(204, "")


@route("GET", r"/git/ref/heads/main", "contents: read")
def main_ref(github, query, body):
    return {"ref": "refs/heads/main", "object": {"type": "commit", "sha": github.main()}}


@route("GET", r"/commits/([0-9a-f]{40})/statuses", "statuses: read")
def list_statuses(github, query, body, sha):
    """The newest first."""
    return github.statuses[sha]


@route("POST", r"/statuses/([0-9a-f]{40})", "statuses: write")
def set_status(github, query, body, sha):
    assert body["state"] in ("error", "failure", "pending", "success")
    if len(body.get("description", "")) > 140:
        raise RefusedError(422, "description is too long (maximum is 140 characters)")
    github.statuses[sha].insert(0, body | {"creator": BOT})
    return body
