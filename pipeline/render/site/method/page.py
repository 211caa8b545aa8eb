"""How every number is made, in plain words and in notation."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from markupsafe import Markup, escape

from pipeline.analysis.advice import power
from pipeline.analysis.creators import summary
from pipeline.analysis.diagnostics.creator_slopes import ENOUGH_CARRIERS
from pipeline.analysis.history.changes import RECENT
from pipeline.analysis.norms.rates import ENOUGH_FOR_ENDS, MOST_OF_ONE
from pipeline.analysis.prediction.folds import FOLDS as HELD_OUT
from pipeline.analysis.robustness.choices import CHOICES, MOST_DEPARTURES
from pipeline.analysis.robustness.datasets import TIMES
from pipeline.dataset.pool import NEAREST_DAYS
from pipeline.estimate.ratio_of_sums import WIDEST
from pipeline.inference.thresholds import (
    FEWEST_EFFECTIVE,
    INTERVAL_CREATORS,
    PLAN_CREATORS,
    RATE_CREATORS,
    SLOPE_CREATORS,
    SPREAD_CREATORS,
)
from pipeline.inference.verdicts import LEVEL, NARROW
from pipeline.inference.verdicts import WIDEST as MOST_SPAN
from pipeline.model.design import TREND_VIDEOS
from pipeline.model.dominant_rows import MOST_ALONE, MOST_ROWS
from pipeline.model.fit import FOLDS, MOST_REFITTED
from pipeline.model.questions import LEVERS, QUESTIONS, Form, Part, Question, Term
from pipeline.model.terms import FEW_VIDEOS, is_near, log_of
from pipeline.render.charts.reliability import Reliability, reliability
from pipeline.render.labels import table
from pipeline.render.labels.levers import listed
from pipeline.render.site.layout.chart import inline
from pipeline.render.site.layout.context import Edition
from pipeline.render.site.layout.page import html_page
from pipeline.render.site.method.mathml import formula, inline_formula
from pipeline.render.text.words import capital
from schema.capture_rules import YOUNGEST
from schema.positive_only import ENOUGH_OUTCOMES, MATTERS, RARE, RARE_BESIDE_EMPTY

FORMS = {  # how a column of the data enters a model
    Form.SPLINE: (
        "a smooth curve of {log}, told by its height at {levels}, compared with {reference}"
    ),
    Form.LOG1P: "{log}",
    Form.FLAG: "yes, compared with no",
    Form.LEVELS: "each level, compared with {reference}",
    Form.HOURS: "blocks of six hours, compared with {reference}",
    Form.QUARTER: "the quarter of posting, compared with the most common",
    Form.AGE: "the logarithm of the days from posting to capture",
}
LOGS = {"log": "its logarithm", "log1p": "the logarithm of 1 + it"}
PARTS = {Part.LEVER: "lever", Part.ENGAGEMENT: "sign", Part.CONTEXT: "context"}
SECTIONS = (
    ("data", "The data, and what is missing"),
    ("questions", "The four questions"),
    ("creator-effects", "Creators against themselves"),
    ("models", "The models"),
    ("errors", "How sure: leaving creators out"),
    ("many-lines", "Many lines at once"),
    ("ladder", "What may be said, by number of creators"),
    ("verdicts", "Verdicts"),
    ("decomposition", "Reach × conversion"),
    ("robustness", "Other reasonable analyses"),
    ("forecasts", "Forecasts"),
    ("partial-pooling", "One creator’s own numbers"),
    ("compare", "Two videos, compared"),
    ("yardstick", "What is normal"),
    ("planner", "Planning an experiment"),
    ("history", "History"),
    ("limits", "What this cannot tell"),
    ("commands", "Each number’s command"),
)
FACTS = {  # what the page says in numbers, as the code has it
    "youngest": YOUNGEST,
    "nearest": NEAREST_DAYS,
    "few_videos": FEW_VIDEOS,
    "trend_videos": TREND_VIDEOS,
    "enough_outcomes": ENOUGH_OUTCOMES,
    "rare": round(1 / RARE),
    "rare_beside_empty": round(1 / RARE_BESIDE_EMPTY),
    "zeros_matter": round(100 * MATTERS),
    "most_alone": f"{MOST_ALONE:g}",
    "most_rows": MOST_ROWS,
    "few_effective": FEWEST_EFFECTIVE,
    "rate_widest": f"{WIDEST:g}",
    "enough": INTERVAL_CREATORS,
    "level": LEVEL,
    "narrow": NARROW,
    "widest": f"{MOST_SPAN:g}",
    "refitted": MOST_REFITTED,
    "folds": FOLDS,
    "held_out": HELD_OUT,
    "departures": MOST_DEPARTURES,
    "choices": len(CHOICES),
    "imputations": TIMES,
    "partial": SLOPE_CREATORS,
    "carriers": ENOUGH_CARRIERS,
    "rate_creators": RATE_CREATORS,
    "rate_videos": summary.ENOUGH_VIDEOS,
    "rate_ends": ENOUGH_FOR_ENDS,
    "most_of_one": round(100 * MOST_OF_ONE),
    "others": SPREAD_CREATORS,
    "plan_videos": power.ENOUGH_VIDEOS,
    "plan_creators": PLAN_CREATORS,
    "plan_events": round(power.FEWEST_EVENTS),
    "power": round(100 * power.POWER),
    "recent": RECENT,
}

FILES = (  # of the report, what they hold, and the module that makes it
    ("estimates.csv", "every line of the four questions", "pipeline/inference/estimates.py"),
    (
        "covariance.csv",
        "how the errors of the lines go together",
        "pipeline/inference/estimates.py",
    ),
    (
        "creators.csv",
        "each creator’s own, where two to four carry a line",
        "pipeline/inference/creator_estimates.py",
    ),
    ("pooled.csv", "the data: one row per video, without its label", "pipeline/dataset/pool.py"),
    (
        "summary.json",
        "counts, the account of rows, the hash of inputs",
        "pipeline/inference/results.py",
    ),
    ("history.csv", "the estimates of every set of results", "pipeline/render/data_files.py"),
    (
        "robustness.csv",
        "every line by every other analysis",
        "pipeline/analysis/robustness/specification_curve.py",
    ),
    (
        "influence.csv",
        "every line without each creator",
        "pipeline/analysis/robustness/influence.py",
    ),
    ("prediction.csv", "how well videos are predicted", "pipeline/analysis/prediction/scoring.py"),
    (
        "calibration.csv",
        "forecasts against what came, in bins",
        "pipeline/analysis/prediction/scoring.py",
    ),
    (
        "relevance.csv",
        "what a forest makes use of",
        "pipeline/analysis/prediction/feature_relevance.py",
    ),
    (
        "partial_pooling.csv",
        "each creator’s own, drawn towards all",
        "pipeline/analysis/diagnostics/creator_slopes.py",
    ),
    (
        "silences.csv",
        "what could not be computed, and why",
        "pipeline/analysis/diagnostics/diagnostics.py",
    ),
)
ALWAYS = frozenset(name for name, _, _ in FILES[:6])  # also where the rest was not computed


@dataclass(frozen=True, slots=True)
class TermEntry:
    """A term of the models: how it enters, what its ratio compares, and the questions it is in."""

    column: str
    part: str
    form: str
    says: str
    questions: tuple[str, ...]


def page(edition: Edition) -> bytes:
    """Write the page."""
    return html_page(
        edition,
        "method/method.html.jinja",
        "method.html",
        sections=SECTIONS,
        questions=QUESTIONS,
        near=near(),
        models={question.name: model(question) for question in QUESTIONS},
        terms=terms(),
        k=FACTS,
        f=formula,
        m=inline_formula,
        files=FILES,
        always=ALWAYS,
        reliability=_reliability(),
        recompute=snippet("recompute"),
        compare=snippet("compare-two-videos"),
    )


def model(question: Question) -> str:
    """Write what a question regresses on what, in a line."""
    parts = dict.fromkeys(PARTS[term.part] + "s" for term in question.terms)
    outcome = question.outcome if not question.exposure else f"{question.outcome} per view"
    terms_ = " + ".join(each.replace("contexts", "context") for each in parts)
    return f"{outcome} ~ {terms_} | creator"


def terms() -> tuple[TermEntry, ...]:
    """List every term once, in the order of the questions."""
    distinct = dict.fromkeys(term for question in QUESTIONS for term in question.terms)
    return tuple(_entry(term) for term in distinct)


def _entry(term: Term) -> TermEntry:
    reference = term.reference or "the most common"
    return TermEntry(
        term.column,
        PARTS[term.part],
        FORMS[term.form].format(
            log=LOGS[log_of(term).__name__], reference=reference, levels=listed(term.levels)
        ),
        term.says.format(level=_compared(term), reference=reference),
        tuple(question.name for question in QUESTIONS if term in question.terms),
    )


def near() -> str:
    """Say which whole numbers count as near the knots of each curve: "about 25 from 16 to 38"."""
    curves = [term for term in LEVERS if term.knots]
    return "; ".join(f"{table.column(term.column).label}: {_near(term)}" for term in curves)


def _near(term: Term) -> str:
    numbers = np.arange(10 * max(term.knots or (0,)), dtype=float)
    ends = []
    for level in term.levels:
        least, most = numbers[is_near(numbers, term, level)][[0, -1]]
        ends.append(f"{least:g} to {most:g}" if least < most else f"only {least:g}")
    return listed([f"{level} ({each})" for level, each in zip(term.levels, ends, strict=True)])


def odds_when_simulated() -> list[Reliability]:
    """Read how often statements at given odds were right; simulations/odds.py writes it."""
    text = Path(__file__).with_name("reliability.csv").read_text(encoding="utf-8")
    return [
        Reliability(
            float(row["odds_from"]),
            float(row["odds_to"]),
            float(row["said"]),
            int(row["statements"]),
            int(row["right"]),
            float(row["low"]),
            float(row["high"]),
        )
        for row in csv.DictReader(text.splitlines())
    ]


def _reliability() -> Markup:
    bins = odds_when_simulated()
    says = "; ".join(
        f"of {each.statements} statements at odds of {each.said:.0%} on average, "
        f"{each.right} were right"
        for each in bins
    )
    return inline(reliability(bins, "How often was it right?"), f"{capital(says)}.")


def _compared(term: Term) -> str:
    """Name what is compared: the heights of a curve by number, of words any one."""
    others = [level for level in term.levels if level != term.reference]
    return " or ".join(others) if term.form is Form.SPLINE else "one level"


def snippet(name: str) -> Markup:
    """Read a piece of code that the page shows, and that is no part of the pipeline."""
    place = Path(__file__).with_name(f"{name}.py.txt")
    return escape(place.read_text(encoding="utf-8"))  # as `Markup`, it keeps its line breaks
