"""Numbers as the report shows them: few digits, and no more than can be told."""


def whole(value: int) -> str:
    """Write a count with a comma between thousands."""
    return f"{value:,}"


def short(value: float | None) -> str:
    """Write a number with three significant digits, a thousand or more without decimals.

    Nothing for a missing one.

    >>> short(0.12345), short(1012.7), short(None)
    ('0.123', '1,013', '')
    """
    if value is None or value != value:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def ratio(value: float | None) -> str:
    """Write a ratio with two or three digits; what is beyond telling as such, and none as 0.

    >>> ratio(1.234), ratio(12.34), ratio(0.00432), ratio(0.0)
    ('1.23', '12', '0.004', '0')
    """
    if value is None:
        return ""
    if value == 0:
        return "0"
    if not 0.001 <= value <= 1000:
        return "over 1,000" if value > 1 else "under 0.001"
    digits = 3 if value < 0.01 else 2 if value < 10 else 0
    return f"{value:.{digits}f}"


def p_value(value: float | None) -> str:
    """Write a p-value; a small one by its bound."""
    if value is None:
        return ""
    return "<0.001" if value < 0.001 else f"{value:.3f}"
