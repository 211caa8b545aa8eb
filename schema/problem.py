"""What a contributor is told: one thing wrong with one place, kept raw and rendered late."""

import re
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """Whether a problem blocks the contribution."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one place in one file.

    `file` is a posix path from `contributions/` on. `line` is the physical first line of the
    record, None for a whole file. `column` is the canonical name, or the header as written where
    it is unknown, None for rows and files. `value` is None where it may be personal.
    """

    file: str
    line: int | None
    column: str | None
    value: str | None
    rule: str
    severity: Severity
    hint: str

    @property
    def place(self) -> tuple[str, int, str, str, str]:
        """The order of all output: file, line (whole file first), column, rule, value."""
        return (self.file, self.line or 0, self.column or "", self.rule, self.value or "")


EMAIL = re.compile(r"[^\s@<>\"',;]+@[^\s@<>\"',;]+\.[A-Za-z]{2,}")
PHONE = re.compile(
    r"\+[0-9][0-9 ()./-]{6,}[0-9]"  # +49 170 1234567
    r"|(?<![0-9])\(?[0-9]{3}\)?[ .-][0-9]{3}[ .-][0-9]{4}(?![0-9])"  # (555) 123-4567
    r"|(?<![0-9.])0[0-9]{2,4}[ /-][0-9]{3,4}[ -]?[0-9]{2,5}(?![0-9])"  # 0170 1234567
    r"|(?<![0-9.,])0[1-9][0-9]{8,9}(?![0-9.,])"  # 01701234567
)
BARE_PHONE = re.compile(r"(?<![0-9])[2-9][0-9]{9}(?![0-9])")  # 5551234567, in a text only


def is_personal(text: str) -> bool:
    """Tell whether a text holds what looks like an e-mail address or a phone number.

    >>> is_personal("write to me@example.org"), is_personal("7300123456789012345")
    (True, False)
    """
    return bool(EMAIL.search(text) or PHONE.search(text))
