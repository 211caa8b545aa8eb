"""What a pull request changes in the headline estimates, without a fit of the new pool.

The pool before is fitted once, in full but for cross-validation and refits. What the
changed creators exchange in it is exact in least squares, and one scoring step in fits of counts.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from pipeline.dataset.pool import Pool, common_words, marked
from pipeline.estimate.cluster_robust import effective_creators, effective_dof, t_interval
from pipeline.inference.estimates import SAYS as PUBLISHED
from pipeline.inference.thresholds import INTERVAL_CREATORS
from pipeline.model.design import Design, design
from pipeline.model.product import APART
from pipeline.model.questions import QUESTIONS, Model, Question
from pipeline.model.reasons import Reason
from pipeline.model.sample import ABSORBED, videos_with
from pipeline.model.variables import Variable
from pipeline.review.estimate_changes import Consequence, EstimateChange, Shown
from pipeline.review.exchange_result import After
from pipeline.review.incremental_fit import exchange, fit_base
from pipeline.review.solved_view import View, standard_errors, withheld

FIRST_REAL = "the first real creator: the simulated ones leave, and the report starts again"
LAST_REAL = "the last real creator leaves, and the report is about simulated ones again"
NO_BEFORE = "there is no estimate yet ({why}); the next report will tell whether there is one"
NEW = "it had no line of its own before"
GONE = "too few videos or creators can tell now"
AGAINST = "it was compared with {before} before, and is compared with {after} now"
SAYS = PUBLISHED | {
    Reason.ABSORBED: ABSORBED,
    Reason.COLLINEAR: "the other lines already give it",
    Reason.APART: APART,
    Reason.HEAVY: "these videos weigh too much in it for a preview: the next report will tell",
    Reason.OPEN: "it had no finite estimate before: the next report will tell",
}
HELD_BY_FEW = (Reason.ONE_CREATOR, Reason.NO_CREATOR, Reason.TREND)
UNSEEN = (Reason.HEAVY, Reason.OPEN)  # by the preview; the next report may tell them


@dataclass(frozen=True, slots=True)
class PreviewedLine:
    """What the report would publish of a variable; `shown` is None where nothing, for `reason`."""

    shown: Shown | None
    reason: Reason | None
    videos: int
    creators: int

    def why(self, event: str) -> str:
        """Say why it is not shown; "" where it is."""
        return SAYS[self.reason].format(event=event) if self.reason else ""


def preview(before: Pool, after: Pool, changed: Collection[str]) -> tuple[Consequence, ...]:
    """Say of each question what becomes of its headline lines.

    `before` and `after` are the pool without and with the pull request; they differ only in the
    creators `changed`.
    """
    # A word that is common in one of them is a level in both, so that their levels can be matched.
    common = common_words(before.videos) | common_words(after.videos)
    old, new = (replace(each, videos=marked(each.videos, common)) for each in (before, after))
    return tuple(_consequence(old, new, frozenset(changed), each) for each in QUESTIONS)


def _consequence(
    before: Pool, after: Pool, changed: frozenset[str], question: Question
) -> Consequence:
    old, new = design(before.videos, question), design(after.videos, question)
    places = _places(after, new, changed)
    set_aside = tuple(place for place in places if place not in _places(before, old, changed))
    pairs = zip(old.factors or (old,), new.factors or (new,), strict=True)
    same = all(_asked(before, a, changed).equals(_asked(after, b, changed)) for a, b in pairs)
    touched = bool(set_aside) or not same
    plain = Consequence(
        question, len(old.rows), len(new.rows), len(old.creators), len(new.creators),
        (), "", approximate=False, is_touched=touched, set_aside=set_aside,
    )  # fmt: skip
    if before.simulated and after.has_real:
        return replace(plain, why=FIRST_REAL, is_touched=True)
    if before.has_real and after.simulated:
        return replace(plain, why=LAST_REAL, is_touched=True)
    base = fit_base(old)
    if isinstance(base, str):
        return replace(plain, why=NO_BEFORE.format(why=base.format(event=question.event)))
    exchanged = exchange(base, new, changed | _moved(before, old, after, new), changed)
    if isinstance(exchanged, str):
        return replace(plain, why=exchanged.format(event=question.event))
    then, now = base.view.settled.whole.rows, exchanged.view.settled.whole.rows
    return replace(
        plain,
        videos_before=int(then.sum()),
        videos_after=int(now.sum()),
        creators_before=len(then),
        creators_after=len(now),
        lines=tuple(_shifts(base.view, exchanged)),
        approximate=touched and question.model is not Model.LEAST_SQUARES,
    )


def _asked(pool: Pool, built: Design, changed: Collection[str]) -> pd.DataFrame:
    """The changed creators' videos that a question asks of, in the columns that it uses."""
    asked = built.question
    columns = {"creator", asked.outcome, "posted_on", "captured_on", asked.exposure or "creator"}
    columns |= {term.column for term in asked.terms}
    videos = pool.videos.iloc[built.rows]
    mine = videos[videos["creator"].isin(list(changed))]
    return mine[sorted(columns)].reset_index(drop=True)


def _places(pool: Pool, built: Design, creators: Collection[str]) -> tuple[str, ...]:
    """The places (file:line) of the rows of some creators that would decide a question alone."""
    rows = pool.videos.iloc[built.dominant]
    mine = rows[rows["creator"].isin(list(creators))]
    return tuple(f"{file}:{line}" for file, line in zip(mine["file"], mine["line"], strict=True))


def _moved(before: Pool, old: Design, after: Pool, new: Design) -> frozenset[str]:
    """The creators of whom a row is set aside in one of two pools and not in the other."""
    key = ["creator", "file", "line"]
    rows = [pool.videos.iloc[each.dominant][key] for pool, each in ((before, old), (after, new))]
    once = pd.concat(rows).drop_duplicates(keep=False)
    shared = set(old.creators) & set(new.creators)
    return frozenset(once["creator"]) & shared


def published_lines(view: View) -> dict[Variable, PreviewedLine]:
    """Say what the report would publish of each headline variable, in the order of the question."""
    settled, variables = view.settled, view.design.variables
    error, effective = standard_errors(view), effective_creators(settled.blocks)
    df = effective_dof(effective)
    interval = t_interval(settled.blocks.estimate, error, df)
    at = {j: i for i, j in enumerate(settled.ranks.kept)}
    videos = videos_with(view.design, view.rows)
    creators = view.carriers
    lines, untold = {}, withheld(view)
    for j in (j for j, variable in enumerate(variables) if variable.is_asked):
        counts, i = (int(videos[j]), int(creators[j])), at.get(j)
        reason = untold.get(j)
        if reason or i is None:
            lines[variables[j]] = PreviewedLine(None, reason, *counts)
            continue
        shown = Shown(float(settled.blocks.estimate[i]))
        if creators[j] >= INTERVAL_CREATORS and np.isfinite(error[i]):
            ends = (float(interval.low[i]), float(interval.high[i]))
            shown = Shown(shown.estimate, float(error[i]), *ends, float(df[i]))
        lines[variables[j]] = PreviewedLine(shown, None, *counts)
    return lines


def _shifts(base: View, exchanged: After) -> Iterator[EstimateChange]:
    """Set the lines side by side: those of the new pool, then those that it has no more."""
    old, new = published_lines(base), published_lines(exchanged.view)
    settled, variables = exchanged.view.settled, exchanged.view.design.variables
    at = {variables[j]: i for i, j in enumerate(settled.ranks.kept)}
    units = {(each.term, each.level): each.unit for each in old}
    nothing, event = PreviewedLine(None, None, 0, 0), exchanged.view.design.question.event
    for variable, now in new.items():
        then, i = old.get(variable, nothing), at.get(variable)
        if i is not None and now.reason not in HELD_BY_FEW and exchanged.is_rough(i):
            now = replace(now, shown=None, reason=Reason.HEAVY)
        was = units.get((variable.term, variable.level), variable.unit)
        other = "" if was == variable.unit else AGAINST.format(before=was, after=variable.unit)
        yield EstimateChange(
            variable, then.shown, now.shown,
            None if i is None or now.shown is None else _number(exchanged.without[i]),
            then.videos, now.videos, then.creators, now.creators,
            None if i is None else _number(exchanged.weight[i]),
            now.why(event) or other or then.why(event) or ("" if then.shown else NEW),
            is_unseen=now.reason in UNSEEN,
        )  # fmt: skip
    for variable, then in old.items():
        if not any((each.term, each.level) == (variable.term, variable.level) for each in new):
            counts = (then.videos, 0, then.creators, 0)
            yield EstimateChange(
                variable, then.shown, None, None, *counts, None, then.why(event) or GONE
            )


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
