"""All that a report tells, as one value: the pool, the answers to the questions, the refused."""

import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.dataset.check import Accepted, Refused
from pipeline.dataset.pool import Pool, pool
from pipeline.inference.estimates import estimates
from pipeline.inference.joint_tests import joint_p_values
from pipeline.inference.published_line import Estimate
from pipeline.inference.totals import totals
from pipeline.inference.verdicts import judge_lines
from pipeline.model.cross_check import Agreement, recompute, together
from pipeline.model.design import design
from pipeline.model.fit import fit
from pipeline.model.fit_result import Fit, Withheld
from pipeline.model.questions import QUESTIONS, Question
from pipeline.model.variables import Variable
from schema.creator import Creator

Effects = Mapping[str, Mapping[str, Mapping[str, float]]]  # question → term → level → log ratio


class DisagreementError(Exception):
    """A fit that the second engine does not confirm: our fault, and nothing is published."""


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """One question's fit, its published lines, and what the second engine says of it."""

    fit: Fit | Withheld
    estimates: tuple[Estimate, ...] = ()
    agreement: Agreement | None = None

    @property
    def question(self) -> Question:
        """The question that is answered."""
        return self.fit.design.question


@dataclass(frozen=True, slots=True, eq=False)
class Results:
    """What the pool holds and says. `effects` are the planted ones, where it is simulated.

    `profiles` are those of the creators in the pool, by name; `quarantined` the folders that the
    maintainers set aside, with the reason.
    """

    pool: Pool
    answers: tuple[Answer, ...]
    refused: tuple[Refused, ...]
    effects: Effects
    inputs: str
    profiles: Mapping[str, Creator]
    quarantined: tuple[tuple[str, str], ...]

    @property
    def credits(self) -> tuple[str, ...]:
        """The thanks that creators of the pool asked for, by creator."""
        return tuple(each.credit for each in self.profiles.values() if each.credit)

    def planted(self, question: Question, variable: Variable) -> float | None:
        """The true log ratio of a variable, where the data is simulated and it is known."""
        return self.effects.get(question.name, {}).get(variable.term, {}).get(variable.level)


def gather(
    verdicts: Sequence[Accepted | Refused], quarantine: Mapping[str, str], effects: Effects
) -> Results:
    """Pool what was accepted and answer every question. Raises DisagreementError."""
    accepted = [each for each in verdicts if isinstance(each, Accepted)]
    refused = tuple(each for each in verdicts if isinstance(each, Refused))
    pooled = pool(accepted, quarantine, [each.creator for each in refused])
    return Results(
        pooled,
        answers(pooled),
        refused,
        effects if pooled.simulated else {},
        fingerprint(accepted, pooled, quarantine),
        {each.creator: each.profile for each in accepted if each.creator in pooled.creators},
        tuple(
            (each.creator, quarantine[each.creator])
            for each in accepted
            if each.creator in quarantine
        ),
    )


def read_effects(raw: bytes | None) -> Effects | None:
    """Read the planted effects; None where the file is damaged."""
    try:
        effects: Effects = tomllib.loads((raw or b"").decode())
    except ValueError:
        return None
    return effects


def answers(pooled: Pool) -> tuple[Answer, ...]:
    """Answer every question, the factors of a product before it. Raises DisagreementError."""
    known: dict[str, Answer] = {}
    for question in sorted(QUESTIONS, key=lambda each: len(each.factors)):
        factors = [known[factor.name] for factor in question.factors if factor.name in known]
        known[question.name] = answer(pooled, question, factors)
    return tuple(known[question.name] for question in QUESTIONS)


def answer(pooled: Pool, question: Question, factors: Sequence[Answer] = ()) -> Answer:
    """Fit one question and let statsmodels confirm it. Raises DisagreementError.

    `factors` are the answers to the factors of a product, where they are known already.
    """
    fitted = fit(design(pooled.videos, question), [each.fit for each in factors])
    if isinstance(fitted, Withheld):
        return Answer(fitted)
    agreed = [each.agreement for each in factors if each.agreement is not None]
    agreement = together(fitted, agreed) if agreed else _confirm(recompute(fitted))
    lines = judge_lines(estimates(fitted))
    joint = joint_p_values(fitted, lines)
    summed = totals(pooled.videos, question) if question.advice else {}
    lines = tuple(
        replace(
            line,
            joint_p=joint.get(line.variable.term) if line.p_value is not None else None,
            total=summed.get(line.variable),
        )
        for line in lines
    )
    return Answer(fitted, lines, agreement)


def _confirm(agreement: Agreement) -> Agreement:
    if not agreement.holds:
        raise DisagreementError(f"{agreement.question}: {agreement.difference} > {agreement.limit}")
    return agreement


def fingerprint(accepted: Sequence[Accepted], pooled: Pool, quarantine: Mapping[str, str]) -> str:
    """SHA-256 of what decides the results: the files that were considered, and the questions."""
    considered = set(pooled.captures["creator"]) if len(pooled.captures) else set()
    files = {each.creator: each.sha256 for each in accepted if each.creator in considered}
    aside = {creator: reason for creator, reason in quarantine.items() if creator in considered}
    text = json.dumps([sorted(files.items()), sorted(aside.items()), repr(QUESTIONS)])
    return hashlib.sha256(text.encode()).hexdigest()
