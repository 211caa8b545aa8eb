"""What every method says of the focus dummy in one simulated pool."""

import numpy as np
from numpy.typing import NDArray

from pipeline.estimate.cluster_robust import Blocks, cr1, cr3, effective_creators, leave_one_out
from pipeline.estimate.collinearity import rank
from pipeline.estimate.grouping import Ints
from pipeline.estimate.hc3 import hc3, hc3_refitted, residuals
from pipeline.estimate.jackknife_refits import leave_one_out_refits
from pipeline.estimate.linear import least_squares, residual_dof
from pipeline.estimate.poisson_maximum import NotConverged
from pipeline.estimate.separation import informative, separated
from pipeline.estimate.states import states
from pipeline.estimate.weighted_counts import reweighted
from pipeline.model.fit import is_too_far  # the same rule as in a published fit
from simulations.draw import FOCUS, Draw

REASONS = (
    "",
    "too few rows",
    "no event beside it: no finite estimate",
    "it varies within no creator with events",
    "beyond all bounds",
)
FITTED, TOO_FEW, SEPARATED, ABSORBED, TOO_FAR = range(len(REASONS))
NUMBERS = ("estimate", "truth", "effective", "cr1", "cr3", "refits", "hc3", "dof")
RECORD = np.dtype(
    [(name, "i4") for name in ("why", "creators", "carriers")] + [(name, "f8") for name in NUMBERS]
)
Record = NDArray[np.void]  # () of RECORD: standard errors, NaN where undefined


def judge(pool: Draw, model: str, refit: bool) -> Record:
    """Fit one model and record every method's standard error, NaN where undefined."""
    record = np.zeros((), RECORD)
    for name in NUMBERS:
        record[name] = np.nan
    if model == "signals":
        _judge_linear(record, pool)
    else:
        _judge_poisson(record, pool, model, refit)
    return record


def _judge_linear(record: Record, pool: Draw) -> None:
    y, k = pool.outcomes["signals"], pool.x.shape[1]
    whole = states(np.column_stack([pool.x, y]), pool.group)
    ranks = rank(whole, range(k))
    if residual_dof(whole, len(ranks.kept)) <= 0 or FOCUS not in ranks.kept:
        record["why"] = TOO_FEW if FOCUS in ranks.kept else ABSORBED
        return
    fit = least_squares(whole, k, ranks.kept)
    _judge_blocks(record, fit.blocks, int(ranks.varies_in[FOCUS]), fit.kept)
    if fit.creators == 1:
        x = pool.x[:, ranks.kept]
        within = hc3(x, residuals(x, y, pool.group, fit.estimate))
        record["hc3"] = np.sqrt(within.covariance[0, 0])
        record["dof"] = len(y) - len(ranks.kept) - 1
        record["truth"] = pool.slopes["signals"][0]


def _judge_poisson(record: Record, pool: Draw, model: str, refit: bool) -> None:
    """Drop and name what a published fit drops, in the same order (pipeline/model/fit.py)."""
    x, y, group, offset = pool.x, pool.outcomes[model], pool.group, pool.offsets[model]
    apart = separated(x, y, group)
    rows = np.flatnonzero(~apart.rows)
    rows = rows[informative(y[rows], group[rows]).rows]
    if FOCUS in apart.infinite:
        record["why"] = SEPARATED
        return
    x, y, group, offset = x[rows], y[rows], group[rows], offset[rows]
    columns = [j for j in range(x.shape[1]) if j not in apart.columns]
    ranks = rank(states(x, group), columns) if len(rows) else None
    if ranks is None or len(rows) <= len(ranks.kept) + len(np.unique(group)):
        record["why"] = TOO_FEW
        return
    if FOCUS not in ranks.kept:
        record["why"] = ABSORBED
        return
    x = x[:, ranks.kept]
    fitted = reweighted(x, y, group, offset)
    if isinstance(fitted, NotConverged) or is_too_far(fitted, x, group):
        record["why"] = TOO_FAR
        return
    _judge_blocks(record, fitted.blocks, int(ranks.varies_in[FOCUS]), fitted.kept)
    if fitted.creators == 1:
        record["hc3"] = np.sqrt(hc3_refitted(x, y, offset, fitted).covariance[0, 0])
        record["dof"] = len(y) - len(ranks.kept) - 1
        record["truth"] = pool.slopes[model][fitted.kept[0]]
    elif refit:
        left_out = leave_one_out_refits(x, y, group, offset, fitted)
        record["refits"] = np.sqrt(cr3(fitted.blocks, left_out)[0, 0])


def _judge_blocks(record: Record, blocks: Blocks, carriers: int, kept: Ints) -> None:
    """Fill in what linear and Poisson fits share; the focus is the first coefficient."""
    record["creators"], record["carriers"] = len(kept), carriers
    record["estimate"] = blocks.estimate[0]
    if len(kept) < 2:
        return
    record["effective"] = effective_creators(blocks)[0]
    record["cr3"] = np.sqrt(cr3(blocks, leave_one_out(blocks))[0, 0])
    if blocks.rows.sum() <= blocks.scores.shape[1] + 1:
        return
    record["cr1"] = np.sqrt(cr1(blocks)[0, 0])
