"""`fix`: repair the form of a CSV."""

import os
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Annotated

import typer

from pipeline.commands.app import app, last_day, located, tell_changes, wait
from pipeline.commands.check import Format, check_paths
from pipeline.dataset.locate import Target
from pipeline.render.text.escape import plain
from pipeline.storage import atomic_files, atomic_folders
from schema.file_rules import HOME


@app.command()
def fix(
    path: Annotated[Path, typer.Argument(help="A CSV, or a creator's folder.")],
) -> None:
    """Repair the form of a CSV, never an id or a meaning."""
    from pipeline.intake.repair import Text, Unreadable, repair_file

    target = located(path)
    if not target.part:
        raise typer.BadParameter(
            f"{plain(str(path))} holds the folders of several creators. Name one creator's folder, "
            "or a CSV."
        )
    atomic_folders.finish(target.root)
    repaired: dict[Path, Text] = {}
    for file in sorted(path.glob("*.csv")) if path.is_dir() else [path]:
        text = repair_file(file)
        if isinstance(text, Unreadable):
            print(f"{plain(str(file))} is left as it is. {plain(text.why)}")
        elif text.changes:
            repaired[file] = text
    _put_repaired({file: text.written() for file, text in repaired.items()}, target)
    for file, text in repaired.items():
        tell_changes(f"{file} is repaired:", text.changes)
    raise typer.Exit(check_paths([path], Format.TEXT, last_day("")))


def _put_repaired(files: Mapping[Path, bytes], target: Target) -> None:
    """Replace CSVs; in `contributions/`, without a trace in the creator's folder meanwhile."""
    root = target.root
    if root.name != HOME:
        with atomic_files.ready(files) as put:
            put()
        return
    absolute = {Path(os.path.abspath(file)): raw for file, raw in files.items()}  # noqa: PTH100  # links are not followed
    with atomic_folders.only_one(root, wait):
        atomic_folders.put_over(
            root, {PurePosixPath(p.relative_to(root)): r for p, r in absolute.items()}
        )
