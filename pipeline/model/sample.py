"""What a fit is of, counted: rows and columns kept, videos and creators that have a variable."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.dataset.pool import Account
from pipeline.estimate.collinearity import Rank
from pipeline.estimate.grouping import Bools
from pipeline.estimate.states import states
from pipeline.model.design import Design
from pipeline.model.fit_result import Fit, Sample, Unidentified
from pipeline.model.reasons import Reason

ABSORBED = "it varies within no creator: the creators' own levels carry it"
TREND = "it changed only as time went by, and a creator's growth could do the same"
INFINITE = "no finite estimate: it, or what it is compared with, has no video with a {event}"


def sample(design: Design, used: NDArray[np.int64], ranks: Rank) -> Sample:
    """Take rows and kept columns; number the creators that are left in the order of their names."""
    kept, numbered = np.unique(design.group[used], return_inverse=True)
    return Sample(
        design.detrended(design.x)[used][:, ranks.kept],
        design.detrended(design.outcome[:, None])[used, 0],
        design.offset[used],
        numbered,
        design.rows[used],
        tuple(design.creators[i] for i in kept),
    )


def carrying(design: Design, used: NDArray[Any], *, has_trends: bool = True) -> Bools:
    """Mark the creators (G, k) who have what each variable compares, and what it compares it with.

    Of a number those within whom it varies; and of either those in whom a trend leaves it anything,
    but where `has_trends` is false. `used` are row numbers or a mask.
    """
    group, creators = design.group[used], len(design.creators)
    is_number = np.array([variable.is_log for variable in design.variables], dtype=np.bool_)
    x = design.detrended(design.x) if has_trends else design.x
    varies = states(x[used], group, creators).varies
    has, against = (_any_of(rows[used], group, creators) for rows in (design.has, design.against))
    carrying: Bools = varies & (is_number | (has & against))
    return carrying


def in_trends(design: Design, used: NDArray[Any]) -> Bools:
    """Mark the variables (k,) that creators carry but for their trends, which leave nothing."""
    if not design.trends.any():
        return np.zeros(len(design.variables), dtype=np.bool_)
    varied, left = (carrying(design, used, has_trends=has) for has in (False, True))
    return np.asarray(varied.any(axis=0) & ~left.any(axis=0))


def carried(fit: Fit) -> Bools:
    """Mark the creators (G, k) who carry each variable; of a product, in its last factor."""
    built = fit.design
    rows = carrying(built, np.isin(built.rows, fit.sample.rows))
    columns = [built.variables.index(each) for each in fit.variables]
    nobody = np.zeros(len(columns), dtype=np.bool_)
    by_name = dict(zip(built.creators, rows[:, columns], strict=True))
    return np.array([by_name.get(name, nobody) for name in fit.sample.creators])


def carriers(design: Design, used: NDArray[Any], kept: Sequence[int]) -> NDArray[np.int64]:
    """Count the creators, (k,), who carry each kept variable (`carrying`)."""
    counts: NDArray[np.int64] = carrying(design, used)[:, list(kept)].sum(axis=0, dtype=np.int64)
    return counts


def _any_of(rows: Bools, group: NDArray[np.int64], creators: int) -> Bools:
    """Return of which creators (G, k) some of the rows (n, k) are marked."""
    marked = np.zeros((creators, rows.shape[1]), dtype=np.bool_)
    np.logical_or.at(marked, group, rows)
    return marked


def videos_with(design: Design, used: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Count the used videos that have each level, or are near its knot, or note the number."""
    counts: NDArray[np.int64] = design.has[used].sum(axis=0, dtype=np.int64)
    return counts


def untold_knots(
    design: Design, used: NDArray[np.bool_], untold: Mapping[int, Reason]
) -> dict[int, Reason]:
    """Say which variables of curves are not told, by number, and why, though a fit may tell them.

    Nothing is told of a knot that no video is near, or none with an event, or that is compared with
    such a one; nor of a curve whose other knot it gives, or is given by. `untold` are the variables
    that the fit cannot tell.
    """
    is_event = np.ones(len(design.outcome), dtype=np.bool_)
    if design.question.model.is_counted:
        is_event = design.outcome > 0
    given = {design.variables[i].term for i, why in untold.items() if why is Reason.COLLINEAR}
    reasons = {}
    for j in np.flatnonzero(design.is_knot).tolist():
        ends = design.has[used, j], design.against[used, j]
        if not all(end.any() for end in ends):
            reasons[j] = Reason.NO_VIDEO
        elif not all((end & is_event[used]).any() for end in ends):
            reasons[j] = Reason.INFINITE
        elif design.variables[j].term in given:
            reasons[j] = Reason.FEW_VALUES
    return reasons


def unidentified(
    design: Design, ranks: Rank, used: NDArray[np.bool_], infinite: tuple[int, ...]
) -> tuple[Unidentified, ...]:
    """Name what the creator effects absorb, what other variables give, what has no finite value."""
    no_end = INFINITE.format(event=design.question.event)
    grown = in_trends(design, used)
    why = {
        i: (Reason.TREND, TREND) if grown[i] else (Reason.ABSORBED, ABSORBED)
        for i in ranks.absorbed
    }
    why |= dict.fromkeys(infinite, (Reason.INFINITE, no_end))
    for each in ranks.collinear:
        parts = [
            f"{coefficient:+.4g} × {design.variables[i].name}"
            for i, coefficient in zip(ranks.kept, each.coefficients, strict=True)
            if abs(coefficient) > 1e-7
        ]
        given = f"within creators it is {' '.join(parts).removeprefix('+')}"
        why[each.column] = (Reason.COLLINEAR, given)
    videos, varies = videos_with(design, used), carriers(design, used, range(design.x.shape[1]))
    return tuple(
        Unidentified(design.variables[i], *said, int(videos[i]), int(varies[i]))
        for i, said in why.items()
    )


def account(design: Design, lost: dict[str, int]) -> Account:
    """Carry the account on: rows that the model could not use leave it, by reason."""
    more = tuple((reason, rows) for reason, rows in lost.items() if rows)
    return replace(
        design.account,
        rows_used=design.account.rows_used - sum(rows for _, rows in more),
        left_out=tuple(sorted((*design.account.left_out, *more))),
    )
