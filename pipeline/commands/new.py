"""`new`: start a creator's folder."""

import os
from pathlib import PurePosixPath
from typing import Annotated

import typer

from pipeline.commands.app import CONTRIBUTIONS, Home, app, last_day, wait
from pipeline.dataset.locate import home_of
from pipeline.intake.new_folder import HEADER, creator_toml
from pipeline.render.text.escape import plain
from pipeline.storage import atomic_folders
from pipeline.storage.folder_contents import holds_just
from schema.creator_values import LICENCES

PROFILE = PurePosixPath("creator.toml")

Login = Annotated[str, typer.Option("--github", help="Your GitHub login.")]
Consent = Annotated[str, typer.Option(help="The day you agreed to CONTRIBUTING.md: 2026-05-31.")]
Licence = Annotated[str, typer.Option(help=" or ".join(LICENCES))]


@app.command()
def new(
    creator: Annotated[str, typer.Argument(help="Your handle or a pseudonym, such as ana-maria.")],
    github: Login,
    consent: Consent,
    licence: Licence = LICENCES[0],
    contributions: Home = CONTRIBUTIONS,
) -> None:
    """Start a creator's folder: creator.toml, and a CSV to fill."""
    toml = profile_of(creator, github, consent, licence)
    contributions = home_of(contributions)
    folder = contributions / creator
    files = {PROFILE: toml, PurePosixPath("videos.csv"): HEADER.encode()}
    with atomic_folders.only_one(contributions, wait):
        if os.path.lexists(folder) and not holds_just(folder, files):
            raise typer.BadParameter(
                f"{folder} is there already; nothing was written. Put your CSV into it, or choose "
                "another name."
            )
        atomic_folders.put_new(contributions, {creator / name: raw for name, raw in files.items()})
    print(f"Made {folder}. Now write a line for each video in {folder / 'videos.csv'}.")


def profile_of(creator: str, github: str, consent: str, licence: str) -> bytes:
    """Write a creator.toml, or say what is wrong with what it is made of."""
    raw, wrong = creator_toml(creator, github, consent, licence, last_day(""))
    if wrong:
        raise typer.BadParameter(plain(wrong))
    return raw
