"""Every estimate in full, question by question, with what it rests on: a page of tables."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from pipeline.inference.decomposition import Split
from pipeline.inference.estimates import Estimate
from pipeline.inference.results import Answer, Results
from pipeline.inference.verdicts import CANNOT_TELL, LEANING, THIS_ACCOUNT
from pipeline.model.design import POSITIVE_ONLY
from pipeline.model.fit_result import Fit
from pipeline.model.questions import REACH, Model
from pipeline.render.charts.theme import shown
from pipeline.render.markdown.holds import holds
from pipeline.render.text.escape import markdown
from pipeline.render.text.numbers import bound, p_value
from pipeline.render.text.templates import markdown_page

FEW_EFFECTIVE = 10  # creators, below which an interval asks for caution


def page(findings: Results) -> bytes:
    """Write the page."""
    return markdown_page(
        "estimates.md.jinja",
        {"bound": bound, "p": p_value},
        f=findings,
        pool=findings.pool,
        holds=holds(findings.pool.videos),
        answers=[_answer(findings, answer) for answer in findings.answers],
        splits=_splits(findings),
        one_creator=len(findings.pool.creators) == 1,
    )


def _answer(findings: Results, answer: Answer) -> dict[str, Any]:
    fitted = answer.fit if isinstance(answer.fit, Fit) else None
    lines = shown(answer)
    one = fitted is not None and fitted.within is not None
    return {
        "question": answer.question,
        "fit": fitted,
        "why": "" if fitted else markdown(getattr(answer.fit, "why", "")),
        "agreement": answer.agreement,
        "account": answer.fit.account,
        "design": answer.fit.design,
        "positive_only": POSITIVE_ONLY,
        "dominant": _dominant(findings, answer),
        "has_figure": bool(lines),
        "has_errors": any(line.std_error is not None for line in lines),
        "verdicts": _verdicts(lines),
        "lines": [
            (line, line.variable.label, _truth(findings, answer, line)) for line in answer.estimates
        ],
        "has_truth": bool(findings.effects.get(answer.question.name)),
        "covered": covered(findings, answer),
        "linear": answer.question.model is Model.LEAST_SQUARES,
        "silent": fitted.silent if fitted else (),
        "small_df": any((line.df or 99) < FEW_EFFECTIVE - 1 for line in lines) and not one,
        "own": [line for line in answer.estimates if line.own],
        "untold": _needing(answer, CANNOT_TELL, THIS_ACCOUNT),
        "leaning": _needing(answer, LEANING),
        "one": one,
        "missing": [line for line in answer.estimates if line.estimate is None],
    }


def _dominant(findings: Results, answer: Answer) -> list[str]:
    """The places of the rows that would decide the question alone."""
    rows = findings.pool.videos.iloc[answer.fit.design.dominant]
    return [f"{file}:{line}" for file, line in zip(rows["file"], rows["line"], strict=True)]


def _needing(answer: Answer, *verdicts: str) -> list[tuple[Estimate, str]]:
    """The lines of these verdicts of which it is known what they would need."""
    lines = [line for line in answer.estimates if line.needed and line.verdict in verdicts]
    return [(line, line.variable.label) for line in lines]


def _splits(findings: Results) -> list[dict[str, Any]]:
    """The decomposition as ratios, beside the reach over all videos."""
    found = findings.decomposition
    reach = {
        line.variable: line
        for answer in findings.answers
        if answer.question == REACH
        for line in answer.estimates
    }
    splits = found.splits if found else ()
    return [_split(each, reach.get(each.variable)) for each in splits if each.variable.is_asked]


def _split(split: Split, everywhere: Estimate | None) -> dict[str, Any]:
    ratio = split.variable.ratio
    return {
        "name": split.variable.label,
        "followers": ratio(split.followers),
        "reach": ratio(split.reach),
        "conversion": ratio(split.conversion),
        "rest": ratio(split.rest),
        "low": ratio(split.rest_low),
        "high": ratio(split.rest_high),
        "reach_all": ratio(everywhere.estimate) if everywhere else None,
    }


def _truth(findings: Results, answer: Answer, line: Estimate) -> float | None:
    return line.ratio(findings.planted(answer.question, line.variable))


def covered(findings: Results, answer: Answer) -> tuple[int, int]:
    """Count the intervals that hold the planted effect, and the intervals of planted effects."""
    inside = [
        line.ci_low <= truth <= line.ci_high
        for line in answer.estimates
        if line.ci_low is not None
        and line.ci_high is not None
        and (truth := findings.planted(answer.question, line.variable)) is not None
    ]
    return sum(inside), len(inside)


def _verdicts(lines: Sequence[Estimate]) -> str:
    """Count the verdicts in words, for those who cannot see the picture."""
    counts = Counter(line.verdict for line in lines)
    return ", ".join(f"{number} {verdict}" for verdict, number in sorted(counts.items()))
