"""Rules about the characters of a cell: what a text, and any cell, may not hold."""

import re
import unicodedata

from schema.characters import (
    BIDI,
    CONTROL,
    JOINERS,
    MOST_MARKS,
    is_visible,
    most_marks,
    without_invisible,
)
from schema.columns import Column, Kind
from schema.forms import TEXTS, Fault, is_plain, to
from schema.problem import BARE_ID, has_email, has_phone
from schema.rules import rule

SEPARATED = re.compile(r"[,;\t]")


def swallowed(cell: str) -> int:
    r"""Count the lines that a cell reaches over where it holds what looks like whole rows; or 0.

    >>> swallowed("Ramen,1557,4\nMarathon"), swallowed("Ramen\nMarathon"), swallowed("a, b, c")
    (2, 0, 0)
    """
    lines = cell.splitlines()
    has_rows = len(lines) > 1 and any(len(SEPARATED.findall(line)) > 1 for line in lines)
    return len(lines) if has_rows else 0


def swallowing(lines: int) -> str:
    """Say that a cell holds rows."""
    return (
        f"One cell reaches over {lines} lines and holds what looks like whole rows: did a double "
        'quote (") too many swallow them?'
    )


@rule("subject: (a cell with an e-mail address)", "subject: travel")
def email_address(cell: str, column: Column) -> Fault | None:
    """An e-mail address: take it out, contributions are public. It is not repeated here."""
    return Fault(email_address.hint) if has_email(cell) else None


@rule("subject: (a cell with a telephone number)", "subject: travel")
def phone_number(cell: str, column: Column) -> Fault | None:
    """A telephone number: take it out, contributions are public. It is not repeated here."""
    is_id = column.kind is Kind.LABEL and BARE_ID.fullmatch(cell.strip())
    return Fault(phone_number.hint) if has_phone(cell) and not is_id else None


@rule("views:  1200 ", "views: 1200")
def outer_blanks(cell: str, column: Column) -> Fault | None:
    """Spaces before or after the value."""
    inner = cell.strip()
    if inner == cell or not (is_plain(inner, column) or not inner):
        return None
    return to(inner, outer_blanks.hint)


@rule("views: 12\u200b00", "views: 1200")
def invisible_character(cell: str, column: Column) -> Fault | None:
    """An invisible character, as copied from a web page."""
    clean = without_invisible(cell)
    if column.kind not in TEXTS:
        clean = JOINERS.sub("", clean)
    elif clean.strip() and not (is_visible(clean) or CONTROL.search(clean)):
        clean = ""  # marks and joiners alone, with no letter to stand on
    return to(clean.strip(), invisible_character.hint) if clean != cell else None


@rule("subject: (a letter under ten marks)", "subject: travel")
def stacked_marks(cell: str, column: Column) -> Fault | None:
    """A letter has more than five marks, which run into the lines around it: remove some."""
    return Fault(stacked_marks.hint) if most_marks(cell) > MOST_MARKS else None


@rule("sound: \u202etrending", "sound: trending")
def direction_mark(cell: str, column: Column) -> Fault | None:
    """A mark that changes the direction of writing: it would show other text than is there."""
    return to(BIDI.sub("", cell), direction_mark.hint) if BIDI.search(cell) else None


@rule("video: morning\trun", "video: morning run")
def control_character(cell: str, column: Column) -> Fault | None:
    """A control character, such as a tab."""
    breaks = column.kind is not Kind.LABEL and re.search(r"[\r\n]", cell)
    if not (breaks or CONTROL.search(cell)):
        return None
    if column.kind not in TEXTS:
        return Fault(f"{control_character.hint} Write {column.form}.")
    return to(" ".join(CONTROL.sub(" ", cell).split()), control_character.hint)


@rule("video: 7.66502E+18", "video: your own label of the video")
def id_in_scientific_notation(cell: str, column: Column) -> Fault | None:
    """A spreadsheet shortened a long number and its last digits are lost: write the video's id
    again from its link, or use any label of your own.
    """
    shortened = re.fullmatch(r"[0-9][.,]?[0-9]{0,36}[eE]\+?[0-9]{1,20}", cell)
    lost = column.kind is Kind.LABEL and shortened
    return Fault(id_in_scientific_notation.hint) if lost else None


@rule("video: =SUM(A1:A9)", "video: sum of it all")
def formula(cell: str, column: Column) -> Fault | None:
    """A spreadsheet would run a text that begins with `=`, `+`, `-` or `@`: begin with a letter."""
    start = unicodedata.normalize("NFKC", cell.strip()[:1])
    is_formula = start in ("=", "@") or (column.kind in TEXTS and start in ("+", "-", "−"))
    return Fault(formula.hint) if start and is_formula else None


@rule("subject: Travel", "subject: travel")
def upper_case(cell: str, column: Column) -> Fault | None:
    """A subject is written in lower case."""
    if column.kind is not Kind.TEXT or cell == cell.lower():
        return None
    return to(cell.lower().strip(), upper_case.hint)


@rule("subject: (a text of 41 characters or more)", "subject: travel")
def text_too_long(cell: str, column: Column) -> Fault | None:
    """The text is too long."""
    inner, longest = cell.strip(), column.longest
    if len(cell) <= longest:
        return None
    if len(inner) > longest:
        if lines := swallowed(cell):
            return Fault(f"{swallowing(lines)} Look where the cell begins, and where it ends.")
        what = "text" if column.kind in TEXTS else "cell"
        said = f"At most {longest} characters; this {what} has {len(inner)}."
        return Fault(said if column.kind in TEXTS else f"{said} Write {column.form}.")
    # A few blanks are for the rule of blanks.
    return to(inner, "Spaces before or after the value.") if len(cell) > 2 * longest else None
