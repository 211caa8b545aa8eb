"""Chunks of repetitions → the tables of rejection rates, coverage and reasons."""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, stdtrit

from pipeline.estimate.cluster_robust import effective_dof
from pipeline.inference.thresholds import FEWEST_EFFECTIVE, INTERVAL_CREATORS
from simulations.methods import REASONS
from simulations.plan import CHUNK, MODELS, Cell, cells

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Row = Mapping[str, object]

LEVEL, MOST_REJECTED, LEAST_COVERED, SURE = 0.05, 0.055, 0.94, 0.01
INTERVALS = {  # the standard error it stands on, and its degrees of freedom
    "CR1 t(G-1)": ("cr1", "creators"), "CR3 t(G-1)": ("cr3", "creators"),
    "CR3 t(G*-1)": ("cr3", "effective"), "refits t(G*-1)": ("refits", "effective"),
}  # fmt: skip
WITHIN = "HC3 within"
OF_REFITS = "refits t(G*-1)"
PUBLISHED = {  # the interval that is published, and so must hold
    "signals": "CR3 t(G*-1)", "followers": "CR3 t(G*-1)", "conversion": "CR3 t(G*-1)",
    "reach": "CR3 t(G*-1)",
}  # fmt: skip
COLUMNS = (
    "model", "design", "creators", "effect", "method", "repetitions", "published", "rejected",
    "rejected_share", "lower_99", "covered_share", "upper_99", "median_half_width",
    "median_effective_creators", "defined", "rejected_defined", "first_published",
    "first_rejected", "fails",
)  # fmt: skip


def lower_99(hits: int, trials: int) -> float:
    """Lower end of the one-sided exact 99 % interval of a share (Clopper & Pearson, 1934).

    >>> round(lower_99(5, 100), 4)
    0.0129
    """
    return float(betaincinv(hits, trials - hits + 1, SURE)) if hits else 0.0


def promised(cell: Cell, model: str) -> set[str]:
    """The methods whose figures are published in a cell."""
    if cell.creators == 1:
        return {WITHIN}
    return {PUBLISHED[model]} if cell.carriers >= INTERVAL_CREATORS else set()


def rows(cell: Cell, records: NDArray[np.void]) -> list[Row]:
    """The table's rows of one cell; `records` (repetitions, models)."""
    result = []
    for at, model in enumerate(MODELS):
        for method in _methods(cell, model):
            used = records[: cell.refitted if method == OF_REFITS else None, at]
            result.append(_row(cell, model, method, used))
    return result


def _methods(cell: Cell, model: str) -> list[str]:
    if cell.creators == 1:
        return [WITHIN]
    without = OF_REFITS if model == "signals" or not cell.refitted else ""
    return [each for each in INTERVALS if each != without]


def published(cell: Cell, method: str, records: NDArray[np.void]) -> Bools:
    """Which repetitions (n,) have a published interval, wherever the method says something."""
    defined = _defined(method, records)
    if cell.creators == 1:
        return defined
    enough = records["carriers"] >= INTERVAL_CREATORS
    result: Bools = defined & enough & (records["effective"] >= FEWEST_EFFECTIVE)
    return result


def _defined(method: str, records: NDArray[np.void]) -> Bools:
    error = records["hc3" if method == WITHIN else INTERVALS[method][0]]
    usable: Bools = error > 0  # not NaN
    return usable


def _half_width(method: str, records: NDArray[np.void]) -> Floats:
    """Half the width (n,) of the 95 % interval, on the log scale."""
    if method == WITHIN:
        error, dof = records["hc3"], records["dof"]
    else:
        name, source = INTERVALS[method]
        error = records[name]
        dof = (
            effective_dof(records["effective"])
            if source == "effective"
            else np.maximum(records["creators"] - 1, 1)
        )
    width: Floats = stdtrit(dof, 1 - LEVEL / 2) * error
    return width


def _row(cell: Cell, model: str, method: str, records: NDArray[np.void]) -> Row:
    shown, defined = published(cell, method, records), _defined(method, records)
    width = _half_width(method, records)
    truth = records["truth"] if method == WITHIN else np.log(cell.ratio)
    covers = np.abs(records["estimate"] - truth) <= width
    rejects = ~covers if method == WITHIN else np.abs(records["estimate"]) > width
    n, hits, misses = (int(each.sum()) for each in (shown, rejects & shown, ~covers & shown))
    first = slice(0, CHUNK)
    sizes = lower_99(hits, n) if n else np.nan
    missed = lower_99(misses, n) if n else np.nan
    return {
        "model": model, "design": cell.design, "creators": cell.creators, "effect": cell.ratio,
        "method": method, "repetitions": len(records), "published": n, "rejected": hits,
        "rejected_share": hits / n if n else np.nan, "lower_99": sizes,
        "covered_share": 1 - misses / n if n else np.nan,
        "upper_99": 1 - missed,
        "median_half_width": _median(width[shown]),
        "median_effective_creators": _median(records["effective"]),
        "defined": int(defined.sum()), "rejected_defined": int((rejects & defined).sum()),
        "first_published": int(shown[first].sum()),
        "first_rejected": int((rejects & shown)[first].sum()),
        "fails": "yes" if (cell.ratio == 1 and sizes > MOST_REJECTED)
        or missed > 1 - LEAST_COVERED else "no",
    }  # fmt: skip


def _median(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else np.nan


def reasons(cell: Cell, records: NDArray[np.void]) -> list[Row]:
    """Why no interval of the main method is published, counted by model."""
    result: list[Row] = []
    for at, model in enumerate(MODELS):
        each = records[:, at]
        why = np.array(REASONS, dtype=object)[each["why"]]
        if cell.creators > 1:
            fitted = each["why"] == 0
            few = fitted & (each["carriers"] < INTERVAL_CREATORS)
            one = fitted & ~few & ~(each["effective"] >= FEWEST_EFFECTIVE)
            why[few] = f"it varies within fewer than {INTERVAL_CREATORS} creators"
            why[one] = "one creator carries most of it"
            why[fitted & ~few & ~one & ~(each["cr3"] > 0)] = "CR3 undefined"
        else:
            why[(each["why"] == 0) & ~(each["hc3"] > 0)] = "HC3 undefined"
        for reason, count in zip(*np.unique(why.astype(str), return_counts=True), strict=True):
            result.append(
                {
                    "model": model, "design": cell.design, "creators": cell.creators,
                    "effect": cell.ratio, "reason": str(reason) or "(published)",
                    "repetitions": int(count),
                }
            )  # fmt: skip
    return result


def one_step_against_refits(cell: Cell, records: NDArray[np.void]) -> list[Row]:
    """How far CR3 of one Newton step is from CR3 of full refits, where an interval is published."""
    result: list[Row] = []
    for at, model in enumerate(MODELS):
        each = records[: cell.refitted, at]
        shown = each[published(cell, "CR3 t(G*-1)", each)]
        both = shown[_defined(OF_REFITS, shown)]
        if model == "signals" or not len(both):
            continue
        size = np.abs(both["estimate"])
        differ = (size > _half_width("CR3 t(G*-1)", both)) != (size > _half_width(OF_REFITS, both))
        low, middle, high = np.quantile(both["refits"] / both["cr3"], (0.01, 0.5, 0.99))
        result.append(
            {
                "model": model, "design": cell.design, "creators": cell.creators,
                "effect": cell.ratio, "published": len(shown),
                "refits_undefined": len(shown) - len(both), "decisions_differ": int(differ.sum()),
                "ratio_of_errors_1": float(low), "ratio_of_errors_50": float(middle),
                "ratio_of_errors_99": float(high),
            }
        )  # fmt: skip
    return result


def write(path: Path, lines: Iterable[Row]) -> None:
    """Write rows sorted by what they are of, numbers with five digits."""
    ordered = sorted(lines, key=lambda row: [_rank(value) for value in list(row.values())[:5]])
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(ordered[0].keys())
        writer.writerows([_cell(value) for value in row.values()] for row in ordered)


def _rank(value: object) -> tuple[float, str]:
    if value in MODELS:
        return MODELS.index(str(value)), ""
    return (float(value), "") if isinstance(value, (int, float)) else (0, str(value))


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "" if np.isnan(value) else f"{value:.5g}"
    return str(value)


def gather(chunks: Path, folder: Path) -> None:
    """Read all chunks; write `size.csv`, `unpublished.csv` and `refits.csv`."""
    sizes: list[Row] = []
    unpublished: list[Row] = []
    refits: list[Row] = []
    for cell in cells():
        files = sorted(chunks.glob(f"{name(cell)}-*.npy"))
        if files:
            records = np.concatenate([np.load(file) for file in files])
            sizes += rows(cell, records)
            unpublished += reasons(cell, records)
            refits += one_step_against_refits(cell, records)
    write(folder / "size.csv", sizes)
    write(folder / "unpublished.csv", unpublished)
    write(folder / "refits.csv", refits)


def name(cell: Cell) -> str:
    """What a cell's chunks are called."""
    return f"{cell.design}-{cell.creators}-{cell.ratio}"
