"""What a fit is of, counted: rows and columns kept, videos and creators that have a variable."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pipeline.dataset.pool import Account
from pipeline.estimate.collinearity import Rank
from pipeline.estimate.states import states
from pipeline.model.design import Design
from pipeline.model.fit_result import Sample, Unidentified
from pipeline.model.reasons import Reason
from pipeline.model.terms import NEAR
from pipeline.model.variables import UNKNOWN

ABSORBED = "it varies within no creator: the creators' own levels carry it"
INFINITE = "no finite estimate: it, or what it is compared with, has no video with a {event}"


def sample(design: Design, used: NDArray[np.int64], ranks: Rank) -> Sample:
    """Take rows and kept columns; number the creators that are left in the order of their names."""
    kept, numbered = np.unique(design.group[used], return_inverse=True)
    return Sample(
        design.x[used][:, ranks.kept],
        design.outcome[used],
        design.offset[used],
        numbered,
        design.rows[used],
        tuple(design.creators[i] for i in kept),
    )


def carriers(ranks: Rank) -> NDArray[np.int64]:
    """Count the creators within whom each kept column varies, (k,)."""
    asked = sorted([*ranks.kept, *ranks.absorbed, *(each.column for each in ranks.collinear)])
    return ranks.varies_in[[asked.index(i) for i in ranks.kept]]


def videos_with(design: Design, used: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Count the used videos that have each level, or are near its knot, or note the number."""
    x = design.x[used]
    unknown = {
        variable.term: int((x[:, i] != 0).sum())
        for i, variable in enumerate(design.variables)
        if variable.level == UNKNOWN
    }
    noted = [len(x) - unknown.get(variable.term, 0) for variable in design.variables]
    has = (x >= NEAR).sum(axis=0)
    is_number = np.array([variable.is_log for variable in design.variables], dtype=bool)
    return np.where(is_number, np.array(noted, dtype=np.int64), has)


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
    videos = videos_with(design, used)
    varies = states(design.x[used], design.group[used], len(design.creators)).varies.sum(axis=0)
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
