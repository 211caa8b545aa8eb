"""What is asked of a review, and what it says of a pull request; `review` judges."""

import datetime
from dataclasses import dataclass
from enum import StrEnum

from pipeline.dataset.check import Accepted, Refused, is_not_judged
from pipeline.review.authorization import Author, By
from pipeline.review.folder_changes import Folder
from pipeline.review.new_questions import raised
from pipeline.review.returning_data import Past
from pipeline.review.scope import Scope
from schema.file_rules import HOME, TABLE
from schema.problem import Problem, Severity
from schema.refusals import Refusal


class Conclusion(StrEnum):
    """What becomes of a pull request."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    OUR_FAULT = "our-fault"  # not judged, or not all of it, so that it must not be merged


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be judged: two commits, who asks, and the day. `data_only` leaves out who."""

    base: str
    head: str
    author: Author
    today: datetime.date
    data_only: bool = False


@dataclass(frozen=True, slots=True)
class Data:
    """The judged data. `others` are accepted on the base and not touched.

    `before` are the touched folders that are accepted on the base, `known` the problems that the
    touched ones have there, `verdicts` what the pull request leaves, with all their problems.
    `unaccepted` are the creators with a folder on the base, touched or not, that is not accepted.
    """

    others: tuple[Accepted, ...] = ()
    before: tuple[Accepted, ...] = ()
    known: tuple[Problem, ...] = ()
    verdicts: tuple[Accepted | Refused, ...] = ()
    unaccepted: tuple[str, ...] = ()

    @property
    def after(self) -> tuple[Accepted, ...]:
        """The touched folders that are accepted as the pull request leaves them."""
        return tuple(each for each in self.verdicts if isinstance(each, Accepted))


@dataclass(frozen=True, slots=True, eq=False)
class Review:
    """All that is said of a pull request, but for its effect.

    `behind` counts the base's commits that the branch lacks. `broken` names the place where our
    code broke after who and what kind were decided, "" where it did not. `past` is how much of the
    base's past was looked through for what was withdrawn.
    """

    base: str
    head: str
    behind: int
    author: Author
    scope: Scope
    folders: tuple[Folder, ...]
    refusals: tuple[Refusal, ...]
    data: Data
    problems: tuple[Problem, ...]
    broken: str = ""
    past: Past = Past.WHOLE

    @property
    def raised_problems(self) -> tuple[Problem, ...]:
        """The errors, and the questions that this pull request raises: none that were there."""
        place = _below if self.scope.is_move else str  # what is renamed is not new
        judged = [problem for problem in self.problems if not is_not_judged(problem)]
        files = {place(change.path) for change in self.scope.touched}
        problems = [
            problem
            for problem in raised(judged, self.data.known, place)
            if problem.severity is Severity.ERROR
            or place(problem.file) in files
            or not problem.file.endswith(TABLE)
        ]
        strangers = [f"{HOME}/{f.creator}/" for f in self.folders if f.decision.by is By.NOBODY]
        return tuple(
            problem
            for problem in problems
            if problem.severity is Severity.ERROR or not problem.file.startswith(tuple(strangers))
        )

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that block, and that somebody else than us can settle."""
        return tuple(
            p for p in self.problems if p.severity is Severity.ERROR and not is_not_judged(p)
        )

    @property
    def not_judged(self) -> tuple[Problem, ...]:
        """The touched folders on which something of ours broke."""
        return tuple(filter(is_not_judged, self.problems))

    @property
    def conclusion(self) -> Conclusion:
        """Refused for who, what or the data; accepted only where all of it was judged."""
        if self.refusals or self.errors:
            return Conclusion.REFUSED
        if self.broken or self.not_judged:
            return Conclusion.OUR_FAULT
        is_refused = any(isinstance(each, Refused) for each in self.data.verdicts)
        return Conclusion.REFUSED if is_refused else Conclusion.ACCEPTED


def _below(path: str) -> str:
    """Name a path below its creator's folder."""
    return path.split("/", 2)[-1]
