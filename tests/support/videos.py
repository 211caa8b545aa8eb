"""Pools of made videos for the fit, and their rows."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.dataset.pool import pool
from pipeline.model.design import design
from pipeline.model.fit import fit
from pipeline.model.fit_result import Fit, Withheld
from pipeline.model.questions import Form, Model, Question, Term
from support.pool import accepted

# Small pools made by hand: videos differ in what `rows` say and in nothing else.
COVER = Term("has_cover", Form.FLAG, "a cover")


REPLY = Term("is_reply", Form.FLAG, "a reply")


LENGTH = Term("duration_s", Form.LOG1P, "twice as long")


TAGS = Term("hashtags", Form.LOG1P, "twice as many")


def asking(model: Model, *terms: Term) -> Question:
    """Ask for followers; of a product, by what is seen and who of those follows."""
    asked = Question(
        "asked", "Asked?", "new_followers", model, terms, True, "followers", "follower"
    )
    if model is not Model.PRODUCT:
        return asked
    reach = replace(
        asked, name="seen", outcome="views", model=Model.LEAST_SQUARES, counts="views", event="view"
    )
    rate = replace(asked, name="rate", model=Model.NEGATIVE_BINOMIAL, exposure="views")
    return replace(asked, factors=(reach, rate))


def made(model: Model, *terms: Term, **creators: list[dict[str, object]]) -> Fit | Withheld:
    folders = [
        accepted(name, [{"video": f"v{i}", **row} for i, row in enumerate(rows)])
        for name, rows in creators.items()
    ]
    return fit(design(pool(folders, {}).videos, asking(model, *terms)))


def rows_of(seed: int, n: int = 12, **fixed: object) -> list[dict[str, object]]:
    rng = np.random.default_rng(seed)
    views = np.random.default_rng((seed, 1)).integers(200, 5000, n)
    return [
        {
            "views": int(views[i]),
            "new_followers": int(rng.poisson(1.5)) if i else 0,
            "duration_s": float(rng.integers(5, 60)),
            "hashtags": int(rng.integers(0, 9)),
            "has_cover": bool(rng.random() < 0.5),
            "is_reply": bool(rng.random() < 0.5),
            **fixed,
        }
        for i in range(n)
    ]


MODELS = (Model.LEAST_SQUARES, Model.POISSON, Model.NEGATIVE_BINOMIAL)  # each of one fit

EACH_MODEL = pytest.mark.parametrize("model", MODELS)
