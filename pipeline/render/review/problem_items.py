"""The problems of a pull request, or an issue, as items of a Markdown list."""

from collections.abc import Iterator

from pipeline.render.check import items
from pipeline.render.text.links import Links
from pipeline.review.review_result import Review
from schema.creator_values import YOUR_LOGIN


def sections(review: Review, links: Links, room: int) -> Iterator[str]:
    """Write errors and warnings by cause, the worst first, as many as `room` bytes hold."""
    login, is_at_hand = review.author.login or YOUR_LOGIN, not links.is_issue
    place = items.Location(links, review.head, review.scope.result, login, is_at_hand)
    yield from items.sections(review.raised_problems, place, room)
