"""`simulate`: invent creators with known effects."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.app import app, wait
from pipeline.storage import atomic_folders
from pipeline.storage.folder_contents import holds_just


@app.command()
def simulate(
    out: Annotated[Path, typer.Option(help="A folder that is not there yet.")],
    creators: Annotated[int, typer.Option(help="How many creators.")] = 24,
    videos: Annotated[int, typer.Option(help="How many videos in all.")] = 1500,
    seed: Annotated[int, typer.Option(help="Another number, other data.")] = 2106,
) -> None:
    """Invent creators with known effects, to try things out."""
    from pipeline.dataset.simulate import simulate as invent

    if creators < 1 or videos < creators or seed < 0:
        raise typer.BadParameter("At least one creator, a video for each, and a seed of 0 or more.")
    if out.is_file():
        raise typer.BadParameter(f"{out} is a file; name a folder.")
    if out.is_symlink() and not out.exists():
        raise typer.BadParameter(f"{out} is a link that leads nowhere; name a folder.")
    files = invent(creators, videos, seed)
    with atomic_folders.only_one(out, wait):
        if out.exists() and any(out.iterdir()) and not holds_just(out, files):
            raise typer.BadParameter(f"{out} is not empty; nothing was written.")
        atomic_folders.put_new(out, files)
    print(f"{videos:,} videos of {creators:,} simulated creators are in {out}.")
