"""Which column a header names, however it is spelled, and which it may have meant."""

import difflib
import re
import tomllib
import unicodedata
from collections.abc import Collection, Sequence
from functools import cache
from pathlib import Path

from schema.columns import BY_NAME, COLUMNS, Kind
from schema.vocabulary import plain_letters

LONGEST_HEADER = 120  # characters; no spelling has a quarter of them
OTHER_NAMES = Path(__file__).with_name("other_names.toml")
BRACKETS = re.compile(r"[(\[（]([^()\[\]（）]{0,40})[)\]）]")
# What brackets may say of a column, by its unit or kind; with another, such as min, it is another.
SAID = {
    "percent": "% percent prozent pct",
    "seconds": "s sec secs seconds sek sekunden secondes segundos secondi 秒",
    Kind.DATE: "date day datum fecha data yyyy-mm-dd year-month-day",
    Kind.FLAG: "yes/no y/n ja/nein oui/non sí/no",
    "count": "# n total gesamt count number anzahl",
    "": "optional required",
}


def _fold(header: str) -> str:
    return "".join(header.replace("_", "").split())


SPELLINGS: dict[str, str] = {
    _fold(spelling).lower(): column.name
    for column in COLUMNS
    for spelling in (column.name, *column.aliases)
}


def canonical(header: str) -> str | None:
    r"""Find the column that a header names; case, blanks and `_` do not count.

    Letters are those from a to z: there are others whose small letter is one of these.

    >>> canonical("Watched Full Video"), canonical("watches"), canonical("li\u212aes")
    ('watched_full_pct', None, None)
    """
    if len(header) > LONGEST_HEADER or not (folded := _fold(header)).isascii():
        return None
    return SPELLINGS.get(folded.lower())


def _letters(header: str) -> str:
    shown = unicodedata.normalize("NFKC", header).casefold()
    kept = (c for c in shown if c.isalnum() or unicodedata.category(c)[0] == "M")
    return unicodedata.normalize("NFC", "".join(kept))


@cache
def _other_names() -> dict[str, str]:
    names = tomllib.loads(OTHER_NAMES.read_text(encoding="utf-8"))
    return {_letters(name): column for column, others in names.items() for name in others}


def meant(header: str) -> str | None:
    """Find the column that a header surely means: with a unit or a sign, or in another language.

    >>> meant("Views (total)"), meant("Has cover?"), meant("Aufrufe"), meant("Duration (min)")
    ('views', 'has_cover', 'views', None)
    """
    if len(header) > LONGEST_HEADER:
        return None
    if named := canonical(header):
        return named
    bare = _letters(BRACKETS.sub("", header))
    name = SPELLINGS.get(bare) or _other_names().get(bare)
    if name is None or not (brackets := BRACKETS.findall(header)):
        return name
    column = BY_NAME[name]
    may_say = " ".join(SAID.get(key, "") for key in (column.unit, column.kind, "")).split()
    return name if all(said.strip().casefold() in may_say for said in brackets) else None


def columns_of(header: Sequence[str]) -> list[str | None]:
    """Find the column of each name of a header, also of those that are only meant, and once."""
    named = [canonical(name) for name in header]
    guesses = [
        None if name else meant(written) for name, written in zip(named, header, strict=True)
    ]
    return [
        name or (guess if guess and guess not in named and guesses.count(guess) == 1 else None)
        for name, guess in zip(named, guesses, strict=True)
    ]


def did_you_mean(header: str, present: Collection[str | None] = ()) -> str | None:
    """Find the column, of those not present, whose name is nearest to a header, or None."""
    if len(header) > LONGEST_HEADER:
        return None
    if (sure := meant(header)) and sure not in present:
        return sure
    free = [spelling for spelling, name in SPELLINGS.items() if name not in present]
    written = _fold(plain_letters(header)).lower()
    close = difflib.get_close_matches(written, free, n=1, cutoff=0.7)
    return SPELLINGS[close[0]] if close else None
