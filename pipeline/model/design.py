"""From the pool and a question to arrays: which rows, which columns, and what each is called."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial, reduce

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipeline.dataset.pool import Account
from pipeline.estimate.grouping import Bools, Floats
from pipeline.estimate.trends import has_trend, without_trends
from pipeline.model.exclusions import DOMINANT, POSITIVE_ONLY, exclusions, offset_of, outcome_of
from pipeline.model.questions import Model, Question, Term
from pipeline.model.terms import RareLevels, Setting, Values, blocks, values
from pipeline.model.variables import RARE, Variable

Rows = NDArray[np.int64]

TREND_VIDEOS = 5  # of a creator, below which a straight line takes too much of what they tell
ELSEWHERE = "not in each of the questions that are compared"


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """The arrays of one question: n rows, p columns before and k after rare levels are summed.

    `columns` (n, p) holds one column a level, `weights` (p, k) sums them into `variables`; the
    matrix of the model is their product. `group` (n,) numbers `creators`, of whom the pool may have
    more (`pool_creators`), `rows` (n,) the rows of the pool's videos. `offset` (n,) is the log of
    the exposure, 0 where the question has none. `dominant` are the rows of the pool's videos that
    are set aside since each would decide the question alone (see `dominance`).

    `time` (n,) is the day of posting of creators who have a trend of their own (`trends`, (G,)),
    which `detrended` takes out of columns before a fit of least squares; 0 for all others.

    `has` (n, k) marks the rows that have what a variable compares (a level, a number near a knot,
    or any number), `against` (n, k) those that have what it compares that with, as far as it is
    noted; `is_knot` (k,) the variables that are the height of a curve.

    A product has the arrays of its last factor, without its offset, and the designs of its
    `factors`.
    """

    question: Question
    columns: Floats
    weights: Floats
    variables: tuple[Variable, ...]
    outcome: Floats
    offset: Floats
    group: NDArray[np.int64]
    creators: tuple[str, ...]
    pool_creators: int
    rows: NDArray[np.int64]
    account: Account
    rare: tuple[RareLevels, ...]
    unrecorded: tuple[str, ...]
    positive_only: tuple[str, ...]
    dominant: NDArray[np.int64]
    time: Floats
    has: Bools
    against: Bools
    is_knot: Bools
    factors: tuple["Design", ...] = ()

    @property
    def x(self) -> Floats:
        """The model's matrix (n, k)."""
        return self.columns @ self.weights

    @property
    def trends(self) -> Bools:
        """Which creators (G,) have a straight line in time of their own."""
        return has_trend(self.time, self.group, len(self.creators))

    def detrended(self, columns: Floats) -> Floats:
        """Columns (n, ...) less the creators' own trends, where they have one."""
        return without_trends(columns, self.time, self.group)


def design(videos: pd.DataFrame, question: Question, only: Rows | None = None) -> Design:
    """Build the arrays of a question from the pool's videos (one row a video).

    `only` takes these rows and no others, as another question left them: nothing is judged anew.
    """
    return _design(videos, question, only, cache(partial(values, videos)))


def _design(
    videos: pd.DataFrame, question: Question, only: Rows | None, noted: Callable[[Term], Values]
) -> Design:
    if question.factors:
        factors = [_design(videos, factor, only, noted) for factor in question.factors]
        return _product(question, factors)
    reasons = exclusions(videos, question) if only is None else _shared(videos, only)
    is_used = reasons == ""
    used = videos.loc[is_used, _columns(question)]
    group, creators = pd.factorize(used["creator"].to_numpy(dtype=object), sort=True)
    outcome = outcome_of(used, question)
    is_event = outcome > 0 if question.model.is_counted else np.ones(len(used), np.bool_)
    pool_creators = videos["creator"].nunique()
    setting = Setting(group, is_event, pool_creators)
    by_term = [tuple(blocks(noted(term)[is_used], term, setting)) for term in question.terms]
    term_blocks = [block for each in by_term for block in each]
    no_column = np.empty((len(used), 0), dtype=np.bool_)
    return Design(
        question=question,
        columns=np.column_stack(
            [np.empty((len(used), 0)), *(block.columns for block in term_blocks)]
        ),
        weights=_diagonal([block.weights for block in term_blocks]),
        variables=tuple(variable for block in term_blocks for variable in block.variables),
        outcome=outcome,
        offset=offset_of(used, question),
        group=group,
        creators=tuple(creators),
        pool_creators=pool_creators,
        rows=np.flatnonzero(is_used),
        account=Account.from_reasons(len(videos), reasons[~is_used]),
        rare=tuple(block.rare for block in term_blocks if block.rare),
        unrecorded=tuple(
            term.column for term, each in zip(question.terms, by_term, strict=True) if not each
        ),
        positive_only=tuple(sorted(videos.loc[reasons == POSITIVE_ONLY, "creator"].unique())),
        dominant=np.flatnonzero(reasons == DOMINANT),
        time=_time(used, question, group, pool_creators),
        has=np.column_stack([no_column, *(block.has for block in term_blocks)]),
        against=np.column_stack([no_column, *(block.against for block in term_blocks)]),
        is_knot=np.repeat(
            np.array([block.is_curve for block in term_blocks], dtype=np.bool_),
            [len(block.variables) for block in term_blocks],
        ),
    )


def _columns(question: Question) -> list[str]:
    """The columns that a question needs beside its terms, each once."""
    names = ("creator", "posted_on", question.outcome, question.exposure, question.trend_without)
    return list(dict.fromkeys(name for name in names if name))


def comparable(built: Design, variables: Sequence[Variable]) -> tuple[Hashable, ...]:
    """Name variables so that they are alike in two designs where they compare the same things.

    Levels that are rare are summed into one, which may be of other words in each.
    """
    words = {each.term: each.levels for each in built.rare}
    return tuple(
        (each, frozenset(word for word, _ in words[each.term])) if each.level == RARE else each
        for each in variables
    )


def _product(question: Question, factors: Sequence[Design]) -> Design:
    last = factors[-1]
    return replace(
        last,
        question=question,
        offset=np.zeros_like(last.offset),
        dominant=reduce(np.union1d, [each.dominant for each in factors]),
        factors=tuple(factors),
    )


def _time(videos: pd.DataFrame, question: Question, group: Rows, pool_creators: int) -> Floats:
    """The day of posting (n,), in days, of creators who have a trend of their own; 0 of others.

    They are those of whom it is not known how many followed before, in one video or more: where
    their accounts grow, that would look like the work of whatever changed meanwhile. In a pool of
    one creator the quarters of posting do that.
    """
    none = np.zeros(len(videos))
    has_lines = question.model is Model.LEAST_SQUARES and question.trend_without
    if not has_lines or pool_creators == 1 or not len(videos):
        return none
    missing = np.bincount(group, videos[question.trend_without].isna().to_numpy())
    is_trended = (missing > 0) & (np.bincount(group) >= TREND_VIDEOS)
    days = (videos["posted_on"] - videos["posted_on"].min()).dt.days.astype("float64")
    middle = days.groupby(group).transform("mean").fillna(0)  # where a line leaves a row as it is
    return np.where(is_trended[group], days.fillna(middle).to_numpy(), none)


def _shared(videos: pd.DataFrame, only: Rows) -> Values:
    reasons = np.full(len(videos), ELSEWHERE, dtype=object)
    reasons[only] = ""
    return reasons


def _diagonal(blocks: Sequence[Floats]) -> Floats:
    """Set matrices along the diagonal of one."""
    rows, columns = (sum(block.shape[axis] for block in blocks) for axis in (0, 1))
    whole, row, column = np.zeros((rows, columns)), 0, 0
    for block in blocks:
        whole[row : row + block.shape[0], column : column + block.shape[1]] = block
        row, column = row + block.shape[0], column + block.shape[1]
    return whole
