"""Which rows of a question would decide it alone: one row against all the others together.

Judged before the fit, at the model of the creators' own levels, in which no variable matters.
There a row's residual e is its outcome less what the creator's other rows lead to expect, and of
each number that the question uses (in its log) it adds a score, d · e, and information, w · d²:
d is the number less its mean in the creator's other rows, w the variance of the outcome there. All
are taken from the *other* rows, so that no row is its own measure. The standard error is made of
the sum of the squares, and no row may be most of it (Lindeberg's condition for one row): a row
that is more than `MOST` times the root of the sum of all others' squares leaves. So does one that
tells of a number as much as a hundred average rows, or half of all where there are few (but never
less than a fifth): the interval would hang on it. At a fifth whatever the size, small honest pools
lost up to half of their rows; at this, 120 simulated pools lost five more than at a half in all.

Two large rows would hide each other, and a new one all that left before: so up to `HIDDEN` others
leave with one, where the last of them still outweighs all that are smaller. In 15 pools of 6 to 40
honest creators with heavy tails (32,696 rows) 105 rows leave a question, instead of 65.

What one row can still move, as far as it was measured: in six simulated pools of 6 and 14 creators,
four rows each with nine sets of cells at and between their limits moved no published line by more
than 1.7 half-widths of its 95 % interval, and 99 lines of 100 by less than half of one. In four
pools with heavy tails, 2 rows each with 7 sets of cells: by 1.3 at most, and 99 of 100 by half of
one; 3 intervals of 100 became wider by half or more. The tests hold two half-widths. An interval
can still come to exclude no difference: most often that of the very column which was changed.
"""

from dataclasses import dataclass

import numpy as np

from pipeline.estimate.grouping import Bools, Floats, Ints

MOST = 1.0  # of a residual or a score, in units of the root of the others' squares
MOST_ALONE = 10.0  # the same in a pool of one account, which speaks of its own heavy tail only
# Of what is known of a number, in the same units: a row may tell as much as so many average ones,
MOST_ROWS = 100
# but never more than half of all (1), and always a fifth (a half, of the root).
LEAST_INFORMATION, MOST_INFORMATION = 0.5, 1.0
HIDDEN = 4  # large rows that may hide another one, and the rows that there must be for each
ROWS_A_HIDDEN = 50
FEWEST = 30  # rows, below which nothing can be said to be far from the others
TURNS = 20  # of the search for a creator's rate in dispersed counts
TIED = 1 - 1e-9  # of the greatest, from which on two rows are alike but for rounding


@dataclass(frozen=True, slots=True, eq=False)
class QuestionRows:
    """The n rows of a question and its k numbers.

    `numbers` (n, k) are logs, NaN where missing. `outcome` and `exposure` (n,) are on the scale of
    the model, exposure 1 where there is none; `dispersion` is a of the variance μ + a μ² of a
    count, None in least squares.
    """

    numbers: Floats
    outcome: Floats
    exposure: Floats
    group: Ints
    dispersion: float | None

    def take(self, at: Ints) -> "QuestionRows":
        """Some rows."""
        taken = self.numbers[at], self.outcome[at], self.exposure[at], self.group[at]
        return QuestionRows(*taken, self.dispersion)


def deciding(rows: QuestionRows, *, is_alone: bool = False) -> Bools:
    """Mark the rows (n,) that would decide alone; `is_alone`, in a pool of one account.

    The worst leaves first, and all is judged again without it, until none is left. Whoever leaves
    outweighs all that stay, so that few can. The order of the rows is of no account.
    """
    kept = np.ones(len(rows.outcome), dtype=np.bool_)
    if len(kept) < FEWEST:
        return ~kept
    shares = _shares(rows)
    most = np.full(len(shares), MOST_ALONE if is_alone else MOST)
    usual = np.clip((MOST_ROWS / len(kept)) ** 0.5, LEAST_INFORMATION, MOST_INFORMATION)
    most[2::2] = MOST_INFORMATION if is_alone else usual
    hidden = 0 if is_alone else min(HIDDEN, len(kept) // ROWS_A_HIDDEN)
    while (worst := _worst(rows, shares, kept, most, hidden)) is not None:
        kept[worst] = False
        own = np.flatnonzero(kept & (rows.group == rows.group[worst]))
        shares[:, worst], shares[:, own] = 0, _shares(rows.take(own))
    return ~kept


def _shares(rows: QuestionRows) -> Floats:
    """Each row's residual, and of each number its score and the root of its information.

    (1 + 2k, n).
    """
    expected = expected_outcome(rows)
    residual = np.nan_to_num(rows.outcome - expected)
    weight = np.ones(len(residual))
    if rows.dispersion is not None:
        damped = 1 + rows.dispersion * np.nan_to_num(expected)
        residual, weight = residual / damped, np.nan_to_num(expected) / damped
    shares = [residual]
    for number in rows.numbers.T:
        noted = ~np.isnan(number)
        value, heavy = np.where(noted, number, 0), np.where(noted, weight, 0)
        mean = _over(_rest(heavy * value, rows.group), _rest(heavy, rows.group))
        away = np.where(noted, np.nan_to_num(value - mean), 0)
        shares += [away * residual, away * np.sqrt(heavy)]
    return np.array(shares)


def expected_outcome(rows: QuestionRows) -> Floats:
    """What a creator's other rows lead to expect of each row (n,); NaN where there are none.

    A row of a dispersed count weighs as 1 / (1 + a μ), as in the fit: or one giant exposure would
    set the rate of all others, who would leave in its place.
    """
    weight: Floats = np.ones(len(rows.outcome))
    for _ in range(TURNS if rows.dispersion else 0):
        sums = [_total(weight * each, rows.group) for each in (rows.outcome, rows.exposure)]
        weight = 1 / (1 + (rows.dispersion or 0) * _over(*sums) * rows.exposure)
    rest = [_rest(weight * each, rows.group) for each in (rows.outcome, rows.exposure)]
    expected: Floats = _over(*rest) * rows.exposure
    return expected


def _total(values: Floats, group: Ints) -> Floats:
    """Sum up a value over all rows of each row's creator."""
    if not len(group):
        return values
    return np.asarray(np.bincount(group, values)[group], dtype=float)


def _rest(values: Floats, group: Ints) -> Floats:
    """Sum up a value over the other rows of each row's creator."""
    return _total(values, group) - values


def _over(part: Floats, whole: Floats) -> Floats:
    """Divide; NaN where there is nothing to compare with."""
    ratio: Floats = np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)
    return ratio


def _worst(
    rows: QuestionRows, shares: Floats, kept: Bools, most: Floats, hidden: int
) -> int | None:
    """The row that outweighs all others most; None where none does."""
    candidates: list[tuple[float, int]] = []
    for j, share in enumerate(np.abs(shares)):
        squares = share**2
        limit = squares.max(initial=0) / most[j] ** 2
        by_creator = np.bincount(rows.group, squares)
        alike = np.flatnonzero(share >= TIED * share.max(initial=0))
        elsewhere = by_creator.sum() - by_creator[rows.group[alike]].max()
        if not limit or limit <= elsewhere - _largest(squares, hidden).sum():
            continue  # the other creators' rows are enough
        row = int(alike[0]) if len(alike) == 1 else _farthest(rows, kept, alike)
        own = np.flatnonzero(kept & (rows.group == rows.group[row]))
        squares[own] = 0
        again = _shares(rows.take(own[own != row]))[j] ** 2
        others = np.concatenate([squares, again])
        if (weight := _weight(limit, _largest(others, hidden), others.sum(), most[j])) > 1:
            candidates.append((weight, row))
    return max(candidates, key=lambda each: (each[0], -each[1]))[1] if candidates else None


def _weight(limit: float, large: Floats, others: float, most: float) -> float:
    """How often a row outweighs all others, or the last of some large ones all that are smaller.

    Of two large rows each would hide the other.
    """
    tails = others - np.cumsum([0.0, *large])
    limits = np.array([limit, *large / most**2])
    has_tail = tails > 0
    return float((limits[has_tail] / tails[has_tail]).max(initial=0))


def _largest(values: Floats, number: int) -> Floats:
    """The largest values, so many, the largest first."""
    if not number or len(values) <= number:
        return np.sort(values)[::-1][:number]
    return np.sort(np.partition(values, -number)[-number:])[::-1]


def _farthest(rows: QuestionRows, kept: Bools, among: Ints) -> int:
    """Of rows that weigh alike, the one farthest from the pool's medians, in logs."""
    values = np.column_stack([np.log1p(rows.outcome), np.log(rows.exposure), rows.numbers])
    values = values[:, ~np.isnan(values[kept]).all(axis=0)]
    middle = np.nanmedian(values[kept], axis=0)
    return int(among[np.nansum(np.abs(values[among] - middle), axis=1).argmax()])
