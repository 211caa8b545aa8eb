"""Shared by all tests: the profile of the property tests, an empty home, nine creators."""

import gc
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from pipeline.analysis.diagnostics.diagnostics import Diagnostics
from pipeline.inference.results import Results
from support.results import sure_of

if TYPE_CHECKING:
    from support.shared import ResultsOf

pytest_plugins = ["support.shared", "support.browser"]

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # our modules are compiled once for all processes
settings.register_profile("same every time", derandomize=True, deadline=None)
settings.load_profile("same every time")
gc.set_threshold(100_000, 50, 50)  # looking for cycles took a third of the time


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A `contributions` folder without creators."""
    folder = tmp_path / "contributions"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def nine(results_of: "ResultsOf") -> Results:
    """The results of nine creators, simulated as real ones."""
    return results_of(9, 420)


@pytest.fixture(scope="session")
def sure(shared: Path, nine: Results) -> Diagnostics:
    """What a fit of the nine tells of each creator's own slopes."""
    from support.shared import once  # pytest imports this plugin first

    return once(shared, "sure", lambda: sure_of(nine))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest, so that no process ends with one of them."""

    def place(item: pytest.Item) -> int:
        if "workflows" in item.path.parts or item.get_closest_marker("browser"):
            return 0
        return 1 if item.get_closest_marker("slow") else 2

    first: dict[Path, int] = {}
    for item in items:
        first[item.path] = min(place(item), first.get(item.path, 2))
    items.sort(key=lambda item: first[item.path])


def pytest_collection_finish() -> None:
    """Never look for cycles in what is imported."""
    gc.collect()
    gc.freeze()
