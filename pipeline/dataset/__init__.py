"""From bytes to one row per video: read, check, pool."""
