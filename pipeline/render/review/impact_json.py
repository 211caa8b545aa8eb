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
        "looks": [{"creator": creator, **asdict(look)} for creator, look in effect.looks],
        "mirrors": [
            {"creator": name, **creator_summary.value(each)} for name, each in effect.mirrors
        ],
    }


def _question(found: Consequence) -> dict[str, Any]:
    return {
        "question": found.question.name,
        "why": found.why,
        "is_touched": found.is_touched,
        "is_material": found.is_material,
        "is_approximate": found.approximate,
        "set_aside": list(found.set_aside),
        "videos": [found.videos_before, found.videos_after],
        "creators": [found.creators_before, found.creators_after],
        "lines": [_line(line) for line in found.lines],
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
