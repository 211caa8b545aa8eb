"""What creators make, in the plural: for lists, for wishes, and for what to try."""

from pipeline.model.variables import Variable
from pipeline.render.labels.levers import bare, level, reference

MANY = {  # a choice in the plural, by its term and level
    ("category", "tutorial"): "tutorials",
    ("category", "info"): "info videos",
    ("category", "opinion"): "opinions",
    ("category", "story"): "stories",
    ("category", "humor"): "funny videos",
    ("category", "reaction"): "reactions",
    ("category", "review"): "reviews",
    ("category", "demo"): "demos",
    ("category", "vlog"): "vlogs",
    ("category", "challenge"): "challenges",
    ("category", "qa"): "Q&As",
    ("category", "promo"): "ads",
    ("category", "other"): "videos of no listed kind",
    ("has_cover", "yes"): "videos with a cover",
    ("has_caption", "yes"): "videos with a caption",
    ("is_reply", "yes"): "replies to comments",
    ("is_duet", "yes"): "duets",
    ("is_stitch", "yes"): "stitches",
    ("sound", "original"): "videos with your own sound",
    ("sound", "voiceover"): "voice-overs",
    ("sound", "library"): "videos with library music",
    ("sound", "trending"): "videos with a trending sound",
    ("sound", "none"): "silent videos",
    ("duration_s", ""): "short and long videos",
    ("hashtags", ""): "videos with few and with many hashtags",
}


def many(term: str, word: str) -> str:
    """Name the videos that have a level, in the plural: "tutorials"."""
    if term == "posted_hour":
        return f"videos posted {level(term, word)}"
    return MANY.get((term, word), word)


def chosen(variable: Variable) -> str:
    """Name the videos that a line is about, in the plural: "tutorials", "evening posts"."""
    match variable.term:
        case "duration_s":
            return "longer videos"
        case "hashtags":
            return "videos with more hashtags"
        case "posted_hour":
            return f"{bare(variable.term, variable.level)} posts"
        case _:
            return many(variable.term, variable.level)


UNTRIED = {"other", "promo"}  # levels that nobody sets out to make
OTHERS = {  # videos with a flag and without, as something to make
    "has_cover": "videos with a cover and videos without one",
    "has_caption": "videos with a caption and videos without one",
    "is_reply": "replies to comments and other videos",
    "is_duet": "duets and other videos",
    "is_stitch": "stitches and other videos",
    "duration_s": "short videos and videos twice as long",
    "hashtags": "videos with few hashtags and with twice as many",
}


def turns(variable: Variable) -> str:
    """Say what to make by turns to try a line; "" where it is nothing that one can set out to."""
    if variable.term in OTHERS:
        return f"Make {OTHERS[variable.term]}, and take turns."
    here, there = variable.level, reference(variable)
    if not there or UNTRIED & {here, there}:
        return ""
    if variable.term == "posted_hour":
        both = f"{level(variable.term, here)} and {level(variable.term, there)}"
        return f"Post {both}, and take turns."
    if variable.term in ("category", "sound"):
        return f"Make {many(variable.term, here)} and {many(variable.term, there)}, and take turns."
    return ""
