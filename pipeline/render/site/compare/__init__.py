"""Two videos side by side."""
