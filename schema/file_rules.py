"""Rules about a file's bytes and place, before anything is read as a table.

`BYTES` are asked in their order; what one of them finds ends the reading of that file.
"""

import re
from collections.abc import Iterable, Iterator

from schema.problem import Severity
from schema.rules import Finding, rule

PROFILE = "creator.toml"
TABLE = ".csv"
MAX_BYTES = 20 * 1024 * 1024
MAX_FOLDER = 2 * MAX_BYTES
MAX_ROWS = 200_000
MAX_COLUMNS = 64
MAX_LINE = 64 * 1024
MAX_FILES = 400
HOME = "contributions"  # the folder of all creators' folders
FOLDER_NAME = re.compile(r"[a-z][a-z0-9-]{2,31}")
FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ()._-]{0,63}\.csv")
RESERVED = {"con", "prn", "aux", "nul", *(f"{p}{n}" for p in ("com", "lpt") for n in range(1, 10))}
MARK = re.compile(rb"(?<![^\r\n])(?:(?:<{7}|>{7}) [^\r\n]*|={7}(?![^\r\n]))")
SAVE_AS = (
    'In Excel: File, Save As, "CSV UTF-8 (Comma delimited)". '
    'In Google Sheets: File, Download, "Comma Separated Values".'
)


def line_at(raw: bytes, offset: int) -> int:
    """Count the physical line (from 1) of a byte offset; CR, LF and CRLF each end a line."""
    cr, lf, both = (raw.count(end, 0, offset) for end in (b"\r", b"\n", b"\r\n"))
    return cr + lf - both + 1


@rule("contributions/Ana Maria/", "contributions/ana-maria/")
def folder_name(name: str) -> Iterator[Finding]:
    """A creator's folder has 3 to 32 lower-case letters a-z, digits or `-`, a letter first."""
    if name in RESERVED:
        yield Finding(value=name, hint="Windows cannot have a folder of this name: choose another.")
    elif name == HOME:
        hint = "The folder of all creators has this name: choose another for yours."
        yield Finding(value=name, hint=hint)
    elif not FOLDER_NAME.fullmatch(name):
        words = "-".join(re.findall(r"[a-z0-9]{1,32}", name.lower()[:255])).lstrip("0123456789-")[
            :32
        ]
        better = f" For example: {words}" if FOLDER_NAME.fullmatch(words) else ""
        yield Finding(value=name, hint=folder_name.hint + better)


@rule("Mayo día 5.CSV", "mayo-5.csv")
def file_name(name: str) -> Iterator[Finding]:
    """A creator's folder holds `creator.toml` and CSV files, nothing else."""
    is_reserved = name.partition(".")[0].lower() in RESERVED
    if (FILE_NAME.fullmatch(name) and not is_reserved) or name == PROFILE:
        return
    stem, _, ending = name.rpartition(".")
    if ending.lower() in {"xlsx", "xls", "ods", "numbers"}:
        advice = f"This is a workbook; save its sheet as CSV and add that file. {SAVE_AS}"
    elif ending.lower() == "csv":
        words = "-".join(re.findall(r"[A-Za-z0-9]{1,64}", stem[:255]))[:59] or "videos"
        words = "videos" if words.lower() in RESERVED else words
        allowed = "letters a to z, digits, blanks and ( ) . _ -, and ends in .csv"
        why = "Windows keeps this name for itself." if is_reserved else f"A name has {allowed}."
        yield Finding(value=name, hint=f"{why} Rename the file, for example: {words}.csv")
        return
    else:
        advice = "Remove this file, or move it out of the folder."
    yield Finding(value=name, hint=f"{file_name.hint} {advice}")


@rule("Videos.csv beside videos.csv", "videos.csv and more-videos.csv")
def file_name_twice(names: Iterable[str]) -> Iterator[Finding]:
    """Two names differ in capitals only, which many computers cannot keep apart: rename one."""
    seen: dict[str, str] = {}
    for name in sorted(names):
        if seen.setdefault(name.casefold(), name) != name:
            yield Finding(value=name)


@rule("a folder with creator.toml alone", "a CSV beside it", Severity.WARNING)
def no_csv(files: int) -> Iterator[Finding]:
    """The folder holds no CSV yet: add one, with a line for each video."""
    if files == 0:
        yield Finding()


@rule("a folder on which something of ours breaks", "the same folder: leave it as it is")
def not_judged(site: str) -> Iterator[Finding]:
    """Something of ours broke here, so this folder was not judged. It is our fault, not yours:
    change nothing because of it.
    """
    yield Finding(hint=f"{not_judged.hint} Please open an issue with this line: {site}")


@rule("3,000 files in one folder", "a file with the rows of many")
def too_many_in_folder(entries: int) -> Iterator[Finding]:
    """A folder may hold at most 400 files beside `creator.toml`: combine several into one."""
    if entries > MAX_FILES:
        hint = f"{too_many_in_folder.hint} This one has {entries:,}; none of them was read."
        yield Finding(hint=hint)


@rule("files of 41 MiB in one folder", "at most 40 MiB in all")
def folder_too_large(size: int, most: int) -> Iterator[Finding]:
    """The files of a folder have at most 40 MiB together: leave the oldest videos out."""
    if size > most:
        yield Finding(hint=f"{folder_too_large.hint} This file goes beyond that and was not read.")


@rule("contributions/videos.csv", "contributions/ana/videos.csv")
def wrong_place(kind: str) -> Iterator[Finding]:
    """Files belong in a creator's own folder, not above it and not in folders below it."""
    yield Finding(value=kind, hint=f"{wrong_place.hint} Move it to contributions/<creator>/.")


@rule("videos.csv → ../other/videos.csv", "the file itself")
def symlink(target: str) -> Iterator[Finding]:
    """A link to another file is not read: put the file itself in its place."""
    yield Finding(value=target)


@rule("a CSV that git keeps as a program", "the same file, without the mark")
def program(mode: str) -> Iterator[Finding]:
    """The file is marked as a program, which a table is not: take the mark off."""
    advice = "Upload it again on the website, or run: git update-index --chmod=-x, then commit."
    yield Finding(value=mode, hint=f"{program.hint} {advice}")


@rule("another repository inside contributions/ana/", "the files themselves")
def submodule(kind: str) -> Iterator[Finding]:
    """A link to another repository is not read: put the files themselves in its place."""
    yield Finding(value=kind)


@rule("a file of 25 MiB", "several files of at most 20 MiB")
def file_too_large(raw: bytes) -> Iterator[Finding]:
    """A file has at most 20 MiB: split it into several files in the same folder."""
    if len(raw) > MAX_BYTES:
        yield Finding()


@rule("a file of 0 bytes", "a line of column names and a line for each video")
def empty_file(raw: bytes) -> Iterator[Finding]:
    """The file is empty: its first line names the columns, each further line is a video."""
    if not raw.removeprefix(b"\xef\xbb\xbf").strip():
        yield Finding()


@rule("version https://git-lfs.github.com/spec/v1", "the rows themselves")
def git_lfs_pointer(raw: bytes) -> Iterator[Finding]:
    """Git LFS put a pointer in place of the file: add the file itself, without Git LFS."""
    if raw.startswith(b"version https://git-lfs."):
        yield Finding(line=1)


@rule("an Excel workbook named .csv", "a file saved as CSV UTF-8")
def workbook(raw: bytes) -> Iterator[Finding]:
    """This is a workbook or a zip archive under the name of a CSV: save the sheet as CSV."""
    if raw.startswith((b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0")):
        yield Finding(hint=f"{workbook.hint} {SAVE_AS}")


@rule("<!DOCTYPE html>", "the file that the page shows")
def web_page(raw: bytes) -> Iterator[Finding]:
    """This is a saved web page, not a CSV: download the file itself (on GitHub: Raw)."""
    start = raw[:1024].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<head", b"<body")):
        yield Finding(line=1)


@rule("a file saved as Unicode text (UTF-16)", "a file saved as CSV UTF-8")
def utf_16(raw: bytes) -> Iterator[Finding]:
    """The file is written in UTF-16, which Excel calls Unicode text: save it as CSV UTF-8."""
    half = raw[:4096]
    zeros = half[1::2].count(0), half[0::2].count(0)
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")) or (
        len(half) >= 8 and max(zeros) > 0.4 * len(half) / 2 and b"," in half + half[1:]
    ):
        yield Finding(line=1, hint=f"{utf_16.hint} {SAVE_AS}")


@rule("a NUL byte in line 3", "the line without it")
def nul_byte(raw: bytes) -> Iterator[Finding]:
    """The file holds a NUL byte, so it is damaged or not a text: save it again as CSV UTF-8."""
    if (offset := raw.find(b"\0")) >= 0:
        yield Finding(line=line_at(raw, offset))


@rule("<<<<<<< main", "the rows that are right, without the marks")
def merge_conflict(raw: bytes) -> Iterator[Finding]:
    """Marks of a merge conflict: keep the rows that are right, delete the marked lines."""
    if not (b"<<<<<<<" in raw or b">>>>>>>" in raw):
        return
    line, seen = 1, 0
    for mark in MARK.finditer(raw):
        line, seen = line + line_at(raw[seen : mark.start()], mark.start() - seen) - 1, mark.start()
        yield Finding(line=line, value=mark[0].decode("utf-8", "replace"))


@rule("a line of 70,000 characters", "lines of at most 65,536 bytes")
def line_too_long(raw: bytes) -> Iterator[Finding]:
    """A line has at most 64 KiB, and this one is longer: is a line break missing?"""
    start, end = 0, len(raw)
    while start + MAX_LINE < end:
        last = max(raw.rfind(mark, start, start + MAX_LINE + 1) for mark in (b"\n", b"\r"))
        if last < 0:
            yield Finding(line=line_at(raw, start))
            return
        start = last + 1


BAD_BYTES = re.compile("[\udc80-\udcff]")  # how Python keeps bytes that are no UTF-8


def has_bad_bytes(text: str) -> bool:
    """Return whether a text, decoded with surrogateescape, holds bytes that are no UTF-8."""
    return not text.isascii() and BAD_BYTES.search(text) is not None


@rule("Caf\\xe9 au lait", "Café au lait, in a file saved as CSV UTF-8")
def not_utf_8(
    line: int, column: str | None, cell: str, *, is_windows_1252: bool
) -> Iterator[Finding]:
    """A character that is not UTF-8: save the file as CSV UTF-8."""
    if not has_bad_bytes(cell):
        return
    if is_windows_1252:
        read = cell.encode("utf-8", "surrogateescape").decode("cp1252", "replace")
        hint = f"{not_utf_8.hint} If this is how it should read, it is Windows-1252. {SAVE_AS}"
        yield Finding(line, column, read, hint, repaired=True)
    else:
        hint = f"{not_utf_8.hint} Which encoding it has is not certain. {SAVE_AS}"
        yield Finding(line, column, None, hint)


BYTES = (
    file_too_large,
    empty_file,
    git_lfs_pointer,
    workbook,
    web_page,
    utf_16,
    nul_byte,
    merge_conflict,
    line_too_long,
)
