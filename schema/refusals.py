"""Why a pull request is refused apart from its data: what is so, and the way out."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
FILLED = ("owner", "author", "id", "other", "rows")  # what the words may name in braces

SLUGS = (  # the reasons that the code gives
    "stale-branch",
    "mixed-change",
    "generated-file",
    "several-creators",
    "lost-file",
    "merge-conflict",
    "stood-here-before",
    "withdrawn-file",
    "withdrawn-rows",
    "too-many-files",
    "not-your-folder",
    "another-account",
    "nobodys-folder",
    "names-another",
    "wrong-github-id",
    "old-github-id",
    "too-large",
    "path-too-long",
    "too-much-to-merge",
    "name-too-alike",
    "maintainers-only",
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason: a stable slug, the path it is about, what is so, and what to do next."""

    slug: str
    path: str
    said: str
    next: str


@cache
def words() -> dict[str, dict[str, str]]:
    """Read the words of all refusals: slug → `said` and `next`."""
    return tomllib.loads((HERE / "refusals.toml").read_text(encoding="utf-8"))


def refusal(slug: str, path: str, **about: object) -> Refusal:
    """Give one refusal, its words filled in.

    >>> refusal("wrong-github-id", "contributions/ana/creator.toml", id=7).next
    'Write github_id = 7, or leave that line out.'
    """
    text = words()[slug]
    return Refusal(slug, path, text["said"].format(**about), text["next"].format(**about))
