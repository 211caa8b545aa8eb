"""The disk, for the door: a file or a folder is there whole, or as it was before.

Only the commands call it.
"""

import shutil
from collections.abc import Collection, Mapping
from pathlib import Path, PurePosixPath


def write_new(files: Mapping[Path, bytes]) -> None:
    """Write files that must not be there yet. Raises FileExistsError before writing any."""
    for path in files:
        if path.exists() or path.is_symlink():
            raise FileExistsError(path)
    for path, content in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, content)


def replace_file(path: Path, content: bytes) -> None:
    """Write one file; a run that is killed leaves the old one."""
    beside = path.with_name(f".{path.name}.writing")
    beside.write_bytes(content)
    beside.replace(path)


def folders(folder: Path) -> list[str]:
    """Name the folders in a folder."""
    return sorted(path.name for path in folder.iterdir() if path.is_dir())


def files(folder: Path) -> list[Path]:
    """List what a folder holds, folders excepted."""
    return [path for path in sorted(folder.rglob("*")) if not path.is_dir()]


def strangers(folder: Path, known: Collection[PurePosixPath]) -> list[Path]:
    """Find what a folder holds that is neither one of the files, an old figure nor an old page."""
    old = ((folder / "figures", ".svg"), (folder / "creators", ".html"))
    return [
        path
        for path in files(folder)
        if PurePosixPath(path.relative_to(folder).as_posix()) not in known
        and (path.parent, path.suffix) not in old
    ]


def replace_folder(folder: Path, files: Mapping[PurePosixPath, bytes]) -> None:
    """Put a folder of just these files in place of the one before.

    All is written beside it first; a run that is killed leaves the last one, at the latest when
    the next run begins with `restore`.
    """
    folder = folder.absolute()
    beside, last = _beside(folder, "writing"), _beside(folder, "last")
    for old in (beside, last):
        shutil.rmtree(old, ignore_errors=True)
    for name, content in files.items():
        path = beside / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    if folder.exists():
        folder.rename(last)
    beside.rename(folder)
    shutil.rmtree(last, ignore_errors=True)


def restore(folder: Path) -> None:
    """Put the last folder back where a run was killed between its two moves."""
    last = _beside(folder.absolute(), "last")
    if last.is_dir() and not folder.exists():
        last.rename(folder)


def _beside(folder: Path, what: str) -> Path:
    return folder.with_name(f".{folder.name}.{what}")


def write_into(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files by their paths below a folder, in place of older ones of these names."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, content)


def remove_folder(folder: Path) -> None:
    """Take a folder away, with all that is in it; one that is not there is gone already."""
    gone = _beside(folder.absolute(), "gone")
    if folder.is_dir() and not folder.is_symlink():
        folder.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)
