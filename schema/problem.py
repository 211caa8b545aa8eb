"""What a contributor is told: one thing wrong with one place, kept raw and rendered late."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from schema.characters import BIDI, INVISIBLE, JOINERS

MOST_LISTED = 10_000  # of one folder, from which one place of each cause is listed


class Severity(StrEnum):
    """Whether a problem blocks the contribution."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one place in one file.

    `file` is a posix path from `contributions/` on. `line` is the physical first line of the
    record, None for a whole file. `column` is the canonical name, or the header as written where
    it is unknown, None for rows and files. `value` is None where it may be personal. `more`
    counts further problems of the same file, rule and column that are not listed. `instead` is what
    the hint says to write, "" where it names nothing. `repaired`: `python -m pipeline fix` does it.
    """

    file: str
    line: int | None
    column: str | None
    value: str | None
    rule: str
    severity: Severity
    hint: str
    more: int = 0
    instead: str = ""
    repaired: bool = False

    @property
    def place(self) -> tuple[str, int, str, str, str]:
        """The order of all output: file, line (whole file first), column, rule, value."""
        return (self.file, self.line or 0, self.column or "", self.rule, self.value or "")


def total(problems: Iterable[Problem], severity: Severity | None = None) -> int:
    """Count problems, those that are not listed too; of one severity, or all."""
    return sum(1 + each.more for each in problems if severity in (None, each.severity))


def first_of_each(problems: Iterable[Problem]) -> list[Problem]:
    """List the first problem of each cause, and count the others."""
    causes: dict[tuple[str, str | None, str, bool], list[Problem]] = {}
    for each in problems:
        causes.setdefault((each.file, each.column, each.rule, each.repaired), []).append(each)
    return [replace(same[0], more=total(same) - 1) for same in causes.values()]


# Anchored at the @, and bounded, so that a long cell costs no more than its length.
EMAIL = re.compile(r"(?<=[^\s@<>\"',;/])@[^\s@<>\"',;]{1,190}\.\w{2}")
PHONE = re.compile(
    r"(?:\+ ?|(?<![0-9])00)[1-9][0-9 ()./-]{6,18}[0-9]"  # +49 170 1234567, 0049 170 1234567
    r"|(?<![0-9])\(?[2-9][0-9]{2}\)?[ .-][2-9][0-9]{2}[ .-][0-9]{4}(?![0-9])"  # (555) 234-4567
    r"|(?<![0-9.])0[0-9]{2,4}[ /-][0-9]{3,4}[ -]?[0-9]{2,5}(?![0-9])"  # 0170 1234567
    # 06 12 34 56 78, and not the month of a day and time, as in 2026-05-31 18-30-12
    r"|(?<![0-9])(?<![0-9][.-])(?<!(?:19|20)[0-9]{2} )0[1-9](?:[ .-][0-9]{2}){4}(?![0-9])"
    r"|(?<![0-9])\(?[1-9][0-9]\)? ?9[0-9]{4}-[0-9]{4}(?![0-9])"  # (11) 91234-5678
    r"|(?<![0-9])[6-9][0-9]{4} [0-9]{5}(?![0-9])"  # 98765 43210
    r"|(?<![0-9.,])0[1-9][0-9]{8,9}(?![0-9.,])"  # 01701234567
    r"|wa\.me/[0-9]{6}"
)
CAMERA = r"20[0-4][0-9](?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?:[01][0-9]|2[0-3])[0-5][0-9]"
BARE_PHONE = re.compile(  # a camera names a file by its day and time: 202605311830
    rf"(?<![0-9.])(?!{CAMERA}(?![0-9]))"
    r"(?:[2-9][0-9]{9}|1[3-9][0-9]{9}|[1-9][0-9]{11})(?![0-9.])"
)
BARE_ID = re.compile("[1-9][0-9]{9}")  # all of a label: many sites number what they hold so


FOREIGN = re.compile("[^\x00-\x7f]")


def has_email(text: str) -> bool:
    """Return whether a text holds what looks like an e-mail address.

    >>> has_email("write to me@example.org"), has_email("me＠example.org"), has_email("@handle")
    (True, True, False)
    """
    return EMAIL.search(_plain(text)) is not None


def has_phone(text: str) -> bool:
    """Return whether a text holds what looks like a telephone number; numbers belong elsewhere.

    >>> has_phone("call 06 12 34 56 78"), has_phone("7300123456789012345"), has_phone("2024-05-03")
    (True, False, False)
    """
    plain = _plain(text)
    return PHONE.search(plain) is not None or BARE_PHONE.search(plain) is not None


def is_personal(text: str) -> bool:
    """Return whether a text holds what looks like an e-mail address or a telephone number."""
    return has_email(text) or has_phone(text)


def _plain(text: str) -> str:
    if text.isascii():
        return text
    for hidden in (INVISIBLE, JOINERS, BIDI):
        text = hidden.sub("", text)
    # Letter by letter: the time of a whole text grows with the square of the marks in a row.
    return FOREIGN.sub(lambda letter: _plain_letter(letter[0]), text)


@lru_cache(maxsize=4096)
def _plain_letter(letter: str) -> str:
    shown = unicodedata.normalize("NFKC", letter)
    return "".join(str(unicodedata.decimal(c, c)) for c in shown)
