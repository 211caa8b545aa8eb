"""The commands around what creators send and take back: `review`, `intake`, `withdraw`."""

import enum
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.commands.shared import (
    CONTRIBUTIONS,
    OUR_FAULT,
    REPORTS,
    Home,
    Today,
    app,
    last_day,
    located_home,
    say,
)
from pipeline.intake.new_folder import fault_of_name
from pipeline.render.text.escape import plain
from pipeline.review.authorization import Author
from pipeline.review.review import NoSuchCommitError, Request, Verdict, no_such, review
from pipeline.storage import atomic_files, git
from schema.rules import crash_site
from schema.vocabulary import QUARANTINE, quarantine

if TYPE_CHECKING:
    from pipeline.render.review.comment import Whole
    from pipeline.render.text.links import Links

CODE = ("pipeline", "schema")
AGAIN = "FOLLOWWORTHY_CODE_OF_THE_BASE"  # set where the base's own code runs already
MOST_CODE = 16 * 1024 * 1024
HERE = Path(__file__).parents[2]
ENDS = {Verdict.ACCEPTED: 0, Verdict.REFUSED: 1, Verdict.OUR_FAULT: OUR_FAULT}


class Answer(enum.StrEnum):
    """How `review` answers."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"
    GITHUB = "github"


Base = Annotated[str, typer.Option(help="The branch or commit that the change is meant for.")]
Head = Annotated[str, typer.Option(help="The branch or commit with the change.")]
Login = Annotated[str, typer.Option(help="The login that opened the pull request.")]
Number = Annotated[int | None, typer.Option(help="The number of that login's GitHub account.")]
Pull = Annotated[int | None, typer.Option(help="The number of the pull request, for links.")]
Site = Annotated[str, typer.Option(help="The repository's page, for links: https://...")]
DataOnly = Annotated[bool, typer.Option("--data-only", help="Judge the data, not who changes it.")]
Issue = Annotated[bool, typer.Option("--issue", help="It came by an issue, and is edited there.")]
Out = Annotated[Path | None, typer.Option(help="A folder for review.json, review.md and more.")]
Where = Annotated[Path, typer.Option("--repository", help="The clone.", hidden=True)]


@app.command("review")
def review_(
    base: Base,
    head: Head = "HEAD",
    author: Login = "",
    author_id: Number = None,
    pull: Pull = None,
    site: Site = "",
    data_only: DataOnly = False,
    issue: Issue = False,
    style: Annotated[Answer, typer.Option("--format", help="How to answer.")] = Answer.TEXT,
    out: Out = None,
    today: Today = "",
    repository: Where = Path(),
) -> None:
    """Judge a pull request, and preview what it changes, with the rules of the base."""
    from pipeline.render.review.comment import apology_files
    from pipeline.render.review.formats import ANSWERS, files  # slow to import, not needed to check
    from pipeline.render.text.links import Links

    if author_id is not None and not author:
        raise typer.BadParameter("--author-id needs --author: whose number is it?")
    request = Request(base, head, Author(author or None, author_id), last_day(today), data_only)
    links = Links(site.rstrip("/"), pull, issue)
    try:
        code = _code_of(repository, base)
        whole = _judged(repository, request, links) if not code else None
        told = ANSWERS[style.value](whole) if whole else ""
        written = files(whole) if whole else {}
    except (NoSuchCommitError, git.GitError) as error:
        raise typer.BadParameter(plain(str(error))) from None
    except Exception as error:
        if out is not None:
            atomic_files.write_into(out, apology_files(error, links))
        raise
    if whole is None:
        raise typer.Exit(_with(code, repository, out))
    if out is not None:
        atomic_files.write_into(out, written)
    print(told)
    raise typer.Exit(ENDS[whole.review.verdict])


def _judged(repository: Path, request: Request, links: "Links") -> "Whole":
    """Judge and preview; where the preview breaks, what was decided and judged stands."""
    from pipeline.render.review.comment import Whole
    from pipeline.review.impact import effect  # slow to import

    found = review(repository, request)
    try:
        return Whole(found, effect(found, quarantine()), links)
    except Exception as error:  # noqa: BLE001  # not previewed is not judged, and is told
        return Whole(replace(found, broken=crash_site(error)), None, links)


def _code_of(repository: Path, base: str) -> dict[str, bytes]:
    """Read the code of the base where it is not the one that runs; nothing where it is."""
    if (commit := git.commit(repository, base)) is None:
        raise NoSuchCommitError(no_such(repository, base))
    code = git.export(repository, commit, CODE, MOST_CODE)
    if "pipeline/__main__.py" not in code:
        raise NoSuchCommitError(f"{base} is older than this command, or is another project")
    here = {path for folder in CODE for path in (HERE / folder).rglob("*.py")}
    is_more = here - {HERE / path for path in code}  # a module may shadow another
    same = not is_more and all(_is_same(HERE / path, raw) for path, raw in code.items())
    return {} if same or AGAIN in os.environ else code


def _is_same(path: Path, raw: bytes) -> bool:
    return path.is_file() and _lines(path.read_bytes()) == _lines(raw)


def _lines(raw: bytes) -> bytes:
    return raw.replace(b"\r\n", b"\n")


def _with(code: dict[str, bytes], repository: Path, out: Path | None) -> int:
    """Run this very command with the code of the base, so that no change judges itself."""
    say("The code here is not that of the base; the base's own judges.")
    with tempfile.TemporaryDirectory() as folder:
        atomic_files.write_into(Path(folder), code)
        command = [sys.executable, "-m", "pipeline", *sys.argv[1:]]
        command += ["--repository", str(repository.resolve())]
        command += ["--out", str(out.resolve())] if out else []
        mark = os.environ | {AGAIN: "1"}
        return subprocess.run(command, cwd=folder, env=mark, check=False).returncode  # noqa: S603


@app.command()
def intake(
    issue: Annotated[Path, typer.Argument(help="The issue, as GitHub's API gives it (JSON).")],
) -> None:
    """Write the files that an issue of the form "Add your videos" brings; answer in Markdown."""
    from pipeline.intake.attachment import fetch  # not needed to check, like all of this
    from pipeline.intake.issue_form import NotASubmission, answer, files_of, read_issue

    try:
        told = json.loads(issue.read_bytes())
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict) or not isinstance(told.get("number"), int):
        raise typer.BadParameter(f"{plain(str(issue))} is no issue in JSON.")
    asked = read_issue(told)
    if isinstance(asked, NotASubmission):
        files: dict[PurePosixPath, bytes] | NotASubmission = asked
    else:
        profile = CONTRIBUTIONS / asked.creator / "creator.toml"
        files = files_of(asked, profile.is_file(), fetch)
    if not isinstance(files, NotASubmission):
        brought = {path.relative_to(CONTRIBUTIONS): raw for path, raw in files.items()}
        with atomic_files.only_one(CONTRIBUTIONS):
            atomic_files.put_over(CONTRIBUTIONS, brought)
    print(answer(files))
    raise typer.Exit(int(isinstance(files, NotASubmission)))


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
    if atomic_files.real_path(out) == atomic_files.real_path(contributions):
        raise typer.BadParameter("The folder of the report is not that of the creators.")
    if not contributions.is_dir():
        raise typer.BadParameter(f"There is no folder {plain(str(contributions))}.")
    folder = contributions / creator
    with (
        atomic_files.only_one(out, lambda: _wait(out)),
        atomic_files.only_one(contributions) as leaving,
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
    reported = gone(pooled.read_bytes() if pooled.is_file() else b"", atomic_files.folders(home))
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
            atomic_files.put_over(out, {PurePosixPath(past.name): as_csv(HISTORY, stays)})
        atomic_files.remove_folder(home, folder.name)
        put()
    return len({row[0] for row in rows}) - len({row[0] for row in stays})
