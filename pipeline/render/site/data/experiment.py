"""The experiment planner in a creator's words: what n and n videos could tell, and what to try."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.analysis.advice.data_needs import Wish
from pipeline.analysis.advice.power import SIZES, Plan, Unknown, VideoSpread, plans, spread
from pipeline.inference.results import Results
from pipeline.model.questions import Question
from pipeline.render.labels import table
from pipeline.render.labels.levers import is_tried, sides

FARTHEST = 10.0  # a ratio from which on nothing useful is told
FAR = f"{FARTHEST:.0f} times or more"
TRIPLE = 3.0  # a difference that a creator would be glad to know of


@dataclass(frozen=True, slots=True)
class ExperimentPower:
    """What an experiment could tell of one outcome, as text."""

    what: str
    more: str
    fewer: str
    half: str

    @property
    def least(self) -> str:
        """The smallest gain that would be seen, as a cell of the table."""
        if not self.more:
            return "too few followers"
        return f"only if {self.more}" if self.more == FAR else self.more


@dataclass(frozen=True, slots=True)
class Size:
    """One size of experiment: n videos each way, and a cell for each outcome."""

    videos: int
    powers: tuple[ExperimentPower, ...]


@dataclass(frozen=True, slots=True)
class Experiments:
    """The planner's table: the spreads it rests on, its rows, what is not known, what it says."""

    spreads: tuple[VideoSpread, ...]
    sizes: tuple[Size, ...]
    unknown: tuple[tuple[str, str], ...]
    says: tuple[tuple[str, str], ...]


def experiments(findings: Results) -> Experiments:
    """Plan experiments for each question of what goes with what."""
    asked = [each for each in findings.answers if each.question.advice]
    spreads = [
        spread(findings.pool.videos.iloc[each.fit.design.rows], each.question) for each in asked
    ]
    known = tuple(each for each in spreads if isinstance(each, VideoSpread))
    planned = [plans(each) for each in known]
    sizes = tuple(
        Size(
            n,
            tuple(
                _power(s.question, plans_by_size[i])
                for s, plans_by_size in zip(known, planned, strict=True)
            ),
        )
        for i, n in enumerate(SIZES)
    )
    why: dict[str, list[str]] = {}
    for each in spreads:
        if isinstance(each, Unknown):
            why.setdefault(each.why, []).append(_about(each.question))
    unknown = tuple((", ".join(outcomes), reason) for reason, outcomes in why.items())
    says = [
        (_about(s.question), plan_in_words(plans_by_size))
        for s, plans_by_size in zip(known, planned, strict=True)
    ]
    return Experiments(known, sizes if known else (), unknown, tuple(says))


def _about(question: Question) -> str:
    return table.question(question.name).about


def _power(question: Question, plan: Plan) -> ExperimentPower:
    half = "" if plan.half is None or plan.half > FARTHEST else f"{plan.half:.1f}"
    return ExperimentPower(_about(question), _times(plan.more), _times(plan.fewer), half)


def _times(ratio: float | None) -> str:
    """Write how many times as many, or as few: "3.3 times", "10 times or more"."""
    if ratio is None:
        return ""
    times = round(max(ratio, 1 / ratio), 1)
    return FAR if times >= FARTHEST else f"{times:.1f} times"


def plan_in_words(plans: Sequence[Plan]) -> str:
    """Say what the smallest experiment can tell, and which one can tell three times as many."""
    first, *larger = plans
    enough = (plan for plan in larger if plan.more is not None and plan.more <= TRIPLE)
    then = next(enough, plans[-1])
    head = f"{first.videos} and {first.videos} videos: {_seen(first)}."
    if first.more is None and then.more is None:
        return f"{head} So are {then.videos} and {then.videos}."
    return f"{head} {then.videos} and {then.videos}: {_seen(then)}."


def _seen(plan: Plan) -> str:
    """Say which gain would be seen."""
    if plan.more is None:
        return "too few to see anything"
    times = _times(plan.more)
    only = " only" if times == FAR else ""
    return f"you would see it{only} if one kind gets {times.replace('times', 'times as many')}"


def first_try(wishes: Sequence[Wish], *, alone: bool) -> tuple[str, str] | None:
    """Choose what to vary: what would help the pool most, of what a creator can do by turns.

    For one account, what its own answer is widest for.
    """
    fit = [wish for wish in wishes if is_tried(wish.term, wish.level) and (wish.made or not alone)]
    if alone:
        fit = sorted((w for w in fit if w.best), key=lambda w: -w.best.narrowing if w.best else 0)
    return sides(fit[0].term, fit[0].level) if fit else None
