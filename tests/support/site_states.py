"""The states in which the site has to make sense, each as the edition that it is built from.

Each is made from a folder that keeps the results of pools, for other states and tests as well. Real
creators are simulated ones under other names; pools are small, for `sure` takes seconds each.
"""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

from pipeline.analysis.diagnostics import cache
from pipeline.analysis.diagnostics.diagnostics import Diagnostics, key, sureness
from pipeline.analysis.history import history_csv
from pipeline.analysis.history.changes import SetDifference
from pipeline.analysis.prediction.models import Effort
from pipeline.analysis.robustness import datasets
from pipeline.inference.results import Results
from pipeline.render.site.layout.context import Edition
from support.contribution import ROOT
from support.results import findings_of, simulated
from support.shared import examples_results, narrow_results, real_results

REPOSITORY = "https://github.com/octocat/followworthy"
REPORTS = ROOT / "reports"
NINE = 9, 250  # creators and videos
EFFORT = Effort(trees=20, steps=20, rounds=6, shadow_trees=10)  # a tenth of a report's
IMPUTATIONS = 2


def empty(shared: Path) -> Edition:
    """Nobody has contributed."""
    return edition(real_results(shared, 0, 0))


def one(shared: Path) -> Edition:
    """One real creator, who has a page."""
    return edition(with_pages(real_results(shared, 1, 45), 1))


def three(shared: Path) -> Edition:
    """Two to four real creators: estimates without intervals."""
    return edition(with_pages(real_results(shared, 3, 60), 1))


def nine(shared: Path) -> Edition:
    """Five and more real creators, of whom three joined after the first report."""
    findings = with_pages(real_results(shared, *NINE), 2)
    last = findings.pool.creators[-3:]
    home = simulated(shared / "first-six", *NINE, real=True)
    for creator in last:
        shutil.rmtree(home / creator)
    earlier = findings_of(home)
    before = history_csv.read_history(history_csv.history(earlier, []))
    return replace(
        edition(findings, before),
        causes={
            earlier.inputs: SetDifference(simulated=False),
            findings.inputs: SetDifference(simulated=False, is_told=True, joined=last),
        },
        repository=REPOSITORY,
    )


def unsure(shared: Path) -> Edition:
    """Real creators, while what takes minutes is not computed."""
    findings = with_pages(real_results(shared, *NINE), 2)
    return Edition(
        findings, None, history_csv.read_history(history_csv.history(findings, [])) or []
    )


def narrow(shared: Path) -> Edition:
    """Six creators of whom nobody noted new followers: three questions are not identified."""
    return edition(with_pages(narrow_results(shared), 1))


def examples(shared: Path) -> Edition:
    """None but simulated creators: this repository's own."""
    findings = examples_results(shared)
    before = history_csv.read_history((REPORTS / "history.csv").read_bytes())
    raws = {name: (REPORTS / name).read_bytes() for name in cache.NAMES}
    sure = cache.read(raws, key(findings.inputs))
    assert sure, "the kept diagnostics are of other code or data: run `python -m pipeline report`"
    return edition(with_pages(findings, 3), before, sure)


STATES: dict[str, Callable[[Path], Edition]] = {
    each.__name__: each for each in (empty, one, three, nine, unsure, narrow, examples)
}


def edition(
    findings: Results, before: history_csv.History | None = None, sure: Diagnostics | None = None
) -> Edition:
    """Compute what takes long, unless it is there; it is shown as read, as in a report."""
    if sure is None:
        mark = key(findings.inputs)
        with patch.object(datasets, "TIMES", IMPUTATIONS):
            diagnostics = sureness(findings, lambda _: None, EFFORT)
        sure = cache.read(cache.as_files(diagnostics, mark), mark)
    rows = history_csv.read_history(history_csv.history(findings, before or []))
    return Edition(findings, sure, rows or [])


def with_pages(findings: Results, pages: int) -> Results:
    """Let the first creators have pages of their own, names and thanks."""
    profiles = dict(findings.profiles)
    for number, creator in enumerate(sorted(profiles)[:pages], 1):
        profiles[creator] = replace(
            profiles[creator], page=True, display=f"Display {number}", credit=f"Thanks {number}"
        )
    return replace(findings, profiles=profiles)
