"""The documents of the repository: their headings."""

import re


def headings(document: str) -> set[str]:
    """Name the anchors that GitHub gives the headings of a document."""
    titles = re.findall(
        r"^#{1,6} (.+)$", re.sub(r"^```.*?^```$", "", document, flags=re.M | re.S), re.M
    )
    slugs = [re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-") for title in titles]
    return {
        slug if not slugs[:i].count(slug) else f"{slug}-{slugs[:i].count(slug)}"
        for i, slug in enumerate(slugs)
    }
