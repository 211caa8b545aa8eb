"""How well a linear fit predicts videos that it has not seen, of creators that it has."""

from dataclasses import dataclass
from functools import reduce

import numpy as np

from pipeline.estimate.grouping import Floats, Ints
from pipeline.estimate.linear import least_squares, residual_dof
from pipeline.estimate.rank import rank
from pipeline.estimate.states import States, merge, states


@dataclass(frozen=True, slots=True)
class OutOfSample:
    """Error on rows held out.

    Attributes:
        rmse: root mean square error, outcome units (log scale for a log outcome); NaN if no row
            could be scored.
        scored: rows predicted.
        unscored: rows whose creator, or whose fold, leaves nothing to predict from.
    """

    rmse: float
    scored: int
    unscored: int


def out_of_sample(x: Floats, y: Floats, group: Ints, folds: Ints) -> OutOfSample:
    """Cross-validate y ~ x | creator by video; the same folds give the same number.

    Each fold is predicted from the states of the others: slopes, and the creator's own means. A
    column that the other folds do not identify counts for nothing there. A fold is not scored when
    the others leave no degrees of freedom.

    Args:
        x: (n, k).
        y: (n,) outcome.
        group: (n,) creators 0..G-1.
        folds: (n,) whole numbers >= 0, the fold of each row.
    """
    columns = np.column_stack([x, y])
    creators = int(group.max(initial=-1)) + 1
    labels = np.unique(folds)
    parts = [states(columns[folds == fold], group[folds == fold], creators) for fold in labels]
    errors = [np.empty(0)]
    for at, fold in enumerate(labels):
        rest = parts[:at] + parts[at + 1 :]
        held_out = folds == fold
        if rest:
            errors.append(_errors(reduce(merge, rest), columns[held_out], group[held_out]))
    scored = np.concatenate(errors)
    rmse = float(np.sqrt(np.mean(scored**2))) if len(scored) else float("nan")
    return OutOfSample(rmse, len(scored), len(y) - len(scored))


def _errors(training: States, columns: Floats, group: Ints) -> Floats:
    """Prediction errors of the rows whose creator is in the training states."""
    k = columns.shape[1] - 1
    kept = list(rank(training, range(k)).kept)
    if residual_dof(training, len(kept)) <= 0:
        return np.empty(0)
    fit = least_squares(training, k, kept)
    known = training.rows[group] > 0
    deviations = columns[known] - training.means[group[known]]
    errors: Floats = deviations[:, k] - deviations[:, kept] @ fit.estimate
    return errors
