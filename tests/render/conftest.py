"""Pools that several pages are tested with, and charts that Altair checks."""

import pytest

from pipeline.inference.results import Results
from pipeline.render.charts import vega
from support.shared import ResultsOf

vega.VALIDATE = True  # before any test of this process draws


@pytest.fixture(scope="session")
def pools(results_of: ResultsOf, simulated_results_of: ResultsOf) -> dict[str, Results]:
    """Pools of nobody, one real creator, three, and six simulated ones."""
    return {
        "nobody": results_of(0, 0),
        "one": results_of(1, 60),
        "three": results_of(3, 150),
        "six": simulated_results_of(6, 300),
    }
