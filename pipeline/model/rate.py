"""New followers per 1,000 views: the rate that people read."""

from typing import TypeVar

from pipeline.estimate.grouping import Floats

PER_VIEWS = 1000
Number = TypeVar("Number", float, Floats)


def rate_of(followers: Number, views: Number) -> Number:
    """Give the rate of videos, or (n,) of each.

    >>> rate_of(3, 5000)
    0.6
    """
    return PER_VIEWS * followers / views
