"""A design's columns before rare levels are summed, by term and level, and the parts they make.

So the columns of two pools can be matched, whatever is rare, or the reference, in each.
"""

from dataclasses import dataclass

import numpy as np

from pipeline.estimate.grouping import Bools, Floats
from pipeline.estimate.update import Parts, count_parts, linear_parts
from pipeline.model.design import Design
from pipeline.model.variables import RARE


@dataclass(frozen=True, slots=True, eq=False)
class Encoding:
    """The columns (n, p) before rare levels are summed, references too, by term and level."""

    names: tuple[tuple[str, str], ...]
    columns: Floats
    weights: Floats


def raw_of(built: Design) -> Encoding:
    """Name the columns of a design; a reference is what the other levels of its term leave."""
    rare = {each.term: [level for level, _ in each.levels] for each in built.rare}
    names: dict[int, tuple[str, str]] = {}
    references: dict[str, str] = {}
    for variable, weights in zip(built.variables, built.weights.T, strict=True):
        levels = rare[variable.term] if variable.level == RARE else [variable.level]
        at = np.flatnonzero(weights).tolist()
        names |= {i: (variable.term, level) for i, level in zip(at, levels, strict=True)}
        if variable.reference:
            references[variable.term] = variable.reference
    named = sorted(names)
    columns, terms = built.columns[:, named], np.array([names[i][0] for i in named], dtype=object)
    rest = [1 - columns[:, terms == term].sum(axis=1) for term in references]
    return Encoding(
        (*(names[i] for i in named), *references.items()),
        np.column_stack([columns, *rest]),
        np.vstack([built.weights[named], np.zeros((len(rest), len(built.variables)))]),
    )


def parts_of(built: Design, raw: Encoding, rows: Bools, slopes: Floats, dispersion: float) -> Parts:
    """The parts of the creators of a design, made of some rows (n,), about `slopes` (p,)."""
    columns, outcome, group = raw.columns[rows], built.outcome[rows], built.group[rows]
    creators = len(built.creators)
    if not built.question.model.is_counted:
        return linear_parts(columns, outcome, group, creators, built.time[rows])
    return count_parts(columns, outcome, built.offset[rows], group, creators, slopes, dispersion)
