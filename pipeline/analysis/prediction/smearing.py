"""From a forecast of log(1 + followers) to one of followers."""

import numpy as np

from pipeline.estimate.grouping import Floats

FARTHEST = 50.0  # a log, beyond which exp() says nothing more


def smeared(predictor: Floats, residuals: Floats) -> Floats:
    """Followers (m,) from forecasts of their log (m,) and the training residuals (n,).

    E[exp(p + e)] - 1 with the mean of exp(e) over the residuals (Duan 1983): a forecast of the log
    alone would be far below the mean.
    """
    return factor(residuals) * np.exp(np.clip(predictor, -FARTHEST, FARTHEST)) - 1


def factor(residuals: Floats) -> float:
    """The mean of exp(residual)."""
    return float(np.exp(np.clip(residuals, -FARTHEST, FARTHEST)).mean())
