"""Plain text for every medium: escaping, numbers, links."""
