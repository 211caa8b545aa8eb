"""The commands that make or repair a contribution: `new`, `import`, `fix`, `simulate`."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Annotated

import typer

from pipeline.commands.shared import (
    CONTRIBUTIONS,
    Format,
    Home,
    app,
    check_paths,
    last_day,
    located,
    say,
)
from pipeline.dataset.read import HOME, Target, home_of
from pipeline.intake.new_folder import HEADER, creator_toml, fault_of_name
from pipeline.render.text.escape import plain
from pipeline.storage import atomic_files
from schema.creator import LICENCES
from schema.problem import is_personal

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
    toml = _profile(creator, github, consent, licence)
    contributions = home_of(contributions)
    folder = contributions / creator
    files = {PROFILE: toml, PurePosixPath("videos.csv"): HEADER.encode()}
    with atomic_files.only_one(contributions, _wait):
        if os.path.lexists(folder) and not atomic_files.holds_just(folder, files):
            raise typer.BadParameter(
                f"{folder} is there already; nothing was written. Put your CSV into it, or choose "
                "another name."
            )
        atomic_files.put_new(contributions, {creator / name: raw for name, raw in files.items()})
    print(f"Made {folder}. Now write a line for each video in {folder / 'videos.csv'}.")


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
    with atomic_files.only_one(contributions, _wait):
        if (github or consent) and not (folder / PROFILE).exists():
            written[creator / PROFILE] = _profile(creator, github, consent, licence)
        atomic_files.put_new(contributions, written)
    for file, sheet in zip(files, sheets, strict=True):
        _tell(f"{file} became {folder / sheet.name}:", sheet.changes)
    raise typer.Exit(check_paths([folder], Format.TEXT, last_day("")))


@app.command()
def fix(
    path: Annotated[Path, typer.Argument(help="A CSV, or a creator's folder.")],
) -> None:
    """Repair the form of a CSV, never an id, a date or a meaning."""
    from pipeline.intake.repair import Text, Unreadable, repair_file

    target = located(path)
    if not target.part:
        raise typer.BadParameter(
            f"{plain(str(path))} holds the folders of several creators. Name one creator's folder, "
            "or a CSV."
        )
    atomic_files.finish(target.root)
    repaired: dict[Path, Text] = {}
    for file in sorted(path.glob("*.csv")) if path.is_dir() else [path]:
        text = repair_file(file)
        if isinstance(text, Unreadable):
            print(f"{plain(str(file))} is left as it is. {plain(text.why)}")
        elif text.changes:
            repaired[file] = text
    _put_repaired({file: text.written() for file, text in repaired.items()}, target)
    for file, text in repaired.items():
        _tell(f"{file} is repaired:", text.changes)
    raise typer.Exit(check_paths([path], Format.TEXT, last_day("")))


@app.command()
def simulate(
    out: Annotated[Path, typer.Option(help="A folder that is not there yet.")],
    creators: Annotated[int, typer.Option(help="How many creators.")] = 14,
    videos: Annotated[int, typer.Option(help="How many videos in all.")] = 1000,
    seed: Annotated[int, typer.Option(help="Another number, other data.")] = 2022,
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
    with atomic_files.only_one(out, _wait):
        if out.exists() and any(out.iterdir()) and not atomic_files.holds_just(out, files):
            raise typer.BadParameter(f"{out} is not empty; nothing was written.")
        atomic_files.put_new(out, files)
    print(f"{videos:,} videos of {creators:,} simulated creators are in {out}.")


def _put_repaired(files: Mapping[Path, bytes], target: Target) -> None:
    """Replace CSVs; in `contributions/`, without a trace in the creator's folder meanwhile."""
    root = target.root
    if root.name != HOME:
        with atomic_files.ready(files) as put:
            put()
        return
    found = {Path(os.path.abspath(file)): raw for file, raw in files.items()}  # noqa: PTH100  # links are not followed
    with atomic_files.only_one(root, _wait):
        atomic_files.put_over(
            root, {PurePosixPath(p.relative_to(root)): r for p, r in found.items()}
        )


def _wait() -> None:
    say("Another run is writing there; waiting until it is done.")


def _profile(creator: str, github: str, consent: str, licence: str) -> bytes:
    raw, wrong = creator_toml(creator, github, consent, licence, last_day(""))
    if wrong:
        raise typer.BadParameter(plain(wrong))
    return raw


def _tell(what: str, changes: Iterable[tuple[str, int]]) -> None:
    print(plain(what))
    for change, times in changes:
        shown = "(something that may be personal)" if is_personal(change) else plain(change)
        print(f"    {times:,} × {shown}")
