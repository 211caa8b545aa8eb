"""What a page in the browser is measured by."""

from typing import Any

from support.browser import Seen
from support.contribution import ROOT

MEASURES = (ROOT / "tests/support/measures.js").read_text(encoding="utf-8")


def measure(seen: Seen, what: str) -> Any:
    """Take a measure of measures.js; the page's own policy does not bind the tests."""
    if not seen.page.evaluate("'measures' in window"):
        seen.page.evaluate(MEASURES)
    return seen.page.evaluate(f"measures.{what}")
