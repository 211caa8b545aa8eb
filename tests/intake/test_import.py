"""What creators have becomes a contribution: nothing is guessed, nothing is lost."""

import csv
import io
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.intake.repair import Text, Unreadable, repair
from pipeline.intake.spreadsheet import ZeroIsMissing, import_sheet, zero_is_missing
from schema.cells import fault
from schema.columns import BY_NAME, COLUMNS, Kind
from schema.table_rules import cell_too_long
from support.command_line import run
from support.contribution import ROW, TOML, csv_of
from support.sheet_2022 import OBSERVED, bring, needs_2022

pytestmark = pytest.mark.slow  # each runs a command in a process


def table(raw: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(raw.decode(), newline="")))


def fixed(raw: bytes) -> Text:
    text = repair(raw)
    assert isinstance(text, Text)
    return text


GOOD = csv_of({}, {"video": "crème brûlée, the good one"})


@pytest.mark.parametrize(
    "raw",
    [
        GOOD,
        b"\xef\xbb\xbf" + GOOD,
        GOOD.replace(b"\n", b"\r\n"),
        GOOD.decode().encode("utf-16"),
        GOOD.decode().encode("utf-16-le"),
        GOOD.decode().encode("cp1252"),
        b"sep=,\n" + GOOD,
        csv_of({}, {"video": '"crème brûlée, the good one"'}).replace(b'""', b"")
        .replace(b",", b";").replace(b"e; the", b"e, the"),
        GOOD.replace(b"ramen,1557", b"ramen, 1557 ").replace(b"tutorial", b"How-To"),
        GOOD.replace(b"\n", b"\n\n,,,\n", 1),
        b"".join(line + b",\n" for line in GOOD.splitlines()),
    ],
)  # fmt: skip
def test_form_is_repaired_and_nothing_else(raw):
    assert fixed(raw).written() == GOOD


CELLS = [
    ("views", "1,200", "1200"),
    ("views", "1.234.567", "1234567"),
    ("watched_full_pct", "41,18%", "41.18"),
    ("views", "１２００", "1200"),
    ("new_followers", "undefined", ""),
    ("category", "ѕtоry", "story"),
    ("views", "1.234", "1.234"),
    ("views", "12.7K", "12.7K"),
    ("views", "1.2E+05", "1.2E+05"),
    ("video", "7.66502E+18", "7.66502E+18"),
    ("video", "7665015920712060000", "7665015920712060000"),
    ("posted_on", "03/04/2024", "03/04/2024"),
    ("posted_on", "45415", "45415"),
    ("posted_on", "2024/05/03", "2024-05-03"),
    ("new_followers", "none", "none"),
    ("has_cover", "WAHR", "yes"),
    ("views", "-5", "-5"),
    ("category", "cooking", "cooking"),
    ("views", "1200¹", "1200¹"),
    ("duration_s", "1 h", "1 h"),
    ("duration_s", "50%", "50%"),
    ("watched_full_pct", "41%18", "41%18"),
    ("views", "12 likes", "12 likes"),
    ("views", "12\n345", "12\n345"),
    ("views", "1\t200", "1\t200"),
    ("views", "0,500", "0,500"),
    ("views", "1 MİO", "1 MİO"),
    ("duration_s", "1:99", "1:99"),
    ("duration_s", "12:30:00", "12:30:00"),
    ("duration_s", "30 m", "30 m"),
    ("posted_hour", "65:00", "65:00"),
    ("posted_hour", "14:05", "14"),
    ("sound", "NONE", "none"),
    ("subject", "unknown", "unknown"),
    ("video", "Missing", "Missing"),
]


@pytest.mark.parametrize(("column", "cell", "right"), CELLS)
def test_a_cell_changes_only_where_the_right_form_is_certain(column, cell, right):
    assert table(fixed(csv_of({column: cell})).written())[0][column] == right


@given(st.sampled_from(COLUMNS), st.text(max_size=20))
def test_a_repair_ends_in_a_right_form_and_is_made_once(column, cell):
    problem = fault(cell, column)
    if problem and problem[1].write is not None:
        again = fault(problem[1].write, column) if problem[1].write else None
        assert again is None or again[1].write is None
        if column.kind is Kind.DATE:
            assert problem[1].write in ("", cell.strip())


@given(st.lists(st.text(st.sampled_from('a1,;"\n\r\t é|.'), max_size=6), min_size=1, max_size=6))
def test_repairing_twice_is_repairing_once_and_no_row_is_lost(labels):
    raw = csv_of(*({"video": f"x{label}x"} for label in labels))
    once = fixed(raw)
    assert len(once.records) == len(labels)
    assert fixed(once.written()).written() == once.written()


LATIN = "video,views\nCrème brûlée,1\n".encode()
UNREADABLE = [
    b"", b"PK\x03\x04", b"<html>", b'video,views\n"a,1\n', b"a\0b", b"\x1f\x8b\x08\0", b"\xff\xfe",
    b"\xff\xfev", "\u00a0\n".encode(), b"\x1c\x1d\n", b'github = "octocat"\n\nlicence = "MIT"\n',
    LATIN + b"Caf\xe9,2\n", "video,views\nПривет,1\n".encode("cp1251"),
    "video,views\nこんにちは,1\n".encode("shift-jis"), "video,views\nГерой,1\n".encode("koi8-r"),
]  # fmt: skip


@pytest.mark.parametrize("raw", UNREADABLE, ids=ascii)
def test_what_no_repair_makes_readable_is_left_alone(raw):
    assert isinstance(repair(raw), Unreadable)


def test_fix_repairs_in_place_and_check_is_content(home):
    folder = home / "ana"
    folder.mkdir()
    (folder / "creator.toml").write_bytes(TOML)
    (folder / "a.csv").write_bytes(csv_of({"views": "1,200", "category": "Comedy"}))
    answer = run("fix", folder)
    assert answer.returncode == 0
    assert "1 × views: Separators between the digits: leave them out." in answer.stdout
    assert table((folder / "a.csv").read_bytes())[0] == ROW | {"views": "1200", "category": "humor"}
    assert run("fix", folder).stdout == "All is well: 1 creator, 1 video.\n"


def test_rows_of_another_length_are_left_as_they_are():
    raw = b"video,views,duration_s\nRamen, the good one,1 200,12 s\nSoup,1 200,12 s\n"
    assert fixed(raw).written().splitlines()[1:] == [
        b"Ramen, the good one,1 200,12 s",
        b"Soup,1200,12",
    ]


@pytest.mark.parametrize("name", ["creator.toml", "notes.txt", "pipe.csv", "folder.csv"])
def test_fix_touches_nothing_but_csv(home, name):
    folder = home / "ana"
    folder.mkdir()
    (folder / "creator.toml").write_bytes(TOML + b"\n")
    path = folder / name
    if name == "pipe.csv":
        os.mkfifo(path)
    elif name == "folder.csv":
        path.mkdir()
    elif name != "creator.toml":
        path.write_bytes(b"a;b\n\n")
    before = path.read_bytes() if path.is_file() else b""
    assert run("fix", folder if path.suffix == ".csv" else path).returncode in (0, 1, 2)
    assert (path.read_bytes() if path.is_file() else b"") == before


def test_fix_ends_with_1_where_errors_remain(home):
    folder = home / "ana"
    folder.mkdir()
    (folder / "creator.toml").write_bytes(TOML)
    (folder / "a.csv").write_bytes(csv_of({"views": "1,200", "posted_on": "03/04/2024"}))
    answer = run("fix", folder / "a.csv")
    assert answer.returncode == 1
    assert "order-of-a-date" in answer.stdout


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("duration_s", ZeroIsMissing("duration_s")),
        ("newFollowers@2-4,9", ZeroIsMissing("new_followers", (range(2, 5), range(9, 10)))),
        ("length@7", ZeroIsMissing("duration_s", (range(7, 8),))),
        ("nonsense", None),
        ("views@9-2", None),
        ("category", None),
        ("views@", None),
        ("views@2-", None),
        ("views@two", None),
    ],
)
def test_zero_is_missing_names_a_column_and_lines(text, right):
    assert zero_is_missing(text) == right


def test_zeros_are_emptied_only_where_they_are_said_to_stand_for_nothing():
    raw = csv_of(*({"video": f"v{i}", "new_followers": "0", "likes": "0"} for i in range(4)))
    sheet = import_sheet(raw, [ZeroIsMissing("new_followers", (range(3, 5),))])
    rows = table(sheet.content)
    assert [row["new_followers"] for row in rows] == ["0", "", "", "0"]
    assert [row["likes"] for row in rows] == ["0"] * 4


def test_what_may_be_personal_is_not_repeated(home, tmp_path):
    sheet = tmp_path / "mine.csv"
    sheet.write_bytes(csv_of({"category": "ana@example.org", "me@example.org": "x"}))
    answer = run("import", sheet, "--creator", "ana", "--contributions", home)
    assert "example.org" not in answer.stdout + answer.stderr
    sheet.write_bytes(b"me@example.org,1200\n")
    answer = run("import", sheet, "--creator", "bea", "--contributions", home)
    assert "example.org" not in answer.stdout + answer.stderr


def test_a_category_that_is_no_word_of_the_list_moves_to_an_empty_subject():
    raw = csv_of({"category": "Food", "subject": ""}, {"video": "b", "category": "food"})
    rows = table(import_sheet(raw, []).content)
    assert [(row["category"], row["subject"]) for row in rows] == [("other", "food")] * 2


def test_a_sheet_of_unknown_columns_is_refused_with_what_it_has():
    refused = import_sheet(b"Foo,Bar\na,1\n", [])
    assert isinstance(refused, Unreadable)
    assert "does not name columns" in refused.why


@needs_2022
def test_the_sheet_of_2022_becomes_a_valid_contribution(home):
    code, output = bring(home, *OBSERVED)
    assert code == 0
    assert "137 × 0 in new_followers emptied" in output
    rows = table((home / "toul-codes" / "sheet-undated.csv").read_bytes())
    assert len(rows) == 190
    noted = [row for row in rows if row["new_followers"]]
    assert len(noted) == 53
    followers, views = (sum(int(row[name]) for row in noted) for name in ("new_followers", "views"))
    assert followers == 28
    assert f"{1000 * followers / views:.2f}" == "0.57"
    assert sum(not row["watched_full_pct"] for row in rows) == 58
    assert sum(not row["duration_s"] for row in rows) == 2
    assert not any(row["has_caption"] for row in rows)
    assert [i for i, row in enumerate(rows) if not row["likes"]] == [187]
    words = {"humor", "info", "opinion", "tutorial", "other", "promo"}
    assert {row["category"] for row in rows} == words
    assert not {"male", "18-24"} & set(rows[0])


@needs_2022
def test_the_sheet_of_2022_is_reported_as_one_account(home, tmp_path):
    bring(home, *OBSERVED)
    out = tmp_path / "reports"
    assert run("report", "--quick", "--contributions", home, "--out", out).returncode == 0
    page = (out / "README.md").read_text("utf-8")
    assert "28 new followers from 49,428 views, which is **0.57 per 1,000 views**" in page
    assert "All of this describes **one account**" in page
    rows = table((out / "estimates.csv").read_bytes())
    asked = {"followers", "reach", "conversion", "signals"}
    assert {row["question"] for row in rows} == asked
    opinion = [r for r in rows if (r["question"], r["level"]) == ("reach", "opinion")]
    assert 0.8 < float(opinion[0]["ratio"]) < 2  # of a typical video; one went viral
    assert "An opinion instead of" not in page
    assert not any(row["p_value"] for row in rows)


@needs_2022
def test_a_rate_of_positive_videos_only_is_withheld(home, tmp_path):
    bring(home, "--zero-is-missing", "new_followers")
    out = tmp_path / "reports"
    assert run("report", "--quick", "--contributions", home, "--out", out).returncode == 0
    page = (out / "estimates.md").read_text("utf-8")
    assert "noted only when there were some" in page
    assert "per 1,000 views" not in page
    answered = {row["question"] for row in table((out / "estimates.csv").read_bytes())}
    assert answered == {"reach"}  # which needs no follower count


@needs_2022
def test_an_import_never_overwrites(home):
    assert bring(home, *OBSERVED)[0] == 0
    before = (home / "toul-codes" / "sheet-undated.csv").read_bytes()
    assert bring(home)[0] == 2
    assert (home / "toul-codes" / "sheet-undated.csv").read_bytes() == before


def test_an_import_never_invents_consent(home, tmp_path):
    sheet = tmp_path / "mine.csv"
    sheet.write_bytes(csv_of({}))
    answer = run("import", sheet, "--creator", "ana", "--contributions", home)
    assert answer.returncode == 1
    assert "creator-missing" in answer.stdout
    assert [path.name for path in (home / "ana").iterdir()] == ["sheet-2026-04-01.csv"]


@pytest.mark.parametrize(
    "words",
    [
        ["--creator", "../ana"],
        ["--creator", "ana", "--zero-is-missing", "nonsense"],
        ["--creator", "ana", "--github", "octocat"],
        ["--creator", "ana", "--github", 'a"b', "--consent", "2026-05-31"],
        ["--creator", "ana", "--github", "octocat", "--consent", "2062-05-31"],
        ["--creator", "ana", "--github", "octocat", "--consent", "0001-01-01"],
        ["--creator", "ana", "--licence", "GPL"],
        ["--creator", "ana", "--zero-is-missing", "comments@2-9", "nowhere.csv"],
        ["--creator", "ana", "--github", "not a login", "--consent", "2026-05-31"],
        ["--creator", "example-ana", "--github", "octocat", "--consent", "2026-05-31"],
        ["--creator", "ana", "--github", "octocat", "--consent", "2026-05-31", "--licence", "GPL"],
    ],
    ids=" ".join,
)
def test_a_wrong_import_writes_nothing(home, tmp_path, words):
    sheet = tmp_path / "mine.csv"
    sheet.write_bytes(csv_of({}))
    answer = run("import", sheet, *words, "--contributions", home)
    assert answer.returncode == 2
    assert "Traceback" not in answer.stderr
    assert list(home.iterdir()) == []


def test_new_makes_a_folder_whose_only_problem_is_that_it_has_no_rows(home):
    words = ["new", "ana", "--github", "octocat", "--consent", "2026-05-31"]
    assert run(*words, "--contributions", home).returncode == 0
    assert (home / "ana" / "videos.csv").read_text() == ",".join(BY_NAME) + "\n"
    answer = run("check", home / "ana")
    assert answer.returncode == 1
    assert "1 error in" in answer.stdout
    assert "[no-rows]" in answer.stdout
    before = csv_of({})
    (home / "ana" / "videos.csv").write_bytes(before)
    assert run(*words, "--contributions", home).returncode == 2
    assert (home / "ana" / "videos.csv").read_bytes() == before


def test_a_long_cell_that_is_closed_is_named_as_what_it_is():
    long = b'video,views\n"' + b"a line\n" * 20_000 + b'",12\n'
    assert repair(long) == Unreadable(cell_too_long.hint)
    unclosed = repair(b'video,views\n"never closed,12\n')
    assert unclosed == Unreadable("A double quote has no partner.")
