"""A pull request: who may change what, what it changes, what a maintainer may ask."""
