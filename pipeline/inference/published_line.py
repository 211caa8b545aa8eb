"""One published line: an estimate with its uncertainty, its method, and what it says."""

from dataclasses import dataclass
from enum import StrEnum

from pipeline.inference.creator_estimates import CreatorEstimate
from pipeline.model.reasons import Reason
from pipeline.model.variables import Variable


class Verdict(StrEnum):
    """What a line says, in the words that are published; `verdicts` has the rule."""

    CLEAR = "clear"
    LIKELY = "likely"
    MAY = "may"
    CANNOT_TELL = "can't tell yet"
    TOO_FEW = "too few creators to test"
    THIS_ACCOUNT = "this account only"
    NOT_ESTIMABLE = "not estimable"
    NOT_IDENTIFIED = "not identified"
    CONTEXT = "context"  # held equal, not asked
    NONE = ""  # of a level that was not noted, or is too rare


@dataclass(frozen=True, slots=True)
class Total:
    """The log ratio of all views, or followers, together; the ends of its 95 % interval or None."""

    estimate: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Needed:
    """The creators, and the videos in all, at which a line would be told; `most` creators at most.

    A range where the size that has to be told is uncertain: `most` is None where it has no end.
    """

    creators: int
    videos: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Estimate:
    """One published line; None where nothing is published.

    `estimate` is a log ratio (of what the question counts) per unit of the variable's log, or of
    the level against its reference; `ratio` is of a doubling for logs. `lowest` and `highest` are
    the estimates without one creator in turn (without one video, where the pool has one creator),
    `own` each creator's, where two to four carry it.
    `q_value` is the false discovery rate (Benjamini & Hochberg, 1995), `p_adjusted` Holm's;
    `odds` is the probability that the line points the way it does (that it is nothing counts as
    wrong), `shrunken` its size in the light of all lines of the question, with a 95 % interval; of
    a line without odds of 2 in 3 it is not told.
    `needed` is what would make a line that cannot be told yet precise, and one that is likely, or
    may be, clear.
    """

    variable: Variable
    videos: int
    creators: int
    effective_creators: float | None = None
    estimate: float | None = None
    std_error: float | None = None
    statistic: float | None = None
    df: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    p_value: float | None = None
    p_adjusted: float | None = None
    q_value: float | None = None
    lowest: float | None = None
    highest: float | None = None
    own: tuple[CreatorEstimate, ...] = ()
    needed: Needed | None = None
    method: str = ""
    verdict: Verdict = Verdict.NONE
    why: str = ""
    reason: Reason | None = None  # of no estimate
    odds: float | None = None
    shrunken: float | None = None
    shrunken_low: float | None = None
    shrunken_high: float | None = None
    joint_p: float | None = None  # that no level of its term differs from the reference
    total: Total | None = None

    def ratio(self, log_ratio: float | None) -> float | None:
        """Turn a log ratio of this line into a ratio."""
        return self.variable.ratio(log_ratio)

    @property
    def is_tested(self) -> bool:
        """Return whether it is one of the questions asked."""
        return self.variable.is_asked
