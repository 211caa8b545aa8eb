"""Why a line has no estimate, as a name to compare; the words for people are made elsewhere."""

from enum import StrEnum


class Reason(StrEnum):
    """Why the data, or a preview of them, cannot tell a line."""

    ABSORBED = "absorbed"  # it varies within no creator
    TREND = "trend"  # it changed only with time, as a creator's trend does
    COLLINEAR = "collinear"  # other lines give it
    INFINITE = "infinite"  # an event is always, or never, where it is
    DIFFERENCE = "difference"  # it stands for a difference from another that has none
    BEYOND = "beyond"  # its ratio runs beyond all bounds
    APART = "apart"  # of a product: its factors compare it with different levels
    NO_VIDEO = "no video"  # a curve is not followed to where no video is
    FEW_VALUES = "few values"  # a number takes too few of them for a curve
    NO_CREATOR = "no creator"  # no creator made both things that it compares
    ONE_VIDEO = "one video"  # one video alone decides it
    ONE_CREATOR = "one creator"  # one creator alone carries it
    MOSTLY_ONE = "mostly one creator"
    HEAVY = "heavy"  # of a preview: the videos weigh too much in it
    OPEN = "open"  # of a preview: it had no finite estimate before
