"""What a maintainer may want to ask about a contribution; `kinds` makes all looks."""

from pipeline.looks.kinds import SLUGS, look
from pipeline.looks.value import Look, Weight

__all__ = ["SLUGS", "Look", "Weight", "look"]
