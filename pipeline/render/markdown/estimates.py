"""Every estimate, question by question, and every row that was left out: a page of tables."""

from typing import Any

from pipeline.inference.published_line import Estimate
from pipeline.inference.results import Answer, Results
from pipeline.model.exclusions import POSITIVE_ONLY
from pipeline.model.fit_result import Fit
from pipeline.render.charts.theme import shown
from pipeline.render.text.escape import markdown
from pipeline.render.text.numbers import p_value
from pipeline.render.text.templates import markdown_page


def page(findings: Results) -> bytes:
    """Write the page."""
    return markdown_page(
        "estimates.md.jinja",
        {"p": p_value},
        f=findings,
        pool=findings.pool,
        answers=[_answer(findings, answer) for answer in findings.answers],
        one=len(findings.pool.creators) == 1,
    )


def _answer(findings: Results, answer: Answer) -> dict[str, Any]:
    fitted = answer.fit if isinstance(answer.fit, Fit) else None
    return {
        "question": answer.question,
        "fit": fitted,
        "why": "" if fitted else markdown(getattr(answer.fit, "why", "")),
        "account": answer.fit.account,
        "design": answer.fit.design,
        "positive_only": POSITIVE_ONLY,
        "dominant": _dominant(findings, answer),
        "lines": [
            (line, line.variable.label, _truth(findings, answer, line)) for line in answer.estimates
        ],
        "has_figure": bool(shown(answer)),
        "has_truth": bool(findings.effects.get(answer.question.name)),
        "silent": fitted.silent if fitted else (),
        "missing": [line for line in answer.estimates if line.estimate is None],
    }


def _dominant(findings: Results, answer: Answer) -> list[str]:
    """The places of the rows that would decide the question alone."""
    rows = findings.pool.videos.iloc[answer.fit.design.dominant]
    return [f"{file}:{line}" for file, line in zip(rows["file"], rows["line"], strict=True)]


def _truth(findings: Results, answer: Answer, line: Estimate) -> float | None:
    return line.ratio(findings.planted(answer.question, line.variable))
