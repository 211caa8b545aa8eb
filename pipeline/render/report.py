"""The findings as the report: every file by its path below `reports/`."""

from collections.abc import Mapping
from pathlib import PurePosixPath

from pipeline.findings import Findings
from pipeline.questions import FOLLOWERS
from pipeline.render import estimates_page, how_sure, kept, readme, replication, tables
from pipeline.render.figures import THEMES
from pipeline.render.forest import forest
from pipeline.render.tables import History, read_history
from pipeline.replication.stored import stored
from pipeline.site.answer_charts import drawn_map
from pipeline.site.cards import cards
from pipeline.site.edition import Edition
from pipeline.site.pages import NAMES as PAGES
from pipeline.site.pages import pages
from pipeline.site.wording import versus
from pipeline.steps import Cause
from pipeline.sureness import Sureness, key

__all__ = ["HISTORY", "NAMES", "files", "read_history"]

HISTORY = PurePosixPath("history.csv")
NAMES = frozenset(  # of every file that a report may have, but the figures
    (
        *kept.NAMES,
        *PAGES,
        HISTORY,
        *map(PurePosixPath, ("README.md", "estimates.md", "how-sure.md", "replication-2022.md")),
        *map(
            PurePosixPath, ("estimates.csv", "covariance.csv", "creators.csv", "decomposition.csv")
        ),
        *map(PurePosixPath, ("pooled.csv", "summary.json")),
    )
)


def files(
    findings: Findings,
    history: History,
    sure: Sureness | None = None,
    causes: Mapping[str, Cause] | None = None,
    repository: str = "",
) -> dict[PurePosixPath, bytes]:
    """Render every file of the report; `history` is the rows of the last one's.

    Without `sure`, what takes minutes, the report says that it was not computed. `causes` and
    `repository` are as in an edition of the site.
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
        names = {line.variable: versus(line.variable) for line in answer.estimates}
        for theme in THEMES:
            if (svg := forest(findings, answer, theme, names)) is not None:
                name = f"{answer.question.name}-{theme}.svg"
                written[PurePosixPath("figures", name)] = svg
    of = cards(findings, FOLLOWERS)
    for theme in THEMES:
        if (svg := drawn_map(findings, of, theme)) is not None:
            written[PurePosixPath("figures", f"map-{theme}.svg")] = svg
    written[PurePosixPath("replication-2022.md")] = replication.page(stored())
    if sure is not None:
        written |= kept.as_files(sure, key(findings.inputs)) | how_sure.figures(findings, sure)
    written[PurePosixPath("how-sure.md")] = how_sure.page(findings, sure)
    written[PurePosixPath("estimates.md")] = estimates_page.page(findings)
    rows = read_history(written[HISTORY]) or []
    edition = Edition(findings, sure, rows, causes or {}, repository)
    written[PurePosixPath("README.md")] = readme.page(edition)
    return written | pages(edition)
