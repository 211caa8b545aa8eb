"""The front page: the answer to each question."""
