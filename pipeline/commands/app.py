"""The command line, and what its commands share: options, and how a day and a path are read."""

import datetime
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from pipeline.analysis.replication.splits import SPLITS
from pipeline.dataset.locate import Target, home_of, locate
from pipeline.intake.corrections import CORRECTIONS
from pipeline.render.check.problems import paragraphs
from pipeline.render.labels.entries import LABELS
from pipeline.render.text.address import PROJECT
from pipeline.render.text.escape import plain
from schema.catalogue import unasked
from schema.file_rules import HOME
from schema.forms import day
from schema.maintained import ROOT
from schema.problem import Problem, is_personal
from schema.settings import ASIDE, REFUSALS, RULES_OF_WORDS, names_without_folder

OUR_FAULT = 70  # the exit code of a crash
CONTRIBUTIONS = Path(HOME)
REPORTS = Path("reports")
TELLS_ITSELF = ("check", "report", "review")  # what is wrong with the maintainers' files

app = typer.Typer(
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    no_args_is_help=True,
)


Today = Annotated[str, typer.Option(help="The last day that a date may have, as 2026-05-31.")]
Home = Annotated[Path, typer.Option("--contributions", help="The folder of creators' folders.")]


@app.callback()
def commands(context: typer.Context) -> None:
    """What makes a video follow-worthy? Contributed CSVs become a report."""
    if context.invoked_subcommand in TELLS_ITSELF or "--help" in sys.argv:
        return
    if broken := broken_rules():
        say("\n".join(paragraphs(broken)))
        say("Nothing was done: what is named here has to be put right first.")
        raise typer.Exit(1)


def broken_rules() -> list[Problem]:
    """Name what is wrong with the files of the maintainers that commands go by."""
    files = (RULES_OF_WORDS, ASIDE, REFUSALS, CORRECTIONS, SPLITS)
    return [problem for each in files for problem in each.problems()]


def broken_files() -> list[Problem]:
    """Name all that is wrong with the files of the maintainers, those of the report, too."""
    files = (LABELS, PROJECT) if (ROOT / PROJECT.file).is_file() else (LABELS,)
    problems = [problem for each in files for problem in each.problems()]
    return [*broken_rules(), *problems, *names_without_folder(), *unasked()]


def located(path: Path) -> Target:
    """Find what a path means, or say that it is nothing."""
    try:
        return locate(path)
    except FileNotFoundError:
        what = "holds no contribution" if path.is_dir() else "is not there, or is no contribution"
        raise typer.BadParameter(
            f"{plain(str(path))} {what}. Name a CSV, a creator's folder (the one with its "
            "creator.toml), or the folder that holds them all, which is contributions."
        ) from None


def located_home(path: Path) -> Path:
    """Find the folder of creators' folders that a path means, or say that it is none."""
    target = located(path)
    if target.part:
        raise typer.BadParameter(
            f"{plain(str(path))} is one creator's. The folder that holds all creators' folders is "
            "wanted, which is contributions."
        )
    return home_of(path)


def last_day(text: str) -> datetime.date:
    """Read --today; by default the day after today in UTC, since it is tomorrow somewhere."""
    if not text:
        return datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=1)
    if (date := day(text)) is None:
        raise typer.BadParameter(f"{plain(text)} is not a day such as 2026-05-31.")
    return date


def say(text: str) -> None:
    """Tell how far the work is; not on the output, which is for the answer."""
    print(text, file=sys.stderr)


def wait() -> None:
    """Say that another run is writing at the same place."""
    say("Another run is writing there; waiting until it is done.")


def tell_changes(what: str, changes: Iterable[tuple[str, int]]) -> None:
    """Print what was changed in a file, and how often."""
    print(plain(what))
    for change, times in changes:
        shown = "(something that may be personal)" if is_personal(change) else plain(change)
        print(f"    {times:,} × {shown}")
