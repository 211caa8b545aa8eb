"""The 2022 post's regression exactly as it was, each surprise kept and named.

What is done differently belongs in `corrections`.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from pipeline.analysis.replication.source_files import MISSING, WORDS, SourceSheet

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

OUTCOME = "newFollowers"
INTERCEPT = "Intercept"
SKEWED = 0.75  # from here the post takes logarithms


@dataclass(frozen=True, slots=True, eq=False)
class TrainTestSplit:
    """Row numbers, from 0, of the videos that were fitted and of those that were tested."""

    training: Ints
    test: Ints


@dataclass(frozen=True, slots=True, eq=False)
class OriginalDesign:
    """The post's matrix, all videos, before the split.

    Attributes:
        names: k regressors, in the order of the file; dummies are `column_level`.
        x: (n, k).
        y: (n,) log(1 + new followers).
        skewness: of all cells of `x` together, before logarithms.
    """

    names: tuple[str, ...]
    x: Floats
    y: Floats
    skewness: float

    def column(self, name: str) -> Floats:
        """One regressor (n,)."""
        column: Floats = self.x[:, self.names.index(name)]
        return column


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """A fit with its intercept first; (k + 1,) each.

    Attributes:
        names: the intercept and the regressors.
        estimate: coefficients, log points per unit of the column.
        std_error: as the fit's own way has it.
        statistic: estimate over std_error.
        p_value: as the fit's own way has it.
        r2: variance of the fitted values over that of the outcomes, training videos.
        rmse: root mean squared error of log(1 + new followers), test videos.
    """

    names: tuple[str, ...]
    estimate: Floats
    std_error: Floats
    statistic: Floats
    p_value: Floats
    r2: float
    rmse: float


def splits() -> dict[str, TrainTestSplit]:
    """Read the order of the post's shuffle: name of the file → who was fitted, who was tested."""
    orders = tomllib.loads(Path(__file__).with_name("splits.toml").read_text(encoding="utf-8"))
    return {
        name: TrainTestSplit(
            np.array(entry["order"][: entry["training"]]),
            np.array(entry["order"][entry["training"] :]),
        )
        for name, entry in orders.items()
    }


def numbers(sheet: SourceSheet, column: str) -> Floats:
    """A column as numbers; the post's program reads what is no number as 0, without a word."""
    cells = sheet.columns[column]
    return np.array([0.0 if cell.strip() == MISSING else float(cell) for cell in cells])


def levels(cells: Sequence[str]) -> list[str]:
    """Levels in the post's order: sorted, but a missing one is swapped to the front.

    The first has no column: the others are compared with it, however rare it is.
    """
    ordered = sorted(set(cells))
    if MISSING in ordered:
        at = ordered.index(MISSING)
        ordered[0], ordered[at] = ordered[at], ordered[0]
    return ordered


def design(sheet: SourceSheet) -> OriginalDesign:
    """Build the post's matrix. Raises ValueError where a column does not vary.

    Three surprises. The skewness that decides on logarithms is that of all columns together
    (adjusted Fisher-Pearson), so yes-or-no columns get a logarithm, too. Columns are divided by
    their variance, not their standard deviation, so sizes of coefficients cannot be compared. All
    of it uses the test videos as well.
    """
    names: list[str] = []
    columns: list[Floats] = []
    for name, cells in sheet.columns.items():
        if name in WORDS:
            for level in levels(cells)[1:]:
                names.append(f"{name}_{level}")
                columns.append(np.array([float(cell == level) for cell in cells]))
        elif name != OUTCOME:
            names.append(name)
            columns.append(numbers(sheet, name))
    x = np.column_stack(columns)
    skewness = float(stats.skew(x, axis=None, bias=False))
    for i, name in enumerate(names):
        if not name.startswith(tuple(f"{word}_" for word in WORDS)):
            x[:, i] = _scaled(np.log1p(x[:, i]) if skewness > SKEWED else x[:, i], name)
    return OriginalDesign(tuple(names), x, np.log1p(numbers(sheet, OUTCOME)), skewness)


def _scaled(column: Floats, name: str) -> Floats:
    variance = column.var(ddof=1)
    if not variance > 0:
        raise ValueError(f"{name} does not vary")
    scaled: Floats = (column - column.mean()) / variance
    return scaled


def fit(whole: OriginalDesign, split: TrainTestSplit) -> Fitted:
    """Fit the post's regression. Raises ValueError where it has no single answer.

    Two surprises. A standard error is s / √Σ(x - mean)², as if each regressor were alone (and s for
    the intercept); they come from a worked example about house prices. A p-value is the height of
    Student's t at the statistic, not the area beyond it: it cannot exceed 0.4. R² is var(fitted) /
    var(outcome), which for least squares is the usual one.
    """
    x, y = with_intercept(whole.x[split.training]), whole.y[split.training]
    estimate = least_squares(x, y)
    fitted = x @ estimate
    freedom = len(y) - x.shape[1]
    s = float(np.sqrt(np.sum((y - fitted) ** 2) / freedom))
    spread: Floats = np.sum((x - x.mean(axis=0)) ** 2, axis=0)
    spread[0] = 1.0
    std_error: Floats = s / np.sqrt(spread)
    statistic = estimate / std_error
    missed = whole.y[split.test] - with_intercept(whole.x[split.test]) @ estimate
    return Fitted(
        (INTERCEPT, *whole.names),
        estimate,
        std_error,
        statistic,
        stats.t.pdf(np.abs(statistic), freedom),
        float(fitted.var() / y.var()),
        rms(missed),
    )


def least_squares(x: Floats, y: Floats) -> Floats:
    """Coefficients (k,) of y on x (n, k). Raises ValueError where x is not of full rank."""
    estimate, _, rank, _ = np.linalg.lstsq(x, y, rcond=None)
    if rank < x.shape[1]:
        raise ValueError("a regressor is a combination of the others")
    return np.asarray(estimate, dtype=np.float64)


def with_intercept(x: Floats) -> Floats:
    """Put a column of ones in front."""
    return np.column_stack([np.ones(len(x)), x])


def rms(errors: Floats) -> float:
    """The root of the mean square."""
    return float(np.sqrt(np.mean(errors**2)))
