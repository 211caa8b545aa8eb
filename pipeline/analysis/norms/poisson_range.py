"""What luck alone gives, where each viewer follows on their own: Poisson counts."""

from math import ceil

LUCK = 0.8  # of videos whose followers lie in the range that luck gives


def luck(mean: float) -> tuple[int, int]:
    """Give the range of a Poisson count with this mean that holds at least 80 % of its luck.

    From the smallest count with a chance of 10 % or more of it or less, to that for 90 %.

    >>> luck(1.9)
    (0, 4)
    """
    return _least_count((1 - LUCK) / 2, mean), _least_count((1 + LUCK) / 2, mean)


def chance(followers: int, mean: float) -> float:
    """Tell how likely luck is to give so many followers or more; or fewer, if they are few.

    >>> round(chance(3, 1.9), 3), round(chance(0, 1.9), 3)
    (0.296, 0.15)
    """
    from scipy.special import pdtr, pdtrc

    if followers < mean:
        return float(pdtr(followers, mean))
    return float(pdtrc(followers - 1, mean)) if followers else 1.0


def _least_count(share: float, mean: float) -> int:
    from scipy.special import pdtr, pdtrik

    if not mean:
        return 0
    count = max(ceil(pdtrik(share, mean)), 0)
    return count - 1 if count and pdtr(count - 1, mean) >= share else count
