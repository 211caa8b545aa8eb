"""`review`: judge a pull request from git's objects."""

import enum
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.commands.app import (
    OUR_FAULT,
    Today,
    app,
    broken_rules,
    last_day,
    say,
)
from pipeline.render.check.problems import paragraphs
from pipeline.render.text.escape import plain
from pipeline.review.authorization import Author
from pipeline.review.review import NoSuchCommitError, no_such, review
from pipeline.review.review_result import Conclusion, Request
from pipeline.storage import atomic_files, git, git_blobs
from schema.problem import Problem
from schema.rules import crash_site
from schema.vocabulary import quarantine

if TYPE_CHECKING:
    from pipeline.render.review.comment import Whole
    from pipeline.render.text.links import Links


CODE = ("pipeline", "schema")
AGAIN = "FOLLOWWORTHY_CODE_OF_THE_BASE"  # set where the base's own code runs already
MOST_CODE = 16 * 1024 * 1024
HERE = Path(__file__).parents[2]
ENDS = {Conclusion.ACCEPTED: 0, Conclusion.REFUSED: 1, Conclusion.OUR_FAULT: OUR_FAULT}


class AnswerFormat(enum.StrEnum):
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


class BrokenRulesError(Exception):
    """The base's own files are broken, so nothing can be judged by them."""

    def __init__(self, broken: Sequence[Problem]) -> None:
        super().__init__(", ".join(sorted({each.file for each in broken})))


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
    style: Annotated[
        AnswerFormat, typer.Option("--format", help="How to answer.")
    ] = AnswerFormat.TEXT,
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
        if not code and (broken := broken_rules()):
            say("\n".join(paragraphs(broken)))
            raise BrokenRulesError(broken)
        whole = _judged(repository, request, links) if not code else None
        answer = ANSWERS[style.value](whole) if whole else ""
        written = files(whole) if whole else {}
    except (NoSuchCommitError, git.GitError) as error:
        raise typer.BadParameter(plain(str(error))) from None
    except BrokenRulesError as error:
        if out is not None:
            atomic_files.write_into(out, apology_files(error, links))
        say("Nothing was judged: what is named here, on the base, has to be put right first.")
        raise typer.Exit(OUR_FAULT) from None
    except Exception as error:
        if out is not None:
            atomic_files.write_into(out, apology_files(error, links))
        raise
    if whole is None:
        raise typer.Exit(_with(code, repository, out))
    if out is not None:
        atomic_files.write_into(out, written)
    print(answer)
    raise typer.Exit(ENDS[whole.review.conclusion])


def _judged(repository: Path, request: Request, links: "Links") -> "Whole":
    """Judge and preview; where the preview breaks, what was decided and judged stands."""
    from pipeline.render.review.comment import Whole
    from pipeline.review.impact import effect  # slow to import

    judged = review(repository, request)
    try:
        return Whole(judged, effect(judged, quarantine()), links)
    except Exception as error:  # noqa: BLE001  # not previewed is not judged, and is told
        return Whole(replace(judged, broken=crash_site(error)), None, links)


def _code_of(repository: Path, base: str) -> dict[str, bytes]:
    """Read the code of the base where it is not the one that runs; nothing where it is."""
    if (commit := git.commit(repository, base)) is None:
        raise NoSuchCommitError(no_such(repository, base))
    code = git_blobs.export(repository, commit, CODE, MOST_CODE)
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
