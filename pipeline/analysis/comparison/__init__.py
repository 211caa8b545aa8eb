"""Two videos compared by the published estimates."""
