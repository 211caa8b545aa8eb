"""What is opened, what is not, and the physical line of every record."""

import csv
import io
import os
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.dataset.check_paths import judge
from pipeline.dataset.csv_fast import ENOUGH_BYTES, read_plain
from pipeline.dataset.csv_file import read_sheet
from pipeline.dataset.locate import locate
from pipeline.dataset.read import Contribution, read, read_folders
from pipeline.dataset.read_commit import contributions
from pipeline.storage.git import tree
from schema.file_rules import line_at
from schema.rules import apply
from support.contribution import DAY, GOOD_ROWS, TOML, csv_of
from support.git import repository


def write(folder: Path, **files: bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, raw in files.items():
        (folder / name.replace("__", ".")).write_bytes(raw)
    return folder


def creators(home: Path) -> dict[str, Contribution]:
    return {each.creator: each for each in read_folders(locate(home)).contributions}


def problems_of(home: Path) -> list[tuple[str, str]]:
    collection = read_folders(locate(home))
    problems = [*collection.problems, *(p for c in collection.contributions for p in c.problems)]
    return sorted((problem.file, problem.rule) for problem in problems)


def test_a_creator_is_a_folder_with_creator_toml(home):
    write(home / "ana", creator__toml=TOML, a__csv=csv_of({}), b__csv=csv_of({"video": "b"}))
    ana = creators(home)["ana"]
    assert ana.place == "contributions/ana"
    assert [sheet.file for sheet in ana.sheets] == [
        "contributions/ana/a.csv",
        "contributions/ana/b.csv",
    ]
    assert ana.toml == TOML
    assert list(ana.sheets[0].cells.index) == [2]


def test_links_are_not_followed(home, tmp_path):
    outside = write(tmp_path / "outside", a__csv=csv_of({}))
    write(home / "ana", creator__toml=TOML, a__csv=csv_of({}))
    (home / "ana" / "b.csv").symlink_to(outside / "a.csv")
    (home / "ana" / "c.csv").symlink_to(tmp_path / "nowhere")
    (home / "bea").symlink_to(outside, target_is_directory=True)
    assert problems_of(home) == [
        ("contributions/ana/b.csv", "symlink"),
        ("contributions/ana/c.csv", "symlink"),
        ("contributions/bea", "symlink"),
    ]
    assert list(creators(home)) == ["ana"]


def test_a_file_in_the_wrong_place_is_told(home):
    write(home, videos__csv=csv_of({}), LICENSE=b"", README__md=b"")
    write(home / "ana", creator__toml=TOML, a__csv=csv_of({}), data__xlsx=b"PK", __DS_Store=b"")
    write(home / "ana" / "old", a__csv=csv_of({}))
    assert problems_of(home) == [
        ("contributions/ana/.DS_Store", "file-name"),
        ("contributions/ana/data.xlsx", "file-name"),
        ("contributions/ana/old", "wrong-place"),
        ("contributions/videos.csv", "wrong-place"),
    ]


def test_what_stands_in_the_wrong_place_is_judged_in_the_same_run(home):
    bad = csv_of({"views": "1,200"})
    write(home, videos__csv=bad)
    write(home / "ana", creator__toml=TOML)
    write(home / "ana" / "old", a__csv=bad)
    (home / "ana" / "Día.CSV").write_bytes(bad)
    listed = {(p.file, p.rule) for p in judge([locate(home)], DAY).problems}
    assert listed >= {
        (f"contributions/{name}", rule)
        for name, rule in [
            ("videos.csv", "wrong-place"),
            ("videos.csv", "thousands-separator"),
            ("ana/old", "wrong-place"),
            ("ana/old/a.csv", "thousands-separator"),
            ("ana/Día.CSV", "file-name"),
            ("ana/Día.CSV", "thousands-separator"),
        ]
    }


@pytest.mark.parametrize("name", ["Ana", "an", "1ana", "ana maria", "aná", "a" * 33])
def test_a_folder_name_is_a_pseudonym_in_plain_letters(home, name):
    write(home / name, creator__toml=TOML, a__csv=csv_of({}))
    assert problems_of(home) == [(f"contributions/{name}", "folder-name")]


@pytest.mark.parametrize("name", ["día.csv", "a.CSV", "-a.csv", "a" * 65 + ".csv", "a\nb.csv"])
def test_a_file_name_is_plain(home, name):
    write(home / "ana", creator__toml=TOML, fine__csv=csv_of({"video": "b"}))
    (home / "ana" / name).write_bytes(csv_of({}))
    assert problems_of(home) == [(f"contributions/ana/{name}", "file-name")]


def test_a_file_is_read_with_its_folder_and_its_neighbours(home):
    ana = write(home / "ana", creator__toml=TOML, a__csv=csv_of({}))
    for path, part in (
        (ana / "a.csv", "contributions/ana/a.csv"),
        (ana, "contributions/ana"),
        (home, ""),
    ):
        target = locate(path)
        assert (target.root, target.part) == (home, part)


def test_a_folder_anywhere_is_named_from_its_parent_on(tmp_path):
    ana = write(tmp_path / "ana", creator__toml=TOML, a__csv=csv_of({}))
    target = locate(ana / "a.csv")
    assert (target.root, target.part) == (ana, "ana/a.csv")
    assert locate(tmp_path).root == tmp_path
    assert creators(tmp_path)["ana"].place == "ana"


def test_what_is_not_there_or_no_contribution_is_not_found(tmp_path, home):
    write(home, LICENSE=b"")
    os.mkfifo(tmp_path / "pipe.csv")
    for path in (tmp_path / "ana", home / "LICENSE", tmp_path / "pipe.csv"):
        with pytest.raises(FileNotFoundError):
            locate(path)


def test_a_folder_that_holds_contributions_means_them(tmp_path, home):
    write(home / "ana", creator__toml=TOML, a__csv=csv_of({}))
    write(tmp_path / "reports", pooled__csv=b"a,b\n")
    for path in (tmp_path, home, home / "ana" / "..", home / ".."):
        assert (locate(path).root, locate(path).part) == (home, "")
    assert list(creators(tmp_path)) == ["ana"]


def test_what_stands_in_contributions_is_a_creators_whatever_it_holds(home):
    """One more file or folder must not make all others unread."""
    write(home, creator__toml=TOML)
    inner = write(home / "ana" / "contributions" / "bea", creator__toml=TOML)
    (home / "eve").mkdir()
    assert (locate(home).root, locate(home).part) == (home, "")
    assert ("contributions/creator.toml", "wrong-place") in problems_of(home)
    for name in ("ana", "eve"):
        assert (locate(home / name).root, locate(home / name).part) == (
            home,
            f"contributions/{name}",
        )
    assert locate(inner).part


def test_a_folder_without_a_creators_is_no_contribution(tmp_path):
    write(tmp_path / "schema", rules__py=b"")
    write(tmp_path / "reports", pooled__csv=b"a,b\n")
    write(tmp_path / "reports" / "figures", reach__svg=b"")
    write(tmp_path / "tests" / "reference", small__csv=b"a,b\n")
    (tmp_path / "empty").mkdir()
    assert not locate(tmp_path / "empty").part  # a folder of creators, of whom there is none yet
    for path in ("schema", "reports", "tests", "."):
        with pytest.raises(FileNotFoundError):
            locate(tmp_path / path)
    with pytest.raises(FileNotFoundError):
        locate(Path("/"))


def test_a_table_alone_in_a_folder_makes_it_a_creators(tmp_path):
    for name in ("videos.csv", "videos.CSV", "videos.xlsx"):
        folder = write(tmp_path / name.replace(".", "-"), **{name.replace(".", "__"): b""})
        assert (locate(folder).root, locate(folder).alone) == (folder, True)


def test_a_csv_among_other_folders_is_read(tmp_path):
    downloads = write(tmp_path / "downloads", my__csv=b"TOTAL GARBAGE", photo__jpg=b"")
    (downloads / "other").mkdir()
    target = locate(downloads / "my.csv")
    (one,) = read_folders(target).contributions
    assert target.part == "downloads/my.csv"
    assert ("downloads/my.csv", "no-header") in [(p.file, p.rule) for p in one.problems]


def test_names_that_differ_in_capitals_only_are_told(home):
    write(home / "ana", creator__toml=TOML, a__csv=csv_of({}), A__csv=csv_of({"video": "b"}))
    assert problems_of(home) == [("contributions/ana/a.csv", "file-name-twice")]


def test_a_folder_without_a_csv_is_told(home):
    write(home / "ana", creator__toml=TOML)
    assert problems_of(home) == [("contributions/ana", "no-csv")]


def test_of_too_many_files_none_is_read(home):
    files = {f"f{n}__csv": b"?" for n in range(401)}
    write(home / "ana", creator__toml=TOML, **files)
    write(home / "bea", creator__toml=TOML, **{**files, "f0__csv": csv_of({})})
    (home / "bea" / "f400.csv").unlink()
    assert [each for each in problems_of(home) if each[1] != "no-header"] == [
        ("contributions/ana", "too-many-in-folder")
    ]
    assert (creators(home)["ana"].sheets, len(creators(home)["bea"].sheets)) == ((), 400)
    assert creators(home)["ana"].toml == TOML


def test_of_too_many_files_none_is_read_from_git(tmp_path):
    home = repository(tmp_path / "home")
    place = "contributions/ana"
    files = {f"{place}/f{n}.csv": b"?" for n in range(400)} | {f"{place}/old/a.csv": b"?"}
    commit = home.commit({**files, f"{place}/creator.toml": TOML})
    (ana,) = contributions(home.path, tree(home.path, commit), ["ana"])
    assert [(each.file, each.rule) for each in ana.problems] == [(place, "too-many-in-folder")]
    assert (ana.toml, ana.sheets) == (TOML, ())


@pytest.mark.parametrize("name", ["con", "aux"])
def test_a_name_that_windows_cannot_have_is_told(home, name):
    files = {f"{name}__csv": csv_of({}), "fine__csv": csv_of({"video": "b"})}
    write(home / name, creator__toml=TOML, **files)
    assert problems_of(home) == [
        (f"contributions/{name}", "folder-name"),
        (f"contributions/{name}/{name}.csv", "file-name"),
    ]


def test_a_file_is_read_up_to_its_limit(home):
    folder = write(home / "ana", creator__toml=TOML)
    with (folder / "a.csv").open("wb") as stream:
        stream.truncate(40 * 1024 * 1024)
    assert problems_of(home) == [("contributions/ana/a.csv", "file-too-large")]


def test_the_order_of_files_does_not_matter():
    files = {"b.csv": csv_of({}), "a.csv": csv_of({"video": "a"}), "creator.toml": TOML}
    one, two = (
        read("ana", "contributions/ana", dict(order))
        for order in (files.items(), reversed(files.items()))
    )
    assert [sheet.file for sheet in one.sheets] == [sheet.file for sheet in two.sheets]
    assert one.sha256 == two.sha256


LABELS = st.text(st.sampled_from('a,"é\n\r🍜;\t '), max_size=8)


@given(st.lists(LABELS, min_size=1, max_size=12), st.sampled_from(["\n", "\r\n", "\r"]))
def test_every_record_keeps_its_physical_line(labels, end):
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerow(GOOD_ROWS[0])
    lines, row = [], GOOD_ROWS[1]
    for label in labels:
        so_far = text.getvalue()
        lines.append(1 + so_far.count("\n") + so_far.count("\r") - so_far.count("\r\n"))
        writer.writerow([label + "x", *row[1:]])
    sheet, problems = read_sheet("a.csv", text.getvalue().encode())
    assert problems == []
    assert list(sheet.cells.index) == lines
    assert list(sheet.cells["video"]) == [label + "x" for label in labels]


PLAIN = st.lists(
    st.lists(st.text(st.sampled_from("a1 é🍜\x0b\u2028"), max_size=4), min_size=2, max_size=2),
    max_size=6,
)


@given(PLAIN, st.sampled_from(["\n", "\r\n", "\r"]), st.booleans())
def test_the_quick_way_reads_what_the_careful_way_reads(rows, end, last):
    lines = ["video,views", *(",".join(row) for row in rows)]
    raw = (end.join(lines) + (end if last else "")).encode()
    careful, problems = read_sheet("a.csv", raw)
    columns = read_plain(raw, 2)
    if columns is not None:
        assert {problem.rule for problem in problems} <= {"missing-column", "no-rows"}
        assert [list(column) for column in columns] == careful.cells.T.to_numpy().tolist()
        assert list(careful.cells.index) == list(range(2, len(rows) + 2))


def test_a_large_file_is_read_the_quick_way_with_the_same_cells(monkeypatch):
    rows = ({"video": f"v{i}", "views": str(i)} for i in range(20_000))
    raw = csv_of(*rows)
    assert len(raw) > ENOUGH_BYTES
    quick, problems = read_sheet("a.csv", raw)
    monkeypatch.setattr("pipeline.dataset.csv_file.ENOUGH_BYTES", len(raw) + 1)
    careful, same = read_sheet("a.csv", raw)
    assert problems == same == []
    pd.testing.assert_frame_equal(quick.cells, careful.cells, check_index_type=False)


@pytest.mark.parametrize(
    "odd", [b"x,1\n\n", b'"x",1\n', b"x\n", b"x,1,2\n", b",\n", b"x,1\r", b"\xff,1\n"]
)
def test_whatever_is_odd_goes_the_careful_way(odd):
    assert read_plain(b"video,views\n" + odd + b"y,2\n", 2) is None


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(raw):
    sheet, problems = read_sheet("a.csv", raw)
    assert len(sheet.cells) == 0 or not problems or sheet.cells.index.is_unique


@given(st.binary(max_size=80), st.integers(0, 200))
def test_no_damage_breaks_the_reader(junk, place):
    good = csv_of({}, {"video": "b"})
    read_sheet("a.csv", good[:place] + junk + good[place:])


HEADER = b"video,views,new_followers,duration_s,category\n"


@pytest.mark.parametrize("row", [b"a,1,,1,info\n", b"a,1,,1,info\r", b'"a\nb",1,,1,info\n'])
def test_a_folder_has_so_many_rows_in_all_its_files_together(home, monkeypatch, row):
    monkeypatch.setattr("pipeline.dataset.read.MAX_ROWS", 6)
    files = {"a__csv": HEADER + 4 * row, "c__csv": HEADER + 2 * row}
    write(home / "ana", creator__toml=TOML, **files)
    assert [len(sheet.cells) for sheet in creators(home)["ana"].sheets] == [4, 2]
    assert problems_of(home) == []
    write(home / "ana", b__csv=HEADER + 3 * row)
    beyond = [(f"contributions/ana/{name}.csv", "too-many-rows") for name in "bc"]
    assert problems_of(home) == beyond
    assert [len(sheet.cells) for sheet in creators(home)["ana"].sheets] == [4, 0, 0]


def test_large_files_too_have_so_many_rows_together(home, monkeypatch):
    monkeypatch.setattr("pipeline.dataset.csv_file.ENOUGH_BYTES", 1)
    monkeypatch.setattr("pipeline.dataset.read.MAX_ROWS", 6)
    row = b"a,1,,1,info\n"
    write(home / "ana", creator__toml=TOML, a__csv=HEADER + 6 * row, b__csv=HEADER + row)
    assert problems_of(home) == [("contributions/ana/b.csv", "too-many-rows")]


def test_a_table_is_read_no_further_than_it_may_be_long():
    """Empty lines are rows until they are told, also at the end: there may be millions."""
    sheet, (problem,) = read_sheet("a.csv", HEADER + b"a,1,,1,info\n" + b"\n" * 10**7, 9)
    assert (problem.rule, len(sheet.cells)) == ("too-many-rows", 0)
    assert "`python -m pipeline fix` deletes them" in problem.hint


def test_a_table_that_is_one_too_many_is_not_said_to_be_empty():
    """However little of it was read."""
    _, (problem,) = read_sheet("a.csv", HEADER + b"\n" + 30 * b"a,1,,1,info\n", 0)
    assert problem.rule == "too-many-rows"
    assert "empty" not in problem.hint


def test_empty_lines_before_the_header_are_told_as_such():
    sheet, (problem,) = read_sheet("a.csv", b"\n" * 10**6 + HEADER + b"a,1,,1,info\n", 9)
    assert (problem.rule, len(sheet.cells)) == ("too-many-rows", 0)


@pytest.mark.parametrize("row", [b"\n", b",,,,\n", b"a,b\n"])
def test_rows_that_are_not_kept_count_too(home, monkeypatch, row):
    """Whichever file they stand in, and whatever it is called."""
    monkeypatch.setattr("pipeline.dataset.read.MAX_ROWS", 6)
    odd, good = HEADER + 3 * row + b"a,1,,1,info\n", HEADER + 3 * b"a,1,,1,info\n"
    for first, second in ((odd, good), (good, odd)):
        write(home / "ana", creator__toml=TOML, a__csv=first, b__csv=second)
        assert ("contributions/ana/b.csv", "too-many-rows") in problems_of(home)


def test_a_table_with_lone_carriage_returns_is_asked_of_its_header_alone(monkeypatch):
    """Else every cell would be looked up as a column: minutes for a file that may be."""
    widths = set()

    def counted(rule, file, *about):
        widths.update(len(each) for each in about if isinstance(each, list) and "video" in each)
        return apply(rule, file, *about)

    monkeypatch.setattr("pipeline.dataset.csv_file.ENOUGH_BYTES", 1)
    monkeypatch.setattr("pipeline.dataset.csv_file.apply", counted)
    table = (HEADER + 1000 * b"a,1,,1,info\n").replace(b"\n", b"\r")
    sheet, problems = read_sheet("a.csv", table)
    assert (len(sheet.cells), problems, widths) == (1000, [], {5})


def test_the_files_of_a_folder_have_so_many_bytes_together(home, monkeypatch):
    table = HEADER + b"a,1,,1,info\n"
    monkeypatch.setattr("pipeline.dataset.read.MAX_FOLDER", 2 * len(table))
    write(home / "ana", creator__toml=TOML, a__csv=table, b__csv=table)
    assert problems_of(home) == []
    write(home / "ana", c__csv=table)
    assert problems_of(home) == [("contributions/ana/c.csv", "folder-too-large")]
    write(home / "ana", aa__csv=table + b"b,1,,1,info\n")
    files = ("aa", "b", "c")
    assert problems_of(home) == [
        (f"contributions/ana/{name}.csv", "folder-too-large") for name in files
    ]


def test_the_line_of_a_byte():
    raw = b"a\r\nb\rc\nd"
    assert [line_at(raw, place) for place in (0, 2, 3, 5, 7)] == [1, 2, 2, 3, 4]
