"""The only door: the command line, printing, writing and exit codes."""

import datetime
import enum
import gc
import io
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from pipeline import disk
from pipeline.intake.folder import HEADER, creator_toml, fault_of_name
from pipeline.judge import judge
from pipeline.read import HOME, Target, locate
from pipeline.render import problems as render
from pipeline.render.apology import apology
from pipeline.render.escape import plain
from schema.creator import LICENCES
from schema.forms import day
from schema.problem import is_personal
from schema.vocabulary import quarantine

MISUSE = 2
OUR_FAULT = 70
REPORTS = Path("reports")

app = typer.Typer(
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    no_args_is_help=True,
)


class Format(enum.StrEnum):
    """How `check` answers."""

    TEXT = "text"
    GITHUB = "github"
    JSON = "json"


Today = Annotated[str, typer.Option(help="The last day that a date may have, as 2026-05-31.")]
Paths = Annotated[list[Path] | None, typer.Argument(help="CSV files, or folders.")]
Login = Annotated[str, typer.Option("--github", help="Your GitHub login.")]
Consent = Annotated[str, typer.Option(help="The day you agreed to CONTRIBUTING.md: 2026-05-31.")]
Licence = Annotated[str, typer.Option(help=" or ".join(LICENCES))]
Home = Annotated[Path, typer.Option("--contributions", help="The folder of creators' folders.")]
CONTRIBUTIONS = Path(HOME)


@app.callback()
def commands() -> None:
    """What makes a video follow-worthy? Contributed CSVs become a report."""


@app.command()
def check(
    paths: Paths = None,
    style: Annotated[Format, typer.Option("--format", help="How to answer.")] = Format.TEXT,
    today: Today = "",
) -> None:
    """Name every problem, at its line, with what to write."""
    raise typer.Exit(_check(paths or [CONTRIBUTIONS], style, _day(today)))


def _check(paths: list[Path], style: Format, today: datetime.date) -> int:
    """Print the answer for some paths; 1 where there is an error, or a folder is refused."""
    found = judge([_locate(path) for path in paths], today)
    answer = {"text": render.as_text, "github": render.as_github, "json": render.as_json}
    print(answer[style.value](found.verdicts, found.problems))
    return int(not found.is_well)


@app.command()
def report(
    contributions: Home = CONTRIBUTIONS,
    out: Annotated[Path, typer.Option(help="Where to write it.")] = REPORTS,
    today: Today = "",
) -> None:
    """Check, pool and fit what was contributed; write the report."""
    shown, out = out / "README.md", out.resolve()
    if out.exists() and not out.is_dir():
        raise typer.BadParameter(f"{out} is a file; name a folder.")
    disk.restore(out)
    _say(f"Reading {contributions} ...")
    found = judge([_locate(contributions)], _day(today))
    if found.errors:
        _say(render.as_text(found.refused, found.errors) + "\nThe report is written without them.")
    _say("Fitting, and fitting again with statsmodels ...")
    from pipeline.findings import gather, read_effects  # slow to import, and not needed to check

    if (effects := read_effects(found.effects)) is None:
        raise typer.BadParameter(f"{contributions}/example-effects.toml cannot be read.")
    findings = gather(found.verdicts, quarantine(), effects)
    _say("Drawing and writing ...")
    from pipeline.render.report import HISTORY, files, read_history  # slow to import, as above

    before = read_history((out / HISTORY).read_bytes() if (out / HISTORY).is_file() else b"")
    if before is None:
        raise typer.BadParameter(f"{out / HISTORY} is no history of results; move it away.")
    written = files(findings, before)
    if others := disk.strangers(out, written):
        raise typer.BadParameter(f"{out} holds other files, such as {others[0]}; choose another.")
    disk.replace_folder(out, written)
    print(f"{len(findings.pool.videos):,} videos are in the report: {plain(str(shown))}")
    raise typer.Exit(int(not found.is_well))


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
    folder = contributions / creator
    if folder.exists():
        raise typer.BadParameter(f"{folder} is there already; nothing was written.")
    disk.write_new({folder / "creator.toml": toml, folder / "videos.csv": HEADER.encode()})
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
    from pipeline.intake.sheet import import_sheets
    from pipeline.intake.sheet import zero_is_missing as read_zero

    zeros = [read_zero(text) for text in zero_is_missing or []]
    if None in zeros:
        wrong = (zero_is_missing or [])[zeros.index(None)]
        raise typer.BadParameter(
            f"{plain(wrong)} is no column of numbers with its lines: new_followers, or "
            "new_followers@2-133,187-191. The columns are in CONTRIBUTING.md."
        )
    folder = contributions / creator
    written: dict[Path, bytes] = {}
    if licence not in LICENCES:
        raise typer.BadParameter(f"{plain(licence)} is none of {', '.join(LICENCES)}.")
    if (github or consent) and not (folder / "creator.toml").exists():
        written[folder / "creator.toml"] = _profile(creator, github, consent, licence)
    elif wrong := fault_of_name(creator):
        raise typer.BadParameter(wrong)
    sheets = import_sheets(files, [zero for zero in zeros if zero])
    if isinstance(sheets, Unreadable):
        raise typer.BadParameter(plain(sheets.why))
    written |= {folder / sheet.name: sheet.content for sheet in sheets}
    disk.write_new(written)
    for file, sheet in zip(files, sheets, strict=True):
        _tell(f"{file} became {folder / sheet.name}:", sheet.changes)
    raise typer.Exit(_check([folder], Format.TEXT, _day("")))


@app.command()
def fix(
    path: Annotated[Path, typer.Argument(help="A CSV, or a creator's folder.")],
) -> None:
    """Repair the form of a CSV, never an id, a date or a meaning."""
    from pipeline.intake.repair import Unreadable, repair_file

    _locate(path)
    for file in sorted(path.glob("*.csv")) if path.is_dir() else [path]:
        text = repair_file(file)
        if isinstance(text, Unreadable):
            print(f"{plain(str(file))} is left as it is. {plain(text.why)}")
        elif text.changes:
            disk.replace_file(file, text.written())
            _tell(f"{file} is repaired:", text.changes)
    raise typer.Exit(_check([path], Format.TEXT, _day("")))


@app.command()
def simulate(
    out: Annotated[Path, typer.Option(help="A folder that is not there yet.")],
    creators: Annotated[int, typer.Option(help="How many creators.")] = 14,
    videos: Annotated[int, typer.Option(help="How many videos in all.")] = 1000,
    seed: Annotated[int, typer.Option(help="Another number, other data.")] = 2022,
) -> None:
    """Invent creators with known effects, to try things out."""
    from pipeline.simulate import simulate as invent

    if creators < 1 or videos < creators or seed < 0:
        raise typer.BadParameter("At least one creator, a video for each, and a seed of 0 or more.")
    if out.exists() and any(out.iterdir()):
        raise typer.BadParameter(f"{out} is not empty; nothing was written.")
    files = invent(creators, videos, seed)
    disk.write_new({out / name: content for name, content in files.items()})
    print(f"{videos:,} videos of {creators:,} simulated creators are in {out}.")


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
    from pipeline.intake.post import read_post
    from pipeline.intake.repair import Unreadable
    from pipeline.render.replication import as_text
    from pipeline.replication import figures
    from pipeline.replication.stored import STORED

    post = read_post(folder)
    if isinstance(post, Unreadable):
        raise typer.BadParameter(plain(post.why))
    found = figures.replicate(post)
    if isinstance(found, Unreadable):
        raise typer.BadParameter(plain(found.why))
    if write:
        disk.replace_file(STORED, figures.as_json(found))
    computed, different = figures.compare(found)
    print(as_text(computed, different, [plain(name) for name in figures.edited(post)]))
    raise typer.Exit(int(bool(different)))


@app.command(hidden=True)
def docs() -> None:
    """Write the parts of CONTRIBUTING.md that derive from schema/."""
    from pipeline.render.docs import derived

    path = Path("CONTRIBUTING.md")
    disk.replace_file(path, derived(path.read_text(encoding="utf-8")).encode())


def _locate(path: Path) -> Target:
    try:
        return locate(path)
    except FileNotFoundError:
        raise typer.BadParameter(
            f"{plain(str(path))} is not there, or is no contribution. A CSV, a creator's folder "
            "or a folder of them is wanted."
        ) from None


def _day(text: str) -> datetime.date:
    """Read --today; by default the day after today in UTC, since it is tomorrow somewhere."""
    if not text:
        return datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=1)
    if (date := day(text)) is None:
        raise typer.BadParameter(f"{plain(text)} is not a day such as 2026-05-31.")
    return date


def _profile(creator: str, github: str, consent: str, licence: str) -> bytes:
    raw, wrong = creator_toml(creator, github, consent, licence, _day(""))
    if wrong:
        raise typer.BadParameter(plain(wrong))
    return raw


def _tell(what: str, changes: Iterable[tuple[str, int]]) -> None:
    print(plain(what))
    for change, times in changes:
        shown = "(something that may be personal)" if is_personal(change) else plain(change)
        print(f"    {times:,} × {shown}")


def _say(text: str) -> None:
    """Tell how far the work is; not on the output, which is for the answer."""
    print(text, file=sys.stderr)


def main() -> None:
    """Run a command; whatever it did not foresee is our fault, and says so without a traceback."""
    gc.disable()  # a run is short, and looking for cycles takes a third of the time to read
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        app()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader went away
    except OSError as error:
        what = plain(f"{error.filename or error}: {error.strerror or 'is there already'}")
        print(f"This could not be read or written: {what}", file=sys.stderr)
        sys.exit(MISUSE)
    except Exception as error:  # noqa: BLE001  # the door: every crash is answered here
        print(apology(error), file=sys.stderr)
        sys.exit(OUR_FAULT)


if __name__ == "__main__":
    main()
