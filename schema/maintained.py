"""The TOML files that maintainers edit: what each may say, and every line that says something else.

What reads them is elsewhere, and relies on it: with a problem here, nothing is published. Those of
the pipeline have their own checks beside what reads them; they use the same `fields`.
"""

import difflib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

from schema.file_rules import HOME
from schema.problem import Problem
from schema.rules import Finding, rule
from schema.toml_statements import Document, read
from schema.vocabulary import LONGEST

ROOT = Path(__file__).parent.parent

Examine = Callable[[Document], Iterator[Finding]]


@rule("some-creator = under review", 'some-creator = "under review"')
def broken_setting(findings: Iterable[Finding]) -> Iterator[Finding]:
    """A file that maintainers edit has a line that cannot be right: no report is written until it
    is put right.
    """
    yield from findings


@rule("a name in quarantine.toml that no folder has", "the name of the folder")
def no_such_folder(document: Document, folders: Collection[str]) -> Iterator[Finding]:
    """A name of those set aside that no folder has sets nothing aside: correct it, or delete it."""
    for name in document.values:
        if name not in folders:
            near = difflib.get_close_matches(name[:LONGEST], sorted(folders), n=1, cutoff=0.6)
            better = f"Did you mean {near[0]}? Else take" if near else "Take"
            none = f"There is no folder {HOME}/{name}/, so this sets nothing aside."
            yield Finding(document.line(name), name, None, f"{none} {better} the line out.")


@dataclass(frozen=True, slots=True)
class Maintained:
    """One file that maintainers edit: its path in the repository, and what else may be wrong."""

    file: str
    examine: Examine

    def problems(self) -> list[Problem]:
        """Name everything that is wrong with it, by line."""
        try:
            raw = (ROOT / self.file).read_bytes()
        except FileNotFoundError:
            gone = Finding(hint="This file is not there: take it back from git (git checkout).")
            return [broken_setting.problem(self.file, gone)]
        document = read(raw)
        findings = [Finding(b.line, None, b.found or None, b.advice) for b in document.broken]
        findings += self.examine(document)
        findings.sort(key=lambda each: each.line or 0)
        return [broken_setting.problem(self.file, each) for each in findings]


@dataclass(frozen=True, slots=True)
class Field:
    """What one key holds: the words for it, whether a value is one, whether it is needed."""

    form: str
    fits: Callable[[object], bool]
    needed: bool = True


def is_text(value: object) -> bool:
    """Return whether a value is a text that says something."""
    return isinstance(value, str) and bool(value.strip())


def is_texts(value: object) -> bool:
    """Return whether a value is a list of texts."""
    return isinstance(value, list) and all(map(is_text, value))


TEXT = Field('a text in double quotes, such as "words"', is_text)
TEXTS = Field('a list of texts, such as ["one", "two"]', is_texts)


def fields(
    document: Document, path: tuple[str | int, ...], entry: object, known: Mapping[str, Field]
) -> Iterator[Finding]:
    """Find what is wrong with one table: its keys, and the kind of each value."""
    if not isinstance(entry, dict):
        keys = ", ".join(known)
        hint = f"Here stands a heading [{named(path)}], and below it {keys}."
        yield Finding(document.line(*path), named(path), shown(entry), hint)
        return
    yield from unknown(document, path, entry, known)
    for key, field in known.items():
        if key in entry and not field.fits(entry[key]):
            value = shown(entry[key])
            hint = f"{key} has to be {field.form}."
            yield Finding(document.line(*path, key), named((*path, key)), value, hint)
        elif field.needed and key not in entry and (*path, key) not in document.names:
            hint = f"{_headed(path)} a line {key} = … is missing, with {field.form}."
            yield Finding(document.line(*path), named((*path, key)), None, hint)


def unknown(
    document: Document,
    path: tuple[str | int, ...],
    entry: Mapping[str, object],
    known: Collection[str],
) -> Iterator[Finding]:
    """Find the keys of a table that it does not have."""
    for key in entry:
        if key not in known:
            hint = f"No entry has this name here. {meant(key, known)}"
            yield Finding(document.line(*path, key), named((*path, key)), None, hint)


def meant(name: str, known: Collection[str]) -> str:
    """Say which name may have been meant, or which there are.

    >>> meant("synonym", ["meaning", "synonyms"]), meant("x", ["b", "a"])
    ('Did you mean synonyms?', 'There are: b, a.')
    """
    near = difflib.get_close_matches(name[:LONGEST], known, n=1, cutoff=0.6)
    return f"Did you mean {near[0]}?" if near else f"There are: {', '.join(known)}."


def named(path: tuple[str | int, ...]) -> str:
    """Write a path as a heading has it.

    >>> named(("file", 0, "name"))
    'file.name'
    """
    return ".".join(part for part in path if isinstance(part, str))


def _headed(path: tuple[str | int, ...]) -> str:
    return f"Below [{named(path)}]" if path else "At the top"


def shown(value: object) -> str | None:
    """Write a value that is one text or number; nothing for what holds others."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else None


def places(text: str, known: Collection[str]) -> str:
    """Say what is wrong with the names in braces of a text, "" where nothing is.

    >>> places("a {level} video", ["level"]), places("a {size} video", ["level"])
    ('', 'It names {size}; here it may name {level}.')
    """
    may = f"here it may name {', '.join(f'{{{name}}}' for name in known)}."
    may = may if known else "here it can name nothing in braces."
    try:
        names = [name for _, name, _, _ in Formatter().parse(text) if name is not None]
    except ValueError:
        return f"A brace is alone; {may}"
    wrong = [name for name in names if name not in known]
    return f"It names {{{wrong[0]}}}; {may}" if wrong else ""
