"""How sure it is: other reasonable analyses, forecasts, and how blanks can fool."""

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from pipeline.findings import Findings
from pipeline.prediction.rows import BEFORE, VIDEOS, Score
from pipeline.render import personal_tables, prediction_tables, replication, robustness_tables
from pipeline.render.figures import PAGE, simulated_title
from pipeline.render.how_sure import silences, why_not
from pipeline.render.league_figure import TITLES, league_alone
from pipeline.render.numbers import ratio
from pipeline.render.prediction_tables import League, percent, points
from pipeline.render.replication import p_value, three
from pipeline.render.replication import two as two_digits
from pipeline.render.sentences import is_better
from pipeline.replication.stored import stored
from pipeline.robustness.choices import MOST_DEPARTURES, OF_2022, ZERO_TRAP
from pipeline.site import zero_trap
from pipeline.site.charts import inline
from pipeline.site.edition import Edition
from pipeline.site.holding import FEWEST_CREATORS, MOST_CARDS, MOST_LINES, asked, kept, legend_of
from pipeline.site.shell import html_page
from pipeline.site.wording import COUNTS, between, contrast
from pipeline.sureness import PARTIAL, PREDICTION, Sureness

FIRST_CARDS = 3  # of a question, that need no click
WHY = {  # a correction → what was wrong
    "std_error": "Each error was worked out as if its variable were the only one.",
    "p_value": "The program took the height of a curve where the area beyond is meant.",
    "rare": "A word with one video fits that video perfectly. Words of five videos or fewer are"
    " now one group.",
    "all_videos": "The videos set aside for testing count, too.",
    "vital_only": "Only his six, since what follows has fewer videos.",
    "observed": "Followers as he noted them, not as he filled them in.",
    "exposure": "More viewers bring more followers. Now: how many stay of those who watch?",
}


def page(edition: Edition) -> bytes:
    """Write the page; without `sure`, how to have it computed, and the story of 2022."""
    known = edition.sure or Sureness()
    return html_page(
        edition,
        "how-sure.html.jinja",
        "how-sure.html",
        sure=edition.sure,
        one_creator=edition.creators == 1,
        silences=silences(known.silences),
        trap_2022=zero_trap.of_2022(stored()),
        post={**replication.values(stored()), "why": WHY},
        say={
            "p": p_value, "three": three, "two": two_digits, "points": points, "percent": percent,
            "ratio": ratio, "contrast": contrast, "counts": COUNTS, "between": between,
        },
        **_robustness(edition.findings, known),
        **_prediction(edition.findings, known),
        **_personal(edition.findings, known),
    )  # fmt: skip


def _robustness(findings: Findings, sure: Sureness) -> dict[str, Any]:
    held = robustness_tables.held(findings, sure)
    misled = robustness_tables.all_misled(held)
    found = kept(held)
    questions = [asked(findings, each, named_only=found["named"] > 0) for each in held]
    return {
        "questions": questions,
        "legend": legend_of(questions),
        "kept": found,
        "first_cards": FIRST_CARDS,
        "most_cards": MOST_CARDS,
        "most_lines": MOST_LINES,
        "fewest_creators": FEWEST_CREATORS,
        "choices": robustness_tables.choices(held),
        "departures": MOST_DEPARTURES,
        "misled": misled[ZERO_TRAP],
        "misled_2022": misled[OF_2022],
        "traps": (ZERO_TRAP, OF_2022),
        "usual": robustness_tables.all_usual(held),
        "trap_today": zero_trap.of_today(findings, held),
        "blanks": int(findings.pool.videos["new_followers"].isna().sum()),
    }


def _prediction(findings: Findings, sure: Sureness) -> dict[str, Any]:
    leagues = prediction_tables.leagues(sure)
    title = simulated_title(findings, has_truth=False)
    among = [skill for league in leagues for skill in league.skills]
    before = [each for each in leagues if (each.held_out, each.known) == (VIDEOS, BEFORE)]
    return {
        "leagues": [(league, _league(league, among, title)) for league in leagues],
        "titles": TITLES,
        "before_posting": any(each.skills for each in before),
        "foretold": any(is_better(skill) for each in before for skill in each.skills[:1]),
        "relevances": prediction_tables.relevances(sure),
        "unpredicted": why_not(sure.silences, PREDICTION),
    }


def _league(league: League, among: Sequence[Score], title: str) -> Markup | None:
    svg = league_alone(league.skills, among, PAGE, title)
    better = sum(is_better(skill) for skill in league.skills)
    shown = f"{better} of {len(league.skills)} models are shown to be better than the mean."
    return inline(svg, f"{league.title}: {league.told}. {shown}") if svg else None


def _personal(findings: Findings, sure: Sureness) -> dict[str, Any]:
    means = personal_tables.means(findings, sure)
    named = [
        (question, line)
        for question, lines in means
        if question.advice
        for line in lines
        if line.is_named
    ]
    return {"means": means, "means_named": named, "unpooled": why_not(sure.silences, PARTIAL)}
