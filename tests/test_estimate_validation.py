"""Error on unseen videos against refits on the training rows with dummies."""

import math

import numpy as np
import pytest

from pipeline.estimate.validation import out_of_sample


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
