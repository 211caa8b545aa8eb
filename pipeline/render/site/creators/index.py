"""The creators: how they differ in general, and a page for each who asked for one."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.analysis.creators.report import ASKED, creator_reports, with_page
from pipeline.analysis.diagnostics.creator_slopes import Personal
from pipeline.analysis.diagnostics.lines import estimates_by_key, personal_lines, variable_of
from pipeline.inference.published_line import Verdict
from pipeline.model.questions import Question
from pipeline.model.variables import Variable, bounded_exp
from pipeline.render.labels.levers import contrast
from pipeline.render.site.creators import page as creator
from pipeline.render.site.layout.context import Edition
from pipeline.render.site.layout.page import html_page
from pipeline.render.text.numbers import ratio

LITTLE, MUCH, UNTOLD = "little", "much", Verdict.CANNOT_TELL
NARROW = 1.5  # the factor either way that creators typically lie apart, below which it is little


@dataclass(frozen=True, slots=True)
class Listed:
    """A creator with a page."""

    folder: str
    called: str
    videos: int


@dataclass(frozen=True, slots=True)
class CreatorSpread:
    """How creators differ in one line, ready to show: ratios, and factors either way."""

    name: str
    average: str
    new: str
    is_sure: bool
    differ: str
    typical: str
    between: str


def page(edition: Edition) -> bytes:
    """Write the page about all of them."""
    return html_page(
        edition,
        "creators/creators.html.jinja",
        "creators.html",
        listed=_listed(edition),
        differences=_differences(edition),
    )


def pages(edition: Edition) -> dict[str, bytes]:
    """Write the page of each creator who asked for one, by name."""
    drawn = creator_reports(edition.findings, edition.diagnostics)
    return {report.creator: creator.page(edition, report) for report in drawn}


def _listed(edition: Edition) -> list[Listed]:
    """Those with a page, by folder: this is no ranking."""
    findings = edition.findings
    videos = findings.pool.videos["creator"].value_counts()
    return [
        Listed(name, findings.profiles[name].display or name, int(videos[name]))
        for name in with_page(findings)
    ]


def _differences(edition: Edition) -> list[tuple[Question, str, list[CreatorSpread]]]:
    """How creators differ in the lines of each question, with the finding in words."""
    if edition.diagnostics is None:
        return []
    sections = []
    for question in ASKED:
        published = estimates_by_key(edition.findings, question.name)
        rows = [each[-1] for each in personal_lines(edition.diagnostics, question.name)]
        spreads = [_line(variable_of(row, published), row) for row in rows if not row.creator]
        if spreads:
            sections.append((question, _said(spreads), spreads))
    return sections


def _line(variable: Variable, new: Personal) -> CreatorSpread:
    low, middle, high = (
        bounded_exp(sd * variable.step)
        for sd in (new.between_low, new.between_sd, new.between_high)
    )
    ends = (ratio(variable.ratio(new.ci_low)), ratio(variable.ratio(new.ci_high)))
    return CreatorSpread(
        name=contrast(variable),
        average=ratio(variable.ratio(new.pooled)),
        new=" to ".join(ends),
        is_sure=new.ci_low * new.ci_high > 0,
        differ=differ(low, high),
        typical=ratio(middle),
        between=f"{ratio(low)} to {ratio(high)}",
    )


def differ(low: float, high: float) -> str:
    """Say how creators differ, by the 95 % interval of the factor that they typically lie apart."""
    if high <= NARROW:
        return LITTLE
    return MUCH if low >= NARROW else UNTOLD


def _said(lines: Sequence[CreatorSpread]) -> str:
    """Count the lines by how creators differ in them."""
    alike, apart = ([line.name for line in lines if line.differ == how] for how in (LITTLE, MUCH))
    if not alike and not apart:
        return f"We can’t tell yet how much creators differ in any of the {len(lines)} comparisons."
    said = [
        f"creators differ {how} in {len(names)} ({'; '.join(names)})"
        for how, names in ((LITTLE, alike), (MUCH, apart))
        if names
    ]
    rest = len(lines) - len(alike) - len(apart)
    said += [f"we can’t tell yet for {rest}"] if rest else []
    return f"Of {len(lines)} comparisons, {', '.join(said)}."
