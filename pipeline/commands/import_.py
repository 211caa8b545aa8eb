"""`import`: turn a sheet into a contribution."""

from pathlib import Path, PurePosixPath
from typing import Annotated

import typer

from pipeline.commands.app import CONTRIBUTIONS, Home, app, last_day, tell_changes, wait
from pipeline.commands.check import Format, check_paths
from pipeline.commands.new import PROFILE, Consent, Licence, Login, profile_of
from pipeline.dataset.locate import home_of
from pipeline.intake.new_folder import fault_of_name
from pipeline.render.text.escape import plain
from pipeline.storage import atomic_folders
from schema.creator_values import LICENCES


@app.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(help="Your sheets, as CSV.")],
    creator: Annotated[str, typer.Option(help="Your folder's name.")],
    github: Login = "",
    consent: Consent = "",
    licence: Licence = LICENCES[0],
    zero_is_missing: Annotated[
        list[str] | None,
        typer.Option(help="A column whose 0 stands for nothing; some lines: COLUMN@2-133,187"),
    ] = None,
    contributions: Home = CONTRIBUTIONS,
) -> None:
    """Turn a sheet of your own into a contribution, and check it."""
    from pipeline.intake.repair import Unreadable
    from pipeline.intake.spreadsheet import import_sheets
    from pipeline.intake.spreadsheet import zero_is_missing as read_zero

    zeros = [read_zero(text) for text in zero_is_missing or []]
    if None in zeros:
        wrong = (zero_is_missing or [])[zeros.index(None)]
        raise typer.BadParameter(
            f"{plain(wrong)} is no column of numbers with its lines: new_followers, or "
            "new_followers@2-133,187-191. The columns are in CONTRIBUTING.md."
        )
    contributions = home_of(contributions)
    folder = contributions / creator
    if licence not in LICENCES:
        raise typer.BadParameter(f"{plain(licence)} is none of {', '.join(LICENCES)}.")
    if wrong := fault_of_name(creator):
        raise typer.BadParameter(wrong)
    sheets = import_sheets(files, [zero for zero in zeros if zero])
    if isinstance(sheets, Unreadable):
        raise typer.BadParameter(plain(sheets.why))
    written = {creator / PurePosixPath(sheet.name): sheet.content for sheet in sheets}
    with atomic_folders.only_one(contributions, wait):
        if (github or consent) and not (folder / PROFILE).exists():
            written[creator / PROFILE] = profile_of(creator, github, consent, licence)
        atomic_folders.put_new(contributions, written)
    for file, sheet in zip(files, sheets, strict=True):
        tell_changes(f"{file} became {folder / sheet.name}:", sheet.changes)
    raise typer.Exit(check_paths([folder], Format.TEXT, last_day("")))
