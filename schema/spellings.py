"""Which column a header names, however it is spelled, and which it may have meant."""

import difflib
from collections.abc import Collection

from schema.columns import COLUMNS
from schema.vocabulary import plain_letters

LONGEST_HEADER = 120  # characters; no spelling has a quarter of them


def _fold(header: str) -> str:
    return "".join(header.replace("_", "").split())


SPELLINGS: dict[str, str] = {
    _fold(spelling).lower(): column.name
    for column in COLUMNS
    for spelling in (column.name, *column.aliases)
}


def canonical(header: str) -> str | None:
    """Find the column that a header names; case, blanks and `_` do not count.

    Letters are those from a to z: there are others whose small letter is one of these.

    >>> canonical("Watched Full Video"), canonical("watches"), canonical("li\u212aes")
    ('watched_full_pct', None, None)
    """
    if len(header) > LONGEST_HEADER or not (folded := _fold(header)).isascii():
        return None
    return SPELLINGS.get(folded.lower())


def did_you_mean(header: str, present: Collection[str | None] = ()) -> str | None:
    """Find the column, of those not present, whose name is nearest to a header, or None."""
    if len(header) > LONGEST_HEADER:
        return None
    free = [spelling for spelling, name in SPELLINGS.items() if name not in present]
    written = _fold(plain_letters(header)).lower()
    close = difflib.get_close_matches(written, free, n=1, cutoff=0.7)
    return SPELLINGS[close[0]] if close else None
