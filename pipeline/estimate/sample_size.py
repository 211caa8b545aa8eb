"""How much more data an interval would need to reach a width, or a test to have a power."""

from collections.abc import Callable

MOST = 1e6  # times the data of today, beyond which no number means anything


def growth(
    se: float,
    dof_at: Callable[[float], float],
    half_width: float,
    quantile: float = 0.975,
    power: float = 0.5,
) -> float:
    """Find how many times the data would make an interval of half `half_width` either way.

    With c times the data the standard error is se/√c, and Student's t has `dof_at(c)` degrees of
    freedom: the rate at which independent creators (or one creator's independent videos) add up. At
    least 1; infinite where a million times would not do. `quantile` is that of t at the interval's
    upper end: 0.975 of a 95 % interval. With a `power` above a half it is the times at which an
    effect of the size `half_width` is beyond that quantile with this probability, as far as the
    estimate's error is Student's t about it.

    >>> round(growth(0.5, lambda times: 1e9, 0.1 * 1.959964), 6)
    25.0
    """
    from scipy.optimize import brentq
    from scipy.special import stdtrit

    def excess(times: float) -> float:
        dof = dof_at(times)
        margin: float = (stdtrit(dof, quantile) + stdtrit(dof, power)) * se / times**0.5
        return margin - half_width

    if excess(1) <= 0:
        return 1.0
    if not excess(MOST) < 0:
        return float("inf")
    return float(brentq(excess, 1, MOST, xtol=1e-9, rtol=1e-12))
