"""What a folder holds: its folders and its files, and whether these are the wanted ones."""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

Files = Mapping[PurePosixPath, bytes]  # by their paths below a folder


def folders(folder: Path) -> list[str]:
    """Name the folders in a folder."""
    return sorted(path.name for path in folder.iterdir() if path.is_dir())


def files(folder: Path) -> list[Path]:
    """List what a folder holds, folders excepted."""
    return [path for path in sorted(folder.rglob("*")) if not path.is_dir() or path.is_symlink()]


def holds_just(folder: Path, wanted: Files) -> bool:
    """Return whether a folder holds these files with these bytes, and nothing else."""
    there = {path.relative_to(folder).as_posix(): path for path in files(folder)}
    return set(there) == set(map(str, wanted)) and all(
        is_file_of(there[str(name)], content) for name, content in wanted.items()
    )


def is_file_of(path: Path, content: bytes) -> bool:
    """Return whether a path is a file of its own with just these bytes."""
    return path.is_file() and not path.is_symlink() and path.read_bytes() == content
