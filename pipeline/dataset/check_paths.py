"""What the named paths mean: which contributions are judged together, which part is reported."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from pipeline.dataset.captures import judge_sheet
from pipeline.dataset.check import Accepted, Refused, check_all, is_not_judged
from pipeline.dataset.locate import Target
from pipeline.dataset.read import read_folders
from schema.problem import Problem, Severity


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdicts on the creators that were named, and the problems of the named part.

    `effects` are the bytes of the planted effects, where simulated creators are among them.
    """

    verdicts: tuple[Accepted | Refused, ...]
    problems: tuple[Problem, ...]
    effects: bytes | None

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that block."""
        return tuple(p for p in self.problems if p.severity is Severity.ERROR)

    @property
    def refused(self) -> tuple[Refused, ...]:
        """The creators who are not accepted."""
        return tuple(each for each in self.verdicts if isinstance(each, Refused))

    @property
    def is_broken(self) -> bool:
        """Return whether something of ours broke on a folder, which was not judged."""
        return any(is_not_judged(p) for each in self.verdicts for p in each.problems)

    @property
    def is_well(self) -> bool:
        """Return whether nothing blocks: in the part that is reported, or beside it."""
        return not self.errors and not self.refused


def judge(targets: Sequence[Target], today: datetime.date) -> Judgement:
    """Read and check what the targets need; report what they name. Raises OSError."""
    roots = {(target.root, target.alone): target for target in targets}
    collections = [read_folders(roots[root]) for root in sorted(roots)]
    verdicts = check_all(chain.from_iterable(c.contributions for c in collections), today)
    problems = [problem for each in collections for problem in each.problems]
    problems += [problem for each in verdicts for problem in each.problems]
    strays = chain.from_iterable(each.sheets for each in collections)
    problems += [problem for sheet in strays for problem in judge_sheet(sheet, today)[1]]
    covered = (p for p in problems if any(target.covers(p.file) for target in targets))
    return Judgement(
        tuple(each for each in verdicts if any(t.touches(each.place) for t in targets)),
        tuple(sorted(covered, key=lambda problem: problem.place)),
        next((each.effects for each in collections if each.effects), None),
    )
