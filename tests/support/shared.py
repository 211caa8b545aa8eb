"""What a run of the tests makes once, for all its processes."""

import pickle
from collections.abc import Callable
from functools import cache, partial
from os import environ
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest
from filelock import FileLock

from support.contribution import ROOT

if TYPE_CHECKING:
    from pipeline.inference.results import Results

T = TypeVar("T")
ResultsOf = Callable[[int, int], "Results"]


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of one run of the tests share."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in environ else own) / "shared"
    folder.mkdir(exist_ok=True)
    return folder


def once(folder: Path, name: str, make: Callable[[], T]) -> T:
    """Make something, or take what another test made of that name, in whichever process."""
    kept = folder / f"{name}.pickle"
    with FileLock(f"{kept}.lock"):
        if not kept.exists():
            kept.write_bytes(pickle.dumps(make()))
    value: T = pickle.loads(kept.read_bytes())  # noqa: S301  # written in this very run
    return value


def real_results(shared: Path, creators: int, videos: int) -> "Results":
    """The results of so many creators and videos, simulated as real ones."""
    return _results(shared, creators, videos, real=True)


def narrow_results(shared: Path) -> "Results":
    """The results of six creators of whom nobody noted new followers."""
    from support.results import findings_of, simulated, without_followers

    home = shared / "narrow" / "contributions"
    return once(
        shared,
        "narrow",
        lambda: findings_of(without_followers(simulated(home, 6, 120, real=True))),
    )


def examples_results(shared: Path) -> "Results":
    """The results of this repository's own contributions."""
    from support.results import findings_of

    return once(shared, "examples", lambda: findings_of(ROOT / "contributions"))


@pytest.fixture(scope="session")
def results_of(shared: Path) -> ResultsOf:
    """The results of so many creators and videos, simulated as real ones."""
    return cache(partial(real_results, shared))


@pytest.fixture(scope="session")
def simulated_results_of(shared: Path) -> ResultsOf:
    """The results of so many creators and videos, said to be simulated."""
    return cache(partial(_results, shared, real=False))


@pytest.fixture(scope="session")
def narrow(shared: Path) -> "Results":
    """The results of six creators of whom nobody noted new followers."""
    return narrow_results(shared)


@pytest.fixture(scope="session")
def examples(shared: Path) -> "Results":
    """The results of this repository's own contributions."""
    return examples_results(shared)


def _results(shared: Path, creators: int, videos: int, *, real: bool) -> "Results":
    from support.results import findings_of, simulated

    name = f"{creators}-{videos}-{'real' if real else 'simulated'}"
    folder = shared / name / "contributions"

    def make() -> "Results":
        folder.mkdir(parents=True, exist_ok=True)
        return findings_of(simulated(folder, creators, videos, real=real))

    return once(shared, name, make)
