"""What is decided of a pull request before its data are read: its merge, and its size."""

from collections.abc import Iterable, Sequence

from pipeline.review.scope import MOST_FILES, Scope, effective
from pipeline.storage import git, git_blobs
from pipeline.storage.git import Repository, Sandbox, TooMuchError, Tree, TreeChange
from schema.file_rules import HOME, line_at
from schema.refusals import Refusal, refusal

# Of one pull request; what is more is refused before it is read.
MOST_CREATORS = 12
MOST_BYTES = 40 * 1024 * 1024
MOST_LINES = 250_000
# Of any pull request, also a maintainer's. All of this repository is 600 files of 30 MiB together;
# a longer path than that is on no disk.
MOST_LISTED = 32 * 1024 * 1024  # bytes of all its paths
MOST_CHANGED = 20_000
MOST_BROUGHT = 256 * 1024 * 1024
LONGEST_PATH = 4_096
UTF_8 = ("utf-8", "surrogateescape")


def changes(
    sandbox: Sandbox, base: str, head: str, start: str, tree: Tree
) -> tuple[tuple[TreeChange, ...], tuple[Refusal, ...]]:
    """Find what a merge makes of the base, which may differ from what the branch did.

    Git carries a change over to where a file was moved meanwhile, and may have several commits to
    start from. What it cannot merge is refused, and judged as the branch has it. What is more than
    anybody could look at is refused and not judged: it has no changes here.
    """
    try:
        if git.count_paths(sandbox, head, MOST_LISTED) > len(tree) + MOST_CHANGED:
            return (), (refusal("too-many-files", HOME),)
        mine = git.changes(sandbox, start, head)
    except TooMuchError:  # eleven trees can make ten thousand million paths, or one path of miles
        return (), (refusal("too-many-files", HOME),)
    if why := _unbounded(sandbox, mine):
        return (), (why,)
    try:
        merge = git.merge(sandbox, base, head)
        if merge.is_clean:
            return git.changes(sandbox, base, merge.tree), ()
    except TooMuchError:
        return (), (refusal("too-much-to-merge", HOME),)
    conflicts = merge.conflicts or (".",)  # a folder that was divided is a conflict of no path
    return effective(mine, tree), tuple(refusal("merge-conflict", path) for path in conflicts)


def _unbounded(sandbox: Sandbox, mine: Sequence[TreeChange]) -> Refusal | None:
    """Refuse what a branch brings, whoever's it is, where git itself would have too much to do."""
    if len(mine) > MOST_CHANGED:
        return refusal("too-many-files", HOME)
    if long := next((c.path for c in mine if len(c.path.encode(*UTF_8)) > LONGEST_PATH), None):
        return refusal("path-too-long", f"{long[:80]}...")
    return refusal("too-large", HOME) if _size(sandbox, mine) > MOST_BROUGHT else None


def _size(repository: Repository, changes: Iterable[TreeChange]) -> int:
    """Add up the sizes of all that changes bring."""
    new = {change.new for change in changes if change.new}
    blobs = sorted({entry.id for entry in new if entry.mode != git.SUBMODULE})
    return sum(git_blobs.sizes_of(repository, blobs).values()) if blobs else 0


def older(repository: Repository, base: str, changes: Sequence[TreeChange]) -> dict[str, set[str]]:
    """Find the older versions by which a stale branch is known."""
    return git.older_versions(repository, base, (change.path for change in changes))


def too_much(repository: Repository, what: Scope) -> tuple[Refusal, ...]:
    """Refuse what would take too much time or memory, before anything of it is judged."""
    if not what.creators:
        return ()
    place = f"{HOME}/{what.creators[0]}"
    if len(what.touched) > MOST_FILES or len(what.creators) > MOST_CREATORS:
        return (refusal("too-many-files", place),)
    new = {change.new for change in what.touched if change.new}
    blobs = sorted({entry.id for entry in new if entry.mode != git.SUBMODULE})
    if _size(repository, what.touched) > MOST_BYTES:
        return (refusal("too-large", place),)
    raw = git_blobs.read_blobs(repository, blobs, MOST_BYTES).values()
    lines = sum(line_at(each, len(each)) for each in raw)
    return (refusal("too-large", place),) if lines > MOST_LINES else ()
