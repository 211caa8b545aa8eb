"""What an analysis does to the videos before anything is estimated: zeros, blanks, top videos."""

from collections.abc import Sequence

import pandas as pd

from pipeline.model.questions import Form, Question, Term
from schema.columns import BY_NAME, Kind
from schema.row_rules import zero_watched
from schema.zero_rules import NOT_SHOWN, doubtful_runs, is_all_zero

RARE_SHARE = 0.02  # of the videos: what was rarer was deleted in 2022
WORDS_OF_2022 = ("category", "subject")
HALF = 0.5  # of the videos: a column that fewer have noted asks nothing of complete cases
MANY_VIEWS = 5000  # from which on 0 followers may be a blank
EVERYONE = "everyone"  # who made all videos, where creators are of no account
USES = {Form.AGE: ("captured_on", "posted_on")}  # columns that a term takes, besides its own


def suspicious(videos: pd.DataFrame) -> pd.DataFrame:
    """Mark the zeros of `NOT_SHOWN` that may be blanks, (n, 3), by name.

    0 followers at 5,000 views or more, 0 % watched to the end at 50 views or more, a creator's
    column that is 0 throughout, and a run of 0 followers too long for chance.
    """
    marks = pd.DataFrame(data=False, index=videos.index, columns=list(NOT_SHOWN))
    is_odd = (videos["new_followers"] == 0) & (videos["views"] >= MANY_VIEWS)
    marks["new_followers"] |= is_odd.fillna(value=False).astype(bool)
    for finding in zero_watched.find(videos):
        marks.loc[finding.line, finding.column] = True
    for _, mine in videos.groupby("creator", sort=True):
        for name in NOT_SHOWN:
            if is_all_zero(mine[name]):
                marks.loc[mine.index[mine[name].notna()], name] = True
        for run in doubtful_runs(mine).values():
            marks.loc[run, "new_followers"] = True
    return marks


def without_zeros(videos: pd.DataFrame, marks: pd.DataFrame) -> pd.DataFrame:
    """Empty the marked cells."""
    return videos.assign(**{name: videos[name].mask(marks[name]) for name in NOT_SHOWN})


def blanks_as_zeros(videos: pd.DataFrame, question: Question) -> pd.DataFrame:
    """Read every blank that TikTok left, of what the question uses, as 0: the zero trap."""
    used = {question.outcome, *(term.column for term in question.terms)}
    names = [name for name in NOT_SHOWN if name in used]
    return videos.assign(**{name: videos[name].fillna(0) for name in names})


def without_top(videos: pd.DataFrame) -> pd.DataFrame:
    """Leave out each creator's video with the most views; of equals, the last by label."""
    top = videos.sort_values(["creator", "views", "video"]).groupby("creator").tail(1)
    return videos[~videos.index.isin(top.index)]


def columns_of(term: Term) -> tuple[str, ...]:
    """The columns of the data that a term is made of."""
    return USES.get(term.form, (term.column,))


def complete(videos: pd.DataFrame, terms: Sequence[Term]) -> pd.DataFrame:
    """Keep the videos in which nothing is missing of what at least half of the videos have noted.

    Columns are optional, and creators differ in which they keep: videos with all of them are few,
    and of a few creators. What is noted more rarely keeps its level `unknown`.
    """
    names = sorted({name for term in terms for name in columns_of(term)})
    noted = [name for name in names if videos[name].notna().mean() >= HALF]
    return videos[videos[noted].notna().all(axis=1)]


def as_in_2022(videos: pd.DataFrame, question: Question) -> pd.DataFrame:
    """Treat the videos as the post of 2022 treated its own, and forget who made them.

    Videos with a category or subject that fewer than 2 % have are deleted. Then blanks are filled,
    the outcome's too: words, flags and followers with the commonest value, zeros among them as
    values, other numbers with the mean, hours too with the commonest. A column without any value
    stays empty.
    """
    kept = videos
    for name in WORDS_OF_2022:
        share = kept[name].map(kept[name].value_counts(normalize=True))
        kept = kept[~(share < RARE_SHARE).fillna(value=False).astype(bool)]
    names = {name for term in question.terms for name in columns_of(term)} | {question.outcome}
    words = {term.column for term in question.terms if term.form is Form.HOURS}
    counted = words | {question.outcome}
    filled = {name: _filled(kept[name], is_word=name in counted) for name in sorted(names)}
    return kept.assign(creator=EVERYONE, **filled)


def _filled(values: pd.Series, *, is_word: bool) -> pd.Series:
    """Fill blanks with the mean of a number, the commonest value of a word and all else."""
    if not values.notna().any():
        return values
    column = BY_NAME[str(values.name)]
    if column.kind in (Kind.WHOLE, Kind.DECIMAL) and not is_word:
        return values.astype("Float64").fillna(float(values.mean()))
    return values.fillna(values.mode().iloc[0])
