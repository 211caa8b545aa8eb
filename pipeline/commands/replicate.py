"""`replicate`: do the regression of 2022 again."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.app import app
from pipeline.render.text.escape import plain
from pipeline.storage import atomic_files


@app.command()
def replicate(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="The post's files, or a clone of its repository.")
    ],
    write: Annotated[
        bool, typer.Option("--write", help="Store the figures (maintainers).")
    ] = False,
) -> None:
    """Do the regression of 2022 again, and correct it step by step.

    Ends with 0 where every figure is as stored, even where a file is not the author's; with 1 where
    one is not; with 2 where a file is not of the form of 2022.
    """
    from pipeline.analysis.replication import figures
    from pipeline.analysis.replication.source_files import read_post
    from pipeline.analysis.replication.stored import STORED
    from pipeline.intake.repair import Unreadable
    from pipeline.render.diagnostics.replication import as_text

    post = read_post(folder)
    if isinstance(post, Unreadable):
        raise typer.BadParameter(plain(post.why))
    replication = figures.replicate(post)
    if isinstance(replication, Unreadable):
        raise typer.BadParameter(plain(replication.why))
    if write:
        atomic_files.replace_file(STORED, figures.as_json(replication))
    computed, different = figures.compare(replication)
    print(as_text(computed, different, [plain(name) for name in figures.edited(post)]))
    raise typer.Exit(int(bool(different)))
