"""Tables and sentences about the diagnostics."""
