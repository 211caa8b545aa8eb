"""Who may change a creator's folder: decided by `creator.toml` on the base, never by the change."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from itertools import takewhile

from schema.creator import EXAMPLE, table
from schema.creator_values import LOGIN
from schema.file_rules import HOME
from schema.refusals import Refusal, refusal
from schema.vocabulary import look_alike

BLANK = re.compile(r"[ \t]+")
MAX_CODEOWNERS = 3 * 1024 * 1024  # GitHub does not load a larger one
EVERYTHING = frozenset({"*", "**", "/**"})
CONTRIBUTIONS = frozenset(
    f"{start}{HOME}{end}" for start in ("", "/") for end in ("", "/", "/**")
)  # the patterns whose owners may change any folder
OWNER = re.compile(
    r"@(?P<login>[A-Za-z0-9_-]{1,39})"
    r"|@[A-Za-z0-9_-]{1,39}/[A-Za-z0-9._-]{1,100}"  # a team, whose members cannot be told
    r"|[^@\s]{1,64}@[^@\s]{1,255}"  # an address, whose login cannot be told
)


@dataclass(frozen=True, slots=True)
class Author:
    """Who opened the pull request: login and number of the account, None where not given."""

    login: str | None = None
    id: int | None = None


class By(StrEnum):
    """In which role the author changes a folder."""

    OWNER = "owner"
    NEWCOMER = "newcomer"
    MAINTAINER = "maintainer"
    NOBODY = "nobody"  # who has no right to
    UNKNOWN = "unknown"  # no author was given


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether the author may change one folder.

    `hands_over_to` is the login that takes it over; `add_id` the number of the author's account,
    which creator.toml could name and does not.
    """

    creator: str
    by: By
    refusals: tuple[Refusal, ...] = ()
    hands_over_to: str | None = None
    add_id: int | None = None


@dataclass(frozen=True, slots=True)
class _Identity:
    login: str
    id: int | None

    def is_of(self, author: Author) -> bool:
        """Return whether this is the author: by the number, where both are known, else by login."""
        if self.id is not None and author.id is not None:
            return self.id == author.id
        return self.login.casefold() == (author.login or "").casefold()


def maintainers(codeowners: bytes | None) -> frozenset[str]:
    """Read the logins that CODEOWNERS names for everything or for `/contributions/`.

    In lower case. A line for anything else, such as one creator's folder, asks its owner for a
    review and gives no right. As on GitHub, a file that is too large names nobody, and a line that
    holds what is no owner is not read.
    """
    raw = codeowners or b""
    if len(raw) > MAX_CODEOWNERS:
        return frozenset()
    last: dict[bool, frozenset[str]] = {}  # of two lines with one meaning, the last one decides
    for line in raw.decode("utf-8-sig", "replace").split("\n"):
        words = takewhile(lambda word: not word.startswith("#"), BLANK.split(line.strip(" \t\r")))
        pattern, *owners = list(words) or [""]
        named = [OWNER.fullmatch(owner) for owner in owners]
        if pattern in EVERYTHING | CONTRIBUTIONS and all(named):
            logins = (owner["login"] for owner in named if owner and owner["login"])
            last[pattern in CONTRIBUTIONS] = frozenset(login.casefold() for login in logins)
    return frozenset().union(*last.values())


def decide(
    creator: str, before: bytes | None, after: bytes | None, author: Author, *, is_new: bool
) -> Decision:
    """Decide for one folder; `before` and `after` are its creator.toml on the base and then."""
    if author.login is None:
        return Decision(creator, By.UNKNOWN)
    then, place = _identity(after), f"{HOME}/{creator}"
    if creator.startswith(EXAMPLE) or _is_simulated(before) or _is_simulated(after):
        return Decision(creator, By.NOBODY, (refusal("maintainers-only", place),))
    if is_new:
        return _newcomer(creator, then, author)
    owner = _identity(before)
    if owner is None:
        return Decision(creator, By.NOBODY, (refusal("nobodys-folder", place),))
    if not owner.is_of(author):
        same_login = owner.login.casefold() == author.login.casefold()
        slug = "another-account" if same_login else "not-your-folder"
        why = refusal(slug, place, owner=owner.login, author=author.login)
        return Decision(creator, By.NOBODY, (why,))
    if then is not None and then.login.casefold() not in _logins(owner, author):
        is_stale = then.id is not None and then.id in (owner.id, author.id)
        file = f"{place}/creator.toml"
        stale = (refusal("old-github-id", file, owner=then.login),) if is_stale else ()
        return Decision(creator, By.OWNER, stale, then.login)
    return Decision(creator, By.OWNER, _wrong_id(place, then, author), None, _add_id(then, author))


def _logins(owner: _Identity, author: Author) -> set[str]:
    return {owner.login.casefold(), (author.login or "").casefold()}


def _newcomer(creator: str, named: _Identity | None, author: Author) -> Decision:
    """Judge a new folder; where creator.toml cannot be read, the check says so."""
    place = f"{HOME}/{creator}"
    if named is not None and named.login.casefold() != (author.login or "").casefold():
        why = refusal("names-another", place, owner=named.login, author=author.login)
        return Decision(creator, By.NOBODY, (why,))
    wrong = _wrong_id(place, named, author)
    return Decision(creator, By.NEWCOMER, wrong, None, _add_id(named, author))


def _add_id(named: _Identity | None, author: Author) -> int | None:
    return author.id if named is not None and named.id is None else None


def _wrong_id(place: str, named: _Identity | None, author: Author) -> tuple[Refusal, ...]:
    if named is None or named.id is None or author.id in (None, named.id):
        return ()
    return (refusal("wrong-github-id", f"{place}/creator.toml", id=author.id),)


def alike(creator: str, others: Collection[str]) -> Refusal | None:
    """Refuse the name of a new folder that can be mistaken for another's."""
    seen = look_alike(creator)
    other = next((name for name in sorted(others) if look_alike(name) == seen), None)
    return refusal("name-too-alike", f"{HOME}/{creator}", other=other) if other else None


def _is_simulated(raw: bytes | None) -> bool:
    return (table(raw) or {}).get("simulated") is True


def _identity(raw: bytes | None) -> _Identity | None:
    """Read login and number out of creator.toml; None where it names no possible login."""
    values = table(raw) or {}
    login, number = values.get("github"), values.get("github_id")
    if not isinstance(login, str) or not LOGIN.fullmatch(login):
        return None
    is_number = isinstance(number, int) and not isinstance(number, bool)
    return _Identity(login, number if is_number else None)
