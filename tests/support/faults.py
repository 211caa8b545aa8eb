"""What a contribution may have wrong, with the rules that name it: cells, rows, bytes, profiles."""

from schema.catalogue import CATALOGUE
from support.contribution import ROW, TOML, csv_of

LONG_ID = "7665015920712060176"


# The examples that a document cannot show as they are.
SHOWN = {
    "(a cell with an e-mail address)": "write to me@example.org",
    "(a cell with a telephone number)": "call +49 170 1234567",
    "(a text of 41 characters or more)": "x" * 41,
    "(a letter under ten marks)": "trave" + "l" + "\u0301" * 10,
    "(an empty cell)": "",
}


def example(text: str) -> bytes:
    """A file with the cells of an example; what it does not name is quiet or empty."""
    cells = dict(part.split(":", 1) for part in text.split(", ") if ":" in part)
    named = {name.strip(): SHOWN.get(cell[1:], cell[1:]) for name, cell in cells.items()}
    quiet = dict.fromkeys(set(ROW) - {"video", "category", "duration_s", "views"}, "")
    return csv_of({**quiet, "views": "1000000", **named}, {"video": "other"})


CELL_AND_ROW = [
    rule
    for group in ("A cell", "A row")
    for rule in CATALOGUE[group]
    if rule.found.partition(":")[0] in ROW
]


FORMS = [
    *(("views", cell, "thousands-separator", "1200345") for cell in (
        "1,200,345", "1.200.345", "1 200 345", "1\u00a0200\u00a0345", "1\u2009200\u2009345",
        "1\u202f200\u202f345", "1'200'345", "1’200’345", "1_200_345", "12,00,345", " 1,200,345 ",
        "1，200，345",
    )),
    *(("new_followers", cell, "word-for-missing", "") for cell in (
        "NaN", "nan", "NA", "N/A", "#N/A", "-", "–", "—", "undefined", "null", "?", "k.A.", "#N/V",
    )),
    *(("new_followers", cell, "none-or-zero", None) for cell in ("None", "none", "keine", "なし")),
    *(("has_cover", cell, "yes-or-no", "yes") for cell in ["WAHR", "VRAI", "sí", "はい", "да"]),
    *(("has_cover", cell, "yes-or-no", "no") for cell in ["FALSCH", "FAUX", "いいえ", "нет"]),
    *(("duration_s", cell, "number-as-date", None) for cell in ("15. Feb", "15-Feb", "Feb 15")),
    *(("watched_full_pct", cell, "number-as-date", None) for cell in ("18. Apr", "2026-02-15")),
    ("has_cover", "x", "yes-or-no", None),
    ("views", "#REF!", "spreadsheet-error", None),
    ("duration_s", "00:15:00", "clock-time", None),
    *(("posted_on", cell, "date", "2026-05-03") for cell in (
        "2026/5/3", "2026年5月3日", "3 May 2026", "3. Mai 2026", "3 de mayo de 2026", "May 3, 2026",
        "2026-05-03 00:00:00",
    )),
    ("posted_on", "5/31/26", "order-of-a-date", None),
    ("posted_on", "5/31/2026 9:05 PM", "order-of-a-date", None),
    ("posted_on", "2026/05/03 18:30:10", "date", None),
    ("posted_on", "5/31/2026 0:00", "order-of-a-date", "2026-05-31"),
    *(("views", cell, "other-digits", "1200") for cell in ("１２００", "١٢٠٠", "۱۲۰۰", "१२००")),
    *(("views", cell, "invisible-character", "1200") for cell in (
        "\u200b1200", "12\u200d00", "1200\ufeff", "1\u2060200", "1200\u00ad",
    )),
    ("views", "1_000", "thousands-separator", "1000"),
    ("views", "1,200.5", "not-a-number", None),
    ("duration_s", "1,200.5", "thousands-separator", "1200.5"),
    ("duration_s", "1.200,5", "thousands-separator", "1200.5"),
    ("duration_s", "1,234", "thousands-separator", None),
    ("views", "0x1F", "not-a-number", None),
    ("views", "+5", "plus-sign", "5"),
    ("views", "＋5", "plus-sign", "5"),
    ("views", "-5", "negative-number", None),
    ("views", "12.7K", "short-form", None),
    ("views", "1,2 тыс.", "short-form", None),
    ("views", "1.2万", "short-form", None),
    ("watched_full_pct", "41.18%", "percent-sign", "41.18"),
    ("watched_full_pct", "41,18 %", "percent-sign", "41.18"),
    ("posted_on", "45415", "spreadsheet-date", None),
    ("posted_on", "03/04/2024", "order-of-a-date", None),
    ("posted_on", "31.12.2024", "order-of-a-date", "2024-12-31"),
    ("posted_on", "2024/5/3", "date", "2024-05-03"),
    ("posted_on", "2024-05", "date", None),
    ("posted_on", "18 января", "date", None),
    ("posted_on", "0000-01-01", "impossible-date", None),
    ("views", "9" * 310 + "k", "text-too-long", None),
    ("views", " " * 300 + "12", "text-too-long", "12"),
    ("views", " " * 30 + "12", "outer-blanks", "12"),
    ("has_cover", "y" * 61, "text-too-long", None),
    ("posted_on", "2" * 61, "text-too-long", None),
    ("category", "x" * 61, "text-too-long", None),
    ("video", "\u3164", "invisible-character", ""),
    ("video", "a\u3164b", "invisible-character", "a b"),
    ("video", "\u115f\u1160\u17b4\uffa0\u2800", "invisible-character", ""),
    ("subject", "\ufe0f", "invisible-character", ""),
    ("subject", "\u200d\u200c", "invisible-character", ""),
    ("subject", "\u180b\u180c", "invisible-character", ""),
    ("subject", "\U000e0067\U000e0062", "invisible-character", ""),
    ("video", "\U0001f3f4\U000e0067\U000e007f", "invisible-character", "\U0001f3f4"),
    ("video", "a" + "\u0301" * 6, "stacked-marks", None),
    ("subject", "a" + "\u0301\u200d" * 6, "stacked-marks", None),
    ("subject", "a\ufffeb", "control-character", "a b"),
    ("has_cover", "\u212aes", "yes-or-no", None),
    ("category", "\u017ftory", "look-alike-letters", "story"),
    ("category", "ＳＴＯＲＹ", "look-alike-letters", "story"),
    ("category", "hum\u043er", "look-alike-letters", "humor"),
    ("sound", "none", None, None),
    ("posted_hour", "09", None, None),
]  # fmt: skip


GOOD = csv_of({}, {"video": "noodles"})


HEADER = GOOD.split(b"\n")[0].decode()


SMALL = "video,views,new_followers,duration_s,category"


# name → (bytes of the file, line, column, rule)
FILES = {
    "UTF-16 with its mark": ("﻿" + GOOD.decode()).encode("utf-16-le"),
    "UTF-16 without a mark": GOOD.decode().encode("utf-16-le"),
    "UTF-16 big endian": b"\xfe\xff" + GOOD.decode().encode("utf-16-be"),
}


BYTES = [
    ("utf-16", FILES["UTF-16 with its mark"], 1, None),
    ("utf-16", FILES["UTF-16 without a mark"], 1, None),
    ("utf-16", FILES["UTF-16 big endian"], 1, None),
    ("empty-file", b"", None, None),
    ("empty-file", b"\xef\xbb\xbf\n\n", None, None),
    ("git-lfs-pointer", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", 1, None),
    ("workbook", b"PK\x03\x04\x14\x00\x06\x00", None, None),
    ("workbook", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", None, None),
    ("web-page", b"\n<!DOCTYPE html><title>a,b</title>", 1, None),
    ("web-page", b"\xef\xbb\xbf<HTML>", 1, None),
    ("nul-byte", GOOD + b"a\0b", 4, None),
    ("nul-byte", GOOD.replace(b"\n", b"\r") + b"a\0b", 4, None),
    ("line-too-long", GOOD + b"x" * 65_537, 4, None),
    ("file-too-large", GOOD + b"x" * 20 * 1024 * 1024, None, None),
    ("wrong-delimiter", GOOD.replace(b",", b";"), 1, None),
    ("wrong-delimiter", GOOD.replace(b",", b"\t"), 1, None),
    ("line-of-excel", b"sep=,\n" + GOOD, 1, None),
    ("no-header", b"ramen,1557,4\n", 1, None),
    ("title-rows", b"My videos of 2026,,\n,,\n" + GOOD, 1, None),
    ("title-rows", b"\nHere they are, thanks\n" + GOOD, 2, None),
    ("title-rows", b"Video,Numbers,,,\n" + GOOD, 1, None),
    ("header-again", GOOD + HEADER.upper().encode() + b"\n", 4, None),
    (
        "header-again",
        f"{SMALL}\nTitel,Aufrufe,Neue Follower,Dauer,Kategorie\na,1,,1,info\n".encode(),
        2,
        None,
    ),
    ("header-again", f"{SMALL}\n,count,count,seconds,word\na,1,,1,info\n".encode(), 2, None),
    ("other-export", b"Post ID,Account username,Permalink,Views\n1,a,b,5\n", 1, None),
    (
        "other-export",
        'sep=,\r\n"Views"\r\n"Date","Primary"\r\n"2026-05-03","5"\r\n'.encode("utf-16"),
        3,
        None,
    ),
    ("other-export", b"Content,Video title,Video publish time,Views\nx,a,b,5\n", 1, None),
    (
        "other-export",
        b'"Date","Video Views","Profile Views","Likes"\n"April 12","5","1","0"',
        1,
        None,
    ),
    ("too-many-columns", (HEADER + ",x" * 60).encode(), 1, None),
    ("too-many-rows", f"{SMALL}\n".encode() + b"a,1,,1,info\n" * 200_001, None, None),
    ("no-rows", SMALL.encode(), None, None),
    ("empty-header", f"{SMALL},\na,1,,1,info,\n".encode(), 1, None),
    ("unknown-column", f"{SMALL},veiws\na,1,,1,info,2\n".encode(), 1, "veiws"),
    ("duplicate-column", f"{SMALL},likes,likes\na,1,,1,info,1,1\n".encode(), 1, "likes"),
    ("same-column-twice", f"{SMALL},saves,bookmarks\na,1,,1,info,1,1\n".encode(), 1, "saves"),
    ("missing-column", b"video,views,new_followers,duration_s\na,1,,1\n", 1, "category"),
    ("blank-line", f"{SMALL}\na,1,,1,info\n\nb,1,,1,info\n".encode(), 3, None),
    ("blank-line", f"\n{SMALL}\na,1,,1,info\n".encode(), 1, None),
    ("row-of-commas", f"{SMALL}\na,1,,1,info\n,,,,\n".encode(), 3, None),
    ("extra-cell", f"{SMALL}\na,1,,1,info\na, b,1,,1,info\n".encode(), 3, None),
    ("extra-cell", f"{SMALL}\na,1,,7,5,info\nb,1,,1,info\n".encode(), 2, None),
    ("short-row", f"{SMALL}\na,1,,1,info\nb,1\n".encode(), 3, None),
    ("trailing-comma", f"{SMALL}\na,1,,1,info,\nb,1,,1,info,\n".encode(), 2, None),
    ("trailing-comma", f"{SMALL}\na,1,,1,info\nb,1,,1,info,,,\n".encode(), 3, None),
    ("header-too-short", f"{SMALL}\na,1,,1,info,2\nb,1,,1,info,3\n".encode(), 1, None),
    ("quote", f'{SMALL}\na,1,,1,info\n"b,1,,1,info\nc,1,,1,info\n'.encode(), 3, None),
    ("quote", f'{SMALL}\n"a"b,1,,1,info\n'.encode(), 2, None),
    ("quote", f'{SMALL}\n"a,1,,1,info\n'.encode() + b"c,1,,1,info\n" * 9_000, 2, None),
    (
        "cell-too-long",
        f'{SMALL}\n"{"a" * 90}\n'.encode() + b"c,1\n" * 25_000 + b'",1,,1,info\n',
        2,
        None,
    ),
    (
        "cell-too-long",
        f'{SMALL}\n"a",1,,1,"{"x" * 90}\n'.encode() + b'""\r\n' * 40_000 + b'"\n',
        2,
        None,
    ),
    ("quote", f'{SMALL}\n"{"a" * 90}\n'.encode() + b"c,1\n" * 25_000 + b'"b,1,,1,info\n', 2, None),
    ("not-utf-8", f"{SMALL}\nCafé,1,,1,info\n".encode("cp1252"), 2, "video"),
    ("not-utf-8", f'{SMALL}\n"a\nb",1,,1,info\nc,1,,1,Café\n'.encode("cp1252"), 4, "category"),
]


TOMLS = [
    (None, None, "creator-missing"),
    (TOML.replace(b'octocat"', b"octocat"), 1, "creator-unreadable"),
    (TOML.replace(b'"octocat"', b"octocat"), 1, "creator-unreadable"),
    (TOML + b'licence = "MIT"\n', 4, "creator-unreadable"),
    (b"x = " + b"[" * 5_000, None, "creator-unreadable"),
    (TOML.replace(b"octocat", b"\xff"), 1, "creator-unreadable"),
    (b"x = " + b"9" * 5_000, None, "creator-unreadable"),
    (b"#" * 70_000, None, "creator-unreadable"),
    (TOML + b'license = "MIT"\n', 4, "creator-unknown-key"),
    (TOML.replace(b"consent = 2026-05-31\n", b""), None, "creator-key-missing"),
    (TOML.replace(b"CC-BY-4.0", b"GPL"), 2, "creator-value"),
    (TOML.replace(b"octocat", b"your-github-login"), 1, "creator-value"),
    (TOML.replace(b"octocat", b"YOUR-LOGIN"), 1, "creator-value"),
    (TOML.replace(b"octocat", b"Your_Github_Login"), 1, "creator-value"),
    (TOML.replace(b"octocat", b"<your-login>"), 1, "creator-value"),
    (TOML.replace(b"octocat", b"LOGIN"), 1, "creator-value"),
    (TOML.replace(b"octocat", b"not a login"), 1, "creator-value"),
    (TOML.replace(b"2026-05-31", b'"31.05.2026"'), 3, "creator-value"),
    (TOML.replace(b"2026-05-31", b"2026-05-31T12:00:00"), 3, "creator-value"),
    (TOML + b'credit = "=1+1"\n', 4, "creator-value"),
    (TOML + b'display = "me@example.org"\n', 4, "creator-value"),
    (TOML + 'display = "\u3164\u2800"\n'.encode(), 4, "creator-value"),
    (TOML + 'credit = "\ufe0f\u034f"\n'.encode(), 4, "creator-value"),
    (TOML + 'display = "a\u115fb"\n'.encode(), 4, "creator-value"),
    (TOML + 'display = "a\U000e0041b"\n'.encode(), 4, "creator-value"),
    (TOML + 'display = "a\u202eb"\n'.encode(), 4, "creator-value"),
    (TOML + f'display = "a{chr(0x301) * 6}"\n'.encode(), 4, "creator-value"),
    (TOML + b'display = "Ana\\nMaria"\n', 4, "creator-value"),
    (TOML + b'display = """\nAna\nMaria"""\n', 4, "creator-value"),
    (TOML + b'credit = "Ana\\rMaria"\n', 4, "creator-value"),
    (TOML + b'credit = "Ana\\u2028Maria"\n', 4, "creator-value"),
    (TOML + b'display = "..."\n', 4, "creator-value"),
    (TOML + b"page = 1\n", 4, "creator-value"),
    (TOML + b"page" + b".a" * 90 + b" = 1\n", 4, "creator-value"),
    (TOML + b"page" + b".a" * 1_900 + b" = 1\n", None, "creator-unreadable"),
    (TOML + b"page = " + b"[" * 90 + b"]" * 90 + b"\n", 4, "creator-value"),
    (TOML + b"page = " + b"[\n" * 99 + b"]" * 99 + b"\n", None, "creator-unreadable"),
    (TOML + b"page = " + b"{a=" * 110 + b"1" + b"}" * 110 + b"\n", None, "creator-unreadable"),
    (TOML + b"[page" + b".a" * 110 + b"]\n", None, "creator-unreadable"),
    (TOML + b"github_id = 0x" + b"f" * 3_700 + b"\n", None, "creator-unreadable"),
    (TOML + b"github_id = 0x" + b"f" * 380 + b"\n", 4, "creator-value"),
    (TOML + b"github_id = " + b"9" * 4_050 + b"\n", None, "creator-unreadable"),
    (TOML + b"#\n" * 98, None, "creator-unreadable"),
    (
        TOML + b"page = {'at line " + b"9" * 200 + b"' = 1, 'at line " + b"9" * 200 + b"' = 2}",
        None,
        "creator-unreadable",
    ),
    (TOML.replace(b"octocat", "o\u212atocat".encode()), 1, "creator-value"),
    (TOML + '"pa\uff47e" = true\n'.encode(), 4, "creator-unknown-key"),
    (TOML.replace(b"2026-05-31", b'"0000-01-01"'), 3, "creator-value"),
    (TOML.replace(b"2026-05-31", b"0000-01-01"), 3, "creator-unreadable"),
    (TOML + b'language = "German"\n', 4, "creator-value"),
    (TOML + b"github_id = -1\n", 4, "creator-value"),
    (TOML.replace(b"2026", b"2062"), 3, "consent-in-future"),
    (TOML.replace(b"2026-05-31", b"0001-01-01"), 3, "consent-in-future"),
    (TOML.replace(b"2026-05-31", b'"2026-W22-7"'), 3, "creator-value"),
    (TOML + b"simulated = true\n", 4, "simulated-name"),
]


def rows(count: int, **columns: object) -> bytes:
    """Rows of distinct videos; a column is one cell for all, or a function of the row's number."""
    return csv_of(
        *(
            {"video": f"v{i}", **{k: str(v(i) if callable(v) else v) for k, v in columns.items()}}
            for i in range(count)
        )
    )


MANY = [
    ("all-zero", rows(10, watched_full_pct=0, views=40, likes=2), None, "watched_full_pct"),
    ("all-zero", rows(10, new_followers=0), None, "new_followers"),
    ("never-zero", rows(21, new_followers=lambda i: 1 + (i % 4 == 0)), None, "new_followers"),
    ("mostly-zero", rows(21, new_followers=lambda i: int(i == 10)), None, "new_followers"),
    (
        "zeros-up-to-a-day",
        rows(60, new_followers=lambda i: int(i > 30 and i % 2), posted_on=""),
        None,
        "new_followers",
    ),
    (
        "zero-followers",
        rows(
            40,
            views=lambda i: 900 + 100 * i,
            likes="",
            new_followers=lambda i: 0 if i % 3 else 1 + i // 9,
        ),
        40,
        "new_followers",
    ),
    ("total-row", rows(2, video=lambda i: ("ramen", "Grand total 2026")[i]), 3, "video"),
    ("total-row", rows(2, video=lambda i: ("ramen", "Summe:")[i]), 3, "video"),
    (
        "total-row",
        rows(
            5,
            **{
                name: (lambda i, n=n: 4 * n + 6 if i == 4 else n + i)
                for n, name in ((900, "views"), (20, "likes"), (3, "new_followers"))
            },
            comments="",
            shares="",
            saves="",
        ),
        6,
        "video",
    ),
    (
        "total-row",
        rows(
            5,
            **{
                name: (lambda i, n=n: n + 15 if i == 4 else n + 10 * i)
                for n, name in ((900, "views"), (20, "likes"))
            },
            comments="",
            shares="",
            saves="",
            new_followers="",
        ),
        6,
        "video",
    ),
    *(
        ("not-in-seconds", rows(5, avg_watch_s=watched, duration_s=long), 2, column)
        for long, watched, column in (
            (lambda i: 0.25 + i / 10, "", "duration_s"),
            (lambda i: f"1.{10 * i:02}", "", "duration_s"),
            (lambda i: f"0.0{i + 1}166", "", "duration_s"),
            (30, lambda i: f"0.000{i + 1}1", "avg_watch_s"),
        )
    ),
    (
        "total-row",
        rows(
            6,
            video=lambda i: "June total" if i == 4 else f"v{i}",
            likes="",
            views=lambda i: 2000 + 2001 if i == 4 else 1998 + i if i > 1 else 900 + i,
        ),
        6,
        "video",
    ),
    (
        "fractions",
        rows(9, watched_full_pct=lambda i: 0.2 + i / 10 if i < 4 else 14 + i),
        2,
        "watched_full_pct",
    ),
    ("fractions", rows(5, watched_full_pct=lambda i: 0.2 + i / 10), 2, "watched_full_pct"),
    ("yes-or-blank", rows(6, has_cover=lambda i: "yes" if i % 2 else ""), None, "has_cover"),
    ("swallowed-rows", csv_of({"video": "a,1,2,3,info\nb,1,2,3,info\nc"}), 2, "video"),
    ("read-early", rows(3, posted_on="2026-03-01", captured_on="2026-03-07"), 2, "captured_on"),
    ("changed-once", rows(30, has_cover=lambda i: int(i < 12)), 14, "has_cover"),
    ("no-dates", rows(2, captured_on=""), None, "captured_on"),
    ("damaged-id", csv_of({"video": "7665015920712060000"}), 2, "video"),
    ("handle-in-label", csv_of({"video": "https://www.tiktok.com/@some.one"}), 2, "video"),
    *(
        ("far-from-others", rows(12, likes="", new_followers="", **{name: far}), 6, name)
        for name, far in {
            "views": lambda i: 50_000_000 if i == 4 else 400 + 50 * i,
            "shares": lambda i: 10**7 if i == 4 else i,
            "duration_s": lambda i: 3000 if i == 4 else 10 + i,
        }.items()
    ),
]


SLOW = {"too-many-rows", "file-too-large"}  # one of each is in `test_a_large_file_is_refused`


TABLES = {
    **{f"{rule.slug} found": example(rule.found) for rule in CELL_AND_ROW},
    **{f"{rule.slug} written": example(rule.write) for rule in CELL_AND_ROW},
    **{f"{column} {cell!a}": csv_of({column: cell}) for column, cell, *_ in FORMS},
    **{f"{n} {rule}": raw for n, (rule, raw, *_) in enumerate(BYTES) if rule not in SLOW},
    **{f"{n} {rule}": raw for n, (rule, raw, *_) in enumerate(MANY)},
    "ids": csv_of({"video": "7665015920712060000"}, {"video": "7665015920712070000"}),
    "same capture, no day": csv_of({"captured_on": ""}, {"captured_on": ""}),
    "falling": csv_of({}, {"captured_on": "2026-05-01", "views": "1000"}),
    "tomorrow": csv_of({"captured_on": "2026-11-23"}),
    "today": csv_of({"captured_on": "2026-11-22"}),
    "few columns": b"video,views,new_followers,duration_s,category\na,1,,1,info\n",
}
