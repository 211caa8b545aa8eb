"""The only door: the command line, printing, writing and exit codes."""

import datetime
import enum
import io
import os
import sys
import traceback
from collections.abc import Collection
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer

from pipeline.read import Target, locate, read_folders
from pipeline.render.escape import plain
from schema.forms import day
from schema.problem import Severity
from schema.rules import RuleCrashError

app = typer.Typer(
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    no_args_is_help=True,
)
MISUSE = 2
OUR_FAULT = 70
HOME = Path("contributions")


class Format(enum.StrEnum):
    """How `check` answers."""

    TEXT = "text"
    GITHUB = "github"
    JSON = "json"


@app.callback()
def commands() -> None:
    """What makes a video follow-worthy? Contributed CSVs become a report."""


Today = Annotated[str, typer.Option(help="The last day that a date may have, as 2026-05-31.")]


@app.command()
def check(
    paths: Annotated[list[Path] | None, typer.Argument(help="CSV files, or folders.")] = None,
    style: Annotated[Format, typer.Option("--format", help="How to answer.")] = Format.TEXT,
    today: Today = "",
) -> None:
    """Check contributions: every problem, at its line, with what to write instead."""
    from pipeline.check import Refused, check_all
    from pipeline.render import problems as render

    targets = [_locate(path) for path in paths or [HOME]]
    collections = [read_folders(root) for root in sorted({target.root for target in targets})]
    verdicts = check_all(chain.from_iterable(c.contributions for c in collections), _day(today))
    found = [p for each in (*collections, *verdicts) for p in each.problems]
    parts = {target.part for target in targets}
    problems = sorted((p for p in found if _is_part(p.file, parts)), key=lambda p: p.place)
    named = [
        each
        for each in verdicts
        if any(_is_part(part, {each.place}) for part in parts) or _is_part(each.place, parts)
    ]
    answer = {"text": render.as_text, "github": render.as_github, "json": render.as_json}
    print(answer[style.value](named, problems))
    has_error = any(problem.severity is Severity.ERROR for problem in problems)
    raise typer.Exit(int(has_error or any(isinstance(each, Refused) for each in named)))


def _is_part(file: str, parts: Collection[str]) -> bool:
    """Tell whether a file or folder lies in one of the parts; "" is everything."""
    return any(not part or file == part or file.startswith(part + "/") for part in parts)


def _locate(path: Path) -> Target:
    try:
        return locate(path)
    except FileNotFoundError:
        raise typer.BadParameter(
            f"{plain(str(path))} is not there. A CSV, a creator's folder "
            "or a folder of them is wanted."
        ) from None


def _day(text: str) -> datetime.date:
    """Read --today; by default the day after today in UTC, since it is tomorrow somewhere."""
    if not text:
        return datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=1)
    if (date := day(text)) is None:
        raise typer.BadParameter(f"{plain(text)} is not a day such as 2026-05-31.")
    return date


def main() -> None:
    """Run a command; whatever it did not foresee is our fault, and says so without a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        app()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader went away
    except OSError as error:
        what = plain(f"{error.filename}: {error.strerror}")
        print(f"This could not be read or written: {what}", file=sys.stderr)
        sys.exit(MISUSE)
    except Exception as error:  # noqa: BLE001  # the door: every crash is answered here
        print(_our_fault(error), file=sys.stderr)
        sys.exit(OUR_FAULT)


def _our_fault(error: Exception) -> str:
    """Apologise, and say where it happened, without a word of the data."""
    cause = error.__cause__ if isinstance(error, RuleCrashError) and error.__cause__ else error
    rule = f", in the rule {error.slug}" if isinstance(error, RuleCrashError) else ""
    where = traceback.extract_tb(cause.__traceback__)[-1]
    return (
        f"Something is broken here{rule}. It is our fault, not yours, and nothing is wrong with "
        f"your files because of it.\nPlease open an issue with this line: {type(cause).__name__} "
        f"in {Path(where.filename).name}, line {where.lineno}, in {where.name}"
    )


if __name__ == "__main__":
    main()
