"""Which rows have no part in a question, and why."""

import numpy as np
import pandas as pd

from pipeline.estimate.grouping import Bools, Floats
from pipeline.model.dominant_rows import QuestionRows, deciding
from pipeline.model.questions import Model, Question
from pipeline.model.terms import Values, logs
from schema.capture_rules import YOUNGEST
from schema.positive_only import positive_only

FOLLOWERS = "new_followers"  # the outcome that may be noted when it is positive only
# Of counts, by which a row is judged before the fit: NB2 of followers at the same views spreads
# like this in the accounts that are known.
DISPERSION = {Model.POISSON: 0.0, Model.NEGATIVE_BINOMIAL: 1.0}

NO_OUTCOME = "no follower count"
NO_VIEWS = "no views, so nobody who could follow"
TOO_YOUNG = f"captured less than {YOUNGEST} days after posting"
DOMINANT = "it alone would decide too much of the answer"
POSITIVE_ONLY = "followers were noted only when there were some"


def exclusions(videos: pd.DataFrame, question: Question) -> Values:
    """Say of each row why it has no part in the question, "" where it has; the last rule wins."""
    reasons = np.full(len(videos), "", dtype=object)
    if question.exposure:
        reasons[(videos[question.exposure] == 0).to_numpy(np.bool_, na_value=False)] = NO_VIEWS
    known = videos[question.outcome].notna().to_numpy()
    if question.outcome == FOLLOWERS:
        reasons[_positive_only(videos) & known] = POSITIVE_ONLY
    age = (videos["captured_on"] - videos["posted_on"]).dt.days
    reasons[(age < YOUNGEST).to_numpy()] = TOO_YOUNG
    reasons[~known] = NO_OUTCOME
    usable = np.flatnonzero(reasons == "")
    alone = videos["creator"].nunique() == 1
    reasons[usable[_dominant(videos.iloc[usable], question, is_alone=alone)]] = DOMINANT
    return reasons


def _dominant(videos: pd.DataFrame, question: Question, *, is_alone: bool) -> Bools:
    """Mark the rows, of those that the question can use, that would decide it alone."""
    rows = QuestionRows(
        logs(videos, question.terms),
        outcome_of(videos, question),
        np.exp(offset_of(videos, question)),
        np.unique(videos["creator"].to_numpy(dtype=object), return_inverse=True)[1].astype(
            np.int64
        ),
        DISPERSION.get(question.model),
    )
    return deciding(rows, is_alone=is_alone)


def _positive_only(videos: pd.DataFrame) -> Bools:
    """Mark the rows (n,) of creators who noted new followers only where there were some."""
    group = pd.factorize(videos["creator"])[0].astype(np.int64)
    followers = videos[FOLLOWERS].to_numpy(np.float64, na_value=np.nan)
    marked: Bools = positive_only(followers, group)[group]
    return marked


def outcome_of(videos: pd.DataFrame, question: Question) -> Floats:
    """The outcome (n,) as it is fitted: a count, or the log of 1 + it."""
    outcome = videos[question.outcome].to_numpy(np.float64)
    return outcome if question.model.is_counted else np.log1p(outcome)


def offset_of(videos: pd.DataFrame, question: Question) -> Floats:
    """The log of the exposure (n,); 0 where the question has none."""
    if not question.exposure:
        return np.zeros(len(videos))
    logs: Floats = np.log(videos[question.exposure].to_numpy(np.float64))
    return logs
