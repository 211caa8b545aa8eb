"""A creator leaves: which earlier results stay, and what is left of the lists that name them.

Results stay where the creator cannot have helped to make them; git knows since when they could.
"""

import csv
import io
import re
import tomllib
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from pipeline.storage import git as objects
from pipeline.storage.git import GitError, Sandbox, answer, ask, in_place, opened
from schema.creator import EXAMPLE
from schema.file_rules import HOME

HISTORY = "reports/history.csv"
INPUTS, CREATOR = "inputs", "creator"
Row = tuple[str, ...]


def without(history: Sequence[Row], kept: Collection[str]) -> list[Row]:
    """Leave out every set of results but those of the kept inputs; a row's first cell names them.

    >>> without([("a", "1"), ("b", "2"), ("b", "3")], {"a"})
    [('a', '1')]
    """
    return [row for row in history if row[0] in kept]


def without_line(quarantine: str, creator: str) -> str:
    r"""Take one creator out of the text of `schema/quarantine.toml`; all else stays byte for byte.

    Raises ValueError where the text cannot be read, or the entry cannot be taken out alone.

    >>> without_line('# why\nana = "doubts"\nben = "too"\n', "ana")
    '# why\nben = "too"\n'
    """
    wanted = tomllib.loads(quarantine)
    if wanted.pop(creator, None) is None:
        return quarantine
    lines = quarantine.splitlines(keepends=True)
    name = re.escape(creator)
    entry = re.compile(rf"""[ \t]*({name}|"{name}"|'{name}')[ \t]*=""")
    for start in (place for place, line in enumerate(lines) if entry.match(line)):
        for end in range(start + 1, len(lines) + 1):  # a reason may take several lines
            rest = "".join(lines[:start] + lines[end:])
            if _is(rest, wanted):
                return rest
    raise ValueError(f"quarantine.toml: the entry of {creator} cannot be taken out alone")


def _is(text: str, wanted: dict[str, object]) -> bool:
    try:
        return tomllib.loads(text) == wanted
    except tomllib.TOMLDecodeError:
        return False


def gone(pooled: bytes, folders: Collection[str]) -> tuple[str, ...]:
    """Name the creators of the last report's `pooled.csv` whose folder is there no more.

    A folder that is refused, set aside or out of the models is there.
    """
    return tuple(sorted(_column(pooled, CREATOR) - set(folders)))


def gone_since(repository: Path, folders: Collection[str]) -> tuple[str, ...] | None:
    """Name the creators who had a folder when the history was last committed, and have none now.

    Also those who were set aside meanwhile, and so are not in the last `pooled.csv`; earlier
    results may have their rows all the same. Simulated creators are nobody. None where a part of
    the past is missing, or too much, so that nobody can tell.
    """
    if not is_whole(repository):
        return None if objects.is_shallow(repository) else ()
    try:
        with opened(repository) as git:
            names = _folders_then(git, objects.commit(git, "HEAD"))
    except GitError:
        return None
    return tuple(sorted(n for n in names - set(folders) if not n.startswith(EXAMPLE)))


def _folders_then(git: Sandbox, head: str | None) -> set[str]:
    """Name the creators' folders at the last commit of the history."""
    last = ask(git, "rev-list", "-1", head, "--", HISTORY).decode().strip() if head else ""
    raw = answer(git, "ls-tree", "-d", "-z", "--name-only", f"{last}:{HOME}") if last else None
    return {name for name in (raw or b"").decode("utf-8", "replace").split("\0") if name}


def kept_inputs(repository: Path, creators: Collection[str]) -> frozenset[str]:
    """Name the inputs of the earlier results that none of the creators can have helped to make.

    They are those that `history.csv` listed before the creator's folder, or one that was renamed
    to it, first stood on the branch. Where git cannot tell (no git, no repository, a part of the
    past missing) none are: better too few than one too many.
    """
    if not is_whole(repository):
        return frozenset()
    try:
        with opened(repository) as git:
            if (head := objects.commit(git, "HEAD")) is None:
                return frozenset()
            names = _with_old_names(git, head, creators)
            listed = [_listed_before(git, head, creator) for creator in names]
    except GitError:
        return frozenset()
    return frozenset.intersection(*listed) if listed else frozenset()


def is_whole(repository: Path) -> bool:
    """Return whether this is the root of a work tree whose past is all there."""
    about = in_place(repository, "rev-parse", "--is-shallow-repository", "--show-prefix")
    return about is not None and about.decode().split("\n")[:2] == ["false", ""]


def _listed_before(git: Sandbox, head: str, creator: str) -> frozenset[str]:
    before = _before(git, head, creator)
    if before is None or _commits(git, before, creator, "--full-history", "-1"):
        return frozenset()  # it never was without them, or had them on a branch of its past
    raw = answer(git, "cat-file", "blob", f"{before}:{HISTORY}")
    return frozenset(_column(raw or b"", INPUTS))


def _before(git: Sandbox, head: str, creator: str) -> str | None:
    """Find the last commit of the branch before a folder first appeared; None before all."""
    *_, first = [None, *_commits(git, head, creator, "--first-parent")]
    commit = answer(git, "rev-parse", "--verify", "--quiet", f"{first}^" if first else head)
    return commit.decode().strip() if commit else None


def _with_old_names(git: Sandbox, head: str, creators: Collection[str]) -> Iterator[str]:
    """Give the creators, and the folders that were renamed to theirs."""
    names, seen = list(creators), set[str]()
    while names:
        if (name := names.pop()) not in seen:
            seen.add(name)
            yield name
            names += _renamed_from(git, head, name)


def _renamed_from(git: Sandbox, head: str, creator: str) -> set[str]:
    folders = set[str]()
    for commit in _commits(git, head, creator, "--first-parent"):
        if not answer(git, "rev-parse", "--verify", "--quiet", f"{commit}^"):
            continue  # the first commit of all renames nothing
        command = ("diff-tree", "-r", "-z", "-M", "--diff-filter=R", "--name-status")
        raw = ask(git, *command, f"{commit}^", commit)
        fields = raw.decode("utf-8", "surrogateescape").split("\0")[:-1]
        for old, new in zip(fields[1::3], fields[2::3], strict=True):
            if new.startswith(f"{HOME}/{creator}/") and old.startswith(f"{HOME}/"):
                folders.add(old.split("/")[1])
    return folders


def _commits(git: Sandbox, start: str, creator: str, *options: str) -> list[str]:
    """List the commits that changed a creator's folder, the newest first."""
    where = f":(literal){HOME}/{creator}"
    return ask(git, "rev-list", *options, start, "--", where).decode().split()


def _column(raw: bytes, name: str) -> set[str]:
    """Read the values of one column of a file of ours; none where it is no such file."""
    try:
        rows = csv.DictReader(io.StringIO(raw.decode(), newline=""))
        return {row[name] for row in rows if row.get(name)}
    except (ValueError, csv.Error):
        return set()
