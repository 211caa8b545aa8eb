"""What a maintainer may want to ask about a contribution; `kinds` makes all looks."""

from pipeline.review.anomalies.checks import SLUGS, look
from pipeline.review.anomalies.numbers import Anomaly, Weight

__all__ = ["SLUGS", "Anomaly", "Weight", "look"]
