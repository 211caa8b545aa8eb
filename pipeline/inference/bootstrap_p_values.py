"""The wild cluster bootstrap's p-values of a fit, beside the ladder's and never in their place."""

import hashlib

import numpy as np

from pipeline.estimate.bootstrap_weights import Draws, Weights, draws, signs
from pipeline.estimate.wild_bootstrap import wild_tests
from pipeline.model.fit_result import Fit

ENOUGH_CREATORS = 6  # who carry a term: fewer cannot reject at 5 %
FEW_CREATORS = 12  # of the fit, up to whom all signs are taken instead of drawn
DRAWS = 9_999


def bootstrapped(fit: Fit, variables: list[int]) -> dict[int, float]:
    """p-values (WCR-S) of those of the variables that six creators or more carry, by number."""
    carried = [j for j in variables if fit.varies_in[j] >= ENOUGH_CREATORS]
    if not carried:
        return {}
    tests = wild_tests(fit.blocks, carried, _draws(fit))
    return {j: test.p_value for j, test in zip(carried, tests, strict=True) if test.used}


def _draws(fit: Fit) -> Draws:
    """All signs of few creators; else draws that a creator keeps when others come and go."""
    creators = fit.sample.creators
    if len(creators) <= FEW_CREATORS:
        return signs(len(creators))
    keys = np.array([_key(name) for name in creators], dtype=np.uint64)
    return draws(keys, _key(repr(fit.design.question)), DRAWS, Weights.WEBB)


def _key(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
