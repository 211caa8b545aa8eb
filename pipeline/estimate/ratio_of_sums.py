"""The interval of a ratio of two sums, such as followers over views."""

import numpy as np

from pipeline.estimate.cluster_robust import effective_dof, effective_number, t_interval
from pipeline.estimate.grouping import Floats


def log_interval(events: Floats, exposure: Floats, fewest: float) -> tuple[float, float] | None:
    """Give both ends of the 95 % interval of log(Σ events / Σ exposure) over creators, or videos.

    The jackknife over the units (Efron & Stein 1981) with t(n* - 1), where n* is the effective
    number of units by their exposure. With t(n - 1) it holds the truth in 88 to 92 % where few
    units have most of the exposure, with this in 93 % or more (`simulations/rates.csv`).

    None where the ratio without some unit is 0, where no unit moves it, and where fewer units than
    `fewest` are in effect: one decides it.

    Args:
        events: (n,) >= 0.
        exposure: (n,) > 0.
        fewest: more than 1.
    """
    n, others = len(events), events.sum() - events
    effective = effective_number(exposure)
    if effective < fewest or not others.min() > 0:
        return None
    here = np.log(events.sum() / exposure.sum())
    without = np.log(others / (exposure.sum() - exposure))
    error = np.sqrt((n - 1) / n * ((without - here) ** 2).sum())
    if not error > 0:
        return None
    ends = t_interval(np.array([here]), np.array([error]), effective_dof(np.array([effective])))
    return float(ends.low[0]), float(ends.high[0])
