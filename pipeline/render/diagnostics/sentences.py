"""What the rows of robustness and prediction come to, in a few numbers and in one sentence."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.analysis.diagnostics.diagnostics import Silence
from pipeline.analysis.prediction.tables import Score
from pipeline.analysis.robustness.choices import LOG1P, departures
from pipeline.analysis.robustness.specification_curve import Specification
from pipeline.inference.published_line import Estimate, Verdict

SKILL = "skill"


@dataclass(frozen=True, slots=True)
class SignAgreement:
    """How one published line fares in the other reasonable analyses of its question.

    `estimated` of them have an estimate, `untold` have none; in `same` of the first the sign is
    the published one. `low` to `high` is the range of the log ratios, the published one among
    them, of the analyses that measure on its scale; `other_scale` counts those that do not: a
    ratio of 1 + the count has a sign to compare, and no size. `moved_by` is what moves the line
    most on its own, an option of `choices`; `moved_to` is where, and `moved_videos` how many
    videos that analysis has: "", None and 0 where nothing else was tried.
    """

    published: float
    same: int
    estimated: int
    untold: int
    low: float
    high: float
    other_scale: int
    moved_by: str
    moved_to: float | None
    moved_videos: int
    moved_creators: int

    @property
    def sentence(self) -> str:
        """Say it in words, to follow a semicolon.

        >>> Holding(0.5, 31, 34, 0, 0.3, 0.7, 0, "", None, 0).sentence
        'the sign holds in 31 of 34 other reasonable analyses'
        """
        if not self.estimated:
            return "no other reasonable analysis can tell"
        others = "analyses" if self.estimated > 1 else "analysis"
        tell = " that can tell" if self.untold else ""
        return f"the sign holds in {self.same} of {self.estimated} other reasonable {others}{tell}"


def holds(rows: Sequence[Specification]) -> SignAgreement | None:
    """Compare the published analysis of one line with the other reasonable ones.

    `rows` are those of one line, traps or not. None without a published estimate.
    """
    own = next((row for row in rows if row.analysis == 0 and not row.trap), None)
    if own is None or own.estimate is None:
        return None
    others = [row for row in rows if not row.trap and row is not own]
    estimated = [(row, row.estimate) for row in others if row.estimate is not None]
    like = [(row, estimate) for row, estimate in estimated if same_scale(row, own)]
    estimates = [own.estimate, *(estimate for _, estimate in like)]
    moves = [(row, estimate) for row, estimate in like if len(departures(row, own)) == 1]
    most = max(moves, key=lambda move: abs(move[1] - estimates[0]), default=None)
    return SignAgreement(
        published=own.estimate,
        same=sum(estimate * own.estimate > 0 for _, estimate in estimated),
        estimated=len(estimated),
        untold=len(others) - len(estimated),
        low=min(estimates),
        high=max(estimates),
        other_scale=len(estimated) - len(like),
        moved_by=str(getattr(most[0], departures(most[0], own)[0])) if most else "",
        moved_to=most[1] if most else None,
        moved_videos=most[0].videos if most else 0,
        moved_creators=most[0].creators if most else 0,
    )


def same_scale(row: Specification, published: Specification) -> bool:
    """Return whether both are ratios of the count, or both of 1 + the count."""
    return (row.estimator == LOG1P) == (published.estimator == LOG1P)


def trapped(rows: Sequence[Specification], trap: str) -> Specification | None:
    """Find what a trap says of one line; None where it says nothing."""
    return next((row for row in rows if row.trap == trap and row.estimate is not None), None)


def is_sure(row: Specification) -> bool:
    """Return whether the 95 % interval excludes no difference."""
    return row.ci_low is not None and row.ci_high is not None and row.ci_low * row.ci_high > 0


@dataclass(frozen=True, slots=True)
class Misled:
    """What a trap would have made of lines: how many it tells, turns, makes sure, or wrongly so.

    `sure` are those whose interval excludes no difference while the published one does not;
    `lost` the reverse; `sure_and_turned` have the other sign besides.
    """

    lines: int
    turned: int
    sure: int
    sure_and_turned: int
    lost: int


def misled(lines: Sequence[Sequence[Specification]], trap: str) -> Misled:
    """Compare a trap with the published analysis, over lines; each has the rows of one line."""
    return _compared([(rows[0], row) for rows in lines if (row := trapped(rows, trap))])


def _compared(pairs: Sequence[tuple[Specification, Specification]]) -> Misled:
    """Compare an analysis with the published one, given first, over lines that both can tell."""
    both = [(a, b) for a, b in pairs if a.estimate is not None and b.estimate is not None]
    turned = [(own.estimate or 0) * (row.estimate or 0) < 0 for own, row in both]
    sure = [is_sure(row) and not is_sure(own) for own, row in both]
    return Misled(
        lines=len(both),
        turned=sum(turned),
        sure=sum(sure),
        sure_and_turned=sum(a and b for a, b in zip(sure, turned, strict=True)),
        lost=sum(is_sure(own) and not is_sure(row) for own, row in both),
    )


@dataclass(frozen=True, slots=True)
class Usual:
    """What a reasonable analysis makes of the lines on average: a yardstick for the traps."""

    lines: float
    turned: float
    sure: float


def usual(lines: Sequence[Sequence[Specification]]) -> Usual | None:
    """Average over the other reasonable analyses of one question; None where there is none."""
    gathered: dict[int, list[tuple[Specification, Specification]]] = {}
    for rows in lines:
        for row in rows:
            if not row.trap and row is not rows[0]:
                gathered.setdefault(row.analysis, []).append((rows[0], row))
    each = [_compared(pairs) for pairs in gathered.values()]
    if not each:
        return None
    return Usual(
        sum(one.lines for one in each) / len(each),
        sum(one.turned for one in each) / len(each),
        sum(one.sure for one in each) / len(each),
    )


def ranked(scores: Sequence[Score], held_out: str, known: str) -> tuple[Score, ...]:
    """The skills of one league, the best first; of equals as they stand. Empty without any."""
    skills = [
        score
        for score in scores
        if (score.held_out, score.known, score.measure) == (held_out, known, SKILL)
        and score.value is not None
    ]
    return tuple(sorted(skills, key=lambda score: -(score.value or 0)))


def is_better(skill: Score) -> bool:
    """Return whether a model does better than what it is compared with, by its 95 % interval."""
    return skill.low is not None and skill.low > 0


def stands_out(line: Estimate) -> bool:
    """Return whether the report names a line in short."""
    if (
        line.verdict == Verdict.THIS_ACCOUNT
        and line.ci_low is not None
        and line.ci_high is not None
    ):
        one_sign = (line.lowest or 0) * (line.highest or 0) > 0  # without any one video
        return one_sign and line.ci_low * line.ci_high > 0
    return line.verdict in (Verdict.CLEAR, Verdict.LIKELY)


def why_not(silent: Sequence[Silence], part: str) -> str:
    """Why a part says nothing, in the first place; "" where no reason is known."""
    return next((each.why for each in silent if each.part == part), "")


def silences(silent: Sequence[Silence]) -> list[tuple[str, str, str]]:
    """Gather the questions of which a part says nothing for the same reason."""
    gathered: dict[tuple[str, str], list[str]] = {}
    for each in silent:
        gathered.setdefault((each.part, each.why), []).append(each.question or "all")
    return [(part, why, ", ".join(names)) for (part, why), names in gathered.items()]
