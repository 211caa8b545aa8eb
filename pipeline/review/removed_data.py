"""What stood in the creators' folders before, and the tables that are gone, read within limits.

What was merged is looked at, step by step; what a request did and undid before was never here.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from pipeline.dataset.row_keys import (
    RowKeys,
    joined,
    read_past,
)
from pipeline.review.scope import creator_of
from pipeline.storage import git, git_blobs
from pipeline.storage.git import Repository, Tree
from schema import creator as profile
from schema import creator_values
from schema.file_rules import HOME, PROFILE, TABLE

# What is read of the past: some seconds, and less than 300 MB.
MOST_BYTES = 64 * 1024 * 1024
MOST_TABLES = 1_000
MOST_ROWS = 400_000
MOST_ROWS_OF_TABLE = 20_000
MOST_BYTES_OF_TABLE = 3 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Memory:
    """What stood in the creators' folders: the ids of each, and the folders it was renamed to.

    `gone` are the tables whose path is there no more, by folder and id, the latest first.
    """

    ids: dict[str, set[str]] = field(default_factory=dict)
    heirs: dict[str, set[str]] = field(default_factory=dict)
    gone: dict[tuple[str, str], None] = field(default_factory=dict)
    logins: dict[str, str] = field(default_factory=dict)  # of the folders, at their end

    def of_login(self, login: str | None) -> set[str]:
        """Name the folders that are or were a login's."""
        return {name for name, other in self.logins.items() if other == login}

    def ancestors(self, creators: Collection[str]) -> set[str]:
        """Name some folders, and all that were renamed to them."""
        names, more = set[str](), set(creators)
        while more:
            names |= more
            more = {name for name, heirs in self.heirs.items() if heirs & names} - names
        return names

    def descendants(self, creator: str) -> set[str]:
        """Name a folder, and all that it was renamed to."""
        names, more = set[str](), {creator}
        while more:
            names |= more
            more = {heir for name in names for heir in self.heirs.get(name, ())} - names
        return names | {
            other for name in names if name in self.logins
            for other in self.of_login(self.logins[name])
        }  # fmt: skip


def remember(repository: Repository, base: str, tree: Tree) -> Memory:
    """Remember what stood in the folders, in all of the past."""
    memory = Memory()
    profiles: dict[str, str] = {}
    for step in git.past(repository, base, HOME):
        lost: dict[tuple[str, str], str] = {}
        inside = [(creator, change) for change in step if (creator := creator_of(change.path))]
        for creator, change in inside:
            for entry in filter(None, (change.new, change.old)):
                memory.ids.setdefault(creator, set()).add(entry.id)
                is_file = entry.mode != git.SUBMODULE
                if is_file and below(change.path) == PROFILE:
                    profiles.setdefault(creator, entry.id)
                if is_file and change.path.endswith(TABLE) and change.path not in tree:
                    memory.gone[creator, entry.id] = None
            if change.old and not change.new:
                lost[below(change.path), change.old.id] = creator
        for creator, change in inside:
            if change.new and not change.old:
                old = lost.get((below(change.path), change.new.id), creator)
                memory.heirs.setdefault(old, set()).add(creator)
    memory.logins.update(logins_of(repository, profiles))
    return memory


def logins_of(repository: Repository, profiles: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Read the logins that creator.toml names, by folder, in lower case."""
    raw = git_blobs.read_blobs(repository, profiles.values(), profile.MAX_BYTES + 1)
    for name, blob in profiles.items():
        login = (profile.table(raw[blob]) or {}).get("github")
        if isinstance(login, str) and creator_values.LOGIN.fullmatch(login):
            yield name, login.casefold()


def below(path: str) -> str:
    """Name a path below its creator's folder."""
    return path.split("/", 2)[-1]


def removed_tables(
    repository: Repository, memory: Memory, own: Collection[str]
) -> tuple[dict[str, RowKeys], bool]:
    """Read the tables that are gone, by folder; and whether that is all of them."""
    sizes = git_blobs.sizes_of(repository, sorted({name for _, name in memory.gone}))
    chosen, total = list[tuple[str, str]](), 0
    for creator, name in _by_turns(memory.gone, sizes, own):
        total += min(sizes[name], MOST_BYTES_OF_TABLE)
        if total > MOST_BYTES or len(chosen) == MOST_TABLES:
            break
        chosen.append((creator, name))
    raw = git_blobs.read_blobs(repository, (name for _, name in chosen), MOST_BYTES_OF_TABLE)
    tables, left = dict[str, list[RowKeys]](), MOST_ROWS
    is_whole = len(chosen) == len(memory.gone)
    for creator, name in chosen:
        start = _start(raw[name])
        rows = read_past(start, is_gone=True)
        is_whole &= len(start) == sizes[name] and len(rows.name) <= min(left, MOST_ROWS_OF_TABLE)
        most = min(left, MOST_ROWS_OF_TABLE)
        tables.setdefault(creator, []).append(RowKeys(*(keys[:most] for keys in rows.all)))
        left -= min(len(rows.name), most)
        if not left:
            is_whole &= (creator, name) == chosen[-1]
            break
    return {creator: joined(rows) for creator, rows in tables.items()}, is_whole


def _by_turns(
    gone: Collection[tuple[str, str]], sizes: Mapping[str, int], own: Collection[str]
) -> list[tuple[str, str]]:
    """Order tables so that nobody's many, small or large ones keep another's from being read.

    The first of every folder, its largest, comes before the second of any; one's own come last.
    """
    turns, taken = dict[tuple[str, str], int](), dict[str, int]()
    for creator, name in sorted(gone, key=lambda each: -sizes[each[1]]):
        turns[creator, name] = taken[creator] = taken.get(creator, -1) + 1
    return sorted(gone, key=lambda each: (each[0] in own, turns[each], sizes[each[1]]))


def _start(raw: bytes) -> bytes:
    """Cut a table after so many lines, or bytes, at the end of a line."""
    if len(raw) == MOST_BYTES_OF_TABLE:
        raw = raw[: max(raw.rfind(b"\n"), raw.rfind(b"\r")) + 1] or raw
    lines = raw.split(b"\n", MOST_ROWS_OF_TABLE + 1)
    return raw if len(lines) < MOST_ROWS_OF_TABLE + 2 else raw[: -len(lines[-1])] or raw
