"""The commands, by what they are for; with `__main__` they are the only door."""

from pipeline.commands import build, pull, start
from pipeline.commands.shared import app

__all__ = ["app", "build", "pull", "start"]
