"""The 2022 post: its regression as it was, and what stands as one thing after another changes."""
