"""What a fit is of, counted: rows and columns kept, videos and creators that have a variable."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.dataset.pool import Account
from pipeline.estimate.collinearity import Rank
from pipeline.estimate.grouping import Bools
from pipeline.estimate.states import states
from pipeline.model.design import Design
from pipeline.model.fit_result import Sample, Unidentified
from pipeline.model.reasons import Reason
from pipeline.model.variables import Variable

ABSORBED = "it varies within no creator: the creators' own levels carry it"
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


def carriers(design: Design, used: NDArray[Any], kept: Sequence[int]) -> NDArray[np.int64]:
    """Count the creators, (k,), who have what each kept variable compares, and what it is not.

    Of a number those within whom it varies. `used` are row numbers or a mask.
    """
    x, group = design.detrended(design.x)[used], design.group[used]
    is_number = np.array([variable.is_log for variable in design.variables], dtype=np.bool_)
    varies = states(x, group, len(design.creators)).varies
    differs = states(np.where(is_number, x, design.has[used]), group, len(design.creators)).varies
    counts: NDArray[np.int64] = (varies & differs)[:, list(kept)].sum(axis=0, dtype=np.int64)
    return counts


def videos_with(design: Design, used: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Count the used videos that have each level, or are near its knot, or note the number."""
    counts: NDArray[np.int64] = design.has[used].sum(axis=0, dtype=np.int64)
    return counts


def without_videos(design: Design, used: NDArray[np.bool_]) -> Bools:
    """Mark the variables (k,) of a curve at a knot that no video is near, or against one."""
    near = {place: bool(rows[used].any()) for place, rows in design.near.items()}
    return np.array(
        [
            is_knot(design, each)
            and not (near[each.term, each.level] and near[each.term, each.reference])
            for each in design.variables
        ],
        dtype=np.bool_,
    )


def is_knot(design: Design, variable: Variable) -> bool:
    """Return whether a variable is the height of a curve at a knot."""
    return (variable.term, variable.level) in design.near


def unidentified(
    design: Design, ranks: Rank, used: NDArray[np.bool_], infinite: tuple[int, ...]
) -> tuple[Unidentified, ...]:
    """Name what the creator effects absorb, what other variables give, what has no finite value."""
    no_end = INFINITE.format(event=design.question.event)
    why = dict.fromkeys(ranks.absorbed, (Reason.ABSORBED, ABSORBED))
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
