"""One creator: summary, data quality, effect on the pool."""
