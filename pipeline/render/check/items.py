"""Problems as items of a Markdown list, by cause and file: where, what was found, what to write."""

import shlex
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from pipeline.render.check.causes import Cause, Same, causes, further
from pipeline.render.check.problems import count
from pipeline.render.text.escape import code, inert
from pipeline.render.text.links import Links
from schema.creator_values import YOUR_LOGIN
from schema.problem import Problem, Severity

MOST_COMMANDS = 12


@dataclass(frozen=True, slots=True)
class Location:
    """Where the files are: links, the commit and the paths in it, and whose login is pasted.

    `is_at_hand`: their owner has them on a computer, where a command can repair them.
    """

    links: Links
    head: str = ""
    paths: Collection[str] = ()
    login: str = YOUR_LOGIN
    is_at_hand: bool = True


def sections(problems: Sequence[Problem], place: Location, room: int) -> Iterator[str]:
    """Write problems by cause, errors first, as many as `room` bytes hold."""
    for severity, title in ((Severity.ERROR, "To correct"), (Severity.WARNING, "Questions")):
        kind = [p for p in problems if p.severity is severity]
        left = causes(kind)
        items: list[str] = []
        file = ""
        while left and room > (size := len((item := _item(left[0], file, place)).encode())):
            room -= size
            items.append(item)
            file = left.pop(0).first.file
        if left:
            first = " Correct these first." if severity is Severity.ERROR else ""
            items.append(
                f"\n{count(len(left), 'more kind')}, for which there is no room here.{first}"
            )
        if items:
            yield f"### {title}\n" + "\n".join(
                [*items, *(_repairs(kind) if place.is_at_hand else ())]
            )


def _item(cause: Cause, file: str, place: Location) -> str:
    """One cause as an item of a list, under its file's name where another file came before."""
    first = cause.first.file
    named = place.links.file(first, place.head) if first in place.paths else code(first, 100)
    heading = f"\nIn {named}:\n\n" if first != file else ""
    said = "<br>".join(_cause(cause, place.links, place.head))
    return f"{heading}- {said}{_paste(cause, place.login)}"


def _cause(cause: Cause, links: Links, head: str) -> Iterator[str]:
    """One cause: where, what was found, what to write."""
    first = cause.first
    lines = [problem.line for problem in cause.problems if problem.line]
    where = f"**{links.line(first.file, lines[0], head)}**: " if lines else ""
    hint = first.hint.splitlines()[0] if _is_pasted(first) else first.hint
    stop = "" if hint.endswith((".", "?", "!", ":")) else "."
    yield f"{where}{_value_said(first)}{inert(hint)}{stop} <sub>{first.rule}</sub>"
    if cause.number > 1:
        named, is_all = further(cause)
        said = [each for same in named if (each := _said(same, first.file, links, head))]
        dots = "" if is_all else ", …"
        more = f"{cause.number - 1:,} more like this"
        yield f"{more}: {', '.join(said)}{dots}." if said else f"{more}."


def _said(same: Same, file: str, links: Links, head: str) -> str:
    """Say further places that are alike: the column, or the value and what to write, or lines."""
    arrow = f" → {code(same.instead, 60)}" if same.instead else ""
    if same.column is not None:
        return code(same.column) + arrow
    at = ", ".join(links.line(file, line, head, "") for line in same.lines)
    at = f"line{'' if len(same.lines) == 1 else 's'} {at}" if at else ""
    return at if same.value is None else f"{code(same.value)}{arrow} ({at})"


def _repairs(problems: Sequence[Problem]) -> Iterator[str]:
    """Name the command that repairs some of the problems of a file, once a file."""
    repaired: dict[str, int] = {}
    for cause in causes(problems):
        if cause.is_repaired:
            file = cause.first.file
            repaired[file] = repaired.get(file, 0) + cause.number
    for file, number in sorted(repaired.items())[:MOST_COMMANDS]:
        command = code(f"python -m pipeline fix {shlex.quote(file)}", 200)
        yield f"\nOn your own computer, {command} repairs {number:,} of these."


def _paste(cause: Cause, login: str) -> str:
    """What is to be pasted, with the author's login filled in."""
    if not _is_pasted(cause.first):
        return ""
    _, *paste = cause.first.hint.splitlines()
    lines = [f"  {line.replace(YOUR_LOGIN, login)}" for line in paste]
    return "\n\n".join(["", "\n".join(["  ```toml", *lines, "  ```"])]) if paste else ""


def _is_pasted(problem: Problem) -> bool:
    """Return whether a hint ends in lines of ours to paste; other hints repeat what was written."""
    return problem.rule.startswith("creator-")


def _value_said(problem: Problem) -> str:
    column = f"{code(problem.column)} " if problem.column else ""
    if problem.value is None:
        return f"{column.strip()}{': ' if column else ''}"
    return f"{column}{'is ' if column else ''}{code(problem.value)}. "
