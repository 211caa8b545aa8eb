"""Which videos would tell most: what a line lacks, and what one more creator would do to it.

All of it comes from published quantities. With c times the creators like those who carry a line the
standard error is se/√c, and Student's t has c G* - 1 degrees of freedom, as in `verdict`.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from pipeline.inference.published_line import Estimate, Needed, Verdict
from pipeline.inference.results import Answer, Results
from pipeline.inference.thresholds import INTERVAL_CREATORS
from pipeline.model.fit_result import Fit
from pipeline.model.questions import LEVERS, Form, Question, Term
from pipeline.model.reasons import Reason
from pipeline.model.terms import near_knot
from pipeline.model.variables import Variable

MORE_VIDEOS = 10
YES = "yes"


@dataclass(frozen=True, slots=True)
class Gain:
    """What more data would do to the 95 % interval of a line that is not clear.

    Half widths are logs of the published ratio: the interval is the estimate times and divided by
    their exponential. `with_creator` is that with one more creator like those who carry the line
    (None in a pool of one), `with_videos` that with ten more videos that have it, from creators
    like these; in a pool of one, from the same account.
    """

    question: Question
    variable: Variable
    estimate: float
    creators: int
    videos: int
    now: float
    with_creator: float | None
    with_videos: float
    needed: Needed | None

    @property
    def then(self) -> float:
        """The half width with one more creator; in a pool of one, with ten more videos."""
        return self.with_videos if self.with_creator is None else self.with_creator

    @property
    def narrowing(self) -> float:
        """How much narrower, as a log, the whole interval would be."""
        return 2 * (self.now - self.then)


@dataclass(frozen=True, slots=True)
class Wish:
    """One choice that creators make, and what is lacking to tell of it.

    `made` counts the pool's videos that have it, `both` the creators who made some with it and some
    without. So many `creators` can tell in the question that fewest can tell, `question` (None
    where no question has a line of it): of those, but that a curve is told by all who vary. That
    question has no estimate for `reason`, or has one. `gains` are of the questions in which it has
    an interval that is not clear.
    """

    term: str
    level: str
    made: int
    both: int
    creators: int
    question: Question | None
    reason: Reason | None
    gains: tuple[Gain, ...]

    @property
    def short(self) -> int:
        """The creators who have to make both before it can be tested, beside those who did."""
        return max(0, INTERVAL_CREATORS - self.creators)

    @property
    def best(self) -> Gain | None:
        """The gain that narrows most."""
        return max(self.gains, key=lambda gain: gain.narrowing, default=None)


def gains(answers: Iterable[Answer]) -> tuple[Gain, ...]:
    """Say of every lever's line with an interval, and not clear, what more would do; most first."""
    all_gains = [
        gain
        for answer in answers
        if answer.question.advice
        for line in answer.estimates
        if line.is_tested and (gain := _gain(answer.question, line))
    ]
    return tuple(sorted(all_gains, key=lambda gain: -gain.narrowing))


def _gain(question: Question, line: Estimate) -> Gain | None:
    now = half_width(line, 1.0)
    if now is None or line.verdict == Verdict.CLEAR or line.estimate is None:
        return None
    one = line.verdict == Verdict.THIS_ACCOUNT
    return Gain(
        question,
        line.variable,
        line.estimate * line.variable.step,
        line.creators,
        line.videos,
        now,
        None if one else half_width(line, (line.creators + 1) / line.creators),
        half_width(line, (line.videos + MORE_VIDEOS) / line.videos) or now,
        line.needed,
    )


def half_width(line: Estimate, times: float) -> float | None:
    """The half width of a line's 95 % interval, as a log of its ratio, with `times` the data.

    More creators like those who carry it; of one account, more videos. None without an interval.
    """
    if not line.std_error or line.df is None:
        return None
    if line.verdict == Verdict.THIS_ACCOUNT:
        dof = times * line.df
    else:
        dof = max(times * (line.effective_creators or 1.0) - 1, 0.5)
    return _margin(dof) * line.std_error * line.variable.step / math.sqrt(times)


def _margin(dof: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(dof, 0.975))


def wishes(findings: Results) -> tuple[Wish, ...]:
    """List every choice of the levers that is not clear in each question, by what would tell most.

    First come those that can be tested soonest, then those with an interval, by how much one more
    creator narrows it, then what nobody made.
    """
    answers = [
        each for each in findings.answers if each.question.advice and isinstance(each.fit, Fit)
    ]
    places = [(term, level) for term in LEVERS for level in _levels(term)]
    all_wishes = (_wish(findings.pool.videos, answers, *place) for place in places)
    return tuple(sorted((wish for wish in all_wishes if wish), key=_order))


def _wish(videos: pd.DataFrame, answers: Sequence[Answer], term: Term, level: str) -> Wish | None:
    """Say what is lacking of one choice; None where every question is clear about it."""
    here = (term.column, level)
    lines = [
        (answer.question, line)
        for answer in answers
        for line in answer.estimates
        if (line.variable.term, line.variable.level) == here
    ]
    if len(lines) == len(answers) > 0 and all(line.verdict == Verdict.CLEAR for _, line in lines):
        return None
    has = _has(videos, term, level)
    both = _both(videos, has, _against(videos, term, has))
    question, creators, reason = min(
        ((question, line.creators, line.reason) for question, line in lines),
        key=lambda each: each[1],
        default=(None, both, None),
    )
    own = tuple(gain for asked, line in lines if (gain := _gain(asked, line)))
    return Wish(*here, int(has.sum()), both, creators, question, reason, own)


def _order(wish: Wish) -> tuple[int, int, float, int]:
    best = wish.best
    if not wish.made:
        return (2, 0, 0.0, 0)
    return (0 if wish.short else 1, wish.short, -best.narrowing if best else 0.0, -wish.made)


def _levels(term: Term) -> Sequence[str]:
    """The levels of a lever that are compared with its reference."""
    return [level for level in term.levels if level != term.reference]


def _has(videos: pd.DataFrame, term: Term, level: str) -> "pd.Series[bool]":
    """Mark the videos that have a level, or are near a number."""
    column = videos[term.column]
    match term.form:
        case Form.FLAG:
            return column.fillna(value=False).astype(bool)
        case Form.HOURS:
            first, last = map(int, level.split("-"))
            return column.between(first, last).fillna(value=False).astype(bool)
        case Form.SPLINE:
            return near_knot(videos, term, level)
        case _:
            return (column == level).fillna(value=False).astype(bool)


def _against(videos: pd.DataFrame, term: Term, has: "pd.Series[bool]") -> "pd.Series[bool]":
    """Mark the videos with another level, or near the number that others are compared with."""
    if term.form is Form.SPLINE:
        return near_knot(videos, term, term.reference)
    return ~has & videos[term.column].notna()


def _both(videos: pd.DataFrame, has: "pd.Series[bool]", against: "pd.Series[bool]") -> int:
    """Count the creators with videos of both kinds."""
    each = pd.DataFrame({"has": has, "against": against}).groupby(videos["creator"]).any()
    return int(each.all(axis=1).sum())
