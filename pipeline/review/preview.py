"""What a pull request changes in the headline estimates, without a fit of the new pool.

The pool before is fitted once, in full but for cross-validation, bootstrap and refits. What the
changed creators exchange in it is exact in least squares, and one Newton step in Poisson fits.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from pipeline.dataset.pool import Pool, common_words, marked
from pipeline.estimate.cluster_robust import effective_creators, effective_dof, t_interval
from pipeline.estimate.grouping import Floats
from pipeline.inference.estimates import ENOUGH_CREATORS, FEWEST_EFFECTIVE
from pipeline.model.design import Design, design
from pipeline.model.questions import QUESTIONS, Model, Question
from pipeline.model.sample import ABSORBED, videos_with
from pipeline.model.variables import BEYOND, Variable
from pipeline.review.estimate_changes import Consequence, EstimateChange, Shown
from pipeline.review.incremental_fit import OPEN, After, View, exchange, fit_base, standard_errors

FIRST_REAL = "the first real creator: the simulated ones leave, and the report begins anew"
LAST_REAL = "the last real creator leaves, and the report is of simulated ones again"
NO_BEFORE = "there is no estimate yet ({why}); the next report tells whether there is one"
GIVEN = "the other lines give it"
CARRIED = "one creator alone carries it"
MOSTLY = "one creator carries most of it"
FAR = "its ratio runs beyond all bounds"
NEW = "it had no line of its own before"
GONE = "too few videos or creators tell of it now"
AGAINST = "it was compared with {before} before, and is with {after} now"
HEAVY = "these videos weigh too much in it for a preview: the next report tells"


@dataclass(frozen=True, slots=True)
class _Line:
    told: Shown | None
    why: str
    videos: int
    creators: int


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
    asked = _asked(before, old, changed).equals(_asked(after, new, changed))
    touched = bool(set_aside) or not asked
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
    found = exchange(base, new, changed | _moved(before, old, after, new), changed)
    if isinstance(found, str):
        return replace(plain, why=found.format(event=question.event))
    then, now = base.view.settled.whole.rows, found.view.settled.whole.rows
    return replace(
        plain,
        videos_before=int(then.sum()),
        videos_after=int(now.sum()),
        creators_before=len(then),
        creators_after=len(now),
        lines=tuple(_shifts(base.view, found)),
        approximate=touched and question.model is Model.POISSON,
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


def _lines(view: View) -> dict[Variable, _Line]:
    """Say what the report would publish of each headline variable, in the order of the question."""
    settled, variables = view.settled, view.design.variables
    error, effective = standard_errors(settled), effective_creators(settled.blocks)
    df = effective_dof(effective)
    interval = t_interval(settled.blocks.estimate, error, df)
    at = {j: i for i, j in enumerate(settled.ranks.kept)}
    videos = videos_with(view.design, view.rows)
    creators = settled.whole.varies[:, : len(variables)].sum(axis=0)
    found = {}
    for j in (j for j, variable in enumerate(variables) if variable.is_asked):
        counts, why, i = (int(videos[j]), int(creators[j])), _untold(view, j, effective), at.get(j)
        if why or i is None:
            found[variables[j]] = _Line(None, why, *counts)
            continue
        told = Shown(float(settled.blocks.estimate[i]))
        if creators[j] >= ENOUGH_CREATORS and error[i] > 0:
            ends = (float(interval.low[i]), float(interval.high[i]))
            told = Shown(told.estimate, float(error[i]), *ends, float(df[i]))
        found[variables[j]] = _Line(told, "", *counts)
    return found


def _untold(view: View, j: int, effective: Floats) -> str:
    """Say why the report has no estimate of variable j; "" where it has one."""
    settled, variable = view.settled, view.design.variables[j]
    if j in view.hidden:
        return view.hidden[j].format(event=view.design.question.event)
    if j not in settled.ranks.kept:
        return ABSORBED if j in settled.ranks.absorbed else GIVEN
    i = settled.ranks.kept.index(j)
    if abs(settled.blocks.estimate[i]) * variable.step > BEYOND:
        return FAR
    if settled.whole.varies[:, j].sum() == 1:
        return CARRIED
    return MOSTLY if effective[i] < FEWEST_EFFECTIVE else ""


def _shifts(base: View, found: After) -> Iterator[EstimateChange]:
    """Set the lines side by side: those of the new pool, then those that it has no more."""
    old, new = _lines(base), _lines(found.view)
    settled, variables = found.view.settled, found.view.design.variables
    at = {variables[j]: i for i, j in enumerate(settled.ranks.kept)}
    units = {(each.term, each.level): each.unit for each in old}
    nothing = _Line(None, "", 0, 0)
    for variable, now in new.items():
        then, i = old.get(variable, nothing), at.get(variable)
        if i is not None and now.why != CARRIED and found.is_rough(i):
            now = replace(now, told=None, why=HEAVY)
        was = units.get((variable.term, variable.level), variable.unit)
        other = "" if was == variable.unit else AGAINST.format(before=was, after=variable.unit)
        yield EstimateChange(
            variable, then.told, now.told,
            None if i is None or now.told is None else _number(found.without[i]),
            then.videos, now.videos, then.creators, now.creators,
            None if i is None else _number(found.weight[i]),
            now.why or other or then.why or ("" if then.told else NEW),
            is_unseen=now.why in (HEAVY, OPEN),
        )  # fmt: skip
    for variable, then in old.items():
        if not any((each.term, each.level) == (variable.term, variable.level) for each in new):
            counts = (then.videos, 0, then.creators, 0)
            yield EstimateChange(variable, then.told, None, None, *counts, None, then.why or GONE)


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
