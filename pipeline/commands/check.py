"""`check`: name every problem."""

import datetime
import enum
from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.app import (
    CONTRIBUTIONS,
    OUR_FAULT,
    Today,
    app,
    broken_files,
    last_day,
    located,
)
from pipeline.dataset.check_paths import judge
from pipeline.render.check import markdown, nightly
from pipeline.render.check import problems as render
from pipeline.storage import atomic_folders
from schema.settings import RULES_OF_WORDS


class Format(enum.StrEnum):
    """How `check` answers."""

    TEXT = "text"
    GITHUB = "github"
    JSON = "json"
    MARKDOWN = "markdown"
    NIGHTLY = "nightly"


Paths = Annotated[list[Path] | None, typer.Argument(help="CSV files, or folders.")]


@app.command()
def check(
    paths: Paths = None,
    style: Annotated[Format, typer.Option("--format", help="How to answer.")] = Format.TEXT,
    today: Today = "",
) -> None:
    """Name every problem, at its line, with what to write."""
    raise typer.Exit(check_paths(paths or [CONTRIBUTIONS], style, last_day(today)))


def check_paths(paths: list[Path], style: Format, today: datetime.date) -> int:
    """Print the answer for some paths; 1 where there is an error, or a folder is refused.

    With all folders go the files that maintainers edit; with a part of them, those that judge it.
    70 where something of ours broke on a folder: the others are judged and told all the same.
    """
    targets = [located(path) for path in paths]
    for target in targets:
        atomic_folders.finish(target.root)
    judgement = judge(targets, today)
    is_whole = any(not target.part and not target.alone for target in targets)
    ours = broken_files() if is_whole else RULES_OF_WORDS.problems()
    problems = sorted([*judgement.problems, *ours], key=lambda problem: problem.place)
    answer = {
        Format.TEXT: render.as_text,
        Format.GITHUB: render.as_github,
        Format.JSON: render.as_json,
        Format.MARKDOWN: markdown.as_markdown,
        Format.NIGHTLY: nightly.as_markdown,
    }
    print(answer[style](judgement.verdicts, problems))
    return OUR_FAULT if judgement.is_broken else int(bool(ours) or not judgement.is_well)
