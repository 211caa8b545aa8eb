"""How sure, how predictive, and for whom: what takes minutes, as rows that are kept.

It is computed once for the same inputs, and belongs to a key: the hash of the inputs, of the code
that makes it, and of the locked versions.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pipeline.analysis.diagnostics.creator_slopes import Personal, personal
from pipeline.analysis.prediction.model_comparison import league
from pipeline.analysis.prediction.models import FULL, Effort
from pipeline.analysis.prediction.tables import Bin, Relevance, Score
from pipeline.analysis.robustness.datasets import remembering
from pipeline.analysis.robustness.influence import Influence, influences
from pipeline.analysis.robustness.specification_curve import Specification, specifications
from pipeline.inference.results import Results
from pipeline.model.fit_result import Fit

HERE = Path(__file__).parents[2]
# What the results hang on: the rooms and modules between the pool and the rows, and what is locked.
MADE_BY = (
    *("../schema", "dataset", "estimate", "model", "inference"),
    *("analysis/diagnostics", "analysis/prediction", "analysis/robustness"),
    "../requirements.lock",
)


@dataclass(frozen=True, slots=True)
class Silence:
    """A part of all this that says nothing, and why; `question` is "" for all of them."""

    part: str
    question: str
    why: str


@dataclass(frozen=True, slots=True)
class Diagnostics:
    """The rows of every part, and the silences."""

    specifications: tuple[Specification, ...] = ()
    influences: tuple[Influence, ...] = ()
    scores: tuple[Score, ...] = ()
    bins: tuple[Bin, ...] = ()
    relevances: tuple[Relevance, ...] = ()
    personals: tuple[Personal, ...] = ()
    silences: tuple[Silence, ...] = ()


NOTHING = "no line has an estimate"
ROBUSTNESS, PREDICTION, PARTIAL = "robustness", "prediction", "partial pooling"


def sureness(findings: Results, say: Callable[[str], None], effort: Effort = FULL) -> Diagnostics:
    """Compute every part, and tell how far it is; a report takes the whole effort."""
    specifications_, influences_, silences = _robustness(findings, say)
    say("Predicting videos that the models have not seen ...")
    predicted = league(findings.pool.videos, lambda text: say(f"  {text}"), effort)
    if predicted.why:
        silences.append(Silence(PREDICTION, "", predicted.why))
    say("Drawing each creator's own numbers towards everyone's ...")
    personals: list[Personal] = []
    for answer in findings.answers:
        rows = personal(answer.fit) if isinstance(answer.fit, Fit) else answer.fit.why
        if isinstance(rows, str):
            silences.append(Silence(PARTIAL, answer.question.name, rows))
        else:
            personals += rows
    return Diagnostics(
        specifications_,
        influences_,
        predicted.scores,
        predicted.bins,
        predicted.relevance,
        tuple(personals),
        tuple(silences),
    )


def _robustness(
    findings: Results, say: Callable[[str], None]
) -> tuple[tuple[Specification, ...], tuple[Influence, ...], list[Silence]]:
    specified: list[Specification] = []
    moved: list[Influence] = []
    silences: list[Silence] = []
    impute = remembering()
    for answer in findings.answers:
        say(f"Answering {answer.question.name} in other reasonable ways ...")
        rows = specifications(findings.pool.videos, answer, impute)
        if not rows:
            why = NOTHING if isinstance(answer.fit, Fit) else answer.fit.why
            silences.append(Silence(ROBUSTNESS, answer.question.name, why))
        specified += rows
        moved += influences(answer)
    return tuple(specified), tuple(moved), silences


def key(inputs: str) -> str:
    """SHA-256 of the inputs' hash, the code that makes the rows, and the locked versions."""
    return hashlib.sha256(f"{inputs} {code_digest()}".encode()).hexdigest()


@cache
def code_digest() -> str:
    """Digest the code and the versions by which the diagnostics are made."""
    digest = hashlib.sha256()
    places = [HERE / name for name in MADE_BY]
    for place in places:
        if not place.exists():  # a copy without its lock
            continue
        inside = (path for path in place.glob("*") if path.suffix in (".py", ".toml"))
        for path in sorted(inside) if place.is_dir() else [place]:
            digest.update(f"{path.name}\n{path.read_text(encoding='utf-8')}\n".encode())
    return digest.hexdigest()
