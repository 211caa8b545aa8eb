"""From accepted folders to one row a video, and an account of every row that is not among them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from pipeline.dataset.captures import nothing
from pipeline.dataset.check import Accepted
from schema.capture_rules import YOUNGEST
from schema.creator import EXAMPLE

MOST_WORDS = 60  # of `subject`, the one column of free words, that are levels of a model
SELDOM = "subject_seldom"
NEAREST_DAYS = 28  # the age at which the counts of all videos are compared

EARLY = "read in the first week after posting"
OLDER = "another capture of the same video counts"
PROMOTED = "paid promotion was used"
QUARANTINED = "the maintainers set the creator aside"
NOT_IN_MODEL = "the creator asked to stay out of the models"


@dataclass(frozen=True, slots=True)
class Account:
    """Where the rows went: `rows_in` = `rows_used` + the sum of `left_out`, by reason."""

    rows_in: int
    rows_used: int
    left_out: tuple[tuple[str, int], ...]

    @classmethod
    def from_reasons(cls, rows_in: int, reasons: Iterable[str]) -> "Account":
        """Count the reasons; every row without one is used."""
        counts = pd.Series(list(reasons), dtype="object").value_counts()
        left_out = tuple(sorted((str(reason), int(n)) for reason, n in counts.items()))
        return cls(rows_in, rows_in - int(counts.sum()), left_out)


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """The pooled data set.

    `videos` has one row a video, sorted by creator, file and line: `creator`, `file`, `line`,
    `video_no` (a running number within the creator, in place of the label), the columns of the
    schema, and `subject_seldom`, whether the word is none of the most common ones. `captures` has
    every row that was considered, with `left_out` (empty where it is used). `has_real`: a real
    creator's folder is there, though it may be that none of its rows is used.
    """

    videos: pd.DataFrame
    captures: pd.DataFrame
    account: Account
    simulated: bool
    set_aside: int  # simulated creators who left because real ones are there
    has_real: bool = False

    @property
    def creators(self) -> tuple[str, ...]:
        """The creators with a video in the pool, by name."""
        return tuple(self.videos["creator"].unique().tolist())


def pool(
    accepted: Sequence[Accepted], quarantine: Mapping[str, str], others: Collection[str] = ()
) -> Pool:
    """Pool what was accepted: real creators only, or simulated ones while there is no real one.

    A real folder keeps the simulated ones out whether or not its rows are used: also if it is set
    aside, stays out of the models, or is among the `others`, the creators whose folder is there
    and was not accepted. What one capture of a video says of its posting holds for all of them:
    the day, and paid promotion. The order of creators, files and rows is of no account.
    """
    real = [each for each in accepted if not each.profile.simulated]
    has_real = bool(real) or not all(name.startswith(EXAMPLE) for name in others)
    considered = real if has_real else list(accepted)
    reasons = {each.creator: _reason(each, quarantine) for each in considered}
    captures = pd.concat([nothing(), *(each.captures for each in considered)], ignore_index=True)
    captures = captures.sort_values(["creator", "file", "line"], ignore_index=True)
    by_video = captures.groupby(["creator", "video"], sort=False)
    captures = captures.assign(posted_on=by_video["posted_on"].transform("min"))
    first = by_video.ngroup()
    number = first - first.groupby(captures["creator"]).transform("min") + 1
    left_out = captures["creator"].map(reasons).astype("object")
    left_out = left_out.mask((left_out == "") & ~chosen(captures), OLDER)
    paid = captures["is_promoted"].fillna(value=False).astype(bool)
    promoted = paid.groupby([captures["creator"], captures["video"]]).transform("any")
    left_out = left_out.mask((left_out == "") & promoted, PROMOTED)
    captures = captures.assign(video_no=number, left_out=left_out.astype("str"))
    used = captures["left_out"] == ""
    videos = captures[used].drop(columns="left_out").reset_index(drop=True)
    return Pool(
        marked(videos, common_words(videos)),
        captures,
        Account.from_reasons(len(captures), captures.loc[~used, "left_out"]),
        bool(used.any()) and not has_real,
        len(accepted) - len(considered),
        has_real,
    )


def folder_account(accepted: Accepted) -> Account:
    """Say of each row of a folder whether it can count, as the folder stands alone."""
    alone = pool([accepted], {})
    days = (alone.videos["captured_on"] - alone.videos["posted_on"]).dt.days
    early = int(days.between(0, YOUNGEST - 1).sum())
    left_out = alone.captures.loc[alone.captures["left_out"] != "", "left_out"]
    return Account.from_reasons(len(alone.captures), [*left_out, *[EARLY] * early])


def common_words(videos: pd.DataFrame) -> frozenset[str]:
    """Choose the words of `subject` that most creators use; of equals, by videos, then by name.

    So many words as somebody has rows would be as many columns, and nobody's memory would do.
    """
    noted = videos.dropna(subset=["subject"])
    by_word = noted.groupby("subject")["creator"].agg(["nunique", "size"])
    ranked = by_word.sort_index().sort_values(["nunique", "size"], ascending=False, kind="stable")
    return frozenset(ranked.index[:MOST_WORDS])


def marked(videos: pd.DataFrame, common: Collection[str]) -> pd.DataFrame:
    """Mark the videos whose `subject` is none of the common words."""
    subject = videos["subject"]
    return videos.assign(**{SELDOM: subject.notna() & ~subject.isin(list(common))})


def _reason(accepted: Accepted, quarantine: Mapping[str, str]) -> str:
    if accepted.creator in quarantine:
        return QUARANTINED
    return "" if accepted.profile.use_in_model else NOT_IN_MODEL


def chosen(captures: pd.DataFrame) -> "pd.Series[bool]":
    """Choose one capture a video: the nearest to 28 days after posting, else the latest.

    One of the first week is chosen where there is no other: no model can use it. A day of posting
    that one capture names holds for all captures of the video; of two equally near ones the later
    counts.
    """
    posted = captures.groupby(["creator", "video"])["posted_on"].transform("min")
    days = (captures["captured_on"] - posted).dt.days
    ranked = captures.assign(
        _early=days < YOUNGEST, _distance=(days - NEAREST_DAYS).abs()
    ).sort_values(
        ["_early", "_distance", "captured_on", "file", "line"],
        ascending=[True, True, False, True, True],
        na_position="last",
        kind="stable",
    )
    kept = ~ranked.duplicated(["creator", "video"])
    return kept.reindex(captures.index)
