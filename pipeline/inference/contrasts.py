"""How many degrees of freedom a difference between two levels of one term has.

Each level is published against a reference. What two others differ by rests on the creators who
tell that difference, and these may be fewer than those behind either line.
"""

import numpy as np

from pipeline.estimate.cluster_robust import effective_creators, effective_dof
from pipeline.estimate.grouping import Floats
from pipeline.inference.thresholds import FEWEST_EFFECTIVE
from pipeline.model.fit_result import Fit


def degrees_of_freedom(fit: Fit) -> Floats:
    """Degrees of freedom (k, k) of β_i - β_j, of variables of one term; on the diagonal, of β_i.

    The effective number of creators of the contrast, less one; NaN of different terms, and where
    that number is below 1.5: then one creator decides. In a pool of one all have those of the fit.
    """
    k = len(fit.variables)
    pairs = [(i, j) for i in range(k) for j in range(i + 1) if _comparable(fit, i, j)]
    degrees = np.full((k, k), np.nan)
    contrasts = np.zeros((k, len(pairs)))
    for column, (i, j) in enumerate(pairs):
        contrasts[i, column] = 1.0
        contrasts[j, column] -= float(i != j)
    if fit.within is not None:
        dof = np.full(len(pairs), float(len(fit.sample.y) - k - 1))
    else:
        effective = effective_creators(fit.blocks, contrasts)
        dof = np.where(effective < FEWEST_EFFECTIVE, np.nan, effective_dof(effective))
    for value, (i, j) in zip(dof.tolist(), pairs, strict=True):
        degrees[i, j] = degrees[j, i] = value
    return degrees


def _comparable(fit: Fit, i: int, j: int) -> bool:
    return i == j or fit.variables[i].term == fit.variables[j].term
