"""The videos with missing levers filled in several times over: multiple imputation.

Neither outcomes nor dates are imputed. How a chain of regressions runs is in `chains`.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from pipeline.analysis.robustness.coding import CodedColumn, lever, noted, own_means, standard
from pipeline.estimate.grouping import Floats, Ints
from pipeline.model.questions import Form, Term
from schema.columns import EARLIEST

FEWEST = 20  # videos; fewer tell nothing of a lever by the others
BEFORE, BETWEEN = 20, 10  # cycles until the first imputation, and from one to the next
PLACE = ("creator", "video")  # one row is there, whatever the order of rows
DATES = (Form.AGE, Form.QUARTER)

NOTHING_MISSING = "no lever is missing that anybody noted"
TOO_FEW = f"fewer than {FEWEST} videos are too few to guess a lever from the others"


def imputed(
    videos: pd.DataFrame, terms: Sequence[Term], outcome: str, times: int, seed: int
) -> tuple[pd.DataFrame, ...] | str:
    """Fill the missing cells of the columns that the terms use, `times` times; or say why not.

    Chained equations with predictive mean matching (van Buuren 2018, chapter 4): every filled cell
    is what some other video has. The same rows, in the same order, with the same types; nothing but
    missing cells differs. One chain: a larger `times` begins with the same frames. The order of the
    rows is of no account, for they are told apart by creator and label. Global random state is
    neither used nor touched: statsmodels takes a generator.

    A column is regressed on the logs of 1 + `outcome` (without it effects shrink: Moons et al.
    2006), of 1 + the outcome in units of the creator's mean, of which Poisson fits are made, and of
    1 + views; on age and day of posting, on all other columns in the form of their terms, and on
    what kind of creator it is. Many creators never note a column at all, so that indicators
    of creators cannot be told; in their place come the creator's means of the logs of outcome,
    views and duration (Mundlak 1978) and the creator's own mean of the column, where there is one.
    Without the latter, differences between creators would be drawn within them, too, and effects
    within creators would shrink.

    Dates are not filled: of a creator who notes none, nothing says when they posted. They are
    context, and stay `unknown`. A column that nobody noted stays empty.

    All of it supposes that what is missing is like what was noted, given these regressors. A
    creator who leaves out `is_duet` because they make none is given duets.

    Args:
        videos: one row a video that has the outcome, with the columns of the schema, and creator.
        terms: of the question; those of engagement are filled, too.
        outcome: the column that is explained.
        times: imputations.
        seed: of PCG64.

    Raises:
        ValueError: a missing outcome or count of views.
    """
    if bool(videos[[outcome, "views"]].isna().to_numpy().any()):
        raise ValueError(f"every video needs {outcome} and views: they are never imputed")
    order = _order(videos)
    rows = videos.iloc[order]
    group = pd.factorize(rows["creator"], sort=True)[0].astype(np.int64)
    used = {term.column: term for term in terms if term.form not in DATES}
    coded = {n: lever(rows[n], term) for n, term in used.items() if noted(rows[n], term).any()}
    gaps = {name: each for name, each in coded.items() if each.has_gaps}
    if not gaps or len(videos) < FEWEST:
        return TOO_FEW if gaps else NOTHING_MISSING
    from pipeline.analysis.robustness.chained_equations import (
        chain,  # statsmodels is slow to import
    )

    own = {name: own_means(_with_gaps(each), group) for name, each in gaps.items()}
    complete = [each.parts[each.at] for each in coded.values() if not each.has_gaps]
    whole = np.column_stack([_always(rows, outcome, group), *complete])
    rng = np.random.Generator(np.random.PCG64(seed))
    back = np.argsort(order, kind="stable")
    stops = chain(gaps, own, whole, (BEFORE, *[BETWEEN] * (times - 1)), rng)
    return tuple(_filled(videos, gaps, back, stop) for stop in stops)


def _order(videos: pd.DataFrame) -> Ints:
    """Positions (n,) of the rows by creator and label."""
    keys = videos[list(PLACE)].reset_index(drop=True)
    return np.asarray(keys.sort_values(list(PLACE), kind="stable").index, dtype=np.int64)


def _with_gaps(each: CodedColumn) -> Floats:
    return np.where((each.at < 0)[:, None], np.nan, each.parts[each.at])


def _always(rows: pd.DataFrame, outcome: str, group: Ints) -> Floats:
    """What is known of every video (n, q): an intercept, the counts, dates, and the creator."""
    logs = [_log(rows[name]) for name in (outcome, "views", "duration_s")]
    relative = np.log1p(_relative(rows[outcome].to_numpy(np.float64), group))
    counts = [standard(column, column) for column in (*logs[:2], relative)]
    creators = [own_means(column[:, None], group) for column in logs]
    age = _days(rows["captured_on"], rows["posted_on"])
    day = _days(rows["posted_on"], pd.Timestamp(EARLIEST))
    dates = _or_unknown(np.log(np.maximum(age, 1))), _or_unknown(day)
    return np.column_stack([np.ones(len(rows)), *counts, *creators, *dates])


def _relative(outcome: Floats, group: Ints) -> Floats:
    """The outcome (n,) in units of the creator's mean; 0 where all of theirs are 0."""
    means = (np.bincount(group, outcome) / np.bincount(group))[group]
    return np.divide(outcome, means, out=np.zeros_like(outcome), where=means > 0)


def _days(end: pd.Series, start: pd.Series | pd.Timestamp) -> Floats:
    return np.asarray((end - start).dt.days, dtype=np.float64)


def _log(values: pd.Series) -> Floats:
    raw = values.astype("Float64").to_numpy(np.float64, na_value=np.nan)
    logs: Floats = np.log1p(raw)
    return logs


def _or_unknown(numbers: Floats) -> Floats:
    """Numbers, the mean where they are absent, and the mark of their absence (n, 2)."""
    known = ~np.isnan(numbers)
    number = np.zeros(len(numbers))
    if known.any():
        number[known] = standard(numbers[known], numbers[known])
    return np.column_stack([number, ~known])


def _filled(
    videos: pd.DataFrame, gaps: Mapping[str, CodedColumn], back: Ints, stop: Mapping[str, Ints]
) -> pd.DataFrame:
    """Fill the gaps with the values at the positions where the chain stopped."""
    columns = {}
    for name, each in gaps.items():
        missing = (each.at < 0)[back]
        column = videos[name].array.copy()
        column[missing] = each.values.take(stop[name][back][missing])
        columns[name] = pd.Series(column, index=videos.index)
    return videos.assign(**columns)
