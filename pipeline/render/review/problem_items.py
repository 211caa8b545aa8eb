"""Problems as items of a Markdown list, by cause and file: where, what was found, what to write."""

import shlex
from collections.abc import Iterator, Sequence

from pipeline.render.check.problems import Cause, causes, count
from pipeline.render.text.escape import code, inert
from pipeline.render.text.links import Links
from pipeline.review.review_result import Review
from schema.creator_values import YOUR_LOGIN
from schema.problem import Problem, Severity

MOST_LINES = 8  # named of one cause
MOST_COMMANDS = 12


def sections(review: Review, links: Links, room: int) -> Iterator[str]:
    """Write errors and warnings by cause, the worst first, as many as `room` bytes hold."""
    for severity, title in ((Severity.ERROR, "To correct"), (Severity.WARNING, "Questions")):
        kind = [p for p in review.raised_problems if p.severity is severity]
        left = causes(kind)
        items: list[str] = []
        file = ""
        while left and room > (size := len((item := _item(left[0], file, review, links)).encode())):
            room -= size
            items.append(item)
            file = left.pop(0).first.file
        if left:
            first = " Correct these first." if severity is Severity.ERROR else ""
            items.append(
                f"\n{count(len(left), 'more kind')}, for which there is no room here.{first}"
            )
        if items:
            yield f"### {title}\n" + "\n".join([*items, *_repairs(kind)])


def _item(cause: Cause, file: str, review: Review, links: Links) -> str:
    """One cause as an item of a list, under its file's name where another file came before."""
    first = cause.first.file
    is_there = first in review.scope.result
    named = links.file(first, review.head) if is_there else code(first, 100)
    heading = f"\nIn {named}:\n\n" if first != file else ""
    return f"{heading}- {'<br>'.join(_cause(cause, links, review.head))}{_paste(cause, review)}"


def _cause(cause: Cause, links: Links, head: str) -> Iterator[str]:
    """One cause: where, what was found, what to write."""
    first = cause.first
    lines = list(dict.fromkeys(problem.line for problem in cause.problems if problem.line))
    where = f"**{links.line(first.file, lines[0], head)}**: " if lines else ""
    hint = first.hint.splitlines()[0] if _is_pasted(first) else first.hint
    stop = "" if hint.endswith((".", "?", "!", ":")) else "."
    yield f"{where}{_value_said(first)}{inert(hint)}{stop} <sub>{first.rule}</sub>"
    if cause.number > 1:
        named = [links.line(first.file, line, head, "") for line in lines[1:MOST_LINES]]
        is_more = len(lines) > MOST_LINES or cause.number > len(cause.problems)
        dots = ", …" if is_more else ""
        more = f"{cause.number - 1:,} more like this"
        line = "line" if len(named) == 1 and not dots else "lines"
        yield f"{more}: {line} {', '.join(named)}{dots}." if named else f"{more}{_columns(cause)}"


def _columns(cause: Cause) -> str:
    names = dict.fromkeys(problem.column for problem in cause.problems[1:] if problem.column)
    return f": {', '.join(code(name) for name in list(names)[:MOST_LINES])}." if names else "."


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


def _paste(cause: Cause, review: Review) -> str:
    """What is to be pasted, with the author's login filled in."""
    if not _is_pasted(cause.first):
        return ""
    _, *paste = cause.first.hint.splitlines()
    login = review.author.login or YOUR_LOGIN
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
