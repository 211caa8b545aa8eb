"""Fixtures for the site as people open it: its states, written once a run, and a real browser."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest
from filelock import FileLock

from support.shared import once

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

    from pipeline.render.site.layout.context import Edition

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PHONE, DESKTOP = 375, 1100

Mood = Literal["light", "dark"]
MOODS: tuple[Mood, ...] = ("light", "dark")
Editions = Callable[[str], "Edition"]
Sites = Callable[[str], Path]


@dataclass(slots=True)
class Seen:
    """An open page, and what it did that no page of ours may do."""

    page: "Page"
    address: str = ""
    said: list[str] = field(default_factory=list)  # on the console, warnings and errors
    asked: list[str] = field(default_factory=list)  # requests beyond the page itself
    dialogs: list[str] = field(default_factory=list)


Look = Callable[..., AbstractContextManager[Seen]]


@pytest.fixture(scope="session")
def edition_of(shared: Path) -> Editions:
    """The edition of a state of `site_states`, computed once a run."""

    @cache
    def edition_of(state: str) -> "Edition":
        from support.site_states import STATES  # slow to import

        return once(shared, f"state-{state}", lambda: STATES[state](shared))

    return edition_of


@pytest.fixture(scope="session")
def site_of(shared: Path, edition_of: Editions) -> Sites:
    """The folder with the whole report of a state, downloads and figures too."""

    @cache
    def site_of(state: str) -> Path:
        from pipeline.render.report import files
        from pipeline.storage.atomic_files import write_into

        folder = shared / f"state-{state}" / "reports"
        folder.parent.mkdir(exist_ok=True)
        with FileLock(f"{folder}.lock"):
            if not folder.exists():
                edition = edition_of(state)
                written = files(
                    edition.findings,
                    edition.history,
                    edition.diagnostics,
                    edition.causes,
                    edition.repository,
                )
                beside = folder.with_name("writing")
                write_into(beside, {str(path): raw for path, raw in written.items()})
                beside.rename(folder)
        return folder

    return site_of


def pages_in(folder: Path) -> list[Path]:
    """Every page of a written site, found by walking it."""
    return sorted(folder.rglob("*.html"))


def kinds_in(folder: Path) -> list[Path]:
    """One page of each kind: of the creators' own, which are of one template, the first."""
    pages = pages_in(folder)
    own = [page for page in pages if page.parent.name == "creators"]
    return [page for page in pages if page not in own[1:]]


@pytest.fixture(scope="session")
def chromium() -> Iterator["Browser"]:
    """A Chromium that is installed here; one for all tests of a process."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip(f"needs a Chromium in PATH: {', '.join(PROGRAMS)}")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--disable-dev-shm-usage"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def look(chromium: "Browser") -> Look:
    """Open a file offline, in a window and a mood, and note what it does.

    Pages are used again, emptied and without a history: a new one takes five times as long. One
    on which a test failed is left.
    """
    idle: dict[bool, list[Seen]] = {True: [], False: []}

    @contextmanager
    def look(
        file: Path,
        width: int = DESKTOP,
        color_scheme: Mood = "light",
        *,
        java_script_enabled: bool = True,
    ) -> Iterator[Seen]:
        ready = idle[java_script_enabled]
        seen = ready.pop() if ready else _new_page(chromium, java_script_enabled)
        seen.page.set_viewport_size({"width": width, "height": 900})
        seen.page.emulate_media(media="screen", color_scheme=color_scheme)
        seen.address = file.as_uri()
        seen.said, seen.asked, seen.dialogs = [], [], []
        seen.page.goto(seen.address)
        yield seen
        seen.page.goto("about:blank")
        seen.page.context.new_cdp_session(seen.page).send("Page.resetNavigationHistory")
        ready.append(seen)

    return look


# Set by hostile text that is run; what a page's own policy refuses is on the console.
CANARY = "window.hacked = []"


def _new_page(chromium: "Browser", java_script_enabled: bool) -> Seen:
    context = chromium.new_context(offline=True, java_script_enabled=java_script_enabled)
    context.add_init_script(CANARY)
    seen = Seen(context.new_page())
    seen.page.on("console", lambda message: _hear(seen, message))
    seen.page.on("pageerror", lambda error: seen.said.append(str(error)))
    seen.page.on("request", lambda request: _note(seen, request.url))
    seen.page.on("dialog", lambda dialog: (seen.dialogs.append(dialog.message), dialog.dismiss()))
    return seen


def _hear(seen: Seen, message: "ConsoleMessage") -> None:
    if message.type in ("error", "warning"):
        seen.said.append(f"{message.type}: {message.text}")


def _note(seen: Seen, url: str) -> None:
    if url.split("#")[0] != seen.address and url != "data:,":
        seen.asked.append(url)
