"""`intake`: turn an issue of the form into files."""

import json
from pathlib import Path, PurePosixPath
from typing import Annotated

import typer

from pipeline.commands.app import (
    CONTRIBUTIONS,
    app,
)
from pipeline.render.text.escape import plain
from pipeline.storage import atomic_folders
from schema.file_rules import PROFILE


@app.command()
def intake(
    issue: Annotated[Path, typer.Argument(help="The issue, as GitHub's API gives it (JSON).")],
) -> None:
    """Write the files that an issue of the form "Add your videos" brings; answer in Markdown."""
    from pipeline.intake.attachment import fetch  # not needed to check, like all of this
    from pipeline.intake.issue_form import NotASubmission, answer, files_of, read_issue

    try:
        parsed_issue = json.loads(issue.read_bytes())
    except (ValueError, RecursionError):
        parsed_issue = None
    if not isinstance(parsed_issue, dict) or not isinstance(parsed_issue.get("number"), int):
        raise typer.BadParameter(f"{plain(str(issue))} is no issue in JSON.")
    asked = read_issue(parsed_issue)
    if isinstance(asked, NotASubmission):
        files: dict[PurePosixPath, bytes] | NotASubmission = asked
    else:
        profile = CONTRIBUTIONS / asked.creator / PROFILE
        files = files_of(asked, profile.is_file(), fetch)
    if not isinstance(files, NotASubmission):
        brought = {path.relative_to(CONTRIBUTIONS): raw for path, raw in files.items()}
        with atomic_folders.only_one(CONTRIBUTIONS):
            atomic_folders.put_over(CONTRIBUTIONS, brought)
    print(answer(files))
    raise typer.Exit(int(isinstance(files, NotASubmission)))
