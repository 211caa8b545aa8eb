"""The findings as the report: every file by its path below `reports/`."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import PurePosixPath

from pipeline.analysis.diagnostics import cache
from pipeline.analysis.diagnostics.diagnostics import Diagnostics, key
from pipeline.analysis.history import history_csv
from pipeline.analysis.history.changes import SetDifference
from pipeline.analysis.history.history_csv import History, read_history
from pipeline.analysis.replication.stored import stored
from pipeline.dataset import pooled_csv
from pipeline.inference.results import Results
from pipeline.model.questions import FOLLOWERS
from pipeline.render import data_files
from pipeline.render.charts.forest_plot import forest
from pipeline.render.charts.theme import LITERALS
from pipeline.render.charts.vega import painted
from pipeline.render.diagnostics import replication
from pipeline.render.labels.levers import versus
from pipeline.render.markdown import estimates, readme
from pipeline.render.site.answer.cards import cards
from pipeline.render.site.answer.charts import drawn_findings, drawn_map
from pipeline.render.site.layout.context import Edition
from pipeline.render.site.pages import NAMES as PAGES
from pipeline.render.site.pages import pages

__all__ = ["HISTORY", "NAMES", "files", "read_history"]

HISTORY = PurePosixPath("history.csv")
NAMES = frozenset(  # of every file that a report may have, or had, but the figures
    (
        *cache.NAMES,
        *PAGES,
        HISTORY,
        *map(PurePosixPath, ("README.md", "estimates.md", "how-sure.md", "replication-2022.md")),
        *map(PurePosixPath, ("estimates.csv", "covariance.csv", "creators.csv")),
        *map(PurePosixPath, ("pooled.csv", "summary.json")),
    )
)


def files(
    findings: Results,
    history: History,
    diagnostics: Diagnostics | None = None,
    causes: Mapping[str, SetDifference] | None = None,
    repository: str = "",
) -> dict[PurePosixPath, bytes]:
    """Render every file of the report; `history` is the rows of the last one's.

    Without `diagnostics`, what takes minutes, the report says that it was not computed. `causes`
    and `repository` are as in an edition of the site.
    """
    with ThreadPoolExecutor(1) as thread:
        pictures = thread.submit(_pictures, findings)
        written = _texts(findings, history, diagnostics, causes or {}, repository)
    return written | pictures.result()


def _texts(
    findings: Results,
    history: History,
    diagnostics: Diagnostics | None,
    causes: Mapping[str, SetDifference],
    repository: str,
) -> dict[PurePosixPath, bytes]:
    """Render what is no picture of its own."""
    written = {
        PurePosixPath("estimates.csv"): data_files.estimates(findings),
        PurePosixPath("covariance.csv"): data_files.covariances(findings),
        PurePosixPath("creators.csv"): data_files.own(findings),
        PurePosixPath("pooled.csv"): pooled_csv.pooled(findings.pool),
        PurePosixPath("summary.json"): data_files.summary(findings),
        HISTORY: history_csv.history(findings, history),
    }
    written[PurePosixPath("replication-2022.md")] = replication.page(stored())
    if diagnostics is not None:
        written |= cache.as_files(diagnostics, key(findings.inputs))
    written[PurePosixPath("estimates.md")] = estimates.page(findings)
    rows = read_history(written[HISTORY]) or []
    edition = Edition(findings, diagnostics, rows, causes, repository)
    written[PurePosixPath("README.md")] = readme.page(edition)
    return written | pages(edition)


def _pictures(findings: Results) -> dict[PurePosixPath, bytes]:
    """Draw what the READMEs show: the findings, a forest plot a question, the map of levers."""
    written = _figures("map", drawn_map(findings, cards(findings, FOLLOWERS)))
    written |= _figures("findings", drawn_findings(findings))
    for answer in findings.answers:
        names = {line.variable: versus(line.variable) for line in answer.estimates}
        written |= _figures(answer.question.name, forest(findings, answer, names))
    return written


def _figures(name: str, svg: bytes | None) -> dict[PurePosixPath, bytes]:
    """Paint a chart for light and for dark pages, whose style it cannot see."""
    if svg is None:
        return {}
    return {
        PurePosixPath("figures", f"{name}-{theme}.svg"): painted(svg, theme) for theme in LITERALS
    }
