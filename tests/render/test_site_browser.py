"""Every page of the site in a real browser: offline, silent, on a phone, by day and by night."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

import pytest

from support.browser import DESKTOP, MOODS, PHONE, Look, Seen, Sites, kinds_in, pages_in
from support.measures import measure

STATES = ("empty", "one", "three", "nine", "unsure", "narrow", "examples")
SMALLEST = 320
READABLE = 10  # pixels of a letter in a chart on a phone
GRAVE = ("serious", "critical")
# Contrast is measured by `faint`, in the dark too, in a tenth of the time.
AXE = "{resultTypes: ['violations'], rules: {'color-contrast': {enabled: false}}}"
# It takes a second a page, and what it sees, all states have: nothing, and all that there is; and
# of real creators the pages that have more of them than of simulated ones.
WITH_AXE = ("empty", "examples")
WITH_AXE_OF_NINE = ("index.html", "history.html", "data.html", "real-amber.html")
OPEN = "document.querySelectorAll('details').forEach(each => { each.open = true })"
pytestmark = [pytest.mark.slow, pytest.mark.browser]


@dataclass(slots=True)
class Visit:
    """What was found on one page of a site; each list is empty where all is well."""

    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    sideways: list[int] = field(default_factory=list)
    cut: list[str] = field(default_factory=list)
    small: list[str] = field(default_factory=list)
    overlapping: list[str] = field(default_factory=list)
    faint: list[str] = field(default_factory=list)
    axe: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def axe() -> str:
    return resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


@pytest.fixture(scope="module")
def visits(look: Look, site_of: Sites, axe: str) -> Callable[[str], dict[str, Visit]]:
    """Open every page of a state once, with all that folds unfolded."""

    @cache
    def visits(state: str) -> dict[str, Visit]:
        folder = site_of(state)
        asked = kinds_in(folder) if state in WITH_AXE else []
        if state == "nine":
            asked = [file for file in kinds_in(folder) if file.name in WITH_AXE_OF_NINE]
            assert len(asked) == len(WITH_AXE_OF_NINE)
        by_page = {}
        for file in pages_in(folder):
            visit = by_page[file.relative_to(folder).as_posix()] = Visit()
            with look(file) as seen:
                seen.page.evaluate(OPEN)
                _colours(seen, visit)
                _narrow(seen, visit)
                visit.axe += _grave(seen, axe) if file in asked else []
                visit.said += [*seen.said, *seen.dialogs]
                visit.asked += seen.asked
        return by_page

    return visits


def _colours(seen: Seen, visit: Visit) -> None:
    """Measure what has to be seen by day and by night."""
    for width in (DESKTOP, PHONE):
        seen.page.set_viewport_size({"width": width, "height": 900})
        for mood in MOODS:
            seen.page.emulate_media(color_scheme=mood)
            visit.faint += [f"{width}, {mood}: {each}" for each in measure(seen, "faint()")]


def _narrow(seen: Seen, visit: Visit) -> None:
    """Measure what has to fit on phones."""
    for width in (PHONE, SMALLEST):
        seen.page.set_viewport_size({"width": width, "height": 900})
        sideways = measure(seen, "sideways()")
        visit.sideways += [sideways] if sideways else []
        visit.cut += [f"{width}: {each}" for each in measure(seen, "cut()")]
        visit.overlapping += [f"{width}: {each}" for each in measure(seen, "overlapping()")]
        if width == PHONE:
            visit.small += measure(seen, f"small({READABLE})")


def _grave(seen: Seen, axe: str) -> list[str]:
    seen.page.evaluate(axe)
    axe_report = seen.page.evaluate(f"axe.run(document, {AXE})")
    return [
        f"{each['id']} ({each['impact']}): {node['html'][:120]}"
        for each in axe_report["violations"]
        if each["impact"] in GRAVE
        for node in each["nodes"][:3]
    ]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(
    "what", ["said", "asked", "sideways", "cut", "small", "overlapping", "faint", "axe"]
)
def test_every_page_opens_well(state, what, visits):
    """Silent and offline, as wide as the window, letters whole and large, nothing grave by axe."""
    by_page = {name: getattr(visit, what) for name, visit in visits(state).items()}
    assert len(by_page) >= 8
    assert {name: list(dict.fromkeys(each))[:5] for name, each in by_page.items() if each} == {}
