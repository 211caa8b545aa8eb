"""The columns of held-out videos as the training videos make them, and one column a term."""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.estimate.grouping import Bools, Floats
from pipeline.model.design import design
from pipeline.model.encoding import Encoding, raw_of
from pipeline.model.questions import Form, Question
from pipeline.model.variables import RARE, UNKNOWN, Variable


def encode(videos: pd.DataFrame, question: Question) -> Encoding:
    """Give each video's own value of each term and level; it does not depend on other videos."""
    return raw_of(design(videos, question, np.arange(len(videos))))


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Columns (n, k) of a model, and which of them (k,) mark what was not noted."""

    x: Floats
    is_unknown: Bools


def training_columns(training: pd.DataFrame, question: Question, whole: Encoding) -> Columns:
    """The variables that a question has on the training videos, for all n videos.

    A level that the training videos do not have is rare: it goes into `(rare)`, or where nothing
    was rare there, stands with the reference. A number that is missing is 0 beside its indicator;
    where no training video lacks it, and so no indicator was learnt, it is their mean.
    """
    built = design(training, question, np.arange(len(training)))
    levels: dict[str, set[str]] = {}
    for variable in built.variables:
        levels.setdefault(variable.term, {variable.reference}).add(variable.level)
    means = built.columns.mean(axis=0) @ built.weights
    curves = {term.column for term in question.terms if term.form is Form.SPLINE}
    columns = []
    for variable, mean in zip(built.variables, means, strict=True):
        is_number = variable.is_log or variable.term in curves
        usual = float(mean) if is_number else None
        columns.append(_column(variable, levels[variable.term], usual, whole))
    return Columns(
        np.column_stack([np.empty((len(whole.columns), 0)), *columns]),
        np.array([variable.level == UNKNOWN for variable in built.variables], dtype=np.bool_),
    )


def _column(variable: Variable, learnt: set[str], mean: float | None, whole: Encoding) -> Floats:
    """One variable for all videos; `learnt` are the levels of its term in the training videos.

    `mean` is that of a number.
    """
    own = {level: i for i, (term, level) in enumerate(whole.names) if term == variable.term}
    if variable.level == RARE:
        rare: Floats = whole.columns[:, [own[v] for v in own if v not in learnt]].sum(axis=1)
        return rare
    column: Floats = whole.columns[:, own[variable.level]]
    if mean is not None and UNKNOWN in own and UNKNOWN not in learnt:
        column = np.where(whole.columns[:, own[UNKNOWN]] == 1, mean, column)
    return column


def term_columns(whole: Encoding) -> dict[str, Floats]:
    """One column (n,) a term: numbers in their log, levels as codes in order, NaN where missing."""
    by_term: dict[str, Floats] = {}
    for term in sorted({term for term, _ in whole.names}):
        own = {level: i for i, (name, level) in enumerate(whole.names) if name == term}
        missing = own.pop(UNKNOWN, None)
        places = [own[level] for level in sorted(own, key=_in_order)]
        codes = np.arange(len(places)) if len(places) > 1 else np.ones(len(places))
        column = whole.columns[:, places] @ codes
        by_term[term] = column if missing is None else _without(column, whole.columns[:, missing])
    return by_term


def _without(column: Floats, missing: Floats) -> Floats:
    return np.where(missing == 1, np.nan, column)


def _in_order(level: str) -> tuple[int, str]:
    """Hours by the hour, quarters by the year, others by name."""
    digits = re.match(r"\d{1,4}", level)
    return int(digits[0]) if digits else -1, level
