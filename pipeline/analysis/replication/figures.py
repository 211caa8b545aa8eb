"""All figures of the replication as one value, to be compared with the stored ones."""

import json
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from pipeline.analysis.replication.corrections import Correction, commonest, corrections, guessed
from pipeline.analysis.replication.exploratory import Wider, wider
from pipeline.analysis.replication.imputed_followers import (
    Filling,
    ViewsAlone,
    filling,
    views_alone,
)
from pipeline.analysis.replication.observed import Observed, Trap, comparable, observe, trap
from pipeline.analysis.replication.original import (
    Fitted,
    OriginalDesign,
    TrainTestSplit,
    design,
    fit,
    rms,
    splits,
)
from pipeline.analysis.replication.source_files import NAMES, PRINTED, Post, SourceSheet
from pipeline.analysis.replication.stored import stored
from pipeline.intake.repair import Unreadable

SOURCES = "sha256"  # no figure: cells that enter none may differ while every figure is the same
SAME = 1e-6  # relative: eight digits are stored, and not every machine adds up in one order


@dataclass(frozen=True, slots=True)
class Reproduction:
    """One of the two runs: what it was fitted to, and how well. `shares` is its coefficient.

    `rmse_commonest` is that of guessing the training videos' commonest outcome for every test
    video, `commonest` followers; `rmse_mean` that of guessing their mean.
    """

    training: int
    test: int
    regressors: int
    r2: float
    rmse: float
    commonest: int
    rmse_commonest: float
    rmse_mean: float
    shares: float


@dataclass(frozen=True, slots=True)
class Slip:
    """A printed number that is not ours at its own number of digits."""

    variable: str
    column: str
    printed: str
    computed: str


@dataclass(frozen=True, slots=True)
class Figures:
    """What the replication found; `cells` counts the printed numbers, `slips` the others.

    `zeros_filled` is the demonstration of `observed` on the file that the post fitted.
    `sha256` is by our names of the files, with LF for CRLF.
    """

    version: int
    command: str
    sha256: Mapping[str, str]
    post: Reproduction
    table: Reproduction
    cells: int
    slips: tuple[Slip, ...]
    filling: Filling
    views_alone: ViewsAlone
    lines: tuple[Correction, ...]
    wider: tuple[Wider, Wider]
    observed: Observed
    zeros_filled: Trap


def replicate(post: Post) -> Figures | Unreadable:
    """Compute every figure; where the numbers allow no fit, say so."""
    try:
        with warnings.catch_warnings(), np.errstate(divide="raise", invalid="raise", over="raise"):
            for kind in (RuntimeWarning, UserWarning):  # statsmodels' are of these kinds
                warnings.simplefilter("error", kind)
            return _replicate(post)
    except (ValueError, ArithmeticError, RuntimeWarning, UserWarning):
        return Unreadable(
            "These are not the numbers of 2022, and cannot be fitted as those were: a column does "
            "not vary, or is a combination of others, or one video decides everything."
        )


def _replicate(post: Post) -> Figures:
    orders = splits()
    split = orders["post-input"]
    filled, second = design(post.filled), design(post.second)
    printed = fit(second, orders["results-input"])
    return Figures(
        version=1,
        command="python -m pipeline replicate DIR --write",
        sha256={source.name: source.sha256 for source in post.sources},
        post=_reproduction(filled, split, fit(filled, split)),
        table=_reproduction(second, orders["results-input"], printed),
        cells=len(PRINTED) * len(printed.names),
        slips=tuple(slips(post.printed, printed)),
        filling=filling(post.raw, post.filled),
        views_alone=views_alone(post.filled),
        lines=corrections(post.filled, post.raw, split),
        wider=wider(post.raw),
        observed=observe(post.raw),
        zeros_filled=trap(post.filled, comparable(post.filled)),
    )


def _reproduction(whole: OriginalDesign, split: TrainTestSplit, fitted: Fitted) -> Reproduction:
    training, test = whole.y[split.training], whole.y[split.test]
    return Reproduction(
        training=len(training),
        test=len(test),
        regressors=len(whole.names),
        r2=fitted.r2,
        rmse=fitted.rmse,
        commonest=round(np.expm1(commonest(training))),
        rmse_commonest=guessed(whole, split),
        rmse_mean=rms(test - training.mean()),
        shares=float(fitted.estimate[fitted.names.index("shares")]),
    )


def slips(printed: SourceSheet, fitted: Fitted) -> Iterator[Slip]:
    """Compare the printed table with a fit, each number at the digits that it is printed with.

    Raises ValueError where it is not a table of these variables.
    """
    if printed.columns[NAMES] != fitted.names:
        raise ValueError("the printed table has other variables")
    ours = (fitted.estimate, fitted.std_error, fitted.statistic, fitted.p_value)
    for column, values in zip(PRINTED, ours, strict=True):
        for variable, cell, value in zip(
            fitted.names, printed.columns[column], values, strict=True
        ):
            text = cell.strip()
            digits = len(text.partition(".")[2])
            if f"{value:.{digits}f}" != text:
                yield Slip(variable, column, text, f"{value:.{digits}f}")


def as_json(figures: Figures) -> bytes:
    """Write the figures; floats have eight significant digits."""
    return (json.dumps(_rounded(asdict(figures)), indent=1) + "\n").encode()


def compare(figures: Figures) -> tuple[dict[str, Any], list[str]]:
    """The figures as they are stored, and where they differ from the stored ones."""
    computed: dict[str, Any] = json.loads(as_json(figures))
    ours, theirs = ({**each, SOURCES: None} for each in (stored(), computed))
    return computed, differences(ours, theirs)


def edited(post: Post) -> list[str]:
    """Name the files that are not their author's, as they are named in the folder."""
    right = stored()[SOURCES]
    return [source.own_name for source in post.sources if source.sha256 != right[source.name]]


def differences(ours: Any, theirs: Any, place: str = "") -> list[str]:
    """Name the places in which two values of JSON differ by more than rounding.

    >>> differences({"a": [1.0, 2]}, {"a": [1.0000000001, 3]})
    ['a.1']
    """
    if isinstance(ours, dict) and isinstance(theirs, dict) and ours.keys() == theirs.keys():
        return [
            each for key in ours for each in differences(ours[key], theirs[key], f"{place}.{key}")
        ]
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        pairs = enumerate(zip(ours, theirs, strict=True))
        return [each for i, pair in pairs for each in differences(*pair, f"{place}.{i}")]
    if isinstance(ours, float) and isinstance(theirs, float):
        is_same = abs(ours - theirs) <= SAME * max(abs(ours), abs(theirs))
    else:
        is_same = ours == theirs
    return [] if is_same else [place.lstrip(".")]


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [_rounded(each) for each in value]
    return float(f"{value:.8g}") if isinstance(value, float) else value
