"""Chained equations on coded columns: statsmodels' MICE, with levels and a weak prior added.

It imports statsmodels, which is slow: import this module where it is used.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial import KDTree
from statsmodels.imputation.mice import MICEData

from pipeline.analysis.robustness.coding import CodedColumn
from pipeline.estimate.grouping import Floats, Ints

DONORS = 5  # of whom one is drawn: van Buuren (2018, section 3.4.3) advises five for most data
ALWAYS = "always"  # a column without gaps: statsmodels drops rows that miss every column


class WeakPrior:
    """Least squares with the prior N(0, σ²) for every slope but the first, the intercept's.

    The prior has the weight of one video at distance one. So columns that are constant, collinear
    or more than the rows leave a posterior all the same (Gelman et al. 2013, section 14.8), where
    statsmodels' least squares has a pseudo-inverse, by which a level that was never seen together
    with the column is certain to make no difference.
    """

    def __init__(self, endog: Floats, exog: Floats) -> None:
        """Take (n,) or, for c outcomes at once, (n, c); and (n, p)."""
        products = exog.T @ exog
        prior = np.eye(exog.shape[1])
        prior[0, 0] = 0
        inverse = np.linalg.inv(products + prior)
        self.spread = (inverse + inverse.T) / 2
        self.params = self.spread @ (exog.T @ endog)
        used = float(np.trace(self.spread @ products))
        errors = (endog - exog @ self.params).reshape(len(endog), -1)
        self.noise = errors.T @ errors / max(len(endog) - used, 1.0)

    def drawn(self, rng: np.random.Generator) -> Floats:
        """Draw the slopes, of the shape of `params`; the errors of several outcomes go together."""
        size, across = np.linalg.eigh(self.noise)
        errors = (across * np.sqrt(np.maximum(size, 0))) @ across.T
        draws = rng.normal(size=(len(self.params), len(errors)))
        noise: Floats = np.linalg.cholesky(self.spread) @ draws @ errors
        slopes: Floats = self.params + noise.reshape(self.params.shape)
        return slopes

    @staticmethod
    def predict(params: Floats, exog: Floats) -> Floats:
        """The mean, (n,) or (n, c)."""
        return exog @ params


class Chains(MICEData):  # type: ignore[misc]  # statsmodels ships no types
    """statsmodels' cycle and matching of numbers, on matrices instead of formulas.

    A formula would be parsed twice for every column and cycle, and mangle names. Each column with
    gaps is regressed on the complete columns, the creator's own mean of it, and the parts of all
    others. Numbers stand as `Lever.scale` in `data`.
    """

    def __init__(
        self,
        levers: Mapping[str, CodedColumn],
        own: Mapping[str, Floats],
        complete: Floats,
        rng: np.random.Generator,
    ) -> None:
        """Take the columns with gaps and the creators' own means of them, and the complete ones."""
        self.levers, self.own, self.complete = levers, own, complete
        coded = {name: _scaled(lever) for name, lever in levers.items()}
        super().__init__(pd.DataFrame(coded | {ALWAYS: np.zeros(len(complete))}), rng=rng)
        self.k_pmm = DONORS
        self.current = {name: lever.parts[self.positions(name)] for name, lever in levers.items()}

    def positions(self, name: str) -> Ints:
        """Position (n,) of every row's present value among the distinct ones."""
        present = np.asarray(self.data[name], dtype=np.float64)
        return np.asarray(np.searchsorted(self.levers[name].scale, present), dtype=np.int64)

    def update(self, vname: str) -> None:
        """Draw a column's regression, and from it the missing values."""
        others = [parts for name, parts in self.current.items() if name != vname]
        self.regressors = np.column_stack([self.complete, self.own[vname], *others])
        super().update(vname)
        self.current[vname] = self.levers[vname].parts[self.positions(vname)]

    def perturb_params(self, vname: str) -> None:
        """Draw the regression: of levels, that of all their indicators at once."""
        noted = self.ix_obs[vname]
        is_level = self.levers[vname].is_level
        known = self.current[vname] if is_level else np.asarray(self.data[vname], dtype=np.float64)
        self.models[vname] = WeakPrior(known[noted], self.regressors[noted])
        self.params[vname] = self.models[vname].drawn(self.rng)

    def get_split_data(
        self, vname: str
    ) -> tuple[Floats, Floats, Floats, dict[str, Any], dict[str, Any]]:
        """The column where it was noted, its regressors there, and where it was not."""
        noted, missing = self.ix_obs[vname], self.ix_miss[vname]
        known = np.asarray(self.data[vname], dtype=np.float64)[noted]
        return known, self.regressors[noted], self.regressors[missing], {}, {}

    def impute(self, vname: str) -> None:
        """Draw the missing values from donors: of levels, by all predicted shares at once.

        statsmodels matches single numbers only. Here a donor is one of the `DONORS` rows whose
        predicted shares of the levels are nearest, so that a row gets exactly one level and no
        order of the levels is made up. The donors' shares are those of the estimates, the other's
        those of the draw (van Buuren 2018, section 3.4.2: type 1).
        """
        if not self.levers[vname].is_level:
            super().impute(vname)
            return
        known, x, missing, _, _ = self.get_split_data(vname)
        model = self.models[vname]
        donors = KDTree(model.predict(model.params, x))
        few = min(DONORS, len(known))
        predicted = model.predict(self.params[vname], missing)
        _, nearest = donors.query(predicted, k=list(range(1, few + 1)))  # a list: always (rows, k)
        chosen = self.rng.integers(0, few, len(missing))
        self._store_changes(vname, known[np.asarray(nearest)[np.arange(len(missing)), chosen]])


def _scaled(lever: CodedColumn) -> Floats:
    return np.where(lever.at < 0, np.nan, lever.scale[lever.at])


def chain(
    levers: Mapping[str, CodedColumn],
    own: Mapping[str, Floats],
    complete: Floats,
    cycles: Sequence[int],
    rng: np.random.Generator,
) -> tuple[dict[str, Ints], ...]:
    """Run one chain; answer the position (n,) of every row's value, by column, at each stop.

    Args:
        levers: columns with gaps, by name.
        own: (n, c) the creators' own means of each column, by its name.
        complete: (n, q) regressors without gaps, the first of them 1.
        cycles: cycles until the first stop, and from each to the next.
        rng: what is drawn from.
    """
    data, stops = Chains(levers, own, complete, rng), []
    for each in cycles:
        data.update_all(each)
        stops.append({name: data.positions(name) for name in levers})
    return tuple(stops)
