"""The data: what is wanted, what each column is, what is missing, who gave it, how to use it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pipeline.analysis.advice.data_needs import MORE_VIDEOS, Gain, Wish
from pipeline.analysis.advice.data_needs import gains as all_gains
from pipeline.analysis.advice.data_needs import wishes as all_wishes
from pipeline.dataset.check import Refused
from pipeline.dataset.coverage import FEWEST, Period, Stand, holdings, periods, stands
from pipeline.dataset.pool import NOT_IN_MODEL
from pipeline.inference.results import Results
from pipeline.inference.thresholds import INTERVAL_CREATORS
from pipeline.model.fit_result import Fit
from pipeline.render.labels import table
from pipeline.render.site.data import data_needs, experiment
from pipeline.render.site.layout.chart import inline
from pipeline.render.site.layout.context import Edition
from pipeline.render.site.layout.page import html_page
from pipeline.render.text.contributing import ColumnEntry, entry
from schema.columns import COLUMNS, Role
from schema.problem import Severity, total
from schema.vocabulary import vocabulary

ROLES = {  # what a column is, in a creator's words → its roles
    "What TikTok counts": (Role.EXPOSURE, Role.ENGAGEMENT, Role.OUTCOME),
    "What you decide": (Role.LEVER,),
    "Which video, and when": (Role.IDENTITY, Role.CONTEXT, Role.METADATA),
}
LICENCES = {
    "CC-BY-4.0": ("CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/"),
    "CC0-1.0": ("CC0 1.0", "https://creativecommons.org/publicdomain/zero/1.0/"),
    "MIT": ("MIT", "https://opensource.org/license/mit"),
}
DOWNLOADS = (  # file, what it holds, what one row is
    ("pooled.csv", "the videos: numbers and choices, never the label", "a video"),
    ("estimates.csv", "every comparison of every question, with its 95 % range", "a comparison"),
    ("covariance.csv", "how the estimates vary together", "a pair of comparisons"),
    ("creators.csv", "own ratios, where two to four creators made both", "a creator’s comparison"),
    ("history.csv", "the estimates of every update so far", "a comparison of an update"),
    ("summary.json", "counts, the account of the rows, how well it fits", "one object"),
)
SURE_DOWNLOADS = (
    ("robustness.csv", "every comparison, made in other reasonable ways", "one such way"),
    ("influence.csv", "each comparison without one creator", "a comparison"),
    ("prediction.csv", "how well models predict unseen videos", "a score of a model"),
    ("calibration.csv", "predicted followers against those that came", "a tenth of the videos"),
    ("relevance.csv", "which columns help to predict", "a column"),
    (
        "partial_pooling.csv",
        "each creator’s own, drawn to the average creator’s",
        "a creator’s comparison",
    ),
    ("silences.csv", "what could not be computed, and why", "a silence"),
    ("sureness.json", "which inputs the files above belong to", "one object"),
)
TITLE = "followworthy: numbers of short videos, contributed by their creators"
AUTHORS = "followworthy contributors"
MOST_OPEN = 40  # creators that are listed without being asked


@dataclass(frozen=True, slots=True)
class Contributor:
    """One creator of the pool, as the page lists them; `page` is where their own page is, or ""."""

    name: str
    display: str
    page: str
    videos: int
    since: str
    until: str
    licence: str
    credit: str


def page(edition: Edition) -> bytes:
    """Write the page."""
    findings = edition.findings
    kept = list(contributors(findings))
    posted, captured = (
        _bars(periods(findings.pool.videos, name)) for name in ("posted_on", "captured_on")
    )
    grown = _steps(stands(edition.history))
    return html_page(
        edition,
        "data/data.html.jinja",
        "data.html",
        contributors=kept,
        folded=len(kept) > MOST_OPEN,
        aside=aside(findings),
        refused=[(each.place, _errors(each), each.is_not_judged) for each in findings.refused],
        account=account(findings),
        posted=posted,
        captured=captured,
        stands=grown,
        grew=bool(posted or captured or len(grown) > 1),
        holdings=holdings(findings.pool.videos),
        fewest=1 if edition.creators == 1 else FEWEST,
        dictionary=dictionary(),
        vocabulary=vocabulary(),
        downloads=DOWNLOADS + (SURE_DOWNLOADS if edition.diagnostics is not None else ()),
        licences=LICENCES,
        title=TITLE,
        authors=AUTHORS,
        **_wanted(edition),
    )


def _wanted(edition: Edition) -> dict[str, Any]:
    """What the sections on wanted data and on experiments show."""
    findings, alone = edition.findings, edition.creators == 1
    listed, gains = all_wishes(findings), all_gains(findings.answers)
    best = _best(listed)
    drawn = data_needs.figure(findings, best)
    return {
        "alone": alone,
        "all_asked": all(isinstance(a.fit, Fit) for a in findings.answers if a.question.advice),
        "enough": INTERVAL_CREATORS,
        "cards": data_needs.cards(listed, alone=alone),
        "groups": [] if alone else data_needs.groups(listed),
        "unmade": data_needs.unmade(listed),
        "gains": data_needs.lines(gains),
        "narrowed": inline(drawn, _finding(data_needs.drawn(best))) if drawn else "",
        "unnoted": data_needs.unnoted(holdings(findings.pool.videos), edition.creators),
        "experiments": experiment.experiments(findings),
        "first_try": experiment.first_try(listed, alone=alone),
        "more_videos": MORE_VIDEOS,
    }


def _best(listed: tuple[Wish, ...]) -> list[Gain]:
    """The gain of each wish that narrows most, widest first: the picture has each once."""
    return sorted((gain for wish in listed if (gain := wish.best)), key=lambda g: -g.narrowing)


def _finding(gains: list[Gain]) -> str:
    best = data_needs.lines(gains[:1])[0]
    then = best.with_creator or best.with_videos
    return (
        f"Of those drawn, this would gain the most: {best.compares}, {best.counts}. Its 95 % range "
        f"is {best.today} today, and would be {then}. The table below has all comparisons."
    )


def dictionary() -> list[tuple[str, list[ColumnEntry]]]:
    """Describe the columns, in the order of the schema, by what they are."""
    return [
        (title, [entry(column) for column in COLUMNS if column.role in roles])
        for title, roles in ROLES.items()
    ]


def contributors(findings: Results) -> Iterator[Contributor]:
    """List the creators of the pool, by name."""
    by_creator = dict(list(findings.pool.videos.groupby("creator")))
    for name, profile in sorted(findings.profiles.items()):
        posted = by_creator[name]["posted_on"].dropna()
        yield Contributor(
            name,
            profile.display or "",
            f"creators/{name}.html" if profile.page else "",
            len(by_creator[name]),
            f"{posted.min():%Y-%m}" if len(posted) else "",
            f"{posted.max():%Y-%m}" if len(posted) else "",
            profile.licence,
            profile.credit or "",
        )


def aside(findings: Results) -> list[tuple[str, str]]:
    """Name the folders that were accepted and are not in the pool, with the reason."""
    captures = findings.pool.captures
    stays_out = captures.loc[captures["left_out"] == NOT_IN_MODEL, "creator"].unique()
    out = [(str(name), NOT_IN_MODEL) for name in sorted(stays_out)]
    set_aside = [
        (name, f"set aside by the maintainers: {reason}") for name, reason in findings.quarantined
    ]
    return sorted([*out, *set_aside])


def _errors(refused: Refused) -> int:
    return total(refused.problems, Severity.ERROR)


def account(findings: Results) -> list[tuple[str, int, list[tuple[str, int]], int]]:
    """Account for every row: of the pool, then of each question; what came in, left and stayed."""
    whole_ = findings.pool.account
    rows = [("the pool", whole_.rows_in, list(whole_.left_out), whole_.rows_used)]
    for answer in findings.answers:
        asks, row_account = table.question(answer.question.name).asks, answer.fit.account
        used = len(answer.fit.sample.y) if isinstance(answer.fit, Fit) else 0
        rows.append((asks, row_account.rows_in, list(row_account.left_out), used))
    return rows


def _bars(periods: tuple[Period, ...]) -> list[tuple[str, int, int]]:
    """Name each period, with its videos and the length of its bar in hundredths of the longest."""
    most = max((each.videos for each in periods), default=1)
    return [(_period(each), each.videos, round(100 * each.videos / most)) for each in periods]


def _steps(stands: tuple[Stand, ...]) -> list[tuple[Stand, int]]:
    """Give each stand of the pool the length of its bar, in hundredths of the longest."""
    most = max((each.videos for each in stands), default=0) or 1
    return [(each, round(100 * each.videos / most)) for each in stands]


def _period(period: Period) -> str:
    first, last = (text.replace("Q", " Q") for text in (period.first, period.last))
    return first if first == last else f"{first} to {last}"
