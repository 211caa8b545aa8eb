"""What `splits.toml` may say: of a file of 2022, in which order its rows came, and which fitted."""

from collections.abc import Iterator

from schema import maintained
from schema.maintained import Field, Maintained
from schema.rules import Finding
from schema.toml_statements import Document


def _is_order(value: object) -> bool:
    """Return whether it is every number from 0 on once, in any order."""
    whole = isinstance(value, list) and all(type(each) is int for each in value)
    return whole and sorted(value) == list(range(len(value)))  # type: ignore[arg-type, call-overload]


SPLIT = {
    "training": Field("a whole number", lambda value: type(value) is int and value > 0),
    "order": Field("a list of the row numbers, each from 0 on once", _is_order),
}


def faults(document: Document) -> Iterator[Finding]:
    """Find what is wrong with the splits."""
    for name, entry in document.values.items():
        yield from maintained.fields(document, (name,), entry, SPLIT)


SPLITS = Maintained("pipeline/analysis/replication/splits.toml", faults)
