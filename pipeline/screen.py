"""What is decided of a pull request before its data are read: its merge, its size, what returns."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline import objects
from pipeline.blobs import creators_of
from pipeline.change import MOST_FILES, Scope, effective
from pipeline.objects import Change, Tree
from pipeline.read import HOME
from schema.refusals import Refusal, refusal

TABLE = ".csv"
# Of one pull request; what is more is refused before it is read.
MOST_CREATORS = 12
MOST_BYTES = 40 * 1024 * 1024
MOST_LINES = 250_000


def changes(
    repository: Path, base: str, head: str, start: str, tree: Tree
) -> tuple[tuple[Change, ...], tuple[Refusal, ...]]:
    """Find what a merge makes of the base, which may differ from what the branch did.

    Git carries a change over to where a file was moved meanwhile, and may have several commits to
    start from. What it cannot merge is refused, and judged as the branch has it.
    """
    merge = objects.merge(repository, base, head)
    if not merge.conflicts:
        return objects.changes(repository, base, merge.tree), ()
    conflicts = tuple(refusal("merge-conflict", path) for path in merge.conflicts)
    return effective(objects.changes(repository, start, head), tree), conflicts


def older(repository: Path, base: str, found: Sequence[Change]) -> dict[str, set[str]]:
    """Find the older versions by which a stale branch is known."""
    return objects.older_versions(repository, base, (change.path for change in found))


def returning(repository: Path, base: str, tree: Tree, what: Scope) -> Iterator[Refusal]:
    """Refuse to bring back what was withdrawn, under its own name or another's."""
    here = set(creators_of(tree))
    new = [creator for creator in what.creators if creator not in here]
    for creator in new:
        where = f":(literal){HOME}/{creator}"
        if objects.answer(repository, "rev-list", "-1", base, "--", where):
            yield refusal("stood-here-before", f"{HOME}/{creator}")
    if not new:
        return
    gone = objects.ids_ever(repository, base, HOME) - {entry.id for entry in tree.values()}
    for change in what.touched:
        is_table = change.path.endswith(TABLE) and change.path.split("/")[1] in new
        if is_table and change.new and change.new.id in gone:
            yield refusal("withdrawn-file", change.path)


def too_much(repository: Path, what: Scope) -> tuple[Refusal, ...]:
    """Refuse what would take too much time or memory, before anything of it is judged."""
    if not what.creators:
        return ()
    place = f"{HOME}/{what.creators[0]}"
    if len(what.touched) > MOST_FILES or len(what.creators) > MOST_CREATORS:
        return (refusal("too-many-files", place),)
    new = {change.new for change in what.touched if change.new}
    blobs = sorted({entry.id for entry in new if entry.mode != objects.SUBMODULE})
    total = sum(objects.sizes_of(repository, blobs).values()) if blobs else 0
    if total > MOST_BYTES:
        return (refusal("too-large", place),)
    raw = objects.read_blobs(repository, blobs, MOST_BYTES).values()
    lines = sum(each.count(b"\n") + each.count(b"\r") for each in raw)
    return (refusal("too-large", place),) if lines > MOST_LINES else ()
