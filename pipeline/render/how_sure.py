"""How sure the report is: a page for creators, the tables behind it, and its pictures."""

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

from pipeline.findings import Findings
from pipeline.render import personal_tables, prediction_tables, robustness_tables
from pipeline.render.curves import curves
from pipeline.render.figures import THEMES
from pipeline.render.league_figure import league_figure
from pipeline.render.lines import lines
from pipeline.render.prediction_tables import percent, points, two
from pipeline.render.templates import markdown_page
from pipeline.robustness.choices import MOST_DEPARTURES, OF_2022, ZERO_TRAP
from pipeline.sureness import PARTIAL, PREDICTION, Silence, Sureness

FOLDER = "figures"


def page(findings: Findings, sure: Sureness | None) -> bytes:
    """Write the page; without `sure`, how to have it computed."""
    known = sure or Sureness()
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


def _robustness(findings: Findings, sure: Sureness) -> dict[str, Any]:
    held = robustness_tables.held(findings, sure)
    misled = robustness_tables.all_misled(held)
    return {
        "held": held,
        "choices": robustness_tables.choices(held),
        "departures": MOST_DEPARTURES,
        "zero_trap": misled[ZERO_TRAP],
        "of_2022": misled[OF_2022],
        "traps": (ZERO_TRAP, OF_2022),
        "usual": robustness_tables.all_usual(held),
    }


def _prediction(sure: Sureness) -> dict[str, Any]:
    leagues = prediction_tables.leagues(sure)
    said = " ".join(f"{league.title}: {league.sentence}." for league in leagues)
    return {
        "leagues": leagues,
        "leagues_said": said.replace("*", "").replace('"', "&quot;"),  # within an attribute
        "relevances": prediction_tables.relevances(sure),
        "unpredicted": why_not(sure.silences, PREDICTION),
    }


def _personal(findings: Findings, sure: Sureness) -> dict[str, Any]:
    means = personal_tables.means(findings, sure)
    advice = [(question, line) for question, lines in means if question.advice for line in lines]
    return {
        "means": means,
        "means_named": [(question, line) for question, line in advice if line.is_named],
        "creators": personal_tables.creators(findings, sure),
        "most_creators": personal_tables.MOST_CREATORS,
        "unpooled": why_not(sure.silences, PARTIAL),
    }


def why_not(silent: Sequence[Silence], part: str) -> str:
    """Why a part says nothing, in the first place; "" where no reason is known."""
    return next((each.why for each in silent if each.part == part), "")


def silences(silent: Sequence[Silence]) -> list[tuple[str, str, str]]:
    """Gather the questions of which a part says nothing for the same reason."""
    gathered: dict[tuple[str, str], list[str]] = {}
    for each in silent:
        gathered.setdefault((each.part, each.why), []).append(each.question or "all")
    return [(part, why, ", ".join(names)) for (part, why), names in gathered.items()]


def figures(findings: Findings, sure: Sureness) -> dict[PurePosixPath, bytes]:
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
