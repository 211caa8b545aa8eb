"""Two videos of one creator, compared: a contrast of what the CSV files of the report publish."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.analysis.comparison.published import BEYOND_DATA, NUMBERS, REFERENCE, Published
from pipeline.estimate.spline import ROUNDING
from pipeline.inference.thresholds import INTERVAL_CREATORS
from pipeline.model.terms import knot_columns
from pipeline.model.variables import bounded_exp

Video = Mapping[str, float | str]  # term → its number, or its level
ABOVE, BELOW, CANNOT = "above B", "below B", "can’t tell"  # where A’s whole 95 % interval is
OUTSIDE = 0.05  # of the videos are shorter, and as many longer, than the range that is shown


@dataclass(frozen=True, slots=True)
class Difference:
    """What one of two videos has and the other has not: a level, or part of a number's curve."""

    term: str
    level: str
    why: str = ""  # it cannot be told


@dataclass(frozen=True, slots=True)
class Comparison:
    """Video A against video B. Nothing is None in `log_ratio` but with `untold` or nothing else.

    `low` and `high` are the 95 % interval of the log ratio, with the smallest df of what differs:
    of a line, of two levels of one lever, or of the lines of a curve. They are None where
    something, `unsure`, has none.
    `creators` is the fewest that any of the lines rests on.
    """

    untold: tuple[Difference, ...] = ()
    unsure: tuple[Difference, ...] = ()
    log_ratio: float | None = None
    std_error: float | None = None
    df: float | None = None
    low: float | None = None
    high: float | None = None
    creators: int | None = None

    @property
    def is_same(self) -> bool:
        """Return whether the two videos differ in nothing."""
        return self.log_ratio is None and not self.untold

    @property
    def ratios(self) -> tuple[float | None, float | None, float | None]:
        """The ratio and the ends of its interval, each within e^±30."""
        return _ratio(self.log_ratio), _ratio(self.low), _ratio(self.high)

    @property
    def word(self) -> str:
        """Say where the interval lies, "" where there is no ratio."""
        if self.log_ratio is None:
            return ""
        if self.low is not None and self.low > 0:
            return ABOVE
        return BELOW if self.high is not None and self.high < 0 else CANNOT


def _ratio(log_ratio: float | None) -> float | None:
    return None if log_ratio is None else bounded_exp(log_ratio)


def compare(lines: Published, a: Video, b: Video) -> Comparison:
    """Compare video A with video B, in the terms that both name.

    log ratio = c'b and its variance c'Vc, where c is what A has less what B has.
    """
    weights: dict[int, float] = {}
    parts: dict[int, Difference] = {}
    untold = []
    for part, weight in _differences(lines, a, b):
        place = part.why or lines.place(part.term, part.level)
        if isinstance(place, str):
            untold.append(Difference(part.term, part.level, place))
        elif place != REFERENCE:
            weights[place], parts[place] = weight, part
    if untold or not weights:
        return Comparison(tuple(untold))
    used = [lines.lines[place] for place in weights]
    log_ratio = sum(w * line.estimate for w, line in zip(weights.values(), used, strict=True))
    creators = min(line.creators for line in used)
    known = {term: _known(lines, term, places) for term, places in _by_term(parts).items()}
    unsure = tuple(parts[place] for place in weights if lines.lines[place].df is None)
    unsure = unsure or tuple(part for part in parts.values() if known[part.term] is None)
    c, at = np.array(list(weights.values())), list(weights)
    variance = float(c @ lines.covariance[np.ix_(at, at)] @ c)
    if unsure or not variance > 0:
        return Comparison(unsure=unsure, log_ratio=log_ratio, creators=creators)
    df, quantile = min(each for each in known.values() if each is not None)
    error = math.sqrt(variance)
    ends = log_ratio - quantile * error, log_ratio + quantile * error
    return Comparison((), (), log_ratio, error, df, *ends, creators)


def _by_term(parts: Mapping[int, Difference]) -> dict[str, list[int]]:
    """Gather the places of the lines by what they are of: one, or two levels of one lever."""
    gathered: dict[str, list[int]] = {}
    for place, part in sorted(parts.items()):
        gathered.setdefault(part.term, []).append(place)
    return gathered


def _known(lines: Published, term: str, places: Sequence[int]) -> tuple[float, float] | None:
    """The df and the quantile of a line, or of what two levels differ by; None without.

    Of two numbers, which differ by some of each line of a curve, the least df of all of these.
    """
    if any(lines.lines[place].df is None for place in places):
        return None
    apart = lines.apart[places[0], places[1]] if len(places) > 1 else None
    if len(places) > 1 and (term not in NUMBERS or apart is None):
        return apart
    used = [lines.lines[place] for place in places]
    each = [(line.df or 0.0, line.quantile or math.nan) for line in used]
    return min([*each, apart] if apart else each)


def _differences(lines: Published, a: Video, b: Video) -> list[tuple[Difference, float]]:
    """List the levels in which A and B differ, with what A has of each less what B has."""
    differences = []
    for term, mine in a.items():
        other = b.get(term, mine)
        if mine == other:
            continue
        if term in NUMBERS:
            differences += _along(lines, term, float(mine), float(other))
        else:
            differences += [
                (Difference(term, str(mine)), 1.0),
                (Difference(term, str(other)), -1.0),
            ]
    return differences


def _along(lines: Published, term: str, a: float, b: float) -> list[tuple[Difference, float]]:
    """What two numbers have of each knot; nothing beyond the data, where nobody knows the curve."""
    low, high = lines.ranges.get(term, (-math.inf, math.inf))
    if not (low <= min(a, b) and max(a, b) <= high):
        return [(Difference(term, "", BEYOND_DATA), 0.0)]
    lever = NUMBERS[term]
    weights = np.subtract(*knot_columns(np.array([a, b]), lever))
    return [
        (Difference(term, level), float(weight))
        for level, weight in zip(lever.levels, weights, strict=True)
        if abs(weight) > ROUNDING
    ]


def seen(videos: pd.DataFrame, term: str) -> tuple[int, int] | None:
    """Give the range that holds all but the lowest and highest 5 % of the pool's videos.

    In whole numbers; None where fewer than five creators noted it.
    """
    noted = videos[videos[term].notna()]
    if noted["creator"].nunique() < INTERVAL_CREATORS:
        return None
    low, high = np.quantile(noted[term].to_numpy(np.float64), [OUTSIDE, 1 - OUTSIDE])
    return math.floor(low), math.ceil(high)
