"""What each key of a `creator.toml` may hold."""

import datetime
import re

from schema.cells import fault
from schema.characters import is_name
from schema.columns import Column, Kind, Role
from schema.forms import day
from schema.word_rules import word_for_missing

LICENCES = ("CC-BY-4.0", "CC0-1.0", "MIT")
LOGIN = re.compile(r"[A-Za-z0-9](?:-?[A-Za-z0-9]){0,38}")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,8}")
YOUR_LOGIN = "your-github-login"
LONGEST_KEY = 40  # letters in which a key is looked for
PLACEHOLDER = re.compile(
    r"[<{\[]?(?:(?:your|their)[-_ ]?(?:github[-_ ]?)?(?:login|user[-_ ]?name|user|name)|login)"
    r"[>}\]]?",
    re.IGNORECASE | re.ASCII,
)
NAMES = ("display", "credit")
FORMS = {
    "github": 'your GitHub login in double quotes, such as "octocat"',
    "licence": "one of " + ", ".join(f'"{licence}"' for licence in LICENCES),
    "consent": "the day you agreed to the text in CONTRIBUTING.md, such as 2026-05-31",
    "github_id": "a whole number, the id of your GitHub account",
    "simulated": "true or false",
    "display": "one line in quotes, at most 60 characters that can all be seen",
    "language": 'a language in quotes, such as "en" or "pt-BR"',
    "page": "true or false",
    "credit": "one line in quotes, at most 60 characters that can all be seen",
    "use_in_model": "true or false",
}


def is_placeholder(login: object) -> bool:
    """Return whether a login is the one that documents show in place of yours, however spelt.

    >>> is_placeholder("YOUR-LOGIN"), is_placeholder("your_github_login"), is_placeholder("octocat")
    (True, True, False)
    """
    return isinstance(login, str) and PLACEHOLDER.fullmatch(login[:LONGEST_KEY]) is not None


def consent_day(value: object) -> datetime.date | None:
    """Read a day, as TOML has it or in quotes; None where it is none."""
    if isinstance(value, str):
        return day(value)
    plain = isinstance(value, datetime.date) and not isinstance(value, datetime.datetime)
    return value if plain else None  # type: ignore[return-value]  # plain says it is a date


_NAME = Column("display", Kind.LABEL, Role.METADATA, "", longest=60)


def fault_of_name(name: str) -> str:
    """Say what is wrong with a name that pages show, "" where nothing is."""
    if "\n" in name or "\r" in name:
        return "It has a line break."
    wrong = fault(name, _NAME)
    if wrong and wrong[0] is not word_for_missing:  # there are people called Nan
        return wrong[1].advice
    return "" if is_name(name) else "It has no letter, no digit and no emoji."


def fits(key: str, value: object) -> bool:
    """Return whether a value is one of its key."""
    match key:
        case "github":
            login = isinstance(value, str) and LOGIN.fullmatch(value)
            return bool(login) and not is_placeholder(value)
        case "licence":
            return value in LICENCES
        case "consent":
            return consent_day(value) is not None
        case "github_id":
            return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63
        case "display" | "credit":
            return isinstance(value, str) and not fault_of_name(value)
        case "language":
            return isinstance(value, str) and LANGUAGE.fullmatch(value) is not None
        case _:
            return isinstance(value, bool)
