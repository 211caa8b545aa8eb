"""How far forecasts are from what came, by creator, and what a jackknife over creators says."""

from dataclasses import dataclass

import numpy as np
from scipy.special import kl_div

from pipeline.estimate.grouping import Floats, Ints
from pipeline.inference.thresholds import SCORE_CREATORS

MOST_REFITTED = 50  # left out in full; above, by one Newton step
MOST_STEPS = 100
SMALL_STEP = 1e-10
LEAST_SPREAD = 0.1  # sd of log forecasts within folds, below which no slope is asked of them
CONFIDENCE = 0.95
MEASURES = (
    "deviance",
    "rmse_log",
    "rmse_followers",
    "calibration_ratio",
    "calibration_slope",
    "skill",
)
AS_INDEPENDENT = "videos taken as independent"
ALIKE = "the forecasts hardly differ"
THE_REFERENCE = "what the others are compared with"
NO_SLOPE = "no finite slope"
ONE_LEFT = "it has no value without one of the creators or videos"


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """A measure of all videos, and without each unit (U,) in turn; None and why, where it fails."""

    value: float | None
    left_out: Floats
    why: str = ""


@dataclass(frozen=True, slots=True)
class Interval:
    """Two ends, None where they cannot be told."""

    low: float | None
    high: float | None


def deviances(followers: Floats, predicted: Floats) -> Floats:
    """Poisson deviance (n,) of each video: 2 (y log(y/μ) - y + μ); `predicted` (n,) positive."""
    losses: Floats = 2 * kl_div(followers, predicted)
    return losses


def units_of(group: Ints) -> tuple[Ints, str]:
    """What is left out in turn (n,): creators from five on, else videos, and what that assumes."""
    creators, number = np.unique(group, return_inverse=True)
    if len(creators) >= SCORE_CREATORS:
        return number.astype(np.int64), ""
    return np.arange(len(group), dtype=np.int64), AS_INDEPENDENT


def judge(
    followers: Floats, predicted: Floats, reference: Floats, units: Ints, folds: Ints
) -> dict[str, Judged]:
    """Every measure of forecasts (n,), those of the reference beside them, without each unit too.

    Each is a function of sums over videos, so leaving out a unit takes its sums off (no model is
    learnt anew without it); `skill` loses the same unit above and below. The root mean squared
    error of the log is of log(1 + forecast): a forecast of the mean is not the best one of the log,
    and all models pay for that alike.
    """
    losses = np.column_stack(
        [
            np.ones(len(followers)),
            deviances(followers, predicted),
            (np.log1p(followers) - np.log1p(predicted)) ** 2,
            (followers - predicted) ** 2,
            followers,
            predicted,
            deviances(followers, reference),
        ]
    )
    sums = np.stack([np.bincount(units, column) for column in losses.T])
    total = sums.sum(axis=1)
    whole, left_out = _ratios(total[:, None]), _ratios(total[:, None] - sums)
    judged = {
        name: Judged(float(whole[name][0]), left_out[name])
        if np.isfinite(whole[name][0])
        else Judged(None, left_out[name], "nothing to compare with")
        for name in whole
    }
    if np.array_equal(predicted, reference):
        judged["skill"] = Judged(0.0, np.zeros(0), THE_REFERENCE)
    judged["calibration_slope"] = slope(followers, predicted, units, folds)
    return {name: judged[name] for name in MEASURES}


def _ratios(sums: Floats) -> dict[str, Floats]:
    with np.errstate(divide="ignore", invalid="ignore"):
        n, deviance, log, square, observed, predicted, reference = sums
        return {
            "deviance": deviance / n,
            "rmse_log": np.sqrt(np.maximum(log, 0) / n),
            "rmse_followers": np.sqrt(np.maximum(square, 0) / n),
            "calibration_ratio": observed / predicted,
            "skill": 1 - deviance / reference,
        }


def slope(followers: Floats, predicted: Floats, units: Ints, folds: Ints) -> Judged:
    """Slope of a Poisson regression of followers on the log of the forecast, and without each unit.

    1 where forecasts are as far apart as what comes; below, they are too far apart (Cox 1958). Not
    told of forecasts that are alike within each fold: one mean of all others is low where what is
    held out is high, which gives a slope far below 0 that says nothing.
    """
    none = np.zeros(0)
    logs = np.log(predicted)
    means = np.bincount(folds, logs) / np.maximum(np.bincount(folds), 1)
    if (logs - means[folds]).std() < LEAST_SPREAD:
        return Judged(None, none, ALIKE)
    z = np.column_stack([np.ones(len(logs)), logs - logs.mean()])
    start = np.array([np.log(max(followers.mean(), 1e-12)), 0.0])
    best = _newton(z, followers, start, MOST_STEPS)
    if best is None:
        return Judged(None, none, NO_SLOPE)
    count = int(units.max()) + 1
    if count > MOST_REFITTED:
        return Judged(float(best[1]), _one_step(z, followers, best, units))
    left_out = np.full(count, np.nan)
    for unit in range(count):
        rest = units != unit
        refitted = _newton(z[rest], followers[rest], best, MOST_STEPS)
        left_out[unit] = np.nan if refitted is None else refitted[1]
    return Judged(float(best[1]), left_out)


def _newton(z: Floats, y: Floats, start: Floats, steps: int) -> Floats | None:
    """Maximum (2,) of the Poisson likelihood of y (n,) on z (n, 2); None where there is none."""
    here, height = start, _height(z, y, start)
    for _ in range(steps):
        expected = np.exp(np.clip(z @ here, -700, 700))
        information = (z * expected[:, None]).T @ z
        if not np.linalg.cond(information) < 1e12:
            return None
        step = np.linalg.solve(information, z.T @ (y - expected))
        while (there := _height(z, y, here + step)) < height and np.abs(step).max() > SMALL_STEP:
            step = step / 2
        here, height = here + step, there
        if np.abs(step).max() < SMALL_STEP:
            return here
    return None


def _height(z: Floats, y: Floats, beta: Floats) -> float:
    predictor = np.clip(z @ beta, -700, 700)
    return float(y @ predictor - np.exp(predictor).sum())


def _one_step(z: Floats, y: Floats, best: Floats, units: Ints) -> Floats:
    """Slopes (U,) without each unit, one Newton step from the whole's."""
    expected = np.exp(np.clip(z @ best, -700, 700))
    moments = np.column_stack([z[:, i] * z[:, j] * expected for i, j in ((0, 0), (0, 1), (1, 1))])
    own = np.stack([np.bincount(units, column) for column in moments.T])
    a, b, d = own.sum(axis=1)[:, None] - own
    scores = np.stack([np.bincount(units, z[:, i] * (y - expected)) for i in (0, 1)])
    rest = scores.sum(axis=1)[:, None] - scores
    with np.errstate(divide="ignore", invalid="ignore"):
        slopes: Floats = best[1] + (a * rest[1] - b * rest[0]) / (a * d - b * b)
    return slopes


def jackknife(value: float, left_out: Floats) -> Interval:
    """Interval (95 %) of a value from the values without each of U units, t with U - 1.

    Variance (U - 1)/U Σ (θ_u - mean θ)² (Tukey 1958). No interval where a unit cannot be done
    without.
    """
    from scipy.special import stdtrit  # scipy.stats takes a second to import

    units = len(left_out)
    if units < 2 or not np.isfinite(left_out).all():
        return Interval(None, None)
    variance = (units - 1) / units * float(((left_out - left_out.mean()) ** 2).sum())
    margin = float(stdtrit(units - 1, (1 + CONFIDENCE) / 2)) * variance**0.5
    return Interval(value - margin, value + margin)
