"""Lines, verdicts and ratios in a creator's words: short, and the same on every page."""

from collections.abc import Sequence

from markupsafe import Markup

from pipeline.inference.estimates import Estimate
from pipeline.inference.verdicts import CANNOT_TELL, CLEAR, LEANING, THIS_ACCOUNT, TOO_FEW
from pipeline.model.questions import CONVERSION, FOLLOWERS, REACH, SIGNALS, Question
from pipeline.model.variables import Variable
from pipeline.render.text.numbers import ratio, whole

LEVERS = {  # what a term of the questions is called
    "duration_s": "Length",
    "category": "Kind of video",
    "has_cover": "Cover",
    "has_caption": "Caption",
    "is_reply": "Reply",
    "is_duet": "Duet",
    "is_stitch": "Stitch",
    "hashtags": "Hashtags",
    "posted_hour": "Time of day",
    "sound": "Sound",
    "subject": "Subject",
}
KINDS = {  # of a video, by its category
    "tutorial": "a tutorial",
    "info": "an info video",
    "opinion": "an opinion",
    "story": "a story",
    "humor": "a funny video",
    "reaction": "a reaction",
    "review": "a review",
    "demo": "a demo",
    "vlog": "a vlog",
    "challenge": "a challenge",
    "qa": "a Q&A",
    "promo": "an ad",
    "other": "any other kind",
}
SOUNDS = {
    "original": "your own sound",
    "voiceover": "a voice-over",
    "library": "library music",
    "trending": "a trending sound",
    "none": "no sound",
}
HOURS = {
    "0-5": "at night (0 to 5)",
    "6-11": "in the morning (6 to 11)",
    "12-17": "in the afternoon (12 to 17)",
    "18-23": "in the evening (18 to 23)",
}
DAYTIMES = {"0-5": "night", "6-11": "morning", "12-17": "afternoon", "18-23": "evening"}
FLAGS = {  # with it, and without
    "has_cover": ("a cover you chose", "no cover"),
    "has_caption": ("a caption", "no caption"),
    "is_reply": ("a reply to a comment", "a video that is no reply"),
    "is_duet": ("a duet", "a video that is no duet"),
    "is_stitch": ("a stitch", "a video that is no stitch"),
}
REFERENCES = {"category": "info", "posted_hour": "12-17", "sound": "original"}
COUNTS = {  # what a ratio is of
    FOLLOWERS.name: "the new followers",
    REACH.name: "the views",
    CONVERSION.name: "the followers per 1,000 views",
    SIGNALS.name: "(1 + new followers)",
}
ASKS = {  # a question in the words of a creator
    FOLLOWERS.name: "What goes with more new followers?",
    REACH.name: "What goes with more views?",
    CONVERSION.name: "What goes with more followers per 1,000 views?",
    SIGNALS.name: "What does a follow-worthy video look like afterwards?",
}
VERDICTS = {  # what a verdict means, in a few words
    CLEAR: "hardly luck alone",
    LEANING: "a hint, and could be luck",
    CANNOT_TELL: "more or fewer: the data can't tell",
    TOO_FEW: "fewer than five creators made such videos and others",
    THIS_ACCOUNT: "one account, and no word on others",
}


def level(term: str, word: str) -> str:
    """Name one level of a lever, such as "a tutorial" or "in the evening (18 to 23)"."""
    named = {"category": KINDS, "sound": SOUNDS, "posted_hour": HOURS}.get(term, {})
    if term in FLAGS:
        return FLAGS[term][0 if word == "yes" else 1]
    return named.get(word, word)


def reference(variable: Variable) -> str:
    """Give the level that a line's level is compared with; "" where it is no level.

    Mostly it is that of REFERENCES, and the most common one where too few videos have that.
    """
    return variable.unit.removeprefix("against ") if variable.unit.startswith("against ") else ""


def contrast(variable: Variable) -> str:
    """Say what a line compares, beginning with a capital: "A tutorial instead of an info video"."""
    match variable.term:
        case "duration_s":
            said = "a video twice as long"
        case "hashtags":
            said = "twice as many hashtags"
        case "posted_hour":
            here = level(variable.term, variable.level)
            there = level(variable.term, _reference(variable))
            said = f"posting {here} instead of {there}"
        case "category" | "sound":
            here = level(variable.term, variable.level)
            said = f"{here} instead of {level(variable.term, _reference(variable))}"
        case term if term in FLAGS:
            said = FLAGS[term][0]
        case _:
            said = variable.says
    return said[0].upper() + said[1:]


def _reference(variable: Variable) -> str:
    """The level that a line is set against: the declared one, or the commonest where it is rare."""
    return variable.unit.removeprefix("against ")


def short(variable: Variable) -> str:
    """Name what a line is about in two words or three, for a chart: "tutorial", "evening"."""
    match variable.term:
        case "duration_s":
            return "twice as long"
        case "hashtags":
            return "twice the hashtags"
        case term if term in FLAGS:
            return LEVERS[term].lower()
        case "category" | "sound" | "posted_hour":
            return bare(variable.term, variable.level)
        case _:
            return variable.says


def versus(variable: Variable) -> str:
    """Name it with what it is compared with, for a chart: "tutorial, not info"."""
    other = reference(variable)
    if variable.term not in ("category", "sound", "posted_hour") or not other:
        return short(variable)
    there = bare(variable.term, other).removesuffix(" video").removesuffix(" sound")
    return f"{short(variable)}, not {there}"


def bare(term: str, word: str) -> str:
    """Name a level without an article: "tutorial", "own sound", "evening"."""
    if term == "posted_hour":
        return DAYTIMES.get(word, word)
    for article in ("a ", "an ", "any ", "your "):
        if (said := level(term, word)).startswith(article):
            return said.removeprefix(article)
    return level(term, word)


def times(question: Question, line: Estimate) -> str:
    """Say the ratio of a line: "1.65 × the new followers"."""
    return f"{ratio(line.ratio(line.estimate))} × {COUNTS[question.name]}"


def between(line: Estimate) -> str:
    """Say the 95 % interval of a line in words; "" where it has none."""
    if line.ci_low is None or line.ci_high is None:
        return ""
    return f"between {ratio(line.ratio(line.ci_low))} and {ratio(line.ratio(line.ci_high))}"


def brief(variable: Variable) -> str:
    """Name a line in as few words as a chart has room for: "A tutorial", "At night (0 to 5)"."""
    if variable.term in ("category", "sound", "posted_hour"):
        said = level(variable.term, variable.level)
        return said[0].upper() + said[1:]
    return f"About {variable.level}" if variable.term == "subject" else contrast(variable)


def count(number: int, noun: str) -> str:
    """Count something: "1 creator", "2 creators", "1,200 videos"."""
    return f"{whole(number)} {noun}{'' if number == 1 else 's'}"


def rare(videos: int) -> str:
    """Say why a level has no line of its own."""
    return f"Too rare to compare: {count(videos, 'video')}, or one creator alone."


ABOUT = {  # a question in a few words, to follow what is compared
    FOLLOWERS.name: "new followers",
    REACH.name: "views",
    CONVERSION.name: "followers per 1,000 views",
    SIGNALS.name: "counted afterwards",
}


def unbroken(text: str) -> Markup:
    """Keep the no-break spaces of a text in a page, which loses them with all not printable."""
    parts = ("".join(c if c.isprintable() else " " for c in part) for part in text.split("\u00a0"))
    return Markup("&nbsp;").join(parts)


NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def in_words(number: int, noun: str = "") -> str:
    """Count in words up to ten: "three choices", "12 choices"; without a noun the number alone."""
    said = NUMBERS[number] if number < len(NUMBERS) else whole(number)
    return f"{said} {noun}{'' if number == 1 else 's'}" if noun else said


def listed(words: Sequence[str]) -> str:
    """Join words: "a", "a and b", "a, b and c"."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def instead(variable: Variable) -> str:
    """Name it with what it is compared with, in a line: "tutorial instead of info"."""
    return versus(variable).replace(", not ", " instead of ")
