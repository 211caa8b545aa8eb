"""What a pull request changes in the report, as values for JSON."""

from dataclasses import asdict
from typing import Any

from pipeline.render.review import creator_summary
from pipeline.review.estimate_changes import Consequence, EstimateChange
from pipeline.review.impact import Impact


def value(effect: Impact | None) -> dict[str, Any] | None:
    """Give the effect as values for JSON: log ratios, as in estimates.csv."""
    if effect is None:
        return None
    return {
        "is_material": effect.is_material,
        "questions": [_question(each) for each in effect.consequences],
        "looks": [{"creator": creator, **asdict(anomaly)} for creator, anomaly in effect.anomalies],
        "mirrors": [
            {"creator": name, **creator_summary.value(each)} for name, each in effect.summaries
        ],
    }


def _question(consequence: Consequence) -> dict[str, Any]:
    return {
        "question": consequence.question.name,
        "why": consequence.why,
        "is_touched": consequence.is_touched,
        "is_material": consequence.is_material,
        "is_approximate": consequence.approximate,
        "set_aside": list(consequence.set_aside),
        "videos": [consequence.videos_before, consequence.videos_after],
        "creators": [consequence.creators_before, consequence.creators_after],
        "lines": [_line(line) for line in consequence.lines],
    }


def _line(line: EstimateChange) -> dict[str, Any]:
    return {
        "term": line.variable.term,
        "level": line.variable.level,
        "before": asdict(line.before) if line.before else None,
        "after": asdict(line.after) if line.after else None,
        "without": line.without,
        "weight": line.weight,
        "videos": [line.videos_before, line.videos_after],
        "creators": [line.creators_before, line.creators_after],
        "turns": line.turns,
        "is_material": line.is_material,
        "is_unseen": line.is_unseen,
        "why": line.why,
    }
