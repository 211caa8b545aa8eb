"""`report`: check, pool, fit and write the report."""

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.commands.app import (
    CONTRIBUTIONS,
    REPORTS,
    Home,
    Today,
    app,
    last_day,
    located,
    located_home,
    say,
)
from pipeline.dataset.check_paths import Judgement, judge
from pipeline.render.check import problems as render
from pipeline.render.text.escape import plain
from pipeline.storage import atomic_files
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
    shown, out = out, atomic_files.real_path(out)
    if out == out.parent:
        raise typer.BadParameter(f"{out} holds everything; name a folder of its own.")
    if out.exists() and not out.is_dir():
        raise typer.BadParameter(f"{out} is a file; name a folder.")
    contributions = located_home(contributions)
    target, day = located(contributions), last_day(today)
    atomic_files.finish(target.root)
    with atomic_files.only_one(out, lambda: _wait(shown)):  # while it reads, too: the history grows
        say(f"Reading {contributions} ...")
        found = judge([target], day)
        if found.errors:
            say(render.as_text(found.refused, found.errors))
        if found.verdicts and len(found.refused) == len(found.verdicts):
            print(render.nothing_accepted(found.refused, day, shown))
            raise typer.Exit(1)
        if found.errors:
            say("The report leaves these folders out.")
        videos = _build(found, contributions, out, quick=quick)
    are = "is" if videos == 1 else "are"
    page = plain(str(shown / "README.md"))
    print(f"{render.count(videos, 'video')} {are} in the report: {page}")
    raise typer.Exit(int(not found.is_well))


def _wait(out: Path) -> None:
    say(f"Another report is being written to {out}; waiting until it is done.")


def _build(found: Judgement, contributions: Path, out: Path, *, quick: bool) -> int:
    """Write the report of what was accepted; give how many videos are in it."""
    before = _history(out, contributions)
    say("Fitting, and fitting again with statsmodels ...")
    from pipeline.inference.results import (  # slow to import, and not needed to check
        gather,
        read_effects,
    )

    if (effects := read_effects(found.effects)) is None:
        raise typer.BadParameter(f"{contributions}/example-effects.toml cannot be read.")
    findings = gather(found.verdicts, quarantine(), effects)
    sure = _sureness(findings, out, quick=quick)
    say("Drawing and writing ...")
    atomic_files.replace_folder(
        out, written(contributions.resolve().parent, findings, before, sure)
    )
    return len(findings.pool.videos)


def written(
    home: Path, findings: "Results", before: "History", sure: "Diagnostics | None"
) -> dict[PurePosixPath, bytes]:
    """Render every file of the report, with what git and `pyproject.toml` say beside it.

    `home` is the folder that holds the contributions.
    """
    from pipeline.analysis.history.changes import causes
    from pipeline.render.report import files  # slow to import
    from pipeline.render.text.address import repository

    project = Path(__file__).parent.parent.parent / "pyproject.toml"
    where = repository(project.read_bytes() if project.is_file() else b"")
    return files(findings, before, sure, causes(home, before, findings), where)


def _history(out: Path, contributions: Path) -> "History":
    """Read the results of earlier reports, but those that somebody who is gone helped to make.

    Refuses a folder that holds anything but a report, before any work is done for it.
    """
    from pipeline.analysis.history.withdrawal import gone, gone_since, kept_inputs, without
    from pipeline.render.report import HISTORY, NAMES, read_history  # slow to import

    if others := atomic_files.strangers(out, NAMES):
        raise typer.BadParameter(f"{out} holds other files, such as {others[0]}; choose another.")
    if atomic_files.files(out) and not _last(out, "summary.json"):
        raise typer.BadParameter(
            f"{out} holds files, and no summary.json of a report; choose another."
        )
    before = read_history(_last(out, HISTORY.name))
    if before is None:
        raise typer.BadParameter(f"{out / HISTORY} is no history of results; move it away.")
    home, here = contributions.resolve().parent, atomic_files.folders(contributions)
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


def _sureness(findings: "Results", out: Path, *, quick: bool) -> "Diagnostics | None":
    """Read what takes minutes where it is kept, else compute it; None where it is to be quick."""
    from pipeline.analysis.diagnostics import cache
    from pipeline.analysis.diagnostics.diagnostics import key, sureness

    mark = key(findings.inputs)
    sure = cache.read({name: _last(out, str(name)) for name in cache.NAMES}, mark)
    if sure is not None or quick:
        return sure
    say("How sure, how predictive, for whom? Computed once for these inputs, and kept:")
    computed = sureness(findings, lambda text: say(f"  {text}"))
    return cache.read(cache.as_files(computed, mark), mark)


def _last(out: Path, name: str) -> bytes:
    """Read a file of the last report; nothing where there is none."""
    path = out / name
    return path.read_bytes() if path.is_file() else b""
