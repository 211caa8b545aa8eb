"""From a contribution to a verdict: accepted, with typed captures, or refused, with every reason.

Form before value: a cell that is not written as its column wants it is one problem, and takes no
part in any other rule.
"""

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from pipeline.read import Contribution
from pipeline.sheet import Sheet
from schema import creator as creator_rules
from schema.catalogue import RULES
from schema.cells import EMPTY, fault, in_form, values
from schema.columns import COLUMNS
from schema.creator import CREATOR, Creator, parse
from schema.file_rules import not_judged
from schema.folder_rules import FOLDERS, SHEETS, no_dates
from schema.limits import outside
from schema.pool_rules import POOL
from schema.problem import Problem, Severity
from schema.row_rules import ROWS, date_in_future
from schema.rules import Finding, apply, crash_site


@dataclass(frozen=True, slots=True)
class Accepted:
    """A creator's folder without an error.

    `captures` has one row a video at one capture: `creator`, `file`, `line` and every column of
    the schema with its type, missing where nothing was given.
    """

    creator: str
    place: str
    profile: Creator
    captures: pd.DataFrame
    sha256: tuple[tuple[str, str], ...]
    problems: tuple[Problem, ...]
    videos: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """A creator's folder with at least one error; nothing of it can be pooled."""

    creator: str
    place: str
    problems: tuple[Problem, ...]
    videos: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class _Examined:
    contribution: Contribution
    captures: pd.DataFrame
    problems: tuple[Problem, ...]


def check(contribution: Contribution, today: datetime.date) -> Accepted | Refused:
    """Judge one creator's folder on its own."""
    return _judged(_examined(contribution, today), ())


def check_all(
    contributions: Iterable[Contribution],
    today: datetime.date,
    neighbours: Sequence[pd.DataFrame] = (),
) -> tuple[Accepted | Refused, ...]:
    """Judge creators' folders, each on its own and all against each other, by creator.

    `neighbours` are the captures of creators who are not judged, but compared with. Where something
    of ours breaks on a folder, that folder is refused as `not-judged`; all others are judged.
    """
    examined = [
        _examined(each, today) for each in sorted(contributions, key=lambda each: each.place)
    ]
    together = [*neighbours, *(each.captures for each in examined)]
    try:
        shared = shared_problems(together)
    except Exception:  # noqa: BLE001  # a crash on one folder stops no other
        shared, examined = _shared_by_folder(neighbours, examined)
    return tuple(_judged(each, shared) for each in examined)


def is_not_judged(problem: Problem) -> bool:
    """Return whether a problem is a crash of ours, not a fault of the folder."""
    return problem.rule == not_judged.slug


def _examined(contribution: Contribution, today: datetime.date) -> _Examined:
    try:
        return _examine(contribution, today)
    except Exception as error:  # noqa: BLE001  # a crash on one folder stops no other
        return _broken(contribution, error)


def _broken(contribution: Contribution, error: Exception) -> _Examined:
    return _Examined(
        contribution, nothing(), tuple(apply(not_judged, contribution.place, crash_site(error)))
    )


def _judged(examined: _Examined, shared: Sequence[Problem]) -> Accepted | Refused:
    mine = [p for p in shared if p.file.startswith(examined.contribution.place + "/")]
    try:
        return _verdict(examined, mine)
    except Exception as error:  # noqa: BLE001  # a crash on one folder stops no other
        return _verdict(_broken(examined.contribution, error), ())


def _shared_by_folder(
    neighbours: Sequence[pd.DataFrame], examined: Sequence[_Examined]
) -> tuple[list[Problem], list[_Examined]]:
    """Compare folder after folder, and leave out each that breaks the comparison."""
    sound = [captures for captures in neighbours if _compares([captures])]
    judged = []
    shared: list[Problem] = []
    for each in examined:
        try:
            shared = shared_problems([*sound, each.captures])
        except Exception as error:  # noqa: BLE001  # a crash on one folder stops no other
            judged.append(_broken(each.contribution, error))
        else:
            sound.append(each.captures)
            judged.append(each)
    return shared, judged


def _compares(captures: Sequence[pd.DataFrame]) -> bool:
    try:
        shared_problems(captures)
    except Exception:  # noqa: BLE001  # a crash on one folder stops no other
        return False
    return True


def shared_problems(captures: Sequence[pd.DataFrame]) -> list[Problem]:
    """Find what only several creators' captures together can show, at every place."""
    together = pd.concat([nothing(), *captures], ignore_index=True)
    together = together.sort_values("creator", kind="stable", ignore_index=True)
    if together["creator"].nunique() < 2:
        return []
    return [problem for rule in POOL for problem in apply(rule, "", together)]


def _verdict(examined: _Examined, shared: Sequence[Problem]) -> Accepted | Refused:
    contribution = examined.contribution
    problems = tuple(sorted({*examined.problems, *shared}, key=lambda problem: problem.place))
    videos = tuple(
        (sheet.file, int(sheet.cells["video"].nunique()) if "video" in sheet.cells else 0)
        for sheet in contribution.sheets
    )
    if contribution.toml is None or any(p.severity is Severity.ERROR for p in problems):
        return Refused(contribution.creator, contribution.place, problems, videos)
    return Accepted(
        contribution.creator,
        contribution.place,
        parse(contribution.toml),
        examined.captures,
        tuple(contribution.sha256.items()),
        problems,
        videos,
    )


def _examine(contribution: Contribution, today: datetime.date) -> _Examined:
    problems = [*contribution.problems, *judge_profile(contribution, today)]
    reported = {(problem.file, problem.line, problem.column) for problem in problems}
    frames = [nothing()]
    for sheet in contribution.sheets:
        captures, faults = typed(sheet)
        reported |= {(problem.file, problem.line, problem.column) for problem in faults}
        beyond = [
            problem
            for problem in _limits(captures, sheet)
            if (problem.file, problem.line, problem.column) not in reported
        ]
        captures = _without(captures, beyond)
        problems += [*faults, *beyond]
        for rule in (*ROWS, *SHEETS):
            problems += apply(rule, sheet.file, captures)
        problems += apply(date_in_future, sheet.file, captures, today)
        noted = [name for name, cells in sheet.cells.items() if (cells != "").any()]
        problems += apply(no_dates, sheet.file, captures, noted)
        frames.append(
            captures.assign(
                creator=contribution.creator, file=sheet.file, line=captures.index.to_numpy()
            )
        )
    captures = pd.concat(frames, ignore_index=True)
    for folder_rule in FOLDERS:
        problems += apply(folder_rule, contribution.place, captures)
    return _Examined(contribution, captures, tuple(problems))


def judge_profile(contribution: Contribution, today: datetime.date) -> Iterator[Problem]:
    """Judge `creator.toml`."""
    file, raw = f"{contribution.place}/creator.toml", contribution.toml
    if raw is None:
        yield from apply(creator_rules.creator_missing, file, b"")
        return
    unreadable = list(apply(creator_rules.creator_unreadable, file, raw))
    yield from unreadable
    if not unreadable:
        for rule in CREATOR:
            yield from apply(rule, file, raw)
        yield from apply(creator_rules.consent_in_future, file, raw, today)
        yield from apply(creator_rules.simulated_name, file, contribution.creator, raw)


def typed(sheet: Sheet) -> tuple[pd.DataFrame, list[Problem]]:
    """Give the cells of a sheet their types; the frame has every column, index the line."""
    columns, problems = {}, []
    for column in COLUMNS:
        if column.name not in sheet.cells:
            columns[column.name] = pd.Series(dtype=EMPTY[column.kind], index=sheet.cells.index)
            continue
        cells = sheet.cells[column.name]
        good = in_form(cells, column)
        columns[column.name] = values(cells, good, column)
        for line, cell in cells[~good].items():
            if (found := fault(cell, column)) is not None:
                rule, what = found
                finding = Finding(int(str(line)), column.name, cell, what.advice)
                problems.append(rule.problem(sheet.file, finding))
    return pd.DataFrame(columns, index=sheet.cells.index), problems


def _limits(captures: pd.DataFrame, sheet: Sheet) -> Iterator[Problem]:
    for slug, finding in outside(captures, sheet.file):
        if finding.column in sheet.cells:  # a column that is not there is said once
            yield RULES[slug].problem(sheet.file, finding)


def nothing() -> pd.DataFrame:
    """Give captures without a row, with every column and its type."""
    empty = {column.name: pd.Series(dtype=EMPTY[column.kind]) for column in COLUMNS}
    return pd.DataFrame(empty).assign(
        creator=pd.Series(dtype="str"), file=pd.Series(dtype="str"), line=pd.Series(dtype="int64")
    )


def _without(captures: pd.DataFrame, problems: Iterable[Problem]) -> pd.DataFrame:
    """Empty the cells that have a problem already: one cause, one problem."""
    clean = captures.copy()
    cells = pd.DataFrame([(p.line, p.column) for p in problems if p.value is not None])
    for column, lines in cells.groupby(1)[0] if len(cells) else ():
        clean.loc[lines, column] = pd.NA
    return clean
