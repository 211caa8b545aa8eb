"""The interval of a ratio of two sums, such as followers over views."""

import numpy as np

from pipeline.estimate.cluster_robust import effective_dof, effective_number, t_interval
from pipeline.estimate.grouping import Floats

WIDEST = 30.0  # times between the ends of an interval: one that is wider tells nothing


def log_interval(events: Floats, exposure: Floats) -> tuple[float, float] | None:
    """Give both ends of the 95 % interval of log(Σ events / Σ exposure) over creators, or videos.

    The jackknife over the units (Efron & Stein 1981) with t(n* - 1), half a degree of freedom at
    least, where n* is the effective number of units by their exposure. With t(n - 1) it holds the
    truth in 80 to 89 % where few units have most of the exposure, with this in 93 to 97 %
    (`simulations/rates.csv`).

    None where the ratio without some unit is 0, where no unit moves it, and where the ends are more
    than `WIDEST` times apart.

    Args:
        events: (n,) >= 0.
        exposure: (n,) > 0.
    """
    n, others = len(events), events.sum() - events
    if not others.min() > 0:
        return None
    here = np.log(events.sum() / exposure.sum())
    without = np.log(others / (exposure.sum() - exposure))
    error = np.sqrt((n - 1) / n * ((without - here) ** 2).sum())
    if not error > 0:
        return None
    dof = effective_dof(np.array([effective_number(exposure)]))
    ends = t_interval(np.array([here]), np.array([error]), dof)
    low, high = float(ends.low[0]), float(ends.high[0])
    return (low, high) if high - low <= np.log(WIDEST) else None
