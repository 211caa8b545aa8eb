"""The findings as the report: every file by its path below `reports/`."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import Any

from pipeline.decomposition import Split
from pipeline.design import POSITIVE_ONLY
from pipeline.findings import Answer, Findings
from pipeline.fitted import Fit
from pipeline.ladder import Estimate
from pipeline.questions import CONVERSION, REACH, Model
from pipeline.render import how_sure, kept, replication, tables
from pipeline.render.escape import markdown
from pipeline.render.figures import THEMES, forest, label, shown
from pipeline.render.holds import holds
from pipeline.render.numbers import bound, p_value
from pipeline.render.problems import causes
from pipeline.render.sentences import holds as held
from pipeline.render.sentences import stands_out
from pipeline.render.tables import History, read_history
from pipeline.render.templates import markdown_page
from pipeline.replication.stored import stored
from pipeline.sureness import Sureness, key
from pipeline.variables import Variable
from pipeline.verdict import CLEAR, LEANING, THIS_ACCOUNT
from schema.problem import Severity

__all__ = ["HISTORY", "NAMES", "files", "page", "read_history"]

HISTORY = PurePosixPath("history.csv")
NAMES = frozenset(  # of every file that a report may have, but the figures
    (
        *kept.NAMES,
        HISTORY,
        *map(PurePosixPath, ("README.md", "how-sure.md", "replication-2022.md", "estimates.csv")),
        *map(PurePosixPath, ("covariance.csv", "creators.csv", "decomposition.csv", "pooled.csv")),
        PurePosixPath("summary.json"),
    )
)
FEW_EFFECTIVE = 10  # creators, below which an interval asks for caution


def files(
    findings: Findings, history: History, sure: Sureness | None = None
) -> dict[PurePosixPath, bytes]:
    """Render every file of the report; `history` is the rows of the last one's.

    Without `sure`, what takes minutes, the report says that it was not computed.
    """
    written = {
        PurePosixPath("estimates.csv"): tables.estimates(findings),
        PurePosixPath("covariance.csv"): tables.covariances(findings),
        PurePosixPath("creators.csv"): tables.own(findings),
        PurePosixPath("decomposition.csv"): tables.decomposition(findings),
        PurePosixPath("pooled.csv"): tables.pooled(findings),
        PurePosixPath("summary.json"): tables.summary(findings),
        HISTORY: tables.history(findings, history),
    }
    for answer in findings.answers:
        for theme in THEMES:
            if (svg := forest(findings, answer, theme)) is not None:
                name = f"{answer.question.name}-{theme}.svg"
                written[PurePosixPath("figures", name)] = svg
    written[PurePosixPath("replication-2022.md")] = replication.page(stored())
    if sure is not None:
        written |= kept.as_files(sure, key(findings.inputs)) | how_sure.figures(findings, sure)
    written[PurePosixPath("how-sure.md")] = how_sure.page(findings, sure)
    written[PurePosixPath("README.md")] = page(findings, sure)
    return written


def page(findings: Findings, sure: Sureness | None = None) -> bytes:
    """Write the report that people read on GitHub."""
    return markdown_page(
        "report.md.jinja",
        {"bound": bound, "p": p_value},
        f=findings,
        pool=findings.pool,
        holds=holds(findings.pool.videos),
        rate=rate(findings),
        answers=[_answer(findings, answer, sure) for answer in findings.answers],
        sure=sure,
        splits=_splits(findings),
        one_creator=len(findings.pool.creators) == 1,
        asked=sum(row.p_value is not None for a in findings.answers for row in shown(a)),
        refused=[_refused(each) for each in findings.refused],
    )


def rate(findings: Findings) -> dict[str, Any] | None:
    """Followers per 1,000 views over the videos that conversion is asked of; None without any."""
    asked = next(a.fit.design for a in findings.answers if a.question == CONVERSION)
    told = findings.pool.videos.iloc[asked.rows]
    views = int(told["views"].sum())
    if not views:
        return None
    followers = int(told["new_followers"].sum())
    return {
        "videos": len(told),
        "followers": followers,
        "views": views,
        "rate": f"{1000 * followers / views:.2f}",
    }


def _answer(findings: Findings, answer: Answer, sure: Sureness | None) -> dict[str, Any]:
    fitted = answer.fit if isinstance(answer.fit, Fit) else None
    lines = shown(answer)
    one = fitted is not None and fitted.within is not None
    return {
        "question": answer.question,
        "fit": fitted,
        "why": "" if fitted else markdown(getattr(answer.fit, "why", "")),
        "agreement": answer.agreement,
        "account": answer.fit.account,
        "design": answer.fit.design,
        "positive_only": POSITIVE_ONLY,
        "has_figure": bool(lines),
        "has_errors": any(line.std_error is not None for line in lines),
        "verdicts": _verdicts(lines),
        "lines": [
            (line, label(line.variable), _truth(findings, answer, line))
            for line in answer.estimates
        ],
        "has_truth": bool(findings.effects.get(answer.question.name)),
        "covered": covered(findings, answer),
        "more": _told(lines, more=True),
        "fewer": _told(lines, more=False),
        "many": answer.question.counts,
        "linear": answer.question.model is Model.LEAST_SQUARES,
        "silent": fitted.silent if fitted else (),
        "small_df": any((line.df or 99) < FEW_EFFECTIVE - 1 for line in lines) and not one,
        "own": [line for line in answer.estimates if line.own],
        "needed": [(line, label(line.variable)) for line in answer.estimates if line.needed],
        "one": one,
        "missing": [line for line in answer.estimates if line.estimate is None],
        "holds": _holdings(answer, sure) if sure else {},
    }


def _holdings(answer: Answer, sure: Sureness) -> dict[Variable, str]:
    """Say of each line, by its variable, in how many other reasonable analyses its sign holds."""
    curves = defaultdict(list)
    for row in sure.specifications:
        if row.question == answer.question.name:
            curves[row.term, row.level, row.unit].append(row)
    found = {
        line.variable: held(curves[line.variable.term, line.variable.level, line.variable.unit])
        for line in answer.estimates
    }
    return {variable: each.sentence for variable, each in found.items() if each}


def _splits(findings: Findings) -> list[dict[str, Any]]:
    """The decomposition as ratios, beside the reach over all videos."""
    found = findings.decomposition
    reach = {
        line.variable: line
        for answer in findings.answers
        if answer.question == REACH
        for line in answer.estimates
    }
    splits = found.splits if found else ()
    return [_split(each, reach.get(each.variable)) for each in splits if each.variable.is_asked]


def _split(split: Split, everywhere: Estimate | None) -> dict[str, Any]:
    ratio = split.variable.ratio
    return {
        "name": label(split.variable),
        "followers": ratio(split.followers),
        "reach": ratio(split.reach),
        "conversion": ratio(split.conversion),
        "rest": ratio(split.rest),
        "low": ratio(split.rest_low),
        "high": ratio(split.rest_high),
        "reach_all": ratio(everywhere.estimate) if everywhere else None,
    }


def _truth(findings: Findings, answer: Answer, line: Estimate) -> float | None:
    return line.ratio(findings.planted(answer.question, line.variable))


def covered(findings: Findings, answer: Answer) -> tuple[int, int]:
    """Count the intervals that hold the planted effect, and the intervals of planted effects."""
    inside = [
        line.ci_low <= truth <= line.ci_high
        for line in answer.estimates
        if line.ci_low is not None
        and line.ci_high is not None
        and (truth := findings.planted(answer.question, line.variable)) is not None
    ]
    return sum(inside), len(inside)


def _told(lines: Iterable[Estimate], *, more: bool) -> list[Estimate]:
    """Choose the lines that say something in one direction, the surest first."""
    said = [line for line in lines if stands_out(line) and ((line.estimate or 0) > 0) is more]
    order = (CLEAR, LEANING, THIS_ACCOUNT)
    return sorted(said, key=lambda line: (order.index(line.verdict), -_size(line)))


def _size(line: Estimate) -> float:
    """How far a ratio is from none, as it is shown."""
    return abs(math.log(line.ratio(line.estimate) or 1))


def _verdicts(lines: Sequence[Estimate]) -> str:
    """Count the verdicts in words, for those who cannot see the picture."""
    counts = Counter(line.verdict for line in lines)
    return ", ".join(f"{number} {verdict}" for verdict, number in sorted(counts.items()))


def _refused(refused: Any) -> dict[str, Any]:
    errors = [p for p in refused.problems if p.severity is Severity.ERROR]
    first = causes(errors)[0].first
    place = f"{first.file}:{first.line}" if first.line else first.file
    return {"place": refused.place, "errors": len(errors), "first": place, "rule": first.rule}
