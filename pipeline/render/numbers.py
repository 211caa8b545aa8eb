"""Numbers as the report shows them: few digits, and no more than can be told."""

BOUNDS = ((1e-12, "1e-12"), (1e-10, "1e-10"), (1e-8, "1e-8"), (1e-6, "1e-6"), (1.0, "1"))


def whole(value: int) -> str:
    """Write a count with a comma between thousands."""
    return f"{value:,}"


def short(value: float | None) -> str:
    """Write a number with three significant digits, nothing for a missing one."""
    return "" if value is None or value != value else f"{value:.3g}"


def ratio(value: float | None) -> str:
    """Write a ratio with two or three digits; what is beyond telling as such."""
    if value is None:
        return ""
    if not 0.001 <= value <= 1000:
        return "over 1,000" if value > 1 else "under 0.001"
    return f"{value:.2f}" if value < 10 else f"{value:.0f}"


def bound(difference: float) -> str:
    """Write a bound on a difference: its digits are rounding, and not the same everywhere."""
    return next(text for limit, text in BOUNDS if difference <= limit)


def p_value(value: float | None) -> str:
    """Write a p-value; a small one by its bound."""
    if value is None:
        return ""
    return "<0.001" if value < 0.001 else f"{value:.3f}"
