"""Does a term matter at all? One test of all its levels together."""

from collections.abc import Mapping, Sequence

import numpy as np

from pipeline.estimate.cluster_robust import joint_p_value
from pipeline.inference.estimates import covariance
from pipeline.inference.published_line import Estimate
from pipeline.model.fit_result import Fit


def joint_p_values(fit: Fit, lines: Sequence[Estimate]) -> Mapping[str, float]:
    """Test, of each term with two levels or more that have an interval, that none differs.

    With the degrees of freedom of the level that has the fewest. There is no test of a pool of one
    creator, and where the creators in effect are too few for so many levels.
    """
    if fit.within is not None:
        return {}
    whole, at = covariance(fit), {variable: i for i, variable in enumerate(fit.variables)}
    by_term: dict[str, list[Estimate]] = {}
    for line in lines:
        if line.is_tested and line.p_value is not None and line.variable.level:
            by_term.setdefault(line.variable.term, []).append(line)
    p_values = {}
    for term, levels in by_term.items():
        places = [at[line.variable] for line in levels]
        fewest = min(line.df or 0.0 for line in levels)
        estimate, shared = fit.blocks.estimate[places], whole[np.ix_(places, places)]
        p_value = joint_p_value(estimate, shared, fewest) if len(levels) > 1 else None
        if p_value is not None:
            p_values[term] = p_value
    return p_values
