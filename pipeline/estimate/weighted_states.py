"""States of rows that count more or less: the weighted moments that `least_squares` solves."""

import numpy as np

from pipeline.estimate.grouping import Floats, Ints, runs
from pipeline.estimate.states import States, empty


def weighted_states(
    columns: Floats, group: Ints, weights: Floats, creators: int | None = None
) -> States:
    """Reduce weighted rows to one state per creator: weighted means, and products Σ w d d'.

    Two passes, as `states`: what the rounded mean leaves over is taken off. `rows` counts rows, not
    weights, so that degrees of freedom are those of the rows. Products are invariant under weights
    times a constant but for that constant, which no estimate or clustered error depends on.

    Args:
        columns: (n, p).
        group: (n,) the creator of each row, 0..G-1.
        weights: (n,) > 0.
        creators: G, as in `states`.

    Raises:
        ValueError: a weight is not positive and finite.

    >>> one = weighted_states(np.array([[0.0], [3.0]]), np.array([0, 0]), np.array([2.0, 1.0]))
    >>> one.means.tolist(), one.products.tolist()
    ([[1.0]], [[[6.0]]])
    """
    if not (np.isfinite(weights).all() and (weights > 0).all()):
        raise ValueError("weights must be positive and finite")
    size = creators if creators is not None else int(group.max(initial=-1)) + 1
    rows = runs(group)
    blank = empty(size, columns.shape[1])
    for creator, these in zip(rows.creators.tolist(), rows.slices(), strict=True):
        mine, w = columns[rows.order[these]], weights[rows.order[these]]
        share = w / w.sum()
        low, high = mine.min(axis=0), mine.max(axis=0)
        means = np.where(low == high, low, share @ mine)
        deviations = mine - means
        over = share @ deviations
        deviations -= over
        blank.rows[creator], blank.means[creator] = len(w), means + over
        blank.products[creator] = deviations.T @ (w[:, None] * deviations)
        blank.low[creator], blank.high[creator] = low, high
    return blank
