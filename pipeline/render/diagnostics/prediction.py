"""What the page on sureness says of prediction: the leagues, reliability, and relevance."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.analysis.diagnostics.diagnostics import Diagnostics
from pipeline.analysis.prediction.tables import (
    AFTERWARDS,
    BEFORE,
    CREATORS,
    VIDEOS,
    Bin,
    Relevance,
    Score,
)
from pipeline.render.diagnostics.sentences import is_better, ranked
from pipeline.render.labels.analyses import model_name
from pipeline.render.text.escape import markdown

REFERENCE = "own-mean"
LEAGUES = ((VIDEOS, BEFORE), (VIDEOS, AFTERWARDS), (CREATORS, BEFORE), (CREATORS, AFTERWARDS))
MEASURES = ("deviance", "rmse_log", "rmse_followers", "calibration_ratio", "calibration_slope")
WHOSE = {
    VIDEOS: "Another video of a creator we know",
    CREATORS: "A video of a creator we do not know",
}
GUESS = {VIDEOS: "the creator's own mean", CREATORS: "the mean of the creators we know"}
FROM = {
    BEFORE: "from what is known before posting",
    AFTERWARDS: "from what is known afterwards, such as its views",
}


@dataclass(frozen=True, slots=True)
class LeaderboardSentence:
    """A sentence about a league in plain text, in four parts: `model` and `why` may be ""."""

    opening: str
    model: str = ""
    rest: str = ""
    why: str = ""

    def __str__(self) -> str:
        return f"{self.opening}{self.model}{self.rest}{self.why}"


@dataclass(frozen=True, slots=True)
class LeaderboardTable:
    """One way of holding out in one state of knowledge; `skills` are ranked, the best first."""

    held_out: str
    known: str
    skills: tuple[Score, ...]
    scores: tuple[Score, ...]
    bins: tuple[Bin, ...]

    @property
    def title(self) -> str:
        """Name the league."""
        return f"{self.whose}, {self.source}"

    @property
    def whose(self) -> str:
        """Say whose videos are predicted."""
        return WHOSE[self.held_out]

    @property
    def source(self) -> str:
        """Say from what."""
        return FROM[self.known]

    @property
    def sentence(self) -> str:
        """Say in Markdown which model is the best, and whether it does better than a mean."""
        parts = self.plain_sentence
        name = f"**{markdown(parts.model)}**" if parts.model else ""
        return f"{parts.opening}{name}{parts.rest}{markdown(parts.why)}"

    @property
    def plain_sentence(self) -> LeaderboardSentence:
        """Say which model is the best, and whether it does better than a mean."""
        guess = GUESS[self.held_out]
        if not self.skills:
            why = next((score.why for score in self.scores if score.why), "there is no score")
            return LeaderboardSentence("nobody can tell: ", why=why)
        best = self.skills[0]
        if best.model == REFERENCE or not (best.value or 0) > 0:
            return LeaderboardSentence(f"nothing that we tried does better than guessing {guess}")
        return LeaderboardSentence("the best is ", self.best, self._margin(best, guess))

    def _margin(self, best: Score, guess: str) -> str:
        """Say by how much a model does better than a guess, and how sure that is."""
        clause = f", which takes away {percent(best.value)} of the error of guessing {guess}"
        if best.low is None or best.high is None:
            return f"{clause}; nobody can say how sure that is"
        between = f"the 95 % interval is {percent(best.low)} to {percent(best.high)}"
        if best.is_over_videos:
            between += ", as if videos were independent"
        end = "so it does better" if is_better(best) else "so it is not shown to do better"
        return f"{clause} ({between}), {end}"

    @property
    def best(self) -> str:
        """Name the best model; "" without any."""
        return model_name(self.skills[0].model, self.held_out) if self.skills else ""

    @property
    def rows(self) -> list[dict[str, Any]]:
        """A row for each model, the best first: its name, its skill, and its other measures."""
        return [
            {
                "name": model_name(skill.model, self.held_out),
                "skill": skill,
                **{measure: self._measure(skill.model, measure) for measure in MEASURES},
            }
            for skill in self.skills
        ]

    def _measure(self, model: str, measure: str) -> float | None:
        values = (s.value for s in self.scores if (s.model, s.measure) == (model, measure))
        return next(values, None)

    @property
    def notes(self) -> list[str]:
        """What is to be known of the scores: who it is of, unless it is all of them."""
        said: dict[str, list[str]] = {}
        for score in (each for each in self.skills if each.model != REFERENCE):
            said.setdefault(score.why, []).append(model_name(score.model, self.held_out))
        return [
            why if len(models) >= len(self.skills) - 1 else f"{', '.join(models)}: {why}"
            for why, models in said.items()
            if why
        ]

    @property
    def reliability(self) -> tuple[Bin, ...]:
        """The bins of the best model."""
        best = self.skills[0].model if self.skills else ""
        return tuple(each for each in self.bins if each.model == best)


def leagues(diagnostics: Diagnostics) -> list[LeaderboardTable]:
    """Gather the leagues that have a score, or a reason."""
    tables = [
        LeaderboardTable(
            held_out,
            known,
            ranked(diagnostics.scores, held_out, known),
            tuple(s for s in diagnostics.scores if (s.held_out, s.known) == (held_out, known)),
            tuple(b for b in diagnostics.bins if (b.held_out, b.known) == (held_out, known)),
        )
        for held_out, known in LEAGUES
    ]
    return [league for league in tables if league.scores]


def relevances(diagnostics: Diagnostics) -> list[tuple[str, Sequence[Relevance]]]:
    """Gather the relevance of terms by what is known, the most relevant first."""
    by_knowledge = [
        (known, [r for r in diagnostics.relevances if r.known == known]) for known in FROM
    ]
    return [
        (FROM[known], sorted(rows, key=lambda row: (-row.hits, -row.importance)))
        for known, rows in by_knowledge
        if rows
    ]


def points(value: float | None) -> str:
    """Write a share as percentage points, with a true minus; small ones with one digit more.

    >>> points(-0.051), points(0.204), points(0.0)
    ('−5.1', '20', '0')
    """
    if value is None:
        return ""
    digits = f"{100 * value:.0f}" if abs(value) >= 0.0995 else f"{100 * value:.1f}"
    return digits.replace("-", "−") if float(digits) else "0"


def percent(value: float | None) -> str:
    """Write a share in percent; the space does not break."""
    return "" if value is None else f"{points(value)}\u00a0%"
