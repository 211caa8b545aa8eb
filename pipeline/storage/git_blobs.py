"""What git's blobs hold: their sizes, and their bytes within limits."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from pipeline.storage.git import PLAIN_FILE, PROGRAM, tree
from pipeline.storage.git_sandbox import GitError, Repository, TooMuchError, ask, first_bytes

MOST_BYTES = 1024**3  # of files that are read in one go: more than a pool of 50,000 tables has
MOST_LINE = 200  # bytes that are told of one blob beside what it holds
BATCH = 64 * 1024**2  # bytes of files that one command gives, so that few are held twice


def read_blobs(repository: Repository, ids: Iterable[str], most: int) -> dict[str, bytes]:
    """Read blobs by id, of each at most the first `most` bytes.

    Raises TooMuchError where that is too much together.
    """
    names = sorted(set(ids))
    if not names:
        return {}
    sizes = sizes_of(repository, names)
    if sum(min(size, most) for size in sizes.values()) > MOST_BYTES:
        raise TooMuchError(f"the files have more than {MOST_BYTES // 1024**2:,} MiB together")
    large = [name for name in names if sizes[name] > most]
    blobs = {name: first_bytes(repository, "cat-file", "blob", name, most=most) for name in large}
    for batch in _batches({name: sizes[name] for name in names if name not in blobs}):
        blobs |= _whole(repository, batch)
    return blobs


def _batches(sizes: Mapping[str, int]) -> Iterator[dict[str, int]]:
    """Divide blobs into parts of a limited size, or of one blob."""
    batch: dict[str, int] = {}
    for name, size in sizes.items():
        if batch and sum(batch.values()) + size > BATCH:
            yield batch
            batch = {}
        batch[name] = size
    if batch:
        yield batch


def _whole(repository: Repository, sizes: Mapping[str, int]) -> Iterator[tuple[str, bytes]]:
    """Read blobs whose sizes are known."""
    feed = "".join(f"{name}\n" for name in sizes).encode()
    most = sum(sizes.values()) + MOST_LINE * len(sizes)
    raw = ask(repository, "cat-file", "--batch", feed=feed, most=most)
    at = 0
    for name, size in sizes.items():
        begin = raw.index(b"\n", at) + 1
        at = begin + size + 1
        yield name, raw[begin : at - 1]


def export(
    repository: Repository, commit: str, folders: Iterable[str], most: int
) -> dict[str, bytes]:
    """Read the plain files of some folders of a commit, by path."""
    listed = {
        path: entry.id
        for folder in folders
        for path, entry in tree(repository, commit, folder).items()
        if entry.mode in (PLAIN_FILE, PROGRAM)
    }
    contents = read_blobs(repository, listed.values(), most)
    return {path: contents[name] for path, name in listed.items()}


def sizes_of(repository: Repository, names: Sequence[str]) -> dict[str, int]:
    """Tell the sizes of blobs, in bytes, by id."""
    asked = "".join(f"{name}\n" for name in names).encode()
    lines = ask(repository, "cat-file", "--batch-check", feed=asked).decode().splitlines()
    sizes = {}
    for line in lines:
        name, kind, *size = line.split(" ")
        if kind != "blob":
            raise GitError(f"the object {name} is {kind}: fetch the commit with all it holds")
        sizes[name] = int(size[0])
    return sizes
