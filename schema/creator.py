"""Who a creator is: `creator.toml`, parsed into a frozen value that refuses unknown keys."""

import datetime
import difflib
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

from schema.creator_values import (
    FORMS,
    LICENCES,
    LONGEST_KEY,
    NAMES,
    YOUR_LOGIN,
    consent_day,
    fault_of_name,
    fits,
    is_placeholder,
)
from schema.problem import is_personal
from schema.rules import Finding, rule
from schema.toml_statements import Document, read

# Asked before a parser sees a byte: its time grows with the square of a key's dots, each dot and
# bracket may be a level of nesting, and a number of thousands of digits cannot be written.
MAX_BYTES = 4 * 1024
MAX_LINES = 100
MAX_LINE = 400
MAX_LEVELS = 100
PERSONAL = "What stands here looks like an e-mail address or a telephone number; it isn't repeated."
YOUR_DAY = "YYYY-MM-DD"
EXAMPLE = "example-"
BEGAN = datetime.date(2022, 1, 1)


@dataclass(frozen=True, slots=True)
class Creator:
    """One creator's folder: who may change it, under which licence, and what they agreed to.

    Don't construct it directly; `parse` reads it from the bytes of `creator.toml`.
    """

    github: str
    licence: str
    consent: datetime.date
    github_id: int | None = None
    simulated: bool = False
    display: str | None = None
    language: str | None = None
    page: bool = False
    credit: str | None = None
    use_in_model: bool = True


KEYS = tuple(field.name for field in fields(Creator))


def text(
    github: str = YOUR_LOGIN, consent: str = f'"{YOUR_DAY}"', licence: str = LICENCES[0]
) -> str:
    """Write the complete `creator.toml` of a new creator."""
    return (
        f'github = "{github}"\n'
        f'licence = "{licence}"\n'
        f"consent = {consent}  # the day you agreed to CONTRIBUTING.md: 18 or older, own account\n"
    )


PASTE = "Put this in it, with your login and the day you agree:\n" + text()


@rule("a folder without creator.toml", "a folder with creator.toml")
def creator_missing(raw: bytes) -> Iterator[Finding]:
    """Each creator's folder has a file creator.toml."""
    yield Finding(hint=f"{creator_missing.hint} {PASTE}")


@rule('github = "octocat', 'github = "octocat"')
def creator_unreadable(raw: bytes) -> Iterator[Finding]:
    """creator.toml cannot be read."""
    if limit := _limit(raw):
        yield Finding(hint=f"creator.toml has {limit}, far more than it needs. {PASTE}")
        return
    for place, broken in enumerate(_document(raw).broken):
        column = broken.key if broken.key in KEYS else None
        hint = f"creator.toml cannot be read here. {broken.advice}"
        if column:
            hint = f"{column} cannot be read here: write {column} = …, with {FORMS[column]}."
        if broken.first or not broken.found:
            hint = broken.advice
        if place == 0 and not broken.first:
            hint = f"{hint} {PASTE}"
        yield Finding(broken.line, column, None, hint)


@rule('licence = "MIT"\nlicense = "MIT"', 'licence = "MIT"')
def creator_unknown_key(raw: bytes) -> Iterator[Finding]:
    """A key that creator.toml does not have."""
    for key in _values(raw):
        if key not in KEYS:
            near = difflib.get_close_matches(key[:LONGEST_KEY], KEYS, n=1, cutoff=0.6)
            meant = f"Did you mean {near[0]}?" if near else f"It has {', '.join(KEYS)}."
            shown = None if is_personal(key) else key
            yield Finding(_line(raw, key), key, shown, f"No key has this name. {meant}")


@rule("no line with consent", "consent = 2026-05-31")
def creator_key_missing(raw: bytes) -> Iterator[Finding]:
    """A key that creator.toml needs is not there."""
    for key in ("github", "licence", "consent"):
        if key not in _values(raw) and (key,) not in _document(raw).names:
            yield Finding(
                None, key, None, f"creator.toml needs a line {key} = …, with {FORMS[key]}."
            )


@rule('licence = "GPL"', 'licence = "CC-BY-4.0"')
def creator_value(raw: bytes) -> Iterator[Finding]:
    """A value of creator.toml that is not as it should be."""
    broken = {each.line for each in _document(raw).broken}
    for key, value in _values(raw).items():
        if key in KEYS and not fits(key, value) and _line(raw, key) not in broken:
            shown, why = _shown(value), ""
            if shown is not None and is_personal(shown):
                shown, why = None, PERSONAL
            elif key in NAMES and isinstance(value, str):
                why = fault_of_name(value)
            elif key == "github" and is_placeholder(value):
                why = "This is the placeholder of our documents, and nobody's login: write yours."
            hint = f"{key} has to be {FORMS[key]}. {why}".rstrip()
            yield Finding(_line(raw, key), key, shown, hint)


@rule("consent = 2062-05-31", "consent = 2026-05-31")
def consent_in_future(raw: bytes, today: datetime.date) -> Iterator[Finding]:
    """Nobody can have agreed before all this began, or on a day that has not come yet: look at the
    year.
    """
    agreed = consent_day(_values(raw).get("consent"))
    if agreed is not None and not BEGAN <= agreed <= today:
        hint = f"Nobody can have agreed before {BEGAN.year}: look at the year."
        if agreed > today:
            late = f"Nobody can have agreed after {today}"
            hint = f"{late}: look at the year, or at this computer's clock."
        yield Finding(_line(raw, "consent"), "consent", agreed.isoformat(), hint)


@rule("contributions/ana/ with simulated = true", "contributions/example-ana/")
def simulated_name(creator: str, raw: bytes) -> Iterator[Finding]:
    """Folders named example-... hold simulated creators, and no others do."""
    simulated = _values(raw).get("simulated") is True
    if ("simulated",) in _document(raw).names:
        return  # the line is there, and cannot be read
    if simulated != creator.startswith(EXAMPLE):
        other = "choose a name that does not begin with example-."
        advice = "take the line `simulated` out." if simulated else other
        yield Finding(_line(raw, "simulated"), hint=f"{simulated_name.hint[:-1]}: {advice}")


def parse(raw: bytes) -> Creator:
    """Build the creator from a `creator.toml` in which no rule found anything."""
    values = _values(raw)
    return Creator(**{**values, "consent": consent_day(values["consent"])})


def table(raw: bytes | None) -> dict[str, Any] | None:
    """Read the keys and values of a `creator.toml`, or None where it cannot be read.

    Beside `_document` the only place where its bytes meet a parser, and never without limits: what
    is returned is at most `MAX_LEVELS` deep, and holds no number of more than some hundred digits.
    """
    if raw is None or _limit(raw):
        return None
    try:
        return tomllib.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None


@lru_cache(maxsize=64)
def _document(raw: bytes) -> Document:
    """Read what can be read of a `creator.toml`: within the limits, or nothing."""
    return read(b"" if _limit(raw) else raw)


def _values(raw: bytes) -> dict[str, Any]:
    return _document(raw).values


def _limit(raw: bytes) -> str:
    """Name the limit that a `creator.toml` is beyond, "" where it is within all."""
    if len(raw) > MAX_BYTES:
        return f"more than {MAX_BYTES // 1024} KiB"
    lines = raw.splitlines()
    if len(lines) > MAX_LINES:
        return f"more than {MAX_LINES} lines"
    if any(len(line) > MAX_LINE for line in lines):
        return f"a line of more than {MAX_LINE} characters"
    if sum(map(raw.count, (b".", b"[", b"{"))) > MAX_LEVELS:
        return f"more than {MAX_LEVELS} dots and brackets"
    return ""


def _line(raw: bytes, key: str) -> int | None:
    for number, line in enumerate(raw.decode("utf-8-sig", "replace").split("\n"), start=1):
        name, mark, _ = line.partition("=")
        if mark and key in (_bare(name), _bare(name.partition(".")[0])):
            return number
    return None


def _bare(name: str) -> str:
    return name.strip(" \t\"'")


def _shown(value: object) -> str | None:
    """Write a value as it may be told; what holds other values is never written out."""
    if isinstance(value, bool):
        return "true" if value else "false"
    is_plain = isinstance(value, str | int | float | datetime.date | datetime.time)
    return str(value) if is_plain else None


CREATOR = (creator_unknown_key, creator_key_missing, creator_value)
