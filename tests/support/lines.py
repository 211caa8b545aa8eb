"""Fits and lines of given numbers, for what is published of them."""

import numpy as np

from pipeline.dataset.pool import Account
from pipeline.estimate.cluster_robust import Blocks, leave_one_out
from pipeline.inference.estimates import estimates
from pipeline.inference.published_line import Estimate
from pipeline.inference.verdicts import judge_lines
from pipeline.model.design import Design
from pipeline.model.fit_result import Fit, Sample
from pipeline.model.questions import FOLLOWERS, Part
from pipeline.model.variables import Variable


def lever(name: str, level: str = "yes", part: Part = Part.LEVER, is_log: bool = False) -> Variable:
    return Variable(name, level, "yes against no", part, name, is_log)


def scores(errors: list[float], creators: int) -> np.ndarray:
    """Scores (G, k) that sum to 0 and give these CR3 errors: a pair of creators moves each."""
    moves = np.zeros((creators, len(errors)))
    for j, error in enumerate(errors):
        size = error * np.sqrt(creators * (creators - 1) / 2)
        moves[:2, j] = size, -size
    return moves


def fit_of(variables, estimate, errors, creators, carriers=None, information=None) -> Fit:
    """A fit with nothing but the blocks, of creators c00, c01 ..."""
    k = len(variables)
    if information is None:
        information = np.tile(np.eye(k), (creators, 1, 1))
    none = np.zeros((0, k))
    group = np.zeros(0, dtype=np.int64)
    names = tuple(f"c{g:02}" for g in range(creators))
    account = Account(0, 0, ())
    design = Design(
        FOLLOWERS, none, np.eye(k), tuple(variables), none[:, 0], none[:, 0], group, names,
        creators, group, account, (), (), (), group, none[:, 0],
        none > 0, none > 0, np.zeros(k, dtype=np.bool_),
    )  # fmt: skip
    blocks = Blocks(
        information, scores(errors, creators), np.array(estimate, float), np.full(creators, 9)
    )
    return Fit(
        design=design,
        sample=Sample(none, none[:, 0], none[:, 0], group, group, names),
        variables=tuple(variables),
        unidentified=(),
        blocks=blocks,
        within=None,
        left_out=leave_one_out(blocks),
        refits=leave_one_out(blocks),
        silent=(),
        varies_in=np.array(carriers or [creators] * k),
        videos_with=np.arange(k) + 100,
        r2_within=0.5,
        rmse_log=0.5,
        account=account,
    )


def lines_of(fit: Fit) -> tuple[Estimate, ...]:
    return judge_lines(estimates(fit))
