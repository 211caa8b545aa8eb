"""The TOML files of this folder that maintainers edit, and what each of them may say."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from schema.columns import COLUMNS, Kind
from schema.file_rules import HOME
from schema.maintained import (
    ROOT,
    TEXT,
    TEXTS,
    Examine,
    Maintained,
    fields,
    is_text,
    no_such_folder,
    places,
    shown,
    unknown,
)
from schema.problem import Problem
from schema.refusals import FILLED, SLUGS
from schema.rules import Finding
from schema.toml_statements import Document, read
from schema.vocabulary import QUARANTINE, VOCABULARY, fold

WORD = re.compile(r"[a-z][a-z0-9-]{0,29}")


def vocabulary_faults(document: Document) -> Iterator[Finding]:
    """Find what is wrong with the closed lists."""
    lists = [column.name for column in COLUMNS if column.kind is Kind.WORD]
    yield from unknown(document, (), document.values, lists)
    for column in lists:
        words = document.values.get(column, {})
        if not isinstance(words, dict) or not words:
            hint = f"The list {column} has no words: write [{column}.word], meaning and synonyms."
            yield Finding(document.line(column), column, None, hint)
            continue
        for word, entry in words.items():
            if not WORD.fullmatch(word):
                hint = "A word is written in lower-case letters a-z, digits or -, a letter first."
                yield Finding(document.line(column, word), f"{column}.{word}", word, hint)
            known = {"meaning": TEXT, "synonyms": TEXTS}
            yield from fields(document, (column, word), entry, known)
        yield from _twice(document, column, words)


def _twice(document: Document, column: str, words: Mapping[str, object]) -> Iterator[Finding]:
    """Find the spellings that stand for two words: nobody could tell which of them is meant."""
    owners: dict[str, str] = {}
    for word in words:
        line = document.line(column, word)
        if (other := owners.setdefault(fold(word), word)) != word:
            first = document.line(column, other)
            hint = f"{word} and {other} (line {first}) are the same word to `check`: keep one."
            yield Finding(line, f"{column}.{word}", None, hint)
    where: dict[str, str] = {}
    for word, entry in words.items():
        synonyms = entry.get("synonyms") if isinstance(entry, dict) else None
        for synonym in filter(is_text, synonyms if isinstance(synonyms, list) else []):
            line, key = document.line(column, word, "synonyms"), f"{column}.{word}.synonyms"
            spelling = fold(synonym)
            other = where.setdefault(spelling, word)
            owner = owners.get(spelling, word)
            if not spelling:
                yield Finding(line, key, synonym, "A synonym has a letter or a digit. Take it out.")
            elif owner != word:
                there = document.line(column, owner)
                hint = f"{owner} is a word of its own (line {there}): take it out of this list."
                yield Finding(line, key, synonym, hint)
            elif other != word:
                there = document.line(column, other, "synonyms")
                hint = (
                    f"It stands under {other}, too (line {there}), and `check` could not tell "
                    "which is meant: take it out of one of the two."
                )
                yield Finding(line, key, synonym, hint)


def quarantine_faults(document: Document) -> Iterator[Finding]:
    """Find what is wrong with the list of folders set aside: each has its reason."""
    for name, reason in document.values.items():
        if not is_text(reason):
            hint = f'Write the reason in double quotes: {name} = "counts under review"'
            yield Finding(document.line(name), name, shown(reason), hint)


def names_without_folder() -> list[Problem]:
    """Name the entries of those set aside that no folder has; none where no folders are here."""
    home = ROOT / HOME
    if not (home.is_dir() and QUARANTINE.is_file()):
        return []
    document = read(QUARANTINE.read_bytes())
    found = no_such_folder.find(document, [each.name for each in home.iterdir() if each.is_dir()])
    return [no_such_folder.problem(ASIDE.file, each) for each in found]


def refusals_faults(document: Document) -> Iterator[Finding]:
    """Find what is wrong with the words of the refusals."""
    yield from unknown(document, (), document.values, SLUGS)
    for slug in SLUGS:
        entry = document.values.get(slug)
        if entry is None:
            if (slug,) not in document.names:
                hint = f"The heading [{slug}] is missing, with said and next: see git for it."
                yield Finding(None, slug, None, hint)
            continue
        yield from fields(document, (slug,), entry, {"said": TEXT, "next": TEXT})
        for key, text in entry.items() if isinstance(entry, dict) else ():
            if isinstance(text, str) and (wrong := places(text, FILLED)):
                yield Finding(document.line(slug, key), f"{slug}.{key}", None, wrong)


def _of_schema(path: Path, examine: Examine) -> Maintained:
    return Maintained(path.relative_to(ROOT).as_posix(), examine)


RULES_OF_WORDS = _of_schema(VOCABULARY, vocabulary_faults)  # the one that judges cells
ASIDE = _of_schema(QUARANTINE, quarantine_faults)
REFUSALS = Maintained("schema/refusals.toml", refusals_faults)
