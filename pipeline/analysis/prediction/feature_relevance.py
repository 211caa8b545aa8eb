"""Which terms a forest finds of use beside their own shuffled copies (Kursa & Rudnicki 2010)."""

from typing import Any

import numpy as np
from numpy.random import PCG64, Generator

from pipeline.analysis.prediction.features import term_columns
from pipeline.analysis.prediction.folds import PredictionSample
from pipeline.analysis.prediction.models import Effort
from pipeline.analysis.prediction.tables import BEFORE, NOT_RELEVANT, RELEVANT, TENTATIVE, Relevance
from pipeline.analysis.prediction.trees import COLUMNS_TRIED, LEAST_LEAF, MOST_ROWS, SEED
from pipeline.estimate.grouping import Floats, Ints

FEWEST_VIDEOS = 20
LEVEL = 0.05
SMALLEST = 1e-300


def relevance(sample: PredictionSample, known: str, effort: Effort) -> tuple[Relevance, ...]:
    """Judge each term of a state of knowledge; nothing, where there are too few videos.

    In each round every term has a shadow, itself shuffled within creators, and a random forest on
    all of them fits log(1 + followers) less the creator's mean. A term has a hit where its
    importance (`tree_importance`, as a share of the variance) is above the best shadow's. Hits are
    judged by a two-sided binomial test at one half, times the number of terms: many hits say
    "relevant", few "not told from noise", else "tentative".

    Importance is not an effect. It has no sign and no unit; a term takes credit for what goes with
    it, and shares it with terms that say the same; and "not told from noise" says that a forest on
    these videos finds no more in it than in noise, not that it does nothing. Rounds share their
    videos: the test says how sure the forest is of these videos, not of others, and of a dozen
    noise terms one may be taken for relevant by its chance association. What happens after posting
    is a sign, not advice.
    """
    rows = _rows(sample, known)
    if rows is None:
        return ()
    terms, columns, target, group = rows
    mine, shadows = np.empty((2, effort.rounds, len(terms)))
    draws = Generator(PCG64(SEED))
    for r in range(effort.rounds):
        both = np.column_stack([columns, shuffled(columns, group, draws)])
        shares = _importance(both, target, SEED + r, effort.shadow_trees)
        mine[r], shadows[r] = shares[: len(terms)], shares[len(terms) :].max()
    hits = (mine > shadows).sum(axis=0)
    return tuple(
        _row(known, term, int(hits[j]), mine[:, j], shadows[:, j], len(terms))
        for j, term in enumerate(terms)
    )


def _rows(sample: PredictionSample, known: str) -> tuple[list[str], Floats, Floats, Ints] | None:
    """The terms that vary, their columns, the target and the creators, of creators with videos."""
    counts = np.bincount(sample.group)
    kept = counts[sample.group] > 1
    group = sample.group[kept]
    logs = np.log1p(sample.followers[kept])
    target = logs - (np.bincount(group, logs, len(counts)) / counts)[group]
    encoding = sample.levers if known == BEFORE else sample.signals
    columns = {term: column[kept] for term, column in term_columns(encoding).items()}
    terms = [term for term, column in columns.items() if len(np.unique(column)) > 1]
    if len(group) < FEWEST_VIDEOS or not terms or not target.any():
        return None
    return terms, np.column_stack([columns[term] for term in terms]), target, group


def shuffled(columns: Floats, group: Ints, draws: Generator) -> Floats:
    """Shuffle each column (n, p) by itself among the rows of each creator."""
    order = np.argsort(group, kind="stable")
    copies = np.empty_like(columns)
    for j in range(columns.shape[1]):
        within = np.lexsort((draws.random(len(group)), group))
        copies[order, j] = columns[within, j]
    return copies


def _importance(columns: Floats, target: Floats, seed: int, trees: int) -> Floats:
    """The mean over the trees of a forest of `tree_importance` (p,), over the target's variance."""
    from sklearn.ensemble import RandomForestRegressor

    model = RandomForestRegressor(
        n_estimators=trees,
        min_samples_leaf=LEAST_LEAF,
        max_features=COLUMNS_TRIED,
        max_samples=MOST_ROWS if len(columns) > MOST_ROWS else None,
        random_state=seed,
        n_jobs=1,
    )
    model.fit(columns, target)
    single = np.ascontiguousarray(columns, dtype=np.float32)  # what trees compare
    total = np.zeros(columns.shape[1])
    for tree, drawn in zip(model.estimators_, model.estimators_samples_, strict=True):
        fresh = np.setdiff1d(np.arange(len(target)), drawn)
        fresh = fresh[:: 1 + len(fresh) // MOST_ROWS]
        total += tree_importance(tree, single[fresh], target[fresh])
    return total / trees / max(float(target.var()), SMALLEST)


def tree_importance(tree: Any, columns: Floats, target: Floats) -> Floats:
    """What the splits on each column (p,) explain of videos that the tree was not grown on.

    The mean of the target times the change of the tree's mean at the splits on the column that a
    video passes (Li, Wang, Basu, Kumbier & Yu 2019, MDI-oob). A column that says nothing has 0 on
    average, however many splits it offers; on the tree's own videos it would have the more, the
    more values it has.
    """
    from scipy.sparse import csr_array

    grown = tree.tree_
    split = np.flatnonzero(grown.children_left >= 0)
    children = np.concatenate([grown.children_left[split], grown.children_right[split]])
    parents = np.tile(split, 2)
    means = grown.value[:, 0, 0]
    shape = (grown.node_count, columns.shape[1])
    places = (children, grown.feature[parents])
    moves = csr_array((means[children] - means[parents], places), shape=shape)
    passed = tree.decision_path(columns, check_input=False)
    weights: Floats = csr_array(passed).T @ target @ moves / max(len(target), 1)
    return weights


def _row(known: str, term: str, hits: int, mine: Floats, shadow: Floats, terms: int) -> Relevance:
    from scipy.stats import binomtest

    rounds = len(mine)
    p_value = min(float(binomtest(hits, rounds).pvalue) * terms, 1.0)
    majority = RELEVANT if 2 * hits > rounds else NOT_RELEVANT
    return Relevance(
        known=known,
        term=term,
        hits=hits,
        rounds=rounds,
        importance=float(np.median(mine)),
        shadow=float(np.median(shadow)),
        p_value=p_value,
        verdict=majority if p_value < LEVEL else TENTATIVE,
    )
