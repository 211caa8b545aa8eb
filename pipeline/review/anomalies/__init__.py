"""What a maintainer may want to ask about a contribution; `checks` has all anomalies."""

from pipeline.review.anomalies.checks import SLUGS, detect
from pipeline.review.anomalies.numbers import Anomaly, Weight

__all__ = ["SLUGS", "Anomaly", "Weight", "detect"]
