"""What a question publishes of its levers, as the CSV files of the report write it.

Whatever is made of it can be done again from estimates.csv and covariance.csv: the numbers are
taken with eight significant digits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.estimate.grouping import Floats
from pipeline.inference.contrasts import degrees_of_freedom
from pipeline.inference.estimates import covariance
from pipeline.inference.published_line import Estimate
from pipeline.inference.results import Answer
from pipeline.model.fit_result import Fit
from pipeline.model.questions import LEVERS, Form, Term
from pipeline.model.reasons import Reason
from pipeline.model.variables import UNKNOWN, Variable
from pipeline.storage.csv_text import number

NUMBERS: Mapping[str, Term] = {term.column: term for term in LEVERS if term.form is Form.SPLINE}
REFERENCE = -1  # the place of a level whose coefficient is 0

ABSENT = "no video in the data can tell"
SCARCE = "too few videos"
BEYOND_DATA = "beyond the videos that can tell this"
INSEPARABLE = "it cannot be separated from the rest"
WHY = {
    Reason.ABSORBED: "no creator has made such videos and others",
    Reason.TREND: "it changed only as time went by, as an account’s growth does",
    Reason.INFINITE: "it, or what it is compared with, got none at all",
    Reason.NO_VIDEO: ABSENT,
    Reason.FEW_VALUES: "too few different values are noted",
    Reason.BEYOND: "the difference is too large to believe",
    Reason.NO_CREATOR: "no creator has made both",
    Reason.ONE_CREATOR: "it depends on one creator",
    Reason.MOSTLY_ONE: "it depends on one creator",
    Reason.ONE_VIDEO: "one video alone decides it",
}


@dataclass(frozen=True, slots=True)
class PublishedLine:
    """One line of estimates.csv; `df` and `quantile` (Student's t, 97.5 %) None without an error.

    `creators` are those within whom it varies.
    """

    estimate: float
    creators: int
    df: float | None = None
    quantile: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Published:
    """What one question publishes of its levers, and the videos and creators it rests on.

    `places` says of each lever and level which of the k `lines` tells it, REFERENCE, or why none
    does; the levels of a number are its knots. `ranges` has the least and the most of each number
    among the videos. `covariance` (k, k) is NaN without an error. `apart` has, for the places i < j
    of two levels of one lever, the df and the quantile of what they differ by; None where one
    creator decides it.
    """

    lines: tuple[PublishedLine, ...]
    places: Mapping[str, Mapping[str, int | str]]
    ranges: Mapping[str, tuple[float, float]]
    covariance: Floats
    apart: Mapping[tuple[int, int], tuple[float, float] | None]
    videos: int
    creators: int

    def place(self, term: str, level: str) -> int | str:
        """Find the line of a level, REFERENCE, or why there is none."""
        return self.places.get(term, {}).get(level, ABSENT)

    def tells(self, term: str, level: str) -> bool:
        """Return whether a level has a line or is the reference."""
        return not isinstance(self.place(term, level), str)


def published(answer: Answer, videos: pd.DataFrame) -> Published | None:
    """Take what is published of the levers of a question; None where it is withheld.

    `videos` are those of the pool.
    """
    fit = answer.fit
    if not isinstance(fit, Fit):
        return None
    levers = {term.column for term in LEVERS}
    rows = [row for row in answer.estimates if row.variable.term in levers]
    lines = [row for row in rows if row.estimate is not None and row.variable.is_asked]
    numbered = {row.variable: place for place, row in enumerate(lines)}
    return Published(
        tuple(map(_line, lines)),
        {term.column: _places(term, rows, numbered, fit) for term in LEVERS},
        _ranges(videos.iloc[fit.sample.rows]),
        _shared(fit, lines, covariance(fit)),
        _apart(lines, _shared(fit, lines, degrees_of_freedom(fit))),
        len(fit.sample.y),
        len(fit.sample.creators),
    )


def _ranges(videos: pd.DataFrame) -> dict[str, tuple[float, float]]:
    noted = {name: videos[name].dropna().astype(float) for name in NUMBERS}
    return {name: (column.min(), column.max()) for name, column in noted.items() if len(column)}


def _shared(fit: Fit, lines: Sequence[Estimate], whole: Floats) -> Floats:
    """Take what `whole` (of the variables) has of the lines with an error; NaN elsewhere."""
    at = {variable: i for i, variable in enumerate(fit.variables)}
    known = [i for i, row in enumerate(lines) if row.std_error is not None]
    shared = np.full((len(lines), len(lines)), np.nan)
    for i in known:
        for j in known:
            shared[i, j] = _written(whole[at[lines[i].variable], at[lines[j].variable]])
    return shared


def _apart(
    lines: Sequence[Estimate], dof: Floats
) -> dict[tuple[int, int], tuple[float, float] | None]:
    """Find what each two levels of one lever have, of lines with an error; `dof` is (k, k)."""
    terms = [row.variable.term if row.std_error is not None else "" for row in lines]
    pairs = [
        (i, j) for j in range(len(lines)) for i in range(j) if terms[i] and terms[i] == terms[j]
    ]
    return {(i, j): _with_quantile(float(dof[i, j])) for i, j in pairs}


def _with_quantile(df: float) -> tuple[float, float] | None:
    from scipy.special import stdtrit  # slow to import

    return None if df != df else (df, float(stdtrit(df, 0.975)))  # NaN is not itself


def _written(value: float) -> float:
    return float(str(number(float(value)) or "nan"))


def _line(row: Estimate) -> PublishedLine:
    estimate = _written(row.estimate or 0.0)
    if row.std_error is None or row.df is None:
        return PublishedLine(estimate, row.creators)
    return PublishedLine(estimate, row.creators, *(_with_quantile(_written(row.df)) or ()))


def _places(
    term: Term, rows: Sequence[Estimate], numbered: Mapping[Variable, int], fit: Fit
) -> dict[str, int | str]:
    """Find where each level of a lever is told; {} where nobody noted it."""
    mine = {row.variable.level: row for row in rows if row.variable.term == term.column}
    if not mine:
        return {}
    why = {level: WHY.get(row.reason, INSEPARABLE) for level, row in mine.items() if row.reason}
    places = {
        level: numbered.get(row.variable, why.get(level, INSEPARABLE))
        for level, row in mine.items()
    }
    rare = {
        level for each in fit.design.rare if each.term == term.column for level, _ in each.levels
    }
    absent = {level: SCARCE if level in rare else ABSENT for level in term.levels}
    variable = next(row.variable for row in mine.values() if row.variable.level != UNKNOWN)
    known = {variable.reference or term.reference: REFERENCE} | places
    return {level: known.get(level, absent[level]) for level in absent}
