"""Issues as the contribution form makes them."""

from typing import Any

from pipeline.intake import issue_form
from support.contribution import csv_of

LINK = "[videos.csv](https://github.com/user-attachments/files/17/videos.csv)"


TICKED = "\n".join(f"- [x] {agreement}" for agreement in issue_form.AGREED)


TABLE = csv_of({}).decode()


def fenced(text: str, fence: str = "```") -> str:
    return f"{fence}csv\n{text.rstrip()}\n{fence}"


def body(**changes: str) -> str:
    """Write the body of an issue as GitHub does from the form."""
    fields = {"folder": "ana", "licence": "CC-BY-4.0", "consent": TICKED, "file": issue_form.EMPTY}
    fields |= {"table": fenced(TABLE)} | changes
    parts = zip(issue_form.FIELDS, fields.values(), strict=True)
    return "\n\n".join(f"### {label}\n\n{value}" for label, value in parts)


def issue(text: str | None = None, **changes: Any) -> dict[str, Any]:
    whole = {
        "number": 12,
        "title": "My videos",
        "body": body() if text is None else text,
        "created_at": "2026-11-21T23:59:59Z",
        "user": {"login": "ana-maria", "id": 583231},
        "labels": [{"name": "contribution"}],
    }
    return whole | changes
