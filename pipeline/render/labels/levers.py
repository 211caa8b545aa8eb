"""Lines, verdicts and ratios in a creator's words: short, and the same on every page."""

from collections.abc import Sequence

from markupsafe import Markup

from pipeline.inference.published_line import Estimate, Verdict
from pipeline.model.questions import LEVERS, Form, Question
from pipeline.model.variables import Variable
from pipeline.render.labels import table
from pipeline.render.text.numbers import ratio, whole
from pipeline.render.text.words import capital

CHOSEN = frozenset(term.column for term in LEVERS)
CURVES = frozenset(term.column for term in LEVERS if term.form is Form.SPLINE)
REFERENCES = {term.column: term.reference for term in LEVERS}
VERDICTS = {  # what a verdict means, in a few words
    Verdict.CLEAR: "very unlikely to be luck",
    Verdict.LIKELY: "at least a 4 in 5 chance that it points this way",
    Verdict.MAY: "at least a 2 in 3 chance that it points this way",
    Verdict.CANNOT_TELL: "more or fewer: the data can't tell",
    Verdict.TOO_FEW: "fewer than five creators made such videos and others",
    Verdict.THIS_ACCOUNT: "one account: it says nothing about others",
}
HEADINGS = {Verdict.MAY: "may matter"}  # where a verdict stands alone, and "May" would be a month
ODDS = (  # in words, by the least probability that they are said of
    (0.99, "99 in 100"), (0.95, "19 in 20"), (0.9, "9 in 10"), (0.8, "4 in 5"), (0.75, "3 in 4"),
    (0.0, "2 in 3"),
)  # fmt: skip


def heading(verdict: Verdict) -> str:
    """Name a verdict where no sentence is around it."""
    return HEADINGS.get(verdict, verdict)


def odds(probability: float) -> str:
    """Say a probability of two thirds or more as odds, never as more than it is.

    >>> odds(0.93), odds(0.7)
    ('9 in 10', '2 in 3')
    """
    return next(said for least, said in ODDS if probability >= least)


def level(term: str, word: str) -> str:
    """Name one level of a lever, such as "a tutorial" or "in the evening (18 to 23)"."""
    if table.has_levels(term):
        return table.level(term, word).one
    return {"yes": table.column(term).yes, "no": table.column(term).no}.get(word, word)


def contrast(variable: Variable) -> str:
    """Say what a line compares, beginning with a capital: "A tutorial instead of an info video"."""
    return capital(_contrast(variable))


def _contrast(variable: Variable) -> str:
    term = variable.term
    if table.has_levels(term):
        line = table.column(term).line or "{level} instead of {reference}"
        here = level(term, variable.level)
        there = table.level(term, variable.reference).other
        return line.replace("{level}", here).replace("{reference}", there)
    return table.column(term).yes if is_lever(term) and variable.level == "yes" else variable.says


def short(variable: Variable) -> str:
    """Name what a line is about in two words or three, for a chart: "tutorial", "evening"."""
    term = variable.term
    if table.has_levels(term):
        return bare(term, variable.level)
    if is_lever(term) and variable.level == "yes":
        return table.column(term).label.lower()
    return variable.says


def versus(variable: Variable) -> str:
    """Name it with what it is compared with, for a chart: "tutorial, not info"."""
    if not table.has_levels(variable.term) or not variable.reference:
        return short(variable)
    there = bare(variable.term, variable.reference)
    return f"{short(variable)}, not {there.removesuffix(' video').removesuffix(' sound')}"


def bare(term: str, word: str) -> str:
    """Name a level without an article: "tutorial", "own sound", "evening"."""
    return table.level(term, word).bare


def many(term: str, word: str) -> str:
    """Name the videos that have a level, in the plural: "tutorials"."""
    return table.level(term, word).many if table.has_levels(term) else table.column(term).many


def chosen(variable: Variable) -> str:
    """Name the videos that a line is about, in the plural: "tutorials", "evening posts"."""
    more = table.column(variable.term).more
    if not more:
        return many(variable.term, variable.level)
    return more.replace("{level}", bare(variable.term, variable.level))


def compared(variable: Variable) -> tuple[str, str]:
    """Name the videos that a line is about, and those it compares them with, in the plural."""
    term, there = variable.term, variable.reference
    if not table.has_levels(term) or not there:
        own = table.column(term).turns if is_lever(term) else ()
        return chosen(variable), own[1] if own else "others"
    if more := table.column(term).more:
        return chosen(variable), more.replace("{level}", bare(term, there))
    here, there = chosen(variable), many(term, there)
    if here.startswith("videos "):
        there = _ones(there)
    return here.replace("your own", "their own"), there.replace("your own", "their own")


def turns(variable: Variable) -> str:
    """Say what to make by turns to try a line; "" where it is nothing that one can set out to."""
    term, here, there = variable.term, variable.level, variable.reference
    if is_lever(term) and not table.has_levels(term):
        return f"Make {' and '.join(table.column(term).turns)}, and take turns."
    if not table.has_levels(term) or not there or not (is_tried(term, here, there)):
        return ""
    if verb := table.column(term).verb:
        return f"{verb} {level(term, here)} and {level(term, there)}, and take turns."
    return f"Make {many(term, here)} and {many(term, there)}, and take turns."


def sides(term: str, word: str) -> tuple[str, str]:
    """Name the two kinds of video that take turns to try a level."""
    if not table.has_levels(term):
        here, there = table.column(term).turns
        return here, there
    return many(term, word), many(term, REFERENCES[term])


def others(variable: Variable) -> str:
    """Name the videos that such videos are compared with: of a curve, those near its reference."""
    if variable.term not in CURVES:
        return "others"
    return _ones(many(variable.term, variable.reference))


def _ones(videos: str) -> str:
    return f"ones {videos.removeprefix('videos ')}" if videos.startswith("videos ") else videos


def two_kinds(variable: Variable) -> str:
    """Name the two kinds of video that a line compares: "opinions and info videos"."""
    here, there = compared(variable)
    return "such videos and others" if there == "others" else f"{here} and {there}"


def is_tried(term: str, *words: str) -> bool:
    """Return whether somebody sets out to make videos of these levels."""
    return all(table.level(term, word).tried for word in words)


def is_lever(term: str) -> bool:
    """Return whether it is something that a creator chooses, and not what happens to a video."""
    return term in CHOSEN


def instead(variable: Variable) -> str:
    """Name it with what it is compared with, in a line: "tutorial instead of info"."""
    return versus(variable).replace(", not ", " instead of ")


def times(question: Question, line: Estimate) -> str:
    """Say the ratio of a line: "1.65 × the new followers"."""
    return f"{ratio(line.ratio(line.estimate))} × {table.question(question.name).counts}"


def between(line: Estimate) -> str:
    """Say the 95 % interval of a line in words; "" where it has none."""
    if line.ci_low is None or line.ci_high is None:
        return ""
    return f"between {ratio(line.ratio(line.ci_low))} and {ratio(line.ratio(line.ci_high))}"


def brief(variable: Variable) -> str:
    """Name a line in as few words as a chart has room for: "A tutorial", "At night (0 to 5)"."""
    if table.has_levels(variable.term):
        return capital(level(variable.term, variable.level))
    return f"About {variable.level}" if variable.term == "subject" else contrast(variable)


def count(number: int, noun: str) -> str:
    """Count something: "1 creator", "2 creators", "1,200 videos"."""
    return f"{whole(number)} {noun}{'' if number == 1 else 's'}"


def rare(videos: int) -> str:
    """Say why a level has no line of its own."""
    return f"Too rare to compare: {count(videos, 'video')}, or one creator alone."


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
