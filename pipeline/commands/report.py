"""`report`: check, pool, fit and write the report."""

import gc
from collections.abc import Collection
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.commands.app import (
    CONTRIBUTIONS,
    REPORTS,
    Home,
    Today,
    app,
    broken_files,
    last_day,
    located,
    located_home,
    say,
)
from pipeline.dataset.check_paths import Judgement, judge
from pipeline.render.check import problems as render
from pipeline.render.text.escape import plain
from pipeline.storage import atomic_folders, git
from pipeline.storage.folder_contents import files, folders
from schema.file_rules import FOLDER_NAME, HOME
from schema.maintained import ROOT, no_such_folder
from schema.problem import Problem
from schema.vocabulary import quarantine

if TYPE_CHECKING:
    from pipeline.analysis.diagnostics.diagnostics import Diagnostics
    from pipeline.analysis.history.history_csv import History
    from pipeline.inference.results import Results


@app.command()
def report(
    contributions: Home = CONTRIBUTIONS,
    out: Annotated[Path, typer.Option(help="Where to write it.")] = REPORTS,
    today: Today = "",
    quick: Annotated[
        bool, typer.Option("--quick", help="Leave out what takes minutes, unless it is kept.")
    ] = False,
) -> None:
    """Check, pool and fit what was contributed; write the report."""
    if out.is_symlink() and not out.exists():
        raise typer.BadParameter(f"{out} is a link that leads nowhere; name a folder.")
    shown, out = out, atomic_folders.real_path(out)
    if out == out.parent:
        raise typer.BadParameter(f"{out} holds everything; name a folder of its own.")
    if out.exists() and not out.is_dir():
        raise typer.BadParameter(f"{out} is a file; name a folder.")
    contributions = located_home(contributions)
    target, day = located(contributions), last_day(today)
    atomic_folders.finish(target.root)
    with atomic_folders.only_one(
        out, lambda: _wait(shown)
    ):  # while it reads, too: the history grows
        say(f"Reading {contributions} ...")
        judgement = judge([target], day)
        if judgement.errors:
            say(render.as_text(judgement.refused, judgement.errors))
        if ours := broken_files():
            say("\n".join(render.paragraphs(ours)))
        if any(not _has_left(problem) for problem in ours):
            print(render.broken_rules(shown))
            raise typer.Exit(1)
        if judgement.verdicts and len(judgement.refused) == len(judgement.verdicts):
            print(render.nothing_accepted(judgement.refused, day, shown))
            raise typer.Exit(1)
        if judgement.errors:
            say("The report leaves these folders out.")
        videos = _build(judgement, contributions, out, quick=quick)
    are = "is" if videos == 1 else "are"
    page = plain(str(shown / "README.md"))
    print(f"{render.count(videos, 'video')} {are} in the report: {page}")
    raise typer.Exit(int(bool(ours) or not judgement.is_well))


def _has_left(problem: Problem) -> bool:
    """Return whether all that is wrong is that a folder set aside is gone: the past knows it."""
    if problem.rule != no_such_folder.slug or not FOLDER_NAME.fullmatch(problem.column or ""):
        return False
    folder = f":(literal){HOME}/{problem.column}"
    return bool(git.in_place(ROOT, "rev-list", "-1", "HEAD", "--", folder))


def _wait(out: Path) -> None:
    say(f"Another report is being written to {out}; waiting until it is done.")


def _build(judgement: Judgement, contributions: Path, out: Path, *, quick: bool) -> int:
    """Write the report of what was accepted; give how many videos are in it."""
    before = read_last_history(out, contributions)
    say("Fitting, and fitting again with statsmodels ...")
    from pipeline.inference.results import (  # slow to import, and not needed to check
        gather,
        read_effects,
    )

    if (effects := read_effects(judgement.effects)) is None:
        raise typer.BadParameter(f"{contributions}/example-effects.toml cannot be read.")
    gc.freeze()  # statsmodels looks for cycles at every adjustment; not in what is imported
    findings = gather(judgement.verdicts, quarantine(), effects)
    diagnostics = _diagnostics(findings, out, quick=quick)
    say("Drawing and writing ...")
    atomic_folders.replace_folder(
        out, written(contributions.resolve().parent, findings, before, diagnostics)
    )
    return len(findings.pool.videos)


def written(
    home: Path, findings: "Results", before: "History", diagnostics: "Diagnostics | None"
) -> dict[PurePosixPath, bytes]:
    """Render every file of the report, with what git and `pyproject.toml` say beside it.

    `home` is the folder that holds the contributions.
    """
    from pipeline.analysis.history.changes import causes
    from pipeline.render.report import files  # slow to import
    from pipeline.render.text.address import repository

    project = Path(__file__).parent.parent.parent / "pyproject.toml"
    where = repository(project.read_bytes() if project.is_file() else b"")
    return files(findings, before, diagnostics, causes(home, before, findings), where)


def _strangers(folder: Path, known: Collection[PurePosixPath]) -> list[Path]:
    """Find what a folder holds that is neither one of the files, an old figure nor an old page."""
    old = ((folder / "figures", ".svg"), (folder / "creators", ".html"))
    return [
        path
        for path in files(folder)
        if PurePosixPath(path.relative_to(folder).as_posix()) not in known
        and (path.parent, path.suffix) not in old
    ]


def read_last_history(out: Path, contributions: Path) -> "History":
    """Read the results of earlier reports, but those that somebody who is gone helped to make.

    Refuses a folder that holds anything but a report, before any work is done for it.
    """
    from pipeline.analysis.history.withdrawal import gone, gone_since, kept_inputs, without
    from pipeline.render.report import HISTORY, NAMES, read_history  # slow to import

    if others := _strangers(out, NAMES):
        raise typer.BadParameter(f"{out} holds other files, such as {others[0]}; choose another.")
    if files(out) and not _last(out, "summary.json"):
        raise typer.BadParameter(
            f"{out} holds files, and no summary.json of a report; choose another."
        )
    before = read_history(_last(out, HISTORY.name))
    if before is None:
        raise typer.BadParameter(f"{out / HISTORY} is no history of results; move it away.")
    home, here = contributions.resolve().parent, folders(contributions)
    since = gone_since(home, here)
    if since is None and before:
        say(
            "Nobody can tell here who left since the last report: a part of git's past is missing. "
            "The earlier results are left out. `git fetch --unshallow` gets the past; then take "
            "them back (`git checkout reports/history.csv`), and run this again."
        )
        return []
    if left := {*gone(_last(out, "pooled.csv"), here), *(since or ())}:
        before = without(before, kept_inputs(home, left))
    return before


def _diagnostics(findings: "Results", out: Path, *, quick: bool) -> "Diagnostics | None":
    """Read what takes minutes where it is kept, else compute it; None where it is to be quick."""
    from pipeline.analysis.diagnostics import cache
    from pipeline.analysis.diagnostics.diagnostics import key, sureness

    mark = key(findings.inputs)
    diagnostics = cache.read({name: _last(out, str(name)) for name in cache.NAMES}, mark)
    if diagnostics is not None or quick:
        return diagnostics
    say("How sure, how predictive, for whom? Computed once for these inputs, and kept:")
    computed = sureness(findings, lambda text: say(f"  {text}"))
    return cache.read(cache.as_files(computed, mark), mark)


def _last(out: Path, name: str) -> bytes:
    """Read a file of the last report; nothing where there is none."""
    path = out / name
    return path.read_bytes() if path.is_file() else b""
