"""Restricted wild cluster bootstrap from blocks: tests and intervals, no rows.

For a Poisson fit it is the linearised score bootstrap: scores move as the information says.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, nan

import numpy as np

from pipeline.estimate.bootstrap_statistics import (
    Forms,
    Restricted,
    forms_of,
    restricted_scores,
    shared,
    standardise,
)
from pipeline.estimate.bootstrap_weights import Draws
from pipeline.estimate.cluster_robust import Blocks
from pipeline.estimate.grouping import Floats

TIE = 1e-9  # relative difference below which a bootstrap statistic equals the observed one
NO_SPREAD = 1e-12  # a standard error below this share of what it is made of is rounding
FIRST_STEP, LAST_STEP, PRECISION = 2.0, 1e4, 1e-4  # of an interval's search, standard errors


@dataclass(frozen=True, slots=True)
class WildTest:
    """A two-sided test of one coefficient.

    Attributes:
        p_value: NaN when no draw counts, or there is no standard error because one creator alone
            tells of the coefficient (the others carry less than 1e-7 of what is known).
        statistic: (estimate - null) / CR1 standard error; NaN without a standard error.
        used: draws that counted.
        lost: draws without a finite statistic, which count neither above nor below the line.
        enumerated: whether the draws were all sign vectors.
    """

    p_value: float
    statistic: float
    used: int
    lost: int
    enumerated: bool


@dataclass(frozen=True, slots=True)
class WildInterval:
    """The values of a coefficient that a test does not reject.

    Attributes:
        low: -inf if nothing far below is rejected, NaN without a standard error.
        high: inf if nothing far above is rejected, NaN without a standard error.
        level: 0.95 = 95 %.
    """

    low: float
    high: float
    level: float


def wild_test(
    blocks: Blocks,
    column: int,
    draws: Draws,
    restricted: Restricted = Restricted.WCR_S,
    null: float = 0.0,
) -> WildTest:
    """Test one coefficient against `null`; see `wild_tests`."""
    return wild_tests(blocks, [column], draws, restricted, null)[0]


def wild_tests(
    blocks: Blocks,
    columns: Sequence[int],
    draws: Draws,
    restricted: Restricted = Restricted.WCR_S,
    null: float = 0.0,
) -> tuple[WildTest, ...]:
    """Test coefficients one by one against `null` by the restricted wild cluster bootstrap.

    Cameron, Gelbach & Miller (2008); leave-one-out scores (WCR-S): MacKinnon, Nielsen & Webb
    (2023). The p-value is the share of |t*| >= |t|, ties within a relative 1e-9 counted, and
    (1 + hits) / (1 + draws) when they are a sample. Enumerated it is at least 2^(1-G), which the
    vector of ones attains in WCR; in WCR-S that vector does not give t back, so it is imposed.

    Without creator g the other coefficients may not be identified, and WCR-S then takes one of many
    solutions. All give the same t*: with w = A^-1 e_j, an unidentified direction n has A_h n = 0
    for every other creator h and n_j = 0, so that w'A_h n = 0, and w'A_g n = w'A n = n_j = 0 too.

    Raises:
        ValueError: one creator only, draws for another number of creators, not more rows than
            coefficients, or information that is not of full rank.
    """
    setting = shared(blocks, draws)
    results = []
    for column in columns:
        distance = null - float(blocks.estimate[column])
        standard = standardise(setting, column)
        constant, slope = restricted_scores(setting, standard, column, restricted)
        scores = (constant + distance * slope)[None]
        forms = forms_of(standard, scores, draws, float(setting.se[column]))
        results.append(_judge(forms, np.ones(1), distance))
    return tuple(results)


def wild_interval(
    blocks: Blocks,
    column: int,
    draws: Draws,
    restricted: Restricted = Restricted.WCR_S,
    level: float = 0.95,
) -> WildInterval:
    """Invert the test of one coefficient; see `wild_intervals`."""
    return wild_intervals(blocks, [column], draws, restricted, level)[0]


def wild_intervals(
    blocks: Blocks,
    columns: Sequence[int],
    draws: Draws,
    restricted: Restricted = Restricted.WCR_S,
    level: float = 0.95,
) -> tuple[WildInterval, ...]:
    """Invert the tests of coefficients: from the estimate outwards to the first rejection.

    Steps of 2, 4, 8, ... standard errors until p <= 1 - level, an infinite end after 10,000, then
    bisection to 0.0001 standard errors; ends are on the rejected side. The p-value is a step
    function of the null that need not fall steadily: this finds one crossing, a heuristic.

    Raises:
        ValueError: as `wild_tests`, or a level that is not between 0 and 1.
    """
    if not 0 < level < 1:
        raise ValueError(f"the level must be between 0 and 1: {level}")
    setting = shared(blocks, draws)
    results = []
    for column in columns:
        standard = standardise(setting, column)
        scores = restricted_scores(setting, standard, column, restricted)
        forms = forms_of(standard, scores, draws, float(setting.se[column]))
        low, high = (_end(forms, side, (1 - level) * (1 + TIE)) for side in (-1.0, 1.0))
        estimate = float(blocks.estimate[column])
        results.append(WildInterval(estimate + low, estimate + high, level))
    return tuple(results)


def _judge(forms: Forms, point: Floats, distance: float) -> WildTest:
    """The test at the null estimate + `distance`, where the forms have coefficients `point`."""
    total, enumerated = forms.numerator.shape[1], forms.smallest > 0
    if not forms.observed > 0:
        return WildTest(nan, nan, 0, total, enumerated)
    moved = point @ forms.numerator
    spread = np.einsum("i,ijb,j->b", point, forms.squares, point)
    finite = spread > NO_SPREAD**2 * float(point @ forms.size @ point)
    least = abs(distance) / forms.observed * (1 - TIE)
    hits = int(np.count_nonzero(np.abs(moved[finite]) >= least * np.sqrt(spread[finite])))
    used = int(np.count_nonzero(finite))
    if not used:
        p_value = nan
    elif enumerated:
        p_value = max(hits / used, forms.smallest)
    else:
        p_value = (1 + hits) / (1 + used)
    return WildTest(p_value, -distance / forms.se, used, total - used, enumerated)


def _end(forms: Forms, side: float, alpha: float) -> float:
    """One end of an interval less the estimate, `side` -1 or 1; infinite if none is found."""

    def rejected(steps: float) -> bool:
        distance = side * steps * forms.se
        return _judge(forms, np.array([1.0, distance]), distance).p_value <= alpha

    if not forms.observed > 0:
        return nan
    inside, outside = 0.0, FIRST_STEP
    while not rejected(outside):
        if outside >= LAST_STEP:
            return side * inf
        inside, outside = outside, min(2 * outside, LAST_STEP)
    while outside - inside > PRECISION:
        middle = (inside + outside) / 2
        inside, outside = (inside, middle) if rejected(middle) else (middle, outside)
    return side * outside * forms.se
