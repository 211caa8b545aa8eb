"""Least squares with creator effects, from states alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.estimate.cluster_robust import Blocks
from pipeline.estimate.grouping import Floats, Ints
from pipeline.estimate.solve import factor, solve
from pipeline.estimate.states import States, select, take


@dataclass(frozen=True, slots=True, eq=False)
class LinearFit:
    """A least squares fit with creator effects; k regressors, G creators with two rows or more.

    Attributes:
        estimate: (k,) slopes, outcome units per regressor unit.
        effects: (G,) creator effects, outcome units.
        blocks: what inference needs: scores s_g, cross products A_g, the estimate, rows.
        kept: (G,) the numbers in the states of the creators used.
        singletons: creators with one row, left out of everything here.
        rows: N, rows of the creators used.
        residual_dof: N - k - G, less a trend for each creator who has one.
        ssr: residual sum of squares.
        r2_within: 1 - ssr over the within sum of squares; NaN if the outcome varies in no creator.
    """

    estimate: Floats
    effects: Floats
    blocks: Blocks
    kept: Ints
    singletons: int
    rows: int
    residual_dof: int
    ssr: float
    r2_within: float

    @property
    def creators(self) -> int:
        """G, the creators used."""
        return len(self.kept)


def residual_dof(whole: States, regressors: int) -> int:
    """N - k - G over the creators with two rows or more; may be negative."""
    used = whole.rows[whole.rows > 1]
    return int(used.sum()) - regressors - len(used)


def least_squares(
    whole: States, outcome: int, regressors: Sequence[int], trends: int = 0
) -> LinearFit:
    """Fit outcome ~ regressors | creator; columns are named by their number in the states.

    Slopes solve A β = b with A, b the sums of the creators' within products, by an equilibrated
    Cholesky factorisation and one step of refinement; effects are m_y - m_x β (Frisch & Waugh).
    `trends` are the creators whose own lines in time the columns are free of (`without_trends`).

    Raises:
        ValueError: no degrees of freedom, or regressors not of full rank (run `rank` first).
    """
    k = len(regressors)
    dof = residual_dof(whole, k + trends)
    if dof <= 0:
        raise ValueError(
            f"no degrees of freedom: {k} regressors need more rows than creators and regressors"
        )
    kept = np.flatnonzero(whole.rows > 1)
    used = take(select(whole, [*regressors, outcome]), kept)
    gram, moments = used.products[:, :k, :k], used.products[:, :k, k]
    total, right = gram.sum(axis=0), moments.sum(axis=0)
    factored = factor(total)
    estimate = solve(factored, right)
    estimate = estimate + solve(factored, right - total @ estimate)
    contrast = np.append(-estimate, 1.0)
    ssr = max(float(contrast @ used.products.sum(axis=0) @ contrast), 0.0)
    sst = float(used.products[:, k, k].sum())
    return LinearFit(
        estimate=estimate,
        effects=used.means @ contrast,
        blocks=Blocks(gram, moments - gram @ estimate, estimate, used.rows),
        kept=kept,
        singletons=int((whole.rows == 1).sum()),
        rows=int(used.rows.sum()),
        residual_dof=dof,
        ssr=ssr,
        r2_within=1 - ssr / sst if sst > 0 else float("nan"),
    )
