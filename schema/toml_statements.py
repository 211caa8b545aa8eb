"""A TOML file read statement by statement: one broken line hides no other.

`tomllib` ends at the first thing wrong, and tells no line of a value. Its grammar decides here,
too: a statement is what it can read alone.
"""

import re
import tomllib
from dataclasses import dataclass
from typing import Any

from schema.problem import is_personal

Path = tuple[str | int, ...]  # the keys that lead to a value, and the places in lists of tables

LONGEST_STATEMENT = 400  # lines
NAMED = re.compile(r"\[{0,2} {0,4}([A-Za-z0-9_-]{1,60}(?:\.[A-Za-z0-9_-]{1,60}){0,4})[ \]]{0,6}")
NEW_ENTRY = re.compile(r"[ \t]{0,40}(?:\[|[A-Za-z0-9_.\-]{1,60}[ \t]{0,40}=|$)")
OPEN = "(at end of document)"  # how tomllib ends its sentence where more lines may help


@dataclass(frozen=True, slots=True)
class Broken:
    """A statement that cannot be read: its line, what stands there ("" for a file), what to do.

    `key` is the name of the entry, "" where it has none; `first` the line where it stands already.
    """

    line: int | None
    found: str
    advice: str
    key: str = ""
    first: int | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """What could be read of a file: its values, the line of each path, and what is broken.

    `names` are the paths of the broken entries: they are there, whatever they were to say.
    """

    values: dict[str, Any]
    lines: dict[Path, int]
    broken: tuple[Broken, ...]
    names: frozenset[Path]

    def line(self, *path: str | int) -> int | None:
        """Give the line of a path, or of what it stands in."""
        nearest = (path[:length] for length in range(len(path), 0, -1))
        return next((self.lines[each] for each in nearest if each in self.lines), None)


def read(raw: bytes) -> Document:
    r"""Read what can be read, and name every line that cannot.

    >>> read(b'a = 1\nb = two\n[c]\na = 3\na = 4').broken[1].advice
    'a stands already in line 4: delete one of the two.'
    """
    text, broken = _decoded(raw)
    reader = _Reader(text.replace("\r\n", "\n").split("\n"))
    reader.run()
    broken += reader.broken
    if not broken:  # what only the whole can show
        try:
            return Document(tomllib.loads(text), reader.lines, (), frozenset())
        except (ValueError, RecursionError) as error:
            place = re.search(r"\(at line ([0-9]{1,5}), column [0-9]{1,5}\)\Z", str(error))
            broken = [Broken(int(place[1]) if place else None, "", _ADVICE)]
    return Document(reader.values, reader.lines, tuple(broken), frozenset(reader.names))


_ADVICE = 'An entry is written name = "text", each name once, on a line of its own.'


def _decoded(raw: bytes) -> tuple[str, list[Broken]]:
    try:
        return raw.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        text = raw.decode("utf-8-sig", "replace")
        lines = [n for n, line in enumerate(raw.split(b"\n"), 1) if not _is_utf_8(line)]
        advice = "This line has letters that are not UTF-8: write them anew, and save it as UTF-8."
        return text, [Broken(line, "", advice) for line in lines]


def _is_utf_8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


class _Reader:
    """Where the reading of a file stands: the only state, and gone when it is read."""

    def __init__(self, texts: list[str]) -> None:
        self.texts = texts
        self.values: dict[str, Any] = {}
        self.lines: dict[Path, int] = {}
        self.broken: list[Broken] = []
        self.names: set[Path] = set()
        self._at: Path = ()
        self._table: dict[str, Any] = self.values
        self._headers: dict[Path, int] = {}

    def run(self) -> None:
        start = 0
        while start < len(self.texts):
            if not self.texts[start].strip() or self.texts[start].lstrip().startswith("#"):
                start += 1
                continue
            end, read = self._statement(start)
            is_header = self.texts[start].lstrip().startswith("[")
            if read is None:
                self._break(start, is_header=is_header)
                end = self._next(start)
            elif is_header:
                self._enter(_keys_of(read), start, is_list=self.texts[start].strip()[:2] == "[[")
            else:
                self._put(read, self._table, self._at, start)
            start = end

    def _statement(self, start: int) -> tuple[int, dict[str, Any] | None]:
        """Read the statement that begins in a line: where it ends, and what it holds."""
        last = min(len(self.texts), start + LONGEST_STATEMENT)
        for end in range(start + 1, last + 1):
            try:
                return end, tomllib.loads("\n".join(self.texts[start:end]))
            except (ValueError, RecursionError) as error:
                if not str(error).endswith(OPEN):
                    break
        return start + 1, None

    def _next(self, start: int) -> int:
        """Find where the entry after a broken one begins: a list may have several lines."""
        end = start + 1
        if re.search(r"= {0,9}(?:\[|\"{3}|'{3})", self.texts[start]):
            while end < len(self.texts) and not NEW_ENTRY.match(self.texts[end]):
                end += 1
        return end

    def _break(self, start: int, *, is_header: bool) -> None:
        text = self.texts[start].strip()
        name = text if is_header else text.partition("=")[0]
        named = NAMED.fullmatch(name.strip().strip("\"'"))
        keys = tuple(named[1].split(".")) if named else ()
        if is_header:
            self.broken.append(Broken(start + 1, text, "A heading is written [list.word]."))
            self._enter(keys, start, is_list=text.startswith("[["))
            self.names.add(keys)
            return
        self.broken.append(Broken(start + 1, text, _advice(text), ".".join(keys)))
        if keys:
            self.names.add((*self._at, *keys))
            self.lines.setdefault((*self._at, *keys), start + 1)

    def _enter(self, keys: tuple[str, ...], start: int, *, is_list: bool) -> None:
        """Go to the table of a heading; one that stands twice, or has no name, is read apart."""
        table, path = self.values, ()  # type: tuple[Any, Path]
        first = self._headers.get(keys)
        self._at, self._table = ("",), {}
        if first is not None and not is_list:
            advice = f"[{'.'.join(keys)}] stands already in line {first}: delete one of the two."
            self.broken.append(Broken(start + 1, self.texts[start].strip(), advice))
            return
        if not keys:
            return
        self._headers.setdefault(keys, start + 1)
        for place, key in enumerate(keys):
            below = table.setdefault(key, [] if is_list and place == len(keys) - 1 else {})
            path = (*path, key)
            self.lines.setdefault(path, start + 1)
            if isinstance(below, list):
                if place == len(keys) - 1 and is_list:
                    below.append({})
                below = below[-1] if below else {}
                path = (*path, max(len(table[key]) - 1, 0))
                self.lines.setdefault(path, start + 1)
            if not isinstance(below, dict):
                advice = f"{'.'.join(keys[: place + 1])} is an entry already, and no heading."
                self.broken.append(Broken(start + 1, self.texts[start].strip(), advice))
                return
            table = below
        self._at, self._table = path, table

    def _put(self, read: dict[str, Any], table: dict[str, Any], path: Path, start: int) -> None:
        for key, value in read.items():
            here = (*path, key)
            below = table.get(key)
            if isinstance(below, dict) and isinstance(value, dict):
                self._put(value, below, here, start)
            elif key in table or here in self.names:
                first, text = self.lines[here], self.texts[start].strip()
                advice = f"{key} stands already in line {first}: delete one of the two."
                self.broken.append(Broken(start + 1, text, advice, key, first))
            else:
                table[key] = value
                self._note(value, here, start)

    def _note(self, value: object, path: Path, start: int) -> None:
        self.lines.setdefault(path, start + 1)
        if isinstance(value, dict):
            for key, below in value.items():
                self._note(below, (*path, key), start)


def _keys_of(header: dict[str, Any]) -> tuple[str, ...]:
    keys: tuple[str, ...] = ()
    below: Any = header
    while isinstance(below, dict) and below:
        (key,) = below
        keys = (*keys, key)
        below = below[key]
    return keys


def _advice(text: str) -> str:
    """Say how a line that cannot be read would be right.

    >>> _advice("ana = under review")
    'Put the text in double quotes: ana = "under review"'
    """
    name, mark, value = (part.strip() for part in text.partition("="))
    value = value.partition(" #")[0].strip()
    if not mark:
        return _ADVICE
    if not value:
        return f"Nothing stands after the =. {_ADVICE}"
    if not NAMED.fullmatch(name.strip("\"'")):
        return f"Before the = stands one name, of letters, digits, - and _. {_ADVICE}"
    if value.startswith(("[", "{")):
        return 'A list is written ["one", "two"]: each text in double quotes, with commas between.'
    plain = value.strip("\"'“”„‘’«» ")
    if is_personal(text) or set(plain) & set('"\\\r\n'):
        return 'Put the text in double quotes, one pair: name = "text"'
    return f'Put the text in double quotes: {name} = "{plain}"'
