"""A folder of files is there whole, or as it was before; one run at a time writes it.

What is not whole yet, or not gone yet, has a hidden name beside the folder (`.reports.writing`),
never in it, so that nothing counts it. What a killed run left there is finished or removed when the
next one begins.
"""

import errno
import os
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path, PurePosixPath

from pipeline.storage.atomic_files import WRITING, make, named, remove, write
from pipeline.storage.folder_contents import Files, folders, is_file_of

WRITTEN = "written"  # whole, and meant to be there: moved in
LAST = "last"  # the folder before, which is back where the new one is not in place
GONE = "gone"  # taken out: removed
LEFT = (GONE, LAST, WRITING, WRITTEN)


def real_path(folder: Path) -> Path:
    """Follow the links to a folder that the command line names; those in it are never followed."""
    return Path(os.path.realpath(folder))  # unlike Path.resolve, also of one that leads to itself


@contextmanager
def only_one(folder: Path, waits: Callable[[], object] = bool) -> Iterator[frozenset[str]]:
    """Keep other runs from writing a folder meanwhile; `waits` is called where one does already.

    Finishes first what a killed run left, and gives the names of the folders that it was taking
    out. The lock is the system's: it ends with the run, however that ends.
    """
    from filelock import FileLock, Timeout  # slow to import, and not needed to check

    with ExitStack() as stack:
        mark = _beside(folder, "lock")
        make(mark.parent, stack)
        lock = FileLock(mark)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            waits()
            lock.acquire()
        except OSError as error:
            raise named(error, mark.parent) from error
        stack.callback(lock.release)
        stack.callback(_unlink, mark)  # before the release: who waits makes a new one
        yield _finish(folder)


def finish(folder: Path) -> None:
    """Finish what a killed run left of its work at a folder."""
    if any(os.path.lexists(_beside(folder, what)) for what in LEFT):
        with only_one(folder):
            pass


def _finish(folder: Path) -> frozenset[str]:
    real = real_path(folder)
    writing, written, last, gone = (
        _beside(folder, what) for what in (WRITING, WRITTEN, LAST, GONE)
    )
    leaving = frozenset(folders(gone) if gone.is_dir() else ())
    for path in (gone, writing):
        remove(path)
    if os.path.lexists(last) and not os.path.lexists(real):
        last.rename(real)
    _remove_whole(last, gone)
    if os.path.lexists(written):
        _move_in(written, real, over=False)
    return leaving


def put_new(folder: Path, wanted: Files) -> None:
    """Add files to a folder, all or none; one that is there with the very same bytes may be.

    Raises FileExistsError, before writing any, for one that is there with others.
    """
    _refuse_links(folder, wanted)
    for name, content in wanted.items():
        if os.path.lexists(folder / name) and not is_file_of(folder / name, content):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(folder / name))
    new = {name: raw for name, raw in wanted.items() if not os.path.lexists(folder / name)}
    if not new:
        return
    writing, written = _beside(folder, WRITING), _beside(folder, WRITTEN)
    _stage(writing, new, folder)
    writing.rename(written)
    try:
        _move_in(written, real_path(folder), over=False)
    except OSError:
        if all((written / name).exists() for name in new):
            remove(written)
        raise


def put_over(folder: Path, wanted: Files) -> None:
    """Write files into a folder, in place of older ones of these names."""
    if not wanted:
        return
    _refuse_links(folder, wanted)
    writing = _beside(folder, WRITING)
    _stage(writing, wanted, folder)
    try:
        _move_in(writing, real_path(folder), over=True)
    finally:
        remove(writing)


def replace_folder(folder: Path, wanted: Files) -> None:
    """Put a folder of just these files in place of the one before.

    A run that is killed leaves the last one, at the latest when the next run begins.
    """
    real, writing, last = real_path(folder), _beside(folder, WRITING), _beside(folder, LAST)
    _stage(writing, wanted, folder)
    try:
        if os.path.lexists(real):
            real.rename(last)
        writing.rename(real)
    except OSError:
        _finish(folder)
        raise
    _remove_whole(last, _beside(folder, GONE))


def remove_folder(folder: Path, name: str) -> None:
    """Take a folder out of a folder, with all that is in it; one that is gone already may be."""
    real, gone = real_path(folder), _beside(folder, GONE)
    if not os.path.lexists(real / name):
        return
    gone.mkdir()
    try:
        (real / name).rename(gone / name)
    except OSError:
        gone.rmdir()
        raise
    remove(gone)


def _beside(folder: Path, what: str) -> Path:
    real = real_path(folder)
    return real.with_name(f".{real.name}.{what}")


def _stage(writing: Path, wanted: Files, folder: Path) -> None:
    """Write files below a hidden folder, to be moved; nothing of it is left where one fails."""
    remove(writing)
    try:
        for name, content in wanted.items():
            (writing / name).parent.mkdir(parents=True, exist_ok=True)
            write(writing / name, content, folder / name)
    except BaseException:
        with suppress(OSError):
            remove(writing)
        raise


def _move_in(source: Path, target: Path, *, over: bool) -> None:
    """Move what was written to its place, folder by folder where there is one.

    Where it is not to go over a file, one that came meanwhile is somebody's own and stays.
    """
    if source.is_dir() and target.is_dir() and not target.is_symlink():
        for each in sorted(source.iterdir()):
            _move_in(each, target / each.name, over=over)
        source.rmdir()
    elif over or not os.path.lexists(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        source.replace(target)
    else:
        remove(source)


def _refuse_links(folder: Path, names: Collection[PurePosixPath]) -> None:
    """Raise NotADirectoryError where a folder on the way to a file is a link, or no folder.

    The folder itself may be a link to one: the command line names it.
    """
    between = {parent for name in names for parent in name.parents if parent.parts}
    links = [path for path in sorted(folder / parent for parent in between) if path.is_symlink()]
    ways = [folder, *(folder / parent for parent in between)]
    files = [path for path in ways if os.path.lexists(path) and not path.is_dir()]
    for path in (*links, *files):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path))


def _remove_whole(folder: Path, gone: Path) -> None:
    """Remove a folder that must never be found in part under its name."""
    if os.path.lexists(folder):
        folder.rename(gone)
        remove(gone)


def _unlink(path: Path) -> None:
    with suppress(OSError):  # Windows does not remove what is open
        path.unlink()
