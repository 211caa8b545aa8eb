"""Where each published line goes without one creator, and whose absence moves it most."""

from dataclasses import dataclass

import numpy as np

from pipeline.inference.results import Answer
from pipeline.model.fit_result import Fit


@dataclass(frozen=True, slots=True)
class Influence:
    """One line of a question, estimated without each of its creators in turn.

    `lowest` and `highest` are the ends of the range, `same_sign` counts the creators without whom
    the sign is the published one, `undefined` those without whom nothing can be told. None, and no
    most influential creator, in a pool of one.
    """

    question: str
    term: str
    level: str
    unit: str
    estimate: float
    lowest: float | None
    highest: float | None
    same_sign: int
    undefined: int
    creators: int
    most_influential: str
    without_it: float | None


def influences(answer: Answer) -> tuple[Influence, ...]:
    """Tell of each line of a question that was asked and has an estimate."""
    fitted = answer.fit
    if not isinstance(fitted, Fit) or fitted.refits is None:
        return ()
    at = {variable: j for j, variable in enumerate(fitted.variables)}
    return tuple(
        _influence(answer, fitted, at[line.variable])
        for line in answer.estimates
        if line.is_tested and line.estimate is not None
    )


def _influence(answer: Answer, fitted: Fit, j: int) -> Influence:
    variable, estimate = fitted.variables[j], float(fitted.blocks.estimate[j])
    without = fitted.refits.estimates[:, j] if fitted.refits else np.empty(0)
    is_defined = np.isfinite(without)
    most = int(np.argmax(np.where(is_defined, np.abs(without - estimate), -1.0)))
    return Influence(
        question=answer.question.name,
        term=variable.term,
        level=variable.level,
        unit=variable.unit,
        estimate=estimate,
        lowest=float(without[is_defined].min()) if is_defined.any() else None,
        highest=float(without[is_defined].max()) if is_defined.any() else None,
        same_sign=int((without[is_defined] * estimate > 0).sum()),
        undefined=int((~is_defined).sum()),
        creators=len(without),
        most_influential=fitted.sample.creators[most] if is_defined.any() else "",
        without_it=float(without[most]) if is_defined.any() else None,
    )
