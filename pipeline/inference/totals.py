"""The second estimand: what the sum of all views, or of all followers, goes with (Poisson).

The published lines compare typical videos. A ratio of totals follows the few videos that have most
of what is counted, and says nothing of the others.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from pipeline.estimate.cluster_robust import (
    cr3,
    effective_creators,
    effective_dof,
    leave_one_out,
    t_interval,
)
from pipeline.inference.estimates import unpublished
from pipeline.inference.published_line import Total
from pipeline.inference.thresholds import INTERVAL_CREATORS
from pipeline.model import sample as samples
from pipeline.model.design import design
from pipeline.model.fit import fit_counts
from pipeline.model.questions import Model, Question
from pipeline.model.variables import Variable


def totals(videos: pd.DataFrame, question: Question) -> Mapping[Variable, Total]:
    """Estimate the ratios of totals of a question of views or followers; {} where none can be.

    By Poisson regression with creator effects, with the jackknife over creators (CR3) of one step;
    of a pool of one creator nothing is told.
    """
    built = design(videos, replace(question, model=Model.POISSON, factors=()))
    counts = fit_counts(built) if len(built.rows) else "nothing"
    if isinstance(counts, str) or counts.fit.creators == 1:
        return {}
    blocks, carriers = counts.fit.blocks, samples.carriers(built, counts.rows, counts.ranks.kept)
    effective, left_out = effective_creators(blocks), leave_one_out(blocks)
    error = np.sqrt(np.diagonal(cr3(blocks, left_out)))
    interval = t_interval(blocks.estimate, error, effective_dof(effective))
    by_variable = {}
    for i, column in enumerate(counts.ranks.kept):
        variable, estimate = built.variables[column], float(blocks.estimate[i])
        shown = estimate * variable.step
        if column in counts.apart.infinite or unpublished(shown, carriers[i], effective[i]):
            continue
        has_interval = carriers[i] >= INTERVAL_CREATORS and bool(error[i] > 0)
        ends = (float(interval.low[i]), float(interval.high[i])) if has_interval else (None, None)
        by_variable[variable] = Total(estimate, *ends)
    return by_variable
