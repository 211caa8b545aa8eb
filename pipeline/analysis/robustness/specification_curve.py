"""The specification curve: every published line of a question, estimated by each analysis.

After Simonsohn, Simmons & Nelson (2020): all reasonable analyses are shown, none is chosen.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from pipeline.analysis.robustness.choices import CHOICES, Analysis, analyses, traps
from pipeline.analysis.robustness.datasets import (
    AnalysisSample,
    Imputer,
    Material,
    arrays,
    differs,
    options,
    sample,
)
from pipeline.analysis.robustness.estimators import EstimatorResult, estimate
from pipeline.analysis.robustness.treatments import suspicious
from pipeline.estimate.cluster_robust import t_interval
from pipeline.estimate.rubin import combine
from pipeline.inference.published_line import Estimate
from pipeline.inference.results import Answer
from pipeline.model.fit_result import Fit
from pipeline.model.variables import Variable

NOT_THERE = "the videos of this analysis cannot tell"
OTHERWISE = "it is compared with something else there"


@dataclass(frozen=True, slots=True)
class Specification:
    """One analysis of one line; estimates are log ratios per unit, as in estimates.csv.

    `analysis` numbers the analyses of a question, 0 is the published one; the six choices and the
    trap are those of `choices.Analysis`. `why` says why there is no estimate.
    """

    question: str
    term: str
    level: str
    unit: str
    analysis: int
    estimator: str
    zeros: str
    levers: str
    outcomes: str
    age: str
    top: str
    trap: str
    videos: int
    creators: int
    estimate: float | None = None
    std_error: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    why: str = ""


def specifications(
    videos: pd.DataFrame, answer: Answer, impute: Imputer
) -> tuple[Specification, ...]:
    """Analyse a question in every reasonable way, and in those that are none.

    `videos` is the pool, one row a video; `impute` is `samples.remembering()`, shared by the
    questions. None where the question is withheld, or nothing of it has an estimate.
    """
    lines = [e for e in answer.estimates if e.is_tested and e.estimate is not None]
    if not isinstance(answer.fit, Fit) or not lines:
        return ()
    material = Material(videos, answer.question, impute, suspicious(videos))
    tried = analyses(options(material))
    rows = [_told(line, tried[0], answer.fit) for line in lines]
    others = (*tried[1:], *(each for each in traps(tried[0].estimator) if differs(material, each)))
    for number, analysis in enumerate(others, start=1):
        taken = sample(material, analysis)
        result = taken if isinstance(taken, str) else _estimate(taken, analysis)
        rows += _rows(lines, answer, number, analysis, result)
    return tuple(rows)


def _estimate(taken: AnalysisSample, analysis: Analysis) -> EstimatorResult | str:
    each = []
    for number in range(len(taken.frames)):
        fitted = estimate(arrays(taken, number), analysis.estimator, taken.weights)
        if isinstance(fitted, str):
            return fitted
        each.append(fitted)
    return each[0] if len(each) == 1 else _combined(each)


def _combined(each: Sequence[EstimatorResult]) -> EstimatorResult:
    """Combine imputations by Rubin's rules; the variables that all of them have."""
    shared = [v for v in each[0].variables if all(v in fitted.variables for fitted in each)]
    at = [[fitted.variables.index(v) for v in shared] for fitted in each]
    pairs = list(zip(each, at, strict=True))
    estimates = np.array([fitted.estimate[i] for fitted, i in pairs])
    variances = np.array([np.diagonal(fitted.covariance)[i] for fitted, i in pairs])
    dof = np.min([fitted.dof[i] for fitted, i in pairs], axis=0)
    whole = combine(estimates, variances, dof)
    return EstimatorResult(
        tuple(shared),
        whole.estimate,
        np.diag(whole.std_error**2),
        whole.dof,
        np.all([fitted.has_estimate[i] for fitted, i in pairs], axis=0),
        np.all([fitted.carried[i] for fitted, i in pairs], axis=0),
        min(fitted.videos for fitted in each),
        min(fitted.creators for fitted in each),
    )


def _rows(
    lines: Sequence[Estimate],
    answer: Answer,
    number: int,
    analysis: Analysis,
    result: EstimatorResult | str,
) -> Iterator[Specification]:
    """The lines of one analysis; where it fails, or does not know a line, the reason."""
    videos, creators = (0, 0) if isinstance(result, str) else (result.videos, result.creators)
    for line in lines:
        row = _row(answer.question.name, line.variable, number, analysis, videos, creators)
        if isinstance(result, str):
            yield replace(row, why=result)
        else:
            yield _with_estimate(row, line.variable, result)


def _row(
    question: str, variable: Variable, number: int, analysis: Analysis, videos: int, creators: int
) -> Specification:
    return Specification(
        question, variable.term, variable.level, variable.unit, number,
        **{name: getattr(analysis, name) for name in CHOICES},
        trap=analysis.trap, videos=videos, creators=creators,
    )  # fmt: skip


def _with_estimate(
    row: Specification, variable: Variable, fitted: EstimatorResult
) -> Specification:
    if variable not in fitted.variables:
        same = [v for v in fitted.variables if (v.term, v.level) == (row.term, row.level)]
        return replace(row, why=OTHERWISE if same else NOT_THERE)
    j = fitted.variables.index(variable)
    if not fitted.has_estimate[j] or not np.isfinite(fitted.estimate[j]):
        return replace(row, why=NOT_THERE)
    row = replace(row, estimate=float(fitted.estimate[j]))
    if not (fitted.carried[j] and fitted.std_error[j] > 0):
        return row
    interval = t_interval(fitted.estimate[[j]], fitted.std_error[[j]], fitted.dof[[j]])
    return replace(
        row,
        std_error=float(fitted.std_error[j]),
        ci_low=float(interval.low[0]),
        ci_high=float(interval.high[0]),
    )


def _told(line: Estimate, analysis: Analysis, fitted: Fit) -> Specification:
    """The published line, as it stands in estimates.csv."""
    sizes = len(fitted.sample.y), len(fitted.sample.creators)
    row = _row(fitted.design.question.name, line.variable, 0, analysis, *sizes)
    return replace(
        row,
        estimate=line.estimate,
        std_error=line.std_error,
        ci_low=line.ci_low,
        ci_high=line.ci_high,
    )
