"""What is normal: new followers per 1,000 views, by views and by kind of video.

What is left out cannot be had by subtracting what is shown, either: thin groups are joined until
they are enough.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from pipeline.analysis.creators.summary import ENOUGH_VIDEOS, RateQuartiles, spread_of
from pipeline.analysis.norms.rates import GroupRate, group, lacks
from pipeline.estimate.grouping import Bools, Floats
from pipeline.inference.results import Results
from pipeline.model.questions import CONVERSION
from pipeline.model.rate import rate_of

EDGES = (300, 1_000, 3_000, 10_000, 30_000, 100_000)  # views: each band reaches thrice as far
HIGHER = (300_000, 1_000_000, 3_000_000, 10_000_000)  # no bands, but steps for `most`
BEYOND = 10  # times the highest step that enough videos reach: few have more views


@dataclass(frozen=True, slots=True)
class Band:
    """The videos from `least` views on and below `below` (None: no limit)."""

    least: int
    below: int | None
    group: GroupRate


@dataclass(frozen=True, slots=True)
class Kinds:
    """The videos of these categories: one, or those that are too rare to stand alone."""

    categories: tuple[str, ...]
    group: GroupRate


@dataclass(frozen=True, slots=True)
class Norms:
    """What is normal; without `whole`, `why` says why nothing can be told.

    `bands` go up in views, and are those of all videos; `kinds` likewise, the most frequent first,
    those joined last. `cells` are of a band and a kind, by their places in these. `spread` is over
    the rates of creators.
    """

    whole: GroupRate | None
    why: str = ""
    bands: tuple[Band, ...] = ()
    kinds: tuple[Kinds, ...] = ()
    cells: Mapping[tuple[int, int], GroupRate] = field(default_factory=dict)
    spread: RateQuartiles | None = None
    rated: int = 0  # creators with enough videos for a rate of their own
    most: int = 0  # views, beyond which this is no yardstick


def conversion_videos(findings: Results) -> pd.DataFrame:
    """The videos that conversion is asked of: views, and a follower count that may be 0."""
    asked = next(each.fit.design for each in findings.answers if each.question == CONVERSION)
    return findings.pool.videos.iloc[asked.rows]


def yardstick(videos: pd.DataFrame) -> Norms:
    """Tell what is normal from videos (one a row) of which views > 0 and followers are known."""
    if why := lacks(videos):
        return Norms(None, why)
    videos = videos[["creator", "category", "views", "new_followers"]]  # chosen from time and again
    bands, kinds = _bands(videos), _kinds(videos)
    sums = videos.groupby("creator")[["views", "new_followers"]].agg(["size", "sum"])
    rated = sums[sums["views", "size"] >= ENOUGH_VIDEOS].astype(np.float64)
    rates = rate_of(rated["new_followers", "sum"].to_numpy(), rated["views", "sum"].to_numpy())
    return Norms(
        group(videos),
        "",
        tuple(Band(least, below, group(videos[mask])) for (least, below), mask in bands.items()),
        tuple(Kinds(words, group(videos[mask])) for words, mask in kinds.items()),
        _cells(videos, list(bands.values()), list(kinds.values())),
        spread_of(rates),
        len(rates),
        _most(videos),
    )


def _most(videos: pd.DataFrame) -> int:
    """Find the views beyond which few videos are, by steps: no creator's own most is told."""
    views = videos["views"].to_numpy(np.float64)
    reached = [step for step in (*EDGES, *HIGHER) if not lacks(videos[views >= step])]
    return BEYOND * max(reached, default=EDGES[0])


def _bands(videos: pd.DataFrame) -> dict[tuple[int, int | None], Bools]:
    """Find the bands of views and their videos; thin ones are joined with the next lower."""
    starts, views = (0, *EDGES), videos["views"].to_numpy(np.float64)
    kept_starts: list[int] = []
    for start in reversed(starts):
        if not lacks(videos[_from(views, start, kept_starts[0] if kept_starts else None)]):
            kept_starts.insert(0, start)
    kept_starts[0] = 0
    while lacks(videos[_from(views, 0, kept_starts[1] if len(kept_starts) > 1 else None)]):
        del kept_starts[1]
    ends = (*kept_starts[1:], None)
    return {(a, b): _from(views, a, b) for a, b in zip(kept_starts, ends, strict=True)}


def _from(views: Floats, least: int, below: int | None) -> Bools:
    return (views >= least) & (views < (np.inf if below is None else below))


def _kinds(videos: pd.DataFrame) -> dict[tuple[str, ...], Bools]:
    """Find the kinds of video and their videos; rare ones are joined, and are enough together."""
    counts = videos["category"].astype(str).value_counts()
    words = sorted(counts.index, key=lambda word: (-counts[word], word))
    by_word = {word: (videos["category"] == word).to_numpy(np.bool_) for word in words}
    shown = [word for word in words if not lacks(videos[by_word[word]])]
    rest = [word for word in words if word not in shown]
    while rest and shown and lacks(videos[np.any([by_word[word] for word in rest], axis=0)]):
        rest.insert(0, shown.pop())
    if not shown:
        return {}
    kinds: dict[tuple[str, ...], Bools] = {(word,): by_word[word] for word in shown}
    return kinds | ({tuple(rest): np.any([by_word[word] for word in rest], axis=0)} if rest else {})


def _cells(
    videos: pd.DataFrame, bands: list[Bools], kinds: list[Bools]
) -> dict[tuple[int, int], GroupRate]:
    """Choose the cells of bands by kinds that can be shown, each alone and by subtraction.

    What is not shown of a row or a column is nothing, or enough together: the smallest cell that is
    shown joins it until it is.
    """
    if len(bands) < 2 or len(kinds) < 2:
        return {}
    cells = {(b, k): bands[b] & kinds[k] for b in range(len(bands)) for k in range(len(kinds))}
    shown = {place for place, mask in cells.items() if not lacks(videos[mask])}
    while (line := _told_by_others(videos, cells, shown)) is not None:
        shown.remove(min(line & shown, key=lambda place: (cells[place].sum(), place)))
    return {place: group(videos[cells[place]]) for place in sorted(shown)}


def _told_by_others(
    videos: pd.DataFrame, cells: Mapping[tuple[int, int], Bools], shown: set[tuple[int, int]]
) -> set[tuple[int, int]] | None:
    """Find a row or a column of which the rest, had by subtraction, is not enough to be told."""
    for side in (0, 1):
        for at in sorted({place[side] for place in shown}):
            line = {place for place in cells if place[side] == at}
            hidden = [cells[place] for place in line - shown if cells[place].any()]
            if hidden and lacks(videos[np.any(hidden, axis=0)]):
                return line
    return None
