"""Made-up diagnostics of pools, and the names they have to survive."""

import dataclasses
import math

from pipeline.analysis.diagnostics.creator_slopes import Personal
from pipeline.analysis.diagnostics.diagnostics import Diagnostics, Silence
from pipeline.analysis.prediction.tables import (
    AFTERWARDS,
    BEFORE,
    CREATORS,
    VIDEOS,
    Bin,
    Relevance,
    Score,
)
from pipeline.analysis.robustness.choices import (
    COMPLETE,
    LOG1P,
    NEGATIVE_BINOMIAL,
    OF_2022,
    POISSON,
    WITHOUT_AGE,
    ZERO_TRAP,
)
from pipeline.analysis.robustness.influence import Influence
from pipeline.analysis.robustness.specification_curve import Specification
from pipeline.inference.published_line import Verdict
from pipeline.inference.results import Results

PUBLISHED = Specification(
    "followers", "has_cover", "yes", "yes against no", 0,
    POISSON, "as given", "not noted is a level", "as noted", "with age", "all videos", "",
    100, 6, 0.5, 0.2, 0.1, 0.9,
)  # fmt: skip


def other(number: int, estimate: float | None, **changes: object) -> Specification:
    ends = (None, None) if estimate is None else (estimate - 0.4, estimate + 0.4)
    row = dataclasses.replace(
        PUBLISHED, analysis=number, estimate=estimate, ci_low=ends[0], ci_high=ends[1]
    )
    return dataclasses.replace(row, **changes)


NB, AGE = {"estimator": NEGATIVE_BINOMIAL}, {"age": WITHOUT_AGE}


LOG = {"estimator": LOG1P}


TRAP = {"trap": ZERO_TRAP, "zeros": "blanks as zero"}


def skill(model: str, value: float | None, low: float | None = None, **changes: object) -> Score:
    row = Score(BEFORE, VIDEOS, model, "skill", value, low, value and value + 0.1, 90, 6, "")
    return dataclasses.replace(row, **changes)


OTHERS = (NB, LOG, AGE, {"levers": COMPLETE}, {"estimator": NEGATIVE_BINOMIAL, "age": WITHOUT_AGE})


def made_up(findings: Results) -> Diagnostics:
    """Rows for every line that is asked, with what a real run gives for so many creators."""
    names = findings.pool.creators
    tested = [
        (answer.question.name, line)
        for answer in findings.answers
        for line in answer.estimates
        if line.is_tested and line.estimate is not None
    ]
    specifications, influences, personals = [], [], []
    for number, (question, line) in enumerate(tested):
        at = (question, line.variable.term, line.variable.level, line.variable.unit)
        mine = line.estimate or 0.0
        own = dataclasses.replace(
            PUBLISHED, question=at[0], term=at[1], level=at[2], unit=at[3],
            estimate=mine, ci_low=line.ci_low, ci_high=line.ci_high,
            estimator=LOG1P if question == "signals" else POISSON,
        )  # fmt: skip
        wave = [math.sin(number + k) / 3 for k in range(len(OTHERS) + 2)]
        specifications += [
            own,
            *(
                dataclasses.replace(
                    own, analysis=k + 1, **changes, estimate=mine + w, ci_low=mine + w - 0.3,
                    ci_high=mine + w + 0.4,
                )
                for k, (changes, w) in enumerate(zip(OTHERS, wave, strict=False))
            ),
            dataclasses.replace(own, analysis=8, estimate=None, ci_low=None, why="too few"),
            dataclasses.replace(own, analysis=9, **TRAP, estimate=mine + wave[-1]),
            dataclasses.replace(own, analysis=10, trap=OF_2022, estimate=-mine, estimator=LOG1P),
        ]  # fmt: skip
        if len(names) > 1:
            influences.append(
                Influence(*at, mine, mine - 0.1, mine + 0.1, len(names), 0, len(names),
                          names[0], mine + 0.1)
            )  # fmt: skip
        if len(names) > 4:
            personals += [
                Personal(*at, name, 20, mine + 0.3, 0.4, mine, mine + 0.1, 0.2, mine - 0.3,
                         mine + 0.5, 0.33, 0.2, 0.1, 0.4)
                for name in names
            ]  # fmt: skip
            personals.append(
                Personal(*at, "", 0, None, None, mine, mine, 0.4, mine - 0.8, mine + 0.8, 0.0,
                         0.2, 0.1, 0.4)
            )  # fmt: skip
    return Diagnostics(
        tuple(specifications),
        tuple(influences),
        *league(len(names)),
        tuple(personals),
        () if len(names) > 4 else (Silence("partial pooling", "followers", "too few creators"),),
    )


def league(creators: int) -> tuple[tuple[Score, ...], tuple[Bin, ...], tuple[Relevance, ...]]:
    measures = ("deviance", "rmse_log", "rmse_followers", "calibration_ratio", "calibration_slope")
    scores, bins = [], []
    for known in (BEFORE, AFTERWARDS):
        for held_out in (VIDEOS, CREATORS):
            is_known = held_out == VIDEOS or creators > 2
            for model, value in (("own-mean", 0.0), ("poisson", 0.1), ("boosting", -0.2)):
                row = skill(model, value, value - 0.05, known=known, held_out=held_out)
                if model == "own-mean":
                    row = dataclasses.replace(row, low=None, high=None)
                if not is_known:
                    nothing = {"value": None, "low": None, "high": None}
                    row = dataclasses.replace(row, **nothing, why="fewer than three creators")
                scores.append(row)
                scores += [
                    dataclasses.replace(row, measure=name, value=1.1 if is_known else None)
                    for name in measures
                ]
                if is_known:
                    bins.append(Bin(known, held_out, model, 1, 20, 0.5, 0.6, 0.2, 1.1))
    relevance = Relevance(AFTERWARDS, "views", 30, 30, 0.2, 0.01, 0.001, "relevant")
    return tuple(scores), tuple(bins), (relevance,)


HOSTILE = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "a|b|c", "@octocat", "`x`",
    "[x](javascript:alert(1))", "</summary></details>", "**b** _i_ $x$ :smile:", "{{ 7*7 }}",
    '"><b x="', "https://evil.example/x", "-->", "line\n## pwned",
)  # fmt: skip


def all_named(findings: Results, says: str) -> Results:
    """The findings, with every line of the report in short, said so."""
    answers = tuple(
        dataclasses.replace(
            answer,
            estimates=tuple(
                dataclasses.replace(
                    line,
                    verdict=Verdict.LIKELY,
                    variable=dataclasses.replace(line.variable, says=says),
                )
                for line in answer.estimates
            ),
        )
        for answer in findings.answers
    )
    return dataclasses.replace(findings, answers=answers)
