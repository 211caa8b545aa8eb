"""Pools that several pages are tested with, and charts that Altair checks."""

import pytest

from pipeline.inference.results import Results
from pipeline.render.charts import vega
from support.results import findings_of
from support.shared import ResultsOf

vega.VALIDATE = True  # before any test of this process draws


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
