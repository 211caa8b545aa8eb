"""How every number is made, in plain words and in notation."""

from dataclasses import dataclass
from importlib import resources

from markupsafe import Markup, escape

from pipeline import mirror, planner, wild
from pipeline.design import ENOUGH_OUTCOMES, YOUNGEST
from pipeline.fit import FOLDS, MOST_REFITTED
from pipeline.ladder import ENOUGH_CREATORS, FEWEST_EFFECTIVE
from pipeline.partial import ENOUGH_CARRIERS
from pipeline.partial import ENOUGH_CREATORS as ENOUGH_FOR_PARTIAL
from pipeline.pool import NEAREST_DAYS
from pipeline.prediction.folds import FOLDS as HELD_OUT
from pipeline.questions import QUESTIONS, Form, Part, Question, Term
from pipeline.rates import ENOUGH_CREATORS as ENOUGH_FOR_A_RATE
from pipeline.rates import ENOUGH_FOR_ENDS, MOST_OF_ONE
from pipeline.robustness.choices import CHOICES, MOST_DEPARTURES
from pipeline.robustness.samples import TIMES
from pipeline.site.edition import Edition
from pipeline.site.notation import formula, inline_formula
from pipeline.site.shell import html_page
from pipeline.site.wording import ASKS
from pipeline.steps import RECENT
from pipeline.terms import FEW_VIDEOS
from pipeline.verdict import LEVEL, NARROW

FORMS = {  # how a column of the data enters a model
    Form.LOG: "its logarithm",
    Form.LOG1P: "the logarithm of 1 + it",
    Form.FLAG: "yes, against no",
    Form.LEVELS: "each level, against {reference}",
    Form.HOURS: "blocks of six hours, against {reference}",
    Form.QUARTER: "the quarter of posting, against the most common",
    Form.AGE: "the logarithm of the days from posting to capture",
}
PARTS = {Part.LEVER: "lever", Part.ENGAGEMENT: "sign", Part.CONTEXT: "context"}
SECTIONS = (
    ("data", "The data, and what is missing"),
    ("questions", "The four questions"),
    ("creator-effects", "Creators against themselves"),
    ("poisson", "The models"),
    ("errors", "How sure: leaving creators out"),
    ("bootstrap", "A second opinion: the wild bootstrap"),
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
    "enough_outcomes": ENOUGH_OUTCOMES,
    "few_effective": FEWEST_EFFECTIVE,
    "enough": ENOUGH_CREATORS,
    "bootstrapped": wild.ENOUGH_CREATORS,
    "enumerated": wild.FEW_CREATORS,
    "draws": wild.DRAWS,
    "level": LEVEL,
    "narrow": NARROW,
    "refitted": MOST_REFITTED,
    "folds": FOLDS,
    "held_out": HELD_OUT,
    "departures": MOST_DEPARTURES,
    "choices": len(CHOICES),
    "imputations": TIMES,
    "partial": ENOUGH_FOR_PARTIAL,
    "carriers": ENOUGH_CARRIERS,
    "rate_creators": ENOUGH_FOR_A_RATE,
    "rate_videos": mirror.ENOUGH_VIDEOS,
    "rate_ends": ENOUGH_FOR_ENDS,
    "most_of_one": round(100 * MOST_OF_ONE),
    "others": mirror.ENOUGH_OTHERS,
    "plan_videos": planner.ENOUGH_VIDEOS,
    "plan_creators": planner.ENOUGH_CREATORS,
    "plan_events": round(planner.FEWEST_EVENTS),
    "power": round(100 * planner.POWER),
    "recent": RECENT,
}

FILES = (  # of the report, what they hold, and the module that makes it
    ("estimates.csv", "every line of the four questions", "pipeline/ladder.py"),
    ("covariance.csv", "how the errors of the lines go together", "pipeline/ladder.py"),
    ("creators.csv", "each creator’s own, where two to four carry a line", "pipeline/own.py"),
    ("decomposition.csv", "followers = reach × conversion × rest", "pipeline/decomposition.py"),
    ("pooled.csv", "the data: a row a video, never its label", "pipeline/pool.py"),
    ("summary.json", "counts, the account of rows, the hash of inputs", "pipeline/findings.py"),
    ("history.csv", "the estimates of every set of results", "pipeline/render/tables.py"),
    ("robustness.csv", "every line by every other analysis", "pipeline/robustness/curve.py"),
    ("influence.csv", "every line without each creator", "pipeline/robustness/influence.py"),
    ("prediction.csv", "how well videos are foretold", "pipeline/prediction/scores.py"),
    ("calibration.csv", "forecasts against what came, in bins", "pipeline/prediction/scores.py"),
    ("relevance.csv", "what a forest makes use of", "pipeline/prediction/relevance.py"),
    ("partial_pooling.csv", "each creator’s own, drawn towards all", "pipeline/partial.py"),
    ("silences.csv", "what could not be computed, and why", "pipeline/sureness.py"),
)
ALWAYS = frozenset(name for name, _, _ in FILES[:7])  # also where the rest was not computed


@dataclass(frozen=True, slots=True)
class Entry:
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
        "method.html.jinja",
        "method.html",
        sections=SECTIONS,
        questions=QUESTIONS,
        asks=ASKS,
        models={question.name: model(question) for question in QUESTIONS},
        terms=terms(),
        k=FACTS,
        f=formula,
        m=inline_formula,
        files=FILES,
        always=ALWAYS,
        recompute=snippet("recompute"),
        compare=snippet("compare-two-videos"),
    )


def model(question: Question) -> str:
    """Write what a question regresses on what, in a line."""
    parts = dict.fromkeys(PARTS[term.part] + "s" for term in question.terms)
    outcome = question.outcome if not question.exposure else f"{question.outcome} per view"
    terms_ = " + ".join(each.replace("contexts", "context") for each in parts)
    return f"{outcome} ~ {terms_} | creator"


def terms() -> tuple[Entry, ...]:
    """List every term once, in the order of the questions."""
    found = dict.fromkeys(term for question in QUESTIONS for term in question.terms)
    return tuple(_entry(term) for term in found)


def _entry(term: Term) -> Entry:
    reference = term.reference or "the most common"
    return Entry(
        term.column,
        PARTS[term.part],
        FORMS[term.form].format(reference=reference),
        term.says.format(level="one level", reference=reference),
        tuple(question.name for question in QUESTIONS if term in question.terms),
    )


def snippet(name: str) -> Markup:
    """Read a piece of code that the page shows, and that is no part of the pipeline."""
    place = resources.files("pipeline.site").joinpath(f"{name}.py.txt")
    return escape(place.read_text(encoding="utf-8"))  # as `Markup`, it keeps its line breaks
