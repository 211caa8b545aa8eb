"""The last two lines of the table with more variables: what might be worth another look."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.analysis.replication.corrections import (
    NOTED,
    CorrectedTerm,
    Correction,
    exposure,
    left_out,
    regression_terms,
)
from pipeline.analysis.replication.observed import recorded
from pipeline.analysis.replication.robust_errors import exposed, least_squares, noted
from pipeline.analysis.replication.source_files import SourceSheet

ALL_NUMBERS = (*NOTED, "likes", "bookmarks")
HINTED = ("comments", "bookmarks")


@dataclass(frozen=True, slots=True)
class Hint:
    """A variable, and its largest p-value when any one video is left out."""

    term: CorrectedTerm
    p_without_one: float


@dataclass(frozen=True, slots=True)
class Wider:
    """A line with all seven numbers of the sheet, likes and saves too, and what it hints at."""

    line: Correction
    hints: tuple[Hint, ...]


def wider(raw: SourceSheet) -> tuple[Wider, Wider]:
    """Fit both lines with all seven numbers. Raises ValueError where a fit has no answer."""
    rows = recorded(raw)
    each = (rows, *(rows[rows != row] for row in rows))
    whole, exposing = noted(raw, ALL_NUMBERS), ALL_NUMBERS[1:]
    linear = [regression_terms(least_squares(whole, some, robust=True)) for some in each]
    poisson = [regression_terms(exposed(raw, some, exposing)) for some in each]
    return (
        Wider(left_out("observed_wider", whole, rows), hints(linear)),
        Wider(exposure("exposure_wider", raw, rows, exposing), hints(poisson)),
    )


def hints(fits: Sequence[dict[str, CorrectedTerm]]) -> tuple[Hint, ...]:
    """Judge the first fit by the others, each of which is without one video."""
    first, *others = fits
    return tuple(
        Hint(first[name], max(p for each in others if (p := each[name].p_value) is not None))
        for name in HINTED
    )
