"""Fixtures for the site as people open it: its states, written once a run, and a real browser."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from filelock import FileLock

from support.shared import once

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from pipeline.render.site.layout.context import Edition

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PHONE, DESKTOP = 375, 1100

Editions = Callable[[str], "Edition"]
Sites = Callable[[str], Path]


@dataclass(frozen=True, slots=True)
class Seen:
    """An open page, and what it did that no page of ours may do."""

    page: "Page"
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

        home = shared / f"state-{state}" / "contributions"
        return once(shared, f"state-{state}", lambda: STATES[state](home))

    return edition_of


@pytest.fixture(scope="session")
def site_of(shared: Path, edition_of: Editions) -> Sites:
    """The folder with the whole report of a state, downloads and figures too."""

    @cache
    def site_of(state: str) -> Path:
        from pipeline.render.report import files
        from pipeline.storage.atomic_files import write_into

        folder = shared / f"state-{state}" / "reports"
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


@pytest.fixture(scope="session")
def chromium() -> Iterator["Browser"]:
    """A Chromium that is installed here; one for all tests of a process."""
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if found is None:
        pytest.skip(f"needs a Chromium in PATH: {', '.join(PROGRAMS)}")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=["--disable-dev-shm-usage"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def look(chromium: "Browser") -> Look:
    """Open a file offline, in a window and a mood of its own, and note what it does."""

    @contextmanager
    def look(file: Path, width: int = DESKTOP, **options: Any) -> Iterator[Seen]:
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, offline=True, **options
        )
        try:
            context.add_init_script(CANARY)
            yield _opened(context.new_page(), file)
        finally:
            context.close()

    return look


# Set by hostile text that is run; what a page's own policy refuses is on the console.
CANARY = "window.hacked = []"


def _opened(page: "Page", file: Path) -> Seen:
    seen, address = Seen(page), file.as_uri()
    page.on("console", lambda m: seen.said.append(f"{m.type}: {m.text}") if _is_bad(m) else None)
    page.on("pageerror", lambda error: seen.said.append(str(error)))
    page.on("request", lambda request: _note(seen.asked, request.url, address))
    page.on("dialog", lambda dialog: (seen.dialogs.append(dialog.message), dialog.dismiss()))
    page.goto(address)
    return seen


def _is_bad(message: Any) -> bool:
    return message.type in ("error", "warning")


def _note(asked: list[str], url: str, address: str) -> None:
    if url.split("#")[0] != address and url != "data:,":
        asked.append(url)
