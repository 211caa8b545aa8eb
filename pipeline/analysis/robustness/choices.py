"""The choices behind an analysis, as data, and which combinations of them are tried."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import combinations, product

POISSON, NEGATIVE_BINOMIAL, LOG1P = "Poisson", "negative binomial", "log1p"
PRODUCT = "views times conversion"  # of followers: the sum of the log ratios of both
AS_GIVEN, SUSPICIOUS_MISSING = "as given", "suspicious ones missing"
BLANKS_ZERO = "blanks as zero"  # the zero trap
MARKED, COMPLETE, IMPUTED = "not noted is a level", "complete cases", "imputed"
MODE_AND_MEAN = "mode and mean"  # of 2022
AS_NOTED, WEIGHTED = "as noted", "weighted"
WITH_AGE, WITHOUT_AGE = "with age", "without age"
ALL_VIDEOS, WITHOUT_TOP = "all videos", "without each creator's top video"
ZERO_TRAP, OF_2022 = "zero trap", "the choices of 2022"
MOST_DEPARTURES = 2


@dataclass(frozen=True, slots=True)
class Analysis:
    """One way to answer a question.

    `estimator` is Poisson, negative binomial, least squares of log(1 + y), or the product.
    `zeros`: are those that the check asks about values? `levers`: what becomes of a video with a
    missing one. `outcomes`: is a video weighted by the inverse probability that its outcome was
    noted? `trap` names what nobody should do, and is "" for a reasonable analysis.
    """

    estimator: str
    zeros: str = AS_GIVEN
    levers: str = MARKED
    outcomes: str = AS_NOTED
    age: str = WITH_AGE
    top: str = ALL_VIDEOS
    trap: str = ""


Options = Mapping[str, Sequence[str]]  # choice → what it may be, the published one first
CHOICES = tuple(field.name for field in fields(Analysis) if field.name != "trap")


def analyses(options: Options) -> tuple[Analysis, ...]:
    """Combine options: every analysis that departs from the published one in at most two choices.

    The published analysis is the first; then come those with one departure, in the order of the
    choices. All combinations would mostly vary choices that do not matter together.

    >>> len(analyses({"estimator": (POISSON, LOG1P), "age": (WITH_AGE, WITHOUT_AGE)}))
    4
    """
    published = Analysis(**{name: options[name][0] for name in options})
    return tuple(
        changed(published, dict(zip(names, values, strict=True)))
        for departing in range(MOST_DEPARTURES + 1)
        for names in combinations(options, departing)
        for values in product(*(options[name][1:] for name in names))
    )


def changed(published: Analysis, departures: Mapping[str, str]) -> Analysis:
    """The published analysis with some choices made otherwise."""
    kept = {name: getattr(published, name) for name in CHOICES}
    return Analysis(**(kept | dict(departures)))


def departures(analysis: object, published: object) -> tuple[str, ...]:
    """Name the choices in which an analysis, or a row of one, is not the published one."""
    return tuple(name for name in CHOICES if getattr(analysis, name) != getattr(published, name))


def traps(estimator: str) -> tuple[Analysis, ...]:
    """What nobody should do, to see what it would have said: blanks as zeros, and 2022's choices.

    `estimator` is the published one.
    """
    return (
        Analysis(estimator, zeros=BLANKS_ZERO, trap=ZERO_TRAP),
        Analysis(LOG1P, levers=MODE_AND_MEAN, trap=OF_2022),
    )
