"""The list of creators, and their own pages."""
