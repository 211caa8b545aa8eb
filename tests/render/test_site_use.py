"""The site as people use it: by keyboard, without script, in the dark, on paper."""

from typing import Any

import pytest

from support.browser import MOODS, Mood, Seen, kinds_in, pages_in
from support.measures import measure

STATES = ("empty", "one", "three", "nine", "unsure", "narrow", "examples")
pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.mark.parametrize("state", ["examples"])
def test_the_keyboard_reaches_everything_in_order_and_is_seen(state, look, site_of):
    for file in kinds_in(site_of(state)):
        with look(file) as seen:
            names = measure(seen, "reachable()")
            assert "Skip" in names[0], file.name
            reached, unseen = _tab(seen, len(names))
            missed = [name for i, name in enumerate(names) if i not in reached]
            assert (missed, unseen) == ([], []), file.name
            assert reached == sorted(reached), file.name


def _tab(seen: Seen, controls: int) -> tuple[list[int], list[str]]:
    """Press the key until the page is left: the controls in the order they had the focus."""
    reached: list[int] = []
    unseen = []
    for at in _trail(seen, controls):
        if at["ended"] or (reached and at["at"] == 0):
            break
        unseen += [] if at["seen"] else [at["name"]]
        reached += [at["at"]] if at["at"] >= 0 and at["at"] not in reached[-1:] else []
    return reached, unseen


def _trail(seen: Seen, controls: int) -> list[dict[str, Any]]:
    """Press the key for each control and more, until the page has been left."""
    for presses in (controls + 5, controls, controls + 25):
        for _ in range(presses):
            seen.page.keyboard.press("Tab")
        trail = measure(seen, "trail")
        if any(at["ended"] for at in trail):
            break
    return trail


def test_the_skip_link_leads_past_the_menu(look, site_of):
    with look(site_of("nine") / "index.html") as seen:
        seen.page.keyboard.press("Tab")
        seen.page.keyboard.press("Enter")
        seen.page.keyboard.press("Tab")
        assert seen.page.evaluate("document.activeElement.closest('nav, header')") is None
        assert seen.page.evaluate("document.activeElement !== document.body")


@pytest.mark.parametrize("state", ["examples"])
def test_what_folds_opens_by_enter(state, look, site_of):
    folds = 0
    for file in kinds_in(site_of(state)):
        with look(file) as seen:
            closed = seen.page.locator("details:not([open]) > summary:visible")
            folds += (count := closed.count())
            if count:
                first = closed.first.element_handle()
                first.focus()
                seen.page.keyboard.press("Enter")
                assert first.evaluate("each => each.parentElement.open"), file.name
    assert folds > 3


@pytest.mark.parametrize("state", STATES)
def test_the_front_page_is_the_same_without_script(state, look, site_of):
    file = site_of(state) / "index.html"
    with look(file) as with_script, look(file, java_script_enabled=False) as without:
        words = without.page.inner_text("body")
        assert with_script.page.inner_text("body") == words
        assert len(words) > 500


@pytest.mark.parametrize("name", ["compare.html", "normal.html"])
@pytest.mark.parametrize("state", ["nine", "examples"])
def test_without_script_a_table_says_what_the_controls_would(state, name, look, site_of):
    with look(site_of(state) / name, java_script_enabled=False) as seen:
        folds = seen.page.locator("main details:not([open]) > summary:visible")
        while folds.count():
            folds.first.click()
        rows = seen.page.locator("table:visible").first.locator("tr")
        assert rows.count() > 3
        assert seen.page.locator("input:visible, select:visible, button:visible").count() == 0
    with look(site_of(state) / name) as seen:
        assert seen.page.locator("input:visible, select:visible").count() > 0


def test_the_dark_is_dark(look, site_of):
    for file in pages_in(site_of("examples"))[:6]:  # all have one style
        with look(file) as seen:
            (ink, paper), (night_ink, night_paper) = (_ink_and_paper(seen, mood) for mood in MOODS)
            assert night_ink > ink + 300, file.name
            assert night_paper < paper - 300, file.name


def _ink_and_paper(seen: Seen, mood: Mood) -> list[int]:
    """Give how light the letters are and what they stand on, up to 765."""
    seen.page.emulate_media(color_scheme=mood)
    style = "getComputedStyle(document.body)"
    return [
        sum(_rgb(seen.page.evaluate(f"{style}.{what}"))) for what in ("color", "backgroundColor")
    ]


def _rgb(colour: str) -> list[int]:
    return [int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(",")]


# What a fold that is printed leaves out. A closed table is not printed; a closed group of cards is.
FOLDED = """[...document.querySelectorAll("details:not([open]) > :not(summary)")]
  .filter(each => each.parentElement.checkVisibility())
  .filter(each => !each.checkVisibility() || !each.getBoundingClientRect().height)
  .map(each => each.outerHTML.slice(0, 80))"""


@pytest.mark.parametrize("state", ["examples"])
def test_paper_has_no_menu_and_a_fold_whole_or_not_at_all(state, look, site_of):
    for file in kinds_in(site_of(state)):
        with look(file, color_scheme="dark") as seen:
            seen.page.emulate_media(media="print", color_scheme="dark")
            assert not seen.page.locator("nav:visible").count(), file.name
            assert not seen.page.locator("input:visible, select:visible").count(), file.name
            hidden = seen.page.evaluate(FOLDED)
            assert hidden == [], file.name
            groups = seen.page.locator("details.group:not([open])")
            assert groups.count() or file.name != "index.html"
            assert all(each.is_visible() for each in groups.locator("li").all()), file.name
            paper = seen.page.evaluate("getComputedStyle(document.body).backgroundColor")
            assert sum(_rgb(paper)) == 3 * 255, file.name
            assert measure(seen, "faint()") == [], file.name
