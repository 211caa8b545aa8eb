"""A question's arrays → a fit: which columns are identified, their estimates, and how well it fits.

The mathematics is in `estimate`; what may be published of an estimate is in `inference`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pipeline.estimate.cluster_robust import leave_one_out
from pipeline.estimate.collinearity import Rank, rank
from pipeline.estimate.cross_validation import out_of_sample, out_of_sample_counts
from pipeline.estimate.grouping import Floats
from pipeline.estimate.hc3 import hc3, hc3_refitted, residuals
from pipeline.estimate.jackknife_refits import leave_one_out_refits
from pipeline.estimate.linear import least_squares, residual_dof
from pipeline.estimate.nb2 import deviance
from pipeline.estimate.poisson_maximum import NotConverged
from pipeline.estimate.separation import Informative, Separation, informative, separated
from pipeline.estimate.states import states
from pipeline.estimate.weighted_counts import ReweightedFit, negative_binomial, reweighted
from pipeline.model import sample as samples
from pipeline.model.design import Design
from pipeline.model.fit_result import Fit, Withheld
from pipeline.model.product import product
from pipeline.model.questions import Model

FOLDS = 10
ONLY_VIDEO = "the creator's only video here"
NO_EVENTS = "none of the creator's videos got a {event}"
EXPLAINED = "no video of its kind got a {event}"
ALONE = "only {creator}'s videos can tell, and one creator cannot speak for the others"
MOST_REFITTED = 50  # creators, up to which counts are fitted again without each
TOO_FEW = "too few videos with a {event} count"
ALL_ALIKE = "no creator's {event} counts differ between videos that can be compared"
TOO_FAR = "too few videos for so many lines: the ratios run beyond all bounds"
NO_ERROR = "the {event} counts are met exactly, so no error can be worked out"
SILENT = "none of these videos got a {event}"
WIDEST = 30.0  # a log ratio between two videos of a creator that no data can tell
EXACT = 1e-10  # 1 - R² below which a fit has no error but rounding


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """A fit of the numbered `rows` (m,): why the others went, which variables are in."""

    apart: Separation
    informative: Informative
    rows: NDArray[np.int64]
    ranks: Rank
    fit: ReweightedFit


def fit(design: Design, factors: Sequence[Fit | Withheld] = ()) -> Fit | Withheld:
    """Fit one question; a fit that cannot be made is withheld, with the reason.

    `factors` are the fits of the factors of a product, where they are known already.
    """
    if design.positive_only and not len(design.rows):
        names = ", ".join(design.positive_only)
        why = f"followers of {names} were noted only when there were some: nobody can tell a rate"
        return Withheld(design, why, design.account)
    if not len(design.rows):
        return _withheld(design, TOO_FEW)
    fitted = _fitted(design, factors)
    if isinstance(fitted, Withheld):  # its rows have a reason too
        unused = {fitted.why: design.account.rows_used}
        return replace(fitted, account=samples.account(design, unused))
    return fitted


def _fitted(design: Design, factors: Sequence[Fit | Withheld]) -> Fit | Withheld:
    if not design.factors:
        return _counted(design) if design.question.model.is_counted else _linear(design)
    fits = []
    for each in factors or map(fit, design.factors):
        if isinstance(each, Withheld):
            return Withheld(design, each.why, design.account)
        fits.append(each)
    return product(design, fits)


def _withheld(design: Design, why: str) -> Withheld:
    return Withheld(design, _said(why, design), design.account)


def _said(why: str, design: Design) -> str:
    return why.format(event=design.question.event)


def _linear(design: Design) -> Fit | Withheld:
    k, trends = len(design.variables), int(design.trends.sum())
    columns = design.detrended(np.column_stack([design.x, design.outcome]))
    whole = states(columns, design.group)
    ranks = rank(whole, range(k))
    if residual_dof(whole, len(ranks.kept) + trends) <= 0:
        return _withheld(design, TOO_FEW)
    if not whole.varies[:, k].any():
        return _withheld(design, ALL_ALIKE)
    linear = least_squares(whole, k, ranks.kept, trends)
    used = np.isin(design.group, linear.kept)
    sample = samples.sample(design, np.flatnonzero(used), ranks)
    x, y, group = sample.x, sample.y, sample.group
    errors = residuals(x, y, group, linear.estimate)
    if min(float(errors @ errors), linear.ssr) < EXACT * float(whole.products[:, k, k].sum()):
        return _withheld(design, NO_ERROR)
    if withheld := _alone(design, linear.kept):
        return withheld
    one = linear.creators == 1
    left_out = None if one else leave_one_out(linear.blocks)
    return Fit(
        design=design,
        sample=sample,
        variables=tuple(design.variables[i] for i in ranks.kept),
        unidentified=samples.unidentified(design, ranks, used, ()),
        blocks=linear.blocks,
        within=hc3(x, errors) if one else None,
        left_out=left_out,
        refits=left_out,
        silent=(),
        varies_in=samples.carriers(design, used, ranks.kept),
        videos_with=samples.videos_with(design, used)[list(ranks.kept)],
        r2_within=linear.r2_within,
        rmse_log=float(np.sqrt(linear.ssr / linear.rows)),
        account=samples.account(design, {ONLY_VIDEO: linear.singletons}),
        noise=linear.ssr / linear.residual_dof,
    )


def _counted(design: Design) -> Fit | Withheld:
    counts = fit_counts(design)
    if isinstance(counts, str):
        return _withheld(design, counts)
    return _alone(design, counts.fit.kept) or _count_fit(design, counts)


def fit_counts(design: Design) -> Counts | str:
    """Fit a question of counts, and nothing else; in words, why that cannot be done."""
    x, y, group, offset = design.x, design.outcome, design.group, design.offset
    apart = separated(x, y, group)
    rows = np.flatnonzero(~apart.rows)
    informed = informative(y[rows], group[rows])
    rows = rows[informed.rows]
    if not len(rows):
        return TOO_FEW if y.any() else SILENT
    whole = states(np.column_stack([x, y])[rows], group[rows], len(design.creators))
    ranks = rank(whole, [i for i in range(x.shape[1]) if i not in apart.columns])
    if len(rows) <= len(ranks.kept) + len(np.unique(group[rows])):
        return TOO_FEW
    if not whole.varies[:, -1].any():
        return ALL_ALIKE
    solve = reweighted if design.question.model is Model.POISSON else negative_binomial
    fitted = solve(x[rows][:, ranks.kept], y[rows], group[rows], offset[rows])
    if isinstance(fitted, NotConverged) or is_too_far(fitted, x[rows][:, ranks.kept], group[rows]):
        return TOO_FAR
    if _is_exact(y[rows], group[rows], fitted):
        return NO_ERROR
    return Counts(apart, informed, rows, ranks, fitted)


def is_too_far(fitted: ReweightedFit, x: Floats, group: NDArray[np.int64]) -> bool:
    """Return whether videos of a creator are parted by more than any data can tell.

    The maximum is finite, for what separates is gone; but so near to infinity that nothing but a
    few videos and many variables put it there.
    """
    each = states((x @ fitted.estimate)[:, None], group)
    return bool((each.high - each.low).max() > WIDEST)


def _count_fit(design: Design, counts: Counts) -> Fit:
    rows, ranks, fitted = counts.rows, counts.ranks, counts.fit
    kept, one = list(ranks.kept), fitted.creators == 1
    sample, used = samples.sample(design, rows, ranks), np.isin(np.arange(len(design.group)), rows)
    x, y, group, offset = sample.x, sample.y, sample.group, sample.offset
    left_out = None if one else leave_one_out(fitted.blocks)
    few = 1 < fitted.creators <= MOST_REFITTED
    return Fit(
        design=design,
        sample=sample,
        variables=tuple(design.variables[i] for i in kept),
        unidentified=samples.unidentified(design, ranks, used, counts.apart.infinite),
        blocks=fitted.blocks,
        within=hc3_refitted(x, y, offset, fitted) if one else None,
        left_out=left_out,
        refits=leave_one_out_refits(x, y, group, offset, fitted) if few else left_out,
        silent=tuple(design.creators[i] for i in counts.informative.no_events),
        varies_in=samples.carriers(design, used, kept),
        videos_with=samples.videos_with(design, used)[kept],
        r2_within=_r2_within(y, group, offset, fitted),
        rmse_log=float(np.sqrt(np.mean((np.log1p(y) - np.log1p(fitted.fitted)) ** 2))),
        account=samples.account(design, _lost(design, counts)),
        dispersion=fitted.dispersion,
    )


def _lost(design: Design, counts: Counts) -> dict[str, int]:
    """Count the rows without a part in the fit, by reason."""
    apart, used = counts.apart, counts.informative
    return {
        _said(EXPLAINED, design): int(apart.rows.sum()),
        _said(NO_EVENTS, design): int(np.isin(design.group[~apart.rows], used.no_events).sum()),
        ONLY_VIDEO: len(used.singletons),
    }


def _r2_within(y: Floats, group: NDArray[np.int64], offset: Floats, fitted: ReweightedFit) -> float:
    """The share of the deviance from the creators' own levels that the variables take away."""
    levels = reweighted(np.empty((len(y), 0)), y, group, offset, dispersion=fitted.dispersion)
    if isinstance(levels, NotConverged):
        return float("nan")
    of_levels = deviance(y, levels.fitted, fitted.dispersion)
    return 1 - deviance(y, fitted.fitted, fitted.dispersion) / of_levels


def _is_exact(y: Floats, group: NDArray[np.int64], fitted: ReweightedFit) -> bool:
    """Return whether the counts are met but for rounding, by a constant rate for instance."""
    means = reweighted(np.empty((len(y), 0)), y, group, np.zeros(len(y)))
    if isinstance(means, NotConverged):
        return False
    return deviance(y, fitted.fitted, 0.0) < EXACT * deviance(y, means.fitted, 0.0)


def _alone(design: Design, kept: NDArray[np.int64]) -> Withheld | None:
    """Withhold what one creator of several would have to tell for all."""
    if len(kept) > 1 or design.pool_creators == 1:
        return None
    return Withheld(design, ALONE.format(creator=design.creators[kept[0]]), design.account)


def cv_rmse(fit: Fit) -> float | None:
    """The error of a fit on videos that it has not seen, in log(1 + outcome); None of a product."""
    if fit.factors:
        return None
    x, y, group, folds = fit.values, fit.sample.y, fit.sample.group, _folds(fit.sample.group)
    if not fit.design.question.model.is_counted:
        rows = np.searchsorted(fit.design.rows, fit.sample.rows)
        y, time = fit.design.outcome[rows], fit.design.time[rows]
        return out_of_sample(x, y, group, folds, time).rmse
    return out_of_sample_counts(x, y, group, fit.sample.offset, folds, fit.dispersion).rmse


def _folds(group: NDArray[np.int64]) -> NDArray[np.int64]:
    """Deal each creator's videos, in row order, to the folds in turn."""
    order = np.argsort(group, kind="stable")
    starts = np.searchsorted(group[order], group[order], side="left")
    folds = np.empty(len(group), dtype=np.int64)
    folds[order] = (np.arange(len(group)) - starts) % FOLDS
    return folds
