"""What a wild bootstrap multiplies the creators' scores by: all signs, or draws."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from pipeline.estimate.grouping import Floats

MOST_ENUMERATED = 16  # creators: 32,768 sign vectors


class Weights(StrEnum):
    """What a creator's score is multiplied by: mean 0, variance 1, every value equally likely."""

    RADEMACHER = "rademacher"  # -1, 1
    WEBB = "webb"  # ±√½, ±1, ±√(3/2): Webb (2023), for few creators


VALUES = {
    Weights.RADEMACHER: np.array([-1.0, 1.0]),
    Weights.WEBB: np.sqrt([1.5, 1.0, 0.5, 0.5, 1.0, 1.5]) * [-1, -1, -1, 1, 1, 1],
}


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """Multipliers of the creators' scores.

    Attributes:
        values: (B, G), creators in the order of the blocks.
        enumerated: whether these are all sign vectors, and not a sample.
    """

    values: Floats
    enumerated: bool


def signs(creators: int) -> Draws:
    """Enumerate the sign vectors of `creators` creators, (2^(G-1), G), the first all +1.

    v and -v give the same |t*|, so only those with v_1 = +1 are held and shares of them are shares
    of all 2^G.

    Raises:
        ValueError: no creators, or more than 16.

    >>> signs(2).values.tolist()
    [[1.0, 1.0], [1.0, -1.0]]
    """
    if not 1 <= creators <= MOST_ENUMERATED:
        raise ValueError(f"signs are enumerated for 1 to {MOST_ENUMERATED} creators: {creators}")
    bits = np.arange(2 ** (creators - 1))[:, None] >> np.arange(creators - 1)[::-1] & 1
    return Draws(np.hstack([np.ones((len(bits), 1)), 1.0 - 2 * bits]), enumerated=True)


def draws(keys: NDArray[np.uint64], seed: int, count: int, weights: Weights) -> Draws:
    """Draw `count` weights for each creator, each creator from a Philox stream of their own.

    A stream is set by `seed` and the creator's key alone: other creators do not change it, and a
    smaller count is the beginning of a larger one. Weights are made of raw bits, one word each,
    which numpy promises to keep; it does not promise the methods of `Generator`.

    Args:
        keys: (G,) a stable hash of each creator, all different.
        seed: 0 <= seed < 2^64.
        count: B.
        weights: the distribution.

    Raises:
        ValueError: a key occurs twice, the seed is out of range, or no draw is wanted.
    """
    if not 0 <= seed < 2**64:
        raise ValueError(f"the seed must be from 0 to 2^64 - 1: {seed}")
    if count < 1:
        raise ValueError(f"at least one draw is needed: {count}")
    if len(np.unique(keys)) < len(keys):
        raise ValueError("keys must differ: two creators would get the same draws")
    values = VALUES[weights]
    chosen = np.empty((len(keys), count), dtype=np.uint8)
    for creator, key in enumerate(keys):
        words = np.random.Philox(key=np.array([seed, key], dtype=np.uint64)).random_raw(count)
        chosen[creator] = (words >> 32) * len(values) >> 32
    return Draws(values[np.ascontiguousarray(chosen.T)], enumerated=False)
