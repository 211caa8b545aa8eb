"""What a maintainer may want to ask about a contribution; `kinds` makes all looks."""

from pipeline.review.anomalies.checks import SLUGS, look
from pipeline.review.anomalies.numbers import Look, Weight

__all__ = ["SLUGS", "Look", "Weight", "look"]
