"""From a folder as it was read to a verdict: accepted, with captures, or refused, with reasons."""

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from pipeline.dataset.captures import judge_sheet, nothing
from pipeline.dataset.read import Contribution
from schema import creator as creator_rules
from schema.cells import EXPLAINED
from schema.creator import CREATOR, Creator, parse
from schema.file_rules import not_judged
from schema.folder_rules import FOLDERS
from schema.pool_rules import POOL, SHARED
from schema.problem import MOST_LISTED, Problem, Severity, first_of_each
from schema.rules import apply, crash_site
from schema.video_links import identities

FEW = 20  # different faulty cells of a column, where the folder has MOST_LISTED problems


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

    @property
    def is_not_judged(self) -> bool:
        """Return whether something of ours broke on it."""
        return any(map(is_not_judged, self.problems))


@dataclass(frozen=True, slots=True)
class _Examined:
    contribution: Contribution
    captures: pd.DataFrame
    problems: tuple[Problem, ...]


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
    together = pd.concat([each[SHARED] for each in (nothing(), *captures)], ignore_index=True)
    together = together.sort_values("creator", kind="stable", ignore_index=True)
    if together["creator"].nunique() < 2:
        return []
    return [problem for rule in POOL for problem in apply(rule, "", together)]


def _verdict(examined: _Examined, shared: Sequence[Problem]) -> Accepted | Refused:
    contribution = examined.contribution
    found = dict.fromkeys((*examined.problems, *shared))  # of one place in the order of the rules
    problems = tuple(sorted(found, key=lambda problem: problem.place))
    videos = tuple((sheet.file, _videos(sheet.cells)) for sheet in contribution.sheets)
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


def _videos(cells: pd.DataFrame) -> int:
    return int(identities(cells["video"].fillna("")).nunique()) if "video" in cells else 0


def _examine(contribution: Contribution, today: datetime.date) -> _Examined:
    problems = [*contribution.problems, *judge_profile(contribution, today)]
    frames = [nothing()]
    for sheet in contribution.sheets:
        is_full = len(problems) > MOST_LISTED
        captures, faults = judge_sheet(sheet, today, FEW if is_full else EXPLAINED)
        problems += first_of_each(faults) if is_full else faults
        frames.append(
            captures.assign(
                creator=contribution.creator, file=sheet.file, line=captures.index.to_numpy()
            )
        )
    captures = pd.concat(frames, ignore_index=True)
    errors = [p for p in problems if p.severity is Severity.ERROR]
    cells = {(p.file, p.line, p.column) for p in errors}
    columns = {p.column for p in errors}

    def is_corrected(asked: Problem) -> bool:
        """Return whether what is asked about has to be corrected anyway: the cell, or a column."""
        place = (asked.file, asked.line, asked.column)
        return asked.column in columns if asked.line is None else place in cells

    for folder_rule in FOLDERS:
        faults = [
            p
            for p in apply(folder_rule, contribution.place, captures)
            if p.severity is Severity.ERROR or not is_corrected(p)
        ]
        problems += first_of_each(faults) if len(problems) > MOST_LISTED else faults
    return _Examined(contribution, captures, tuple(problems))


def judge_profile(contribution: Contribution, today: datetime.date) -> Iterator[Problem]:
    """Judge `creator.toml`."""
    file, raw = f"{contribution.place}/creator.toml", contribution.toml
    if raw is None:
        yield from apply(creator_rules.creator_missing, file, b"")
        return
    unreadable = apply(creator_rules.creator_unreadable, file, raw)
    yield from unreadable
    if all(problem.line for problem in unreadable):  # what can be read is judged
        for rule in CREATOR:
            yield from apply(rule, file, raw)
        yield from apply(creator_rules.consent_in_future, file, raw, today)
        yield from apply(creator_rules.simulated_name, file, contribution.creator, raw)
