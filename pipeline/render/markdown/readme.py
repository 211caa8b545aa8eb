"""The report in short, as Markdown: what people read who open the folder on GitHub."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.analysis.advice.data_needs import wishes
from pipeline.analysis.diagnostics.diagnostics import Diagnostics
from pipeline.analysis.diagnostics.lines import lines
from pipeline.analysis.norms.bands import conversion_videos
from pipeline.analysis.robustness.choices import ZERO_TRAP
from pipeline.dataset.coverage import FEWEST, holdings
from pipeline.inference.published_line import Estimate, Verdict
from pipeline.inference.results import Answer, Results
from pipeline.model.fit_result import Withheld
from pipeline.model.questions import CONVERSION, FOLLOWERS, REACH, Part
from pipeline.model.variables import Variable
from pipeline.render.charts.theme import shown
from pipeline.render.check.causes import causes
from pipeline.render.diagnostics import prediction, robustness
from pipeline.render.diagnostics.sentences import holds as sign_holds
from pipeline.render.diagnostics.sentences import stands_out
from pipeline.render.labels import levers
from pipeline.render.labels.table import question as question_labels
from pipeline.render.site.answer import headline
from pipeline.render.site.answer.cards import cards
from pipeline.render.site.answer.charts import map_says
from pipeline.render.site.answer.page import rate
from pipeline.render.site.data import data_needs as asked
from pipeline.render.site.layout.context import Edition
from pipeline.render.text.numbers import ratio
from pipeline.render.text.templates import markdown_page
from schema.columns import NO_IF_EMPTY
from schema.problem import Severity, total

MOST_WISHES, MOST_COLUMNS = 3, 3
ADVICE = (FOLLOWERS, REACH, CONVERSION)
ORDER = (Verdict.CLEAR, Verdict.LIKELY, Verdict.THIS_ACCOUNT)
MARKS = {
    Verdict.CLEAR: "■", Verdict.LIKELY: "▲", Verdict.MAY: "◆", Verdict.CANNOT_TELL: "●",
    Verdict.TOO_FEW: "✕",
}  # fmt: skip


def page(edition: Edition) -> bytes:
    """Write the page."""
    findings, diagnostics = edition.findings, edition.diagnostics
    follower_cards = cards(findings, FOLLOWERS)
    said = headline.all_statements(findings)
    surest = headline.sure(said)[: headline.SHOWN]
    return markdown_page(
        "readme.md.jinja",
        {
            "contrast": levers.contrast,
            "between": levers.between,
            "cell": cell,
            "lower_first": _lower_first,
        },
        f=findings,
        pool=findings.pool,
        diagnostics=diagnostics,
        rate=rate(findings),
        lead=headline.lead(said, edition.creators) if said else "",
        surest=[(f"{each.sentence}.", each.verdict) for each in surest],
        truth=headline.known_truth(findings, said),
        sums=_sums(edition),
        has_advice=any(shown(a) for a in findings.answers if a.question.advice),
        table=table(findings, diagnostics),
        signs=[
            line
            for a in findings.answers
            for line in telling_lines(shown(a))
            if line.variable.part is Part.ENGAGEMENT
        ],
        withheld=[
            (question_labels(each.question.name).asks, each.fit.why)
            for each in findings.answers
            if isinstance(each.fit, Withheld)
        ],
        has_figure=any(shown(a) for a in findings.answers if a.question == FOLLOWERS),
        figure_says=_figure(findings.answers),
        map_says=map_says(follower_cards),
        wishes=asked.cards(wishes(findings), alone=edition.creators == 1)[:MOST_WISHES],
        one_creator=edition.creators == 1,
        asked=sum(row.p_value is not None for a in findings.answers for row in shown(a)),
        refused=[_refused(each) for each in findings.refused],
        columns=_most_missing(edition),
        **_how_sure(edition),
    )


@dataclass(frozen=True, slots=True)
class ContrastRow:
    """One contrast, and its line in each question of ADVICE; None where one has no estimate.

    `held` says in how many other analyses the sign of each holds, "" where there are none.
    """

    says: str
    lines: tuple[Estimate | None, ...]
    held: tuple[str, ...]

    @property
    def strength(self) -> tuple[int, float]:
        """The surest first, and of these the largest."""
        telling = [line for line in self.lines if line is not None and stands_out(line)]
        return min((ORDER.index(line.verdict), -_size(line)) for line in telling)


def table(findings: Results, diagnostics: Diagnostics | None) -> list[ContrastRow]:
    """Lay the lines of the three questions side by side, where one of them says something."""
    held = _held(findings, diagnostics or Diagnostics())
    by_variable: dict[Variable, dict[str, Estimate]] = {}
    for answer in findings.answers:
        if answer.question in ADVICE:
            for line in shown(answer):
                by_variable.setdefault(line.variable, {})[answer.question.name] = line
    rows = [
        ContrastRow(
            levers.contrast(variable),
            tuple(lines.get(each.name) for each in ADVICE),
            tuple(held.get((each.name, variable), "") for each in ADVICE),
        )
        for variable, lines in by_variable.items()
        if any(stands_out(line) for line in lines.values())
    ]
    return sorted(rows, key=lambda row: row.strength)


def _held(findings: Results, diagnostics: Diagnostics) -> dict[tuple[str, Variable], str]:
    """Say of each line, by question and variable, in how many other analyses its sign holds."""
    agreements = {
        (question.name, line.variable): holding
        for question in ADVICE
        for line in lines(findings, diagnostics, question.name)
        if (holding := sign_holds(line.rows)) is not None
    }
    return {
        key: f"{each.same}/{each.estimated}" for key, each in agreements.items() if each.estimated
    }


def cell(line: Estimate | None) -> str:
    """Show a line in a cell of the table: its mark, its ratio, its interval."""
    if line is None:
        return ""
    mark = MARKS.get(line.verdict, "")
    low, high = line.ratio(line.ci_low), line.ratio(line.ci_high)
    inside = f" ({ratio(low)} to {ratio(high)})" if low is not None else ""
    said = f"{mark} {ratio(line.ratio(line.estimate))}{inside}".strip()
    return f"**{said}**" if stands_out(line) else said


def telling_lines(lines: Sequence[Estimate]) -> list[Estimate]:
    """Choose the lines that say something, the surest and the largest first."""
    said = [line for line in lines if stands_out(line)]
    return sorted(said, key=lambda line: (ORDER.index(line.verdict), -_size(line)))


def _figure(answers: Sequence[Answer]) -> str:
    """Say what the picture shows, for those who cannot see it."""
    lines = [line for a in answers if a.question == FOLLOWERS for line in shown(a)]
    counts = Counter(line.verdict for line in lines)
    listed = ", ".join(f"{number} {verdict}" for verdict, number in sorted(counts.items()))
    return f"Forest plot of new followers: a mark for each lever, with its interval. {listed}."


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


def _size(line: Estimate) -> float:
    """How far a ratio is from none, as it is shown."""
    return abs(math.log(line.ratio(line.estimate) or 1))


def _how_sure(edition: Edition) -> dict[str, Any]:
    """What the page on how sure we are says, in a few sentences."""
    known = edition.diagnostics or Diagnostics()
    rows = robustness.held(edition.findings, known)
    lines = [line for each in rows for line in each.named]
    kept = [line for line in lines if line["holding"].estimated == line["holding"].same]
    return {
        "named": len(lines),
        "kept": len(kept),
        "leagues": prediction.leagues(known),
        "zero_trap": robustness.all_misled(rows)[ZERO_TRAP],
    }


def _sums(edition: Edition) -> tuple[int, int] | None:
    """New followers and views, of one account only: with more, they would tell of single ones."""
    videos = conversion_videos(edition.findings)
    if edition.creators != 1 or not len(videos):
        return None
    return int(videos["new_followers"].sum()), int(videos["views"].sum())


def _most_missing(edition: Edition) -> list[tuple[str, str]]:
    """The columns that fewest videos have, of those that three creators or more noted.

    An empty cell of some is a no, and nothing is missing.
    """
    few = 1 if edition.creators == 1 else FEWEST
    rows = [
        row
        for row in holdings(edition.findings.pool.videos)
        if row.column.name not in NO_IF_EMPTY and row.creators >= few and row.share < 1
    ]
    emptiest = sorted(rows, key=lambda row: row.share)[:MOST_COLUMNS]
    return [(row.column.name, f"{1 - row.share:.0%}") for row in emptiest]


def _refused(refused: Any) -> dict[str, Any]:
    errors = [p for p in refused.problems if p.severity is Severity.ERROR]
    first = causes(errors)[0].first
    place = f"{first.file}:{first.line}" if first.line else first.file
    return {"place": refused.place, "errors": total(errors), "first": place, "rule": first.rule,
            "is_ours": refused.is_not_judged}  # fmt: skip
