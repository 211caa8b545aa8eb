"""The questions that are asked of the pool, as data: a new one is an entry here, not code."""

from dataclasses import dataclass
from enum import StrEnum

from schema.vocabulary import vocabulary

HOURS = ("0-5", "6-11", "12-17", "18-23")  # the levels of Form.HOURS


class Form(StrEnum):
    """How a column of the pool becomes columns of a model."""

    SPLINE = "spline"  # a curve of a number's log, as levels: the knots, against one of them
    LOG1P = "log1p"
    FLAG = "flag"  # yes, against no
    LEVELS = "levels"  # each level against the reference
    HOURS = "hours"  # blocks of six hours, as levels
    QUARTER = "quarter"  # of posting, as levels
    AGE = "age"  # log of the days from posting to capture


class Part(StrEnum):
    """What a term is to the question."""

    LEVER = "lever"
    ENGAGEMENT = "engagement"
    CONTEXT = "context"


class Model(StrEnum):
    """How a question is fitted; creator effects are in each."""

    LEAST_SQUARES = "least squares of log(1 + outcome)"
    NEGATIVE_BINOMIAL = "negative binomial (NB2) maximum likelihood"
    POISSON = "Poisson pseudo-maximum likelihood"
    PRODUCT = "the product of two questions"

    @property
    def is_counted(self) -> bool:
        """Return whether the outcome itself is fitted, a count."""
        return self in (Model.NEGATIVE_BINOMIAL, Model.POISSON)


@dataclass(frozen=True, slots=True)
class Term:
    """A column of the pool, and the form in which it enters. Levels are against `reference`.

    `says` is the contrast in words; `{level}` and `{reference}` stand for the levels. The `knots`
    of a spline are those of the number itself, ascending; from 0 on the log is that of 1 + it.
    """

    column: str
    form: Form
    says: str
    part: Part = Part.LEVER
    reference: str = ""
    knots: tuple[float, float, float] | None = None

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels that are known before any data, in their order; none of a number."""
        match self.form:
            case Form.FLAG:
                return ("no", "yes")
            case Form.HOURS:
                return HOURS
            case Form.SPLINE:
                return tuple(f"{knot:g}" for knot in self.knots or ())
            case Form.LEVELS:
                return tuple(vocabulary().get(self.column, ()))
            case _:
                return ()


@dataclass(frozen=True, slots=True)
class Question:
    """One regression: outcome ~ terms | creator, and what it answers in plain words."""

    name: str
    asks: str
    outcome: str
    model: Model
    terms: tuple[Term, ...]
    advice: bool  # False: the terms happen after posting, so they are signs, not advice
    counts: str  # what the ratios are ratios of
    event: str  # one unit of the outcome
    exposure: str = ""  # the column whose log is the offset
    factors: tuple["Question", ...] = ()  # of a product: its log ratios are the sums of theirs
    # The column whose lack is made up for by a creator's own straight line in time (see `trends`).
    trend_without: str = ""

    @property
    def method(self) -> str:
        """What estimates of other methods cannot be compared with: the model, and any trends.

        >>> REACH.method
        "least squares of log(1 + outcome) with creators' trends"
        """
        has_trends = any(each.trend_without for each in (self, *self.factors))
        return self.model.value + (" with creators' trends" if has_trends else "")


LEVERS = (
    Term(
        "duration_s",
        Form.SPLINE,
        "a video of {level} seconds instead of {reference}",
        reference="25",
        knots=(10, 25, 60),
    ),
    Term("category", Form.LEVELS, "{level} instead of {reference}", reference="info"),
    Term("has_cover", Form.FLAG, "a cover", reference="no"),
    Term("has_caption", Form.FLAG, "a caption", reference="no"),
    Term("is_reply", Form.FLAG, "a reply to a comment", reference="no"),
    Term("is_duet", Form.FLAG, "a duet", reference="no"),
    Term("is_stitch", Form.FLAG, "a stitch", reference="no"),
    Term(
        "hashtags",
        Form.SPLINE,
        "{level} hashtags instead of {reference}",
        reference="3",
        knots=(0, 3, 8),
    ),
    Term(
        "posted_hour",
        Form.HOURS,
        "posted at {level} o'clock instead of {reference}",
        reference="12-17",
    ),
    Term("sound", Form.LEVELS, "sound: {level} instead of {reference}", reference="original"),
)
CONTEXT = (
    Term("followers_before", Form.LOG1P, "twice the followers before", Part.CONTEXT),
    Term("captured_on", Form.AGE, "twice the days until capture", Part.CONTEXT),
    Term("posted_on", Form.QUARTER, "posted in {level} instead of {reference}", Part.CONTEXT),
)
ENGAGEMENT = (
    Term("views", Form.LOG1P, "twice the views", Part.ENGAGEMENT),
    Term("likes", Form.LOG1P, "twice the likes", Part.ENGAGEMENT),
    Term("comments", Form.LOG1P, "twice the comments", Part.ENGAGEMENT),
    Term("shares", Form.LOG1P, "twice the shares", Part.ENGAGEMENT),
    Term("saves", Form.LOG1P, "twice the saves", Part.ENGAGEMENT),
    Term("watched_full_pct", Form.LOG1P, "twice the share who watch it all", Part.ENGAGEMENT),
    Term("avg_watch_s", Form.LOG1P, "twice the average watch time", Part.ENGAGEMENT),
)

REACH = Question(
    "reach",
    "What gets seen?",
    "views",
    Model.LEAST_SQUARES,
    (*LEVERS, *CONTEXT),
    advice=True,
    counts="views",
    event="view",
    trend_without="followers_before",
)
CONVERSION = Question(
    "conversion",
    "Of those who see it, who follows?",
    "new_followers",
    Model.NEGATIVE_BINOMIAL,
    (*LEVERS, *CONTEXT),
    advice=True,
    counts="followers per 1,000 views",
    event="follower",
    exposure="views",
)
FOLLOWERS = Question(
    "followers",
    "What goes with more new followers?",
    "new_followers",
    Model.PRODUCT,
    (*LEVERS, *CONTEXT),
    advice=True,
    counts="new followers",
    event="follower",
    factors=(REACH, CONVERSION),
)
SIGNALS = Question(
    "signals",
    "What does a follow-worthy video look like afterwards?",
    "new_followers",
    Model.LEAST_SQUARES,
    (
        *ENGAGEMENT,
        *LEVERS,
        Term("subject", Form.LEVELS, "about {level} instead of {reference}"),
        *CONTEXT,
    ),
    advice=False,
    counts="(1 + new followers)",
    event="follower",
    trend_without="followers_before",
)
QUESTIONS = (FOLLOWERS, REACH, CONVERSION, SIGNALS)
