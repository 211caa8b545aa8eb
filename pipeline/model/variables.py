"""What a column of a model is called, what it compares, and how its ratio is shown."""

import math
from dataclasses import dataclass

import numpy as np

from pipeline.model.questions import Part

RARE = "(rare)"
UNKNOWN = "unknown"
BEYOND = 15.0  # a log ratio that no data can tell
FARTHEST = 30.0  # a log ratio, from which on a ratio is shown as this one


@dataclass(frozen=True, slots=True)
class Variable:
    """One column of a model: its term (the column of the data), its level, and what it compares."""

    term: str
    level: str
    unit: str
    part: Part
    says: str
    is_log: bool = False  # its ratio is for a doubling
    reference: str = ""  # the level that its level is set against; "" of a number or a flag

    @property
    def name(self) -> str:
        """The variable in words that are unique within a model."""
        return f"{self.term}: {self.level}" if self.level else self.term

    @property
    def label(self) -> str:
        """The name as tables and charts show it; a log is for a doubling."""
        return f"{self.name} ×2" if self.is_log else self.name

    @property
    def is_asked(self) -> bool:
        """Return whether it is one of the questions: not context, an unknown or a rare level."""
        return self.part is not Part.CONTEXT and self.level not in (UNKNOWN, RARE)

    @property
    def step(self) -> float:
        """How much of its unit a ratio is for: log 2, a doubling, of a log; else the level."""
        return float(np.log(2)) if self.is_log else 1.0

    def ratio(self, log_ratio: float | None) -> float | None:
        """Turn a log ratio into a ratio, at most e^30; of a doubling, where it is a log."""
        return None if log_ratio is None else bounded_exp(log_ratio * self.step)


AGAINST = "against "  # a reference, in a unit
DOUBLING = "doubling of "  # of a log, in a unit


def read_back(term: str, level: str, unit: str) -> Variable:
    """Make a variable of what a table keeps of it."""
    reference = unit.removeprefix(AGAINST) if unit.startswith(AGAINST) else ""
    says = f"{term}: {level}" if level else term
    return Variable(term, level, unit, Part.LEVER, says, unit.startswith(DOUBLING), reference)


def bounded_exp(log_ratio: float) -> float:
    """Turn a log into a ratio from e^-30 to e^30: few data may say anything of its ends.

    >>> bounded_exp(0.0), bounded_exp(-1e9) > 0, bounded_exp(1e9) == bounded_exp(30.0)
    (1.0, True, True)
    """
    return math.exp(min(max(log_ratio, -FARTHEST), FARTHEST))
