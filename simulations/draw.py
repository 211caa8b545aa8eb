"""One simulated pool as arrays, from the generator of the example creators."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from pipeline.dataset.simulate import counts, levers, log_ratio
from pipeline.estimate.grouping import Bools, Floats, Ints
from simulations.plan import SPREAD, Cell

MEDIAN_VIDEOS, SPREAD_OF_VIDEOS = 30, 1.0  # log-normal
FEWEST_VIDEOS, MOST_VIDEOS = 4, 600
CATEGORIES = ("tutorial", "humor", "opinion")
USUAL, LENGTH = 25.0, (-0.25, 0.15)  # seconds; slopes of reach and conversion on the log
FOCUS = 0  # the column of has_cover, which has no effect in the generator


@dataclass(frozen=True, slots=True, eq=False)
class Draw:
    """A pool of n videos of G creators.

    Attributes:
        x: (n, 6) has_cover, log duration, is_reply and three categories.
        group: (n,) creators 0..G-1, ascending.
        outcomes: (n,) by model; a log for `signals`, else counts.
        offsets: (n,) by model, the log of the exposure.
        slopes: (G,) by model, each creator's own log ratio of has_cover.
    """

    x: Floats
    group: Ints
    outcomes: dict[str, Floats]
    offsets: dict[str, Floats]
    slopes: dict[str, Floats]


def draw(rng: Generator, cell: Cell) -> Draw:
    """Simulate a pool in which the mean over creators of the effect is exactly `cell.ratio`.

    Own effects are β + d for the linear model and β + d - s²/2 for the Poisson models, with
    d ~ N(0, s²): the mean of d, and of exp(d - s²/2), is what it is without differences. Views are
    as in the generator (log sd 1.2); the effect multiplies followers per view in `followers` and
    `conversion`, and views in `reach`. The linear outcome has the generator's log views for its
    mean and log-normal errors of sd 1.2 and skewness 6.
    """
    each = np.exp(rng.normal(np.log(MEDIAN_VIDEOS), SPREAD_OF_VIDEOS, cell.creators))
    sizes = each.clip(FEWEST_VIDEOS, MOST_VIDEOS).astype(np.int64)
    group = np.repeat(np.arange(cell.creators), sizes)
    own = [levers(rng, number, int(size)) for number, size in enumerate(sizes)]
    decided = {name: np.concatenate([columns[name] for columns in own]) for name in own[0]}
    cover = _cover(rng, decided["has_cover"] == "yes", sizes, cell.carriers)
    x = np.column_stack(
        [cover, np.log(decided["duration_s"]), decided["is_reply"] == "yes"]
        + [decided["category"] == word for word in CATEGORIES]
    ).astype(float)
    spread = SPREAD[cell.design]
    linear = np.log(cell.ratio) + spread * rng.normal(size=cell.creators)
    counted = linear - spread**2 / 2
    usual = decided | {"duration_s": np.full(len(group), USUAL)}
    longer = np.log(decided["duration_s"] / USUAL)
    reach, conversion = (
        rng.normal(0, sd, cell.creators)[group] + log_ratio(part, usual) + LENGTH[part] * longer
        for part, sd in ((0, 0.4), (1, 0.3))
    )
    q, z, e, seen_z = rng.normal(size=(4, len(group)))
    shift = counted[group] * cover
    audience = counts(rng, reach + 1.2 * z, conversion + 0.3 * q + shift)
    seen = counts(rng, reach + 1.2 * seen_z + shift, conversion)
    skewed = (np.exp(e) - np.exp(0.5)) / np.sqrt((np.e - 1) * np.e)
    none, views = np.zeros(len(group)), np.log(audience["views"])
    followers = audience["new_followers"].astype(float)
    return Draw(
        x=x,
        group=group,
        outcomes={
            "signals": reach + linear[group] * cover + 1.2 * skewed,
            "followers": followers,
            "conversion": followers,
            "reach": seen["views"],
        },
        offsets={"followers": none, "conversion": views, "reach": none},
        slopes={"signals": linear} | dict.fromkeys(("followers", "conversion", "reach"), counted),
    )


def _cover(rng: Generator, drawn: Bools, sizes: Ints, carriers: int) -> Bools:
    """Make the dummy (n,) vary within exactly so many creators, whoever they are."""
    cover = drawn.copy()
    carrying = np.zeros(len(sizes), dtype=np.bool_)
    carrying[rng.choice(len(sizes), carriers, replace=False)] = True
    always, odd_one = rng.random(len(sizes)) < 0.5, rng.integers(0, sizes)
    starts = np.cumsum(sizes) - sizes
    for creator, (start, size) in enumerate(zip(starts, sizes, strict=True)):
        these = cover[start : start + size]
        if not carrying[creator]:
            these[:] = always[creator]
        elif these.all() or not these.any():
            these[odd_one[creator]] ^= True
    return cover
