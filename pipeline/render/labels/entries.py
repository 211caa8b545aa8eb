"""What `labels.toml` may say: of columns, levels and questions that there are, in known keys."""

from collections.abc import Iterator
from dataclasses import fields

from pipeline.model.questions import LEVERS, QUESTIONS
from pipeline.render.labels.table import ColumnLabels, LevelLabels, QuestionLabels
from schema import maintained
from schema.columns import COLUMNS
from schema.maintained import TEXT, TEXTS, Field, Maintained, is_text
from schema.rules import Finding
from schema.toml_statements import Document

KINDS = {
    "turns": TEXTS,
    "compare": Field(
        "a list of two numbers, or of two words",
        lambda value: (
            isinstance(value, list)
            and len(value) == 2
            and all(isinstance(each, str | int | float) for each in value)
            and len({isinstance(each, str) for each in value}) == 1
        ),
    ),
    "tried": Field("true or false", lambda value: isinstance(value, bool)),
}
NAMED = {  # what a text may name in braces
    "line": ("level", "reference"),
    "more": ("level",),
    "has": ("number",),
    "have": ("number",),
    "verb": ("level",),
}


def faults(document: Document) -> Iterator[Finding]:
    """Find what is wrong with the labels."""
    parts = {"columns": ColumnLabels, "levels": LevelLabels, "questions": QuestionLabels}
    known = {
        "columns": [column.name for column in COLUMNS],
        "levels": list(dict.fromkeys(term.column for term in LEVERS)),
        "questions": [question.name for question in QUESTIONS],
    }
    yield from maintained.unknown(document, (), document.values, list(parts))
    for part, label in parts.items():
        entries = document.values.get(part, {})
        if not isinstance(entries, dict):
            yield from maintained.fields(document, (part,), entries, {})
            continue
        yield from maintained.unknown(document, (part,), entries, known[part])
        for name, entry in entries.items():
            if part != "levels" or not isinstance(entry, dict):
                yield from _entry(document, (part, name), entry, label)
                continue
            levels = [str(each) for term in LEVERS if term.column == name for each in term.levels]
            if name in known[part]:
                yield from maintained.unknown(document, (part, name), entry, levels)
            for level, words in entry.items():
                yield from _entry(document, (part, name, level), words, label)


def _entry(
    document: Document,
    path: tuple[str, ...],
    entry: object,
    label: type[ColumnLabels | LevelLabels | QuestionLabels],
) -> Iterator[Finding]:
    needed = {"one", "many"} if label is LevelLabels else set[str]()
    known = {
        each.name: Field(kind.form, kind.fits, each.name in needed)
        for each in fields(label)
        for kind in [KINDS.get(each.name, TEXT)]
    }
    yield from maintained.fields(document, path, entry, known)
    for key, text in entry.items() if isinstance(entry, dict) else ():
        if key in known and is_text(text) and (wrong := _in_braces(key, text)):
            yield Finding(document.line(*path, key), maintained.named((*path, key)), None, wrong)


def _in_braces(key: str, text: str) -> str:
    return maintained.places(text, NAMED.get(key, ()))


LABELS = Maintained("pipeline/render/labels/labels.toml", faults)
