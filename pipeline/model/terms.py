"""From a column of the data to columns of a model: logs, flags, levels, and what is missing."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipeline.dataset.pool import SELDOM
from pipeline.estimate.grouping import Bools, Floats
from pipeline.estimate.spline import spline_columns
from pipeline.model.questions import HOURS, Form, Term
from pipeline.model.variables import AGAINST, DOUBLING, RARE, UNKNOWN, Variable

FEW_VIDEOS = 5  # levels of so few videos are summed into one
HALFWAY = 1e-9  # logs, by which a number as far from two knots is nearer to the reference
SELDOM_WORDS = "(seldom words)"  # a level of all of them, which is rare whatever it sums to
ZERO = {Form.FLAG: "no", Form.AGE: "1 day"}  # what a missing value stands beside


# Of one term: numbers with NaN, or words with `unknown`, where it is not noted.
Values = NDArray[Any]


@dataclass(frozen=True, slots=True)
class RareLevels:
    """The levels of one term that were summed into `(rare)`, with their videos."""

    term: str
    levels: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """What the columns of a term hang on: creators (n,), and where something happened (n,)."""

    group: NDArray[np.int64]
    is_event: NDArray[np.bool_]
    pool_creators: int


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """The columns (n, p) of one term, how they are summed (p, k), and which rows compare what."""

    columns: Floats
    weights: Floats
    variables: tuple[Variable, ...]
    has: Bools  # (n, k) what each variable compares
    against: Bools  # (n, k) and what it compares that with, as far as it is noted
    rare: RareLevels | None = None
    is_curve: bool = False


def is_recorded(videos: pd.DataFrame, term: Term) -> bool:
    """Return whether anybody noted the column of a term."""
    return bool(_is_noted(values(videos, term)).any())


def _is_noted(noted: Values) -> Bools:
    is_noted: Bools = noted != UNKNOWN if noted.dtype == object else ~np.isnan(noted)
    return is_noted


def values(videos: pd.DataFrame, term: Term) -> Values:
    """The values (n,) of a term before its form: numbers, or 1 and 0, or the words of levels."""
    column = videos[term.column]
    match term.form:
        case Form.AGE:
            return _floats((videos["captured_on"] - videos["posted_on"]).dt.days)
        case Form.QUARTER:
            quarters = column.to_numpy("datetime64[M]").astype(np.int64) // 3
            return _words(quarters, column.notna().to_numpy(), _quarter)
        case Form.HOURS:
            hours = _floats(column)
            is_noted = ~np.isnan(hours)
            return _words(np.where(is_noted, hours, 0).astype(np.int64) // 6, is_noted, _hours)
        case Form.LEVELS:
            words = column.to_numpy(dtype=object, na_value=UNKNOWN, copy=True)
            if term.column == "subject" and SELDOM in videos:
                words[videos[SELDOM].to_numpy()] = SELDOM_WORDS
            words[words == RARE] = UNKNOWN
            return words
        case _:
            return _floats(column)


def _words(numbers: NDArray[np.int64], is_noted: Bools, word: Callable[[int], str]) -> Values:
    """Name numbers (n,), each different one once."""
    different, at = np.unique(numbers[is_noted], return_inverse=True)
    words = np.full(len(numbers), UNKNOWN, dtype=object)
    words[is_noted] = np.array([word(number) for number in different.tolist()], dtype=object)[at]
    return words


def _quarter(since_1970: int) -> str:
    return f"{1970 + since_1970 // 4}Q{since_1970 % 4 + 1}"


def _hours(part: int) -> str:
    return HOURS[part]


def blocks(noted: Values, term: Term, setting: Setting) -> Iterator[Block]:
    """Turn the values (n,) of a term into columns of a model; none, where nobody noted it."""
    missing = ~_is_noted(noted)
    if missing.all():
        return
    match term.form:
        case Form.LEVELS | Form.HOURS | Form.QUARTER:
            yield _levels(noted, term, setting)
            return
        case Form.FLAG:
            yes = noted == 1
            variable = Variable(term.column, "yes", "yes against no", term.part, term.says)
            yield _plain(yes, variable, yes, ~yes & ~missing)
        case Form.SPLINE:
            yield from _spline(noted, term)
        case _:
            yield _number(noted, term)
    if missing.any():
        says = f"{_name(term)} not noted"
        unit = f"not noted against {term.reference or ZERO.get(term.form, '0')}"
        variable = Variable(_name(term), UNKNOWN, unit, term.part, says)
        yield _plain(missing, variable, missing, ~missing)


def _plain(column: NDArray[Any], variable: Variable, has: Bools, against: Bools) -> Block:
    floats = column[:, None].astype(np.float64)
    return Block(floats, np.ones((1, 1)), (variable,), has[:, None], against[:, None])


def _number(numbers: Floats, term: Term) -> Block:
    """A number in its log; 0 where it is missing."""
    with_one = term.form is Form.LOG1P
    unit = f"{DOUBLING}{'1 + ' if with_one else ''}{_name(term)}"
    variable = Variable(_name(term), "", unit, term.part, term.says, is_log=True)
    is_noted = ~np.isnan(numbers)
    return _plain(np.nan_to_num(_logs(numbers, term)), variable, is_noted, is_noted)


def _spline(numbers: Floats, term: Term) -> Iterator[Block]:
    """The curve at each knot but the reference; 0, as there, where the number is missing."""
    columns = np.nan_to_num(knot_columns(numbers, term))
    near = {level: is_near(numbers, term, level) for level in term.levels}
    for column, level in zip(columns.T, term.levels, strict=True):
        if level != term.reference:
            says = term.says.format(level=level, reference=term.reference)
            unit = f"{AGAINST}{term.reference}"
            variable = Variable(_name(term), level, unit, term.part, says, reference=term.reference)
            block = _plain(column, variable, near[level], near[term.reference])
            yield replace(block, is_curve=True)


def knot_columns(numbers: Floats, term: Term) -> Floats:
    """The columns (n, 3) of a spline, one a knot; NaN where a number (n,) is missing."""
    first, middle, last = log_of(term)(np.array(term.knots))
    return spline_columns(log_of(term)(numbers), (first, middle, last))


def log_of(term: Term) -> np.ufunc:
    """The log in which a number enters: of 1 + it, but for a spline whose first knot is not 0."""
    return np.log if term.knots and term.knots[0] > 0 else np.log1p


def near_knot(videos: pd.DataFrame, term: Term, level: str) -> "pd.Series[bool]":
    """Mark the videos whose number is nearer to this knot than to its neighbours."""
    numbers = _floats(videos[term.column])
    return pd.Series(is_near(numbers, term, level), index=videos.index)


def is_near(numbers: Floats, term: Term, level: str) -> Bools:
    """Mark the numbers (n,) that are near, in their log, to a knot; NaN is near none.

    Near is what lies nearest, and what lies beyond the outer knots no further than halfway to the
    next would be. Halfway between two is near the reference: 1 hashtag counts for 3, not for none.
    """
    log = log_of(term)
    with np.errstate(divide="ignore"):  # nothing is as short as 0 seconds
        at, knots = log(numbers), log(np.array(term.knots))
    i, first = term.levels.index(level), term.levels.index(term.reference)
    gaps = np.diff(knots) / 2
    below, above = gaps[max(i - 1, 0)], gaps[min(i, len(gaps) - 1)]
    low = knots[i] - below + HALFWAY * (1 if 0 < i != first else -1)
    high = knots[i] + above + HALFWAY * (-1 if i + 1 == first else 1)
    near: Bools = (low <= at) & (at <= high)
    return near


def logs(videos: pd.DataFrame, terms: Sequence[Term]) -> Floats:
    """The columns (n, k) of the terms that are numbers, in their logs; NaN where one is missing."""
    numbers = [term for term in terms if term.form in (Form.SPLINE, Form.LOG1P)]
    columns = [_logs(values(videos, term), term) for term in numbers]
    return np.column_stack([np.empty((len(videos), 0)), *columns])


def _logs(numbers: Floats, term: Term) -> Floats:
    log = log_of(term)
    if term.form is Form.AGE:
        numbers, log = np.maximum(numbers, 1), np.log
    logs: Floats = log(numbers)
    return logs


def _floats(column: pd.Series) -> Floats:
    if column.dtype == object:
        column = column.astype("Float64")
    numbers: Floats = column.to_numpy(np.float64, na_value=np.nan)
    return numbers


def _levels(words: Values, term: Term, setting: Setting) -> Block:
    """One column a level, the reference left out; rare levels summed into one.

    The words `unknown` and `(rare)` are taken: where a creator wrote one, no level is noted.
    """
    levels = _order(words, term)
    codes = pd.Index(levels).get_indexer(pd.Index(words))
    columns = (codes[:, None] == np.arange(len(levels))).astype(np.float64)
    counts = np.bincount(codes, minlength=len(levels))
    pairs = np.unique(setting.group * len(levels) + codes) % len(levels)
    carriers = np.bincount(pairs, minlength=len(levels))
    is_rare = (counts <= FEW_VIDEOS) | ((carriers == 1) & (setting.pool_creators > 1))
    is_rare |= np.array([level == SELDOM_WORDS for level in levels], dtype=np.bool_)
    is_told = ~is_rare & (np.bincount(codes[setting.is_event], minlength=len(levels)) > 0)
    reference = _reference(levels, counts, is_told, term)
    kept = [i for i, level in enumerate(levels) if level != reference and not is_rare[i]]
    rare = [i for i, level in enumerate(levels) if level != reference and is_rare[i]]
    weights = np.zeros((len(levels), len(kept) + bool(rare)))
    weights[kept, range(len(kept))] = 1
    weights[rare, len(kept) :] = 1
    names = [*(levels[i] for i in kept), *([RARE] if rare else [])]
    unit = f"{AGAINST}{reference}"
    says = [term.says.format(level=name, reference=reference) for name in names]
    variables = tuple(
        Variable(_name(term), name, unit, term.part, said, reference=reference)
        for name, said in zip(names, says, strict=True)
    )
    named = RareLevels(_name(term), tuple((levels[i], int(counts[i])) for i in rare))
    has: Bools = columns @ weights != 0
    is_known = (words != UNKNOWN)[:, None]
    return Block(columns, weights, variables, has, ~has & is_known, named if rare else None)


def _name(term: Term) -> str:
    return {Form.QUARTER: "posted_quarter", Form.AGE: "age_days"}.get(term.form, term.column)


def _order(words: NDArray[np.object_], term: Term) -> list[str]:
    """Order the levels: those of the specification, then others by name, then unknown."""
    present = set(words)
    known = [level for level in term.levels if level in present]
    return known + sorted(present - set(known) - {UNKNOWN}) + sorted(present & {UNKNOWN})


def _reference(
    levels: Sequence[str], counts: NDArray[np.int64], is_told: NDArray[np.bool_], term: Term
) -> str:
    """The declared reference, or the most common level where that is rare or has no event.

    Against a level without an event every ratio would be infinite.
    """
    usable = [i for i, level in enumerate(levels) if is_told[i] and level != UNKNOWN]
    if term.reference in [levels[i] for i in usable]:
        return term.reference
    choice = usable or range(len(levels))
    return levels[max(choice, key=lambda i: (counts[i], -i))]
