"""How well a fit predicts videos that it has not seen, of creators that it has."""

from dataclasses import dataclass
from functools import reduce

import numpy as np

from pipeline.estimate.collinearity import rank
from pipeline.estimate.grouping import Floats, Ints, runs
from pipeline.estimate.linear import least_squares, residual_dof
from pipeline.estimate.poisson_limit import limit
from pipeline.estimate.states import States, merge, states
from pipeline.estimate.trends import slopes, states_without_trends


@dataclass(frozen=True, slots=True)
class OutOfSample:
    """Error on rows held out.

    Attributes:
        rmse: root mean square error, outcome units, or log(1 + events) for events; NaN if no row
            could be scored.
        scored: rows predicted.
        unscored: rows whose creator, or whose fold, leaves nothing to predict from.
    """

    rmse: float
    scored: int
    unscored: int


def out_of_sample(
    x: Floats, y: Floats, group: Ints, folds: Ints, time: Floats | None = None
) -> OutOfSample:
    """Cross-validate y ~ x | creator by video; the same folds give the same number.

    Each fold is predicted from the states of the others: slopes, the creator's own means, and the
    creator's own line in time where there is one. A column that the other folds do not identify
    counts for nothing there. A fold is not scored when the others leave no degrees of freedom.

    Args:
        x: (n, k).
        y: (n,) outcome.
        group: (n,) creators 0..G-1.
        folds: (n,) whole numbers >= 0, the fold of each row.
        time: (n,), one value for all rows of a creator who has no line in it; None: nobody has one.
    """
    columns = np.column_stack([x, y, np.zeros(len(y)) if time is None else time])
    creators = int(group.max(initial=-1)) + 1
    labels = np.unique(folds)
    parts = [states(columns[folds == fold], group[folds == fold], creators) for fold in labels]
    errors = []
    for at, fold in enumerate(labels):
        rest = parts[:at] + parts[at + 1 :]
        held_out = folds == fold
        if rest:
            errors.append(_errors(reduce(merge, rest), columns[held_out], group[held_out]))
    return _summary(errors, len(y))


def out_of_sample_counts(
    x: Floats, y: Floats, group: Ints, offset: Floats, folds: Ints, dispersion: float = 0.0
) -> OutOfSample:
    """Cross-validate E[y] = exp(x β + effect of creator + offset) by video, in log(1 + events).

    Each fold is predicted from the rows of the others: slopes, and the creator's own level, which
    is what makes the fitted events of the creator's rows there sum to the events (none if there
    were none). A column that the other folds do not identify, or only with an infinite coefficient,
    counts for nothing there. A fold is not scored when the others leave no degrees of freedom or
    their fit does not converge.

    Args:
        x: (n, k), k >= 0; without columns a creator's rate is predicted.
        y: (n,) events, >= 0.
        group: (n,) creators 0..G-1.
        offset: (n,) log exposure.
        folds: (n,) the fold of each row.
        dispersion: at which the slopes are fitted, 0 by Poisson.
    """
    errors = []
    for fold in np.unique(folds):
        train = folds != fold
        fitted = limit(x[train], y[train], group[train], offset[train], dispersion)
        if fitted is None:
            continue
        predictor = x @ fitted.estimate + offset
        levels = _levels(predictor[train], y[train], group[train], int(group.max()) + 1)
        known = ~train & np.isin(group, group[train])
        log_predicted = predictor[known] + levels[group[known]]
        errors.append(np.log1p(y[known]) - np.logaddexp(0, log_predicted))
    return _summary(errors, len(y))


def _levels(predictor: Floats, y: Floats, group: Ints, creators: int) -> Floats:
    """Log of events over Σ exp(predictor) by creator, (G,); -inf for a creator without events."""
    levels = np.full(creators, -np.inf)
    has_events = np.isin(group, group[y > 0])
    rows = runs(group[has_events])
    predictor, y = predictor[has_events][rows.order], y[has_events][rows.order]
    top = np.maximum.reduceat(predictor, rows.starts) if len(y) else predictor
    total = rows.total(np.exp(predictor - rows.spread(top)))
    levels[rows.creators] = np.log(rows.total(y)) - top - np.log(total)
    return levels


def _summary(errors: list[Floats], rows: int) -> OutOfSample:
    scored = np.concatenate([np.empty(0), *errors])
    rmse = float(np.sqrt(np.mean(scored**2))) if len(scored) else float("nan")
    return OutOfSample(rmse, len(scored), rows - len(scored))


def _errors(training: States, columns: Floats, group: Ints) -> Floats:
    """Prediction errors of the rows whose creator is in the training states."""
    k = columns.shape[1] - 2
    straight, trends = states_without_trends(training), int(training.varies[:, -1].sum())
    kept = list(rank(straight, range(k)).kept)
    if residual_dof(straight, len(kept) + trends) <= 0:
        return np.empty(0)
    fit = least_squares(straight, k, kept, trends)
    known = training.rows[group] > 0
    deviations = columns[known] - training.means[group[known]]
    deviations = deviations[:, :-1] - deviations[:, -1:] * slopes(training)[group[known]]
    errors: Floats = deviations[:, k] - deviations[:, kept] @ fit.estimate
    return errors
