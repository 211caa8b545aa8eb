"""A file is there whole, or as it was before; what is not whole yet has a hidden name beside it.

Only the commands call it, and the sandbox of git for a folder of its own.
"""

import os
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

WRITING = "writing"  # not whole: removed


@contextmanager
def ready(wanted: Mapping[Path, bytes]) -> Iterator[Callable[[], None]]:
    """Write files under hidden names beside theirs; the call that is given puts them in place.

    What was not put in place is removed at the end.
    """
    staged = {path: path.with_name(f".{path.name}.{WRITING}") for path in wanted}

    def put() -> None:
        for path, beside in staged.items():
            beside.replace(path)

    with ExitStack() as stack:
        for path, content in wanted.items():
            make(path.parent, stack)
            remove(staged[path])
            stack.callback(remove, staged[path])
            write(staged[path], content, path)
        yield put


def replace_file(path: Path, content: bytes) -> None:
    """Write one file; a run that is killed leaves the old one."""
    with ready({path: content}) as put:
        put()


def write_into(folder: Path, wanted: Mapping[str, bytes]) -> None:
    """Write files by their paths below a folder that may hold others, in place of older ones."""
    with ready({folder / name: content for name, content in wanted.items()}) as put:
        put()


def write(path: Path, content: bytes, shown: Path) -> None:
    """Write a file; what fails is said of the path that the person knows."""
    try:
        path.write_bytes(content)
    except OSError as error:
        raise named(error, shown) from error


def named(error: OSError, path: Path) -> OSError:
    """Say an error of the disk of the path that the person knows."""
    return OSError(error.errno, error.strerror or str(error), str(path))


def make(folder: Path, stack: ExitStack) -> None:
    """Make a folder and those above it; what is new and still empty at the end goes again."""
    new = [path for path in (folder, *folder.parents) if not os.path.lexists(path)]
    stack.callback(_remove_empty, new)
    folder.mkdir(parents=True, exist_ok=True)


def _remove_empty(made: Collection[Path]) -> None:
    for path in made:
        with suppress(OSError):  # it is in use
            path.rmdir()


def remove(path: Path) -> None:
    """Remove a file, a link or a folder with all that is in it, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
