"""Whether a pull request brings back what was taken out: the name of a folder, a file, or rows.

Rows are compared by what they say, so that another order, form or name of a file hides nothing.
What was merged is looked at, step by step; what a request did and undid before was never here.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import combinations

from pipeline import objects
from pipeline.blobs import creators_of
from pipeline.change import Scope, creator_of
from pipeline.objects import Change, Repository, TooMuchError, Tree
from pipeline.read import HOME
from pipeline.sheet import read_sheet
from schema.file_rules import MAX_BYTES
from schema.refusals import Refusal, refusal

TABLE = ".csv"
LABEL = "video"
COUNTS = ("views", "likes", "comments", "shares", "saves")
NUMBERS = (*COUNTS, "new_followers", "duration_s")
MOST_DIGITS = 15
# Four counts, of a thousand views or more, name a row without its label: some two in ten million
# pairs of rows of two accounts have them in common. Of two tables of 200 rows that is one row in
# a hundred pairs of tables, and three rows in none that anybody will see.
ENOUGH_COUNTS = 4
LEAST_VIEWS = 1_000
ENOUGH_ROWS = 3  # of one folder
# Tables that are there no more, the latest ones: more than a minute is not spent on the past.
MOST_BYTES = 64 * 1024 * 1024
MOST_TABLES = 2_000

Key = tuple[str, ...]


class Past(StrEnum):
    """How much of the past was looked through for what was taken out."""

    WHOLE = "whole"
    SHALLOW = "shallow"  # the clone does not have it
    TOO_LONG = "too-long"  # the oldest tables were not read


@dataclass(frozen=True, slots=True)
class Returning:
    """What comes back, and whether all of the past was looked through for it."""

    refusals: tuple[Refusal, ...] = ()
    past: Past = Past.WHOLE


@dataclass(frozen=True, slots=True)
class _Row:
    """What names a row: its label with its numbers, if any, and its counts without it."""

    label: str
    labelled: Key | None
    counted: frozenset[Key]


@dataclass(frozen=True, slots=True)
class _Memory:
    """What stood in the creators' folders: the ids of each, and the folders it was renamed to.

    `gone` are the tables whose path is there no more, by folder and id, the latest first.
    """

    ids: dict[str, set[str]] = field(default_factory=dict)
    heirs: dict[str, set[str]] = field(default_factory=dict)
    gone: dict[tuple[str, str], None] = field(default_factory=dict)

    def ancestors(self, creators: Collection[str]) -> set[str]:
        """Name some folders, and all that were renamed to them."""
        found, more = set[str](), set(creators)
        while more:
            found |= more
            more = {name for name, heirs in self.heirs.items() if heirs & found} - found
        return found

    def descendants(self, creator: str) -> set[str]:
        """Name a folder, and all that it was renamed to."""
        found, more = set[str](), {creator}
        while more:
            found |= more
            more = {heir for name in found for heir in self.heirs.get(name, ())} - found
        return found


def returning(repository: Repository, base: str, tree: Tree, what: Scope) -> Returning:
    """Refuse to bring back what was withdrawn, under its own name or another's."""
    here = set(creators_of(tree))
    new = [creator for creator in what.creators if creator not in here]
    if not new and not any(_is_table(change) for change in what.touched):
        return Returning()
    found = [refusal("stood-here-before", f"{HOME}/{name}") for name in new
             if objects.stood(repository, base, f"{HOME}/{name}")]  # fmt: skip
    try:
        memory = _memory(repository, base, tree)
        gone, is_whole = _gone(repository, memory)
    except TooMuchError:
        return Returning(tuple(found), Past.TOO_LONG)
    for creator in what.creators:
        theirs = set(what.creators) if what.is_move else {creator}
        own = memory.ancestors(theirs & here)
        files = list(_files(repository, memory, tree, what, creator, own))
        found += files or _rows(repository, memory, tree, what, creator, own, gone)
    is_shallow = objects.is_shallow(repository)
    past = Past.SHALLOW if is_shallow else Past.WHOLE if is_whole else Past.TOO_LONG
    return Returning(tuple(found), past)


def _is_table(change: Change) -> bool:
    return change.new is not None and change.path.endswith(TABLE)


def _memory(repository: Repository, base: str, tree: Tree) -> _Memory:
    """Remember what stood in the folders, in all of the past."""
    memory = _Memory()
    for step in objects.past(repository, base, HOME):
        lost: dict[tuple[str, str], str] = {}
        inside = [(creator, change) for change in step if (creator := creator_of(change.path))]
        for creator, change in inside:
            for entry in filter(None, (change.new, change.old)):
                memory.ids.setdefault(creator, set()).add(entry.id)
                if change.path.endswith(TABLE) and change.path not in tree:
                    memory.gone[creator, entry.id] = None
            if change.old and not change.new:
                lost[_below(change.path), change.old.id] = creator
        for creator, change in inside:
            if change.new and not change.old:
                old = lost.get((_below(change.path), change.new.id), creator)
                memory.heirs.setdefault(old, set()).add(creator)
    return memory


def _below(path: str) -> str:
    """Name a path below its creator's folder."""
    return path.split("/", 2)[-1]


def _gone(repository: Repository, memory: _Memory) -> tuple[dict[str, list[_Row]], bool]:
    """Read the tables that are gone, by folder; and whether these are all."""
    sizes = objects.sizes_of(repository, sorted({name for _, name in memory.gone}))
    chosen, total = list[tuple[str, str]](), 0
    for creator, name in memory.gone:
        total += sizes[name]
        if total > MOST_BYTES or len(chosen) == MOST_TABLES:
            break
        chosen.append((creator, name))
    raw = objects.read_blobs(repository, (name for _, name in chosen), MAX_BYTES)
    found: dict[str, list[_Row]] = {}
    for creator, name in chosen:
        found.setdefault(creator, []).extend(_read_past(raw[name]))
    return found, len(chosen) == len(memory.gone)


def _files(
    repository: Repository, memory: _Memory, tree: Tree, what: Scope, creator: str, own: set[str]
) -> Iterator[Refusal]:
    """Find the tables of a folder that stood in another's before, and stand nowhere now."""
    here = {entry.id for entry in tree.values()}
    before = {name for other, ids in memory.ids.items() if other not in own for name in ids} - here
    back = {
        change.path: change.new.id
        for change in what.touched
        if _is_table(change) and change.new and creator_of(change.path) == creator
        and change.new.id in before and change.new.mode != objects.SUBMODULE
    }  # fmt: skip
    raw = objects.read_blobs(repository, back.values(), MAX_BYTES)
    yield from (refusal("withdrawn-file", path) for path, name in back.items() if _read(raw[name]))


def _rows(
    repository: Repository,
    memory: _Memory,
    tree: Tree,
    what: Scope,
    creator: str,
    own: set[str],
    gone: Mapping[str, list[_Row]],
) -> Iterator[Refusal]:
    """Refuse a folder that brings rows of a folder or a file that is gone.

    All rows of the folder count, so that they do not come back two by two; but a row that was
    there before is no reason.
    """
    mine = _standing(repository, what.result, {creator})
    standing = _names(_standing(repository, tree, own))
    new = [row for row in mine if not _names([row]) & standing]
    returned = 0
    for other, rows in gone.items():
        names = _names(rows)
        if other in own or not any(_names([row]) & names for row in new):
            continue
        names -= _names(_standing(repository, tree, memory.descendants(other)))
        labelled = sum(row.labelled in names for row in mine)
        counted = sum(bool(_names([row]) & names) for row in mine)
        few = len({row.label for row in rows}) / 2  # of an account with few videos
        if counted >= ENOUGH_ROWS or labelled >= max(few, 1):
            returned = max(returned, sum(bool(_names([row]) & names) for row in new))
    if returned:
        yield refusal("withdrawn-rows", f"{HOME}/{creator}", rows=returned)


def _standing(repository: Repository, tree: Tree, creators: Collection[str]) -> list[_Row]:
    """Read all rows that some folders of a tree have."""
    ids = [
        entry.id
        for path, entry in tree.items()
        if path.endswith(TABLE) and creator_of(path) in creators
        and entry.mode != objects.SUBMODULE
    ]  # fmt: skip
    raw = objects.read_blobs(repository, ids, MAX_BYTES)
    return [row for name in ids for row in _read(raw[name])]


def _names(rows: Iterable[_Row]) -> set[Key]:
    return {key for row in rows for key in (row.labelled, *row.counted) if key is not None}


def _read_past(raw: bytes) -> list[_Row]:
    """Read a table that was taken out; one that breaks the reader has no rows."""
    try:
        return _read(raw)
    except Exception:  # noqa: BLE001  # a table of the past stops the review of nobody
        return []


def _read(raw: bytes) -> list[_Row]:
    """Read what names the rows of a table; what is no table has none."""
    cells = read_sheet("", raw)[0].cells.fillna("")  # bytes that are no UTF-8 are missing
    texts = {name: cells[name].tolist() for name in (LABEL, *NUMBERS) if name in cells}
    empty = [""] * len(cells)
    columns = (texts.get(name, empty) for name in (LABEL, *NUMBERS))
    return [_row(label, tuple(map(_number, cells))) for label, *cells in zip(*columns, strict=True)]


def _row(label: str, numbers: Key) -> _Row:
    name = " ".join(label.split()).casefold()
    views, *others = numbers[: len(COUNTS)]
    is_seen = views not in ("", "0")
    labelled = (name, *numbers) if name and is_seen else None
    counted = frozenset[Key]()
    if is_seen and int(views.partition(".")[0]) >= LEAST_VIEWS:
        noted = [(column, cell) for column, cell in zip(COUNTS[1:], others, strict=True) if cell]
        some = combinations(noted, ENOUGH_COUNTS - 1)
        counted = frozenset((views, *(f"{c} {n}" for c, n in each)) for each in some)
    return _Row(name, labelled, counted)


def _number(cell: str) -> str:
    """Write a number in one way; "" where it is none, or has more digits than anything counts.

    >>> [_number(cell) for cell in (" 012.50", "12.5", "0.0", "12,5", "9" * 310, "")]
    ['12.5', '12.5', '0', '', '', '']
    """
    text = cell.strip()
    whole, _, rest = text.lstrip("0").partition(".")
    rest = rest.rstrip("0")
    digits = whole + rest
    if not text or len(digits) > MOST_DIGITS or (digits and not _is_digits(digits)):
        return ""
    return f"{whole or '0'}.{rest}" if rest else whole or "0"


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()
