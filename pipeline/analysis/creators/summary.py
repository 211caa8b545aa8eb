"""What a contributor gets back: their own rate, the spread of the others, and their own levers.

Nothing here tells of any other single creator.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.dataset.pool import OLDER, Account, Pool
from pipeline.estimate.grouping import Floats
from pipeline.inference.estimates import estimates
from pipeline.inference.published_line import Estimate, Verdict
from pipeline.inference.thresholds import SPREAD_CREATORS
from pipeline.inference.verdicts import judge_lines
from pipeline.model.design import design
from pipeline.model.exclusions import NO_OUTCOME, NO_VIEWS, POSITIVE_ONLY, exclusions
from pipeline.model.fit import fit
from pipeline.model.fit_result import Withheld
from pipeline.model.questions import CONVERSION, FOLLOWERS, REACH, Question
from pipeline.model.rate import rate_of
from pipeline.model.variables import Variable

ENOUGH_VIDEOS = 10  # with views and followers, from which a creator's rate is part of the spread
DIGITS = 2  # of a quartile
MOST_LINES = 5
QUARTERS = (0.25, 0.5, 0.75)

ASKED = (REACH, CONVERSION)  # the questions in which rows are accounted for
NO_VIDEOS = "none of these videos is in the models"
CANNOT_TELL = "these videos alone cannot tell yet"
NOT_FITTED = "these videos were not looked at alone"
NO_COUNTS = "no video has both views and a follower count"
NO_SPREAD = (
    "for that, {needed} other creators with {videos} such videos each are needed; so far there "
    "are {n}"
)


@dataclass(frozen=True, slots=True)
class Rate:
    """New followers per 1,000 views, over the videos of which both are known."""

    per_1000: float
    videos: int
    views: int
    followers: int


@dataclass(frozen=True, slots=True)
class RateQuartiles:
    """Quartiles over other creators of their followers per 1,000 views, to two digits."""

    low: float
    middle: float
    high: float
    creators: int


@dataclass(frozen=True, slots=True)
class OwnLine:
    """A difference between the creator's own videos: log ratio, 95 % interval, videos with it."""

    variable: Variable
    estimate: float
    low: float
    high: float
    videos: int

    def ratio(self, log_ratio: float) -> float | None:
        """Turn a log ratio of this line into a ratio, of a doubling for logs."""
        return self.variable.ratio(log_ratio)


@dataclass(frozen=True, slots=True)
class Nearest:
    """The line that is nearest to telling something: so many more videos with it would do."""

    variable: Variable
    videos: int
    more: int


@dataclass(frozen=True, slots=True)
class CreatorSummary:
    """A creator's own summary; where something cannot be told it is None, and `why` says so.

    `videos` are those in the pool, `rows` the account of all rows of the folder, and `by_question`
    that of its videos in the questions of views and of followers per view. `lines` are of
    `question`, the surest first, of `asked` that were looked at: about one in twenty is there by
    chance. `nearest` is set where there is none.
    """

    creator: str
    videos: int
    rows: Account
    by_question: tuple[tuple[Question, Account], ...]
    rate: Rate | None
    rate_why: str
    spread: RateQuartiles | None
    spread_why: str
    question: Question | None
    lines: tuple[OwnLine, ...]
    asked: int
    nearest: Nearest | None
    lines_why: str


def summarize(after: Pool, creator: str, *, fitted: bool = True) -> CreatorSummary:
    """Tell a creator of their own videos in the pool, and where they stand.

    Unless the videos are `fitted` alone, which takes longer than all else, there are no lines.
    """
    videos = after.videos[after.videos["creator"] == creator]
    absent = "" if len(videos) else _absent(after.captures, creator)
    rated = telling(after.videos)
    rate = rate_over(rated[rated["creator"] == creator])
    others = rates(rated[rated["creator"] != creator])
    spread = spread_of(np.array(list(others.values()))) if rate else None
    mine = after.captures[after.captures["creator"] == creator]
    left_out = mine.loc[mine["left_out"] != "", "left_out"]
    by_question = tuple((each, _account(after.videos, creator, each)) for each in ASKED)
    own = _own(videos) if fitted else _Own(None, (), NOT_FITTED)
    said = sorted((each for each in own.lines if _says(each)), key=_strength, reverse=True)
    return CreatorSummary(
        creator=creator,
        videos=len(videos),
        rows=Account.from_reasons(len(mine), left_out),
        by_question=by_question,
        rate=rate,
        rate_why=absent or ("" if rate else _no_rate(dict(by_question)[CONVERSION])),
        spread=spread,
        spread_why="" if spread or not rate else _no_spread(len(others)),
        question=own.question,
        lines=tuple(_line(each) for each in said[:MOST_LINES]),
        asked=sum(each.std_error is not None for each in own.lines),
        nearest=None if said else _nearest(own.lines),
        lines_why=absent
        or (own.why and _none_counts(dict(by_question)[REACH]))
        or own.why
        or ("" if said else CANNOT_TELL),
    )


def spread_of(rates: Floats) -> RateQuartiles | None:
    """Quartiles (Harrell & Davis 1982) of creators' rates (n,); None with fewer than eight.

    A common quartile is one creator's number, or lies half way between two. This one is a weighted
    mean of all ordered rates, so that none of them can be read off; there is no smallest and no
    largest, and two significant digits are all that is shown.

    >>> spread_of(np.arange(1.0, 10.0))
    RateQuartiles(low=2.7, middle=5.0, high=7.3, creators=9)
    """
    from scipy.special import betainc

    n = len(rates)
    if n < SPREAD_CREATORS:
        return None
    ordered, steps = np.sort(rates), np.arange(n + 1) / n
    quartiles = [
        float(np.diff(betainc((n + 1) * q, (n + 1) * (1 - q), steps)) @ ordered) for q in QUARTERS
    ]
    low, middle, high = (float(f"{each:.{DIGITS}g}") for each in quartiles)
    return RateQuartiles(low, middle, high, n)


def telling(videos: pd.DataFrame) -> pd.DataFrame:
    """The videos of which a rate can be told: those that conversion is asked of."""
    return videos.iloc[design(videos, CONVERSION).rows] if len(videos) else videos


def rates(videos: pd.DataFrame) -> dict[str, float]:
    """Followers per 1,000 views by creator, of those with enough of the videos that tell."""
    by_creator = videos.groupby("creator")[["views", "new_followers"]]
    sums = by_creator.sum()[by_creator.size() >= ENOUGH_VIDEOS].astype(np.float64)
    return {str(name): rate_of(row["new_followers"], row["views"]) for name, row in sums.iterrows()}


def rate_over(videos: pd.DataFrame) -> Rate | None:
    """The rate of videos that tell one; None of none."""
    views, followers = int(videos["views"].sum()), int(videos["new_followers"].sum())
    return Rate(rate_of(followers, views), len(videos), views, followers) if views else None


def _absent(captures: pd.DataFrame, creator: str) -> str:
    """Say why none of a creator's videos is in the pool."""
    reasons = captures.loc[captures["creator"] == creator, "left_out"] if len(captures) else ()
    why = ", ".join(sorted({str(reason) for reason in reasons} - {"", OLDER}))
    return f"{NO_VIDEOS}: {why}" if why else NO_VIDEOS


def _account(videos: pd.DataFrame, creator: str, question: Question) -> Account:
    """Say where a creator's videos of the pool go in a question."""
    mine = (videos["creator"] == creator).to_numpy()
    reasons = exclusions(videos, question)[mine] if mine.any() else np.empty(0, dtype=object)
    return Account.from_reasons(int(mine.sum()), reasons[reasons != ""])


def _none_counts(account: Account) -> str:
    """Say why none of the videos has a part in a question; "" where one has."""
    return "" if account.rows_used else ", ".join(reason for reason, _ in account.left_out)


def _no_rate(account: Account) -> str:
    reasons = {reason for reason, _ in account.left_out}
    if reasons <= {NO_OUTCOME, NO_VIEWS}:
        return NO_COUNTS
    return POSITIVE_ONLY if POSITIVE_ONLY in reasons else ", ".join(sorted(reasons))


def _no_spread(others: int) -> str:
    return NO_SPREAD.format(needed=SPREAD_CREATORS, videos=ENOUGH_VIDEOS, n=others)


@dataclass(frozen=True, slots=True)
class _Own:
    """What the creator's own videos say of a question, or why they say nothing."""

    question: Question | None
    lines: tuple[Estimate, ...]
    why: str


def _own(videos: pd.DataFrame) -> _Own:
    """Fit the creator's videos alone: followers, or reach where there is no count of them."""
    why = ""
    for question in (FOLLOWERS, REACH) if len(videos) else ():
        fitted = fit(design(videos.reset_index(drop=True), question))
        if not isinstance(fitted, Withheld):
            lines = judge_lines(estimates(fitted))
            return _Own(question, tuple(each for each in lines if each.is_tested), "")
        why = fitted.why if question is FOLLOWERS else why
    return _Own(None, (), why)


def _says(line: Estimate) -> bool:
    """Return whether the interval excludes no difference, with or without any one video."""
    if line.ci_low is None or line.ci_high is None or line.lowest is None or line.highest is None:
        return False
    return line.ci_low * line.ci_high > 0 and line.lowest * line.highest > 0


def _strength(line: Estimate) -> float:
    return abs(line.statistic or 0.0)


def _line(line: Estimate) -> OwnLine:
    return OwnLine(
        line.variable, line.estimate or 0.0, line.ci_low or 0.0, line.ci_high or 0.0, line.videos
    )


def _nearest(lines: tuple[Estimate, ...]) -> Nearest | None:
    needs = [
        Nearest(line.variable, line.videos, line.needed.videos - line.videos)
        for line in lines
        if line.verdict == Verdict.THIS_ACCOUNT and line.needed is not None
    ]
    return min(needs, key=lambda each: each.more, default=None)
