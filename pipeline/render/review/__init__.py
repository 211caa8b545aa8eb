"""A review, as Markdown, text and JSON."""
