"""What the choices of an analysis and the models of the league are called in plain words."""

from pipeline.analysis.prediction.tables import CREATORS
from pipeline.analysis.robustness import choices

CHOICES = {
    "estimator": "kind of regression",
    "zeros": "zeros that look like blanks",
    "levers": "what is not noted about a video",
    "outcomes": "videos without a follower count",
    "age": "age of a video when it was counted",
    "top": "each creator's most-seen video",
}
# An option → what it means, and in a few words.
OPTIONS = {
    choices.POISSON: ("Poisson", "Poisson"),
    choices.NEGATIVE_BINOMIAL: ("negative binomial", "negative binomial"),
    choices.LOG1P: ("least squares of log(1 + count)", "log(1 + count)"),
    choices.AS_GIVEN: ("count as zeros", "zeros as given"),
    choices.SUSPICIOUS_MISSING: ("count as not noted", "suspicious zeros out"),
    choices.MARKED: ('is a level of its own, "unknown"', "blanks marked"),
    choices.COMPLETE: ("the video is left out, where most have it", "complete videos only"),
    choices.IMPUTED: (
        "is guessed from the rest, several times, if the creator ever notes it",
        "blanks guessed",
    ),
    choices.AS_NOTED: ("are left out", "outcomes as noted"),
    choices.WEIGHTED: ("are left out, and videos like them count for more", "weighted for blanks"),
    choices.WITH_AGE: ("taken into account", "with age"),
    choices.WITHOUT_AGE: ("left out of account", "without age"),
    choices.ALL_VIDEOS: ("counts like any other", "all videos"),
    choices.WITHOUT_TOP: ("left out", "without top videos"),
}
MODELS = {
    "own-mean": "the creator's own mean",
    "own-rate": "the creator's own rate",
    "view-bins": "six bins of views",
    "regression-2022": "the regression of 2022",
    "least-squares": "least squares of logs",
    "poisson": "Poisson",
    "poisson-rate": "Poisson, per view",
    "partial-pooling": "partial pooling",
    "random-forest": "random forest",
    "boosting": "gradient boosting",
}
NEW_CREATORS = {"own-mean": "the mean of all", "own-rate": "the rate of all"}


def option(name: str) -> str:
    """Say an option of an analysis as the table of choices does; an unknown one by its name."""
    return OPTIONS[name][0] if name in OPTIONS else name


def departure(name: str) -> str:
    """Say an option in a few words, for a cell."""
    return OPTIONS[name][1] if name in OPTIONS else name


def model_name(slug: str, held_out: str) -> str:
    """Name a model; one without a name is its slug. New creators have no mean of their own."""
    names = NEW_CREATORS if held_out == CREATORS else MODELS
    return names.get(slug, MODELS.get(slug, slug.replace("-", " ")))
