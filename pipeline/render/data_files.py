"""The findings as files for machines: CSV and JSON, floats with eight significant digits."""

import json
import math

from pipeline.inference.contrasts import degrees_of_freedom
from pipeline.inference.estimates import covariance
from pipeline.inference.published_line import Estimate
from pipeline.inference.results import Answer, Results
from pipeline.model.fit import cv_rmse
from pipeline.model.fit_result import Fit
from pipeline.storage.csv_text import Row, as_csv

ESTIMATES = (
    "question", "term", "level", "unit", "videos", "creators", "effective_creators", "estimate",
    "std_error", "statistic", "df", "ci_low", "ci_high", "ratio", "ratio_low", "ratio_high",
    "p_value", "p_adjusted", "method", "verdict", "q_value", "lowest", "highest",
    "creators_needed", "videos_needed", "creators_needed_at_most", "odds", "shrunken",
    "shrunken_low", "shrunken_high", "joint_p_value", "total_ratio", "total_ratio_low",
    "total_ratio_high",
)  # fmt: skip
OWN = (
    "question", "term", "level", "unit", "creator", "videos", "videos_with", "estimate", "ratio",
)  # fmt: skip
COVARIANCE = (
    "question", "term", "level", "other_term", "other_level", "covariance", "difference_df",
)  # fmt: skip


def estimates(findings: Results) -> bytes:
    """A row for each question and variable."""
    rows = [_estimate(answer, line) for answer in findings.answers for line in answer.estimates]
    return as_csv(ESTIMATES, rows)


def _estimate(answer: Answer, line: Estimate) -> Row:
    variable, needed, total = line.variable, line.needed, line.total
    return (
        answer.question.name, variable.term, variable.level, variable.unit, line.videos,
        line.creators, line.effective_creators, line.estimate, line.std_error, line.statistic,
        line.df, line.ci_low, line.ci_high, line.ratio(line.estimate), line.ratio(line.ci_low),
        line.ratio(line.ci_high), line.p_value, line.p_adjusted, line.method,
        line.verdict, line.q_value, line.lowest, line.highest,
        needed.creators if needed else None, needed.videos if needed else None,
        needed.most if needed else None, line.odds, line.ratio(line.shrunken),
        line.ratio(line.shrunken_low), line.ratio(line.shrunken_high), line.joint_p,
        line.ratio(total.estimate) if total else None, line.ratio(total.low) if total else None,
        line.ratio(total.high) if total else None,
    )  # fmt: skip


def own(findings: Results) -> bytes:
    """A row for each creator of a line that two to four creators carry."""
    rows = [
        (
            answer.question.name, line.variable.term, line.variable.level, line.variable.unit,
            each.creator, each.videos, each.videos_with, each.estimate, line.ratio(each.estimate),
        )
        for answer in findings.answers
        for line in answer.estimates
        for each in line.own
    ]  # fmt: skip
    return as_csv(OWN, rows)


def covariances(findings: Results) -> bytes:
    """A row for each pair of estimates that are published with a standard error.

    `difference_df` are the degrees of freedom of the difference of two levels of one term, and of
    the estimate itself where both are the same.
    """
    rows: list[Row] = []
    for answer in findings.answers:
        if isinstance(answer.fit, Fit):
            matrix, dof = covariance(answer.fit), degrees_of_freedom(answer.fit)
            shown = {e.variable for e in answer.estimates if e.std_error is not None}
            kept = [(i, v) for i, v in enumerate(answer.fit.variables) if v in shown]
            rows += [
                (
                    answer.question.name,
                    a.term,
                    a.level,
                    b.term,
                    b.level,
                    float(matrix[i, j]),
                    float(dof[i, j]),
                )
                for i, a in kept
                for j, b in kept
                if j <= i
            ]
    return as_csv(COVARIANCE, rows)


def summary(findings: Results) -> bytes:
    """The counts, the account and how well each question is fitted, as one JSON object."""
    pool = findings.pool
    fits = [
        {
            "question": answer.question.name,
            "videos": len(answer.fit.sample.y),
            "creators": len(answer.fit.sample.creators),
            "r2_within": _rounded(answer.fit.r2_within),
            "rmse_log": _rounded(answer.fit.rmse_log),
            "cv_rmse": _rounded(cv_rmse(answer.fit)),
        }
        for answer in findings.answers
        if isinstance(answer.fit, Fit)
    ]
    account = {
        "rows_in": pool.account.rows_in,
        "rows_used": pool.account.rows_used,
        "left_out": dict(pool.account.left_out),
    }
    value = {
        "version": 1,
        "simulated": pool.simulated and len(pool.videos) > 0,
        "creators": len(pool.creators),
        "videos": len(pool.videos),
        "account": account,
        "fits": fits,
        "inputs": findings.inputs,
    }
    return (json.dumps(value, indent=2, ensure_ascii=True) + "\n").encode()


def _rounded(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else float(f"{value:.8g}")
