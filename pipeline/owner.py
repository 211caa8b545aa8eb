"""Who may change a creator's folder: decided by `creator.toml` on the base, never by the change."""

import re
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from pipeline.read import HOME
from schema.creator import LOGIN, MAX_BYTES
from schema.refusals import Refusal, refusal
from schema.vocabulary import look_alike

HANDLE = re.compile(r"@([A-Za-z0-9-]+)")  # a team is @organisation/team


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
        """Tell whether this is the author: by the number, where both are known, else by login."""
        if self.id is not None and author.id is not None:
            return self.id == author.id
        return self.login.casefold() == (author.login or "").casefold()


def maintainers(codeowners: bytes | None) -> frozenset[str]:
    """Read the logins of CODEOWNERS, in small letters; teams cannot be told and are left out.

    The first word of a line is the files' pattern, which may look like a login.
    """
    lines = (codeowners or b"").decode("utf-8", "replace").splitlines()
    owners = [word for line in lines for word in line.partition("#")[0].split()[1:]]
    named = [HANDLE.fullmatch(owner) for owner in owners]
    return frozenset(login[1].casefold() for login in named if login)


def decide(
    creator: str, before: bytes | None, after: bytes | None, author: Author, *, is_new: bool
) -> Decision:
    """Decide for one folder; `before` and `after` are its creator.toml on the base and then."""
    if author.login is None:
        return Decision(creator, By.UNKNOWN)
    then = _identity(after)
    if is_new:
        return _newcomer(creator, then, author)
    owner, place = _identity(before), f"{HOME}/{creator}"
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


def _identity(raw: bytes | None) -> _Identity | None:
    """Read login and number out of creator.toml; None where it names no possible login."""
    if len(raw or b"") > MAX_BYTES:
        return None
    try:
        values = tomllib.loads((raw or b"").decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    login, number = values.get("github"), values.get("github_id")
    if not isinstance(login, str) or not LOGIN.fullmatch(login):
        return None
    is_number = isinstance(number, int) and not isinstance(number, bool)
    return _Identity(login, number if is_number else None)
