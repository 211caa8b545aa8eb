"""What becomes of the lines of a question, and what of it a reader would notice."""

from dataclasses import dataclass

from pipeline.model.questions import Question
from pipeline.model.variables import Variable

MOVED = 0.25  # of the standard error, from which an estimate has moved
WIDENED = 0.1  # the same of a standard error, as a share
NOT_NOTHING = 0.1  # of the standard error, below which a change of sign is nothing
A_TENTH = 0.1  # of a ratio, as a log, where there is no standard error to compare with


@dataclass(frozen=True, slots=True)
class Shown:
    """An estimate as the report publishes it: a log ratio; None where none is published."""

    estimate: float
    std_error: float | None = None
    low: float | None = None
    high: float | None = None
    df: float | None = None

    @property
    def is_different(self) -> bool:
        """Return whether the 95 % interval excludes no difference."""
        return self.low is not None and self.high is not None and self.low * self.high > 0


@dataclass(frozen=True, slots=True)
class EstimateChange:
    """One line before and after; None where it is not told, and `why`.

    `without` is the estimate of the new pool's line without the changed creators at all, `weight`
    the share of the line's information that they carry in the new pool. `is_unseen`: what becomes
    of the line cannot be previewed.
    """

    variable: Variable
    before: Shown | None
    after: Shown | None
    without: float | None
    videos_before: int
    videos_after: int
    creators_before: int
    creators_after: int
    weight: float | None
    why: str
    is_unseen: bool = False

    @property
    def change(self) -> float | None:
        """The estimate after less the one before, in logs."""
        if self.before is None or self.after is None:
            return None
        return self.after.estimate - self.before.estimate

    @property
    def error_ratio(self) -> float | None:
        """The standard error after over the one before."""
        if self.before is None or self.after is None:
            return None
        if self.before.std_error is None or self.after.std_error is None:
            return None
        return self.after.std_error / self.before.std_error

    @property
    def turns(self) -> bool:
        """Return whether the sign turns, by more than a tenth of the standard error."""
        if self.before is None or self.after is None:
            return False
        return self.before.estimate * self.after.estimate < 0 and self._moves(NOT_NOTHING)

    @property
    def is_material(self) -> bool:
        """Return whether a reader would notice; not of a line that cannot be previewed.

        The line or its interval comes or goes, the interval begins or ceases to exclude no
        difference, the estimate moves by a quarter of its standard error before (by a tenth of the
        ratio, where there is none), the standard error changes by a tenth, or the sign turns.
        """
        if self.is_unseen:
            return False
        if self.before is None or self.after is None:
            return (self.before is None) != (self.after is None)
        if (self.before.std_error is None) != (self.after.std_error is None):
            return True
        if self.before.is_different != self.after.is_different:
            return True
        widened = abs((self.error_ratio or 1) - 1) > WIDENED
        return self.turns or widened or self._moves(MOVED)

    def _moves(self, share: float) -> bool:
        if self.change is None or self.before is None:
            return False
        if self.before.std_error is None:
            return abs(self.change) * self.variable.step > A_TENTH
        return abs(self.change) > share * self.before.std_error


@dataclass(frozen=True, slots=True)
class Consequence:
    """What a pull request does to one question; without lines where that cannot be told, and why.

    `videos` and `creators` are those in the fit, or that are asked where there is none.
    `is_touched`: some video that the question asks of is new, gone or different. `set_aside` are
    the places (file:line) of changed rows that the report would leave out of it, since each would
    decide it alone.
    """

    question: Question
    videos_before: int
    videos_after: int
    creators_before: int
    creators_after: int
    lines: tuple[EstimateChange, ...]
    why: str
    approximate: bool
    is_touched: bool
    set_aside: tuple[str, ...] = ()

    @property
    def unseen(self) -> tuple[EstimateChange, ...]:
        """The lines that cannot be previewed: nobody can say yet whether they change."""
        return tuple(line for line in self.lines if line.is_unseen)

    @property
    def is_material(self) -> bool:
        """Return whether a reader of the report would notice, or some line cannot be told."""
        is_open = bool(self.why or self.set_aside or self.unseen)
        return self.is_touched and (is_open or any(line.is_material for line in self.lines))
