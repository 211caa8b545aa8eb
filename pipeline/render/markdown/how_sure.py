"""How sure the report is: a page for creators, the tables behind it, and its pictures."""

from pathlib import PurePosixPath
from typing import Any

from pipeline.analysis.diagnostics.diagnostics import PARTIAL, PREDICTION, Diagnostics
from pipeline.analysis.diagnostics.lines import lines
from pipeline.analysis.robustness.choices import MOST_DEPARTURES, OF_2022, ZERO_TRAP
from pipeline.inference.results import Results
from pipeline.render.charts.model_skill import league_figure
from pipeline.render.charts.specification_curve import curves
from pipeline.render.charts.theme import THEMES
from pipeline.render.diagnostics import creator_slopes, prediction, robustness
from pipeline.render.diagnostics.prediction import percent, points, two
from pipeline.render.diagnostics.sentences import silences, why_not
from pipeline.render.text.templates import markdown_page

FOLDER = "figures"


def page(findings: Results, sure: Diagnostics | None) -> bytes:
    """Write the page; without `sure`, how to have it computed."""
    known = sure or Diagnostics()
    return markdown_page(
        "how-sure.md.jinja",
        {"percent": percent, "points": points, "two": two},
        pool=findings.pool,
        sure=sure,
        one_creator=len(findings.pool.creators) == 1,
        creators_in_all=len(findings.pool.creators),
        silences=silences(known.silences),
        **_robustness(findings, known),
        **_prediction(known),
        **_personal(findings, known),
    )


def _robustness(findings: Results, sure: Diagnostics) -> dict[str, Any]:
    held = robustness.held(findings, sure)
    misled = robustness.all_misled(held)
    return {
        "held": held,
        "choices": robustness.choices(held),
        "departures": MOST_DEPARTURES,
        "zero_trap": misled[ZERO_TRAP],
        "of_2022": misled[OF_2022],
        "traps": (ZERO_TRAP, OF_2022),
        "usual": robustness.all_usual(held),
    }


def _prediction(sure: Diagnostics) -> dict[str, Any]:
    leagues = prediction.leagues(sure)
    said = " ".join(f"{league.title}: {league.sentence}." for league in leagues)
    return {
        "leagues": leagues,
        "leagues_said": said.replace("*", "").replace('"', "&quot;"),  # within an attribute
        "relevances": prediction.relevances(sure),
        "unpredicted": why_not(sure.silences, PREDICTION),
    }


def _personal(findings: Results, sure: Diagnostics) -> dict[str, Any]:
    means = creator_slopes.means(findings, sure)
    advice = [(question, line) for question, lines in means if question.advice for line in lines]
    return {
        "means": means,
        "means_named": [(question, line) for question, line in advice if line.is_named],
        "creators": creator_slopes.creators(findings, sure),
        "most_creators": creator_slopes.MOST_CREATORS,
        "unpooled": why_not(sure.silences, PARTIAL),
    }


def figures(findings: Results, sure: Diagnostics) -> dict[PurePosixPath, bytes]:
    """Draw the page's pictures, each for light and for dark pages, by path below `reports/`."""
    drawn: dict[PurePosixPath, bytes] = {}
    for theme in THEMES:
        for answer in findings.answers:
            name = answer.question.name
            svg = curves(findings, answer, lines(findings, sure, name), theme)
            if svg is not None:
                drawn[PurePosixPath(FOLDER, f"curves-{name}-{theme}.svg")] = svg
        if (svg := league_figure(findings, sure.scores, theme)) is not None:
            drawn[PurePosixPath(FOLDER, f"prediction-{theme}.svg")] = svg
    return drawn
