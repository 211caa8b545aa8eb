"""What a contributor is told of the problems of their files, as Markdown."""

from collections.abc import Sequence

from pipeline.dataset.check import Accepted, Refused
from pipeline.render.check.items import Location, sections
from pipeline.render.check.problems import summary
from pipeline.render.text.escape import inert
from pipeline.render.text.links import Links
from schema.problem import Problem

LONGEST = 60_000  # bytes; GitHub takes 65,536 letters


def as_markdown(verdicts: Sequence[Accepted | Refused], problems: Sequence[Problem]) -> str:
    """Say how many problems there are and what is next, then each cause with what to write."""
    said = "\n\n".join(map(inert, summary(verdicts, problems).splitlines()))
    return "\n\n".join([said, *sections(problems, Location(Links()), LONGEST)])
