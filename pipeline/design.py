"""From the pool and a question to arrays: which rows, which columns, and what each is called."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipeline.pool import Account
from pipeline.questions import Form, Model, Part, Question, Term
from schema.vocabulary import vocabulary

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
RARE = "(rare)"
UNKNOWN = "unknown"
BEYOND = 15.0  # a log ratio that no data can tell
FARTHEST = 30.0  # a log ratio, from which on a ratio is shown as this one
FEW_VIDEOS = 5  # levels of so few videos are summed into one
ENOUGH_OUTCOMES = 10  # from which a creator without a zero evidently noted positives only
ZERO = {Form.FLAG: "no", Form.LOG: "1", Form.AGE: "1 day"}  # what a missing value stands beside
HOURS = ("0-5", "6-11", "12-17", "18-23")

FOLLOWERS = "new_followers"  # the outcome that may be noted when it is positive only
YOUNGEST = 7  # days from posting to capture, below which most of a video's views are still to come

ELSEWHERE = "not in each of the questions that are compared"
NO_OUTCOME = "no follower count"
NO_VIEWS = "no views, so nobody who could follow"
TOO_YOUNG = f"captured less than {YOUNGEST} days after posting"
POSITIVE_ONLY = "followers were noted only when there were some"


@dataclass(frozen=True, slots=True)
class Variable:
    """One column of a model: its term (the column of the data), its level, and what it compares."""

    term: str
    level: str
    unit: str
    part: Part
    says: str
    is_log: bool = False  # its ratio is for a doubling

    @property
    def name(self) -> str:
        """The variable in words that are unique within a model."""
        return f"{self.term}: {self.level}" if self.level else self.term

    @property
    def is_asked(self) -> bool:
        """Tell whether it is one of the questions: not context, an unknown or a rare level."""
        return self.part is not Part.CONTEXT and self.level not in (UNKNOWN, RARE)

    @property
    def step(self) -> float:
        """How much of its unit a ratio is for: log 2, a doubling, of a log; else the level."""
        return float(np.log(2)) if self.is_log else 1.0

    def ratio(self, log_ratio: float | None) -> float | None:
        """Turn a log ratio into a ratio, at most e^30; of a doubling, where it is a log."""
        if log_ratio is None:
            return None
        return float(np.exp(np.clip(log_ratio * self.step, -FARTHEST, FARTHEST)))


@dataclass(frozen=True, slots=True)
class RareLevels:
    """The levels of one term that were summed into `(rare)`, with their videos."""

    term: str
    levels: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """The arrays of one question: n rows, p columns before and k after rare levels are summed.

    `columns` (n, p) holds one column a level, `weights` (p, k) sums them into `variables`; the
    matrix of the model is their product. `group` (n,) numbers `creators`, of whom the pool may have
    more (`pool_creators`), `rows` (n,) the rows of the pool's videos. `offset` (n,) is the log of
    the exposure, 0 where the question has none.
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

    @property
    def x(self) -> Floats:
        """The model's matrix (n, k)."""
        return self.columns @ self.weights


def design(videos: pd.DataFrame, question: Question, only: Rows | None = None) -> Design:
    """Build the arrays of a question from the pool's videos (one row a video).

    `only` takes these rows and no others, as another question left them: nothing is judged anew.
    """
    reasons = _reasons(videos, question) if only is None else _shared(videos, only)
    used = videos[reasons == ""]
    creators = tuple(sorted(used["creator"].unique()))
    group = used["creator"].map({name: i for i, name in enumerate(creators)}).to_numpy(np.int64)
    outcome = used[question.outcome].to_numpy(np.float64)
    is_event = outcome > 0 if question.model is Model.POISSON else np.ones(len(used), np.bool_)
    pool_creators = videos["creator"].nunique()
    setting = _Setting(group, is_event, pool_creators)
    blocks = [block for term in question.terms for block in _blocks(used, term, setting)]
    return Design(
        question=question,
        columns=np.column_stack([np.empty((len(used), 0)), *(block.columns for block in blocks)]),
        weights=_diagonal([block.weights for block in blocks]),
        variables=tuple(variable for block in blocks for variable in block.variables),
        outcome=np.log1p(outcome) if question.model is Model.LEAST_SQUARES else outcome,
        offset=_offset(used, question),
        group=group,
        creators=creators,
        pool_creators=pool_creators,
        rows=np.flatnonzero((reasons == "").to_numpy()),
        account=Account.of(len(videos), reasons[reasons != ""]),
        rare=tuple(block.rare for block in blocks if block.rare),
        unrecorded=tuple(t.column for t in question.terms if not _is_recorded(used, t)),
        positive_only=tuple(sorted(videos.loc[reasons == POSITIVE_ONLY, "creator"].unique())),
    )


def _shared(videos: pd.DataFrame, only: Rows) -> "pd.Series[str]":
    reasons = pd.Series(ELSEWHERE, index=videos.index, dtype="object")
    reasons.iloc[only] = ""
    return reasons


def _offset(videos: pd.DataFrame, question: Question) -> Floats:
    if not question.exposure:
        return np.zeros(len(videos))
    logs: Floats = np.log(videos[question.exposure].to_numpy(np.float64))
    return logs


def _reasons(videos: pd.DataFrame, question: Question) -> "pd.Series[str]":
    """Say of each row why it has no part in the question, "" where it has; the last rule wins."""
    reasons = pd.Series("", index=videos.index, dtype="object")
    if question.exposure:
        reasons = reasons.mask((videos[question.exposure] == 0).to_numpy(), NO_VIEWS)
    known = videos[question.outcome].notna()
    if question.outcome == FOLLOWERS:
        reasons = reasons.mask(_positive_only(videos) & known, POSITIVE_ONLY)
    age = (videos["captured_on"] - videos["posted_on"]).dt.days
    return reasons.mask((age < YOUNGEST).to_numpy(), TOO_YOUNG).mask(~known, NO_OUTCOME)


def _positive_only(videos: pd.DataFrame) -> "pd.Series[bool]":
    """Mark the rows of creators with ten follower counts or more and no 0 among them."""
    by_creator = videos.groupby("creator")[FOLLOWERS]
    noted, least = by_creator.transform("count"), by_creator.transform("min").fillna(0)
    return (noted >= ENOUGH_OUTCOMES) & (least > 0)


@dataclass(frozen=True, slots=True, eq=False)
class _Setting:
    """What the columns of a term hang on: creators (n,), and where something happened (n,)."""

    group: NDArray[np.int64]
    is_event: NDArray[np.bool_]
    pool_creators: int


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """The columns of one term, and how they are summed."""

    columns: Floats
    weights: Floats
    variables: tuple[Variable, ...]
    rare: RareLevels | None = None


def _is_recorded(videos: pd.DataFrame, term: Term) -> bool:
    return bool(_values(videos, term).notna().any())


def _values(videos: pd.DataFrame, term: Term) -> pd.Series:
    """Give the values of a term before its form: numbers, yes or no, or levels."""
    column = videos[term.column]
    match term.form:
        case Form.AGE:
            return (videos["captured_on"] - videos["posted_on"]).dt.days.astype("Float64")
        case Form.QUARTER:
            quarter: pd.Series = column.dt.to_period("Q").astype("str").where(column.notna())
            return quarter
        case Form.HOURS:
            block = (column // 6).astype("Int64")
            return block.map(dict(enumerate(HOURS)), na_action="ignore").astype("str")
        case _:
            return column


def _blocks(videos: pd.DataFrame, term: Term, setting: _Setting) -> Iterator[_Block]:
    values = _values(videos, term)
    if not values.notna().any():
        return
    match term.form:
        case Form.LEVELS | Form.HOURS | Form.QUARTER:
            yield _levels(values, term, setting)
        case Form.FLAG:
            yes = values.fillna(value=False).to_numpy(np.float64)
            yield _plain(yes, Variable(term.column, "yes", "yes against no", term.part, term.says))
            yield from _unknown(values, term)
        case _:
            yield _number(values, term)
            yield from _unknown(values, term)


def _plain(column: NDArray[Any], variable: Variable) -> _Block:
    return _Block(column[:, None].astype(np.float64), np.ones((1, 1)), (variable,))


def _unknown(values: pd.Series, term: Term) -> Iterator[_Block]:
    """Mark the rows where the term is missing, if there are any."""
    if values.isna().any():
        missing = values.isna().to_numpy(np.float64)
        says = f"{_name(term)} not noted"
        unit = f"not noted against {ZERO.get(term.form, '0')}"
        variable = Variable(_name(term), UNKNOWN, unit, term.part, says)
        yield _plain(missing, variable)


def _number(values: pd.Series, term: Term) -> _Block:
    """A number in its log; 0 where it is missing."""
    raw = values.astype("Float64").to_numpy(np.float64, na_value=np.nan)
    with_one = term.form is Form.LOG1P
    logs = np.log1p(raw) if with_one else np.log(np.maximum(raw, 1) if _is_age(term) else raw)
    unit = f"doubling of 1 + {_name(term)}" if with_one else f"doubling of {_name(term)}"
    variable = Variable(_name(term), "", unit, term.part, term.says, is_log=True)
    return _plain(np.nan_to_num(logs), variable)


def _is_age(term: Term) -> bool:
    return term.form is Form.AGE


def _levels(values: pd.Series, term: Term, setting: _Setting) -> _Block:
    """One column a level, the reference left out; rare levels summed into one.

    The words `unknown` and `(rare)` are taken: where a creator wrote one, no level is noted.
    """
    noted = values.notna() & (values != RARE)
    words = values.astype("object").where(noted, UNKNOWN).to_numpy(dtype=object)
    levels = _order(words, term)
    columns = (words[:, None] == np.array(levels, dtype=object)[None, :]).astype(np.float64)
    counts = columns.sum(axis=0).astype(int)
    carriers = np.array([len(np.unique(setting.group[column == 1])) for column in columns.T])
    is_rare = (counts <= FEW_VIDEOS) | ((carriers == 1) & (setting.pool_creators > 1))
    is_told = ~is_rare & (columns[setting.is_event].sum(axis=0) > 0)
    reference = _reference(levels, counts, is_told, term)
    kept = [i for i, level in enumerate(levels) if level != reference and not is_rare[i]]
    rare = [i for i, level in enumerate(levels) if level != reference and is_rare[i]]
    weights = np.zeros((len(levels), len(kept) + bool(rare)))
    weights[kept, range(len(kept))] = 1
    weights[rare, len(kept) :] = 1
    names = [*(levels[i] for i in kept), *([RARE] if rare else [])]
    unit = f"against {reference}"
    says = [term.says.format(level=name, reference=reference) for name in names]
    variables = tuple(
        Variable(_name(term), name, unit, term.part, said)
        for name, said in zip(names, says, strict=True)
    )
    named = RareLevels(_name(term), tuple((levels[i], int(counts[i])) for i in rare))
    return _Block(columns, weights, variables, named if rare else None)


def _name(term: Term) -> str:
    return {Form.QUARTER: "posted_quarter", Form.AGE: "age_days"}.get(term.form, term.column)


def _order(words: NDArray[np.object_], term: Term) -> list[str]:
    """Order the levels: those of the specification, then others by name, then unknown."""
    found = set(words)
    listed = list(vocabulary().get(term.column, HOURS if term.form is Form.HOURS else ()))
    known = [level for level in listed if level in found]
    return known + sorted(found - set(known) - {UNKNOWN}) + sorted(found & {UNKNOWN})


def _reference(
    levels: Sequence[str], counts: NDArray[np.int64], is_told: NDArray[np.bool_], term: Term
) -> str:
    """The declared reference, or the most common level where that is rare or has no event.

    Against a level without an event every ratio would be infinite.
    """
    told = [i for i, level in enumerate(levels) if is_told[i] and level != UNKNOWN]
    if term.reference in [levels[i] for i in told]:
        return term.reference
    choice = told or range(len(levels))
    return levels[max(choice, key=lambda i: (counts[i], -i))]


def _diagonal(blocks: Sequence[Floats]) -> Floats:
    """Set matrices along the diagonal of one."""
    rows, columns = (sum(block.shape[axis] for block in blocks) for axis in (0, 1))
    whole, row, column = np.zeros((rows, columns)), 0, 0
    for block in blocks:
        whole[row : row + block.shape[0], column : column + block.shape[1]] = block
        row, column = row + block.shape[0], column + block.shape[1]
    return whole
