"""One published line: an estimate with its uncertainty, its method, and what it says."""

from dataclasses import dataclass
from enum import StrEnum

from pipeline.inference.creator_estimates import CreatorEstimate
from pipeline.model.reasons import Reason
from pipeline.model.variables import Variable


class Verdict(StrEnum):
    """What a line says, in the words that are published; `verdicts` has the rule."""

    CLEAR = "clear"
    LEANING = "leaning"
    CANNOT_TELL = "can't tell yet"
    TOO_FEW = "too few creators to test"
    THIS_ACCOUNT = "this account only"
    NOT_ESTIMABLE = "not estimable"
    NOT_IDENTIFIED = "not identified"
    CONTEXT = "context"  # held equal, not asked
    NONE = ""  # of a level that was not noted, or is too rare


@dataclass(frozen=True, slots=True)
class Needed:
    """The creators, and the videos in all, at which an interval would be narrow enough to tell."""

    creators: int
    videos: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """One published line; None where nothing is published.

    `estimate` is a log ratio (of what the question counts) per unit of the variable's log, or of
    the level against its reference; `ratio` is of a doubling for logs. `lowest` and `highest` are
    the estimates without one creator in turn (without one video, where the pool has one creator),
    `own` each creator's, where two to four carry it.
    `q_value` is the false discovery rate (Benjamini & Hochberg, 1995), `p_adjusted` Holm's;
    `needed` is what would make a line that cannot be told yet precise, and one that leans clear.
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
    leans: bool = False  # the 80 % interval excludes no difference

    def ratio(self, log_ratio: float | None) -> float | None:
        """Turn a log ratio of this line into a ratio."""
        return self.variable.ratio(log_ratio)

    @property
    def is_tested(self) -> bool:
        """Return whether it is one of the questions asked."""
        return self.variable.is_asked
