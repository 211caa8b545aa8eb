"""What a question cannot tell at all, and why, in plain words."""

from pipeline.inference.published_line import Estimate
from pipeline.inference.results import Results
from pipeline.model.questions import Question
from pipeline.model.reasons import Reason
from pipeline.model.variables import UNKNOWN
from pipeline.render.labels import levers, table
from pipeline.render.site.answer.cards import lines
from pipeline.render.text.words import capital

WHY = {
    Reason.ABSORBED: "No creator has made such videos and others.",
    Reason.TREND: "It changed only as time went by, and an account’s growth could do the same.",
    Reason.INFINITE: "It, or what it is compared with, got no {event} at all.",
    Reason.COLLINEAR: "It comes only together with other choices.",
    Reason.APART: "Its views and its followers cannot be compared with the same choice.",
    Reason.NO_VIDEO: "No video with a {event} count is close to it, or to its counterpart.",
    Reason.FEW_VALUES: "Too few different values have been noted to tell.",
    Reason.NO_CREATOR: "No creator has made such videos and those it is compared with.",
    Reason.ONE_VIDEO: "One video alone decides it.",
    Reason.ONE_CREATOR: "Only one creator’s videos can tell.",
    Reason.MOSTLY_ONE: "Nearly all that is known about it comes from one creator.",
    Reason.BEYOND: "The difference is too large to believe.",
    Reason.DIFFERENCE: "There are too few videos to compare.",
}


def untold(findings: Results, question: Question) -> tuple[tuple[str, str], ...]:
    """What a question cannot tell at all, and why: lines, rare levels, and what nobody noted."""
    answers = [each for each in findings.answers if each.question == question]
    said = [
        (levers.contrast(line.variable), why(line, question))
        for line in lines(findings, question)
        if line.estimate is None
    ]
    for each in answers:
        for rare in each.fit.design.rare:
            if rare.term in levers.CHOSEN:
                said += [
                    (_named(rare.term, level), levers.rare(videos)) for level, videos in rare.levels
                ]
        said += [
            (table.column(name).label, _unnoted(findings, name))
            for name in each.fit.design.unrecorded
            if name in levers.CHOSEN
        ]
    return tuple(said)


def _unnoted(findings: Results, name: str) -> str:
    """Say why a lever is in no comparison: nobody noted it, or not of the videos that are asked."""
    if findings.pool.videos[name].notna().any():
        return "It is not noted for the videos that can be used."
    return "Nobody has noted it."


def _named(term: str, level: str) -> str:
    return (
        f"{table.column(term).label} not noted"
        if level == UNKNOWN
        else capital(levers.level(term, level))
    )


def why(line: Estimate, question: Question) -> str:
    """Say in plain words why a line has no estimate."""
    said = WHY[line.reason] if line.reason in WHY else f"{capital(line.why)}."
    return said.replace("{event}", question.event)
