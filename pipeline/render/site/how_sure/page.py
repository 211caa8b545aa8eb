"""How sure it is: other reasonable analyses, forecasts, and how blanks can fool."""

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from pipeline.analysis.diagnostics.diagnostics import PARTIAL, PREDICTION, Diagnostics
from pipeline.analysis.prediction.tables import BEFORE, CREATORS, VIDEOS, Score
from pipeline.analysis.replication.stored import stored
from pipeline.analysis.robustness.choices import MOST_DEPARTURES, OF_2022, ZERO_TRAP
from pipeline.inference.results import Results
from pipeline.inference.thresholds import LEFT_OUT_CREATORS
from pipeline.render.charts.model_skill import TITLES, league_alone
from pipeline.render.charts.theme import simulated_title
from pipeline.render.diagnostics import creator_slopes, prediction, replication, robustness
from pipeline.render.diagnostics.prediction import REFERENCE, LeaderboardTable, percent, points
from pipeline.render.diagnostics.replication import p_value, three
from pipeline.render.diagnostics.replication import two as two_digits
from pipeline.render.diagnostics.sentences import is_better, silences, why_not
from pipeline.render.labels.levers import between, contrast, unbroken
from pipeline.render.site.how_sure import zero_trap
from pipeline.render.site.how_sure.robustness import MOST_CARDS, MOST_LINES, asked, kept
from pipeline.render.site.layout.chart import inline
from pipeline.render.site.layout.context import Edition
from pipeline.render.site.layout.page import html_page
from pipeline.render.text.numbers import ratio

FIRST_CARDS = 3  # of a question, that need no click
GUESS = {VIDEOS: "the creator’s usual number", CREATORS: "the usual number of the others"}
WHY = {  # a correction → what was wrong
    "std_error": "Each error was worked out as if its variable were the only one.",
    "p_value": "The program took the height of a curve instead of the area beyond it.",
    "rare": "A word with one video fits that video perfectly. Words of five videos or fewer are"
    " now one group.",
    "all_videos": "The videos set aside for testing count, too.",
    "vital_only": "Only his six, since the next step has fewer videos.",
    "observed": "Followers as he noted them, not as he filled them in.",
    "exposure": "More viewers bring more followers. Now: how many of those who watch stay?",
}


def page(edition: Edition) -> bytes:
    """Write the page; without diagnostics, how to have it computed, and the story of 2022."""
    known = edition.diagnostics or Diagnostics()
    return html_page(
        edition,
        "how_sure/how-sure.html.jinja",
        "how-sure.html",
        diagnostics=edition.diagnostics,
        one_creator=edition.creators == 1,
        silences=silences(known.silences),
        trap_2022=zero_trap.of_2022(stored()),
        post={**replication.values(stored()), "why": WHY},
        say={
            "p": p_value, "three": three, "two": two_digits, "points": points, "ratio": ratio,
            "contrast": contrast, "between": between,
        },
        **_robustness(edition.findings, known),
        **_prediction(edition.findings, known),
        **_personal(edition.findings, known),
    )  # fmt: skip


def _robustness(findings: Results, diagnostics: Diagnostics) -> dict[str, Any]:
    held = robustness.held(findings, diagnostics)
    misled = robustness.all_misled(held)
    counts = kept(held)
    questions = [asked(findings, each, named_only=counts["named"] > 0) for each in held]
    return {
        "questions": questions,
        "kept": counts,
        "first_cards": FIRST_CARDS,
        "most_cards": MOST_CARDS,
        "most_lines": MOST_LINES,
        "fewest_creators": LEFT_OUT_CREATORS,
        "choices": robustness.choices(held),
        "departures": MOST_DEPARTURES,
        "misled": misled[ZERO_TRAP],
        "misled_2022": misled[OF_2022],
        "traps": (ZERO_TRAP, OF_2022),
        "usual": robustness.all_usual(held),
        "trap_today": zero_trap.of_today(findings, held),
        "blanks": int(findings.pool.videos["new_followers"].isna().sum()),
    }


def _prediction(findings: Results, diagnostics: Diagnostics) -> dict[str, Any]:
    leagues = prediction.leagues(diagnostics)
    title = simulated_title(findings, has_truth=False)
    among = [skill for league in leagues for skill in league.skills]
    sentences = [(league, unbroken(predicted(league))) for league in leagues]
    return {
        "leagues": [(league, says, _league(league, among, title)) for league, says in sentences],
        "known": [says for league, says in sentences if league.held_out == VIDEOS],
        "titles": TITLES,
        "relevances": prediction.relevances(diagnostics),
        "unpredicted": why_not(diagnostics.silences, PREDICTION),
    }


def predicted(league: LeaderboardTable) -> str:
    """Say in plain words whether anything beats a creator's usual number, and by how much."""
    when = "Before posting" if league.known == BEFORE else "After posting"
    guess = GUESS[league.held_out]
    if not league.skills:
        why = next((score.why for score in league.scores if score.why), "there is no score")
        return f"{when}: can’t tell ({why})."
    best = league.skills[0]
    if best.model == REFERENCE or not (best.value or 0) > 0:
        return f"{when}: no. Nothing we tried beats guessing {guess}."
    less = f"off by {_less(best.value)}"
    if best.low is None or best.high is None:
        end = f"{less} than {guess}; we can’t say how sure that is"
        return f"{when}: can’t tell yet. Our best guess is {end}."
    say = percent if best.low > 0 else _less
    ends = f"95\u00a0% range: {say(best.low)} to {say(best.high)}"
    ends += ", as if videos were independent" if best.is_over_videos else ""
    if not is_better(best):
        end = f"{less} than {guess}, but that may be luck ({ends})"
        return f"{when}: can’t tell yet. Our best guess is {end}."
    if league.known == BEFORE:
        return f"{when}: yes. Our best guess is {less} than {guess} ({ends})."
    return f"{when}, numbers such as its views help: the guess is {less} ({ends})."


def _less(skill: float | None) -> str:
    return f"{percent(abs(skill or 0))} {'less' if (skill or 0) >= 0 else 'more'}"


def _league(league: LeaderboardTable, among: Sequence[Score], title: str) -> Markup | None:
    svg = league_alone(league.skills, among, title)
    better = sum(is_better(skill) for skill in league.skills)
    shown = f"{better} of {len(league.skills)} models are shown to be better than the mean."
    return inline(svg, f"{league.title}. {predicted(league)} {shown}") if svg else None


def _personal(findings: Results, diagnostics: Diagnostics) -> dict[str, Any]:
    means = creator_slopes.means(findings, diagnostics)
    named = [
        (question, line)
        for question, lines in means
        if question.advice
        for line in lines
        if line.is_named
    ]
    return {
        "means": means,
        "means_named": named,
        "unpooled": why_not(diagnostics.silences, PARTIAL),
    }
