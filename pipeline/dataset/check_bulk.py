"""What is merged already, judged in one go: who of many folders is accepted, without the words.

A thousand folders take seconds, where `check`, which explains each, takes a minute. Both decide
alike, and a test holds them against each other.
"""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.dataset.captures import nothing
from pipeline.dataset.check import Accepted, judge_profile, shared_problems
from pipeline.dataset.read import Contribution
from schema.cells import in_form, values
from schema.columns import COLUMNS
from schema.creator import parse
from schema.folder_rules import FOLDERS, SHEETS
from schema.limits import emptied, outside
from schema.problem import Severity
from schema.row_rules import ROWS, date_in_future
from schema.rules import Finding


@dataclass(frozen=True, slots=True, eq=False)
class Merged:
    """What is merged: the accepted folders, and the rows of all, which new ones are compared with.

    Also a refused folder's rows count there: a copy of one of them is a copy.
    """

    accepted: tuple[Accepted, ...]
    captures: pd.DataFrame


def merged(contributions: Sequence[Contribution], today: datetime.date) -> Merged:
    """Judge creators' folders on their own and against each other.

    The problems (warnings) of those that are accepted and their counts of videos are left out.
    A folder on which something of ours breaks is neither accepted nor compared with.
    """
    try:
        return merged_together(contributions, today)
    except Exception:  # noqa: BLE001  # a crash on one folder stops no other
        return merged_together(
            [each for each in contributions if _can_be_judged(each, today)], today
        )


def _can_be_judged(contribution: Contribution, today: datetime.date) -> bool:
    try:
        merged_together([contribution], today)
    except Exception:  # noqa: BLE001  # a crash on one folder stops no other
        return False
    return True


def merged_together(contributions: Sequence[Contribution], today: datetime.date) -> Merged:
    """Judge as `merged` does, all in one go; raises whatever breaks on any folder."""
    wrong = {each.creator for each in contributions if not _is_sound(each, today)}
    captures, misspelt = _captures(contributions)
    beyond = list(outside(captures))
    wrong |= misspelt | set(_refused(captures, today))
    wrong |= {name for each in beyond for name in captures["creator"][each.cells]}
    captures = emptied(captures, beyond)
    errors = (p for p in shared_problems([captures]) if p.severity is Severity.ERROR)
    wrong |= {problem.file.split("/")[-2] for problem in errors}
    by_creator = dict(iter(captures.groupby("creator", sort=False)))
    sound = (each for each in contributions if each.creator not in wrong)
    return Merged(
        tuple(
            _accepted(each, by_creator.get(each.creator, nothing()))
            for each in sorted(sound, key=lambda each: each.place)
        ),
        captures,
    )


def _accepted(contribution: Contribution, captures: pd.DataFrame) -> Accepted:
    return Accepted(
        contribution.creator,
        contribution.place,
        parse(contribution.toml or b""),
        captures.reset_index(drop=True),
        tuple(contribution.sha256.items()),
        (),
        (),
    )


def _is_sound(contribution: Contribution, today: datetime.date) -> bool:
    problems = [*contribution.problems, *judge_profile(contribution, today)]
    return contribution.toml is not None and all(p.severity is not Severity.ERROR for p in problems)


def _captures(contributions: Sequence[Contribution]) -> tuple[pd.DataFrame, set[str]]:
    """Type all cells at once, a running number as index; name the creators with a bad cell."""
    sheets = [(each.creator, sheet) for each in contributions for sheet in each.sheets]
    if not sheets:
        return nothing(), set()
    sizes = [len(sheet.cells) for _, sheet in sheets]
    creator = np.repeat(np.array([name for name, _ in sheets], dtype=object), sizes)
    cells = pd.concat(
        [sheet.cells.reset_index(drop=True) for _, sheet in sheets], ignore_index=True
    )
    good = np.ones(len(cells), dtype=np.bool_)
    typed = {}
    for column in COLUMNS:
        text = cells[column.name] if column.name in cells else pd.Series("", index=cells.index)
        text = text.fillna("").astype("str")
        well = in_form(text, column)
        typed[column.name] = values(text, well, column)
        good &= well
    captures = pd.DataFrame(typed).assign(
        creator=pd.Series(creator, dtype="str"),
        file=pd.Series(np.repeat([sheet.file for _, sheet in sheets], sizes), dtype="str"),
        line=np.concatenate([sheet.cells.index.to_numpy(np.int64) for _, sheet in sheets]),
    )
    return captures, set(creator[~good])


def _refused(captures: pd.DataFrame, today: datetime.date) -> Iterator[str]:
    """Name the creators in whose rows an error stands."""
    findings: list[Finding] = []
    for rule in ROWS:
        if rule.severity is Severity.ERROR:
            findings += rule.find(captures)
    findings += date_in_future.find(captures, today)
    yield from captures["creator"].loc[[finding.line or 0 for finding in findings]]
    for key, rules in (("file", SHEETS), ("creator", FOLDERS)):
        judging = [rule for rule in rules if rule.severity is Severity.ERROR]
        for _, rows in captures.groupby(key, sort=False):
            if any(next(iter(rule.find(rows)), None) for rule in judging):
                yield rows["creator"].iloc[0]
