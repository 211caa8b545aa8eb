"""What `corrections.toml` may say: of files that were studied by hand, which cells are emptied."""

import re
from collections.abc import Iterator

from schema import maintained
from schema.columns import BY_NAME
from schema.maintained import TEXT, Field, Maintained
from schema.rules import Finding
from schema.toml_statements import Document

_TABLES = Field("tables under a heading in double brackets", lambda value: isinstance(value, list))
_SHA256 = Field(
    "the SHA-256 of the file: 64 digits 0-9 and a-f, in double quotes",
    lambda value: isinstance(value, str) and re.fullmatch(r"[0-9a-f]{64}", value) is not None,
)
_COLUMN = Field(
    "the name of a column, in double quotes",
    lambda value: isinstance(value, str) and value in BY_NAME,
)
_LINE = Field("the number of a line, 2 or more", lambda value: type(value) is int and value > 1)
FILE = {"name": TEXT, "sha256": _SHA256, "correction": _TABLES}
CORRECTION = {"column": _COLUMN, "line": Field(_LINE.form, _LINE.fits, needed=False), "why": TEXT}


def faults(document: Document) -> Iterator[Finding]:
    """Find what is wrong with the corrections."""
    yield from maintained.fields(document, (), document.values, {"file": _TABLES})
    files = document.values.get("file")
    for place, file in enumerate(files if isinstance(files, list) else ()):
        path = ("file", place)
        yield from maintained.fields(document, path, file, FILE)
        each = file.get("correction") if isinstance(file, dict) else None
        for number, correction in enumerate(each if isinstance(each, list) else ()):
            yield from maintained.fields(
                document, (*path, "correction", number), correction, CORRECTION
            )


CORRECTIONS = Maintained("pipeline/intake/corrections.toml", faults)
