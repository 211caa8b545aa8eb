"""What can be wrong, or merely odd, with a folder: each a function that changes a draft in place.

`MILD` leave most folders acceptable, `WILD` and `BYTES` few; the numbers are weights. Those of
`AFTER` change what is written already.
"""

from collections.abc import Callable
from random import Random

from support.fuzz import values
from support.fuzz.folders import ALIASES, ALL, REQUIRED, Draft, Table, draft
from support.git import Node, link, program, submodule

Mutation = Callable[[Random, Draft], None]


def _table(random: Random, made: Draft) -> Table:
    return random.choice(list(made.tables.values()))


def _column(random: Random, table: Table, names: tuple[str, ...]) -> int | None:
    here = [place for place, name in enumerate(table.header) if name in names]
    return random.choice(here) if here and table.rows else None


def _csv(random: Random, made: Draft) -> str:
    return random.choice([name for name in made.files if name != "creator.toml"] or ["videos.csv"])


def _bytes(made: Draft, name: str) -> bytes:
    content = made.files.get(name, b"")
    return content.content if isinstance(content, Node) else content


# What is odd and allowed.


def permitted(random: Random, made: Draft) -> None:
    """Some cells at the ends of what is permitted."""
    table = _table(random, made)
    for _ in range(random.choice((1, 1, 3, 9))):
        if (place := _column(random, table, tuple(values.PERMITTED))) is not None:
            allowed = values.PERMITTED[table.header[place]]
            random.choice(table.rows)[place] = random.choice(allowed)


def permitted_column(random: Random, made: Draft) -> None:
    """One permitted value in every row."""
    table = _table(random, made)
    if (place := _column(random, table, tuple(values.PERMITTED))) is not None:
        value = random.choice(values.PERMITTED[table.header[place]])
        for row in table.rows:
            row[place] = value


def label(random: Random, made: Draft) -> None:
    """A label of any script."""
    table = _table(random, made)
    if table.rows and "video" in table.header:
        random.choice(table.rows)[table.header.index("video")] = random.choice(values.LABELS)


def second_capture(random: Random, made: Draft) -> None:
    """A video again, on another day, maybe with larger counts, maybe in another file."""
    table = _table(random, made)
    if not table.rows or "captured_on" not in table.header:
        return
    row = list(random.choice(table.rows))
    row[table.header.index("captured_on")] = random.choice(("2026-11-20", "2026-11-21", ""))
    row[table.header.index("views")] += random.choice(("", "0", "00"))
    table.rows.append(row)


def written(random: Random, made: Draft) -> None:
    """Other line ends, a byte order mark, quotes everywhere."""
    table = _table(random, made)
    table.end = random.choice(("\r\n", "\n", "\r"))
    table.mark = random.choice((b"", b"\xef\xbb\xbf"))
    table.is_quoted = random.random() < 0.5


def columns(random: Random, made: Draft) -> None:
    """Columns in another order, by other names, or fewer of them."""
    table = _table(random, made)
    order = list(range(len(table.header)))
    random.shuffle(order)
    kept = [i for i in order if table.header[i] in REQUIRED or random.random() < 0.8]
    names = [table.header[i] for i in kept]
    table.header = [ALIASES.get(n, n.upper()) if random.random() < 0.5 else n for n in names]
    table.rows = [[row[i] for i in kept] for row in table.rows]


def rows(random: Random, made: Draft) -> None:
    """One row, many, or in another order."""
    table = _table(random, made)
    how = random.choice(("one", "many", "order"))
    if how == "one":
        del table.rows[1:]
    elif how == "order":
        random.shuffle(table.rows)
    elif table.header[0] == "video" and len(table.rows) < 50:
        copies = [
            [f"{row[0]} {i}", *row[1:]] for i in range(random.choice((3, 20))) for row in table.rows
        ]
        table.rows += copies


def profile_allowed(random: Random, made: Draft) -> None:
    """Keys of creator.toml that may be there."""
    choices = {
        "use_in_model": ("false", "true"),
        "page": ("true",),
        "display": ('"Ana"', '"朝 😀"', '"' + "ß" * 60 + '"', '"<b>x</b>"', '"a::b"', '"مرحبا"'),
        "credit": ('"Ana & co"', '"[x](y)"', '"İ"', '"{x}"'),
        "language": ('"en"', '"pt-BR"'),
        "github_id": ("1", "0x7fff_ffff_ffff_ffff", "9223372036854775807"),
        "licence": ('"MIT"', "'CC0-1.0'", '"""CC-BY-4.0"""'),
        "consent": ("'2026-05-31'", "2022-01-01", "2026-11-22"),
    }
    for key in random.sample(list(choices), random.choice((1, 2, 4))):
        made.profile[key] = random.choice(choices[key])


def simulated(random: Random, made: Draft) -> None:
    """A simulated creator."""
    made.profile["simulated"] = "true"
    made.creator = f"example-{made.number}"


def same_numbers(random: Random, made: Draft) -> None:
    """Rows of another creator under other labels."""
    theirs = next(iter(draft(made.number ^ 1).tables.values()))
    table = next(iter(made.tables.values()))
    table.header, table.rows = list(theirs.header), [list(row) for row in theirs.rows]


# What is wrong in a cell, a row, a header.


def cell(random: Random, made: Draft) -> None:
    """Any value in any cell."""
    table = _table(random, made)
    if table.rows:
        row = random.choice(table.rows)
        row[random.randrange(len(row))] = values.cell(random)


def fitting(random: Random, made: Draft) -> None:
    """A number where a number stands, a date for a date: wrong in its form only."""
    table = _table(random, made)
    dates, texts = ("posted_on", "captured_on"), ("video", "subject", "category", "sound")
    make, names = random.choice(
        (
            (values.number, tuple(set(ALL) - {*dates, *texts})),
            (values.date, dates),
            (values.text, texts),
        )
    )
    if (place := _column(random, table, names)) is not None:
        random.choice(table.rows)[place] = make(random)


def same_in_column(random: Random, made: Draft) -> None:
    """One wrong value in every row."""
    table, value = _table(random, made), values.cell(random)
    place = random.randrange(len(table.header))
    for row in table.rows:
        row[place] = value


def same_label(random: Random, made: Draft) -> None:
    """One label in two rows."""
    table = _table(random, made)
    if table.rows and (place := _column(random, table, ("video",))) is not None:
        random.choice(table.rows)[place] = random.choice(table.rows)[place]


def copied(random: Random, made: Draft) -> None:
    """Rows of another creator as they are, ids and all."""
    table, theirs = _table(random, made), next(iter(draft(made.number ^ 1).tables.values()))
    table.header, table.rows = theirs.header, theirs.rows + theirs.rows[:1]


def header(random: Random, made: Draft) -> None:
    """A name of a column that is wrong, twice, empty, or any text."""
    table = _table(random, made)
    name = random.choice(
        (values.text(random), "veiws", "VIEWS ", "views", "", "video_id", "video\n")
    )
    table.header[random.randrange(len(table.header))] = name


def ragged(random: Random, made: Draft) -> None:
    """A row that is too short, too long, empty, or of commas only."""
    table = _table(random, made)
    for _ in range(random.choice((1, 2))):
        row: list[str] = random.choice(table.rows) if table.rows else []
        how = random.choice(("short", "long", "empty", "commas", "very long"))
        if how == "short":
            del row[random.randrange(len(row) + 1) :]
        elif how == "long":
            row.insert(random.randrange(len(row) + 1), values.cell(random))
        elif how == "very long":
            row += ["x"] * random.choice((60, 3_000))
        else:
            row[:] = [] if how == "empty" else [""] * len(row)


def ragged_all(random: Random, made: Draft) -> None:
    """Every row too long by one cell, or a header too long."""
    table = _table(random, made)
    value = random.choice(("", "x"))
    if random.random() < 0.7:
        table.rows = [[*row, value] for row in table.rows]
    else:
        table.header += [random.choice(("", "likes", "extra", "x" * 500))]


def many_columns(random: Random, made: Draft) -> None:
    """Sixty-four columns, one more, or thousands."""
    table, more = _table(random, made), random.choice((40, 64, 65, 3_000))
    table.header += [f"extra{i}" for i in range(more)]
    table.rows = [row + [""] * more for row in table.rows]


def delimited(random: Random, made: Draft) -> None:
    """Another delimiter, another encoding."""
    table = _table(random, made)
    table.delimiter = random.choice((";", "\t", "|", ",", ","))
    how = random.choice(("utf-8", "utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7"))
    table.encoding = how


# What is wrong in creator.toml.


def profile_value(random: Random, made: Draft) -> None:
    """Any value under a key that is there, or should not be."""
    key = random.choice(
        (
            *PROFILE,
            *PROFILE,
            "licence",
            "licens",
            "Github",
            "constructor",
            '"a b"',
            "'x.y'",
            "ключ",
            "é",
        )
    )
    made.profile[key] = random.choice((_toml_text, _toml_date, _toml_odd, _toml_number))(random)


def profile_number(random: Random, made: Draft) -> None:
    """A number of any length in any base."""
    key = random.choice(("github_id", "github_id", "consent", "page", "display", "other"))
    made.profile[key] = _toml_number(random)


def profile_nested(random: Random, made: Draft) -> None:
    """Dots in a key, tables in tables, arrays in arrays."""
    many = random.choice((1, 2, 5, 50, 500, 900, 1_400, 1_800, 1_900))
    key = random.choice((*PROFILE, "x"))
    made.profile.pop(key, None)
    name, value = random.choice(
        (
            (key + ".a" * many, "1"),
            (key + ".a" * many, "1"),
            (key, "[" * many + "]" * many),
            (key, "{a=" * (many // 2) + "1" + "}" * (many // 2)),
            (f"[{key}{'.a' * many}]\nb", "1"),
            (f"[[{key}]]\na", "1"),
            (f"{key}.{values.letters(random, many % 60)}", "1"),
        )
    )
    made.profile[name] = value


def profile_lacks(random: Random, made: Draft) -> None:
    """A key that is missing."""
    del made.profile[random.choice(list(made.profile))]


PROFILE = ("github", "licence", "consent", "github_id", "simulated", "display", "language", "page",
           "credit", "use_in_model")  # fmt: skip


def _toml_text(random: Random) -> str:
    text = values.text(random)[:3_000]
    kind = random.choice(('"', "'", '"""', "'''", ""))
    if kind == '"':
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    if random.random() < 0.1:
        return random.choice(
            ('"\\u0000"', '"\\ud800"', '"\\U0010ffff"', '"\\U00110000"', '"\\x41"')
        )
    return kind + text + kind


def _toml_date(random: Random) -> str:
    day = values.date(random)
    quote = random.choice(("", "", '"'))
    return quote + day + quote + random.choice(("", "", "", "T10:00:00Z", "T00:00:00.999999999"))


def _toml_number(random: Random) -> str:
    base, digit = random.choice((("0x", "f"), ("0x", "f"), ("0o", "7"), ("0b", "1"), ("", "9")))
    many = random.choice((1, 15, 16, 19, 64, 310, 2_000, 3_700, 3_800, 3_900))
    if not base and random.random() < 0.5:
        return digit * random.choice((1, 310, 3_000)) + random.choice(
            (".0", "e9", "e999999999", "_9")
        )
    return base + digit * many


def _toml_odd(random: Random) -> str:
    return random.choice(
        (
         "true", "false", "nan", "inf", "-inf", "1e400", "-0", "10:00:00",
         "1979-05-27T07:32:00-08:00", "[]", "{}", "[1, 'a', 2026-01-01]", "{a = {b = 1}}", "''",
         '""', "None", "yes", "1__0", "0x", "9223372036854775808", "-1", "0", "1.5", "2026-02-30",
         "0000-01-01", "+1", "'''\n\n'''",
        )
    )  # fmt: skip


# What is wrong with bytes, names and places.


def flipped(random: Random, made: Draft) -> None:
    """Bytes of a file changed, taken out or put in."""
    name = random.choice(list(made.files) or ["videos.csv"])
    raw = bytearray(_bytes(made, name))
    odd = (
           b"\0", b"\xff", b"\xfe", b"\x80", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b'"',
           b'"', b",", b"\n", b"\r", b"\x1a", b"\xc2\x85", b"\xe2\x80\xa8", b"=", b"[", b"'''",
    )  # fmt: skip
    for _ in range(random.choice((1, 1, 2, 8))):
        at = random.randrange(len(raw) + 1)
        cut = random.choice((0, 0, 1, 1, 9))
        raw[at : at + cut] = random.choice((b"", random.randbytes(1), *odd))
    made.files[name] = bytes(raw)


def cut(random: Random, made: Draft) -> None:
    """A file cut off, doubled, or without its last line end."""
    name = random.choice(list(made.files) or ["videos.csv"])
    raw = _bytes(made, name)
    at = random.randrange(len(raw) + 1)
    made.files[name] = random.choice((raw[:at], raw[at:], raw + raw, raw[:-1], raw.rstrip()))


def whole(random: Random, made: Draft) -> None:
    """Another file in the place of a CSV or of creator.toml."""
    name = random.choice(list(made.files) or ["videos.csv"])
    raw = _bytes(made, name)
    made.files[name] = random.choice(
        (
         b"", b"\n", b"\r", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\0", b'"', b",",
         b"\n" * 300, b"," * 300, b"PK\x03\x04", b"<html>",
         b"version https://git-lfs.github.com/spec/v1\n", b"video",
         b"video,views,new_followers,duration_s,category", b"video,views\n" + b"a,1\n" * 20,
         b"\xff" * 99, b"sep=,\n" + raw, b"\n\n\n" + raw, b" " + raw, raw + b"\x1a", raw + b",",
         raw + b"\0", raw + b'"', b"x" * 65_537, b'"' + b"x\n" * 40_000 + b'"',
         raw.replace(b"\n", b"\n\n"), raw + b"x" * 66_000, raw.replace(b"\n", b"\r\r\n"),
         raw.decode("utf-8", "replace").encode("utf-16"), raw[::-1],
         raw.decode("utf-8", "replace").encode("cp1252", "replace"), raw.upper(), raw[1:],
         raw + b"#" * 5_000, random.randbytes(random.choice((1, 30, 900))),
        )
    )  # fmt: skip


def renamed(random: Random, made: Draft) -> None:
    """A CSV under another name, or another name beside it."""
    name = _csv(random, made)
    raw = made.files.get(name, b"")
    if random.random() < 0.7:
        made.files.pop(name, None)
    made.files[_name(random, ".csv")] = raw


def _name(random: Random, ending: str) -> str:
    stem = random.choice(
        (
         "con", "NUL", "a b", "Videos", "videos", "Mayo día", "x" * 64, "x" * 200, ".hidden",
         "-rf", "a:b", "朝", "e\u0301", "a\nb", "a\n::add-mask::b", "a\rb", "\x1b[31m",
         "\udcff\udcfe", "::error::x", "{views}", "%s", "'", '"', "\u202evsc", "a`b`", "@octocat",
         "#1", "$(id)", "*", "?", "[a]", "\\", "~", "a..b", "COM1.x", "~$x", "2026 (1)", "a._-",
         "sheet-undated", "<b>", "a,b", "\u3000", " ", "creator", "&amp;", "--help",
        )
    )  # fmt: skip
    return stem + random.choice(
        (ending, ending, ending, ending.upper(), "", ".xlsx", ".toml", ".csv.csv")
    )


def beside(random: Random, made: Draft) -> None:
    """What does not belong beside: other files, links, programs, folders, repositories."""
    raw = _bytes(made, _csv(random, made))
    name, what = random.choice(
        (
            ("notes.md", b"x"),
            ("videos.xlsx", b"PK\x03\x04"),
            ("z.csv", link("../c1-a/videos.csv")),
            ("z.csv", link("/dev/zero")),
            ("z.csv", link("")),
            ("creator.toml", link("nowhere")),
            ("z.csv", program(raw)),
            ("sub/z.csv", raw),
            ("sub.csv/creator.toml", b""),
            ("module", submodule()),
            ("creator.toml/x", b""),
            ("z.csv", raw),
        )
    )
    top = name.partition("/")[0]
    made.files = {k: v for k, v in made.files.items() if k.partition("/")[0] != top}
    if what != link(""):  # git has none to nowhere at all
        made.files[name] = what


def gone(random: Random, made: Draft) -> None:
    """A file that is missing."""
    if made.files:
        del made.files[random.choice(list(made.files))]


def folder(random: Random, made: Draft) -> None:
    """A creator's folder under a name that it may not have."""
    odd = _name(random, "").strip("/.") or "x"
    made.creator = random.choice(
        (
         f"{odd}{made.number}", f"{odd}{made.number}", f"C{made.number}", f"c{made.number}-",
         "a" * 33 + str(made.number), f"example-{made.number}", f"c{made.number}é",
         f"{made.number}", f"c_{made.number}", f"c {made.number}.csv",
        )
    )  # fmt: skip


def no_csv(random: Random, made: Draft) -> None:
    """No CSV yet."""
    made.files = {name: raw for name, raw in made.files.items() if name == "creator.toml"}


def huge(random: Random, made: Draft) -> None:
    """Thousands of rows, or a large file in which everything is wrong."""
    table = _table(random, made)
    many = random.choice((1_000, 3_000))
    rows = [list(row) for row in table.rows] or [["x"] * len(table.header)]
    bad = random.random() < 0.5
    table.rows = [[f"{row[0]} {i}", *row[1:]] for i in range(many // len(rows)) for row in rows]
    if bad:
        value = values.cell(random)[:50]
        table.rows = [[value] * len(row) for row in table.rows]


MILD: dict[Mutation, int] = {
    permitted: 10, permitted_column: 3, label: 6, second_capture: 4, written: 4, columns: 6,
    rows: 4, profile_allowed: 5, simulated: 1, same_numbers: 2, no_csv: 1,
}  # fmt: skip
WILD: dict[Mutation, int] = {
    cell: 20, fitting: 30, same_in_column: 3, same_label: 2, copied: 2, header: 8, ragged: 6,
    ragged_all: 2, many_columns: 1, delimited: 4, profile_value: 14, profile_number: 5,
    profile_nested: 5, profile_lacks: 2,
}  # fmt: skip
BYTES: dict[Mutation, int] = {
    flipped: 10, cut: 5, whole: 8, renamed: 5, beside: 4, gone: 2, folder: 5,
}  # fmt: skip
AFTER = {*BYTES, no_csv}  # once it is written
