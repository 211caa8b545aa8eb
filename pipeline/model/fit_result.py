"""What a fit leaves: its sample and variables, what inference needs, what it could not tell."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from pipeline.dataset.pool import Account
from pipeline.estimate.cluster_robust import Blocks, LeaveOneOut
from pipeline.estimate.grouping import Bools, Floats
from pipeline.estimate.hc3 import HC3
from pipeline.model.design import Design
from pipeline.model.reasons import Reason
from pipeline.model.variables import Variable

S = TypeVar("S", np.bool_, np.float64)


@dataclass(frozen=True, slots=True)
class Unidentified:
    """A variable that the data cannot tell, why, and the videos and creators that have it.

    One without a finite estimate may be among the variables of the fit all the same: there it
    stands for a difference from another that has none either.
    """

    variable: Variable
    reason: Reason
    why: str
    videos: int
    creators: int


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """What was fitted: x (n, k) of `variables`, y, offset and group (n,), in row order.

    Of creators with a trend in time, x and y are what the trend leaves.
    `rows` (n,) are the rows of the pool's videos.
    """

    x: Floats
    y: Floats
    offset: Floats
    group: NDArray[np.int64]
    rows: NDArray[np.int64]
    creators: tuple[str, ...]

    @property
    def creators_with_rows(self) -> int:
        """How many creators have a row; of a product some may have a part in one factor only."""
        return len(np.unique(self.group))


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A fitted question: k variables, G creators, n videos.

    `varies_in` (k,) counts the creators who have what each variable compares, and what it is not,
    or within whom a number varies; `videos_with` (k,) the
    videos that have the level, or where the number was noted. `within` is set for one creator,
    `left_out`, the estimates without each creator in turn, for more: exact in least squares, one
    Newton step else, of which the errors are made. `refits` are full fits without each creator, up
    to fifty; they say where an estimate goes, and whether there is one. `silent` are the creators
    who left because none of their videos has an event.
    `noise` is the residual variance of least squares, 1 elsewhere, and `dispersion` a of the
    variance μ + a μ² of counts, 0 elsewhere.

    A product has its `factors`; its sample is that of the last, with the creators of both, and how
    well it fits is told of the factors.
    """

    design: Design
    sample: Sample
    variables: tuple[Variable, ...]
    unidentified: tuple[Unidentified, ...]
    blocks: Blocks
    within: HC3 | None
    left_out: LeaveOneOut | None
    refits: LeaveOneOut | None
    silent: tuple[str, ...]
    varies_in: NDArray[np.int64]
    videos_with: NDArray[np.int64]
    r2_within: float
    rmse_log: float
    account: Account
    noise: float = 1.0
    dispersion: float = 0.0
    factors: tuple["Fit", ...] = ()

    @property
    def has(self) -> Bools:
        """Which rows of the sample have what a variable compares (n, k)."""
        return self._of_sample(self.design.has)

    @property
    def values(self) -> Floats:
        """The columns (n, k) of the sample as they were before trends left them."""
        return self._of_sample(self.design.x)

    def _of_sample(self, whole: NDArray[S]) -> NDArray[S]:
        rows = np.searchsorted(self.design.rows, self.sample.rows)
        columns = [self.design.variables.index(each) for each in self.variables]
        return whole[rows][:, columns]


@dataclass(frozen=True, slots=True, eq=False)
class Withheld:
    """A question that is not answered, and why."""

    design: Design
    why: str
    account: Account
