"""Error on unseen videos against refits on the training rows with dummies."""

import math

import numpy as np
import pytest
import statsmodels.api as sm

from pipeline.estimate.cross_validation import out_of_sample, out_of_sample_counts
from pipeline.estimate.poisson import poisson
from pipeline.estimate.poisson_maximum import NotConverged


def sample() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(8)
    group = np.repeat(np.arange(6), [50, 30, 20, 9, 3, 2])
    x = rng.normal(size=(len(group), 3)) + 1e6 * group[:, None]
    y = x @ [1.0, -0.5, 0.0] + rng.normal(size=len(group))
    folds = np.concatenate([np.arange(count) % 5 for count in np.bincount(group)])
    return x, y, group, folds


def refitted(x, y, group, folds) -> list[float]:
    """Errors by least squares with a dummy per creator, columns centred roughly for the solver."""
    design = np.column_stack([x - 1e6 * group[:, None], np.eye(group.max() + 1)[group]])
    target = y - 1e6 * 0.5 * group
    errors = []
    for fold in np.unique(folds):
        train = folds != fold
        beta = np.linalg.lstsq(design[train], target[train], rcond=1e-10)[0]
        scored = ~train & np.isin(group, group[train])
        errors += list(target[scored] - design[scored] @ beta)
    return errors


def rmse(errors: list[float]) -> float:
    return math.sqrt(sum(e * e for e in errors) / len(errors))


def test_refits_with_dummies_agree():
    x, y, group, folds = sample()
    got = out_of_sample(x, y, group, folds)
    errors = refitted(x, y, group, folds)
    assert (got.scored, got.unscored) == (len(errors), 0)
    assert got.rmse == pytest.approx(rmse(errors), rel=1e-8)


def test_lines_in_time_are_refitted_without_the_videos_held_out():
    x, y, group, folds = sample()
    rng = np.random.default_rng(9)
    day = np.where(np.isin(group, [0, 2, 3]), rng.integers(0, 300, len(y)), 0).astype(float)
    grown = y + 0.05 * day
    lines = [np.where(group == g, day / 100, 0.0) for g in (0, 2, 3)]
    got = out_of_sample(x, grown, group, folds, day)
    errors = refitted(
        np.column_stack([x, *(line + 1e6 * group for line in lines)]), grown, group, folds
    )
    assert (got.scored, got.unscored) == (len(errors), 0)
    assert got.rmse == pytest.approx(rmse(errors), rel=1e-8)


def test_rows_of_creators_outside_the_training_part_are_counted():
    x, y, group, folds = sample()
    folds[group == 4] = 2
    got = out_of_sample(x, y, group, folds)
    assert (got.scored, got.unscored) == (len(y) - 3, 3)
    assert got.rmse == pytest.approx(rmse(refitted(x, y, group, folds)), rel=1e-8)


def test_a_column_that_a_training_part_cannot_identify_counts_for_nothing_there():
    x, y, group, folds = sample()
    once = (np.arange(len(y)) == 7).astype(float)  # identified only where row 7 is in training
    whole = np.column_stack([x, once])
    got = out_of_sample(whole, y, group, folds)
    held_out = folds == folds[7]
    with_it, without = (out_of_sample(v, y, group, folds) for v in (whole[:, :3], x))
    assert with_it == without
    apart = [out_of_sample(whole, y, group, np.where(held_out, 0, 1 + folds))]
    assert got.scored == apart[0].scored
    # row 7 in training is fitted perfectly, so the folds with it are those without the row
    rest = np.arange(len(y)) != 7
    others = refitted(x[rest], y[rest], group[rest], np.where(held_out, -1, folds)[rest])
    train = ~held_out
    own = refitted(x, y, group, np.where(train, 1, 0))[: held_out.sum()]
    others = others[held_out.sum() - 1 :]
    assert got.rmse == pytest.approx(rmse(own + others), rel=1e-6)


def test_order_of_rows_and_names_of_folds_do_not_matter():
    x, y, group, folds = sample()
    shuffled = np.random.default_rng(0).permutation(len(y))
    one = out_of_sample(x, y, group, folds)
    other = out_of_sample(x[shuffled], y[shuffled], group[shuffled], 10 * folds[shuffled] + 3)
    assert other.rmse == pytest.approx(one.rmse, rel=1e-12)


@pytest.mark.parametrize("rows", [0, 3, 6])
def test_too_little_to_train_on_scores_nothing(rows):
    x, y, group, folds = (v[:rows] for v in sample())
    got = out_of_sample(x, y, group, np.minimum(folds, 1))
    assert math.isnan(got.rmse)
    assert (got.scored, got.unscored) == (0, rows)


def test_one_fold_has_nothing_to_train_on():
    x, y, group, folds = sample()
    assert out_of_sample(x, y, group, 0 * folds).unscored == len(y)


Events = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def events(seed: int) -> Events:
    """Overdispersed events of unbalanced creators: x, y, group, offset, folds."""
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(6), [50, 30, 20, 9, 3, 2])
    n = len(group)
    x, offset = rng.normal(size=(n, 3)), rng.normal(size=n)
    x[:, 0] = x[:, 0] > 0.5
    y = rng.poisson(np.exp(x @ [0.7, -0.4, 0.2] + offset) * rng.gamma(1, 1, n)).astype(float)
    y[group == 3] = 0
    y[group == 5] = [2, 3]
    folds = np.concatenate([np.arange(count) % 5 for count in np.bincount(group)])
    return x, y, group, offset, folds


def predicted(x, y, group, offset, folds, labels=range(5)) -> list[float]:
    """Errors in log(1 + events) by a GLM with a dummy per creator who has events in training."""
    design = np.column_stack([x, np.eye(group.max() + 1)[group]])
    errors = []
    for fold in labels:
        train = folds != fold
        with_events = np.unique(group[train & (y > 0)])
        columns = [*range(x.shape[1]), *(x.shape[1] + with_events)]
        rows = np.flatnonzero(train & np.isin(group, with_events))
        family, options = sm.families.Poisson(), {"tol": 1e-14, "tol_criterion": "params"}
        glm = sm.GLM(y[rows], design[rows][:, columns], family, offset[rows])
        beta = glm.fit(maxiter=100, **options).params
        for row in np.flatnonzero(~train & np.isin(group, group[train])):
            seen = group[row] in with_events
            mean = seen * math.exp(design[row, columns] @ beta + offset[row])
            errors.append(math.log1p(y[row]) - math.log1p(mean))
    return errors


@pytest.mark.parametrize("columns", [3, 0])
@pytest.mark.parametrize("with_offset", [True, False])
@pytest.mark.parametrize("seed", [1, 2])
def test_glms_with_dummies_agree(columns, with_offset, seed):
    x, y, group, offset, folds = events(seed)
    each = (x[:, :columns], y, group, offset * with_offset, folds)
    got, errors = out_of_sample_counts(*each), predicted(*each)
    assert (got.scored, got.unscored) == (len(errors), 0)
    assert got.rmse == pytest.approx(rmse(errors), rel=1e-8)


@pytest.mark.parametrize("dispersion", [0.05, 0.8, 20.0])
def test_slopes_at_a_dispersion_are_those_of_glms_with_dummies(dispersion):
    """Levels are those that make the fitted events of a creator in training sum to the events."""
    x, y, group, offset, folds = events(1)
    design, errors = np.column_stack([x, np.eye(6)[group]]), []
    for fold in range(5):
        train = folds != fold
        with_events = np.unique(group[train & (y > 0)])
        rows = np.flatnonzero(train & np.isin(group, with_events))
        family = sm.families.NegativeBinomial(alpha=dispersion)
        glm = sm.GLM(y[rows], design[rows][:, [0, 1, 2, *(3 + with_events)]], family, offset[rows])
        slopes = glm.fit(maxiter=200, tol=1e-14, tol_criterion="params").params[:3]
        mean = np.exp(x @ slopes + offset)
        level = np.bincount(group[train], y[train], 6) / np.bincount(group[train], mean[train], 6)
        errors += list((np.log1p(y) - np.log1p(mean * level[group]))[~train])
    got = out_of_sample_counts(x, y, group, offset, folds, dispersion)
    assert (got.scored, got.unscored) == (len(y), 0)
    assert got.rmse == pytest.approx(rmse(errors), rel=1e-8)
    assert got.rmse != pytest.approx(
        out_of_sample_counts(x, y, group, offset, folds).rmse, rel=1e-4
    )


def test_own_means_by_hand():
    y = np.array([4.0, 2, 0, 0, 0, 3, 5])
    group = np.array([0, 0, 0, 1, 1, 1, 2])
    folds = np.array([0, 1, 1, 1, 1, 0, 0])
    got = out_of_sample_counts(np.empty((7, 0)), y, group, np.zeros(7), folds)
    # fold 0 held out: 0 has mean 1, 1 none, 2 no row; fold 1 held out: means 4 and 3
    logs = [math.log(5 / 2), math.log(4), math.log(3 / 5), -math.log(5), *[-math.log(4)] * 2]
    assert (got.scored, got.unscored) == (6, 1)
    assert got.rmse == pytest.approx(rmse(logs), rel=1e-12)


def test_events_follow_the_offset():
    """With a rate per unit of exposure that is the same everywhere nothing is left to err."""
    exposure = np.array([1.0, 2, 5, 10, 3e5, 3e8])
    got = out_of_sample_counts(
        np.empty((6, 0)), 7 * exposure, np.array([0, 0, 0, 0, 1, 1]), np.log(exposure), np.arange(6)
    )
    assert got.scored == 6
    assert got.rmse == pytest.approx(0, abs=1e-12)


def test_a_column_that_has_no_finite_coefficient_in_training_counts_for_nothing_there():
    x, y, group, offset, folds = events(3)
    flag = (y == 0) & (np.arange(len(y)) % 2 == 0) & (folds != 0)
    flag[np.flatnonzero((folds == 0) & (y > 0))[:3]] = True  # events with the flag are in fold 0
    whole = (np.column_stack([x, flag]), y, group, offset, folds)
    got = out_of_sample_counts(*whole)
    assert (got.scored, got.unscored) == (len(y), 0)
    train = folds != 0
    kept = train & ~flag & np.isin(group, group[train & (y > 0)])  # without what the flag explains
    fit = poisson(x[kept], y[kept], group[kept], offset[kept])
    mean = np.exp(x @ fit.estimate + offset)
    level = np.bincount(group[train], y[train]) / np.bincount(group[train], mean[train])
    errors = list((np.log1p(y) - np.log1p(mean * level[group]))[~train])
    errors += predicted(*whole, range(1, 5))
    assert got.rmse == pytest.approx(rmse(errors), rel=1e-8)


def test_a_fold_whose_training_rows_do_not_converge_is_not_scored():
    x = np.array([0, 1e-13, -1, -1, 0, 0.3, 0.7, 1.0])  # a maximum too far off to be told
    y = np.array([2.0, 1, 0, 0, 1, 2, 0, 3])
    group, offset = np.repeat([0, 1], 4), np.zeros(8)
    assert isinstance(poisson(x[:4, None], y[:4], group[:4], offset[:4]), NotConverged)
    got = out_of_sample_counts(x[:, None], y, group, offset, group)
    assert (got.scored, got.unscored) == (0, 8)
    group[:] = 0
    folds = np.arange(8) // 4
    got = out_of_sample_counts(x[:, None], y, group, offset, folds)
    assert (got.scored, got.unscored) == (4, 4)


@pytest.mark.parametrize("rows", [0, 3, 6])
def test_too_few_events_to_train_on_score_nothing(rows):
    each = tuple(v[:rows] for v in events(4))
    got = out_of_sample_counts(*each[:4], np.minimum(each[4], 1))
    assert got.scored + got.unscored == rows
    assert out_of_sample_counts(*each[:4], 0 * each[4]).unscored == rows
