"""The rows of the league table, of the reliability bins and of the relevance of terms: flat."""

from dataclasses import dataclass

from pipeline.inference.thresholds import SCORE_CREATORS

BEFORE = "before posting"  # levers and context only
AFTERWARDS = "afterwards"  # views and engagement, too: signs, not advice
VIDEOS = "videos"  # each creator's videos dealt into folds
CREATORS = "creators"  # whole creators left out

RELEVANT, TENTATIVE, NOT_RELEVANT = "relevant", "tentative", "not told from noise"


@dataclass(frozen=True, slots=True)
class Score:
    """One measure of one model on the videos held out, with its 95 % interval.

    `known` is "before posting" or "afterwards", `held_out` "videos" or "creators". Measures:
    `deviance` (mean Poisson deviance), `rmse_log` (of log(1 + followers)), `rmse_followers`,
    `calibration_ratio` (observed over predicted), `calibration_slope` (of a Poisson regression on
    the log of the prediction) and `skill` (1 - deviance over that of the creators' own means).
    None where it cannot be told; `why` says so, or what the interval takes for granted.
    """

    known: str
    held_out: str
    model: str
    measure: str
    value: float | None
    low: float | None
    high: float | None
    videos: int
    creators: int
    why: str

    @property
    def is_over_videos(self) -> bool:
        """Return whether its interval leaves out videos in turn, as if they were independent."""
        return self.low is not None and self.creators < SCORE_CREATORS


@dataclass(frozen=True, slots=True)
class Bin:
    """Reliability: the mean prediction of like predictions, and the mean of what came, followers.

    Bins are numbered from 1, from the lowest predictions to the highest.
    """

    known: str
    held_out: str
    model: str
    bin: int
    videos: int
    predicted: float
    observed: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Relevance:
    """How often a term did better than the best shadow, and what follows.

    `hits` of `rounds`; `importance` and `shadow` (the best shadow's) are medians over the rounds of
    the share of the variance of log(1 + followers) within creators that a forest's splits on the
    column explain in videos they were not made on, below 0 by chance; `p_value` is two-sided and
    times the number of terms (Bonferroni), 1 at most.
    """

    known: str
    term: str
    hits: int
    rounds: int
    importance: float
    shadow: float
    p_value: float
    verdict: str
