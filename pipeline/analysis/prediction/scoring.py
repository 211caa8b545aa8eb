"""From forecasts of the videos held out to rows: scores with intervals, and reliability by bins."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pipeline.analysis.prediction.metrics import (
    MEASURES,
    ONE_LEFT,
    Interval,
    jackknife,
    judge,
    units_of,
)
from pipeline.analysis.prediction.tables import CREATORS, Bin, Score
from pipeline.estimate.grouping import Floats, Ints
from pipeline.inference.thresholds import SCORE_CREATORS

TENTHS = 10
FEWEST_IN_BIN = 20
NEVER_NEGATIVE = ("deviance", "rmse_log", "rmse_followers", "calibration_ratio")
TAIL = 0.025
FEW = f"fewer than {SCORE_CREATORS} creators cannot show how sure this is for others"


@dataclass(frozen=True, slots=True, eq=False)
class Forecast:
    """What one model predicted of the videos held out, (n,) followers; `why` there is none.

    `folds` (n,) are those in which the videos were held out; `note` says what is to
    be known of forecasts that there are.
    """

    known: str
    held_out: str
    model: str
    predicted: Floats
    folds: Ints
    why: str = ""
    note: str = ""


def scores(
    forecast: Forecast, followers: Floats, reference: Floats, group: Ints
) -> Iterator[Score]:
    """Score one model in every measure; `reference` (n,) are the forecasts to compare with."""
    if forecast.why:
        for measure in MEASURES:
            yield _score(forecast, measure, None, Interval(None, None), group, forecast.why)
        return
    units, assumed = units_of(group)
    judged = judge(followers, forecast.predicted, reference, units, forecast.folds)
    why = FEW if _is_few(forecast, group) else ""
    for measure, measured in judged.items():
        if why or measured.value is None or not len(measured.left_out):
            nothing, reasons = Interval(None, None), (measured.why or why, forecast.note)
            yield _score(forecast, measure, measured.value, nothing, group, *reasons)
            continue
        interval = _bounded(jackknife(measured.value, measured.left_out), measure)
        caveat = assumed if interval.low is not None else ONE_LEFT
        yield _score(forecast, measure, measured.value, interval, group, caveat, forecast.note)


def _is_few(forecast: Forecast, group: Ints) -> bool:
    """Return whether new creators are predicted, and too few to say how sure that is for others."""
    return forecast.held_out == CREATORS and len(np.unique(group)) < SCORE_CREATORS


def _score(
    forecast: Forecast,
    measure: str,
    value: float | None,
    interval: Interval,
    group: Ints,
    *reasons: str,
) -> Score:
    return Score(
        known=forecast.known,
        held_out=forecast.held_out,
        model=forecast.model,
        measure=measure,
        value=value,
        low=interval.low,
        high=interval.high,
        videos=len(group),
        creators=len(np.unique(group)),
        why="; ".join(reason for reason in reasons if reason),
    )


def _bounded(interval: Interval, measure: str) -> Interval:
    """Cut an interval at 0, and that of the skill at 1, which no value can pass."""
    low, high = interval.low, interval.high
    if measure in NEVER_NEGATIVE and low is not None:
        return Interval(max(low, 0.0), high)
    return Interval(low, min(high, 1.0)) if measure == "skill" and high is not None else interval


def bins(forecast: Forecast, followers: Floats, group: Ints) -> Iterator[Bin]:
    """Compare mean forecasts with mean followers by tenths of the forecast, 20 videos or more each.

    Equal forecasts are in one bin. The interval of what came is a jackknife over creators where
    five or more are in the bin, else over videos; where nobody came, its upper end is the exact one
    of a Poisson count of 0 (Garwood 1936).
    """
    if forecast.why:
        return
    number = bin_numbers(forecast.predicted)
    for each in range(int(number.max()) + 1):
        mine = number == each
        y = followers[mine]
        observed = float(y.mean())
        nothing = Interval(None, None)
        interval = nothing if _is_few(forecast, group) else _of_mean(y, group[mine])
        yield Bin(
            known=forecast.known,
            held_out=forecast.held_out,
            model=forecast.model,
            bin=each + 1,
            videos=len(y),
            predicted=float(forecast.predicted[mine].mean()),
            observed=observed,
            low=interval.low,
            high=interval.high,
        )


def _of_mean(followers: Floats, group: Ints) -> Interval:
    if not followers.any():
        return Interval(0.0, -float(np.log(TAIL)) / len(followers))
    units, _ = units_of(group)
    sums, counts = np.bincount(units, followers), np.bincount(units)
    rest = len(followers) - counts
    if len(counts) < 2:
        return Interval(None, None)
    left_out = (followers.sum() - sums) / rest
    interval = jackknife(float(followers.mean()), left_out)
    return _bounded(interval, "deviance")


def bin_numbers(predicted: Floats) -> Ints:
    """Number the bins (n,) from 0: tenths of the forecast, or fewer where they would be too small.

    Ties stay together; a bin of fewer than twenty videos joins the one below, the first the one
    above.
    """
    wanted = max(min(TENTHS, len(predicted) // FEWEST_IN_BIN), 1)
    edges = np.quantile(predicted, np.arange(1, wanted) / wanted)
    number = np.searchsorted(np.unique(edges), predicted, side="left")
    counts = np.bincount(number)
    joined = np.zeros(len(counts), dtype=np.int64)
    filled = 0
    for i in range(len(counts)):
        if filled >= FEWEST_IN_BIN and counts[i:].sum() >= FEWEST_IN_BIN:
            joined[i:] += 1
            filled = 0
        filled += int(counts[i])
    numbered: Ints = joined[number]
    return numbered
