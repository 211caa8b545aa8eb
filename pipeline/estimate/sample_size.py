"""How much more data an interval would need to reach a width: precision, not power."""

from collections.abc import Callable

MOST = 1e6  # times the data of today, beyond which no number means anything


def growth(
    se: float, dof_at: Callable[[float], float], half_width: float, quantile: float = 0.975
) -> float:
    """Find how many times the data would make an interval of half `half_width` either way.

    With c times the data the standard error is se/√c, and Student's t has `dof_at(c)` degrees of
    freedom: the rate at which independent creators (or one creator's independent videos) add up. At
    least 1; infinite where a million times would not do. `quantile` is that of t at the interval's
    upper end: 0.975 of a 95 % interval.

    >>> round(growth(0.5, lambda times: 1e9, 0.1 * 1.959964), 6)
    25.0
    """
    from scipy.optimize import brentq
    from scipy.special import stdtrit

    def excess(times: float) -> float:
        margin: float = stdtrit(dof_at(times), quantile) * se / times**0.5
        return margin - half_width

    if excess(1) <= 0:
        return 1.0
    if not excess(MOST) < 0:
        return float("inf")
    return float(brentq(excess, 1, MOST, xtol=1e-9, rtol=1e-12))
