"""Whether a newcomer would carry most of an estimate that others carry already."""

from collections.abc import Sequence

from pipeline.review.anomalies.numbers import Anomaly, Weight

# Of the others who carry it already: with fewer than five no interval is published anyway, and
# with fewer than ten an honest newcomer with many videos carries half of something too often.
MOST = ((10, 0.5), (5, 0.75))
SHOWN = 3


def carries_most(weights: Sequence[Weight], *, is_new: bool) -> Anomaly | None:
    """Name the estimates of which a newcomer would carry more than half.

    Where only five to nine others carry it, more than three quarters.
    """
    heavy = [w for w in weights if any(w.carriers >= n and w.share > most for n, most in MOST)]
    if not is_new or not heavy:
        return None
    heavy.sort(key=lambda w: (-w.share, w.question, w.name))
    named = "; ".join(f"{w.share:.0%} of {w.question}, {w.name}" for w in heavy[:SHOWN])
    more = f" and {len(heavy) - SHOWN} more" if len(heavy) > SHOWN else ""
    said = (
        "Most of what is known about some estimates would come from this one newcomer: "
        f"{named}{more}. A creator with many videos, or with one very popular one, can carry "
        "that much. A maintainer could ask whether the largest counts were read off correctly, and "
        "look at the estimates with and without them."
    )
    return Anomaly("carries-most", said)
