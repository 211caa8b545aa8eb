"""What a question cannot tell at all, and why, in plain words."""

from pipeline.inference.estimates import Estimate
from pipeline.inference.results import Results
from pipeline.model.questions import Question
from pipeline.model.sample import ABSORBED
from pipeline.model.variables import UNKNOWN
from pipeline.render.labels import levers
from pipeline.render.site.answer.cards import lines

WHY = {  # a part of a reason → the same in plain words
    ABSORBED: "No creator has made some and others.",
    "no finite estimate": "It, or what it is set against, got no follower at all.",
    "within creators it is": "It comes only together with other choices.",
    "one video alone decides it": "One video alone decides it.",
    "alone carries it": "Only one creator has made some and others.",
    "one creator carries most of it": "One creator has nearly all of these videos.",
    "runs beyond all bounds": "There are too few to compare.",
    "stands for a difference": "There are too few to compare.",
}


def untold(findings: Results, question: Question) -> tuple[tuple[str, str], ...]:
    """What a question cannot tell at all, and why: lines, rare levels, and what nobody noted."""
    answers = [each for each in findings.answers if each.question == question]
    said = [
        (levers.contrast(line.variable), why(line))
        for line in lines(findings, question)
        if line.estimate is None
    ]
    for each in answers:
        for rare in each.fit.design.rare:
            if rare.term in levers.LEVERS:
                said += [
                    (_named(rare.term, level), levers.rare(videos)) for level, videos in rare.levels
                ]
        said += [
            (levers.LEVERS[name], _unnoted(findings, name))
            for name in each.fit.design.unrecorded
            if name in levers.LEVERS
        ]
    return tuple(said)


def _unnoted(findings: Results, name: str) -> str:
    """Say why a lever is in no comparison: nobody noted it, or not of the videos that are asked."""
    if findings.pool.videos[name].notna().any():
        return "It is not noted of the videos that can be asked."
    return "Nobody has noted it."


def _named(term: str, level: str) -> str:
    return (
        f"{levers.LEVERS[term]} not noted"
        if level == UNKNOWN
        else _capital(levers.level(term, level))
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def why(line: Estimate) -> str:
    """Say in plain words why a line has no estimate."""
    for part, said in WHY.items():
        if part in line.why:
            return said
    return f"{_capital(line.why)}."
