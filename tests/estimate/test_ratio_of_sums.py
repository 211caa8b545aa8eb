"""The interval of a ratio of sums: where it is withheld."""

import numpy as np
import scipy.stats

from pipeline.estimate.ratio_of_sums import WIDEST, log_interval


def test_an_interval_is_withheld_from_where_it_spans_thirtyfold():
    exposure, shown = np.ones(6), []
    for most in np.arange(2.0, 60.0):
        events = np.array([most, 2, 2, 1, 1, 1])
        here = np.log(events.sum() / 6)
        without = np.log((events.sum() - events) / 5)
        error = np.sqrt(5 / 6 * ((without - here) ** 2).sum())
        low, high = scipy.stats.t.interval(0.95, 5, here, error)
        interval = log_interval(events, exposure)
        shown.append(interval is not None)
        assert shown[-1] == (np.exp(high - low) <= WIDEST)
        if interval:
            np.testing.assert_allclose(interval, (low, high), rtol=1e-12)
    assert 1 < sum(shown) < len(shown)


def test_one_unit_with_all_events_and_units_that_are_alike_have_none():
    assert log_interval(np.array([9.0, 0, 0, 0]), np.ones(4)) is None
    assert log_interval(np.full(10, 2.0), np.full(10, 50.0)) is None
    assert log_interval(np.zeros(4), np.ones(4)) is None
