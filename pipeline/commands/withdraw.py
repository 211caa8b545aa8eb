"""`withdraw`: take a creator out."""

import os
from collections.abc import Collection
from pathlib import Path, PurePosixPath
from typing import Annotated

import typer

from pipeline.commands.app import (
    CONTRIBUTIONS,
    REPORTS,
    Home,
    app,
    located_home,
    say,
)
from pipeline.intake.new_folder import fault_of_name
from pipeline.render.text.escape import plain
from pipeline.storage import atomic_files, atomic_folders, git
from pipeline.storage.folder_contents import folders
from schema.vocabulary import QUARANTINE, quarantine


@app.command()
def withdraw(
    creator: Annotated[str, typer.Argument(help="The name of the folder.")],
    contributions: Home = CONTRIBUTIONS,
    out: Annotated[Path, typer.Option(help="The folder of the report.")] = REPORTS,
) -> None:
    """Take a creator's folder out, with every trace that the next report could carry."""
    if wrong := fault_of_name(creator):
        raise typer.BadParameter(wrong)
    contributions = located_home(contributions)
    if atomic_folders.real_path(out) == atomic_folders.real_path(contributions):
        raise typer.BadParameter("The folder of the report is not that of the creators.")
    if not contributions.is_dir():
        raise typer.BadParameter(f"There is no folder {plain(str(contributions))}.")
    folder = contributions / creator
    with (
        atomic_folders.only_one(out, lambda: _wait(out)),
        atomic_folders.only_one(contributions) as leaving,
    ):
        is_there = folder.is_dir() and not folder.is_symlink()
        if not is_there and not _was_there(folder, out, leaving):
            raise typer.BadParameter(f"There is no folder {plain(str(folder))}: check its name.")
        lost = _take_out(folder, out)
    print(
        f"{folder} is gone{'' if is_there else ' already'}, and with it {lost} earlier result"
        f"{'' if lost == 1 else 's'} that it may have helped to make.\n"
        "Now build the report (`python -m pipeline report`), and commit all of it."
    )


def _wait(out: Path) -> None:
    say(f"A report is being written to {out}; waiting until it is done.")


def _was_there(folder: Path, out: Path, leaving: Collection[str]) -> bool:
    """Return whether a folder that is not there was: taken out by a killed run, or by hand."""
    from pipeline.analysis.history.withdrawal import gone

    if os.path.lexists(folder):
        return False
    creator, home = folder.name, folder.parent
    pooled = out / "pooled.csv"
    reported = gone(pooled.read_bytes() if pooled.is_file() else b"", folders(home))
    return creator in {*leaving, *quarantine(), *reported} or _is_committed(folder)


def _is_committed(folder: Path) -> bool:
    """Return whether the last commit holds a folder."""
    place = git.in_place(folder.parent, "rev-parse", "--show-prefix")
    head = git.commit(folder.parent, "HEAD") if place is not None else None
    if place is None or head is None:
        return False
    under = f"{place.decode('utf-8', 'surrogateescape').strip()}{folder.name}"
    return bool(git.tree(folder.parent, head, under))


def _take_out(folder: Path, out: Path) -> int:
    """Trim the history, remove the folder, then its line of those set aside; count what is lost.

    In this order, so that a killed run neither keeps a result nor lets back in who was set aside.
    """
    from pipeline.analysis.history.history_csv import HISTORY, read_history
    from pipeline.analysis.history.withdrawal import kept_inputs, without, without_line
    from pipeline.storage.csv_text import as_csv

    past, home = out / "history.csv", folder.parent
    rows = read_history(past.read_bytes() if past.is_file() else b"")
    if rows is None:
        raise typer.BadParameter(f"{past} is no history of results; move it away.")
    stays = without(rows, kept_inputs(home.resolve().parent, [folder.name]))
    aside = without_line(QUARANTINE.read_text(encoding="utf-8"), folder.name)
    with atomic_files.ready({QUARANTINE: aside.encode()}) as put:
        if past.is_file():
            atomic_folders.put_over(out, {PurePosixPath(past.name): as_csv(HISTORY, stays)})
        atomic_folders.remove_folder(home, folder.name)
        put()
    return len({row[0] for row in rows}) - len({row[0] for row in stays})
