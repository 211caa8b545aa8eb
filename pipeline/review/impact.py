"""What a pull request would change: the estimates, what a maintainer may ask, the author's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from pipeline.analysis.creators.summary import CreatorSummary, summarize
from pipeline.dataset.captures import nothing
from pipeline.dataset.check import Accepted
from pipeline.dataset.pool import Pool, pool
from pipeline.review.anomalies import Anomaly, Weight, detect
from pipeline.review.authorization import By
from pipeline.review.estimate_changes import Consequence
from pipeline.review.folder_changes import Folder, State
from pipeline.review.preview import preview
from pipeline.review.review_result import Conclusion, Review


@dataclass(frozen=True, slots=True)
class Impact:
    """What follows from a change whose data are accepted.

    `anomalies` are by creator; `summaries` too, for those who add or change videos of their own.
    `is_new`: all of it is of creators who had no folder before.
    """

    consequences: tuple[Consequence, ...]
    anomalies: tuple[tuple[str, Anomaly], ...]
    summaries: tuple[tuple[str, CreatorSummary], ...]
    is_new: bool

    @property
    def is_material(self) -> bool:
        """Return whether a reader of the report would notice."""
        return any(each.is_material for each in self.consequences)


def effect(review: Review, quarantine: Mapping[str, str]) -> Impact | None:
    """Tell the effect of a change to creators' folders; None where there is none, or it is refused.

    A stranger to a folder is not told what its videos say.
    """
    data = review.data
    if review.conclusion is not Conclusion.ACCEPTED or not review.folders:
        return None
    untouched = [name for name in data.unaccepted if name not in review.scope.creators]
    before = pool([*data.others, *data.before], quarantine, data.unaccepted)
    after = pool([*data.others, *data.after], quarantine, untouched)
    consequences = preview(before, after, review.scope.creators)
    present = [folder for folder in review.folders if folder.state is not State.WITHDRAWN]
    captures = {each.creator: each.captures for each in data.after}
    others = pd.concat([nothing(), *(_alike(data.others, after))], ignore_index=True)
    return Impact(
        consequences,
        tuple(
            (folder.creator, anomaly)
            for folder in present
            for anomaly in _anomalies(folder, captures, others, consequences)
        ),
        tuple(
            (folder.creator, summarize(after, folder.creator))
            for folder in present
            if folder.decision.by is not By.MAINTAINER
        ),
        all(folder.state is State.NEW for folder in review.folders),
    )


def _alike(others: Sequence[Accepted], after: Pool) -> list[pd.DataFrame]:
    """Give the captures of those who are in the pool: real ones are not held against simulated."""
    return [each.captures for each in others if each.profile.simulated != after.has_real]


def _anomalies(
    folder: Folder,
    captures: Mapping[str, pd.DataFrame],
    others: pd.DataFrame,
    consequences: Sequence[Consequence],
) -> tuple[Anomaly, ...]:
    mine, is_new = captures[folder.creator], folder.state is State.NEW
    theirs = pd.concat([others, *(c for name, c in captures.items() if name != folder.creator)])
    weights = [
        Weight(each.question.name, line.variable.name, line.weight, line.creators_before)
        for each in consequences
        for line in each.lines
        if line.weight is not None and line.after is not None
    ]
    return detect(theirs, mine, folder.creator, weights if len(captures) == 1 else (), is_new)
