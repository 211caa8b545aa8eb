"""The post's regression with one thing after another corrected; each line keeps those before it."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.analysis.replication.observed import recorded
from pipeline.analysis.replication.original import (
    Floats,
    Ints,
    OriginalDesign,
    TrainTestSplit,
    design,
    fit,
    rms,
    with_intercept,
)
from pipeline.analysis.replication.robust_errors import (
    Regression,
    area,
    exposed,
    exposed_left_out,
    height,
    least_squares,
    leverages,
    noted,
)
from pipeline.analysis.replication.source_files import WORDS, SourceSheet

# What the post calls vital, and with which sign.
VITAL = {
    "views": 1,
    "shares": 1,
    "comments": 1,
    "subject_data analytics": 1,
    "length": -1,
    "watchedFullVideo": -1,
}
NOTED = ("views", "shares", "comments", "length", "watchedFullVideo")  # those the sheet can tell
RARE, FEW = "(rare)", 5  # levels of five videos or fewer are one level, as in our own report
REFERENCE = {"category": RARE, "subject": "career"}  # the post's own, pooled where it is rare
LEVEL = 0.05
TEST, LEFT_OUT = "his test videos", "each video left out once"


@dataclass(frozen=True, slots=True)
class CorrectedTerm:
    """A variable in a line; empty where it cannot be told, or is the exposure.

    `stands`: the post's sign, if it has one, and a p-value below 5 %.
    """

    variable: str
    estimate: float | None = None
    std_error: float | None = None
    p_value: float | None = None
    stands: bool = False


@dataclass(frozen=True, slots=True)
class Correction:
    """A line of the table: what was corrected, on top of all lines before.

    `r2` is the share of the variance that is fitted, of the deviance for Poisson. `rmse` is that of
    log(1 + new followers) over the videos that `rmse_of` names, `rmse_plain` that of a guess which
    knows of no video but its views: the training videos' commonest value, then the others' mean,
    and for exposure the others' followers per view. `leverage` is the largest.
    """

    slug: str
    videos: int
    regressors: int
    r2: float
    rmse: float
    rmse_plain: float
    rmse_of: str
    leverage: float
    terms: tuple[CorrectedTerm, ...]


def corrections(
    filled: SourceSheet, raw: SourceSheet, split: TrainTestSplit
) -> tuple[Correction, ...]:
    """Make the table's lines, in order. Raises ValueError where a fit has no answer."""
    whole = design(filled)
    pooled = pool_rare(whole, filled)
    everything = np.arange(len(whole.y))
    vital = [pooled.names.index(name) for name in VITAL]
    small = OriginalDesign(tuple(VITAL), pooled.x[:, vital], pooled.y, pooled.skewness)
    rows = recorded(raw)
    return (
        published(whole, split),
        tried("std_error", whole, split, height),
        tried("p_value", whole, split, area),
        tried("rare", pooled, split, area, robust=True),
        left_out("all_videos", pooled, everything),
        left_out("vital_only", small, everything),
        left_out("observed", noted(raw, NOTED), rows),
        exposure("exposure", raw, rows, NOTED[1:]),
    )


def pool_rare(whole: OriginalDesign, sheet: SourceSheet) -> OriginalDesign:
    """Sum levels of five videos or fewer: a level of one video has leverage 1, and HC3 no meaning.

    The levels of all videos count, so that the training videos and all have the same columns.
    """
    dummies = tuple(f"{word}_" for word in WORDS)
    kept = [i for i, name in enumerate(whole.names) if not name.startswith(dummies)]
    names, columns = [whole.names[i] for i in kept], [whole.x[:, i] for i in kept]
    for word in WORDS:
        times = Counter(sheet.columns[word])
        cells = [cell if times[cell] > FEW else RARE for cell in sheet.columns[word]]
        reference = REFERENCE[word] if REFERENCE[word] in cells else min(cells)
        for level in sorted(set(cells) - {reference}):
            names.append(f"{word}_{level}")
            columns.append(np.array([float(cell == level) for cell in cells]))
    return OriginalDesign(tuple(names), np.column_stack(columns), whole.y, whole.skewness)


def published(whole: OriginalDesign, split: TrainTestSplit) -> Correction:
    """The post as it was: its own standard errors and p-values."""
    fitted = fit(whole, split)
    judged = terms(whole.names, fitted.estimate[1:], fitted.std_error[1:], fitted.p_value[1:])
    return Correction(
        slug="published",
        videos=len(split.training),
        regressors=len(whole.names),
        r2=fitted.r2,
        rmse=fitted.rmse,
        rmse_plain=guessed(whole, split),
        rmse_of=TEST,
        leverage=float(leverages(with_intercept(whole.x[split.training])).max()),
        terms=vital_terms(judged),
    )


def tried(
    slug: str,
    whole: OriginalDesign,
    split: TrainTestSplit,
    p_value: Callable[[Floats, float], Floats],
    *,
    robust: bool = False,
) -> Correction:
    """Least squares on the training videos, tried on the test videos."""
    regression = least_squares(whole, split.training, robust=robust)
    missed = whole.y[split.test] - with_intercept(whole.x[split.test]) @ regression.coefficients
    plain = guessed(whole, split)
    return _correction(slug, regression, p_value, (rms(missed), plain, TEST))


def left_out(slug: str, whole: OriginalDesign, rows: Ints) -> Correction:
    """Least squares with HC3, each video left out once: residual / (1 - leverage)."""
    regression = least_squares(whole, rows, robust=True)
    y, n = whole.y[rows], len(rows)
    missed = rms(regression.residual / (1 - regression.leverage))
    return _correction(
        slug, regression, area, (missed, rms((y - y.mean()) * n / (n - 1)), LEFT_OUT)
    )


def exposure(slug: str, raw: SourceSheet, rows: Ints, names: Sequence[str]) -> Correction:
    """Poisson with exposure views and HC3: who of the viewers stays?"""
    outcome = noted(raw, names).y[rows]
    missed, plain = (
        rms(outcome - np.log1p(exposed_left_out(raw, rows, known))) for known in (names, ())
    )
    return _correction(slug, exposed(raw, rows, names), area, (missed, plain, LEFT_OUT))


def _correction(
    slug: str,
    regression: Regression,
    p_value: Callable[[Floats, float], Floats],
    rmse: tuple[float, float, str],
) -> Correction:
    return Correction(
        slug,
        len(regression.residual),
        len(regression.names),
        regression.r2,
        *rmse,
        float(regression.leverage.max()),
        vital_terms(regression_terms(regression, p_value)),
    )


def regression_terms(
    regression: Regression, p_value: Callable[[Floats, float], Floats] = area
) -> dict[str, CorrectedTerm]:
    """Judge every variable of a regression."""
    p_values = p_value(regression.statistic, regression.freedom)
    return terms(regression.names, regression.coefficients[1:], regression.std_error, p_values)


def terms(
    names: Sequence[str], estimate: Floats, std_error: Floats, p_value: Floats
) -> dict[str, CorrectedTerm]:
    """Judge variables by name; (k,) each."""
    rows = zip(names, estimate.tolist(), std_error.tolist(), p_value.tolist(), strict=True)
    return {
        name: CorrectedTerm(name, b, error, p, stands=p < LEVEL and b * VITAL.get(name, b) > 0)
        for name, b, error, p in rows
    }


def vital_terms(judged: dict[str, CorrectedTerm]) -> tuple[CorrectedTerm, ...]:
    """The vital ones, in the post's order; what cannot be told is there, empty."""
    return tuple(judged.get(name, CorrectedTerm(name)) for name in VITAL)


def guessed(whole: OriginalDesign, split: TrainTestSplit) -> float:
    """RMSE over the test videos of always guessing the training videos' commonest outcome."""
    return rms(whole.y[split.test] - commonest(whole.y[split.training]))


def commonest(values: Floats) -> float:
    """The value that is there most often; of several the smallest."""
    distinct, times = np.unique(values, return_counts=True)
    return float(distinct[times.argmax()])
