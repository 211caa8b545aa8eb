"""Problems as text for a terminal, as annotations for GitHub, and as JSON for machines."""

import datetime
import json
import shlex
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from pipeline.dataset.check import Accepted, Refused, is_not_judged
from pipeline.dataset.pool import folder_account
from pipeline.render.check.causes import Cause, Same, causes, further
from pipeline.render.text.escape import command_data, command_property, inert_json, plain, quoted
from schema.catalogue import fingerprint
from schema.problem import Problem, Severity, total

INDENTED = textwrap.TextWrapper(
    92,
    initial_indent="    ",
    subsequent_indent="    ",
    break_long_words=False,
    break_on_hyphens=False,
)
SHOWN = 10  # annotations of a kind that GitHub shows for one step
OF_LAST_DAY = {"date-in-future", "consent-in-future"}


def as_text(verdicts: Sequence[Accepted | Refused], problems: Sequence[Problem]) -> str:
    """Tell a person in a terminal: each cause with its place, what to write, and the next step."""
    return "\n".join([*paragraphs(problems), summary(verdicts, problems)])


def paragraphs(problems: Iterable[Problem]) -> list[str]:
    """Tell each cause with its place and what to write, a paragraph each."""
    return [_paragraph(cause) for cause in causes(problems)]


def _paragraph(cause: Cause) -> str:
    first = cause.first
    kind = "" if first.severity is Severity.ERROR else "warning: "
    hint, *paste = first.hint.splitlines()
    lines = [f"{_place(first)}  {kind}{_value_said(first)}".rstrip()]
    lines += INDENTED.wrap(f"{plain(hint)}   [{first.rule}]")
    lines += ["    " + plain(line) for line in paste]  # to copy, so it is not wrapped
    if more := cause.number - 1:
        lines += INDENTED.wrap(f"{more:,} more like this{others(cause)}")
    if cause.is_repaired:
        file = plain(shlex.quote(first.file))
        lines.append(f"    `python -m pipeline fix {file}` repairs this.")
    return "\n".join(lines) + "\n"


def _place(problem: Problem) -> str:
    return plain(problem.file) + (f":{problem.line}" if problem.line else "")


def _value_said(problem: Problem) -> str:
    if problem.value is None:
        return plain(problem.column or "")
    column = plain(problem.column[:60]) + " = " if problem.column else ""
    return column + quoted(problem.value)


def others(cause: Cause) -> str:
    """Name the first further places of a cause: columns, values or lines; "." without any."""
    named, is_all = further(cause)
    said = [each for each in map(_said, named) if each]
    if not said:
        return "."
    return ": " + ", ".join(said) + ("" if is_all else " ...")


def _said(same: Same) -> str:
    arrow = f" → {plain(same.instead[:60])}" if same.instead else ""
    if same.column is not None:
        return plain(same.column[:30]) + arrow
    at = f"line{'' if len(same.lines) == 1 else 's'} {', '.join(map(str, same.lines))}"
    if same.value is None:
        return at if same.lines else ""
    return f"{quoted(same.value)}{arrow} ({at})"


def summary(verdicts: Sequence[Accepted | Refused], problems: Sequence[Problem]) -> str:
    """Count errors and warnings, name who is not accepted, and say what is next."""
    ours = sum(map(is_not_judged, problems))
    errors, warnings = (total(problems, severity) for severity in Severity)
    errors -= ours
    judged = f"{count(len(verdicts), 'creator')}, {count(_videos(verdicts), 'video')}"
    refused = [each.creator for each in verdicts if isinstance(each, Refused)]
    counts = " and ".join(
        count(number, name) for number, name in ((errors, "error"), (warnings, "warning")) if number
    )
    asked = "Warnings block nothing: answer them in the pull request." if warnings else ""
    if not verdicts and not errors:
        return "Nothing to check: no creator's folder is here."
    if not errors and not refused:
        more = f" {counts}. {asked}" if warnings else ""
        return f"All is well: {judged}.{_rows_said(verdicts)}{more}"
    named = plain(", ".join(refused[:5])) + (" ..." if len(refused) > 5 else "")
    who = f" Not accepted yet: {named}." if refused else ""
    first = f"{counts or 'No problem here'} in {judged}.{who}"
    if errors:
        step = f"Correct the{' other' if ours else ''} errors and check again."
    else:
        ended = "It is our fault: there is nothing to correct."
        elsewhere = "What stops it is elsewhere in the folder: check the whole folder to see it."
        step = ended if ours else elsewhere
    return f"{first}\n{step} {asked}".rstrip()


def _rows_said(verdicts: Sequence[Accepted | Refused]) -> str:
    """Say of one folder how many of its rows count, and why the others don't; "" where all do."""
    if len(verdicts) != 1 or not isinstance(verdicts[0], Accepted):
        return ""
    rows = folder_account(verdicts[0])
    if not rows.left_out:
        return ""
    why = "; ".join(f"{reason}: {number:,}" for reason, number in rows.left_out)
    verb = "counts" if rows.rows_used in (0, 1) else "count"
    some = f"{rows.rows_used:,}" if rows.rows_used else "none"
    return f" Of {count(rows.rows_in, 'row')}, {some} {verb} ({why})."


def _videos(verdicts: Sequence[Accepted | Refused]) -> int:
    return sum(videos for each in verdicts for _, videos in each.videos)


def count(number: int, name: str) -> str:
    """Name a number of things."""
    return f"{number:,} {name}" + ("" if number == 1 else "s")


def nothing_accepted(refused: Sequence[Refused], last: datetime.date, out: Path) -> str:
    """Say that no report is written, and where the clock may be the reason."""
    late = sum(
        any(p.rule in OF_LAST_DAY and (p.value or "") > last.isoformat() for p in each.problems)
        for each in refused
    )
    why = (
        f"{late:,} of them for a date that may not be later than {last}: look at this computer's "
        "clock, or at --today."
    )
    return (
        f"No folder is accepted ({len(refused):,} refused), so no report is written; what is in "
        f"{plain(str(out))} stays as it is.{' ' + why if late else ''}"
    )


def broken_rules(out: Path) -> str:
    """Say that no report is written, for what is wrong with files of the maintainers."""
    return (
        "No report is written before the files of the maintainers that are named here are right; "
        f"what is in {plain(str(out))} stays as it is."
    )


def as_github(verdicts: Sequence[Accepted | Refused], problems: Sequence[Problem]) -> str:
    """Write annotations, a cause each, at most ten of a kind; then everything as text."""
    return "\n".join([*github_commands(problems), as_text(verdicts, problems)])


def github_commands(problems: Sequence[Problem], errors: Sequence[str] = ()) -> list[str]:
    """Write annotations, a cause each, at most ten of a kind; `errors` are written already."""
    commands: list[str] = []
    for severity in Severity:
        kind = [cause for cause in causes(problems) if cause.first.severity is severity]
        first = list(errors) if severity is Severity.ERROR else []
        every = first + [_command(cause) for cause in kind]
        kept = every if len(every) <= SHOWN else every[: SHOWN - 1]
        commands += kept
        if rest := every[len(kept) :]:
            text = f"{len(rest)} more kinds of {severity} are listed in the log of this step."
            commands.append(f"::{severity}::{text}")
    return commands


def _command(cause: Cause) -> str:
    first = cause.first
    rest = cause.number - 1
    more = f" ({rest:,} more like this{others(cause)})" if rest else ""
    message = f"{_value_said(first)} {first.hint}{more}".strip()
    where = f"file={command_property(first.file)}"
    where += f",line={first.line}" if first.line else ""
    title = command_property(first.rule)
    return f"::{first.severity} {where},title={title}::{command_data(message)}"


def as_json(verdicts: Sequence[Accepted | Refused], problems: Sequence[Problem]) -> str:
    """Write one JSON object, also when all is well.

    Keys: `version`, `rules` (the fingerprint of `schema/`), `problems` (as `Problem`, sorted by
    place; of one cause the first places, and in `more` of the last of them how many others there
    are) and `files` (`file`, `creator`, `videos`, `accepted`).
    """
    files = [
        {
            "file": file,
            "creator": each.creator,
            "videos": videos,
            "accepted": isinstance(each, Accepted),
        }
        for each in verdicts
        for file, videos in each.videos
    ]
    report = {
        "version": 2,
        "rules": fingerprint(),
        "problems": [asdict(problem) for problem in problems],
        "files": sorted(files, key=lambda entry: str(entry["file"])),
    }
    return inert_json(json.dumps(report, ensure_ascii=True, indent=1))
