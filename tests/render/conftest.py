"""Pools that several pages are tested with."""

from collections.abc import Iterator

import pytest

from pipeline.inference.results import Results
from pipeline.render.charts import vega
from support.results import findings_of
from support.shared import ResultsOf


@pytest.fixture(scope="session", autouse=True)
def valid_charts() -> Iterator[None]:
    """Let Altair check every chart against the schema of Vega-Lite."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vega, "VALIDATE", True)
        yield


@pytest.fixture(scope="session")
def pools(
    results_of: ResultsOf,
    simulated_results_of: ResultsOf,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Results]:
    """Pools of nobody, one real creator, three, and six simulated ones."""
    return {
        "nobody": findings_of(tmp_path_factory.mktemp("nobody")),
        "one": results_of(1, 60),
        "three": results_of(3, 150),
        "six": simulated_results_of(6, 300),
    }
