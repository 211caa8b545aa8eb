"""A TOML read statement by statement: as tomllib reads it, and each fault with its line."""

import tomllib

import pytest

from schema.toml_statements import read
from support.contribution import ROOT

OURS = [
    path
    for folder in ("schema", "pipeline", "contributions", ".")
    for path in sorted((ROOT / folder).glob("*.toml" if folder == "." else "**/*.toml"))
]


@pytest.mark.parametrize("path", OURS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_can_be_read_is_read_as_tomllib_does(path):
    document = read(path.read_bytes())
    assert (document.values, document.broken) == (
        tomllib.loads(path.read_text(encoding="utf-8")),
        (),
    )


# text → the lines that cannot be read
BROKEN = {
    "a = one two": [1],
    'a = 1\nb = "two\nc = 3\nd 4\n': [2, 4],
    "a =\n": [1],
    "a = 1\r\nb = two\r\n": [2],
    'a = "1"\nb = 2\na = "3"\n"a" = 4\n': [3, 4],
    "[x.y]\nk = 1\n[x.z\nk = 2\n[x.y]\nk = 3\n": [3, 5],
    'k = [\n  "a",\n  b,\n  "c"\n]\nm = oh\n': [1, 6],
    '[x]\nk = ["a", "b"\n\n[y]\nk = 1\n': [2],
    "[[f]]\nk = 1\n[[f]]\nk = no\n": [4],
    "a.b = 1\na.b = 2\na.c = 3\n": [2],
    'a = """\none\ntwo\n': [1],
    "x = 1\n[x.y]\nz = 1\n": [2],
    "a = {b = 1, b = 2}\n": [1],
    "# \x00\n": [1],
}


@pytest.mark.parametrize(("text", "lines"), BROKEN.items(), ids=ascii)
def test_every_line_that_cannot_be_read_is_named_once(text, lines):
    with pytest.raises(tomllib.TOMLDecodeError):
        tomllib.loads(text)
    found = [broken.line for broken in read(text.encode()).broken]
    assert sorted(set(found)) == lines
    assert len(found) == len(lines)


def test_lines_that_are_no_utf_8_are_named():
    document = read(b'a = "1"\nb = "\xe9"\nc = "3"\nd = "\xff"\n')
    assert [broken.line for broken in document.broken] == [2, 4]
    assert document.values["c"] == "3"


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("ana = under review", 'ana = "under review"'),
        ("ana = 'under review", 'ana = "under review"'),
        ("ana = “under review”", 'ana = "under review"'),
        ("ana under review", 'name = "text"'),
        ("ana =", "Nothing stands after the ="),
        ("an a = 1", "one name"),
        ("ana = me@example.org", 'name = "text"'),
    ],
)
def test_what_would_be_right_is_said(text, right):
    [broken] = read(text.encode()).broken
    assert right in broken.advice
    assert "example.org" not in broken.advice


def test_a_value_has_its_line():
    document = read(b"a = 1\n[b.c]\nd = {e = 1}\n[[f]]\n[[f]]\ng = 2\n")
    assert document.line("b", "c", "d", "e") == 3
    assert document.line("b", "c", "lacks") == 2
    assert document.line("f", 1, "g") == 6
    assert document.line("z") is None
