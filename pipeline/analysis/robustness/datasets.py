"""Which videos, with which cells and weights, each analysis of a question is made of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np
import pandas as pd

from pipeline.analysis.robustness import choices, treatments
from pipeline.analysis.robustness.choices import Analysis
from pipeline.analysis.robustness.estimators import ESTIMATORS
from pipeline.analysis.robustness.imputation import NOTHING_MISSING, imputed
from pipeline.analysis.robustness.inverse_probability_weights import Weighing, noted_weights
from pipeline.estimate.grouping import Floats
from pipeline.model.design import Design, design
from pipeline.model.exclusions import FOLLOWERS
from pipeline.model.questions import Form, Model, Question, Term
from pipeline.model.terms import is_recorded
from schema.zero_rules import NOT_SHOWN

TIMES = 10  # imputations
SEED = 2022

Frames = tuple[pd.DataFrame, ...]
TOP: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {  # what is kept; the published one first
    choices.ALL_VIDEOS: lambda videos: videos,
    choices.WITHOUT_TOP: treatments.without_top,
}
Imputer = Callable[[pd.DataFrame, Sequence[Term], str], Frames | str]


@dataclass(frozen=True, slots=True, eq=False)
class AnalysisSample:
    """What an analysis is made of.

    `frames` hold the same videos, once, or once an imputation; `weights` (n,) are theirs, or None.
    `question` has the terms and the model of the analysis. A product has what its `factors` are
    made of, each of the videos that can tell it, and the frames and weights of the last.
    """

    question: Question
    frames: Frames
    weights: Floats | None
    factors: tuple["AnalysisSample", ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """A question, the pool's videos (one row a video), what imputes them, and their doubtful zeros.

    `marks` (n, 3) are `treatments.suspicious` of the videos.
    """

    videos: pd.DataFrame
    question: Question
    impute: Imputer
    marks: pd.DataFrame

    def zeros(self, reading: str) -> pd.DataFrame:
        """The pool with its zeros read as an analysis does."""
        if reading == choices.SUSPICIOUS_MISSING:
            return treatments.without_zeros(self.videos, self.marks)
        if reading == choices.BLANKS_ZERO:
            return treatments.blanks_as_zeros(self.videos, self.question)
        return self.videos

    def used(self, analysis: Analysis) -> pd.DataFrame:
        """The videos that the question is asked of; without the top ones, where they are out."""
        frame = self.zeros(analysis.zeros)
        frame = frame.iloc[design(frame, self.question).rows]
        return TOP[analysis.top](frame)

    def fills(self, analysis: Analysis) -> Frames | str:
        """The videos with their missing levers imputed; in words, why that cannot be done."""
        return self.impute(self.used(analysis), self.question.terms, self.question.outcome)

    def weighing(self, reading: str) -> Weighing | str:
        """How likely each video's outcome was noted; in words, why that cannot be told."""
        if self.question.outcome != FOLLOWERS:
            return "views are always noted"
        return noted_weights(self.zeros(reading), self.question.outcome)


def remembering() -> Imputer:
    """Impute, which is slow, once for the same videos, terms and outcome."""
    known: dict[bytes, Frames | str] = {}

    def impute(videos: pd.DataFrame, terms: Sequence[Term], outcome: str) -> Frames | str:
        content = pd.util.hash_pandas_object(videos).to_numpy().tobytes()
        key = content + repr((terms, outcome)).encode()
        if key not in known:
            filled = imputed(videos, terms, outcome, TIMES, SEED)
            known[key] = filled if isinstance(filled, str) else _but_silent(videos, filled)
        return known[key]

    return impute


def published(question: Question) -> str:
    """The estimator of the published analysis."""
    return ESTIMATORS[question.model]


def options(material: Material) -> dict[str, tuple[str, ...]]:
    """The choices that make a difference in this pool, the published one first."""
    question = material.question
    own = Analysis(published(question))
    others = (choices.POISSON, choices.NEGATIVE_BINOMIAL, choices.LOG1P)
    offered = {"estimator": (own.estimator, *(name for name in others if name != own.estimator))}
    used = material.used(own)
    read = {question.outcome, *(term.column for term in question.terms)}
    if any(material.marks[name].any() for name in NOT_SHOWN if name in read):
        offered["zeros"] = (own.zeros, choices.SUSPICIOUS_MISSING)
    levers = []
    if 0 < len(treatments.complete(used, question.terms)) < len(used):
        levers.append(choices.COMPLETE)
    if not isinstance(material.fills(own), str):
        levers.append(choices.IMPUTED)
    if levers:
        offered["levers"] = (own.levers, *levers)
    if not isinstance(material.weighing(own.zeros), str):
        offered["outcomes"] = (own.outcomes, choices.WEIGHTED)
    if any(_is_age(term) and is_recorded(used, term) for term in question.terms):
        offered["age"] = (own.age, choices.WITHOUT_AGE)
    if used["creator"].duplicated().any():
        offered["top"] = tuple(TOP)
    return offered


def _but_silent(videos: pd.DataFrame, filled: Frames) -> Frames | str:
    """Empty again what a creator never noted: nothing tells it, and the creator's level carries it.

    A creator who makes no duets has no column of them, and would be given some.
    """
    never = videos.isna().groupby(videos["creator"]).transform("all")
    names = [str(name) for name in never if never[name].any()]
    kept = tuple(
        frame.assign(**{name: frame[name].mask(never[name]) for name in names}) for frame in filled
    )
    return NOTHING_MISSING if kept[0].isna().equals(videos.isna()) else kept


def differs(material: Material, trap: Analysis) -> bool:
    """Return whether a trap does anything here: without a blank there is none to read as a zero."""
    zeros = material.zeros(trap.zeros)
    return trap.zeros != choices.BLANKS_ZERO or not zeros.equals(material.videos)


def sample(material: Material, analysis: Analysis) -> AnalysisSample | str:
    """Take what one analysis is made of; in words, why there is nothing."""
    question = _question(material.question, analysis)
    if analysis.estimator == choices.PRODUCT:
        return _of_product(material, analysis, question)
    if analysis.trap == choices.OF_2022:
        aside = design(material.videos, material.question).dominant
        everything = material.videos.drop(index=material.videos.index[aside])
        if question.exposure:
            everything = everything[everything[question.exposure] > 0]
        return AnalysisSample(question, (treatments.as_in_2022(everything, question),), None)
    frames = _frames(material, analysis, question)
    if isinstance(frames, str) or analysis.outcomes != choices.WEIGHTED:
        return frames if isinstance(frames, str) else AnalysisSample(question, frames, None)
    weighing = material.weighing(analysis.zeros)
    if isinstance(weighing, str):
        return weighing
    at = material.videos.index.get_indexer(frames[0].index)
    return AnalysisSample(question, frames, weighing.weights[at])


def _of_product(material: Material, analysis: Analysis, question: Question) -> AnalysisSample | str:
    factors = []
    for factor in material.question.factors:
        mine = replace(analysis, estimator=published(factor))
        if factor.outcome != FOLLOWERS:
            mine = replace(mine, outcomes=choices.AS_NOTED)  # views are always noted
        taken = sample(replace(material, question=factor), mine)
        if isinstance(taken, str):
            return taken
        factors.append(taken)
    return AnalysisSample(question, factors[-1].frames, factors[-1].weights, tuple(factors))


def arrays(taken: AnalysisSample, number: int = 0) -> Design:
    """Build the arrays of all videos of a frame; nothing is judged anew.

    The rows of a product's factors are numbered alike.
    """
    if not taken.factors:
        frame = taken.frames[number]
        return design(frame, taken.question, only=np.arange(len(frame)))
    indices = [each.frames[number].index for each in taken.factors]
    every = reduce(lambda one, other: one.union(other), indices)
    factors = [
        replace(arrays(each, number), rows=every.get_indexer(index).astype(np.int64))
        for each, index in zip(taken.factors, indices, strict=True)
    ]
    last = replace(factors[-1], question=taken.question, factors=tuple(factors))
    return replace(last, offset=np.zeros_like(last.offset))


def _frames(material: Material, analysis: Analysis, question: Question) -> Frames | str:
    if analysis.levers == choices.IMPUTED:
        return material.fills(analysis)
    frame = material.used(analysis)
    if analysis.levers == choices.COMPLETE:
        frame = treatments.complete(frame, question.terms)
    return (frame,)


def _question(question: Question, analysis: Analysis) -> Question:
    asked = question
    if analysis.age == choices.WITHOUT_AGE:
        asked = _without_age(question)
    if analysis.estimator == choices.PRODUCT:
        return asked
    least = analysis.estimator == choices.LOG1P
    return replace(asked, model=Model.LEAST_SQUARES if least else Model.POISSON, factors=())


def _without_age(question: Question) -> Question:
    terms = tuple(term for term in question.terms if not _is_age(term))
    return replace(question, terms=terms, factors=tuple(map(_without_age, question.factors)))


def _is_age(term: Term) -> bool:
    return term.form is Form.AGE
