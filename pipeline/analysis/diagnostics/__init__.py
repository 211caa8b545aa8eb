"""Slow diagnostics of the estimates, cached."""
